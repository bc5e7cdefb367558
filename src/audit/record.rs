//! Reading records for people and for going on after a crash. Tolerant: whether the
//! file can be believed is [`super::verify`]'s business.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use rustix::fs::{CWD, Mode, OFlags};
use serde_json::Value;

use super::{chain::Lines, entry::Kind, refused::Refused};

/// One line of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// 0 where the line cannot be read.
    pub seq: u64,
    /// From 1.
    pub line: u64,
    /// Of the line's first byte in the file.
    pub offset: u64,
    /// The line as it stands, without its end.
    pub raw: String,
    /// `Null` where the line cannot be read.
    pub value: Value,
    /// As the line says, unchecked.
    pub h: String,
}

impl Record {
    pub(super) fn of(line: u64, offset: u64, bytes: &[u8]) -> Record {
        let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
        Record {
            seq: value["seq"].as_u64().unwrap_or_default(),
            line,
            offset,
            raw: String::from_utf8_lossy(bytes).into_owned(),
            h: value["h"].as_str().unwrap_or_default().to_owned(),
            value,
        }
    }

    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(self.text("kind")?)
    }

    /// A string of the header or the body.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value[key].as_str()
    }

    pub fn corr(&self) -> Option<&str> {
        self.text("corr")
    }

    /// The incident's id, which the body gives as `incident` or `incident.id`.
    pub fn incident(&self) -> Option<&str> {
        let incident = &self.value["incident"];
        incident.as_str().or_else(|| incident["id"].as_str())
    }

    /// An outcome's `result`: `ok`, `partial`, `error`, `unknown`; as a string or as `result.state`.
    pub fn result(&self) -> Option<&str> {
        let result = &self.value["result"];
        result.as_str().or_else(|| result["state"].as_str())
    }
}

/// Every line of the log at `path`, readable or not, in the file's order. A last line
/// without an end is left out: it may be being written.
pub fn read(path: &Path) -> Result<Vec<Record>, Refused> {
    open(path).and_then(of).map_err(|e| Refused::io(path, "read", &e))
}

/// The same of a log's bytes.
pub(super) fn records(bytes: &[u8]) -> Vec<Record> {
    of(bytes).unwrap_or_default() // INVARIANT: bytes in memory can be read.
}

fn of(log: impl Read) -> io::Result<Vec<Record>> {
    let mut lines = Lines::new(log);
    let (mut records, mut line) = (Vec::new(), 0);
    while let Some(raw) = lines.next()? {
        line += 1;
        if raw.ended {
            records.push(Record::of(line, raw.offset, raw.bytes));
        }
    }
    Ok(records)
}

/// Opens a log that somebody named: links are followed, pipes and devices are not read.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::openat(CWD, path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    Ok(file)
}

/// Intents of which nobody knows whether their call took effect: no outcome, or one that
/// says `unknown`, and no later readback that found it `done` or `not_done`. An intent
/// whose call was refused afterwards was never made.
pub fn unknown(records: &[Record]) -> Vec<&Record> {
    let mut open: HashMap<&str, &Record> = HashMap::new();
    let mut without_corr = Vec::new();
    for record in records {
        match (record.kind(), record.corr()) {
            (Some(Kind::Intent), Some(corr)) => {
                open.insert(corr, record);
            }
            (Some(Kind::Intent), None) => without_corr.push(record),
            (Some(Kind::Outcome), Some(corr))
                if matches!(record.result(), Some("ok" | "partial" | "error")) =>
            {
                open.remove(corr);
            }
            (Some(Kind::Readback), Some(corr))
                if matches!(record.text("state"), Some("done" | "not_done")) =>
            {
                open.remove(corr);
            }
            (Some(Kind::Refusal), Some(corr)) => {
                open.remove(corr);
            }
            _ => {}
        }
    }
    let mut unknown: Vec<&Record> = open.into_values().chain(without_corr).collect();
    unknown.sort_by_key(|record| record.line);
    unknown
}
