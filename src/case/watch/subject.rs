//! Whose calls are watched: which events are theirs, and what CloudTrail is asked by.

use jiff::{SignedDuration, Timestamp};

use crate::{
    change::Contained,
    domain::{
        AccessKeyId, AccountId, Principal, Untrusted,
        event::{By, Event, UserIdentity, assumed_role},
    },
};

/// Looked back before rights were taken, for the last call that went through.
const BACK: SignedDuration = SignedDuration::from_hours(1);
/// The same where CloudTrail cannot be asked by the subject, and everything is read.
const BACK_OF_ALL: SignedDuration = SignedDuration::from_mins(15);

/// Whether an event is a call of the subject's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Theirs,
    /// It may be: the event cannot be read, or does not say when the session began.
    Perhaps,
    Others,
}

/// What events of the subject are asked and searched by.
pub(super) fn by(who: &Contained) -> Vec<By> {
    let all = |of: &Principal| match of {
        Principal::User(name) => By::User(name.as_str().to_owned()),
        Principal::Role(name) => By::Role(name.as_str().to_owned()),
    };
    match who {
        Contained::Principal { who, .. } | Contained::Older { of: who, .. } => vec![all(who)],
        Contained::AccessKey { key, .. } => vec![By::Key(key.as_str().to_owned())],
        Contained::Session { role, user_id } => {
            vec![By::User(session_name(user_id).to_owned()), By::Role(role.as_str().to_owned())]
        }
        Contained::SourceIdentity { role, .. } => vec![By::Role(role.as_str().to_owned())],
    }
}

/// How far back the first question reaches.
pub(super) fn back(who: &Contained) -> SignedDuration {
    let looked_up = by(who).iter().any(|by| by.attribute().is_some());
    if looked_up { BACK } else { BACK_OF_ALL }
}

/// `name` of `AROA…:name`, or of a name alone.
fn session_name(user_id: &str) -> &str {
    user_id.split_once(':').map_or(user_id, |(_, name)| name)
}

pub(super) fn whose(who: &Contained, account: &AccountId, event: &Event) -> Whose {
    // The same call can be an event of another account too, and other accounts have roles
    // and users of the same names.
    let elsewhere = |a: &Option<AccountId>| a.as_ref().is_some_and(|a| a != account);
    if elsewhere(&event.account) || elsewhere(&event.identity.account) {
        return Whose::Others;
    }
    if !event.is_whole() {
        return match by(who).iter().all(|by| by.matches(event)) {
            true => Whose::Perhaps,
            // Whose session it was stood in what cannot be read.
            false if event.identity.kind.is_none() => Whose::Perhaps,
            false => Whose::Others,
        };
    }
    let identity = &event.identity;
    let of_role = |role: &str| identity.role().is_some_and(|r| r.raw() == role);
    let is = match who {
        Contained::Principal { who, .. } => of(who, identity),
        Contained::AccessKey { key, .. } => {
            event.access_key().is_some_and(|k| k.raw() == key.as_str())
        }
        Contained::Older { of: who, issued_before } => {
            return match (of(who, identity), began(event, who), identity.role().is_some()) {
                (true, Some(began), _) if began < *issued_before => Whose::Theirs,
                (true, None, true) => Whose::Perhaps,
                // A user's own key has no session, and goes on.
                _ => Whose::Others,
            };
        }
        Contained::Session { role, user_id } => {
            let named = match user_id.contains(':') {
                true => identity.principal_id.as_ref().is_some_and(|id| id.raw() == user_id),
                false => identity.session().is_some_and(|s| s.raw() == user_id),
            };
            named && of_role(role.as_str())
        }
        Contained::SourceIdentity { role, name } => {
            of_role(role.as_str()) && is_named(identity.source_identity.as_ref(), name)
        }
    };
    if is { Whose::Theirs } else { Whose::Others }
}

/// When the session began; a user's temporary credentials have a session too.
fn began(event: &Event, who: &Principal) -> Option<Timestamp> {
    let temporary = || event.access_key().is_some_and(|k| k.raw().starts_with("ASIA"));
    let counts = matches!(who, Principal::Role(_)) || temporary();
    event.identity.session_began.filter(|_| counts)
}

/// Whether somebody is the user or a session of theirs, or a session of the role.
fn of(who: &Principal, identity: &UserIdentity) -> bool {
    match who {
        Principal::Role(role) => identity.role().is_some_and(|r| r.raw() == role.as_str()),
        Principal::User(user) => {
            // A role's session may bear the user's name.
            let own = is_named(identity.kind.as_ref(), "IAMUser");
            let issuer = identity.issuer.as_ref();
            let issued = issuer.filter(|i| is_named(i.kind.as_ref(), "IAMUser"));
            own && is_named(identity.user_name.as_ref(), user.as_str())
                || issued.is_some_and(|i| is_named(i.name.as_ref(), user.as_str()))
        }
    }
}

fn is_named(text: Option<&Untrusted>, name: &str) -> bool {
    text.is_some_and(|t| t.raw() == name)
}

/// Whether somebody who is signed in is the subject, or may be.
pub(super) fn is_caller(who: &Contained, arn: &str, key: Option<&AccessKeyId>) -> bool {
    let user = |name: &str| arn.contains(":user/") && arn.rsplit('/').next() == Some(name);
    let session = assumed_role(arn);
    let role = |name: &str| session.is_some_and(|(role, _)| role == name);
    match who {
        Contained::Principal { who: Principal::User(name), .. }
        | Contained::Older { of: Principal::User(name), .. } => user(name.as_str()),
        Contained::Principal { who: Principal::Role(name), .. }
        | Contained::Older { of: Principal::Role(name), .. }
        | Contained::SourceIdentity { role: name, .. } => role(name.as_str()),
        Contained::Session { role: name, user_id } => {
            role(name.as_str()) && session.is_some_and(|(_, s)| s == session_name(user_id))
        }
        Contained::AccessKey { key: own, .. } => key == Some(own),
    }
}

/// What cannot be seen of this subject, however long it is watched; in a sentence.
pub(super) fn unseen(who: &Contained) -> Option<&'static str> {
    match who {
        Contained::AccessKey { .. } => Some(
            "a call with an inactive key never becomes an event: only calls that still go through can be seen",
        ),
        Contained::Principal { who: Principal::User(_), .. } => Some(
            "sessions from GetFederationToken call under names of their own and are not among these",
        ),
        _ => None,
    }
}

/// Whether no policy can refuse the call, so that it says nothing about rights (STS API
/// reference: GetCallerIdentity needs no permission and cannot be denied, and GetSessionToken
/// cannot be controlled by policies). An inactive key refuses these too.
pub(super) fn is_beyond_policies(who: &Contained, event: &Event) -> bool {
    !matches!(who, Contained::AccessKey { .. })
        && event.service() == "sts"
        && ["GetCallerIdentity", "GetSessionToken"].contains(&event.name.raw())
}
