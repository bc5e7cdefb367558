//! The operator's yes to one change.

use super::{Ceremony, Review};
use crate::change::{Fingerprint, Prepared};

/// Bound to the fingerprint of one change, and used up by it: no copy can be made.
#[derive(Debug, PartialEq, Eq)]
pub struct Consent {
    pub(super) fingerprint: Fingerprint,
    pub(super) ceremony: Ceremony,
}

impl Consent {
    /// Whether it was given to this very change, as it is prepared now.
    pub fn is_for(&self, prepared: &Prepared) -> bool {
        self.fingerprint == prepared.fingerprint()
    }
}

impl Review {
    /// What was typed, against what the ceremony asks for; case and blanks count inside,
    /// blanks around it do not.
    pub fn consent(&self, typed: &str) -> Option<Consent> {
        (typed.trim() == self.ceremony.words()).then(|| Consent {
            fingerprint: self.fingerprint.clone(),
            ceremony: self.ceremony.clone(),
        })
    }
}
