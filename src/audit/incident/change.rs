//! One call that changes something: who decided, what was to become of what, what AWS said,
//! what reading back showed, and whether it was taken back.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{
    Place,
    diff::{Difference, differences},
    moment::who,
    undone,
};
use crate::{
    audit::{entry::Kind, record::Record},
    domain::Untrusted,
};

/// Keys of an intent that have a place of their own here; what else there is, is shown too.
const KNOWN: [&str; 13] = [
    "incident",
    "run",
    "step",
    "op",
    "change",
    "before",
    "after",
    "undo",
    "not_restored",
    "fingerprint",
    "ceremony",
    "risk",
    "undoes",
];

/// What became of a call, as far as the records say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Done, and seen when read back.
    Done,
    /// AWS did a part of it.
    Partial,
    /// AWS accepted it, and it was not seen.
    Unconfirmed,
    /// AWS accepted it or did not answer, and reading back shows that it is not so.
    NotDone,
    /// AWS refused it, or nothing was sent: nothing changed.
    Failed,
    /// Refused here after its intent was written: never sent.
    NotSent,
    /// Nobody knows whether it took effect.
    Unknown,
}

impl Fate {
    pub const ALL: [Fate; 7] = [
        Fate::Done,
        Fate::Partial,
        Fate::Unconfirmed,
        Fate::NotDone,
        Fate::Failed,
        Fate::NotSent,
        Fate::Unknown,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Fate::Done => "done",
            Fate::Partial => "done in part",
            Fate::Unconfirmed => "accepted, not seen when read back",
            Fate::NotDone => "not in effect when read back",
            Fate::Failed => "refused, nothing changed",
            Fate::NotSent => "refused here, never sent",
            Fate::Unknown => "unknown whether it took effect",
        }
    }

    /// Something is, or may be, other than before.
    pub fn counts_as_made(self) -> bool {
        matches!(self, Fate::Done | Fate::Partial | Fate::Unconfirmed)
    }

    fn of(outcome: Option<&Record>, readback: Option<&Record>, refused: bool) -> Fate {
        let seen = readback.and_then(|r| r.text("state"));
        match (outcome.and_then(Record::result), seen) {
            (None, _) if refused => Fate::NotSent,
            (Some("error"), _) => Fate::Failed,
            (Some("partial"), _) => Fate::Partial,
            (_, Some("done")) => Fate::Done,
            (_, Some("not_done")) => Fate::NotDone,
            (Some("ok"), _) => Fate::Unconfirmed,
            _ => Fate::Unknown,
        }
    }
}

/// What AWS answered, as the log has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    pub state: Untrusted,
    pub code: Option<Untrusted>,
    pub message: Option<Untrusted>,
    /// What AWS did not do of it.
    pub unprocessed: Option<Untrusted>,
    pub request_id: Option<Untrusted>,
    pub server_date: Option<Untrusted>,
    pub host: Option<Untrusted>,
    pub attempts: Option<u64>,
}

/// What reading back showed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadBack {
    pub state: Untrusted,
    pub reads: Option<u64>,
    /// Where it is not what the change was to make of it.
    pub differs: Vec<Difference>,
}

/// A record that says something of a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub kind: Untrusted,
    pub seq: u64,
    pub h: Untrusted,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// In this report, from 1.
    pub number: usize,
    pub log: usize,
    pub at: Option<Timestamp>,
    pub verified: bool,
    pub who: Untrusted,
    pub mode: Untrusted,
    pub run: Untrusted,
    pub step: Untrusted,
    /// `IAM UpdateAccessKey`
    pub call: Untrusted,
    pub account: Untrusted,
    pub region: Untrusted,
    pub params: Value,
    pub ceremony: Untrusted,
    pub risk: Untrusted,
    pub fingerprint: Untrusted,
    pub fate: Fate,
    /// From the state before to the one that the change was to make.
    pub differences: Vec<Difference>,
    pub answer: Option<Answer>,
    pub readback: Option<ReadBack>,
    /// The calls that take it back; none where nothing does.
    pub way_back: Vec<Value>,
    pub not_restored: Vec<Untrusted>,
    /// The run that it takes back a change of, and that change's number where it is here.
    pub undoes: Option<Untrusted>,
    pub takes_back: Option<usize>,
    /// Numbers of the changes that took it back.
    pub undone_by: Vec<usize>,
    /// Whether they took back all of it.
    pub undone: bool,
    /// What else the intent says.
    pub more: Vec<(Untrusted, Untrusted)>,
    pub evidence: Vec<Evidence>,
    /// Of the intent, for telling what takes what back.
    #[serde(skip)]
    change: Value,
    #[serde(skip)]
    corr: String,
}

/// The changes among these records, in their order, and what takes what back.
pub fn changes(placed: &[Place<'_>]) -> Vec<Change> {
    let intents = placed.iter().filter(|p| p.record.kind() == Some(Kind::Intent));
    let mut changes: Vec<Change> =
        intents.enumerate().map(|(n, place)| Change::of(n + 1, place, placed)).collect();
    undone::join(&mut changes);
    changes
}

impl Change {
    fn of(number: usize, place: &Place<'_>, placed: &[Place<'_>]) -> Change {
        let record = place.record;
        let value = &record.value;
        let corr = record.corr().unwrap_or_default();
        let about: Vec<&Record> = placed
            .iter()
            .filter(|p| p.log == place.log && !corr.is_empty() && p.record.corr() == Some(corr))
            .map(|p| p.record)
            .collect();
        let last = |kind| about.iter().copied().rfind(|r| r.kind() == Some(kind));
        let (outcome, readback) = (last(Kind::Outcome), last(Kind::Readback));
        let op = &value["op"];
        let text = |value: &Value| Untrusted::from(value.as_str().unwrap_or_default());
        let call = [text(&op["service"]), text(&op["name"])];
        let texts = |value: &Value| value.as_array().map(|a| a.iter().map(text).collect());
        Change {
            number,
            log: place.log,
            at: place.at,
            verified: place.verified,
            who: who(record),
            mode: text(&value["mode"]),
            run: text(&value["run"]),
            step: text(&value["step"]),
            call: call.map(|t| t.raw().to_owned()).join(" ").trim().into(),
            account: text(&op["account"]),
            region: text(&op["region"]),
            params: op["params"].clone(),
            ceremony: text(&value["ceremony"]),
            risk: text(&value["risk"]),
            fingerprint: text(&value["fingerprint"]),
            fate: Fate::of(outcome, readback, last(Kind::Refusal).is_some()),
            differences: differences(&value["before"], &value["after"]),
            answer: outcome.map(answer),
            readback: readback.map(|r| ReadBack {
                state: text(&r.value["state"]),
                reads: r.value["reads"].as_u64(),
                differs: match &r.value["after"] {
                    Value::Null => Vec::new(),
                    seen => differences(&value["after"], seen),
                },
            }),
            way_back: value["undo"].as_array().cloned().unwrap_or_default(),
            not_restored: texts(&value["not_restored"]).unwrap_or_default(),
            undoes: value["undoes"].as_str().map(Into::into),
            takes_back: None,
            undone_by: Vec::new(),
            undone: false,
            more: more(record),
            evidence: about
                .iter()
                .map(|r| Evidence {
                    kind: text(&r.value["kind"]),
                    seq: r.seq,
                    h: r.h.as_str().into(),
                })
                .collect(),
            change: value["change"].clone(),
            corr: corr.to_owned(),
        }
    }

    /// Whether a record with this `corr` in this log speaks of it.
    pub fn is_of(&self, log: usize, corr: &str) -> bool {
        self.log == log && !corr.is_empty() && self.corr == corr
    }

    /// Whether this call is the one that `way_back` of another change names. With whose
    /// credentials it is made does not count.
    pub(super) fn is_call(&self, named: &Value) -> bool {
        let same = |key: &str| self.change[key] == named[key];
        same("verb")
            && same("account")
            && self.change["place"]["region"] == named["place"]["region"]
    }
}

fn answer(outcome: &Record) -> Answer {
    let result = &outcome.value["result"];
    let text = |key: &str| match &result[key] {
        Value::Null => None,
        Value::String(text) => Some(Untrusted::from(text.as_str())),
        other => Some(other.to_string().into()),
    };
    Answer {
        state: outcome.result().unwrap_or_default().into(),
        code: text("code"),
        message: text("message"),
        unprocessed: text("unprocessed"),
        request_id: text("request_id"),
        server_date: text("server_date"),
        host: text("host"),
        attempts: result["attempts"].as_u64(),
    }
}

fn more(record: &Record) -> Vec<(Untrusted, Untrusted)> {
    let body = record.value.as_object().into_iter().flatten();
    body.filter(|(key, value)| {
        let is_known = KNOWN.contains(&key.as_str())
            || crate::audit::line::RESERVED.contains(&key.as_str())
            || key.as_str() == "log_id";
        !is_known && !value.is_null()
    })
    .map(|(key, value)| {
        let shown = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        (key.as_str().into(), shown.into())
    })
    .collect()
}
