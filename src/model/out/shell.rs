//! Words for a shell: whatever is in them, they are pasted as what they are.

/// One word for bash, zsh and ksh. What is no plain word stands between single quotes, where
/// nothing means anything; signs that a terminal would obey or hide, in the `$'…'` form, which
/// has them written out.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    if text.chars().all(|c| (' '..='~').contains(&c)) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            // UTF-8 byte by byte: all of these shells have it, whatever their locale.
            c => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\{byte:03o}"));
                }
            }
        }
    }
    out.push('\'');
    out
}

/// A whole command line.
pub fn line<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_in_a_word_is_pasted_as_it_is() {
        for (text, written) in [
            ("ci-deployer", "ci-deployer"),
            ("arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/a"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$(reboot)", "'$(reboot)'"),
            ("`id`;x", "'`id`;x'"),
            ("it's", r"'it'\''s'"),
            ("~root", "'~root'"),
            ("a\nb", r"$'a\012b'"),
            ("\u{1b}[201~\rreboot", r"$'\033[201~\015reboot'"),
            ("a'\\\u{7f}", r"$'a\'\\\177'"),
            ("é", r"$'\303\251'"),
        ] {
            assert_eq!(word(text), written, "{text:?}");
        }
    }

    /// What the shell of this machine makes of it.
    #[test]
    fn bash_reads_the_very_text() {
        let hostile =
            ["$(id)", "a'b\"c\\d", "\u{1b}]52;c;AA\u{7}", "!!", "-n", "*", "漢\u{202e}x", " "];
        let Ok(found) = std::process::Command::new("bash").args(["-c", "exit"]).status() else {
            return;
        };
        assert!(found.success());
        for text in hostile {
            let script = format!("printf %s {}", line([text]));
            let out = std::process::Command::new("bash").args(["-c", &script]).output();
            let out = out.expect("bash runs");
            assert_eq!(String::from_utf8_lossy(&out.stdout), text, "{script}");
        }
    }
}
