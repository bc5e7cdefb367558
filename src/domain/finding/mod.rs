//! A finding as halon knows it: what GuardDuty and Security Hub say of one thing.

mod asff;
mod container;
mod fields;
mod guardduty;
mod named;

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Serialize, ser::SerializeStruct};

use super::{AccountId, Region, Severity, Source, Untrusted};

pub use asff::read as read_asff;
pub use container::{Imported, Rejected, read_file};
pub use guardduty::read as read_guardduty;
pub use named::{Named, named, sought};

/// What makes two records the same finding: for GuardDuty the region of its
/// detector and the finding id (the Security Hub copy carries both in its `Id`,
/// which is the GuardDuty ARN); for all others the ASFF `ProductArn` and `Id`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    pub fn guardduty(detector_region: &str, id: &str) -> Self {
        Self(format!("guardduty {detector_region} {id}").into())
    }

    pub fn securityhub(product_arn: &str, id: &str) -> Self {
        Self(format!("securityhub {product_arn} {id}").into())
    }

    /// A key that [`Key::raw`] gave to the store.
    pub fn kept(raw: String) -> Self {
        Self(raw.into())
    }

    /// For the store and for comparing; may hold hostile text.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", super::untrusted::display(&self.0))
    }
}

/// A finding as one service sent it. Absent values are absent: nothing is made up.
#[derive(Clone, PartialEq)]
pub struct Record {
    pub key: Key,
    pub source: Source,
    /// GuardDuty's id, or the ASFF `Id`.
    pub id: Untrusted,
    /// GuardDuty's `Arn`. ASFF has none of its own; where its `Id` is an ARN it is that.
    pub arn: Option<Untrusted>,
    pub account: Option<AccountId>,
    /// Where it happened, as the service says.
    pub region: Option<Region>,
    /// Where the detector (or the hub that was asked) is; differs from `region` for
    /// findings made from global-service events.
    pub detector_region: Option<Region>,
    /// The GuardDuty detector id.
    pub detector: Option<Untrusted>,
    pub severity: Severity,
    /// The finding type, e.g. `UnauthorizedAccess:IAMUser/TorIPCaller`.
    pub kind: Untrusted,
    pub title: Untrusted,
    pub description: Untrusted,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    /// How often it was seen.
    pub count: Option<u64>,
    /// The resource affected, as a person would name it: an ARN, a key id with its
    /// user, an instance id.
    pub resource: Untrusted,
    /// Who or what did it: a remote address, a principal, a domain.
    pub actor: Untrusted,
    pub state: State,
    /// The ARN of the attack sequence that this finding is a signal of.
    pub sequence: Option<Untrusted>,
    /// The ids of the findings this attack sequence is made of, where it is one.
    pub signals: Vec<Untrusted>,
    /// An AWS sample (`[SAMPLE]`).
    pub sample: bool,
    /// The finding's JSON, byte for byte as it came.
    pub raw: Box<str>,
}

/// What the sending service says about being dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum State {
    GuardDuty(Archived),
    SecurityHub(Hub),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Archived {
    /// `None` where the service did not say (`service` is optional).
    pub archived: Option<bool>,
}

/// The customer's workflow status and the provider's record state, as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hub {
    pub workflow: Option<Untrusted>,
    pub record_state: Option<Untrusted>,
    /// Who wrote the note: with NOTIFIED, whose the finding is. Not in the JSON answers.
    #[serde(skip)]
    pub note_by: Option<Untrusted>,
}

impl Record {
    /// What names it in a list. GuardDuty's types say what happened; Security Hub's are
    /// categories that hundreds of findings share, and the title tells them apart.
    pub fn headline(&self) -> &Untrusted {
        let by_title = self.source == Source::SecurityHub && !self.title.is_empty();
        if by_title { &self.title } else { &self.kind }
    }

    /// Whether the sending service still lists it as something to look at.
    pub fn is_active(&self) -> bool {
        match &self.state {
            State::GuardDuty(Archived { archived }) => *archived != Some(true),
            State::SecurityHub(hub) => {
                let is = |v: &Option<Untrusted>, words: &[&str]| {
                    v.as_ref().is_some_and(|v| words.contains(&v.raw()))
                };
                !is(&hub.record_state, &["ARCHIVED"])
                    && !is(&hub.workflow, &["RESOLVED", "SUPPRESSED"])
            }
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key)
            .field("severity", &self.severity)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// One row of the queue: a finding as every service that knows it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    guardduty: Option<Arc<Record>>,
    securityhub: Option<Arc<Record>>,
}

impl Finding {
    pub fn of(record: Arc<Record>) -> Self {
        let mut finding = Self { guardduty: None, securityhub: None };
        finding.put(record);
        finding
    }

    /// Takes in a record of the same key whatever it replaces. Returns whether anything changed.
    pub fn replace(&mut self, record: Arc<Record>) -> bool {
        let place = match record.source {
            Source::GuardDuty => &mut self.guardduty,
            Source::SecurityHub => &mut self.securityhub,
        };
        let changed = place.as_deref() != Some(&*record);
        *place = Some(record);
        changed
    }

    /// Takes in a record of the same key, replacing the same service's older one.
    /// A record that was updated before the one already here is dropped.
    /// Returns whether anything changed.
    pub fn put(&mut self, record: Arc<Record>) -> bool {
        let place = match record.source {
            Source::GuardDuty => &mut self.guardduty,
            Source::SecurityHub => &mut self.securityhub,
        };
        match place {
            Some(old) if old.updated_at > record.updated_at || **old == *record => false,
            _ => self.replace(record),
        }
    }

    pub fn guardduty(&self) -> Option<&Arc<Record>> {
        self.guardduty.as_ref()
    }

    pub fn securityhub(&self) -> Option<&Arc<Record>> {
        self.securityhub.as_ref()
    }

    pub fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.guardduty.iter().chain(&self.securityhub)
    }

    /// The record that names the row: GuardDuty's own where there is one, for it is
    /// the original and Security Hub's the copy.
    pub fn main(&self) -> &Record {
        self.guardduty
            .as_deref()
            .or(self.securityhub.as_deref())
            .expect("INVARIANT: `of` puts one record and `put` takes none away")
    }

    pub fn key(&self) -> &Key {
        &self.main().key
    }

    /// Active while any service still lists it so.
    pub fn is_active(&self) -> bool {
        self.records().any(|r| r.is_active())
    }

    /// The newest update any service tells of.
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.records().filter_map(|r| r.updated_at).max()
    }
}

/// The shape of a finding in halon's JSON answers (`halon.findings/1`).
impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let main = self.main();
        let mut s = serializer.serialize_struct("Finding", 15)?;
        s.serialize_field("id", &main.id)?;
        s.serialize_field("arn", &main.arn)?;
        s.serialize_field("account", &main.account)?;
        s.serialize_field("region", &main.region)?;
        s.serialize_field("detector_region", &main.detector_region)?;
        s.serialize_field("severity", &main.severity)?;
        s.serialize_field("type", &main.kind)?;
        s.serialize_field("title", &main.title)?;
        s.serialize_field("first_seen", &main.first_seen)?;
        s.serialize_field("last_seen", &main.last_seen)?;
        s.serialize_field("count", &main.count)?;
        s.serialize_field("resource", &main.resource)?;
        s.serialize_field("actor", &main.actor)?;
        s.serialize_field("guardduty", &self.guardduty.as_ref().map(|r| &r.state))?;
        s.serialize_field("securityhub", &self.securityhub.as_ref().map(|r| &r.state))?;
        s.end()
    }
}
