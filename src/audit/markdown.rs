//! A record in words for people. Every foreign text is escaped so that neither a
//! terminal nor Markdown nor HTML obeys it.

use serde_json::Value;

use super::record::Record;
use crate::domain::untrusted::{display, json_ascii};

/// Who acted, raw: AWS's name for the caller, else the user of the machine.
pub fn who(record: &Record) -> String {
    let actor = &record.value["actor"];
    let caller = actor["caller_arn"].as_str().or_else(|| actor["os_user"].as_str());
    let identity = actor["source_identity"].as_str();
    match (caller.unwrap_or_default(), identity) {
        (caller, None) => caller.to_owned(),
        (caller, Some(identity)) => format!("{caller} as {identity}"),
    }
}

/// The body in one line, raw: for [`display`] or [`escape`].
pub fn details(record: &Record) -> String {
    let Some(map) = record.value.as_object() else {
        return record.raw.clone();
    };
    let mut parts: Vec<String> =
        record.corr().map(|corr| format!("corr={corr}")).into_iter().collect();
    for (key, value) in map.iter().filter(|(key, _)| !super::line::RESERVED.contains(&key.as_str()))
    {
        match value {
            Value::Null => {}
            Value::String(text) => parts.push(format!("{key}={text}")),
            other => parts.push(format!("{key}={}", json_ascii(&other.to_string()))),
        }
    }
    parts.join(" ")
}

/// Text in a cell of a Markdown table: nothing that Markdown or HTML obeys, no link that
/// makes itself, no line end.
pub fn escape(raw: &str) -> String {
    let text = display(raw);
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // An entity, not a backslash: in a table some readers split at `\|` inside code.
            '|' => out.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '~' | '$'
            | '@' | '^' => {
                out.push('\\');
                out.push(c);
            }
            // https://… and www.… become links by themselves.
            ':' if rest.peek() == Some(&'/') => out.push_str("&#58;"),
            '.' if before.eq_ignore_ascii_case(&'w') => out.push_str("&#46;"),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_obeyed() {
        for (raw, shown) in [
            ("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"),
            ("[a](http://b) ![c](d)", "\\[a\\]\\(http&#58;//b\\) \\!\\[c\\]\\(d\\)"),
            ("a|b\n| c", "a&#124;b\u{240a}&#124; c"),
            ("`x` **y** _z_", "\\`x\\` \\*\\*y\\*\\* \\_z\\_"),
            ("www.evil.example @team", "www&#46;evil.example \\@team"),
            ("\u{1b}[2J\u{202e}", "\u{241b}\\[2J&lt;U+202E&gt;"),
            ("arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/a"),
        ] {
            assert_eq!(escape(raw).replace("\u{240a} ", "\u{240a}"), shown, "{raw}");
        }
    }
}
