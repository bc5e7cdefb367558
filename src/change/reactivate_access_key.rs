//! `iam:UpdateAccessKey` with `Active`. A key that was ever exposed stays exposed, so
//! this asks for the key's own id.

use serde_json::Value as Json;

use super::{
    Arg, Args, Facts, Risk, Spec, ValueType,
    deactivate_access_key::{about, counts, lines, params, subject, switchable, with_status},
};
use crate::domain::{AccessKeyId, KeyState, KeyStatus, State, Subject, UserName, Verb};

pub const SPEC: Spec = Spec {
    name: "iam.reactivate_access_key",
    service: "IAM",
    operation: "UpdateAccessKey",
    action: "iam:UpdateAccessKey",
    summary: "Activate a deactivated access key again: only for one whose exposure is disproved.",
    args: &[Arg::needed("key", ValueType::AccessKeyId)],
    findings: None,
    subject,
    verbs,
};

fn verbs(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let KeyState { user, key, status, .. } = switchable(state)?;
    let verb = Verb::ReactivateAccessKey { user: user.clone(), key: key.clone() };
    Ok(if *status == KeyStatus::Active { Vec::new() } else { vec![verb] })
}

pub struct ReactivateAccessKey<'v> {
    pub user: &'v UserName,
    pub key: &'v AccessKeyId,
}

impl Facts for ReactivateAccessKey<'_> {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn subject(&self) -> Subject {
        Subject::AccessKey(self.key.clone())
    }

    fn target(&self) -> String {
        self.key.to_string()
    }

    fn params(&self) -> Json {
        params(self.user, self.key, "Active")
    }

    fn after(&self, before: &State) -> State {
        with_status(before, KeyStatus::Active)
    }

    fn counts(&self, state: &State) -> Json {
        counts(state)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        lines(state)
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let was_inactive = before.key().is_some_and(|k| k.status == KeyStatus::Inactive);
        let verb = Verb::DeactivateAccessKey { user: self.user.clone(), key: self.key.clone() };
        if was_inactive { vec![verb] } else { Vec::new() }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn risk(&self) -> Risk {
        Risk::Wide
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let mut who =
            vec!["Whoever holds this key's secret, the attacker too, can use it again.".to_owned()];
        who.extend(about(before));
        who
    }

    fn pitfalls(&self) -> &'static [&'static str] {
        &["A key that was exposed is never safe again: make a new one instead."]
    }
}
