//! Sessions of break-glass: whose they are, until when, and what is planned anew because of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Case, Draft, Load, PlanSource,
    refusal::{Attempt, Code, Why},
};
use crate::{
    domain::{Fault, GlassState, Identity, OpenSession, RoleArn, State, Untrusted, Verb},
    playbook::{Plan, Run, StepState, Told},
};

impl Case {
    /// Takes in what a run's read-back says of a session: its account is acted in with it from
    /// now on, or not any more.
    pub fn glass_told(&mut self, told: &Told) {
        let Told::ReadBack { state, .. } = told else { return };
        let Ok(State::Glass(state)) = &**state else { return };
        self.glass_is(state);
    }

    fn glass_is(&mut self, state: &GlassState) {
        self.glass_ended(&state.role);
        let Some(open) = state.open() else { return };
        let home = self.identities().find_map(|(_, load)| match load {
            Load::Ready(identity) => identity.region.clone(),
            _ => None,
        });
        let identity = Identity {
            account: open.account.clone(),
            arn: Untrusted::from(open.arn.as_str()),
            alias: None,
            region: home,
            access_key: Some(open.access_key.clone()),
        };
        self.callers.insert(open.target.clone(), Load::Ready(identity));
        self.glass.push(open.clone());
    }

    /// A session is over, and its credentials are gone.
    pub fn glass_ended(&mut self, role: &RoleArn) {
        for open in self.glass.extract_if(.., |open| open.role == *role) {
            self.callers.remove(&open.target);
            self.retry_at.remove(&open.target);
        }
    }

    /// The sessions whose time is up.
    pub fn glass_lapsed(&self, now: Timestamp) -> Vec<OpenSession> {
        self.glass.iter().filter(|open| open.expires <= now).cloned().collect()
    }

    /// The plan of what is left of a run, once it is read: asked for until it is there.
    pub fn replanned(&mut self, run: &Run) -> Option<Plan> {
        if let Some(draft) = self.redrafts.get(&run.id) {
            let plan = draft.plan().cloned();
            if plan.is_some() {
                self.redrafts.remove(&run.id);
            }
            return plan;
        }
        let (playbook, inputs) = run.source()?.clone();
        let place = self.place(run.planned_in().cloned());
        let draft = Draft::new(PlanSource::Playbook { playbook, inputs }, place);
        self.redrafts.insert(run.id.clone(), draft);
        None
    }
}

/// Why the role of a run could not be assumed, once what explains it was read.
#[derive(Debug, Default)]
pub struct Refusals {
    /// By run and by the call that was refused.
    known: BTreeMap<(String, Option<String>), Vec<Why>>,
}

impl Case {
    /// Has read what explains why a run could not assume its role, where one stopped at that;
    /// whether nothing of it is missing any more.
    pub fn look_into_refusals(&mut self, runs: &[Run], now: Timestamp) -> bool {
        let mut whole = true;
        for run in runs {
            let Some((key, attempt, fault)) = self.refused_attempt(run, now) else { continue };
            if self.refusals.known.contains_key(&key) {
                continue;
            }
            match self.look_into(&attempt) {
                true => {
                    let whys = self.explained(&attempt, &fault);
                    self.refusals.known.insert(key, whys);
                }
                false => whole = false,
            }
        }
        whole
    }

    /// Why the role of a run was not assumed, the likeliest first; nothing before that is known.
    pub fn why_refused(&self, run: &Run) -> &[Why] {
        let key = run.current().map(|item| (run.id.clone(), item.request_id.clone()));
        key.and_then(|key| self.refusals.known.get(&key)).map(Vec::as_slice).unwrap_or_default()
    }

    fn refused_attempt(
        &self,
        run: &Run,
        now: Timestamp,
    ) -> Option<((String, Option<String>), Attempt, Fault)> {
        let item = run.current()?;
        let StepState::Failed(fault) = &item.state else { return None };
        let prepared = item.prepared()?;
        let Verb::AssumeRole(assume) = &prepared.change.verb else { return None };
        let code = if assume.mfa.is_some() { Code::Given } else { Code::NotGiven };
        let attempt = self.attempted(prepared, code, now)?;
        Some(((run.id.clone(), item.request_id.clone()), attempt, fault.clone()))
    }
}
