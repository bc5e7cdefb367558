//! One row of the timeline.

use jiff::Timestamp;
use serde::Serialize;

use super::{Place, change::Change, mark::Mark, merge::skew, run::words};
use crate::{
    audit::{Record, entry::Kind, markdown, paper::Tone},
    domain::Untrusted,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moment {
    /// By the clock of the machine that wrote; of what was marked, by its own.
    pub at: Option<Timestamp>,
    /// AWS's clock, where it differs by more than a minute.
    pub server_date: Option<Timestamp>,
    /// The log's number, from 1; `None` for what was marked.
    pub log: Option<usize>,
    /// The record's, or the mark's number.
    pub seq: u64,
    /// The line where the record stands; 0 for what was marked.
    pub line: u64,
    pub verified: bool,
    pub label: &'static str,
    pub tone: Tone,
    pub who: Untrusted,
    pub what: Untrusted,
    /// The number of the change that it speaks of.
    pub change: Option<usize>,
    /// The record's `h`; of what was marked its SHA-256.
    pub hash: Untrusted,
}

impl Moment {
    pub(super) fn of(place: &Place<'_>, changes: &[Change]) -> Moment {
        let record = place.record;
        let (label, tone, what) = told(record);
        let corr = record.corr().unwrap_or_default();
        Moment {
            at: place.at,
            server_date: place.at.and_then(|at| skew(record, at)).map(|s| s.server_date),
            log: Some(place.log),
            seq: record.seq,
            line: record.line,
            verified: place.verified,
            label,
            tone,
            who: who(record),
            what: what.into(),
            change: changes.iter().find(|c| c.is_of(place.log, corr)).map(|c| c.number),
            hash: record.h.as_str().into(),
        }
    }

    pub fn marked(mark: &Mark) -> Moment {
        Moment {
            at: mark.at,
            server_date: None,
            log: None,
            seq: mark.number.unsigned_abs(),
            line: 0,
            verified: true,
            label: mark.label(),
            tone: Tone::Marked,
            who: mark.principal.clone().unwrap_or_default(),
            what: mark.sentence(),
            change: None,
            hash: mark.sha256.as_str().into(),
        }
    }
}

/// Who acted: AWS's name for the caller, else the user of the machine.
pub fn who(record: &Record) -> Untrusted {
    markdown::who(record).into()
}

/// Kind, weight and sentence of a record. The sentence is raw.
fn told(record: &Record) -> (&'static str, Tone, String) {
    let value = &record.value;
    let text = |key: &str| words(&value[key]).raw().to_owned();
    let behind = |before: &str, text: String| match text.as_str() {
        "" => String::new(),
        text => format!("{before}{text}"),
    };
    match record.kind() {
        Some(Kind::SessionStart) => {
            let sentence = format!("{} on {}, world {}", text("tool"), text("host"), text("world"));
            ("session", Tone::Plain, sentence)
        }
        Some(Kind::SessionEnd) => ("session over", Tone::Plain, text("why")),
        Some(Kind::Armed) => {
            let incident = &value["incident"];
            let said = |key: &str| words(&incident[key]).raw().to_owned();
            let reason = behind(", because: ", said("reason"));
            ("armed", Tone::Act, format!("for {}: {}{reason}", said("id"), said("title")))
        }
        Some(Kind::Disarmed) => ("disarmed", Tone::Plain, text("why")),
        Some(Kind::RunStart) => {
            let playbook = words(&value["playbook"]["id"]);
            let back = behind(" of run ", text("undoes"));
            let inputs = value["inputs"].as_object().into_iter().flatten();
            let inputs: Vec<String> =
                inputs.map(|(key, value)| format!("{key} = {}", words(value).raw())).collect();
            let inputs = behind(" with ", inputs.join(", "));
            (
                "run begins",
                Tone::Act,
                format!("{}{back}{inputs}; run {}", playbook.raw(), text("run")),
            )
        }
        Some(Kind::RunEnd) => {
            let state = text("state");
            let tone = if state == "done" { Tone::Good } else { Tone::Caution };
            ("run ends", tone, format!("{state}; run {}", text("run")))
        }
        Some(Kind::Step) => step(record),
        Some(Kind::Intent) => {
            let op = |key: &str| words(&value["op"][key]).raw().to_owned();
            let sentence = format!(
                "{} {} in {} {}: consented by {}, risk {}{}",
                op("service"),
                op("name"),
                op("account"),
                op("region"),
                text("ceremony"),
                text("risk"),
                behind("; takes back a change of run ", text("undoes")),
            );
            ("consent", Tone::Act, sentence)
        }
        Some(Kind::Outcome) => {
            let result = |key: &str| words(&value["result"][key]).raw().to_owned();
            let state = record.result().unwrap_or_default();
            let tone = match state {
                "ok" => Tone::Good,
                "error" => Tone::Trouble,
                _ => Tone::Caution,
            };
            let sentence = format!(
                "{state}{}{}{}{}",
                behind(": ", result("code")),
                behind(" ", result("message")),
                behind(", not done: ", result("unprocessed")),
                behind("; request ", result("request_id")),
            );
            ("answer", tone, sentence)
        }
        Some(Kind::Readback) => {
            let state = text("state");
            let tone = if state == "done" { Tone::Good } else { Tone::Caution };
            ("read back", tone, format!("{state}{}", behind(", reads: ", text("reads"))))
        }
        Some(Kind::Refusal) => ("refused here", Tone::Trouble, text("why")),
        Some(Kind::Anchor) => {
            let head = &value["head"];
            let sentence = format!("record {} put at {}", words(&head["seq"]).raw(), text("to"));
            ("anchor", Tone::Plain, sentence)
        }
        Some(Kind::Note) if record.text("text").is_some() => ("note", Tone::Plain, text("text")),
        Some(Kind::Drill) => {
            ("drill", Tone::Plain, format!("{}{}", text("event"), behind(": ", text("text"))))
        }
        Some(Kind::Recovered) => {
            let sentence = format!("{} bytes torn off, kept in {}", text("bytes"), text("file"));
            ("recovered", Tone::Caution, sentence)
        }
        Some(Kind::Note) | None => ("other", Tone::Plain, {
            let kind = text("kind");
            format!("{kind}{}", behind(": ", markdown::details(record)))
        }),
    }
}

fn step(record: &Record) -> (&'static str, Tone, String) {
    let text = |key: &str| words(&record.value[key]).raw().to_owned();
    let state = text("state");
    let tone = match state.as_str() {
        "done" => Tone::Plain,
        "failed" => Tone::Trouble,
        _ => Tone::Caution,
    };
    let mut sentence = format!("{state}: {}, {}", text("step"), text("what"));
    for (before, key) in [("; answered ", "answer"), ("; ", "why")] {
        let said = text(key);
        if !said.is_empty() {
            sentence += before;
            sentence += &said;
        }
    }
    ("step", tone, sentence)
}
