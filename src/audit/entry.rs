//! What goes into a record.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::head::Head;

/// What a record speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    SessionStart,
    SessionEnd,
    Armed,
    Disarmed,
    RunStart,
    RunEnd,
    Step,
    /// A call is about to be made. It is made only once this record is on disk.
    Intent,
    /// What became of the call of the intent with the same `corr`.
    Outcome,
    /// What reading back showed: `state` is `done`, `not_done`, or something else.
    Readback,
    /// Something was refused here; with an intent's `corr`: its call was never made.
    Refusal,
    /// The head hash was put somewhere outside this file.
    Anchor,
    Note,
    /// A step of a drill; `event` says which.
    Drill,
    /// A torn tail was set aside.
    Recovered,
}

impl Kind {
    pub const ALL: [Kind; 15] = [
        Kind::SessionStart,
        Kind::SessionEnd,
        Kind::Armed,
        Kind::Disarmed,
        Kind::RunStart,
        Kind::RunEnd,
        Kind::Step,
        Kind::Intent,
        Kind::Outcome,
        Kind::Readback,
        Kind::Refusal,
        Kind::Anchor,
        Kind::Note,
        Kind::Drill,
        Kind::Recovered,
    ];

    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            Kind::SessionStart => "session_start",
            Kind::SessionEnd => "session_end",
            Kind::Armed => "armed",
            Kind::Disarmed => "disarmed",
            Kind::RunStart => "run_start",
            Kind::RunEnd => "run_end",
            Kind::Step => "step",
            Kind::Intent => "intent",
            Kind::Outcome => "outcome",
            Kind::Readback => "readback",
            Kind::Refusal => "refusal",
            Kind::Anchor => "anchor",
            Kind::Note => "note",
            Kind::Drill => "drill",
            Kind::Recovered => "recovered",
        }
    }

    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing to record. The body's keys stand in the record beside the header's, so
/// they must not be named like those.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub kind: Kind,
    /// Joins intent, outcome and readback; an intent must have one.
    pub corr: Option<String>,
    pub body: Map<String, Value>,
}

impl Entry {
    pub fn new(kind: Kind) -> Self {
        Self { kind, corr: None, body: Map::new() }
    }

    /// Says that `head` was put somewhere outside the log, such as a ticket.
    pub fn anchor(head: &Head, to: &str) -> Self {
        let head = json!({"log_id": head.log_id, "seq": head.seq, "h": head.h});
        Self::new(Kind::Anchor).with("head", head).with("to", to)
    }

    /// As it would stand in the log, without what a record says of its writer.
    pub fn to_json(&self) -> Value {
        let mut record = Map::new();
        record.insert("kind".to_owned(), self.kind.name().into());
        record.insert("corr".to_owned(), self.corr.clone().into());
        record.extend(self.body.clone());
        Value::Object(record)
    }

    pub fn corr(mut self, corr: impl Into<String>) -> Self {
        self.corr = Some(corr.into());
        self
    }

    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.body.insert(key.to_owned(), value.into());
        self
    }
}

/// When: by both clocks, for one of them can be set.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// This machine's wall clock.
    pub utc: Timestamp,
    /// Milliseconds of a clock that only goes forward, since boot or process start.
    pub mono_ms: u64,
}

/// The process that writes, for its whole life.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// `aws`, `range` or `endpoint`.
    pub world: &'static str,
    pub host: String,
    pub os_user: String,
    /// Name and version of the program.
    pub tool: String,
    /// Of `/proc/sys/kernel/random/boot_id`, or empty.
    pub boot_id: String,
    /// Random, one for each process.
    pub session: String,
    pub binary_sha256: Option<String>,
    pub config_sha256: Option<String>,
    pub endpoint: Option<String>,
    /// Names of environment variables that send requests elsewhere.
    pub environment: Vec<String>,
    /// What the machine's policy file bounds, where there is one.
    pub policy: Option<String>,
}

/// Who acts, as AWS says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    pub caller_arn: Option<String>,
    pub source_identity: Option<String>,
}
