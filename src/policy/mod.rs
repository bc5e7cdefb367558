//! The IAM policy language: parse, match, evaluate, explain, lint.
//!
//! ```text
//!  text ─▶ Policy::parse ─▶ Policies ─┐
//!                                     ├─▶ evaluate ─▶ Decision: outcome, reasons, missing keys
//!  caller, action, resource, context ─┘
//! ```
//!
//! A library without files, clock or network. May import `domain` and nothing else of ours.
//! An answer is never a guess: what depends on a context key that may or may not be there
//! is [`Outcome::Unknown`], and the key is named.

pub(crate) mod above;
pub mod actions;
mod arn;
mod condition;
mod decision;
mod document;
mod evaluate;
pub mod exempt;
mod explain;
pub mod lint;
pub mod narrow;
mod open;
mod operator;
mod parse;
mod pattern;
mod request;
mod seen;
mod settle;
mod standing;
mod statement;
#[cfg(test)]
mod tests;

pub use above::{Above, Levels};
pub use arn::ArnPattern;
pub use condition::Test;
pub use decision::{Decision, Kind, Lacking, Outcome, Reason};
pub use document::{
    Actions, Effect, Policy, Principals, Resources, Scalar, Several, Statement, TrusteeKind,
    Trustees, Version,
};
pub use evaluate::{Named, Policies, RCP_SERVICES, evaluate};
pub use open::THE_RESOURCE;
pub use operator::{Base, Operator, Order, Quantifier};
pub use parse::{MAX_BYTES, Malformed};
pub use pattern::ActionPattern;
pub use request::{Caller, CallerKind, Context, Known, Request, Resource};
pub use standing::{Account, Standing, Unread};
