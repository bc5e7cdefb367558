//! The audit pane: the log as read, unknown outcomes, the way back of a run.

use super::{Effect, act};
use crate::{
    audit::Record,
    case::proof::{Grade, Proof},
    domain::{Fault, FaultKind},
    input::Command,
    model::{Model, Notice, Overlay, Page},
    playbook::Intended,
    ui::words,
};

/// The log as it is now.
pub fn read(
    model: &mut Model,
    read: Result<(Vec<Record>, Vec<Intended>), Fault>,
    undo: Option<String>,
) {
    model.undoing &= undo.is_none();
    let (records, unknown) = match read {
        Ok(read) => read,
        Err(fault) => {
            model.notice = Some(Notice::Trouble(fault));
            return;
        }
    };
    // What runs of this very process have on its way is known here.
    let own = |i: &Intended| model.case.runs.iter().any(|r| r.id == i.run && r.in_flight());
    model.ledger.unknown = unknown.into_iter().filter(|i| !own(i)).collect();
    model.ledger.records = records;
    model.ledger.read_at = Some(model.now);
    let filter = model.ledger_filter.clone();
    model.ledger.arrange(&filter);
    if let Some(run) = undo {
        act::undo(model, &run);
    }
}

/// The log was compared with CloudTrail. What does not agree is told at once.
pub fn proved(model: &mut Model, proved: Result<Box<Proof>, Fault>) {
    model.ledger.proving = false;
    let trouble = match proved {
        Ok(proof) => {
            let at = words::clock(model.now, &model.zone);
            model.ledger.proved = Some(format!("{}, at {at}", proof.words()));
            let worst = proof.findings.iter().filter(|f| f.verdict.grade() == Grade::Broken);
            let lines: Vec<String> = worst.filter_map(|f| proof.line(f)).collect();
            let more = match lines.len() {
                0 | 1 => String::new(),
                n => format!("; and {} more", n - 1),
            };
            lines.first().map(|line| {
                Fault::new(FaultKind::Local, format!("{line}{more}"))
                    .with_hint("`halon audit verify --cloudtrail` lists all of it")
            })
        }
        Err(fault) => {
            model.ledger.proved = Some("not compared with CloudTrail".to_owned());
            Some(fault)
        }
    };
    if let Some(fault) = trouble {
        model.notice = Some(Notice::Trouble(fault));
    }
}

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Open => model.overlay = Some(Overlay::Text(Page::Record, 0)),
        Command::Verify => {
            model.ledger.verified = Some("verifying …".to_owned());
            model.ledger.verifying = true;
            effects.push(Effect::VerifyLog);
        }
        Command::Prove => {
            model.ledger.proved = Some("asking CloudTrail …".to_owned());
            model.ledger.proving = true;
            effects.push(Effect::ProveLog(model.case.witnesses()));
        }
        Command::ShowRun => {
            let run = model.ledger.current().and_then(|r| r.text("run")).map(ToOwned::to_owned);
            model.ledger.run = if model.ledger.run.is_some() { None } else { run };
            let filter = model.ledger_filter.clone();
            model.ledger.arrange(&filter);
        }
        Command::Undo => {
            let run = model.ledger.current().and_then(|r| r.text("run")).map(ToOwned::to_owned);
            if let Some(run) = run {
                act::undo_soon(model, run, effects);
            }
        }
        Command::ReadBack => {
            let unknown = model.ledger.unknown.clone();
            // With the credentials that there are for each account now.
            let place = model.case.place(None);
            let at_home = unknown.into_iter().filter_map(|mut intended| {
                let account = &intended.prepared.change.account;
                let at = place.accounts.iter().find(|a| a.caller.account == *account)?;
                intended.prepared.change.place.target = at.target.clone();
                Some(intended)
            });
            let unknown: Vec<Intended> = at_home.collect();
            effects.push(Effect::Settle(act::by(model, None), unknown));
        }
        _ => {}
    }
}
