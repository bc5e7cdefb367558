//! Why a role could not be assumed: AWS says little, and to another account nothing. What it
//! says is taken at its word; the rest is tried on the policies that can be read, each kind by
//! itself, with and without what may have been missing: what makes the difference is the
//! explanation. What could not be read leaves a suspicion, which says that it is one.
//!
//! ```text
//!  Fault ─▶ said: AWS's words ─┐
//!                              ├─▶ explain ─▶ Why: cause, how sure, what to do
//!  Case ─▶ Ground ─▶ layers ───┘
//! ```

mod cause;
mod explain;
mod ground;
mod layers;
mod said;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::domain::{AccessKeyId, Assume, Place};

pub use cause::{Cause, Proof, Why};
pub use explain::explain;
pub use ground::{Ground, NotRead};
pub use layers::Layer;

/// One call of AssumeRole that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whose credentials made it, and where.
    pub place: Place,
    /// As GetCallerIdentity gives it.
    pub caller: String,
    /// The key that signed it, where it is known: a user's own says nothing of MFA.
    pub key: Option<AccessKeyId>,
    pub assume: Assume,
    pub code: Code,
    pub at: Timestamp,
}

/// Whether a code of an MFA device came with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    NotGiven,
    Given,
    /// The same one as in a call before.
    GivenAgain,
}
