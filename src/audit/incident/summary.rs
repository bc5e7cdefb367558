//! An incident at a glance.

use jiff::Timestamp;
use serde::Serialize;

use super::{Change, Fate, Mark, Place, Run, run::words};
use crate::{audit::entry::Kind, domain::Untrusted};

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// What the incident was called, and why somebody was armed for it; each once.
    pub titles: Vec<Untrusted>,
    pub reasons: Vec<Untrusted>,
    pub operators: Vec<Operator>,
    pub accounts: Vec<Untrusted>,
    pub regions: Vec<Untrusted>,
    /// `aws`, `range`, `endpoint`
    pub worlds: Vec<Untrusted>,
    /// Of the first and last record of the incident.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub playbooks: Vec<Playbook>,
    pub counts: Counts,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Operator {
    pub name: Untrusted,
    /// As the machine knows them.
    pub os_user: Untrusted,
    pub logs: Vec<usize>,
    /// Changes that they consented to.
    pub changes: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Playbook {
    pub id: Untrusted,
    pub sha256: Untrusted,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Changes that somebody consented to, those that take something back included.
    pub consented: usize,
    /// In effect as far as anybody knows, in part or not seen yet included.
    pub made: usize,
    /// Of those, taken back again as a whole.
    pub undone: usize,
    /// Nobody knows whether they took effect.
    pub unknown: usize,
    /// Accepted, and not seen or not in effect when read back.
    pub unconfirmed: usize,
    /// By AWS, or here after consent.
    pub refused: usize,
    /// Changes that a run left out, with a reason.
    pub skipped: usize,
    /// Told by records that do not verify.
    pub doubtful: usize,
    pub marked: usize,
}

impl Summary {
    pub(super) fn of(
        placed: &[Place<'_>],
        changes: &[Change],
        runs: &[Run],
        marks: &[Mark],
    ) -> Summary {
        let mut all = Summary { counts: Counts::of(changes, runs, marks), ..Summary::default() };
        for place in placed {
            let value = &place.record.value;
            put(&mut all.titles, words(&value["incident"]["title"]));
            put(&mut all.reasons, words(&value["incident"]["reason"]));
            put(&mut all.worlds, words(&value["world"]));
            let is_context =
                matches!(place.record.kind(), Some(Kind::SessionStart | Kind::Recovered));
            if is_context {
                continue;
            }
            all.from = all.from.or(place.stands).min(place.stands.or(all.from));
            all.to = all.to.max(place.stands);
            let caller = words(&value["actor"]["caller_arn"]);
            if !caller.is_empty() || place.record.kind() == Some(Kind::Intent) {
                all.operator(place);
            }
        }
        for change in changes {
            put(&mut all.accounts, change.account.clone());
            put(&mut all.regions, change.region.clone());
        }
        for run in runs.iter().filter(|run| !run.sha256.is_empty()) {
            let playbook = Playbook { id: run.playbook.clone(), sha256: run.sha256.clone() };
            if !all.playbooks.contains(&playbook) {
                all.playbooks.push(playbook);
            }
        }
        all
    }

    fn operator(&mut self, place: &Place<'_>) {
        let name = super::moment::who(place.record);
        let os_user = words(&place.record.value["actor"]["os_user"]);
        let is_change = usize::from(place.record.kind() == Some(Kind::Intent));
        let known = self.operators.iter_mut().find(|o| o.name == name && o.os_user == os_user);
        let operator = match known {
            Some(known) => known,
            None => {
                self.operators.push(Operator { name, os_user, logs: Vec::new(), changes: 0 });
                let last = self.operators.len() - 1;
                &mut self.operators[last]
            }
        };
        operator.changes += is_change;
        if !operator.logs.contains(&place.log) {
            operator.logs.push(place.log);
        }
    }
}

impl Counts {
    fn of(changes: &[Change], runs: &[Run], marks: &[Mark]) -> Counts {
        let count = |holds: &dyn Fn(&Change) -> bool| changes.iter().filter(|c| holds(c)).count();
        let steps = runs.iter().flat_map(|run| &run.steps);
        let left_out = steps.filter(|step| {
            step.kind.raw() == "change"
                && step.state.as_ref().is_some_and(|state| state.raw() == "skipped")
        });
        Counts {
            consented: changes.len(),
            made: count(&|c| c.fate.counts_as_made()),
            undone: count(&|c| c.fate.counts_as_made() && c.undone),
            unknown: count(&|c| c.fate == Fate::Unknown),
            unconfirmed: count(&|c| matches!(c.fate, Fate::Unconfirmed | Fate::NotDone)),
            refused: count(&|c| matches!(c.fate, Fate::Failed | Fate::NotSent)),
            skipped: left_out.count(),
            doubtful: count(&|c| !c.verified),
            marked: marks.len(),
        }
    }

    /// Each number with what it counts.
    pub fn rows(&self) -> [(&'static str, usize); 9] {
        [
            ("changes consented to", self.consented),
            ("made", self.made),
            ("of those, undone again", self.undone),
            ("unknown whether they took effect", self.unknown),
            ("accepted, and not seen when read back", self.unconfirmed),
            ("refused, by AWS or here", self.refused),
            ("left out by a run", self.skipped),
            ("told by records that do not verify", self.doubtful),
            ("events, findings and notes marked", self.marked),
        ]
    }
}

fn put(into: &mut Vec<Untrusted>, text: Untrusted) {
    if !text.is_empty() && !into.contains(&text) {
        into.push(text);
    }
}
