//! One source in one place: when it is asked, and what its last answer was worth.

use std::{collections::HashSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    Ask, Fault, FaultKind, Gap, Place, Source,
    finding::{Key, Record},
};

/// How often to ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intervals {
    pub guardduty: SignedDuration,
    pub securityhub: SignedDuration,
    /// Every so many polls the whole list is read again instead of what changed.
    pub sweep_every: u32,
    /// Whether trails still record what happens; not asked where it is absent.
    pub logging: Option<SignedDuration>,
    /// How often CloudTrail is asked for whoever is watched.
    pub watch: SignedDuration,
}

impl Default for Intervals {
    /// GuardDuty publishes within five minutes, so half a minute is often enough;
    /// Security Hub's quota is three requests a second for everybody in the account.
    fn default() -> Self {
        Self {
            guardduty: SignedDuration::from_secs(30),
            securityhub: SignedDuration::from_secs(60),
            sweep_every: 10,
            logging: Some(SignedDuration::from_mins(5)),
            watch: Self::WATCH,
        }
    }
}

impl Intervals {
    /// CloudTrail takes about five minutes, and two requests a second are for everybody in the
    /// account: once a minute is often enough.
    const WATCH: SignedDuration = SignedDuration::from_secs(60);

    /// For one list and no more: nothing is asked twice.
    pub fn once() -> Self {
        let never = SignedDuration::from_hours(24 * 365);
        Self {
            guardduty: never,
            securityhub: never,
            sweep_every: 1,
            logging: None,
            watch: Self::WATCH,
        }
    }

    fn of(&self, source: Source) -> SignedDuration {
        match source {
            Source::GuardDuty => self.guardduty,
            Source::SecurityHub => self.securityhub,
        }
    }
}

/// Asked again from this long before the newest update seen: updates may arrive
/// out of order.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// How far the service's clock may be ahead of ours before its times are not believed.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);

/// Longest pause after repeated failures.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// What a source's state is called on the screen. Each is shown as itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Not asked yet.
    Waiting,
    /// The first answer is on its way.
    Loading,
    /// The last list was whole.
    Fresh,
    /// The last list has gaps.
    Partial,
    /// There was an answer once; the last attempt failed.
    Stale,
    /// The service is off here.
    NotEnabled,
    /// AWS says no.
    NoAccess,
    /// Asked, and never answered: not checked.
    Failed,
}

#[derive(Clone, Debug, Default)]
pub struct Feed {
    asking: Option<Asking>,
    /// When the last whole or partial answer ended, by our clock.
    pub last_answer: Option<Timestamp>,
    /// The newest update seen in the data itself: the service's clock, not ours.
    newest: Option<Timestamp>,
    gaps: Vec<Gap>,
    pub fault: Option<Fault>,
    failures: u32,
    polls: u32,
    next: Option<Timestamp>,
    /// The question changed while one was on its way.
    restart: bool,
    /// The whole list was asked for while a question was on its way.
    again: bool,
}

#[derive(Clone, Debug)]
struct Asking {
    sweep: bool,
    got: usize,
    touched: HashSet<Key>,
}

impl Feed {
    /// Whether to ask now; if so, since when.
    pub(super) fn begin(
        &mut self,
        now: Timestamp,
        intervals: &Intervals,
        ask: &Ask,
    ) -> Option<Option<Timestamp>> {
        if self.asking.is_some() || self.next.is_some_and(|next| now < next) {
            return None;
        }
        let sweep = self.newest.is_none()
            || self.fault.is_some()
            || !self.gaps.is_empty()
            || self.polls.is_multiple_of(intervals.sweep_every.max(1));
        self.asking = Some(Asking { sweep, got: 0, touched: HashSet::new() });
        self.polls += 1;
        let since = if sweep { None } else { self.newest.map(|t| t - OVERLAP) };
        Some(since.max(ask.updated_since))
    }

    pub(super) fn page(&mut self, records: &[Arc<Record>], now: Timestamp) {
        // Whoever may import findings may date them in the next century, and everything
        // before that would then never be asked for again.
        let possible = |at: &Timestamp| *at <= now + CLOCKS_APART;
        let newest = records.iter().filter_map(|r| r.updated_at).filter(possible).max();
        self.newest = self.newest.max(newest);
        if let Some(asking) = &mut self.asking {
            asking.got += records.len();
            if asking.sweep {
                asking.touched.extend(records.iter().map(|r| r.key.clone()));
            }
        }
    }

    /// Ends the question; gives the keys that a sweep touched.
    pub(super) fn done(
        &mut self,
        gaps: Vec<Gap>,
        now: Timestamp,
        intervals: &Intervals,
        source: Source,
    ) -> HashSet<Key> {
        let asking = self.asking.take();
        // A poll for what changed says nothing about the gaps of the whole list.
        self.gaps = gaps;
        self.fault = None;
        self.failures = 0;
        self.last_answer = Some(now);
        self.next = Some(now + intervals.of(source));
        self.after();
        asking.map(|a| a.touched).unwrap_or_default()
    }

    pub(super) fn failed(
        &mut self,
        fault: Fault,
        now: Timestamp,
        intervals: &Intervals,
        source: Source,
    ) {
        self.asking = None;
        self.failures = (self.failures + 1).min(16);
        let pause = intervals.of(source) * (1 << (self.failures - 1).min(8));
        self.next = Some(now + pause.min(LONGEST_PAUSE.max(intervals.of(source))));
        self.fault = Some(fault);
        self.after();
    }

    fn after(&mut self) {
        if std::mem::take(&mut self.restart) {
            self.forget();
        } else if std::mem::take(&mut self.again) {
            self.again();
        }
    }

    /// What was answered was the answer to another question: nothing is fresh any more.
    fn forget(&mut self) {
        *self = Self { polls: self.polls, ..Self::default() };
    }

    /// The whole list once more, at once or as soon as the question on its way is
    /// answered. What is known of the source stays until then.
    pub(super) fn again(&mut self) {
        if self.asking.is_some() {
            self.again = true;
        } else {
            self.newest = None;
            self.next = None;
        }
    }

    /// The last answer does not hold everything after all.
    pub(super) fn lacks(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// With another question: from the beginning, at once or as soon as the question on
    /// its way is answered.
    pub(super) fn restart(&mut self) {
        if self.asking.is_some() {
            self.restart = true;
        } else {
            self.forget();
        }
    }

    pub fn is_loading(&self) -> bool {
        self.asking.is_some()
    }

    /// Findings that the answer on its way has brought so far.
    pub fn got(&self) -> usize {
        self.asking.as_ref().map_or(0, |a| a.got)
    }

    pub(super) fn is_sweep(&self) -> bool {
        self.asking.as_ref().is_some_and(|a| a.sweep)
    }

    pub(super) fn answered_once(&self) -> bool {
        self.last_answer.is_some()
    }

    pub fn condition(&self) -> Condition {
        match &self.fault {
            // An answer to the question before is on its way; the present one is not asked.
            _ if self.restart => Condition::Loading,
            Some(fault) => match fault.kind {
                FaultKind::NotEnabled => Condition::NotEnabled,
                FaultKind::Denied => Condition::NoAccess,
                _ if self.last_answer.is_some() => Condition::Stale,
                _ => Condition::Failed,
            },
            None if !self.gaps.is_empty() => Condition::Partial,
            None if self.last_answer.is_some() => Condition::Fresh,
            None if self.asking.is_some() => Condition::Loading,
            None => Condition::Waiting,
        }
    }

    /// What this source's part of the list lacks. A service that is off lacks nothing.
    pub fn gaps(&self, source: Source, place: &Place) -> Vec<Gap> {
        match &self.fault {
            Some(fault) if fault.kind != FaultKind::NotEnabled => vec![Gap {
                source: source.into(),
                account: place.target.clone(),
                region: Some(place.region.clone()),
                page: None,
                why: fault.clone(),
            }],
            Some(_) => Vec::new(),
            None => self.gaps.clone(),
        }
    }
}
