//! Access keys: one by its id, or all of a user.

use crate::{
    cloud::{
        Report,
        body::time,
        client::Reach,
        iam::{listed, used},
        trace::call,
    },
    domain::{AccessKeyId, Fault, FaultKind, KeyState, KeyStatus, KeysState, State, UserName},
};

/// Whose key it is (`GetAccessKeyLastUsed` answers for keys of this account), and its
/// status among the user's keys.
pub async fn access_key(
    reach: &Reach,
    id: &AccessKeyId,
    report: Report<'_>,
) -> Result<State, Fault> {
    if id.is_temporary() {
        let what = format!("{id} is a temporary key: it belongs to a session, not to a user");
        return Err(Fault::new(FaultKind::BadRequest, what)
            .with_hint("end the session instead: its role, or the user's key that made it"));
    }
    let ask = reach.iam.get_access_key_last_used().access_key_id(id.as_str()).send();
    let (owner, _) = call(&reach.place, ("IAM", "GetAccessKeyLastUsed"), ask, report).await?;
    // The root user's keys have no user name that IAM's calls take.
    let user = owner.user_name().unwrap_or_default();
    let user: UserName = user.parse().map_err(|why: String| {
        Fault::new(FaultKind::Unreadable, format!("{id} belongs to nobody IAM can name"))
            .with_cause(&why)
    })?;
    let last_used = owner.access_key_last_used().and_then(used);
    let request = || reach.iam.list_access_keys().user_name(user.as_str());
    let keys = listed!(reach, report, "ListAccessKeys", request(), access_key_metadata);
    let mut this = None;
    let mut others: Vec<(AccessKeyId, KeyStatus)> = Vec::new();
    for key in &keys {
        let status = KeyStatus::from(key.status().map_or("", |s| s.as_str()));
        match key.access_key_id() {
            Some(other) if other == id.as_str() => {
                this = Some((status, key.create_date().and_then(time)));
            }
            Some(other) => {
                if let Ok(other) = other.parse() {
                    others.push((other, status));
                }
            }
            None => {}
        }
    }
    let Some((status, created)) = this else {
        let what = format!("{id} is not among the keys of user {user}: it was deleted");
        return Err(Fault::new(FaultKind::NotFound, what));
    };
    others.sort_by(|a, b| a.0.cmp(&b.0));
    let key = id.clone();
    Ok(State::AccessKey(KeyState { user, key, status, created, last_used, others }))
}

/// Every key of a user, each with its last use. A user without keys is one with none.
pub async fn access_keys(
    reach: &Reach,
    user: &UserName,
    report: Report<'_>,
) -> Result<State, Fault> {
    let request = || reach.iam.list_access_keys().user_name(user.as_str());
    let listed = listed!(reach, report, "ListAccessKeys", request(), access_key_metadata);
    let mut keys: Vec<KeyState> = Vec::with_capacity(listed.len());
    for listed in &listed {
        let id = listed.access_key_id().unwrap_or_default();
        let key: AccessKeyId = id.parse().map_err(|why: String| {
            Fault::new(FaultKind::Unreadable, format!("user {user} has a key that is none"))
                .with_cause(&why)
        })?;
        let ask = reach.iam.get_access_key_last_used().access_key_id(key.as_str()).send();
        let (about, _) = call(&reach.place, ("IAM", "GetAccessKeyLastUsed"), ask, report).await?;
        keys.push(KeyState {
            user: user.clone(),
            key,
            status: KeyStatus::from(listed.status().map_or("", |s| s.as_str())),
            created: listed.create_date().and_then(time),
            last_used: about.access_key_last_used().and_then(used),
            others: Vec::new(),
        });
    }
    keys.sort_by(|a, b| a.key.cmp(&b.key));
    let all: Vec<_> = keys.iter().map(|k| (k.key.clone(), k.status.clone())).collect();
    for key in &mut keys {
        key.others = all.iter().filter(|(id, _)| *id != key.key).cloned().collect();
    }
    Ok(State::AccessKeys(KeysState { user: user.clone(), keys }))
}
