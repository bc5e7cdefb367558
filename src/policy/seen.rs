//! What every policy says of one request, and the decision that follows.

use super::{
    decision::{Decision, Kind, Lacking, Outcome, Reason},
    document::{Effect, Principals},
    evaluate::{Named, Policies, RCP_SERVICES},
    pattern::{Holds, Missing},
    request::{CallerKind, Request},
    statement::Naming,
};

/// A statement that covers the request, or may.
struct Found<'p> {
    policy: &'p Named,
    at: usize,
    layer: Lacking,
    holds: Holds,
    naming: Naming,
    /// The keys that it depends on, where it only may.
    keys: Missing,
}

impl Found<'_> {
    fn reason(&self) -> Reason {
        let statement = &self.policy.policy.statements[self.at];
        Reason {
            policy: self.policy.name.clone(),
            kind: self.layer.kind,
            level: self.layer.level,
            sid: statement.sid.clone().filter(|s| !s.is_empty()),
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
    /// The keys that its allows depend on.
    keys: Missing,
}

impl Layer<'_> {
    fn new(kind: Kind, level: Option<usize>, allows: Holds) -> Self {
        Layer { name: Lacking { kind, level }, allows, by: None, keys: Missing::new() }
    }
}

/// Everything that the policies say of a request.
pub(super) struct Seen<'p> {
    denies: Vec<Found<'p>>,
    /// One of them for certain.
    denied: bool,
    /// From the root on.
    scps: Vec<Layer<'p>>,
    identity: Layer<'p>,
    boundary: Option<Layer<'p>>,
    session: Option<Layer<'p>>,
    /// Allows of the resource's policy that name the caller.
    resource: Vec<Found<'p>>,
    /// The resource is another account's.
    abroad: bool,
    /// The resource's policy must allow even within the account.
    guarded: bool,
}

impl<'p> Seen<'p> {
    pub(super) fn new(request: &Request, policies: &'p Policies) -> Self {
        let mut seen = Seen {
            denies: Vec::new(),
            denied: false,
            scps: Vec::with_capacity(policies.scps.len()),
            identity: Layer::new(Kind::Identity, None, Holds::Yes),
            boundary: None,
            session: None,
            resource: Vec::new(),
            abroad: request.is_cross_account(),
            guarded: request.needs_resource_policy(),
        };
        if !request.caller.is_service_linked() {
            for (level, list) in policies.scps.iter().enumerate() {
                let layer = seen.layer(request, list, Kind::Scp, Some(level));
                seen.scps.push(layer);
            }
            if RCP_SERVICES.contains(&request.service()) && request.folded != RETIRE_GRANT {
                for (level, list) in policies.rcps.iter().enumerate() {
                    // Only what they deny counts: RCPFullAWSAccess cannot be detached.
                    seen.layer(request, list, Kind::Rcp, Some(level));
                }
            }
        }
        // No policy can be attached to the root user, who may do all.
        if request.caller.kind != CallerKind::Root {
            seen.identity = seen.layer(request, &policies.identity, Kind::Identity, None);
            let boundary = policies.boundary.as_slice();
            seen.boundary =
                (!boundary.is_empty()).then(|| seen.layer(request, boundary, Kind::Boundary, None));
            seen.session = match &policies.session {
                Some(session) => Some(seen.layer(request, session, Kind::Session, None)),
                // "If there is no session policy, … if the principal is a role session, then
                // the request is Allowed. Otherwise, the request is implicitly denied" (IAM
                // user guide, "Policy evaluation logic").
                None if request.caller.kind == CallerKind::FederatedUser => {
                    Some(Layer::new(Kind::Session, None, Holds::No))
                }
                None => None,
            };
        }
        if let Some(policy) = &policies.resource {
            seen.resource_policy(request, policy);
        }
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
        let mut layer = Layer::new(kind, level, Holds::No);
        for policy in list {
            for (at, statement) in policy.policy.statements.iter().enumerate() {
                // One allow more would say nothing new.
                if statement.is_allow() && (layer.allows == Holds::Yes || self.denied) {
                    continue;
                }
                let mut keys = Missing::new();
                let holds = statement.covers(request, &mut keys);
                if holds == Holds::No {
                    continue;
                }
                let naming = Naming::Directly;
                let mut found = Found { policy, at, layer: layer.name, holds, naming, keys };
                match statement.effect {
                    Effect::Deny => self.deny(found),
                    Effect::Allow => {
                        layer.keys.append(&mut found.keys);
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

    fn deny(&mut self, found: Found<'p>) {
        self.denied |= found.holds == Holds::Yes;
        self.denies.push(found);
    }

    fn resource_policy(&mut self, request: &Request, policy: &'p Named) {
        let layer = Lacking { kind: Kind::Resource, level: None };
        for (at, statement) in policy.policy.statements.iter().enumerate() {
            // "The NotPrincipal element with a Deny effect will always deny any IAM principal
            // that has a permissions boundary policy attached, regardless of the values
            // specified" (IAM user guide, "Permissions boundaries for IAM entities").
            let excepts = matches!(statement.principals, Some(Principals::AllBut(_)));
            let naming = if excepts && !statement.is_allow() && self.boundary.is_some() {
                Naming::Directly
            } else {
                statement.names(request)
            };
            if naming == Naming::Not {
                continue;
            }
            let mut keys = Missing::new();
            let holds = statement.covers(request, &mut keys);
            if holds == Holds::No {
                continue;
            }
            let found = Found { policy, at, layer, holds, naming, keys };
            match statement.effect {
                Effect::Deny => self.deny(found),
                Effect::Allow => self.resource.push(found),
            }
        }
    }

    /// Whether the resource's policy allows by naming the caller at least so.
    fn resource_allows(&self, at_least: Naming) -> Holds {
        let named = self.resource.iter().filter(|f| f.naming >= at_least);
        named.fold(Holds::No, |holds, found| holds.or(found.holds))
    }

    /// Boundary and session policies.
    fn limits(&self) -> impl Iterator<Item = &Layer<'p>> {
        self.boundary.iter().chain(&self.session)
    }

    /// By the caller's own policies.
    fn by_identity(&self) -> Holds {
        let guarded = if self.abroad || self.guarded {
            self.resource_allows(Naming::Account)
        } else {
            Holds::Yes
        };
        guarded.and(self.identity.allows).and(all(self.limits()))
    }

    /// By a resource's policy that names the caller's role.
    fn by_role(&self) -> Holds {
        let named = if self.abroad { Holds::No } else { self.resource_allows(Naming::Role) };
        named.and(all(self.limits()))
    }

    /// By a resource's policy that names the very caller.
    fn directly(&self) -> Holds {
        if self.abroad { Holds::No } else { self.resource_allows(Naming::Directly) }
    }

    /// Whether every policy that must allow does, denies apart.
    fn allowed(&self) -> Holds {
        all(self.scps.iter()).and(self.directly().or(self.by_role()).or(self.by_identity()))
    }

    pub(super) fn decision(&self) -> Decision {
        if self.denied {
            let certain = self.denies.iter().filter(|f| f.holds == Holds::Yes);
            let by = certain.map(Found::reason).collect();
            return Decision { by, ..Decision::new(Outcome::ExplicitDeny) };
        }
        let allowed = self.allowed();
        match allowed {
            Holds::Yes if self.denies.is_empty() => Decision {
                by: self.letting_through(|holds| holds == Holds::Yes),
                ..Decision::new(Outcome::Allowed)
            },
            Holds::No if self.denies.is_empty() => {
                Decision { lacking: self.lacking(), ..Decision::new(Outcome::ImplicitDeny) }
            }
            _ => {
                let mut by: Vec<Reason> = self.denies.iter().map(Found::reason).collect();
                by.extend(self.letting_through(|holds| holds == Holds::Maybe));
                Decision {
                    by,
                    missing: self.deciding_keys(),
                    lacking: if allowed == Holds::No { self.lacking() } else { Vec::new() },
                    refused_anyway: allowed == Holds::No,
                    ..Decision::new(Outcome::Unknown)
                }
            }
        }
    }

    /// The keys on which an unknown decision depends.
    fn deciding_keys(&self) -> Vec<String> {
        let mut keys: Vec<&Missing> = self.denies.iter().map(|f| &f.keys).collect();
        if self.allowed() == Holds::Maybe {
            let open = |layer: &&Layer<'_>| layer.allows == Holds::Maybe;
            keys.extend(self.scps.iter().filter(open).map(|l| &l.keys));
            let (own, role) = (self.by_identity(), self.by_role());
            if own == Holds::Maybe || role == Holds::Maybe {
                keys.extend(self.limits().filter(open).map(|l| &l.keys));
            }
            if own == Holds::Maybe {
                keys.extend(std::iter::once(&self.identity).filter(open).map(|l| &l.keys));
            }
            keys.extend(self.resource.iter().map(|f| &f.keys));
        }
        sorted(keys.into_iter())
    }

    /// Every key that some statement depends on.
    pub(super) fn unknown_keys(&self) -> Vec<String> {
        let layers = self.scps.iter().chain(self.limits()).chain([&self.identity]);
        let found = self.denies.iter().chain(&self.resource).map(|f| &f.keys);
        sorted(layers.map(|l| &l.keys).chain(found))
    }

    /// One statement of each layer that allows.
    fn letting_through(&self, wanted: impl Fn(Holds) -> bool) -> Vec<Reason> {
        let layers = self.scps.iter().chain([&self.identity]).chain(self.limits());
        let by = layers.filter_map(|l| l.by.as_ref());
        // What the resource's policy allows counts only where it names the caller as it must.
        let at_least = if self.abroad || self.guarded { Naming::Account } else { Naming::Role };
        let named = self.resource.iter().filter(|f| f.naming >= at_least);
        let mut reasons = Vec::with_capacity(self.scps.len() + 4);
        reasons.extend(by.chain(named).filter(|f| wanted(f.holds)).map(Found::reason));
        reasons
    }

    /// What had to allow and does not, in the order in which AWS looks.
    fn lacking(&self) -> Vec<Lacking> {
        let shut = |layer: &&Layer<'_>| layer.allows == Holds::No;
        let mut lacking: Vec<Lacking> = self.scps.iter().filter(shut).map(|l| l.name).collect();
        if self.directly() != Holds::No {
            return lacking;
        }
        let named = !self.abroad && self.resource_allows(Naming::Role) != Holds::No;
        if (self.abroad || self.guarded) && self.resource_allows(Naming::Account) == Holds::No {
            lacking.push(Lacking { kind: Kind::Resource, level: None });
        }
        if self.identity.allows == Holds::No && !named {
            lacking.push(self.identity.name);
        }
        lacking.extend(self.limits().filter(shut).map(|l| l.name));
        lacking
    }
}

/// An RCP has no effect on it, even where its `Action` is a wildcard (KMS developer guide,
/// "Resource control policies in AWS KMS").
const RETIRE_GRANT: &str = "kms:retiregrant";

fn all<'l, 'p: 'l>(layers: impl Iterator<Item = &'l Layer<'p>>) -> Holds {
    layers.fold(Holds::Yes, |holds, layer| holds.and(layer.allows))
}

fn sorted<'k>(keys: impl Iterator<Item = &'k Missing>) -> Vec<String> {
    let mut keys: Vec<String> = keys.flatten().map(|key| (**key).to_owned()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
