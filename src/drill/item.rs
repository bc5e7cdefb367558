//! The twenty items of evidence of one drill: a closed set.

use serde::{Deserialize, Serialize};

/// One item of evidence; in records its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Item {
    Scope = 1,
    Authorisation,
    Monitoring,
    Roster,
    Role,
    Preconditions,
    Negative,
    Assume,
    Power,
    Ended,
    CloudTrail,
    Alert,
    Hygiene,
    Provider,
    Deviations,
    Timings,
    CarriedOver,
    Result,
    Integrity,
    Completeness,
}

/// Who gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Automatic,
    Asked,
    Both,
}

impl How {
    pub fn name(self) -> &'static str {
        match self {
            How::Automatic => "automatic",
            How::Asked => "asked",
            How::Both => "both",
        }
    }
}

impl Item {
    pub const ALL: [Item; 20] = [
        Item::Scope,
        Item::Authorisation,
        Item::Monitoring,
        Item::Roster,
        Item::Role,
        Item::Preconditions,
        Item::Negative,
        Item::Assume,
        Item::Power,
        Item::Ended,
        Item::CloudTrail,
        Item::Alert,
        Item::Hygiene,
        Item::Provider,
        Item::Deviations,
        Item::Timings,
        Item::CarriedOver,
        Item::Result,
        Item::Integrity,
        Item::Completeness,
    ];

    /// 1 to 20.
    pub fn number(self) -> u8 {
        self as u8
    }

    pub fn numbered(number: u8) -> Option<Item> {
        Item::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    pub fn name(self) -> &'static str {
        match self {
            Item::Scope => "Drill, quarter, scope, scenario, window",
            Item::Authorisation => "Authorisation before the start",
            Item::Monitoring => "Monitoring team told",
            Item::Roster => "Roster of who may use the role",
            Item::Role => "Definition of the role",
            Item::Preconditions => "Preconditions",
            Item::Negative => "What must be refused is refused",
            Item::Assume => "Role assumed with MFA",
            Item::Power => "Proof of power on a canary",
            Item::Ended => "Session ended, its credentials dead",
            Item::CloudTrail => "CloudTrail saw it",
            Item::Alert => "Alert fired and acknowledged",
            Item::Hygiene => "Credentials put away again",
            Item::Provider => "Not by way of the usual sign-in",
            Item::Deviations => "Deviations, with owners and dates",
            Item::Timings => "Timings",
            Item::CarriedOver => "Actions of the drill before",
            Item::Result => "Result and sign-off",
            Item::Integrity => "Integrity of the log",
            Item::Completeness => "Every use of the role in the quarter",
        }
    }

    pub fn how(self) -> How {
        match self {
            Item::Scope
            | Item::Authorisation
            | Item::Monitoring
            | Item::Alert
            | Item::Hygiene
            | Item::Deviations
            | Item::Result => How::Asked,
            Item::Roster | Item::CarriedOver => How::Both,
            _ => How::Automatic,
        }
    }

    /// What fails the drill; `None` where nothing does.
    pub fn fails(self) -> Option<&'static str> {
        Some(match self {
            Item::Scope => "something of it is missing",
            Item::Authorisation => "the approver is the operator, or it came after the start",
            Item::Monitoring | Item::Timings => return None,
            Item::Roster => "the trust policy names somebody who is not on the roster",
            Item::Role => "it asks for no MFA, or it changed and nobody says why",
            Item::Preconditions => "a trail does not log, or requests go elsewhere than to AWS",
            Item::Negative => "one of them goes through",
            Item::Assume => "it fails, or takes longer than allowed",
            Item::Power => "it was not done, or the canary is not as it was",
            Item::Ended => "the credentials still work after the deadline",
            Item::CloudTrail => "a record without its event, or an event without its record",
            Item::Alert => "no alert, or nobody acknowledged it",
            Item::Hygiene => "the credentials were not put away again",
            Item::Provider => "the credentials came from the sign-in that is assumed to be down",
            Item::Deviations => "it is blank: where there are none, that is said",
            Item::CarriedOver => "an action is open past its date without a reason",
            Item::Result => "the reviewer is the operator",
            Item::Integrity => "the log does not verify",
            Item::Completeness => "a use that nobody explains",
        })
    }

    /// Whether a validation may say of it that it does not apply.
    pub fn may_not_apply(self) -> bool {
        matches!(self, Item::Monitoring | Item::Hygiene | Item::Provider | Item::CarriedOver)
    }
}

/// A part of the evidence that halon finds by itself, by when it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gathered {
    Before,
    /// While a session of the role is open.
    Inside,
    /// After the last objective.
    After,
    /// At the end.
    Last,
}

impl Gathered {
    pub const ALL: [Gathered; 4] =
        [Gathered::Before, Gathered::Inside, Gathered::After, Gathered::Last];

    pub fn items(self) -> &'static [Item] {
        match self {
            Gathered::Before => &[Item::Preconditions],
            Gathered::Inside => {
                &[Item::Roster, Item::Role, Item::Negative, Item::Assume, Item::Provider]
            }
            Gathered::After => &[Item::Power, Item::Ended, Item::CloudTrail, Item::Completeness],
            Gathered::Last => &[Item::Timings, Item::Integrity],
        }
    }
}

impl TryFrom<u8> for Item {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        Item::numbered(number).ok_or_else(|| "an item of evidence has a number from 1 to 20".into())
    }
}

impl From<Item> for u8 {
    fn from(item: Item) -> u8 {
        item.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_twenty_each_with_its_number() {
        for (n, item) in (1..=20).zip(Item::ALL) {
            assert_eq!((item.number(), Item::numbered(n)), (n, Some(item)));
        }
        assert_eq!((Item::numbered(0), Item::numbered(21)), (None, None));
    }
}
