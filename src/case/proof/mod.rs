//! Proof: our audit log beside CloudTrail, both ways. Every call that the log says was made
//! is looked for among CloudTrail's events by its request id; and every change that CloudTrail
//! has under an identity of the log, while the log was being written, must be in the log.
//!
//! ```text
//!  records that verify ─▶ Logged ─▶ asks: what to look up, of whom, when
//!                           │           │ (runtime::witness: LookupEvents, nothing from the store)
//!                           └▶ prove ◀──┘ events, and what was really searched
//! ```
//!
//! Pure. Nothing that could not be searched counts as proven.

mod ask;
mod judge;
mod logged;
mod place;
mod same;
mod say;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use ask::{Lookup, Searched};
pub use judge::prove;
pub use logged::{Logged, LoggedCall, LoggedSession, Stated};
pub use place::{Asked, Histories};

use crate::domain::event::{Event, Window};

/// What is done with a session's credentials this long before its first record and after its
/// last one belongs to it.
pub const AROUND: SignedDuration = SignedDuration::from_mins(15);

/// Where requests go, as the log's sessions say it: a session that went elsewhere is no part
/// of this proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here<'h> {
    /// `aws`, `range`, `endpoint`.
    pub world: &'h str,
    pub endpoint: Option<&'h str>,
}

/// How the log's clock and that of the events go together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clocks {
    /// Both are the time of day.
    Same,
    /// The range's events have the world's time: all of its history is looked at.
    Apart(Window),
}

/// What the matching rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The earlier one of this machine's time and the service's.
    pub now: Timestamp,
    /// How long CloudTrail is given to have an event.
    pub delay: SignedDuration,
    pub clocks: Clocks,
}

/// What became of one call, of one event, or of one search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// CloudTrail has the call with this request id, and says the same of it.
    Matched,
    /// The log does not know a request id, and one event fits: the call arrived.
    Settled,
    /// It was refused at the door, where CloudTrail need not record it.
    Unrecorded,
    /// Nothing was sent.
    NotSent,
    /// A service did it in our name, after a call of ours.
    ThroughService,
    /// CloudTrail does not have it, and may yet.
    TooYoung,
    /// The log does not know what became of it, and CloudTrail has nothing that fits.
    Unheard,
    /// It could not be looked for, or not everywhere.
    NotSearched,
    /// CloudTrail has the request id and says something else.
    Differs,
    /// CloudTrail lacks a call that the log has.
    Missing,
    /// CloudTrail has a change under an identity of the log that the log does not have.
    Unlogged,
}

impl Verdict {
    pub const ALL: [Verdict; 11] = [
        Verdict::Matched,
        Verdict::Settled,
        Verdict::Unrecorded,
        Verdict::NotSent,
        Verdict::ThroughService,
        Verdict::TooYoung,
        Verdict::Unheard,
        Verdict::NotSearched,
        Verdict::Differs,
        Verdict::Missing,
        Verdict::Unlogged,
    ];

    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Matched => "matched",
            Verdict::Settled => "settled",
            Verdict::Unrecorded => "unrecorded",
            Verdict::NotSent => "not_sent",
            Verdict::ThroughService => "through_service",
            Verdict::TooYoung => "too_young",
            Verdict::Unheard => "unheard",
            Verdict::NotSearched => "not_searched",
            Verdict::Differs => "differs",
            Verdict::Missing => "missing",
            Verdict::Unlogged => "unlogged",
        }
    }

    pub fn grade(self) -> Grade {
        match self {
            Verdict::Matched
            | Verdict::Settled
            | Verdict::Unrecorded
            | Verdict::NotSent
            | Verdict::ThroughService => Grade::Clean,
            Verdict::TooYoung | Verdict::Unheard | Verdict::NotSearched => Grade::Open,
            Verdict::Differs | Verdict::Missing | Verdict::Unlogged => Grade::Broken,
        }
    }
}

/// How good a proof is; the worst part counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Log and CloudTrail agree.
    #[default]
    Clean,
    /// They do as far as was seen; something was not seen.
    Open,
    /// They do not.
    Broken,
}

impl Grade {
    pub fn name(self) -> &'static str {
        match self {
            Grade::Clean => "clean",
            Grade::Open => "open",
            Grade::Broken => "broken",
        }
    }
}

/// One line of the proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub verdict: Verdict,
    pub call: Option<LoggedCall>,
    pub event: Option<Arc<Event>>,
    /// What there is to say beside the verdict; may hold foreign text, sanitised.
    pub why: Option<String>,
}

/// The log and CloudTrail, compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    pub terms: Terms,
    /// The log's calls in its order, then what it does not have in the order of time, then
    /// what was not searched.
    pub findings: Vec<Finding>,
    pub searched: Vec<Searched>,
    /// Calls of sessions that went elsewhere.
    pub elsewhere: u64,
    /// Sessions that began before what was asked for.
    pub before: u64,
}

impl Proof {
    pub fn grade(&self) -> Grade {
        self.findings.iter().map(|f| f.verdict.grade()).max().unwrap_or_default()
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|f| f.verdict == verdict).count()
    }
}
