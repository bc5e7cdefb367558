//! Inline policies.

use serde_json::json;

use super::{Call, Outcome, absent, done, encoded, limit, roles::modifiable};
use crate::range::{
    paging::Pager,
    service::documents::{Purpose, counted, well_formed},
    wire::Refusal,
    world::{
        Change, Entity, World,
        iam::{Identity, ROLE_INLINE_QUOTA, USER_INLINE_QUOTA},
    },
};

pub fn list_user_policies(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = call.user(call.home(world))?;
    names(world, call, &user.identity)
}

pub fn list_role_policies(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let role = call.role(call.home(world))?;
    names(world, call, &role.identity)
}

fn names(world: &World, call: &Call, identity: &Identity) -> Result<Outcome, Refusal> {
    let names = identity.inline.iter().map(|(name, _)| (name.clone(), name.as_str().into()));
    call.listed(world, "PolicyNames", names)
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
    let (name, document) = named(call, kind, identity)?;
    let mut body = json!({"PolicyName": name, "PolicyDocument": encoded(document)});
    body[format!("{kind}Name")] = identity.name.as_str().into();
    Ok(body.into())
}

fn named<'i>(
    call: &Call,
    kind: &str,
    identity: &'i Identity,
) -> Result<&'i (String, String), Refusal> {
    let name = call.text("PolicyName");
    let found = identity.inline.iter().find(|(known, _)| known == name);
    let kind = kind.to_lowercase();
    found.ok_or_else(|| absent(format!("The {kind} policy with name {name}")))
}

pub fn put_user_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = &call.user(world.iam().home(call.account))?.identity;
    put(call, user, Entity::User(user.name.clone()), ("user", USER_INLINE_QUOTA))
}

pub fn put_role_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let role = &modifiable(call.role(world.iam().home(call.account))?)?.identity;
    put(call, role, Entity::Role(role.name.clone()), ("role", ROLE_INLINE_QUOTA))
}

/// A policy of the same name is replaced. The quota is for all of them together.
fn put(
    call: &Call,
    identity: &Identity,
    to: Entity,
    (kind, quota): (&str, usize),
) -> Result<Outcome, Refusal> {
    let (name, document) = (call.text("PolicyName"), call.text("PolicyDocument"));
    well_formed(document, Purpose::Identity)?;
    let others = identity.inline.iter().filter(|(known, _)| known != name);
    let size = counted(document) + others.map(|(_, other)| counted(other)).sum::<usize>();
    if size > quota {
        let who = &identity.name;
        return Err(limit(format!(
            "Maximum policy size of {quota} bytes exceeded for {kind} {who}"
        )));
    }
    if identity.inline.iter().any(|(known, held)| known == name && held == document) {
        return Ok(done(None));
    }
    let (name, document) = (name.to_owned(), document.to_owned());
    Ok(done(Some(Change::PutInline { to, name, document })))
}

pub fn delete_user_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let user = &call.user(world.iam().home(call.account))?.identity;
    delete(call, "User", user, Entity::User(user.name.clone()))
}

pub fn delete_role_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let role = &modifiable(call.role(world.iam().home(call.account))?)?.identity;
    delete(call, "Role", role, Entity::Role(role.name.clone()))
}

fn delete(call: &Call, kind: &str, identity: &Identity, from: Entity) -> Result<Outcome, Refusal> {
    let (name, _) = named(call, kind, identity)?;
    Ok(done(Some(Change::DeleteInline { from, name: name.clone() })))
}
