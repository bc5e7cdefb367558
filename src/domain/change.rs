//! What halon can change in AWS. A closed set: a new verb makes the compiler list
//! what is missing. What is true of each verb is in the folder `change`.

use serde::{Deserialize, Serialize};

use jiff::Timestamp;

use super::{
    AccessKeyId, AccountId, EventSelectors, InlineName, MfaSerial, OrgTarget, Place, PolicyArn,
    Principal, RoleArn, RoleName, ScpId, SessionId, TrailArn, UserName, VersionId,
};

/// One API call that changes something, with everything it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// With whose credentials and in which region.
    pub place: Place,
    /// The account that it changes.
    pub account: AccountId,
    pub verb: Verb,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `guardduty:ArchiveFindings`, at most 50 ids.
    ArchiveFindings { detector: String, ids: Vec<String> },
    /// `guardduty:UnarchiveFindings`, at most 50 ids.
    UnarchiveFindings { detector: String, ids: Vec<String> },
    /// `securityhub:BatchUpdateFindings`, at most 100 findings.
    SetWorkflow { findings: Vec<HubId>, status: Workflow, note: Option<Note> },
    /// `iam:UpdateAccessKey` with `Inactive`. The user is always named: without it IAM
    /// takes the signer's own.
    DeactivateAccessKey { user: UserName, key: AccessKeyId },
    /// `iam:UpdateAccessKey` with `Active`.
    ReactivateAccessKey { user: UserName, key: AccessKeyId },
    /// `iam:DetachRolePolicy` or `iam:DetachUserPolicy`.
    DetachPolicy { from: Principal, policy: PolicyArn },
    /// `iam:AttachRolePolicy` or `iam:AttachUserPolicy`.
    AttachPolicy { to: Principal, policy: PolicyArn },
    /// `iam:PutRolePolicy` or `iam:PutUserPolicy`: JSON text as it shall stand.
    PutInline { to: Principal, name: InlineName, document: String },
    /// `iam:DeleteRolePolicy` or `iam:DeleteUserPolicy`.
    DeleteInline { of: Principal, name: InlineName },
    /// An inline policy that denies everything.
    DenyAll { to: Principal },
    /// An inline policy that denies everything to credentials issued before this time.
    RevokeSessions { of: Principal, issued_before: Timestamp },
    /// An inline policy that denies everything to one session.
    DenySession { role: RoleName, session: SessionId },
    /// `iam:PutRolePermissionsBoundary` or `iam:PutUserPermissionsBoundary`.
    PutBoundary { to: Principal, policy: PolicyArn },
    /// `iam:DeleteRolePermissionsBoundary` or `iam:DeleteUserPermissionsBoundary`.
    RemoveBoundary { of: Principal },
    /// `iam:UpdateAssumeRolePolicy`.
    SetTrust { role: RoleName, document: String },
    /// `iam:SetDefaultPolicyVersion`.
    SetDefaultVersion { policy: PolicyArn, version: VersionId },
    /// `iam:CreatePolicyVersion`.
    CreateVersion { policy: PolicyArn, document: String, set_default: bool },
    /// `iam:DeletePolicyVersion`.
    DeleteVersion { policy: PolicyArn, version: VersionId },
    /// `iam:DeleteLoginProfile`.
    DeleteLoginProfile { user: UserName },
    /// `iam:TagRole` or `iam:TagUser`.
    Tag { to: Principal, key: String, value: String },
    /// `iam:UntagRole` or `iam:UntagUser`.
    Untag { of: Principal, key: String },
    /// `guardduty:UpdateFindingsFeedback`.
    Feedback { detector: String, ids: Vec<String>, useful: Usefulness, comment: Option<String> },
    /// `guardduty:UpdateDetector` with `Enable`.
    SetDetector { detector: String, enable: bool },
    /// `guardduty:CreateDetector`.
    CreateDetector,
    /// `securityhub:EnableSecurityHub`.
    EnableHub,
    /// `securityhub:DisableSecurityHub`.
    DisableHub,
    /// `cloudtrail:StartLogging`.
    StartLogging { trail: TrailArn },
    /// `cloudtrail:StopLogging`.
    StopLogging { trail: TrailArn },
    /// `cloudtrail:PutEventSelectors`.
    SetSelectors { trail: TrailArn, selectors: EventSelectors },
    /// `organizations:AttachPolicy`.
    AttachScp { scp: ScpId, target: OrgTarget },
    /// `organizations:DetachPolicy`.
    DetachScp { scp: ScpId, target: OrgTarget },
    /// `organizations:MoveAccount`.
    MoveAccount { account: AccountId, from: OrgTarget, to: OrgTarget },
    /// `sts:AssumeRole`. Session name and tags follow from the incident and from the record of
    /// the intent.
    AssumeRole(Assume),
    /// The credentials of a session are dropped. No call: AWS hears nothing of it.
    EndSession { role: RoleArn },
}

/// How a role is assumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assume {
    pub role: RoleArn,
    /// How long the session lasts.
    pub seconds: i32,
    /// The device whose code is asked for.
    pub mfa: Option<MfaSerial>,
    pub source_identity: Option<String>,
    /// The session policy, JSON.
    pub policy: Option<String>,
    /// With the tags `halon-incident`, `BreakGlass` and `halon-head`.
    pub tags: bool,
    /// A second person agrees, or the reason why there is none is written down for review.
    pub second_person: bool,
}

/// What is said of a GuardDuty finding (`UpdateFindingsFeedback`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Usefulness {
    Useful,
    NotUseful,
}

impl Usefulness {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Usefulness::Useful => "USEFUL",
            Usefulness::NotUseful => "NOT_USEFUL",
        }
    }
}

impl std::str::FromStr for Usefulness {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "USEFUL" => Ok(Usefulness::Useful),
            "NOT_USEFUL" => Ok(Usefulness::NotUseful),
            _ => Err("feedback is USEFUL or NOT_USEFUL".to_owned()),
        }
    }
}

/// What names a finding for `BatchUpdateFindings`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HubId {
    pub id: String,
    pub product_arn: String,
}

/// A note on a Security Hub finding: text of 1 to 512 characters, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub text: String,
    pub by: String,
}

/// The customer's workflow status (ASFF, `Workflow.Status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Workflow {
    New,
    Notified,
    Resolved,
    Suppressed,
}

impl Workflow {
    pub const ALL: [Workflow; 4] =
        [Workflow::New, Workflow::Notified, Workflow::Resolved, Workflow::Suppressed];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Workflow::New => "NEW",
            Workflow::Notified => "NOTIFIED",
            Workflow::Resolved => "RESOLVED",
            Workflow::Suppressed => "SUPPRESSED",
        }
    }
}

impl std::str::FromStr for Workflow {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|w| w.word() == s)
            .ok_or_else(|| "a workflow status is NEW, NOTIFIED, RESOLVED or SUPPRESSED".to_owned())
    }
}
