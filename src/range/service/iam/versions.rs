//! Versions of managed policies.

use serde_json::{Map, Value, json};

use super::{Call, Outcome, denied, done, encoded, is_local, limit, place};
use crate::range::{
    paging::Pager,
    service::documents::{Purpose, counted, well_formed},
    wire::Refusal,
    world::{
        Change, World,
        iam::{POLICY_SIZE_QUOTA, Policy, PolicyVersion, VERSIONS_QUOTA},
        iso_seconds,
    },
};

pub fn shown(version: &PolicyVersion, default: bool) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("VersionId".into(), version.id().into());
    out.insert("IsDefaultVersion".into(), default.into());
    out.insert("CreateDate".into(), iso_seconds(version.created).into());
    out
}

pub fn list_policy_versions(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let policy = call.policy(call.home(world))?;
    // From the newest on.
    let rows = policy.versions.iter().map(|version| {
        let shown = shown(version, version.number == policy.default);
        (place((u32::MAX - version.number) as usize), shown.into())
    });
    call.listed(world, "Versions", rows)
}

pub fn get_policy_version(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let policy = call.policy(call.home(world))?;
    let version = named(policy, call.text("VersionId"))?;
    let mut out = shown(version, version.number == policy.default);
    out.insert("Document".into(), encoded(&version.document).into());
    Ok(json!({"PolicyVersion": out}).into())
}

fn named<'p>(policy: &'p Policy, id: &str) -> Result<&'p PolicyVersion, Refusal> {
    policy.versions.iter().find(|v| v.id() == id).ok_or_else(|| {
        let why =
            format!("Policy {} version {id} does not exist or is not attachable.", policy.arn);
        Refusal::new(404, "NoSuchEntity", why)
    })
}

pub fn create_policy_version(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let policy = own(world, call)?;
    let document = call.text("PolicyDocument");
    well_formed(document, Purpose::Identity)?;
    if counted(document) > POLICY_SIZE_QUOTA {
        return Err(limit(format!("Cannot exceed quota for PolicySize: {POLICY_SIZE_QUOTA}")));
    }
    if policy.versions.len() >= VERSIONS_QUOTA {
        return Err(limit(format!(
            "A managed policy can have up to {VERSIONS_QUOTA} versions. Before you create a new \
             version, you must delete an existing version."
        )));
    }
    let default = call.input["SetAsDefault"].as_bool() == Some(true);
    let number = policy.newest + 1;
    let version = PolicyVersion { number, document: document.into(), created: call.now };
    let change = Change::PolicyVersion {
        policy: policy.arn.clone(),
        document: document.to_owned(),
        default,
    };
    Ok(Outcome::new(json!({"PolicyVersion": shown(&version, default)}), Some(change)))
}

pub fn set_default_policy_version(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let policy = own(world, call)?;
    let version = named(policy, call.text("VersionId"))?.number;
    let change = Change::DefaultPolicyVersion { policy: policy.arn.clone(), version };
    Ok(done((policy.default != version).then_some(change)))
}

/// "You cannot delete the default version from a policy using this operation."
pub fn delete_policy_version(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let policy = own(world, call)?;
    let version = named(policy, call.text("VersionId"))?.number;
    if version == policy.default {
        let why = "Cannot delete the default version of a policy.";
        return Err(Refusal::new(409, "DeleteConflict", why));
    }
    Ok(done(Some(Change::DeletePolicyVersion { policy: policy.arn.clone(), version })))
}

/// A policy that the account may change: AWS's own are not among them.
fn own<'w>(world: &'w World, call: &Call) -> Result<&'w Policy, Refusal> {
    let policy = call.policy(world.iam().home(call.account))?;
    if is_local(policy) {
        return Ok(policy);
    }
    Err(denied(call, &format!("policy {}", policy.arn)))
}
