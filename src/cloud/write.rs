//! The writer: the only way to change anything, and it takes a permit.

use std::sync::Arc;

use aws_sdk_securityhub::types::{AwsSecurityFindingIdentifier, NoteUpdate, WorkflowUpdate};

use super::{
    Cloud, Report,
    client::{Account, Endpoint, Hands},
    gate::under_permit,
    trace::traced,
};
use crate::{
    change::Prepared,
    domain::{
        Answer, Applied, Call, Change, Fault, FaultKind, HubId, Outcome, Principal, Verb,
        untrusted::display_in,
    },
    guard::Permit,
};

/// Makes changes. In read-only mode none is built.
#[derive(Clone)]
pub struct Writer {
    cloud: Cloud,
}

impl Writer {
    pub(super) fn new(cloud: Cloud) -> Self {
        Self { cloud }
    }

    /// Makes the one call that the permit is for: one attempt, no retry.
    pub async fn apply(&self, permit: Permit, report: Report<'_>) -> Applied {
        let prepared = permit.spend();
        let account = match self.cloud.account(&prepared.change.place.target).await {
            Ok(account) => account,
            Err(fault) => return unsent(fault),
        };
        if let Err(fault) = endpoint_is_meant(&account) {
            return unsent(fault);
        }
        if let Err(fault) = is_still(&account, &prepared).await {
            return unsent(fault);
        }
        let hands = account.hands(&prepared.change.place);
        let (service, operation) = {
            let facts = prepared.facts();
            (facts.spec().service, facts.spec().operation)
        };
        let (result, call) =
            under_permit((service, operation), send(&hands, &prepared, (service, operation))).await;
        let applied = Applied {
            outcome: outcome(result, call.attempts),
            attempts: call.attempts,
            host: call.host.clone(),
            request_id: call.request_id.clone(),
            server_time: call.server_time,
        };
        report(Answer::Called(call));
        if applied.outcome.fault().is_some_and(|f| f.kind == FaultKind::Expired) {
            self.cloud.forget(&prepared.change.place.target);
        }
        applied
    }
}

/// What the environment or a profile says about endpoints serves reading only.
fn endpoint_is_meant(account: &Arc<Account>) -> Result<(), Fault> {
    match &account.chain().endpoint {
        Some(Endpoint { from_flag: false, .. }) => Err(Fault::new(
            FaultKind::Refused,
            "the endpoint comes from the environment or a profile: it serves reading only",
        )
        .with_hint("give the same URL as --endpoint-url")),
        _ => Ok(()),
    }
}

/// Credentials are read anew when they expire, and may be another account's by now: what
/// was consented to is a change in this one.
async fn is_still(account: &Arc<Account>, prepared: &Prepared) -> Result<(), Fault> {
    let reach = account.reach(&prepared.change.place);
    let ask = reach.sts.get_caller_identity().send();
    let (result, _) = traced(&reach.place, ("STS", "GetCallerIdentity"), ask).await;
    let (caller, _) = result?;
    if caller.account() == Some(prepared.change.account.as_str()) {
        return Ok(());
    }
    let what = "the credentials are another account's than the change was planned for";
    Err(Fault::new(FaultKind::Refused, what).with_hint("plan it again"))
}

fn unsent(fault: Fault) -> Applied {
    Applied {
        outcome: Outcome::Refused(fault),
        attempts: 0,
        host: None,
        request_id: None,
        server_time: None,
    }
}

/// What was not answered may have been done; what never left was not.
fn outcome(result: Result<Vec<String>, Fault>, attempts: u32) -> Outcome {
    match result {
        Ok(not) if not.is_empty() => Outcome::Accepted,
        Ok(not) => Outcome::Partial(not),
        Err(mut fault) => {
            // The hints of reads promise another attempt; a change gets none.
            let open = matches!(
                fault.kind,
                FaultKind::Timeout
                    | FaultKind::Network
                    | FaultKind::Service
                    | FaultKind::Unreadable
            );
            if open && attempts > 0 {
                fault.hint = None;
                Outcome::Unknown(fault)
            } else {
                Outcome::Refused(fault)
            }
        }
    }
}

/// What AWS did not do of it, each with its reason.
type Sent = (Result<Vec<String>, Fault>, Call);

async fn send(hands: &Hands, prepared: &Prepared, name: (&'static str, &'static str)) -> Sent {
    let Change { place, verb, .. } = &prepared.change;
    // The SDK has a request type for each call and no trait over them.
    macro_rules! made {
        ($request:expr) => {{
            let (result, call) = traced(place, name, $request.send()).await;
            (result.map(|_| Vec::new()), call)
        }};
    }
    match verb {
        Verb::ArchiveFindings { detector, ids } => made!(
            hands
                .guardduty
                .archive_findings()
                .detector_id(detector)
                .set_finding_ids(Some(ids.clone()))
        ),
        Verb::UnarchiveFindings { detector, ids } => made!(
            hands
                .guardduty
                .unarchive_findings()
                .detector_id(detector)
                .set_finding_ids(Some(ids.clone()))
        ),
        Verb::DeactivateAccessKey { user, key } => made!(
            hands
                .iam
                .update_access_key()
                .user_name(user.as_str())
                .access_key_id(key.as_str())
                .status("Inactive".into())
        ),
        Verb::ReactivateAccessKey { user, key } => made!(
            hands
                .iam
                .update_access_key()
                .user_name(user.as_str())
                .access_key_id(key.as_str())
                .status("Active".into())
        ),
        Verb::DetachPolicy { from: Principal::Role(role), policy } => made!(
            hands.iam.detach_role_policy().role_name(role.as_str()).policy_arn(policy.as_str())
        ),
        Verb::DetachPolicy { from: Principal::User(user), policy } => made!(
            hands.iam.detach_user_policy().user_name(user.as_str()).policy_arn(policy.as_str())
        ),
        Verb::AttachPolicy { to: Principal::Role(role), policy } => made!(
            hands.iam.attach_role_policy().role_name(role.as_str()).policy_arn(policy.as_str())
        ),
        Verb::AttachPolicy { to: Principal::User(user), policy } => made!(
            hands.iam.attach_user_policy().user_name(user.as_str()).policy_arn(policy.as_str())
        ),
        Verb::SetWorkflow { findings, status, note } => {
            let note = note
                .as_ref()
                .map(|n| NoteUpdate::builder().text(&n.text).updated_by(&n.by).build());
            let request = hands
                .securityhub
                .batch_update_findings()
                .set_finding_identifiers(Some(findings.iter().map(identifier).collect()))
                .workflow(WorkflowUpdate::builder().status(status.word().into()).build())
                .set_note(note);
            let (result, call) = traced(place, name, request.send()).await;
            // HTTP 200 is no success: what was not done is listed.
            let not = result.map(|(answer, _)| {
                let not = answer.unprocessed_findings().iter();
                not.map(|u| {
                    let id = u.finding_identifier().and_then(|i| i.id()).unwrap_or("?");
                    let (code, why) =
                        (u.error_code().unwrap_or("?"), u.error_message().unwrap_or(""));
                    format!(
                        "{}: {} {}",
                        display_in(id, 200),
                        display_in(code, 40),
                        display_in(why, 120)
                    )
                })
                .collect()
            });
            (not, call)
        }
    }
}

fn identifier(finding: &HubId) -> AwsSecurityFindingIdentifier {
    AwsSecurityFindingIdentifier::builder()
        .id(&finding.id)
        .product_arn(&finding.product_arn)
        .build()
}
