//! Roles.

use serde_json::{Map, Value, json};

use super::{Call, Outcome, described, described_further, encoded, rows};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{PARTITION, World, iam::Role, iso_seconds},
};

fn shown(role: &Role) -> Map<String, Value> {
    let mut out = described("Role", &role.identity);
    out.insert("AssumeRolePolicyDocument".into(), encoded(&role.trust).into());
    if let Some(text) = &role.description {
        out.insert("Description".into(), text.as_str().into());
    }
    out.insert("MaxSessionDuration".into(), role.max_session.into());
    out
}

pub fn get_role(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let role = call.role(call.home(world))?;
    let mut out = shown(role);
    described_further(&role.identity, &mut out);
    // A role that was not used has the element too, without members.
    let used = role.used.as_ref();
    let used = used.map_or_else(
        || json!({}),
        |u| json!({"LastUsedDate": iso_seconds(u.at), "Region": u.region}),
    );
    out.insert("RoleLastUsed".into(), used);
    Ok(json!({"Role": out}).into())
}

pub fn list_roles(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let roles = &call.home(world).roles;
    let rows = rows(roles, |role| call.wants_path(&role.identity.path));
    call.listed(world, pager, "Roles", rows, |row| roles.get(row).map(|r| shown(r).into()))
}

/// An instance profile of the range holds the role whose name it bears.
pub fn list_instance_profiles_for_role(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let role = call.role(call.home(world))?;
    let account = &world.accounts[call.account].id;
    let profiles: Vec<&String> = role.instance_profile.iter().collect();
    let rows = rows(&profiles, |_| true);
    call.listed(world, pager, "InstanceProfiles", rows, |row| {
        let (name, path) = (&role.identity.name, &role.identity.path);
        Some(json!({
            "Path": path,
            "InstanceProfileName": name,
            "InstanceProfileId": profiles.get(row)?,
            "Arn": format!("arn:{PARTITION}:iam::{account}:instance-profile{path}{name}"),
            "CreateDate": iso_seconds(role.identity.created),
            "Roles": [shown(role)],
        }))
    })
}
