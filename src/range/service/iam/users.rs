//! Users, and what halon asks of them beside keys and policies.

use serde_json::{Map, Value, json};

use super::{Call, Outcome, described, described_further, rows};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{World, iam::User, iso_seconds, mfa::Device},
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

pub fn list_users(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let users = &call.home(world).users;
    let rows = rows(users, |user| call.wants_path(&user.identity.path));
    call.listed(world, pager, "Users", rows, |row| users.get(row).map(|u| shown(u).into()))
}

pub fn list_mfa_devices(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    let devices: Vec<&Device> = user.mfa.iter().collect();
    let rows = rows(&devices, |_| true);
    call.listed(world, pager, "MFADevices", rows, |row| {
        Some(json!({
            "UserName": user.identity.name,
            "SerialNumber": devices.get(row)?.serial,
            "EnableDate": iso_seconds(user.identity.created),
        }))
    })
}

pub fn list_groups_for_user(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    call.user(call.home(world))?;
    // There are no groups here.
    call.listed(world, pager, "Groups", Vec::new(), |_| None)
}
