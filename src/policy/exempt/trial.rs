//! Trying the calls of the job on one statement, one level, or all of it.

use super::{
    job::{Call, JOB},
    stack::Stack,
};
use crate::{
    domain::{Region, Untrusted, organization::OrgPolicyKind},
    policy::{
        Caller, Context, Decision, Named, Outcome, Policies, Policy, Request, Resource, Resources,
        Statement, evaluate,
    },
};

/// Resource patterns of one statement that a call is tried on, at most.
const MOST_PATTERNS: usize = 20;

/// Somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Of a role, with its path, or of a user.
    pub arn: String,
    /// All of its tags; `None` where they are not known. A session may bring tags of its own,
    /// which win over these.
    pub tags: Option<Vec<(String, String)>>,
}

/// A call that a statement denies, or may deny.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaks {
    pub call: &'static Call,
    /// Of those looked at.
    pub regions: Vec<Region>,
    /// Only on resources like these; empty: on any.
    pub only_on: Vec<Untrusted>,
    /// Context keys that decide whether it does; empty: it does for certain.
    pub depends_on: Vec<String>,
}

/// The same circumstances for everybody who is tried.
pub(super) struct Trial<'t> {
    pub account: &'t str,
    pub regions: &'t [Region],
    /// The organization's id, and the path from the root to the account's unit.
    pub organization: Option<(String, String)>,
}

/// A caller as the policy language sees one, made once.
pub(super) fn caller(subject: &Subject) -> Option<Caller> {
    let caller = Caller::new(&subject.arn)?;
    Some(Caller { tags: subject.tags.clone(), ..caller })
}

impl<'t> Trial<'t> {
    pub fn new(account: &'t str, regions: &'t [Region], stack: &Stack) -> Self {
        let above = stack.levels.len().saturating_sub(1);
        let organization = stack.organization.as_ref().map(|id| {
            let units = stack.levels[..above].iter().map(|l| format!("{}/", l.target.raw()));
            (id.raw().to_owned(), format!("{}/{}", id.raw(), units.collect::<String>()))
        });
        Self { account, regions, organization }
    }

    /// A request that the caller makes itself, over TLS, as every call of halon's is.
    pub fn request(
        &self,
        who: &Caller,
        action: &str,
        on: &str,
        region: Option<&Region>,
    ) -> Request {
        let mut context = Context::of_direct_call();
        if let Some(region) = region {
            context.set_one("aws:RequestedRegion", region.as_str());
        }
        if let Some((id, path)) = &self.organization {
            for whose in ["Principal", "Resource"] {
                context.set_one(&format!("aws:{whose}OrgID"), id.as_str());
                context.set_one(&format!("aws:{whose}OrgPaths"), path.as_str());
            }
        }
        let account = Some(self.account.to_owned());
        let resource = Resource { arn: on.to_owned(), account };
        Request::new(who.clone(), action, resource, context)
    }

    /// What of the job a Deny statement denies the caller, or may.
    pub fn breaks(&self, who: &Caller, statement: &Statement, kind: OrgPolicyKind) -> Vec<Breaks> {
        let policies = alone(statement, kind);
        let mut breaks = Vec::new();
        for call in JOB {
            if !statement.actions.cover(&call.action.to_ascii_lowercase()) {
                continue;
            }
            let tried = |on: &str, region: &Region| {
                let request = self.request(who, call.action, on, Some(region));
                evaluate(&request, &policies)
            };
            let regions = call.regions(self.regions);
            let mut found = Found::default();
            for region in &regions {
                let sample = call.on(region, self.account);
                if !found.put(region, None, &tried(&sample, region)) {
                    for (pattern, on) in samples(statement, &sample) {
                        found.put(region, Some(pattern), &tried(&on, region));
                    }
                }
            }
            breaks.extend(found.breaks(call));
        }
        breaks
    }

    /// What of the job is not let through by the policies given.
    pub fn lacking(&self, who: &Caller, policies: &Policies) -> Vec<Breaks> {
        let mut lacking = Vec::new();
        for call in JOB {
            let mut found = Found::default();
            for region in &call.regions(self.regions) {
                let on = call.on(region, self.account);
                let decision =
                    evaluate(&self.request(who, call.action, &on, Some(region)), policies);
                found.put(region, None, &decision);
            }
            lacking.extend(found.breaks(call));
        }
        lacking
    }
}

/// What trying one call brought: in which regions it is refused for certain, and where it
/// may be.
#[derive(Default)]
struct Found {
    certain: Refused,
    maybe: Refused,
    keys: Vec<String>,
}

#[derive(Default)]
struct Refused {
    regions: Vec<Region>,
    only_on: Vec<Untrusted>,
    /// Somewhere it is refused on any resource.
    anywhere: bool,
}

impl Refused {
    fn put(&mut self, region: &Region, pattern: Option<Untrusted>) {
        if !self.regions.contains(region) {
            self.regions.push(region.clone());
        }
        match pattern {
            None => self.anywhere = true,
            Some(pattern) if !self.only_on.contains(&pattern) => self.only_on.push(pattern),
            Some(_) => {}
        }
    }

    fn breaks(self, call: &'static Call, depends_on: Vec<String>) -> Option<Breaks> {
        let only_on = if self.anywhere { Vec::new() } else { self.only_on };
        (!self.regions.is_empty()).then_some(Breaks {
            call,
            regions: self.regions,
            only_on,
            depends_on,
        })
    }
}

impl Found {
    /// Whether the call is refused, or may be.
    fn put(&mut self, region: &Region, pattern: Option<Untrusted>, decision: &Decision) -> bool {
        if decision.is_denied() {
            self.certain.put(region, pattern);
        } else if decision.outcome == Outcome::Unknown {
            self.maybe.put(region, pattern);
            for key in &decision.missing {
                if !self.keys.contains(key) {
                    self.keys.push(key.clone());
                }
            }
        } else {
            return false;
        }
        true
    }

    fn breaks(self, call: &'static Call) -> impl Iterator<Item = Breaks> {
        let certain = self.certain.breaks(call, Vec::new());
        certain.into_iter().chain(self.maybe.breaks(call, self.keys))
    }
}

/// One statement by itself, under a policy that lets everything through.
fn alone(statement: &Statement, kind: OrgPolicyKind) -> Policies {
    let policy =
        Policy { version: None, id: None, statements: vec![statement.clone()], listed: true };
    let named = Named::new("", policy);
    let all = open();
    match kind {
        OrgPolicyKind::Scp => {
            unhindered(Policies { scps: vec![vec![all, named]], ..Policies::default() })
        }
        OrgPolicyKind::Rcp => {
            unhindered(Policies { rcps: vec![vec![named]], ..Policies::default() })
        }
    }
}

/// The organization's policies alone: what else must allow, the role's own policies and the
/// resource's, allows everything.
pub(super) fn unhindered(organization: Policies) -> Policies {
    let text =
        r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    let everybody = Policy::parse(text).expect("INVARIANT: a test evaluates it");
    let resource = Some(Named::new("", everybody));
    Policies { identity: vec![open()], resource, ..organization }
}

/// A policy that lets everything through.
fn open() -> Named {
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    Named::new("", Policy::parse(text).expect("INVARIANT: a test evaluates it"))
}

/// ARNs of the sample's kind that a statement's own resource patterns match, where it is
/// about some resources only: with them it may break the call, though not on every resource.
fn samples(statement: &Statement, sample: &str) -> Vec<(Untrusted, String)> {
    let Some(Resources::These(these)) = &statement.resources else { return Vec::new() };
    let parts: Vec<&str> = sample.splitn(6, ':').collect();
    let [.., resource] = parts[..] else { return Vec::new() };
    if parts.len() != 6 {
        return Vec::new();
    }
    let kind = |resource: &str| resource.split_once('/').map(|(kind, _)| kind.to_owned());
    let filled = |pattern: &str| {
        let open = without_variables(pattern.trim());
        let own: Vec<&str> = open.splitn(6, ':').collect();
        if own.len() != 6 {
            return None;
        }
        // What is open is the sample's; what is given must be.
        let same = |(own, sample): (&&str, &&str)| own.contains(['*', '?']) || own == sample;
        let same = own[..5].iter().zip(&parts).all(same);
        let name = own[5].replace(['*', '?'], "x");
        let arn = parts[..5].iter().copied().chain([name.as_str()]).collect::<Vec<_>>().join(":");
        (same && kind(&name) == kind(resource)).then_some(arn)
    };
    let patterns = these.items.iter().take(MOST_PATTERNS);
    patterns.filter_map(|p| Some((p.text().into(), filled(p.text())?))).collect()
}

/// A pattern with a star in place of each of its variables, which may hold colons.
fn without_variables(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, inner)) = rest.split_once("${") {
        let Some((_, after)) = inner.split_once('}') else { break };
        out += before;
        out.push('*');
        rest = after;
    }
    out + rest
}
