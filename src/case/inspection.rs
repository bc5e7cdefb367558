//! Who can do what: principals, access keys, whole accounts, root users and organizations, each as it was
//! last looked at, with its age. Looked at when somebody wants to see it, not by interval.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{Case, Load};
use crate::domain::{
    AccessKeyId, AccountId, Answer, Fault, Gap, KeyState, Place, Principal, Query, Region, State,
    Subject, Target, Untrusted,
    authorization::{Authorization, Inspected},
    credentials::Root,
    organization::{Organization, View},
    simulation::{ServiceUse, Simulated, Simulation},
};

/// Something that was looked at, and perhaps is being looked at again.
#[derive(Clone, Debug, PartialEq)]
pub struct Look<T> {
    /// The newest answer. It stays while a newer one is on its way, and where that failed.
    pub known: Option<Known<T>>,
    pub is_asking: bool,
    /// Why the last attempt brought nothing.
    pub fault: Option<Fault>,
}

impl<T> Default for Look<T> {
    fn default() -> Self {
        Self { known: None, is_asking: false, fault: None }
    }
}

/// An answer, when it came and what it lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<T> {
    pub what: Arc<T>,
    pub gaps: Vec<Gap>,
    pub at: Timestamp,
}

impl<T> Look<T> {
    /// Whether it is to be asked for: always where `again`, else if nothing is known yet.
    fn begin(&mut self, again: bool) -> bool {
        let due = !self.is_asking && (again || self.known.is_none());
        self.is_asking |= due;
        due
    }

    fn answered(&mut self, what: Arc<T>, gaps: Vec<Gap>, at: Timestamp) {
        *self = Self { known: Some(Known { what, gaps, at }), is_asking: false, fault: None };
    }

    fn failed(&mut self, fault: Fault) {
        self.is_asking = false;
        self.fault = Some(fault);
    }
}

/// What was looked at so far.
#[derive(Debug, Default)]
pub struct Inspection {
    pub principals: BTreeMap<(Target, Principal), Look<Inspected>>,
    pub keys: BTreeMap<(Target, AccessKeyId), Look<KeyState>>,
    pub accounts: BTreeMap<Target, Look<Authorization>>,
    pub roots: BTreeMap<Target, Look<Root>>,
    pub organizations: BTreeMap<Target, Look<View>>,
    /// The call that AWS's simulator was asked about last.
    pub simulated: Option<(Simulation, Load<Simulated>)>,
    /// The encoded refusal that was asked about last, as JSON text.
    pub decoded: Option<(String, Load<Untrusted>)>,
    /// The services that principals were seen to use, by ARN.
    pub services: BTreeMap<Untrusted, Load<Arc<Vec<ServiceUse>>>>,
}

impl Inspection {
    /// The organization, from whichever account may see it.
    pub fn organization(&self) -> Option<(&Organization, &Known<View>)> {
        self.organizations.values().find_map(|look| {
            let known = look.known.as_ref()?;
            match &*known.what {
                View::Seen(organization) => Some((organization, known)),
                View::NotVisible { .. } | View::None => None,
            }
        })
    }

    /// Takes in a final answer. One to another question says nothing.
    pub(super) fn answered(&mut self, query: &Query, answer: Answer, now: Timestamp) {
        match (query, answer) {
            (Query::Principal { place, who }, Answer::Inspected { what, gaps }) => {
                let at = (place.target.clone(), who.clone());
                self.principals.entry(at).or_default().answered(what, gaps, now);
            }
            (Query::Authorization { place }, Answer::Authorization { what, gaps }) => {
                self.accounts.entry(place.target.clone()).or_default().answered(what, gaps, now);
            }
            (Query::Root { place }, Answer::Root { what, gaps }) => {
                self.roots.entry(place.target.clone()).or_default().answered(what, gaps, now);
            }
            (Query::Organization { place }, Answer::Organization { what, gaps }) => {
                let look = self.organizations.entry(place.target.clone()).or_default();
                look.answered(what, gaps, now);
            }
            (Query::Simulate { simulation, .. }, Answer::Simulated(what)) => {
                self.simulated(simulation, Load::Ready(what));
            }
            (Query::Decode { message, .. }, Answer::Decoded(what)) => {
                self.read(message, Load::Ready(what));
            }
            (Query::ServicesUsed { arn, .. }, Answer::ServicesUsed(what)) => {
                self.services.insert(arn.clone(), Load::Ready(what));
            }
            _ => {}
        }
    }

    /// Takes in a state, where it is that of a key that is looked at. States are read for
    /// plans too.
    pub(super) fn told(&mut self, query: &Query, state: &State, now: Timestamp) {
        let (Query::State { place, .. }, State::AccessKey(key)) = (query, state) else { return };
        if let Some(look) = self.keys.get_mut(&(place.target.clone(), key.key.clone())) {
            look.answered(Arc::new(key.clone()), Vec::new(), now);
        }
    }

    /// An answer about a call that may not be asked about any more.
    fn simulated(&mut self, simulation: &Simulation, answer: Load<Simulated>) {
        if let Some((asked, load)) = &mut self.simulated
            && asked == simulation
        {
            *load = answer;
        }
    }

    fn read(&mut self, message: &str, answer: Load<Untrusted>) {
        if let Some((asked, load)) = &mut self.decoded
            && asked == message
        {
            *load = answer;
        }
    }

    pub(super) fn failed(&mut self, query: Query, fault: Fault) {
        match query {
            Query::State { place, subject: Subject::AccessKey(key) } => {
                if let Some(look) = self.keys.get_mut(&(place.target, key)) {
                    look.failed(fault);
                }
            }
            Query::Principal { place, who } => {
                self.principals.entry((place.target, who)).or_default().failed(fault);
            }
            Query::Authorization { place } => {
                self.accounts.entry(place.target).or_default().failed(fault);
            }
            Query::Root { place } => self.roots.entry(place.target).or_default().failed(fault),
            Query::Organization { place } => {
                self.organizations.entry(place.target).or_default().failed(fault);
            }
            Query::Simulate { simulation, .. } => self.simulated(&simulation, Load::Failed(fault)),
            Query::Decode { message, .. } => self.read(&message, Load::Failed(fault)),
            Query::ServicesUsed { arn, .. } => {
                self.services.insert(arn, Load::Failed(fault));
            }
            _ => {}
        }
    }
}

impl Case {
    /// Has one user or role looked at in an account, unless it is known and not wanted `again`.
    pub fn look_at(&mut self, target: &Target, who: &Principal, again: bool) {
        let place = self.home(target);
        let at = (target.clone(), who.clone());
        if self.inspection.principals.entry(at).or_default().begin(again) {
            self.pending.push(Query::Principal { place, who: who.clone() });
        }
    }

    /// Has an access key looked at: whose it is, its status and last use.
    pub fn look_at_key(&mut self, target: &Target, key: &AccessKeyId, again: bool) {
        let place = self.home(target);
        if self.inspection.keys.entry((target.clone(), key.clone())).or_default().begin(again) {
            let subject = Subject::AccessKey(key.clone());
            self.pending.push(Query::State { place, subject });
        }
    }

    /// Has a whole account looked at.
    pub fn look_at_account(&mut self, target: &Target, again: bool) {
        let place = self.home(target);
        if self.inspection.accounts.entry(target.clone()).or_default().begin(again) {
            self.pending.push(Query::Authorization { place });
        }
    }

    /// Has an account's root user and credentials looked at.
    pub fn look_at_root(&mut self, target: &Target, again: bool) {
        let place = self.home(target);
        if self.inspection.roots.entry(target.clone()).or_default().begin(again) {
            self.pending.push(Query::Root { place });
        }
    }

    /// Has the organization looked at from an account.
    pub fn look_at_organization(&mut self, target: &Target, again: bool) {
        let place = self.home(target);
        if self.inspection.organizations.entry(target.clone()).or_default().begin(again) {
            self.pending.push(Query::Organization { place });
        }
    }

    /// Has AWS's simulator asked about a call, with an account's credentials.
    pub fn simulate(&mut self, target: &Target, simulation: Simulation) {
        let place = self.home(target);
        self.inspection.simulated = Some((simulation.clone(), Load::Loading));
        self.pending.push(Query::Simulate { place, simulation });
    }

    /// Has an encoded refusal decoded by the account that it was made in.
    pub fn decode(&mut self, target: &Target, message: String) {
        let place = self.home(target);
        self.inspection.decoded = Some((message.clone(), Load::Loading));
        self.pending.push(Query::Decode { place, message });
    }

    /// Has IAM asked which services a principal was seen to use, unless it has told already.
    pub fn services_used(&mut self, target: &Target, arn: &Untrusted, again: bool) {
        let place = self.home(target);
        let load = self.inspection.services.entry(arn.clone()).or_default();
        if matches!(load, Load::Idle) || again && !matches!(load, Load::Loading) {
            *load = Load::Loading;
            self.pending.push(Query::ServicesUsed { place, arn: arn.clone() });
        }
    }

    /// Every account that is signed in, once, the primary target's first: what credentials
    /// look at it.
    pub fn accounts(&self) -> Vec<(Target, AccountId)> {
        let mut accounts: Vec<(Target, AccountId)> = Vec::new();
        for (target, load) in self.identities() {
            if let Load::Ready(identity) = load
                && accounts.iter().all(|(_, known)| *known != identity.account)
            {
                accounts.push((target.clone(), identity.account.clone()));
            }
        }
        accounts
    }

    /// Where questions about an account as a whole are asked: the region says which partition.
    pub(super) fn home(&self, target: &Target) -> Place {
        let region = match self.callers.get(target) {
            Some(Load::Ready(identity)) => identity.region.clone(),
            _ => None,
        };
        Place { target: target.clone(), region: region.unwrap_or_else(Region::us_east_1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::Intervals,
        domain::{Ask, Band, FaultKind, Status},
    };

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn case() -> Case {
        let ask = Ask { at_least: Band::High, status: Status::Active, updated_since: None };
        Case::new([(Target::from("prod"), Vec::new())], Vec::new(), ask, Intervals::once())
    }

    #[test]
    fn what_is_known_stays_while_it_is_asked_for_again_and_where_that_fails() {
        let (mut case, target) = (case(), Target::from("prod"));
        case.look_at_account(&target, false);
        case.look_at_account(&target, true);
        let asked = case.due_plan();
        assert_eq!(asked.len(), 1, "one question is on its way at most");
        let what = Arc::new(Authorization::default());
        let answer = Answer::Authorization { what: what.clone(), gaps: Vec::new() };
        case.answered(asked[0].0, answer, at("2026-03-02T03:10:00Z"));
        case.look_at_account(&target, false);
        assert!(case.due_plan().is_empty(), "it is known");
        case.look_at_account(&target, true);
        let again = case.due_plan();
        assert!(case.inspection.accounts[&target].is_asking);
        let fault = Fault::new(FaultKind::Timeout, "no answer");
        case.answered(again[0].0, Answer::Failed(fault.clone()), at("2026-03-02T04:10:00Z"));
        let look = &case.inspection.accounts[&target];
        assert_eq!(
            look.known.as_ref().map(|k| (&k.what, k.at)),
            Some((&what, at("2026-03-02T03:10:00Z")))
        );
        assert_eq!((look.is_asking, look.fault.as_ref()), (false, Some(&fault)));
        assert!(case.is_idle());
    }

    #[test]
    fn a_view_that_sees_nothing_is_no_organization() {
        let (mut case, target) = (case(), Target::from("prod"));
        case.look_at_organization(&target, false);
        let asked = case.due_plan();
        let why = Fault::new(FaultKind::Denied, "no");
        let what = Arc::new(View::NotVisible { why, id: None, management: None });
        let answer = Answer::Organization { what, gaps: Vec::new() };
        case.answered(asked[0].0, answer, at("2026-03-02T03:10:00Z"));
        assert!(case.inspection.organization().is_none());
        assert!(case.inspection.organizations[&target].known.is_some());
    }
}
