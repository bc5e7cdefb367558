//! The accepted mutations, as the journal keeps them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::iam::KeyStatus;

/// One accepted mutation.
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
    #[serde(rename = "do")]
    pub change: Change,
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
}

/// What a policy is attached to, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    User(String),
    Role(String),
}
