//! A scenario: what a world holds at its start and what happens in it later.
//!
//! Written by people as TOML; the format is described in `docs/SCENARIOS.md`.

mod accounts;
mod consistency;
mod events;
mod findings;
mod identities;
mod keys;
mod known;
mod organization;
mod policies;
mod read;
mod root;
mod shipped;
mod trails;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use serde_json::Value;

pub use consistency::Consistency;
pub use organization::{Attached, OrgPolicy, Unit};
pub use root::Root;
pub use shipped::shipped;

use super::{
    engine::OPERATOR_KEY,
    faults::FaultRule,
    world::{PARTITION, iam::KeyStatus, mfa::Device},
};
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
    pub(super) units: Vec<Unit>,
    /// Those that belong to the organization.
    pub(super) org_policies: Vec<OrgPolicy>,
    pub(super) principals: Vec<Principal>,
    pub(super) policies: Vec<Policy>,
    pub(super) findings: Vec<Seeded>,
    pub(super) bulk: Vec<Recipe>,
    pub(super) sessions: Vec<Session>,
    pub(super) events: Vec<Event>,
    pub(super) noise: Vec<Noise>,
    pub(super) trails: Vec<Trail>,
    pub(super) faults: Vec<FaultRule>,
    pub(super) consistency: Consistency,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub alias: String,
    pub name: String,
    /// The organization's management account.
    pub management: bool,
    /// The unit that it is in; `None` is the root.
    pub parent: Option<usize>,
    /// The delegated administrator of GuardDuty and Security Hub.
    pub security_admin: bool,
    /// Where GuardDuty has a detector.
    pub guardduty: BTreeSet<Region>,
    /// Where the detector is suspended, and since when: milliseconds relative to the start.
    pub guardduty_disabled: BTreeMap<Region, i64>,
    /// Where Security Hub is enabled.
    pub securityhub: BTreeSet<Region>,
    /// The home Region that aggregates the hub's other Regions.
    pub hub_home: Option<Region>,
    pub root: Root,
}

/// A user or a role. Times are in milliseconds relative to the start.
#[derive(Clone, Debug)]
pub struct Principal {
    pub account: usize,
    pub kind: Kind,
    pub name: String,
    pub path: String,
    /// Default: derived from the seed.
    pub id: Option<String>,
    pub created: Option<i64>,
    /// ARNs of managed policies.
    pub attached: Vec<String>,
    /// Names and documents.
    pub inline: Vec<(String, String)>,
    pub boundary: Option<String>,
    pub tags: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub enum Kind {
    User {
        keys: Vec<Key>,
        /// Has a password, also where it was never used.
        password: bool,
        password_used: Option<i64>,
        mfa: Option<Device>,
        /// halon itself signs with its first active key.
        operator: bool,
    },
    Role {
        trust: String,
        description: Option<String>,
        max_session: i64,
        used: Option<Used>,
        instance_profile: Option<String>,
        /// The way in for emergencies: halon may become it.
        break_glass: bool,
    },
}

/// An access key.
#[derive(Clone)]
pub struct Key {
    pub id: String,
    pub secret: String,
    pub status: KeyStatus,
    pub created: Option<i64>,
    pub used: Option<Used>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The last use of a key (with the service) or of a role.
#[derive(Clone, Debug)]
pub struct Used {
    pub at: i64,
    pub service: String,
    pub region: String,
}

/// A managed policy of the customer's.
#[derive(Clone, Debug)]
pub struct Policy {
    pub account: usize,
    pub name: String,
    pub path: String,
    pub arn: String,
    pub description: Option<String>,
    /// Documents from the oldest on, with their times.
    pub versions: Vec<(String, Option<i64>)>,
    /// The position of the one that holds.
    pub default: usize,
}

/// The credentials with which halon itself works in an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Operator {
    /// The account's.
    pub alias: String,
    pub account: AccountId,
    pub access_key: String,
    pub secret: String,
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator")
            .field("alias", &self.alias)
            .field("account", &self.account)
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
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

/// Who made a call that CloudTrail knows of.
#[derive(Clone, Debug)]
pub enum By {
    /// A user's access key or a session's.
    Key(String),
    /// A user at the console.
    User(String),
    /// A role's session whose keys are derived, a new one every six hours.
    Role {
        name: String,
        session: String,
    },
    Root,
    /// A service, by its host.
    Service(String),
    /// `userIdentity` as the file has it.
    Written(Value),
}

/// A role's session. Its giving out is an event by itself.
#[derive(Clone, Debug)]
pub struct Session {
    pub key: String,
    /// The role's.
    pub account: usize,
    pub role: String,
    pub name: String,
    /// Milliseconds relative to the start.
    pub at: i64,
    pub by: By,
    pub region: Region,
    pub ip: String,
    pub agent: String,
    pub seconds: i64,
    pub source_identity: Option<String>,
    pub mfa: bool,
}

/// An event told one by one.
#[derive(Clone, Debug)]
pub struct Event {
    /// Milliseconds relative to the start.
    pub at: i64,
    /// The account whose trail it is in.
    pub account: usize,
    pub region: Region,
    pub by: By,
    pub name: String,
    /// `iam.amazonaws.com`.
    pub source: String,
    pub ip: String,
    pub agent: String,
    /// The code, and the message where it is not the usual one.
    pub error: Option<(String, Option<String>)>,
    /// What the message that AWS encodes says; null where there is none.
    pub authorization: Value,
    pub read_only: bool,
    pub request: Value,
    pub response: Value,
    /// Types and names; empty: those that the parameters name.
    pub resources: Vec<(String, String)>,
    /// Merged over the whole.
    pub body: Value,
}

/// Background noise: events drawn by recipe.
#[derive(Clone, Debug)]
pub struct Noise {
    pub count: u32,
    /// Milliseconds relative to the start.
    pub from: i64,
    pub to: i64,
    pub account: usize,
    pub regions: Vec<Region>,
    pub by: Vec<By>,
    pub calls: Vec<NoiseCall>,
    pub ips: Vec<String>,
    pub agents: Vec<String>,
    /// How many of a thousand are denied.
    pub refused: u32,
}

/// One of the calls of a recipe.
#[derive(Clone, Debug)]
pub struct NoiseCall {
    pub name: String,
    pub source: String,
    pub weight: u32,
    pub read_only: bool,
    pub request: Value,
}

/// A trail. Times are in milliseconds relative to the start.
#[derive(Clone, Debug)]
pub struct Trail {
    pub account: usize,
    pub name: String,
    pub home: Region,
    pub bucket: String,
    pub multi_region: bool,
    pub organization: bool,
    /// Whether digests prove that no log file was changed.
    pub validated: bool,
    pub started: Option<i64>,
    /// Since when it does not log.
    pub stopped: Option<i64>,
    /// Which management events: `All`, `ReadOnly`, `WriteOnly`, or none.
    pub management: Option<String>,
    /// Services whose management events are left out.
    pub exclude: Vec<String>,
    /// ARNs of what data events are logged of.
    pub data: Vec<String>,
}

impl Scenario {
    /// What its accounts are called: names and aliases.
    pub fn account_names(&self) -> Vec<String> {
        let names = self.accounts.iter().flat_map(|account| [&account.alias, &account.name]);
        names.cloned().collect()
    }

    /// The ARNs of the roles with `break_glass = true`, in the file's order.
    pub fn break_glass(&self) -> Vec<String> {
        let meant = |p: &&Principal| matches!(p.kind, Kind::Role { break_glass: true, .. });
        let arn = |p: &Principal| {
            let account = &self.accounts.get(p.account)?.id;
            Some(format!("arn:{PARTITION}:iam::{account}:role{}{}", p.path, p.name))
        };
        self.principals.iter().filter(meant).filter_map(arn).collect()
    }

    /// Whoever has this key from the beginning.
    pub fn signer(&self, id: &str) -> Option<Operator> {
        self.principals.iter().find_map(|principal| {
            let Kind::User { keys, .. } = &principal.kind else { return None };
            let key = keys.iter().find(|key| key.id == id)?;
            let account = self.accounts.get(principal.account)?;
            Some(Operator {
                alias: account.alias.clone(),
                account: account.id.clone(),
                access_key: key.id.clone(),
                secret: key.secret.clone(),
            })
        })
    }

    /// Who works in which account: the default operator first.
    pub fn operators(&self) -> Vec<Operator> {
        let mut out = Vec::new();
        for principal in &self.principals {
            let Kind::User { keys, operator: true, .. } = &principal.kind else { continue };
            let active = |key: &&Key| key.status == KeyStatus::Active;
            let default = |key: &&Key| key.id == OPERATOR_KEY.0;
            let key = keys.iter().find(default).or_else(|| keys.iter().find(active));
            let (Some(key), Some(account)) = (key, self.accounts.get(principal.account)) else {
                continue;
            };
            let operator = Operator {
                alias: account.alias.clone(),
                account: account.id.clone(),
                access_key: key.id.clone(),
                secret: key.secret.clone(),
            };
            let first = key.id == OPERATOR_KEY.0;
            out.insert(if first { 0 } else { out.len() }, operator);
        }
        out
    }
}
