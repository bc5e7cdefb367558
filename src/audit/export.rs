//! One incident out of one or several logs: the evidence as JSON, and a timeline for
//! people as Markdown. Each log's head and what verifying it found go with it.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rustix::fs::{CWD, Mode, OFlags};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    entry::Kind,
    head::Head,
    markdown,
    record::{Record, read},
    refused::Refused,
    report::{Policy, Report},
    state::state_path,
    verify::verify,
};

/// A log to take records from.
pub struct Source {
    /// As it was named.
    pub file: PathBuf,
    pub report: Report,
    pub records: Vec<Record>,
}

impl Source {
    /// Verifies the log against the state file beside it, and reads it.
    pub fn load(file: &Path, policy: Policy) -> Result<Source, Refused> {
        let records = read(file)?;
        let report = verify(file, None, Some(&state_path(file))).with_policy(policy);
        Ok(Source { file: file.to_owned(), report, records })
    }

    pub(super) fn name(&self) -> String {
        self.file.to_string_lossy().into_owned()
    }

    /// Whether a record stands in the part of the log that verifies.
    pub(super) fn is_verified(&self, record: &Record) -> bool {
        record.line <= self.report.verified
    }
}

/// The records of one incident, in the order of their clocks.
pub struct Export {
    pub incident: String,
    pub as_of: Timestamp,
    pub logs: Vec<Source>,
    /// Log and place in it.
    items: Vec<(usize, usize)>,
}

impl Export {
    pub fn new(incident: &str, logs: Vec<Source>, as_of: Timestamp) -> Export {
        let mut items: Vec<(usize, usize)> = Vec::new();
        for (log, source) in logs.iter().enumerate() {
            items.extend(chosen(&source.records, incident).into_iter().map(|at| (log, at)));
        }
        let written = |log: usize, at: usize| {
            logs[log].records[at].text("ts_utc").and_then(|t| t.parse::<Timestamp>().ok())
        };
        // Records of one log never change places: its own order is proven, clocks are not.
        items.sort_by_key(|(log, at)| (written(*log, *at), *log, *at));
        Export { incident: incident.to_owned(), as_of, logs, items }
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn items(&self) -> impl Iterator<Item = (&Source, &Record)> {
        self.items.iter().map(|(log, at)| (&self.logs[*log], &self.logs[*log].records[*at]))
    }

    /// `halon.audit-export/1`. Each item has the line as it was written, so that its
    /// hash can be checked from the export alone.
    pub fn json(&self) -> Value {
        let broken = |log: &&Source| log.report.exit_code() >= 12;
        let incomplete: Vec<Value> = self
            .logs
            .iter()
            .filter(broken)
            .map(|log| json!({"source": log.name(), "why": words(&log.report)}))
            .collect();
        let logs: Vec<Value> = self
            .logs
            .iter()
            .map(|log| {
                json!({
                    "file": log.name(),
                    "log_id": log.report.log_id,
                    "records": log.report.records,
                    "head": log.report.head.as_ref().map(HeadValue::of),
                    "verify": verified(&log.report),
                })
            })
            .collect();
        let items: Vec<Value> = self
            .items()
            .map(|(log, record)| {
                json!({
                    "log": log.name(),
                    "line": record.line,
                    "verified": log.is_verified(record),
                    "record": record.value,
                    "raw": record.raw,
                })
            })
            .collect();
        json!({
            "schema": "halon.audit-export/1",
            "as_of": crate::domain::time::rfc3339(self.as_of),
            "complete": incomplete.is_empty(),
            "incomplete": incomplete,
            "incident": self.incident,
            "logs": logs,
            "items": items,
        })
    }

    pub fn markdown(&self) -> String {
        markdown::timeline(self)
    }
}

/// A head in a document.
#[derive(Serialize)]
pub struct HeadValue {
    pub seq: u64,
    pub h: String,
    /// As it is copied by hand.
    pub short: String,
}

impl HeadValue {
    pub fn of(head: &Head) -> HeadValue {
        HeadValue { seq: head.seq, h: head.h.clone(), short: head.to_string() }
    }
}

/// What verifying found, as a document has it.
pub fn verified(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    value["exit_code"] = report.exit_code().into();
    value["first_bad"] = report.first_bad().into();
    value["head"] = json!(report.head.as_ref().map(HeadValue::of));
    value
}

/// What verifying found, in one sentence.
pub fn words(report: &Report) -> String {
    let upto = match report.verified {
        0 => "no record verifies".to_owned(),
        1 => "record 1 verifies".to_owned(),
        n => format!("records 1 to {n} verify"),
    };
    match report.exit_code() {
        13 => format!("unreadable: {}", report.unreadable.as_deref().unwrap_or_default()),
        12 => {
            let first = report.problems.first().map(|p| p.why.as_str()).unwrap_or_default();
            let place = match report.first_bad() {
                Some(seq) => format!("from record {seq} on"),
                None => "at an unknown place".to_owned(),
            };
            format!("tampered with: {upto}; not what was written {place}: {first}")
        }
        11 => format!("intact, with a torn tail recovered: {upto}"),
        10 => format!("intact, the end not anchored for long: {upto}"),
        _ => format!("intact: {upto}"),
    }
}

/// Places of the records of an incident: those that name it, those that share a run or a
/// `corr` with one that does, and, so that they can be read, the starts of their
/// sessions and every recovery.
fn chosen(records: &[Record], incident: &str) -> Vec<usize> {
    let mut chosen = vec![false; records.len()];
    let (mut runs, mut corrs) = (HashSet::new(), HashSet::new());
    loop {
        let before = (runs.len(), corrs.len());
        for (at, record) in records.iter().enumerate() {
            let joined = record.text("run").is_some_and(|run| runs.contains(run))
                || record.corr().is_some_and(|corr| corrs.contains(corr));
            // What names another incident belongs to that one, whatever it shares.
            let belongs = match record.incident() {
                Some(named) => named == incident,
                None => joined,
            };
            if belongs {
                chosen[at] = true;
                runs.extend(record.text("run"));
                corrs.extend(record.corr());
            }
        }
        if (runs.len(), corrs.len()) == before {
            break;
        }
    }
    let ours = records.iter().zip(&chosen).filter(|(_, chosen)| **chosen);
    let sessions: HashSet<&str> = ours.filter_map(|(record, _)| record.text("sess")).collect();
    if sessions.is_empty() {
        return Vec::new();
    }
    let is_context = |record: &Record| match record.kind() {
        Some(Kind::SessionStart) => record.text("sess").is_some_and(|s| sessions.contains(s)),
        Some(Kind::Recovered) => true,
        _ => false,
    };
    (0..records.len()).filter(|at| chosen[*at] || is_context(&records[*at])).collect()
}

/// Writes a file that did not exist before: under another name, fsync, then the name.
/// A link with that name counts as existing, wherever it leads.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    };
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::openat(CWD, &temporary, flags, Mode::RUSR | Mode::WUSR)?);
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // A second name for it never replaces a file, as renaming would.
    let done = written.and_then(|()| fs::hard_link(&temporary, path));
    fs::remove_file(&temporary)?;
    done?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
