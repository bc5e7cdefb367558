//! Secrets in events are not kept. AssumeRole logs the session token that it gave out.

use std::{fmt, ops::Range};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::members::members;

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
/// A secret is a string under a key that ends in one of [`SECRETS`], whatever its case and
/// its dashes, at any depth, also inside JSON that stands in a string. Where a text
/// mentions such a key and cannot be read as JSON, what follows the key is cut.
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
    "password",
    "secretstring",
    "secretbinary",
    "privatekey",
    "clientsecret",
    "authtoken",
    "base32stringseed",
    "tokencode",
];

/// Letters that some secret's name has in it, in any spelling: a cheap first look.
fn mentions(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle));
    has(b"secret") || has(b"token") || has(b"password") || has(b"private") || has(b"base32")
        // An escaped letter could hide a name.
        || has(b"\\u00")
}

fn is_secret(key: &str) -> bool {
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|end| plain.ends_with(end))
}

fn mark(secret: &str) -> String {
    format!("<redacted sha256:{:x}>", Sha256::digest(secret))
}

/// The text without secrets, and how many there were.
fn clean(raw: &str) -> (String, usize) {
    let mut cuts = Vec::new();
    if serde_json::from_str::<&RawValue>(raw).is_err() {
        return cut_off(raw);
    }
    find(raw, raw, false, &mut cuts);
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

fn find(whole: &str, value: &str, secret: bool, cuts: &mut Vec<Cut>) {
    match value.as_bytes().first() {
        Some(b'{') => match members(value) {
            Ok(object) => {
                for (key, inner) in object.iter() {
                    find(whole, inner.get(), secret || is_secret(key), cuts);
                }
            }
            Err(_) => cut(whole, value, &mark(value), 1, cuts),
        },
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
            for inner in items {
                find(whole, inner.get(), secret, cuts);
            }
        }
        Some(b'"') => {
            // INVARIANT: the text was read as JSON before.
            let Ok(text) = serde_json::from_str::<String>(value) else { return };
            if secret {
                if !text.is_empty() && !text.starts_with("<redacted sha256:") {
                    cut(whole, value, &mark(&text), 1, cuts);
                }
            } else if text.contains(['{', '[']) && mentions(&text) {
                let (inner, count) = clean(&text);
                if count > 0 {
                    cut(whole, value, &inner, count, cuts);
                }
            }
        }
        // A number under a secret's name is a code.
        Some(b'0'..=b'9') if secret => cut(whole, value, &mark(value), 1, cuts),
        _ => {}
    }
}

fn cut(whole: &str, value: &str, with: &str, count: usize, cuts: &mut Vec<Cut>) {
    let start = value.as_ptr() as usize - whole.as_ptr() as usize;
    let quoted = serde_json::Value::from(with).to_string();
    cuts.push((start..start + value.len(), quoted, count));
}

/// A text that mentions a secret's name and is not JSON: what comes after the name goes.
fn cut_off(text: &str) -> (String, usize) {
    let lower = text.to_ascii_lowercase();
    let names = ["secret", "token", "password", "private", "base32"];
    let Some(at) = names.iter().filter_map(|n| lower.find(n)).min() else {
        return (text.to_owned(), 0);
    };
    (format!("{}{}", &text[..at], mark(&text[at..])), 1)
}
