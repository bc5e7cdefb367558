//! The nouns. No I/O, no clock, nothing of ours to the left of this folder.

mod account;
pub mod document;
mod fault;
pub mod finding;
mod query;
mod severity;
pub mod time;
pub mod untrusted;

pub use account::{AccountId, Identity, Place, Region, Target};
pub use fault::{Fault, FaultKind};
pub use query::{Answer, Ask, Call, Gap, Query, Source, Status};
pub use severity::{Band, Severity};
pub use untrusted::Untrusted;
