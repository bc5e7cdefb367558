//! Values derived from the scenario's seed: the same seed gives the same world.

use sha2::{Digest, Sha256};

/// The first 16 bytes of SHA-256 over the seed and `parts`.
pub fn digest(seed: u64, parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut out = [0; 16];
    out.copy_from_slice(&hash.finalize()[..16]);
    out
}

pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        out.push(char::from(DIGITS[usize::from(b >> 4)]));
        out.push(char::from(DIGITS[usize::from(b & 15)]));
    }
    out
}

/// 32 lower-case hex digits, as GuardDuty's detector and finding ids.
pub fn id32(seed: u64, parts: &[&str]) -> String {
    hex(&digest(seed, parts))
}

/// An AWS unique id (`AIDA…`, `AROA…`): the prefix and 17 characters of base 32.
pub fn unique_id(prefix: &str, seed: u64, parts: &[&str]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = u128::from_be_bytes(digest(seed, parts));
    let mut out = prefix.to_owned();
    for _ in 0..17 {
        out.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    out
}

/// An access key's id (`AKIA…`, `ASIA…`) of 20 characters, which says that it is an example.
pub fn key_id(prefix: &str, seed: u64, parts: &[&str]) -> String {
    format!("{}EXAMPLE", &unique_id(prefix, seed, parts)[..13])
}

/// A secret access key of 40 characters, which says that it is an example.
pub fn secret(seed: u64, parts: &[&str]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let half = |word: &str| digest(seed, &[&[word], parts].concat());
    let text = STANDARD.encode([half("secret 1"), half("secret 2")].concat());
    format!("{}EXAMPLEKEY", &text[..30])
}

/// The form of a version 4 UUID.
pub fn uuid(bytes: [u8; 16]) -> String {
    let h = hex(&bytes);
    format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..])
}

/// SplitMix64 (Steele, Lea, Flood 2014): cheap numbers for bulk recipes.
pub struct Numbers(u64);

impl Numbers {
    /// A stream of its own for every (seed, recipe, index).
    pub fn new(seed: u64, recipe: usize, index: u32) -> Self {
        let mut numbers = Self(seed ^ ((recipe as u64 + 1) << 40) ^ u64::from(index));
        numbers.0 = numbers.next();
        numbers
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }
}
