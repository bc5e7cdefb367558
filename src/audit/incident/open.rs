//! What somebody still has to look after.

use serde::Serialize;

use super::{Change, Fate, Run};
use crate::domain::Untrusted;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Open {
    /// Short, for the first column.
    pub kind: &'static str,
    /// The change that it is about, by its number here.
    pub change: Option<usize>,
    pub what: Untrusted,
}

/// Open points, the most pressing kind first, each kind in the order of time.
pub fn open(changes: &[Change], runs: &[Run]) -> Vec<Open> {
    let mut found: Vec<(u8, Open)> = Vec::new();
    for change in changes {
        let mut say = |weight, kind, what: String| {
            found.push((weight, Open { kind, change: Some(change.number), what: what.into() }));
        };
        let call = format!("{} in {}", change.call.raw(), change.account.raw());
        match change.fate {
            Fate::Unknown => {
                say(
                    0,
                    "unknown",
                    format!(
                        "{call}: nobody knows whether it took effect; look, or start halon again, which reads it back"
                    ),
                );
            }
            Fate::Unconfirmed | Fate::NotDone => {
                say(1, "unconfirmed", format!("{call}: {}", change.fate.words()));
            }
            Fate::Partial => {
                let rest = change.answer.as_ref().and_then(|a| a.unprocessed.as_ref());
                let rest = rest.map(|r| format!(": {}", r.raw())).unwrap_or_default();
                say(1, "in part", format!("{call}: a part of it was not done{rest}"));
            }
            Fate::Done | Fate::Failed | Fate::NotSent => {}
        }
        if !change.fate.counts_as_made() {
            continue;
        }
        match change.undone {
            true if change.not_restored.is_empty() => {}
            true => {
                let lost: Vec<&str> = change.not_restored.iter().map(Untrusted::raw).collect();
                say(2, "not restored", format!("{call}, undone: {}", lost.join("; ")));
            }
            // What takes something back is the end of it, not a change of its own to undo.
            false if change.undoes.is_some() => {}
            false if change.way_back.is_empty() => {
                say(3, "in force", format!("{call}: there is no way back"));
            }
            false if !change.undone_by.is_empty() => {
                say(1, "undone in part", format!("{call}: not all of it was taken back"));
            }
            false => {
                say(4, "in force", format!("{call}: not undone; halon undo {}", change.run.raw()))
            }
        }
    }
    for run in runs {
        let name = format!("run {} of {}", run.id.raw(), run.playbook.raw());
        let mut say = |weight, kind, what: String| {
            found.push((weight, Open { kind, change: None, what: what.into() }));
        };
        match run.state.as_ref().map(Untrusted::raw) {
            Some("done") => {}
            Some(state) => say(2, "run", format!("{name} ended {state}")),
            None => say(
                2,
                "run",
                format!("{name} was never ended; halon playbook resume {}", run.id.raw()),
            ),
        }
        for step in run.steps.iter().filter(|s| s.kind.raw() == "change") {
            let why = step.why.as_ref().map(|w| format!(": {}", w.raw())).unwrap_or_default();
            if step.state.as_ref().is_some_and(|s| ["skipped", "failed"].contains(&s.raw())) {
                let state = step.state.as_ref().map_or("", Untrusted::raw);
                say(3, "not made", format!("{name}, step {} {state}{why}", step.id.raw()));
            }
        }
    }
    found.sort_by_key(|(weight, _)| *weight);
    found.into_iter().map(|(_, open)| open).collect()
}
