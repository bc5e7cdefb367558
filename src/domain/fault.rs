//! What went wrong, as data: a fault is shown, counted and exported, never thrown
//! through the event loop.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::untrusted::display_in;

/// The kinds differ in what the operator can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// No credentials were found anywhere in the chain.
    NoCredentials,
    /// There were credentials, and AWS says that they are expired or unknown.
    Expired,
    /// AWS knows the caller and says no.
    Denied,
    /// AWS knows the caller and not the thing asked for.
    NotFound,
    /// Somebody else is changing the same thing, or a limit is reached: nothing was done.
    Conflict,
    /// The service is not switched on in this account and region. A normal state.
    NotEnabled,
    /// The endpoint does not know this operation (emulators, proxies, old partitions).
    NotSupported,
    /// Too many requests, after all retries.
    Throttled,
    /// No answer within the time allowed.
    Timeout,
    /// The request never reached the service: DNS, TLS, refused, reset.
    Network,
    /// The service failed (5xx).
    Service,
    /// An answer came and cannot be read (truncated, HTML, foreign JSON).
    Unreadable,
    /// The request was wrong.
    BadRequest,
    /// Refused here, before anything was sent.
    Refused,
    /// A file or the store on this machine.
    Local,
}

/// Longest foreign sentence taken into a fault, in terminal cells. A denial of AWS's names
/// caller, role and policy by their ARNs, and the policy last: it has to be whole.
const FOREIGN_CELLS: usize = 700;

/// One fault. `what` and `hint` are safe to show: foreign text enters only
/// through [`Fault::with_cause`], which sanitises it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Fault {
    /// `what` must be our own words.
    pub fn new(kind: FaultKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), hint: None, request_id: None }
    }

    /// Adds what somebody else said, sanitised and cut.
    pub fn with_cause(mut self, foreign: &str) -> Self {
        if !foreign.is_empty() {
            self.what.push_str(": ");
            self.what.push_str(&display_in(foreign, FOREIGN_CELLS));
        }
        self
    }

    /// What the operator can do next, in our own words.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn with_request_id(mut self, id: Option<&str>) -> Self {
        self.request_id = id.map(|id| display_in(id, 80));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
