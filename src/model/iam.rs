//! The IAM pane: the list of principals, and the one that is looked at.

use std::{collections::BTreeSet, sync::Arc};

use super::{Focus, Model, Pane, Why};
use crate::{
    case::{Basis, Held, Holding, Sought, Survey, SurveyView},
    domain::{Target, Untrusted},
    input::Command,
};

/// A page about one principal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Summary,
}

impl Tab {
    pub const ALL: [Tab; 1] = [Tab::Summary];

    pub fn name(self) -> &'static str {
        match self {
            Tab::Summary => "Summary",
        }
    }

    /// The page so many places further on, round and round.
    pub fn after(self, places: usize) -> Tab {
        let at = Tab::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Tab::ALL[(at + places) % Tab::ALL.len()]
    }
}

#[derive(Clone, Debug, Default)]
pub struct Iam {
    /// The pane was gone to: from now on accounts are looked at as they are signed in to.
    pub wanted: bool,
    /// The accounts that were asked for once.
    pub asked: BTreeSet<Target>,

    pub survey: Arc<Survey>,
    /// What the survey on its way is made of.
    pub surveying: Option<Basis>,

    pub view: SurveyView,
    /// The lines shown, by their places in the survey.
    pub rows: Vec<usize>,
    /// What `rows` is made of.
    pub arranged: Option<(Basis, SurveyView)>,
    /// An arrangement is on its way.
    pub arranging: bool,

    /// The principal that the operator went to; its line may move.
    pub selected: Option<Untrusted>,
    /// One that is to be gone to as soon as it is in the list.
    pub sought: Option<Sought>,
    pub cursor: usize,
    /// The first line shown.
    pub top: usize,
    pub focus: Focus,
    pub tab: Tab,
    /// Lines scrolled down in the page.
    pub scroll: usize,
}

impl Iam {
    pub fn holding(&self, line: usize) -> Option<&Holding> {
        self.survey.holdings.get(*self.rows.get(line)?)
    }

    /// The principal under the cursor.
    pub fn current(&self) -> Option<(&Holding, Held<'_>)> {
        let holding = self.holding(self.cursor)?;
        Some((holding, self.survey.of(holding)))
    }

    /// The ARN of the principal under the cursor.
    pub fn arn(&self) -> Option<&Untrusted> {
        self.current().map(|(_, held)| &held.holder().arn)
    }

    pub fn is_settled(&self) -> bool {
        let current = (self.survey.basis(), self.view.clone());
        self.surveying.is_none() && !self.arranging && {
            !self.wanted || self.arranged.as_ref() == Some(&current)
        }
    }

    /// The cursor stays on its principal after the list changed; on its line where the
    /// principal is gone.
    pub fn follow(&mut self) {
        let found = self.selected.as_ref().and_then(|arn| {
            let is = |line: &usize| {
                self.holding(*line).is_some_and(|h| self.survey.holder(h).arn == *arn)
            };
            (0..self.rows.len()).find(is)
        });
        let last = self.rows.len().saturating_sub(1);
        self.cursor = found.unwrap_or(self.cursor.min(last));
        if found.is_none() {
            self.scroll = 0;
        }
        if self.rows.is_empty() {
            self.focus = Focus::List;
        }
    }
}

/// What the IAM pane decides, and what leads to it.
pub(super) fn available(command: Command, model: &Model) -> Option<Result<(), Why>> {
    use Command as C;
    if command == C::PrincipalOf {
        return Some(match model.pane {
            Pane::Trail => match model.trail.current() {
                None => Err("no event is selected"),
                Some(event) => Sought::of_event(event)
                    .map(|_| ())
                    .ok_or("this event was caused by no user and no session of a role"),
            },
            _ => match model.current() {
                None => Err("no finding is selected"),
                Some(finding) => Sought::of_finding(finding)
                    .map(|_| ())
                    .ok_or("this finding names neither user nor role"),
            },
        });
    }
    if model.pane != Pane::Iam {
        return None;
    }
    let principal = || model.iam.current().ok_or("no principal is selected");
    Some(match command {
        C::Open | C::CopyId | C::CopyArn | C::FindingsOf => principal().map(|_| ()),
        C::Focus if model.iam.focus == Focus::List => principal().map(|_| ()),
        C::NextTab | C::PreviousTab => principal().map(|_| ()),
        C::EventsOf => principal().and_then(|(_, held)| match held {
            Held::Group(_) => Err("a group calls nothing; its users do"),
            _ => Ok(()),
        }),
        _ => return None,
    })
}
