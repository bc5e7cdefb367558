//! Every AWS call made on the operator's behalf, as far as there is room.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::domain::Call;

/// Older calls make room for newer ones; that is counted.
const KEPT: usize = 2_000;

#[derive(Clone, Debug)]
pub struct Logged {
    /// When it was answered, or given up.
    pub at: Timestamp,
    pub call: Call,
}

#[derive(Clone, Debug, Default)]
pub struct Calls {
    kept: VecDeque<Logged>,
    /// How many there is no room for any more.
    pub dropped: u64,
    /// Requests sent since the start, each attempt one.
    pub requests: u64,
}

/// Requests of one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    pub minute: u64,
    pub hour: u64,
    pub throttled: u64,
}

impl Calls {
    pub fn put(&mut self, call: Call, at: Timestamp) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
            self.dropped += 1;
        }
        self.requests += u64::from(call.attempts);
        self.kept.push_back(Logged { at, call });
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Logged> {
        self.kept.iter().rev()
    }

    pub fn last(&self) -> Option<&Call> {
        self.kept.back().map(|logged| &logged.call)
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether calls of the last hour are among those that were dropped.
    pub fn lacks_some_of_the_hour(&self, now: Timestamp) -> bool {
        let oldest = self.kept.front();
        self.dropped > 0 && oldest.is_some_and(|l| now.duration_since(l.at) < HOUR)
    }

    /// What each service was asked in the last minute and hour, of the calls that are kept.
    pub fn load(&self, now: Timestamp) -> BTreeMap<&'static str, Load> {
        let mut all: BTreeMap<&'static str, Load> = BTreeMap::new();
        for Logged { at, call } in self.newest() {
            let age = now.duration_since(*at);
            if age > HOUR {
                break;
            }
            let load = all.entry(call.service).or_default();
            load.hour += u64::from(call.attempts);
            load.throttled += u64::from(call.throttled);
            if age <= MINUTE {
                load.minute += u64::from(call.attempts);
            }
        }
        all
    }
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Place, Region};

    fn call(attempts: u32) -> Call {
        let region: Region = "us-east-1".parse().expect("a region");
        Call {
            service: "CloudTrail",
            operation: "LookupEvents",
            place: Place { target: "acme".into(), region },
            attempts,
            millis: 0,
            waited_millis: 0,
            throttled: attempts.saturating_sub(1),
            bytes: 0,
            host: None,
            request_id: None,
            server_time: None,
            fault: None,
        }
    }

    #[test]
    fn requests_are_counted_by_minute_and_hour_and_what_is_dropped_is_said() {
        let now: Timestamp = "2026-03-02T03:10:00Z".parse().expect("a time");
        let mut calls = Calls::default();
        for (age, attempts) in [(7_200, 9), (1_800, 3), (30, 2), (0, 1)] {
            calls.put(call(attempts), now - SignedDuration::from_secs(age));
        }
        let load = calls.load(now);
        assert_eq!(load["CloudTrail"], Load { minute: 3, hour: 6, throttled: 3 });
        assert_eq!((calls.requests, calls.dropped), (15, 0));
        assert!(!calls.lacks_some_of_the_hour(now));
        (0..KEPT).for_each(|_| calls.put(call(1), now));
        assert_eq!((calls.len(), calls.dropped), (KEPT, 4));
        assert!(calls.lacks_some_of_the_hour(now));
        assert!(!call(1).is_write());
        assert!(Call { operation: "PutRolePolicy", ..call(1) }.is_write());
        assert!(Call { operation: "AssumeRole", ..call(1) }.is_write());
    }
}
