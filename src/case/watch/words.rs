//! A watch in sentences, the same on the screen and in headless answers.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Over, SETTLING, Seen, Standing, Verdict, Watch, call_line};
use crate::domain::{Untrusted, untrusted::display_in};

/// How much a sentence matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Dim,
    Good,
    Warning,
    Loud,
}

/// One sentence; sanitised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub tone: Tone,
    pub text: String,
}

/// What one key or session did since rights were taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByWhom {
    pub principal: Untrusted,
    pub key: Option<Untrusted>,
    pub allowed: usize,
    pub denied: usize,
}

/// Shown of those who called; the others are counted.
const SHOWN: usize = 4;

impl Watch {
    /// Who called since, whoever called most first.
    pub fn by_whom(&self) -> Vec<ByWhom> {
        let mut all: BTreeMap<(&Untrusted, Option<&Untrusted>), (usize, usize)> = BTreeMap::new();
        for call in self.since() {
            let counts = all.entry((&call.principal, call.key.as_ref())).or_default();
            match call.verdict {
                Verdict::Allowed => counts.0 += 1,
                Verdict::Denied(_) => counts.1 += 1,
                Verdict::Failed(_) | Verdict::Free => {}
            }
        }
        let mut out: Vec<ByWhom> = all
            .into_iter()
            .filter(|(_, (allowed, denied))| allowed + denied > 0)
            .map(|((principal, key), (allowed, denied))| ByWhom {
                principal: principal.clone(),
                key: key.cloned(),
                allowed,
                denied,
            })
            .collect();
        // Whoever still comes through is looked at first.
        out.sort_by_key(|by| (std::cmp::Reverse(by.allowed), std::cmp::Reverse(by.denied)));
        out
    }

    /// Whom, where, since when and until when; in one line.
    pub fn title(&self, when: &dyn Fn(Timestamp) -> String) -> String {
        let since = match self.run {
            Some(_) => "contained",
            None => "since",
        };
        format!("{} in {}, {since} {}", self.who, self.account, when(self.since))
    }

    /// How it stands, in one line.
    pub fn headline(&self, when: &dyn Fn(Timestamp) -> String) -> Said {
        let standing = self.standing();
        let loud = if self.should_refuse_all() { Tone::Loud } else { Tone::Warning };
        let (tone, text) = match (standing, self.first_denied(), self.last_through()) {
            (Standing::Denied, Some(call), _) => {
                (Tone::Good, format!("FIRST DENIED {}", call_line(call, when)))
            }
            (_, Some(denied), Some(through)) => {
                let first = format!(" · first denied {}", when(denied.at));
                (loud, self.goes_on(through, when) + &first)
            }
            (_, None, Some(through)) => (loud, self.goes_on(through, when)),
            _ => self.silent(when),
        };
        Said { tone, text }
    }

    fn goes_on(&self, through: &Seen, when: &dyn Fn(Timestamp) -> String) -> String {
        let call = call_line(through, when);
        match (self.should_refuse_all(), self.is_late(through)) {
            (false, _) => format!("GOES ON {call}: as far as other policies allow"),
            (true, false) => format!("STILL ALLOWED {call}: IAM's change may have to spread yet"),
            // Begun by hand, nobody knows whether anything was taken.
            (true, true) if self.run.is_none() => format!("STILL ALLOWED {call}"),
            (true, true) => format!("STILL ALLOWED {call}: CONTAINMENT DOES NOT HOLD"),
        }
    }

    fn silent(&self, when: &dyn Fn(Timestamp) -> String) -> (Tone, String) {
        let until = self.searched_until().map(when);
        match (self.standing(), until) {
            (Standing::Quiet, Some(until)) => {
                (Tone::Plain, format!("no call seen yet, searched until {until}"))
            }
            (Standing::Unsearched, _) => {
                (Tone::Warning, "no call seen, and not everything could be searched".to_owned())
            }
            _ => (Tone::Dim, "waiting for the first answer".to_owned()),
        }
    }

    /// Everything that there is to say, the most important first. `when` shows a time to the
    /// second.
    pub fn lines(&self, now: Timestamp, when: &dyn Fn(Timestamp) -> String) -> Vec<Said> {
        let (mut out, standing) = (vec![self.headline(when)], self.standing());
        let mut say = |tone, text: String| out.push(Said { tone, text });
        if standing == Standing::Denied && self.last_through().is_some() {
            let text = "calls went through before it: IAM's change takes a few minutes to spread";
            say(Tone::Dim, text.to_owned());
        }
        match self.last_allowed() {
            // Said already.
            Some(call) if self.last_through() == Some(call) && standing != Standing::Denied => {}
            Some(call) => say(Tone::Plain, format!("last allowed {}", call_line(call, when))),
            None if self.searched_until().is_some() => {
                let from = self.window(now).from;
                say(Tone::Plain, format!("no allowed call seen from {} on", when(from)));
            }
            None => {}
        }
        let counts = self.counts();
        if !counts.is_empty() {
            say(Tone::Plain, format!("since then {counts}"));
        }
        let by = self.by_whom();
        for by in by.iter().take(SHOWN) {
            let key = by.key.as_ref().map(|k| format!(" {}", display_in(k.raw(), 24)));
            let text = format!(
                "by {}{}: {} allowed, {} denied",
                display_in(by.principal.raw(), 50),
                key.unwrap_or_default(),
                by.allowed,
                by.denied
            );
            say(Tone::Dim, text);
        }
        if by.len() > SHOWN {
            say(Tone::Dim, format!("by {} more", by.len() - SHOWN));
        }
        for gap in self.gaps() {
            say(Tone::Warning, format!("not searched: {}: {}", gap.place(), gap.why));
        }
        for remark in self.remarks() {
            say(Tone::Dim, remark);
        }
        let end = match &self.over {
            None => format!("asked until {}", when(self.until)),
            Some(Over::Time) => {
                "its time is up: what happened in the last minutes may not have been seen".into()
            }
            Some(Over::Stopped(why)) => format!("stopped: {why}"),
        };
        say(Tone::Dim, end);
        out
    }

    /// How many calls of each kind there were since.
    fn counts(&self) -> String {
        let t = self.tally();
        let parts = [
            (t.denied, "denied"),
            (t.allowed, "allowed"),
            (t.failed, "failed for another reason"),
            (t.free, "that no policy can refuse"),
            (t.same_second, "in the very second of it, before or after"),
        ];
        let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// How long IAM's changes may take, for whoever explains a call that went through.
    pub const SETTLING: SignedDuration = SETTLING;
}
