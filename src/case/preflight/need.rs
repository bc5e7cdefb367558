//! What pre-flight has to read, and when it is begun: once for each plan.

use super::{Call, Who};
use crate::{
    case::{Case, Draft, Known, Load},
    domain::{
        Fault, Principal, Query, Target, Untrusted,
        organization::View,
        simulation::{Simulated, Simulation},
    },
    policy::{Caller, CallerKind},
};

/// One thing to be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Need {
    Principal(Target, Principal),
    Organization(Target),
    Simulation(Target, Simulation),
}

/// The user or role that an ARN, or that of a session, names.
pub(in crate::case) fn principal(arn: &str) -> Option<Principal> {
    let caller = Caller::new(arn)?;
    let of = caller.role.as_deref().unwrap_or(arn);
    let name = of.rsplit('/').next()?;
    match caller.kind {
        CallerKind::User => name.parse().ok().map(Principal::User),
        CallerKind::Role => name.parse().ok().map(Principal::Role),
        CallerKind::FederatedUser | CallerKind::Root => None,
    }
}

impl Case {
    /// Puts down whose calls the plan's changes would be; while it is being made, the next one
    /// is looked at anew.
    pub(in crate::case) fn foresee(&mut self, draft: &Draft) {
        let Some(plan) = draft.plan() else {
            self.preflight.begun.clear();
            // Whoever refused to answer may do so now.
            let failed = |load: &Load<Simulated>| matches!(load, Load::Failed(_));
            self.preflight.simulated.retain(|_, (load, _)| !failed(load));
            self.preflight.calls.values_mut().for_each(|entry| entry.is_pursued = false);
            return;
        };
        for call in plan.changes().map(Call::of) {
            if self.preflight.calls.get(&call).is_some_and(|entry| entry.is_pursued) {
                continue;
            }
            let caller = draft.place.caller_of(&call.account);
            let in_use = caller.map(|c| Who { arn: c.arn.clone(), is_break_glass: false });
            let own = caller.and_then(|caller| principal(&caller.arn));
            let glass = draft.place.break_glass.iter().filter(|arn| {
                let of = Caller::new(arn).is_some_and(|c| c.account == call.account.as_str());
                // Who has taken it on already is the identity in use.
                of && principal(arn) != own
            });
            let glass = glass.map(|arn| Who { arn: arn.clone(), is_break_glass: true });
            let who = in_use.into_iter().chain(glass).collect();
            let entry = self.preflight.calls.entry(call).or_default();
            (entry.who, entry.is_pursued) = (who, true);
            self.preflight.stale = true;
        }
    }

    /// Begins to look at what the answers rest on, as far as that is known by now: of a plan,
    /// and of the run that came of it.
    pub(in crate::case) fn pursue(&mut self) {
        if self.preflight.is_held {
            return;
        }
        let pursued = self.preflight.calls.iter().filter(|(_, entry)| entry.is_pursued);
        let pursued: Vec<(Call, Who)> = pursued
            .flat_map(|(call, entry)| entry.who.iter().map(|who| (call.clone(), who.clone())))
            .collect();
        for (call, who) in pursued {
            self.foresee_for(&call, &who);
        }
    }

    fn foresee_for(&mut self, call: &Call, who: &Who) {
        let target = &call.place.target;
        if let Some(principal) = principal(&who.arn) {
            self.begin(Need::Principal(target.clone(), principal));
        }
        if let Some(owner) = self.target_to_look_up(call) {
            self.begin(Need::Principal(target.clone(), owner));
        }
        self.begin(Need::Organization(target.clone()));
        if self.is_hidden(target) {
            self.look_elsewhere();
        }
        if let Some(simulation) = self.simulation(call, who)
            && self.simulator_speaks(target)
        {
            self.begin(Need::Simulation(target.clone(), simulation));
        }
    }

    /// The organization from one account after the other, until one sees it: reading it takes
    /// many questions.
    fn look_elsewhere(&mut self) {
        for (other, _) in self.accounts() {
            match self.inspection.organizations.get(&other) {
                None => return self.begin(Need::Organization(other)),
                Some(look) if look.is_asking => return,
                Some(look) => {
                    let seen = |known: &Known<View>| matches!(*known.what, View::Seen(_));
                    if look.known.as_ref().is_some_and(seen) {
                        return;
                    }
                }
            }
        }
    }

    /// Whether a look at the organization is still to be answered, or to be begun.
    pub(super) fn organization_is_open(&self) -> bool {
        let looks = &self.inspection.organizations;
        let begun = |target: &Target| looks.get(target).is_some_and(|look| !look.is_asking);
        looks.values().any(|look| look.is_asking)
            || self.accounts().iter().any(|(target, _)| !begun(target))
    }

    /// One question is put to the simulator first: where it may not be asked, or is not there,
    /// each further one would be refused too, and stand in CloudTrail.
    fn simulator_speaks(&self, target: &Target) -> bool {
        let asked = self.preflight.simulated.iter().filter(|((of, _), _)| of == target);
        let mut answers = asked.map(|(_, (load, _))| load).peekable();
        answers.peek().is_none() || answers.any(|load| matches!(load, Load::Ready(_)))
    }

    /// Why the simulator is not asked, where the first question to it was refused.
    pub(super) fn simulator_is_mute(&self, target: &Target) -> Option<&Fault> {
        let asked = self.preflight.simulated.iter().filter(|((of, _), _)| of == target);
        asked.filter(|_| !self.simulator_speaks(target)).find_map(|(_, (load, _))| match load {
            Load::Failed(fault) => Some(fault),
            _ => None,
        })
    }

    /// Whether nothing is seen of the organization from its own account.
    fn is_hidden(&self, target: &Target) -> bool {
        let Some(look) = self.inspection.organizations.get(target) else { return false };
        match &look.known {
            Some(known) => matches!(*known.what, View::NotVisible { .. }),
            None => look.fault.is_some(),
        }
    }

    /// The user or role that a call is about, where its ARN is known by the name alone.
    pub(super) fn target_to_look_up(&self, call: &Call) -> Option<Principal> {
        let resource = call.asked.resource.splitn(6, ':').nth(5)?;
        let (kind, name) = resource.split_once('/')?;
        let in_iam = call.asked.action.starts_with("iam:");
        match kind {
            "user" if in_iam && !name.contains('/') => name.parse().ok().map(Principal::User),
            "role" if in_iam && !name.contains('/') => name.parse().ok().map(Principal::Role),
            _ => None,
        }
    }

    /// What the simulator is asked. It wants the ARN with its path, which a session's lacks:
    /// where the role cannot be read, the one without is tried.
    pub(super) fn simulation(&self, call: &Call, who: &Who) -> Option<Simulation> {
        let principal = principal(&who.arn)?;
        let look = self.inspection.principals.get(&(call.place.target.clone(), principal))?;
        let of_session = || Caller::new(&who.arn).map(|c| c.principal_arn().to_owned());
        let arn = match &look.known {
            Some(known) => {
                let holder = known.what.authorization.holders().next()?;
                // A group is no caller: the user or role stands by itself.
                let all = &known.what.authorization;
                let own =
                    all.users.first().map(|u| &u.holder).or(all.roles.first().map(|r| &r.holder));
                own.unwrap_or(holder).arn.raw().to_owned()
            }
            None if look.fault.is_some() => of_session()?,
            None => return None,
        };
        let mut context: Vec<(String, Vec<String>)> =
            call.asked.context.iter().filter(|(_, values)| !values.is_empty()).cloned().collect();
        context.push(("aws:RequestedRegion".to_owned(), vec![call.region().to_string()]));
        Some(Simulation {
            principal: Untrusted::from(arn),
            action: call.asked.action.to_owned(),
            resource: self.resource(call),
            context,
        })
    }

    fn begin(&mut self, need: Need) {
        if !self.preflight.begun.insert(need.clone()) {
            return;
        }
        match need {
            // What halon itself has changed meanwhile is part of it: read anew for each plan.
            Need::Principal(target, who) => self.look_at(&target, &who, true),
            Need::Organization(target) => self.look_at_organization(&target, false),
            Need::Simulation(target, simulation) => {
                let place = self.home(&target);
                let at = (target, simulation.clone());
                self.preflight.simulated.insert(at, (Load::Loading, None));
                self.preflight.stale = true;
                self.pending.push(Query::Simulate { place, simulation });
            }
        }
    }
}
