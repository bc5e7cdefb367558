//! What goes into an incident's timeline: an event, a finding or a note, with what it said
//! when it was marked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountId, Untrusted, event::Event, finding::Finding};

/// Something to put into a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The incident's id; empty where nobody is armed for one.
    pub incident: String,
    pub what: Marked,
    /// When it happened; absent where it does not say.
    pub at: Option<Timestamp>,
    pub about: About,
    /// The operator's words; may be empty.
    pub note: String,
    /// Who marked it.
    pub by: String,
}

/// What is marked. Ids are as AWS gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// CloudTrail's `eventID`.
    Event(Untrusted),
    /// GuardDuty's id, or the ASFF `Id`.
    Finding(Untrusted),
    Note,
}

impl Marked {
    pub fn kind(&self) -> &'static str {
        match self {
            Marked::Event(_) => "event",
            Marked::Finding(_) => "finding",
            Marked::Note => "note",
        }
    }

    pub fn id(&self) -> Option<&Untrusted> {
        match self {
            Marked::Event(id) | Marked::Finding(id) => Some(id),
            Marked::Note => None,
        }
    }

    /// Of what [`Marked::kind`] and [`Marked::id`] gave.
    pub fn kept(kind: &str, id: Option<Untrusted>) -> Option<Self> {
        match (kind, id) {
            ("event", Some(id)) => Some(Marked::Event(id)),
            ("finding", Some(id)) => Some(Marked::Finding(id)),
            ("note", None) => Some(Marked::Note),
            _ => None,
        }
    }
}

/// What is known of a thing when it is marked. It stays so, whatever becomes of the thing:
/// a finding may be archived, an event purged. No secrets: events are kept without them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The event's name, or the finding's type or title.
    pub name: Untrusted,
    /// `iam.amazonaws.com` of an event, the service of a finding.
    pub source: Option<Untrusted>,
    /// Who did it.
    pub principal: Option<Untrusted>,
    pub address: Option<Untrusted>,
    pub account: Option<AccountId>,
    pub region: Option<Untrusted>,
    /// `ok` or the error code of a call, the severity of a finding.
    pub result: Option<Untrusted>,
}

impl Mark {
    /// An event, at its time.
    pub fn event(event: &Event, incident: &str, note: &str, by: &str) -> Self {
        let about = About {
            name: event.name.clone(),
            source: (!event.source.is_empty()).then(|| event.source.clone()),
            principal: Some(event.identity.principal()).filter(|p| !p.is_empty()),
            address: event.source_ip.clone(),
            account: event.account.clone(),
            region: event.region.clone(),
            result: Some(event.result().cloned().unwrap_or_else(|| "ok".into())),
        };
        let what = Marked::Event(event.id.clone());
        Self::new(incident, what, event.time, about, note, by)
    }

    /// A finding, at the time that it was first seen, else made, else updated.
    pub fn finding(finding: &Finding, incident: &str, note: &str, by: &str) -> Self {
        let main = finding.main();
        let region = main.region.as_ref().or(main.detector_region.as_ref());
        let severity = format!("{} {}", main.severity.band.name(), main.severity.value);
        let about = About {
            name: main.headline().clone(),
            source: Some(main.source.name().into()),
            principal: Some(main.actor.clone()).filter(|a| !a.is_empty()),
            address: None,
            account: main.account.clone(),
            region: region.map(|r| r.as_str().into()),
            result: Some(severity.into()),
        };
        let at = main.first_seen.or(main.created_at).or(main.updated_at);
        Self::new(incident, Marked::Finding(main.id.clone()), at, about, note, by)
    }

    /// A note by itself.
    pub fn note(at: Timestamp, incident: &str, note: &str, by: &str) -> Self {
        Self::new(incident, Marked::Note, Some(at), About::default(), note, by)
    }

    fn new(
        incident: &str,
        what: Marked,
        at: Option<Timestamp>,
        about: About,
        note: &str,
        by: &str,
    ) -> Self {
        let (incident, note, by) = (incident.to_owned(), note.to_owned(), by.to_owned());
        Self { incident, what, at, about, note, by }
    }
}

/// A mark in a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Names it for good on this machine.
    pub number: i64,
    pub mark: Mark,
    /// By this machine's clock.
    pub marked_at: Timestamp,
}
