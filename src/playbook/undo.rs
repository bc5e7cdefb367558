//! The way back of a run: from what the audit log says was done, a plan that undoes it,
//! last change first.

use super::{
    intended::Intended,
    item::{Item, ItemKind},
    plan::{Known, Plan, Planning, Where},
};
use crate::{
    audit::{Kind, Record},
    change::Prepared,
    domain::{Fault, FaultKind, Place, Query},
};

/// How long an undo is read back.
const WITHIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// The changes of a run that were made, or may have been, in the order in which they
/// were sent. What AWS refused is not among them.
pub fn done_changes(records: &[Record], run: &str) -> Result<Vec<Intended>, Fault> {
    let mut done = Vec::new();
    for (at, record) in records.iter().enumerate().filter(|(_, r)| r.kind() == Some(Kind::Intent)) {
        let records = &records[at..];
        if record.text("run") != Some(run) {
            continue;
        }
        let corr = record.corr();
        let of_it = |r: &&Record| r.corr() == corr;
        let outcome = records.iter().filter(of_it).find(|r| r.kind() == Some(Kind::Outcome));
        let readback = records.iter().filter(of_it).rfind(|r| r.kind() == Some(Kind::Readback));
        let refused = outcome.is_some_and(|o| o.result() == Some("error"));
        // What was done in part is not done as a whole, and yet there to be taken back.
        let partial = outcome.is_some_and(|o| o.result() == Some("partial"));
        let absent = readback.is_some_and(|r| r.text("state") == Some("not_done"));
        if refused || absent && !partial {
            continue;
        }
        done.push(Intended::of(record)?);
    }
    Ok(done)
}

/// What taking these changes back would do now.
pub fn undo_plan(done: &[Intended], place: &Where, known: &Known) -> Planning {
    let mut missing = Vec::new();
    let mut items = Vec::new();
    for change in done.iter().rev() {
        let mut inverse = change.prepared.inverse();
        // With the credentials that there are for the account now.
        let at = place.accounts.iter().find(|a| a.caller.account == change.prepared.change.account);
        let Some(at) = at else {
            let account = &change.prepared.change.account;
            let fault = Fault::new(
                FaultKind::NoCredentials,
                format!("no credentials for the account {account}"),
            )
            .with_hint("name its profile with --profile");
            items.push(Item::new(&change.step, ItemKind::Blocked { kind: "change", fault }));
            continue;
        };
        for change in &mut inverse {
            change.place.target = at.target.clone();
        }
        if inverse.is_empty() {
            items.push(Item::new(&change.step, ItemKind::Nothing { call: change.prepared.call() }));
        }
        for (n, inverse) in inverse.into_iter().enumerate() {
            let id = match n {
                0 => change.step.clone(),
                n => format!("{}#{}", change.step, n + 1),
            };
            let looked =
                Prepared { change: inverse.clone(), before: change.prepared.before.clone() };
            let subject = looked.facts().subject();
            let place: Place = inverse.place.clone();
            let query = Query::State { place, subject };
            let before = match known.get(&query) {
                None => {
                    missing.push(query);
                    continue;
                }
                Some(Err(fault)) => {
                    let fault = fault.clone();
                    items.push(Item::new(&id, ItemKind::Blocked { kind: "change", fault }));
                    continue;
                }
                Some(Ok(state)) => state.clone(),
            };
            let prepared = Box::new(Prepared { change: inverse, before });
            let kind = if prepared.holds(&prepared.before) {
                ItemKind::Nothing { call: prepared.call() }
            } else {
                ItemKind::Change { prepared, within: WITHIN }
            };
            let mut item = Item::new(&id, kind);
            item.why = Some(format!("takes back {} of run {}", change.step, change.run));
            items.push(item);
        }
    }
    if missing.is_empty() { Planning::Ready(Plan { items }) } else { Planning::Missing(missing) }
}
