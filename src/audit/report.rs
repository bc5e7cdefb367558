//! What verifying a log found.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::head::Head;

/// What [`super::verify`] found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub log_id: Option<String>,
    /// Whole lines in the file.
    pub records: u64,
    /// Records that verify, counted from the first one without a gap.
    pub verified: u64,
    /// The last record that verifies.
    #[serde(skip)]
    pub head: Option<Head>,
    pub problems: Vec<Problem>,
    /// Torn tails that were recovered; a log that once had one says so for ever.
    pub recovered: Vec<Torn>,
    /// Bytes of a line that was never finished, not recovered yet.
    pub torn_bytes: Option<usize>,
    pub anchors: Vec<SeenAnchor>,
    /// Records after the last one that an anchor covers.
    pub unanchored: u64,
    /// When the first of those was written.
    pub unanchored_since: Option<String>,
    /// Whether that is longer ago than the policy allows.
    pub stale: bool,
    /// Kinds that this version does not know, with how many.
    pub unknown_kinds: BTreeMap<String, u64>,
    /// What nobody can know from what was given.
    pub cannot_know: Option<String>,
    /// Why the file cannot be read at all.
    pub unreadable: Option<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub what: Wrong,
    /// The record concerned; `None` where the whole file is.
    pub seq: Option<u64>,
    /// The line where it shows, from 1; the one after the last where records are missing
    /// at the end.
    pub line: u64,
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// The line is not what was written.
    Edited,
    /// Records are not there.
    Missing,
    /// A record stands in another place.
    Moved,
    /// A record stands there more than once.
    Duplicate,
    /// A whole record does not continue the one before it.
    Unlinked,
    /// The log does not agree with a head kept outside it, or with the state file.
    Rewritten,
}

/// A recovery, as its record tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Torn {
    pub seq: u64,
    pub file: String,
    pub bytes: u64,
}

/// An `anchor` record, or the head given to [`super::verify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenAnchor {
    /// The record anchored.
    pub seq: u64,
    /// Where the head was put.
    pub to: String,
    pub ts_utc: Option<String>,
}

/// When a tail without an anchor is too old.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    pub now: Timestamp,
    pub max_age: SignedDuration,
}

impl Policy {
    /// Ninety days: an anchor for each quarterly drill.
    pub fn quarterly(now: Timestamp) -> Policy {
        Policy { now, max_age: SignedDuration::from_hours(90 * 24) }
    }
}

impl Report {
    /// 0 intact, 10 unanchored tail older than the policy, 11 torn tail, 12 tampered, 13
    /// unreadable. The worst one counts.
    pub fn exit_code(&self) -> u8 {
        if self.unreadable.is_some() {
            13
        } else if !self.problems.is_empty() {
            12
        } else if !self.recovered.is_empty() || self.torn_bytes.is_some() {
            11
        } else if self.stale {
            10
        } else {
            0
        }
    }

    /// The number of the first record that cannot be relied on: in its place stands
    /// something else, or nothing. `None` where all can.
    pub fn first_bad(&self) -> Option<u64> {
        let first = self.verified + 1;
        let outside = |p: &Problem| p.seq.filter(|_| p.what == Wrong::Rewritten);
        (!self.problems.is_empty())
            .then(|| self.problems.iter().filter_map(outside).fold(first, u64::min))
    }

    /// Judges the age of the tail that no anchor covers. A log that was never anchored
    /// has none: what that means, [`Report::cannot_know`] says.
    pub fn with_policy(mut self, policy: Policy) -> Report {
        let since = self.unanchored_since.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
        self.stale = !self.anchors.is_empty()
            && since.is_some_and(|at| policy.now.duration_since(at) > policy.max_age);
        self
    }
}
