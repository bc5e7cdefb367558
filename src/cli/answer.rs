//! Exit codes, and the one form of every JSON answer.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::Output;
use crate::domain::{Fault, Gap, time::rfc3339, untrusted::json_ascii};

/// The exit codes; other programs rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Done,
    /// Failed; doctor found a problem.
    Failed,
    /// Wrong usage or a bad file.
    Usage,
    /// Refused by the guard: read-only, not armed, no consent, self-lockout, no audit log.
    Refused,
    /// AWS could not be asked.
    Aws,
    /// Done but incomplete; what, on standard error.
    Incomplete,
    /// An audit log whose end is not anchored for longer than the policy allows.
    Unanchored,
    /// An audit log with a torn tail.
    Torn,
    /// An audit log that is not what was written.
    Tampered,
    /// An audit log that cannot be read.
    Unreadable,
    /// Ended by a signal.
    Signal(u8),
}

impl Code {
    pub fn number(self) -> u8 {
        match self {
            Code::Done => 0,
            Code::Failed => 1,
            Code::Usage => 2,
            Code::Refused => 3,
            Code::Aws => 4,
            Code::Incomplete => 5,
            Code::Unanchored => 10,
            Code::Torn => 11,
            Code::Tampered => 12,
            Code::Unreadable => 13,
            // The shells' convention.
            Code::Signal(n) => 128 + n,
        }
    }
}

/// A command that ends before its answer, with the exit code for it.
#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Refusal {}

/// A refusal for wrong usage or a bad file.
pub fn usage(why: impl fmt::Display) -> anyhow::Error {
    Refusal { code: Code::Usage, why: why.to_string() }.into()
}

/// A refusal by the guard.
pub fn refused(why: impl fmt::Display) -> anyhow::Error {
    Refusal { code: Code::Refused, why: why.to_string() }.into()
}

/// A refusal because AWS cannot be asked.
pub fn aws(fault: &Fault) -> anyhow::Error {
    Refusal { code: Code::Aws, why: fault.to_string() }.into()
}

/// One answer as JSON: `{"schema", "as_of", "complete", "incomplete", "items"}` and
/// whatever a schema adds.
#[derive(Serialize)]
pub struct Document<'a, T: Serialize> {
    pub schema: &'static str,
    pub as_of: String,
    pub complete: bool,
    pub incomplete: &'a [Gap],
    pub items: &'a [T],
}

impl<'a, T: Serialize> Document<'a, T> {
    pub fn new(schema: &'static str, as_of: Timestamp, gaps: &'a [Gap], items: &'a [T]) -> Self {
        let complete = gaps.is_empty();
        Self { schema, as_of: rfc3339(as_of), complete, incomplete: gaps, items }
    }
}

/// Writes JSON as ASCII: the same values, and nothing that a terminal obeys.
pub fn write_json(output: &mut Output<'_>, value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(writeln!(output.out, "{}", json_ascii(&text))?)
}
