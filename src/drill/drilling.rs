//! What a drill that is going on is about: everything that its evidence is asked for with.

use std::sync::Arc;

use super::{Canary, DrillId};
use crate::{
    case::{Case, proof::Histories},
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

impl Drilling {
    /// As a case has it now; nothing before it is known who drills. `ended` is the session that
    /// was ended last.
    pub fn of(
        case: &Case,
        (id, role, canary): (&DrillId, &RoleArn, &Canary),
        ended: Option<OpenSession>,
        mode: &Mode,
    ) -> Option<Drilling> {
        let place = case.place(None);
        let is_session = |target: &Target| case.glass.iter().any(|open| open.target == *target);
        let base = place.accounts.iter().find(|at| !is_session(&at.target))?;
        let inside = place.accounts.iter().find(|at| at.caller.account == role.account());
        let (places, gaps) = case.histories();
        Some(Drilling {
            id: id.clone(),
            role: role.clone(),
            canary: Some(canary.clone()),
            operator: Operator {
                place: Place { target: base.target.clone(), region: base.home.clone() },
                account: base.caller.account.clone(),
                arn: base.caller.arn.clone(),
            },
            inside: inside.map(|at| Place { target: at.target.clone(), region: at.home.clone() }),
            stranger: true,
            open: case.glass.iter().find(|open| open.role == *role).cloned(),
            ended,
            mode: mode.clone(),
            how: case.how.clone(),
            histories: Histories { places, gaps },
            idp_down: true,
        })
    }
}
