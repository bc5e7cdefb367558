//! What stands above an account: `organizations:AttachPolicy`, `organizations:DetachPolicy`,
//! `organizations:MoveAccount`. Only the management account, or whom it delegated to, can.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, document};
use crate::domain::{
    AccountId, AttachedScps, Change, MemberState, OrgTarget, Scp, ScpId, State, Subject, Verb,
    untrusted::display_in,
};
use crate::policy::exempt::Newly;

/// SCPs that may be attached to one root, unit or account (Organizations user guide, "Quotas").
const MOST: usize = 5;

pub const ATTACH: Spec = Spec {
    name: "organizations.attach_scp",
    service: "Organizations",
    operation: "AttachPolicy",
    action: "organizations:AttachPolicy",
    summary: "Attach a service control policy to the root, a unit or an account.",
    args: &[Arg::needed("scp", ValueType::ScpId), Arg::needed("target", ValueType::OrgTarget)],
    risk: Risk::Wide,
    wide_where: None,
    pitfalls: &[
        "An SCP binds neither the management account nor service-linked roles.",
        "It takes a few minutes to be everywhere.",
        "Whoever must still get in has to be exempt in it: break-glass, and this console.",
    ],
    scope: Scope::Organization,
    subject: of_policy,
    verbs: attach,
};

pub const DETACH: Spec = Spec {
    name: "organizations.detach_scp",
    operation: "DetachPolicy",
    action: "organizations:DetachPolicy",
    summary: "Detach a service control policy from the root, a unit or an account.",
    verbs: detach,
    pitfalls: &[
        "What the SCP held back is free again in every account beneath.",
        "It takes a few minutes to be everywhere.",
    ],
    ..ATTACH
};

pub const MOVE: Spec = Spec {
    name: "organizations.move_account",
    operation: "MoveAccount",
    action: "organizations:MoveAccount",
    summary: "Move an account into another unit, such as one for quarantine.",
    args: &[Arg::needed("account", ValueType::AccountId), Arg::needed("to", ValueType::OrgTarget)],
    subject: of_account,
    verbs: moving,
    pitfalls: &[
        "Whatever goes by the unit changes too: StackSets, Control Tower, backup and tag \
             policies, Config rules.",
        "It takes a few minutes to be everywhere.",
        "Whoever must still get in has to be exempt in what stands above the new place.",
    ],
    ..ATTACH
};

fn of_policy(args: &Args, _: &[String]) -> Subject {
    let target = args.target("target").cloned();
    Subject::Scp {
        scp: args.scp().cloned().expect("INVARIANT: a required argument"),
        target: target.expect("INVARIANT: a required argument"),
    }
}

fn of_account(args: &Args, _: &[String]) -> Subject {
    let account = args.account().cloned();
    Subject::Member {
        account: account.expect("INVARIANT: a required argument"),
        to: args.target("to").cloned().expect("INVARIANT: a required argument"),
    }
}

fn scp(state: &State) -> Result<&AttachedScps, String> {
    state.scp().ok_or_else(|| "this is no SCP".to_owned())
}

fn attach(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = scp(state)?;
    let (scp, target) = (state.scp.id.clone(), state.target.clone());
    Ok(if state.is_attached() { Vec::new() } else { vec![Verb::AttachScp { scp, target }] })
}

fn detach(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = scp(state)?;
    let (scp, target) = (state.scp.id.clone(), state.target.clone());
    Ok(if state.is_attached() { vec![Verb::DetachScp { scp, target }] } else { Vec::new() })
}

fn moving(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = state.member().ok_or("this is no account of an organization")?;
    if state.parent == state.to {
        return Ok(Vec::new());
    }
    let (account, from, to) = (state.account.clone(), state.parent.clone(), state.to.clone());
    Ok(vec![Verb::MoveAccount { account, from, to }])
}

/// What a change would newly put above accounts, and those accounts: policies that must leave a
/// way in for break-glass. Nothing where no policy comes to stand there.
pub fn lays<'s>(verb: &Verb, before: &'s State) -> Option<(Vec<Newly>, Vec<&'s AccountId>)> {
    let policies =
        |scps: &[Scp]| scps.iter().map(|scp| (scp.name.clone(), scp.document.clone())).collect();
    match (verb, before) {
        (Verb::AttachScp { .. }, State::Scp(state)) => {
            let level = Newly {
                target: state.target.as_str().into(),
                name: state.target_name.clone(),
                policies: policies(std::slice::from_ref(&state.scp)),
                beside_others: true,
            };
            Some((vec![level], state.accounts.iter().map(|(id, _)| id).collect()))
        }
        (Verb::MoveAccount { .. }, State::Member(state)) if !state.gains.is_empty() => {
            let level = |(target, scps): &(OrgTarget, Vec<Scp>)| Newly {
                target: target.as_str().into(),
                name: target.as_str().into(),
                policies: policies(scps),
                beside_others: false,
            };
            Some((state.ahead.iter().map(level).collect(), vec![&state.account]))
        }
        _ => None,
    }
}

/// The ARN of something in the organization; its account is the management account's
/// (Service Authorization Reference, AWS Organizations).
fn arn(change: &Change, owner: &str, path: &str) -> String {
    format!("arn:{}:organizations::{owner}:{path}", change.place.region.partition())
}

/// Attaching an SCP, or detaching it.
pub struct Controlling<'v> {
    pub scp: &'v ScpId,
    pub target: &'v OrgTarget,
    pub attached: bool,
}

impl Facts for Controlling<'_> {
    fn spec(&self) -> &'static Spec {
        if self.attached { &ATTACH } else { &DETACH }
    }

    fn subject(&self) -> Subject {
        Subject::Scp { scp: self.scp.clone(), target: self.target.clone() }
    }

    fn target(&self) -> String {
        self.target.to_string()
    }

    fn params(&self) -> Json {
        json!({"PolicyId": self.scp.as_str(), "TargetId": self.target.as_str()})
    }

    fn asks(&self, change: &Change, before: &State) -> Asked {
        let state = before.scp();
        let aws = self.scp.as_str() == "p-FullAWSAccess";
        let (owner, organization) = match state {
            Some(state) => (change.account.as_str(), state.organization.raw()),
            None => (change.account.as_str(), "*"),
        };
        let path = if aws {
            ("aws", format!("policy/service_control_policy/{}", self.scp))
        } else {
            (owner, format!("policy/{organization}/service_control_policy/{}", self.scp))
        };
        let asked = Asked::new(self.spec().action, arn(change, path.0, &path.1));
        asked.with("organizations:PolicyType", "SERVICE_CONTROL_POLICY")
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Scp(state) = &mut after {
            state.attached.retain(|(id, _)| id != self.scp);
            if self.attached {
                state.attached.push((self.scp.clone(), state.scp.name.clone()));
                state.attached.sort();
            }
        }
        after
    }

    /// Whether it is attached, and what it says: a policy edited meanwhile is another one.
    fn counts(&self, state: &State) -> Json {
        let Some(state) = state.scp() else { return Json::Null };
        let says = document::meaning(state.scp.document.raw());
        json!([state.target, state.scp.id, state.is_attached(), says])
    }

    fn is_done(&self, _: &State, now: &State) -> bool {
        now.scp().is_some_and(|s| s.is_attached() == self.attached)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = state.scp() else { return Vec::new() };
        let mut lines = vec![format!(
            "attached to {} {}:",
            display_in(state.target_name.raw(), 60),
            state.target
        )];
        let names = state.attached.iter();
        lines.extend(names.map(|(id, name)| format!("{id} {}", display_in(name.raw(), 128))));
        if state.is_attached() {
            lines.push(format!("{} says:", display_in(state.scp.name.raw(), 128)));
            lines.extend(document::lines(state.scp.document.raw()));
        }
        lines
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let (scp, target) = (self.scp.clone(), self.target.clone());
        match (before.scp().map(AttachedScps::is_attached), self.attached) {
            (Some(false), true) => vec![Verb::DetachScp { scp, target }],
            (Some(true), false) => vec![Verb::AttachScp { scp, target }],
            _ => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let Some(state) = before.scp() else { return Vec::new() };
        let mut said = vec![match state.accounts.len() {
            0 => "No account stands beneath it that an SCP binds.".to_owned(),
            1 => format!("One account: {}.", accounts(state)),
            n => format!("{n} accounts: {}.", accounts(state)),
        }];
        if self.attached {
            said.push("Every user and role of them, their root users too.".to_owned());
        }
        said
    }

    fn impossible(&self, before: &State) -> Option<String> {
        let state = before.scp()?;
        match (self.attached, state.attached.len()) {
            (true, n) if n >= MOST => {
                Some(format!("{} has {n} SCPs, and AWS takes no more than {MOST}", state.target))
            }
            (false, 1) => Some(format!(
                "{} must keep one SCP at least: without any, everything would be denied",
                state.target
            )),
            _ => None,
        }
    }
}

/// A few accounts by name, sanitised.
fn accounts(state: &AttachedScps) -> String {
    let name = |(id, name): &(AccountId, _)| {
        let name: &crate::domain::Untrusted = name;
        format!("{} {id}", display_in(name.raw(), 40))
    };
    let mut names: Vec<String> = state.accounts.iter().take(5).map(name).collect();
    if state.accounts.len() > 5 {
        names.push(format!("and {} more", state.accounts.len() - 5));
    }
    names.join(", ")
}

pub struct Moving<'v> {
    pub account: &'v AccountId,
    pub from: &'v OrgTarget,
    pub to: &'v OrgTarget,
}

impl Moving<'_> {
    fn state<'s>(&self, state: &'s State) -> Option<&'s MemberState> {
        state.member().filter(|m| m.account == *self.account)
    }
}

impl Facts for Moving<'_> {
    fn spec(&self) -> &'static Spec {
        &MOVE
    }

    fn subject(&self) -> Subject {
        Subject::Member { account: self.account.clone(), to: self.to.clone() }
    }

    fn target(&self) -> String {
        self.account.to_string()
    }

    fn params(&self) -> Json {
        json!({
            "AccountId": self.account.as_str(),
            "SourceParentId": self.from.as_str(),
            "DestinationParentId": self.to.as_str(),
        })
    }

    fn asks(&self, change: &Change, before: &State) -> Asked {
        let organization = self.state(before).map_or("*", |state| state.organization.raw());
        let path = format!("account/{organization}/{}", self.account);
        Asked::new(MOVE.action, arn(change, change.account.as_str(), &path))
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Member(state) = &mut after {
            state.parent = self.to.clone();
            state.parent_name = state.to_name.clone();
            state.ahead.clear();
            state.gains.clear();
            state.loses.clear();
        }
        after
    }

    /// Where it stands, and which policies the move would change and what they say.
    fn counts(&self, state: &State) -> Json {
        let Some(state) = self.state(state) else { return Json::Null };
        let says = |all: &[Scp]| -> Vec<Json> {
            all.iter().map(|p| json!([p.id, document::meaning(p.document.raw())])).collect()
        };
        json!([state.parent, says(&state.gains), says(&state.loses)])
    }

    fn is_done(&self, _: &State, now: &State) -> bool {
        self.state(now).is_some_and(|m| m.parent == *self.to)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = self.state(state) else { return Vec::new() };
        let name = display_in(state.parent_name.raw(), 60);
        vec![format!("{} is in {name} {}", display_in(state.name.raw(), 60), state.parent)]
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        match self.state(before) {
            Some(was) if was.parent != *self.to => vec![Verb::MoveAccount {
                account: self.account.clone(),
                from: self.to.clone(),
                to: was.parent.clone(),
            }],
            _ => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    /// The call names where the account is, and is refused where that is not so any more.
    fn impossible(&self, before: &State) -> Option<String> {
        let state = self.state(before)?;
        (state.parent != *self.from).then(|| {
            format!("account {} is in {} now, not in {}", self.account, state.parent, self.from)
        })
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let Some(state) = self.state(before) else { return Vec::new() };
        let names = |all: &[Scp]| {
            let names: Vec<String> = all.iter().map(|p| display_in(p.name.raw(), 60)).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        vec![
            format!("SCPs that come to stand above it: {}.", names(&state.gains)),
            format!("SCPs that stand above it no more: {}.", names(&state.loses)),
        ]
    }
}
