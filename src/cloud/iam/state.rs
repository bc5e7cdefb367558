//! What changes are planned on: access keys, users, roles, managed policies.

use super::{document, empty, listed, used};
use crate::{
    cloud::{Report, body::time, client::Reach, paging::Paging, trace::call},
    domain::{
        AccessKeyId, AttachmentState, Fault, FaultKind, KeyState, KeyStatus, PolicyArn, Principal,
        PrincipalState, RoleName, State, UserName,
    },
};

/// Whose key it is (`GetAccessKeyLastUsed` answers for keys of this account), and its
/// status among the user's keys.
pub async fn access_key(
    reach: &Reach,
    id: &AccessKeyId,
    report: Report<'_>,
) -> Result<State, Fault> {
    if id.is_temporary() {
        let what = format!("{id} is a temporary key: it belongs to a session, not to a user");
        return Err(Fault::new(FaultKind::BadRequest, what)
            .with_hint("end the session instead: its role, or the user's key that made it"));
    }
    let ask = reach.iam.get_access_key_last_used().access_key_id(id.as_str()).send();
    let (owner, _) = call(&reach.place, ("IAM", "GetAccessKeyLastUsed"), ask, report).await?;
    // The root user's keys have no user name that IAM's calls take.
    let user = owner.user_name().unwrap_or_default();
    let user: UserName = user.parse().map_err(|why: String| {
        Fault::new(FaultKind::Unreadable, format!("{id} belongs to nobody IAM can name"))
            .with_cause(&why)
    })?;
    let last_used = owner.access_key_last_used().and_then(used);
    let mut keys = Vec::new();
    let mut paging = Paging::new(reach.limits.pages);
    loop {
        let ask = reach
            .iam
            .list_access_keys()
            .user_name(user.as_str())
            .set_marker(paging.token.clone())
            .send();
        let (page, _) = call(&reach.place, ("IAM", "ListAccessKeys"), ask, report).await?;
        keys.extend(page.access_key_metadata().iter().cloned());
        if !paging.advance(page.marker().filter(|_| page.is_truncated()))? {
            break;
        }
    }
    let mut this = None;
    let mut others: Vec<(AccessKeyId, KeyStatus)> = Vec::new();
    for key in &keys {
        let status = KeyStatus::from(key.status().map_or("", |s| s.as_str()));
        match key.access_key_id() {
            Some(other) if other == id.as_str() => {
                this = Some((status, key.create_date().and_then(time)));
            }
            Some(other) => {
                if let Ok(other) = other.parse() {
                    others.push((other, status));
                }
            }
            None => {}
        }
    }
    let Some((status, created)) = this else {
        let what = format!("{id} is not among the keys of user {user}: it was deleted");
        return Err(Fault::new(FaultKind::NotFound, what));
    };
    others.sort_by(|a, b| a.0.cmp(&b.0));
    let key = id.clone();
    Ok(State::AccessKey(KeyState { user, key, status, created, last_used, others }))
}

pub async fn principal(
    reach: &Reach,
    principal: &Principal,
    report: Report<'_>,
) -> Result<PrincipalState, Fault> {
    match principal {
        Principal::Role(name) => role(reach, name, report).await,
        Principal::User(name) => user(reach, name, report).await,
    }
}

async fn role(reach: &Reach, name: &RoleName, report: Report<'_>) -> Result<PrincipalState, Fault> {
    let ask = reach.iam.get_role().role_name(name.as_str()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetRole"), ask, report).await?;
    let role = answer.role().ok_or_else(|| empty("GetRole"))?;
    let request = || reach.iam.list_attached_role_policies().role_name(name.as_str());
    let attached = listed!(reach, report, "ListAttachedRolePolicies", request(), attached_policies);
    let request = || reach.iam.list_role_policies().role_name(name.as_str());
    let inline = listed!(reach, report, "ListRolePolicies", request(), policy_names);
    Ok(PrincipalState {
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
    })
}

async fn user(reach: &Reach, name: &UserName, report: Report<'_>) -> Result<PrincipalState, Fault> {
    let ask = reach.iam.get_user().user_name(name.as_str()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetUser"), ask, report).await?;
    let user = answer.user().ok_or_else(|| empty("GetUser"))?;
    let request = || reach.iam.list_attached_user_policies().user_name(name.as_str());
    let attached = listed!(reach, report, "ListAttachedUserPolicies", request(), attached_policies);
    let request = || reach.iam.list_user_policies().user_name(name.as_str());
    let inline = listed!(reach, report, "ListUserPolicies", request(), policy_names);
    Ok(PrincipalState {
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
    })
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
