//! Where Security Hub is enabled, and since when.

use super::World;
use crate::{domain::Region, range::scenario::Account};

/// How long before the start a hub of the scenario was enabled, in milliseconds.
const LONG_AGO: i64 = 400 * 86_400_000;

impl World {
    pub(super) fn seed_hubs(&mut self, number: usize, account: &Account) {
        for region in &account.securityhub {
            self.set_hub(number, region, true, i64::MIN);
        }
    }

    pub(super) fn set_hub(&mut self, account: usize, region: &Region, on: bool, at: i64) {
        let place = (Self::account_number(account), self.region_number(region));
        self.hubs.entry(place).or_default().push((at, on));
    }

    /// Since when the hub of an account is enabled in a Region; `None` where it is not.
    pub fn hub_since(&self, account: usize, region: &str) -> Option<i64> {
        let place = (Self::account_number(account), self.known_region(region)?);
        let (at, on) = self.hubs.get(&place)?.last()?;
        on.then_some((*at).max(self.start - LONG_AGO))
    }

    /// Whether the hub took in what came to it at a time: "no new findings are processed"
    /// where it is disabled, and it does not catch up.
    pub(super) fn hub_listened(&self, place: (u16, u16), at: i64) -> bool {
        let turns = self.hubs.get(&place).map_or(&[][..], Vec::as_slice);
        turns.iter().rev().find(|(since, _)| *since <= at).is_some_and(|(_, on)| *on)
    }

    /// The Regions in which an account has its hub enabled.
    pub fn hub_regions(&self, account: usize) -> Vec<&str> {
        let number = Self::account_number(account);
        let on = self.hubs.iter().filter(|((owner, _), turns)| {
            *owner == number && turns.last().is_some_and(|(_, on)| *on)
        });
        let mut names: Vec<&str> = on.map(|((_, region), _)| self.region_name(*region)).collect();
        names.sort_unstable();
        names
    }
}
