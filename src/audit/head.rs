//! The head: what stands for the whole log on paper, in a ticket, in a report.

use std::{fmt, str::FromStr};

use super::hash::Hash;

/// The last record of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Random, in the file's first record; empty while there is none.
    pub log_id: String,
    pub seq: u64,
    /// 64 lowercase hex digits.
    pub h: String,
}

/// Short enough to copy by hand, long enough (128 bits) that nobody finds another log
/// for it. One word for the shell.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, digits) in self.h.as_bytes().chunks(4).take(8).enumerate() {
            if group > 0 {
                f.write_str("-")?;
            }
            f.write_str(&String::from_utf8_lossy(digits))?;
        }
        write!(f, "@{}", self.seq)
    }
}

impl Head {
    pub(super) fn of(log_id: &str, seq: u64, h: Hash) -> Head {
        Head { log_id: log_id.to_owned(), seq, h: h.hex() }
    }

    /// This head as something to verify against.
    pub fn anchor(&self) -> Anchor {
        Anchor { seq: Some(self.seq), h: self.h.clone() }
    }
}

/// A head that was kept outside the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub seq: Option<u64>,
    /// 32 or 64 lowercase hex digits: the beginning or the whole of a record's `h`.
    pub h: String,
}

impl Anchor {
    pub(super) fn fits(&self, h: &str) -> bool {
        h.starts_with(&self.h)
    }
}

/// `1a2b-…-9f00@51`, the same with blanks, or 64 hex digits; the seq may be left out.
impl FromStr for Anchor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (hex, seq) = match text.split_once(['@', '#']) {
            Some((hex, seq)) => (hex, Some(seq.trim())),
            None => (text, None),
        };
        let h: String = hex
            .chars()
            .filter(|c| !c.is_ascii_whitespace() && *c != '-')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if ![32, 64].contains(&h.len()) || !h.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("a head is 8 groups of 4 hex digits, or 64 hex digits, with @ and the \
                        record's number after it"
                .to_owned());
        }
        let seq = match seq {
            None => None,
            Some(seq) => match seq.parse() {
                Ok(seq) if seq > 0 => Some(seq),
                _ => return Err("after the @ stands the record's number, from 1".to_owned()),
            },
        };
        Ok(Anchor { seq, h })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_back_however_it_was_copied() {
        let head = Head { log_id: "x".into(), seq: 51, h: "0123456789abcdef".repeat(4) };
        let shown = head.to_string();
        assert_eq!(shown, "0123-4567-89ab-cdef-0123-4567-89ab-cdef@51");
        let short = Anchor { seq: Some(51), h: "0123456789abcdef".repeat(2) };
        assert_eq!(shown.parse(), Ok(short.clone()));
        assert_eq!(shown.replace('-', " ").to_uppercase().replace('@', " # ").parse(), Ok(short));
        assert_eq!(head.h.parse(), Ok(Anchor { seq: None, h: head.h.clone() }));
        assert!(shown.parse::<Anchor>().is_ok_and(|a| a.fits(&head.h)));
        for bad in ["", "0123", "0123-4567-89ab-cdef@1", &format!("{shown}x"), &head.h[..63], "@5"]
        {
            assert!(bad.parse::<Anchor>().is_err(), "{bad}");
        }
    }
}
