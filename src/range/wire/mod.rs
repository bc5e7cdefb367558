//! AWS's wire protocols: what a request is in, and how answers and errors look.

mod answer;
mod sigv4;

pub use answer::{error, escape, success};
#[cfg(test)]
pub use sigv4::sign;
pub use sigv4::{Claim, claim, signed_by};

/// The three protocols spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON over method and path: GuardDuty, Security Hub.
    RestJson,
    /// `Action=` in a form, XML back: IAM, STS.
    Query,
    /// `X-Amz-Target` and JSON: Organizations, CloudTrail.
    Json,
}

/// An error answer of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}
