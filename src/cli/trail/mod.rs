//! `halon trail`: what CloudTrail recorded.

pub mod sessions;
