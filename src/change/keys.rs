//! What the two verbs on an access key's status share.

use serde_json::{Value as Json, json};

use super::{
    Args, Asked, Contained, Facts, Spec, asked, deactivate_access_key, reactivate_access_key,
};
use crate::domain::{
    AccessKeyId, Change, KeyState, KeyStatus, Principal, State, Subject, UserName, Verb,
    untrusted::display_in,
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

/// Switching a key off, or on again.
pub struct Switching<'v> {
    pub user: &'v UserName,
    pub key: &'v AccessKeyId,
    /// On, rather than off.
    pub active: bool,
}

impl Switching<'_> {
    fn status(&self) -> KeyStatus {
        if self.active { KeyStatus::Active } else { KeyStatus::Inactive }
    }
}

impl Facts for Switching<'_> {
    fn spec(&self) -> &'static Spec {
        if self.active { &reactivate_access_key::SPEC } else { &deactivate_access_key::SPEC }
    }

    fn subject(&self) -> Subject {
        Subject::AccessKey(self.key.clone())
    }

    fn target(&self) -> String {
        self.key.to_string()
    }

    fn params(&self) -> Json {
        json!({
            "UserName": self.user.as_str(),
            "AccessKeyId": self.key.as_str(),
            "Status": self.status().word(),
        })
    }

    fn asks(&self, change: &Change, _: &State) -> Asked {
        let user = asked::principal(change, &Principal::User(self.user.clone()));
        Asked::new(self.spec().action, user)
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::AccessKey(key) = &mut after {
            key.status = self.status();
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        state.key().map_or(Json::Null, |k| json!([k.user, k.key, k.status.word()]))
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(key) = state.key() else { return vec!["no such key".to_owned()] };
        vec![format!("{} of user {}: {}", key.key, key.user, key.status.word())]
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let (user, key) = (self.user.clone(), self.key.clone());
        match (before.key().map(|k| &k.status), self.active) {
            (Some(KeyStatus::Active), false) => vec![Verb::ReactivateAccessKey { user, key }],
            (Some(KeyStatus::Inactive), true) => vec![Verb::DeactivateAccessKey { user, key }],
            _ => Vec::new(),
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let mut who = Vec::new();
        if self.active {
            let what = "Whoever holds this key's secret, the attacker too, can use it again.";
            who.push(what.to_owned());
        }
        who.extend(about(before));
        who
    }

    fn contains(&self, _: &State) -> Option<Contained> {
        let (key, user) = (self.key.clone(), Some(self.user.clone()));
        (!self.active).then_some(Contained::AccessKey { key, user })
    }
}

/// When it was last used, and what other keys the user has.
fn about(before: &State) -> Vec<String> {
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
