//! Sessions of break-glass: whose they are, until when, and what is planned anew because of them.

use jiff::Timestamp;

use super::{Case, Draft, Load, PlanSource};
use crate::{
    domain::{GlassState, Identity, OpenSession, RoleArn, State, Untrusted},
    playbook::{Plan, Run, Told},
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
