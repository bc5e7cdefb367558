//! One piece of evidence, and the states that it can have.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Item;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub item: Item,
    pub state: State,
    /// What was found or said, in a sentence.
    pub text: String,
    /// The same as values; [`super::Item`] has the keys of each item in `docs/AUDIT-LOG.md`,
    /// *Drills*. Never a credential.
    #[serde(default)]
    pub value: Value,
    /// The records of the log that it rests on.
    #[serde(default)]
    pub sources: Vec<Source>,
}

/// A record of the log, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The record of this number.
    Seq(u64),
    /// The intent of this `corr`, with its outcome and readback.
    Corr(String),
    /// The run of this id, with all that it did.
    Run(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// True of an AWS account, or said by a person.
    Passed,
    Failed,
    /// It holds, in the range or at an endpoint that is not AWS.
    Simulated,
    /// A script said it.
    Scripted,
    NotAnswered,
    NotApplicable,
}

impl State {
    pub const ALL: [State; 6] = [
        State::Passed,
        State::Failed,
        State::Simulated,
        State::Scripted,
        State::NotAnswered,
        State::NotApplicable,
    ];

    pub fn words(self) -> &'static str {
        match self {
            State::Passed => "passed",
            State::Failed => "failed",
            State::Simulated => "simulated",
            State::Scripted => "scripted",
            State::NotAnswered => "not answered",
            State::NotApplicable => "not applicable",
        }
    }

    /// What halon found out by itself. `world` as in a record: `aws`, `range`, `endpoint`.
    pub fn seen(holds: bool, world: &str) -> State {
        match (holds, world) {
            (false, _) => State::Failed,
            (true, "aws") => State::Passed,
            (true, _) => State::Simulated,
        }
    }

    /// What was answered to a question.
    pub fn said(scripted: bool) -> State {
        if scripted { State::Scripted } else { State::Passed }
    }

    /// Something was shown or said, and it was good.
    pub fn holds(self) -> bool {
        matches!(self, State::Passed | State::Simulated | State::Scripted)
    }
}
