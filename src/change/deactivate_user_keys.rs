//! Every active access key of a user off: `iam:UpdateAccessKey` for each.

use super::{Arg, Args, Risk, Scope, Spec, ValueType};
use crate::domain::{KeyStatus, State, Subject, Verb};

pub const SPEC: Spec = Spec {
    name: "iam.deactivate_user_keys",
    service: "IAM",
    operation: "UpdateAccessKey",
    action: "iam:UpdateAccessKey",
    summary: "Switch every active access key of a user off, one call for each.",
    args: &[Arg::needed("user", ValueType::UserName)],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: super::deactivate_access_key::PITFALLS,
    scope: Scope::Iam,
    subject,
    verbs,
};

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::AccessKeys(args.user().cloned().expect("INVARIANT: a required argument"))
}

fn verbs(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = state.keys().ok_or("this is no user")?;
    let active = state.keys.iter().filter(|k| k.status == KeyStatus::Active);
    let off = |k: &crate::domain::KeyState| Verb::DeactivateAccessKey {
        user: state.user.clone(),
        key: k.key.clone(),
    };
    Ok(active.map(off).collect())
}
