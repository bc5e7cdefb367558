//! The organization's policies that stand above one account, read.

use std::sync::Arc;

use crate::{
    domain::{
        AccountId, Gap, Untrusted,
        organization::{OrgPolicy, OrgPolicyKind, Organization},
    },
    policy::{Malformed, Named, Policies, Policy, Statement, above},
};

/// Everything above an account, the root's level first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    /// `o-…`.
    pub organization: Option<Untrusted>,
    /// The kinds that are switched on; others bind nobody.
    pub enabled: Vec<OrgPolicyKind>,
    pub levels: Vec<Level>,
    /// Why there may be more, where there may: see [`Above`](crate::policy::Above).
    pub missing: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// The id of the root, the unit or the account.
    pub target: Untrusted,
    pub name: Untrusted,
    /// Service control policies, then resource control policies.
    pub policies: Vec<Attached>,
}

/// A policy where it is attached.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    pub id: Untrusted,
    pub name: Untrusted,
    pub kind: OrgPolicyKind,
    pub aws_managed: bool,
    pub read: Result<Arc<Policy>, Malformed>,
}

impl Attached {
    pub fn of(policy: &OrgPolicy) -> Self {
        Self {
            id: policy.id.clone(),
            name: policy.name.clone(),
            kind: policy.kind,
            aws_managed: policy.aws_managed,
            read: Policy::parse(policy.document.raw()).map(Arc::new),
        }
    }
}

impl Stack {
    /// What stands above an account of the organization, of which `gaps` could not be read;
    /// nothing where its whole way up to the root is not known.
    pub fn of(organization: &Organization, gaps: &[Gap], account: &AccountId) -> Option<Self> {
        let levels: Vec<Level> = organization
            .levels(account)
            .into_iter()
            .map(|level| Level {
                target: level.target.into(),
                name: level.name.clone(),
                policies: level.scps.into_iter().chain(level.rcps).map(Attached::of).collect(),
            })
            .collect();
        (!levels.is_empty()).then(|| Self {
            organization: Some(organization.id.clone()),
            enabled: organization.enabled.clone(),
            levels,
            missing: above::missing(gaps),
        })
    }

    /// All of it, for [`crate::policy::evaluate`]; what cannot be read is left out.
    pub fn policies(&self) -> Policies {
        let of = |kind: OrgPolicyKind| -> Vec<Vec<Named>> {
            if !self.enabled.contains(&kind) {
                return Vec::new();
            }
            let levels = self.levels.iter().map(|level| {
                let here = level.policies.iter().filter(|p| p.kind == kind);
                here.filter_map(|p| Some((p, p.read.as_ref().ok()?)))
                    .map(|(p, policy)| Named { name: p.name.raw().into(), policy: policy.clone() })
                    .collect()
            });
            levels.collect()
        };
        Policies {
            scps: of(OrgPolicyKind::Scp),
            rcps: of(OrgPolicyKind::Rcp),
            ..Policies::default()
        }
    }

    /// Every statement, with the policy that it is of.
    pub fn statements(&self) -> impl Iterator<Item = (&Attached, &Statement)> {
        let policies = self.levels.iter().flat_map(|l| &l.policies);
        policies
            .filter_map(|p| Some((p, p.read.as_ref().ok()?)))
            .flat_map(|(p, policy)| policy.statements.iter().map(move |s| (p, s)))
    }

    /// Policies whose document is no policy: what they say is not known.
    pub fn unreadable(&self) -> impl Iterator<Item = &Attached> {
        self.levels.iter().flat_map(|l| &l.policies).filter(|p| p.read.is_err())
    }
}
