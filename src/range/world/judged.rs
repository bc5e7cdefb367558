//! What became of a call that the scenario tells of, where the world has changed since.
//!
//! The file says what an attacker goes on to do. Once somebody took his key or denied him
//! everything, that cannot go on as it was written: a call with a key that is nobody's is not
//! recorded, and one that a statement denies is an event with a refusal. Nothing else is
//! judged: what the file tells is true unless a change forbids it.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    World,
    trail::{Event, Lookup},
};
use crate::range::access;

/// What became of an event as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody was let in, so there is no event.
    Gone,
    /// Refused, in these words.
    Denied(String),
}

/// Verdicts on the events whose time is over, by number; those since are made when asked for.
#[derive(Default)]
pub struct Judged {
    verdicts: HashMap<u32, Verdict>,
    /// Up to when events are judged, in epoch milliseconds.
    until: i64,
    /// Whether IAM and the organization are not any more as they began.
    pub iam: bool,
    pub organization: bool,
}

impl World {
    /// Judges what was told up to `until` by the world as it is, which is about to change.
    pub(super) fn judge(&mut self, until: i64) {
        let from = self.judged.until.max(self.start);
        if until <= from {
            return;
        }
        if self.judged.iam || self.judged.organization {
            let due = self.history.told_between(from, until);
            let verdicts: Vec<(u32, Verdict)> = due
                .filter_map(|(account, region, event)| {
                    Some((event.position().1, self.verdict(account, region, event)?))
                })
                .collect();
            self.judged.verdicts.extend(verdicts);
        }
        self.judged.until = until;
    }

    /// At most `most` events, the newest first.
    pub fn lookup(&self, ask: &Lookup<'_>, most: usize) -> Vec<&Event> {
        let there =
            |event: &Event| self.became(ask.account, ask.region, event) != Some(Verdict::Gone);
        self.history.lookup(ask, most, there)
    }

    /// The JSON of an event of an account and Region, as it came about.
    pub fn event_body(&self, account: usize, region: &str, event: &Event) -> Value {
        let mut body = self.history.body(event);
        if let Some(Verdict::Denied(why)) = self.became(account, region, event) {
            let ec2 = event.source.starts_with("ec2.");
            let code = if ec2 { "Client.UnauthorizedOperation" } else { "AccessDenied" };
            body["errorCode"] = code.into();
            body["errorMessage"] = why.into();
            body["responseElements"] = Value::Null;
        }
        body
    }

    fn became(&self, account: usize, region: &str, event: &Event) -> Option<Verdict> {
        let (at, number) = event.position();
        if !event.is_told() || at <= self.start {
            return None;
        }
        if at <= self.judged.until {
            return self.judged.verdicts.get(&number).cloned();
        }
        self.verdict(account, region, event)
    }

    fn verdict(&self, account: usize, region: &str, event: &Event) -> Option<Verdict> {
        let at = event.position().0;
        if !(self.judged.iam || self.judged.organization) || event.key.is_empty() {
            return None;
        }
        let Some(known) = self.credentials(&event.key, at) else {
            // A key that no user ever had here is a derived one, or a stranger's.
            return self.history.is_of_user(&event.key).then_some(Verdict::Gone);
        };
        let caller = known.caller;
        if caller.account != account {
            return None;
        }
        let service = event.source.trim_end_matches(".amazonaws.com");
        let action = format!("{service}:{}", event.name);
        let why = access::denial(self, caller, &action, region, at, self.judged.organization)?;
        Some(Verdict::Denied(why))
    }
}
