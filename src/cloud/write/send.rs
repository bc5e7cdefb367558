//! From a verb to its one request.

use aws_sdk_iam::types::Tag;
use aws_sdk_securityhub::types::{AwsSecurityFindingIdentifier, NoteUpdate, WorkflowUpdate};

use super::selectors;
use crate::{
    change::{Prepared, inline::Wanted},
    cloud::{client::Hands, trace::traced},
    domain::{
        Call, Change, EventSelectors, Fault, FaultKind, HubId, Note, Place, Principal, Verb,
        Workflow, untrusted::display_in,
    },
};

/// What AWS did not do of it, each with its reason.
type Sent = (Result<Vec<String>, Fault>, Call);
type Name = (&'static str, &'static str);

// The SDK has a request type for each call and no trait over them.
macro_rules! made {
    ($place:expr, $name:expr, $request:expr) => {{
        let (result, call) = traced($place, $name, $request.send()).await;
        (result.map(|_| Vec::new()), call)
    }};
}

pub async fn send(hands: &Hands, prepared: &Prepared, name: Name) -> Sent {
    let Change { place, verb, .. } = &prepared.change;
    match verb {
        Verb::ArchiveFindings { detector, ids } => {
            let ask = hands.guardduty.archive_findings().detector_id(detector);
            made!(place, name, ask.set_finding_ids(Some(ids.clone())))
        }
        Verb::UnarchiveFindings { detector, ids } => {
            let ask = hands.guardduty.unarchive_findings().detector_id(detector);
            made!(place, name, ask.set_finding_ids(Some(ids.clone())))
        }
        Verb::Feedback { detector, ids, useful, comment } => {
            let ask = hands.guardduty.update_findings_feedback().detector_id(detector);
            let ask = ask.set_finding_ids(Some(ids.clone())).feedback(useful.word().into());
            made!(place, name, ask.set_comments(comment.clone()))
        }
        Verb::SetDetector { detector, enable } => {
            let ask = hands.guardduty.update_detector().detector_id(detector);
            made!(place, name, ask.enable(*enable))
        }
        Verb::CreateDetector => made!(place, name, hands.guardduty.create_detector().enable(true)),
        Verb::SetWorkflow { findings, status, note } => {
            workflow(hands, place, name, (findings, *status, note.as_ref())).await
        }
        Verb::EnableHub => {
            let ask = hands.securityhub.enable_security_hub();
            made!(place, name, ask.enable_default_standards(true))
        }
        Verb::DisableHub => made!(place, name, hands.securityhub.disable_security_hub()),
        Verb::StartLogging { trail } => {
            made!(place, name, hands.cloudtrail.start_logging().name(trail.as_str()))
        }
        Verb::StopLogging { trail } => {
            made!(place, name, hands.cloudtrail.stop_logging().name(trail.as_str()))
        }
        Verb::SetSelectors { trail, selectors } => {
            let ask = hands.cloudtrail.put_event_selectors().trail_name(trail.as_str());
            match selectors {
                EventSelectors::Basic(all) => {
                    let all = all.iter().map(selectors::basic).collect();
                    made!(place, name, ask.set_event_selectors(Some(all)))
                }
                EventSelectors::Advanced(all) => {
                    match all.iter().map(selectors::advanced).collect() {
                        Ok(all) => {
                            made!(place, name, ask.set_advanced_event_selectors(Some(all)))
                        }
                        Err(_) => unmade(place, name),
                    }
                }
            }
        }
        Verb::AttachScp { scp, target } => {
            let ask = hands.organizations.attach_policy().policy_id(scp.as_str());
            made!(place, name, ask.target_id(target.as_str()))
        }
        Verb::DetachScp { scp, target } => {
            let ask = hands.organizations.detach_policy().policy_id(scp.as_str());
            made!(place, name, ask.target_id(target.as_str()))
        }
        Verb::MoveAccount { account, from, to } => {
            let ask = hands.organizations.move_account().account_id(account.as_str());
            let ask = ask.source_parent_id(from.as_str()).destination_parent_id(to.as_str());
            made!(place, name, ask)
        }
        verb => match Wanted::of(verb) {
            Some(wanted) => inline(hands, place, name, &wanted).await,
            None => iam(hands, place, name, verb).await,
        },
    }
}

/// A request that the SDK itself does not take: nothing was sent.
fn unmade(place: &Place, (service, operation): Name) -> Sent {
    let call = Call {
        service,
        operation,
        place: place.clone(),
        attempts: 0,
        millis: 0,
        waited_millis: 0,
        throttled: 0,
        bytes: 0,
        host: None,
        request_id: None,
        server_time: None,
        fault: Some(FaultKind::BadRequest),
    };
    let what = format!("{operation}: the request lacks something that AWS needs");
    (Err(Fault::new(FaultKind::BadRequest, what)), call)
}

/// Puts an inline policy on a user or role, or takes it away.
async fn inline(hands: &Hands, place: &Place, name: Name, wanted: &Wanted<'_>) -> Sent {
    let (iam, policy) = (&hands.iam, wanted.name.as_str());
    match (&*wanted.of, &wanted.document) {
        (Principal::Role(role), Some(document)) => {
            let ask = iam.put_role_policy().role_name(role.as_str()).policy_name(policy);
            made!(place, name, ask.policy_document(&**document))
        }
        (Principal::Role(role), None) => {
            let ask = iam.delete_role_policy().role_name(role.as_str());
            made!(place, name, ask.policy_name(policy))
        }
        (Principal::User(user), Some(document)) => {
            let ask = iam.put_user_policy().user_name(user.as_str()).policy_name(policy);
            made!(place, name, ask.policy_document(&**document))
        }
        (Principal::User(user), None) => {
            let ask = iam.delete_user_policy().user_name(user.as_str());
            made!(place, name, ask.policy_name(policy))
        }
    }
}

/// What else IAM can change.
async fn iam(hands: &Hands, place: &Place, name: Name, verb: &Verb) -> Sent {
    use Principal::{Role, User};
    let iam = &hands.iam;
    match verb {
        Verb::DeactivateAccessKey { user, key } => {
            let ask = iam.update_access_key().user_name(user.as_str()).access_key_id(key.as_str());
            made!(place, name, ask.status("Inactive".into()))
        }
        Verb::ReactivateAccessKey { user, key } => {
            let ask = iam.update_access_key().user_name(user.as_str()).access_key_id(key.as_str());
            made!(place, name, ask.status("Active".into()))
        }
        Verb::DetachPolicy { from: Role(role), policy } => {
            let ask = iam.detach_role_policy().role_name(role.as_str());
            made!(place, name, ask.policy_arn(policy.as_str()))
        }
        Verb::DetachPolicy { from: User(user), policy } => {
            let ask = iam.detach_user_policy().user_name(user.as_str());
            made!(place, name, ask.policy_arn(policy.as_str()))
        }
        Verb::AttachPolicy { to: Role(role), policy } => {
            let ask = iam.attach_role_policy().role_name(role.as_str());
            made!(place, name, ask.policy_arn(policy.as_str()))
        }
        Verb::AttachPolicy { to: User(user), policy } => {
            let ask = iam.attach_user_policy().user_name(user.as_str());
            made!(place, name, ask.policy_arn(policy.as_str()))
        }
        Verb::PutBoundary { to: Role(role), policy } => {
            let ask = iam.put_role_permissions_boundary().role_name(role.as_str());
            made!(place, name, ask.permissions_boundary(policy.as_str()))
        }
        Verb::PutBoundary { to: User(user), policy } => {
            let ask = iam.put_user_permissions_boundary().user_name(user.as_str());
            made!(place, name, ask.permissions_boundary(policy.as_str()))
        }
        Verb::RemoveBoundary { of: Role(role) } => {
            let ask = iam.delete_role_permissions_boundary();
            made!(place, name, ask.role_name(role.as_str()))
        }
        Verb::RemoveBoundary { of: User(user) } => {
            let ask = iam.delete_user_permissions_boundary();
            made!(place, name, ask.user_name(user.as_str()))
        }
        Verb::SetTrust { role, document } => {
            let ask = iam.update_assume_role_policy().role_name(role.as_str());
            made!(place, name, ask.policy_document(document))
        }
        Verb::SetDefaultVersion { policy, version } => {
            let ask = iam.set_default_policy_version().policy_arn(policy.as_str());
            made!(place, name, ask.version_id(version.as_str()))
        }
        Verb::CreateVersion { policy, document, set_default } => {
            let ask = iam.create_policy_version().policy_arn(policy.as_str());
            let ask = ask.policy_document(document).set_as_default(*set_default);
            made!(place, name, ask)
        }
        Verb::DeleteVersion { policy, version } => {
            let ask = iam.delete_policy_version().policy_arn(policy.as_str());
            made!(place, name, ask.version_id(version.as_str()))
        }
        Verb::DeleteLoginProfile { user } => {
            made!(place, name, iam.delete_login_profile().user_name(user.as_str()))
        }
        Verb::Tag { to, key, value } => match Tag::builder().key(key).value(value).build() {
            Ok(tag) => match to {
                Role(role) => {
                    made!(place, name, iam.tag_role().role_name(role.as_str()).tags(tag))
                }
                User(user) => {
                    made!(place, name, iam.tag_user().user_name(user.as_str()).tags(tag))
                }
            },
            Err(_) => unmade(place, name),
        },
        Verb::Untag { of: Role(role), key } => {
            made!(place, name, iam.untag_role().role_name(role.as_str()).tag_keys(key))
        }
        Verb::Untag { of: User(user), key } => {
            made!(place, name, iam.untag_user().user_name(user.as_str()).tag_keys(key))
        }
        // What is sent elsewhere, by name: a new verb makes the compiler ask where it belongs.
        Verb::ArchiveFindings { .. }
        | Verb::UnarchiveFindings { .. }
        | Verb::SetWorkflow { .. }
        | Verb::PutInline { .. }
        | Verb::DeleteInline { .. }
        | Verb::DenyAll { .. }
        | Verb::RevokeSessions { .. }
        | Verb::DenySession { .. }
        | Verb::Feedback { .. }
        | Verb::SetDetector { .. }
        | Verb::CreateDetector
        | Verb::EnableHub
        | Verb::DisableHub
        | Verb::StartLogging { .. }
        | Verb::StopLogging { .. }
        | Verb::SetSelectors { .. }
        | Verb::AttachScp { .. }
        | Verb::DetachScp { .. }
        | Verb::MoveAccount { .. }
        | Verb::AssumeRole(_)
        | Verb::EndSession { .. } => unmade(place, name),
    }
}

/// HTTP 200 is no success: what was not done is listed.
async fn workflow(
    hands: &Hands,
    place: &Place,
    name: Name,
    (findings, status, note): (&[HubId], Workflow, Option<&Note>),
) -> Sent {
    let note = note.map(|n| NoteUpdate::builder().text(&n.text).updated_by(&n.by).build());
    let request = hands
        .securityhub
        .batch_update_findings()
        .set_finding_identifiers(Some(findings.iter().map(identifier).collect()))
        .workflow(WorkflowUpdate::builder().status(status.word().into()).build())
        .set_note(note);
    let (result, call) = traced(place, name, request.send()).await;
    let not = result.map(|(answer, _)| {
        let not = answer.unprocessed_findings().iter();
        not.map(|u| {
            let id = u.finding_identifier().and_then(|i| i.id()).unwrap_or("?");
            let (code, why) = (u.error_code().unwrap_or("?"), u.error_message().unwrap_or(""));
            let (id, code) = (display_in(id, 200), display_in(code, 40));
            format!("{id}: {code} {}", display_in(why, 120))
        })
        .collect()
    });
    (not, call)
}

fn identifier(finding: &HubId) -> AwsSecurityFindingIdentifier {
    AwsSecurityFindingIdentifier::builder()
        .id(&finding.id)
        .product_arn(&finding.product_arn)
        .build()
}
