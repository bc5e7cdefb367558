//! `iam:AttachRolePolicy` and `iam:AttachUserPolicy`: a managed policy to a role or user.

use super::{Arg, Args, Risk, Scope, Spec, ValueType, policy};
use crate::domain::{State, Verb};

const PITFALLS: &[&str] = &[
    "A role or user takes 10 managed policies unless the quota was raised; one more is refused.",
    "The rights come to live sessions as well.",
];

pub const ROLE: Spec = Spec {
    name: "iam.attach_role_policy",
    service: "IAM",
    operation: "AttachRolePolicy",
    action: "iam:AttachRolePolicy",
    summary: "Attach a managed policy to a role.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("policy", ValueType::PolicyArn)],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: PITFALLS,
    scope: Scope::Iam,
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
