//! A question about events on its way: how far it has come in each place.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Case, Load, proof::Histories};
use crate::domain::{
    AccountId, Fault, FaultKind, Gap, Place, Region, Service, Target,
    event::{By, Question, Window},
};

/// Events younger than this may not have arrived in the event history yet (CloudTrail user
/// guide: on average about 5 minutes, not guaranteed). What was asked before it is asked again.
pub const SETTLED_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// What of a window that an answer settled stays settled: not what may still arrive.
/// `now` is the earlier one of this machine's time and the service's.
pub fn settled(window: Window, now: Timestamp) -> Option<Window> {
    let last = now.checked_sub(SETTLED_AFTER).unwrap_or(Timestamp::MIN);
    let cut = Window { from: window.from, to: window.to.min(last) };
    (!cut.is_empty()).then_some(cut)
}

/// How far back the event history goes.
pub const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One question, asked in every place.
#[derive(Clone, Debug, PartialEq)]
pub struct Inquiry {
    /// Its number in this session.
    pub id: u64,
    pub question: Question,
    /// When it was asked.
    pub asked: Timestamp,
    pub places: BTreeMap<Place, Progress>,
    /// Accounts that cannot be asked at all.
    unplaced: Vec<Gap>,
    /// Events that were not known before.
    pub new: u64,
}

/// How far a place has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// It is not known yet what is missing here.
    Waiting,
    /// On its way: pages read, and back to when nothing is missing any more.
    Asking { pages: u32, back_to: Option<Timestamp>, throttled: bool },
    /// All that there is. `pages` is 0 where nothing had to be asked.
    Whole { pages: u32 },
    /// Something is missing.
    Lacking(Vec<Gap>),
    /// Stopped by the operator.
    Cancelled,
}

impl Progress {
    pub fn is_on_its_way(&self) -> bool {
        matches!(self, Progress::Waiting | Progress::Asking { .. })
    }

    /// Pages read.
    pub fn pages(&self) -> u32 {
        match self {
            Progress::Asking { pages, .. } | Progress::Whole { pages } => *pages,
            Progress::Waiting | Progress::Lacking(_) | Progress::Cancelled => 0,
        }
    }

    pub fn is_throttled(&self) -> bool {
        matches!(self, Progress::Asking { throttled: true, .. })
    }
}

/// What a place tells of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// These windows are not in the store, newest first.
    Missing(Vec<Window>),
    /// A page is in the store; how many of its events were new.
    Kept {
        new: u64,
        back_to: Option<Timestamp>,
    },
    /// The endpoint says that it is asked too often; it is asked again.
    Throttled,
    /// At the end.
    Ended(Vec<Gap>),
    Cancelled,
}

impl Inquiry {
    /// Takes in what a place tells. One that has ended says nothing more.
    pub fn told(&mut self, place: &Place, step: Step) {
        let Some(progress) = self.places.get_mut(place).filter(|p| p.is_on_its_way()) else {
            return;
        };
        let pages = match progress {
            Progress::Asking { pages, .. } => *pages,
            _ => 0,
        };
        *progress = match step {
            Step::Missing(_) => Progress::Asking { pages, back_to: None, throttled: false },
            Step::Kept { new, back_to } => {
                self.new += new;
                Progress::Asking { pages: pages + 1, back_to, throttled: false }
            }
            Step::Throttled => {
                let back_to = match progress {
                    Progress::Asking { back_to, .. } => *back_to,
                    _ => None,
                };
                Progress::Asking { pages, back_to, throttled: true }
            }
            Step::Ended(gaps) if gaps.is_empty() => Progress::Whole { pages },
            Step::Ended(gaps) => Progress::Lacking(gaps),
            Step::Cancelled => Progress::Cancelled,
        };
    }

    /// Nothing more is asked: what has not ended is cancelled.
    pub fn stop(&mut self) {
        for progress in self.places.values_mut().filter(|p| p.is_on_its_way()) {
            *progress = Progress::Cancelled;
        }
    }

    pub fn is_over(&self) -> bool {
        !self.places.values().any(Progress::is_on_its_way)
    }

    /// What the answer lacks although it was asked for.
    pub fn gaps(&self) -> Vec<Gap> {
        let stopped = self.places.iter().filter(|(_, p)| matches!(p, Progress::Cancelled));
        let stopped = stopped.map(|(place, _)| {
            let why = Fault::new(FaultKind::Refused, "stopped before its end")
                .with_hint("ask again: what was read is kept");
            gap(&place.target, Some(&place.region), why)
        });
        let lacking = self.places.values().filter_map(|p| match p {
            Progress::Lacking(gaps) => Some(gaps),
            _ => None,
        });
        self.unplaced.iter().cloned().chain(lacking.flatten().cloned()).chain(stopped).collect()
    }

    /// What an answer cannot hold, however often it is asked: to be said beside it.
    pub fn remarks(&self) -> Vec<String> {
        let Window { from, to } = self.question.window;
        let mut out = Vec::new();
        if to > self.asked - SETTLED_AFTER {
            out.push("events younger than 15 minutes may not have arrived yet".to_owned());
        }
        if from < self.asked - HISTORY {
            out.push(format!(
                "the event history reaches 90 days back, to {:.0}: what is older comes from files only",
                self.asked - HISTORY
            ));
        }
        let unasked: Vec<String> =
            unasked(&self.question).iter().map(|by| by.to_string()).collect();
        if !unasked.is_empty() {
            out.push(format!(
                "CloudTrail looks up one attribute; filtered here: {}",
                unasked.join(", ")
            ));
        }
        out.push(
            "data events (S3 objects, Lambda calls, …) are unseen by nature: no lookup has them"
                .to_owned(),
        );
        out
    }
}

/// The filters that CloudTrail is not asked by.
fn unasked(question: &Question) -> Vec<&By> {
    let asked = question.by.iter().position(|by| by.attribute().is_some());
    question.by.iter().enumerate().filter(|(at, _)| Some(*at) != asked).map(|(_, by)| by).collect()
}

fn gap(target: &Target, region: Option<&Region>, why: Fault) -> Gap {
    let source = Service::CloudTrail;
    Gap { source, account: target.clone(), region: region.cloned(), page: None, why }
}

impl Case {
    /// Begins a question; gives the places to ask it in, each with its account. The one
    /// before it counts no more.
    pub fn inquire(&mut self, question: Question, now: Timestamp) -> Vec<(Place, AccountId)> {
        let (places, unplaced) = self.histories();
        self.inquiries += 1;
        self.inquiry = Some(Inquiry {
            id: self.inquiries,
            question,
            asked: now,
            places: places.iter().map(|(p, _)| (p.clone(), Progress::Waiting)).collect(),
            unplaced,
            new: 0,
        });
        places
    }

    /// [`Case::histories`], for a proof.
    pub fn witnesses(&self) -> Histories {
        let (places, gaps) = self.histories();
        Histories { places, gaps }
    }

    /// Where the event history is asked: every account signed in, in the regions that are
    /// looked at, and where the events of global services are (CloudTrail user guide,
    /// "Global service events"); and the accounts that cannot be asked.
    pub fn histories(&self) -> (Vec<(Place, AccountId)>, Vec<Gap>) {
        let regions_of = |of: Option<&Target>| {
            let places = self.feeds.keys().map(|(_, place)| place);
            let mine = places.filter(|p| of.is_none_or(|t| p.target == *t));
            mine.map(|p| p.region.clone()).collect::<Vec<_>>()
        };
        let (mut places, mut gaps) = (Vec::new(), Vec::new());
        for (target, load) in self.identities() {
            let identity = match load {
                Load::Ready(identity) => identity,
                Load::Failed(why) => {
                    gaps.push(gap(target, None, why.clone()));
                    continue;
                }
                Load::Idle | Load::Loading => {
                    let why = Fault::new(FaultKind::NoCredentials, "not signed in yet")
                        .with_hint("ask again in a moment");
                    gaps.push(gap(target, None, why));
                    continue;
                }
            };
            let mut regions = regions_of(Some(target));
            if regions.is_empty() {
                // Acted with, and not looked at for findings.
                regions = regions_of(None);
            }
            regions.extend(identity.region.clone());
            let global: Vec<Region> = regions.iter().map(Region::of_global_services).collect();
            regions.extend(global);
            regions.sort();
            regions.dedup();
            places.extend(regions.into_iter().map(|region| {
                (Place { target: target.clone(), region }, identity.account.clone())
            }));
        }
        // Two sets of credentials for one account would ask everything twice.
        let mut seen = std::collections::HashSet::new();
        places.retain(|(place, account)| seen.insert((account.clone(), place.region.clone())));
        (places, gaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn remarks_say_what_no_lookup_can_hold() {
        let now = at("2026-03-02T03:10:00Z");
        let by = vec![By::Role("admin".into()), By::Key("AKIA".into()), By::User("u".into())];
        let question = Question::new(by, Window::new(at("2025-11-01T00:00:00Z"), now));
        let inquiry = Inquiry {
            id: 1,
            question,
            asked: now,
            places: BTreeMap::new(),
            unplaced: Vec::new(),
            new: 0,
        };
        let said = inquiry.remarks().join("\n");
        for part in [
            "younger than 15 minutes",
            "2025-12-02T03:10:00Z",
            "here: role admin, user u",
            "data events",
        ] {
            assert!(said.contains(part), "{part} not in\n{said}");
        }
    }

    #[test]
    fn a_place_goes_from_waiting_to_whole_or_lacking() {
        let place = Place { target: "prod".into(), region: Region::us_east_1() };
        let now = at("2026-03-02T03:10:00Z");
        let window = Window::new(at("2026-03-02T02:00:00Z"), now);
        let mut inquiry = Inquiry {
            id: 1,
            question: Question::new(Vec::new(), window),
            asked: now,
            places: [(place.clone(), Progress::Waiting)].into(),
            unplaced: Vec::new(),
            new: 0,
        };
        inquiry.told(&place, Step::Missing(vec![window]));
        inquiry.told(&place, Step::Kept { new: 3, back_to: Some(window.from) });
        inquiry.told(&place, Step::Throttled);
        let asking = Progress::Asking { pages: 1, back_to: Some(window.from), throttled: true };
        assert_eq!(inquiry.places[&place], asking);
        assert!(!inquiry.is_over());
        let mut whole = inquiry.clone();
        whole.told(&place, Step::Ended(Vec::new()));
        assert_eq!((whole.is_over(), whole.new, whole.gaps().len()), (true, 3, 0));
        inquiry.told(&place, Step::Cancelled);
        assert!(inquiry.gaps()[0].why.what.contains("stopped"));
    }
}
