//! `iam:DetachRolePolicy` and `iam:DetachUserPolicy`: a managed policy from a role or user.

use serde_json::Value as Json;

use super::{Arg, Args, Facts, Risk, Spec, ValueType, policy};
use crate::domain::{PolicyArn, Principal, State, Subject, Verb};

pub const ROLE: Spec = Spec {
    name: "iam.detach_role_policy",
    service: "IAM",
    operation: "DetachRolePolicy",
    action: "iam:DetachRolePolicy",
    summary: "Detach a managed policy from a role.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("policy", ValueType::PolicyArn)],
    findings: None,
    subject: policy::subject,
    verbs,
};

pub const USER: Spec = Spec {
    name: "iam.detach_user_policy",
    operation: "DetachUserPolicy",
    action: "iam:DetachUserPolicy",
    summary: "Detach a managed policy from a user.",
    args: &[Arg::needed("user", ValueType::UserName), Arg::needed("policy", ValueType::PolicyArn)],
    ..ROLE
};

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = state.attachment().ok_or("this is no policy of a user or role")?;
    let (Some((from, policy)), true) = (policy::named(args), state.is_attached()) else {
        return Ok(Vec::new());
    };
    Ok(vec![Verb::DetachPolicy { from, policy }])
}

pub struct DetachPolicy<'v> {
    pub from: &'v Principal,
    pub policy: &'v PolicyArn,
}

impl Facts for DetachPolicy<'_> {
    fn spec(&self) -> &'static Spec {
        match self.from {
            Principal::Role(_) => &ROLE,
            Principal::User(_) => &USER,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Attachment { to: self.from.clone(), policy: self.policy.clone() }
    }

    fn target(&self) -> String {
        self.from.name().to_owned()
    }

    fn params(&self) -> Json {
        policy::params(self.from, self.policy)
    }

    fn after(&self, before: &State) -> State {
        policy::with(before, self.policy, false)
    }

    fn counts(&self, state: &State) -> Json {
        policy::counts(state)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        policy::lines(state)
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let was = before.attachment().is_some_and(|s| s.is_attached());
        let verb = Verb::AttachPolicy { to: self.from.clone(), policy: self.policy.clone() };
        if was { vec![verb] } else { Vec::new() }
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
            "Live sessions lose the policy's rights too, after a few minutes at most.",
            "Whatever attaches policies by itself (pipelines, AWS Config, Terraform) may attach it again.",
        ]
    }

    fn impossible(&self, before: &State) -> Option<String> {
        policy::impossible(before)
    }
}
