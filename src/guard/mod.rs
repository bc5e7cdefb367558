//! Whether something may be changed: the mode, the risk, the operator's consent, and the
//! permit without which `cloud` changes nothing.
//!
//! ```text
//!  Prepared ─▶ review (mode, self-lockout, risk) ─▶ Review ─▶ what was typed ─▶ Consent
//!     Consent ─▶ Permit::issue (intent on disk, synced) ─▶ cloud.apply(permit)
//! ```
//!
//! Imports what is to its left. Never names AWS's SDK or a terminal.

mod badge;
mod consent;
mod glass;
mod incident;
mod mode;
mod permit;
mod review;

pub use badge::{Badge, session_ended};
pub use consent::{Consent, Given, SecondPerson};
pub use incident::Incident;
pub use mode::{Arming, By, LAPSE, Mode, Purpose};
pub use permit::{Intent, Permit, Spent, outcome};
pub use review::{Caller, Ceremony, Refusal, Review, review};
