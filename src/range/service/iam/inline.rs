//! Inline policies.

use serde_json::json;

use super::{Call, Outcome, absent, encoded, rows};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{World, iam::Identity},
};

pub fn list_user_policies(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    names(world, pager, call, &user.identity)
}

pub fn list_role_policies(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let role = call.role(call.home(world))?;
    names(world, pager, call, &role.identity)
}

fn names(
    world: &World,
    pager: &mut Pager,
    call: &Call,
    identity: &Identity,
) -> Result<Outcome, Refusal> {
    let rows = rows(&identity.inline, |_| true);
    call.listed(world, pager, "PolicyNames", rows, |row| {
        identity.inline.get(row).map(|(name, _)| name.as_str().into())
    })
}

pub fn get_user_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    document(call, "User", &user.identity)
}

pub fn get_role_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let role = call.role(call.home(world))?;
    document(call, "Role", &role.identity)
}

/// `kind` is `User` or `Role`.
fn document(call: &Call, kind: &str, identity: &Identity) -> Result<Outcome, Refusal> {
    let name = call.text("PolicyName");
    let Some((_, document)) = identity.inline.iter().find(|(known, _)| known == name) else {
        let kind = kind.to_lowercase();
        return Err(absent(format!("The {kind} policy with name {name}")));
    };
    let mut body = json!({"PolicyName": name, "PolicyDocument": encoded(document)});
    body[format!("{kind}Name")] = identity.name.as_str().into();
    Ok(body.into())
}
