//! What events are asked for by: CloudTrail's lookup attributes, windows of time, and
//! what else people ask.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Event;
use crate::domain::{AccountId, Region};

/// What LookupEvents can filter by: one at a time (CloudTrail API, `LookupAttribute`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Attribute {
    EventId,
    EventName,
    ReadOnly,
    Username,
    ResourceType,
    ResourceName,
    EventSource,
    AccessKeyId,
}

impl Attribute {
    /// AWS's word.
    pub fn name(self) -> &'static str {
        match self {
            Attribute::EventId => "EventId",
            Attribute::EventName => "EventName",
            Attribute::ReadOnly => "ReadOnly",
            Attribute::Username => "Username",
            Attribute::ResourceType => "ResourceType",
            Attribute::ResourceName => "ResourceName",
            Attribute::EventSource => "EventSource",
            Attribute::AccessKeyId => "AccessKeyId",
        }
    }
}

/// A stretch of time in whole seconds, as events' times are: `from` is in it, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Window {
    /// The whole seconds that have any part in `from..=to`; none where `to` is before `from`.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        let from = whole(from);
        let to = whole(to).checked_add(SignedDuration::from_secs(1)).unwrap_or(to);
        Self { from, to: to.max(from) }
    }

    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The part of this window that is in `other` too.
    pub fn within(self, other: Window) -> Window {
        let from = self.from.max(other.from);
        Window { from, to: self.to.min(other.to).max(from) }
    }

    /// What of this window none of `covered` holds, newest first, without empty parts.
    pub fn less(self, covered: &[Window]) -> Vec<Window> {
        let mut rest = Vec::from_iter((!self.is_empty()).then_some(self));
        for hole in covered {
            let cut = |w: Window| {
                let hole = hole.within(w);
                if hole.is_empty() {
                    return vec![w];
                }
                let (after, before) =
                    (Window { from: hole.to, to: w.to }, Window { from: w.from, to: hole.from });
                vec![after, before]
            };
            rest = rest.into_iter().flat_map(cut).filter(|w| !w.is_empty()).collect();
        }
        rest.sort_by_key(|w| std::cmp::Reverse(w.from));
        rest
    }
}

/// A time without its fraction of a second.
pub(super) fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// One question that LookupEvents can answer in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lookup {
    pub attribute: Option<(Attribute, String)>,
    pub window: Window,
}

/// What a window is covered for: everything that LookupEvents gives in one account and
/// region by one attribute, or all of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Where it was asked, where that was not AWS: what an emulator said covers nothing of AWS.
    pub endpoint: Option<String>,
    pub account: AccountId,
    pub region: Region,
    pub attribute: Option<(Attribute, String)>,
}

/// What an investigator asks: filters that must all hold, in a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    pub by: Vec<By>,
    pub window: Window,
    /// Words that must all stand somewhere in the event, in any case; from the store only.
    pub text: String,
    /// Only calls that failed.
    pub failed: bool,
}

impl Question {
    pub fn new(by: Vec<By>, window: Window) -> Self {
        Self { by, window, text: String::new(), failed: false }
    }

    /// What CloudTrail is asked: the first filter that it knows. What it does not know is
    /// applied here.
    pub fn lookup(&self) -> Lookup {
        let attribute = self.by.iter().find_map(By::attribute);
        Lookup { attribute, window: self.window }
    }
}

/// One thing that an investigator asks for. Several must all hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// An access key id.
    Key(String),
    /// A user, or the name of a role's session: what CloudTrail calls Username.
    User(String),
    /// A role by name or ARN: every session of it.
    Role(String),
    /// An event name.
    Event(String),
    /// A resource by name or ARN.
    Resource(String),
    /// An event source: `iam.amazonaws.com`, or `iam`.
    Source(String),
    /// One event.
    EventId(String),
    /// A source address.
    Address(String),
    /// A user agent, whole.
    Agent(String),
}

impl By {
    /// The name of its option on the command line and in the query bar.
    pub fn name(&self) -> &'static str {
        match self {
            By::Key(_) => "key",
            By::User(_) => "user",
            By::Role(_) => "role",
            By::Event(_) => "event",
            By::Resource(_) => "resource",
            By::Source(_) => "source",
            By::EventId(_) => "event-id",
            By::Address(_) => "address",
            By::Agent(_) => "agent",
        }
    }

    pub fn value(&self) -> &str {
        match self {
            By::Key(v)
            | By::User(v)
            | By::Role(v)
            | By::Event(v)
            | By::Resource(v)
            | By::Source(v)
            | By::EventId(v)
            | By::Address(v)
            | By::Agent(v) => v,
        }
    }

    /// Of this name, as typed.
    pub fn named(name: &str, value: &str) -> Option<By> {
        let value = value.to_owned();
        Some(match name {
            "key" => By::Key(value),
            "user" => By::User(value),
            "role" => By::Role(value),
            "event" => By::Event(value),
            "resource" => By::Resource(value),
            "source" => By::Source(value),
            "event-id" => By::EventId(value),
            "address" => By::Address(value),
            "agent" => By::Agent(value),
            _ => return None,
        })
    }

    /// How CloudTrail is asked for it; `None` where it cannot be, and everything in the
    /// window has to be read.
    pub fn attribute(&self) -> Option<(Attribute, String)> {
        Some(match self {
            By::Key(key) => (Attribute::AccessKeyId, key.clone()),
            By::User(user) => (Attribute::Username, user.clone()),
            By::Event(name) => (Attribute::EventName, name.clone()),
            By::Resource(name) => (Attribute::ResourceName, name.clone()),
            By::Source(source) => (Attribute::EventSource, full_source(source)),
            By::EventId(id) => (Attribute::EventId, id.clone()),
            By::Role(_) | By::Address(_) | By::Agent(_) => return None,
        })
    }

    /// Whether an event is what was asked for. At least what CloudTrail matches by the
    /// attribute, so that nothing that was fetched is hidden.
    pub fn matches(&self, event: &Event) -> bool {
        let is = |text: Option<&crate::domain::Untrusted>, value: &str| {
            text.is_some_and(|t| t.raw() == value)
        };
        match self {
            By::Key(key) => is(event.access_key(), key),
            By::User(user) => {
                is(event.username.as_ref(), user) || is(event.identity.user_name.as_ref(), user)
            }
            By::Role(role) => {
                let name = role.rsplit('/').next().unwrap_or(role);
                let issuer = event.identity.issuer.as_ref().and_then(|i| i.arn.as_ref());
                match role.starts_with("arn:") {
                    true => is(issuer, role),
                    false => event.identity.role().is_some_and(|r| r.raw() == name),
                }
            }
            By::Event(name) => event.name.raw() == name,
            By::Resource(name) => event.resources.iter().any(|r| {
                let full = r.name.raw();
                full == name || full.rsplit([':', '/']).next() == Some(name)
            }),
            By::Source(source) => event.source.raw() == full_source(source),
            By::EventId(id) => event.id.raw() == id,
            By::Address(address) => is(event.source_ip.as_ref(), address),
            By::Agent(agent) => is(event.user_agent.as_ref(), agent),
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = crate::domain::untrusted::display_in(self.value(), 120);
        write!(f, "{} {value}", self.name())
    }
}

/// `iam.amazonaws.com` of `iam`.
pub fn full_source(source: &str) -> String {
    match source.contains('.') {
        true => source.to_owned(),
        false => format!("{source}.amazonaws.com"),
    }
}

impl FromStr for Attribute {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        const ALL: [Attribute; 8] = [
            Attribute::EventId,
            Attribute::EventName,
            Attribute::ReadOnly,
            Attribute::Username,
            Attribute::ResourceType,
            Attribute::ResourceName,
            Attribute::EventSource,
            Attribute::AccessKeyId,
        ];
        ALL.into_iter().find(|a| a.name() == s).ok_or_else(|| format!("{s} is no lookup attribute"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn window(from: i64, to: i64) -> Window {
        Window { from: at(from), to: at(to) }
    }

    fn seconds(windows: &[Window]) -> Vec<i64> {
        windows.iter().flat_map(|w| w.from.as_second()..w.to.as_second()).collect()
    }

    #[test]
    fn a_window_has_every_second_that_it_touches() {
        let half = Timestamp::from_millisecond(5_500).expect("a time");
        assert_eq!(Window::new(at(3), half), window(3, 6));
        assert_eq!(Window::new(half, at(7)), window(5, 8));
        assert_eq!(Window::new(at(3), at(3)), window(3, 4));
        assert!(Window::new(at(9), at(3)).is_empty());
    }

    #[test]
    fn names_and_filters_go_there_and_back() {
        for name in
            ["key", "user", "role", "event", "resource", "source", "event-id", "address", "agent"]
        {
            let by = By::named(name, "v").expect("is known");
            assert_eq!((by.name(), by.value()), (name, "v"));
            if let Some((attribute, _)) = by.attribute() {
                assert_eq!(attribute.name().parse(), Ok(attribute));
            }
        }
        assert_eq!(By::named("colour", "v"), None);
    }

    proptest! {
        #[test]
        fn windows_are_sets_of_seconds(
            (from, to) in (0i64..40, 0i64..40),
            others in proptest::collection::vec((0i64..40, 0i64..40), 0..6),
        ) {
            let whole = window(from, to);
            let others: Vec<Window> = others.iter().map(|(f, t)| window(*f, *t)).collect();
            let covered: BTreeSet<i64> = seconds(&others).into_iter().collect();
            let rest = whole.less(&others);
            prop_assert!(rest.iter().all(|w| !w.is_empty()));
            prop_assert!(rest.is_sorted_by(|a, b| a.from >= b.to));
            let mut got = seconds(&rest);
            got.sort_unstable();
            prop_assert_eq!(got, (from..to).filter(|s| !covered.contains(s)).collect::<Vec<_>>());
            for other in others {
                let both: Vec<i64> = (from..to).filter(|s| other.contains(at(*s))).collect();
                prop_assert_eq!(seconds(&[whole.within(other)]), both);
            }
        }
    }
}
