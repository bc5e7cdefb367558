//! Whether a role lets somebody become it.

use serde_json::Value;

use super::denied;
use crate::range::{
    service::Call,
    wire::Refusal,
    world::{World, iam::Role},
};

/// A role that is about to be assumed, with what a trust policy may ask about.
#[allow(dead_code)] // Conditions ask about most of it; they are not looked at yet.
pub struct Assumption<'a> {
    /// The role's account, as a position in the world's list.
    pub account: usize,
    pub role: &'a Role,
    pub session_name: &'a str,
    /// A code of the caller's MFA device was verified, now or when the caller's temporary
    /// credentials were given out.
    pub mfa: bool,
    pub external_id: Option<&'a str>,
    /// The one that the new session will have.
    pub source_identity: Option<&'a str>,
    /// Tags of the request alone, and which of them are to be passed on.
    pub tags: &'a [(String, String)],
    pub transitive: &'a [String],
}

/// Lets in whom a statement of the trust policy names plainly: conditions and denials are
/// not looked at yet, nor are the caller's own policies.
pub fn admit(_: &World, call: &Call, assumption: &Assumption<'_>) -> Result<(), Refusal> {
    let caller = &call.caller;
    let root = format!("arn:aws:iam::{}:root", caller.account_id);
    let me = [&caller.arn, &caller.entity_arn, &caller.account_id, &root, "*"];
    let document: Value = serde_json::from_str(&assumption.role.trust).unwrap_or_default();
    let admitted = items(&document["Statement"]).any(|statement| {
        let principal = &statement["Principal"];
        let named = items(principal).chain(items(&principal["AWS"]));
        statement["Effect"] == "Allow"
            && items(&statement["Action"])
                .any(|action| ["sts:AssumeRole", "sts:*", "*"].iter().any(|a| action == a))
            && named.filter_map(Value::as_str).any(|name| me.contains(&name))
    });
    if admitted { Ok(()) } else { Err(refused(call)) }
}

/// The same words whether the role does not trust the caller or does not exist.
pub fn refused(call: &Call) -> Refusal {
    let (who, role) = (&call.caller.arn, call.text("RoleArn"));
    denied(format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}"))
}

/// The items of a list, or the one value that stands in its place.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter()
}
