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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::Risk,
        domain::{Assume, Change, Glass, GlassState, Place, State, Verb},
        guard::{Arming, Incident, LAPSE, Mode, review},
    };

    const NOW: &str = "2026-03-02T03:10:00Z";
    const ROLE: &str = "arn:aws:iam::123456789012:role/break-glass";

    fn assuming(mfa: bool, second_person: bool) -> Prepared {
        let role: crate::domain::RoleArn = ROLE.parse().expect("a role");
        let serial = "arn:aws:iam::111122223333:mfa/oncall".parse().expect("a serial");
        let verb = Verb::AssumeRole(Assume {
            role: role.clone(),
            seconds: 3600,
            mfa: mfa.then_some(serial),
            source_identity: None,
            policy: None,
            tags: false,
            second_person,
        });
        let place = Place { target: "t".into(), region: "us-east-1".parse().expect("a region") };
        let account = "111122223333".parse().expect("an account");
        let (session, devices, untold) = (Glass::Closed, Vec::new(), None);
        let before = State::Glass(GlassState { role, session, devices, untold });
        Prepared { change: Change { place, account, verb }, before }
    }

    fn reviewed(prepared: &Prepared, roles: &[String]) -> Review {
        let incident = Incident::new("INC-1", "t", "r").expect("an incident");
        let now = NOW.parse().expect("a time");
        let mode = Mode::Armed(Arming::new(incident, now, LAPSE));
        review(&mode, now, prepared, Risk::Reversible, None, roles).expect("it may be asked for")
    }

    #[test]
    fn a_code_and_a_second_person_are_given_where_they_are_asked_for_and_nowhere_else() {
        let roles = [ROLE.to_owned()];
        let code = || Some("123456".parse().expect("a code"));
        let second = || Some(SecondPerson::parse("Dana").expect("somebody"));
        for (mfa, asks) in [(false, false), (true, false), (false, true), (true, true)] {
            let review = reviewed(&assuming(mfa, asks), &roles);
            for (has_code, has_second) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let given = Given {
                    code: code().filter(|_| has_code),
                    second: second().filter(|_| has_second),
                };
                let consent = review.consent_with("yes", given);
                let right = (has_code, has_second) == (mfa, asks);
                assert_eq!(consent.is_some(), right, "{mfa} {asks}: {has_code} {has_second}");
            }
            assert!(review.consent_with("no", Given::default()).is_none());
        }
    }

    #[test]
    fn nobody_there_is_a_reason_for_review() {
        let absent = SecondPerson::parse("- nobody answers the phone").expect("a reason");
        let json = absent.to_json();
        assert_eq!(
            (&json["review"], &json["absent"]),
            (&true.into(), &"nobody answers the phone".into())
        );
        let agreed = SecondPerson::parse(" Dana ").expect("a name").to_json();
        assert_eq!((&agreed["review"], &agreed["agreed"]), (&false.into(), &"Dana".into()));
        for blank in ["", " ", "-", "- "] {
            assert!(SecondPerson::parse(blank).is_err(), "{blank:?}");
        }
    }

    #[test]
    fn a_role_that_nobody_configured_asks_for_its_own_name() {
        let prepared = assuming(false, false);
        assert!(reviewed(&prepared, &[ROLE.to_owned()]).consent("yes").is_some());
        let review = reviewed(&prepared, &[]);
        assert!(review.consent("yes").is_none() && review.consent(ROLE).is_some());
    }

    #[test]
    fn a_drill_is_open_to_its_own_accounts() {
        let incident = Incident::new("DRILL-1", "t", "r").expect("an incident");
        let now = NOW.parse().expect("a time");
        let drill =
            |accounts| Mode::Armed(Arming::new(incident.clone(), now, LAPSE).drill(accounts));
        let roles = [ROLE.to_owned()];
        let prepared = assuming(false, false);
        let asked = |mode: &Mode| review(mode, now, &prepared, Risk::Reversible, None, &roles);
        assert!(asked(&drill(None)).is_ok(), "the range");
        let of = |id: &str| Some(vec![id.parse().expect("an account")]);
        // The role's account counts, and not that of whoever assumes it.
        assert!(asked(&drill(of("123456789012"))).is_ok());
        let refusal = asked(&drill(of("111122223333"))).expect_err("another account");
        assert!(refusal.why.contains("changes nothing in account 123456789012"), "{refusal:?}");
    }
}
