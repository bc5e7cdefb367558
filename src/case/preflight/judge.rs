//! The judgement itself: policies that were read, and what the simulator said.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;

use super::{Call, Cause, Foreseen, Stage, Who, Witness, need};
use crate::{
    case::{Case, Load, RoleAt, Seen},
    domain::{
        AccountId, Gap, Principal, Region, Target, Untrusted,
        authorization::{Authorization, Holder},
        organization::View,
        simulation::Simulated,
    },
    policy::{Above, Account, Caller, CallerKind, Context, Decision, Outcome, Standing},
};

/// Questions about a user that say nothing of its policies.
const BESIDE: &[&str] = &[
    "GetAccessKeyLastUsed",
    "GetLoginProfile",
    "ListAccessKeys",
    "ListInstanceProfilesForRole",
    "ListMFADevices",
];

/// How often a decision is made anew with keys that turned out to be known.
const ROUNDS: usize = 4;

/// Why nothing can be said yet, or at all.
enum Unready {
    Asking,
    Never(String),
}

/// What one identity's answers rest on.
struct Ground {
    standing: Standing,
    /// The role's own tags, of a session that may bring others.
    tags: Vec<(String, String)>,
    long_term: bool,
    blind: &'static str,
    at: Option<Timestamp>,
}

impl Call {
    /// What `aws:RequestedRegion` is: global services have one endpoint, and always the same
    /// value (IAM user guide, "aws:RequestedRegion").
    pub(super) fn region(&self) -> Region {
        let global = ["iam:", "organizations:"].iter().any(|s| self.asked.action.starts_with(s));
        if global { self.place.region.of_global_services() } else { self.place.region.clone() }
    }
}

impl Case {
    /// Judges every call of plans anew, where anything came since the last time.
    pub(in crate::case) fn judge(&mut self, now: Timestamp) {
        if !std::mem::take(&mut self.preflight.stale) {
            return;
        }
        let mut calls = std::mem::take(&mut self.preflight.calls);
        // Policies are read once for all calls of an identity.
        let mut grounds: HashMap<(Target, AccountId, Who), Result<Ground, Unready>> =
            HashMap::new();
        let mut above = Vec::new();
        for (call, entry) in &mut calls {
            entry.foreseen.clear();
            let (target, account) = (&call.place.target, &call.account);
            let seen = self.above(target, Some(account));
            for who in &entry.who {
                let ground = grounds
                    .entry((target.clone(), account.clone(), who.clone()))
                    .or_insert_with(|| self.ground(target, account, who, &seen, &mut above));
                let mut both = [
                    self.judged_here(call, who, now, &seen, ground),
                    self.judged_by_simulator(call, who),
                ];
                both.sort_by_key(Foreseen::weight);
                entry.foreseen.extend(both);
            }
        }
        self.preflight.calls = calls;
    }

    fn judged_here(
        &self,
        call: &Call,
        who: &Who,
        now: Timestamp,
        seen: &Seen,
        ground: &Result<Ground, Unready>,
    ) -> Foreseen {
        let blank = |stage, notes| Foreseen {
            who: who.clone(),
            witness: Witness::Here,
            stage,
            outcome: Outcome::Unknown,
            by: Vec::new(),
            missing: Vec::new(),
            blind: String::new(),
            notes,
            at: None,
        };
        let ground = match ground {
            Ok(ground) => ground,
            Err(Unready::Asking) => return blank(Stage::Asking, Vec::new()),
            Err(Unready::Never(why)) => return blank(Stage::Unanswered, vec![why.clone()]),
        };
        let decision = self.decided(call, ground, seen, now);
        let mut notes = decision.notes.clone();
        notes.extend(self.unsure_of_target(call));
        Foreseen {
            outcome: if decision.is_denied() && decision.outcome == Outcome::Unknown {
                Outcome::ImplicitDeny
            } else {
                decision.outcome
            },
            by: decision.by.iter().map(cause).collect(),
            missing: decision.missing,
            blind: ground.blind.to_owned(),
            at: ground.at,
            ..blank(Stage::Answered, notes)
        }
    }

    /// The identity with its policies and those above it, as they were last read.
    fn ground(
        &self,
        target: &Target,
        account: &AccountId,
        who: &Who,
        seen: &Seen,
        parsed: &mut Vec<(Target, AccountId, Arc<Above>)>,
    ) -> Result<Ground, Unready> {
        let caller = Caller::new(&who.arn)
            .ok_or_else(|| Unready::Never("whose ARN this is, is not known".to_owned()))?;
        let hidden = match seen {
            Seen::View(view, ..) => matches!(**view, View::NotVisible { .. }),
            Seen::No(_) => true,
        };
        if hidden && self.organization_is_open() {
            return Err(Unready::Asking);
        }
        let same = |(by, of, _): &&(Target, AccountId, Arc<Above>)| by == target && of == account;
        let above = match parsed.iter().find(same) {
            Some((.., above)) => above.clone(),
            None => {
                let above = Arc::new(above(seen, account));
                parsed.push((target.clone(), account.clone(), above.clone()));
                above
            }
        };
        let seen_at = match seen {
            Seen::View(_, _, at) => Some(*at),
            Seen::No(_) => None,
        };
        match caller.kind {
            CallerKind::FederatedUser => {
                let why = "what a federated user's session allows is not to be read";
                return Err(Unready::Never(why.to_owned()));
            }
            CallerKind::Root => {
                let all = Arc::new(Authorization::default());
                let standing = Account::new(all).standing(&who.arn, &above);
                let standing = standing.ok_or_else(|| Unready::Never("no root user".to_owned()))?;
                let (tags, blind) = (Vec::new(), "");
                return Ok(Ground { standing, tags, long_term: false, blind, at: seen_at });
            }
            CallerKind::User | CallerKind::Role => {}
        }
        let principal = need::principal(&who.arn)
            .ok_or_else(|| Unready::Never("its name is none that IAM takes".to_owned()))?;
        let (mut standing, read_at) = self.standing(target, &principal, &above)?;
        let mut tags = Vec::new();
        let session = caller.kind == CallerKind::Role;
        if session {
            // A session may bring tags of its own, and is known by an id of its own.
            tags = standing.caller.tags.take().unwrap_or_default();
            if caller.is_session() {
                standing.caller.arn = caller.arn;
            }
        }
        let key = self.callers.get(target).and_then(|load| match load {
            Load::Ready(identity) => identity.access_key.as_ref(),
            _ => None,
        });
        Ok(Ground {
            standing,
            tags,
            long_term: !session && !who.is_break_glass && key.is_some_and(|k| !k.is_temporary()),
            blind: if session { "a session policy, nor tags of the session" } else { "" },
            at: seen_at.map_or(Some(read_at), |at| Some(at.min(read_at))),
        })
    }

    /// A user or role as it was last read, under what stands above it, and when that was.
    fn standing(
        &self,
        target: &Target,
        principal: &Principal,
        above: &Arc<Above>,
    ) -> Result<(Standing, Timestamp), Unready> {
        let look = self.inspection.principals.get(&(target.clone(), principal.clone()));
        let look = look.ok_or(Unready::Asking)?;
        let Some(known) = &look.known else {
            return Err(match &look.fault {
                Some(fault) => Unready::Never(format!("{principal} could not be read: {fault}")),
                None => Unready::Asking,
            });
        };
        let holder = holder_of(&known.what.authorization, principal)
            .ok_or_else(|| Unready::Never(format!("{principal} is not in the answer")))?;
        let mut standing = Account::new(Arc::new(known.what.authorization.clone()))
            .standing(holder.arn.raw(), above)
            .ok_or_else(|| Unready::Never(format!("the ARN of {principal} is none")))?;
        standing.lacks.extend(
            known
                .gaps
                .iter()
                .filter(says_of_policies)
                .map(|gap| format!("not all of {principal} could be read: {}", gap.why)),
        );
        if let Some(fault) = &look.fault {
            standing.caveats.push(format!("{principal} could not be read anew: {fault}"));
        }
        Ok((standing, known.at))
    }

    /// A role as it was last read, under what stands above it: what decides on its calls.
    ///
    /// # Errors
    /// Why it is not known, in a sentence.
    pub fn role_standing(&self, role: &RoleAt, above: &Arc<Above>) -> Result<Standing, String> {
        let account = &role.account;
        let target = self.target_of(account).ok_or_else(|| {
            format!("account {account} is not signed in to: its role cannot be read")
        })?;
        match self.standing(&target, &Principal::Role(role.name.clone()), above) {
            Ok((standing, _)) => Ok(standing),
            Err(Unready::Asking) => Err(format!("{role} was not looked at yet")),
            Err(Unready::Never(why)) => Err(why),
        }
    }

    /// Decides; keys of the resource's tags, and keys of the service itself that the call does
    /// not fill, are known once they are asked for.
    fn decided(&self, call: &Call, ground: &Ground, seen: &Seen, now: Timestamp) -> Decision {
        let resource = self.resource(call);
        let mut context = context(call, ground, seen, now);
        let target = self.target_to_look_up(call).and_then(|who| self.looked_up(call, &who));
        let service = call.asked.action.split(':').next().unwrap_or_default();
        let mut decision = ground.standing.decide(call.asked.action, &resource, context.clone());
        for _ in 0..ROUNDS {
            let mut learnt = false;
            for key in &decision.missing {
                let folded = key.to_ascii_lowercase();
                let tag = ["aws:resourcetag/", "iam:resourcetag/"]
                    .iter()
                    .find_map(|prefix| folded.strip_prefix(prefix));
                let own = folded.strip_prefix(service).is_some_and(|rest| rest.starts_with(':'));
                let request = folded.starts_with("aws:requesttag/") || folded == "aws:tagkeys";
                let value = match (tag, target) {
                    (Some(tag), Some(holder)) => {
                        let is =
                            |(k, _): &&(Untrusted, Untrusted)| k.raw().eq_ignore_ascii_case(tag);
                        holder.tags.iter().find(is).map(|(_, v)| vec![v.raw().to_owned()])
                    }
                    (None, _) if own || request => None,
                    _ => continue,
                };
                context.set(key, value);
                learnt = true;
            }
            if !learnt {
                break;
            }
            decision = ground.standing.decide(call.asked.action, &resource, context.clone());
        }
        decision
    }

    /// The user or role that the call is about, as it was read.
    fn looked_up(&self, call: &Call, who: &Principal) -> Option<&Holder> {
        let look = self.inspection.principals.get(&(call.place.target.clone(), who.clone()))?;
        holder_of(&look.known.as_ref()?.what.authorization, who)
    }

    /// The ARN of what the call is about, with its path where it was looked up.
    pub(super) fn resource(&self, call: &Call) -> String {
        let known = self.target_to_look_up(call).and_then(|who| self.looked_up(call, &who));
        match known {
            Some(holder) => holder.arn.raw().to_owned(),
            None => call.asked.resource.clone(),
        }
    }

    fn unsure_of_target(&self, call: &Call) -> Option<String> {
        let who = self.target_to_look_up(call)?;
        let look = self.inspection.principals.get(&(call.place.target.clone(), who.clone()))?;
        let fault = look.fault.as_ref().filter(|_| look.known.is_none())?;
        Some(format!("whether {who} has a path is not known: {fault}"))
    }

    fn judged_by_simulator(&self, call: &Call, who: &Who) -> Foreseen {
        let blank = |stage, notes| Foreseen {
            who: who.clone(),
            witness: Witness::Simulator,
            stage,
            outcome: Outcome::Unknown,
            by: Vec::new(),
            missing: Vec::new(),
            blind: "session policies, RCPs, nor SCPs with conditions".to_owned(),
            notes,
            at: None,
        };
        if need::principal(&who.arn).is_none() {
            let why = "it simulates users and roles alone";
            return blank(Stage::Unanswered, vec![why.to_owned()]);
        }
        let asked = self.simulation(call, who).map(|s| (call.place.target.clone(), s));
        match asked.and_then(|asked| self.preflight.simulated.get(&asked)) {
            Some((Load::Ready(simulated), at)) => Foreseen {
                outcome: outcome(simulated),
                by: simulated.matched.iter().map(named).collect(),
                missing: simulated.missing.iter().map(|k| k.raw().to_owned()).collect(),
                at: *at,
                ..blank(Stage::Answered, said(simulated))
            },
            Some((Load::Failed(fault), _)) => blank(Stage::Unanswered, vec![fault.to_string()]),
            _ => match self.simulator_is_mute(&call.place.target) {
                Some(fault) => blank(Stage::Unanswered, vec![fault.to_string()]),
                None => blank(Stage::Asking, Vec::new()),
            },
        }
    }
}

/// The user or role among what was read.
pub(in crate::case) fn holder_of<'a>(
    all: &'a Authorization,
    who: &Principal,
) -> Option<&'a Holder> {
    match who {
        Principal::User(name) => all.user(name.as_str()).map(|user| &user.holder),
        Principal::Role(name) => all.role(name.as_str()).map(|role| &role.holder),
    }
}

/// Whether what is missing may hold a policy.
pub(in crate::case) fn says_of_policies(gap: &&Gap) -> bool {
    !BESIDE.iter().any(|operation| gap.why.what.starts_with(operation))
}

/// What stands above the account alone: the others' policies need not be read.
fn above(seen: &Seen, account: &AccountId) -> Above {
    match seen {
        Seen::No(why) => Above::NotVisible(why.clone()),
        Seen::View(view, gaps, _) => match &**view {
            View::Seen(whole) => {
                let mut part = whole.clone();
                let levels = whole.levels(account);
                part.policies.retain(|policy| {
                    levels
                        .iter()
                        .flat_map(|l| l.scps.iter().chain(&l.rcps))
                        .any(|p| p.id == policy.id)
                });
                Above::new(&View::Seen(part), gaps)
            }
            other => Above::new(other, gaps),
        },
    }
}

/// What is known of a call that halon makes itself.
fn context(call: &Call, ground: &Ground, seen: &Seen, now: Timestamp) -> Context {
    let mut context = Context::of_direct_call();
    context.set_one("aws:RequestedRegion", call.region().as_str());
    context.set_one("aws:CurrentTime", now.to_string());
    context.set_one("aws:EpochTime", now.as_second().to_string());
    if let Seen::View(view, ..) = seen {
        for whose in ["Principal", "Resource"] {
            let (id, path) = (format!("aws:{whose}OrgID"), format!("aws:{whose}OrgPaths"));
            match &**view {
                View::Seen(organization) => {
                    if let Some(own) = organization.path(&call.account) {
                        context.set_one(&id, organization.id.raw());
                        context.set_one(&path, own);
                    }
                }
                View::NotVisible { id: Some(known), .. } => context.set_one(&id, known.raw()),
                View::NotVisible { id: None, .. } => {}
                View::None => {
                    context.set(&id, None);
                    context.set(&path, None);
                }
            }
        }
    }
    if ground.long_term {
        // "The key is not present in … long-term credentials" (IAM user guide, "AWS global
        // condition context keys").
        for key in [
            "aws:MultiFactorAuthPresent",
            "aws:MultiFactorAuthAge",
            "aws:TokenIssueTime",
            "aws:SourceIdentity",
            "aws:FederatedProvider",
        ] {
            context.set(key, None);
        }
    }
    for (key, value) in &ground.tags {
        context.set_one(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    for (key, values) in &call.asked.context {
        context.set(key, Some(values.clone()).filter(|values| !values.is_empty()));
    }
    context
}

fn cause(reason: &crate::policy::Reason) -> Cause {
    Cause { policy: reason.policy.to_string(), reason: Some(reason.clone()) }
}

fn named(policy: &Untrusted) -> Cause {
    Cause { policy: policy.raw().to_owned(), reason: None }
}

/// A key that it was not given, and asks for, leaves the simulator's answer open.
fn outcome(simulated: &Simulated) -> Outcome {
    match simulated.decision.raw() {
        _ if !simulated.missing.is_empty() => Outcome::Unknown,
        "explicitDeny" => Outcome::ExplicitDeny,
        "implicitDeny" => Outcome::ImplicitDeny,
        "allowed" if simulated.by_organization == Some(false) => Outcome::ImplicitDeny,
        "allowed" if simulated.by_boundary == Some(false) => Outcome::ImplicitDeny,
        "allowed" => Outcome::Allowed,
        _ => Outcome::Unknown,
    }
}

fn said(simulated: &Simulated) -> Vec<String> {
    let mut notes = Vec::new();
    if simulated.by_organization == Some(false) {
        notes.push("the organization's policies do not allow it".to_owned());
    }
    if simulated.by_boundary == Some(false) {
        notes.push("the permissions boundary does not allow it".to_owned());
    }
    notes
}
