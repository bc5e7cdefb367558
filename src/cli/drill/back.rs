//! Taking back what a drill did, from the audit log: the last run first.

use std::collections::BTreeMap;

use super::solve::Solver;
use crate::{
    audit::{Kind, Record},
    case::PlanSource,
    cli::{Output, answer},
    domain::Verb,
    drill::{DrillId, told::CANARY},
    playbook::{Intended, done_changes},
};

/// The runs of a drill in the order in which they were begun, without those that took others
/// back.
pub fn runs(records: &[Record], drill: &DrillId) -> Vec<String> {
    let of_drill = |r: &&Record| {
        r.kind() == Some(Kind::RunStart)
            && r.incident() == Some(drill.as_str())
            && r.value["undoes"].is_null()
    };
    let mut ids: Vec<String> = Vec::new();
    for id in records.iter().filter(of_drill).filter_map(|r| r.text("run")) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// What of a run is to be taken back: a session ends by itself.
fn changes(records: &[Record], run: &str) -> anyhow::Result<Vec<Intended>> {
    let mut done = done_changes(records, run).map_err(|f| answer::refused(&f))?;
    done.retain(|change| !is_of_session(&change.prepared.change.verb));
    Ok(done)
}

fn is_of_session(verb: &Verb) -> bool {
    matches!(verb, Verb::AssumeRole(_) | Verb::EndSession { .. })
}

/// The last run of a playbook that the drill made.
pub fn last_run(records: &[Record], drill: &DrillId, playbook: &str) -> Option<String> {
    let is_it = |r: &&Record| {
        r.kind() == Some(Kind::RunStart)
            && r.incident() == Some(drill.as_str())
            && r.value["playbook"]["id"] == playbook
    };
    records.iter().rfind(is_it)?.text("run").map(str::to_owned)
}

/// Takes one run back, as break-glass where that is the only one who may. Why it could not be, if
/// so.
pub fn one(
    solver: &mut Solver<'_>,
    records: &[Record],
    run: &str,
    output: &mut Output<'_>,
) -> anyhow::Result<Option<String>> {
    let done = changes(records, run)?;
    if done.is_empty() {
        return Ok(None);
    }
    let role = solver.script.role.clone();
    let is_the_roles = |c: &Intended| c.prepared.change.account == role.account();
    let is_open = solver.session.case.glass.iter().any(|open| open.role == role);
    if done.iter().any(is_the_roles) && !is_open {
        solver.assume(output)?;
    }
    let mut why = None;
    for attempt in 0..3 {
        if attempt > 0 {
            solver.pause()?;
        }
        let source = PlanSource::Undo { run: run.to_owned(), done: done.clone() };
        let draft = solver.session.plan(source, None);
        why = solver.carry(&draft, true, &BTreeMap::new(), output)?;
        if why.is_none() || solver.session.ended.is_some() {
            break;
        }
    }
    Ok(why)
}

/// The runs that were taken back already.
fn undone(records: &[Record], drill: &DrillId) -> Vec<String> {
    let of = |kind| {
        records
            .iter()
            .filter(move |r| r.kind() == Some(kind))
            .filter(|r| r.incident() == Some(drill.as_str()))
    };
    let is_done = |back: &str| {
        of(Kind::RunEnd).any(|r| r.text("run") == Some(back) && r.text("state") == Some("done"))
    };
    of(Kind::RunStart)
        .filter(|r| r.text("run").is_some_and(is_done))
        .filter_map(|r| r.text("undoes").map(str::to_owned))
        .collect()
}

/// Takes back what a run that was broken off left on the canary: its proof begins anew.
pub fn restore_canary(solver: &mut Solver<'_>, output: &mut Output<'_>) -> anyhow::Result<()> {
    let records = solver.session.records()?;
    let Some(run) = last_run(&records, &solver.id, CANARY) else { return Ok(()) };
    if undone(&records, &solver.id).contains(&run) {
        return Ok(());
    }
    match one(solver, &records, &run, output)? {
        Some(why) => anyhow::bail!("the canary was not restored: {why}"),
        None => Ok(()),
    }
}

/// Takes every run back that is not yet. Gives a sentence for each that could not be.
pub fn take_back(solver: &mut Solver<'_>, output: &mut Output<'_>) -> anyhow::Result<Vec<String>> {
    let records = solver.session.records()?;
    let (mut failed, undone) = (Vec::new(), undone(&records, &solver.id));
    for run in runs(&records, &solver.id).into_iter().rev().filter(|run| !undone.contains(run)) {
        let why = one(solver, &records, &run, output)?;
        failed.extend(why.map(|why| format!("run {run} was not taken back: {why}")));
    }
    solver.leave("the drill is over", output);
    Ok(failed)
}
