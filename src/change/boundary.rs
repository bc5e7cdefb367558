//! A permissions boundary as a brake: `iam:PutRolePermissionsBoundary`,
//! `iam:PutUserPermissionsBoundary` and their `Delete`.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Contained, Facts, Risk, Scope, Spec, ValueType, asked};
use crate::domain::{
    Change, PolicyArn, Principal, State, Subject, Verb, time::rfc3339, untrusted::display_in,
};

pub const PUT_ROLE: Spec = Spec {
    name: "iam.put_role_boundary",
    service: "IAM",
    operation: "PutRolePermissionsBoundary",
    action: "iam:PutRolePermissionsBoundary",
    summary: "Set a managed policy as a role's permissions boundary, in the place of another.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("policy", ValueType::PolicyArn)],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: PITFALLS_OF_PUTTING,
    scope: Scope::Iam,
    subject,
    verbs: put,
};

pub const PUT_USER: Spec = Spec {
    name: "iam.put_user_boundary",
    operation: "PutUserPermissionsBoundary",
    action: "iam:PutUserPermissionsBoundary",
    summary: "Set a managed policy as a user's permissions boundary, in the place of another.",
    args: &[Arg::needed("user", ValueType::UserName), Arg::needed("policy", ValueType::PolicyArn)],
    ..PUT_ROLE
};

pub const REMOVE_ROLE: Spec = Spec {
    name: "iam.remove_role_boundary",
    operation: "DeleteRolePermissionsBoundary",
    action: "iam:DeleteRolePermissionsBoundary",
    summary: "Remove a role's permissions boundary: it may be able to do more afterwards.",
    args: &[Arg::needed("role", ValueType::RoleName)],
    verbs: remove,
    risk: Risk::Wide,
    pitfalls: PITFALLS_OF_REMOVING,
    ..PUT_ROLE
};

pub const REMOVE_USER: Spec = Spec {
    name: "iam.remove_user_boundary",
    operation: "DeleteUserPermissionsBoundary",
    action: "iam:DeleteUserPermissionsBoundary",
    summary: "Remove a user's permissions boundary: it may be able to do more afterwards.",
    args: &[Arg::needed("user", ValueType::UserName)],
    ..REMOVE_ROLE
};

const PITFALLS_OF_PUTTING: &[&str] = &[
    "A boundary is weaker than a deny: policies of resources that name a user, or a session of \
     the role, are not limited by it.",
    "The boundary that was there is replaced; it comes back with the undo.",
    "It takes a few minutes to be everywhere.",
];

const PITFALLS_OF_REMOVING: &[&str] =
    &["Whatever the boundary held back is free again.", "It takes a few minutes to be everywhere."];

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::Principal(args.principal().expect("INVARIANT: a required argument"))
}

/// The boundary of the user or role that was read.
fn boundary(state: &State) -> Option<&str> {
    match state {
        State::Principal(p) => p.boundary.as_ref().map(|b| b.raw()),
        _ => None,
    }
}

fn put(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let (Some(to), Some(policy)) = (args.principal(), args.policy()) else {
        return Err("a user or role and a policy are needed".to_owned());
    };
    if boundary(state) == Some(policy.as_str()) {
        return Ok(Vec::new());
    }
    Ok(vec![Verb::PutBoundary { to, policy: policy.clone() }])
}

fn remove(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let of = args.principal().ok_or("a user or role is needed")?;
    Ok(boundary(state).map(|_| vec![Verb::RemoveBoundary { of }]).unwrap_or_default())
}

/// Setting a boundary, or removing it.
pub struct Bounding<'v> {
    pub of: &'v Principal,
    pub policy: Option<&'v PolicyArn>,
}

impl Facts for Bounding<'_> {
    fn spec(&self) -> &'static Spec {
        match (self.of, self.policy) {
            (Principal::Role(_), Some(_)) => &PUT_ROLE,
            (Principal::User(_), Some(_)) => &PUT_USER,
            (Principal::Role(_), None) => &REMOVE_ROLE,
            (Principal::User(_), None) => &REMOVE_USER,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Principal(self.of.clone())
    }

    fn target(&self) -> String {
        self.of.name().to_owned()
    }

    fn params(&self) -> Json {
        let key = match self.of {
            Principal::User(_) => "UserName",
            Principal::Role(_) => "RoleName",
        };
        let mut params = json!({key: self.of.name()});
        if let Some(policy) = self.policy {
            params["PermissionsBoundary"] = json!(policy.as_str());
        }
        params
    }

    /// The boundary that is asked about is the new one where one is set (Service Authorization
    /// Reference, `iam:PermissionsBoundary`).
    fn asks(&self, change: &Change, before: &State) -> Asked {
        let mut asked = asked::of(self.spec().action, change, self.of, before.principal());
        if let Some(policy) = self.policy {
            asked.context.clear();
            asked = asked.with("iam:PermissionsBoundary", policy.as_str());
        }
        asked
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Principal(state) = &mut after {
            state.boundary = self.policy.map(|p| p.as_str().into());
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        let Some(who) = state.principal() else { return Json::Null };
        json!([who.arn, boundary(state)])
    }

    fn is_done(&self, _: &State, now: &State) -> bool {
        now.principal().is_some() && boundary(now) == self.policy.map(PolicyArn::as_str)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        vec![match boundary(state) {
            Some(arn) => format!("permissions boundary: {}", display_in(arn, 200)),
            None => "no permissions boundary".to_owned(),
        }]
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let of = self.of.clone();
        match (boundary(before).map(str::parse::<PolicyArn>), self.policy) {
            (Some(Ok(was)), Some(policy)) if was == *policy => Vec::new(),
            (Some(Ok(policy)), _) => vec![Verb::PutBoundary { to: of, policy }],
            (None, Some(_)) => vec![Verb::RemoveBoundary { of }],
            (Some(Err(_)) | None, _) => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let Some(who) = before.principal() else { return Vec::new() };
        vec![match who.last_used {
            Some(at) => format!("{} was last used {}.", who.principal, rfc3339(at)),
            None => format!("IAM knows of no use of {}.", who.principal),
        }]
    }

    fn contains(&self, _: &State) -> Option<Contained> {
        self.policy.map(|_| Contained::partly(self.of))
    }

    fn impossible(&self, before: &State) -> Option<String> {
        before.principal()?.unmodifiable()
    }
}
