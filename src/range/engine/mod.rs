//! The range itself: one request in, one answer out.

mod authenticate;
mod garbled;
mod history;
mod input;
mod planned;
mod record;
mod stale;
mod state;
mod truth;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use self::state::State;
pub use self::truth::{Changed, Touches};
use super::{
    clock::Clock,
    faults::FaultRule,
    journal::Journal,
    scenario::{Operator, Scenario},
};
use crate::domain::{Fault, Region};

/// The operator of every world: the example key pair of AWS's documentation.
pub const OPERATOR_KEY: (&str, &str) =
    ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

/// How long a slow answer takes.
const SLOW: std::time::Duration = std::time::Duration::from_secs(5);

/// Where a request came from: an extension that the listener puts on it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub std::net::IpAddr);

/// A simulated organization. Clones share one world.
#[derive(Clone)]
pub struct Range {
    title: Arc<str>,
    operators: Arc<[Operator]>,
    break_glass: Arc<[String]>,
    clock: Clock,
    start: Timestamp,
    began: Timestamp,
    state: Arc<Mutex<State>>,
}

/// Temporary credentials that work.
#[derive(Clone, PartialEq, Eq)]
pub struct Temporary {
    /// `ASIA…`.
    pub access_key: String,
    pub secret: String,
    pub token: String,
}

/// An answer that does not arrive as it should.
#[derive(Debug)]
pub enum Cut {
    /// The connection is lost.
    Reset,
    /// Nothing is ever answered.
    Hang,
    /// Only this many bytes of the body are sent, under the whole one's length.
    Truncated(Response<Bytes>, usize),
}

/// One line of the log: a request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// The wall clock.
    pub at: Timestamp,
    pub service: String,
    pub operation: String,
    pub region: String,
    pub access_key_id: String,
    /// HTTP status; 0 where no answer was sent.
    pub status: u16,
    pub mutating: bool,
}

/// What [`Range::set_log`] is given.
type Log = Box<dyn FnMut(&Logged) + Send>;

impl Range {
    /// Opens a world: a new one where the journal is empty, else the journal's.
    /// Fails where the journal is another scenario's or cannot be read.
    pub fn open(
        scenario: Scenario,
        clock: Clock,
        journal: Box<dyn Journal>,
    ) -> Result<Range, Fault> {
        let (title, start) = (scenario.title.as_str().into(), scenario.start);
        let operators = scenario.operators().into();
        let break_glass = scenario.break_glass().into();
        let mut state = State::new(scenario, journal);
        let began = state.begin((clock.wall)())?;
        let state = Arc::new(Mutex::new(state));
        Ok(Range { title, operators, break_glass, clock, start, began, state })
    }

    /// Adds rules to the scenario's own.
    pub fn with_faults(self, rules: Vec<FaultRule>) -> Range {
        self.lock().faults.extend(rules);
        self
    }

    /// The world's time, as every process of the world has it.
    pub fn now(&self) -> Timestamp {
        let mut state = self.lock();
        // A journal that cannot be followed is kept in mind and fails the next request.
        let _ = state.catch_up();
        let now = self.clock_ms().saturating_add(state.passed);
        Timestamp::from_millisecond(now).unwrap_or(self.start)
    }

    /// Lets time pass in the world at once, at any pace of its clock: sessions run out,
    /// codes change, events of the scenario come. Every process of the world has the same
    /// time afterwards. Refuses to go back, and fails where the journal cannot be written.
    pub fn pass(&self, by: SignedDuration) -> Result<(), Fault> {
        self.lock().pass(by, self.clock_ms())
    }

    /// The world's time at its beginning.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The wall clock when the world began: no other world of the scenario has the same.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// The scenario's title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Who works in which account: the default operator first, then each account's
    /// user with `operator = true`, in the file's order.
    pub fn operators(&self) -> Vec<Operator> {
        self.operators.to_vec()
    }

    /// The ARNs of the roles with `break_glass = true`, in the file's order.
    pub fn break_glass(&self) -> Vec<String> {
        self.break_glass.to_vec()
    }

    /// Whoever has a long-term key of the scenario, by that key.
    pub fn signer(&self, key: &str) -> Option<Operator> {
        self.lock().beginning.signer(key)
    }

    /// The credentials of a session, the scenario's own among them, by its key.
    pub fn session(&self, key: &str) -> Option<Temporary> {
        let state = self.lock();
        let (session, seed) = (state.world.sessions().get(key)?, state.world.seed);
        Some(Temporary {
            access_key: session.key.clone(),
            secret: session.secret(seed),
            token: session.token(seed),
        })
    }

    /// A code of a user's device that is good now, by the device's serial number or the user's
    /// ARN: the present one, or the next where that was spent. `None` where there is no such
    /// device, or where both were: another one comes within half a minute.
    pub fn mfa_code(&self, of: &str) -> Option<String> {
        let now = self.now().as_millisecond();
        let state = self.lock();
        let world = &state.world;
        let users = (0..world.accounts.len()).flat_map(|at| &world.iam().home(at).users);
        let mut devices = users.filter_map(|user| Some((user, user.mfa.as_ref()?)));
        let (_, device) =
            devices.find(|(user, device)| device.serial == of || user.identity.arn == of)?;
        device.code(now, world.sessions().last_spent(&device.serial))
    }

    /// Every Region in which some account has something enabled.
    pub fn regions(&self) -> Vec<Region> {
        let state = self.lock();
        let accounts = state.world.accounts.iter();
        let all: BTreeSet<Region> =
            accounts.flat_map(|a| a.guardduty.union(&a.securityhub)).cloned().collect();
        all.into_iter().collect()
    }

    /// Calls `log` once per request, after it was answered.
    pub fn set_log(&self, log: Log) {
        self.lock().log = Some(log);
    }

    /// Answers one request. The only waiting in it is that of a `slow` fault.
    pub async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Cut> {
        let wall = (self.clock.wall)();
        let (answer, slow) = self.lock().answer(&request, self.clock_ms(), wall);
        if slow {
            tokio::time::sleep(SLOW).await;
        }
        answer
    }

    /// The world's time, in epoch milliseconds, but for what was let pass.
    fn clock_ms(&self) -> i64 {
        self.clock.world(self.start, self.began)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in a handler leaves the world as it was: only `apply` changes it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
