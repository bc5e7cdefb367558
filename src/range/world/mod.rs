//! The world: accounts and findings as they are after a list of entries.
//!
//! Only [`World::apply`] changes it. What a question is answered with depends on
//! the world and the world's time alone.

mod asff;
mod bulk;
mod caller;
mod change;
mod detectors;
mod finding;
mod holds;
mod hub;
mod hubs;
pub mod iam;
mod judged;
pub mod mfa;
pub mod organization;
mod parsed;
mod past;
mod picture;
mod reports;
mod sample;
mod selectors;
mod session;
pub mod trail;
mod trails;

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

pub use asff::complete_severity;
pub use caller::{Caller, same_key};
pub use change::{Change, Entity, Entry};
pub use detectors::{Detector, Wish};
pub use finding::{Row, Version};
pub use hub::{HubRow, Origin};
pub use picture::{Difference, Picture};
pub use sample::finding_type;
pub use selectors::Selectors;
pub use session::Session;
pub use trails::Trail;

use self::{
    iam::Iam, judged::Judged, organization::Organization, parsed::Parsed, past::Past,
    reports::Reports, session::Sessions, trail::History,
};
use super::scenario::{Account, Recipe, Scenario, Service};
use crate::domain::Region;

/// How long after a GuardDuty finding its Security Hub copy arrives, in milliseconds.
/// AWS gives "within five minutes".
const COPY_DELAY: i64 = 3 * 60_000;

pub const PARTITION: &str = "aws";

pub struct World {
    pub seed: u64,
    /// Epoch milliseconds.
    pub start: i64,
    pub accounts: Vec<Account>,
    iam: Iam,
    past_iam: Past<Iam>,
    sessions: Sessions,
    reports: Reports,
    history: History,
    judged: Judged,
    trails: Vec<Trail>,
    organization: Option<Organization>,
    past_organization: Past<Organization>,
    /// How long after an event a lookup finds it, in milliseconds.
    pub delivery: i64,
    parsed: Parsed,
    recipes: Vec<Recipe>,
    regions: Vec<Region>,
    detectors: HashMap<(usize, Region), Detector>,
    /// Account and Region of suspended detectors, and since when.
    silent: Vec<((u16, u16), i64)>,
    /// By account and Region when the hub was turned on and off.
    hubs: HashMap<(u16, u16), Vec<(i64, bool)>>,
    pub(super) rows: Vec<Row>,
    rows_by_region: HashMap<u16, Vec<u32>>,
    rows_by_id: HashMap<Box<str>, u32>,
    pub(super) hub: Vec<HubRow>,
    hub_by_id: HashMap<Box<str>, u32>,
}

impl World {
    pub fn new(scenario: Scenario) -> Self {
        let iam = Iam::seeded(&scenario);
        let mut world = World {
            seed: scenario.seed,
            start: scenario.start.as_millisecond(),
            history: History::new(&scenario, &iam),
            judged: Judged::default(),
            trails: trails::seeded(&scenario),
            organization: Organization::seeded(&scenario),
            parsed: Parsed::default(),
            iam,
            past_iam: Past::new(iam::PAST, scenario.consistency.iam),
            past_organization: Past::new(0, scenario.consistency.organizations),
            delivery: scenario.consistency.cloudtrail,
            sessions: Sessions::seeded(&scenario),
            reports: Reports::default(),
            accounts: scenario.accounts,
            recipes: Vec::new(),
            regions: Vec::new(),
            detectors: HashMap::new(),
            silent: Vec::new(),
            hubs: HashMap::new(),
            rows: Vec::new(),
            rows_by_region: HashMap::new(),
            rows_by_id: HashMap::new(),
            hub: Vec::new(),
            hub_by_id: HashMap::new(),
        };
        for (number, account) in world.accounts.clone().iter().enumerate() {
            world.seed_detectors(number, account);
            world.seed_hubs(number, account);
        }
        for (index, seeded) in scenario.findings.into_iter().enumerate() {
            match seeded.service {
                Service::GuardDuty => world.add_seeded(index, seeded),
                Service::SecurityHub => world.add_own(index, seeded),
            }
        }
        for recipe in scenario.bulk {
            world.add_bulk(recipe);
        }
        world
    }

    /// The number that stands for a Region in rows.
    fn region_number(&mut self, region: &Region) -> u16 {
        let at = self.regions.iter().position(|known| known == region).unwrap_or_else(|| {
            self.regions.push(region.clone());
            self.regions.len() - 1
        });
        at as u16
    }

    pub fn region_name(&self, number: u16) -> &str {
        self.regions[usize::from(number)].as_str()
    }

    pub fn known_region(&self, name: &str) -> Option<u16> {
        self.regions.iter().position(|r| r.as_str() == name).map(|at| at as u16)
    }

    pub fn is_administrator(&self, account: usize) -> bool {
        self.accounts[account].security_admin
    }

    /// An account whose findings a delegated administrator elsewhere looks after.
    pub fn is_member(&self, account: usize) -> bool {
        !self.is_administrator(account) && self.accounts.iter().any(|a| a.security_admin)
    }

    pub fn administrator(&self) -> Option<usize> {
        self.accounts.iter().position(|a| a.security_admin)
    }

    /// The account with this id.
    pub fn account(&self, id: &str) -> Option<usize> {
        self.accounts.iter().position(|a| a.id.as_str() == id)
    }

    /// The account's position as rows keep it.
    fn account_number(account: usize) -> u16 {
        account as u16
    }

    pub fn iam(&self) -> &Iam {
        &self.iam
    }

    /// IAM as it was before its last `changes` changes, or as far back as is known.
    pub fn iam_before(&self, changes: usize) -> &Iam {
        self.past_iam.before(changes).unwrap_or(&self.iam)
    }

    /// IAM as it decides about a call at `now`: a change takes its time.
    pub fn iam_in_force(&self, now: i64) -> &Iam {
        self.past_iam.in_force(now).unwrap_or(&self.iam)
    }

    /// The organization as it decides about a call at `now`.
    pub fn organization_in_force(&self, now: i64) -> Option<&Organization> {
        self.past_organization.in_force(now).or(self.organization.as_ref())
    }

    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// What CloudTrail has recorded.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// `None` where no account is a management account.
    pub fn organization(&self) -> Option<&Organization> {
        self.organization.as_ref()
    }

    /// Documents ready for comparing.
    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    pub fn trails(&self) -> &[Trail] {
        &self.trails
    }

    fn change_iam(&mut self, entry: &Entry, change: &Change, at: i64) {
        let account = self.account(&entry.account);
        if let Some(next) = account.and_then(|a| self.iam.after(a, change, at)) {
            self.past_iam.push(std::mem::replace(&mut self.iam, next), at);
            self.judged.iam = true;
        }
    }

    /// Brings a call's change into force, if it made one, and records the call.
    pub fn apply(&mut self, mut entry: Entry) {
        // Before the change: the call may have deleted the key that signed it.
        let iam = self.past_iam.in_force(entry.at.as_millisecond()).unwrap_or(&self.iam);
        self.history.meet(&entry, iam, &self.sessions);
        if let Some(account) = self.account(&entry.account) {
            self.reports.heard(account, &entry);
        }
        let change = entry.change.take();
        if let Some(change) = &change {
            self.judge(entry.at.as_millisecond());
            self.change(&entry, change);
        }
        let Some(account) = self.account(&entry.account).filter(|_| !entry.untold) else { return };
        // A session of another account's role is an event there too.
        let other = match &change {
            Some(Change::Session(session)) if session.account != entry.account => {
                self.account(&session.account)
            }
            _ => None,
        };
        self.history.record(account, other, entry);
    }

    fn change(&mut self, entry: &Entry, change: &Change) {
        let at = entry.at.as_millisecond();
        match change {
            Change::Archive { ids } => self.set_archived(&entry.region, ids, Some(at)),
            Change::Unarchive { ids } => self.set_archived(&entry.region, ids, None),
            Change::Samples { types } => self.add_samples(entry, types, at),
            Change::Feedback { ids, useful } => self.set_feedback(&entry.region, ids, *useful),
            Change::Detector { .. } | Change::Hub { .. } => self.change_service(entry, change, at),
            Change::HubImport { findings } => self.import(entry, findings, at),
            Change::HubUpdate { targets, fields } => self.update_hub(targets, fields),
            Change::AccessKeyStatus { .. }
            | Change::CreateAccessKey { .. }
            | Change::DeleteAccessKey { .. }
            | Change::PutInline { .. }
            | Change::DeleteInline { .. }
            | Change::Boundary { .. }
            | Change::Trust { .. }
            | Change::Tag { .. }
            | Change::Untag { .. }
            | Change::AttachPolicy { .. }
            | Change::DetachPolicy { .. }
            | Change::PolicyVersion { .. }
            | Change::DefaultPolicyVersion { .. }
            | Change::DeletePolicyVersion { .. }
            | Change::CreateLogin { .. }
            | Change::DeleteLogin { .. } => self.change_iam(entry, change, at),
            Change::CredentialReport => {
                if let Some(number) = self.account(&entry.account) {
                    let (home, account) = (self.iam.home(number), &self.accounts[number]);
                    let content = iam::credential_report(home, account, self.start);
                    self.reports.begin_credentials(number, at, content);
                }
            }
            Change::LastAccessed { job, arn, by, actions } => {
                if let Some(account) = self.account(&entry.account) {
                    self.reports.begin_job(job, at, account, arn, by, *actions);
                }
            }
            Change::Organization(act) => {
                if let Some(organization) = &mut self.organization {
                    if self.past_organization.matters() {
                        self.past_organization.push(organization.clone(), at);
                    }
                    organization.apply(act);
                    self.judged.organization = true;
                }
            }
            Change::Session(session) => self.sessions.add(session),
            Change::Logging { trail, on } => {
                for trail in self.trails.iter_mut().filter(|t| t.arn == *trail) {
                    trail.set_logging(*on, at);
                }
            }
            Change::EventSelectors { trail, selectors } => {
                for trail in self.trails.iter_mut().filter(|t| t.arn == *trail) {
                    trail.selectors = selectors.clone();
                }
            }
        }
    }
}

impl World {
    /// GuardDuty or Security Hub of the caller's account, in the Region that was called.
    fn change_service(&mut self, entry: &Entry, change: &Change, at: i64) {
        let (Some(account), Ok(region)) = (self.account(&entry.account), entry.region.parse())
        else {
            return;
        };
        match change {
            Change::Detector { created, enable, frequency } => {
                let wish = Wish { enable: *enable, frequency: frequency.as_deref() };
                match created {
                    Some(id) => self.add_detector(account, &region, id, &wish, at),
                    None => self.set_detector(account, &region, &wish, at),
                }
            }
            Change::Hub { on } => self.set_hub(account, &region, *on, at),
            _ => {}
        }
    }
}

/// `2026-03-02T03:10:00.000Z`: the form of GuardDuty's and Security Hub's times.
pub fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}

/// `2026-03-02T03:10:00Z`: the form of IAM's times.
pub fn iso_seconds(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| format!("{at:.0}"))
}

/// A time of our own files in epoch milliseconds.
fn epoch(text: &str) -> i64 {
    text.parse::<Timestamp>().map_or(0, |at| at.as_millisecond())
}

/// Lays `over` on `base`: objects member by member, anything else replaced.
/// A `null` stays a `null`, since real findings have them.
pub fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(held) => merge(held, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, over) => *base = over,
    }
}
