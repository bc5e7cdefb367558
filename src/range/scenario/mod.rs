//! A scenario: what a world holds at its start and what happens in it later.
//!
//! Written by people as TOML; the format is described in `docs/SCENARIOS.md`.

mod accounts;
mod findings;
mod read;
mod shipped;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

pub use shipped::shipped;

use super::faults::FaultRule;
use crate::domain::{AccountId, Region};

/// The largest scenario file read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The most findings that one scenario may generate by recipe.
pub const MAX_BULK: u32 = 1_000_000;

/// One world's beginning.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub id: String,
    pub title: String,
    pub seed: u64,
    /// The world's time at its start.
    pub start: Timestamp,
    /// SHA-256 of the text, in hex: a journal belongs to one text.
    pub(super) hash: String,
    pub(super) accounts: Vec<Account>,
    pub(super) principals: Vec<Principal>,
    pub(super) findings: Vec<Seeded>,
    pub(super) bulk: Vec<Recipe>,
    pub(super) faults: Vec<FaultRule>,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub alias: String,
    pub name: String,
    /// The organization's management account.
    pub management: bool,
    /// The delegated administrator of GuardDuty and Security Hub.
    pub security_admin: bool,
    /// Where GuardDuty has a detector.
    pub guardduty: BTreeSet<Region>,
    /// Where Security Hub is enabled.
    pub securityhub: BTreeSet<Region>,
    /// The home Region that aggregates the hub's other Regions.
    pub hub_home: Option<Region>,
}

/// A user with an access key.
#[derive(Clone, Debug)]
pub struct Principal {
    pub account: usize,
    pub name: String,
    pub access_key: String,
    pub secret: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    GuardDuty,
    SecurityHub,
}

/// A finding written out in the file. Times are in milliseconds relative to the start.
#[derive(Clone, Debug)]
pub struct Seeded {
    pub at: i64,
    pub service: Service,
    pub account: usize,
    pub region: Region,
    pub id: Option<String>,
    pub archived: bool,
    /// A copy arrives in Security Hub (GuardDuty only).
    pub copy: bool,
    pub body: Value,
    /// Later occurrences, in order of time.
    pub updates: Vec<(i64, Value)>,
}

/// Findings made by the number.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub count: u32,
    pub accounts: Vec<usize>,
    pub regions: Vec<Region>,
    pub types: Vec<String>,
    /// Empty: each type's usual severity.
    pub severities: Vec<f64>,
    /// How far back from the start they are spread, in milliseconds.
    pub over: i64,
    pub copy: bool,
}
