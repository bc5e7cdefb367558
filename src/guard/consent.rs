//! The operator's yes to one change.

use serde_json::{Value as Json, json};

use super::{Ceremony, Review};
use crate::{
    change::{Fingerprint, Prepared, ValueType},
    domain::MfaCode,
};

/// Bound to the fingerprint of one change, and used up by it: no copy can be made.
#[derive(Debug, PartialEq, Eq)]
pub struct Consent {
    pub(super) fingerprint: Fingerprint,
    pub(super) ceremony: Ceremony,
    pub(super) code: Option<MfaCode>,
    pub(super) second: Option<SecondPerson>,
}

/// Whether somebody else agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondPerson {
    /// Who.
    Agreed(String),
    /// Why nobody could be asked. It is reviewed after the fact.
    Absent(String),
}

/// What is given beside what is typed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Given {
    pub code: Option<MfaCode>,
    pub second: Option<SecondPerson>,
}

impl SecondPerson {
    /// A name, or a reason after a hyphen and a blank: `- nobody answers the phone`.
    ///
    /// # Errors
    /// What it should look like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let line = |text: &str| match ValueType::Text.parse(text.trim()) {
            Ok(value) => Ok(value.to_string()),
            Err(why) => {
                Err(format!("the second person's name, or \"- \" and why there is none: {why}"))
            }
        };
        match text.trim().strip_prefix('-') {
            Some(reason) => line(reason).map(Self::Absent),
            None => line(text).map(Self::Agreed),
        }
    }

    /// In the record of the intent.
    pub(super) fn to_json(&self) -> Json {
        match self {
            SecondPerson::Agreed(name) => json!({"agreed": name, "review": false}),
            SecondPerson::Absent(why) => json!({"absent": why, "review": true}),
        }
    }
}

impl Consent {
    /// Whether it was given to this very change, as it is prepared now.
    pub fn is_for(&self, prepared: &Prepared) -> bool {
        self.fingerprint == prepared.fingerprint()
    }
}

impl Review {
    /// What was typed, against what the ceremony asks for; case and blanks count inside,
    /// blanks around it do not. Nothing where more than that is asked for.
    pub fn consent(&self, typed: &str) -> Option<Consent> {
        self.consent_with(typed, Given::default())
    }

    /// [`Review::consent`] with what else is asked for: a code where there is a device, and
    /// who agreed where a second person is asked for.
    pub fn consent_with(&self, typed: &str, given: Given) -> Option<Consent> {
        let Given { code, second } = given;
        let whole = typed.trim() == self.ceremony.words()
            && code.is_some() == self.device.is_some()
            && second.is_some() == self.second_person;
        whole.then(|| Consent {
            fingerprint: self.fingerprint.clone(),
            ceremony: self.ceremony.clone(),
            code,
            second,
        })
    }
}
