//! Policies of the organization: which there are, and what they are attached to.

use serde_json::{Value, json};

use super::{Call, Outcome, no_such_policy, no_such_target, seen};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{World, organization::Policy},
};

pub fn list_policies(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let kind = call.kind("Filter");
    let meant = here.policies.iter().filter(|policy| Some(policy.kind) == kind);
    let rows = meant.map(|policy| policy.number as usize);
    call.shown(world, pager, "Policies", rows, |row| here.numbered(row as u32).map(summary))
}

pub fn list_policies_for_target(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let target = here.target(call.text("TargetId")).ok_or_else(no_such_target)?;
    let kind = call.kind("Filter");
    let attached = kind.into_iter().flat_map(|kind| here.attached(kind, target));
    let rows = attached.map(|policy| policy.number as usize);
    call.shown(world, pager, "Policies", rows, |row| here.numbered(row as u32).map(summary))
}

pub fn describe_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let policy = here.policy(call.text("PolicyId")).ok_or_else(no_such_policy)?;
    Ok(json!({"Policy": described(policy)}).into())
}

pub fn list_targets_for_policy(
    world: &World,
    pager: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let here = seen(world, call)?;
    let policy = here.policy(call.text("PolicyId")).ok_or_else(no_such_policy)?;
    call.shown(world, pager, "Targets", policy.attached.iter().copied(), |row| {
        let target = here.targets.get(row)?;
        let word = target.place.word();
        Some(json!({
            "TargetId": target.id,
            "Arn": target.arn,
            "Name": target.name,
            "Type": word,
        }))
    })
}

fn summary(policy: &Policy) -> Value {
    json!({
        "Id": policy.id,
        "Arn": policy.arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.kind.word(),
        "AwsManaged": policy.by_aws,
    })
}

/// A policy with its document, which is JSON as text.
pub fn described(policy: &Policy) -> Value {
    json!({"PolicySummary": summary(policy), "Content": policy.document})
}
