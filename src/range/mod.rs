//! The range: a simulated AWS organization that answers AWS's real wire protocols.
//!
//! ```text
//!  http::Request ─▶ faults ─▶ route ─▶ signature ─▶ validate ─▶ service handler ─▶ http::Response
//!                             (operations)  (wire)     access    │ reads &World
//!                                                               ▼ a mutation is a Change
//!                            every call is a line: journal ─▶ World::apply
//!                                    (append, or note)         history, and the change
//! ```
//!
//! May import `domain` and `policy` and nothing else of ours; never
//! `cloud`, so that client and server cannot share a mistake. It has no terminal,
//! no files and no clock of its own: the wall clock and the journal are given.
//! The same [`Range`] serves in process, behind the genuine SDK, and on loopback.

// An answer that was cut off carries the answer: it is as large as one that was not.
#![allow(clippy::result_large_err)]

mod access;
mod clock;
mod engine;
mod fact;
mod faults;
mod journal;
mod operations;
mod paging;
mod scenario;
mod seed;
mod select;
mod serve;
mod service;
#[cfg(test)]
mod tests;
mod validate;
mod wire;
mod world;

pub use clock::{Clock, Pace};
pub use engine::{Changed, Cut, Logged, OPERATOR_KEY, Range, Temporary, Touches};
pub use fact::Fact;
pub use faults::FaultRule;
pub use journal::{Journal, NoJournal};
pub use operations::{OPERATIONS, Operation};
pub use scenario::{MAX_BYTES as MAX_SCENARIO_BYTES, Operator, Scenario, shipped};
pub use serve::serve;
pub use world::{Difference, Picture};
