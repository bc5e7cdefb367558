//! The decision over all policies that apply to a request.
//!
//! IAM user guide, "Policy evaluation logic" (within one account and across accounts), and
//! Organizations user guide, "SCP evaluation" and "RCP evaluation".

use std::sync::Arc;

use super::{
    decision::{Decision, Kind, Lacking, Outcome, Reason},
    document::{Effect, Policy},
    pattern::{Holds, Missing},
    request::{CallerKind, Request},
    statement::Naming,
};

/// A policy with the name that a reason gives it.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub policy: Arc<Policy>,
}

impl Named {
    pub fn new(name: impl Into<String>, policy: Policy) -> Self {
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

/// At most so many assignments of missing keys are tried to tell whether they matter.
const MOST_TRIED: usize = 512;

/// Decides.
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    let seen = Seen::new(request, policies);
    let mut decision = seen.decision(request);
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

/// A statement that covers the request, or may.
#[derive(Clone, Copy)]
struct Found<'p> {
    policy: &'p Named,
    at: usize,
    layer: Lacking,
    holds: Holds,
    naming: Naming,
}

impl Found<'_> {
    fn reason(&self) -> Reason {
        let statement = &self.policy.policy.statements[self.at];
        Reason {
            policy: self.policy.name.clone(),
            kind: self.layer.kind,
            level: self.layer.level,
            sid: statement.sid.as_deref().filter(|s| !s.is_empty()).map(str::to_owned),
            statement: self.at,
            effect: statement.effect,
        }
    }
}

/// A set of policies of which one must allow, denies apart.
struct Layer<'p> {
    name: Lacking,
    allows: Holds,
    /// A statement that allows, where one does for certain, else one that may.
    by: Option<Found<'p>>,
}

impl Layer<'_> {
    fn open_to_all(kind: Kind) -> Self {
        Layer { name: Lacking { kind, level: None }, allows: Holds::Yes, by: None }
    }
}

/// Everything that the policies say of a request.
struct Seen<'p> {
    denies: Vec<Found<'p>>,
    /// From the root on.
    scps: Vec<Layer<'p>>,
    identity: Layer<'p>,
    /// Boundary and session policies.
    limits: Vec<Layer<'p>>,
    /// Allows of the resource's policy that name the caller; `None` where it has no policy.
    resource: Option<Vec<Found<'p>>>,
    missing: Missing,
}

impl<'p> Seen<'p> {
    fn new(request: &Request, policies: &'p Policies) -> Self {
        let mut seen = Seen {
            denies: Vec::new(),
            scps: Vec::new(),
            identity: Layer::open_to_all(Kind::Identity),
            limits: Vec::new(),
            resource: None,
            missing: Missing::new(),
        };
        if !request.caller.is_service_linked() {
            for (level, list) in policies.scps.iter().enumerate() {
                let layer = seen.layer(request, list, Kind::Scp, Some(level));
                seen.scps.push(layer);
            }
            let bound = RCP_SERVICES.contains(&request.service());
            for (level, list) in policies.rcps.iter().enumerate().filter(|_| bound) {
                // Only what they deny counts: RCPFullAWSAccess cannot be detached.
                seen.layer(request, list, Kind::Rcp, Some(level));
            }
        }
        // No policy can be attached to the root user, who may do all.
        if request.caller.kind != CallerKind::Root {
            seen.identity = seen.layer(request, &policies.identity, Kind::Identity, None);
            if let Some(boundary) = &policies.boundary {
                let list = std::slice::from_ref(boundary);
                let layer = seen.layer(request, list, Kind::Boundary, None);
                seen.limits.push(layer);
            }
            if let Some(session) = &policies.session {
                let layer = seen.layer(request, session, Kind::Session, None);
                seen.limits.push(layer);
            }
        }
        seen.resource = policies.resource.as_ref().map(|r| seen.resource_policy(request, r));
        seen
    }

    /// One layer; its denies are put with the others.
    fn layer(
        &mut self,
        request: &Request,
        list: &'p [Named],
        kind: Kind,
        level: Option<usize>,
    ) -> Layer<'p> {
        let name = Lacking { kind, level };
        let mut layer = Layer { name, allows: Holds::No, by: None };
        for policy in list {
            for (at, statement) in policy.policy.statements.iter().enumerate() {
                // One allow more would say nothing new.
                if statement.is_allow() && layer.allows == Holds::Yes {
                    continue;
                }
                let holds = statement.covers(request, &mut self.missing);
                if holds == Holds::No {
                    continue;
                }
                let naming = Naming::Directly;
                let found = Found { policy, at, layer: name, holds, naming };
                match statement.effect {
                    Effect::Deny => self.denies.push(found),
                    Effect::Allow => {
                        if layer.by.is_none() || holds == Holds::Yes {
                            layer.by = Some(found);
                        }
                        layer.allows = layer.allows.or(holds);
                    }
                }
            }
        }
        layer
    }

    fn resource_policy(&mut self, request: &Request, policy: &'p Named) -> Vec<Found<'p>> {
        let layer = Lacking { kind: Kind::Resource, level: None };
        let mut allows = Vec::new();
        for (at, statement) in policy.policy.statements.iter().enumerate() {
            let naming = statement.names(request);
            if naming == Naming::Not {
                continue;
            }
            let holds = statement.covers(request, &mut self.missing);
            if holds == Holds::No {
                continue;
            }
            let found = Found { policy, at, layer, holds, naming };
            match statement.effect {
                Effect::Deny => self.denies.push(found),
                Effect::Allow => allows.push(found),
            }
        }
        allows
    }

    /// Whether the resource's policy allows by naming the caller at least so.
    fn resource_allows(&self, at_least: Naming) -> Holds {
        let named = self.resource.iter().flatten().filter(|f| f.naming >= at_least);
        named.fold(Holds::No, |holds, found| holds.or(found.holds))
    }

    /// Whether every policy that must allow does, denies apart.
    fn allowed(&self, request: &Request) -> Holds {
        let all = |layers: &[Layer<'_>]| {
            layers.iter().fold(Holds::Yes, |holds, layer| holds.and(layer.allows))
        };
        let limits = all(&self.limits);
        let by_identity = self.identity.allows.and(limits);
        let within = if request.is_cross_account() {
            self.resource_allows(Naming::Account).and(by_identity)
        } else {
            let by_role = self.resource_allows(Naming::Role).and(limits);
            let by_resource = self.resource_allows(Naming::Directly).or(by_role);
            let delegated = match &self.resource {
                Some(_) if needs_resource_policy(request) => self.resource_allows(Naming::Account),
                _ => Holds::Yes,
            };
            by_resource.or(delegated.and(by_identity))
        };
        all(&self.scps).and(within)
    }

    fn decision(&self, request: &Request) -> Decision {
        let plain = |outcome, by| Decision {
            outcome,
            by,
            missing: Vec::new(),
            lacking: Vec::new(),
            refused_anyway: false,
            notes: Vec::new(),
        };
        let certain = self.denies.iter().filter(|f| f.holds == Holds::Yes);
        let denies: Vec<Reason> = certain.map(Found::reason).collect();
        if !denies.is_empty() {
            return plain(Outcome::ExplicitDeny, denies);
        }
        let allowed = self.allowed(request);
        match allowed {
            Holds::Yes if self.denies.is_empty() => {
                plain(Outcome::Allowed, self.letting_through(request, |h| h == Holds::Yes))
            }
            Holds::No if self.denies.is_empty() => Decision {
                lacking: self.lacking(request),
                ..plain(Outcome::ImplicitDeny, Vec::new())
            },
            _ => {
                let mut by: Vec<Reason> = self.denies.iter().map(Found::reason).collect();
                by.extend(self.letting_through(request, |h| h == Holds::Maybe));
                let mut missing: Vec<String> = self.missing.iter().map(|k| (**k).into()).collect();
                missing.sort();
                missing.dedup();
                let lacking = if allowed == Holds::No { self.lacking(request) } else { Vec::new() };
                let refused_anyway = allowed == Holds::No;
                Decision { missing, lacking, refused_anyway, ..plain(Outcome::Unknown, by) }
            }
        }
    }

    /// One statement of each layer that allows.
    fn letting_through(&self, request: &Request, wanted: impl Fn(Holds) -> bool) -> Vec<Reason> {
        let layers = self.scps.iter().chain([&self.identity]).chain(&self.limits);
        let by = layers.filter_map(|l| l.by.as_ref());
        // What the resource's policy allows counts only where it names the caller as it must.
        let at_least = match self.resource {
            _ if request.is_cross_account() || needs_resource_policy(request) => Naming::Account,
            _ => Naming::Role,
        };
        let named = self.resource.iter().flatten().filter(|f| f.naming >= at_least);
        by.chain(named).filter(|f| wanted(f.holds)).map(Found::reason).collect()
    }

    /// What had to allow and does not, in the order in which AWS looks.
    fn lacking(&self, request: &Request) -> Vec<Lacking> {
        let mut lacking: Vec<Lacking> =
            self.scps.iter().filter(|l| l.allows == Holds::No).map(|l| l.name).collect();
        let resource = Lacking { kind: Kind::Resource, level: None };
        let must =
            request.is_cross_account() || needs_resource_policy(request) && self.resource.is_some();
        if must && self.resource_allows(Naming::Account) == Holds::No {
            lacking.push(resource);
        }
        let direct =
            !request.is_cross_account() && self.resource_allows(Naming::Directly) != Holds::No;
        if !direct {
            let by_role =
                !request.is_cross_account() && self.resource_allows(Naming::Role) != Holds::No;
            if self.identity.allows == Holds::No && !by_role {
                lacking.push(self.identity.name);
            }
            lacking.extend(self.limits.iter().filter(|l| l.allows == Holds::No).map(|l| l.name));
        }
        lacking
    }
}

/// A role's trust policy and a key's policy must allow even within the account (IAM user
/// guide, "Resource-based policies"; KMS developer guide, "Key policies").
fn needs_resource_policy(request: &Request) -> bool {
    request.service() == "kms" || request.folded.starts_with("sts:assumerole")
}

/// Tries what the missing keys could be. Where everything that tells their values apart was
/// tried and the outcome is always the same, they do not matter.
fn settled(request: &Request, policies: &Policies, missing: &[String]) -> Option<Decision> {
    let mut choices: Vec<Vec<Option<String>>> = Vec::new();
    for key in missing {
        // Absent, and a value that no policy names.
        let mut values = vec![None, Some("\0".to_owned())];
        for statement in policies.statements() {
            let patterns = statement.resources.iter().flat_map(|r| r.patterns());
            let mut variables = patterns.flat_map(|p| p.variables());
            if variables.any(|v| v == key) {
                return None;
            }
            for test in &statement.conditions {
                if test.variables().any(|v| v == key) {
                    return None;
                }
                if test.folded_key() == key {
                    values.extend(test.candidates()?.into_iter().map(|v| Some(v.to_owned())));
                }
            }
        }
        values.sort();
        values.dedup();
        choices.push(values);
    }
    let tries = choices.iter().try_fold(1usize, |all, c| all.checked_mul(c.len()))?;
    if tries > MOST_TRIED {
        return None;
    }
    let mut first: Option<Decision> = None;
    for number in 0..tries {
        let mut rest = number;
        let mut assumed = request.clone();
        for (key, values) in missing.iter().zip(&choices) {
            assumed = assumed.assuming(key, values[rest % values.len()].as_deref());
            rest /= values.len();
        }
        let decision = Seen::new(&assumed, policies).decision(&assumed);
        if decision.outcome == Outcome::Unknown {
            return None;
        }
        match &first {
            Some(known) if known.outcome != decision.outcome => return None,
            Some(_) => {}
            None => first = Some(decision),
        }
    }
    first
}

impl Policies {
    /// A context key as a policy spells it; `folded` is in lower case.
    fn spelled(&self, folded: &str) -> Option<&str> {
        let mut tests = self.statements().flat_map(|s| &s.conditions);
        tests.find(|t| t.folded_key() == folded).map(|t| &*t.key)
    }

    fn statements(&self) -> impl Iterator<Item = &super::document::Statement> {
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
    if decision.outcome != Outcome::Unknown && !seen.missing.is_empty() {
        let mut keys: Vec<&str> = seen.missing.iter().map(|k| &**k).collect();
        keys.sort_unstable();
        keys.dedup();
        notes.push(format!("not known, and without effect: {}", keys.join(", ")));
    }
    let organization = !policies.scps.is_empty() || !policies.rcps.is_empty();
    if request.caller.is_service_linked() && organization {
        notes.push("service control policies do not bind a service-linked role".to_owned());
    }
    if !policies.rcps.is_empty() && !RCP_SERVICES.contains(&request.service()) {
        let service = request.service();
        notes.push(format!("resource control policies do not bind {service}"));
    }
    if needs_resource_policy(request) && policies.resource.is_none() {
        let what = if request.service() == "kms" { "key" } else { "trust" };
        notes.push(format!("the {what} policy was not given; it must allow this too"));
    }
    notes
}
