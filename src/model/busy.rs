//! What is on its way, since when, and how it is cancelled.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Model;
use crate::{
    case::{Condition, Load, Progress},
    input::Command,
};

/// What takes less is not shown: words that come and go at once are only noise.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(1);

/// Something that somebody waits for. What goes on by itself, such as asking for news of a
/// list that is there, is none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    Change,
    Plan,
    Events,
    Verify,
    Prove,
    SignIn,
    Findings,
    Principals,
    Organization,
}

/// It, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    pub what: String,
    pub since: Timestamp,
    /// What cancels it, where something does.
    pub cancel: Option<Command>,
}

pub type OnItsWay = BTreeMap<Work, Timestamp>;

impl Model {
    /// Remembers since when each is on its way: after each message.
    pub fn mark_on_its_way(&mut self) {
        let works = self.works();
        self.on_its_way.retain(|work, _| works.contains(work));
        for work in works {
            self.on_its_way.entry(work).or_insert(self.now);
        }
    }

    fn works(&self) -> Vec<Work> {
        let case = &self.case;
        let signing_in = || case.identities().any(|(_, load)| matches!(load, Load::Loading));
        let loading = || case.feeds.values().any(|f| f.condition() == Condition::Loading);
        let asking = || case.inquiry.as_ref().is_some_and(|i| !i.is_over());
        let inspection = &case.inspection;
        [
            (Work::Change, case.runs.iter().any(|run| run.in_flight())),
            (Work::Plan, case.draft.as_ref().is_some_and(|draft| draft.plan().is_none())),
            (Work::Events, asking()),
            (Work::Verify, self.ledger.verifying),
            (Work::Prove, self.ledger.proving),
            (Work::SignIn, signing_in()),
            (Work::Findings, loading()),
            (Work::Principals, inspection.accounts.values().any(|look| look.is_asking)),
            (Work::Organization, inspection.organizations.values().any(|look| look.is_asking)),
        ]
        .into_iter()
        .filter_map(|(work, is)| is.then_some(work))
        .collect()
    }

    /// What is shown to be on its way, the most pressing first.
    pub fn busy(&self) -> impl Iterator<Item = Busy> {
        let long = |(_, since): &(&Work, &Timestamp)| self.now.duration_since(**since) >= AT_ONCE;
        self.on_its_way.iter().filter(long).map(|(work, since)| {
            let (what, cancel) = self.words(*work);
            Busy { what, since: *since, cancel }
        })
    }

    fn words(&self, work: Work) -> (String, Option<Command>) {
        let of = |done: usize, all: usize, what: &str| format!("{done} of {all} {what}");
        let what = match work {
            Work::Change => "a change is on its way".to_owned(),
            Work::Plan => "reading what the plan needs".to_owned(),
            Work::Events => return (self.events_words(), Some(Command::StopAsking)),
            Work::Verify => format!("verifying {} records", self.ledger.records.len()),
            Work::Prove => "comparing the log with CloudTrail".to_owned(),
            Work::SignIn => {
                let all = self.case.identities().count();
                let waits = |load: &Load<_>| matches!(load, Load::Idle | Load::Loading);
                let left = self.case.identities().filter(|(_, load)| waits(load)).count();
                format!("signing in, {}", of(all - left, all, "done"))
            }
            Work::Findings => {
                let feeds = &self.case.feeds;
                let loading =
                    feeds.values().filter(|f| f.condition() == Condition::Loading).count();
                let got: usize = feeds.values().map(|f| f.got()).sum();
                format!("findings, {}, +{got}", of(feeds.len() - loading, feeds.len(), "lists"))
            }
            Work::Principals => {
                let looks = self.case.inspection.accounts.values();
                let (all, asking) = looks.fold((0, 0), |(all, asking), look| {
                    (all + 1, asking + usize::from(look.is_asking))
                });
                format!("IAM, {}", of(all - asking, all, "accounts"))
            }
            Work::Organization => "the organization".to_owned(),
        };
        (what, None)
    }

    fn events_words(&self) -> String {
        let Some(inquiry) = &self.case.inquiry else { return "events".to_owned() };
        let over = inquiry.places.values().filter(|p| !p.is_on_its_way()).count();
        let pages: u32 = inquiry
            .places
            .values()
            .map(|progress| match progress {
                Progress::Asking { pages, .. } | Progress::Whole { pages } => *pages,
                _ => 0,
            })
            .sum();
        format!(
            "events, {over} of {} places, {pages} pages, {} new",
            inquiry.places.len(),
            inquiry.new
        )
    }
}
