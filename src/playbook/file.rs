//! A playbook as it is written.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::catalog::{CheckSpec, ReadSpec};
use crate::{
    change::{Risk, Spec, Value, ValueType},
    domain::finding::{Finding, named},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    pub id: String,
    pub title: String,
    pub summary: String,
    /// Raises the ceremony of every change in it; never lowers one.
    pub risk: Risk,
    /// Finding types that it answers; a `*` stands for the rest of the text.
    pub answers: Vec<String>,
    /// What must be had before it can run, such as `break-glass`.
    pub requires: Vec<String>,
    pub inputs: BTreeMap<String, Input>,
    pub steps: Vec<Step>,
    /// SHA-256 of the text it was read from, in hex.
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub kind: ValueType,
    pub from: Option<From>,
    pub default: Option<Value>,
    pub help: String,
}

/// Where an input is filled in from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    FindingId,
    FindingAccount,
    FindingRegion,
    FindingRole,
    FindingUser,
    FindingAccessKey,
    FindingSession,
    FindingTrail,
}

impl From {
    pub const ALL: [From; 8] = [
        From::FindingId,
        From::FindingAccount,
        From::FindingRegion,
        From::FindingRole,
        From::FindingUser,
        From::FindingAccessKey,
        From::FindingSession,
        From::FindingTrail,
    ];

    pub fn name(self) -> &'static str {
        match self {
            From::FindingId => "finding.id",
            From::FindingAccount => "finding.account",
            From::FindingRegion => "finding.region",
            From::FindingRole => "finding.role",
            From::FindingUser => "finding.user",
            From::FindingAccessKey => "finding.access_key",
            From::FindingSession => "finding.session",
            From::FindingTrail => "finding.trail",
        }
    }

    pub fn kind(self) -> ValueType {
        match self {
            From::FindingId => ValueType::FindingIds,
            From::FindingAccount => ValueType::AccountId,
            From::FindingRegion => ValueType::Region,
            From::FindingRole => ValueType::RoleName,
            From::FindingUser => ValueType::UserName,
            From::FindingAccessKey => ValueType::AccessKeyId,
            From::FindingSession => ValueType::SessionId,
            From::FindingTrail => ValueType::TrailArn,
        }
    }

    /// What the finding says, if it says anything of the kind.
    pub fn read(self, finding: &Finding) -> Option<Value> {
        let main = finding.main();
        match self {
            From::FindingId => return Some(Value::Findings(vec![main.id.raw().to_owned()])),
            From::FindingAccount => return main.account.clone().map(Value::Account),
            From::FindingRegion => return main.region.clone().map(Value::Region),
            _ => {}
        }
        finding.records().find_map(|record| {
            let named = named(record);
            match self {
                From::FindingId | From::FindingAccount | From::FindingRegion => None,
                From::FindingRole => named.role.map(Value::Role),
                From::FindingUser => named.user.map(Value::User),
                From::FindingAccessKey => named.access_key.map(Value::Key),
                From::FindingSession => named.session.map(Value::Session),
                From::FindingTrail => named.trail.map(Value::Trail),
            }
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub id: String,
    pub action: Action,
    pub when: Option<When>,
    /// Shown at the prompt.
    pub why: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Read {
        what: &'static ReadSpec,
        with: Templates,
    },
    Check {
        what: &'static CheckSpec,
        with: Templates,
    },
    /// A question answered with yes or no.
    Ask {
        question: String,
    },
    /// The break-glass role to act as from there on.
    Assume {
        with: Templates,
    },
    Change {
        what: &'static Spec,
        with: Templates,
        within: SignedDuration,
    },
    Note {
        text: String,
    },
}

impl Action {
    /// The word in files and in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Action::Read { .. } => "read",
            Action::Check { .. } => "check",
            Action::Ask { .. } => "ask",
            Action::Assume { .. } => "assume",
            Action::Change { .. } => "change",
            Action::Note { .. } => "note",
        }
    }
}

/// An argument as written: a value, or the name of the input that has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    Value(Value),
    Input(String),
}

pub type Templates = BTreeMap<String, Template>;

/// A step is taken only where an earlier check held, or a question was answered with
/// yes; with `!` before the name, where it was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    pub step: String,
    pub holds: bool,
}

impl Playbook {
    /// Whether it acts as a break-glass role, in a part at least.
    pub fn needs_break_glass(&self) -> bool {
        !self.requires.is_empty()
            || self.steps.iter().any(|s| matches!(s.action, Action::Assume { .. }))
    }

    /// Every input: as given, else from the finding, else the file's default.
    ///
    /// # Errors
    /// The inputs that nobody gave.
    pub fn fill(
        &self,
        given: &BTreeMap<String, Value>,
        finding: Option<&Finding>,
    ) -> Result<BTreeMap<String, Value>, Vec<(String, Input)>> {
        let (mut filled, mut missing) = (BTreeMap::new(), Vec::new());
        for (name, input) in &self.inputs {
            let value = given.get(name).cloned();
            let value = value.or_else(|| input.from?.read(finding?)).or(input.default.clone());
            match value {
                Some(value) => {
                    filled.insert(name.clone(), value);
                }
                None => missing.push((name.clone(), input.clone())),
            }
        }
        if missing.is_empty() { Ok(filled) } else { Err(missing) }
    }

    /// Whether it is meant for findings of this type.
    pub fn answers(&self, kind: &str) -> bool {
        self.answers.iter().any(|pattern| match pattern.split_once('*') {
            Some((head, tail)) => {
                kind.len() >= head.len() + tail.len()
                    && kind.starts_with(head)
                    && kind.ends_with(tail)
            }
            None => pattern == kind,
        })
    }
}
