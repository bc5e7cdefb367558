//! A plan being carried out: a pure state machine. [`Run::next`] says what is needed,
//! [`Run::told`] takes in what came of it; the console and the headless commands drive
//! the same one, so they leave the same records.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value as Json, json};

use super::{
    contained::Sent,
    file::Playbook,
    item::{Item, ItemKind, StepState},
    plan::{Plan, against},
    task::{Next, Outlook, Prompt, RunState, Task, Told, Unrecorded},
};
use crate::{
    audit::{Entry, Kind},
    change::{Prepared, Risk, Value},
    domain::{AccountId, Applied, Fault, FaultKind, Outcome, Query, State},
    guard::{self, Consent, Incident, Intent, Refusal, Review},
};

#[derive(Debug, PartialEq)]
enum Phase {
    /// The next item is to be entered.
    Enter,
    /// Queries of a read or check that are still to be asked.
    Reading(VecDeque<Query>),
    Asking,
    /// The state is read once more before the operator is asked.
    Looking,
    Confirming {
        changed: bool,
    },
    /// And once more before the call.
    Rechecking(Consent),
    /// Consented to and unchanged: the call is next.
    Permitted(Consent),
    Applying,
    ReadingBack,
    /// What is left is to be planned anew.
    Replanning,
    Stopped,
    Over,
}

/// The answer that a task given out is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    Recorded,
    Read,
    Applied,
    ReadBack,
}

impl Told {
    fn answers(&self) -> Awaited {
        match self {
            Told::Recorded(_) => Awaited::Recorded,
            Told::Read(_) => Awaited::Read,
            Told::Applied { .. } => Awaited::Applied,
            Told::ReadBack { .. } => Awaited::ReadBack,
        }
    }
}

#[derive(Debug)]
pub struct Run {
    pub id: String,
    pub playbook: String,
    pub title: String,
    pub incident: Incident,
    /// The run that this one takes back.
    pub undoes: Option<String>,
    pub items: Vec<Item>,
    risk: Risk,
    /// What it was planned of, where that can be done again.
    source: Option<(Arc<Playbook>, BTreeMap<String, Value>)>,
    planned_in: Option<AccountId>,
    at: usize,
    phase: Phase,
    outbox: VecDeque<Entry>,
    waiting: Option<Awaited>,
    /// Calls made so far: makes each correlation id its own.
    calls: u32,
    /// Something was sent that AWS did not refuse.
    sent: bool,
    applied: Option<Applied>,
    /// Of the call whose read-back is not written down yet.
    corr: Option<String>,
    /// Something could not be written down: nothing goes on before it is.
    blocked: Option<Fault>,
    ended: Option<RunState>,
}

impl Run {
    /// Begins a run; the first thing it does is to write that down.
    pub fn new(
        id: String,
        (playbook, sha256, title, risk): (&str, &str, &str, Risk),
        inputs: Json,
        incident: Incident,
        plan: Plan,
        undoes: Option<String>,
    ) -> Self {
        let mut run = Self {
            id,
            playbook: playbook.to_owned(),
            title: title.to_owned(),
            incident,
            undoes,
            items: plan.items,
            risk,
            source: None,
            planned_in: None,
            at: 0,
            phase: Phase::Enter,
            outbox: VecDeque::new(),
            waiting: None,
            calls: 0,
            sent: false,
            applied: None,
            corr: None,
            blocked: None,
            ended: None,
        };
        let steps: Vec<Json> = run
            .items
            .iter()
            .map(|i| json!({"id": i.id, "kind": i.kind_word(), "what": i.headline()}))
            .collect();
        let mut body = run.body();
        body.insert("incident".into(), json!(run.incident));
        body.insert("playbook".into(), json!({"id": playbook, "sha256": sha256}));
        body.insert("inputs".into(), inputs);
        body.insert("undoes".into(), json!(run.undoes));
        body.insert("steps".into(), json!(steps));
        run.record(Kind::RunStart, body);
        run
    }

    /// The item that the run is at.
    pub fn current(&self) -> Option<&Item> {
        self.items.get(self.at)
    }

    /// The account of the change that the run is at.
    pub fn account(&self) -> Option<&AccountId> {
        self.current().and_then(Item::prepared).map(|p| &p.change.account)
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn state(&self) -> RunState {
        match (&self.ended, &self.phase) {
            (Some(ended), _) => *ended,
            (None, Phase::Stopped) => RunState::Stopped,
            (None, _) if self.blocked.is_some() => RunState::Stopped,
            (None, _) => RunState::Running,
        }
    }

    /// Whether a change has been sent or is about to be, and is not settled.
    pub fn in_flight(&self) -> bool {
        matches!(self.phase, Phase::Permitted(_) | Phase::Applying | Phase::ReadingBack)
    }

    /// Whether the operator is asked for consent, or an answer.
    pub fn is_confirming(&self) -> bool {
        matches!(self.phase, Phase::Confirming { .. })
    }

    pub fn is_asking(&self) -> bool {
        self.phase == Phase::Asking
    }

    /// Whether anything may have been changed by it: something was sent, and AWS did not
    /// say that it refused it.
    pub fn has_changed(&self) -> bool {
        self.sent
    }

    /// Names the account that IAM's things were looked for in, in the record that begins
    /// the run.
    pub fn in_account(mut self, account: Option<&AccountId>) -> Self {
        if let Some(begins) = self.outbox.front_mut() {
            begins.body.insert("account".into(), json!(account));
        }
        self.planned_in = account.cloned();
        self
    }

    /// The account that IAM's things are looked for in.
    pub fn planned_in(&self) -> Option<&AccountId> {
        self.planned_in.as_ref()
    }

    /// What it is planned of again once a role is assumed.
    pub fn of(mut self, playbook: Arc<Playbook>, inputs: BTreeMap<String, Value>) -> Self {
        self.source = Some((playbook, inputs));
        self
    }

    pub fn source(&self) -> Option<&(Arc<Playbook>, BTreeMap<String, Value>)> {
        self.source.as_ref()
    }

    /// Whether something is on its way for it.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether its end was reached or decided; the record of it may still be on its way.
    pub fn ended(&self) -> bool {
        self.ended.is_some()
    }

    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over && self.outbox.is_empty() && self.waiting.is_none()
    }

    /// What is needed now. A task is given out once and answered by [`Run::told`].
    pub fn next(&mut self, outlook: Outlook<'_>) -> Next {
        loop {
            if self.waiting.is_some() {
                return Next::Wait;
            }
            if self.blocked.is_some() {
                return Next::Stopped;
            }
            if let Some(entry) = self.outbox.front() {
                self.waiting = Some(Awaited::Recorded);
                return Next::Do(Task::Record(entry.clone()));
            }
            match &mut self.phase {
                Phase::Enter => self.enter(),
                Phase::Reading(queries) => match queries.pop_front() {
                    Some(query) => return self.give(Task::Read(query)),
                    None => self.read_all(),
                },
                Phase::Asking => return Next::Ask,
                Phase::Looking | Phase::Rechecking(_) => {
                    let Some(query) = self.current_query() else { return Next::Wait };
                    return self.give(Task::Read(query));
                }
                Phase::Confirming { changed } => {
                    let changed = *changed;
                    return match self.review(outlook) {
                        Ok(review) => Next::Confirm(Prompt { review, changed }),
                        Err(refusal) => Next::Refused(refusal),
                    };
                }
                Phase::Permitted(_) => {
                    let phase = std::mem::replace(&mut self.phase, Phase::Enter);
                    let Phase::Permitted(consent) = phase else { return Next::Wait };
                    return self.apply(consent, outlook);
                }
                Phase::Applying => return Next::Wait,
                Phase::ReadingBack => {
                    let Some(ItemKind::Change { prepared, within }) =
                        self.items.get(self.at).map(|i| i.kind.clone())
                    else {
                        return Next::Wait;
                    };
                    return self.give(Task::ReadBack { prepared, within });
                }
                Phase::Replanning => return Next::Replan,
                Phase::Stopped => return Next::Stopped,
                Phase::Over => return Next::Over,
            }
        }
    }

    fn give(&mut self, task: Task) -> Next {
        self.waiting = Some(match &task {
            Task::Record(_) => Awaited::Recorded,
            Task::Read(_) => Awaited::Read,
            Task::Apply { .. } => Awaited::Applied,
            Task::ReadBack { .. } => Awaited::ReadBack,
        });
        Next::Do(task)
    }

    fn review(&self, outlook: Outlook<'_>) -> Result<Review, Refusal> {
        let prepared = self.current().and_then(Item::prepared);
        let Some(prepared) = prepared else {
            return Err(Refusal {
                why: "there is nothing to consent to".into(),
                hint: String::new(),
            });
        };
        let caller = outlook.place.caller_of(&prepared.change.account);
        let glass = &outlook.place.break_glass;
        guard::review(outlook.mode, outlook.now, prepared, self.risk, caller, glass)
    }

    fn current_query(&self) -> Option<Query> {
        let prepared = self.current()?.prepared()?;
        let place = prepared.change.place.clone();
        Some(Query::State { place, subject: prepared.facts().subject() })
    }

    /// Begins the item that the run is at, or ends the run.
    fn enter(&mut self) {
        let Some(item) = self.items.get(self.at) else { return self.end(None) };
        if item.state.is_over_for_good() {
            self.at += 1;
            return;
        }
        if let Some(why) = item.when.as_ref().and_then(|w| against(w, &self.items[..self.at])) {
            return self.finish(StepState::Skipped(why));
        }
        let item = &mut self.items[self.at];
        item.state = StepState::Running;
        match &mut item.kind {
            ItemKind::Read { queries, found, .. } | ItemKind::Check { queries, found, .. } => {
                found.clear();
                self.phase = Phase::Reading(queries.iter().cloned().collect());
            }
            ItemKind::Ask { .. } => {
                item.state = StepState::Asking;
                self.phase = Phase::Asking;
            }
            ItemKind::Note { .. } => self.finish(StepState::Done),
            ItemKind::Nothing { .. } => {
                item.said = Some("nothing to do: it was so when it was planned".to_owned());
                self.finish(StepState::Done);
            }
            ItemKind::Change { .. } => self.phase = Phase::Looking,
            ItemKind::Later { .. } => {
                item.state = StepState::Waiting;
                self.phase = Phase::Replanning;
            }
            ItemKind::Blocked { fault, .. } => {
                let fault = fault.clone();
                self.stop(fault);
            }
        }
    }

    fn read_all(&mut self) {
        let item = &mut self.items[self.at];
        item.said = match item.verdict() {
            Some((holds, why)) => Some(format!("{}: {why}", if holds { "yes" } else { "no" })),
            None => match &item.kind {
                ItemKind::Read { found, .. } if found.is_empty() => {
                    Some("nothing was found".to_owned())
                }
                _ => None,
            },
        };
        self.finish(StepState::Done);
    }

    /// Takes in what came of a task. An answer that nothing waits for says nothing.
    pub fn told(&mut self, told: Told) {
        if self.waiting != Some(told.answers()) {
            return;
        }
        self.waiting = None;
        match told {
            Told::Recorded(Ok(())) => {
                self.outbox.pop_front();
            }
            // Nothing goes on before it is written down; a retry writes it first.
            Told::Recorded(Err(fault)) => self.blocked = Some(fault),
            // A read that was on its way when the run was ended.
            _ if self.ended.is_some() => {}
            Told::Read(state) => self.read(*state),
            Told::Applied { result, unrecorded } => self.applied(result, unrecorded),
            Told::ReadBack { state, reads } => self.read_back(*state, reads),
        }
    }

    fn read(&mut self, state: Result<State, Fault>) {
        let state = match state {
            Ok(state) => state,
            Err(fault) => return self.stop(fault),
        };
        match std::mem::replace(&mut self.phase, Phase::Enter) {
            Phase::Reading(queries) => {
                let item = &mut self.items[self.at];
                if let ItemKind::Read { queries: all, found, .. }
                | ItemKind::Check { queries: all, found, .. } = &mut item.kind
                {
                    let asked = all.get(found.len());
                    if let Some(Query::State { place, .. }) = asked {
                        found.push((place.clone(), state));
                    }
                }
                self.phase = Phase::Reading(queries);
            }
            Phase::Looking => self.looked(state, None),
            Phase::Rechecking(consent) => self.looked(state, Some(consent)),
            other => self.phase = other,
        }
    }

    /// The state just before the operator is asked, or just before the call.
    fn looked(&mut self, state: State, consent: Option<Consent>) {
        let item = &mut self.items[self.at];
        let ItemKind::Change { prepared, .. } = &mut item.kind else { return };
        if prepared.holds(&state) {
            item.said = Some("nothing to do: it is so already".to_owned());
            return self.finish(StepState::Done);
        }
        let untouched = prepared.untouched(&state);
        prepared.before = state;
        self.phase = match consent.filter(|_| untouched) {
            Some(consent) => Phase::Permitted(consent),
            None => {
                item.state = StepState::Asking;
                Phase::Confirming { changed: !untouched }
            }
        };
    }

    /// The call with its consent.
    fn apply(&mut self, consent: Consent, outlook: Outlook<'_>) -> Next {
        let Some(prepared) = self.current().and_then(Item::prepared).cloned() else {
            return Next::Wait;
        };
        self.calls += 1;
        let step = self.items[self.at].id.clone();
        let intent = Intent {
            prepared,
            incident: self.incident.clone(),
            run: self.id.clone(),
            corr: format!("{}.{step}.{}", self.id, self.calls),
            step,
            undoes: self.undoes.clone(),
        };
        self.items[self.at].state = StepState::Running;
        self.items[self.at].sent = Some(Sent { at: outlook.now, there: None });
        self.phase = Phase::Applying;
        self.corr = Some(intent.corr.clone());
        self.give(Task::Apply { intent: Box::new(intent), consent, mode: outlook.mode.clone() })
    }

    fn applied(&mut self, result: Result<Applied, Fault>, unrecorded: Option<Box<Unrecorded>>) {
        let applied = match result {
            Ok(applied) => applied,
            // No permit was given: nothing was sent.
            Err(fault) => {
                self.items[self.at].sent = None;
                return self.stop(fault);
            }
        };
        if let Some(unrecorded) = unrecorded {
            self.outbox.push_back(unrecorded.entry);
            self.blocked = Some(unrecorded.fault);
        }
        self.sent |= applied.attempts > 0 && !matches!(applied.outcome, Outcome::Refused(_));
        let item = &mut self.items[self.at];
        item.request_id = applied.request_id.clone();
        match &mut item.sent {
            Some(sent) if applied.attempts > 0 => sent.there = applied.server_time,
            sent => *sent = None,
        }
        match &applied.outcome {
            // Somebody else may have done it, or an earlier attempt of ours did.
            Outcome::Refused(fault) if fault.kind != FaultKind::NotFound => {
                let fault = fault.clone();
                self.stop(fault);
            }
            _ => self.phase = Phase::ReadingBack,
        }
        self.applied = Some(applied);
    }

    fn read_back(&mut self, state: Result<State, Fault>, reads: u32) {
        let Some(prepared) = self.current().and_then(Item::prepared) else { return };
        let holds = state.as_ref().is_ok_and(|state| prepared.holds(state));
        let outcome = self.applied.take().map(|a| a.outcome);
        let end = match (holds, outcome) {
            (true, Some(Outcome::Partial(_) | Outcome::Accepted | Outcome::Unknown(_)) | None) => {
                StepState::Done
            }
            (true, Some(Outcome::Refused(_))) => {
                self.items[self.at].said = Some("it was so already (verified)".to_owned());
                StepState::Done
            }
            (false, Some(Outcome::Refused(fault))) => StepState::Failed(fault),
            (false, Some(Outcome::Partial(those))) => StepState::Failed(
                Fault::new(FaultKind::Service, "AWS did a part of it only; not done")
                    .with_cause(&those.join("; ")),
            ),
            (false, Some(Outcome::Unknown(fault))) => StepState::Unknown(format!(
                "sent once, not answered, and not seen in {reads} reads: {}",
                fault.what
            )),
            (false, Some(Outcome::Accepted) | None) => StepState::Unconfirmed(match &state {
                Ok(_) => format!("AWS accepted it; {reads} reads still showed the old state"),
                Err(fault) => format!("AWS accepted it; it could not be read back: {}", fault.what),
            }),
        };
        let word = match (holds, &state, &end) {
            (true, ..) => "done",
            (false, Ok(_), StepState::Failed(_)) => "not_done",
            (false, Ok(_), _) => "unconfirmed",
            (false, Err(_), _) => "unreadable",
        };
        let mut body = self.body();
        body.insert("step".into(), json!(self.items[self.at].id));
        body.insert("state".into(), json!(word));
        body.insert("reads".into(), json!(reads));
        body.insert("after".into(), json!(state.as_ref().ok()));
        let corr = self.corr.take();
        self.outbox.push_back(Entry { kind: Kind::Readback, corr, body });
        match end {
            StepState::Failed(fault) => self.stop(fault),
            end => self.finish(end),
        }
    }

    /// The operator's consent to the change of the current item. One to another change,
    /// or to what this one was before, changes nothing: it is asked for again.
    pub fn consent(&mut self, consent: Consent) {
        let is_for = |p: &Prepared| consent.is_for(p);
        if let Phase::Confirming { .. } = self.phase
            && self.current().and_then(Item::prepared).is_some_and(is_for)
        {
            self.phase = Phase::Rechecking(consent);
        }
    }

    /// The operator's answer to the question of the current item.
    pub fn answer(&mut self, yes: bool) {
        if self.phase != Phase::Asking {
            return;
        }
        let item = &mut self.items[self.at];
        if let ItemKind::Ask { answer, .. } = &mut item.kind {
            *answer = Some(yes);
        }
        item.said = Some(if yes { "yes" } else { "no" }.to_owned());
        self.finish(StepState::Done);
    }

    /// Tries the step again that stopped the run, or to write down what could not be.
    pub fn retry(&mut self) {
        if !self.may_decide() {
            return;
        }
        self.blocked = None;
        // A change that was sent is read back and not looked at anew; an end stays one.
        if matches!(self.phase, Phase::ReadingBack | Phase::Over) {
            return;
        }
        self.wait();
        let blocked = |i: &Item| matches!(i.kind, ItemKind::Blocked { .. });
        self.phase = match self.current().is_some_and(blocked) && self.source.is_some() {
            true => Phase::Replanning,
            false => Phase::Enter,
        };
    }

    /// What is left, planned anew. The steps that are behind stay as they are; no consent was
    /// given to any of the new ones.
    pub fn replanned(&mut self, plan: Plan) {
        if self.phase != Phase::Replanning {
            return;
        }
        self.items.truncate(self.at);
        let step = |id: &str| id.split('#').next().unwrap_or(id).to_owned();
        let done: Vec<String> = self.items.iter().map(|i| step(&i.id)).collect();
        let behind = plan.items.iter().rposition(|i| done.contains(&step(&i.id)));
        let rest = plan.items.into_iter().skip(behind.map_or(0, |at| at + 1));
        self.items.extend(rest);
        let ahead = self.items.iter().skip(self.at);
        let steps: Vec<Json> = ahead
            .map(|i| json!({"id": i.id, "kind": i.kind_word(), "what": i.headline()}))
            .collect();
        let mut body = self.body();
        body.insert("text".into(), json!("what is left is planned anew"));
        body.insert("steps".into(), json!(steps));
        self.record(Kind::Note, body);
        self.phase = Phase::Enter;
    }

    /// The current item was begun, and is not any more.
    fn wait(&mut self) {
        if let Some(item) = self.items.get_mut(self.at)
            && !item.state.is_over_for_good()
        {
            item.state = StepState::Waiting;
        }
    }

    /// Leaves the step out, for a reason that is written down.
    pub fn skip(&mut self, reason: &str) {
        if self.may_decide() && self.blocked.is_none() {
            self.finish(StepState::Skipped(reason.to_owned()));
        }
    }

    /// Ends the run before its end. A change that was sent is waited for, unless the log
    /// is against it: the next start reads it back then.
    pub fn abandon(&mut self) {
        let sent = matches!(self.phase, Phase::Applying | Phase::ReadingBack);
        if self.ended.is_some() || (sent && self.blocked.is_none()) {
            return;
        }
        if sent {
            let why = "sent, and its outcome could not be written down; not read back";
            self.items[self.at].state = StepState::Unknown(why.to_owned());
        } else if self.current().is_some_and(|i| i.state == StepState::Running) {
            self.wait();
        }
        self.blocked = None;
        if self.waiting == Some(Awaited::Read) {
            // Nobody waits for what only reads.
            self.waiting = None;
        }
        self.end(Some(RunState::Abandoned));
    }

    /// The outcome that could not be written down yet, as it would be.
    pub fn unrecorded(&self) -> Option<&Entry> {
        self.outbox.iter().find(|entry| entry.kind == Kind::Outcome)
    }

    /// Whether the operator may retry or skip: something failed, or is being asked.
    pub fn may_decide(&self) -> bool {
        self.waiting.is_none()
            && (self.blocked.is_some()
                || matches!(self.phase, Phase::Stopped | Phase::Asking | Phase::Confirming { .. }))
    }

    /// Why nothing goes on, where the audit log or a step is against it.
    pub fn trouble(&self) -> Option<&Fault> {
        self.blocked.as_ref().or(match self.current().map(|i| &i.state) {
            Some(StepState::Failed(fault)) => Some(fault),
            _ => None,
        })
    }

    /// Takes up a run from what the log says of its steps (id, state, answer). Changes
    /// are not taken from it: whether they are done was read anew. `calls` were made by
    /// it so far, and the ids of those are taken.
    pub fn resume(&mut self, steps: &[(String, String, Option<bool>)], calls: u32) {
        self.outbox.clear();
        self.calls = calls;
        for (id, state, said) in steps {
            let Some(item) = self.items.iter_mut().find(|i| i.id == *id) else { continue };
            match (&mut item.kind, state.as_str()) {
                (_, "skipped") => {
                    item.state =
                        StepState::Skipped("skipped before the run was taken up".to_owned());
                }
                (ItemKind::Ask { answer, .. }, "done") => {
                    *answer = *said;
                    item.state = StepState::Done;
                }
                (ItemKind::Note { .. }, "done") => item.state = StepState::Done,
                _ => {}
            }
        }
        let mut body = self.body();
        body.insert("text".into(), json!("the run is taken up again"));
        self.record(Kind::Note, body);
    }

    /// The current step is over; the next one is entered.
    fn finish(&mut self, state: StepState) {
        let assumed = self.items[self.at].is_to_assume() && state == StepState::Done;
        self.items[self.at].state = state;
        self.write_step();
        self.at += 1;
        let more = self.at < self.items.len() && self.source.is_some();
        self.phase = if assumed && more { Phase::Replanning } else { Phase::Enter };
    }

    /// The current step failed; the operator decides.
    fn stop(&mut self, fault: Fault) {
        self.items[self.at].state = StepState::Failed(fault);
        self.write_step();
        self.phase = Phase::Stopped;
    }

    fn end(&mut self, forced: Option<RunState>) {
        let whole = |i: &Item| matches!(i.state, StepState::Done | StepState::Skipped(_));
        let state = forced.unwrap_or(if self.items.iter().all(whole) {
            RunState::Done
        } else {
            RunState::Incomplete
        });
        self.ended = Some(state);
        let mut body = self.body();
        body.insert("state".into(), json!(state.word()));
        self.record(Kind::RunEnd, body);
        self.phase = Phase::Over;
    }

    fn write_step(&mut self) {
        let item = &self.items[self.at];
        let mut body = self.body();
        body.insert("step".into(), json!(item.id));
        body.insert("what".into(), json!(item.headline()));
        body.insert("step_kind".into(), json!(item.kind_word()));
        body.insert("state".into(), json!(item.state.word()));
        body.insert("why".into(), json!(item.state.detail().or_else(|| item.said.clone())));
        match &item.kind {
            ItemKind::Ask { answer, .. } => {
                body.insert("answer".into(), json!(answer));
            }
            ItemKind::Read { found, .. } | ItemKind::Check { found, .. } => {
                body.insert("found".into(), json!(found));
            }
            _ => {}
        }
        self.record(Kind::Step, body);
    }

    fn body(&self) -> Map<String, Json> {
        let mut body = Map::new();
        body.insert("incident".into(), json!(self.incident.id));
        body.insert("run".into(), json!(self.id));
        body
    }

    fn record(&mut self, kind: Kind, body: Map<String, Json>) {
        self.outbox.push_back(Entry { kind, corr: None, body });
    }
}
