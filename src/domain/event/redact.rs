//! Secrets in events are not kept. AssumeRole logs the session token that it gave out.

use std::{fmt, ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::members::{is_too_deep, members};

/// What an event's text was before secrets were taken out of it: enough to prove that a
/// file on somebody's disk is the one that was read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// SHA-256 in hex.
    pub sha256: String,
    pub bytes: usize,
    /// Values that were replaced.
    pub redacted: usize,
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {} redacted", self.bytes, self.redacted)
    }
}

/// The text with the values of secrets replaced by `<redacted sha256:…>` and everything
/// else as it was, byte for byte; and what it was.
///
/// A secret is a string or a number under a key that ends in one of [`SECRETS`], whatever
/// its case and the dashes between its words, at any depth, also inside JSON that stands in
/// a string. Where a text mentions such a key and cannot be read as JSON, or is nested more
/// deeply than [`MAX_DEPTH`](super::MAX_DEPTH), what follows the key is cut.
pub fn redacted(raw: &str) -> (String, Original) {
    let mut original =
        Original { sha256: format!("{:x}", Sha256::digest(raw)), bytes: raw.len(), redacted: 0 };
    if !mentions(raw) {
        return (raw.to_owned(), original);
    }
    let (text, count) = clean(raw);
    original.redacted = count;
    (text, original)
}

/// Ends of the names of secrets, in lower case without `_`, `-` and blanks.
const SECRETS: &[&str] = &[
    "secretaccesskey",
    "secretkey",
    "sessiontoken",
    "securitytoken",
    "accesstoken",
    "refreshtoken",
    "identitytoken",
    "idtoken",
    "password",
    "secretstring",
    "secretbinary",
    "privatekey",
    "keymaterial",
    "clientsecret",
    "authtoken",
    "samlassertion",
    "base32stringseed",
    "tokencode",
];

/// A part of every secret's name that no dash divides; and an escaped letter, which could
/// hide one.
const HINTS: &[&str] =
    &["secret", "token", "pass", "private", "material", "assertion", "base", "\\u00"];

static HINTED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(HINTS)
        .ok()
});

/// A cheap first look: where a secret may be named.
fn hint(text: &str) -> Option<usize> {
    match &*HINTED {
        Some(hinted) => hinted.find(text).map(|found| found.start()),
        // Cannot be, for these few words; then every text is looked through.
        None => Some(0),
    }
}

fn mentions(text: &str) -> bool {
    hint(text).is_some()
}

fn is_secret(key: &str) -> bool {
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|end| plain.ends_with(end))
}

fn mark(secret: &str) -> String {
    format!("<redacted sha256:{:x}>", Sha256::digest(secret))
}

/// What [`mark`] makes, and nothing more: redacting twice is redacting once.
fn is_mark(text: &str) -> bool {
    let hash = text.strip_prefix("<redacted sha256:").and_then(|rest| rest.strip_suffix('>'));
    hash.is_some_and(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The text without secrets, and how many there were.
fn clean(raw: &str) -> (String, usize) {
    if serde_json::from_str::<&RawValue>(raw).is_err() || is_too_deep(raw) {
        return cut_off(raw, hint(raw));
    }
    let mut cuts = Vec::new();
    find(raw, raw.trim_ascii(), false, &mut cuts);
    let (mut out, mut at) = (String::with_capacity(raw.len()), 0);
    let mut count = 0;
    for (range, with, of) in &cuts {
        out.push_str(&raw[at..range.start]);
        out.push_str(with);
        at = range.end;
        count += of;
    }
    out.push_str(&raw[at..]);
    (out, count)
}

/// A place in the text, what to put there as JSON, and how many secrets were in it.
type Cut = (Range<usize>, String, usize);

/// Finds what to cut in a value of a text. INVARIANT: the text was read as JSON before and
/// is not too deep, which bounds this function's calls of itself.
fn find(whole: &str, value: &str, secret: bool, cuts: &mut Vec<Cut>) {
    match value.as_bytes().first() {
        Some(b'{') => match members(value) {
            Ok(object) => {
                for (key, inner) in object.iter() {
                    find(whole, inner.get(), secret || is_secret(key), cuts);
                }
            }
            // A key that is no text: half a surrogate pair.
            Err(_) => cut(whole, value, &mark(value), 1, cuts),
        },
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(value) {
            Ok(items) => {
                for inner in items {
                    find(whole, inner.get(), secret, cuts);
                }
            }
            Err(_) => cut(whole, value, &mark(value), 1, cuts),
        },
        Some(b'"') => match serde_json::from_str::<String>(value) {
            Ok(text) if secret => {
                if !text.is_empty() && !is_mark(&text) {
                    cut(whole, value, &mark(&text), 1, cuts);
                }
            }
            Ok(text) => {
                let (inner, count) = clean_inner(&text);
                if count > 0 {
                    cut(whole, value, &inner, count, cuts);
                }
            }
            // Half a surrogate pair: JSON, and no text.
            Err(_) if secret || mentions(value) => cut(whole, value, &mark(value), 1, cuts),
            Err(_) => {}
        },
        // A number under a secret's name is a code.
        Some(b'0'..=b'9' | b'-') if secret => cut(whole, value, &mark(value), 1, cuts),
        _ => {}
    }
}

/// A string's text without secrets, if it is JSON, or was before somebody cut it short.
fn clean_inner(text: &str) -> (String, usize) {
    if !text.contains(['{', '[']) || !mentions(text) {
        return (String::new(), 0);
    }
    if serde_json::from_str::<&RawValue>(text).is_ok() {
        return clean(text);
    }
    // Words about secrets are none; only what stands after a secret's name in quotes goes.
    let mut at = 0;
    let names = text.split(['"', '\'']).map(|part| {
        let from = at;
        at += part.len() + 1;
        (from, part)
    });
    let named = names.filter(|(_, part)| is_secret(part)).map(|(from, _)| from).next();
    match named.or_else(|| text.find("\\u00").filter(|_| text.contains('"'))) {
        Some(from) => cut_off(text, Some(from)),
        None => (String::new(), 0),
    }
}

fn cut(whole: &str, value: &str, with: &str, count: usize, cuts: &mut Vec<Cut>) {
    let start = value.as_ptr() as usize - whole.as_ptr() as usize;
    let quoted = serde_json::Value::from(with).to_string();
    cuts.push((start..start + value.len(), quoted, count));
}

/// A text that names a secret and is not JSON: what comes from there on goes.
fn cut_off(text: &str, from: Option<usize>) -> (String, usize) {
    match from {
        Some(at) if !is_mark(&text[at..]) => (format!("{}{}", &text[..at], mark(&text[at..])), 1),
        _ => (text.to_owned(), 0),
    }
}
