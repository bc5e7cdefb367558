//! What the program is: the case, where the operator is in it, and what is
//! available there. Plain data: no messages, no drawing.

mod available;
mod setup;

use std::{collections::HashMap, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use tui_input::Input;

use crate::{
    case::{Arranged, Case, Row, View},
    domain::finding::{Finding, Key as FindingKey},
    input::{Keymap, Scope},
};

pub use available::{Why, available};
pub use setup::{Mode, Notice, Setup};

/// Which side of the screen the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    List,
    Detail,
}

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The text filter being typed, and what it was before.
    Filter { input: Input, before: String },
    /// A text to read, scrolled down by so many lines.
    Text(Page, usize),
}

/// The texts that can be laid over the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Help,
    Health,
    Calls,
}

/// The detail of the finding under the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Lines scrolled down.
    pub scroll: usize,
    /// JSON as it came, instead of the readable form.
    pub raw: bool,
}

#[derive(Debug)]
pub struct Model {
    pub setup: Setup,
    pub case: Case,
    pub keymap: Keymap,
    pub now: Timestamp,
    /// UTC, or this machine's zone.
    pub zone: TimeZone,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),

    pub focus: Focus,
    pub overlay: Option<Overlay>,
    pub detail: Detail,
    pub chart: bool,

    pub view: View,
    /// The list as last arranged.
    pub list: Arranged,
    /// The queue's revision and the view that `list` shows.
    pub arranged: Option<(u64, View)>,
    /// An arrangement is on its way.
    pub arranging: bool,
    /// The finding under the cursor; its line may move as others arrive.
    pub selected: Option<FindingKey>,
    pub cursor: usize,
    /// The first line shown.
    pub top: usize,

    /// For each finding looked at, its update at that time.
    pub seen: HashMap<FindingKey, Option<Timestamp>>,
    /// Whether the marks of earlier runs have been read.
    pub seen_loaded: bool,
    pub notice: Option<Notice>,
    pub quitting: bool,
}

impl Model {
    pub fn new(setup: Setup, case: Case, keymap: Keymap, view: View, now: Timestamp) -> Self {
        Self {
            setup,
            case,
            keymap,
            now,
            zone: TimeZone::UTC,
            size: (80, 24),
            focus: Focus::List,
            overlay: None,
            detail: Detail::default(),
            chart: true,
            view,
            list: Arranged::default(),
            arranged: None,
            arranging: false,
            selected: None,
            cursor: 0,
            top: 0,
            seen: HashMap::new(),
            seen_loaded: false,
            notice: None,
            quitting: false,
        }
    }

    /// The scopes in which a key is looked up now, innermost first.
    pub fn scopes(&self) -> &'static [Scope] {
        match (&self.overlay, self.focus) {
            (Some(_), _) => &[Scope::Overlay, Scope::Global],
            (None, Focus::List) => &[Scope::Findings, Scope::Global],
            (None, Focus::Detail) => &[Scope::Detail, Scope::Global],
        }
    }

    pub fn finding(&self, row: Row) -> &Arc<Finding> {
        &self.case.queue.findings()[row.at]
    }

    /// The finding under the cursor.
    pub fn current(&self) -> Option<&Arc<Finding>> {
        self.list.rows.get(self.cursor).map(|row| self.finding(*row))
    }

    /// New, or updated since the operator last looked at it.
    pub fn is_new(&self, finding: &Finding) -> bool {
        self.seen_loaded
            && finding.is_active()
            && self.seen.get(finding.key()).is_none_or(|seen| *seen < finding.updated_at())
    }

    /// Some source's part of the list is missing.
    pub fn feeds_lack_something(&self) -> bool {
        !self.case.gaps().is_empty()
    }

    /// Nothing is on its way and the list is up to date: a test may look now.
    pub fn is_idle(&self) -> bool {
        self.case.is_idle() && !self.arranging && self.is_arranged()
    }

    /// Whether the list shows the present queue in the present view.
    pub fn is_arranged(&self) -> bool {
        self.arranged.as_ref().is_some_and(|(revision, view)| {
            *revision == self.case.queue.revision() && *view == self.view
        })
    }
}
