//! The calls made to the world and what they changed, as the journal keeps them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{iam::KeyStatus, organization::Act, selectors::Selectors, session::Session};

/// One call of somebody who was let in, and the change where it made one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The world's time.
    pub at: Timestamp,
    /// `service:Operation`.
    pub operation: String,
    pub request_id: String,
    /// The caller's account and access key.
    pub account: String,
    pub access_key: String,
    pub region: String,
    /// Where the request came from.
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub agent: String,
    /// What was asked, by the members' wire names; `None` where it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Box<RawValue>>,
    /// What a change was answered with; reads have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Box<RawValue>>,
    /// Code and message of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<(String, String)>,
    /// CloudTrail does not have it: a fault.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untold: bool,
    #[serde(rename = "do", default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// What changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Archive {
        ids: Vec<String>,
    },
    Unarchive {
        ids: Vec<String>,
    },
    Samples {
        types: Vec<String>,
    },
    Feedback {
        ids: Vec<String>,
        useful: bool,
    },
    /// The detector of the account and Region, made where it has an id.
    Detector {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        created: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enable: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frequency: Option<String>,
    },
    /// Security Hub of the account and Region.
    Hub {
        on: bool,
    },
    HubImport {
        findings: Vec<Value>,
    },
    /// Keys of hub rows and the fields laid over them.
    HubUpdate {
        targets: Vec<String>,
        fields: Map<String, Value>,
    },
    AccessKeyStatus {
        user: String,
        key: String,
        status: KeyStatus,
    },
    /// Its secret is derived from the world's seed and the key.
    CreateAccessKey {
        user: String,
        key: String,
    },
    DeleteAccessKey {
        user: String,
        key: String,
    },
    /// In the place of the one with this name.
    PutInline {
        to: Entity,
        name: String,
        document: String,
    },
    DeleteInline {
        from: Entity,
        name: String,
    },
    /// `None` takes the boundary away.
    Boundary {
        of: Entity,
        policy: Option<String>,
    },
    Trust {
        role: String,
        document: String,
    },
    Tag {
        of: Entity,
        tags: Vec<(String, String)>,
    },
    Untag {
        of: Entity,
        keys: Vec<String>,
    },
    AttachPolicy {
        to: Entity,
        policy: String,
    },
    DetachPolicy {
        from: Entity,
        policy: String,
    },
    /// Gets the number after the newest one's.
    PolicyVersion {
        policy: String,
        document: String,
        default: bool,
    },
    DefaultPolicyVersion {
        policy: String,
        version: u32,
    },
    DeletePolicyVersion {
        policy: String,
        version: u32,
    },
    /// A user gets a password, which is kept nowhere.
    CreateLogin {
        user: String,
        reset: bool,
    },
    DeleteLogin {
        user: String,
    },
    /// A credential report is begun.
    CredentialReport,
    /// A job that looks for when somebody used what; `by` is who asked, by ARN.
    LastAccessed {
        job: String,
        arn: String,
        by: String,
        actions: bool,
    },
    /// Something in the organization.
    Organization(Act),
    /// Temporary credentials were given out.
    Session(Box<Session>),
    EventSelectors {
        trail: String,
        selectors: Selectors,
    },
    /// A trail begins or ceases to log.
    Logging {
        trail: String,
        on: bool,
    },
}

/// What a policy is attached to, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    User(String),
    Role(String),
}
