//! What became of a solution.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::{
    domain::{time::rfc3339, untrusted::display},
    drill::{DrillId, Ending, Phase},
    range::Difference,
};

/// What became of it.
pub struct Solved {
    pub id: DrillId,
    pub title: String,
    pub as_of: Timestamp,
    pub objectives: Vec<Told>,
    /// Runs, in the order in which they were begun, without those that took others back.
    pub runs: Vec<String>,
    /// What is otherwise than at the start.
    pub residue: Vec<Difference>,
    pub result: Ending,
    pub why: String,
    /// The signal that ended the command: the drill goes on when it is taken up.
    pub signal: Option<u8>,
}

pub struct Told {
    pub id: String,
    pub phase: Phase,
    pub title: String,
    pub at: Option<Timestamp>,
}

impl Solved {
    pub fn is_good(&self) -> bool {
        self.result.is_passed()
    }

    /// `halon.drill/1`.
    pub fn to_json(&self) -> Json {
        let objectives: Vec<Json> = self
            .objectives
            .iter()
            .map(|o| {
                json!({"id": o.id, "phase": o.phase, "title": o.title, "met": o.at.is_some(),
                    "at": o.at.map(rfc3339)})
            })
            .collect();
        let residue: Vec<Json> = self
            .residue
            .iter()
            .map(|d| json!({"what": display(&d.what), "before": d.before, "after": d.after}))
            .collect();
        json!({
            "schema": "halon.drill/1",
            "as_of": rfc3339(self.as_of),
            "complete": self.signal.is_none(),
            "incomplete": [],
            "items": [{
                "id": self.id,
                "title": self.title,
                "class": "practice",
                "scripted": true,
                "result": self.result,
                "why": display(&self.why),
                "objectives": objectives,
                "runs": self.runs,
                "residue": residue,
            }],
        })
    }
}
