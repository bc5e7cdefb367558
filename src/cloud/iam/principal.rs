//! One role or user completely, as a listing of its own.

use std::sync::Arc;

use super::{Lacks, boundary, document, empty, listed, policies, role_used, tags, used};
use crate::{
    cloud::{Report, body::time, client::Reach, paging::several, trace::call},
    domain::{
        AccessKeyId, Answer, Fault, FaultKind, KeyStatus, LastUsed, Principal, RoleName, Untrusted,
        UserName,
        authorization::{Authorization, Group, Holder, Inline, Inspected, Role, User},
        credentials::{Password, SignIn, UserKey},
    },
};
use aws_sdk_iam::types::AttachedPolicy;

/// Fails as a whole where the principal itself cannot be read; all else is a gap.
pub async fn inspected(
    reach: &Reach,
    who: &Principal,
    report: Report<'_>,
) -> Result<Answer, Fault> {
    let mut lacks = Lacks::new(reach);
    let what = match who {
        Principal::Role(name) => role(name, &mut lacks, report).await?,
        Principal::User(name) => user(name, &mut lacks, report).await?,
    };
    Ok(Answer::Inspected { what: Arc::new(what), gaps: lacks.gaps })
}

/// Names of inline policies and attached managed policies, and the inline documents: the same
/// three calls for users, groups and roles, under three names each.
macro_rules! policies_of {
    ($lacks:expr, $report:expr, $of:expr, $name:expr,
     $list:ident $list_operation:literal, $get:ident $get_operation:literal,
     $attached:ident $attached_operation:literal, $holder:ident) => {{
        let (reach, report) = ($lacks.reach, $report);
        let name: &str = $name;
        let names = async {
            let request = || reach.iam.$list().$holder(name);
            Ok(listed!(reach, report, $list_operation, request(), policy_names))
        };
        let names: Vec<String> = $lacks.or_gap(names.await).unwrap_or_default();
        let mut documents = Vec::with_capacity(names.len());
        for policy in &names {
            documents.push(async move {
                let ask = reach.iam.$get().$holder(name).policy_name(policy).send();
                let (answer, _) = call(&reach.place, ("IAM", $get_operation), ask, report).await?;
                let of = format!("policy {policy} in {} {name}", $of);
                let document = document(answer.policy_document(), &of)?;
                Ok(Inline { name: policy.as_str().into(), document })
            });
        }
        let read: Vec<Result<Inline, Fault>> = several(policies::AT_ONCE, documents).await;
        let inline: Vec<Inline> = read.into_iter().filter_map(|p| $lacks.or_gap(p)).collect();
        let attached = async {
            let request = || reach.iam.$attached().$holder(name);
            Ok(listed!(reach, report, $attached_operation, request(), attached_policies))
        };
        let attached: Vec<AttachedPolicy> = $lacks.or_gap(attached.await).unwrap_or_default();
        let arns = attached.iter().filter_map(|p| p.policy_arn()).map(Untrusted::from);
        (inline, arns.collect::<Vec<Untrusted>>())
    }};
}

async fn role(
    name: &RoleName,
    lacks: &mut Lacks<'_>,
    report: Report<'_>,
) -> Result<Inspected, Fault> {
    let reach = lacks.reach;
    let ask = reach.iam.get_role().role_name(name.as_str()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetRole"), ask, report).await?;
    let role = answer.role().ok_or_else(|| empty("GetRole"))?;
    let (inline, attached) = policies_of!(
        lacks, report, "role", name.as_str(),
        list_role_policies "ListRolePolicies", get_role_policy "GetRolePolicy",
        list_attached_role_policies "ListAttachedRolePolicies", role_name
    );
    let profiles = async {
        let request = || reach.iam.list_instance_profiles_for_role().role_name(name.as_str());
        Ok(listed!(reach, report, "ListInstanceProfilesForRole", request(), instance_profiles))
    };
    let profiles = lacks.or_gap(profiles.await).unwrap_or_default();
    let trust = role.assume_role_policy_document();
    let role = Role {
        holder: Holder {
            name: role.role_name().into(),
            path: role.path().into(),
            id: role.role_id().into(),
            arn: role.arn().into(),
            created: time(role.create_date()),
            inline,
            attached,
            boundary: boundary(role.permissions_boundary()),
            tags: tags(role.tags()),
        },
        trust: lacks.document(None, trust, &format!("trust of role {name}")),
        description: role.description().filter(|d| !d.is_empty()).map(Untrusted::from),
        max_session: role.max_session_duration().and_then(|s| u32::try_from(s).ok()),
        last_used: role_used(role.role_last_used()),
        instance_profiles: profiles.iter().map(|p| p.instance_profile_name().into()).collect(),
    };
    let all = Authorization { roles: vec![role], ..Authorization::default() };
    Ok(Inspected { authorization: with_policies(all, lacks, report).await, sign_in: None })
}

async fn user(
    name: &UserName,
    lacks: &mut Lacks<'_>,
    report: Report<'_>,
) -> Result<Inspected, Fault> {
    let reach = lacks.reach;
    let ask = reach.iam.get_user().user_name(name.as_str()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetUser"), ask, report).await?;
    let user = answer.user().ok_or_else(|| empty("GetUser"))?;
    let (inline, attached) = policies_of!(
        lacks, report, "user", name.as_str(),
        list_user_policies "ListUserPolicies", get_user_policy "GetUserPolicy",
        list_attached_user_policies "ListAttachedUserPolicies", user_name
    );
    let groups = groups(name, lacks, report).await;
    let sign_in = sign_in(name, lacks, report).await;
    let user = User {
        holder: Holder {
            name: user.user_name().into(),
            path: user.path().into(),
            id: user.user_id().into(),
            arn: user.arn().into(),
            created: time(user.create_date()),
            inline,
            attached,
            boundary: boundary(user.permissions_boundary()),
            tags: tags(user.tags()),
        },
        groups: groups.iter().map(|group| group.holder.name.clone()).collect(),
        password_last_used: user.password_last_used().and_then(time),
    };
    let all = Authorization { users: vec![user], groups, ..Authorization::default() };
    let authorization = with_policies(all, lacks, report).await;
    Ok(Inspected { authorization, sign_in: Some(sign_in) })
}

/// The groups of a user, with their policies.
async fn groups(name: &UserName, lacks: &mut Lacks<'_>, report: Report<'_>) -> Vec<Group> {
    let reach = lacks.reach;
    let listing = async {
        let request = || reach.iam.list_groups_for_user().user_name(name.as_str());
        Ok(listed!(reach, report, "ListGroupsForUser", request(), groups))
    };
    let listing = lacks.or_gap(listing.await).unwrap_or_default();
    let mut groups = Vec::with_capacity(listing.len());
    for group in &listing {
        let (inline, attached) = policies_of!(
            lacks, report, "group", group.group_name(),
            list_group_policies "ListGroupPolicies", get_group_policy "GetGroupPolicy",
            list_attached_group_policies "ListAttachedGroupPolicies", group_name
        );
        groups.push(Group {
            holder: Holder {
                name: group.group_name().into(),
                path: group.path().into(),
                id: group.group_id().into(),
                arn: group.arn().into(),
                created: time(group.create_date()),
                inline,
                attached,
                ..Holder::default()
            },
        });
    }
    groups
}

/// Keys with their last use, MFA devices, and whether there is a password.
async fn sign_in(name: &UserName, lacks: &mut Lacks<'_>, report: Report<'_>) -> SignIn {
    let reach = lacks.reach;
    let listing = async {
        let request = || reach.iam.list_access_keys().user_name(name.as_str());
        Ok(listed!(reach, report, "ListAccessKeys", request(), access_key_metadata))
    };
    let listing = lacks.or_gap(listing.await).unwrap_or_default();
    let mut keys = Vec::with_capacity(listing.len());
    for key in &listing {
        let id = key.access_key_id().unwrap_or_default().parse::<AccessKeyId>();
        let unnamed = |why: String| {
            Fault::new(FaultKind::Unreadable, "ListAccessKeys names a key that is none")
                .with_cause(&why)
        };
        let Some(id) = lacks.or_gap(id.map_err(unnamed)) else { continue };
        let last_used = lacks.or_gap(key_used(reach, &id, report).await).flatten();
        keys.push(UserKey {
            status: KeyStatus::from(key.status().map_or("", |s| s.as_str())),
            created: key.create_date().and_then(time),
            last_used,
            id,
        });
    }
    let devices = async {
        let request = || reach.iam.list_mfa_devices().user_name(name.as_str());
        Ok(listed!(reach, report, "ListMFADevices", request(), mfa_devices))
    };
    let devices = lacks.or_gap(devices.await);
    let mfa = devices.map(|all| all.iter().map(|d| d.serial_number().into()).collect());
    SignIn { keys, mfa, password: password(name, lacks, report).await }
}

async fn key_used(
    reach: &Reach,
    id: &AccessKeyId,
    report: Report<'_>,
) -> Result<Option<LastUsed>, Fault> {
    let ask = reach.iam.get_access_key_last_used().access_key_id(id.as_str()).send();
    let (answer, _) = call(&reach.place, ("IAM", "GetAccessKeyLastUsed"), ask, report).await?;
    Ok(answer.access_key_last_used().and_then(used).filter(|used| used.at.is_some()))
}

/// A user without a password has no login profile, which IAM calls `NoSuchEntity`.
async fn password(name: &UserName, lacks: &mut Lacks<'_>, report: Report<'_>) -> Password {
    let reach = lacks.reach;
    let ask = reach.iam.get_login_profile().user_name(name.as_str()).send();
    match call(&reach.place, ("IAM", "GetLoginProfile"), ask, report).await {
        Ok((answer, _)) => Password::Set {
            created: answer.login_profile().and_then(|profile| time(profile.create_date())),
        },
        Err(fault) if fault.kind == FaultKind::NotFound => Password::None,
        Err(fault) => {
            lacks.gap(None, fault);
            Password::Unknown
        }
    }
}

/// Adds every managed policy that is attached to anybody or bounds anybody.
async fn with_policies(
    mut all: Authorization,
    lacks: &mut Lacks<'_>,
    report: Report<'_>,
) -> Authorization {
    let held: Vec<Untrusted> =
        all.holders().flat_map(|h| h.attached.iter().chain(&h.boundary)).cloned().collect();
    all.policies = policies::managed(&held, lacks, report).await;
    all.with_account()
}
