//! Users, and what halon asks of them beside keys and policies.

use serde_json::{Map, Value, json};

use super::{Call, Outcome, described, described_further};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{World, iam::User, iso_seconds},
};

fn shown(user: &User) -> Map<String, Value> {
    let mut out = described("User", &user.identity);
    if let Some(at) = user.password_used {
        out.insert("PasswordLastUsed".into(), iso_seconds(at).into());
    }
    out
}

pub fn get_user(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    let mut out = shown(user);
    described_further(&user.identity, &mut out);
    Ok(json!({"User": out}).into())
}

pub fn list_users(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let users = call.home(world).users.iter();
    let wanted = users.filter(|user| call.wants_path(&user.identity.path));
    call.listed(world, "Users", wanted.map(|u| (u.identity.name.clone(), shown(u).into())))
}

pub fn list_mfa_devices(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    let devices = user.mfa.iter().map(|device| {
        let shown = json!({
            "UserName": user.identity.name,
            "SerialNumber": device.serial,
            "EnableDate": iso_seconds(user.identity.created),
        });
        (device.serial.clone(), shown)
    });
    call.listed(world, "MFADevices", devices)
}

pub fn list_groups_for_user(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    call.user(call.home(world))?;
    // There are no groups here.
    call.listed(world, "Groups", [])
}
