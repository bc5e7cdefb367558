//! The IAM pane: the list of principals, and the one that is looked at.

use std::{collections::BTreeSet, sync::Arc};

use super::{Can, Focus, Model, Pane, Why};
use crate::{
    case::{Basis, Compared, Dossier, Held, Holding, Sought, Survey, SurveyView, Used},
    domain::{Fault, Target, Untrusted},
    input::Command,
};

/// A page about one principal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Summary,
    Permissions,
    Trust,
    Limits,
    Use,
    Can,
}

impl Tab {
    pub const ALL: [Tab; 6] =
        [Tab::Summary, Tab::Permissions, Tab::Trust, Tab::Limits, Tab::Use, Tab::Can];

    pub fn name(self) -> &'static str {
        match self {
            Tab::Summary => "Summary",
            Tab::Permissions => "Permissions",
            Tab::Trust => "Trust",
            Tab::Limits => "Boundary & SCPs",
            Tab::Use => "Use",
            Tab::Can => "Can it?",
        }
    }

    /// The page so many places further on, round and round.
    pub fn after(self, places: usize) -> Tab {
        let at = Tab::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Tab::ALL[(at + places) % Tab::ALL.len()]
    }
}

/// What the store has of a principal's calls.
#[derive(Clone, Debug)]
pub struct Calls {
    pub arn: Untrusted,
    /// The trail's news by then.
    pub news: u64,
    pub used: Result<Arc<Used>, Fault>,
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
    /// What is known of the principal under the cursor.
    pub dossier: Option<Dossier>,
    pub tab: Tab,
    pub can: Can,
    /// The encoded refusal that is being decoded.
    pub decoding: Option<String>,
    /// What the store has of a principal's calls.
    pub calls: Option<Calls>,
    /// Whose calls are looked for in the store, with the trail's news that it began with.
    pub seeking: Option<(Untrusted, u64)>,
    /// The principal that another one is compared with.
    pub held: Option<Dossier>,
    /// The lines of the comparison on the screen; none while it is being made.
    pub compared: Option<Vec<Compared>>,
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
        self.surveying.is_none() && !self.arranging && self.seeking.is_none() && {
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
        // While somebody is being gone to the list may still be on its way.
        if self.rows.is_empty() && self.sought.is_none() && self.is_settled() {
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
    if command == C::WhyDenied && model.pane == Pane::Trail {
        return Some(match model.trail.current() {
            None => Err("no event is selected"),
            Some(event) if event.refusal().is_none() => Err("this call was not refused"),
            Some(event) => Sought::of_event(event)
                .map(|_| ())
                .ok_or("this event was caused by no user and no session of a role"),
        });
    }
    if model.pane != Pane::Iam {
        return None;
    }
    let principal = || model.iam.current().ok_or("no principal is selected");
    Some(match command {
        C::Open | C::FindingsOf => principal().map(|_| ()),
        C::Focus if model.iam.focus == Focus::List => principal().map(|_| ()),
        C::NextTab | C::PreviousTab => principal().map(|_| ()),
        C::CanIt => principal().and_then(|(_, held)| match held {
            Held::Group(_) => Err("a group calls nothing; its users do"),
            _ => Ok(()),
        }),
        C::AskAws | C::Decode if model.setup.offline => Err("offline: nothing is asked"),
        C::AskAws => principal().and_then(|(_, held)| match (model.iam.tab, held) {
            (Tab::Use, Held::User(_) | Held::Role(_) | Held::Group(_)) => Ok(()),
            (Tab::Can, _) => match model.iam.can.simulation(&held.holder().arn) {
                Some(_) => Ok(()),
                None => Err("no call was typed yet"),
            },
            _ => Err("AWS is asked about a call, on `Can it?`, or about services, on `Use`"),
        }),
        C::Compare => principal().map(|_| ()),
        C::Versions => principal().and_then(|_| {
            let held = model.iam.dossier.iter().flat_map(|d| d.held.iter().chain(&d.boundary));
            match held.into_iter().any(|document| document.versions > 1) {
                true => Ok(()),
                false => Err("none of its policies has another version"),
            }
        }),
        C::EventsOf => principal().and_then(|(_, held)| match held {
            Held::Group(_) => Err("a group calls nothing; its users do"),
            _ => Ok(()),
        }),
        _ => return None,
    })
}
