//! Plans and runs without a screen: the same engine as the console's, with flags for
//! answers. Nothing prompts; what is missing is named.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::{
    Output,
    answer::{self, Code, write_json},
    args::{ConsentArgs, Global},
    consent::{answered, consent, incident},
    context::{self, Context},
};
use crate::{
    audit::{self, Entry, Kind, Record},
    case::{Case, Draft, Filter, Intervals, Load, PlanSource},
    domain::{
        AccountId, Fault, FaultKind,
        finding::Finding,
        untrusted::{display_in, json_ascii},
    },
    guard::{self, Arming, Ceremony, Incident, LAPSE, Mode},
    playbook::{Intended, Item, Next, Outlook, Run, RunState, StepState, Told},
    runtime::{self, Actor, By},
    ui::preflight,
};

/// How long a plan waits for its pre-flight.
const PREFLIGHT: Duration = Duration::from_secs(10);

/// A headless session: who we are is known, nothing is planned yet.
pub struct Session {
    pub context: Context,
    pub case: Case,
    pub(super) actor: Option<Actor>,
    pub(super) mode: Mode,
    /// Of the run that is taken up again.
    pub run_id: Option<String>,
    /// For how long whoever the run contains is watched after it.
    pub watch: Option<SignedDuration>,
    /// Sessions of break-glass outlast the run that began them.
    pub keeps_glass: bool,
    /// The signal that ended the run.
    pub ended: Option<u8>,
    pub(super) tasks: tokio::runtime::Runtime,
}

impl Session {
    /// Looks at AWS, changes nothing.
    pub fn looking(global: &Global) -> anyhow::Result<Session> {
        let context = Context::new(global, context::config(global).map_err(answer::usage)?)?;
        Self::looking_in(context, global)
    }

    fn looking_in(context: Context, global: &Global) -> anyhow::Result<Session> {
        let intervals = Intervals { watch: context.config.intervals.watch, ..Intervals::once() };
        let case = context.case(&Filter::default(), intervals);
        let mode = if global.read_only { Mode::ReadOnly } else { Mode::Safe };
        let tasks = runtime::tasks()?;
        Ok(Session {
            context,
            case,
            actor: None,
            mode,
            run_id: None,
            watch: None,
            keeps_glass: false,
            ended: None,
            tasks,
        })
    }

    /// Armed for an incident, with the audit log to write to.
    pub fn armed(global: &Global, consent: &ConsentArgs) -> anyhow::Result<Session> {
        let incident = incident(global, consent)?;
        let mut session = Self::looking(global)?;
        if let Some(name) = &session.context.unmeant {
            return Err(answer::refused(format!(
                "{name} sends requests elsewhere: it serves reading only; give the same URL as --endpoint-url to change anything"
            )));
        }
        let actor = session.context.actor(global)?;
        if consent.new_log {
            session.tasks.block_on(actor.audit.begin_new()).map_err(|f| answer::refused(&f))?;
        }
        session.actor = Some(actor);
        let lapse = session.context.config.lapse.unwrap_or(LAPSE);
        session.mode = Mode::Armed(Arming::new(incident, session.now(), lapse));
        Ok(session)
    }

    /// In a world of the range that a drill has for itself, armed for the drill.
    pub fn drilling(
        global: &Global,
        context: Context,
        incident: Incident,
    ) -> anyhow::Result<Session> {
        let mut session = Self::looking_in(context, global)?;
        session.actor = Some(session.context.actor(global)?);
        session.keeps_glass = true;
        let lapse = session.context.config.lapse.unwrap_or(LAPSE);
        let arming = Arming::new(incident, session.now(), lapse).drill(None);
        session.mode = Mode::Armed(arming);
        Ok(session)
    }

    pub fn now(&self) -> Timestamp {
        (self.context.clock)()
    }

    /// Asks who we are, everywhere.
    pub fn identify(&mut self, output: &mut Output<'_>) -> anyhow::Result<()> {
        let Session { case, context, tasks, .. } = self;
        tasks.block_on(runtime::identify(case, &context.cloud, &context.clock));
        let mut first = None;
        for load in case.callers.values() {
            if let Load::Failed(fault) = load {
                writeln!(output.err, "halon: {fault}")?;
                first.get_or_insert(fault.clone());
            }
        }
        match first {
            Some(fault) if !case.callers.values().any(|l| matches!(l, Load::Ready(_))) => {
                Err(answer::aws(&fault))
            }
            _ => Ok(()),
        }
    }

    /// Makes a plan: reads until nothing is missing, and then whether its calls would be
    /// allowed, as far as that is answered soon.
    pub fn plan(&mut self, source: PlanSource, account: Option<AccountId>) -> Draft {
        let place = self.case.place(account);
        let Session { case, context, tasks, .. } = self;
        case.draft = Some(Draft::new(source, place));
        case.preflight.is_held = true;
        tasks.block_on(runtime::draft(case, &context.cloud, &context.clock));
        case.preflight.is_held = false;
        tasks.block_on(runtime::preflight(case, &context.cloud, &context.clock, PREFLIGHT));
        case.draft.take().expect("INVARIANT: put there above, and taken by nobody")
    }

    /// Reads one finding by its id.
    pub fn finding(&mut self, id: &str) -> anyhow::Result<Arc<Finding>> {
        self.case.seek(id);
        let Session { case, context, tasks, .. } = self;
        tasks.block_on(runtime::draft(case, &context.cloud, &context.clock));
        let found = case.finding(id).cloned();
        found.ok_or_else(|| answer::usage(format!("no finding {} was found", display_in(id, 80))))
    }

    /// The run of a plan, under a new id or that of the run taken up again.
    pub fn new_run(&self, draft: &Draft) -> anyhow::Result<Option<Run>> {
        let Mode::Armed(arming) = &self.mode else { return Ok(None) };
        let session = self.actor.as_ref().map_or("", |a| a.audit.session());
        let new = || self.case.run_id(self.now(), session);
        let id = self.run_id.clone().unwrap_or_else(new);
        Ok(draft.run(id, arming.incident.clone()))
    }

    /// The records of the audit log.
    pub fn records(&self) -> anyhow::Result<Vec<Record>> {
        match &self.context.audit {
            Some(path) if path.exists() => audit::read(path).map_err(|r| answer::refused(&r)),
            _ => Ok(Vec::new()),
        }
    }

    fn by(&self, account: Option<&AccountId>) -> By {
        By { mode: self.mode.name(), caller_arn: self.case.caller_arn(account) }
    }

    /// Changes of which nobody knows what became of them: named, and read back.
    pub fn settle_unknown(&mut self, output: &mut Output<'_>) -> anyhow::Result<()> {
        let unknown = Intended::unknown(&self.records()?).map_err(|f| answer::refused(&f))?;
        let Some(actor) = &self.actor else { return Ok(()) };
        for mut intended in unknown {
            let call = intended.prepared.call();
            let target = display_in(&intended.prepared.facts().target(), 60);
            let (run, step, at) = (&intended.run, &intended.step, intended.at);
            let begun = format!("{call} {target}, run {run} step {step}, begun {at}");
            remark(output, format_args!("unknown outcome: {begun}"));
            let account = intended.prepared.change.account.clone();
            let place = self.case.place(None);
            let Some(at) = place.accounts.iter().find(|a| a.caller.account == account) else {
                remark(output, format_args!("no credentials for {account}: not read back"));
                continue;
            };
            intended.prepared.change.place.target = at.target.clone();
            let by = self.by(Some(&account));
            let said = self.tasks.block_on(actor.settle(&intended, by, &|_| ()));
            let said = said.map_err(|f| answer::refused(&f))?;
            remark(output, format_args!("read back: {said}"));
        }
        Ok(())
    }

    /// Carries out a run to its end, answers from the flags. Everything it did is on disk
    /// when it returns. A signal to end ends it between two tasks.
    pub fn carry_out(
        &mut self,
        run: Run,
        flags: &ConsentArgs,
        output: &mut Output<'_>,
    ) -> anyhow::Result<(Run, Option<String>)> {
        let carried = self.carry(run, flags, output)?;
        self.end_log(output);
        Ok(carried)
    }

    /// The same, and the log goes on.
    pub(super) fn carry(
        &mut self,
        run: Run,
        flags: &ConsentArgs,
        output: &mut Output<'_>,
    ) -> anyhow::Result<(Run, Option<String>)> {
        let Some(actor) = self.actor.clone() else {
            return Err(answer::refused("nothing can be changed in this mode"));
        };
        let mut ending = {
            let _context = self.tasks.enter();
            runtime::Ending::listen()?
        };
        let incident = run.incident.clone();
        let armed = Entry::new(Kind::Armed).with("incident", json!(incident));
        self.record(&actor, armed)?;
        let (run, refused) = self.drive(&actor, run, flags, &mut ending, output);
        if !self.keeps_glass {
            self.end_glass(&actor, "the command ended", output);
        }
        let why = self.why_ended();
        let disarmed =
            Entry::new(Kind::Disarmed).with("incident", json!(incident.id)).with("why", why);
        // The run is over: what is lost here is no change.
        if let Err(e) = self.record(&actor, disarmed) {
            remark(output, &e);
        }
        if let Some(outcome) = run.unrecorded() {
            remark(output, "a change was sent and its outcome could not be written down:");
            remark(output, json_ascii(&outcome.to_json().to_string()));
            remark(output, "keep that line; the next start reads the change back");
        }
        Ok((run, refused))
    }

    fn why_ended(&self) -> &'static str {
        match self.ended {
            Some(_) => "a signal ended the command",
            None => "the command ended",
        }
    }

    /// Ends the session in the log; its last hash is there to be kept.
    pub(super) fn end_log(&mut self, output: &mut Output<'_>) {
        let Some(actor) = self.actor.clone() else { return };
        match self.tasks.block_on(actor.audit.end(self.why_ended())) {
            Some(Ok(head)) => remark(output, format_args!("audit head {head}")),
            Some(Err(fault)) => remark(output, &fault),
            None => {}
        }
    }

    /// Writes a record that is about no change.
    pub(super) fn write(&mut self, entry: Entry) -> anyhow::Result<()> {
        let Some(actor) = self.actor.clone() else {
            return Err(answer::refused("nothing is written in this mode"));
        };
        self.record(&actor, entry)
    }

    /// Armed for as long again: in a world whose time was let pass.
    pub(super) fn rearm(&mut self) {
        let now = self.now();
        if let Mode::Armed(arming) = &mut self.mode {
            arming.last_change = now;
        }
    }

    /// Asks what the case was told to look at, to the end.
    pub(super) fn look(&mut self) {
        let Session { case, context, tasks, .. } = self;
        tasks.block_on(runtime::draft(case, &context.cloud, &context.clock));
    }

    /// Ends every break-glass session now.
    pub(super) fn leave(&mut self, why: &str, output: &mut Output<'_>) {
        if let Some(actor) = self.actor.clone() {
            self.end_glass(&actor, why, output);
        }
    }

    /// Flags that consent to every change of a plan in the words that each asks for: a script
    /// has read them. What would lock somebody out it consents to where `lockouts` says so.
    pub(super) fn consents(&self, draft: &Draft, lockouts: bool) -> ConsentArgs {
        let mut flags = ConsentArgs { yes: true, ..ConsentArgs::default() };
        let floor = draft.playbook().map_or(crate::change::Risk::Reversible, |p| p.risk);
        for item in draft.plan().iter().flat_map(|plan| &plan.items) {
            let Some(prepared) = item.prepared() else { continue };
            let caller = draft.place.caller_of(&prepared.change.account);
            let glass = &self.case.break_glass;
            let review = guard::review(&self.mode, self.now(), prepared, floor, caller, glass);
            let words = match review.map(|review| review.ceremony) {
                Ok(Ceremony::TypeBack(words)) => words,
                Ok(Ceremony::Override(words)) if lockouts => words,
                _ => continue,
            };
            flags.confirm.push(format!("{}={words}", item.id));
        }
        flags
    }

    /// Drops the credentials of every break-glass session, and writes that down.
    fn end_glass(&mut self, actor: &Actor, why: &str, output: &mut Output<'_>) {
        let Mode::Armed(arming) = &self.mode else { return };
        let (incident, arming_is_drill) = (arming.incident.id.clone(), arming.is_drill());
        for open in self.case.glass.clone() {
            self.case.glass_ended(&open.role);
            match arming_is_drill {
                true => self.context.cloud.retire_session(&open.role),
                false => drop(self.context.cloud.end_session(&open.role)),
            }
            let entry = guard::session_ended(&open, Some(&incident), why);
            remark(
                output,
                format_args!("the break-glass session of {} was ended: {why}", open.role),
            );
            // The credentials are gone, whether or not that is written down.
            if let Err(e) = self.record(actor, entry) {
                remark(output, &e);
            }
        }
    }

    fn record(&self, actor: &Actor, entry: Entry) -> anyhow::Result<()> {
        self.tasks.block_on(actor.record(self.by(None), entry)).map_err(|f| answer::refused(&f))
    }

    fn drive(
        &mut self,
        actor: &Actor,
        mut run: Run,
        flags: &ConsentArgs,
        ending: &mut runtime::Ending,
        output: &mut Output<'_>,
    ) -> (Run, Option<String>) {
        let mut refused = None;
        let mut said = 0;
        loop {
            let place = self.case.place(None);
            let now = (self.context.clock)();
            let next = run.next(Outlook { mode: &self.mode, now, place: &place });
            match next {
                Next::Do(task) => {
                    let by = self.by(run.account());
                    let told = actor.perform_until(task, by, &|_| (), ending);
                    let told = self.tasks.block_on(told);
                    let sent =
                        matches!(&told, Told::Applied { result: Ok(a), .. } if a.attempts > 0);
                    self.case.glass_told(&told);
                    run.told(told);
                    if let (true, Mode::Armed(arming)) = (sent, &mut self.mode) {
                        arming.last_change = now;
                    }
                }
                Next::Ask => match run.current().and_then(|item| answered(flags, item)) {
                    Some(yes) => run.answer(yes),
                    None => {
                        refused = Some("a step asks and no --answer answers it".to_owned());
                        run.abandon();
                    }
                },
                Next::Confirm(prompt) => {
                    let consent = match (run.current(), prompt.changed) {
                        (_, true) => Err(
                            "what was there has changed since the plan: plan again, look at it, and run again"
                                .to_owned(),
                        ),
                        (Some(item), false) => consent(flags, item, &prompt.review),
                        (None, false) => Err("there is nothing to consent to".to_owned()),
                    };
                    match consent {
                        Ok(consent) => run.consent(consent),
                        Err(why) => {
                            refused = Some(why);
                            run.abandon();
                        }
                    }
                }
                Next::Refused(refusal) => {
                    refused = Some(format!("{} ({})", refusal.why, refusal.hint));
                    run.abandon();
                }
                Next::Replan => match self.case.replanned(&run) {
                    Some(plan) => run.replanned(plan),
                    None => {
                        let Session { case, context, tasks, .. } = self;
                        tasks.block_on(runtime::draft(case, &context.cloud, &context.clock));
                    }
                },
                Next::Stopped if run.ended() => break,
                Next::Stopped => {
                    self.say_why(&run, output);
                    run.abandon();
                }
                Next::Over | Next::Wait => break,
            }
            for item in run.items.iter().skip(said).take_while(|i| i.state.is_over_for_good()) {
                remark(output, line(item));
                said += 1;
            }
            if let Some(number) = self.tasks.block_on(ending.number()) {
                self.ended = u8::try_from(number).ok();
                run.abandon();
            }
        }
        (run, refused)
    }
}

impl Session {
    /// Why a role could not be assumed, where a run stopped at that.
    fn say_why(&mut self, run: &Run, output: &mut Output<'_>) {
        let now = self.now();
        // Each turn asks for what the one before found to be missing: the caller, the role, and the
        // organization from one account after the other.
        for _ in 0..=self.case.callers.len() + 2 {
            if self.case.look_into_refusals(std::slice::from_ref(run), now) {
                break;
            }
            let Session { case, context, tasks, .. } = self;
            tasks.block_on(runtime::draft(case, &context.cloud, &context.clock));
        }
        for why in self.case.why_refused(run) {
            why.lines().iter().for_each(|line| remark(output, line));
        }
    }
}

/// A remark while a run is carried out: nobody may be there to read it any more, and the
/// run is brought to its end all the same.
fn remark(output: &mut Output<'_>, what: impl std::fmt::Display) {
    let _ = writeln!(output.err, "halon: {what}");
}

pub fn blocked(item: &Item, fault: &Fault) -> anyhow::Error {
    let why = format!("step {} cannot be planned: {fault}", item.id);
    match fault.kind {
        FaultKind::BadRequest | FaultKind::NotFound => answer::usage(why),
        FaultKind::Refused => answer::refused(why),
        _ => answer::Refusal { code: Code::Aws, why }.into(),
    }
}

/// Says which steps the identity in use would be denied: nothing is kept from being tried.
pub fn warn_denied(session: &Session, draft: &Draft, output: &mut Output<'_>) {
    for item in draft.plan().iter().flat_map(|plan| &plan.items) {
        let foreseen = item.prepared().map(|prepared| session.case.foreseen(prepared));
        if let Some(why) = foreseen.and_then(preflight::denied) {
            remark(output, format_args!("step {}: {why}", item.id));
        }
    }
}

/// One step in a line.
pub fn line(item: &Item) -> String {
    let detail = item.state.detail().or_else(|| item.said.clone());
    let detail = detail.map(|d| format!(": {d}")).unwrap_or_default();
    format!("{:<11} {:<16} {}{detail}", item.state.word(), item.id, item.headline())
}

/// The run as an answer, and the exit code for it.
pub fn report(
    global: &Global,
    session: &Session,
    run: &Run,
    refused: Option<&str>,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    // What was done stays done, whether or not the answer reaches anybody.
    if let Err(e) = print(global, session, run, output) {
        remark(output, format_args!("the answer could not be written: {e}"));
    }
    if let Some(why) = refused {
        why.lines().for_each(|line| remark(output, line));
        // What was changed before it makes it a part, not a refusal.
        return Ok(if run.has_changed() { Code::Incomplete } else { Code::Refused });
    }
    Ok(code(run, output))
}

fn code(run: &Run, output: &mut Output<'_>) -> Code {
    let mut code = Code::Done;
    if let Some(fault) = run.trouble() {
        remark(output, fault);
    }
    for item in &run.items {
        code = match &item.state {
            StepState::Failed(fault) => {
                remark(output, format_args!("step {} failed: {fault}", item.id));
                let hint = "the run is taken up again by";
                remark(output, format_args!("{hint}: halon playbook resume {}", run.id));
                return match fault.kind {
                    _ if run.has_changed() => Code::Incomplete,
                    FaultKind::Refused | FaultKind::Local => Code::Refused,
                    FaultKind::BadRequest => Code::Failed,
                    _ => Code::Aws,
                };
            }
            StepState::Unknown(why) | StepState::Unconfirmed(why) => {
                remark(output, format_args!("step {} is {}: {why}", item.id, item.state.word()));
                Code::Incomplete
            }
            _ => code,
        };
    }
    match run.state() {
        RunState::Done => code,
        // The log was against it before anything was sent.
        _ if run.trouble().is_some_and(|f| f.kind == FaultKind::Local)
            && !run.has_changed()
            && code == Code::Done =>
        {
            Code::Refused
        }
        _ => Code::Incomplete,
    }
}

fn print(
    global: &Global,
    session: &Session,
    run: &Run,
    output: &mut Output<'_>,
) -> anyhow::Result<()> {
    let steps: Vec<Json> = run.items.iter().map(Item::to_json).collect();
    if global.json {
        let complete = run.state() == RunState::Done;
        let document = json!({
            "schema": "halon.run/1",
            "as_of": session.now(),
            "complete": complete,
            "incomplete": [],
            "items": [{
                "run_id": run.id,
                "playbook": run.playbook,
                "incident": run.incident.id,
                "undoes": run.undoes,
                "state": run.state().word(),
                "steps": steps,
            }],
        });
        write_json(output, &document)?;
    } else {
        writeln!(output.out, "run {} {}: {}", run.id, run.playbook, run.state().word())?;
        for item in &run.items {
            writeln!(output.out, "  {}", line(item))?;
        }
    }
    Ok(())
}
