//! Playbooks: from TOML to a plan to a run.
//!
//! ```text
//!  text ─▶ Playbook::read (every mistake at once) ─▶ Playbook
//!     + inputs + what was read ─▶ plan() ─▶ Plan: every step resolved, nothing changed
//!        ─▶ Run: next() says what is needed, told() takes in what came of it
//! ```
//!
//! Pure: it is given text, time and answers. Never waits, never does I/O.

mod assume;
mod catalog;
mod contained;
mod file;
mod intended;
mod item;
mod judge;
mod loaded;
mod lost;
mod needs;
mod plan;
mod read;
mod run;
mod shipped;
mod task;
mod undo;

pub use assume::HowToAssume;
pub use catalog::{CHECKS, CheckSpec, READS, ReadSpec};
pub use contained::{Held, Sent};
pub use file::{Action, From, Input, Playbook, Step, Template, Templates, When};
pub use intended::Intended;
pub use item::{Item, ItemKind, StepState};
pub use loaded::Loaded;
pub use needs::Needs;
pub use plan::{At, Known, Plan, Planning, Where, plan};
pub use read::{LONGEST, LONGEST_WITHIN, MAX_BYTES, MAX_INPUTS, MAX_STEPS, WITHIN, well_named};
pub use run::Run;
pub use shipped::shipped;
pub use task::{Next, Outlook, Prompt, RunState, Task, Told, Unrecorded};
pub use undo::{done_changes, undo_plan};
