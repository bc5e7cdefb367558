//! The session of a role for emergencies, as this process has it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{AccessKeyId, AccountId, MfaSerial, RoleArn, Target};

/// Whether a session of a role is open here, and with what one could be begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlassState {
    pub role: RoleArn,
    pub session: Glass,
    /// The MFA devices of whoever would assume it.
    pub devices: Vec<MfaSerial>,
    /// Why the devices are not known.
    pub untold: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Glass {
    Closed,
    /// What a plan expects: nobody knows its key before it is there.
    Expected {
        seconds: i32,
    },
    Open(OpenSession),
}

/// A session that was checked: its credentials are kept in memory by `cloud` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    pub role: RoleArn,
    /// Under which name its credentials are asked with.
    pub target: Target,
    pub account: AccountId,
    /// `arn:aws:sts::…:assumed-role/ROLE/SESSION`, as GetCallerIdentity says it.
    pub arn: String,
    pub access_key: AccessKeyId,
    /// By the clock of whoever gave it out.
    pub begun: Timestamp,
    pub expires: Timestamp,
    pub source_identity: Option<String>,
    /// Where the credentials came from that it was begun with.
    pub provider: String,
    /// How much of what fits into a session's token is used, in percent.
    pub packed: Option<i32>,
}

impl GlassState {
    pub fn open(&self) -> Option<&OpenSession> {
        match &self.session {
            Glass::Open(session) => Some(session),
            Glass::Closed | Glass::Expected { .. } => None,
        }
    }
}
