//! `iam:PutRolePolicy` and `iam:PutUserPolicy`: an inline policy as it is given.

use crate::{
    change::{Arg, Args, Risk, Scope, Spec, ValueType},
    domain::{State, Verb},
};

const PITFALLS: &[&str] = &[
    "A policy of the same name is overwritten; its text is kept for the way back.",
    "Live sessions follow it too, after a few minutes at most.",
];

pub const ROLE: Spec = Spec {
    name: "iam.put_role_policy",
    service: "IAM",
    operation: "PutRolePolicy",
    action: "iam:PutRolePolicy",
    summary: "Put an inline policy on a role, in the place of one of the same name.",
    args: &[
        Arg::needed("role", ValueType::RoleName),
        Arg::needed("name", ValueType::PolicyName),
        Arg::needed("document", ValueType::PolicyDocument),
    ],
    risk: Risk::Reversible,
    wide_where: Some("it allows something, or takes the place of a deny"),
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject: super::subject,
    verbs,
};

pub const USER: Spec = Spec {
    name: "iam.put_user_policy",
    operation: "PutUserPolicy",
    action: "iam:PutUserPolicy",
    summary: "Put an inline policy on a user, in the place of one of the same name.",
    args: &[
        Arg::needed("user", ValueType::UserName),
        Arg::needed("name", ValueType::PolicyName),
        Arg::needed("document", ValueType::PolicyDocument),
    ],
    ..ROLE
};

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = super::inline(state)?;
    let (Some(name), Some(document)) = (args.inline(), args.document()) else {
        return Err("a name and a document are needed".to_owned());
    };
    let (to, name, document) = (super::who(args), name.clone(), document.to_owned());
    Ok(super::unless_so(Verb::PutInline { to, name, document }, state))
}
