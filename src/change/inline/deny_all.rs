//! Deny everything to a user or role, by an inline policy: the fastest stop there is, for a
//! console session too (AWS incident response playbooks, compromised IAM credentials).

use serde_json::json;

use crate::{
    change::{Arg, Args, Risk, Scope, Spec, ValueType},
    domain::{State, Verb},
};

pub const NAME: &str = "HalonDenyAll";

const PITFALLS: &[&str] = &[
    "Whatever runs as this identity stops, the legitimate too.",
    "It takes a few minutes to be everywhere.",
    "Policies of resources that name a session directly cannot pass an explicit deny either; \
     anonymous access can.",
];

pub const ROLE: Spec = Spec {
    name: "iam.deny_all_role",
    service: "IAM",
    operation: "PutRolePolicy",
    action: "iam:PutRolePolicy",
    summary: "Deny everything to a role with the inline policy HalonDenyAll.",
    args: &[Arg::needed("role", ValueType::RoleName)],
    risk: Risk::Wide,
    wide_where: None,
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject: super::subject,
    verbs,
};

pub const USER: Spec = Spec {
    name: "iam.deny_all_user",
    operation: "PutUserPolicy",
    action: "iam:PutUserPolicy",
    summary: "Deny everything to a user with the inline policy HalonDenyAll.",
    args: &[Arg::needed("user", ValueType::UserName)],
    risk: Risk::Reversible,
    ..ROLE
};

pub fn document() -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": NAME, "Effect": "Deny", "Action": "*", "Resource": "*"}],
    })
    .to_string()
}

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    Ok(super::unless_so(Verb::DenyAll { to: super::who(args) }, super::inline(state)?))
}
