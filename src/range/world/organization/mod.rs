//! The organization: its root, units and accounts, and the policies attached to them.
//!
//! Nothing is created or deleted here but policies. A policy has a number that names it
//! for good, a target (root, unit, account) its position: pages rest on these.

mod apply;
mod document;
mod seeded;

use serde::{Deserialize, Serialize};

pub use apply::Act;
pub use document::{Wrong, check};
pub use seeded::policy_id;

/// Quotas (Organizations user guide, "Quotas and service limits for AWS Organizations").
pub const ATTACHED_QUOTA: usize = 5;
/// In characters.
pub const SIZE_QUOTA: usize = 5120;

/// The kinds of policies that there are here; AWS has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyKind {
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    ServiceControl,
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    ResourceControl,
}

/// An organization. Accounts are positions in the world's list.
#[derive(Clone)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// The management account.
    pub management: usize,
    /// The root first, then the units in the file's order, then the accounts in the world's.
    pub targets: Vec<Target>,
    pub policies: Vec<Policy>,
    /// The number that the next policy gets.
    next: u32,
}

/// What a policy can be attached to.
#[derive(Clone, Debug)]
pub struct Target {
    /// `r-…`, `ou-…`, or 12 digits.
    pub id: String,
    pub arn: String,
    pub name: String,
    pub place: Place,
    /// The position of what it is in; the root's is its own.
    pub parent: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Root,
    Unit,
    /// The account's position in the world's list.
    Account(usize),
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub number: u32,
    /// `p-…`.
    pub id: String,
    pub arn: String,
    pub name: String,
    pub description: String,
    pub kind: PolicyKind,
    /// Made by AWS: nobody changes it.
    pub by_aws: bool,
    pub document: String,
    /// Positions of targets, in the order in which it was attached.
    pub attached: Vec<usize>,
}

impl PolicyKind {
    pub const ALL: [PolicyKind; 2] = [PolicyKind::ServiceControl, PolicyKind::ResourceControl];

    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            PolicyKind::ServiceControl => "SERVICE_CONTROL_POLICY",
            PolicyKind::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    pub fn named(word: &str) -> Option<PolicyKind> {
        PolicyKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Place {
    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Place::Root => "ROOT",
            Place::Unit => "ORGANIZATIONAL_UNIT",
            Place::Account(_) => "ACCOUNT",
        }
    }
}

impl Organization {
    /// The position of the root, unit or account with this id.
    pub fn target(&self, id: &str) -> Option<usize> {
        self.targets.iter().position(|target| target.id == id)
    }

    /// The position of the account at this position of the world's list.
    pub fn account(&self, account: usize) -> Option<usize> {
        self.targets.iter().position(|target| target.place == Place::Account(account))
    }

    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    pub fn numbered(&self, number: u32) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.number == number)
    }

    /// The policies of a kind that are attached to a target itself.
    pub fn attached(&self, kind: PolicyKind, target: usize) -> impl Iterator<Item = &Policy> {
        let meant = move |p: &&Policy| p.kind == kind && p.attached.contains(&target);
        self.policies.iter().filter(meant)
    }

    /// A target and everything that it is in, the root first.
    pub fn path(&self, target: usize) -> Vec<usize> {
        let mut path = vec![target];
        let mut at = target;
        // INVARIANT: a parent is a unit further up or the root (`seeded`, `Act::Move`).
        while self.targets[at].place != Place::Root {
            at = self.targets[at].parent;
            path.push(at);
        }
        path.reverse();
        path
    }
}
