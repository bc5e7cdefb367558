//! AWS Organizations (API reference, version 2016-11-28).
//!
//! Every account may ask what organization it is in. All else is for the management
//! account and, as far as it is reading, for a delegated administrator ("You can call this
//! operation only from the management account or a member account that is a delegated
//! administrator"); what those may change, a resource policy would say, which is not here.

mod changes;
mod policies;
mod tree;

pub use changes::{
    attach_policy, create_policy, delete_policy, detach_policy, move_account, update_policy,
};
pub use policies::{
    describe_policy, list_policies, list_policies_for_target, list_targets_for_policy,
};
pub use tree::{
    describe_account, describe_organization, describe_organizational_unit, list_accounts,
    list_accounts_for_parent, list_children, list_delegated_administrators,
    list_organizational_units_for_parent, list_parents, list_roots,
};

use serde_json::{Map, Value};

use super::{Call, Outcome};
use crate::range::{
    paging::Pager,
    wire::Refusal,
    world::{
        World,
        organization::{Organization, PolicyKind},
    },
};

fn refused(code: &'static str, why: impl Into<String>) -> Refusal {
    Refusal::new(400, code, why)
}

/// The caller's organization.
fn organization(world: &World) -> Result<&Organization, Refusal> {
    world.organization().ok_or_else(|| {
        refused(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        )
    })
}

fn forbidden() -> Refusal {
    refused("AccessDeniedException", "You don't have permissions to access this resource.")
}

/// The organization, for who may look at it.
fn seen<'w>(world: &'w World, call: &Call) -> Result<&'w Organization, Refusal> {
    let organization = organization(world)?;
    let delegated = world.is_administrator(call.account);
    if call.account == organization.management || delegated {
        Ok(organization)
    } else {
        Err(forbidden())
    }
}

/// The organization, for who may change it.
fn managed<'w>(world: &'w World, call: &Call) -> Result<&'w Organization, Refusal> {
    let organization = organization(world)?;
    if call.account == organization.management { Ok(organization) } else { Err(forbidden()) }
}

fn no_such_policy() -> Refusal {
    refused("PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

fn no_such_target() -> Refusal {
    refused("TargetNotFoundException", "You specified a target that doesn't exist.")
}

impl Call {
    /// The kind of policies that a member names. There are more than are kept here.
    fn kind(&self, member: &str) -> Option<PolicyKind> {
        PolicyKind::named(self.text(member))
    }

    /// A page of `rows` as the list `member`; 20 items at most.
    fn shown(
        &self,
        world: &World,
        pager: &mut Pager,
        member: &str,
        rows: impl IntoIterator<Item = usize>,
        item: impl Fn(usize) -> Option<Value>,
    ) -> Result<Outcome, Refusal> {
        let wrong = refused("InvalidInputException", "You provided an invalid NextToken.");
        let rows = rows.into_iter().map(|row| row as u32).collect();
        let page = self.page(world, pager, ("NextToken", "MaxResults", 20), wrong, |_| rows)?;
        let items = page.rows.into_iter().filter_map(|row| item(row as usize)).collect();
        let mut body = Map::new();
        body.insert(member.to_owned(), Value::Array(items));
        body.extend(page.next.map(|next| ("NextToken".to_owned(), next.into())));
        Ok(Value::Object(body).into())
    }
}
