//! The signs that lists, trees, charts and boxes are drawn with.

/// Which signs a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Borders {
    #[default]
    Unicode,
    Ascii,
}

impl Borders {
    pub fn named(name: &str) -> Option<Borders> {
        match name {
            "unicode" => Some(Borders::Unicode),
            "ascii" => Some(Borders::Ascii),
            _ => None,
        }
    }

    /// From the environment: a locale that says another encoding than UTF-8 has ASCII. The
    /// first of these that is set counts (POSIX, "Environment Variables").
    pub fn detected(variable: impl Fn(&str) -> Option<String>) -> Borders {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
        let encoding = locale.to_lowercase();
        if locale.is_empty() || encoding.contains("utf-8") || encoding.contains("utf8") {
            Borders::Unicode
        } else {
            Borders::Ascii
        }
    }
}

/// The sign of ASCII, one cell wide like the other, that stands for one of ours; `None` for
/// everything that halon does not draw of its own accord.
pub fn ascii(sign: char) -> Option<char> {
    Some(match sign {
        '●' => 'o',
        '◆' | '•' => '*',
        '✓' => 'v',
        '▲' => '^',
        '▶' | '▸' | '▷' | '→' | '›' | '»' => '>',
        '←' | '◀' | '‹' => '<',
        '↑' => '^',
        '↓' | '▼' => 'v',
        '✗' | '×' => 'x',
        '±' => '~',
        '…' => '~',
        '·' | '–' | '—' | '─' | '━' | '═' | '╌' | '┄' => '-',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '│' | '┃' | '║' | '▏' | '╎' | '┆' | '▎' => '|',
        '└' | '╰' => '`',
        '┌' | '┐' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╯' | '╔' | '╗' | '╚' | '╝'
        | '╠' | '╣' => '+',
        '▁' => '_',
        '▂' => '.',
        '▃' => ':',
        '▄' => '-',
        '▅' => '=',
        '▆' => '+',
        '▇' => '*',
        '█' | '▓' | '▌' | '▐' => '#',
        '░' | '▒' => ':',
        // The pictures of control characters, which stand in for what somebody else wrote.
        '\u{2400}'..='\u{2421}' => '?',
        _ => return None,
    })
}
