//! A playbook with its inputs, resolved by reads only: what each step would do.
//!
//! [`plan`] is asked again and again: each time with more answers, until nothing that it
//! needs is missing.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{
    assume::HowToAssume,
    file::{Action, Playbook, Step, Template, Templates, When},
    item::{Item, ItemKind, StepState},
    lost::{named, nobody, nowhere, unheard_of},
};
use crate::{
    change::{self, Args, Prepared, Scope, Value},
    domain::{
        AccountId, Change, Fault, FaultKind, HubId, OpenSession, Place, Query, Region, Source,
        State, Subject, Target, TrailArn, Verb,
    },
    guard::Caller,
};

/// One account that halon has credentials for.
#[derive(Clone, Debug, PartialEq)]
pub struct At {
    pub target: Target,
    /// Where account-wide questions are asked.
    pub home: Region,
    pub caller: Caller,
}

/// Where things are looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Where {
    pub accounts: Vec<At>,
    pub guardduty: Vec<Place>,
    pub securityhub: Vec<Place>,
    /// The account that the finding names: IAM's things are looked for there alone.
    pub account: Option<AccountId>,
    /// The ARNs of the roles for emergencies, each of its account.
    pub break_glass: Vec<String>,
    /// How a role is assumed.
    pub how: HowToAssume,
    /// The sessions of break-glass that are open: their accounts are acted in with them.
    pub sessions: Vec<OpenSession>,
    /// Who writes notes.
    pub by: String,
}

impl Where {
    pub fn account_of(&self, target: &Target) -> Option<&AccountId> {
        self.accounts.iter().find(|a| a.target == *target).map(|a| &a.caller.account)
    }

    pub fn caller_of(&self, account: &AccountId) -> Option<&Caller> {
        self.accounts.iter().map(|a| &a.caller).find(|c| c.account == *account)
    }
}

/// What was read so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known(Vec<(Query, Result<State, Fault>)>);

impl Known {
    pub fn put(&mut self, query: Query, answer: Result<State, Fault>) {
        self.0.push((query, answer));
    }

    pub(super) fn get(&self, query: &Query) -> Option<&Result<State, Fault>> {
        self.0.iter().find(|(known, _)| known == query).map(|(_, answer)| answer)
    }
}

/// How far a plan has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Planning {
    /// These must be read first.
    Missing(Vec<Query>),
    Ready(Plan),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub items: Vec<Item>,
}

impl Plan {
    /// Why it cannot be run: the first step that could not be resolved.
    pub fn blocked(&self) -> Option<(&Item, &Fault)> {
        self.items.iter().find_map(|item| match &item.kind {
            ItemKind::Blocked { fault, .. } => Some((item, fault)),
            _ => None,
        })
    }

    /// Whether it can be run, and why not.
    pub fn runnable(&self) -> Result<(), &'static str> {
        match self.blocked() {
            Some(_) => Err("a step could not be resolved"),
            None if self.items.iter().all(|i| matches!(i.kind, ItemKind::Nothing { .. })) => {
                Err("there is nothing to do")
            }
            None => Ok(()),
        }
    }

    pub fn changes(&self) -> impl Iterator<Item = &Prepared> {
        self.items.iter().filter_map(Item::prepared)
    }
}

/// Resolves every step of `playbook` with `inputs` as far as `known` allows.
pub fn plan(
    playbook: &Playbook,
    inputs: &BTreeMap<String, Value>,
    place: &Where,
    known: &Known,
) -> Planning {
    let mut resolver = Resolver { place, known, missing: Vec::new() };
    let mut items: Vec<Item> = Vec::new();
    // What needs the role and does not say where it is assumed acts as it from its beginning.
    let first = Step {
        id: "break-glass".to_owned(),
        action: Action::Assume { with: Templates::new() },
        when: None,
        why: Some("The playbook acts as the break-glass role".to_owned()),
    };
    for step in playbook.assumes_first(place).then_some(&first).into_iter().chain(&playbook.steps) {
        let mut resolved = resolver.step(step, inputs, &items);
        if items.iter().any(Item::is_to_assume) {
            // Who cannot see it now may as the role: the run is planned anew then.
            resolved.iter_mut().for_each(Item::put_off);
        }
        items.extend(resolved);
    }
    if resolver.missing.is_empty() {
        Planning::Ready(Plan { items })
    } else {
        Planning::Missing(resolver.missing)
    }
}

impl Playbook {
    /// Whether it needs a role that no step of it assumes, and that nobody is yet.
    fn assumes_first(&self, place: &Where) -> bool {
        let assumes = |s: &Step| matches!(s.action, Action::Assume { .. });
        let of = |s: &OpenSession| place.account.as_ref().is_none_or(|a| *a == s.account);
        !self.requires.is_empty()
            && !self.steps.iter().any(assumes)
            && !place.sessions.iter().any(of)
    }
}

/// How long it is looked whether a session is open: it is by the time that the call is over, or
/// was not begun, and waiting makes no difference.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(5);

/// Why a step is not resolved.
enum Stuck {
    Missing,
    Fault(Fault),
}

type Found = Result<Vec<(Place, State)>, Stuck>;
/// What was found, and what kept places from being asked.
type Asked = (Vec<(Place, State)>, Vec<Fault>);

struct Resolver<'p> {
    place: &'p Where,
    known: &'p Known,
    missing: Vec<Query>,
}

impl Resolver<'_> {
    fn step(
        &mut self,
        step: &Step,
        inputs: &BTreeMap<String, Value>,
        before: &[Item],
    ) -> Vec<Item> {
        let undecided = step.when.as_ref().and_then(|when| against(when, before));
        let mut items = match (undecided, &step.action) {
            (Some(why), action) => {
                let mut item =
                    Item::new(&step.id, ItemKind::Nothing { call: name(action).to_owned() });
                item.state = StepState::Skipped(why);
                vec![item]
            }
            (None, Action::Ask { question }) => {
                vec![Item::new(
                    &step.id,
                    ItemKind::Ask { question: question.clone(), answer: None },
                )]
            }
            (None, Action::Note { text }) => {
                vec![Item::new(&step.id, ItemKind::Note { text: text.clone() })]
            }
            (None, action) => self.looked_up(step, action, inputs),
        };
        for item in &mut items {
            item.when = step.when.clone();
            item.why = step.why.clone();
        }
        items
    }

    fn looked_up(
        &mut self,
        step: &Step,
        action: &Action,
        inputs: &BTreeMap<String, Value>,
    ) -> Vec<Item> {
        let blocked =
            |fault| vec![Item::new(&step.id, ItemKind::Blocked { kind: action.kind(), fault })];
        let one = |kind| vec![Item::new(&step.id, kind)];
        let args = |with: &Templates| args(with, inputs, &self.place.by);
        let found = match action {
            Action::Read { what, with } => self.found(what.scope, &args(with), what.subject),
            Action::Check { what, with } => {
                self.found(what.read.scope, &args(with), what.read.subject)
            }
            Action::Change { what, with, .. } => {
                self.found(what.scope, &args(with), |a, ids| change::subject(what, a, ids))
            }
            Action::Assume { with } => {
                return match self.assumed(&args(with)) {
                    Ok(kind) => one(kind),
                    Err(Stuck::Missing) => Vec::new(),
                    Err(Stuck::Fault(fault)) => blocked(fault),
                };
            }
            Action::Ask { .. } | Action::Note { .. } => return Vec::new(),
        };
        let found = match found {
            Ok(found) => found,
            Err(Stuck::Missing) => return Vec::new(),
            Err(Stuck::Fault(fault)) => return blocked(fault),
        };
        let queries = found.iter().map(|(place, state)| again(place, state)).collect();
        match action {
            Action::Read { what, .. } => one(ItemKind::Read { name: what.name, queries, found }),
            Action::Check { what, .. } => one(ItemKind::Check { what, queries, found }),
            Action::Change { what, with, within } => {
                let args = args(with);
                let mut items = Vec::new();
                for (place, before) in found {
                    let verbs = match change::verbs(what, &args, &before) {
                        Ok(verbs) => verbs,
                        Err(why) => return blocked(Fault::new(FaultKind::BadRequest, why)),
                    };
                    let Some(account) = self.place.account_of(&place.target).cloned() else {
                        let what = format!("who {} is could not be read", place.target);
                        return blocked(Fault::new(FaultKind::NoCredentials, what));
                    };
                    for verb in verbs {
                        let change =
                            Change { place: place.clone(), account: account.clone(), verb };
                        let before = of(&change, &before);
                        let prepared = Box::new(Prepared { change, before });
                        let id = match items.len() {
                            0 => step.id.clone(),
                            n => format!("{}#{}", step.id, n + 1),
                        };
                        items.push(Item::new(&id, ItemKind::Change { prepared, within: *within }));
                    }
                }
                if items.is_empty() {
                    one(ItemKind::Nothing { call: what.name.to_owned() })
                } else {
                    items
                }
            }
            Action::Assume { .. } | Action::Ask { .. } | Action::Note { .. } => Vec::new(),
        }
    }

    /// The call that opens a session, or nothing where one is open.
    fn assumed(&mut self, args: &Args) -> Result<ItemKind, Stuck> {
        let place = self.place;
        let role = place.meant(args.glass()).map_err(Stuck::Fault)?;
        if place.sessions.iter().any(|s| s.role == role) {
            return Ok(ItemKind::Nothing { call: format!("assume {role}") });
        }
        let base = place.base().ok_or_else(|| Stuck::Fault(nobody(None)))?;
        let there = Place { target: base.target.clone(), region: base.home.clone() };
        let before = match self.ask(&there, Subject::Glass(role.clone())) {
            None => return Err(Stuck::Missing),
            Some(Err(fault)) => return Err(Stuck::Fault(fault)),
            Some(Ok(before)) => before,
        };
        let Some(glass) = before.glass() else { return Err(Stuck::Missing) };
        let verb = Verb::AssumeRole(place.assume(base, role, glass));
        let change = Change { place: there, account: base.caller.account.clone(), verb };
        Ok(ItemKind::Change { prepared: Box::new(Prepared { change, before }), within: AT_ONCE })
    }

    fn ask(&mut self, place: &Place, subject: Subject) -> Option<Result<State, Fault>> {
        let query = Query::State { place: place.clone(), subject };
        let answer = self.known.get(&query).cloned();
        if answer.is_none() && !self.missing.contains(&query) {
            self.missing.push(query);
        }
        answer
    }

    fn found(
        &mut self,
        scope: Scope,
        args: &Args,
        subject: impl Fn(&Args, &[String]) -> Subject,
    ) -> Found {
        let home = |at: &At| Place { target: at.target.clone(), region: at.home.clone() };
        match scope {
            Scope::Iam => {
                let places = self.accounts(self.place.account.as_ref(), home)?;
                self.in_one_of(&places, subject(args, &[]))
            }
            Scope::Organization => {
                let places = self.accounts(None, home)?;
                self.in_organization(&places, subject(args, &[]))
            }
            Scope::Region => {
                let trail = args.trail();
                let region = trail.map(TrailArn::region).or_else(|| args.region().cloned());
                let Some(region) = region else { return Ok(Vec::new()) };
                let account = trail.map(TrailArn::account).or_else(|| self.place.account.clone());
                let at = |at: &At| Place { target: at.target.clone(), region: region.clone() };
                let places = self.accounts(account.as_ref(), at)?;
                self.in_one_of(&places, subject(args, &[]))
            }
            Scope::Findings(Source::GuardDuty) => self.in_guardduty(args.findings()),
            Scope::Findings(Source::SecurityHub) => self.in_securityhub(args.findings()),
        }
    }

    /// A place in every account there are credentials for, or in this one alone.
    fn accounts(
        &self,
        only: Option<&AccountId>,
        place: impl Fn(&At) -> Place,
    ) -> Result<Vec<Place>, Stuck> {
        // Several profiles of one account are one account.
        let mut accounts: Vec<&At> = Vec::new();
        let own = |a: &&At| only.is_none_or(|account| *account == a.caller.account);
        for at in self.place.accounts.iter().filter(own) {
            if !accounts.iter().any(|a| a.caller.account == at.caller.account) {
                accounts.push(at);
            }
        }
        if accounts.is_empty() {
            return Err(Stuck::Fault(nobody(only)));
        }
        Ok(accounts.into_iter().map(place).collect())
    }

    /// Asks the accounts for what is the organization's: many may see it, and the management
    /// account alone may change it, unless it delegated that.
    fn in_organization(&mut self, places: &[Place], subject: Subject) -> Found {
        let (mut found, mut faults, mut missing) = (Vec::new(), Vec::new(), false);
        for place in places {
            match self.ask(place, subject.clone()) {
                None => missing = true,
                Some(Ok(state)) => found.push((place.clone(), state)),
                Some(Err(fault)) => faults.push(fault),
            }
        }
        let manages = |(place, state): &(Place, State)| {
            let account = self.place.account_of(&place.target);
            account.is_some() && account == state.management()
        };
        let best = found.iter().position(manages).unwrap_or(0);
        match found.into_iter().nth(best) {
            _ if missing => Err(Stuck::Missing),
            Some(one) => Ok(vec![one]),
            None => Err(Stuck::Fault(nowhere(&subject, faults))),
        }
    }

    /// Looks in every place for what is in one of them.
    fn in_one_of(&mut self, places: &[Place], subject: Subject) -> Found {
        let (mut found, mut faults, mut missing) = (Vec::new(), Vec::new(), false);
        for place in places.iter().cloned() {
            match self.ask(&place, subject.clone()) {
                None => missing = true,
                Some(Ok(state)) => found.push((place, state)),
                Some(Err(fault)) => faults.push(fault),
            }
        }
        match found.len() {
            _ if missing => Err(Stuck::Missing),
            1 => Ok(found),
            0 => Err(Stuck::Fault(nowhere(&subject, faults))),
            n => {
                let what = format!("{} is in {n} accounts: which one is meant?", named(&subject));
                let fault = Fault::new(FaultKind::BadRequest, what);
                Err(Stuck::Fault(
                    fault.with_hint("choose its account with --profile, or start from the finding"),
                ))
            }
        }
    }

    /// What places know of findings, and the faults of those that could not be asked.
    fn asked_in(&mut self, places: &[Place], subject: &Subject) -> Result<Asked, Stuck> {
        let (mut found, mut faults, mut missing) = (Vec::new(), Vec::new(), false);
        for place in places {
            match self.ask(place, subject.clone()) {
                None => missing = true,
                Some(Ok(state)) => found.push((place.clone(), state)),
                // Where the service is off there is none of them.
                Some(Err(fault)) if fault.kind == FaultKind::NotEnabled => {}
                Some(Err(fault)) => faults.push(fault),
            }
        }
        if missing { Err(Stuck::Missing) } else { Ok((found, faults)) }
    }

    fn in_guardduty(&mut self, given: &[String]) -> Found {
        let ids: Vec<String> = given.iter().filter_map(|id| guardduty_id(id)).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let subject = Subject::GuardDuty { ids: ids.clone() };
        let (mut found, faults) = self.asked_in(&self.place.guardduty, &subject)?;
        // The administrator's view first: a member cannot archive what both see.
        let member = |s: &State| s.guardduty().is_some_and(|g| g.administrator.is_some());
        found.sort_by_key(|(_, state)| member(state));
        let mut seen: Vec<String> = Vec::new();
        for (_, state) in &mut found {
            if let State::GuardDuty(state) = state {
                state.findings.retain(|f| !seen.contains(&f.id));
                seen.extend(state.findings.iter().map(|f| f.id.clone()));
            }
        }
        found.retain(|(_, s)| s.guardduty().is_some_and(|g| !g.findings.is_empty()));
        let unknown: Vec<&String> = ids.iter().filter(|id| !seen.contains(id)).collect();
        match (faults.into_iter().next(), unknown.first()) {
            (Some(fault), Some(_)) => Err(Stuck::Fault(fault)),
            // An ARN may be a copy of what is detected elsewhere; a bare id names nothing else.
            (None, Some(id)) if given.contains(*id) => Err(Stuck::Fault(unheard_of(id))),
            _ => Ok(found),
        }
    }

    fn in_securityhub(&mut self, given: &[String]) -> Found {
        let ids = given;
        // GuardDuty's ids have their copy under the finding's ARN.
        let originals = self.in_guardduty(ids)?;
        let arns = originals.iter().filter_map(|(_, s)| s.guardduty()).flat_map(|g| &g.findings);
        let arns = arns.filter_map(|f| f.arn.as_ref().map(|a| a.raw().to_owned()));
        let mut ids: Vec<String> =
            ids.iter().filter(|id| guardduty_id(id).as_ref() != Some(id)).cloned().collect();
        ids.extend(arns);
        ids.sort();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let subject = Subject::SecurityHub { ids: ids.clone() };
        let (mut found, faults) = self.asked_in(&self.place.securityhub, &subject)?;
        // A home region shows what others have: each finding is changed where it lives.
        let lives = |place: &Place, id: &str| id.split(':').nth(3) == Some(place.region.as_str());
        let mut home: BTreeMap<HubId, usize> = BTreeMap::new();
        for (at, (place, state)) in found.iter().enumerate() {
            for HubId { id, product_arn } in state.hub().unwrap_or_default().iter().map(|f| &f.id) {
                let name = HubId { id: id.clone(), product_arn: product_arn.clone() };
                if lives(place, id) || lives(place, product_arn) {
                    home.insert(name, at);
                } else {
                    home.entry(name).or_insert(at);
                }
            }
        }
        for (at, (_, state)) in found.iter_mut().enumerate() {
            if let State::SecurityHub(findings) = state {
                findings.retain(|f| home.get(&f.id) == Some(&at));
            }
        }
        found.retain(|(_, s)| s.hub().is_some_and(|f| !f.is_empty()));
        let unknown = |id: &&String| !home.keys().any(|known| known.id == **id);
        match (faults.into_iter().next(), ids.iter().find(unknown)) {
            (Some(fault), Some(_)) => Err(Stuck::Fault(fault)),
            // GuardDuty's copy may be minutes behind; whatever else was named is not there.
            (None, Some(id)) if given.contains(id) && guardduty_id(id).is_none() => {
                Err(Stuck::Fault(unheard_of(id)))
            }
            _ => Ok(found),
        }
    }
}

/// Why a step is not taken, where that is known already.
pub(super) fn against(when: &When, before: &[Item]) -> Option<String> {
    let item = before.iter().find(|item| item.id == when.step)?;
    if let StepState::Skipped(_) = item.state {
        return Some(format!("{} was skipped", when.step));
    }
    let decided = item.decided()?;
    (decided != when.holds).then(|| {
        let answer = if decided { "yes" } else { "no" };
        format!("{} says {answer}", when.step)
    })
}

fn name(action: &Action) -> &'static str {
    match action {
        Action::Read { what, .. } => what.name,
        Action::Check { what, .. } => what.read.name,
        Action::Change { what, .. } => what.name,
        other => other.kind(),
    }
}

fn args(with: &Templates, inputs: &BTreeMap<String, Value>, by: &str) -> Args {
    let value = |template: &Template| match template {
        Template::Value(value) => Some(value.clone()),
        // An optional argument whose input was left out.
        Template::Input(name) => inputs.get(name).cloned(),
    };
    let mut args: BTreeMap<String, Value> =
        with.iter().filter_map(|(name, t)| Some((name.clone(), value(t)?))).collect();
    args.insert("by".to_owned(), Value::Text(by.to_owned()));
    Args(args)
}

/// The question that brings a state again.
fn again(place: &Place, state: &State) -> Query {
    Query::State { place: place.clone(), subject: state.subject() }
}

/// Of the state that was read, what the change is about.
fn of(change: &Change, state: &State) -> State {
    let mut state = state.clone();
    match (&change.verb, &mut state) {
        (
            Verb::ArchiveFindings { ids, .. }
            | Verb::UnarchiveFindings { ids, .. }
            | Verb::Feedback { ids, .. },
            State::GuardDuty(g),
        ) => g.findings.retain(|f| ids.contains(&f.id)),
        (Verb::SetWorkflow { findings, .. }, State::SecurityHub(all)) => {
            all.retain(|f| findings.contains(&f.id));
        }
        (Verb::DeactivateAccessKey { key, .. }, State::AccessKeys(all)) => {
            if let Some(one) = all.keys.iter().find(|k| k.key == *key) {
                return State::AccessKey(one.clone());
            }
        }
        _ => {}
    }
    state
}

/// GuardDuty's id in what names a finding: the id itself (32 hex digits) or the end of
/// its ARN.
fn guardduty_id(text: &str) -> Option<String> {
    let hex = |s: &str| s.len() == 32 && s.bytes().all(|b| b.is_ascii_hexdigit());
    if hex(text) {
        return Some(text.to_owned());
    }
    let of_guardduty = text.split(':').nth(2) == Some("guardduty");
    let (_, id) = text.rsplit_once("/finding/").filter(|_| of_guardduty)?;
    Some(id.to_owned())
}
