//! The AWS SDK, named here and nowhere else. Questions go in as [`Query`], answers
//! come out as [`Answer`]: domain types, never the SDK's.
//!
//! Imports what is to its left. Never draws, never decides what to ask next. Clients
//! that read carry the read-only gate; the [`Writer`] takes a permit for each call, and in
//! read-only mode it does not exist.

pub mod allowed;
mod body;
mod caller;
mod client;
mod cloudtrail;
mod decode;
mod fault;
mod gate;
mod glass;
mod guardduty;
mod iam;
mod organizations;
mod paging;
mod securityhub;
mod state;
mod trace;
mod transport;
mod write;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::OnceCell;

use crate::{
    domain::{
        AccessKeyId, AccountId, Answer, Fault, FaultKind, Place, Query, RoleArn, Source, Subject,
        Target,
    },
    range::Range,
};

pub use client::{Chain, Endpoint, shown_endpoint};
pub use gate::check as gate_check;
pub use write::Writer;

/// Takes the parts of an answer as they come.
pub type Report<'r> = &'r (dyn Fn(Answer) + Send + Sync);

/// Credentials that take longer than this are none: a credential process that waits for
/// input would hang for ever.
const SIGN_IN: Duration = Duration::from_secs(20);

/// What the cloud is opened with.
#[derive(Clone, Debug)]
pub struct Settings {
    pub targets: Vec<TargetSettings>,
    /// `--endpoint-url`: for every service.
    pub endpoint_url: Option<String>,
    pub limits: Limits,
}

/// One set of credentials.
#[derive(Clone, Debug)]
pub struct TargetSettings {
    pub name: Target,
    /// A profile of the AWS configuration; without one the environment's own chain.
    pub profile: Option<String>,
    /// A role that is assumed with those credentials, and asked and acted as.
    pub role: Option<RoleArn>,
    /// In the range: whoever has this key there, instead of an operator.
    pub access_key: Option<AccessKeyId>,
}

impl TargetSettings {
    pub fn of(name: Target, profile: Option<String>) -> Self {
        Self { name, profile, role: None, access_key: None }
    }
}

/// Client-side pacing and bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Security Hub `GetFindings` a second, per account and region (AWS: 3, burst 6).
    pub securityhub_per_second: u32,
    /// CloudTrail `LookupEvents` a second, per account and region (AWS: 2).
    pub cloudtrail_per_second: u32,
    /// Pages of one list before halon stops and says so.
    pub pages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { securityhub_per_second: 3, cloudtrail_per_second: 2, pages: 10_000 }
    }
}

/// What the machine's policy lets requests go to, whatever credentials there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Only these accounts are asked for anything but who they are; everyone where not said.
    pub accounts: Option<Vec<AccountId>>,
    /// Whether requests may go to endpoints other than AWS's own.
    pub endpoints: bool,
    /// The file that says so, for the refusal.
    pub file: String,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { accounts: None, endpoints: true, file: String::new() }
    }
}

impl Bounds {
    pub fn check(&self, account: &AccountId) -> Result<(), Fault> {
        match &self.accounts {
            Some(allowed) if !allowed.contains(account) => Err(Fault::new(
                FaultKind::Refused,
                format!("{} does not allow account {account}: it is not asked", self.file),
            )
            .with_hint("whoever looks after this machine can allow it there")),
            _ => Ok(()),
        }
    }
}

/// Where requests go.
#[derive(Clone)]
pub enum World {
    /// AWS, or whatever the endpoint says.
    Aws,
    /// The range inside this process. No profile, environment or network is looked at.
    Range(Range),
}

/// Everything that can be asked of AWS. Cheap to clone.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
}

/// A target's clients, or the refusal to have any: that stays as long as the process does.
type Cell = Arc<OnceCell<Result<Arc<client::Account>, Fault>>>;

struct Inner {
    settings: Settings,
    world: World,
    /// A cell for each target: one whose credentials hang holds up nobody else.
    targets: Mutex<HashMap<Target, Cell>>,
    bounds: Bounds,
    paces: client::Paces,
    /// Targets that came to be known later.
    more: Mutex<Vec<TargetSettings>>,
    /// Open sessions of roles for emergencies: in no file, no message and no model.
    sessions: Mutex<Vec<glass::Held>>,
}

impl Cloud {
    /// Opens nothing yet: credentials and connections are made at the first question.
    pub fn new(settings: Settings, world: World) -> Self {
        Self::within(Bounds::default(), settings, world)
    }

    /// [`Cloud::new`] that goes no further than `bounds`.
    pub fn within(bounds: Bounds, settings: Settings, world: World) -> Self {
        let (targets, paces) = (Mutex::default(), client::Paces::default());
        let (more, sessions) = (Mutex::default(), Mutex::default());
        let inner = Inner { settings, world, targets, bounds, paces, more, sessions };
        Self { inner: Arc::new(inner) }
    }

    /// The range, where requests go there.
    pub fn range(&self) -> Option<&Range> {
        match &self.inner.world {
            World::Range(range) => Some(range),
            World::Aws => None,
        }
    }

    /// The way to change anything. Whoever starts halon read-only does not ask for it.
    pub fn writer(&self) -> Writer {
        Writer::new(self.clone())
    }

    /// Asks, and hands each part of the answer to `report`; the last part is final.
    /// Never panics and never hangs: every call has its timeouts.
    pub async fn ask(&self, query: &Query, report: Report<'_>) {
        let signed_out =
            |why: &Fault| matches!(why.kind, FaultKind::Expired | FaultKind::NoCredentials);
        let last = match self.answer(query, report).await {
            Ok(last) => {
                // On a later page: a gap of the list, and of the credentials all the same.
                if last.gaps().iter().any(|gap| signed_out(&gap.why)) {
                    self.forget(query.target());
                }
                last
            }
            Err(fault) => {
                if signed_out(&fault) {
                    self.forget(query.target());
                }
                Answer::Failed(fault)
            }
        };
        debug_assert!(last.is_final());
        report(last);
    }

    async fn answer(&self, query: &Query, report: Report<'_>) -> Result<Answer, Fault> {
        let account = Box::pin(self.account_told(query.target(), report)).await?;
        let reach = |place: &Place| account.reach(place);
        match query {
            Query::Caller(target) => {
                let region = account.home_region();
                let place = Place { target: target.clone(), region };
                caller::identity(&account.reach(&place), account.chain(), report).await
            }
            Query::State { place, subject: Subject::Glass(role) } => {
                let state = glass::state(self, &account, place, role, report).await?;
                Ok(Answer::State(Box::new(state)))
            }
            Query::State { place, subject } => {
                let state = state::read(&account, place, subject, report).await?;
                Ok(Answer::State(Box::new(state)))
            }
            Query::Findings { source: Source::GuardDuty, place, ask } => {
                guardduty::findings(&reach(place), ask, report).await
            }
            Query::Findings { source: Source::SecurityHub, place, ask } => {
                securityhub::findings(&reach(place), ask, report).await
            }
            Query::Reread { source: Source::GuardDuty, place, ids } => {
                guardduty::reread(&reach(place), ids, report).await
            }
            Query::Reread { source: Source::SecurityHub, place, ids } => {
                securityhub::reread(&reach(place), ids, report).await
            }
            Query::Events { place, lookup } => {
                cloudtrail::events(&reach(place), lookup, report).await
            }
            Query::Logging { place } => cloudtrail::logging(&reach(place), report).await,
            Query::Enabled { source: Source::GuardDuty, place } => {
                guardduty::enabled(&reach(place), report).await
            }
            Query::Enabled { source: Source::SecurityHub, place } => {
                securityhub::enabled(&reach(place), report).await
            }
            Query::Principal { place, who } => iam::inspected(&reach(place), who, report).await,
            Query::Authorization { place } => iam::authorization(&reach(place), report).await,
            Query::Root { place } => iam::root(&reach(place), report).await,
            Query::Organization { place } => {
                organizations::organization(&reach(place), report).await
            }
            Query::Simulate { place, simulation } => {
                iam::simulated(&reach(place), simulation, report).await
            }
            Query::Decode { place, message } => {
                decode::decoded(&reach(place), message, report).await
            }
            Query::ServicesUsed { place, arn } => {
                iam::services_used(&reach(place), arn, report).await
            }
        }
    }

    /// Where the credentials of a target came from and which region they name.
    pub async fn chain(&self, target: &Target) -> Result<Chain, Fault> {
        Ok(self.account(target).await?.chain().clone())
    }

    async fn account(&self, target: &Target) -> Result<Arc<client::Account>, Fault> {
        Box::pin(self.account_told(target, &|_| ())).await
    }

    /// A target's clients; the call that finds out whose they are, where bounds ask for it, is
    /// reported.
    async fn account_told(
        &self,
        target: &Target,
        report: Report<'_>,
    ) -> Result<Arc<client::Account>, Fault> {
        if let Some(account) = self.session(target) {
            return Ok(account);
        }
        let known = self.inner.settings.targets.iter().find(|t| t.name == *target).cloned();
        let later = || self.more().iter().find(|t| t.name == *target).cloned();
        let settings = &known.or_else(later).ok_or_else(|| {
            Fault::new(FaultKind::BadRequest, format!("no account or profile named {target}"))
        })?;
        let cell = self.targets().entry(target.clone()).or_default().clone();
        // Ten regions of one profile ask the chain (and perhaps an SSO page) once.
        let open = || async {
            let Inner { settings: all, world, paces, .. } = &*self.inner;
            let open = client::Account::open(settings, all, world, paces.clone());
            match tokio::time::timeout(SIGN_IN, open).await {
                // Boxed: the compiler lays out what it waits for apart.
                Ok(account) => Box::pin(self.bounded(target, account?, report)).await,
                Err(_) => Err(fault::credentials_hang(target)),
            }
        };
        cell.get_or_try_init(open).await.cloned()?
    }

    /// The clients, or why they may not be used; the outer error is one that may pass.
    async fn bounded(
        &self,
        target: &Target,
        account: client::Account,
        report: Report<'_>,
    ) -> Result<Result<Arc<client::Account>, Fault>, Fault> {
        let bounds = &self.inner.bounds;
        let account = if bounds.endpoints { account } else { account.aws_only() };
        if !bounds.endpoints && account.chain().endpoint.is_some() {
            let what = format!("{} allows no endpoint but AWS's own", bounds.file);
            return Ok(Err(Fault::new(FaultKind::Refused, what)));
        }
        if bounds.accounts.is_some() {
            let place = Place { target: target.clone(), region: account.home_region() };
            let id = caller::account(&account.reach(&place), report).await?;
            if let Err(refused) = bounds.check(&id) {
                return Ok(Err(refused));
            }
        }
        Ok(Ok(Arc::new(account)))
    }

    /// Makes another target known, in place of one of the same name.
    pub fn add_target(&self, target: TargetSettings) {
        self.targets().remove(&target.name);
        let mut more = self.more();
        more.retain(|known| known.name != target.name);
        more.push(target);
    }

    fn more(&self) -> std::sync::MutexGuard<'_, Vec<TargetSettings>> {
        self.inner.more.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn targets(&self) -> std::sync::MutexGuard<'_, HashMap<Target, Cell>> {
        self.inner.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops what is known of a target's credentials, so that the next question
    /// reads the whole chain again: the operator may have signed in anew.
    fn forget(&self, target: &Target) {
        self.targets().remove(target);
        // A session that expired is over.
        self.sessions().retain(|held| !held.is(target));
    }
}

impl Query {
    fn target(&self) -> &Target {
        match self {
            Query::Caller(target) => target,
            Query::Findings { place, .. }
            | Query::Reread { place, .. }
            | Query::State { place, .. }
            | Query::Events { place, .. }
            | Query::Logging { place }
            | Query::Enabled { place, .. }
            | Query::Principal { place, .. }
            | Query::Authorization { place }
            | Query::Root { place }
            | Query::Organization { place }
            | Query::Simulate { place, .. }
            | Query::Decode { place, .. }
            | Query::ServicesUsed { place, .. } => &place.target,
        }
    }
}
