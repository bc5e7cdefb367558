//! A plan being made: what it is made of, what was read for it so far, and the plan once
//! nothing is missing any more.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value as Json, json};

use crate::{
    change::{Risk, Value},
    domain::{Fault, Query, State},
    guard::Incident,
    playbook::{Intended, Known, Plan, Planning, Playbook, Run, Where, plan, undo_plan},
};

/// What is to be planned.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    Playbook {
        playbook: Arc<Playbook>,
        inputs: BTreeMap<String, Value>,
    },
    /// The way back of a run: its changes as the log has them.
    Undo {
        run: String,
        done: Vec<Intended>,
    },
}

#[derive(Clone, Debug)]
pub struct Draft {
    pub source: Source,
    pub place: Where,
    known: Known,
    asked: Vec<Query>,
    plan: Option<Plan>,
}

impl Draft {
    pub fn new(source: Source, place: Where) -> Self {
        let (known, asked) = (Known::default(), Vec::new());
        Self { source, place, known, asked, plan: None }
    }

    /// What must be read now; each question is given out once.
    pub fn due(&mut self) -> Vec<Query> {
        if self.plan.is_some() || !self.asked.is_empty() {
            return Vec::new();
        }
        let planning = match &self.source {
            Source::Playbook { playbook, inputs } => {
                plan(playbook, inputs, &self.place, &self.known)
            }
            Source::Undo { done, .. } => undo_plan(done, &self.place, &self.known),
        };
        match planning {
            Planning::Missing(queries) => {
                self.asked = queries.clone();
                queries
            }
            Planning::Ready(plan) => {
                self.plan = Some(plan);
                Vec::new()
            }
        }
    }

    pub fn answered(&mut self, query: &Query, answer: Result<State, Fault>) {
        if let Some(at) = self.asked.iter().position(|q| q == query) {
            let query = self.asked.swap_remove(at);
            self.known.put(query, answer);
        }
    }

    /// The plan, once it is made.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    pub fn title(&self) -> String {
        match &self.source {
            Source::Playbook { playbook, .. } => playbook.title.clone(),
            Source::Undo { run, .. } => format!("Take back run {run}"),
        }
    }

    pub fn playbook(&self) -> Option<&Arc<Playbook>> {
        match &self.source {
            Source::Playbook { playbook, .. } => Some(playbook),
            Source::Undo { .. } => None,
        }
    }

    /// What a restored world would still lack, each in a sentence.
    pub fn not_restored(&self) -> Vec<String> {
        let mut all: Vec<String> = match (&self.source, &self.plan) {
            (Source::Undo { done, .. }, _) => {
                done.iter().flat_map(|d| d.not_restored.clone()).collect()
            }
            (Source::Playbook { .. }, Some(plan)) => {
                plan.changes().flat_map(|p| p.facts().not_restored(&p.before)).collect()
            }
            (Source::Playbook { .. }, None) => Vec::new(),
        };
        all.dedup();
        all
    }

    /// The run of this plan. `None` before it is made.
    pub fn run(&self, id: String, incident: Incident) -> Option<Run> {
        let plan = self.plan.clone()?;
        let (what, inputs, undoes) = match &self.source {
            Source::Playbook { playbook, inputs } => {
                let inputs: Json = inputs
                    .iter()
                    .map(|(k, v)| (k.clone(), v.to_json()))
                    .collect::<serde_json::Map<_, _>>()
                    .into();
                let what = (&*playbook.id, &*playbook.sha256, &*playbook.title, playbook.risk);
                (what, inputs, None)
            }
            Source::Undo { run, .. } => {
                (("undo", "", "Take back a run", Risk::Reversible), json!({"run": run}), Some(run))
            }
        };
        let mut run = Run::new(id, what, inputs, incident, plan, undoes.cloned());
        if let Source::Playbook { playbook, inputs } = &self.source {
            run = run.of(playbook.clone(), inputs.clone());
        }
        Some(run.in_account(self.place.account.as_ref()))
    }
}
