//! GuardDuty's detectors: at most one of an account in a Region.
//!
//! A suspended detector generates no findings; those that there are stay (user guide,
//! "Suspending or disabling GuardDuty").

use super::{COPY_DELAY, Origin, Row, Version, World};
use crate::{
    domain::Region,
    range::{scenario::Account, seed},
};

/// How long before the start a detector of the scenario was made, in milliseconds.
const LONG_AGO: i64 = 400 * 86_400_000;

/// One detector. Times are epoch milliseconds.
pub struct Detector {
    pub id: String,
    pub created: i64,
    pub updated: i64,
    /// `FIFTEEN_MINUTES`, `ONE_HOUR`, `SIX_HOURS`.
    pub frequency: String,
    /// Since when it is suspended.
    pub suspended: Option<i64>,
}

/// What CreateDetector and UpdateDetector say; what is absent stays as it is.
pub struct Wish<'a> {
    pub enable: Option<bool>,
    pub frequency: Option<&'a str>,
}

impl World {
    /// The detectors of an account as the scenario has them.
    pub(super) fn seed_detectors(&mut self, number: usize, account: &Account) {
        for region in &account.guardduty {
            let id = ["detector", account.id.as_str(), region.as_str()];
            let created = self.start - LONG_AGO;
            let detector = Detector {
                id: seed::id32(self.seed, &id),
                created,
                updated: created,
                frequency: "FIFTEEN_MINUTES".to_owned(),
                suspended: None,
            };
            self.detectors.insert((number, region.clone()), detector);
            if let Some(at) = account.guardduty_disabled.get(region) {
                let off = Wish { enable: Some(false), frequency: None };
                self.set_detector(number, region, &off, self.start + at);
            }
        }
    }

    /// The detector of an account in a Region, where there is one.
    pub fn detector_in(&self, account: usize, region: &str) -> Option<&Detector> {
        let region = region.parse::<Region>().ok()?;
        self.detectors.get(&(account, region))
    }

    /// Its id.
    pub fn detector(&self, account: usize, region: &str) -> Option<&str> {
        self.detector_in(account, region).map(|detector| detector.id.as_str())
    }

    pub(super) fn add_detector(
        &mut self,
        account: usize,
        region: &Region,
        id: &str,
        wish: &Wish<'_>,
        at: i64,
    ) {
        let detector = Detector {
            id: id.to_owned(),
            created: at,
            updated: at,
            // "By default … every six hours" (CreateDetector).
            frequency: "SIX_HOURS".to_owned(),
            suspended: None,
        };
        self.detectors.insert((account, region.clone()), detector);
        self.set_detector(account, region, wish, at);
    }

    pub(super) fn set_detector(
        &mut self,
        account: usize,
        region: &Region,
        wish: &Wish<'_>,
        at: i64,
    ) {
        let number = self.region_number(region);
        let Some(detector) = self.detectors.get_mut(&(account, region.clone())) else { return };
        detector.updated = at;
        if let Some(frequency) = wish.frequency {
            detector.frequency = frequency.to_owned();
        }
        let place = (Self::account_number(account), number);
        match (detector.suspended, wish.enable) {
            (None, Some(false)) => {
                detector.suspended = Some(at);
                self.silent.push((place, at));
            }
            (Some(since), Some(true)) => {
                detector.suspended = None;
                self.silent.retain(|(silent, _)| *silent != place);
                self.never_happened(place, since, at);
            }
            _ => {}
        }
    }

    /// Takes out what would have been found between two times.
    fn never_happened(&mut self, place: (u16, u16), since: i64, until: i64) {
        let gap = |version: &Version| since < version.at && version.at <= until;
        let here = |row: &&mut Row| (row.account, row.region) == place;
        for row in self.rows.iter_mut().filter(here) {
            row.later.retain(|version| !gap(version));
            if gap(&row.first) {
                // What occurs again later is new then; what does not is never.
                match row.later.is_empty() {
                    true => row.first.at = i64::MAX,
                    false => row.first = row.later.remove(0),
                }
            }
        }
        for copy in &mut self.hub {
            if let Origin::Copy(number) = copy.origin {
                copy.at = self.rows[number as usize].first.at.saturating_add(COPY_DELAY);
            }
        }
    }

    /// The version of a finding that its detector shows at `now`; `None` before the
    /// finding's time.
    pub fn version<'r>(&self, row: &'r Row, now: i64) -> Option<&'r Version> {
        let of_row = |((account, region), _): &&((u16, u16), i64)| {
            (*account, *region) == (row.account, row.region)
        };
        let since = self.silent.iter().find(of_row).map_or(i64::MAX, |(_, since)| *since);
        row.version(now.min(since))
    }
}
