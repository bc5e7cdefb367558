//! What is to be done next, by the script and what was seen and done so far.

use std::collections::BTreeMap;

use super::Coach;
use crate::{
    domain::{AccountId, Principal, RoleArn, event::By},
    drill::{Condition, Gathered, Item, Move, Seen, State},
    model::{Going, Ran, is_asked},
};

pub(super) enum Goal<'g> {
    /// Nothing but time is missing.
    Wait(String),
    Open(&'g str),
    Search(&'g By),
    Inspect(&'g AccountId, &'g Principal),
    Arm,
    Run(Wanted<'g>),
    /// A run, by its id, is to be taken back.
    TakeBack(&'g str),
    EndSession,
    /// The evidence that halon finds by itself.
    Gather,
    Answer(Item),
    End,
}

/// A run that is to be made.
pub(super) struct Wanted<'g> {
    pub playbook: &'g str,
    pub finding: Option<&'g str>,
    /// Where, if that is not where the finding is.
    pub account: Option<&'g AccountId>,
    pub inputs: BTreeMap<String, String>,
    pub answers: BTreeMap<String, bool>,
}

/// The playbook that opens a session of break-glass.
const BREAK_GLASS: &str = "break-glass";

impl Coach<'_> {
    pub(super) fn goal<'g>(&'g self, going: &'g Going) -> Goal<'g> {
        let script = &self.prospect.script;
        let Some((at, objective)) = going.objective(script) else { return self.afterwards(going) };
        for (n, step) in objective.solution.iter().enumerate() {
            if self.is_made(going, step, &objective.solution) {
                continue;
            }
            // A session that ran out, was ended, or was lost with a console is opened again.
            let before = script.objectives[..at].iter().flat_map(|o| &o.solution);
            let before = before.chain(&objective.solution[..n]);
            let role = &script.role;
            let lost = as_the_role(before) && !going.is_open(role);
            return match step {
                Move::Run { .. } | Move::TakeBack { .. } if lost => self.assume(role),
                _ => self.toward(going, step),
            };
        }
        // The solution is made, and something is still missing.
        for condition in going.progress.lacking(objective, &going.judged) {
            let Condition::Seen(seen) = condition else { continue };
            return match seen {
                Seen::Finding(id) => Goal::Open(id),
                Seen::Events(by) => Goal::Search(by),
                Seen::Principal(account, who) => Goal::Inspect(account, who),
                Seen::Armed => Goal::Arm,
                Seen::Ran(playbook) => Goal::Run(Wanted::of(playbook)),
                Seen::Assumed(role) => self.assume(role),
                Seen::Ended(role) if going.is_open(role) => Goal::EndSession,
                Seen::Ended(role) => self.assume(role),
            };
        }
        Goal::Wait("what you did takes a moment to come into force".to_owned())
    }

    fn is_made(&self, going: &Going, step: &Move, all: &[Move]) -> bool {
        let role = &self.prospect.script.role;
        match step {
            Move::Open { finding } => going.seen.contains(&Seen::Finding(finding.clone())),
            Move::Search { by } => going.seen.contains(&Seen::Events(by.clone())),
            Move::Inspect { account, who } => {
                going.seen.contains(&Seen::Principal(account.clone(), who.clone()))
            }
            Move::Run { playbook, inputs, answers, .. } => going.ran.iter().any(|ran| {
                ran.playbook == *playbook
                    && inputs.iter().all(|(name, value)| ran.inputs.get(name) == Some(value))
                    && ran.denied.iter().all(|step| answers.get(step) == Some(&false))
            }),
            Move::TakeBack { playbook } => going.ran_last(playbook).is_some_and(|last| {
                going.ran.iter().any(|ran| ran.undoes.as_ref() == Some(&last.run))
            }),
            Move::Assume => {
                let ended = all.contains(&Move::End) && going.has_ended(role);
                going.seen.contains(&Seen::Assumed(role.clone())) || ended
            }
            Move::End => going.has_ended(role),
        }
    }

    fn toward<'g>(&'g self, going: &'g Going, step: &'g Move) -> Goal<'g> {
        let role = &self.prospect.script.role;
        match step {
            Move::Open { finding } => Goal::Open(finding),
            Move::Search { by } => Goal::Search(by),
            Move::Inspect { account, who } => Goal::Inspect(account, who),
            Move::Run { playbook, finding, account, inputs, answers } => Goal::Run(Wanted {
                playbook,
                finding: finding.as_deref(),
                account: account.as_ref(),
                inputs: inputs.clone(),
                answers: answers.clone(),
            }),
            Move::TakeBack { playbook } => match going.ran_last(playbook) {
                Some(last) => Goal::TakeBack(&last.run),
                None => Goal::Run(Wanted::of(playbook)),
            },
            Move::Assume => self.assume(role),
            Move::End if going.is_open(role) => Goal::EndSession,
            // A console that was killed has lost it: nothing is left but to open one anew.
            Move::End => self.assume(role),
        }
    }

    fn assume<'g>(&self, role: &RoleArn) -> Goal<'g> {
        let mut wanted = Wanted::of(BREAK_GLASS);
        wanted.inputs.insert("role".to_owned(), role.as_str().to_owned());
        Goal::Run(wanted)
    }

    /// Every objective is met.
    fn afterwards<'g>(&'g self, going: &Going) -> Goal<'g> {
        if going.is_open(&self.prospect.script.role) {
            return Goal::EndSession;
        }
        if self.model.drill.probing.is_some() {
            return Goal::Wait("halon gathers what it can find by itself".to_owned());
        }
        if !going.probed.contains(&Gathered::After) {
            return Goal::Gather;
        }
        let open = |item: &Item| going.state(*item) == State::NotAnswered;
        let answered = |item: &Item| self.prospect.script.answers.contains_key(&item.number());
        let next = Item::ALL.into_iter().find(|i| is_asked(*i) && open(i) && answered(i));
        match next {
            Some(item) => Goal::Answer(item),
            None if self.model.drill.judging => Goal::Wait("the drill is being judged".to_owned()),
            None => Goal::End,
        }
    }
}

/// Whether somebody who made these moves is the role.
fn as_the_role<'m>(moves: impl Iterator<Item = &'m Move>) -> bool {
    let last = moves.filter(|step| matches!(step, Move::Assume | Move::End)).last();
    matches!(last, Some(Move::Assume))
}

impl<'g> Wanted<'g> {
    pub(super) fn of(playbook: &'g str) -> Self {
        Self {
            playbook,
            finding: None,
            account: None,
            inputs: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }
}

impl Going {
    fn has_ended(&self, role: &RoleArn) -> bool {
        self.seen.contains(&Seen::Ended(role.clone())) && !self.is_open(role)
    }

    /// The last run of a playbook.
    fn ran_last(&self, playbook: &str) -> Option<&Ran> {
        self.ran.iter().rfind(|ran| ran.playbook == playbook)
    }
}
