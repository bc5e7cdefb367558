//! Trails: who logs where, and whether they do.

use super::{PARTITION, Selectors};
use crate::range::scenario::{self, Scenario};

/// How often a trail delivers, in milliseconds (CloudTrail user guide: about every five
/// minutes).
const DELIVERED: i64 = 5 * 60_000;

/// How long before the start a trail of which the file does not say when began to log.
const LONG_AGO: i64 = 400 * 86_400_000;

/// One trail. Times are epoch milliseconds.
pub struct Trail {
    pub account: usize,
    pub arn: String,
    /// What the scenario says of it.
    pub said: scenario::Trail,
    pub selectors: Selectors,
    pub logging: bool,
    pub started: i64,
    pub stopped: Option<i64>,
}

impl Trail {
    pub fn set_logging(&mut self, on: bool, at: i64) {
        // CloudTrail: asking for what is so already is no error and moves no time.
        if self.logging == on {
            return;
        }
        self.logging = on;
        if on {
            self.started = at;
        } else {
            self.stopped = Some(at);
        }
    }

    /// When log files last came to the bucket.
    pub fn delivered(&self, now: i64) -> i64 {
        let until = self.stopped.filter(|_| !self.logging).unwrap_or(now);
        until.div_euclid(DELIVERED) * DELIVERED
    }

    /// Whether `account` sees it in `region`: its own or its organization's, in the home
    /// Region or, as a shadow, in every other where it logs too.
    pub fn seen_by(&self, account: usize, region: &str) -> bool {
        (self.account == account || self.said.organization)
            && (self.said.home.as_str() == region || self.said.multi_region)
    }
}

pub fn seeded(scenario: &Scenario) -> Vec<Trail> {
    let start = scenario.start.as_millisecond();
    let made = scenario.trails.iter().map(|said| {
        let owner = &scenario.accounts[said.account].id;
        Trail {
            account: said.account,
            arn: format!("arn:{PARTITION}:cloudtrail:{}:{owner}:trail/{}", said.home, said.name),
            logging: said.stopped.is_none(),
            started: start + said.started.unwrap_or(-LONG_AGO),
            stopped: said.stopped.map(|at| start + at),
            selectors: Selectors::seeded(said),
            said: said.clone(),
        }
    });
    made.collect()
}
