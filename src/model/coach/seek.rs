//! Towards a finding, the events of somebody, a principal.

use super::{Coach, wait};
use crate::{
    case::Filter,
    domain::{AccountId, Band, Principal, Status, event::By},
    input::Command,
    model::{Focus, Form, Overlay, Pane, Purpose, When, asked_by},
};

/// Lines that are gone through page by page.
const PAGE: usize = 24;

impl Coach<'_> {
    /// To the detail of a finding.
    pub(super) fn open(&self, id: &str) -> String {
        if let Some(way) = self.to_finding(id) {
            return way;
        }
        match self.model.focus {
            Focus::List => self.press(Command::Open, "open it"),
            Focus::Detail => wait("read what it says"),
        }
    }

    /// To the line of a finding, whatever hides it.
    pub(super) fn to_finding(&self, id: &str) -> Option<String> {
        let model = self.model;
        let way = self.go_to(Pane::Findings, Command::Findings, "the finding is among them");
        if way.is_some() {
            return way;
        }
        let is = |at: usize| {
            let finding = model.list.rows.get(at).map(|row| model.finding(*row));
            finding.is_some_and(|f| f.records().any(|record| record.id.raw() == id))
        };
        if is(model.cursor) {
            return None;
        }
        if model.focus == Focus::Detail {
            return Some(self.press(Command::Back, "back to the list: it is another one"));
        }
        if let Some(at) = (0..model.list.rows.len()).find(|at| is(*at)) {
            let title = model.finding(model.list.rows[at]).main().title.raw();
            return Some(self.travel(model.cursor, at, PAGE, title));
        }
        Some(self.unhide())
    }

    /// The finding is not on the list.
    fn unhide(&self) -> String {
        let model = self.model;
        let filter = &model.view.filter;
        let narrowed = Filter {
            at_least: filter.at_least,
            status: filter.status,
            updated_since: filter.updated_since,
            ..Filter::default()
        };
        if *filter != narrowed {
            return self.press(Command::ClearFilters, "a filter hides what is looked for");
        }
        if !model.is_arranged() || model.case.feeds.values().any(|f| f.last_answer.is_none()) {
            return wait("the findings are being read");
        }
        if filter.at_least != Band::Informational {
            return self.press(Command::Severity, "also what is less severe");
        }
        if filter.status != Status::All {
            return self.press(Command::State, "also what is archived");
        }
        wait("the finding has not come yet")
    }

    /// To the events of a search that has come to its end.
    pub(super) fn search(&self, by: &By) -> String {
        let model = self.model;
        let wanted = asked_by(std::slice::from_ref(by));
        if let Some(Overlay::Form(form)) = &model.overlay
            && form.purpose == Purpose::Query
        {
            return self.question(form, &wanted);
        }
        let way = self.go_to(Pane::Trail, Command::Trail, "the trail has who did what");
        if let Some(way) = way {
            return way;
        }
        let asked = model.trail.sight.asked.as_ref();
        if asked.is_some_and(|asked| asked.by == [by.clone()]) {
            let over = model.case.inquiry.as_ref().is_some_and(|i| i.is_over());
            return match over && model.trail.is_settled() {
                // Something is missing, or it was asked before the last change.
                true => self.press(Command::Refresh, "ask again, up to now"),
                false => wait("CloudTrail is being asked"),
            };
        }
        self.press(Command::Query, &format!("ask CloudTrail for {}", by.name()))
    }

    /// The form of a question: what it is asked by, and a window that can be read.
    fn question(&self, form: &Form, wanted: &str) -> String {
        let [by, window] = &form.fields[..] else { return "Press <esc>: close this".to_owned() };
        if by.input.value() != wanted {
            return match form.at {
                0 => self.fill(&by.input, wanted, "on to the window of time"),
                _ => "Press <up>: back to the first line".to_owned(),
            };
        }
        let good = When::parse(window.input.value(), self.model.now).is_ok();
        match form.at {
            0 => "Press <enter>: on to the window of time".to_owned(),
            _ if good => "Press <enter>: ask".to_owned(),
            _ => self.fill(&window.input, "24h", "ask"),
        }
    }

    /// To what is known of a principal.
    pub(super) fn inspect(&self, account: &AccountId, who: &Principal) -> String {
        let model = self.model;
        let way = self.go_to(Pane::Iam, Command::Iam, "IAM has who may do what");
        if let Some(way) = way {
            return way;
        }
        let iam = &model.iam;
        let is = |line: usize| {
            let found = iam.holding(line).and_then(|holding| iam.survey.principal(holding));
            found.is_some_and(|(its, name)| its == *account && name == *who)
        };
        if is(iam.cursor) {
            return match iam.focus {
                Focus::List => self.press(Command::Open, &format!("look at {}", who.name())),
                Focus::Detail => wait("it is being looked at"),
            };
        }
        if iam.focus == Focus::Detail {
            return self.press(Command::Back, "back to the list: it is somebody else");
        }
        match (0..iam.rows.len()).find(|line| is(*line)) {
            Some(line) => self.travel(iam.cursor, line, PAGE, who.name()),
            None if !iam.view.text.is_empty() => {
                self.press(Command::ClearFilters, "a filter hides who is looked for")
            }
            None => wait("the accounts are being read"),
        }
    }
}
