//! What stands where in the report of an incident.

mod changes;
mod integrity;
mod sections;

pub use changes::tone;
pub use sections::{Facts, all, changes, integrity, timeline};
