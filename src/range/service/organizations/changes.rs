//! Changes of the organization's policies and of where accounts are.

use serde_json::{Value, json};

use super::{Call, Outcome, managed, no_such_policy, no_such_target, policies, refused};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        Change, World,
        organization::{
            ATTACHED_QUOTA, Act, Organization, Place, Policy, PolicyKind, SIZE_QUOTA, Wrong, check,
            policy_id,
        },
    },
};

fn accepted(body: Value, act: Act) -> Result<Outcome, Refusal> {
    Ok(Outcome::new(body, Some(Change::Organization(act))))
}

pub fn create_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = managed(world, call)?;
    let kind = call.kind("Type").ok_or_else(not_enabled)?;
    let (name, document) = (call.text("Name"), call.text("Content"));
    well_formed(kind, document)?;
    only_one(here, kind, name, None)?;
    let id = policy_id(world.seed, here.next());
    let owner = world.accounts[here.management].id.as_str();
    let policy = Policy {
        number: here.next(),
        arn: here.policy_arn(owner, kind, &id),
        id,
        name: name.to_owned(),
        description: call.text("Description").to_owned(),
        kind,
        by_aws: false,
        document: document.to_owned(),
        attached: Vec::new(),
    };
    let body = json!({"Policy": policies::described(&policy)});
    let Policy { id, arn, name, description, document, .. } = policy;
    accepted(body, Act::Create { id, arn, name, description, kind, document })
}

pub fn update_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = managed(world, call)?;
    let mut policy = own(here, call)?.clone();
    let said = |member: &str| call.input[member].as_str().map(str::to_owned);
    let (name, description, document) = (said("Name"), said("Description"), said("Content"));
    if let Some(document) = &document {
        well_formed(policy.kind, document)?;
        policy.document.clone_from(document);
    }
    if let Some(name) = &name {
        only_one(here, policy.kind, name, Some(&policy.id))?;
        policy.name.clone_from(name);
    }
    if let Some(description) = &description {
        policy.description.clone_from(description);
    }
    let body = json!({"Policy": policies::described(&policy)});
    accepted(body, Act::Update { policy: policy.id, name, description, document })
}

pub fn delete_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = managed(world, call)?;
    let policy = own(here, call)?;
    if !policy.attached.is_empty() {
        let why = "The policy is attached to one or more entities. You must detach it from all \
                   roots, OUs, and accounts before performing this operation.";
        return Err(refused("PolicyInUseException", why));
    }
    accepted(Value::Null, Act::Delete { policy: policy.id.clone() })
}

pub fn attach_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = managed(world, call)?;
    let policy = here.policy(call.text("PolicyId")).ok_or_else(no_such_policy)?;
    let target = here.target(call.text("TargetId")).ok_or_else(no_such_target)?;
    if policy.attached.contains(&target) {
        let why = "The selected policy is already attached to the specified target.";
        return Err(refused("DuplicatePolicyAttachmentException", why));
    }
    if here.attached(policy.kind, target).count() >= ATTACHED_QUOTA {
        let why = "You have attached the maximum number of policies to the specified target.";
        return Err(refused("ConstraintViolationException", why));
    }
    let target = here.targets[target].id.clone();
    accepted(Value::Null, Act::Attach { policy: policy.id.clone(), target })
}

/// "Every root, OU, and account must have at least one SCP" (DetachPolicy), and
/// RCPFullAWSAccess cannot be detached (user guide, "Resource control policies").
pub fn detach_policy(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = managed(world, call)?;
    let policy = here.policy(call.text("PolicyId")).ok_or_else(no_such_policy)?;
    let target = here.target(call.text("TargetId")).ok_or_else(no_such_target)?;
    if !policy.attached.contains(&target) {
        let why = "The policy isn't attached to the specified target in the specified root.";
        return Err(refused("PolicyNotAttachedException", why));
    }
    let stays = match policy.kind {
        PolicyKind::ServiceControl => here.attached(policy.kind, target).count() == 1,
        PolicyKind::ResourceControl => policy.by_aws,
    };
    if stays {
        let why = "You cannot remove the last policy of this type from the specified target.";
        return Err(refused("ConstraintViolationException", why));
    }
    let target = here.targets[target].id.clone();
    accepted(Value::Null, Act::Detach { policy: policy.id.clone(), target })
}

pub fn move_account(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let here = managed(world, call)?;
    let is_account = |at: &usize| matches!(here.targets[*at].place, Place::Account(_));
    let account = here.target(call.text("AccountId")).filter(is_account).ok_or_else(|| {
        refused("AccountNotFoundException", "You specified an account that doesn't exist.")
    })?;
    let parent = |member: &str, code| {
        let found = here.target(call.text(member)).filter(|at| !is_account(at));
        found.ok_or_else(|| refused(code, "You specified a parent that doesn't exist."))
    };
    let from = parent("SourceParentId", "SourceParentNotFoundException")?;
    let to = parent("DestinationParentId", "DestinationParentNotFoundException")?;
    if here.targets[account].parent == to {
        let why = "That account is already present in the specified destination.";
        return Err(refused("DuplicateAccountException", why));
    }
    if here.targets[account].parent != from {
        let why = "The account is not in the source parent that you specified.";
        return Err(refused("SourceParentNotFoundException", why));
    }
    let id = |at: usize| here.targets[at].id.clone();
    accepted(Value::Null, Act::Move { account: id(account), parent: id(to) })
}

/// A policy that is not AWS's own.
fn own<'o>(here: &'o Organization, call: &Call) -> Result<&'o Policy, Refusal> {
    let policy = here.policy(call.text("PolicyId")).ok_or_else(no_such_policy)?;
    if policy.by_aws { Err(super::forbidden()) } else { Ok(policy) }
}

/// Names are unique within the type.
fn only_one(
    here: &Organization,
    kind: PolicyKind,
    name: &str,
    but: Option<&str>,
) -> Result<(), Refusal> {
    let same = |p: &Policy| p.kind == kind && p.name == name && Some(p.id.as_str()) != but;
    if here.policies.iter().any(same) {
        let why = "A policy with the same name already exists.";
        return Err(refused("DuplicatePolicyException", why));
    }
    Ok(())
}

fn well_formed(kind: PolicyKind, document: &str) -> Result<(), Refusal> {
    check(kind, document).map_err(|wrong| match wrong {
        Wrong::TooLong(_) => {
            let why =
                format!("The policy's content has more than the {SIZE_QUOTA} characters allowed.");
            refused("ConstraintViolationException", why)
        }
        Wrong::Malformed(why) => refused(
            "MalformedPolicyDocumentException",
            format!(
                "The provided policy document does not meet the requirements of the specified \
                 policy type: {why}"
            ),
        ),
    })
}

/// Every type is enabled here but those of which the range knows no policies.
fn not_enabled() -> Refusal {
    let why = "You can't use the specified policy type with the feature set currently enabled.";
    refused("PolicyTypeNotAvailableForOrganizationException", why)
}
