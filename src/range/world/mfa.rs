//! Codes of a virtual MFA device: RFC 6238 over HMAC-SHA-1, six digits, thirty seconds.

use std::fmt;

use hmac::{Hmac, Mac};
use sha1::Sha1;

/// In milliseconds.
const STEP: i64 = 30_000;

/// A user's virtual device.
#[derive(Clone)]
pub struct Device {
    pub serial: String,
    /// What the device was set up with, decoded.
    pub seed: Vec<u8>,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("serial", &self.serial).finish_non_exhaustive()
    }
}

impl Device {
    /// The time step of `code`, where it is that of now, the one before or the one after
    /// (RFC 6238, 5.2), and none of that step or a later one was spent yet.
    pub fn verify(&self, code: &str, now: i64, last_spent: Option<i64>) -> Option<i64> {
        let step = now.div_euclid(STEP);
        [step, step - 1, step + 1]
            .into_iter()
            .find(|step| unspent(*step, last_spent) && code_of(&self.seed, *step) == code)
    }

    /// A code that [`Device::verify`] takes at `now`: that of now or else of the next step.
    pub fn code(&self, now: i64, last_spent: Option<i64>) -> Option<String> {
        let step = now.div_euclid(STEP);
        let good = [step, step + 1].into_iter().find(|step| unspent(*step, last_spent))?;
        Some(code_of(&self.seed, good))
    }
}

/// A code counts once, and with it everything before it.
fn unspent(step: i64, last_spent: Option<i64>) -> bool {
    last_spent.is_none_or(|last| step > last)
}

/// The code of a time step (RFC 4226, 5.3).
fn code_of(seed: &[u8], step: i64) -> String {
    // HMAC takes a key of any length (RFC 2104), so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(seed) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// Reads base 32 (RFC 4648, section 6) as people write it: small letters, blanks and
/// padding are accepted. `None` where it is something else, or nothing.
pub fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.trim_end_matches('=').chars().filter(|c| *c != ' ') {
        let value = match c.to_ascii_uppercase() {
            c @ 'A'..='Z' => u32::from(c) - u32::from('A'),
            c @ '2'..='7' => u32::from(c) - u32::from('2') + 26,
            _ => return None,
        };
        held = (held << 5 | value) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of the eight digits.
    #[test]
    fn the_published_codes() {
        let seed = base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").expect("base 32");
        assert_eq!(seed, b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_of(&seed, seconds / 30), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_for_a_while_and_once() {
        let seed = b"12345678901234567890".to_vec();
        let device = Device { serial: "s".into(), seed };
        let verify = |at: i64, spent| device.verify("287082", at * 1000, spent);
        for (at, good) in [(0, true), (30, true), (59, true), (89, true), (90, false)] {
            assert_eq!(verify(at, None).is_some(), good, "{at}");
        }
        assert_eq!(verify(59, Some(0)), Some(1));
        assert_eq!(verify(59, Some(1)), None, "spent");
        assert_eq!(verify(59, Some(2)), None, "older than one that was spent");
        assert_eq!(device.verify("28708", 59_000, None), None);
    }

    #[test]
    fn the_code_that_is_shown_is_good_until_two_were_spent() {
        let device = Device { serial: "s".into(), seed: b"12345678901234567890".to_vec() };
        let now = 1_234_567_890_000;
        let mut spent = None;
        for _ in 0..2 {
            let code = device.code(now, spent).expect("one is left");
            spent = Some(device.verify(&code, now, spent).expect("good"));
        }
        assert_eq!(device.code(now, spent), None);
        assert!(device.code(now + 30_000, spent).is_some());
    }

    #[test]
    fn base_32_as_people_write_it() {
        assert_eq!(base32("mzxw 6===").as_deref(), Some(&b"foo"[..]));
        assert_eq!(base32("MZXW6YTBOI======").as_deref(), Some(&b"foobar"[..]));
        for text in ["", "====", "MZXW1", "é"] {
            assert_eq!(base32(text), None, "{text}");
        }
    }
}
