//! A narrower policy, from what was seen of a role's use.
//!
//! ```text
//!  events ─▶ Seen ─────────┐
//!  data events, buckets ───┼─▶ narrow ─▶ for each wide statement: what it becomes, what was
//!  services last accessed ─┘             kept although not seen, what would go
//! ```
//!
//! It never allows what the policy did not, and keeps every call that was seen. What was not
//! seen is not what is not needed: who reads a proposal is told what it rests on.

mod implied;
mod logged;
mod names;
mod seen;
mod statement;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use super::{
    document::Policy,
    evaluate::Named,
    standing::{Account, Unread},
};
use crate::domain::{
    authorization::{ManagedPolicy, Role},
    simulation::ServiceUse,
};

pub use implied::Beside;
pub use logged::{Unlogged, container, unlogged};
pub use seen::{Call, Seen};
pub use statement::{Change, Kept, Removed, Use, Why};

/// More resources than these are not listed one by one: the action stays as wide as it was.
pub const MOST_ARNS: usize = 20;

/// Characters, blanks not counted (IAM user guide, "IAM and AWS STS quotas").
pub const MANAGED_QUOTA: usize = 6_144;
/// Of all inline policies of a role together.
pub const INLINE_QUOTA: usize = 10_240;

/// A policy that a role holds.
#[derive(Clone, Debug)]
pub struct Held {
    pub named: Named,
    /// Absent for an inline one.
    pub managed: Option<Managed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    pub arn: String,
    /// AWS's own: nobody can change it, only put another in its place.
    pub by_aws: bool,
    /// How many principals have it, where that is known.
    pub attachments: Option<u32>,
}

/// Data events of one bucket, function, table … that are here, whoever made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its ARN: see [`container`].
    pub container: String,
    pub reads: u64,
    pub writes: u64,
}

/// What a proposal rests on.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    pub seen: &'a Seen,
    pub recorded: &'a [Recorded],
    /// When the role last used each service, where IAM was asked.
    pub accessed: Option<&'a [ServiceUse]>,
}

/// What one policy becomes.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub held: Held,
    /// Its wide statements; the others stay as they are.
    pub changes: Vec<Change>,
    /// The whole policy; absent where nothing of it was seen and nothing is kept.
    pub becomes: Option<Policy>,
    /// Characters of [`Self::becomes`], blanks not counted.
    pub size: usize,
}

impl Proposal {
    pub fn is_narrower(&self) -> bool {
        self.changes.iter().any(Change::is_narrower)
    }
}

/// The policies of a role in the order that IAM lists them, and those that cannot be read.
pub fn held(account: &Account, role: &Role) -> (Vec<Held>, Vec<Unread>) {
    let attached = role.holder.attached.iter().map(|arn| Some(arn.raw()));
    let each = attached.chain(role.holder.inline.iter().map(|_| None));
    let (mut held, mut unread) = (Vec::new(), Vec::new());
    for (arn, read) in each.zip(account.held(&role.holder)) {
        let listed = arn.and_then(|arn| account.authorization.policy(arn));
        match read {
            Ok(named) => held.push(Held {
                named,
                managed: arn.map(|arn| Managed {
                    arn: arn.to_owned(),
                    by_aws: listed.is_some_and(ManagedPolicy::is_aws_managed),
                    attachments: listed.and_then(|p| p.attachments),
                }),
            }),
            Err(why) => unread.push(why),
        }
    }
    (held, unread)
}

/// The things whose data events would tell whether actions on them are used: each is named
/// whole in a statement that allows.
pub fn containers(held: &[Held]) -> Vec<String> {
    let statements = held.iter().flat_map(|h| &h.named.policy.statements);
    let patterns = statements.filter(|s| s.is_allow()).filter_map(|s| s.resources.as_ref());
    let mut all: Vec<String> =
        patterns.flat_map(|r| r.patterns()).filter_map(|p| container(p.text().trim())).collect();
    all.sort();
    all.dedup();
    all
}

/// What every policy becomes.
pub fn narrow(held: &[Held], evidence: Evidence<'_>) -> Vec<Proposal> {
    held.iter().map(|held| proposal(held, evidence)).collect()
}

fn proposal(held: &Held, evidence: Evidence<'_>) -> Proposal {
    let policy = &*held.named.policy;
    let mut sids: Vec<Arc<str>> = policy.statements.iter().filter_map(|s| s.sid.clone()).collect();
    let (mut changes, mut statements) = (Vec::new(), Vec::new());
    for (at, statement) in policy.statements.iter().enumerate() {
        match statement::change(at, statement, evidence, &mut sids) {
            Some(change) => {
                statements.extend(change.becomes.iter().cloned());
                changes.push(change);
            }
            None => statements.push(statement.clone()),
        }
    }
    let becomes = (!statements.is_empty()).then(|| Policy {
        version: policy.version,
        id: policy.id.clone(),
        listed: policy.listed || statements.len() > 1,
        statements,
    });
    let size = becomes.as_ref().map_or(0, size);
    Proposal { held: held.clone(), changes, becomes, size }
}

/// What IAM counts: every character but blanks.
fn size(policy: &Policy) -> usize {
    policy.to_json().to_string().chars().filter(|c| !c.is_whitespace()).count()
}
