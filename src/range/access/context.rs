//! The context keys of a call (IAM user guide, "AWS global condition context keys"). Those
//! that follow from the caller's ARN alone are `policy`'s.

use super::asked::Asked;
use crate::{
    policy::Context,
    range::{
        service::Call,
        world::{World, iso_seconds, organization::Place},
    },
};

/// Services with one endpoint for all Regions: "for global services … the value is always
/// us-east-1" (aws:RequestedRegion). STS has one for each Region.
const GLOBAL: [&str; 2] = ["iam", "organizations"];

/// Who calls, from where, when.
pub fn of_call(world: &World, call: &Call, context: &mut Context) {
    let caller = &call.caller;
    let region = if GLOBAL.contains(&call.service) { "us-east-1" } else { &call.region };
    context.set_one("aws:RequestedRegion", region);
    context.set_one("aws:SourceIp", call.address.as_str());
    context.set_one("aws:UserAgent", call.agent.as_str());
    // The range stands for endpoints that speak TLS, whatever it is reached by.
    context.set_one("aws:SecureTransport", "true");
    context.set_one("aws:ViaAWSService", "false");
    context.set_one("aws:CurrentTime", iso_seconds(call.now));
    context.set_one("aws:EpochTime", call.now.div_euclid(1000).to_string());
    if let Some(issued) = caller.token_issued() {
        context.set_one("aws:TokenIssueTime", iso_seconds(issued));
        // Temporary credentials alone have it, "true" or "false".
        let mfa = caller.mfa() == Some(true);
        context.set_one("aws:MultiFactorAuthPresent", mfa.to_string());
        if mfa {
            let age = (call.now - issued).div_euclid(1000);
            context.set_one("aws:MultiFactorAuthAge", age.to_string());
        }
    }
    if let Some(source) = caller.source_identity() {
        context.set_one("aws:SourceIdentity", source);
    }
    if let Some((id, path)) = in_organization(world, call.now, caller.account) {
        context.set_one("aws:PrincipalOrgID", id);
        context.set_one("aws:PrincipalOrgPaths", path);
    }
}

/// Whose the resource is.
pub fn of_resource(world: &World, now: i64, asked: &Asked, context: &mut Context) {
    if let Some((id, path)) = in_organization(world, now, asked.account) {
        context.set_one("aws:ResourceOrgID", id);
        context.set_one("aws:ResourceOrgPaths", path);
    }
}

/// The organization's id, and the way from it to the account as `aws:PrincipalOrgPaths`
/// has it: `o-…/r-…/ou-…/`.
fn in_organization(world: &World, now: i64, account: usize) -> Option<(String, String)> {
    let organization = world.organization_in_force(now)?;
    let mut path = format!("{}/", organization.id);
    for at in organization.path(organization.account(account)?) {
        let target = &organization.targets[at];
        if !matches!(target.place, Place::Account(_)) {
            path.push_str(&target.id);
            path.push('/');
        }
    }
    Some((organization.id.clone(), path))
}
