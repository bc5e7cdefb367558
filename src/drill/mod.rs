//! The drill: practising break-glass and the scenarios, with evidence that an auditor accepts.
//!
//! ```text
//!  scenario file ─▶ Script (objectives, hints, solution)
//!  what the operator looks at and does ─▶ Seen ─┐
//!  what is true of the range's world  ─▶ Fact ──┴▶ Progress ─▶ records of the audit log ─▶ fold ─▶ Drill
//!                                                                    Drill ─▶ score, report, status
//! ```
//!
//! The audit log is the drill's only memory: what is not written there has not happened, and
//! whoever takes up a drill reads it from there. Imports what is to its left. Pure: never waits,
//! never does I/O, is given the time.

pub mod ready;
mod script;

pub use ready::Readiness;
pub use script::{Canary, Condition, Move, Objective, Phase, Right, Script, Seen};
