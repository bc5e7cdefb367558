//! What is read before a change, after it, and by a playbook's own reads: the state of
//! one subject. "Nothing there" is a value, not a failure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    AccessKeyId, HubId, KeyStatus, Note, PolicyArn, Principal, Untrusted, UserName, Workflow,
};

/// What a state is asked of. IAM's subjects are an account's, findings a region's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    AccessKey(AccessKeyId),
    /// A user or role with its policies.
    Principal(Principal),
    /// Whether a managed policy is attached to a user or role, and what it says.
    Attachment {
        to: Principal,
        policy: PolicyArn,
    },
    /// GuardDuty findings by id.
    GuardDuty {
        ids: Vec<String>,
    },
    /// Security Hub findings by their ASFF `Id`.
    SecurityHub {
        ids: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    AccessKey(KeyState),
    Principal(PrincipalState),
    Attachment(AttachmentState),
    GuardDuty(GuardDutyState),
    SecurityHub(Vec<HubState>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyState {
    pub user: UserName,
    pub key: AccessKeyId,
    pub status: KeyStatus,
    pub created: Option<Timestamp>,
    pub last_used: Option<LastUsed>,
    /// The user's other keys: AWS allows two.
    pub others: Vec<(AccessKeyId, KeyStatus)>,
}

/// When and where something was used last, as IAM says: up to four hours old.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUsed {
    pub at: Option<Timestamp>,
    pub service: Option<Untrusted>,
    pub region: Option<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalState {
    pub principal: Principal,
    pub arn: Untrusted,
    /// A service-linked role cannot be edited.
    pub service_linked: bool,
    pub created: Option<Timestamp>,
    /// A role's last use, or a user's last sign-in with a password.
    pub last_used: Option<Timestamp>,
    pub boundary: Option<Untrusted>,
    pub attached: Vec<PolicyArn>,
    pub inline: Vec<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentState {
    pub principal: PrincipalState,
    pub policy: PolicyArn,
    /// The default version and its document, decoded.
    pub version: Untrusted,
    pub document: Untrusted,
    /// How many users, groups and roles the policy is attached to.
    pub attachments: u32,
}

impl AttachmentState {
    pub fn is_attached(&self) -> bool {
        self.principal.attached.contains(&self.policy)
    }
}

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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubState {
    pub id: HubId,
    pub title: Untrusted,
    pub status: Option<Workflow>,
    pub note: Option<Note>,
}

impl State {
    pub fn key(&self) -> Option<&KeyState> {
        match self {
            State::AccessKey(key) => Some(key),
            _ => None,
        }
    }

    pub fn attachment(&self) -> Option<&AttachmentState> {
        match self {
            State::Attachment(state) => Some(state),
            _ => None,
        }
    }

    pub fn guardduty(&self) -> Option<&GuardDutyState> {
        match self {
            State::GuardDuty(state) => Some(state),
            _ => None,
        }
    }

    pub fn hub(&self) -> Option<&[HubState]> {
        match self {
            State::SecurityHub(findings) => Some(findings),
            _ => None,
        }
    }
}
