//! Readiness: could the role for emergencies of each account do every step of each playbook,
//! under the policies as they are now?
//!
//! A playbook without a plan has no inputs yet: each call is judged about any resource of its
//! kind, in every region that is looked at. So there are more answers than yes and no. What is
//! called *yes* is allowed whichever resource it will be; what hangs on the resource, or on a
//! context key that nobody knows before the call is made, *depends*; what rests on policies
//! that could not be read is *unknown*.
//!
//! Judged are the role's own policies and boundary and what the organization puts above its
//! account. Not judged: whether the role can be taken on (its trust policy), policies of
//! resources, and whether a service is switched on.

mod judge;
mod say;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    domain::{AccountId, Region, Untrusted},
    playbook::{HowToAssume, Loaded},
    policy::{Above, Effect, Kind, Standing, exempt::Fix},
};

pub use say::Reason;

/// What is asked.
#[derive(Debug)]
pub struct Question<'q> {
    pub playbooks: &'q [Loaded],
    pub seats: Vec<Seat>,
    /// What stands above the accounts.
    pub above: Arc<Above>,
    /// Whose roles change what is the organization's; none where it is not known, or where
    /// there is no organization.
    pub management: Option<AccountId>,
    /// How the roles are taken on: a session policy limits what they can do.
    pub how: &'q HowToAssume,
    pub now: Timestamp,
}

/// An account with a role for emergencies, or without any. An account that has several takes
/// several seats.
#[derive(Clone, Debug)]
pub struct Seat {
    pub account: AccountId,
    pub name: Option<Untrusted>,
    /// Where services of a region are tried.
    pub regions: Vec<Region>,
    pub role: Role,
}

#[derive(Clone, Debug)]
pub enum Role {
    /// No role for emergencies is configured.
    None,
    /// One is, and its policies are not known. Its ARN, and why.
    Unread { arn: String, why: String },
    /// With every policy that applies to it.
    Read(Box<Standing>),
}

/// The matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Readiness {
    pub at: Timestamp,
    /// The columns.
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub account: AccountId,
    pub name: Option<Untrusted>,
    /// The ARN of its role for emergencies.
    pub role: Option<Untrusted>,
    pub regions: Vec<Region>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The playbook's id.
    pub playbook: String,
    /// One for each column.
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The worst of its obstacles; without any, yes or nothing to do.
    pub answer: Answer,
    pub obstacles: Vec<Obstacle>,
}

/// Whether it could be done; the better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// None of its steps is the role's: they are the management account's, or nobody's calls.
    Nothing,
    Yes,
    /// On the resource, or on what only the call itself would tell.
    Depends,
    /// What decides could not be read.
    Unknown,
    No,
}

/// What stands in the way of one call of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Obstacle {
    /// The step's id; none where it is in the way of the whole playbook.
    pub step: Option<String>,
    pub action: Option<&'static str>,
    /// In these regions alone; empty: the service is global, or it is so in all of several.
    pub regions: Vec<Region>,
    /// Never yes, nor nothing.
    pub answer: Answer,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Why {
    /// The statements that decide, or may, and what had to allow and does not.
    pub causes: Vec<Cause>,
    /// What it depends on: context keys, or which resource it is about.
    pub depends_on: Vec<String>,
    /// What is not known, or missing altogether. May hold foreign text.
    pub note: Option<Untrusted>,
}

/// One statement that decides, or the lack of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub kind: Kind,
    /// The policy's name; none where no policy of the kind allows it.
    pub policy: Option<Untrusted>,
    /// Its place in the policy, from 0; none where no statement allows it.
    pub statement: Option<usize>,
    pub sid: Option<Untrusted>,
    /// What it does; a lack denies.
    pub effect: Effect,
    /// Where the organization's policy is attached.
    pub place: Option<Attached>,
    /// The exemption that would fix it, the best of those that evaluation confirms.
    pub fix: Option<Fix>,
}

/// A level of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// From 0 at the root.
    pub level: usize,
    /// The id of the root, the unit or the account.
    pub target: Untrusted,
    pub name: Untrusted,
}

impl Answer {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Answer::Nothing => "nothing",
            Answer::Yes => "yes",
            Answer::Depends => "depends",
            Answer::Unknown => "unknown",
            Answer::No => "no",
        }
    }

    /// Its sign in the matrix: told apart without colour.
    pub fn mark(self) -> &'static str {
        match self {
            Answer::Nothing => "-",
            Answer::Yes => "yes",
            Answer::Depends => "depends",
            Answer::Unknown => "unknown",
            Answer::No => "NO",
        }
    }
}

impl Readiness {
    /// Judges every playbook in every account.
    pub fn of(question: &Question<'_>) -> Self {
        judge::judged(question)
    }

    /// The worst answer of all; nothing where there is nothing to be asked.
    pub fn answer(&self) -> Answer {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.map(|cell| cell.answer).max().unwrap_or(Answer::Nothing)
    }

    /// Whether every playbook can be run everywhere, for certain.
    pub fn is_ready(&self) -> bool {
        self.answer() <= Answer::Yes
    }
}
