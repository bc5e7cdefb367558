//! A log to take records from: its bytes read once, verified, hashed and parsed.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::audit::{
    hash::sha256_hex,
    head::Anchor,
    record::{Record, open, records},
    report::{Policy, Report},
    state::state_path,
    verify::{examine, patiently},
};

/// One operator's log.
pub struct Source {
    /// As it was named.
    pub file: PathBuf,
    /// Of the very bytes that were verified; `None` where there were none to read.
    pub sha256: Option<String>,
    pub report: Report,
    pub records: Vec<Record>,
    /// Of the heads given to [`Source::load`], the places of those that a record here has.
    pub anchored: Vec<usize>,
}

impl Source {
    /// Reads the log and verifies it against the state file beside it, and against each of
    /// `heads` that one of its records has. A log that cannot be read says so in its report.
    pub fn load(file: &Path, heads: &[Anchor], policy: Policy) -> Source {
        let state = state_path(file);
        let mut bytes: Option<Vec<u8>> = None;
        let mut report = patiently(|| {
            let kept = &mut bytes;
            examine(move || Ok(kept.insert(whole(file)?).as_slice()), None, Some(&state))
        });
        let bytes = bytes.as_deref();
        let records = bytes.map(records).unwrap_or_default();
        let has = |head: &Anchor| {
            records.iter().any(|r| head.fits(&r.h) && head.seq.is_none_or(|seq| seq == r.seq))
        };
        let anchored: Vec<usize> = (0..heads.len()).filter(|at| has(&heads[*at])).collect();
        for at in &anchored {
            let read = || Ok(bytes.unwrap_or_default());
            let against = examine(read, Some(&heads[*at]), Some(&state));
            // The worst one counts; of equals the one that covers most.
            let better = |r: &Report| (r.exit_code(), std::cmp::Reverse(r.unanchored));
            if better(&against) >= better(&report) {
                report = against;
            }
        }
        let report = report.with_policy(policy);
        Source { file: file.to_owned(), sha256: bytes.map(sha256_hex), report, records, anchored }
    }

    /// The file as it was named, raw.
    pub fn name(&self) -> String {
        self.file.to_string_lossy().into_owned()
    }

    /// Whether a record stands in the part of the log that verifies.
    pub fn is_verified(&self, record: &Record) -> bool {
        record.line <= self.report.verified
    }
}

fn whole(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(file)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
