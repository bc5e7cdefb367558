//! The policies that apply to a call, as they are in force at its time.
//!
//! IAM user guide, "Policy evaluation logic"; Organizations user guide, "SCP evaluation" and
//! "RCP evaluation".

use super::asked::Asked;
use crate::{
    policy::{Named, Policies},
    range::{
        service::Call,
        world::{
            Caller, World,
            iam::{Home, Identity},
            organization::PolicyKind,
        },
    },
};

/// Every policy that applies to an action of a call.
pub fn policies(world: &World, call: &Call, asked: &Asked, of_resource: Option<Named>) -> Policies {
    let caller = &call.caller;
    let home = world.iam_in_force(call.now).home(caller.account);
    let mut policies = Policies {
        scps: of_organization(world, call.now, PolicyKind::ServiceControl, caller.account),
        rcps: of_organization(world, call.now, PolicyKind::ResourceControl, asked.account),
        resource: of_resource,
        session: of_session(world, home, caller),
        ..Policies::default()
    };
    if let Some(identity) = identity(home, caller) {
        policies.identity = of_identity(world, home, identity);
        policies.boundary = identity.boundary.as_ref().and_then(|arn| managed(world, home, arn));
    }
    policies
}

/// The caller's user or role.
fn identity<'h>(home: &'h Home, caller: &Caller) -> Option<&'h Identity> {
    match (caller.user(), caller.role()) {
        (Some(user), _) => home.user(user).map(|user| &user.identity),
        (_, Some(role)) => home.role(role).map(|role| &role.identity),
        _ => None,
    }
}

fn of_identity(world: &World, home: &Home, identity: &Identity) -> Vec<Named> {
    let inline = identity.inline.iter();
    let inline = inline.filter_map(|(name, text)| world.parsed().named(name, text));
    let attached = identity.attached.iter().filter_map(|arn| managed(world, home, arn));
    attached.chain(inline).collect()
}

/// A managed policy's version that holds.
fn managed(world: &World, home: &Home, arn: &str) -> Option<Named> {
    let policy = home.policy(arn)?;
    let version = policy.versions.iter().find(|version| version.number == policy.default)?;
    world.parsed().named(arn, &version.document)
}

/// What a session was limited to when it was made; `None` where it was not.
fn of_session(world: &World, home: &Home, caller: &Caller) -> Option<Vec<Named>> {
    let session = caller.session.as_ref()?;
    if session.policy.is_none() && session.policy_arns.is_empty() {
        return None;
    }
    let document = session.policy.iter().filter_map(|text| world.parsed().named("Policy", text));
    let arns = session.policy_arns.iter().filter_map(|arn| managed(world, home, arn));
    Some(document.chain(arns).collect())
}

/// The organization's policies over an account, one list for each level from the root on.
/// They do not bind the management account.
fn of_organization(world: &World, now: i64, kind: PolicyKind, account: usize) -> Vec<Vec<Named>> {
    let Some(organization) = world.organization_in_force(now) else { return Vec::new() };
    let target = organization.account(account).filter(|_| account != organization.management);
    let Some(target) = target else { return Vec::new() };
    let levels = organization.path(target).into_iter().map(|level| {
        let attached = organization.attached(kind, level);
        attached.filter_map(|p| world.parsed().named(&p.name, &p.document)).collect()
    });
    levels.collect()
}
