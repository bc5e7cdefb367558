//! One line: how it is made, and how it is taken apart.
//!
//! A line ends with `,"h":"` + 64 hex digits + `"}`: 72 bytes. In valid JSON these can
//! only be the last key of the outermost object, so a verifier cuts them off by length.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{
    entry::{About, Actor, Entry, Stamp},
    hash::{Hash, record_hash},
    strict::Top,
};
use crate::domain::untrusted::json_ascii;

/// Bytes of `,"h":"…"}`.
const TAIL: usize = 72;
/// Longest line in bytes, without its end. More than any record needs, and little
/// enough to hold in memory.
pub const LONGEST: usize = 16 * 1024 * 1024;
/// The version of the format.
const VERSION: u64 = 1;

/// The header's keys, which a body must not use.
const RESERVED: [&str; 13] = [
    "v", "seq", "prev", "ts_utc", "ts_mono", "boot_id", "sess", "actor", "mode", "world", "kind",
    "corr", "h",
];

/// What the header of the next record is made of.
pub struct Header<'a> {
    pub seq: u64,
    pub prev: Hash,
    pub about: &'a About,
    pub actor: &'a Actor,
    pub mode: &'a str,
    pub stamp: Stamp,
}

/// A record's line with its line end, and its hash. `Err` says why the entry cannot be
/// a record.
pub fn compose(header: &Header<'_>, entry: &Entry) -> Result<(Vec<u8>, Hash), String> {
    let prev = header.prev.hex();
    let mut record = Map::new();
    let mut put = |key: &str, value: Value| record.insert(key.to_owned(), value);
    put("v", VERSION.into());
    put("seq", header.seq.into());
    put("prev", prev.as_str().into());
    put("ts_utc", crate::domain::time::rfc3339(header.stamp.utc).into());
    put("ts_mono", header.stamp.mono_ms.into());
    put("boot_id", header.about.boot_id.as_str().into());
    put("sess", header.about.session.as_str().into());
    put(
        "actor",
        json!({
            "caller_arn": header.actor.caller_arn,
            "source_identity": header.actor.source_identity,
            "os_user": header.about.os_user,
        }),
    );
    put("mode", header.mode.into());
    put("world", header.about.world.into());
    put("kind", entry.kind.name().into());
    put("corr", entry.corr.as_deref().into());
    for (key, value) in &entry.body {
        if RESERVED.contains(&key.as_str()) {
            return Err(format!("its body has a key `{key}`, which is the header's"));
        }
        put(key, value.clone());
    }
    let mut line = json_ascii(&Value::Object(record).to_string()).into_bytes();
    line.pop(); // the closing brace, which the hash rule puts back
    let h = record_hash(&prev, &line);
    line.extend_from_slice(format!(",\"h\":\"{}\"}}", h.hex()).as_bytes());
    // Whatever was handed in, what is written can be read again.
    match Line::parse(&line) {
        Ok(back) if back.seq == header.seq && back.h == h => {}
        Ok(_) => return Err("it does not read back as itself".to_owned()),
        Err(wrong) => return Err(wrong.why),
    }
    line.push(b'\n');
    Ok((line, h))
}

/// A line that is a record by itself: well formed, and its hash fits its bytes. Whether
/// it continues the one before it is the chain's business.
pub struct Line<'a> {
    pub seq: u64,
    pub prev: Hash,
    pub h: Hash,
    pub kind: Cow<'a, str>,
    pub ts_utc: Cow<'a, str>,
    /// In a file's first record.
    pub log_id: Option<Cow<'a, str>>,
}

/// Why a line is no record, and what can still be said of it.
pub struct NoRecord {
    pub why: String,
    /// The `h` it carries, where one can be cut off.
    pub h: Option<Hash>,
}

impl<'a> Line<'a> {
    /// `bytes` is a line without its end.
    pub fn parse(bytes: &'a [u8]) -> Result<Line<'a>, NoRecord> {
        let no = |why: String, h| Err(NoRecord { why, h });
        if bytes.len() > LONGEST {
            return no(format!("it is longer than {LONGEST} bytes"), None);
        }
        let Some((before_h, h)) = cut(bytes) else {
            return no("it does not end with a hash".to_owned(), None);
        };
        if let Some(at) = bytes.iter().position(|b| !matches!(b, b' '..=b'~')) {
            return no(format!("byte {at} is not printable ASCII"), Some(h));
        }
        let top: Top<'a> = match serde_json::from_slice(bytes) {
            Ok(top) => top,
            Err(e) => return no(format!("it cannot be read: {e}"), Some(h)),
        };
        let Some(prev) = Hash::parse(&top.prev) else {
            return no("its `prev` is not 64 hex digits".to_owned(), Some(h));
        };
        if record_hash(&top.prev, before_h) != h {
            return no("it was edited: its hash does not fit its bytes".to_owned(), Some(h));
        }
        // After the hash: an edited line is first of all edited.
        if top.v != VERSION {
            return no(format!("its version {} is unknown", top.v), Some(h));
        }
        let Top { seq, kind, ts_utc, log_id, .. } = top;
        Ok(Line { seq, prev, h, kind, ts_utc, log_id })
    }
}

/// The line up to its `,"h":"…"}`, and that hash.
fn cut(bytes: &[u8]) -> Option<(&[u8], Hash)> {
    let (before, tail) = bytes.split_at_checked(bytes.len().checked_sub(TAIL)?)?;
    let digits = tail.strip_prefix(b",\"h\":\"")?.strip_suffix(b"\"}")?;
    Some((before, Hash::parse(std::str::from_utf8(digits).ok()?)?))
}
