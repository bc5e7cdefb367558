//! AWS CloudTrail.

pub mod lookup;
pub mod trails;
