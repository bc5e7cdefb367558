//! What we know so far: the queue of findings, what every source last said, who we
//! are, and the calls made.
//!
//! Never contains requests or futures: it says what should be asked next
//! ([`Case::due`]) and takes in what was answered ([`Case::answered`]). The console
//! and the headless commands run on it alike.

mod arrange;
mod calls;
mod compare;
mod dossier;
mod draft;
mod exempt;
mod feed;
mod filter;
mod glass;
mod inquiry;
mod inspection;
mod look_up;
mod preflight;
pub mod proof;
mod queue;
pub mod refusal;
mod sessions;
mod survey;
mod timeline;
mod used;
mod watch;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    domain::{
        AccountId, Answer, Ask, Call, Fault, FaultKind, Gap, Identity, Logging, OpenSession, Place,
        Query, Region, Source, State, Status, Target, Untrusted,
        finding::{Finding, Key, Record},
        untrusted,
    },
    guard::Caller,
    playbook::{At, HowToAssume, Run, Where},
};

pub use arrange::{Arranged, Bars, Row, arrange};
pub use calls::{Calls, Logged};
pub use compare::{Compared, Pair, compare, principals, versions};
pub use dossier::{Document, Dossier, Storey, Unbound};
pub use draft::{Draft, Source as PlanSource};
pub use exempt::{Exemptible, RoleAt, Unanswerable};
pub use feed::{Condition, Feed, Intervals};
pub use filter::{Filter, Sort, View, Words};
pub use inquiry::{HISTORY, Inquiry, Progress, SETTLED_AFTER, Step, settled};
pub use inspection::{Inspection, Known, Look};
pub use look_up::{Hit, Thing, look_up};
pub use preflight::{Cause, Foreseen, Preflight, Stage, Who, Witness};
pub use queue::Queue;
pub use sessions::{Counted, Kind as SessionKind, Session, Sessions, Stitcher, Untold, stitch};
pub use survey::{
    Basis, Held, HolderKind, Holding, Seen, Sought, Survey, SurveySort, SurveyView, Surveyed, basis,
};
pub use timeline::{TimelineItem, timeline_markdown};
pub use used::{Called, Used};
pub use watch::{
    ByWhom, Over, Said, Searched, Seen as WatchedCall, Standing, Tone, Verdict, WATCHED_FOR, Watch,
    WatchAsk, WatchNews, call_line,
};

/// One question on its way. Its answers carry the same number, and are applied to
/// the case whatever is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something fetched that may be absent, on its way, or old.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load<T> {
    #[default]
    Idle,
    Loading,
    Ready(T),
    Failed(Fault),
}

/// Pause before a target that could not be identified is tried again.
const CALLER_RETRY: SignedDuration = SignedDuration::from_secs(30);

/// A finding that vanished from a filtered list is read again by id, at most this
/// many of them after one sweep.
const REREAD: usize = 500;

#[derive(Debug)]
pub struct Case {
    pub queue: Queue,
    pub feeds: BTreeMap<(Source, Place), Feed>,
    pub callers: BTreeMap<Target, Load<Identity>>,
    pub calls: Calls,
    pub ask: Ask,
    /// The target named first: whose credentials speak where no other's are meant.
    pub primary: Option<Target>,
    /// The question about events that was asked last.
    pub inquiry: Option<Inquiry>,
    /// How many questions about events were asked: an earlier one may become the present one
    /// again, and its number must not be given twice.
    inquiries: u64,
    /// Which trails record what happens, by place.
    pub logging: BTreeMap<Place, Load<Logging>>,
    /// Principals, accounts and organizations that were looked at.
    pub inspection: Inspection,
    /// The plan being made, or made and not run yet.
    pub draft: Option<Draft>,
    /// What is foreseen of the changes of plans.
    pub preflight: Preflight,
    /// The ARNs of the roles for emergencies, each of its account.
    pub break_glass: Vec<String>,
    /// How they are assumed.
    pub how: HowToAssume,
    /// Their sessions that are open.
    pub glass: Vec<OpenSession>,
    /// What is left of runs, being planned anew.
    redrafts: BTreeMap<String, Draft>,
    /// Why roles could not be assumed.
    refusals: glass::Refusals,
    /// Every run of this session, oldest first. None is ever dropped: closing whatever is
    /// on the screen loses no outcome.
    pub runs: Vec<Run>,
    /// Whoever is watched, or was; the oldest first.
    pub watches: Vec<Watch>,
    /// Watches begun so far.
    watched: u64,
    /// Runs whose end was followed by watching.
    followed: HashSet<String>,
    sources: Vec<Source>,
    /// Targets whose region is not known before their credentials are.
    unplaced: HashSet<Target>,
    /// When a target that could not be identified is tried again: the operator may
    /// have signed in meanwhile.
    retry_at: BTreeMap<Target, Timestamp>,
    intervals: Intervals,
    /// When the trails of a place are looked at again.
    logging_at: BTreeMap<Place, Timestamp>,
    /// When the last answer came.
    heard: Option<Timestamp>,
    /// Questions to be asked that no interval brings about.
    pending: Vec<Query>,
    tickets: HashMap<Ticket, Query>,
    next_ticket: u64,
}

impl Case {
    /// A case over these targets, each in its regions; nothing is asked yet. A target
    /// without regions is looked at in the region that its credentials name.
    pub fn new(
        targets: impl IntoIterator<Item = (Target, Vec<Region>)>,
        sources: Vec<Source>,
        ask: Ask,
        intervals: Intervals,
    ) -> Self {
        let mut case = Self {
            queue: Queue::default(),
            feeds: BTreeMap::new(),
            callers: BTreeMap::new(),
            sources,
            unplaced: HashSet::new(),
            retry_at: BTreeMap::new(),
            calls: Calls::default(),
            ask,
            primary: None,
            inquiry: None,
            inquiries: 0,
            logging: BTreeMap::new(),
            inspection: Inspection::default(),
            draft: None,
            preflight: Preflight::default(),
            break_glass: Vec::new(),
            how: HowToAssume::default(),
            glass: Vec::new(),
            redrafts: BTreeMap::new(),
            refusals: glass::Refusals::default(),
            heard: None,
            runs: Vec::new(),
            watches: Vec::new(),
            watched: 0,
            followed: HashSet::new(),
            intervals,
            logging_at: BTreeMap::new(),
            pending: Vec::new(),
            tickets: HashMap::new(),
            next_ticket: 1,
        };
        for (target, regions) in targets {
            case.primary.get_or_insert_with(|| target.clone());
            case.callers.insert(target.clone(), Load::Idle);
            if regions.is_empty() {
                case.unplaced.insert(target.clone());
            }
            for region in regions {
                case.look_in(Place { target: target.clone(), region });
            }
        }
        case
    }

    fn look_in(&mut self, place: Place) {
        for source in &self.sources {
            self.feeds.entry((*source, place.clone())).or_default();
        }
    }

    /// Everything that should be asked now. Each question is given out once.
    pub fn due(&mut self, now: Timestamp) -> Vec<(Ticket, Query)> {
        let mut queries = self.callers_due();
        // The old fault stays on the screen until there is something better to say.
        let ripe = self.retry_at.extract_if(.., |_, at| *at <= now);
        queries.extend(ripe.map(|(target, _)| Query::Caller(target)));
        queries.extend(self.plan_due());
        queries.extend(self.logging_due(now));
        for ((source, place), feed) in &mut self.feeds {
            if let Some(updated_since) = feed.begin(now, &self.intervals, &self.ask) {
                let ask = Ask { updated_since, ..self.ask };
                queries.push(Query::Findings { source: *source, place: place.clone(), ask });
            }
        }
        self.tickets_for(queries)
    }

    /// The trails of every place, now and then: whoever attacks an account turns them off.
    fn logging_due(&mut self, now: Timestamp) -> Vec<Query> {
        let Some(interval) = self.intervals.logging else { return Vec::new() };
        let places = self.histories().0.into_iter().map(|(place, _)| place);
        let due = |p: &Place| self.logging_at.get(p).is_none_or(|at| *at <= now);
        let due: Vec<Place> = places.filter(due).collect();
        for place in &due {
            // What was known stays until there is something newer.
            self.logging.entry(place.clone()).or_insert(Load::Loading);
        }
        self.logging_at.extend(due.iter().map(|place| (place.clone(), now + interval)));
        due.into_iter().map(|place| Query::Logging { place }).collect()
    }

    /// Who we are, where that was not asked yet.
    pub fn due_callers(&mut self) -> Vec<(Ticket, Query)> {
        let queries = self.callers_due();
        self.tickets_for(queries)
    }

    /// What the plan being made still lacks, what is to be read by id or looked at.
    pub fn due_plan(&mut self) -> Vec<(Ticket, Query)> {
        let queries = self.plan_due();
        self.tickets_for(queries)
    }

    fn callers_due(&mut self) -> Vec<Query> {
        let idle = self.callers.iter_mut().filter(|(_, load)| matches!(load, Load::Idle));
        idle.map(|(target, load)| {
            *load = Load::Loading;
            Query::Caller(target.clone())
        })
        .collect()
    }

    fn plan_due(&mut self) -> Vec<Query> {
        let mut queries = std::mem::take(&mut self.pending);
        if let Some(mut draft) = self.draft.take() {
            queries.extend(draft.due());
            self.foresee(&draft);
            self.draft = Some(draft);
        }
        queries.extend(self.redrafts.values_mut().flat_map(Draft::due));
        self.pursue();
        queries.append(&mut self.pending);
        if let Some(heard) = self.heard {
            self.judge(heard);
        }
        queries
    }

    fn tickets_for(&mut self, queries: Vec<Query>) -> Vec<(Ticket, Query)> {
        queries.into_iter().map(|query| (self.ticket(query.clone()), query)).collect()
    }

    /// Reads one finding by its id, wherever findings come from.
    pub fn seek(&mut self, id: &str) {
        let places: Vec<(Source, Place)> = self.feeds.keys().cloned().collect();
        for (source, place) in places {
            self.reread(source, &place, vec![id.into()]);
        }
    }

    /// The finding of this GuardDuty id, ARN or ASFF Id.
    pub fn finding(&self, id: &str) -> Option<&Arc<Finding>> {
        let is =
            |r: &Arc<Record>| r.id.raw() == id || r.arn.as_ref().is_some_and(|a| a.raw() == id);
        self.queue.findings().iter().find(|f| f.records().any(is))
    }

    /// Takes in a part of an answer. Parts of questions that no longer count (the
    /// filter changed meanwhile) still bring their findings.
    pub fn answered(
        &mut self,
        ticket: Ticket,
        answer: Answer,
        now: Timestamp,
    ) -> Option<Vec<Arc<Record>>> {
        let query = if answer.is_final() {
            self.tickets.remove(&ticket)
        } else {
            self.tickets.get(&ticket).cloned()
        };
        let query = query?;
        self.preflight.answered(&query, &answer, now);
        self.heard = Some(now);
        let kept = self.take_in(ticket, query, answer, now);
        self.judge(now);
        kept
    }

    fn take_in(
        &mut self,
        ticket: Ticket,
        query: Query,
        answer: Answer,
        now: Timestamp,
    ) -> Option<Vec<Arc<Record>>> {
        match answer {
            Answer::Called(call) => {
                self.called(call, now);
                None
            }
            Answer::Page { records } => {
                let records: Vec<Arc<Record>> = records.into_iter().map(Arc::new).collect();
                self.page(&query, &records, now);
                // What is left of the ids when the answer ends was not known there.
                if let Some(Query::Reread { ids, .. }) = self.tickets.get_mut(&ticket) {
                    let back: HashSet<&Untrusted> = records.iter().map(|r| &r.id).collect();
                    ids.retain(|id| !back.contains(id));
                }
                Some(records)
            }
            Answer::Identity(identity) => {
                if let Query::Caller(target) = query {
                    self.identified(target, identity, now);
                }
                None
            }
            Answer::Done { gaps } => {
                self.done(query, gaps, now);
                None
            }
            Answer::Failed(fault) => {
                self.failed(query, fault, now);
                None
            }
            Answer::State(state) => {
                self.inspection.told(&query, &state, now);
                self.drafted(&query, Ok(*state));
                None
            }
            Answer::Logging(logging) => {
                let place = logging.place.clone();
                self.logging.insert(place, Load::Ready(logging));
                None
            }
            Answer::Inspected { .. }
            | Answer::Authorization { .. }
            | Answer::Root { .. }
            | Answer::Organization { .. }
            | Answer::Simulated(_)
            | Answer::Decoded(_)
            | Answer::ServicesUsed(_) => {
                self.inspection.answered(&query, answer, now);
                None
            }
            // Pages of events are kept where they are asked for, by the inquiry.
            Answer::Events { .. } | Answer::Enabled(_) => None,
        }
    }

    /// A call for the command log.
    pub fn called(&mut self, call: Call, now: Timestamp) {
        self.calls.put(call, now);
    }

    fn drafted(&mut self, query: &Query, answer: Result<State, Fault>) {
        for draft in self.draft.iter_mut().chain(self.redrafts.values_mut()) {
            draft.answered(query, answer.clone());
        }
    }

    /// Where the changes of plans are looked for: every account signed in, and every place
    /// that findings come from.
    pub fn place(&self, account: Option<AccountId>) -> Where {
        // With a session of break-glass where one is open: that is what it was opened for.
        let session = |t: &Target| self.glass.iter().any(|open| open.target == *t);
        let (sessions, others): (Vec<_>, Vec<_>) = self.identities().partition(|(t, _)| session(t));
        let by = others.iter().find_map(|(_, load)| match load {
            Load::Ready(identity) => Some(identity.arn.raw()),
            _ => None,
        });
        let by = by.unwrap_or("halon");
        let accounts: Vec<At> = sessions
            .iter()
            .chain(&others)
            .filter_map(|(target, load)| match load {
                Load::Ready(identity) => Some(At {
                    target: (*target).clone(),
                    home: identity.region.clone().unwrap_or_else(Region::us_east_1),
                    caller: Caller {
                        account: identity.account.clone(),
                        arn: identity.arn.raw().to_owned(),
                        access_key: identity.access_key.clone(),
                    },
                }),
                _ => None,
            })
            .collect();
        let places = |source: Source| {
            self.feeds.keys().filter(|(s, _)| *s == source).map(|(_, p)| p.clone()).collect()
        };
        // The user or session name says who; the whole ARN says it to a program.
        let by = by.rsplit('/').next().unwrap_or(by);
        Where {
            break_glass: self.break_glass.clone(),
            how: self.how.clone(),
            sessions: self.glass.clone(),
            by: untrusted::display_in(by, 64),
            guardduty: places(Source::GuardDuty),
            securityhub: places(Source::SecurityHub),
            accounts,
            account,
        }
    }

    /// Every target with who it is, the primary one first.
    pub fn identities(&self) -> impl Iterator<Item = (&Target, &Load<Identity>)> {
        let first = |t: &Target| self.primary.as_ref() == Some(t);
        let (primary, others): (Vec<_>, Vec<_>) = self.callers.iter().partition(|(t, _)| first(t));
        primary.into_iter().chain(others)
    }

    /// The alias of an account that is signed in, as it is shown.
    pub fn alias(&self, account: &AccountId) -> Option<String> {
        self.callers.values().find_map(|load| match load {
            Load::Ready(identity) if identity.account == *account => {
                identity.alias.as_ref().map(|a| untrusted::display_in(a.raw(), 24))
            }
            _ => None,
        })
    }

    /// Whose credentials speak in an account; without one, the primary target's.
    pub fn caller_arn(&self, account: Option<&AccountId>) -> Option<String> {
        let is_session = |t: &Target| self.glass.iter().any(|open| open.target == *t);
        let (sessions, others): (Vec<_>, Vec<_>) =
            self.identities().partition(|(t, _)| account.is_some() && is_session(t));
        let mut known = sessions.into_iter().chain(others).filter_map(|(_, load)| match load {
            Load::Ready(identity) => Some(identity),
            _ => None,
        });
        let own = |i: &&Identity| account.is_none_or(|a| *a == i.account);
        known.find(own).map(|i| i.arn.raw().to_owned())
    }

    /// A target that is acted with and not looked at for findings.
    pub fn act_with(&mut self, target: Target) {
        self.callers.entry(target).or_default();
    }

    /// An id for the next run: the time for people, and what makes it this session's own.
    pub fn run_id(&self, now: Timestamp, session: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{session} {} {}", self.runs.len(), now.as_nanosecond()));
        let unique: String = hash.finalize()[..4].iter().map(|b| format!("{b:02x}")).collect();
        format!("{}-{unique}", now.strftime("%Y%m%d-%H%M%S"))
    }

    /// The run of this id.
    pub fn run_mut(&mut self, id: &str) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.id == id)
    }

    fn identified(&mut self, target: Target, identity: Identity, now: Timestamp) {
        let load = match &identity.region {
            Some(region) if self.unplaced.remove(&target) => {
                self.look_in(Place { target: target.clone(), region: region.clone() });
                Load::Ready(identity)
            }
            None if self.unplaced.contains(&target) => Load::Failed(
                Fault::new(FaultKind::BadRequest, format!("{target}: no region is configured"))
                    .with_hint("name one with --region, in halon.toml or in the profile"),
            ),
            _ => Load::Ready(identity),
        };
        if matches!(load, Load::Failed(_)) {
            self.retry_at.insert(target.clone(), now + CALLER_RETRY);
        }
        self.callers.insert(target, load);
    }

    fn page(&mut self, query: &Query, records: &[Arc<Record>], now: Timestamp) {
        let (Query::Findings { source, place, .. } | Query::Reread { source, place, .. }) = query
        else {
            return;
        };
        for record in records {
            self.queue.put(record.clone(), Some(place));
        }
        if matches!(query, Query::Findings { .. })
            && let Some(feed) = self.feeds.get_mut(&(*source, place.clone()))
        {
            feed.page(records, now);
        }
    }

    fn done(&mut self, query: Query, gaps: Vec<Gap>, now: Timestamp) {
        if let Query::Reread { source, place, ids } = query {
            return self.reread_done(source, &place, ids, gaps, now);
        }
        let Query::Findings { source, place, ask } = query else { return };
        let Some(feed) = self.feeds.get_mut(&(source, place.clone())) else { return };
        let current = Ask { updated_since: None, ..ask } == Ask { updated_since: None, ..self.ask };
        let whole = gaps.is_empty() && feed.is_sweep();
        let first = !feed.answered_once();
        let touched = feed.done(gaps, now, &self.intervals, source);
        if whole && current {
            self.reread_vanished(source, &place, &touched);
        }
        if whole && first {
            self.reread_kept(source, &place);
        }
        self.reread_originals();
    }

    fn failed(&mut self, query: Query, fault: Fault, now: Timestamp) {
        if let Query::Findings { place, .. } = &query
            && matches!(fault.kind, FaultKind::Expired | FaultKind::NoCredentials)
        {
            // Whoever signs in anew may be somebody else.
            self.retry_at.entry(place.target.clone()).or_insert(now);
        }
        match query {
            Query::Caller(target) => {
                self.retry_at.insert(target.clone(), now + CALLER_RETRY);
                self.callers.insert(target, Load::Failed(fault));
            }
            Query::Findings { source, place, .. } => {
                if let Some(feed) = self.feeds.get_mut(&(source, place)) {
                    feed.failed(fault, now, &self.intervals, source);
                }
            }
            Query::Reread { source, place, .. } => self.lacks(source, &place, None, fault),
            Query::State { .. } => {
                self.drafted(&query, Err(fault.clone()));
                self.inspection.failed(query, fault);
            }
            Query::Logging { place } => {
                self.logging.insert(place, Load::Failed(fault));
            }
            Query::Principal { .. }
            | Query::Authorization { .. }
            | Query::Root { .. }
            | Query::Organization { .. }
            | Query::Simulate { .. }
            | Query::Decode { .. }
            | Query::ServicesUsed { .. } => self.inspection.failed(query, fault),
            Query::Events { .. } | Query::Enabled { .. } => {}
        }
        self.reread_originals();
    }

    /// A finding known of could not be read: the list lacks its present state.
    fn lacks(&mut self, source: Source, place: &Place, page: Option<u32>, why: Fault) {
        if let Some(feed) = self.feeds.get_mut(&(source, place.clone())) {
            feed.lacks(Gap {
                source: source.into(),
                account: place.target.clone(),
                region: Some(place.region.clone()),
                page,
                why,
            });
        }
    }

    /// Ids that a whole answer did not bring are unknown to the service by now (expired,
    /// deleted): what we have of them is old, and is marked so.
    fn reread_done(
        &mut self,
        source: Source,
        place: &Place,
        ids: Vec<Untrusted>,
        gaps: Vec<Gap>,
        now: Timestamp,
    ) {
        if gaps.is_empty() {
            self.queue.not_heard(source, place, &ids, now);
        }
        for gap in gaps {
            self.lacks(source, place, gap.page, gap.why);
        }
    }

    /// After a whole list: findings that we know in the state asked for and that were not
    /// on it have changed it elsewhere (archived, resolved, downgraded, or back again).
    /// Their state is read by id.
    fn reread_vanished(&mut self, source: Source, place: &Place, touched: &HashSet<Key>) {
        let ask = self.ask;
        let in_state = |r: &Record| match ask.status {
            Status::Active => r.is_active(),
            Status::Archived => !r.is_active(),
            Status::All => true,
        };
        let gone = self.queue.records_of(source, place).filter(|r| {
            r.severity.band >= ask.at_least && in_state(r) && !touched.contains(&r.key)
        });
        let ids: Vec<Untrusted> = gone.map(|r| r.id.clone()).take(REREAD).collect();
        self.reread(source, place, ids);
    }

    /// What the store knew and the first list did not bring: once read by id, it is as
    /// fresh as the rest. What another account made stays marked as old.
    fn reread_kept(&mut self, source: Source, place: &Place) {
        let kept = self.queue.kept_of(source, &place.region).filter(|r| r.is_active());
        let ids: Vec<Untrusted> = kept.map(|r| r.id.clone()).take(REREAD).collect();
        self.reread(source, place, ids);
    }

    /// Security Hub's copies of GuardDuty findings whose original is not known yet:
    /// the original may be archived, and the row must show both states.
    fn reread_originals(&mut self) {
        let places: Vec<Place> = self
            .feeds
            .keys()
            .filter(|(source, _)| *source == Source::GuardDuty)
            .map(|(_, place)| place.clone())
            .collect();
        for place in places {
            let of = |source| self.feeds.get(&(source, place.clone()));
            let ready = [Source::GuardDuty, Source::SecurityHub].map(of);
            // Where GuardDuty itself did not answer there is nobody to ask.
            if ready[0].is_some_and(|f| f.answered_once() && !f.is_loading())
                && ready[1].is_some_and(|f| !f.is_loading())
            {
                let ids = self.queue.take_orphans(&place, REREAD);
                self.reread(Source::GuardDuty, &place, ids);
            }
        }
    }

    fn reread(&mut self, source: Source, place: &Place, ids: Vec<Untrusted>) {
        if !ids.is_empty() {
            self.pending.push(Query::Reread { source, place: place.clone(), ids });
        }
    }

    /// Begins anew with another question; what is known stays.
    pub fn ask_anew(&mut self, ask: Ask) {
        self.ask = ask;
        for feed in self.feeds.values_mut() {
            feed.restart();
        }
    }

    /// Everything at once, from the beginning: the operator pressed refresh.
    pub fn refresh(&mut self) {
        for target in self.callers.keys() {
            self.retry_at.insert(target.clone(), Timestamp::MIN);
        }
        self.logging_at.clear();
        for feed in self.feeds.values_mut() {
            feed.again();
        }
    }

    /// Nothing is on its way.
    pub fn is_idle(&self) -> bool {
        self.tickets.is_empty() && self.pending.is_empty()
    }

    /// What the list does not hold although it was asked for.
    pub fn gaps(&self) -> Vec<Gap> {
        let unplaced = self.unplaced.iter().filter_map(|target| match self.callers.get(target) {
            Some(Load::Failed(why)) => Some((target, why)),
            _ => None,
        });
        let unplaced = unplaced.flat_map(|(target, why)| {
            self.sources.iter().map(|source| Gap {
                source: (*source).into(),
                account: target.clone(),
                region: None,
                page: None,
                why: why.clone(),
            })
        });
        let feeds = self.feeds.iter().flat_map(|((source, place), feed)| feed.gaps(*source, place));
        unplaced.chain(feeds).collect()
    }

    fn ticket(&mut self, query: Query) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.tickets.insert(ticket, query);
        ticket
    }
}

/// A finding's age against the rule that a high one is looked at within a day.
pub fn overdue(finding: &Finding, now: Timestamp) -> bool {
    let main = finding.main();
    finding.is_active()
        && main.severity.band >= crate::domain::Band::High
        && main
            .first_seen
            .or(main.created_at)
            .is_some_and(|t| now.duration_since(t) > SignedDuration::from_hours(24))
}
