//! Whether containment holds: the last call that went through and the first that was refused,
//! of somebody from whom rights were taken, as CloudTrail shows them.
//!
//! CloudTrail shows a call about five minutes after it on average, and promises nothing
//! (user guide, "Getting and viewing your CloudTrail log files"). So silence is never called
//! containment, and events that arrive late are put where they happened.

mod ask;
mod subject;
#[cfg(test)]
mod tests;
mod told;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::{
    change::{Contained, Reach},
    domain::{
        AccountId, Fault, Gap, Place, Untrusted,
        event::{By, Event, Window},
    },
    store::Found,
};
use subject::Whose;

pub use ask::WatchAsk;
pub use told::call_line;
pub use words::{ByWhom, Said, Tone};

/// How long a watch lasts where nothing else is said (AWS's own playbook for compromised
/// credentials watches CloudTrail for 30 minutes).
pub const WATCHED_FOR: SignedDuration = SignedDuration::from_mins(30);

/// IAM's changes are seen everywhere within "a few minutes" (IAM user guide, "Revoking IAM role
/// temporary security credentials"). A call that goes through later than this is no delay.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It went through.
    Allowed,
    /// Refused for want of permission, with the error code.
    Denied(Untrusted),
    /// It failed for another reason, which says nothing about rights.
    Failed(Untrusted),
    /// It went through, and no policy could have refused it.
    Free,
}

/// One call of the subject's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: Untrusted,
    /// To the second, as CloudTrail has it.
    pub at: Timestamp,
    /// Such as `iam`.
    pub service: String,
    pub name: Untrusted,
    pub region: Option<Untrusted>,
    pub address: Option<Untrusted>,
    pub principal: Untrusted,
    pub key: Option<Untrusted>,
    pub verdict: Verdict,
}

/// How far one place was searched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Searched {
    /// When the newest whole answer was asked for: events that had arrived by then are here.
    pub until: Option<Timestamp>,
    /// What the last answer lacked.
    pub gaps: Vec<Gap>,
    /// An answer is on its way.
    asking: bool,
}

impl Searched {
    /// The last answer was whole.
    pub fn is_whole(&self) -> bool {
        self.until.is_some() && self.gaps.is_empty()
    }
}

/// What is known of the subject's calls now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No place has answered yet.
    Waiting,
    /// Every place was searched, and no call was seen since. Says nothing about rights.
    Quiet,
    /// No call was seen since, and not every place could be searched.
    Unsearched,
    /// Calls were refused, and after the first of them none went through.
    Denied,
    /// Calls were refused, and others went through after that.
    Mixed,
    /// Calls went through, and none was refused.
    StillAllowed,
}

impl Standing {
    /// The word in JSON answers.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Quiet => "quiet",
            Standing::Unsearched => "unsearched",
            Standing::Denied => "denied",
            Standing::Mixed => "mixed",
            Standing::StillAllowed => "still_allowed",
        }
    }
}

/// Why nothing more is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// Its time was up.
    Time,
    /// For a reason in a few words.
    Stopped(String),
}

/// Something that the operator is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchNews {
    /// The first call that was refused was seen.
    FirstDenied,
    /// A call went through afterwards; `late` where it cannot be IAM's delay any more.
    WentThrough { late: bool },
}

/// What the calls since add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub allowed: usize,
    pub denied: usize,
    pub failed: usize,
    pub free: usize,
    /// In the very second that rights were taken: before or after it, nobody can tell.
    pub same_second: usize,
}

/// One watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// Its number in this session.
    pub id: u64,
    pub who: Contained,
    pub account: AccountId,
    /// When rights were taken, by AWS's clock where it said so; or since when is watched.
    pub since: Timestamp,
    /// The run that took them; none where the watch was begun by hand.
    pub run: Option<String>,
    /// Until then by this machine's clock.
    pub until: Timestamp,
    pub over: Option<Over>,
    pub places: BTreeMap<Place, Searched>,
    /// Accounts that could not be asked, where none could.
    unplaced: Vec<Gap>,
    /// In the order in which they happened, each once.
    calls: BTreeMap<(Timestamp, Untrusted), Seen>,
    /// Events of which it is not known whether they are the subject's, when they happened or
    /// what became of them.
    perhaps: BTreeSet<Untrusted>,
    /// There were more events than were looked at.
    cut: bool,
    /// CloudTrail is asked with the subject's own credentials.
    own: bool,
    tally: Tally,
    /// When the question on its way, or the last one, was asked.
    asked: Option<Timestamp>,
    next: Timestamp,
    told_denied: bool,
    told_through: bool,
    told_late: bool,
}

impl Watch {
    pub fn new(
        id: u64,
        who: Contained,
        account: AccountId,
        since: Timestamp,
        run: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            who,
            account,
            since,
            run,
            until: now.checked_add(WATCHED_FOR).unwrap_or(Timestamp::MAX),
            over: None,
            places: BTreeMap::new(),
            unplaced: Vec::new(),
            calls: BTreeMap::new(),
            perhaps: BTreeSet::new(),
            cut: false,
            own: false,
            tally: Tally::default(),
            asked: None,
            next: now,
            told_denied: false,
            told_through: false,
            told_late: false,
        }
    }

    /// For so long from now, instead.
    pub fn last(&mut self, now: Timestamp, span: SignedDuration) {
        self.until = now.checked_add(span).unwrap_or(Timestamp::MAX);
    }

    /// For so much longer from now, or from its end where that is later.
    pub fn prolong(&mut self, now: Timestamp) {
        let from = self.until.max(now);
        self.until = from.checked_add(WATCHED_FOR).unwrap_or(Timestamp::MAX);
        if self.over.take().is_some() {
            self.next = now;
        }
    }

    /// Nothing more is asked; what was seen stays.
    pub fn stop(&mut self, why: impl Into<String>) {
        if self.over.is_none() {
            self.over = Some(Over::Stopped(why.into()));
            self.places.values_mut().for_each(|p| p.asking = false);
        }
    }

    pub fn is_asking(&self) -> bool {
        self.places.values().any(|p| p.asking)
    }

    /// Takes in events that were found, in any order and however often. Events of others say
    /// nothing.
    pub fn feed<'e>(&mut self, events: impl IntoIterator<Item = &'e Event>) -> Vec<WatchNews> {
        for event in events {
            match (subject::whose(&self.who, &self.account, event), event.time) {
                (Whose::Theirs, Some(at)) => {
                    let call = || seen(&self.who, event, at);
                    self.calls.entry((at, event.id.clone())).or_insert_with(call);
                }
                (Whose::Theirs | Whose::Perhaps, at) if at.is_none_or(|at| self.is_since(at)) => {
                    self.perhaps.insert(event.id.clone());
                }
                _ => {}
            }
        }
        self.count();
        self.news()
    }

    fn count(&mut self) {
        let mut tally = Tally::default();
        for call in self.calls.values() {
            match (call.at.as_second().cmp(&self.since.as_second()), &call.verdict) {
                (std::cmp::Ordering::Less, _) => {}
                (std::cmp::Ordering::Equal, _) => tally.same_second += 1,
                (_, Verdict::Allowed) => tally.allowed += 1,
                (_, Verdict::Denied(_)) => tally.denied += 1,
                (_, Verdict::Failed(_)) => tally.failed += 1,
                (_, Verdict::Free) => tally.free += 1,
            }
        }
        self.tally = tally;
    }

    fn news(&mut self) -> Vec<WatchNews> {
        let mut news = Vec::new();
        if self.tally.denied > 0 && !std::mem::replace(&mut self.told_denied, true) {
            news.push(WatchNews::FirstDenied);
        }
        let late = self.went_through().any(|c| self.is_late(c));
        let known = (self.told_through, self.told_late);
        self.told_through |= self.tally.allowed > 0;
        self.told_late |= late;
        if (self.told_through, self.told_late) != known {
            news.push(WatchNews::WentThrough { late });
        }
        news
    }

    /// Whether something happened after rights were taken. Events have whole seconds: of the
    /// very second nobody can tell.
    fn is_since(&self, at: Timestamp) -> bool {
        at.as_second() > self.since.as_second()
    }

    /// The calls that were seen since rights were taken, the first one first.
    fn since(&self) -> impl DoubleEndedIterator<Item = &Seen> {
        self.calls.values().filter(|c| self.is_since(c.at))
    }

    fn went_through(&self) -> impl DoubleEndedIterator<Item = &Seen> {
        self.since().filter(|c| c.verdict == Verdict::Allowed)
    }

    /// It happened when IAM's change must have been seen everywhere.
    fn is_late(&self, call: &Seen) -> bool {
        call.at.duration_since(self.since) > SETTLING
    }

    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The last call that went through, before rights were taken or after it.
    pub fn last_allowed(&self) -> Option<&Seen> {
        self.calls.values().rev().find(|c| c.verdict == Verdict::Allowed)
    }

    /// The last one after it.
    pub fn last_through(&self) -> Option<&Seen> {
        self.went_through().next_back()
    }

    /// The first call that was refused after it.
    pub fn first_denied(&self) -> Option<&Seen> {
        self.since().find(|c| matches!(c.verdict, Verdict::Denied(_)))
    }

    pub fn standing(&self) -> Standing {
        let through = self.last_through().map(|c| c.at);
        match (self.first_denied().map(|c| c.at), through) {
            (Some(denied), Some(through)) if through > denied => Standing::Mixed,
            (Some(_), _) => Standing::Denied,
            (None, Some(_)) => Standing::StillAllowed,
            (None, None) => self.silence(),
        }
    }

    /// What it is worth that no call was seen.
    fn silence(&self) -> Standing {
        let answered = |p: &Searched| p.until.is_some() || !p.gaps.is_empty();
        if self.places.is_empty() {
            return match self.unplaced.is_empty() {
                true => Standing::Waiting,
                false => Standing::Unsearched,
            };
        }
        if self.places.values().all(Searched::is_whole) {
            return if self.is_certain() { Standing::Quiet } else { Standing::Unsearched };
        }
        match self.places.values().any(|p| !answered(p)) {
            true => Standing::Waiting,
            false => Standing::Unsearched,
        }
    }

    /// Every event that was found could be judged.
    fn is_certain(&self) -> bool {
        !self.cut && self.perhaps.is_empty()
    }

    /// Whether calls that go through mean that containment does not hold: not where only a
    /// part of the rights was taken.
    pub fn should_refuse_all(&self) -> bool {
        self.who.reach() == Reach::Everything
    }

    /// What the answer lacks.
    pub fn gaps(&self) -> Vec<Gap> {
        self.unplaced.iter().chain(self.places.values().flat_map(|p| &p.gaps)).cloned().collect()
    }

    /// Every place was searched to its end at the last attempt.
    pub fn is_whole(&self) -> bool {
        !self.places.is_empty() && self.places.values().all(Searched::is_whole) && self.is_certain()
    }

    /// Until when every place was searched.
    pub fn searched_until(&self) -> Option<Timestamp> {
        let all: Option<Vec<Timestamp>> = self.places.values().map(|p| p.until).collect();
        all?.into_iter().min()
    }

    /// Takes in that a place has answered, as of the question on its way.
    pub fn searched(&mut self, now: Timestamp, place: &Place, gaps: Vec<Gap>) {
        let asked = self.asked;
        let Some(searched) = self.places.get_mut(place).filter(|p| p.asking) else { return };
        searched.asking = false;
        if gaps.is_empty() {
            searched.until = asked;
        }
        searched.gaps = gaps;
        if !self.is_asking() {
            self.pause(now);
        }
    }

    /// Takes in that a place has answered, and what the store has by then.
    pub fn answered(
        &mut self,
        now: Timestamp,
        place: &Place,
        gaps: Vec<Gap>,
        found: Result<Box<Found>, Fault>,
    ) -> Vec<WatchNews> {
        match found {
            Ok(found) => {
                self.searched(now, place, gaps);
                self.cut |= found.total > found.events.len() as u64;
                self.feed(found.events.iter().map(|e| &**e))
            }
            Err(why) => {
                self.searched(now, place, vec![ask::gap(&place.target, Some(&place.region), why)]);
                Vec::new()
            }
        }
    }

    /// What events of the subject are asked by.
    pub fn by(&self) -> Vec<By> {
        subject::by(&self.who)
    }

    /// From somewhat before rights were taken on.
    pub fn window(&self, now: Timestamp) -> Window {
        let from = self.since.checked_sub(subject::back(&self.who)).unwrap_or(Timestamp::MIN);
        // A machine whose clock is behind must not miss what AWS has already.
        let to = now.max(self.since).checked_add(CLOCKS_APART).unwrap_or(now);
        Window::new(from, to)
    }
}

/// How far this machine's clock may be behind AWS's.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);

fn seen(who: &Contained, event: &Event, at: Timestamp) -> Seen {
    let verdict = match event.result() {
        Some(code) if event.denied() => Verdict::Denied(code.clone()),
        Some(code) => Verdict::Failed(code.clone()),
        None if subject::is_beyond_policies(who, event) => Verdict::Free,
        None => Verdict::Allowed,
    };
    Seen {
        id: event.id.clone(),
        at,
        service: event.service().to_owned(),
        name: event.name.clone(),
        region: event.region.clone(),
        address: event.source_ip.clone(),
        principal: event.identity.principal(),
        key: event.access_key().cloned(),
        verdict,
    }
}
