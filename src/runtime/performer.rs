//! Performs effects in tasks of their own; what comes of them returns as messages.

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, mpsc::UnboundedSender};

use super::{
    act::Actor,
    file::write_private,
    filters::keep_filters,
    inquire::{Inquirer, News},
    playbooks,
    prober::Prober,
    profiles::aws_profiles,
    state,
    watch::WatchTold,
};
use crate::{
    app::{Effect, Msg},
    audit::{Entry, Head, Kind},
    case::{Step, Survey, Used, WatchAsk, arrange, compare, look_up, stitch},
    cloud::Cloud,
    domain::{AccountId, Fault, FaultKind, Place, event::Question, untrusted::display_in},
    model::{Judged, Remembered},
    playbook::{Intended, Task},
    policy::exempt,
    range::{Changed, Fact, Touches},
    store::{Origin, Store},
};

/// Where the store is.
#[derive(Clone, Debug)]
pub enum Local {
    Folder(PathBuf),
    /// Ends with the process.
    Memory,
}

/// The number of an inquiry, and what stops it.
type Running = (u64, Arc<Notify>);

/// The time shown and compared with: the wall clock's, or the range's.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

#[derive(Clone)]
pub struct Performer {
    cloud: Cloud,
    /// Absent where there is no folder for the audit log: nothing can be changed then.
    actor: Option<Actor>,
    /// The operator's own playbooks.
    playbooks: Option<PathBuf>,
    local: Local,
    /// Where saved filters are kept; one is written after the other.
    filters: Arc<Mutex<Option<PathBuf>>>,
    /// Opened at the first use, off the event loop; absent where it cannot be used.
    store: Arc<tokio::sync::OnceCell<Option<Store>>>,
    clock: Clock,
    messages: UnboundedSender<Msg>,
    /// Work on the store that has not ended.
    writing: Arc<Semaphore>,
    /// Tasks of runs, and records, that have not ended.
    acting: Arc<Semaphore>,
    /// The inquiry that runs, and what stops it.
    inquiry: Arc<Mutex<Option<Running>>>,
    /// Where it is kept how the console is left, and what is still to be written of that.
    state: Option<PathBuf>,
    left: Arc<Mutex<Option<Remembered>>>,
    /// Takes the place of a store that cannot be opened, for what is asked in this session.
    spare: Arc<tokio::sync::OnceCell<Option<Store>>>,
}

/// Events that a list holds at most; the rest is counted.
const LISTED: usize = 2_000;
/// Events that a principal's calls are counted in at most.
const COUNTED: usize = 20_000;
/// Parts of the chart over time.
const BARS: usize = 240;

/// More than ever wait for the store at once.
const PERMITS: u32 = 1 << 16;

/// How long a console that ends waits for the store.
const LAST_WRITES: Duration = Duration::from_secs(1);
/// And for a change on its way: its call has 20 seconds, its outcome must be written.
const LAST_CHANGE: Duration = Duration::from_secs(30);

impl Performer {
    pub fn new(cloud: Cloud, local: Local, clock: Clock, messages: UnboundedSender<Msg>) -> Self {
        let all = || Arc::new(Semaphore::new(PERMITS as usize));
        Self {
            cloud,
            actor: None,
            playbooks: None,
            filters: Arc::default(),
            local,
            store: Arc::default(),
            clock,
            messages,
            writing: all(),
            acting: all(),
            inquiry: Arc::default(),
            state: None,
            left: Arc::default(),
            spare: Arc::default(),
        }
    }

    /// With what carries out changes, and the folder of the operator's own playbooks.
    pub fn acting(self, actor: Option<Actor>, playbooks: Option<PathBuf>) -> Self {
        Self { actor, playbooks, ..self }
    }

    /// With the file that saved filters are kept in.
    pub fn keeping(self, filters: Option<PathBuf>) -> Self {
        Self { filters: Arc::new(Mutex::new(filters)), ..self }
    }

    /// With the file that it is kept in how the console is left.
    pub fn remembering(self, state: Option<PathBuf>) -> Self {
        Self { state, ..self }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Starts an effect. Those of the terminal are the event loop's own and are
    /// given back.
    pub fn perform(&self, effect: Effect) -> Option<Effect> {
        let this = self.clone();
        match effect {
            Effect::Ask(ticket, query) => {
                tokio::spawn(async move {
                    let report = |answer| this.tell(Msg::Answered(ticket, answer));
                    this.cloud.ask(&query, &report).await;
                });
            }
            Effect::Arrange { revision, findings, view } => {
                tokio::task::spawn_blocking(move || {
                    let list = Box::new(arrange(&findings, &view));
                    // Let go first: the queue copies itself while somebody looks at it.
                    drop(findings);
                    this.tell(Msg::Arranged { revision, view, list });
                });
            }
            Effect::LookUp { text, findings, survey } => {
                tokio::task::spawn_blocking(move || {
                    let found = look_up(&text, &findings, &survey);
                    drop((findings, survey));
                    this.tell(Msg::LookedUp { text, found });
                });
            }
            Effect::Survey(accounts) => {
                tokio::task::spawn_blocking(move || {
                    this.tell(Msg::Surveyed(Arc::new(Survey::new(accounts))));
                });
            }
            Effect::Analyse { role, known } => {
                tokio::task::spawn_blocking(move || {
                    let analysis = Box::new(exempt::analyse(&known.question));
                    this.tell(Msg::Analysed { role, known, analysis });
                });
            }
            Effect::FindCalls { arn, news, question } => {
                this.with_evidence(move |this, store| {
                    let found = store.search(&question, COUNTED, 1);
                    let used = found.map(|found| Arc::new(Used::of(arn.clone(), &found)));
                    this.tell(Msg::CallsFound { arn, news, used });
                });
            }
            Effect::Compare(pairs) => {
                tokio::task::spawn_blocking(move || this.tell(Msg::Compared(compare(&pairs))));
            }
            Effect::ArrangeSurvey { survey, view } => {
                tokio::task::spawn_blocking(move || {
                    let rows = survey.arrange(&view);
                    this.tell(Msg::SurveyArranged { survey, view, rows });
                });
            }
            Effect::Load => this.with_store(|this, store| {
                let loaded = match store {
                    Some(store) => store.records().and_then(|r| Ok((r, store.seen()?))),
                    None => Ok(Default::default()),
                };
                let (kept, seen) = loaded.unwrap_or_else(|fault| {
                    this.tell(Msg::Hurt(fault));
                    Default::default()
                });
                if let Some(fault) = kept.fault() {
                    this.tell(Msg::Hurt(fault));
                }
                this.tell(Msg::Loaded { records: kept.records, seen });
            }),
            Effect::Inquire { id, question, places, again } => {
                this.inquire(id, question, places, again);
            }
            Effect::Watch(ask) => this.watch(*ask),
            Effect::StopInquiry(id) => {
                let running = this.inquiry.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((_, stop)) = running.as_ref().filter(|(running, _)| *running == id) {
                    stop.notify_one();
                }
            }
            Effect::Search { serial, question } => this.with_evidence(move |this, store| {
                let found = store.search(&question, LISTED, BARS).map(Box::new);
                this.tell(Msg::EventsFound { serial, found });
            }),
            Effect::Stitch(window) => this.with_evidence(move |this, store| {
                let sessions = stitch(store, Some(window)).map(|(all, unreadable)| {
                    if unreadable > 0 {
                        this.tell(Msg::Hurt(Fault::new(
                            FaultKind::Local,
                            format!("events that cannot be read any more and are in no session: {unreadable}"),
                        )));
                    }
                    Arc::new(all)
                });
                this.tell(Msg::Stitched { window, sessions });
            }),
            Effect::Mark(marks) => this.with_evidence(move |this, store| {
                let now = this.now();
                let done = marks.iter().try_for_each(|mark| store.mark(mark, now).map(drop));
                this.tell(Msg::TimelineRead(done.and_then(|()| store.timeline(None))));
            }),
            Effect::ReadTimeline => this.with_evidence(|this, store| {
                this.tell(Msg::TimelineRead(store.timeline(None)));
            }),
            Effect::Keep(records) => this.with_store(move |this, store| {
                let now = this.now();
                this.hurt(store.map(|s| s.keep(&records, Origin::Aws, now)));
            }),
            Effect::MarkSeen(marks) => this.with_store(move |this, store| {
                this.hurt(store.map(|s| s.mark_seen(&marks)));
            }),
            Effect::KeepFilters(saved) => {
                let Ok(writing) = self.writing.clone().try_acquire_owned() else { return None };
                tokio::task::spawn_blocking(move || {
                    let order = this.filters.lock().unwrap_or_else(PoisonError::into_inner);
                    this.hurt(order.as_deref().map(|path| keep_filters(path, &saved)));
                    drop((order, writing));
                });
            }
            Effect::LoadPlaybooks => {
                tokio::task::spawn_blocking(move || {
                    this.tell(Msg::PlaybooksLoaded(playbooks::load(this.playbooks.as_deref())));
                });
            }
            Effect::CheckPlaybook(loaded) => {
                tokio::task::spawn_blocking(move || {
                    this.tell(Msg::PlaybookChecked(playbooks::unchanged(&loaded)));
                });
            }
            Effect::Arm(by, incident) => this.act_to_the_end(|this, actor| async move {
                let entry = Entry::new(Kind::Armed).with("incident", serde_json::json!(incident));
                let written = actor.record(by, entry).await;
                this.tell(Msg::Armed(incident, written));
            }),
            Effect::Record(by, entry) => {
                if let (Kind::Disarmed, Some(actor)) = (entry.kind, &self.actor) {
                    // At once, and not when it is written: what waits for the log stays undone.
                    actor.disarm();
                }
                this.act_to_the_end(|this, actor| async move {
                    this.hurt(Some(actor.record(by, entry).await));
                });
            }
            Effect::EndSession { role, by, entry } => {
                // Of a drill's session it is proven later that its credentials are dead.
                match by.mode {
                    "drill" => this.cloud.retire_session(&role),
                    _ => drop(this.cloud.end_session(&role)),
                }
                this.act_to_the_end(|this, actor| async move {
                    this.hurt(Some(actor.record(by, entry).await));
                });
            }
            Effect::Do { run, task, by } => {
                let last = matches!(task, Task::Record(_) | Task::Apply { .. });
                let work = |this: Self, actor: Actor| async move {
                    let told = actor.perform(task, by, &|call| this.tell(Msg::Called(call))).await;
                    this.tell(Msg::Did { run, told });
                };
                // A change and its record are waited for, also by a console that ends.
                if last { this.act_to_the_end(work) } else { this.act(work) }
            }
            Effect::WriteDrill { by, drill, at, event } => {
                this.act_to_the_end(move |this, actor| async move {
                    let written = actor.record(by, event.entry(&drill, at)).await;
                    this.tell(Msg::DrillWritten { at, event, written });
                });
            }
            Effect::JudgeFacts { facts, since, known } => {
                tokio::task::spawn_blocking(move || {
                    let judged = this.judged(facts, since);
                    if known.as_ref() != Some(&judged) {
                        this.tell(Msg::FactsJudged(judged));
                    }
                });
            }
            Effect::ShowDevice { serial, known } => {
                tokio::task::spawn_blocking(move || {
                    let range = this.cloud.range();
                    let shows = range.and_then(|range| range.mfa_code(serial.as_str()));
                    if shows != known {
                        this.tell(Msg::DeviceShown(shows));
                    }
                });
            }
            Effect::Probe { drilling, items, by, incident } => {
                this.act_to_the_end(|this, actor| async move {
                    let calls = |call| this.tell(Msg::Called(call));
                    let (cloud, clock) = (&this.cloud, &this.clock);
                    let prober = Prober { cloud, actor: &actor, clock, by, incident };
                    let found = prober.probe(&drilling, &items, &calls).await;
                    this.tell(Msg::Probed(found));
                });
            }
            Effect::ReadLog(undo) => this.act(|this, actor| async move {
                let read = actor.audit.records().await;
                let read = read.and_then(|r| Ok((Intended::unknown(&r)?, r)));
                this.tell(Msg::LogRead(read.map(|(unknown, records)| (records, unknown)), undo));
            }),
            Effect::VerifyLog => this.act(|this, actor| async move {
                let (said, good) = actor.audit.verified().await;
                this.tell(Msg::LogVerified(said, good));
            }),
            Effect::ProveLog(histories) => this.act(|this, actor| async move {
                let (cloud, clock) = (this.cloud.clone(), this.clock.clone());
                let calls = |call| this.tell(Msg::Called(call));
                let proof = match actor.audit.logged().await {
                    Ok(logged) => {
                        let delay = crate::case::SETTLED_AFTER;
                        super::prove(&cloud, &clock, &logged, &histories, delay, &calls).await
                    }
                    Err(fault) => Err(fault),
                };
                this.tell(Msg::LogProved(proof.map(Box::new)));
            }),
            Effect::Settle(by, unknown) => this.act(|this, actor| async move {
                let mut said = Vec::new();
                for intended in unknown {
                    let calls = |call| this.tell(Msg::Called(call));
                    let settled = actor.settle(&intended, by.clone(), &calls).await;
                    said.push(settled.unwrap_or_else(|fault| fault.to_string()));
                }
                this.tell(Msg::ReadBack(said));
            }),
            Effect::ReadProfiles => {
                tokio::task::spawn_blocking(move || this.tell(Msg::ProfilesRead(aws_profiles())));
            }
            Effect::WriteConfig { file, text } => {
                tokio::task::spawn_blocking(move || {
                    let written = write_private(&file, &text, false);
                    this.tell(Msg::ConfigWritten(written.map_err(|e| unwritten(&file, &e))));
                });
            }
            Effect::Remember(remembered) => this.remember(*remembered),
            Effect::Copy(_) | Effect::Ring(_) | Effect::Title(_) | Effect::Deafen | Effect::Suspend | Effect::Redraw | Effect::Quit => {
                return Some(effect);
            }
        }
        None
    }

    /// What is true of the range's world; of AWS's nobody knows.
    fn judged(&self, facts: Vec<Fact>, since: Timestamp) -> Judged {
        let Some(range) = self.cloud.range() else { return Judged::default() };
        let facts = facts.into_iter().map(|fact| {
            let holds = range.holds(&fact);
            (fact, holds)
        });
        let facts = facts.collect();
        // What cannot be followed any more is not known to be untouched.
        let untouched = range.changes().is_ok_and(|changes| {
            let of_drill = |c: &&Changed| c.at >= since;
            !changes.iter().filter(of_drill).any(|c| c.touches == Touches::Configuration)
        });
        Judged { facts, untouched }
    }

    /// Waits for what is being put into the store, a moment at most: what the operator
    /// marked just before leaving shall be kept.
    pub async fn settle(&self) {
        let _ = tokio::time::timeout(LAST_CHANGE, self.acting.acquire_many(PERMITS)).await;
        let _ = tokio::time::timeout(LAST_WRITES, self.writing.acquire_many(PERMITS)).await;
    }

    /// Keeps how the console is left; the last one asked for is the one that stays.
    fn remember(self, remembered: Remembered) {
        let Some(path) = self.state.clone() else { return };
        // Refused only while the console is leaving and waits for what came before.
        let Ok(writing) = self.writing.clone().try_acquire_owned() else { return };
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(remembered);
        tokio::task::spawn_blocking(move || {
            let _writing = writing;
            // Held while it is written: an earlier one cannot come after a later one.
            let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
            let written = left.take().map(|left| state::remember(&path, &left));
            self.hurt(written);
        });
    }

    /// Ends the session in the audit log, if one was begun there; gives its last hash.
    pub async fn end(&self, why: &'static str) -> Option<Result<Head, Fault>> {
        self.actor.as_ref()?.audit.end(why).await
    }

    /// Runs something that the audit log is needed for. Without a log there is nothing
    /// to read, and nothing was armed.
    fn act<T>(self, task: impl FnOnce(Self, Actor) -> T + Send + 'static)
    where
        T: Future<Output = ()> + Send + 'static,
    {
        let Some(actor) = self.actor.as_ref().map(Actor::as_of_now) else { return };
        tokio::spawn(task(self, actor));
    }

    /// [`Performer::act`] for what the console waits for when it ends.
    fn act_to_the_end<T>(self, task: impl FnOnce(Self, Actor) -> T + Send + 'static)
    where
        T: Future<Output = ()> + Send + 'static,
    {
        // Refused only while the console is leaving and waits for what came before.
        let Ok(acting) = self.acting.clone().try_acquire_owned() else { return };
        self.act(|this, actor| async move {
            let _acting = acting;
            task(this, actor).await;
        });
    }

    /// Asks for events; whatever was asked before it is stopped.
    fn inquire(self, id: u64, question: Question, places: Vec<(Place, AccountId)>, again: bool) {
        let stop = Arc::new(Notify::new());
        let before =
            self.inquiry.lock().unwrap_or_else(PoisonError::into_inner).replace((id, stop.clone()));
        if let Some((_, before)) = before {
            before.notify_one();
        }
        tokio::spawn(async move {
            let stopped = || {
                for (place, _) in &places {
                    self.tell(Msg::Inquired { id, place: place.clone(), step: Step::Cancelled });
                }
            };
            let Some(store) = self.evidence().await else { return stopped() };
            let inquirer = Inquirer { cloud: self.cloud.clone(), store, clock: self.clock.clone() };
            let tell = |news| match news {
                News::Step(place, step) => self.tell(Msg::Inquired { id, place, step }),
                News::Called(call) => self.tell(Msg::Called(call)),
                News::Hurt(fault) => self.tell(Msg::Hurt(fault)),
            };
            tokio::select! {
                () = inquirer.ask(&question, &places, again, &tell) => {}
                () = stop.notified() => stopped(),
            }
        });
    }

    /// Asks for somebody who is watched.
    fn watch(self, ask: WatchAsk) {
        tokio::spawn(async move {
            let id = ask.id;
            let told = |place: Place, gaps, found| {
                self.tell(Msg::Watched { id, place, gaps, found });
            };
            let Some(store) = self.evidence().await else {
                // Why was said when it was opened.
                let fault = Fault::new(FaultKind::Local, "there is no store to keep events in");
                ask.places.into_iter().for_each(|(p, _)| told(p, Vec::new(), Err(fault.clone())));
                return;
            };
            let inquirer = Inquirer { cloud: self.cloud.clone(), store, clock: self.clock.clone() };
            let tell = |news| match news {
                WatchTold::Place { place, gaps, found } => told(place, gaps, found),
                WatchTold::Called(call) => self.tell(Msg::Called(call)),
                WatchTold::Hurt(fault) => self.tell(Msg::Hurt(fault)),
            };
            inquirer.watch(&ask, &tell).await;
        });
    }

    /// The store, or one in memory where there is none: what AWS said is looked at all the same.
    async fn evidence(&self) -> Option<Store> {
        if let Some(store) = self.store.get_or_init(|| self.open_store()).await {
            return Some(store.clone());
        }
        let open = || async {
            match tokio::task::spawn_blocking(Store::in_memory).await {
                Ok(Ok(store)) => Some(store),
                Ok(Err(fault)) => {
                    self.tell(Msg::Hurt(fault));
                    None
                }
                // A panic in there has ended the process already.
                Err(_) => None,
            }
        };
        self.spare.get_or_init(open).await.clone()
    }

    /// Runs `act` where it may block, with the store that events are in.
    fn with_evidence(self, act: impl FnOnce(&Self, &Store) + Send + 'static) {
        // Refused only while the console is leaving and waits for what came before.
        let Ok(writing) = self.writing.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            let _writing = writing;
            let Some(store) = self.evidence().await else { return };
            let done = tokio::task::spawn_blocking(move || act(&self, &store));
            // A panic in there has ended the process already.
            let _ = done.await;
        });
    }

    fn tell(&self, msg: Msg) {
        // A receiver that is gone means that the console has ended.
        let _ = self.messages.send(msg);
    }

    fn hurt(&self, result: Option<Result<(), Fault>>) {
        if let Some(Err(fault)) = result {
            self.tell(Msg::Hurt(fault));
        }
    }

    /// Runs `act` where it may block, with the store if there is one. That it cannot
    /// be opened is said once.
    fn with_store(self, act: impl FnOnce(&Self, Option<&Store>) + Send + 'static) {
        // Refused only while the console is leaving and waits for what came before.
        let Ok(writing) = self.writing.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            let _writing = writing;
            let store = self.store.get_or_init(|| self.open_store()).await.clone();
            let done = tokio::task::spawn_blocking(move || act(&self, store.as_ref()));
            // A panic in there has ended the process already.
            let _ = done.await;
        });
    }

    async fn open_store(&self) -> Option<Store> {
        let local = self.local.clone();
        let opened = tokio::task::spawn_blocking(move || match local {
            Local::Folder(folder) => Store::open(&folder),
            Local::Memory => Store::in_memory(),
        });
        match opened.await {
            Ok(Ok(store)) => Some(store),
            Ok(Err(fault)) => {
                self.tell(Msg::Hurt(fault));
                None
            }
            Err(_) => None,
        }
    }
}

fn unwritten(file: &Path, why: &std::io::Error) -> Fault {
    let shown = display_in(&file.to_string_lossy(), 160);
    let what = match why.kind() {
        std::io::ErrorKind::AlreadyExists => "is there by now, and is not written over".to_owned(),
        _ => display_in(&why.to_string(), 120),
    };
    Fault::new(FaultKind::Local, format!("{shown}: {what}"))
}
