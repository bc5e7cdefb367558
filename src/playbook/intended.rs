//! A change as its intent in the audit log says, and what is to be made of one whose
//! outcome nobody knows.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::{
    audit::{self, Entry, Kind, Record},
    change::Prepared,
    domain::{Change, Fault, FaultKind, Query, State},
};

/// After this long a change that is not seen was not made: IAM's own word for "eventually"
/// is minutes at most (IAM user guide, troubleshooting).
const SETTLED: SignedDuration = SignedDuration::from_mins(15);

#[derive(Clone, Debug, PartialEq)]
pub struct Intended {
    pub run: String,
    pub step: String,
    pub corr: String,
    pub incident: String,
    /// When the intent was written.
    pub at: Timestamp,
    pub prepared: Prepared,
    pub not_restored: Vec<String>,
}

#[derive(Deserialize)]
struct Body {
    ts_utc: Timestamp,
    corr: String,
    run: String,
    step: String,
    incident: String,
    change: Change,
    before: State,
    not_restored: Vec<String>,
}

impl Intended {
    /// # Errors
    /// The record is of another version.
    pub fn of(record: &Record) -> Result<Intended, Fault> {
        let body: Body = serde_json::from_value(record.value.clone()).map_err(|e| {
            let what = format!("record {} of the audit log is of another version", record.seq);
            Fault::new(FaultKind::Local, what).with_cause(&e.to_string())
        })?;
        // They are shown, and the log was not verified for this: ids are ids or nothing.
        let plain =
            |id: &String| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/#".contains(&b));
        if ![&body.run, &body.step, &body.corr, &body.incident].into_iter().all(plain) {
            let what =
                format!("record {} of the audit log holds no ids where ids belong", record.seq);
            return Err(
                Fault::new(FaultKind::Local, what).with_hint("`halon audit verify` looks closer")
            );
        }
        Ok(Intended {
            run: body.run,
            step: body.step,
            corr: body.corr,
            incident: body.incident,
            at: body.ts_utc,
            prepared: Prepared { change: body.change, before: body.before },
            not_restored: body.not_restored,
        })
    }

    /// Every change whose outcome is not known, in the order of the log.
    pub fn unknown(records: &[Record]) -> Result<Vec<Intended>, Fault> {
        audit::unknown(records).into_iter().map(Intended::of).collect()
    }

    /// What must be read to know.
    pub fn query(&self) -> Query {
        let place = self.prepared.change.place.clone();
        Query::State { place, subject: self.prepared.facts().subject() }
    }

    /// What the read-back says, as a record and in a sentence.
    pub fn read_back(&self, state: &Result<State, Fault>, now: Timestamp) -> (Entry, String) {
        let call = self.prepared.call();
        let (word, sentence) = match state {
            Ok(state) if self.prepared.holds(state) => ("done", format!("{call} was done")),
            Ok(_) if now.duration_since(self.at) > SETTLED => {
                ("not_done", format!("{call} was not done"))
            }
            Ok(_) => ("unconfirmed", format!("{call} is not seen yet; look again later")),
            Err(fault) => ("unreadable", format!("{call}: {}", fault.what)),
        };
        let entry = Entry::new(Kind::Readback)
            .corr(&self.corr)
            .with("incident", json!(self.incident))
            .with("run", json!(self.run))
            .with("step", json!(self.step))
            .with("state", json!(word))
            .with("reads", json!(1))
            .with("after", state.as_ref().map_or(Json::Null, |s| json!(s)));
        (entry, sentence)
    }
}
