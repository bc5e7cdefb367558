//! A code of an MFA device.

use std::fmt;

use zeroize::Zeroizing;

/// Six digits (STS, tokenCodeType), good once. Shown to nobody, and wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct MfaCode(Zeroizing<String>);

impl MfaCode {
    /// For the one request that sends it.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for MfaCode {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let code = s.trim();
        match code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
            true => Ok(Self(Zeroizing::new(code.to_owned()))),
            false => Err("an MFA code is six digits".to_owned()),
        }
    }
}

impl fmt::Debug for MfaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaCode(••••••)")
    }
}
