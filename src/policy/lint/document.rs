//! A policy document that is looked at: where it comes from, and what was read in it.

use std::sync::OnceLock;

use serde::Serialize;

use super::watch::Facts;
use crate::{
    domain::Untrusted,
    policy::{Malformed, Policy, Statement},
};

/// What kind of policy a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Inline,
    Managed,
    /// Written by AWS, and not to be changed.
    AwsManaged,
    Trust,
    Scp,
    Rcp,
}

/// Which document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    pub kind: Kind,
    pub name: Untrusted,
    /// A managed policy's ARN, an organization's policy's id.
    pub arn: Option<Untrusted>,
}

pub struct Document {
    pub source: Source,
    pub policy: Result<Policy, Malformed>,
    facts: OnceLock<Facts>,
}

impl Document {
    pub fn read(source: Source, text: &Untrusted) -> Self {
        Document { source, policy: Policy::parse(text.raw()), facts: OnceLock::new() }
    }

    /// None where the document does not parse.
    pub fn statements(&self) -> &[Statement] {
        self.policy.as_ref().map(|p| p.statements.as_slice()).unwrap_or_default()
    }

    pub fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| self.policy.as_ref().map(Facts::of).unwrap_or_default())
    }
}
