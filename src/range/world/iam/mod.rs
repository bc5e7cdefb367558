//! IAM of every account: users with their keys, roles, managed policies.
//!
//! Users, roles and managed policies are never created or deleted here; versions, keys,
//! passwords, inline policies and tags are.

mod apply;
mod managed;
mod report;
mod seeded;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::mfa::Device;
use crate::range::seed;
pub use managed::{is_managed, managed_named, managed_names};
pub use report::credential_report;

/// Quotas (IAM user guide, "IAM and AWS STS quotas": the defaults).
pub const ATTACHED_QUOTA: usize = 10;
pub const VERSIONS_QUOTA: usize = 5;
pub const KEYS_QUOTA: usize = 2;
pub const TAGS_QUOTA: usize = 50;
/// In characters without white space.
pub const POLICY_SIZE_QUOTA: usize = 6144;
pub const TRUST_SIZE_QUOTA: usize = 2048;
/// All inline policies together.
pub const USER_INLINE_QUOTA: usize = 2048;
pub const ROLE_INLINE_QUOTA: usize = 10_240;

/// How many earlier states are kept for reads that a fault makes stale.
pub const PAST: usize = 8;

/// IAM as a whole, one [`Home`] for each account. A clone is cheap.
#[derive(Clone)]
pub struct Iam {
    /// The world's, from which the secrets of new keys are derived.
    seed: u64,
    homes: Vec<Arc<Home>>,
}

/// One account's IAM.
#[derive(Clone, Default)]
pub struct Home {
    pub users: Vec<User>,
    pub roles: Vec<Role>,
    /// AWS's own first, which are the same in every account, then the customer's.
    pub policies: Vec<Policy>,
}

/// What users and roles have in common. Times are epoch milliseconds.
#[derive(Clone)]
pub struct Identity {
    pub name: String,
    pub path: String,
    /// `AIDA…` or `AROA…`.
    pub id: String,
    pub arn: String,
    pub created: i64,
    /// ARNs of the managed policies, in the order in which they were attached.
    pub attached: Vec<String>,
    /// Names and documents.
    pub inline: Vec<(String, String)>,
    pub boundary: Option<String>,
    pub tags: Vec<(String, String)>,
}

#[derive(Clone)]
pub struct User {
    pub identity: Identity,
    pub keys: Vec<AccessKey>,
    /// Stays when the password goes.
    pub password_used: Option<i64>,
    /// `None`: no password.
    pub login: Option<Login>,
    pub mfa: Option<Device>,
}

/// A password for the console.
#[derive(Clone)]
pub struct Login {
    pub created: i64,
    /// Has to be changed at the next sign-in.
    pub reset: bool,
}

#[derive(Clone)]
pub struct AccessKey {
    /// Its place among the user's keys: larger than that of any older one.
    pub number: u32,
    pub id: String,
    pub secret: String,
    pub status: KeyStatus,
    pub created: i64,
    /// As the scenario says. Requests to the range do not move it, so that what stands
    /// in a finding stays true while somebody looks.
    pub used: Option<Used>,
}

/// Whether a key is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    Active,
    Inactive,
}

/// The last use of a key or a role.
#[derive(Clone)]
pub struct Used {
    pub at: i64,
    /// A key's only.
    pub service: String,
    pub region: String,
}

#[derive(Clone)]
pub struct Role {
    pub identity: Identity,
    pub trust: String,
    pub description: Option<String>,
    /// In seconds.
    pub max_session: i64,
    pub used: Option<Used>,
    /// The id of its instance profile, which bears the role's name.
    pub instance_profile: Option<String>,
}

#[derive(Clone)]
pub struct Policy {
    pub name: String,
    pub path: String,
    /// `ANPA…`.
    pub id: String,
    pub arn: String,
    pub description: Option<String>,
    pub created: i64,
    pub updated: i64,
    /// From the oldest on.
    pub versions: Vec<PolicyVersion>,
    /// The number of the version that holds.
    pub default: u32,
    /// That of the newest version that there ever was: no number comes twice.
    pub newest: u32,
}

#[derive(Clone)]
pub struct PolicyVersion {
    /// 1 is `v1`.
    pub number: u32,
    pub document: Arc<str>,
    pub created: i64,
}

impl Iam {
    /// The account at this position of the world's list.
    pub fn home(&self, account: usize) -> &Home {
        &self.homes[account]
    }

    /// The secret of a key that was created in this world.
    pub fn derived_secret(&self, key: &str) -> String {
        seed::secret(self.seed, &["access key", key])
    }

    /// Who has this access key: account, user, and the key itself.
    pub fn key(&self, id: &str) -> Option<(usize, usize, &AccessKey)> {
        self.homes.iter().enumerate().find_map(|(account, home)| {
            let (user, key) = home.key(id)?;
            Some((account, user, key))
        })
    }
}

impl Home {
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|u| u.identity.name == name)
    }

    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.identity.name == name)
    }

    pub fn policy(&self, arn: &str) -> Option<&Policy> {
        self.policies.iter().find(|p| p.arn == arn)
    }

    /// The user with this access key, and the key.
    pub fn key(&self, id: &str) -> Option<(usize, &AccessKey)> {
        self.users.iter().enumerate().find_map(|(user, u)| {
            let key = u.keys.iter().find(|k| k.id == id)?;
            Some((user, key))
        })
    }

    /// To how many users and roles a policy is attached.
    pub fn attachments(&self, arn: &str) -> usize {
        self.identities().filter(|i| i.attached.iter().any(|a| a == arn)).count()
    }

    /// How many users and roles it bounds.
    pub fn bounded_by(&self, arn: &str) -> usize {
        self.identities().filter(|i| i.boundary.as_deref() == Some(arn)).count()
    }

    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        let users = self.users.iter().map(|u| &u.identity);
        users.chain(self.roles.iter().map(|r| &r.identity))
    }
}

impl Role {
    /// Made by a service for itself, or by IAM Identity Center for its people: nobody else may
    /// change it.
    pub fn is_protected(&self) -> bool {
        let paths = ["/aws-service-role/", "/aws-reserved/sso.amazonaws.com/"];
        paths.iter().any(|path| self.identity.path.starts_with(path))
    }
}

impl Policy {
    /// Only a service may attach it, to the role that is linked with it.
    pub fn is_of_service_role(&self) -> bool {
        is_managed(&self.arn) && self.path.starts_with("/aws-service-role/")
    }
}

impl PolicyVersion {
    pub fn id(&self) -> String {
        format!("v{}", self.number)
    }
}
