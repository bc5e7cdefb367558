//! What changes are planned on: access keys, users, roles, managed policies.

mod holds;
mod keys;
mod versions;

pub use holds::{inline, login, tags, trust};
pub use keys::{access_key, access_keys};
pub use versions::policy;

use super::{document, empty, listed};
use std::future::Future;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;

use crate::{
    cloud::{
        Report,
        body::time,
        client::Reach,
        trace::{call, traced},
    },
    domain::{
        Answer, AttachmentState, Fault, FaultKind, PolicyArn, Principal, PrincipalState, RoleName,
        State, Untrusted, UserName,
    },
};

pub async fn principal(
    reach: &Reach,
    principal: &Principal,
    report: Report<'_>,
) -> Result<PrincipalState, Fault> {
    Ok(looked_up(reach, principal, report).await?.state)
}

/// A user or role, with what the same calls tell beside its state.
struct Found {
    state: PrincipalState,
    id: Untrusted,
    /// A role's, encoded as IAM sends it.
    trust: Option<String>,
    tags: Vec<(Untrusted, Untrusted)>,
    /// AWS's clock at the answer.
    clock: Timestamp,
}

async fn looked_up(
    reach: &Reach,
    principal: &Principal,
    report: Report<'_>,
) -> Result<Found, Fault> {
    match principal {
        Principal::Role(name) => role(reach, name, report).await,
        Principal::User(name) => user(reach, name, report).await,
    }
}

async fn role(reach: &Reach, name: &RoleName, report: Report<'_>) -> Result<Found, Fault> {
    let ask = reach.iam.get_role().role_name(name.as_str()).send();
    let (answer, clock) = timed(reach, ("IAM", "GetRole"), ask, report).await?;
    let role = answer.role().ok_or_else(|| empty("GetRole"))?;
    let request = || reach.iam.list_attached_role_policies().role_name(name.as_str());
    let attached = listed!(reach, report, "ListAttachedRolePolicies", request(), attached_policies);
    let request = || reach.iam.list_role_policies().role_name(name.as_str());
    let inline = listed!(reach, report, "ListRolePolicies", request(), policy_names);
    let state = PrincipalState {
        principal: Principal::Role(name.clone()),
        arn: role.arn().into(),
        service_linked: role.path().starts_with("/aws-service-role/"),
        created: time(role.create_date()),
        last_used: role.role_last_used().and_then(|u| u.last_used_date()).and_then(time),
        boundary: role
            .permissions_boundary()
            .and_then(|b| b.permissions_boundary_arn())
            .map(Into::into),
        attached: arns(attached.iter().filter_map(|p| p.policy_arn())),
        inline: inline.iter().map(|n| n.as_str().into()).collect(),
    };
    Ok(Found {
        state,
        id: role.role_id().into(),
        trust: role.assume_role_policy_document().map(ToOwned::to_owned),
        tags: super::tags(role.tags()),
        clock,
    })
}

async fn user(reach: &Reach, name: &UserName, report: Report<'_>) -> Result<Found, Fault> {
    let ask = reach.iam.get_user().user_name(name.as_str()).send();
    let (answer, clock) = timed(reach, ("IAM", "GetUser"), ask, report).await?;
    let user = answer.user().ok_or_else(|| empty("GetUser"))?;
    let request = || reach.iam.list_attached_user_policies().user_name(name.as_str());
    let attached = listed!(reach, report, "ListAttachedUserPolicies", request(), attached_policies);
    let request = || reach.iam.list_user_policies().user_name(name.as_str());
    let inline = listed!(reach, report, "ListUserPolicies", request(), policy_names);
    let state = PrincipalState {
        principal: Principal::User(name.clone()),
        arn: user.arn().into(),
        service_linked: false,
        created: time(user.create_date()),
        last_used: user.password_last_used().and_then(time),
        boundary: user
            .permissions_boundary()
            .and_then(|b| b.permissions_boundary_arn())
            .map(Into::into),
        attached: arns(attached.iter().filter_map(|p| p.policy_arn())),
        inline: inline.iter().map(|n| n.as_str().into()).collect(),
    };
    Ok(Found {
        state,
        id: user.user_id().into(),
        trust: None,
        tags: super::tags(user.tags()),
        clock,
    })
}

/// A call, and AWS's clock at its answer (the `Date` header, RFC 9110 section 6.6.1).
async fn timed<T, E>(
    reach: &Reach,
    name: (&'static str, &'static str),
    send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    report: Report<'_>,
) -> Result<(T, Timestamp), Fault>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (result, call) = traced(&reach.place, name, send).await;
    let clock = reach.clock(call.server_time);
    report(Answer::Called(call));
    let (answer, _) = result?;
    let clock = clock.ok_or_else(|| {
        Fault::new(FaultKind::Unreadable, format!("{}: the answer bears no date", name.1))
    })?;
    Ok((answer, clock))
}

/// A principal and a managed policy: attached or not, and what the policy says.
pub async fn attachment(
    reach: &Reach,
    to: &Principal,
    policy: &PolicyArn,
    report: Report<'_>,
) -> Result<State, Fault> {
    let principal = principal(reach, to, report).await?;
    let ask = reach.iam.get_policy().policy_arn(policy.as_str()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetPolicy"), ask, report).await?;
    let about = answer.policy().ok_or_else(|| empty("GetPolicy"))?;
    let version = about.default_version_id().unwrap_or_default().to_owned();
    let ask =
        reach.iam.get_policy_version().policy_arn(policy.as_str()).version_id(&version).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetPolicyVersion"), ask, report).await?;
    let text = answer.policy_version().and_then(|v| v.document()).unwrap_or_default();
    Ok(State::Attachment(AttachmentState {
        principal,
        policy: policy.clone(),
        version: version.into(),
        document: document(text, &format!("policy {policy}"))?,
        attachments: about.attachment_count().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
    }))
}

/// Policies in their order by name; what is no ARN is left out.
fn arns<'a>(arns: impl Iterator<Item = &'a str>) -> Vec<PolicyArn> {
    let mut arns: Vec<PolicyArn> = arns.filter_map(|a| a.parse().ok()).collect();
    arns.sort();
    arns
}
