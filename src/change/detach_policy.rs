//! `iam:DetachRolePolicy` and `iam:DetachUserPolicy`: a managed policy from a role or user.

use super::{Arg, Args, Risk, Scope, Spec, ValueType, policy};
use crate::domain::{State, Verb};

const PITFALLS: &[&str] = &[
    "Live sessions lose the policy's rights too, after a few minutes at most.",
    "Whatever attaches policies by itself (pipelines, AWS Config, Terraform) may attach it again.",
];

pub const ROLE: Spec = Spec {
    name: "iam.detach_role_policy",
    service: "IAM",
    operation: "DetachRolePolicy",
    action: "iam:DetachRolePolicy",
    summary: "Detach a managed policy from a role.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("policy", ValueType::PolicyArn)],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: PITFALLS,
    scope: Scope::Iam,
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
