//! What is to be done. Plain data: a test compares it, a replay drops it.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;

use crate::{
    audit::Entry,
    case::{
        Exemptible, Pair, RoleAt, Survey, SurveyView, Surveyed, Ticket, View, WatchAsk,
        proof::Histories,
    },
    domain::{
        AccountId, MfaSerial, Place, Query, RoleArn, Untrusted,
        event::{Question, Window},
        finding::{Finding, Key as FindingKey, Record},
        timeline::Mark,
    },
    drill::{DrillId, Drilling, Event, Item},
    guard::{By, Incident},
    model::{Judged, Remembered, Ring, SavedFilter},
    playbook::{Intended, Loaded, Task},
    range::Fact,
};

/// Not to be copied: a consent among them is good once.
#[derive(Debug, PartialEq)]
pub enum Effect {
    Ask(Ticket, Query),
    /// Filter and sort, away from the event loop.
    Arrange {
        revision: u64,
        findings: Arc<Vec<Arc<Finding>>>,
        view: View,
    },
    /// Look for findings and principals by what is typed.
    LookUp {
        text: String,
        findings: Arc<Vec<Arc<Finding>>>,
        survey: Arc<Survey>,
    },
    /// Make a list of everybody in these accounts.
    Survey(Vec<Surveyed>),
    /// Try the job of break-glass on what stands above a role.
    Analyse {
        role: RoleAt,
        known: Box<Exemptible>,
    },
    /// Look for what a principal, by its ARN, called, in the store.
    FindCalls {
        arn: Untrusted,
        news: u64,
        question: Question,
    },
    /// Find what differs.
    Compare(Vec<Pair>),
    /// Filter and sort that list.
    ArrangeSurvey {
        survey: Arc<Survey>,
        view: SurveyView,
    },
    /// Read what earlier runs left.
    Load,
    /// Ask a question about events in these places, as far as the store does not know the
    /// answer. The inquiry before it, if any, is stopped.
    Inquire {
        id: u64,
        question: Question,
        places: Vec<(Place, AccountId)>,
        /// Also for what the store knows: an event may have arrived late.
        again: bool,
    },
    /// Ask for somebody who is watched; nothing else is stopped for it.
    Watch(Box<WatchAsk>),
    /// Stop asking; what was read is kept.
    StopInquiry(u64),
    /// Look for events in the store.
    Search {
        serial: u64,
        question: Question,
    },
    /// Follow the credentials in a window to who gave them out.
    Stitch(Window),
    /// Put these into the timeline, and read it.
    Mark(Vec<Mark>),
    ReadTimeline,
    /// Put records into the store.
    Keep(Vec<Arc<Record>>),
    /// Remember what the operator has looked at.
    MarkSeen(Vec<(FindingKey, Option<Timestamp>)>),
    /// Keep the filters that were saved: these and no others.
    KeepFilters(Vec<SavedFilter>),
    /// Put text onto the clipboard of the operator's terminal.
    Copy(String),
    /// Read the playbooks from their folder.
    LoadPlaybooks,
    /// See whether a playbook's file is still what was planned.
    CheckPlaybook(Box<Loaded>),
    /// Write down that halon is armed; it is once that is on disk.
    Arm(By, Incident),
    /// Write down something that nothing waits for.
    Record(By, Entry),
    /// Drop the credentials of a session, and write that down.
    EndSession {
        role: RoleArn,
        by: By,
        entry: Entry,
    },
    /// Do something for a run.
    Do {
        run: String,
        task: Task,
        by: By,
    },
    /// Read the audit log, to plan the way back of a run where one is named.
    ReadLog(Option<String>),
    /// Verify the audit log.
    VerifyLog,
    /// Compare the audit log with CloudTrail, asked where it can be.
    ProveLog(Histories),
    /// Read back changes of which nobody knows what became of them.
    Settle(By, Vec<Intended>),
    /// Write down something of a drill; it counts once that is on disk.
    WriteDrill {
        by: By,
        drill: DrillId,
        /// By the world's clock.
        at: Timestamp,
        event: Box<Event>,
    },
    /// Ask the range's world what is true of it. Where that is as it was known, nothing is
    /// answered.
    JudgeFacts {
        facts: Vec<Fact>,
        /// When the drill began.
        since: Timestamp,
        known: Option<Judged>,
    },
    /// Look at the device that makes the operator's MFA codes, which the range has; nothing is
    /// answered where it shows what is known.
    ShowDevice {
        serial: MfaSerial,
        known: Option<String>,
    },
    /// Gather the evidence that halon finds by itself.
    Probe {
        drilling: Box<Drilling>,
        items: Vec<Item>,
        by: By,
        incident: Incident,
    },
    /// Read the names of the profiles in the AWS configuration.
    ReadProfiles,
    /// Write halon.toml, where there is none.
    WriteConfig {
        file: PathBuf,
        text: String,
    },
    /// Keep how the console is left.
    Remember(Box<Remembered>),
    /// Ring the bell, and let the desktop tell why, as was asked for.
    Ring(Ring),
    /// The title of the operator's terminal.
    Title(String),
    /// Take no key for a moment: what is typed now was meant for something else.
    Deafen,
    /// Stop, and let the shell have the terminal.
    Suspend,
    /// Draw everything anew.
    Redraw,
    Quit,
}

impl Effect {
    /// Whether nothing is to be seen of it before it is answered, if it is.
    pub fn is_quiet(&self) -> bool {
        matches!(
            self,
            Effect::JudgeFacts { known: Some(_), .. }
                | Effect::ShowDevice { .. }
                | Effect::Remember(_)
                | Effect::Ring(_)
                | Effect::Title(_)
        )
    }
}
