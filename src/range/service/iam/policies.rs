//! Managed policies: which there are, and who has them.

use serde_json::{Map, Value, json};

use super::{Call, Outcome, is_local, rows};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        World,
        iam::{Home, Identity, Policy},
        iso_seconds,
    },
};

fn shown(home: &Home, policy: &Policy) -> Map<String, Value> {
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

pub fn list_policies(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    let attached_only = call.input["OnlyAttached"].as_bool() == Some(true);
    let (scope, usage) = (call.text("Scope"), call.text("PolicyUsageFilter"));
    let rows = rows(&home.policies, |policy| {
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
    call.listed(world, pager, "Policies", rows, |row| {
        home.policies.get(row).map(|policy| shown(home, policy).into())
    })
}

pub fn list_entities_for_policy(
    world: &World,
    pager: &mut Pager,
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
    // Users first, then roles, in one list of rows.
    let users = home.users.len() as u32;
    let mut found = rows(&home.users, |user| wanted("User", &user.identity));
    found
        .extend(rows(&home.roles, |role| wanted("Role", &role.identity)).iter().map(|r| r + users));
    let (page, mut body) = call.marked(world, pager, found)?;
    let (mut of_users, mut of_roles) = (Vec::new(), Vec::new());
    for row in page {
        if let Some(user) = home.users.get(row as usize) {
            let user = &user.identity;
            of_users.push(json!({"UserName": user.name, "UserId": user.id}));
        } else if let Some(role) = home.roles.get((row - users) as usize) {
            let role = &role.identity;
            of_roles.push(json!({"RoleName": role.name, "RoleId": role.id}));
        }
    }
    body.insert("PolicyGroups".into(), json!([]));
    body.insert("PolicyUsers".into(), of_users.into());
    body.insert("PolicyRoles".into(), of_roles.into());
    Ok(Value::Object(body).into())
}
