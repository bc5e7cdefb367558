//! `iam:UpdateAccessKey` with `Inactive`: the key stops, and can be started again.

use super::{Arg, Args, Risk, Scope, Spec, ValueType, keys};
use crate::domain::{KeyState, KeyStatus, State, Verb};

pub const SPEC: Spec = Spec {
    name: "iam.deactivate_access_key",
    service: "IAM",
    operation: "UpdateAccessKey",
    action: "iam:UpdateAccessKey",
    summary: "Deactivate a user's access key. Preferred to deleting: it shows what breaks and \
              keeps the key's id for CloudTrail.",
    args: &[Arg::needed("key", ValueType::AccessKeyId)],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: PITFALLS,
    scope: Scope::Iam,
    subject: keys::subject,
    verbs,
};

pub const PITFALLS: &[&str] = &[
    "Sessions already made with it (GetSessionToken, GetFederationToken, AssumeRole) go on \
             until they expire.",
    "IAM is eventually consistent: the key may work for a moment longer.",
];

fn verbs(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let KeyState { user, key, status, .. } = keys::switchable(state)?;
    let verb = Verb::DeactivateAccessKey { user: user.clone(), key: key.clone() };
    Ok(if *status == KeyStatus::Inactive { Vec::new() } else { vec![verb] })
}
