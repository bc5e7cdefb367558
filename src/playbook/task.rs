//! What a run asks for and is told: plain data between the run and whoever drives it.

use jiff::{SignedDuration, Timestamp};

use super::plan::Where;
use crate::{
    audit::Entry,
    change::Prepared,
    domain::{Applied, Fault, Query, State},
    guard::{Consent, Intent, Mode, Refusal, Review},
};

/// Something to be done for a run. At most one is on its way at a time.
#[derive(Debug, PartialEq)]
pub enum Task {
    /// Answered by [`Told::Recorded`].
    Record(Entry),
    /// Answered by [`Told::Read`].
    Read(Query),
    /// Write the intent, make the call, write the outcome. Answered by [`Told::Applied`].
    Apply { intent: Box<Intent>, consent: Consent, mode: Mode },
    /// Read until the change is seen, or the time is up. Answered by [`Told::ReadBack`].
    ReadBack { prepared: Box<Prepared>, within: SignedDuration },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    Recorded(Result<(), Fault>),
    Read(Box<Result<State, Fault>>),
    /// The outer error: no permit was given and nothing was sent.
    Applied {
        result: Result<Applied, Fault>,
        unrecorded: Option<Box<Unrecorded>>,
    },
    /// The last state read, after so many reads.
    ReadBack {
        state: Box<Result<State, Fault>>,
        reads: u32,
    },
}

/// The outcome of a call that was made and could not be written down, and why not.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrecorded {
    pub entry: Entry,
    pub fault: Fault,
}

/// What a run needs now.
#[derive(Debug, PartialEq)]
pub enum Next {
    Do(Task),
    /// The operator answers the question of the current item.
    Ask,
    /// The operator consents to the change of the current item, or not.
    Confirm(Prompt),
    /// The current item may not be asked for: the mode, or AWS itself, is against it.
    Refused(Refusal),
    /// Something is on its way.
    Wait,
    /// A role is assumed, or a step could not be planned: what is left is planned anew, as who
    /// halon is now, and told with [`Run::replanned`].
    Replan,
    /// A step failed: retry, skip, roll back or stop.
    Stopped,
    Over,
}

/// A change to be consented to.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    pub review: Review,
    /// What was there has changed since it was last shown.
    pub changed: bool,
}

/// What a run is decided by from outside it.
#[derive(Clone, Copy, Debug)]
pub struct Outlook<'o> {
    pub mode: &'o Mode,
    pub now: Timestamp,
    pub place: &'o Where,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    Running,
    Stopped,
    Done,
    /// Over, with steps that failed or are not known.
    Incomplete,
    /// Ended by the operator before its end.
    Abandoned,
}

impl RunState {
    pub fn word(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Stopped => "stopped",
            RunState::Done => "done",
            RunState::Incomplete => "incomplete",
            RunState::Abandoned => "abandoned",
        }
    }
}
