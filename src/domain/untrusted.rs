//! Text that somebody else wrote, and the only way it becomes text for people.
//!
//! Finding titles, tags, user agents and resource names are chosen by whoever
//! attacks the account. [`Untrusted`] therefore has no `Display`; a screen, a
//! file or a terminal gets such text through [`display`] (for people) or
//! [`json_ascii`] (for programs). CWE-150, CVE-2021-25743, CVE-2021-42574.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_security::MixedScript;
use unicode_width::UnicodeWidthChar;

/// Text from outside. Compare it, store it, hash it; to show it, [`display`] it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(Box<str>);

impl Untrusted {
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text as it came: for comparing, searching and evidence, never for showing.
    pub fn raw(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Debug output reaches test failures and logs, so it is sanitised too.
impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\u{201c}{}\u{201d}", display(&self.0))
    }
}

/// Beyond this many bytes a text counts as suspicious by its size alone, and is not
/// searched: a list is drawn often, and its texts are an attacker's.
const LOOK_AHEAD: usize = 4096;

/// Combining marks kept on one base character; more than this is an attack on
/// the line above, not a language.
const MARKS_PER_BASE: usize = 4;

/// What became of a text on its way to the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub text: String,
    /// The raw text holds characters that a terminal would hide or obey.
    pub hidden: bool,
}

/// The one sanitiser: every character that a terminal obeys, hides or reorders
/// is replaced by something visible. No length limit.
pub fn display(raw: &str) -> String {
    shown(raw, usize::MAX).text
}

/// [`display`] cut to `cells` terminal columns; a cut ends in `…`.
pub fn display_in(raw: &str, cells: usize) -> String {
    shown(raw, cells).text
}

/// [`display_in`] with the note whether something in the text was hidden.
/// The work done is proportional to `cells`, not to the length of `raw`,
/// except that what is cut off is searched for hidden characters up to a bound.
pub fn shown(raw: &str, cells: usize) -> Shown {
    let mut out = String::with_capacity(raw.len().min(cells.saturating_mul(4)));
    let (mut width, mut marks, mut hidden) = (0usize, 0usize, false);
    // Where to cut should the text turn out too long: the last place that
    // leaves room for the ellipsis.
    let mut cut = 0usize;
    for (at, c) in raw.char_indices() {
        let piece = match replacement(c) {
            Some(piece) => {
                hidden = true;
                marks = 0;
                piece
            }
            None if c.width() == Some(0) => {
                marks += 1;
                if marks > MARKS_PER_BASE {
                    hidden = true;
                    continue;
                }
                Piece::Char(c)
            }
            None => {
                marks = 0;
                Piece::Char(c)
            }
        };
        let w = piece.width();
        if width + w > cells {
            out.truncate(cut);
            if cells > 0 {
                out.push('…');
            }
            let rest = &raw[at..];
            hidden =
                hidden || rest.len() > LOOK_AHEAD || rest.chars().any(|c| replacement(c).is_some());
            return Shown { text: out, hidden };
        }
        piece.push_to(&mut out);
        width += w;
        if width < cells {
            cut = out.len();
        }
    }
    Shown { text: out, hidden }
}

/// A name or ARN that mixes scripts, as one with a Cyrillic `а` in it does.
pub fn mixes_scripts(raw: &str) -> bool {
    !raw.is_ascii() && !raw.is_single_script()
}

/// Whether a row that shows this text deserves the `!` badge: it hides characters,
/// mixes scripts, or is far longer than anything that says something.
pub fn is_suspicious(raw: &str) -> bool {
    raw.len() > LOOK_AHEAD
        || !raw.is_ascii() && (mixes_scripts(raw) || raw.chars().any(|c| replacement(c).is_some()))
        || raw.bytes().any(|b| b.is_ascii_control())
}

enum Piece {
    Char(char),
    Code(String),
}

impl Piece {
    fn width(&self) -> usize {
        match self {
            Piece::Char(c) => c.width().unwrap_or(0),
            Piece::Code(s) => s.len(),
        }
    }

    fn push_to(self, out: &mut String) {
        match self {
            Piece::Char(c) => out.push(c),
            Piece::Code(s) => out.push_str(&s),
        }
    }
}

/// What stands in for a character that must not reach a terminal as it is.
fn replacement(c: char) -> Option<Piece> {
    let code = u32::from(c);
    match code {
        // Unicode's control pictures: ␀ to ␟, and ␡ for DEL.
        0x00..=0x1f => char::from_u32(0x2400 + code).map(Piece::Char),
        0x20..=0x7e => None,
        0x7f => Some(Piece::Char('␡')),
        // Soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul
        // fillers, Mongolian vowel separator and variation selectors, the
        // braille blank: invisible though their category says letter or mark.
        0xad
        | 0x34f
        | 0x61c
        | 0x115f
        | 0x1160
        | 0x17b4
        | 0x17b5
        | 0x180b..=0x180f
        | 0x2800
        | 0x3164
        | 0xffa0
        | 0xfe00..=0xfe0f
        | 0xe0000..=0xe0fff => Some(coded(code)),
        _ => match c.general_category() {
            Category::Control
            | Category::Format
            | Category::LineSeparator
            | Category::ParagraphSeparator
            | Category::PrivateUse
            | Category::Surrogate
            | Category::Unassigned => Some(coded(code)),
            _ => None,
        },
    }
}

fn coded(code: u32) -> Piece {
    Piece::Code(format!("<U+{code:04X}>"))
}

/// JSON text in which every character outside printable ASCII is a `\u` escape.
/// It says the same to every parser and nothing to a terminal.
/// `json` must be valid JSON text, as `serde_json` writes it.
pub fn json_ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Raw control characters stand only between tokens in valid JSON.
        if (' '..='~').contains(&c) || c == '\n' {
            out.push(c);
        } else {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn controls_become_pictures() {
        assert_eq!(display("a\x1b[2Jb\r\nc\u{7f}"), "a␛[2Jb␍␊c␡");
        assert_eq!(display("\u{9b}31m"), "<U+009B>31m");
    }

    #[test]
    fn bidi_zero_width_and_tags_are_named() {
        assert_eq!(display("a\u{202e}b"), "a<U+202E>b");
        for c in [
            '\u{200b}',
            '\u{200d}',
            '\u{feff}',
            '\u{2066}',
            '\u{2069}',
            '\u{ad}',
            '\u{2028}',
            '\u{fff9}',
            '\u{e0041}',
            '\u{fe0f}',
            '\u{e000}',
            '\u{61c}',
            '\u{180e}',
            '\u{2060}',
        ] {
            let s = shown(&format!("x{c}y"), 80);
            assert!(s.hidden && s.text.starts_with("x<U+"), "{:x} gave {}", u32::from(c), s.text);
        }
    }

    #[test]
    fn a_cut_counts_cells_and_says_so() {
        assert_eq!(display_in("abcdef", 4), "abc…");
        assert_eq!(display_in("abcd", 4), "abcd");
        assert_eq!(display_in("日本語", 4), "日…");
        assert_eq!(display_in("日本語", 5), "日本…");
        assert_eq!(display_in("abc", 0), "");
        assert!(shown(&format!("short{}\u{202e}", "x".repeat(50)), 5).hidden);
    }

    #[test]
    fn marks_are_capped() {
        let zalgo = format!("a{}", "\u{301}".repeat(40));
        let s = shown(&zalgo, 80);
        assert_eq!(s.text.chars().count(), 1 + MARKS_PER_BASE);
        assert!(s.hidden);
    }

    #[test]
    fn mixed_scripts_are_noticed() {
        assert!(mixes_scripts("pr\u{43e}d-admin"));
        assert!(!mixes_scripts("prod-admin"));
        assert!(!mixes_scripts("данные"));
        assert!(is_suspicious("pr\u{43e}d"));
        assert!(is_suspicious("a\x1b"));
        assert!(!is_suspicious("Zürich"));
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"t": "a\u{202e}\u{9b}\u{1f600}é\u{7f}\u{2028}\n"});
        let ascii = json_ascii(&value.to_string());
        assert!(ascii.is_ascii() && !ascii.contains('\u{7f}'));
        let back: serde_json::Value = serde_json::from_str(&ascii).expect("still JSON");
        assert_eq!(back, value);
    }

    proptest! {
        #[test]
        fn nothing_a_terminal_obeys_comes_through(s in any::<String>(), cells in 0usize..60) {
            let out = shown(&s, cells).text;
            prop_assert!(out.chars().all(|c| replacement(c).is_none()));
            let width: usize = out.chars().filter_map(UnicodeWidthChar::width).sum();
            prop_assert!(width <= cells);
        }
    }
}
