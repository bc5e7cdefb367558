//! One run of a playbook: its plan, and what became of each step.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Place, moment::who};
use crate::{
    audit::{entry::Kind, record::Record},
    domain::Untrusted,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    pub log: usize,
    pub id: Untrusted,
    pub playbook: Untrusted,
    /// Of the playbook's text; empty for an undo, which has none.
    pub sha256: Untrusted,
    pub inputs: Vec<(Untrusted, Untrusted)>,
    /// The run that it takes back.
    pub undoes: Option<Untrusted>,
    pub who: Untrusted,
    pub began: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// `None` while it was never ended.
    pub state: Option<Untrusted>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub id: Untrusted,
    /// `read`, `check`, `ask`, `note`, `change`
    pub kind: Untrusted,
    pub what: Untrusted,
    /// `None` where the run did not come to it.
    pub state: Option<Untrusted>,
    pub why: Option<Untrusted>,
    pub answer: Option<Untrusted>,
}

/// The runs that begin among these records, in their order. One that was taken up again is
/// one run, and what its steps said last counts.
pub fn runs(placed: &[Place<'_>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for place in placed {
        let record = place.record;
        let Some(id) = record.text("run") else { continue };
        let known = runs.iter().position(|run| run.log == place.log && run.id.raw() == id);
        match (record.kind(), known) {
            (Some(Kind::RunStart), None) => runs.push(begun(place, id)),
            (Some(Kind::RunStart), Some(at)) => runs[at].state = None,
            (Some(Kind::RunEnd), Some(at)) => {
                runs[at].ended = place.at;
                runs[at].state = record.text("state").map(Into::into);
            }
            (Some(Kind::Step), Some(at)) => runs[at].step(record),
            _ => {}
        }
    }
    runs
}

fn begun(place: &Place<'_>, id: &str) -> Run {
    let value = &place.record.value;
    let pair = |(key, value): (&String, &Value)| (key.as_str().into(), words(value));
    let planned = value["steps"].as_array().into_iter().flatten().map(|step| Step {
        id: words(&step["id"]),
        kind: words(&step["kind"]),
        what: words(&step["what"]),
        state: None,
        why: None,
        answer: None,
    });
    Run {
        log: place.log,
        id: id.into(),
        playbook: words(&value["playbook"]["id"]),
        sha256: words(&value["playbook"]["sha256"]),
        inputs: value["inputs"].as_object().into_iter().flatten().map(pair).collect(),
        undoes: value["undoes"].as_str().map(Into::into),
        who: who(place.record),
        began: place.at,
        ended: None,
        state: None,
        steps: planned.collect(),
    }
}

impl Run {
    fn step(&mut self, record: &Record) {
        let value = &record.value;
        let said = |key: &str| Some(words(&value[key])).filter(|text| !text.is_empty());
        let step = Step {
            id: words(&value["step"]),
            kind: words(&value["step_kind"]),
            what: words(&value["what"]),
            state: said("state"),
            why: said("why"),
            answer: said("answer"),
        };
        match self.steps.iter_mut().find(|known| known.id == step.id) {
            Some(known) => *known = step,
            None => self.steps.push(step),
        }
    }
}

/// A value as people read it: a text without its quotes, `null` as nothing.
pub fn words(value: &Value) -> Untrusted {
    match value {
        Value::Null => Untrusted::default(),
        Value::String(text) => text.as_str().into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ").into()
        }
        other => other.to_string().into(),
    }
}
