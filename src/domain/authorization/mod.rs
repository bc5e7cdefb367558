//! Who is in an account and which policies they hold: the answer of IAM's
//! `GetAccountAuthorizationDetails`, wherever it came from.
//!
//! IAM API reference, "GetAccountAuthorizationDetails". Names, paths, tags and documents are
//! chosen by whoever may create principals in the account.

mod document;
mod read;

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountId, LastUsed, Principal, Untrusted, credentials::SignIn};

pub use document::decoded;
pub use read::{Mistake, Unreadable};

/// An account's users, groups, roles and managed policies with everything attached to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The account of the first ARN that names one; absent where none does.
    pub account: Option<AccountId>,
    pub users: Vec<User>,
    pub groups: Vec<Group>,
    pub roles: Vec<Role>,
    /// The customer's own and those of AWS that are attached.
    pub policies: Vec<ManagedPolicy>,
}

/// What users, groups and roles share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub name: Untrusted,
    pub path: Untrusted,
    /// The unique id: `AIDA…`, `AGPA…`, `AROA…`.
    pub id: Untrusted,
    pub arn: Untrusted,
    pub created: Option<Timestamp>,
    pub inline: Vec<Inline>,
    /// The ARNs of the managed policies attached.
    pub attached: Vec<Untrusted>,
    /// The ARN of the managed policy that is the permissions boundary.
    pub boundary: Option<Untrusted>,
    pub tags: Vec<(Untrusted, Untrusted)>,
}

/// A policy that is part of its principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    pub name: Untrusted,
    /// JSON text, decoded, as it stands. What could not be decoded stands as it came, which
    /// no reader of policies takes for a policy.
    pub document: Untrusted,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub holder: Holder,
    /// The names of the groups that the user is in.
    pub groups: Vec<Untrusted>,
    pub password_last_used: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub holder: Holder,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub holder: Holder,
    /// Who may assume the role: JSON text, decoded.
    pub trust: Untrusted,
    /// Not part of the account's listing: only `GetRole` tells it, as with `max_session`.
    pub description: Option<Untrusted>,
    /// The longest session, in seconds.
    pub max_session: Option<u32>,
    /// Absent where IAM knows of no use within its 400 days.
    pub last_used: Option<LastUsed>,
    /// The names of the instance profiles that hold the role.
    pub instance_profiles: Vec<Untrusted>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub arn: Untrusted,
    pub name: Untrusted,
    /// The id of the version in force, such as `v3`.
    pub default_version: Untrusted,
    pub versions: Vec<Version>,
    /// How many users, groups and roles it is attached to.
    pub attachments: Option<u32>,
}

/// One version of a managed policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub id: Untrusted,
    /// JSON text, decoded.
    pub document: Untrusted,
    pub created: Option<Timestamp>,
}

/// One user or role, completely: the principal itself, the groups of a user, and every
/// managed policy that is attached to any of them or bounds them, as a small listing of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    pub authorization: Authorization,
    /// How a user signs in; a role has no credentials of its own.
    pub sign_in: Option<SignIn>,
}

impl Authorization {
    /// Reads a file: what `aws iam get-account-authorization-details` prints, or the same with
    /// percent-encoded documents, as IAM itself sends them. Every mistake is told at once.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        read::read(text)
    }

    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.holder.name.raw() == name)
    }

    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.holder.name.raw() == name)
    }

    /// The role of this name or ARN.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles
            .iter()
            .find(|role| [role.holder.name.raw(), role.holder.arn.raw()].contains(&name))
    }

    pub fn policy(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.policies.iter().find(|policy| policy.arn.raw() == arn)
    }

    /// Users, groups and roles alike.
    pub fn holders(&self) -> impl Iterator<Item = &Holder> {
        let users = self.users.iter().map(|user| &user.holder);
        let groups = self.groups.iter().map(|group| &group.holder);
        users.chain(groups).chain(self.roles.iter().map(|role| &role.holder))
    }

    /// The groups that a user is in, as far as they are listed.
    pub fn groups_of<'a>(&'a self, user: &'a User) -> impl Iterator<Item = &'a Group> {
        user.groups.iter().filter_map(|name| self.group(name.raw()))
    }

    /// The part that is about one user or role: itself, a user's groups, and the managed
    /// policies that are attached to any of them or bound it.
    pub fn only(&self, who: &Principal) -> Option<Self> {
        let mut part = Self { account: self.account.clone(), ..Self::default() };
        match who {
            Principal::Role(name) => part.roles.push(self.role(name.as_str())?.clone()),
            Principal::User(name) => {
                let user = self.user(name.as_str())?;
                part.groups = self.groups_of(user).cloned().collect();
                part.users.push(user.clone());
            }
        }
        let held: HashSet<&Untrusted> =
            part.holders().flat_map(|h| h.attached.iter().chain(&h.boundary)).collect();
        let policies = self.policies.iter().filter(|p| held.contains(&p.arn)).cloned().collect();
        part.policies = policies;
        Some(part)
    }

    /// Fills in the account from the ARNs.
    pub(crate) fn with_account(mut self) -> Self {
        let owners = self.holders().map(|holder| &holder.arn);
        let account = owners
            .chain(self.policies.iter().map(|p| &p.arn))
            .find_map(|arn| account_of(arn.raw()));
        self.account = self.account.or(account);
        self
    }
}

impl ManagedPolicy {
    /// The document in force, where that version is listed.
    pub fn document(&self) -> Option<&Untrusted> {
        self.versions.iter().find(|v| v.id == self.default_version).map(|v| &v.document)
    }

    /// The name at the end of a policy's ARN, for listings that leave it out.
    pub(crate) fn name_in(arn: &str) -> Untrusted {
        arn.rsplit('/').next().unwrap_or_default().into()
    }

    /// Written by AWS: its ARN names no account.
    pub fn is_aws_managed(&self) -> bool {
        self.arn.raw().split(':').nth(4) == Some("aws")
    }
}

impl Role {
    /// A service's own role: nobody but that service can use or change it.
    pub fn is_service_linked(&self) -> bool {
        self.holder.path.raw().starts_with("/aws-service-role/")
    }
}

/// The account that an ARN names.
fn account_of(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4)?.parse().ok()
}
