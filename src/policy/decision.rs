//! What became of a request, and why.

use std::sync::Arc;

use serde::Serialize;

use super::document::Effect;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing denies it, and not everything that must allow it does.
    ImplicitDeny,
    /// It depends on a context key that may or may not be there.
    Unknown,
}

impl Outcome {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::ExplicitDeny => "explicit_deny",
            Outcome::ImplicitDeny => "implicit_deny",
            Outcome::Unknown => "unknown",
        }
    }
}

/// A type of policy (IAM user guide, "Policy types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Resource,
}

impl Kind {
    /// As AWS's error messages and people call it.
    pub fn phrase(self) -> &'static str {
        match self {
            Kind::Identity => "identity-based policy",
            Kind::Boundary => "permissions boundary",
            Kind::Session => "session policy",
            Kind::Scp => "service control policy",
            Kind::Rcp => "resource control policy",
            Kind::Resource => "resource-based policy",
        }
    }
}

/// One statement that decided, or that let the request through its layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The policy's name.
    pub policy: Arc<str>,
    pub kind: Kind,
    /// The level of the organization, from 0 at the root; SCPs and RCPs only.
    #[serde(skip)]
    pub level: Option<usize>,
    pub sid: Option<Arc<str>>,
    /// From 0.
    pub statement: usize,
    #[serde(serialize_with = "word")]
    pub effect: Effect,
}

fn word<S: serde::Serializer>(effect: &Effect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(effect.word())
}

/// Something that had to allow the request and did not, or perhaps did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lacking {
    pub kind: Kind,
    /// The level of the organization, from 0 at the root.
    pub level: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// For an explicit deny, the statements that deny; for what is allowed, one statement of
    /// each layer that allows; for an unknown one, those that may decide.
    pub by: Vec<Reason>,
    /// Context keys that the decision depends on, as a policy spells them.
    pub missing: Vec<String>,
    /// What had to allow and does not; empty unless the outcome is an implicit deny.
    pub lacking: Vec<Lacking>,
    /// The request is refused whatever the missing keys are.
    pub refused_anyway: bool,
    /// Sentences for people.
    pub notes: Vec<String>,
}

impl Decision {
    /// An outcome for which there is nothing more to say.
    pub(super) fn new(outcome: Outcome) -> Self {
        Decision {
            outcome,
            by: Vec::new(),
            missing: Vec::new(),
            lacking: Vec::new(),
            refused_anyway: false,
            notes: Vec::new(),
        }
    }

    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// Refused for certain, be it by a statement or for want of one.
    pub fn is_denied(&self) -> bool {
        matches!(self.outcome, Outcome::ExplicitDeny | Outcome::ImplicitDeny) || self.refused_anyway
    }
}
