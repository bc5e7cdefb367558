//! Instance profiles: one of the range holds the role whose name it bears.

use serde_json::{Value, json};

use super::{Call, Outcome, absent, roles::shown};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{PARTITION, World, iam::Role, iso_seconds},
};

/// The profile of a role; most have none.
pub fn profile(account: &str, role: &Role) -> Option<Value> {
    let id = role.instance_profile.as_ref()?;
    let (name, path) = (&role.identity.name, &role.identity.path);
    Some(json!({
        "Path": path,
        "InstanceProfileName": name,
        "InstanceProfileId": id,
        "Arn": format!("arn:{PARTITION}:iam::{account}:instance-profile{path}{name}"),
        "CreateDate": iso_seconds(role.identity.created),
        "Roles": [shown(role)],
    }))
}

pub fn list_instance_profiles_for_role(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let role = call.role(call.home(world))?;
    list(world, call, [role])
}

pub fn list_instance_profiles(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let roles = call.home(world).roles.iter();
    list(world, call, roles.filter(|role| call.wants_path(&role.identity.path)))
}

fn list<'r>(
    world: &World,
    call: &Call,
    roles: impl IntoIterator<Item = &'r Role>,
) -> Result<Outcome, Refusal> {
    let account = &call.caller.account_id;
    let rows = roles
        .into_iter()
        .filter_map(|role| Some((role.identity.name.clone(), profile(account, role)?)));
    call.listed(world, "InstanceProfiles", rows)
}

pub fn get_instance_profile(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let name = call.text("InstanceProfileName");
    let role = call.home(world).role(name);
    let profile = role.and_then(|role| profile(&call.caller.account_id, role));
    let profile = profile.ok_or_else(|| absent(format!("Instance Profile {name}")))?;
    Ok(json!({"InstanceProfile": profile}).into())
}
