//! The records of a drill: how they are written into the audit log and read from it.
//! `docs/AUDIT-LOG.md`, *Drills*.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DrillId, Evidence, Move, Objective, Phase, Quarter};
use crate::{
    audit::{Entry, Kind, Record},
    domain::{AccountId, RoleArn},
};

/// What a record of a drill says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The first one.
    Begun(Box<Begun>),
    /// The drill has come to a stage of this name, with what is needed to go on from there.
    Stage {
        stage: String,
        #[serde(default)]
        value: Value,
    },
    /// An objective was met.
    Objective {
        objective: String,
        phase: Phase,
        title: String,
    },
    /// A hint was asked for. `number` is the hint's, from 1.
    Hint {
        objective: String,
        number: usize,
    },
    Evidence(Evidence),
    /// The last one: what comes after it does not count.
    Ended {
        result: Ending,
        why: String,
    },
}

/// What a drill is, hashed into its first record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The scenario's id.
    pub scenario: String,
    pub title: String,
    /// A script makes the moves and gives the answers.
    pub scripted: bool,
    pub quarter: Quarter,
    pub accounts: Vec<AccountId>,
    pub roles: Vec<RoleArn>,
    /// From when to when it was planned.
    pub window: Window,
    /// Who drills, by name.
    pub operator: String,
    /// When the range's world began; `None` in an account.
    pub world_start: Option<Timestamp>,
    /// In the order of the scenario.
    pub objectives: Vec<Planned>,
    /// Name and version of the program, and the SHA-256 of its file.
    pub tool: String,
    pub binary_sha256: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// An objective as it was when the drill began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    pub id: String,
    pub phase: Phase,
    pub title: String,
    /// The runs that its solution makes.
    pub solution: Vec<Wanted>,
}

/// A run that a solution makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    pub playbook: String,
    /// As the solution names them; others come from a finding.
    pub inputs: Map<String, Value>,
}

impl Planned {
    pub fn of(objective: &Objective) -> Planned {
        let wanted = |step: &Move| match step {
            Move::Run { playbook, inputs, .. } => {
                let text = |(key, value): (&String, &String)| (key.clone(), value.clone().into());
                let inputs = inputs.iter().map(text).collect();
                Some(Wanted { playbook: playbook.clone(), inputs })
            }
            _ => None,
        };
        Planned {
            id: objective.id.clone(),
            phase: objective.phase,
            title: objective.title.clone(),
            solution: objective.solution.iter().filter_map(wanted).collect(),
        }
    }
}

/// How a drill ended, as it was said at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Passed,
    PassedWithFindings,
    Failed,
    Aborted,
}

impl Ending {
    pub fn words(self) -> &'static str {
        match self {
            Ending::Passed => "passed",
            Ending::PassedWithFindings => "passed with findings",
            Ending::Failed => "failed",
            Ending::Aborted => "aborted",
        }
    }

    pub fn is_passed(self) -> bool {
        matches!(self, Ending::Passed | Ending::PassedWithFindings)
    }
}

impl Event {
    /// The record to write. `at` is the time that counts for the score: the world's, in the
    /// range.
    pub fn entry(&self, drill: &DrillId, at: Timestamp) -> Entry {
        let mut entry = Entry::new(Kind::Drill)
            .with("drill", drill.as_str())
            .with("incident", drill.as_str())
            .with("at", at.to_string());
        // INVARIANT: events are plain values with texts as keys, which have a JSON form.
        if let Ok(Value::Object(said)) = serde_json::to_value(self) {
            entry.body.extend(said);
        }
        entry.with("text", self.text())
    }

    /// The drill, the time that counts and what is said by a record of a drill; `None` where
    /// it is none, or says it in a way that is not known here.
    pub fn of(record: &Record) -> Option<(DrillId, Timestamp, Event)> {
        if record.kind() != Some(Kind::Drill) || record.text("incident") != record.text("drill") {
            return None;
        }
        let drill = record.text("drill")?.parse().ok()?;
        let at = record.text("at")?.parse().ok()?;
        Some((drill, at, Event::deserialize(&record.value).ok()?))
    }

    /// In a sentence.
    pub fn text(&self) -> String {
        match self {
            Event::Begun(begun) => {
                let by = if begun.scripted { "a script" } else { begun.operator.as_str() };
                format!("{} ({}) begun by {by} for {}", begun.title, begun.scenario, begun.quarter)
            }
            Event::Stage { stage, .. } => format!("come to {stage}"),
            Event::Objective { title, phase, .. } => format!("reached ({}): {title}", phase.name()),
            Event::Hint { objective, number } => format!("hint {number} for {objective}"),
            Event::Evidence(evidence) => evidence.text.clone(),
            Event::Ended { result, why } if why.is_empty() => result.words().to_owned(),
            Event::Ended { result, why } => format!("{}: {why}", result.words()),
        }
    }
}
