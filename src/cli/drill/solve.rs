//! The moves of a solution, made by the engine that the console uses.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::{
    back,
    solved::{Solved, Told},
};
use crate::{
    case::{Draft, PlanSource},
    cli::{
        Output,
        act::{self, Session},
        answer,
        consent::all_answered,
        trail,
    },
    domain::{
        AccountId, OpenSession, Principal,
        event::{By, Question, Window},
    },
    drill::{self, Drill, DrillId, Ending, Event, Move, Objective, Progress, Script, Seen},
    playbook::{self, Playbook, RunState, StepState},
    range::Range,
    store::Store,
};

/// How long a step is waited for, in the world's time: policies take a while, and a code of an
/// MFA device half a minute.
const PAUSE: SignedDuration = SignedDuration::from_secs(15);
const PAUSES: usize = 40;
/// How often a move is made that AWS throttled or refused.
const ATTEMPTS: usize = 4;
/// How far back CloudTrail is searched.
const BACK: SignedDuration = SignedDuration::from_hours(26);

/// The stage at which the objectives are over.
const TAKING_BACK: &str = "take-back";

/// Somebody who plays a script.
pub struct Solver<'s> {
    pub(super) session: Session,
    pub(super) world: Range,
    pub(super) script: &'s Script,
    pub(super) id: DrillId,
    progress: Progress,
    /// When objectives were met.
    met: BTreeMap<String, Timestamp>,
    /// The session that was ended last.
    pub(super) left: Option<OpenSession>,
    /// The stage that the log has.
    stage: Option<String>,
}

impl<'s> Solver<'s> {
    pub fn new(
        session: Session,
        world: Range,
        script: &'s Script,
        id: DrillId,
        taken_up: Option<&Drill>,
    ) -> Self {
        let progress = taken_up.map(Progress::of).unwrap_or_default();
        let met = taken_up.iter().flat_map(|d| &d.met);
        let met = met.map(|met| (met.objective.clone(), met.mark.at)).collect();
        let stage = taken_up.and_then(|d| Some(d.stage.as_ref()?.0.clone()));
        Self { session, world, script, id, progress, met, left: None, stage }
    }

    pub fn now(&self) -> Timestamp {
        self.session.now()
    }

    pub fn world_start(&self) -> Timestamp {
        self.world.start()
    }

    /// Writes a record of the drill, at the world's time.
    pub fn write(&mut self, event: &Event) -> anyhow::Result<()> {
        let entry = event.entry(&self.id, self.now());
        self.session.write(entry)
    }

    /// Plays to the end; everything is on disk when it returns.
    pub fn play(mut self, output: &mut Output<'_>) -> anyhow::Result<Solved> {
        let played = self.played(output);
        // A failure of ours leaves no session open, and a log that ends.
        self.leave("the drill's command ended", output);
        let mut played = played;
        if let Ok(solved) = &mut played {
            self.judge(solved)?;
        }
        if let Ok(Solved { signal: None, result, why, .. }) = &played {
            let event = Event::Ended { result: *result, why: why.clone() };
            self.write(&event)?;
        }
        self.session.end_log(output);
        played
    }

    /// What the evidence says counts too: the worse of both is the result.
    fn judge(&self, solved: &mut Solved) -> anyhow::Result<()> {
        let records = self.session.records()?;
        let drills = drill::fold(&records);
        let Some(mine) = drills.iter().find(|d| d.id == self.id) else { return Ok(()) };
        let verdict = drill::verdict(mine, drill::before(&drills, mine));
        let name = |f: &drill::Finding| {
            let item = f.item.map(|i| format!("item {}: ", i.number())).unwrap_or_default();
            format!("{item}{}", f.why)
        };
        let failing: Vec<String> = verdict.findings.iter().filter(|f| f.fails).map(name).collect();
        if !failing.is_empty() {
            solved.result = Ending::Failed;
            let before = std::mem::take(&mut solved.why);
            let all = Some(before).filter(|why| !why.is_empty()).into_iter().chain(failing);
            solved.why = all.collect::<Vec<_>>().join("; ");
        } else if solved.result == Ending::Passed && !verdict.findings.is_empty() {
            solved.result = Ending::PassedWithFindings;
        }
        Ok(())
    }

    fn played(&mut self, output: &mut Output<'_>) -> anyhow::Result<Solved> {
        self.session.identify(output)?;
        self.session.settle_unknown(output)?;
        self.progress.observe(Seen::Armed);
        self.before(output)?;
        let mut why = String::new();
        if self.stage.as_deref() != Some(TAKING_BACK) {
            why = self.objectives(output)?;
        }
        if self.session.ended.is_none() {
            self.write(&Event::Stage { stage: TAKING_BACK.to_owned(), value: Json::Null })?;
            let failed = back::take_back(self, output)?;
            if why.is_empty() {
                why = failed.join("; ");
            }
            self.after(output)?;
        }
        self.solved(why)
    }

    /// One objective after the other; why it went no further, if it did not.
    fn objectives(&mut self, output: &mut Output<'_>) -> anyhow::Result<String> {
        let script = self.script;
        self.record_reached(output)?;
        // Of a drill that is taken up the session went with the process that had it.
        let assumes = |o: &&Objective| o.solution.contains(&Move::Assume);
        let met = script.objectives.iter().filter(|o| self.met.contains_key(&o.id));
        if met.clone().any(|o| assumes(&o)) && self.progress.current(script).is_some() {
            self.assume(output)?;
        }
        back::restore_canary(self, output)?;
        while let Some(objective) = self.progress.current(script) {
            for step in &objective.solution {
                if let Err(why) = self.make(step, output) {
                    return Ok(format!("{}: {why:#}", objective.id));
                }
                if self.session.ended.is_some() {
                    return Ok(String::new());
                }
                self.record_reached(output)?;
            }
            if !self.wait_for(objective, output)? {
                let lacking = self.progress.lacking(objective, &self.world).len();
                let why = format!(
                    "{}: its solution was played, and {lacking} of what it waits for is not so",
                    objective.id
                );
                return Ok(why);
            }
        }
        Ok(String::new())
    }

    /// Lets the world's time pass until the objective is reached. What was not seen or done by
    /// its moves never will be.
    fn wait_for(&mut self, objective: &Objective, output: &mut Output<'_>) -> anyhow::Result<bool> {
        for _ in 0..PAUSES {
            self.record_reached(output)?;
            let script = self.script;
            if self.progress.current(script).is_none_or(|o| o.id != objective.id) {
                return Ok(true);
            }
            let lacking = self.progress.lacking(objective, &self.world);
            if !lacking.iter().all(|c| matches!(c, crate::drill::Condition::Fact(_))) {
                return Ok(false);
            }
            self.pause()?;
        }
        Ok(false)
    }

    fn record_reached(&mut self, output: &mut Output<'_>) -> anyhow::Result<()> {
        for objective in self.progress.advance(self.script, &self.world) {
            let now = self.now();
            self.write(&Event::Objective {
                objective: objective.id.clone(),
                phase: objective.phase,
                title: objective.title.clone(),
            })?;
            self.met.insert(objective.id.clone(), now);
            writeln!(output.err, "halon: {}: {}", objective.phase.name(), objective.title)?;
        }
        Ok(())
    }

    pub(super) fn pause(&self) -> anyhow::Result<()> {
        self.world.pass(PAUSE).map_err(|f| anyhow::anyhow!(f))
    }

    fn make(&mut self, step: &Move, output: &mut Output<'_>) -> anyhow::Result<()> {
        match step {
            Move::Open { finding } => {
                self.session.finding(finding)?;
                self.progress.observe(Seen::Finding(finding.clone()));
                Ok(())
            }
            Move::Search { by } => self.search(by, output),
            Move::Inspect { account, who } => self.inspect(account, who),
            Move::Run { playbook, finding, account, inputs, answers } => {
                let shipped = shipped(playbook)?;
                let finding = finding.as_deref().map(|id| self.session.finding(id)).transpose()?;
                let given = inputs.iter().filter_map(|(name, text)| {
                    let value = shipped.inputs.get(name)?.kind.parse(text).ok()?;
                    Some((name.clone(), value))
                });
                let filled = shipped.fill(&given.collect(), finding.as_deref());
                let inputs = filled.map_err(|missing| {
                    let names: Vec<String> = missing.into_iter().map(|(name, _)| name).collect();
                    answer::usage(format!("{playbook} lacks {}", names.join(", ")))
                })?;
                let of_finding = finding.and_then(|f| f.main().account.clone());
                let account = account.clone().or(of_finding);
                self.run(&shipped, inputs, account, answers, output)?;
                self.progress.observe(Seen::Ran(playbook.clone()));
                Ok(())
            }
            Move::TakeBack { playbook } => {
                let records = self.session.records()?;
                let Some(run) = back::last_run(&records, &self.id, playbook) else {
                    anyhow::bail!("{playbook} was not run: there is nothing to take back");
                };
                if let Some(why) = back::one(self, &records, &run, output)? {
                    anyhow::bail!("{playbook}: {why}");
                }
                self.progress.observe(Seen::Ran(drill::UNDO.to_owned()));
                Ok(())
            }
            Move::Assume => self.assume(output),
            Move::End => {
                self.leave("it is not needed any more", output);
                self.progress.observe(Seen::Ended(self.script.role.clone()));
                Ok(())
            }
        }
    }

    fn search(&mut self, by: &By, output: &mut Output<'_>) -> anyhow::Result<()> {
        let now = self.now();
        let from = now.checked_sub(BACK).unwrap_or(now);
        let question = Question::new(vec![by.clone()], Window::new(from, now));
        let store = Store::in_memory().map_err(|f| anyhow::anyhow!(f))?;
        let Session { context, case, .. } = &mut self.session;
        let ended = trail::ask(context, case, &question, &store, false, output)?;
        self.session.ended = self.session.ended.or(ended.and_then(|n| u8::try_from(n).ok()));
        let gaps = self.session.case.inquiry.as_ref().map(|i| i.gaps()).unwrap_or_default();
        if let Some(gap) = gaps.first() {
            anyhow::bail!("CloudTrail was not searched to its end: {}", gap.why);
        }
        self.progress.observe(Seen::Events(by.clone()));
        Ok(())
    }

    fn inspect(&mut self, account: &AccountId, who: &Principal) -> anyhow::Result<()> {
        let accounts = self.session.case.accounts();
        let Some((target, _)) = accounts.into_iter().find(|(_, known)| known == account) else {
            anyhow::bail!("nobody is signed in to {account}");
        };
        self.session.case.look_at(&target, who, true);
        self.session.look();
        let looks = &self.session.case.inspection.principals;
        match looks.get(&(target, who.clone())) {
            Some(look) if look.known.is_some() => {}
            Some(look) => match &look.fault {
                Some(fault) => anyhow::bail!("{who}: {fault}"),
                None => anyhow::bail!("{who} was not looked at"),
            },
            None => anyhow::bail!("{who} was not looked at"),
        }
        self.progress.observe(Seen::Principal(account.clone(), who.clone()));
        Ok(())
    }

    /// Becomes break-glass, with a code that the device shows and that was not spent.
    pub(super) fn assume(&mut self, output: &mut Output<'_>) -> anyhow::Result<()> {
        let role = self.script.role.clone();
        if self.session.case.glass.iter().any(|open| open.role == role) {
            self.progress.observe(Seen::Assumed(role));
            return Ok(());
        }
        let playbook = shipped("break-glass")?;
        let kind = playbook.inputs.get("role").map(|input| input.kind);
        let value = kind.and_then(|kind| kind.parse(role.as_str()).ok());
        let inputs = value.into_iter().map(|value| ("role".to_owned(), value)).collect();
        let account = Some(role.account());
        self.run(&playbook, inputs, account, &BTreeMap::new(), output)?;
        if !self.session.case.glass.iter().any(|open| open.role == role) {
            anyhow::bail!("no session of {role} is open");
        }
        self.progress.observe(Seen::Assumed(role));
        self.inside(output)
    }

    /// Ends the session, and remembers it: that its credentials are dead is proven later.
    pub(super) fn leave(&mut self, why: &str, output: &mut Output<'_>) {
        let role = &self.script.role;
        let open = self.session.case.glass.iter().find(|open| open.role == *role).cloned();
        self.left = open.or(self.left.take());
        self.session.leave(why, output);
    }

    /// Runs a playbook to its end. Where AWS throttles, or does not know yet of what was
    /// changed, it is begun anew a little later, as somebody careful does.
    fn run(
        &mut self,
        playbook: &Arc<Playbook>,
        inputs: BTreeMap<String, crate::change::Value>,
        account: Option<AccountId>,
        answers: &BTreeMap<String, bool>,
        output: &mut Output<'_>,
    ) -> anyhow::Result<()> {
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                self.pause()?;
            }
            let source =
                PlanSource::Playbook { playbook: playbook.clone(), inputs: inputs.clone() };
            let draft = self.session.plan(source, account.clone());
            match self.carry(&draft, false, answers, output)? {
                None => return Ok(()),
                Some(failed) => why = failed,
            }
            if self.session.ended.is_some() {
                return Ok(());
            }
        }
        anyhow::bail!("{}: {why}", playbook.id)
    }

    /// Carries a plan out; why it did not come to its end, if so.
    pub(super) fn carry(
        &mut self,
        draft: &Draft,
        lockouts: bool,
        answers: &BTreeMap<String, bool>,
        output: &mut Output<'_>,
    ) -> anyhow::Result<Option<String>> {
        if let Some((item, fault)) = draft.plan().and_then(|plan| plan.blocked()) {
            return Ok(Some(format!("step {}: {fault}", item.id)));
        }
        let mut flags = self.session.consents(draft, lockouts);
        let word = |yes: &bool| if *yes { "yes" } else { "no" };
        flags.answer = answers.iter().map(|(s, yes)| format!("{s}={}", word(yes))).collect();
        flags.mfa_code = self.code(draft)?;
        if let Err(why) = all_answered(&self.session, draft, &flags) {
            return Ok(Some(format!("{why:#}")));
        }
        self.session.rearm();
        let Some(run) = self.session.new_run(draft)? else {
            return Ok(Some("there is no plan".to_owned()));
        };
        let (run, refused) = self.session.carry(run, &flags, output)?;
        if refused.is_some() || run.state() == RunState::Done {
            return Ok(refused);
        }
        let failed = run.items.iter().find(|i| matches!(i.state, StepState::Failed(_)));
        Ok(Some(failed.map_or_else(|| run.state().word().to_owned(), act::line)))
    }

    /// A code for a plan that asks for one: the device's next one, where its last was spent.
    fn code(&self, draft: &Draft) -> anyhow::Result<Option<String>> {
        let assumes = |item: &playbook::Item| {
            let change = item.prepared().map(|prepared| &prepared.change.verb);
            match change {
                Some(crate::domain::Verb::AssumeRole(assume)) => assume.mfa.clone(),
                _ => None,
            }
        };
        let device = draft.plan().and_then(|plan| plan.items.iter().find_map(assumes));
        let Some(device) = device else { return Ok(None) };
        for _ in 0..ATTEMPTS {
            match self.world.mfa_code(device.as_str()) {
                Some(code) => return Ok(Some(code)),
                None => self.pause()?,
            }
        }
        anyhow::bail!("the device {device} shows no code")
    }

    fn solved(&mut self, why: String) -> anyhow::Result<Solved> {
        let now = self.world.digest().map_err(|f| anyhow::anyhow!(f))?;
        let residue = self.world.digest_at_start().differences(&now);
        let told = |o: &Objective| Told {
            id: o.id.clone(),
            phase: o.phase,
            title: o.title.clone(),
            at: self.met.get(&o.id).copied(),
        };
        let objectives: Vec<Told> = self.script.objectives.iter().map(told).collect();
        let signal = self.session.ended;
        let why = match (why.is_empty(), residue.len()) {
            (true, n) if n > 0 && signal.is_none() => {
                format!("{n} things are otherwise than at the start: {}", residue[0].what)
            }
            _ => why,
        };
        let reached = objectives.iter().all(|o| o.at.is_some());
        let result = match reached && residue.is_empty() && why.is_empty() {
            true => Ending::Passed,
            false => Ending::Failed,
        };
        let records = self.session.records()?;
        Ok(Solved {
            id: self.id.clone(),
            title: self.world.title().to_owned(),
            as_of: self.now(),
            objectives,
            runs: back::runs(&records, &self.id),
            residue,
            result,
            why,
            signal,
        })
    }
}

/// A playbook that comes with the program.
fn shipped(id: &str) -> anyhow::Result<Arc<Playbook>> {
    let text = playbook::shipped().iter().find(|(known, _)| *known == id).map(|(_, text)| *text);
    let text = text.ok_or_else(|| answer::usage(format!("there is no playbook {id}")))?;
    Ok(Arc::new(Playbook::read(id, text).map_err(answer::usage)?))
}
