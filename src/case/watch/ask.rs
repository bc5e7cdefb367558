//! What is asked for the watches, where and when.

use jiff::{SignedDuration, Timestamp};

use super::{Over, Standing, Watch, subject};
use crate::{
    case::{Case, Load},
    change::{Contained, Reach},
    domain::{
        AccountId, Fault, FaultKind, Gap, Place, Region, Service, Target,
        event::{Question, Window},
    },
    playbook::{Held, Run},
};

/// A question for a watch.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchAsk {
    pub id: u64,
    /// What is looked for in the store, once a place has answered.
    pub question: Question,
    /// What CloudTrail is asked for of it.
    pub window: Window,
    /// Also for what is settled: nobody promises when an event arrives.
    pub again: bool,
    pub places: Vec<(Place, AccountId)>,
}

pub(super) fn gap(target: &Target, region: Option<&Region>, why: Fault) -> Gap {
    let source = Service::CloudTrail;
    Gap { source, account: target.clone(), region: region.cloned(), page: None, why }
}

impl Watch {
    /// The next question, where it is time for one. The last one is asked once the watch's
    /// time is up.
    pub(super) fn due(
        &mut self,
        now: Timestamp,
        every: SignedDuration,
        places: &[(Place, AccountId)],
        gaps: &[Gap],
    ) -> Option<WatchAsk> {
        if self.over.is_some() || self.is_asking() {
            return None;
        }
        if self.asked.is_some_and(|asked| asked >= self.until) {
            self.over = Some(Over::Time);
        }
        if self.over.is_some() || now < self.next {
            return None;
        }
        let mine = places.iter().filter(|(_, account)| *account == self.account);
        let mine: Vec<(Place, AccountId)> = mine.cloned().collect();
        self.next = now.checked_add(every).unwrap_or(Timestamp::MAX);
        if now < self.until {
            self.next = self.next.min(self.until);
        }
        // What another account's credentials lack is no matter where its own are here.
        self.unplaced = if mine.is_empty() { self.unasked(gaps) } else { Vec::new() };
        if mine.is_empty() {
            if now >= self.until {
                self.over = Some(Over::Time);
            }
            return None;
        }
        let was_whole = |p: &Place| self.places.get(p).is_some_and(|s| s.until.is_some());
        let first = !mine.iter().all(|(place, _)| was_whole(place));
        for (place, _) in &mine {
            self.places.entry(place.clone()).or_default().asking = true;
        }
        // A place that is not looked at any more was searched once, and is not now.
        self.places.retain(|place, _| mine.iter().any(|(p, _)| p == place));
        self.asked = Some(now);
        let whole = self.window(now);
        let question = Question::new(subject::by(&self.who), whole);
        let from = if first { whole.from } else { self.since.max(whole.from) };
        let again = !first && question.lookup().attribute.is_some();
        let window = Window::new(from, whole.to);
        Some(WatchAsk { id: self.id, question, window, again, places: mine })
    }

    /// An answer that took long, because everything was read or others ask too, is followed by a
    /// pause twice as long: CloudTrail's two requests a second are for everybody in the account.
    pub(super) fn pause(&mut self, now: Timestamp) {
        let took = self.asked.map_or(SignedDuration::ZERO, |asked| now.duration_since(asked));
        self.next = self.next.max(now.checked_add(took * 2).unwrap_or(Timestamp::MAX));
    }

    fn unasked(&self, gaps: &[Gap]) -> Vec<Gap> {
        if !gaps.is_empty() {
            return gaps.to_vec();
        }
        let what = format!("nobody is signed in to account {}", self.account);
        let why = Fault::new(FaultKind::NoCredentials, what)
            .with_hint("name credentials of it with --profile or in halon.toml");
        vec![gap(&Target::from(self.account.as_str()), None, why)]
    }

    /// What the answers cannot hold, in sentences.
    pub fn remarks(&self) -> Vec<String> {
        let mut out = Vec::new();
        let answered = self.places.iter().filter(|(_, s)| s.until.is_some());
        let regions: Vec<&str> = answered.map(|(place, _)| place.region.as_str()).collect();
        if !regions.is_empty() {
            let all = Region::ENABLED_BY_DEFAULT.iter().all(|r| regions.contains(r));
            let others = match all {
                true => "regions that must be enabled first are not searched",
                false => "calls in other regions are not seen",
            };
            out.push(format!("searched in {}: {others}", regions.join(", ")));
        }
        if self.perhaps.len() == 1 {
            out.push("1 event cannot be judged: it does not say whose, when or what".to_owned());
        } else if !self.perhaps.is_empty() {
            let n = self.perhaps.len();
            out.push(format!("{n} events cannot be judged: they do not say whose, when or what"));
        }
        if self.own {
            out.push("halon asks with these credentials: its own calls are seen too".to_owned());
        }
        if self.cut {
            out.push("there are more events than are looked at: the oldest are left out".into());
        }
        if matches!(self.standing(), Standing::Quiet | Standing::Unsearched | Standing::Waiting) {
            out.push(
                "CloudTrail shows a call about 5 minutes after it, and does not promise that: \
                 no call seen is not no call made"
                    .to_owned(),
            );
        }
        out.extend(subject::unseen(&self.who).map(ToOwned::to_owned));
        out.push("data events (S3 objects, Lambda calls, …) are in no lookup".to_owned());
        out
    }
}

impl Case {
    /// Begins to watch somebody. An earlier watch of the same ends.
    pub fn watch(
        &mut self,
        who: Contained,
        account: AccountId,
        since: Timestamp,
        run: Option<String>,
        now: Timestamp,
    ) -> u64 {
        self.watched += 1;
        for watch in &mut self.watches {
            if watch.account == account && same(&watch.who, &who) {
                watch.stop("a newer watch of the same took its place");
            }
        }
        self.watches.push(Watch::new(self.watched, who, account, since, run, now));
        self.watched
    }

    /// Begins to watch whoever a run took rights from, and ends watching whoever it gave them
    /// back to; once for each run that has ended. `simulated`: the answers' dates are not the
    /// world's.
    pub fn watch_after_runs(&mut self, now: Timestamp, simulated: bool) {
        let ended = self.runs.iter().filter(|r| r.ended() && !r.in_flight());
        let fresh = ended.filter(|r| !self.followed.contains(&r.id));
        let fresh: Vec<_> =
            fresh.map(|r: &Run| (r.id.clone(), r.contained(), r.released())).collect();
        for (run, held, released) in fresh {
            for watch in self.watches.iter_mut().filter(|w| w.run.is_some()) {
                let is_it = |(who, account): &(Contained, AccountId)| {
                    *account == watch.account && same(who, &watch.who)
                };
                if released.iter().any(is_it) {
                    watch.stop(format!("run {run} gave the rights back"));
                }
            }
            for (who, account, since) in together(held, simulated) {
                self.watch(who, account, since, Some(run.clone()), now);
            }
            self.followed.insert(run);
        }
    }

    /// Whether the account is asked as the subject: its own questions are calls of theirs then.
    fn is_own(&self, who: &Contained, account: &AccountId) -> bool {
        let known = self.callers.values().filter_map(|load| match load {
            Load::Ready(identity) if identity.account == *account => Some(identity),
            _ => None,
        });
        known.into_iter().any(|i| subject::is_caller(who, i.arn.raw(), i.access_key.as_ref()))
    }

    pub fn watch_mut(&mut self, id: u64) -> Option<&mut Watch> {
        self.watches.iter_mut().find(|w| w.id == id)
    }

    /// Every question that it is time for. Each is given out once.
    pub fn watches_due(&mut self, now: Timestamp) -> Vec<WatchAsk> {
        if self.watches.iter().all(|w| w.over.is_some()) {
            return Vec::new();
        }
        let (places, gaps) = self.histories();
        let every = self.intervals.watch;
        for at in 0..self.watches.len() {
            let (who, account) = (&self.watches[at].who, &self.watches[at].account);
            self.watches[at].own = self.is_own(who, account);
        }
        self.watches.iter_mut().filter_map(|w| w.due(now, every, &places, &gaps)).collect()
    }
}

/// Each of those held once. Where everything was taken it counts from then, else from the last
/// part that was taken.
fn together(held: Vec<Held>, simulated: bool) -> Vec<(Contained, AccountId, Timestamp)> {
    let mut out: Vec<(Contained, AccountId, Timestamp)> = Vec::new();
    for Held { who, account, since } in held {
        let since = since.there.filter(|_| !simulated).unwrap_or(since.at);
        let before = out.iter_mut().find(|(w, a, _)| *a == account && same(w, &who));
        match before {
            None => out.push((who, account, since)),
            Some(before) if before.0.reach() == Reach::Part => (before.0, before.2) = (who, since),
            Some(_) => {}
        }
    }
    out
}

/// The same somebody, however much was taken from them.
pub(super) fn same(one: &Contained, other: &Contained) -> bool {
    match (one, other) {
        (Contained::Principal { who: a, .. }, Contained::Principal { who: b, .. }) => a == b,
        (Contained::AccessKey { key: a, .. }, Contained::AccessKey { key: b, .. }) => a == b,
        (Contained::Older { of: a, .. }, Contained::Older { of: b, .. }) => a == b,
        _ => one == other,
    }
}
