//! What is true of each verb, one file each: its parameters, what is read before it,
//! what it makes of that, its way back, its risk, and what people trip over.
//!
//! Pure. The call itself is in `cloud`, its meaning in the simulated account in `range`.

mod archive_findings;
mod asked;
mod attach_policy;
mod deactivate_access_key;
mod detach_policy;
mod facts;
mod findings;
mod keys;
mod policy;
mod prepared;
mod reactivate_access_key;
mod set_workflow;
mod unarchive_findings;
mod value;

pub use asked::Asked;
pub use facts::{Facts, Risk, Spec, facts};
pub use prepared::{Diff, Fingerprint, Prepared};
pub use value::{Arg, Args, Value, ValueType};

use crate::domain::{State, Subject, Verb};

/// Every verb that a playbook can name.
pub const KINDS: &[&Spec] = &[
    &archive_findings::SPEC,
    &unarchive_findings::SPEC,
    &set_workflow::SPEC,
    &deactivate_access_key::SPEC,
    &reactivate_access_key::SPEC,
    &detach_policy::ROLE,
    &detach_policy::USER,
    &attach_policy::ROLE,
    &attach_policy::USER,
];

/// The verb of this name, as playbooks write it.
pub fn named(name: &str) -> Option<&'static Spec> {
    KINDS.iter().copied().find(|spec| spec.name == name)
}

/// What must be read before the verb can be made of its arguments; for findings the
/// ids are those that the place in question is asked for.
pub fn subject(spec: &Spec, args: &Args, ids: &[String]) -> Subject {
    (spec.subject)(args, ids)
}

/// The calls that bring about what the arguments say, given what was read: none where
/// the place has nothing of it.
///
/// # Errors
/// A sentence that says why it cannot be done at all.
pub fn verbs(spec: &Spec, args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    (spec.verbs)(args, state)
}
