//! What is true of each verb, one file each: its parameters, what is read before it,
//! what it makes of that, its way back, its risk, and what people trip over.
//!
//! Pure. The call itself is in `cloud`, its meaning in the simulated account in `range`.

mod archive_findings;
mod asked;
mod assume;
mod attach_policy;
mod back;
mod boundary;
mod contained;
mod deactivate_access_key;
mod deactivate_user_keys;
mod detach_policy;
mod detection;
pub mod document;
mod facts;
mod feedback;
mod findings;
pub mod inline;
mod keys;
mod login_profile;
pub mod organization;
mod policy;
mod prepared;
mod reactivate_access_key;
mod reading;
mod recording;
mod set_workflow;
mod tag;
#[cfg(test)]
mod tests;
mod trust;
mod unarchive_findings;
mod value;
mod version;

pub use asked::Asked;
pub use back::way_back;
pub use contained::{Contained, Reach};
pub use facts::{Facts, Risk, Scope, Spec, facts};
pub use prepared::{Diff, Fingerprint, Prepared};
pub use value::{Arg, Args, GlassRole, Value, ValueType};
pub use version::MOST as MOST_VERSIONS;

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
    &deactivate_user_keys::SPEC,
    &inline::DENY_ROLE,
    &inline::DENY_USER,
    &inline::REVOKE_ROLE,
    &inline::REVOKE_USER,
    &inline::DENY_SESSION,
    &inline::PUT_ROLE,
    &inline::PUT_USER,
    &inline::DELETE_ROLE,
    &inline::DELETE_USER,
    &boundary::PUT_ROLE,
    &boundary::PUT_USER,
    &boundary::REMOVE_ROLE,
    &boundary::REMOVE_USER,
    &trust::SET,
    &trust::REMOVE,
    &version::SET_DEFAULT,
    &version::CREATE,
    &version::DELETE,
    &login_profile::SPEC,
    &tag::TAG_ROLE,
    &tag::TAG_USER,
    &tag::UNTAG_ROLE,
    &tag::UNTAG_USER,
    &feedback::SPEC,
    &detection::ENABLE_DETECTOR,
    &detection::CREATE_DETECTOR,
    &detection::ENABLE_HUB,
    &recording::START,
    &recording::RECORD_MANAGEMENT,
    &organization::ATTACH,
    &organization::DETACH,
    &organization::MOVE,
];

/// What only takes back one of the verbs above: no playbook can name it.
pub const WAYS_BACK: &[&Spec] =
    &[&detection::DISABLE_DETECTOR, &detection::DISABLE_HUB, &recording::STOP];

/// What an `assume` step does: no step's `change` names it.
pub const ASSUME: &Spec = &assume::ASSUME;

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
