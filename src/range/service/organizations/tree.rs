//! The organization, its root, units and accounts.

use serde_json::{Value, json};

use super::{Call, Outcome, organization, refused, seen};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        World,
        organization::{Organization, Place, PolicyKind, Target},
    },
};

/// How long before the start the organization was made, in milliseconds.
const LONG_AGO: i64 = 400 * 86_400_000;

pub fn describe_organization(world: &World, _: &mut Pager, _: &Call) -> Result<Outcome, Refusal> {
    let here = organization(world)?;
    let master = &world.accounts[here.management];
    let (id, account) = (&here.id, &master.id);
    let arn = here.account(here.management).map(|at| here.targets[at].arn.as_str());
    Ok(json!({"Organization": {
        "Id": id,
        "Arn": format!("arn:aws:organizations::{account}:organization/{id}"),
        "FeatureSet": "ALL",
        "MasterAccountArn": arn,
        "MasterAccountId": account.as_str(),
        "MasterAccountEmail": email(&master.alias),
        // "This field is deprecated and doesn't provide complete information".
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }})
    .into())
}

pub fn list_roots(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let types: Vec<Value> =
        PolicyKind::ALL.iter().map(|k| json!({"Type": k.word(), "Status": "ENABLED"})).collect();
    call.shown(world, pager, "Roots", [0], |row| {
        let root = here.targets.get(row)?;
        Some(json!({"Id": root.id, "Arn": root.arn, "Name": root.name, "PolicyTypes": types}))
    })
}

pub fn list_accounts(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let rows = rows(here, |target| matches!(target.place, Place::Account(_)));
    call.shown(world, pager, "Accounts", rows, |row| account(world, here, row))
}

pub fn list_accounts_for_parent(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let rows = below(here, call)?;
    call.shown(world, pager, "Accounts", rows, |row| account(world, here, row))
}

pub fn list_organizational_units_for_parent(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let rows = below(here, call)?;
    let units = rows.into_iter().filter(|row| here.targets[*row].place == Place::Unit);
    call.shown(world, pager, "OrganizationalUnits", units, |row| here.targets.get(row).map(unit))
}

pub fn list_children(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let kind = call.text("ChildType");
    let rows = below(here, call)?;
    let rows = rows.into_iter().filter(|row| here.targets[*row].place.word() == kind);
    call.shown(world, pager, "Children", rows, |row| {
        let child = here.targets.get(row)?;
        Some(json!({"Id": child.id, "Type": child.place.word()}))
    })
}

pub fn list_parents(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let child = here.target(call.text("ChildId"));
    let child = child.filter(|at| here.targets[*at].place != Place::Root).ok_or_else(|| {
        refused("ChildNotFoundException", "You specified a child that doesn't exist.")
    })?;
    call.shown(world, pager, "Parents", [here.targets[child].parent], |row| {
        let parent = here.targets.get(row)?;
        Some(json!({"Id": parent.id, "Type": parent.place.word()}))
    })
}

pub fn describe_account(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let found = here.target(call.text("AccountId")).and_then(|at| account(world, here, at));
    let found = found.ok_or_else(|| {
        refused("AccountNotFoundException", "You specified an account that doesn't exist.")
    })?;
    Ok(json!({"Account": found}).into())
}

pub fn describe_organizational_unit(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let found = here.target(call.text("OrganizationalUnitId")).map(|at| &here.targets[at]);
    let found = found.filter(|target| target.place == Place::Unit).ok_or_else(|| {
        let why = "You specified an organizational unit that doesn't exist.";
        refused("OrganizationalUnitNotFoundException", why)
    })?;
    Ok(json!({"OrganizationalUnit": unit(found)}).into())
}

/// The administrator of security, for the services that it looks after.
pub fn list_delegated_administrators(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let service = call.text("ServicePrincipal");
    let meant = ["", "guardduty.amazonaws.com", "securityhub.amazonaws.com"].contains(&service);
    let rows = world.administrator().filter(|_| meant).and_then(|at| here.account(at));
    call.shown(world, pager, "DelegatedAdministrators", rows, |row| {
        let mut delegated = account(world, here, row)?;
        delegated["DelegationEnabledDate"] = joined(world);
        Some(delegated)
    })
}

/// What is directly in the parent that the call names.
fn below(here: &Organization, call: &Call) -> Result<Vec<usize>, Refusal> {
    let parent = here.target(call.text("ParentId"));
    let parent = parent.filter(|at| !matches!(here.targets[*at].place, Place::Account(_)));
    let parent = parent.ok_or_else(|| {
        refused("ParentNotFoundException", "You specified parent that doesn't exist.")
    })?;
    Ok(rows(here, |target| target.parent == parent && target.place != Place::Root))
}

fn rows(here: &Organization, wanted: impl Fn(&Target) -> bool) -> Vec<usize> {
    let all = here.targets.iter().enumerate();
    all.filter(|(_, target)| wanted(target)).map(|(row, _)| row).collect()
}

fn unit(unit: &Target) -> Value {
    json!({"Id": unit.id, "Arn": unit.arn, "Name": unit.name})
}

/// The account at this position of the targets, if it is one.
fn account(world: &World, here: &Organization, row: usize) -> Option<Value> {
    let target = here.targets.get(row)?;
    let Place::Account(number) = target.place else { return None };
    Some(json!({
        "Id": target.id,
        "Arn": target.arn,
        "Email": email(&world.accounts[number].alias),
        "Name": target.name,
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": if number == here.management { "INVITED" } else { "CREATED" },
        "JoinedTimestamp": joined(world),
    }))
}

/// A time as awsJson 1.1 writes it: seconds of the epoch.
fn joined(world: &World) -> Value {
    (world.start - LONG_AGO).div_euclid(1000).into()
}

fn email(alias: &str) -> String {
    format!("{alias}@example.com")
}
