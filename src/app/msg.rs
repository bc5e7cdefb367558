//! What happened.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;

use crate::{
    audit::Record as LogRecord,
    case::{
        Arranged, Compared, Exemptible, Hit, RoleAt, Sessions, Step, Survey, SurveyView, Ticket,
        Used, View, proof::Proof,
    },
    domain::{
        Answer, Call, Fault, Gap, Place, Untrusted,
        event::Window,
        finding::{Key as FindingKey, Record},
    },
    drill::{Event, Evidence},
    guard::Incident,
    input::Key,
    model::{Judged, Profile},
    playbook::{Intended, Loaded, Told},
    policy::exempt::Analysis,
    store::{Found, Timeline},
};

#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A second has passed, or something is about to be told: this is the time.
    Ticked(Timestamp),
    KeyPressed(Key),
    Pasted(String),
    /// The left button of the mouse, in this column and row.
    Clicked {
        x: u16,
        y: u16,
    },
    /// The wheel of the mouse, over this column and row.
    Scrolled {
        x: u16,
        y: u16,
        down: bool,
    },
    /// Columns and rows.
    Resized(u16, u16),
    /// A part of the answer to a question.
    Answered(Ticket, Answer),
    /// The list, as of a revision of the queue and in a view.
    Arranged {
        revision: u64,
        view: View,
        list: Box<Arranged>,
    },
    /// The findings and principals that match a text.
    LookedUp {
        text: String,
        found: Vec<Hit>,
    },
    /// Everybody in the accounts that were looked at.
    Surveyed(Arc<Survey>),
    /// How what stands above a role stands to it, with what was asked.
    Analysed {
        role: RoleAt,
        known: Box<Exemptible>,
        analysis: Box<Analysis>,
    },
    /// What the store has of a principal's calls.
    CallsFound {
        arn: Untrusted,
        news: u64,
        used: Result<Arc<Used>, Fault>,
    },
    /// What differs.
    Compared(Vec<Compared>),
    /// The lines of a survey that a view shows, in its order.
    SurveyArranged {
        survey: Arc<Survey>,
        view: SurveyView,
        rows: Vec<usize>,
    },
    /// What earlier runs left in the store: records with the time they were kept,
    /// and the marks of what the operator has seen.
    Loaded {
        records: Vec<(Arc<Record>, Timestamp)>,
        seen: HashMap<FindingKey, Option<Timestamp>>,
    },
    /// What a place tells of an inquiry.
    Inquired {
        id: u64,
        place: Place,
        step: Step,
    },
    /// What the store holds of what was looked for.
    EventsFound {
        serial: u64,
        found: Result<Box<Found>, Fault>,
    },
    /// What a place answered for somebody who is watched: what the answer lacks, and what the
    /// store has by then.
    Watched {
        id: u64,
        place: Place,
        gaps: Vec<Gap>,
        found: Result<Box<Found>, Fault>,
    },
    /// The sessions in a window.
    Stitched {
        window: Window,
        sessions: Result<Arc<Sessions>, Fault>,
    },
    /// The timelines as the store has them.
    TimelineRead(Result<Timeline, Fault>),
    PlaybooksLoaded(Vec<Loaded>),
    /// Whether the playbook's file is still what was planned.
    PlaybookChecked(bool),
    /// Armed, or why not.
    Armed(Incident, Result<(), Fault>),
    /// What came of a run's task.
    Did {
        run: String,
        told: Told,
    },
    /// A call made for a run.
    Called(Call),
    /// The audit log as it is now, and the changes in it whose outcome is not known; the
    /// run whose way back it was read for.
    LogRead(Result<(Vec<LogRecord>, Vec<Intended>), Fault>, Option<String>),
    /// What verifying the log said, in a line; whether it is good.
    LogVerified(String, bool),
    /// The log compared with CloudTrail.
    LogProved(Result<Box<Proof>, Fault>),
    /// What reading back said, one sentence for each.
    ReadBack(Vec<String>),
    /// A record of the drill is on disk, or why not.
    DrillWritten {
        at: Timestamp,
        event: Box<Event>,
        written: Result<(), Fault>,
    },
    /// What is true of the range's world.
    FactsJudged(Judged),
    /// What the operator's MFA device shows.
    DeviceShown(Option<String>),
    /// The evidence that halon found by itself.
    Probed(Result<Vec<Evidence>, Fault>),
    /// The profiles of the AWS configuration.
    ProfilesRead(Vec<Profile>),
    /// halon.toml is on disk, or why not.
    ConfigWritten(Result<(), Fault>),
    /// Something on this machine went wrong: the store, the clipboard.
    Hurt(Fault),
    /// A signal asked halon to end.
    Terminated,
}
