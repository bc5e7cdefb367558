//! Pre-flight: would the identity in use, and each role for emergencies of the account, be
//! allowed what the changes of a plan ask for?
//!
//! Two answer: halon's own evaluation of the policies as they were last read, and AWS's
//! simulator. Each is labelled with what it does not know. Nothing waits for them, and nothing
//! is kept from being tried by them: what was not read, or could not be, leaves an answer
//! unknown and says so.
//!
//! Judged by what stands now: that an earlier step of the same plan changes what a later one
//! is allowed is not foreseen.

mod judge;
mod need;

pub(in crate::case) use judge::{holder_of, says_of_policies};
pub(in crate::case) use need::principal;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{Case, Load};
use crate::{
    change::{Asked, Prepared},
    domain::{
        AccountId, Answer, Fault, Place, Query, Target,
        simulation::{Simulated, Simulation},
    },
    policy::{Effect, Kind, Outcome, Reason},
};

/// Whose call it would be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Who {
    /// As `GetCallerIdentity` gives it, or a role's own.
    pub arn: String,
    /// A role for emergencies, rather than the identity in use.
    pub is_break_glass: bool,
}

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Witness {
    /// Halon, from the policies that were read.
    Here,
    /// IAM's `SimulatePrincipalPolicy`.
    Simulator,
}

/// How far the answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Asking,
    Answered,
    /// It could not be asked, or not be judged.
    Unanswered,
}

/// A statement that decides, or a policy that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub policy: String,
    /// The simulator tells the policy alone.
    pub reason: Option<Reason>,
}

/// What one of them says of one call by one identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    pub who: Who,
    pub witness: Witness,
    pub stage: Stage,
    /// Unknown unless answered.
    pub outcome: Outcome,
    pub by: Vec<Cause>,
    /// Context keys that decide, and are not known.
    pub missing: Vec<String>,
    /// What it does not look at; empty where there is nothing to say.
    pub blind: String,
    /// Sentences; of what is unanswered, why.
    pub notes: Vec<String>,
    /// When the oldest of what it rests on was read.
    pub at: Option<Timestamp>,
}

/// One call of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Call {
    place: Place,
    account: AccountId,
    asked: Asked,
}

impl Call {
    fn of(prepared: &Prepared) -> Self {
        let change = &prepared.change;
        Self {
            place: change.place.clone(),
            account: change.account.clone(),
            asked: prepared.facts().asks(change, &prepared.before),
        }
    }
}

/// The calls of plans with what is foreseen of each.
#[derive(Debug, Default)]
pub struct Preflight {
    calls: HashMap<Call, Entry>,
    simulated: HashMap<(Target, Simulation), (Load<Simulated>, Option<Timestamp>)>,
    /// What was begun for the plan that is looked at.
    begun: HashSet<need::Need>,
    /// An answer came since the last judgement.
    stale: bool,
    /// Nothing is asked for now: the plan itself comes first.
    pub is_held: bool,
}

#[derive(Debug, Default)]
struct Entry {
    who: Vec<Who>,
    /// What it rests on is being asked for: it is of the newest plan.
    is_pursued: bool,
    /// The worst first, by identity.
    foreseen: Vec<Foreseen>,
}

impl Preflight {
    pub(super) fn answered(&mut self, query: &Query, answer: &Answer, now: Timestamp) {
        match (query, answer) {
            (Query::Simulate { place, simulation }, Answer::Simulated(what)) => {
                self.simulated(place, simulation, Load::Ready(what.clone()), now);
            }
            (Query::Simulate { place, simulation }, Answer::Failed(fault)) => {
                self.simulated(place, simulation, Load::Failed(fault.clone()), now);
            }
            (
                Query::Principal { .. } | Query::Organization { .. } | Query::Authorization { .. },
                _,
            ) => {
                self.stale = true;
            }
            _ => {}
        }
    }

    fn simulated(&mut self, place: &Place, of: &Simulation, load: Load<Simulated>, now: Timestamp) {
        let at = (place.target.clone(), of.clone());
        // Somebody else's question is no plan's.
        if let Some(slot) = self.simulated.get_mut(&at) {
            *slot = (load, Some(now));
            self.stale = true;
        }
    }
}

impl Case {
    /// What is foreseen of a change, the identity in use first, of each the worse answer
    /// first. Empty where it is no change of a plan.
    pub fn foreseen(&self, prepared: &Prepared) -> &[Foreseen] {
        self.preflight.calls.get(&Call::of(prepared)).map_or(&[], |entry| &entry.foreseen)
    }

    /// Nobody waits any longer: what was not answered stays so, and why.
    pub fn give_up(&mut self, why: &Fault, now: Timestamp) {
        let tickets: Vec<_> = self.tickets.keys().copied().collect();
        for ticket in tickets {
            self.answered(ticket, Answer::Failed(why.clone()), now);
        }
        self.pending.clear();
        self.judge(now);
    }
}

impl Foreseen {
    /// Refused for certain, as far as the witness sees.
    pub fn is_denied(&self) -> bool {
        matches!(self.outcome, Outcome::ExplicitDeny | Outcome::ImplicitDeny)
    }

    /// What the answer is worth, in words.
    pub fn confidence(&self) -> String {
        let witness = match self.witness {
            Witness::Here => "evaluated here",
            Witness::Simulator => "AWS's simulator",
        };
        match self.blind.is_empty() {
            true => witness.to_owned(),
            false => format!("{witness}; does not know {}", self.blind),
        }
    }

    /// Its shape in halon's JSON answers (`halon.plan/1`).
    pub fn to_json(&self) -> Json {
        let cause = |cause: &Cause| match &cause.reason {
            Some(reason) => json!(reason),
            None => json!({"policy": cause.policy, "kind": null, "sid": null,
                "statement": null, "effect": null}),
        };
        let decision = match self.stage {
            Stage::Answered => self.outcome.word(),
            Stage::Asking | Stage::Unanswered => Outcome::Unknown.word(),
        };
        json!({
            "who": self.who.arn,
            "break_glass": self.who.is_break_glass,
            "decision": decision,
            "confidence": self.confidence(),
            "answered": self.stage == Stage::Answered,
            "by": self.by.iter().map(cause).collect::<Vec<_>>(),
            "missing_context": self.missing,
            "notes": self.notes,
            "as_of": self.at,
        })
    }

    /// How much it asks for to be seen: a denial most.
    fn weight(&self) -> u8 {
        match (self.stage, self.outcome) {
            (Stage::Answered, Outcome::ExplicitDeny) => 0,
            (Stage::Answered, Outcome::ImplicitDeny) => 1,
            (Stage::Answered, Outcome::Unknown) => 2,
            (Stage::Answered, Outcome::Allowed) => 3,
            (Stage::Asking, _) => 4,
            // That nobody answered contradicts nobody.
            (Stage::Unanswered, _) => 5,
        }
    }
}

impl Cause {
    /// `statement 1 (DenyIam) of guard, service control policy`. Safe to show.
    pub fn phrase(&self) -> String {
        let shown = |text: &str| crate::domain::untrusted::display_in(text, 80);
        let policy = shown(&self.policy);
        let Some(reason) = &self.reason else { return policy };
        let sid = reason.sid.as_deref().filter(|sid| !sid.is_empty());
        let sid = sid.map(|sid| format!(" ({})", shown(sid))).unwrap_or_default();
        format!("statement {}{sid} of {policy}, {}", reason.statement, reason.kind.phrase())
    }

    pub fn denies(&self) -> bool {
        self.reason.as_ref().is_some_and(|r| r.effect == Effect::Deny)
    }

    /// A policy of the identity itself, rather than one of the organization's.
    pub fn is_own(&self) -> bool {
        let above = |reason: &Reason| matches!(reason.kind, Kind::Scp | Kind::Rcp);
        !self.reason.as_ref().is_some_and(above)
    }
}
