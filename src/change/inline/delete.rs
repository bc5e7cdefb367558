//! `iam:DeleteRolePolicy` and `iam:DeleteUserPolicy`: an inline policy goes.

use crate::{
    change::{Arg, Args, Risk, Scope, Spec, ValueType},
    domain::{State, Verb},
};

const PITFALLS: &[&str] = &[
    "With a policy that denied, what it held back is free again.",
    "Other policies may still allow the same.",
];

pub const ROLE: Spec = Spec {
    name: "iam.delete_role_policy",
    service: "IAM",
    operation: "DeleteRolePolicy",
    action: "iam:DeleteRolePolicy",
    summary: "Delete an inline policy of a role; its text is kept for the way back.",
    args: &[Arg::needed("role", ValueType::RoleName), Arg::needed("name", ValueType::PolicyName)],
    risk: Risk::Reversible,
    wide_where: Some("it denied something"),
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject: super::subject,
    verbs,
};

pub const USER: Spec = Spec {
    name: "iam.delete_user_policy",
    operation: "DeleteUserPolicy",
    action: "iam:DeleteUserPolicy",
    summary: "Delete an inline policy of a user; its text is kept for the way back.",
    args: &[Arg::needed("user", ValueType::UserName), Arg::needed("name", ValueType::PolicyName)],
    ..ROLE
};

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = super::inline(state)?;
    let name = args.inline().cloned().ok_or("a name is needed")?;
    Ok(super::unless_so(Verb::DeleteInline { of: super::who(args), name }, state))
}
