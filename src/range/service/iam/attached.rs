//! Managed policies on users and roles.

use serde_json::json;

use super::{Call, Outcome, done, limit, not_found, place, policy_at, roles::modifiable};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        Change, Entity, World,
        iam::{ATTACHED_QUOTA, Home, Identity, Policy},
    },
};

pub fn list_attached_user_policies(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    attached(world, call, home, &call.user(home)?.identity)
}

pub fn list_attached_role_policies(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    attached(world, call, home, &call.role(home)?.identity)
}

fn attached(
    world: &World,
    call: &Call,
    home: &Home,
    identity: &Identity,
) -> Result<Outcome, Refusal> {
    let policies = home.policies.iter().enumerate().filter(|(_, policy)| {
        identity.attached.contains(&policy.arn) && call.wants_path(&policy.path)
    });
    call.listed(
        world,
        "AttachedPolicies",
        policies.map(|(row, policy)| {
            let shown = json!({"PolicyName": policy.name, "PolicyArn": policy.arn});
            (place(row), shown)
        }),
    )
}

pub fn attach_user_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = world.iam().home(call.account);
    let user = &call.user(home)?.identity;
    attach(home, call, user, Entity::User(user.name.clone()), "PoliciesPerUser")
}

pub fn attach_role_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = world.iam().home(call.account);
    let role = &modifiable(call.role(home)?)?.identity;
    attach(home, call, role, Entity::Role(role.name.clone()), "PoliciesPerRole")
}

/// Attaching what is attached already is accepted and changes nothing.
fn attach(
    home: &Home,
    call: &Call,
    identity: &Identity,
    to: Entity,
    quota: &str,
) -> Result<Outcome, Refusal> {
    let policy = attachable(call, home, "PolicyArn")?;
    if identity.attached.contains(&policy.arn) {
        return Ok(done(None));
    }
    if identity.attached.len() >= ATTACHED_QUOTA {
        return Err(limit(format!("Cannot exceed quota for {quota}: {ATTACHED_QUOTA}")));
    }
    Ok(done(Some(Change::AttachPolicy { to, policy: policy.arn.clone() })))
}

pub fn detach_user_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = world.iam().home(call.account);
    let user = &call.user(home)?.identity;
    detach(home, call, user, Entity::User(user.name.clone()))
}

pub fn detach_role_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = world.iam().home(call.account);
    let role = &modifiable(call.role(home)?)?.identity;
    detach(home, call, role, Entity::Role(role.name.clone()))
}

fn detach(home: &Home, call: &Call, identity: &Identity, from: Entity) -> Result<Outcome, Refusal> {
    let policy = call.policy(home)?.arn.clone();
    if !identity.attached.contains(&policy) {
        return Err(not_found(&policy));
    }
    Ok(done(Some(Change::DetachPolicy { from, policy })))
}

/// The policy that `member` names, where a user or role can have it.
pub fn attachable<'h>(call: &Call, home: &'h Home, member: &str) -> Result<&'h Policy, Refusal> {
    let arn = call.text(member);
    let policy = policy_at(home, arn).map_err(|refusal| match refusal.code {
        "NoSuchEntity" => {
            let why = format!("Policy {arn} does not exist or is not attachable.");
            Refusal::new(404, "NoSuchEntity", why)
        }
        _ => refusal,
    })?;
    if policy.is_of_service_role() {
        let why = "Cannot attach a Service Role Policy to a Customer Role.";
        return Err(Refusal::new(400, "PolicyNotAttachable", why));
    }
    Ok(policy)
}
