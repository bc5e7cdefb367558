//! States of findings.

use serde::{Deserialize, Serialize};

use crate::domain::{HubId, Note, Untrusted, Workflow};

/// Findings that GuardDuty does not know (any more) are not in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardDutyState {
    pub detector: String,
    /// The administrator's account id where this account is a member: only the
    /// administrator may archive.
    pub administrator: Option<Untrusted>,
    pub findings: Vec<FindingState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingState {
    pub id: String,
    pub arn: Option<Untrusted>,
    pub kind: Untrusted,
    pub archived: bool,
    /// What was said of its use: `USEFUL` or `NOT_USEFUL`. Logs of earlier versions lack it.
    #[serde(default)]
    pub feedback: Option<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubState {
    pub id: HubId,
    pub title: Untrusted,
    pub status: Option<Workflow>,
    pub note: Option<Note>,
}
