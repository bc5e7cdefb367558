//! The one way of texts that somebody else wrote into a report for people. What follows,
//! escaping for Markdown or HTML, is the form's.

use crate::domain::{Untrusted, untrusted::display_in};

/// Longest text of one cell or line, in terminal cells; the JSON has it all.
pub const LONGEST: usize = 2000;

/// Signs that make a spreadsheet take a pasted cell for a formula, with their wide forms
/// (OWASP, *CSV Injection*). Tab and carriage return do so too; the sanitiser replaces them.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Without what a terminal obeys, hides or reorders, cut to a length that can be read, and
/// never a formula where it is pasted to: an apostrophe stands before what could be one.
pub fn shown(text: &Untrusted) -> String {
    shown_in(text, LONGEST)
}

/// The same, cut to `cells` terminal columns.
pub fn shown_in(text: &Untrusted, cells: usize) -> String {
    let text = display_in(text.raw(), cells);
    match begins_formula(&text) {
        true => format!("'{text}"),
        false => text,
    }
}

/// Whether a spreadsheet would take a cell with this sanitised text for a formula.
pub fn begins_formula(text: &str) -> bool {
    text.trim_start().starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_begins_a_formula() {
        for (raw, safe) in [
            ("=HYPERLINK(\"http://b\")", "'=HYPERLINK(\"http://b\")"),
            ("  +1", "'  +1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\t=1", "\u{2409}=1"),
            ("\r@x", "\u{240d}@x"),
            ("\u{200b}=1", "<U+200B>=1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(shown(&raw.into()), safe, "{raw:?}");
        }
        assert_eq!(shown_in(&"abcdef".into(), 4), "abc…");
    }
}
