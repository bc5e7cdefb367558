//! Carries out the tasks of runs: reads, records, and the one way to a change.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use tokio::time::{Instant, sleep};

use super::{
    audit::{Auditor, actor},
    console::Ending,
    performer::Clock,
};
use crate::{
    audit::Entry,
    change::Prepared,
    cloud::{Cloud, Writer},
    domain::{Answer, Call, Fault, FaultKind, Query, State},
    guard::{By, Consent, Intent, Mode, Permit, outcome},
    playbook::{Intended, Task, Told, Unrecorded},
};

/// First pause between two reads of a read-back; each is longer, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Does what runs ask for. Clones share the audit log.
#[derive(Clone)]
pub struct Actor {
    cloud: Cloud,
    /// Absent in read-only mode: nothing can be changed then, whoever asks.
    writer: Option<Writer>,
    pub audit: Auditor,
    clock: Clock,
    /// How often the operator has disarmed; shared by all clones.
    disarmed: Arc<AtomicU64>,
    /// And how often before this clone was made.
    since: u64,
}

/// Takes the calls made, for the command log.
pub type Calls<'c> = &'c (dyn Fn(Call) + Send + Sync);

impl Actor {
    pub fn new(cloud: Cloud, writes: bool, audit: Auditor, clock: Clock) -> Self {
        let writer = writes.then(|| cloud.writer());
        Self { cloud, writer, audit, clock, disarmed: Arc::default(), since: 0 }
    }

    /// What was begun before and is not sent yet will not be.
    pub fn disarm(&self) {
        self.disarmed.fetch_add(1, Ordering::SeqCst);
    }

    /// One that stops being able to change anything with the next [`Actor::disarm`].
    pub fn as_of_now(&self) -> Self {
        Self { since: self.disarmed.load(Ordering::SeqCst), ..self.clone() }
    }

    pub async fn perform(&self, task: Task, by: By, calls: Calls<'_>) -> Told {
        match task {
            Task::Record(entry) => Told::Recorded(self.record(by, entry).await),
            Task::Read(query) => Told::Read(Box::new(self.read(&query, calls).await)),
            Task::Apply { intent, consent, mode } => {
                self.apply(*intent, consent, mode, by, calls).await
            }
            Task::ReadBack { prepared, within } => {
                let (state, reads) = self.read_back(&prepared, within, calls).await;
                Told::ReadBack { state: Box::new(state), reads }
            }
        }
    }

    /// [`Actor::perform`], but a signal to end cuts short what only reads. A record, and
    /// a change with its outcome, are carried out all the same.
    pub async fn perform_until(
        &self,
        task: Task,
        by: By,
        calls: Calls<'_>,
        ending: &mut Ending,
    ) -> Told {
        let fault = || Fault::new(FaultKind::Local, "a signal ended halon before it was read");
        let cut = match &task {
            Task::Read(_) => Some(Told::Read(Box::new(Err(fault())))),
            Task::ReadBack { .. } => {
                Some(Told::ReadBack { state: Box::new(Err(fault())), reads: 0 })
            }
            Task::Record(_) | Task::Apply { .. } => None,
        };
        let work = self.perform(task, by, calls);
        match cut {
            None => work.await,
            Some(cut) => tokio::select! {
                biased;
                () = ending.asked() => cut,
                told = work => told,
            },
        }
    }

    pub async fn record(&self, by: By, entry: Entry) -> Result<(), Fault> {
        self.audit.append(by, entry).await.map(drop)
    }

    /// Every part of an answer. In a task of its own: the SDK's unoptimised parsers want the
    /// large stacks that worker threads have.
    pub async fn answers(&self, query: &Query) -> Vec<Answer> {
        let (cloud, query) = (self.cloud.clone(), query.clone());
        let reading = tokio::spawn(async move {
            let answers = Mutex::new(Vec::new());
            cloud.ask(&query, &|answer| locked(&answers).push(answer)).await;
            answers.into_inner().unwrap_or_default()
        });
        reading.await.unwrap_or_default()
    }

    /// One state.
    pub async fn read(&self, query: &Query, calls: Calls<'_>) -> Result<State, Fault> {
        let mut state = Err(Fault::new(FaultKind::Unreadable, "the question had no answer"));
        for answer in self.answers(query).await {
            match answer {
                Answer::Called(call) => calls(call),
                Answer::State(found) => state = Ok(*found),
                Answer::Failed(fault) => state = Err(fault),
                _ => {}
            }
        }
        state
    }

    /// Intent on disk, call, outcome on disk; the log is held all the while.
    async fn apply(
        &self,
        intent: Intent,
        consent: Consent,
        mode: Mode,
        by: By,
        calls: Calls<'_>,
    ) -> Told {
        let refused = |fault| Told::Applied { result: Err(fault), unrecorded: None };
        let Some(writer) = &self.writer else {
            let what = "read-only: for the life of this process nothing can be changed";
            return refused(Fault::new(FaultKind::Refused, what));
        };
        let (clock, disarmed, since) = (self.clock.clone(), self.disarmed.clone(), self.since);
        let held = self.audit.hold().await;
        let (for_log, by_log) = (intent.clone(), by.clone());
        let audit = self.audit.clone();
        let (held, permit) = self
            .audit
            .with(held, move |log| {
                log.set(by_log.mode, actor(by_log.caller_arn));
                log.hold()?;
                let now = clock();
                if disarmed.load(Ordering::SeqCst) != since {
                    log.release();
                    let what = "halon was disarmed before the change was sent";
                    return Err(Fault::new(FaultKind::Refused, what));
                }
                // After the wait for others: the time is when it was written.
                let permit = Permit::issue(log, &mode, now, consent, &for_log, audit.stamp());
                if permit.is_err() {
                    log.release();
                }
                permit
            })
            .await;
        let (permit, held) = match (permit, held) {
            (Ok(permit), Some(held)) => (permit, held),
            (Err(fault), _) => return refused(fault),
            (Ok(_), None) => return refused(Fault::new(FaultKind::Local, "halon is ending")),
        };
        // In a task of its own: a change that is permitted is made and waited for, whoever
        // stops listening.
        let writer = writer.clone();
        let making = tokio::spawn(async move {
            let answers = Mutex::new(Vec::new());
            let applied = writer.apply(permit, &|answer| locked(&answers).push(answer)).await;
            (applied, answers.into_inner().unwrap_or_default())
        });
        let Ok((applied, answers)) = making.await else {
            return refused(Fault::new(FaultKind::Local, "halon is ending"));
        };
        for answer in answers {
            if let Answer::Called(call) = answer {
                calls(call);
            }
        }
        let entry = outcome(&intent, &applied);
        let (kept, audit) = (entry.clone(), self.audit.clone());
        let (_, written) = self
            .audit
            .with(held, move |log| {
                let written = log.append(entry, audit.stamp()).map_err(Into::into);
                log.release();
                written
            })
            .await;
        let unrecorded = written.err().map(|fault| Box::new(Unrecorded { entry: kept, fault }));
        Told::Applied { result: Ok(applied), unrecorded }
    }

    /// Reads until the change is seen or the time is up. Never sends the change again.
    async fn read_back(
        &self,
        prepared: &Prepared,
        within: SignedDuration,
        calls: Calls<'_>,
    ) -> (Result<State, Fault>, u32) {
        let within = Duration::try_from(within).unwrap_or_default();
        let place = prepared.change.place.clone();
        let query = Query::State { place, subject: prepared.facts().subject() };
        let deadline = Instant::now() + within;
        let (mut pause, mut reads) = (FIRST_PAUSE, 0);
        loop {
            let state = self.read(&query, calls).await;
            reads += 1;
            let seen = state.as_ref().is_ok_and(|s| prepared.holds(s));
            if seen || Instant::now() + pause > deadline {
                return (state, reads);
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reads back a change of which nobody knows what became of it, and writes down what
    /// is seen. Gives the sentence for the operator.
    pub async fn settle(
        &self,
        intended: &Intended,
        by: By,
        calls: Calls<'_>,
    ) -> Result<String, Fault> {
        let state = self.read(&intended.query(), calls).await;
        let (entry, sentence) = intended.read_back(&state, super::wall_clock());
        self.record(by, entry).await?;
        Ok(sentence)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
