//! `iam:UpdateAccessKey` with `Active`. A key that was ever exposed stays exposed, so
//! this asks for the key's own id.

use super::{Arg, Args, Risk, Scope, Spec, ValueType, keys};
use crate::domain::{KeyState, KeyStatus, State, Verb};

pub const SPEC: Spec = Spec {
    name: "iam.reactivate_access_key",
    service: "IAM",
    operation: "UpdateAccessKey",
    action: "iam:UpdateAccessKey",
    summary: "Activate a deactivated access key again: only for one whose exposure is disproved.",
    args: &[Arg::needed("key", ValueType::AccessKeyId)],
    risk: Risk::Wide,
    wide_where: None,
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject: keys::subject,
    verbs,
};

const PITFALLS: &[&str] = &["A key that was exposed is never safe again: make a new one instead."];

fn verbs(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let KeyState { user, key, status, .. } = keys::switchable(state)?;
    let verb = Verb::ReactivateAccessKey { user: user.clone(), key: key.clone() };
    Ok(if *status == KeyStatus::Active { Vec::new() } else { vec![verb] })
}
