//! Why a call is refused, in AWS's words (IAM user guide, "Troubleshoot access denied error
//! messages"). "If multiple policy types deny an authorization request, AWS includes only
//! one of those policy types in the error message."

use super::asked::Asked;
use crate::{
    policy::{Decision, Kind},
    range::{service::Call, wire::Refusal},
};

const TRUST: &str = "role trust policy";

/// In this order one of several kinds that deny is told.
const FIRST: [Kind; 6] =
    [Kind::Scp, Kind::Rcp, Kind::Resource, Kind::Identity, Kind::Boundary, Kind::Session];

pub fn refusal(call: &Call, asked: &Asked, decision: &Decision) -> Refusal {
    let reason = reason(asked, decision);
    // Where a trust policy refuses, the guide's sentences do not name the role.
    let said = match reason.contains(TRUST) {
        true => who(call, asked),
        false => sentence(call, asked),
    };
    refused(call, &format!("{said}{reason}"))
}

/// Without the reason: what AWS says where it would tell another account too much.
pub fn bare(call: &Call, asked: &Asked) -> Refusal {
    refused(call, &sentence(call, asked))
}

fn who(call: &Call, asked: &Asked) -> String {
    let (who, action) = (&call.caller.arn, &asked.action);
    format!("User: {who} is not authorized to perform: {action}")
}

fn sentence(call: &Call, asked: &Asked) -> String {
    format!("{} on resource: {}", who(call, asked), asked.shown)
}

fn reason(asked: &Asked, decision: &Decision) -> String {
    let action = &asked.action;
    let trust = action.starts_with("sts:") && asked.resource.contains(":role/");
    let denies = |kind: &Kind| decision.by.iter().any(|reason| reason.kind == *kind);
    if decision.outcome == crate::policy::Outcome::ExplicitDeny {
        let Some(kind) = FIRST.into_iter().find(denies) else { return String::new() };
        return match kind {
            Kind::Resource if trust => format!(" with an explicit deny in the {TRUST}"),
            Kind::Identity => format!(" with an explicit deny in an {}", kind.phrase()),
            _ => format!(" with an explicit deny in a {}", kind.phrase()),
        };
    }
    let Some(lacking) = decision.lacking.first() else { return String::new() };
    let what = match lacking.kind {
        Kind::Resource if trust => TRUST,
        kind => kind.phrase(),
    };
    format!(" because no {what} allows the {action} action")
}

/// The code and status of the service's protocol.
pub fn refused(call: &Call, why: &str) -> Refusal {
    match call.service {
        "iam" | "sts" => Refusal::new(403, "AccessDenied", why),
        "guardduty" | "securityhub" => Refusal::new(403, "AccessDeniedException", why),
        // awsJson: 400.
        _ => Refusal::new(400, "AccessDeniedException", why),
    }
}
