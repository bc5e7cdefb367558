//! What each verb answers, and who answers for a verb.

use serde_json::Value as Json;

use super::{
    Args, Asked, Contained,
    assume::{Assuming, Ending},
    boundary::Bounding,
    detection::{Detecting, Hub},
    feedback::Feedback,
    findings::Archiving,
    inline::Inlining,
    keys::Switching,
    login_profile::Deleting,
    organization::{Controlling, Moving},
    policy::Attaching,
    recording::{Logging, Selecting},
    set_workflow::SetWorkflow,
    tag::Tagging,
    trust::Trusting,
    value::Arg,
    version::{Step, Versioning},
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

/// Where what an argument names is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In the accounts there are credentials for, or in the finding's own.
    Iam,
    /// In every region looked at, findings of this service.
    Findings(crate::domain::Source),
    /// Where the organization can be seen: its management account, or whom it delegated to.
    Organization,
    /// In the region that an argument names, be it by a trail's ARN.
    Region,
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
    /// What it is at least.
    pub risk: Risk,
    /// What makes it wide, where something can.
    pub wide_where: Option<&'static str>,
    /// What people trip over, each in a sentence.
    pub pitfalls: &'static [&'static str],
    pub scope: Scope,
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
    fn risk(&self, _before: &State) -> Risk {
        self.spec().risk
    }
    /// Who else is affected, each in a sentence.
    fn affected(&self, before: &State) -> Vec<String>;
    /// What people trip over, each in a sentence.
    fn pitfalls(&self) -> &'static [&'static str] {
        self.spec().pitfalls
    }
    /// Why AWS would refuse it, where that is known before trying.
    fn impossible(&self, _before: &State) -> Option<String> {
        None
    }
    /// Whose calls it is to stop, where it takes rights from somebody: they are watched
    /// afterwards.
    fn contains(&self, _before: &State) -> Option<Contained> {
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
        Verb::PutInline { .. }
        | Verb::DeleteInline { .. }
        | Verb::DenyAll { .. }
        | Verb::RevokeSessions { .. }
        | Verb::DenySession { .. } => Box::new(Inlining::new(verb)),
        Verb::PutBoundary { to: of, policy } => Box::new(Bounding { of, policy: Some(policy) }),
        Verb::RemoveBoundary { of } => Box::new(Bounding { of, policy: None }),
        Verb::SetTrust { role, document } => Box::new(Trusting { role, document }),
        Verb::SetDefaultVersion { policy, version } => {
            Box::new(Versioning { policy, step: Step::Default(version) })
        }
        Verb::CreateVersion { policy, document, set_default } => {
            let step = Step::Create { document, set_default: *set_default };
            Box::new(Versioning { policy, step })
        }
        Verb::DeleteVersion { policy, version } => {
            Box::new(Versioning { policy, step: Step::Delete(version) })
        }
        Verb::DeleteLoginProfile { user } => Box::new(Deleting { user }),
        Verb::Tag { to: who, key, value } => Box::new(Tagging { who, key, value: Some(value) }),
        Verb::Untag { of: who, key } => Box::new(Tagging { who, key, value: None }),
        Verb::Feedback { detector, ids, useful, comment } => {
            Box::new(Feedback { detector, ids, useful: *useful, comment: comment.as_deref() })
        }
        Verb::SetDetector { detector, enable } => {
            Box::new(Detecting { detector: Some(detector), enable: *enable })
        }
        Verb::CreateDetector => Box::new(Detecting { detector: None, enable: true }),
        Verb::EnableHub => Box::new(Hub { enable: true }),
        Verb::DisableHub => Box::new(Hub { enable: false }),
        Verb::StartLogging { trail } => Box::new(Logging { trail, on: true }),
        Verb::StopLogging { trail } => Box::new(Logging { trail, on: false }),
        Verb::SetSelectors { trail, selectors } => Box::new(Selecting { trail, selectors }),
        Verb::AttachScp { scp, target } => Box::new(Controlling { scp, target, attached: true }),
        Verb::DetachScp { scp, target } => Box::new(Controlling { scp, target, attached: false }),
        Verb::MoveAccount { account, from, to } => Box::new(Moving { account, from, to }),
        Verb::AssumeRole(assume) => Box::new(Assuming { assume }),
        Verb::EndSession { role } => Box::new(Ending { role }),
    }
}
