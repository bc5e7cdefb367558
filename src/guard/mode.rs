//! What may be done now.

use jiff::{SignedDuration, Timestamp};

use super::Incident;
use crate::domain::AccountId;

/// Armed without a change for this long lapses to safe, unless configured otherwise.
pub const LAPSE: SignedDuration = SignedDuration::from_mins(60);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For the life of the process no writer exists.
    ReadOnly,
    /// Look at everything, plan anything, change nothing.
    Safe,
    /// Changes may be made, for one incident.
    Armed(Arming),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arming {
    pub incident: Incident,
    pub since: Timestamp,
    /// When the last change was made; at first, when it was armed.
    pub last_change: Timestamp,
    /// How long it lasts without a change.
    pub lapse: SignedDuration,
    pub purpose: Purpose,
}

/// What halon is armed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    Incident,
    /// A drill, on these accounts and no others; in the range, on any.
    Drill {
        accounts: Option<Vec<AccountId>>,
    },
}

impl Arming {
    pub fn new(incident: Incident, now: Timestamp, lapse: SignedDuration) -> Self {
        Self { incident, since: now, last_change: now, lapse, purpose: Purpose::Incident }
    }

    /// For a drill: on these accounts, or in the range (`None`) on any.
    pub fn drill(self, accounts: Option<Vec<AccountId>>) -> Self {
        Self { purpose: Purpose::Drill { accounts }, ..self }
    }

    pub fn is_drill(&self) -> bool {
        matches!(self.purpose, Purpose::Drill { .. })
    }

    /// Whether a change in this account is one of the drill's.
    pub fn is_open_to(&self, account: &AccountId) -> bool {
        match &self.purpose {
            Purpose::Incident | Purpose::Drill { accounts: None } => true,
            Purpose::Drill { accounts: Some(all) } => all.contains(account),
        }
    }

    pub fn lapses_at(&self) -> Timestamp {
        self.last_change.saturating_add(self.lapse).unwrap_or(Timestamp::MAX)
    }

    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        now >= self.lapses_at()
    }
}

impl Mode {
    pub fn word(&self) -> &'static str {
        match self {
            Mode::ReadOnly => "READ-ONLY",
            Mode::Safe => "SAFE",
            Mode::Armed(arming) if arming.is_drill() => "DRILL",
            Mode::Armed(_) => "ARMED",
        }
    }

    /// The word in the audit log.
    pub fn name(&self) -> &'static str {
        match self {
            Mode::ReadOnly => "read-only",
            Mode::Safe => "safe",
            Mode::Armed(arming) if arming.is_drill() => "drill",
            Mode::Armed(_) => "armed",
        }
    }

    pub fn armed(&self) -> Option<&Arming> {
        match self {
            Mode::Armed(arming) => Some(arming),
            Mode::ReadOnly | Mode::Safe => None,
        }
    }
}

/// In whose name and in which mode a record is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    pub mode: &'static str,
    pub caller_arn: Option<String>,
}
