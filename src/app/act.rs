//! Plans and runs: from the playbook to the run, and every run a step further.

use std::collections::BTreeMap;

use serde_json::json;

use super::Effect;
use crate::{
    audit::{Entry, Kind},
    case::{Draft, PlanSource},
    domain::{AccountId, Fault, FaultKind},
    guard::{Arming, By, Incident, Mode},
    input::Command,
    model::{Form, Model, Notice, Overlay, Pane, Purpose, ShelfRow, input_fields},
    playbook::{Next, Outlook, Run, Told, done_changes},
};

/// In whose name a record is written now.
pub fn by(model: &Model, account: Option<&AccountId>) -> By {
    By { mode: model.mode.name(), caller_arn: model.case.caller_arn(account) }
}

/// The line under the cursor of the playbooks pane.
pub fn choose(model: &mut Model) {
    match model.shelf_rows().get(model.shelf.cursor) {
        Some(ShelfRow::Run(at)) => {
            model.run = model.case.runs.get(*at).map(|r| r.id.clone());
            super::panes::go(model, Pane::Run);
        }
        Some(ShelfRow::Playbook(at, _)) => ask_inputs(model, *at),
        None => {}
    }
}

/// The form of a playbook's inputs, filled in from the finding; no form where there is
/// nothing to ask.
fn ask_inputs(model: &mut Model, at: usize) {
    let loaded = &model.shelf.all[at];
    let playbook = match &loaded.playbook {
        Ok(playbook) => playbook.clone(),
        Err(broken) => {
            let lines = broken.to_string().replace('\n', "; ");
            model.notice = Some(Notice::Trouble(Fault::new(FaultKind::Local, lines)));
            return;
        }
    };
    let fields = input_fields(model, &playbook);
    // The first that is still empty is where the operator goes on.
    let at = fields.iter().position(|f| f.input.value().is_empty()).unwrap_or(0);
    if fields.is_empty() {
        return plan(model, PlanSource::Playbook { playbook, inputs: BTreeMap::new() });
    }
    let title = match model.chosen().len() {
        0 | 1 => playbook.title.clone(),
        n => format!("{} ({n} findings are picked)", playbook.title),
    };
    let purpose = Purpose::Inputs(playbook.id.clone());
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at, trouble: None }));
}

/// Begins to make a plan.
pub fn plan(model: &mut Model, source: PlanSource) {
    let account = model.chosen_account();
    // The way back goes where the changes were made, whatever is selected.
    let account = account.filter(|_| matches!(source, PlanSource::Playbook { .. }));
    let place = model.case.place(account);
    model.case.draft = Some(Draft::new(source, place));
    model.scroll = 0;
    super::panes::go(model, Pane::Plan);
}

/// The operator wants the plan to be run: an incident first, then a look at the file.
pub fn start(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.mode.armed().is_none() {
        model.start_wanted = true;
        return super::form::ask_arm(model);
    }
    let draft = model.case.draft.as_ref();
    let id = draft.and_then(|d| d.playbook()).map(|p| p.id.clone());
    let loaded = model.shelf.all.iter().find(|l| Some(&l.id) == id.as_ref()).cloned();
    model.starting = true;
    match loaded {
        Some(loaded) => effects.push(Effect::CheckPlaybook(Box::new(loaded))),
        None => checked(model, true),
    }
}

/// The playbook's file is what was planned, or not.
pub fn checked(model: &mut Model, unchanged: bool) {
    model.starting = false;
    if !unchanged {
        let what = "the playbook was edited since it was read";
        let fault =
            Fault::new(FaultKind::Refused, what).with_hint("choose it again, and plan anew");
        model.notice = Some(Notice::Trouble(fault));
        return;
    }
    let plan = model.case.draft.as_ref().and_then(|d| d.plan());
    if plan.is_none_or(|p| p.runnable().is_err()) {
        return;
    }
    let Some(incident) = model.mode.armed().map(|a| a.incident.clone()) else { return };
    let id = model.case.run_id(model.now, &model.setup.session);
    let Some(run) = model.case.draft.as_ref().and_then(|d| d.run(id.clone(), incident)) else {
        return;
    };
    model.case.draft = None;
    model.case.runs.push(run);
    model.run = Some(id);
    model.scroll = 0;
    // The plan is spent: back from the run leads past it.
    model.pane = Pane::Run;
}

/// Armed, now that it is written down.
pub fn armed(model: &mut Model, incident: Incident, written: Result<(), Fault>) {
    model.arming = false;
    match written {
        Ok(()) if model.setup.read_only => {}
        Ok(()) => {
            let mut arming = Arming::new(incident, model.now, model.setup.lapse);
            let drill = model.drilling().filter(|(_, going)| going.ended.is_none());
            if drill.is_some_and(|(_, going)| going.id.as_str() == arming.incident.id) {
                let accounts = drill.map(|(prospect, _)| prospect.begun.accounts.clone());
                arming = arming.drill(accounts.filter(|_| model.setup.range.is_none()));
            }
            model.notice = Some(Notice::Done(format!("armed for {}", arming.incident.id)));
            model.mode = Mode::Armed(arming);
        }
        Err(fault) => {
            model.starting = false;
            model.notice = Some(Notice::Trouble(fault));
        }
    }
}

/// Back to safe. Runs that wait for consent stay where they are, and are refused.
pub fn disarm(model: &mut Model, why: &str, effects: &mut Vec<Effect>) {
    let Some(arming) = model.mode.armed() else { return };
    let entry = Entry::new(Kind::Disarmed)
        .with("incident", json!(arming.incident.id))
        .with("why", json!(why));
    effects.push(Effect::Record(by(model, None), entry));
    model.mode = Mode::Safe;
    model.starting = false;
    model.notice = Some(Notice::Done(format!("disarmed: {why}")));
}

/// Armed without a change for too long lapses.
pub fn lapse(model: &mut Model, effects: &mut Vec<Effect>) {
    let busy = model.case.runs.iter().any(Run::in_flight);
    if !busy && model.mode.armed().is_some_and(|a| a.has_lapsed(model.now)) {
        disarm(model, "no change was made for too long", effects);
    }
}

/// Takes in what came of a task, whatever is on the screen.
pub fn did(model: &mut Model, id: &str, told: Told, effects: &mut Vec<Effect>) {
    if let Told::Applied { result, unrecorded } = &told {
        let sent = result.as_ref().is_ok_and(|applied| applied.attempts > 0);
        if let (true, Mode::Armed(arming)) = (sent, &mut model.mode) {
            arming.last_change = model.now;
        }
        if let (Ok(applied), Some(unrecorded)) = (result, unrecorded) {
            // It was done and cannot be written down: nothing more is done.
            let what = format!(
                "DONE AND NOT RECORDED: {} {}: {}",
                applied.outcome.word(),
                applied.request_id.clone().unwrap_or_default(),
                unrecorded.fault.what
            );
            disarm(model, "the audit log cannot be written", effects);
            model.notice = Some(Notice::Trouble(Fault::new(FaultKind::Local, what)));
        }
    }
    model.case.glass_told(&told);
    if let Some(run) = model.case.run_mut(id) {
        run.told(told);
    }
}

/// Every run a step further; gives the tasks out.
pub fn go_on(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.case.runs.iter().all(|r| r.is_over()) {
        return;
    }
    let mut runs = std::mem::take(&mut model.case.runs);
    for run in &mut runs {
        let place = model.case.place(None);
        loop {
            let outlook = Outlook { mode: &model.mode, now: model.now, place: &place };
            match run.next(outlook) {
                Next::Do(task) => {
                    // Refused before the task is made where the mode is against it.
                    let by = by(model, run.account());
                    effects.push(Effect::Do { run: run.id.clone(), task, by });
                }
                Next::Confirm(prompt) => {
                    super::confirm::open(model, run, prompt, effects);
                    break;
                }
                Next::Replan => match model.case.replanned(run) {
                    Some(plan) => run.replanned(plan),
                    // It is being read.
                    None => break,
                },
                Next::Refused(_) | Next::Ask | Next::Wait | Next::Stopped | Next::Over => break,
            }
        }
    }
    model.case.look_into_refusals(&runs, model.now);
    model.case.runs = runs;
}

/// A decision of the operator's on the run that is shown.
pub fn decide(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let Some(id) = model.run.clone() else { return };
    if command == Command::Skip {
        return super::form::ask_skip(model, &id);
    }
    let Some(run) = model.case.run_mut(&id) else { return };
    match command {
        Command::Yes => run.answer(true),
        Command::No => run.answer(false),
        Command::Retry => run.retry(),
        Command::Abandon => run.abandon(),
        Command::RollBack => {
            run.abandon();
            undo_soon(model, id, effects);
        }
        _ => {}
    }
}

/// Plans the way back of a run, as soon as the log was read for it.
pub fn undo_soon(model: &mut Model, run: String, effects: &mut Vec<Effect>) {
    model.undoing = true;
    effects.push(Effect::ReadLog(Some(run)));
}

/// Plans the way back of a run, from the log as it was just read.
pub fn undo(model: &mut Model, id: &str) {
    let done = match done_changes(&model.ledger.records, id) {
        Ok(done) => done,
        Err(fault) => {
            model.notice = Some(Notice::Trouble(fault));
            return;
        }
    };
    if done.is_empty() {
        model.notice = Some(Notice::Done(format!("run {id} changed nothing")));
        return;
    }
    plan(model, PlanSource::Undo { run: id.to_owned(), done });
}

/// Every run that is not over ends, except those whose change is on its way.
pub fn abandon_all(model: &mut Model) {
    for run in &mut model.case.runs {
        run.abandon();
    }
}
