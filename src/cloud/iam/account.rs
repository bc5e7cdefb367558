//! The whole account by `GetAccountAuthorizationDetails`.

use std::{collections::HashSet, sync::Arc};

use aws_sdk_iam::types::{GroupDetail, ManagedPolicyDetail, RoleDetail, UserDetail};

use super::{Lacks, boundary, policies, role_used, tags};
use crate::{
    cloud::{Report, body::time, client::Reach, paging::Paging, trace::call},
    domain::{
        Answer, Fault, Untrusted,
        authorization::{Authorization, Group, Holder, ManagedPolicy, Role, User, Version},
    },
};

/// The most that IAM gives on a page; it may give less (IAM API reference).
const PAGE: i32 = 1_000;

/// Every user, group, role and policy. Fails as a whole where not even the first page came.
pub async fn authorization(reach: &Reach, report: Report<'_>) -> Result<Answer, Fault> {
    let mut paging = Paging::new(reach.limits.pages);
    let (mut all, mut lacks) = (Authorization::default(), Lacks::new(reach));
    let whole = loop {
        let number = paging.number;
        let ask = reach
            .iam
            .get_account_authorization_details()
            .max_items(PAGE)
            .set_marker(paging.token.clone())
            .send();
        let name = ("IAM", "GetAccountAuthorizationDetails");
        let page = match call(&reach.place, name, ask, report).await {
            Ok((page, _)) => page,
            Err(fault) if number == 1 => return Err(fault),
            Err(fault) => {
                lacks.gap(Some(number), fault);
                break false;
            }
        };
        let on = Some(number);
        all.users.extend(page.user_detail_list().iter().map(|u| user(u, &mut lacks, on)));
        all.groups.extend(page.group_detail_list().iter().map(|g| group(g, &mut lacks, on)));
        all.roles.extend(page.role_detail_list().iter().map(|r| role(r, &mut lacks, on)));
        all.policies.extend(page.policies().iter().map(|p| policy(p, &mut lacks, on)));
        match paging.advance(page.marker().filter(|_| page.is_truncated())) {
            Ok(true) => {}
            Ok(false) => break true,
            Err(fault) => {
                lacks.gap(Some(number), fault);
                break false;
            }
        }
    };
    // A list that was cut off lacks policies because it was cut off.
    if whole {
        let missing = unlisted(&all);
        all.policies.extend(policies::managed(&missing, &mut lacks, report).await);
    }
    let what = Arc::new(all.with_account());
    Ok(Answer::Authorization { what, gaps: lacks.gaps })
}

/// Policies that somebody holds and the list does not have: a boundary that is attached to
/// nobody, and whatever an endpoint leaves out.
fn unlisted(all: &Authorization) -> Vec<Untrusted> {
    let listed: HashSet<&Untrusted> = all.policies.iter().map(|p| &p.arn).collect();
    let held = all.holders().flat_map(|holder| holder.attached.iter().chain(&holder.boundary));
    let missing: HashSet<&Untrusted> = held.filter(|arn| !listed.contains(arn)).collect();
    missing.into_iter().cloned().collect()
}

fn text(said: Option<&str>) -> Untrusted {
    said.unwrap_or_default().into()
}

fn user(user: &UserDetail, lacks: &mut Lacks<'_>, on: Option<u32>) -> User {
    let of = format!("user {}", user.user_name().unwrap_or_default());
    User {
        holder: Holder {
            name: text(user.user_name()),
            path: text(user.path()),
            id: text(user.user_id()),
            arn: text(user.arn()),
            created: user.create_date().and_then(time),
            inline: lacks.inline(on, user.user_policy_list(), &of),
            attached: attached(user.attached_managed_policies()),
            boundary: boundary(user.permissions_boundary()),
            tags: tags(user.tags()),
        },
        groups: user.group_list().iter().map(|name| name.as_str().into()).collect(),
        // Not part of the listing.
        password_last_used: None,
    }
}

fn group(group: &GroupDetail, lacks: &mut Lacks<'_>, on: Option<u32>) -> Group {
    let of = format!("group {}", group.group_name().unwrap_or_default());
    Group {
        holder: Holder {
            name: text(group.group_name()),
            path: text(group.path()),
            id: text(group.group_id()),
            arn: text(group.arn()),
            created: group.create_date().and_then(time),
            inline: lacks.inline(on, group.group_policy_list(), &of),
            attached: attached(group.attached_managed_policies()),
            boundary: None,
            tags: Vec::new(),
        },
    }
}

fn role(role: &RoleDetail, lacks: &mut Lacks<'_>, on: Option<u32>) -> Role {
    let of = format!("role {}", role.role_name().unwrap_or_default());
    let trust = format!("trust of {of}");
    let profiles = role.instance_profile_list().iter();
    Role {
        holder: Holder {
            name: text(role.role_name()),
            path: text(role.path()),
            id: text(role.role_id()),
            arn: text(role.arn()),
            created: role.create_date().and_then(time),
            inline: lacks.inline(on, role.role_policy_list(), &of),
            attached: attached(role.attached_managed_policies()),
            boundary: boundary(role.permissions_boundary()),
            tags: tags(role.tags()),
        },
        trust: lacks.document(on, role.assume_role_policy_document(), &trust),
        description: None,
        max_session: None,
        last_used: role_used(role.role_last_used()),
        instance_profiles: profiles.map(|p| p.instance_profile_name().into()).collect(),
    }
}

fn policy(policy: &ManagedPolicyDetail, lacks: &mut Lacks<'_>, on: Option<u32>) -> ManagedPolicy {
    let arn = policy.arn().unwrap_or_default();
    let versions = policy.policy_version_list().iter().map(|version| {
        let id = version.version_id().unwrap_or_default();
        let of = format!("version {id} of {arn}");
        Version {
            id: id.into(),
            document: lacks.document(on, version.document(), &of),
            created: version.create_date().and_then(time),
        }
    });
    ManagedPolicy {
        arn: arn.into(),
        name: policy.policy_name().map_or_else(|| ManagedPolicy::name_in(arn), Untrusted::from),
        default_version: text(policy.default_version_id()),
        versions: versions.collect(),
        attachments: policy.attachment_count().and_then(|n| u32::try_from(n).ok()),
    }
}

fn attached(policies: &[aws_sdk_iam::types::AttachedPolicy]) -> Vec<Untrusted> {
    policies.iter().filter_map(|p| p.policy_arn()).map(Untrusted::from).collect()
}
