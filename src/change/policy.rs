//! What attaching and detaching a managed policy share.

use serde_json::{Value as Json, json};

use super::{Args, Asked, Contained, Facts, Spec, asked, attach_policy, detach_policy, document};
use crate::domain::{
    AttachmentState, Change, PolicyArn, Principal, State, Subject, Verb, time::rfc3339,
    untrusted::display_in,
};

/// Who and which policy the arguments name.
pub fn named(args: &Args) -> Option<(Principal, PolicyArn)> {
    Some((args.principal()?, args.policy()?.clone()))
}

pub fn subject(args: &Args, _: &[String]) -> Subject {
    let (to, policy) = named(args).expect("INVARIANT: required arguments");
    Subject::Attachment { to, policy }
}

/// Attaching a managed policy, or detaching it.
pub struct Attaching<'v> {
    pub who: &'v Principal,
    pub policy: &'v PolicyArn,
    /// Attach, rather than detach.
    pub attached: bool,
}

impl Facts for Attaching<'_> {
    fn spec(&self) -> &'static Spec {
        match (self.attached, self.who) {
            (true, Principal::Role(_)) => &attach_policy::ROLE,
            (true, Principal::User(_)) => &attach_policy::USER,
            (false, Principal::Role(_)) => &detach_policy::ROLE,
            (false, Principal::User(_)) => &detach_policy::USER,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Attachment { to: self.who.clone(), policy: self.policy.clone() }
    }

    fn target(&self) -> String {
        self.who.name().to_owned()
    }

    fn params(&self) -> Json {
        let key = match self.who {
            Principal::User(_) => "UserName",
            Principal::Role(_) => "RoleName",
        };
        json!({key: self.who.name(), "PolicyArn": self.policy.as_str()})
    }

    /// `iam:PermissionsBoundary` is the boundary that the principal has (IAM user guide,
    /// "Available keys for IAM").
    fn asks(&self, change: &Change, before: &State) -> Asked {
        asked::of(self.spec().action, change, self.who, before.principal())
            .with("iam:PolicyARN", self.policy.as_str())
    }

    fn after(&self, before: &State) -> State {
        with(before, self.policy, self.attached)
    }

    /// Whether it is attached, and what it says: a policy edited meanwhile is another one.
    fn counts(&self, state: &State) -> Json {
        let Some(state) = state.attachment() else { return Json::Null };
        let (version, document) = (state.version.raw(), state.document.raw());
        json!([state.principal.principal, state.policy, state.is_attached(), version, document])
    }

    /// Whatever the policy says by then.
    fn is_done(&self, _: &State, now: &State) -> bool {
        now.attachment().is_some_and(|s| s.is_attached() == self.attached)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        lines(state)
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let Some(was) = before.attachment().map(|s| s.is_attached()) else { return Vec::new() };
        let (who, policy) = (self.who.clone(), self.policy.clone());
        match (was, self.attached) {
            (true, false) => vec![Verb::AttachPolicy { to: who, policy }],
            (false, true) => vec![Verb::DetachPolicy { from: who, policy }],
            (true, true) | (false, false) => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, before: &State) -> Vec<String> {
        affected(before)
    }

    /// What its other policies allow goes on. A deny of everything stops everything.
    fn contains(&self, before: &State) -> Option<Contained> {
        let document = before.attachment().map_or("", |a| a.document.raw());
        if self.attached {
            return document::denies_everything(document).then(|| Contained::wholly(self.who));
        }
        Some(Contained::partly(self.who))
    }

    fn impossible(&self, before: &State) -> Option<String> {
        before.attachment()?.principal.unmodifiable()
    }
}

/// The same principal with the policy attached, or not.
fn with(before: &State, policy: &PolicyArn, attached: bool) -> State {
    let mut after = before.clone();
    if let State::Attachment(state) = &mut after {
        let was = state.is_attached();
        state.principal.attached.retain(|p| p != policy);
        if attached {
            state.principal.attached.push(policy.clone());
            state.principal.attached.sort();
        }
        state.attachments =
            (state.attachments + u32::from(attached)).saturating_sub(u32::from(was));
    }
    after
}

fn lines(state: &State) -> Vec<String> {
    let Some(state) = state.attachment() else { return Vec::new() };
    let mut lines: Vec<String> = state.principal.attached.iter().map(ToString::to_string).collect();
    if lines.is_empty() {
        lines.push("no managed policy attached".to_owned());
    }
    if state.is_attached() {
        lines.push(format!("{} {}:", state.policy.name(), display_in(state.version.raw(), 12)));
        lines.extend(document::lines(state.document.raw()));
    }
    lines
}

fn affected(before: &State) -> Vec<String> {
    let Some(AttachmentState { principal, policy, attachments, .. }) = before.attachment() else {
        return Vec::new();
    };
    let mut who = Vec::new();
    who.push(match principal.last_used {
        Some(at) => format!("{} was last used {}.", principal.principal, rfc3339(at)),
        None => format!("IAM knows of no use of {}.", principal.principal),
    });
    who.push(match attachments {
        0 => format!("{} is attached to nobody else.", policy.name()),
        n => format!("{} is attached to {n} in all; the others keep it.", policy.name()),
    });
    let rest = principal.attached.iter().filter(|p| *p != policy).count();
    who.push(format!(
        "{} other managed and {} inline policies stay with {}.",
        rest,
        principal.inline.len(),
        principal.principal
    ));
    who
}
