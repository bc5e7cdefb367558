//! What can be counted of a drill. Plain figures: no points, no weights.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::{Class, Drill, DrillId, Ending, Evidence, Item, Phase, Source, State, Wanted, verdict};
use crate::{
    audit::{
        Record,
        incident::{Change, Run, told},
    },
    domain::Untrusted,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Every phase, in order.
    pub phases: Vec<PhaseTime>,
    /// From the start to the end, or to the last record so far; in seconds of the clock that
    /// counts: the world's, in the range.
    pub seconds: i64,
    pub reached: usize,
    pub objectives: usize,
    pub hints: usize,
    /// Changes that were made and that no objective's solution makes.
    pub unneeded: Vec<Unneeded>,
    /// Of those, taken back again.
    pub taken_back: usize,
}

/// How long it took from the start until the last objective of a phase was met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseTime {
    pub phase: Phase,
    /// Objectives of it that were met, and all there are.
    pub met: usize,
    pub of: usize,
    /// `None` where one is not met, or there is none.
    pub seconds: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unneeded {
    /// The change's number in the report.
    pub change: usize,
    pub call: Untrusted,
    pub run: Untrusted,
    pub playbook: Untrusted,
}

/// A drill of the same scenario, for comparing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Past {
    pub id: DrillId,
    pub class: Class,
    pub scripted: bool,
    /// By the machine's clock.
    pub began: Option<Timestamp>,
    pub result: Ending,
    pub score: Score,
}

impl Score {
    /// `changes` and `runs` are those of the drill's own incident.
    pub fn of(drill: &Drill, changes: &[Change], runs: &[Run]) -> Score {
        let planned = drill.begun.iter().flat_map(|begun| &begun.objectives);
        let planned: Vec<_> = planned.collect();
        let since = |at: Timestamp| at.duration_since(drill.first.at).as_secs();
        let phases = Phase::ALL.map(|phase| {
            let all: Vec<_> = planned.iter().filter(|planned| planned.phase == phase).collect();
            let met = drill.met.iter().filter(|m| all.iter().any(|p| p.id == m.objective));
            let times: Vec<i64> = met.map(|met| since(met.mark.at)).collect();
            let last = times.iter().copied().max().filter(|_| times.len() == all.len());
            PhaseTime { phase, met: times.len(), of: all.len(), seconds: last }
        });
        let reached = planned.iter().filter(|planned| drill.has_met(&planned.id)).count();
        let unneeded = unneeded(drill, changes, runs);
        let undone = |u: &&Unneeded| changes.iter().any(|c| c.number == u.change && c.undone);
        Score {
            phases: phases.to_vec(),
            seconds: since(drill.last.at),
            reached,
            objectives: planned.len(),
            hints: drill.hints.len(),
            taken_back: unneeded.iter().filter(undone).count(),
            unneeded,
        }
    }

    /// From the log alone.
    pub fn read(drill: &Drill, records: &[Record]) -> Score {
        let (changes, runs) = told(records, drill.id.as_str());
        Score::of(drill, &changes, &runs)
    }

    pub fn time(&self, phase: Phase) -> Option<i64> {
        self.phases.iter().find(|time| time.phase == phase)?.seconds
    }

    /// The evidence of the timings. `world` as in a record.
    pub fn evidence(&self, world: &str) -> Evidence {
        let mut said: Vec<String> = Vec::new();
        for time in self.phases.iter().filter(|time| time.of > 0) {
            let took = time.seconds.map_or_else(|| "not reached".to_owned(), |s| format!("{s} s"));
            said.push(format!("{} {took}", time.phase.name()));
        }
        said.push(format!("in all {} s", self.seconds));
        Evidence {
            item: Item::Timings,
            state: State::seen(true, world),
            text: said.join(", "),
            value: json!({ "phases": self.phases, "seconds": self.seconds }),
            sources: Vec::new(),
        }
    }
}

/// Drills of the same scenario that were ended, this one among them, in their order.
pub fn trend(drills: &[Drill], records: &[Record], drill: &Drill) -> Vec<Past> {
    let scenario = |drill: &Drill| drill.begun.as_ref().map(|begun| begun.scenario.clone());
    let wanted = scenario(drill);
    let is_like = |other: &&Drill| {
        let counts = other.ended.is_some() || other.id == drill.id;
        counts && wanted.is_some() && scenario(other) == wanted && other.class == drill.class
    };
    let past = drills.iter().filter(is_like).map(|other| Past {
        id: other.id.clone(),
        class: other.class,
        scripted: other.is_scripted(),
        began: other.first.written,
        result: verdict(other, super::before(drills, other)).result,
        score: Score::read(other, records),
    });
    past.collect()
}

/// What was changed beside the solution. What takes something back is no change of its own, a
/// session is none of the account, and what the drill proves with its canary belongs to it.
fn unneeded(drill: &Drill, changes: &[Change], runs: &[Run]) -> Vec<Unneeded> {
    let wanted: Vec<&Wanted> =
        drill.begun.iter().flat_map(|begun| &begun.objectives).flat_map(|o| &o.solution).collect();
    let own = Own::of(drill);
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| change.fate.counts_as_made()) {
        let is_session = ["STS ", "halon "].iter().any(|of| change.call.raw().starts_with(of));
        if is_session || change.undoes.is_some() || own.has(change) {
            continue;
        }
        let run = runs.iter().find(|run| run.log == change.log && run.id == change.run);
        if !run.is_some_and(|run| wanted.iter().any(|wanted| is_run(wanted, run))) {
            found.push(Unneeded {
                change: change.number,
                call: change.call.clone(),
                run: change.run.clone(),
                playbook: run.map(|run| run.playbook.clone()).unwrap_or_default(),
            });
        }
    }
    found
}

/// Whether a run is one that a solution makes: its playbook, with each input that is named.
fn is_run(wanted: &Wanted, run: &Run) -> bool {
    let has =
        |key: &str, value: &str| run.inputs.iter().any(|(k, v)| k.raw() == key && v.raw() == value);
    let inputs = wanted.inputs.iter();
    run.playbook.raw() == wanted.playbook
        && inputs
            .into_iter()
            .all(|(key, value)| value.as_str().is_some_and(|value| has(key, value)))
}

/// The changes that the drill's own proofs name as what they rest on.
#[derive(Default)]
struct Own {
    seqs: BTreeSet<u64>,
    corrs: BTreeSet<String>,
    runs: BTreeSet<String>,
}

impl Own {
    fn of(drill: &Drill) -> Own {
        let mut own = Own::default();
        for item in [Item::Negative, Item::Power, Item::Ended] {
            let kept = drill.evidence.get(&item).into_iter().flatten();
            for source in kept.flat_map(|kept| kept.evidence.sources.iter().cloned()) {
                match source {
                    Source::Seq(seq) => drop(own.seqs.insert(seq)),
                    Source::Corr(corr) => drop(own.corrs.insert(corr)),
                    Source::Run(run) => drop(own.runs.insert(run)),
                }
            }
        }
        own
    }

    fn has(&self, change: &Change) -> bool {
        self.runs.contains(change.run.raw())
            || self.corrs.iter().any(|corr| change.is_of(change.log, corr))
            || change.evidence.iter().any(|record| self.seqs.contains(&record.seq))
    }
}
