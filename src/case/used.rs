//! What a principal called, by what the store has of it.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::Timestamp;

use crate::{domain::Untrusted, store::Found};

/// Every call of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    pub service: Untrusted,
    pub name: Untrusted,
    pub times: u64,
    pub denied: u64,
    /// Failed otherwise.
    pub failed: u64,
    pub last: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub arn: Untrusted,
    /// Events that there are.
    pub total: u64,
    /// The newest of them that were counted.
    pub counted: usize,
    /// Events among these that cannot be read any more.
    pub unreadable: u64,
    pub oldest: Option<Timestamp>,
    /// Denied ones first, then the most frequent.
    pub calls: Vec<Called>,
}

impl Used {
    pub fn of(arn: Untrusted, found: &Found) -> Self {
        let mut calls: BTreeMap<(&str, &str), Called> = BTreeMap::new();
        for event in &found.events {
            let key = (event.service(), event.name.raw());
            let call = calls.entry(key).or_insert_with(|| Called {
                service: event.service().into(),
                name: event.name.clone(),
                times: 0,
                denied: 0,
                failed: 0,
                last: None,
            });
            call.times += 1;
            call.denied += u64::from(event.denied());
            call.failed += u64::from(event.failed() && !event.denied());
            call.last = call.last.max(event.time);
        }
        let mut calls: Vec<Called> = calls.into_values().collect();
        calls.sort_by_key(|call| Reverse((call.denied, call.times)));
        Self {
            arn,
            total: found.total,
            counted: found.events.len(),
            unreadable: found.unreadable,
            oldest: found.events.iter().filter_map(|event| event.time).min(),
            calls,
        }
    }

    /// The services that were called, without those that refused every call; with the number
    /// of calls.
    pub fn services(&self) -> Vec<(&Untrusted, u64)> {
        let mut services: BTreeMap<&Untrusted, u64> = BTreeMap::new();
        for call in self.calls.iter().filter(|call| call.times > call.denied) {
            *services.entry(&call.service).or_default() += call.times - call.denied;
        }
        let mut services: Vec<_> = services.into_iter().collect();
        services.sort_by_key(|(_, times)| Reverse(*times));
        services
    }
}
