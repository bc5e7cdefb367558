//! The trail pane: the question about events, the list that answers it, and the questions
//! before it.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Detail, Focus, Pane, Tree, When};
use crate::{
    case::Inquiry,
    domain::{
        Fault, Untrusted,
        event::{By, Event, Question, Window},
    },
    store::Found,
};

/// What is asked, as the operator put it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub by: Vec<By>,
    pub when: When,
    /// What `when` meant when it was asked.
    pub window: Window,
    pub text: String,
    pub failed: bool,
}

impl Asked {
    pub fn new(by: Vec<By>, when: When, now: Timestamp) -> Self {
        Self { by, when, window: when.window(now), text: String::new(), failed: false }
    }

    pub fn question(&self) -> Question {
        let Asked { by, window, text, failed, .. } = self.clone();
        Question { by, window, text, failed }
    }
}

/// What a question is asked by, as it is typed.
pub fn asked_by(by: &[By]) -> String {
    let one = |by: &By| {
        let value = by.value();
        let quote = value.is_empty() || value.contains([' ', '\t']);
        if quote { format!("{} \"{value}\"", by.name()) } else { format!("{} {value}", by.name()) }
    };
    by.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// A question with its list, and where the operator is in it: what jumping back restores.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Nothing was asked yet.
    pub asked: Option<Asked>,
    pub found: Found,
    /// What `found` is the answer to, and how much the store had heard by then.
    pub found_for: Option<(Question, u64)>,
    /// Why the store could not be searched.
    pub trouble: Option<Fault>,
    /// The event that the operator went to; its line may move as others arrive. Without
    /// one they watch the first line.
    pub selected: Option<Untrusted>,
    pub cursor: usize,
    /// The first line shown.
    pub top: usize,
    pub focus: Focus,
    pub detail: Detail,
    /// The sessions of the window, in place of the list.
    pub tree: Option<Tree>,
}

/// A question that the present one was asked from.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub sight: Sight,
    /// How far asking for it had come.
    pub inquiry: Option<Inquiry>,
    /// The pane that the present question was asked in.
    pub pane: Pane,
}

#[derive(Clone, Debug)]
pub struct Trail {
    pub sight: Sight,
    /// The questions before it, the last one at the end.
    pub earlier: Vec<Earlier>,
    pub chart: bool,
    pub oldest_first: bool,
    /// The search on its way, by the number of [`crate::store::Store`]'s news it began with.
    pub searching: Option<(Question, u64)>,
    /// The number of the last search that was begun.
    pub serial: u64,
    /// Counts how often an inquiry has kept events that were new.
    pub news: u64,
    /// Asked before anybody was signed in.
    pub postponed: bool,
}

impl Default for Trail {
    fn default() -> Self {
        Self {
            sight: Sight::default(),
            earlier: Vec::new(),
            chart: true,
            oldest_first: false,
            searching: None,
            serial: 0,
            news: 0,
            postponed: false,
        }
    }
}

impl Trail {
    pub fn len(&self) -> usize {
        self.sight.found.events.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The event on a line of the list.
    pub fn at(&self, line: usize) -> Option<&Arc<Event>> {
        let events = &self.sight.found.events;
        match self.oldest_first {
            true => events.get(events.len().checked_sub(line + 1)?),
            false => events.get(line),
        }
    }

    /// The event under the cursor; none while the sessions are in the list's place.
    pub fn current(&self) -> Option<&Arc<Event>> {
        self.at(self.sight.cursor).filter(|_| self.sight.tree.is_none())
    }

    /// The search that would bring the list up to date.
    pub fn wanted(&self) -> Option<(Question, u64)> {
        Some((self.sight.asked.as_ref()?.question(), self.news))
    }

    /// Whether the list is the answer to the present question, with all that is kept.
    pub fn is_settled(&self) -> bool {
        let stitching = self.sight.tree.as_ref().is_some_and(|tree| tree.stitching.is_some());
        self.searching.is_none() && !stitching && self.wanted() == self.sight.found_for
    }

    /// The cursor stays on its event after the list changed; on the first line where the
    /// operator went to none, and on its line where the event is gone.
    pub fn follow(&mut self) {
        let selected = self.sight.selected.clone();
        let found = selected.as_ref().and_then(|id| {
            (0..self.len()).find(|line| self.at(*line).is_some_and(|e| e.id == *id))
        });
        let last = self.len().saturating_sub(1);
        self.sight.cursor = match (found, &selected) {
            (Some(line), _) => line,
            (None, Some(_)) => self.sight.cursor.min(last),
            (None, None) => 0,
        };
        if found.is_none() {
            self.sight.detail.scroll = 0;
        }
        if self.is_empty() {
            self.sight.focus = Focus::List;
        }
    }
}
