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

mod answered;
mod ask;
mod before;
mod drilling;
mod entry;
mod evidence;
mod exercise;
mod fold;
mod item;
mod judge;
pub mod probed;
mod progress;
mod quarter;
mod read;
pub mod ready;
pub mod report;
mod score;
mod script;
mod status;
pub mod told;

pub use answered::{answered, scripted};
pub use ask::{Action, Decision, Field, FieldKind};
pub use before::{before, drift, left_open};
pub use drilling::{Drilling, Operator, stranger};
pub use entry::{Begun, Ending, Event, Planned, Wanted, Window};
pub use evidence::{Evidence, Source, State};
pub use exercise::{UNDO, exercise};
pub use fold::{Class, Drill, End, Kept, Mark, Met, fold, verified};
pub use item::{Gathered, How, Item};
pub use judge::{Finding, NEGATIVE, TARGET_SECONDS, Verdict, verdict};
pub use progress::{Progress, Truth};
pub use quarter::{DrillId, Quarter};
pub use ready::Readiness;
pub use score::{Past, PhaseTime, Score, Unneeded, trend};
pub use script::{Canary, Condition, Move, Objective, Phase, Right, Script, Seen};
pub use status::{Last, Status};
