//! States of IAM's things.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    AccessKeyId, Fault, KeyStatus, PolicyArn, Principal, Region, RoleName, Untrusted, UserName,
    authorization::Inline,
};

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

/// Every access key of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysState {
    pub user: UserName,
    pub keys: Vec<KeyState>,
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

impl PrincipalState {
    /// Why IAM lets nobody edit it: service-linked roles belong to their service, and Identity
    /// Center writes its own roles anew (IAM user guide, service-linked roles; Identity Center
    /// user guide, permission sets).
    pub fn unmodifiable(&self) -> Option<String> {
        let who = &self.principal;
        if self.service_linked {
            return Some(format!("{who} is a service-linked role: it cannot be changed"));
        }
        let reserved = self.arn.raw().contains(":role/aws-reserved/");
        reserved.then(|| {
            format!(
                "{who} is IAM Identity Center's: its permission set must be changed there, or an \
                 SCP deny the user (identitystore:userId)"
            )
        })
    }
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

/// A user or role with what its inline policies say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineState {
    pub principal: PrincipalState,
    /// `AROA…` or `AIDA…`.
    pub id: Untrusted,
    pub policies: Vec<Inline>,
    /// AWS's clock when this was read.
    pub clock: Timestamp,
    /// Who may be using the role now, where that was asked for.
    pub sessions: Option<SessionsState>,
}

/// Sessions of a role that may still be alive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsState {
    pub sessions: Vec<RoleSession>,
    /// The regions whose event history was asked: regional endpoints of STS record in
    /// their own.
    pub regions: Vec<Region>,
    /// What could not be asked.
    pub faults: Vec<Fault>,
}

/// One session, as the call that began it tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSession {
    /// `AROA…:NAME`.
    pub id: Untrusted,
    pub access_key: Option<AccessKeyId>,
    pub source_identity: Option<Untrusted>,
    /// Whoever assumed the role: an ARN, or the service.
    pub by: Untrusted,
    pub address: Option<Untrusted>,
    pub begun: Timestamp,
    pub expires: Option<Timestamp>,
}

/// A role and who may assume it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustState {
    pub role: RoleName,
    pub principal: PrincipalState,
    pub document: Untrusted,
}

/// A managed policy with its versions: IAM keeps five at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyState {
    pub policy: PolicyArn,
    /// The default version's id.
    pub default: Untrusted,
    pub versions: Vec<PolicyVersion>,
    /// How many users, groups and roles it is attached to.
    pub attachments: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub id: Untrusted,
    pub created: Option<Timestamp>,
    pub document: Untrusted,
}

impl PolicyState {
    pub fn version(&self, id: &str) -> Option<&PolicyVersion> {
        self.versions.iter().find(|v| v.id.raw() == id)
    }

    pub fn in_force(&self) -> Option<&PolicyVersion> {
        self.version(self.default.raw())
    }
}

/// A user's console password: whether there is one, never what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginState {
    pub user: UserName,
    pub profile: Option<LoginProfile>,
    pub mfa_devices: Vec<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    pub created: Option<Timestamp>,
    pub reset_required: bool,
}

/// A user's or role's tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagState {
    pub principal: PrincipalState,
    pub tags: Vec<(Untrusted, Untrusted)>,
}

impl TagState {
    pub fn value(&self, key: &str) -> Option<&Untrusted> {
        self.tags.iter().find(|(k, _)| k.raw() == key).map(|(_, value)| value)
    }
}
