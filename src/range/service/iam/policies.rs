//! Managed policies: which there are, and who has them.

use serde_json::{Map, Value, json};

use super::{Call, Outcome, is_local, place};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        World,
        iam::{Home, Identity, Policy},
        iso_seconds,
    },
};

pub fn shown(home: &Home, policy: &Policy) -> Map<String, Value> {
    let members = [
        ("PolicyName", policy.name.as_str().into()),
        ("PolicyId", policy.id.as_str().into()),
        ("Arn", policy.arn.as_str().into()),
        ("Path", policy.path.as_str().into()),
        ("DefaultVersionId", format!("v{}", policy.default).into()),
        ("AttachmentCount", home.attachments(&policy.arn).into()),
        ("PermissionsBoundaryUsageCount", home.bounded_by(&policy.arn).into()),
        ("IsAttachable", true.into()),
        ("CreateDate", iso_seconds(policy.created).into()),
        ("UpdateDate", iso_seconds(policy.updated).into()),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub fn get_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    let policy = call.policy(home)?;
    let mut out = shown(home, policy);
    // "This element is included in the response to the GetPolicy operation. It is not
    // included in the response to the ListPolicies operation" (Policy).
    if let Some(text) = &policy.description {
        out.insert("Description".into(), text.as_str().into());
    }
    out.insert("Tags".into(), json!([]));
    Ok(json!({"Policy": out}).into())
}

pub fn list_policies(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    let attached_only = call.input["OnlyAttached"].as_bool() == Some(true);
    let (scope, usage) = (call.text("Scope"), call.text("PolicyUsageFilter"));
    let policies = home.policies.iter().enumerate().filter(|(_, policy)| {
        let in_scope = match scope {
            "AWS" => !is_local(policy),
            "Local" => is_local(policy),
            _ => true,
        };
        let (attached, bounding) = (home.attachments(&policy.arn), home.bounded_by(&policy.arn));
        let in_use = match usage {
            "PermissionsPolicy" => attached > 0,
            "PermissionsBoundary" => bounding > 0,
            _ => true,
        };
        in_scope && in_use && (!attached_only || attached > 0) && call.wants_path(&policy.path)
    });
    call.listed(world, "Policies", policies.map(|(row, p)| (place(row), shown(home, p).into())))
}

pub fn list_entities_for_policy(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    let arn = call.policy(home)?.arn.as_str();
    let (filter, usage) = (call.text("EntityFilter"), call.text("PolicyUsageFilter"));
    let wanted = |kind: &str, identity: &Identity| {
        let attached = usage != "PermissionsBoundary" && identity.attached.iter().any(|a| a == arn);
        let bounds = usage != "PermissionsPolicy" && identity.boundary.as_deref() == Some(arn);
        (filter.is_empty() || filter == kind)
            && (attached || bounds)
            && call.wants_path(&identity.path)
    };
    // Users first, then roles.
    let users = home.users.iter().map(|user| ("User", &user.identity));
    let roles = home.roles.iter().map(|role| ("Role", &role.identity));
    let found = users.chain(roles).filter(|(kind, identity)| wanted(kind, identity));
    let rows = found.map(|(kind, identity)| {
        let order = if kind == "User" { 1 } else { 2 };
        (format!("{order}{}", identity.name), (kind, identity))
    });
    let (page, mut body) = call.marked(world, rows.collect())?;
    let (mut of_users, mut of_roles) = (Vec::new(), Vec::new());
    for (kind, identity) in page {
        if kind == "User" {
            of_users.push(json!({"UserName": identity.name, "UserId": identity.id}));
        } else {
            of_roles.push(json!({"RoleName": identity.name, "RoleId": identity.id}));
        }
    }
    body.insert("PolicyGroups".into(), json!([]));
    body.insert("PolicyUsers".into(), of_users.into());
    body.insert("PolicyRoles".into(), of_roles.into());
    Ok(Value::Object(body).into())
}
