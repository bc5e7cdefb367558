//! What a report says of one log that it was made from.

use serde::Serialize;
use serde_json::Value;

use super::{
    merge::{Clock, Twin, TwinKind},
    run::words,
    source::Source,
};
use crate::{
    audit::{
        entry::Kind,
        export::{self, HeadValue, verified},
        paper::SealedLog,
        record::Record,
    },
    domain::Untrusted,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogPart {
    /// In this report, from 1.
    pub number: usize,
    pub file: Untrusted,
    /// Of the whole file; `None` where it could not be read.
    pub sha256: Option<String>,
    pub log_id: Option<Untrusted>,
    /// The log that this one continues, as its first record says.
    pub continues: Option<Untrusted>,
    pub records: u64,
    /// Of this incident, and counted for this log.
    pub of_incident: usize,
    /// Numbers of the first and last of those.
    pub first_seq: Option<u64>,
    pub last_seq: Option<u64>,
    pub head: Option<HeadValue>,
    /// That it is a copy or a fork of another log here.
    pub twin: Option<String>,
    pub operators: Vec<Untrusted>,
    pub hosts: Vec<Untrusted>,
    pub tools: Vec<Untrusted>,
    pub worlds: Vec<Untrusted>,
    pub clock: Clock,
    /// What verifying found, in a sentence.
    pub words: Untrusted,
    pub verify: Value,
}

impl LogPart {
    /// As the report's seal names it.
    pub fn sealed(&self) -> SealedLog {
        SealedLog {
            number: self.number,
            log_id: self.log_id.as_ref().map(|id| id.raw().to_owned()),
            head: self.head.as_ref().map(|head| (head.seq, head.h.clone())),
            sha256: self.sha256.clone(),
        }
    }

    /// `records` are those of the incident.
    pub fn of(place: usize, source: &Source, twin: Option<Twin>, records: &[&Record]) -> LogPart {
        let all = |of: &dyn Fn(&Record) -> Untrusted| {
            let mut found: Vec<Untrusted> = Vec::new();
            for text in records.iter().map(|record| of(record)) {
                if !text.is_empty() && !found.contains(&text) {
                    found.push(text);
                }
            }
            found
        };
        let started = |key: &'static str| {
            all(&|record| match record.kind() {
                Some(Kind::SessionStart) => words(&record.value[key]),
                _ => Untrusted::default(),
            })
        };
        let previous = source.records.first().map(|first| &first.value["previous"]["log_id"]);
        LogPart {
            number: place + 1,
            file: source.name().into(),
            sha256: source.sha256.clone(),
            log_id: source.report.log_id.as_deref().map(Into::into),
            continues: previous.and_then(Value::as_str).map(Into::into),
            records: source.report.records,
            of_incident: records.len(),
            first_seq: records.first().map(|r| r.seq),
            last_seq: records.last().map(|r| r.seq),
            head: source.report.head.as_ref().map(HeadValue::of),
            twin: twin.map(said),
            operators: all(&|record| words(&record.value["actor"]["os_user"])),
            hosts: started("host"),
            tools: started("tool"),
            worlds: all(&|record| words(&record.value["world"])),
            clock: Clock::of(records),
            words: export::words(&source.report).into(),
            verify: verified(&source.report),
        }
    }
}

fn said(twin: Twin) -> String {
    let of = twin.of + 1;
    match twin.kind {
        TwinKind::Same => format!("the same as log {of}: given twice, counted once"),
        TwinKind::Older => format!("an older copy of log {of}, which has it all and is counted"),
        TwinKind::Fork(line) => format!(
            "a fork of log {of}: the same log id, and another record from line {line} on; one of \
             the two is not what was written"
        ),
    }
}
