//! What became of a call that changes something.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Fault;

/// The answer to one change, and how it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub outcome: Outcome,
    /// Requests sent: 1, or 0 where none left this machine.
    pub attempts: u32,
    pub host: Option<String>,
    pub request_id: Option<String>,
    /// The service's clock (the answer's `Date` header).
    pub server_time: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// AWS says that it is done. The read-back follows.
    Accepted,
    /// AWS says that a part of it is done; each that is not, with AWS's reason.
    Partial(Vec<String>),
    /// AWS says no, or nothing was sent: nothing changed.
    Refused(Fault),
    /// Sent, and nobody knows what became of it. Only a read-back can tell.
    Unknown(Fault),
}

impl Outcome {
    /// The word in the audit log.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Accepted => "ok",
            Outcome::Partial(_) => "partial",
            Outcome::Refused(_) => "error",
            Outcome::Unknown(_) => "unknown",
        }
    }

    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Outcome::Refused(fault) | Outcome::Unknown(fault) => Some(fault),
            Outcome::Accepted | Outcome::Partial(_) => None,
        }
    }
}
