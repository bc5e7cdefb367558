//! What a drill that is going on is about: everything that its evidence is asked for with.

use std::sync::Arc;

use super::{Canary, DrillId};
use crate::{
    case::proof::Histories,
    domain::{AccountId, OpenSession, Place, RoleArn, Target},
    guard::Mode,
    playbook::HowToAssume,
};

/// The target that whoever the role does not trust is asked with.
pub fn stranger() -> Target {
    Arc::from("stranger")
}

#[derive(Clone, Debug, PartialEq)]
pub struct Drilling {
    pub id: DrillId,
    pub role: RoleArn,
    pub canary: Option<Canary>,
    /// Whoever drills.
    pub operator: Operator,
    /// Where the role's account can be read.
    pub inside: Option<Place>,
    /// Whether somebody is known whom the role does not trust.
    pub stranger: bool,
    /// The session that is open, and the one that was ended last.
    pub open: Option<OpenSession>,
    pub ended: Option<OpenSession>,
    pub mode: Mode,
    pub how: HowToAssume,
    /// Where CloudTrail can be asked.
    pub histories: Histories,
    /// The drill assumes that the usual sign-in does not work.
    pub idp_down: bool,
}

/// The credentials that the role is assumed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Operator {
    pub place: Place,
    pub account: AccountId,
    pub arn: String,
}
