//! When a principal last used each service: IAM's services last accessed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Untrusted;

/// The answer of `GetServiceLastAccessedDetails` for one user, group, role or policy (IAM user
/// guide, "Refine permissions in AWS using last accessed information"): attempts of the last
/// 400 days, refused ones and those of the data plane too; what is younger than four hours may
/// be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAccessed {
    /// Every service that the principal's policies allow something of. An emulator may list
    /// none.
    pub services: Vec<Accessed>,
    /// When IAM made the report.
    pub made: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accessed {
    /// The prefix of its actions, such as `s3`.
    pub service: Untrusted,
    /// Absent where it was not used in the time that IAM looks back.
    pub at: Option<Timestamp>,
    pub region: Option<Untrusted>,
}
