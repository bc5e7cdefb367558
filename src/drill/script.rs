//! What a scenario's `[drill]` says: objectives, in order, with the way to each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    domain::{AccessKeyId, AccountId, Principal, RoleArn, RoleName, event::By},
    range::Fact,
};

/// A scenario to be practised on.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// Shown at the start: what whoever is on call knows. One line.
    pub summary: String,
    pub right: Right,
    /// The role whose use is proven. Every drill of break-glass names one.
    pub role: RoleArn,
    /// The role that a harmless change is tried on and taken back.
    pub canary: Canary,
    /// The access key of somebody in the scenario whom the role does not trust.
    pub stranger: Option<AccessKeyId>,
    pub objectives: Vec<Objective>,
    /// What a scripted run answers to what people are asked: the item's number, and the text.
    pub answers: BTreeMap<u8, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    pub account: AccountId,
    pub role: RoleName,
}

/// The right end of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// The attacker is cut off.
    Contain,
    /// Nothing was wrong: the finding is archived with a reason, and nothing else is changed.
    FalseAlarm,
}

/// What the time until an objective counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Detect,
    Decide,
    Access,
    Contain,
    Verify,
}

impl Phase {
    pub const ALL: [Phase; 5] =
        [Phase::Detect, Phase::Decide, Phase::Access, Phase::Contain, Phase::Verify];

    pub fn name(self) -> &'static str {
        match self {
            Phase::Detect => "detect",
            Phase::Decide => "decide",
            Phase::Access => "access",
            Phase::Contain => "contain",
            Phase::Verify => "verify",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// `^[a-z0-9][a-z0-9-]{0,63}$`, once in a scenario.
    pub id: String,
    pub phase: Phase,
    /// What is to be reached, in a line.
    pub title: String,
    /// Why, and what to look for; the next key is the coach's own business.
    pub coach: String,
    /// One after the other, on request.
    pub hints: Vec<String>,
    /// All of them must hold at some time after the objective before it was met.
    pub met: Vec<Condition>,
    /// The shortest way there.
    pub solution: Vec<Move>,
}

/// What an objective waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The operator saw or did it.
    Seen(Seen),
    /// It is so in the range's world.
    Fact(Fact),
    /// Nothing was changed in the world since the drill began but the state of findings.
    NothingElse,
}

/// What the operator saw or did, as console and commands tell it alike.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// The detail of a finding, by its id, was opened.
    Finding(String),
    /// CloudTrail was searched by this and the search came to its end.
    Events(By),
    /// A principal of an account was looked at.
    Principal(AccountId, Principal),
    /// Halon was armed for the drill.
    Armed,
    /// A run of a playbook came to its end, and all of it was done.
    Ran(String),
    /// A session of the role was begun, or ended.
    Assumed(RoleArn),
    Ended(RoleArn),
}

/// One move of a solution. Whoever drives headless makes it at once; the coach tells the keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    /// Open a finding's detail.
    Open {
        finding: String,
    },
    /// Search CloudTrail.
    Search {
        by: By,
    },
    /// Look at a principal.
    Inspect {
        account: AccountId,
        who: Principal,
    },
    /// Run a playbook to its end. Inputs that it does not name come from the finding.
    Run {
        playbook: String,
        finding: Option<String>,
        /// In which account, where that is not the finding's.
        account: Option<AccountId>,
        inputs: BTreeMap<String, String>,
        /// Answers to its questions, by step: yes or no.
        answers: BTreeMap<String, bool>,
    },
    /// Take back the last run of a playbook.
    TakeBack {
        playbook: String,
    },
    /// Assume the break-glass role; end its session.
    Assume,
    End,
}
