//! What can be asked of AWS. A closed set: a new question makes the compiler
//! list every place that must know it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Band, Fault, FaultKind, Identity, Logging, Place, Principal, Region, State, Subject, Target,
    Untrusted,
    authorization::{Authorization, Inspected},
    credentials::Root,
    event::{Event, Lookup, Window},
    finding::Record,
    organization,
    simulation::{ServiceUse, Simulated, Simulation},
};

/// A service that findings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    GuardDuty,
    SecurityHub,
}

impl Source {
    pub const ALL: [Source; 2] = [Source::GuardDuty, Source::SecurityHub];

    /// The name on the command line, in JSON and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Source::GuardDuty => "guardduty",
            Source::SecurityHub => "securityhub",
        }
    }
}

/// A service that a list can lack something of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    GuardDuty,
    SecurityHub,
    CloudTrail,
    Iam,
    Organizations,
}

impl Service {
    /// The name in JSON and in the health line.
    pub fn name(self) -> &'static str {
        match self {
            Service::GuardDuty => Source::GuardDuty.name(),
            Service::SecurityHub => Source::SecurityHub.name(),
            Service::CloudTrail => "cloudtrail",
            Service::Iam => "iam",
            Service::Organizations => "organizations",
        }
    }
}

impl From<Source> for Service {
    fn from(source: Source) -> Self {
        match source {
            Source::GuardDuty => Service::GuardDuty,
            Source::SecurityHub => Service::SecurityHub,
        }
    }
}

/// Which findings by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// GuardDuty not archived; Security Hub ACTIVE and NEW or NOTIFIED.
    #[default]
    Active,
    /// GuardDuty archived; Security Hub archived, RESOLVED or SUPPRESSED.
    Archived,
    All,
}

impl Status {
    pub const ALL: [Status; 3] = [Status::Active, Status::Archived, Status::All];

    /// The word for it in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Archived => "archived",
            Status::All => "all",
        }
    }
}

/// What the services are asked for; everything else is filtered here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ask {
    pub at_least: Band,
    pub status: Status,
    /// Only findings updated at or after this time: the operator's `--since`, or
    /// the newest update seen in earlier answers less an overlap.
    pub updated_since: Option<Timestamp>,
}

/// One question, answered by one or more [`Answer`]s of which the last is final.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Query {
    /// Who are we? Ends in [`Answer::Identity`] or [`Answer::Failed`].
    Caller(Target),
    /// Findings of one service in one place. [`Answer::Page`]s, then [`Answer::Done`].
    Findings { source: Source, place: Place, ask: Ask },
    /// The present state of known findings, by id: one archived or downgraded
    /// elsewhere vanishes from a filtered list without a word. Answers as `Findings` does.
    Reread { source: Source, place: Place, ids: Vec<Untrusted> },
    /// The state of one subject. Ends in [`Answer::State`] or [`Answer::Failed`].
    State { place: Place, subject: Subject },
    /// Events of the account's event history in one region, newest first.
    /// [`Answer::Events`], then [`Answer::Done`].
    Events { place: Place, lookup: Lookup },
    /// Which trails record what happens here. Ends in [`Answer::Logging`] or [`Answer::Failed`].
    Logging { place: Place },
    /// Is the service switched on here? Ends in [`Answer::Enabled`] or [`Answer::Failed`].
    Enabled { source: Source, place: Place },
    /// One user or role with everything it holds. Ends in [`Answer::Inspected`] or
    /// [`Answer::Failed`].
    Principal { place: Place, who: Principal },
    /// Every user, group, role and managed policy of the account. Ends in
    /// [`Answer::Authorization`] or [`Answer::Failed`].
    Authorization { place: Place },
    /// The root user and everybody's credentials. Ends in [`Answer::Root`] or
    /// [`Answer::Failed`].
    Root { place: Place },
    /// The organization, as far as this account may see it. Ends in [`Answer::Organization`]
    /// or [`Answer::Failed`].
    Organization { place: Place },
    /// What AWS's own simulator makes of a call. Ends in [`Answer::Simulated`] or
    /// [`Answer::Failed`].
    Simulate { place: Place, simulation: Simulation },
    /// What an encoded refusal says. Ends in [`Answer::Decoded`] or [`Answer::Failed`].
    Decode { place: Place, message: String },
    /// Which services a principal, by its ARN, was seen to use. Ends in
    /// [`Answer::ServicesUsed`] or [`Answer::Failed`].
    ServicesUsed { place: Place, arn: Untrusted },
}

/// One AWS call made on the operator's behalf, for the command log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    pub service: &'static str,
    pub operation: &'static str,
    pub place: Place,
    /// Requests sent, the first one included; 0 where none left this machine.
    pub attempts: u32,
    pub millis: u64,
    /// Of them between two attempts: what a retry waits before it.
    pub waited_millis: u64,
    /// Attempts that the service refused because there were too many.
    pub throttled: u32,
    /// Bytes of the last answer's body.
    pub bytes: usize,
    /// The host that the last request went to.
    pub host: Option<String>,
    pub request_id: Option<String>,
    /// The service's clock (the `Date` header, RFC 9110 section 6.6.1) on the last answer.
    pub server_time: Option<Timestamp>,
    pub fault: Option<FaultKind>,
}

impl Call {
    /// By AWS's naming of operations: whatever does not only read changes something, and so
    /// does taking a role.
    pub fn is_write(&self) -> bool {
        const READS: [&str; 8] =
            ["Get", "List", "Describe", "Lookup", "Simulate", "Decode", "Generate", "BatchGet"];
        !READS.iter().any(|read| self.operation.starts_with(read))
    }
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Called(Call),
    Identity(Identity),
    Page {
        records: Vec<Record>,
    },
    /// A page of events, and the stretch of time of which nothing is missing any more
    /// because of it, where that can be said.
    Events {
        events: Vec<Event>,
        covered: Option<Window>,
    },
    /// The list is at its end; what is missing from it is in `gaps`.
    Done {
        gaps: Vec<Gap>,
    },
    /// What a service says of itself, one line.
    Enabled(String),
    State(Box<State>),
    Logging(Logging),
    /// What is missing from it is in `gaps`, here and in the three below.
    Inspected {
        what: Arc<Inspected>,
        gaps: Vec<Gap>,
    },
    Authorization {
        what: Arc<Authorization>,
        gaps: Vec<Gap>,
    },
    Root {
        what: Arc<Root>,
        gaps: Vec<Gap>,
    },
    Organization {
        what: Arc<organization::View>,
        gaps: Vec<Gap>,
    },
    Simulated(Simulated),
    /// JSON text.
    Decoded(Untrusted),
    ServicesUsed(Arc<Vec<ServiceUse>>),
    Failed(Fault),
}

impl Answer {
    pub fn is_final(&self) -> bool {
        !matches!(self, Answer::Page { .. } | Answer::Events { .. } | Answer::Called(_))
    }

    /// What a final answer says is missing from it.
    pub fn gaps(&self) -> &[Gap] {
        match self {
            Answer::Done { gaps }
            | Answer::Inspected { gaps, .. }
            | Answer::Authorization { gaps, .. }
            | Answer::Root { gaps, .. }
            | Answer::Organization { gaps, .. } => gaps,
            _ => &[],
        }
    }
}

/// Something that a list does not hold although it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    pub source: Service,
    pub account: Target,
    /// Absent where the account could not even say which region it is looked at in.
    pub region: Option<Region>,
    /// The page that failed, counted from 1; absent where no single page did.
    pub page: Option<u32>,
    /// In JSON its sentence.
    #[serde(serialize_with = "sentence")]
    pub why: Fault,
}

impl Gap {
    /// `guardduty prod eu-west-1, page 2`.
    pub fn place(&self) -> String {
        let region = self.region.as_ref().map(|r| format!(" {r}")).unwrap_or_default();
        let page = self.page.map(|p| format!(", page {p}")).unwrap_or_default();
        format!("{} {}{region}{page}", self.source.name(), self.account)
    }
}

fn sentence<S: serde::Serializer>(fault: &Fault, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(fault)
}
