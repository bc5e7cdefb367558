//! Patterns: `*`, `?` and policy variables, in actions and condition values; ARNs have
//! `arn.rs`.
//!
//! IAM user guide, "IAM JSON policy elements: Resource", "… Action" and "IAM policy
//! elements: Variables and tags". A variable's value is taken literally: a `*` in it is a
//! star. `${*}`, `${?}` and `${$}` are those very characters.

use super::request::{Known, Request};

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Byte(u8),
    /// `?`: one character.
    One,
    /// `*`: any characters, or none.
    Many,
    /// `${key}` or `${key, 'default'}`; the key in lower case.
    Variable(Box<str>, Option<Box<str>>),
}

/// A text with wildcards and variables, made ready for comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Everything,
    Exact(Box<str>),
    /// Literal text and then anything.
    Prefix(Box<str>),
    Glob(Box<[Piece]>),
    /// Has variables.
    Template(Box<[Piece]>),
}

/// Whether something holds, where the request may not say all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Yes,
    No,
    /// It depends on a context key that may or may not be there.
    Maybe,
}

impl Holds {
    pub fn of(yes: bool) -> Self {
        if yes { Holds::Yes } else { Holds::No }
    }

    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Holds::No, _) | (_, Holds::No) => Holds::No,
            (Holds::Yes, Holds::Yes) => Holds::Yes,
            _ => Holds::Maybe,
        }
    }

    pub fn or(self, other: Self) -> Self {
        !(!self).and(!other)
    }
}

impl std::ops::Not for Holds {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Holds::Yes => Holds::No,
            Holds::No => Holds::Yes,
            Holds::Maybe => Holds::Maybe,
        }
    }
}

/// How a text is read: which of its signs mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub wildcards: bool,
    /// Policy variables, which the version 2012-10-17 brought.
    pub variables: bool,
}

impl Pattern {
    pub fn new(text: &str, reading: Reading) -> Self {
        Self::of(pieces(text, reading))
    }

    pub(super) fn of(pieces: Vec<Piece>) -> Self {
        if pieces.iter().any(|p| matches!(p, Piece::Variable(..))) {
            return Pattern { shape: Shape::Template(pieces.into()) };
        }
        let wild = pieces.iter().position(|p| !matches!(p, Piece::Byte(_)));
        let literal = |pieces: &[Piece]| -> Box<str> {
            let bytes = pieces.iter().filter_map(|p| match p {
                Piece::Byte(b) => Some(*b),
                _ => None,
            });
            // Only whole characters are ever cut apart.
            String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into()
        };
        let shape = match wild {
            None => Shape::Exact(literal(&pieces)),
            Some(at) if at + 1 == pieces.len() && pieces[at] == Piece::Many => match at {
                0 => Shape::Everything,
                _ => Shape::Prefix(literal(&pieces[..at])),
            },
            Some(_) => Shape::Glob(pieces.into()),
        };
        Pattern { shape }
    }

    /// The text, where it has neither wildcards nor variables.
    pub fn exact(&self) -> Option<&str> {
        match &self.shape {
            Shape::Exact(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_everything(&self) -> bool {
        matches!(self.shape, Shape::Everything)
    }

    /// It has variables.
    pub fn is_template(&self) -> bool {
        matches!(self.shape, Shape::Template(_))
    }

    /// Compares without looking at variables: one stands for any text.
    pub fn may_match(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Template(_) => glob(&self.opened(), text.as_bytes()),
            _ => self.plain(text).unwrap_or(false),
        }
    }

    /// Its pieces, with a star in place of each variable.
    pub(super) fn opened(&self) -> Vec<Piece> {
        let bytes = |text: &str| text.bytes().map(Piece::Byte).collect::<Vec<_>>();
        match &self.shape {
            Shape::Everything => vec![Piece::Many],
            Shape::Exact(text) => bytes(text),
            Shape::Prefix(text) => [bytes(text), vec![Piece::Many]].concat(),
            Shape::Glob(pieces) => pieces.to_vec(),
            Shape::Template(pieces) => {
                let open = |piece: &Piece| match piece {
                    Piece::Variable(..) => Piece::Many,
                    other => other.clone(),
                };
                pieces.iter().map(open).collect()
            }
        }
    }

    /// Compares. A variable that is known to be absent matches nothing.
    pub fn matches(&self, text: &str, request: &Request, missing: &mut Missing) -> Holds {
        match self.plain(text) {
            Some(yes) => Holds::of(yes),
            None => self.filled(text, false, request, missing),
        }
    }

    /// Compares without regard to case; the pattern is in lower case.
    pub fn matches_folded(&self, text: &str, request: &Request, missing: &mut Missing) -> Holds {
        match &self.shape {
            Shape::Exact(exact) => Holds::of(lowered(text).eq(exact.chars())),
            _ => match self.plain(&lower(text)) {
                Some(yes) => Holds::of(yes),
                None => self.filled(&lower(text), true, request, missing),
            },
        }
    }

    /// The comparison, with variables.
    fn filled(&self, text: &str, fold: bool, request: &Request, missing: &mut Missing) -> Holds {
        let Shape::Template(pieces) = &self.shape else { return Holds::No };
        let before = missing.len();
        match resolved(pieces, fold, request, missing) {
            Known::Value(pieces) => Holds::of(glob(&pieces, text.as_bytes())),
            // Whatever the variable stands for, the rest may be against it.
            Known::Unknown if self.may_match(text) => Holds::Maybe,
            _ => {
                missing.truncate(before);
                Holds::No
            }
        }
    }

    /// Whether every variable has a value. Where one has none, "any attempt to match it fails
    /// and causes the statement to be invalid" (IAM user guide, "Variables and tags"): what
    /// must not be equal to it fails too.
    pub fn resolves(&self, request: &Request, missing: &mut Missing) -> Holds {
        let Shape::Template(pieces) = &self.shape else { return Holds::Yes };
        let mut holds = Holds::Yes;
        for piece in pieces {
            let Piece::Variable(key, default) = piece else { continue };
            holds = holds.and(match request.value(key) {
                Known::Value([_]) => Holds::Yes,
                Known::Value(_) => Holds::No,
                _ if default.is_some() => Holds::Yes,
                Known::Absent => Holds::No,
                Known::Unknown => {
                    missing.push(key.clone());
                    Holds::Maybe
                }
            });
        }
        holds
    }

    /// The comparison, where there are no variables.
    fn plain(&self, text: &str) -> Option<bool> {
        Some(match &self.shape {
            Shape::Everything => true,
            Shape::Exact(exact) => **exact == *text,
            Shape::Prefix(prefix) => text.starts_with(&**prefix),
            Shape::Glob(pieces) => glob(pieces, text.as_bytes()),
            Shape::Template(_) => return None,
        })
    }

    /// The keys of its variables, in lower case.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let pieces = match &self.shape {
            Shape::Template(pieces) => &pieces[..],
            _ => &[],
        };
        pieces.iter().filter_map(|p| match p {
            Piece::Variable(key, _) => Some(&**key),
            _ => None,
        })
    }
}

/// Context keys, in lower case, that a comparison would have needed.
pub type Missing = Vec<Box<str>>;

/// The pieces with the variables' values in their place.
fn resolved(
    pieces: &[Piece],
    fold: bool,
    request: &Request,
    missing: &mut Missing,
) -> Known<Vec<Piece>> {
    let mut out = Vec::with_capacity(pieces.len());
    let mut unknown = false;
    for piece in pieces {
        let Piece::Variable(key, default) = piece else {
            out.push(piece.clone());
            continue;
        };
        let value = match request.value(key) {
            // "you can use any single-valued context key as a policy variable"
            Known::Value([value]) => Some(&**value),
            Known::Value(_) => None,
            Known::Absent => default.as_deref(),
            Known::Unknown => {
                missing.push(key.clone());
                unknown = true;
                continue;
            }
        };
        match value {
            Some(value) if fold => out.extend(lower(value).bytes().map(Piece::Byte)),
            Some(value) => out.extend(value.bytes().map(Piece::Byte)),
            None => return Known::Absent,
        }
    }
    if unknown { Known::Unknown } else { Known::Value(out) }
}

fn lowered(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// In lower case, character by character.
pub(super) fn lower(text: &str) -> String {
    lowered(text).collect()
}

/// Cuts a text into pieces.
pub(super) fn pieces(text: &str, reading: Reading) -> Vec<Piece> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if reading.variables
            && let Some(inner) = rest.strip_prefix("${")
            && let Some(end) = inner.find('}')
        {
            match &inner[..end] {
                sign @ ("*" | "?" | "$") => out.extend(sign.bytes().map(Piece::Byte)),
                variable => out.push(self::variable(variable)),
            }
            rest = &inner[end + 1..];
            continue;
        }
        match first {
            // Several stars in a row are one, and cost no more than one.
            '*' if reading.wildcards => {
                if out.last() != Some(&Piece::Many) {
                    out.push(Piece::Many);
                }
            }
            '?' if reading.wildcards => out.push(Piece::One),
            other => {
                let mut bytes = [0; 4];
                out.extend(other.encode_utf8(&mut bytes).bytes().map(Piece::Byte));
            }
        }
        rest = &rest[first.len_utf8()..];
    }
    out
}

/// `key` or `key, 'default'`.
fn variable(text: &str) -> Piece {
    let (key, default) = match text.split_once(',') {
        Some((key, default)) => (key, Some(default.trim())),
        None => (text, None),
    };
    let unquoted = |d: &str| -> Box<str> {
        d.strip_prefix('\'').and_then(|d| d.strip_suffix('\'')).unwrap_or(d).into()
    };
    Piece::Variable(key.trim().to_ascii_lowercase().into(), default.map(unquoted))
}

/// Whether the text is what the pieces describe: one star is taken back at a time, so the
/// time is at most the product of both lengths.
fn glob(pieces: &[Piece], text: &[u8]) -> bool {
    let width = |at: usize| {
        // A character's first byte is followed by 10xxxxxx (RFC 3629).
        1 + text[at + 1..].iter().take_while(|b| **b & 0xc0 == 0x80).count()
    };
    let (mut piece, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Byte(byte)) if *byte == text[at] => (piece, at) = (piece + 1, at + 1),
            Some(Piece::One) => (piece, at) = (piece + 1, at + width(at)),
            Some(Piece::Many) => {
                star = Some((piece + 1, at));
                piece += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                let from = from + width(from);
                star = Some((after, from));
                (piece, at) = (after, from);
            }
        }
    }
    pieces[piece..].iter().all(|p| *p == Piece::Many)
}

/// An action, or several by wildcards, as a policy names it. Case does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionPattern {
    text: Box<str>,
    pattern: Pattern,
}

impl ActionPattern {
    pub fn new(text: &str) -> Self {
        // Blanks around an action are seen in policies that IAM took.
        let folded = text.trim().to_ascii_lowercase();
        let reading = Reading { wildcards: true, variables: false };
        // "*:*" is "*".
        let folded = if folded == "*:*" { "*" } else { &folded };
        Self { text: text.into(), pattern: Pattern::new(folded, reading) }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// `action` is in lower case.
    pub fn matches(&self, action: &str) -> bool {
        self.pattern.may_match(action)
    }

    pub fn is_everything(&self) -> bool {
        self.pattern.is_everything()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Reading = Reading { wildcards: true, variables: true };

    #[test]
    fn wildcards_stand_anywhere() {
        for (pattern, text, want) in [
            ("*", "", true),
            ("a*", "a", true),
            ("a?", "a", false),
            ("a?c", "abc", true),
            ("a?c", "aäc", true),
            ("?", "\u{1f600}", true),
            ("*b*d", "abcd", true),
            ("*b*d", "abce", false),
            ("a*b*c", "axbxbxc", true),
            ("**a**", "bab", true),
            ("", "", true),
            ("", "a", false),
            ("${*}", "*", true),
            ("${*}", "a", false),
            ("a${?}${$}", "a?$", true),
        ] {
            assert_eq!(Pattern::new(pattern, BOTH).may_match(text), want, "{pattern} {text}");
        }
        let literal = Reading { wildcards: false, variables: false };
        assert!(Pattern::new("a*${*}", literal).may_match("a*${*}"));
        assert!(!Pattern::new("a*", literal).may_match("ab"));
    }

    #[test]
    fn many_stars_cost_no_exponential_time() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!Pattern::new(&pattern, BOTH).may_match(&"a".repeat(20_000)));
    }

    #[test]
    fn actions_have_no_case() {
        for (pattern, action, want) in [
            ("s3:GetObject", "s3:getobject", true),
            ("S3:getOBJECT", "s3:getobject", true),
            ("s3:Get*", "s3:putobject", false),
            ("s3:*Object", "s3:getobject", true),
            ("s3:*Object", "s3:getobjectacl", false),
            ("ec2:Describe??stances", "ec2:describeinstances", true),
            ("iam:*Role*", "iam:passrole", true),
            ("*", "iam:passrole", true),
            ("*:*", "iam:passrole", true),
            ("iam:PassRole ", "iam:passrole", true),
            ("iam:Pass", "iam:passrole", false),
        ] {
            assert_eq!(ActionPattern::new(pattern).matches(action), want, "{pattern} {action}");
        }
    }
}
