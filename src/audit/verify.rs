//! Verifying a log, and saying all that is wrong with it.

use std::{
    io::{self, Read},
    path::Path,
    thread,
    time::Duration,
};

use super::{
    chain::{Lines, RawLine, holds_record},
    classify::{Outside, Seen, classify},
    entry::Kind,
    head::Anchor,
    line::{Line, NoRecord},
    record::{Record, open},
    report::{Report, Torn},
    state::State,
};

/// Verifies the log at `path`, against a head kept elsewhere and a state file where
/// there are such. Never changes anything, and needs no lock.
pub fn verify(path: &Path, anchor: Option<&Anchor>, state: Option<&Path>) -> Report {
    patiently(|| examine(|| open(path), anchor, state))
}

/// Looks again where a line has no end: it may be on its way to the disk this very moment.
pub(super) fn patiently(mut look: impl FnMut() -> Report) -> Report {
    let mut report = look();
    for _ in 0..3 {
        if report.torn_bytes.is_none() {
            break;
        }
        thread::sleep(Duration::from_millis(30));
        let again = look();
        let settled = again.torn_bytes == report.torn_bytes && again.records == report.records;
        report = again;
        if settled {
            break;
        }
    }
    report
}

/// Verifies what `open` gives, which is asked for once, after the state file is read.
pub(super) fn examine<R: Read>(
    open: impl FnOnce() -> io::Result<R>,
    anchor: Option<&Anchor>,
    state: Option<&Path>,
) -> Report {
    let mut report = Report::default();
    // Before the log: what it names must then be in the log.
    let state = match state.map(State::read) {
        None | Some(Ok(None)) => None,
        Some(Ok(Some(state))) => Some(state),
        Some(Err(e)) => {
            report.cannot_know = Some(format!("the state file cannot be read: {e}"));
            None
        }
    };
    let gone = |e: &io::Error| {
        e.kind() == io::ErrorKind::NotFound && (state.is_some() || anchor.is_some())
    };
    let seen = match open().and_then(|log| look(log, &mut report)) {
        Ok(seen) => seen,
        // A log that is known to have existed is not unreadable but gone.
        Err(e) if gone(&e) => Vec::new(),
        Err(e) => {
            report.unreadable = Some(e.to_string());
            return report;
        }
    };
    if seen.is_empty() && report.torn_bytes.is_none() && state.is_none() && anchor.is_none() {
        report.unreadable = Some("it is empty: an audit log has at least one record".to_owned());
        return report;
    }
    let last = classify(&seen, &mut report);
    Outside { seen: &seen, last, anchor, state: state.as_ref() }.compare(&mut report);
    report
}

/// Reads the log once: every line, and what single records say.
fn look(log: impl Read, report: &mut Report) -> io::Result<Vec<Seen>> {
    let mut lines = Lines::new(log);
    let mut seen = Vec::new();
    while let Some(raw) = lines.next()? {
        if !raw.ended && !holds_record(raw.bytes) {
            report.torn_bytes = Some(raw.bytes.len());
            break;
        }
        report.records += 1;
        let line = match Line::parse(raw.bytes) {
            Ok(line) if raw.ended => line,
            Ok(_) => {
                seen.push(Seen::wrong("its end is missing".to_owned(), None));
                continue;
            }
            Err(NoRecord { why, h }) => {
                seen.push(Seen::wrong(why, h));
                continue;
            }
        };
        let log_id = line.log_id.as_deref().filter(|id| !id.is_empty());
        if seen.is_empty() {
            report.log_id = log_id.map(ToOwned::to_owned);
        }
        let mut claim = None;
        match Kind::parse(&line.kind) {
            Some(Kind::Recovered) => report.recovered.push(torn(report.records, &raw)),
            Some(Kind::Anchor) => claim = Some(Record::of(report.records, raw.offset, raw.bytes)),
            Some(_) => {}
            None => *report.unknown_kinds.entry(line.kind.clone().into_owned()).or_default() += 1,
        }
        let names_log = log_id.is_some();
        seen.push(Seen {
            seq: line.seq,
            prev: line.prev,
            h: Some(line.h),
            at: line.ts_utc.into_owned(),
            names_log,
            claim: claim.map(Box::new),
            wrong: None,
        });
    }
    Ok(seen)
}

fn torn(line: u64, raw: &RawLine<'_>) -> Torn {
    let record = Record::of(line, raw.offset, raw.bytes);
    Torn {
        seq: record.seq,
        file: record.text("file").unwrap_or_default().to_owned(),
        bytes: record.value["bytes"].as_u64().unwrap_or_default(),
    }
}
