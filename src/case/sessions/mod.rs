//! Sessions: whose credentials were in use, from when to when, and who gave them out.
//!
//! A session is one set of credentials in use: a long-term access key, one assumption of a
//! role with all its keys, one sign-in to the console, root, a service in its own name,
//! another account. Each temporary key is followed to the call that gave it out
//! (`responseElements.credentials`), and so on up to a person, a service, or to where the
//! events end. Nothing is guessed: where two calls could have been it, neither was.
//!
//! CloudTrail user guide, "CloudTrail userIdentity element"; IAM user guide, "Logging IAM
//! and AWS STS API calls with AWS CloudTrail" and "Monitor and control actions taken with
//! assumed roles" (source identity).

mod group;
mod issue;
mod stitch;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    domain::{
        AccountId, Fault, Untrusted,
        event::{By, Event, Question, Window},
    },
    store::Store,
};

use group::Group;
pub use stitch::Stitcher;

/// The calls that give out temporary credentials, as far as they are logged with them.
const GIVING: [&str; 8] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "GetSessionToken",
    "GetFederationToken",
    "GetCredentialsForIdentity",
    "GetRoleCredentials",
];

/// Temporary credentials are good for no longer (STS API, GetSessionToken and
/// GetFederationToken; 12 hours for a role).
const LONGEST: SignedDuration = SignedDuration::from_hours(36);

/// Events before the window that are in memory at one time.
const AT_ONCE: usize = 1000;

/// The sessions of a window's events, or of all there are; and how many events in the store
/// cannot be read any more.
///
/// Credentials are followed to calls before the window too: temporary ones as far back as
/// any that are good in the window can have been made, long-term keys without end. A chain
/// of temporary credentials that is longer than that breaks off there.
pub fn stitch(store: &Store, window: Option<Window>) -> Result<(Sessions, u64), Fault> {
    let mut stitcher = Stitcher::default();
    if let Some(window) = window {
        let from = window.from.checked_sub(LONGEST).unwrap_or(Timestamp::MIN);
        let temporary = GIVING.map(|name| (name, from));
        for (name, from) in temporary.into_iter().chain([("CreateAccessKey", Timestamp::MIN)]) {
            let before = Window { from, to: window.from };
            each_before(store, name, before, AT_ONCE, &mut |event| stitcher.learn(event))?;
        }
    }
    let unreadable = store.each_event(window, &mut |event| stitcher.add(&event))?;
    Ok((stitcher.finish(), unreadable))
}

/// Every event of a name in a window, once; those without a time, which are in every
/// window, not at all. No more than `at_once` are in memory, but for those of one second.
fn each_before(
    store: &Store,
    name: &str,
    window: Window,
    at_once: usize,
    each: &mut impl FnMut(&Event),
) -> Result<(), Fault> {
    let mut ahead = vec![window];
    while let Some(window) = ahead.pop() {
        let (from, to) = (window.from.as_second(), window.to.as_second());
        let one_second = to - from <= 1;
        let question = Question::new(vec![By::Event(name.to_owned())], window);
        let limit = if one_second { usize::MAX } else { at_once };
        let found = store.search(&question, limit, 0)?;
        let timed = usize::try_from(found.total - found.untimed).unwrap_or(usize::MAX);
        let middle = Timestamp::from_second(from + (to - from) / 2);
        match middle {
            Ok(middle) if !one_second && timed > limit => {
                ahead.push(Window { from: window.from, to: middle });
                ahead.push(Window { from: middle, to: window.to });
            }
            _ => found.events.iter().filter(|e| e.time.is_some()).for_each(|e| each(e)),
        }
    }
    Ok(())
}

/// What kind of credentials a session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A long-term key of a user.
    AccessKey,
    /// A role's session.
    Role,
    /// A user in the console.
    Console,
    /// A user's temporary credentials from GetSessionToken.
    SessionToken,
    /// Temporary credentials of a user that came from nobody knows what call.
    Temporary,
    /// GetFederationToken.
    FederatedUser,
    /// A user of IAM Identity Center.
    IdentityCenter,
    Root,
    /// Services that called in a user's name.
    Forwarded,
    /// Somebody whom a SAML provider vouched for, asking for a role.
    Saml,
    /// Somebody whom an OpenID provider vouched for, asking for a role.
    WebIdentity,
    /// An AWS service in its own name.
    Service,
    /// Somebody in another account.
    Account,
    /// No credentials are named.
    Unknown,
}

impl Kind {
    /// In a word or two, before the principal's name.
    pub fn words(self) -> &'static str {
        match self {
            Kind::AccessKey => "key",
            Kind::Role => "role",
            Kind::Console => "console",
            Kind::SessionToken => "session token",
            Kind::Temporary => "temporary key",
            Kind::FederatedUser => "federated user",
            Kind::IdentityCenter => "Identity Center",
            Kind::Root => "root",
            Kind::Forwarded => "through services",
            Kind::Saml => "SAML sign-in",
            Kind::WebIdentity => "OpenID sign-in",
            Kind::Service => "service",
            Kind::Account => "other account",
            Kind::Unknown => "no key named",
        }
    }

    /// Whoever has such a session is known by it alone.
    fn names_somebody(self) -> bool {
        !matches!(self, Kind::Role | Kind::Account | Kind::Unknown)
    }
}

/// Why it is not known who gave a session its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Untold {
    /// The call is not among the events.
    NotHere,
    /// Several calls by different sessions could have been it.
    Several,
    /// Sessions that name each other: such events did not happen as they say.
    Circle,
    /// Somebody in another account: only its own trail says who.
    Elsewhere,
}

impl Untold {
    pub fn sentence(self) -> &'static str {
        match self {
            Untold::NotHere => "the call that gave out these credentials is not among the events",
            Untold::Several => "calls of several sessions could have given out these credentials",
            Untold::Circle => "these sessions name each other: no such chain can have happened",
            Untold::Elsewhere => "only the other account's trail says who it was",
        }
    }
}

/// How often something stood in a session's events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    pub value: Untrusted,
    pub events: u64,
}

/// One session; its shape in `halon.sessions/1`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// The same for the same credentials, whatever else is known.
    pub id: String,
    pub kind: Kind,
    /// The user, `ROLE/SESSION`, `root`, the service, the account.
    pub principal: Untrusted,
    pub account: Option<AccountId>,
    /// The role's ARN, or its name where only that is known.
    pub role: Option<Untrusted>,
    /// Every key that was seen in use or given out for it.
    pub access_keys: Vec<Untrusted>,
    /// Who it really is, where somebody up the chain had to say so.
    pub source_identity: Option<Untrusted>,
    /// The session whose call gave out the credentials.
    pub assumed_by: Option<String>,
    pub assumed_by_principal: Option<Untrusted>,
    /// The id of that call's event.
    pub issued_by: Option<Untrusted>,
    /// The principal at the top of the chain; `None` where the chain breaks off.
    pub origin: Option<Untrusted>,
    /// Whether the chain ends at somebody.
    pub complete: bool,
    /// Why `assumed_by` is not known, where somebody must have done it.
    pub untold: Option<Untold>,
    /// When the credentials were made, if that is known.
    pub began: Option<Timestamp>,
    /// Of its events.
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub events: u64,
    pub failed: u64,
    /// Source addresses, most events first.
    pub addresses: Vec<Counted>,
    /// User agents, most events first.
    pub agents: Vec<Counted>,
    /// Services that called in the session's name.
    pub through: Vec<Untrusted>,
}

/// Every session, by when it was first seen; those that nothing was seen of last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sessions {
    list: Vec<Session>,
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    places: HashMap<Group, usize>,
}

impl Sessions {
    pub fn list(&self) -> &[Session] {
        &self.list
    }

    /// The session that an event belongs to, if it was among those stitched.
    pub fn of(&self, event: &Event) -> Option<&Session> {
        self.places.get(&Group::of(event)).map(|at| &self.list[*at])
    }

    /// Places in [`Sessions::list`] of the sessions that nobody is known to have begun.
    pub fn roots(&self) -> impl Iterator<Item = usize> {
        (0..self.list.len()).filter(|at| self.parents[*at].is_none())
    }

    /// Places of the sessions that this one's calls gave credentials to.
    pub fn children(&self, at: usize) -> &[usize] {
        &self.children[at]
    }

    /// From a session up to the one that nobody is known to have begun, itself first.
    pub fn chain(&self, id: &str) -> Vec<&Session> {
        let mut at = self.list.iter().position(|s| s.id == id);
        let mut chain = Vec::new();
        // INVARIANT: there are no circles among the parents.
        while let Some(here) = at {
            chain.push(&self.list[here]);
            at = self.parents[here];
        }
        chain
    }
}

#[cfg(test)]
mod tests;
