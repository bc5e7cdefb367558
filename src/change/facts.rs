//! What each verb answers, and who answers for a verb.

use serde_json::Value as Json;

use super::{
    Args, Asked, findings::Archiving, keys::Switching, policy::Attaching,
    set_workflow::SetWorkflow, value::Arg,
};
use crate::domain::{Change, State, Subject, Verb};

/// How much a mistake would cost. A playbook may raise it, never lower it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// There is a way back, and it gives nothing to an attacker.
    Reversible,
    /// Many are hit, or the attacker may gain by it: asks for the target's own name.
    Wide,
    /// There is no way back: asks for the target's own name.
    Irreversible,
}

impl Risk {
    pub const ALL: [Risk; 3] = [Risk::Reversible, Risk::Wide, Risk::Irreversible];

    pub fn name(self) -> &'static str {
        match self {
            Risk::Reversible => "reversible",
            Risk::Wide => "wide",
            Risk::Irreversible => "irreversible",
        }
    }
}

/// A verb as playbooks name it and as AWS does.
pub struct Spec {
    /// In playbook files.
    pub name: &'static str,
    /// As the SDK's metadata names it.
    pub service: &'static str,
    pub operation: &'static str,
    /// The IAM action that allows it (Service Authorization Reference).
    pub action: &'static str,
    /// One sentence.
    pub summary: &'static str,
    pub args: &'static [Arg],
    /// The service that the findings of its arguments belong to; none where it is about IAM.
    pub findings: Option<crate::domain::Source>,
    pub(super) subject: fn(&Args, &[String]) -> Subject,
    pub(super) verbs: fn(&Args, &State) -> Result<Vec<Verb>, String>,
}

impl std::fmt::Debug for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// What is true of one verb with its parameters. `before` is the state of
/// [`Facts::subject`] as it was read before the call.
pub trait Facts {
    fn spec(&self) -> &'static Spec;
    /// What is read before the call and after it.
    fn subject(&self) -> Subject;
    /// The target's own name, as it is typed back.
    fn target(&self) -> String;
    /// The call's parameters by their wire names. No secret is ever among them.
    fn params(&self) -> Json;
    /// The state after the call.
    fn after(&self, before: &State) -> State;
    /// What the call asks IAM for. `change` is the one that these are the facts of.
    fn asks(&self, change: &Change, before: &State) -> Asked;
    /// What of a state counts for this verb: two states are the same to it where these are.
    fn counts(&self, state: &State) -> Json;
    /// Whether a state read later is what the call brings about.
    fn is_done(&self, before: &State, now: &State) -> bool {
        self.counts(now) == self.counts(&self.after(before))
    }
    /// A state in lines, for the diff.
    fn lines(&self, state: &State) -> Vec<String>;
    /// The calls that bring the state before back; none where there is no way back.
    fn inverse(&self, before: &State) -> Vec<Verb>;
    /// What the way back does not bring back, each in a sentence.
    fn not_restored(&self, before: &State) -> Vec<String>;
    fn risk(&self) -> Risk;
    /// Who else is affected, each in a sentence.
    fn affected(&self, before: &State) -> Vec<String>;
    /// What people trip over, each in a sentence.
    fn pitfalls(&self) -> &'static [&'static str];
    /// Why AWS would refuse it, where that is known before trying.
    fn impossible(&self, _before: &State) -> Option<String> {
        None
    }
}

/// Who answers for a verb.
pub fn facts(verb: &Verb) -> Box<dyn Facts + '_> {
    match verb {
        Verb::ArchiveFindings { detector, ids } => {
            Box::new(Archiving { detector, ids, archived: true })
        }
        Verb::UnarchiveFindings { detector, ids } => {
            Box::new(Archiving { detector, ids, archived: false })
        }
        Verb::SetWorkflow { findings, status, note } => {
            Box::new(SetWorkflow { findings, status: *status, note: note.as_ref() })
        }
        Verb::DeactivateAccessKey { user, key } => Box::new(Switching { user, key, active: false }),
        Verb::ReactivateAccessKey { user, key } => Box::new(Switching { user, key, active: true }),
        Verb::DetachPolicy { from: who, policy } => {
            Box::new(Attaching { who, policy, attached: false })
        }
        Verb::AttachPolicy { to: who, policy } => {
            Box::new(Attaching { who, policy, attached: true })
        }
    }
}
