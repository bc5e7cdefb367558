//! `guardduty:UnarchiveFindings`: Bring archived GuardDuty findings back; only the administrator account may.

use super::{Arg, Args, Risk, Scope, Spec, ValueType, findings};
use crate::domain::{Source, State, Verb};

pub const SPEC: Spec = Spec {
    name: "guardduty.unarchive_findings",
    service: "GuardDuty",
    operation: "UnarchiveFindings",
    action: "guardduty:UnarchiveFindings",
    summary: "Bring archived GuardDuty findings back; only the administrator account may.",
    args: &[Arg::needed("findings", ValueType::FindingIds)],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: findings::PITFALLS,
    scope: Scope::Findings(Source::GuardDuty),
    subject: findings::subject,
    verbs,
};

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let calls = findings::calls(args, state, |f| f.archived).into_iter();
    Ok(calls.map(|(detector, ids)| Verb::UnarchiveFindings { detector, ids }).collect())
}
