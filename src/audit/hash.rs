//! The hash rule, in one place.

use std::fmt;

use sha2::{Digest, Sha256};

/// Keeps these hashes apart from all others over the same bytes.
const DOMAIN: &[u8] = b"halon-audit-v1\0";

/// A SHA-256; in the file 64 lowercase hex digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// `prev` of a file's first record where nothing came before it.
    pub const ZERO: Hash = Hash([0; 32]);

    /// Exactly 64 lowercase hex digits: one value has one spelling.
    pub fn parse(text: &str) -> Option<Hash> {
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return None;
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Hash(out))
    }

    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char])
        .collect()
}

/// A record's `h`: SHA-256 over the domain, `prev` as its 64 hex digits in ASCII, the
/// line up to its `,"h":"…"`, and the closing brace. Text throughout, so that
/// `printf` and `sha256sum` can check it.
pub fn record_hash(prev: &str, before_h: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(DOMAIN);
    sha.update(prev.as_bytes());
    sha.update(before_h);
    sha.update(b"}");
    Hash(sha.finalize().into())
}

/// Hex of a plain SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// 32 random hex digits.
pub fn random_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}
