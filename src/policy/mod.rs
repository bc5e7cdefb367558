//! The IAM policy language, as a pure library.

pub mod actions;
pub mod lint;
