//! Which session an event belongs to, by what the event itself says.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::{
    Untrusted,
    event::{Event, UserIdentity, assumed_role, members},
};

/// What the events of one session have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// A long-term access key: anything but `ASIA…` (IAM user guide, "IAM identifiers").
    Key(Box<str>),
    /// Temporary credentials of somebody, by when they began: the console changes the key
    /// all the time, and `creationDate` stays. So do services that call in a role's name.
    /// Any other session of a role has one key, and whoever assumes the role under the same
    /// name in the same second has another.
    Temporary { who: Box<str>, began: Timestamp, key: Option<Box<str>> },
    /// A temporary key whose beginning the event does not say.
    TemporaryKey(Box<str>),
    /// A sign-in to the console; what is done there has keys and a beginning of its own.
    SignIn { who: Box<str>, at: Timestamp },
    /// Services that call in a user's name, which they do with a key for every few calls
    /// (IAM user guide, "Forward access sessions").
    Forwarded(Box<str>),
    /// An AWS service in its own name.
    Service { name: Box<str>, account: Box<str> },
    /// Somebody in another account.
    Account(Box<str>),
    /// Somebody who showed no key: a sign-in that failed, a federated user who asks for a
    /// role, nobody.
    Unkeyed(Box<str>),
}

impl Group {
    pub fn of(event: &Event) -> Group {
        let identity = &event.identity;
        let account = event.account.as_ref().map_or("", |a| a.as_str());
        let is = |kind: &str| identity.kind.as_ref().is_some_and(|k| k.raw() == kind);
        if let Some(key) = event.access_key().map(Untrusted::raw).filter(|k| !k.is_empty()) {
            if !key.starts_with("ASIA") {
                return Group::Key(key.into());
            }
            return match identity.session_began {
                Some(began) => {
                    let key = keeps_its_key(identity).then(|| key.into());
                    Group::Temporary { who: who(identity), began, key }
                }
                None => Group::TemporaryKey(key.into()),
            };
        }
        if is("AWSService") || (identity.kind.is_none() && identity.invoked_by.is_some()) {
            let name = identity.invoked_by.clone().unwrap_or_else(|| identity.principal());
            return Group::Service { name: name.raw().into(), account: account.into() };
        }
        if is("AWSAccount") {
            return Group::Account(who(identity));
        }
        match (identity.session_began, event.time) {
            (Some(began), _) => Group::Temporary { who: who(identity), began, key: None },
            (None, Some(at)) if signed_in(event) => Group::SignIn { who: who(identity), at },
            _ => Group::Unkeyed(who(identity)),
        }
    }

    /// The same for the same session, whatever else is in the store.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            // Lengths, so that no two lists of parts have the same bytes.
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        };
        match self {
            Group::Key(key) => ["key", key].into_iter().for_each(&mut part),
            Group::Temporary { who, began, key } => {
                ["temporary", who, &began.to_string()].into_iter().for_each(&mut part);
                key.iter().for_each(|key| part(key));
            }
            Group::TemporaryKey(key) => ["temporary key", key].into_iter().for_each(&mut part),
            Group::SignIn { who, at } => {
                ["sign-in", who, &at.to_string()].into_iter().for_each(&mut part);
            }
            Group::Forwarded(who) => ["forwarded", who].into_iter().for_each(&mut part),
            Group::Service { name, account } => {
                ["service", name, account].into_iter().for_each(&mut part);
            }
            Group::Account(who) => ["account", who].into_iter().for_each(&mut part),
            Group::Unkeyed(who) => ["unkeyed", who].into_iter().for_each(&mut part),
        }
        let digest = hash.finalize();
        digest[..8].iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// A role's session that somebody uses themselves, elsewhere than in the console.
fn keeps_its_key(identity: &UserIdentity) -> bool {
    let is_role = identity.arn.as_ref().is_some_and(|arn| assumed_role(arn.raw()).is_some());
    is_role && !identity.from_console && identity.invoked_by.is_none()
}

/// Who it is, as exactly as the event says; raw.
fn who(identity: &UserIdentity) -> Box<str> {
    let account = identity.account.as_ref().map_or("", |a| a.as_str());
    if let Some(arn) = &identity.arn {
        return arn.raw().into();
    }
    let kind = identity.kind.as_ref().map_or("", Untrusted::raw);
    let names = [&identity.principal_id, &identity.user_name, &identity.provider];
    let names: Vec<&str> = names.into_iter().flatten().map(Untrusted::raw).collect();
    format!("{kind} {account} {}", names.join(" ")).into()
}

/// A sign-in to the console that went through. One that failed has no `errorCode`: what
/// came of it is in `responseElements` (CloudTrail user guide, "AWS Management Console
/// sign-in events").
fn signed_in(event: &Event) -> bool {
    event.name.raw() == "ConsoleLogin"
        && members(&event.raw)
            .ok()
            .and_then(|e| e.object("responseElements")?.text("ConsoleLogin"))
            .is_some_and(|said| said == "Success")
}
