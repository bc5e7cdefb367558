//! Permissions boundaries.

use super::{Call, Outcome, attached::attachable, done, roles::modifiable};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        Change, Entity, World,
        iam::{Home, Identity},
    },
};

fn put(call: &Call, home: &Home, identity: &Identity, of: Entity) -> Result<Outcome, Refusal> {
    let policy = attachable(call, home, "PermissionsBoundary")?.arn.clone();
    let held = identity.boundary.as_ref() == Some(&policy);
    Ok(done((!held).then_some(Change::Boundary { of, policy: Some(policy) })))
}

/// Taking away what is not there is accepted and changes nothing.
fn delete(identity: &Identity, of: Entity) -> Outcome {
    done(identity.boundary.as_ref().map(|_| Change::Boundary { of, policy: None }))
}

pub fn put_user_permissions_boundary(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let home = world.iam().home(call.account);
    let user = &call.user(home)?.identity;
    put(call, home, user, Entity::User(user.name.clone()))
}

pub fn put_role_permissions_boundary(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let home = world.iam().home(call.account);
    let role = &modifiable(call.role(home)?)?.identity;
    put(call, home, role, Entity::Role(role.name.clone()))
}

pub fn delete_user_permissions_boundary(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let user = &call.user(world.iam().home(call.account))?.identity;
    Ok(delete(user, Entity::User(user.name.clone())))
}

pub fn delete_role_permissions_boundary(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let role = &modifiable(call.role(world.iam().home(call.account))?)?.identity;
    Ok(delete(role, Entity::Role(role.name.clone())))
}
