//! `iam:UpdateAccessKey` with `Inactive`: the key stops, and can be started again.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Facts, Risk, Spec, ValueType};
use crate::domain::{
    AccessKeyId, KeyState, KeyStatus, State, Subject, UserName, Verb, untrusted::display_in,
};

pub const SPEC: Spec = Spec {
    name: "iam.deactivate_access_key",
    service: "IAM",
    operation: "UpdateAccessKey",
    action: "iam:UpdateAccessKey",
    summary: "Deactivate a user's access key. Preferred to deleting: it shows what breaks and \
              keeps the key's id for CloudTrail.",
    args: &[Arg::needed("key", ValueType::AccessKeyId)],
    findings: None,
    subject,
    verbs,
};

pub fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::AccessKey(args.key().cloned().expect("INVARIANT: a required argument"))
}

/// The key's state, where it can be switched at all.
pub fn switchable(state: &State) -> Result<&KeyState, String> {
    let key = state.key().ok_or("this is no access key")?;
    if key.key.is_temporary() {
        return Err("a temporary key (ASIA…) belongs to a session and cannot be switched off; \
                    the session is what must end"
            .to_owned());
    }
    Ok(key)
}

fn verbs(_: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let KeyState { user, key, status, .. } = switchable(state)?;
    let verb = Verb::DeactivateAccessKey { user: user.clone(), key: key.clone() };
    Ok(if *status == KeyStatus::Inactive { Vec::new() } else { vec![verb] })
}

pub struct DeactivateAccessKey<'v> {
    pub user: &'v UserName,
    pub key: &'v AccessKeyId,
}

/// The parameters of `UpdateAccessKey`.
pub fn params(user: &UserName, key: &AccessKeyId, status: &str) -> Json {
    json!({"UserName": user.as_str(), "AccessKeyId": key.as_str(), "Status": status})
}

/// The key with another status.
pub fn with_status(before: &State, status: KeyStatus) -> State {
    let mut after = before.clone();
    if let State::AccessKey(key) = &mut after {
        key.status = status;
    }
    after
}

pub fn counts(state: &State) -> Json {
    state.key().map_or(Json::Null, |k| json!([k.user, k.key, k.status.word()]))
}

pub fn lines(state: &State) -> Vec<String> {
    let Some(key) = state.key() else { return vec!["no such key".to_owned()] };
    vec![format!("{} of user {}: {}", key.key, key.user, key.status.word())]
}

/// When it was last used, and what other keys the user has.
pub fn about(before: &State) -> Vec<String> {
    let Some(key) = before.key() else { return Vec::new() };
    let mut about = Vec::new();
    about.push(match &key.last_used {
        Some(used) if used.at.is_some() => {
            let word = |t: &Option<crate::domain::Untrusted>| {
                t.as_ref().map_or("?".to_owned(), |t| display_in(t.raw(), 40))
            };
            format!(
                "Last used {} on {} in {}; what uses it stops.",
                used.at.map(crate::domain::time::rfc3339).unwrap_or_default(),
                word(&used.service),
                word(&used.region)
            )
        }
        _ => "IAM knows of no use of this key.".to_owned(),
    });
    for (id, status) in &key.others {
        about.push(format!("User {} has another key, {id}: {}.", key.user, status.word()));
    }
    about
}

impl Facts for DeactivateAccessKey<'_> {
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
        params(self.user, self.key, "Inactive")
    }

    fn after(&self, before: &State) -> State {
        with_status(before, KeyStatus::Inactive)
    }

    fn counts(&self, state: &State) -> Json {
        counts(state)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        lines(state)
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let was_active = before.key().is_some_and(|k| k.status == KeyStatus::Active);
        let verb = Verb::ReactivateAccessKey { user: self.user.clone(), key: self.key.clone() };
        if was_active { vec![verb] } else { Vec::new() }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn risk(&self) -> Risk {
        Risk::Reversible
    }

    fn affected(&self, before: &State) -> Vec<String> {
        about(before)
    }

    fn pitfalls(&self) -> &'static [&'static str] {
        &[
            "Sessions already made with it (GetSessionToken, GetFederationToken, AssumeRole) go on \
             until they expire.",
            "IAM is eventually consistent: the key may work for a moment longer.",
        ]
    }
}
