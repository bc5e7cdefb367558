//! Roles.

use serde_json::{Map, Value, json};

use super::{Call, Outcome, described, described_further, done, encoded, limit};
use crate::range::{
    paging::Pager,
    service::documents::{Purpose, counted, well_formed},
    wire::Refusal,
    world::{
        Change, World,
        iam::{Role, TRUST_SIZE_QUOTA},
        iso_seconds,
    },
};

pub fn shown(role: &Role) -> Map<String, Value> {
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
    out.insert("RoleLastUsed".into(), last_used(role));
    Ok(json!({"Role": out}).into())
}

/// A role that was not used has the element too, without members.
pub fn last_used(role: &Role) -> Value {
    let used = role.used.as_ref();
    used.map_or_else(
        || json!({}),
        |u| json!({"LastUsedDate": iso_seconds(u.at), "Region": u.region}),
    )
}

pub fn list_roles(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let roles = call.home(world).roles.iter();
    let wanted = roles.filter(|role| call.wants_path(&role.identity.path));
    call.listed(world, "Roles", wanted.map(|r| (r.identity.name.clone(), shown(r).into())))
}

pub fn update_assume_role_policy(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let role = modifiable(call.role(world.iam().home(call.account))?)?;
    let document = call.text("PolicyDocument");
    well_formed(document, Purpose::Trust)?;
    if counted(document) > TRUST_SIZE_QUOTA {
        return Err(limit(format!("Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE_QUOTA}")));
    }
    let name = role.identity.name.clone();
    let change = Change::Trust { role: name, document: document.to_owned() };
    Ok(done((role.trust != document).then_some(change)))
}

/// A role that its account may change.
pub fn modifiable(role: &Role) -> Result<&Role, Refusal> {
    if role.is_protected() {
        let why = format!(
            "Cannot perform the operation on the protected role '{}' - this role is only \
             modifiable by AWS",
            role.identity.name
        );
        return Err(Refusal::new(400, "UnmodifiableEntity", why));
    }
    Ok(role)
}
