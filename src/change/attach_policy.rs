//! `iam:AttachRolePolicy` and `iam:AttachUserPolicy`: a managed policy to a role or user.

use serde_json::Value as Json;

use super::{Arg, Args, Facts, Risk, Spec, ValueType, policy};
use crate::domain::{PolicyArn, Principal, State, Subject, Verb};

pub const ROLE: Spec = Spec {
    name: "iam.attach_role_policy",
    service: "IAM",
    operation: "AttachRolePolicy",
    action: "iam:AttachRolePolicy",
    summary: "Attach a managed policy to a role.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("policy", ValueType::PolicyArn)],
    findings: None,
    subject: policy::subject,
    verbs,
};

pub const USER: Spec = Spec {
    name: "iam.attach_user_policy",
    operation: "AttachUserPolicy",
    action: "iam:AttachUserPolicy",
    summary: "Attach a managed policy to a user.",
    args: &[Arg::needed("user", ValueType::UserName), Arg::needed("policy", ValueType::PolicyArn)],
    ..ROLE
};

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = state.attachment().ok_or("this is no policy of a user or role")?;
    let (Some((to, policy)), false) = (policy::named(args), state.is_attached()) else {
        return Ok(Vec::new());
    };
    Ok(vec![Verb::AttachPolicy { to, policy }])
}

pub struct AttachPolicy<'v> {
    pub to: &'v Principal,
    pub policy: &'v PolicyArn,
}

impl Facts for AttachPolicy<'_> {
    fn spec(&self) -> &'static Spec {
        match self.to {
            Principal::Role(_) => &ROLE,
            Principal::User(_) => &USER,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Attachment { to: self.to.clone(), policy: self.policy.clone() }
    }

    fn target(&self) -> String {
        self.to.name().to_owned()
    }

    fn params(&self) -> Json {
        policy::params(self.to, self.policy)
    }

    fn after(&self, before: &State) -> State {
        policy::with(before, self.policy, true)
    }

    fn counts(&self, state: &State) -> Json {
        policy::counts(state)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        policy::lines(state)
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let was = before.attachment().is_some_and(|s| s.is_attached());
        let verb = Verb::DetachPolicy { from: self.to.clone(), policy: self.policy.clone() };
        if !was { vec![verb] } else { Vec::new() }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn risk(&self) -> Risk {
        Risk::Reversible
    }

    fn affected(&self, before: &State) -> Vec<String> {
        policy::affected(before)
    }

    fn pitfalls(&self) -> &'static [&'static str] {
        &[
            "A role or user takes 10 managed policies unless the quota was raised; one more is refused.",
            "The rights come to live sessions as well.",
        ]
    }

    fn impossible(&self, before: &State) -> Option<String> {
        policy::impossible(before)
    }
}
