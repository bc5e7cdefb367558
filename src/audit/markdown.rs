//! The timeline for people. Every foreign text in it is escaped so that neither a
//! terminal nor Markdown nor HTML obeys it.

use std::fmt::Write;

use serde_json::Value;

use super::{
    export::{Export, words},
    record::Record,
};
use crate::domain::{
    time::rfc3339,
    untrusted::{display, display_in, json_ascii},
};

/// Longest text of one record in the timeline, in terminal cells; the JSON has it all.
const LONGEST: usize = 800;

pub fn timeline(export: &Export) -> String {
    let mut out = format!("# Incident {}\n\n", escape(&export.incident));
    let _ = writeln!(out, "Exported {} by halon.\n", rfc3339(export.as_of));
    out += "| log | records | verified | head |\n|---|---|---|---|\n";
    for log in &export.logs {
        let head = log.report.head.as_ref().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(
            out,
            "| {} | {} | {} | `{}` |",
            escape(&log.name()),
            log.report.records,
            escape(&words(&log.report)),
            head
        );
    }
    out += "\nHow to check a log and a head: docs/AUDIT-LOG.md. Times are UTC, by the clock of \
            the machine that wrote.\n\n## Timeline\n\n\
            | time | log | record | what | who | mode | details |\n|---|---|---|---|---|---|---|\n";
    for (log, record) in export.items() {
        let number = export.logs.iter().position(|l| std::ptr::eq(l, log)).unwrap_or_default() + 1;
        let mark = if log.is_verified(record) { "" } else { " **not verified**" };
        let cell = |key| escape(record.text(key).unwrap_or_default());
        let _ = writeln!(
            out,
            "| {} | {number} | {}{mark} | {} | {} | {} | {} |",
            cell("ts_utc"),
            record.seq,
            cell("kind"),
            escape(&who(record)),
            cell("mode"),
            escape(&display_in(&details(record), LONGEST)),
        );
    }
    out
}

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
