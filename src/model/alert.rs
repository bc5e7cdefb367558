//! What rings: new findings that are bad enough, once each, and what must not be missed.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::{Model, Notify};
use crate::{
    case::{Condition, Load},
    domain::{RoleArn, finding::Key, untrusted::display_in},
};

/// Rings come no closer than this: what is heard meanwhile is told by the next one.
const APART: SignedDuration = SignedDuration::from_secs(10);
/// More new findings than this are not counted for the title.
const COUNTED: usize = 100;

#[derive(Clone, Debug, Default)]
pub struct Alert {
    /// Heard of, and not looked at yet whether they ring.
    pub heard: Vec<Key>,
    /// Those that rang, or were there when halon began.
    rung: HashSet<Key>,
    /// New ones that the operator has not looked at, as far as is known.
    new: HashSet<Key>,
    /// What the next ring tells: how many findings, the first of them, and other words.
    waiting: usize,
    first: Option<Key>,
    pub words: Vec<String>,
    /// The first lists have come.
    begun: bool,
    rang_at: Option<Timestamp>,
    /// Sessions of break-glass that are known to end soon.
    pub ending: HashSet<RoleArn>,
    /// The title that the terminal has.
    pub title: Option<String>,
}

/// What the bell and the desktop say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    pub bell: bool,
    pub desktop: Option<String>,
}

impl Model {
    /// The ring that is due, if any; what it tells has then rung, heard or not.
    pub fn ring(&mut self) -> Option<Ring> {
        // What was seen by earlier runs does not ring: so it must be known.
        if self.seen_loaded {
            self.look_through_heard();
        }
        let alert = &mut self.alert;
        let first_lists = self
            .case
            .feeds
            .values()
            .all(|feed| !matches!(feed.condition(), Condition::Waiting | Condition::Loading));
        alert.begun |= self.seen_loaded && !self.case.feeds.is_empty() && first_lists;
        let findings = alert.begun && alert.waiting > 0;
        if !findings && alert.words.is_empty() {
            return None;
        }
        if alert.rang_at.is_some_and(|at| self.now.duration_since(at) < APART) {
            return None;
        }
        alert.rang_at = Some(self.now);
        let mut says = std::mem::take(&mut alert.words);
        if findings {
            let n = std::mem::take(&mut alert.waiting);
            let first = alert.first.take();
            says.push(self.says(n, first.as_ref()));
        }
        let Notify { bell, desktop, quiet, .. } = self.setup.notify.clone();
        let local = self.now.to_zoned_datetime(self.setup.local_zone.clone()).time();
        if quiet.is_some_and(|quiet| quiet.covers(local)) || !(bell || desktop) {
            return None;
        }
        let says = format!("halon{}: {}", self.simulated(), says.join("; "));
        Some(Ring { bell, desktop: desktop.then_some(says) })
    }

    fn look_through_heard(&mut self) {
        for key in std::mem::take(&mut self.alert.heard) {
            // An old record that only the store knows is no news.
            let Some(finding) = self.case.queue.get(&key) else { continue };
            let bad = finding.main().severity.band >= self.setup.notify.at_least;
            let kept = self.case.queue.kept_at(&key).is_some();
            if !bad || kept || !self.is_new(finding) {
                continue;
            }
            self.alert.new.insert(key.clone());
            // Seen once it never rings again, whatever is added to it.
            let looked_at = self.seen.contains_key(&key);
            if self.alert.rung.insert(key.clone()) && !looked_at {
                self.alert.waiting += 1;
                self.alert.first.get_or_insert(key);
            }
        }
    }

    fn says(&self, n: usize, first: Option<&Key>) -> String {
        let what = format!("{n} new {}", self.at_least());
        let Some(finding) = first.and_then(|key| self.case.queue.get(key)) else { return what };
        let main = finding.main();
        let account = main.account.as_ref();
        let place = account.map(|a| self.case.alias(a).unwrap_or_else(|| a.to_string()));
        let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
        let headline = display_in(main.headline().raw(), 80);
        match n {
            1 => format!("new {}: {headline}{place}", main.severity.band),
            _ => format!("{what}, first {headline}{place}"),
        }
    }

    fn at_least(&self) -> String {
        match self.setup.notify.at_least {
            crate::domain::Band::Critical => "critical".to_owned(),
            band => format!("{band} or above"),
        }
    }

    fn simulated(&self) -> &'static str {
        if self.setup.range.is_some() { " (simulated)" } else { "" }
    }

    /// `halon: 3 new high · acme-prod`; nothing where the title is not to be changed.
    pub fn title(&mut self) -> Option<String> {
        if !self.setup.notify.title {
            return None;
        }
        let who = self.case.identities().find_map(|(_, load)| match load {
            Load::Ready(identity) => {
                let alias = identity.alias.as_ref().map(|a| display_in(a.raw(), 24));
                Some(alias.unwrap_or_else(|| identity.account.to_string()))
            }
            _ => None,
        });
        let who = who.map(|who| format!(" · {who}")).unwrap_or_default();
        let new = match self.unseen() {
            0 => String::new(),
            n if n >= COUNTED => format!(": {COUNTED} or more new {}", self.at_least()),
            n => format!(": {n} new {}", self.at_least()),
        };
        Some(format!("halon{}{new}{who}", self.simulated()))
    }

    /// New findings that are bad enough, up to [`COUNTED`].
    fn unseen(&mut self) -> usize {
        let mut gone = Vec::new();
        let mut count = 0;
        for key in &self.alert.new {
            let finding = self.case.queue.get(key);
            match finding.is_some_and(|finding| self.is_new(finding)) {
                true => count += 1,
                false => gone.push(key.clone()),
            }
            if count == COUNTED {
                break;
            }
        }
        gone.iter().for_each(|key| {
            self.alert.new.remove(key);
        });
        count
    }
}
