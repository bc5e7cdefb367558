//! States of what a region or an organization has: recording, detection, policies above.

use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, EventSelectors, OrgTarget, ScpId, TrailArn, Untrusted};

/// A trail: whether it records, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailSettings {
    pub trail: TrailArn,
    pub is_logging: bool,
    pub selectors: EventSelectors,
}

/// GuardDuty in one region: an account has one detector there, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetectorState {
    pub detector: Option<String>,
    pub enabled: bool,
}

/// Security Hub in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubSwitch {
    pub enabled: bool,
}

/// A policy of the organization as it is, without where it is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scp {
    pub id: ScpId,
    pub name: Untrusted,
    pub document: Untrusted,
}

/// An SCP and a root, unit or account that it could stand above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedScps {
    /// The organization's id, `o-…`.
    pub organization: Untrusted,
    pub management: AccountId,
    pub target: OrgTarget,
    pub target_name: Untrusted,
    pub scp: Scp,
    /// Every SCP that is attached to the target itself.
    pub attached: Vec<(ScpId, Untrusted)>,
    /// The accounts at and beneath the target, but for the management account, which no SCP
    /// binds (Organizations user guide).
    pub accounts: Vec<(AccountId, Untrusted)>,
}

impl AttachedScps {
    pub fn is_attached(&self) -> bool {
        self.attached.iter().any(|(id, _)| *id == self.scp.id)
    }
}

/// Where an account stands, and what moving it would put above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberState {
    /// The organization's id, `o-…`.
    pub organization: Untrusted,
    pub management: AccountId,
    pub account: AccountId,
    pub name: Untrusted,
    pub parent: OrgTarget,
    pub parent_name: Untrusted,
    pub to: OrgTarget,
    pub to_name: Untrusted,
    /// The levels that the account would newly stand under, each with all of its SCPs.
    pub ahead: Vec<(OrgTarget, Vec<Scp>)>,
    /// SCPs above the place to go to that do not stand above the account now.
    pub gains: Vec<Scp>,
    /// SCPs above the account now that do not stand above the place to go to.
    pub loses: Vec<Scp>,
}
