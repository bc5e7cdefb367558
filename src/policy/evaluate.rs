//! The decision over all policies that apply to a request.
//!
//! IAM user guide, "Policy evaluation logic" (within one account and across accounts), and
//! Organizations user guide, "SCP evaluation" and "RCP evaluation".

use std::sync::Arc;

use super::{
    decision::{Decision, Outcome},
    document::{Policy, Statement},
    request::Request,
    seen::Seen,
    settle::settled,
};

/// A policy with the name that a reason gives it.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: Arc<str>,
    pub policy: Arc<Policy>,
}

impl Named {
    pub fn new(name: impl Into<Arc<str>>, policy: Policy) -> Self {
        Self { name: name.into(), policy: Arc::new(policy) }
    }
}

/// Every policy that applies to a request.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Attached, inline and the groups'.
    pub identity: Vec<Named>,
    pub boundary: Option<Named>,
    /// `None`: the session was made without any.
    pub session: Option<Vec<Named>>,
    /// A bucket's, a key's, a role's trust policy, …
    pub resource: Option<Named>,
    /// One list for each level, the root's first; empty where none apply, as in the
    /// management account.
    pub scps: Vec<Vec<Named>>,
    /// The same, over the resource's account. `RCPFullAWSAccess` is always attached and need
    /// not be given.
    pub rcps: Vec<Vec<Named>>,
}

/// The services that resource control policies bind (Organizations user guide, "List of
/// AWS services that support RCPs", 2026).
pub const RCP_SERVICES: &[&str] = &[
    "s3",
    "sts",
    "kms",
    "sqs",
    "secretsmanager",
    "ecr",
    "aoss",
    "cognito-idp",
    "cognito-identity",
    "dynamodb",
    "logs",
];

/// Decides.
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    if request.folded == "sts:getcalleridentity" {
        return who_am_i();
    }
    let seen = Seen::new(request, policies);
    let mut decision = seen.decision();
    if decision.outcome == Outcome::Unknown
        && let Some(settled) = settled(request, policies, &decision.missing)
    {
        decision = settled;
    }
    decision.notes = notes(request, policies, &decision, &seen);
    for key in &mut decision.missing {
        if let Some(spelled) = policies.spelled(key) {
            *key = spelled.to_owned();
        }
    }
    decision
}

/// "If an administrator attaches a policy to your identity that explicitly denies access to
/// the sts:GetCallerIdentity action, you can still perform this operation" (STS API
/// reference, GetCallerIdentity).
fn who_am_i() -> Decision {
    let why = "no permission is needed for sts:GetCallerIdentity, and none can be denied";
    Decision { notes: vec![why.to_owned()], ..Decision::new(Outcome::Allowed) }
}

impl Policies {
    /// A context key as a policy spells it; `folded` is in lower case.
    fn spelled(&self, folded: &str) -> Option<&str> {
        let mut tests = self.statements().flat_map(|s| &s.conditions);
        tests.find(|t| t.folded_key() == folded).map(|t| &*t.key)
    }

    pub(super) fn statements(&self) -> impl Iterator<Item = &Statement> {
        let levels = self.scps.iter().chain(&self.rcps).flatten();
        let session = self.session.iter().flatten();
        let single = self.boundary.iter().chain(&self.resource);
        let all = self.identity.iter().chain(single).chain(session).chain(levels);
        all.flat_map(|named| &named.policy.statements)
    }
}

/// What a person should know beside the decision.
fn notes(
    request: &Request,
    policies: &Policies,
    decision: &Decision,
    seen: &Seen<'_>,
) -> Vec<String> {
    let mut notes = Vec::new();
    for lacking in &decision.lacking {
        let at = lacking.level.map(|l| format!(" at level {l}")).unwrap_or_default();
        notes.push(format!("no {}{at} allows {}", lacking.kind.phrase(), request.action));
    }
    if decision.refused_anyway {
        notes.push("it is refused whatever the missing keys are".to_owned());
    }
    if decision.outcome != Outcome::Unknown {
        let keys = seen.unknown_keys();
        if !keys.is_empty() {
            notes.push(format!("not known, and without effect: {}", keys.join(", ")));
        }
    }
    let organization = !policies.scps.is_empty() || !policies.rcps.is_empty();
    if request.caller.is_service_linked() && organization {
        notes.push("service control policies do not bind a service-linked role".to_owned());
    }
    if !policies.rcps.is_empty() && !RCP_SERVICES.contains(&request.service()) {
        let service = request.service();
        notes.push(format!("resource control policies do not bind {service}"));
    }
    if request.needs_resource_policy() && policies.resource.is_none() {
        let what = if request.service() == "kms" { "key" } else { "trust" };
        notes.push(format!("the {what} policy was not given; it must allow this too"));
    }
    notes
}
