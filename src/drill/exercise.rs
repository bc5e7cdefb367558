//! What every drill has after its scenario's own objectives: the power of break-glass is proven on
//! a canary and taken back, and the session is ended.

use std::collections::BTreeMap;

use super::{Canary, Condition, Move, Objective, Phase, Seen, told::CANARY};
use crate::domain::RoleArn;

/// The run by which another one is taken back, as runs name their playbook.
pub const UNDO: &str = "undo";

/// The objectives that are added to a script's.
pub fn exercise(role: &RoleArn, canary: &Canary) -> Vec<Objective> {
    let inputs = BTreeMap::from([("role".to_owned(), canary.role.to_string())]);
    let prove = Move::Run {
        playbook: CANARY.to_owned(),
        finding: None,
        account: Some(canary.account.clone()),
        inputs,
        answers: BTreeMap::new(),
    };
    let seen = |seen| Condition::Seen(seen);
    vec![
        Objective {
            id: "prove-power".to_owned(),
            phase: Phase::Verify,
            title: "Prove the power of break-glass on the canary, and take it back".to_owned(),
            coach: "For the evidence: as break-glass, change the canary role, which nobody uses, and take it back."
                .to_owned(),
            hints: vec![
                format!("The playbook is {CANARY}; it asks for the canary role and acts as break-glass."),
                "When it is done, roll it back: the canary must be as it was.".to_owned(),
            ],
            met: vec![
                seen(Seen::Assumed(role.clone())),
                seen(Seen::Ran(CANARY.to_owned())),
                seen(Seen::Ran(UNDO.to_owned())),
            ],
            solution: vec![Move::Assume, prove, Move::TakeBack { playbook: CANARY.to_owned() }],
        },
        Objective {
            id: "leave".to_owned(),
            phase: Phase::Verify,
            title: "End the session of break-glass".to_owned(),
            coach: "Nothing is left to do as break-glass: end the session.".to_owned(),
            hints: vec!["A session that is not needed is a risk.".to_owned()],
            met: vec![seen(Seen::Ended(role.clone()))],
            solution: vec![Move::End],
        },
    ]
}
