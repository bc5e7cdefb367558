//! What the program is: the case, where the operator is in it, and what is
//! available there. Plain data: no messages, no drawing.

mod alert;
mod available;
mod busy;
mod can;
mod coach;
mod drill;
mod form;
mod help;
mod iam;
mod ledger;
mod notices;
mod notify;
mod organization;
pub mod out;
mod overlay;
mod palette;
mod pick;
mod remembered;
mod same;
mod saved;
mod search;
mod setup;
mod shelf;
mod trail;
mod tree;
mod watch;
mod when;
mod wizard;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    case::{Arranged, Case, Load, Look, Row, View},
    domain::{
        AccountId, Target, Untrusted,
        authorization::Authorization,
        finding::{Finding, Key as FindingKey},
        timeline::Entry,
    },
    guard::Mode,
    input::{Key, Keymap, Scope},
    playbook::Run,
};

pub use alert::{Alert, Ring};
pub use available::{Why, available};
pub use busy::{Busy, OnItsWay, Work};
pub use can::{Can, CanField, Refused};
pub use coach::advice;
pub use drill::{DrillPane, DrillRow, Going, Judged, Prospect, Ran, input_text, is_asked};
pub use form::{Field, Form, Purpose, input_fields};
pub use help::Help;
pub use iam::{Calls, Iam, Tab};
pub use ledger::Ledger;
pub use notices::{Notices, Told};
pub use notify::{Notify, Quiet};
pub use organization::{Answered, Ground, Node, OrgPane, Stand, StandRow};
pub use overlay::{Ask, Confirm, Overlay, Page};
pub use palette::{Choice, Goal, Palette};
pub use pick::Picked;
pub use remembered::Remembered;
pub use same::{Same, same};
pub use saved::{LONGEST_NAME, SavedFilter, good_name, read_saved, write_saved};
pub use search::{Search, TextPlace, Typing};
pub use setup::{Notice, Paint, Setup};
pub use shelf::{Shelf, ShelfRow};
pub use trail::{Asked, Earlier, Sight, Trail, asked_by};
pub use tree::{Tree, of_session};
pub use watch::watchable;
pub use when::{DEFAULT, When};
pub use wizard::{Found, Profile, Step, Unconfigured, Wizard, alias_of};

/// Which side of the screen the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    List,
    Detail,
}

/// What the screen is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    #[default]
    Findings,
    /// Events, and who did what.
    Trail,
    Playbooks,
    /// The plan being made, or made and not run yet.
    Plan,
    /// One run, live.
    Run,
    Audit,
    /// Who is in the accounts, and what they may do.
    Iam,
    /// Units and accounts, and what stands above them.
    Organization,
    /// What is to be reached in a drill, and the evidence of it.
    Drill,
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
    /// Keys that others must follow before they mean something.
    pub begun: Vec<Key>,
    pub now: Timestamp,
    /// UTC, or this machine's zone.
    pub zone: TimeZone,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),

    pub mode: Mode,
    pub pane: Pane,
    /// The panes that led here.
    pub came_from: Vec<Pane>,
    pub trail: Trail,
    pub iam: Iam,
    pub organization: OrgPane,
    pub drill: DrillPane,
    /// What was marked, by the time that it happened.
    pub timeline: Vec<Entry>,
    /// The ids of the events and findings in it.
    pub marked: HashSet<Untrusted>,
    pub shelf: Shelf,
    /// The run that the run pane shows.
    pub run: Option<String>,
    pub ledger: Ledger,
    /// Halon is being armed in order to run the plan.
    pub start_wanted: bool,
    /// That halon is armed is being written down.
    pub arming: bool,
    /// The log is being read, for the way back of a run.
    pub undoing: bool,
    /// What the audit pane is filtered by.
    pub ledger_filter: String,
    /// Lines scrolled down in the plan or the run.
    pub scroll: usize,
    /// The prompt was closed without an answer: it comes back when asked for.
    pub set_aside: bool,
    /// The approved plan waits for an incident, or for the check of its file.
    pub starting: bool,

    pub focus: Focus,
    pub overlay: Option<Overlay>,
    /// What the help is about.
    pub help: Help,
    /// What was looked for in the text that has the focus.
    pub search: Option<Search>,
    pub detail: Detail,
    pub chart: bool,

    pub view: View,
    /// The filters that were saved, by name.
    pub saved: Vec<SavedFilter>,
    /// The findings that were picked.
    pub picked: Picked,
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
    /// Until the next key; what must be read is in `notices`.
    pub notice: Option<Notice>,
    /// The first steps were left, now or earlier.
    pub declined: bool,
    /// What is on disk of how the console was left; none where that is not remembered.
    pub remembered: Option<Remembered>,
    pub notices: Notices,
    pub alert: Alert,
    /// What somebody waits for, since when.
    pub on_its_way: OnItsWay,
    /// On the way out.
    pub quitting: bool,
    /// Told to be out.
    pub left: bool,
}

impl Model {
    pub fn new(setup: Setup, case: Case, keymap: Keymap, view: View, now: Timestamp) -> Self {
        let mode = if setup.read_only { Mode::ReadOnly } else { Mode::Safe };
        Self {
            mode,
            pane: Pane::default(),
            came_from: Vec::new(),
            trail: Trail::default(),
            iam: Iam::default(),
            organization: OrgPane::default(),
            drill: DrillPane::default(),
            timeline: Vec::new(),
            marked: HashSet::new(),
            shelf: Shelf::default(),
            run: None,
            ledger: Ledger::default(),
            start_wanted: false,
            arming: false,
            undoing: false,
            ledger_filter: String::new(),
            scroll: 0,
            set_aside: false,
            starting: false,
            saved: setup.saved.clone(),
            picked: Picked::default(),
            setup,
            case,
            keymap,
            begun: Vec::new(),
            now,
            zone: TimeZone::UTC,
            size: (80, 24),
            focus: Focus::List,
            overlay: None,
            help: Help::default(),
            search: None,
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
            declined: false,
            remembered: None,
            notices: Notices::default(),
            alert: Alert::default(),
            on_its_way: OnItsWay::default(),
            quitting: false,
            left: false,
        }
    }

    /// Keys are text now, and no commands.
    pub fn is_typing(&self) -> bool {
        if self.search.as_ref().is_some_and(|search| search.typing.is_some()) {
            return true;
        }
        match self.overlay {
            Some(
                Overlay::Filter { .. }
                | Overlay::Form(_)
                | Overlay::Wizard(_)
                | Overlay::Can
                | Overlay::Confirm(_)
                | Overlay::Palette(_)
                | Overlay::EndDrill { .. },
            ) => true,
            Some(
                Overlay::Text(..)
                | Overlay::Same(_)
                | Overlay::Saved(_)
                | Overlay::Watches(_)
                | Overlay::Leave,
            )
            | None => false,
        }
    }

    /// The scopes in which a key is looked up now, innermost first.
    pub fn scopes(&self) -> &'static [Scope] {
        let scopes: &'static [Scope] = match self.overlay {
            Some(Overlay::Leave) => return &[Scope::Leave],
            Some(Overlay::Watches(_)) => return &[Scope::Watches, Scope::Overlay, Scope::Global],
            Some(Overlay::Saved(_)) => return &[Scope::Saved, Scope::Overlay, Scope::Global],
            Some(Overlay::Same(_)) => return &[Scope::Same, Scope::Overlay, Scope::Global],
            Some(_) => &[Scope::Found, Scope::Overlay, Scope::Global],
            None => self.all_pane_scopes(),
        };
        if self.has_matches() { scopes } else { &scopes[1..] }
    }

    /// The scopes of the pane, whatever lies over it.
    pub fn pane_scopes(&self) -> &'static [Scope] {
        &self.all_pane_scopes()[1..]
    }

    /// The same, and before them the one of what was looked for in a text.
    fn all_pane_scopes(&self) -> &'static [Scope] {
        use Scope::{
            Attached, Audit, Detail, Drill, Event, Findings, Found, Global, Iam, Organization,
            Plan, Playbooks, Principal, Run, Trail,
        };
        match (self.pane, self.focus()) {
            (Pane::Findings, Focus::List) => &[Found, Findings, Global],
            (Pane::Findings, Focus::Detail) => &[Found, Detail, Global],
            (Pane::Trail, Focus::List) => &[Found, Trail, Global],
            (Pane::Trail, Focus::Detail) => &[Found, Event, Trail, Global],
            (Pane::Playbooks, _) => &[Found, Playbooks, Global],
            (Pane::Plan, _) => &[Found, Plan, Global],
            (Pane::Run, _) => &[Found, Run, Global],
            (Pane::Audit, _) => &[Found, Audit, Global],
            (Pane::Organization, Focus::List) => &[Found, Organization, Global],
            (Pane::Organization, Focus::Detail) => &[Found, Attached, Organization, Global],
            (Pane::Drill, _) => &[Found, Drill, Global],
            (Pane::Iam, Focus::List) => &[Found, Iam, Global],
            (Pane::Iam, Focus::Detail) => &[Found, Principal, Iam, Global],
        }
    }

    /// Which side of the pane the keys go to.
    pub fn focus(&self) -> Focus {
        match self.pane {
            Pane::Trail => self.trail.sight.focus,
            Pane::Iam => self.iam.focus,
            Pane::Organization => self.organization.focus,
            _ => self.focus,
        }
    }

    /// Gives the keys to one side of the pane.
    pub fn set_focus(&mut self, focus: Focus) {
        match self.pane {
            Pane::Trail => self.trail.sight.focus = focus,
            Pane::Iam => self.iam.focus = focus,
            Pane::Organization => self.organization.focus = focus,
            _ => self.focus = focus,
        }
    }

    /// The line of the list that the cursor is on.
    pub fn cursor_line(&self) -> Option<usize> {
        Some(match self.pane {
            Pane::Findings => self.cursor,
            Pane::Trail => match &self.trail.sight.tree {
                Some(tree) => tree.cursor,
                None => self.trail.sight.cursor,
            },
            Pane::Playbooks => self.shelf.cursor,
            Pane::Audit => self.ledger.cursor,
            Pane::Iam => self.iam.cursor,
            Pane::Organization => match &self.organization.stand {
                Some(stand) => stand.cursor,
                None => self.organization.cursor,
            },
            Pane::Drill => self.drill.cursor,
            Pane::Plan | Pane::Run => return None,
        })
    }

    pub fn finding(&self, row: Row) -> &Arc<Finding> {
        &self.case.queue.findings()[row.at]
    }

    /// The finding under the cursor.
    pub fn current(&self) -> Option<&Arc<Finding>> {
        self.list.rows.get(self.cursor).map(|row| self.finding(*row))
    }

    /// The saved filter that the list's cursor is on.
    pub fn saved_under_cursor(&self) -> Option<&SavedFilter> {
        match self.overlay_below() {
            Some(Overlay::Saved(line)) => self.saved.get(*line),
            _ => None,
        }
    }

    /// The lines of the playbooks pane.
    pub fn shelf_rows(&self) -> Vec<ShelfRow> {
        self.shelf.rows(self.current().map(|f| &**f), self.case.runs.len())
    }

    /// The run that is shown.
    pub fn shown_run(&self) -> Option<&Run> {
        let id = self.run.as_ref()?;
        self.case.runs.iter().find(|run| run.id == *id)
    }

    /// What the configuration says of an account for the eye.
    pub fn paint(&self, account: &AccountId) -> Option<&Paint> {
        let signed_in = |target: &Target| match self.case.callers.get(target) {
            Some(Load::Ready(identity)) => identity.account == *account,
            _ => false,
        };
        let mut paints = self.setup.accounts.iter();
        paints
            .find(|(alias, paint)| paint.account.as_ref() == Some(account) || signed_in(alias))
            .map(|(_, paint)| paint)
    }

    /// Whether the operator's business runs in the account, as far as the configuration says.
    pub fn is_production(&self, account: &AccountId) -> bool {
        self.paint(account).is_some_and(|paint| paint.production)
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

    /// Some part of the events asked for is missing.
    pub fn trail_lacks_something(&self) -> bool {
        self.trail.sight.trouble.is_some()
            || self.case.inquiry.as_ref().is_some_and(|i| !i.gaps().is_empty())
    }

    /// Some account could not be looked at, or not all of it.
    pub fn iam_lacks_something(&self) -> bool {
        let lacks = |look: &Look<Authorization>| {
            look.fault.is_some() || look.known.as_ref().is_some_and(|k| !k.gaps.is_empty())
        };
        self.case.inspection.accounts.values().any(lacks)
    }

    /// Tells the operator: alarms and troubles until they were read, and an alarm rings.
    pub fn tell(&mut self, notice: Notice) {
        match notice {
            Notice::Done(_) => self.notice = Some(notice),
            Notice::Alarm(text) => {
                self.alert.words.push(text.clone());
                self.notices.put(Notice::Alarm(text), self.now);
            }
            Notice::Trouble(_) => self.notices.put(notice, self.now),
        }
    }

    /// Nothing is on its way and the list is up to date: a test may look now.
    pub fn is_idle(&self) -> bool {
        self.case.is_idle()
            && !self.arranging
            && self.is_arranged()
            && !self.starting
            && !self.arming
            && !self.undoing
            && self.trail.is_settled()
            && self.iam.is_settled()
            && self.organization.is_settled()
            && self.drill.is_settled()
            && !matches!(&self.overlay, Some(Overlay::Palette(p)) if p.is_behind())
            && self.case.inquiry.as_ref().is_none_or(|i| i.is_over())
            && !self.case.runs.iter().any(|run| run.is_waiting())
            && !self.case.watches.iter().any(|watch| watch.is_asking())
    }

    /// Whether the list shows the present queue in the present view.
    pub fn is_arranged(&self) -> bool {
        self.arranged.as_ref().is_some_and(|(revision, view)| {
            *revision == self.case.queue.revision() && *view == self.view
        })
    }
}
