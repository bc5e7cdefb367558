//! What an event can be asked by, as words that can be looked up: for every event and
//! every [`By`], `by.matches(event)` where and only where `asked(by)` is among
//! `terms(event)`. A test holds the two together.

use std::borrow::Cow;

use crate::domain::{
    Untrusted,
    event::{By, Event, full_source},
};

/// The kinds of words; their numbers stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Kind {
    Key = 0,
    User = 1,
    Role = 2,
    RoleArn = 3,
    Event = 4,
    Resource = 5,
    Source = 6,
    Address = 7,
    Agent = 8,
}

impl Kind {
    pub(super) const COUNT: usize = 9;
}

/// How a filter is looked up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Word(Kind, String),
    /// By the event's own id.
    Id(String),
}

pub(super) fn asked(by: &By) -> Asked {
    let (kind, text) = match by {
        By::EventId(id) => return Asked::Id(id.clone()),
        By::Key(key) => (Kind::Key, key.clone()),
        By::User(user) => (Kind::User, user.clone()),
        By::Role(arn) if arn.starts_with("arn:") => (Kind::RoleArn, arn.clone()),
        By::Role(role) => (Kind::Role, role.rsplit('/').next().unwrap_or(role).to_owned()),
        By::Event(name) => (Kind::Event, name.clone()),
        By::Resource(name) => (Kind::Resource, name.clone()),
        By::Source(source) => (Kind::Source, full_source(source)),
        By::Address(address) => (Kind::Address, address.clone()),
        By::Agent(agent) => (Kind::Agent, agent.clone()),
    };
    Asked::Word(kind, text)
}

/// Every word of an event, each once.
pub(super) fn terms(event: &Event) -> Vec<(Kind, Cow<'_, str>)> {
    let identity = &event.identity;
    let issuer = identity.issuer.as_ref().and_then(|i| i.arn.as_ref());
    let single = [
        (Kind::Key, borrowed(event.access_key())),
        (Kind::User, borrowed(event.username.as_ref())),
        (Kind::User, borrowed(identity.user_name.as_ref())),
        (Kind::Role, identity.role().map(|r| Cow::Owned(r.raw().to_owned()))),
        (Kind::RoleArn, borrowed(issuer)),
        (Kind::Event, borrowed(Some(&event.name))),
        (Kind::Source, borrowed(Some(&event.source))),
        (Kind::Address, borrowed(event.source_ip.as_ref())),
        (Kind::Agent, borrowed(event.user_agent.as_ref())),
    ];
    let single = single.into_iter().filter_map(|(kind, text)| Some((kind, text?)));
    let resources = event.resources.iter().flat_map(|r| {
        let full = r.name.raw();
        let last = full.rsplit([':', '/']).next().unwrap_or(full);
        [full, last].map(|name| (Kind::Resource, Cow::Borrowed(name)))
    });
    let mut terms: Vec<_> = single.chain(resources).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn borrowed(text: Option<&Untrusted>) -> Option<Cow<'_, str>> {
    text.map(|t| Cow::Borrowed(t.raw()))
}
