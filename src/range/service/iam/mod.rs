//! AWS IAM (API reference, version 2010-05-08).
//!
//! Questions are answered from [`Call::home`], which a fault may make stale; changes
//! look at IAM as it is.

pub mod attached;
pub mod inline;
pub mod keys;
pub mod policies;
pub mod roles;
pub mod users;
pub mod versions;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::{Call, Outcome};
use crate::range::{
    faults::Twist,
    paging::Pager,
    wire::Refusal,
    world::{
        Change, World,
        iam::{ATTACHED_QUOTA, Home, Identity, KEYS_QUOTA, POLICY_SIZE_QUOTA, Role, User},
        iam::{Policy, VERSIONS_QUOTA},
        iso_seconds,
    },
};

pub fn list_account_aliases(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    // An account has at most one alias.
    let alias = &world.accounts[call.account].alias;
    Ok(json!({"AccountAliases": [alias], "IsTruncated": false}).into())
}

pub fn get_account_summary(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let home = call.home(world);
    let local = || home.policies.iter().filter(|p| is_local(p));
    let counts = [
        ("Users", home.users.len()),
        ("UsersQuota", 5000),
        ("Groups", 0),
        ("GroupsQuota", 300),
        ("Roles", home.roles.len()),
        ("RolesQuota", 1000),
        ("Policies", local().count()),
        ("PoliciesQuota", 1500),
        ("PolicyVersionsInUse", local().map(|p| p.versions.len()).sum()),
        ("PolicyVersionsInUseQuota", 10_000),
        ("VersionsPerPolicyQuota", VERSIONS_QUOTA),
        ("PolicySizeQuota", POLICY_SIZE_QUOTA),
        ("AttachedPoliciesPerUserQuota", ATTACHED_QUOTA),
        ("AttachedPoliciesPerRoleQuota", ATTACHED_QUOTA),
        ("AccessKeysPerUserQuota", KEYS_QUOTA),
        ("AccountAccessKeysPresent", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
    ];
    let entries: Vec<Value> =
        counts.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    Ok(json!({"SummaryMap": {"entry": entries}}).into())
}

impl Call {
    /// The caller's account, for a question.
    fn home<'w>(&self, world: &'w World) -> &'w Home {
        let back = match self.twist {
            Some(Twist::Stale(changes)) => changes,
            _ => 0,
        };
        world.iam_before(back).home(self.account)
    }

    /// The user that is named, or the caller where none is.
    fn user<'h>(&self, home: &'h Home) -> Result<&'h User, Refusal> {
        let name = match self.text("UserName") {
            "" => self.caller.user().ok_or_else(|| {
                let why = "Must specify userName when calling with non-User credentials";
                Refusal::new(400, "ValidationError", why)
            })?,
            name => name,
        };
        home.user(name).ok_or_else(|| absent(format!("The user with name {name}")))
    }

    fn role<'h>(&self, home: &'h Home) -> Result<&'h Role, Refusal> {
        let name = self.text("RoleName");
        home.role(name).ok_or_else(|| absent(format!("The role with name {name}")))
    }

    /// The policy that is named by its ARN.
    fn policy<'h>(&self, home: &'h Home) -> Result<&'h Policy, Refusal> {
        let arn = self.text("PolicyArn");
        if !arn.starts_with("arn:") || !arn.contains(":policy/") {
            return Err(Refusal::new(400, "InvalidInput", format!("ARN {arn} is not valid.")));
        }
        home.policy(arn).ok_or_else(|| not_found(arn))
    }

    /// Whether a path or ARN is among those asked for with `PathPrefix`.
    fn wants_path(&self, path: &str) -> bool {
        path.starts_with(self.text("PathPrefix"))
    }

    /// The answer of a list: `member` with those of `rows` that are on the page.
    fn listed(
        &self,
        world: &World,
        pager: &mut Pager,
        member: &str,
        rows: Vec<u32>,
        item: impl Fn(usize) -> Option<Value>,
    ) -> Result<Outcome, Refusal> {
        let (rows, mut body) = self.marked(world, pager, rows)?;
        let items = rows.into_iter().filter_map(|row| item(row as usize)).collect();
        body.insert(member.to_owned(), Value::Array(items));
        Ok(Value::Object(body).into())
    }

    /// One page of `rows`, and what says whether there are more.
    fn marked(
        &self,
        world: &World,
        pager: &mut Pager,
        rows: Vec<u32>,
    ) -> Result<(Vec<u32>, Map<String, Value>), Refusal> {
        let refusal = Refusal::new(400, "ValidationError", "Invalid Marker.");
        let page = self.page(world, pager, ("Marker", "MaxItems", 100), refusal, |_| rows)?;
        let mut body = Map::new();
        body.insert("IsTruncated".to_owned(), page.next.is_some().into());
        body.extend(page.next.map(|next| ("Marker".to_owned(), next.into())));
        Ok((page.rows, body))
    }
}

/// The positions of those items that `wanted` accepts.
fn rows<T>(items: &[T], wanted: impl Fn(&T) -> bool) -> Vec<u32> {
    (0..).zip(items).filter(|(_, item)| wanted(item)).map(|(row, _)| row).collect()
}

fn is_local(policy: &Policy) -> bool {
    !crate::range::world::iam::is_managed(&policy.arn)
}

/// Accepted, without a result.
fn done(change: Option<Change>) -> Outcome {
    Outcome::new(Value::Null, change)
}

fn absent(what: String) -> Refusal {
    Refusal::new(404, "NoSuchEntity", format!("{what} cannot be found."))
}

fn not_found(arn: &str) -> Refusal {
    Refusal::new(404, "NoSuchEntity", format!("Policy {arn} was not found."))
}

fn limit(what: String) -> Refusal {
    Refusal::new(409, "LimitExceeded", what)
}

/// What the caller may not do, in the words of IAM user guide, "Troubleshoot access
/// denied error messages".
fn denied(call: &Call, resource: &str) -> Refusal {
    let (who, operation) = (&call.caller.arn, call.operation);
    let why = format!(
        "User: {who} is not authorized to perform: iam:{operation} on resource: {resource}"
    );
    Refusal::new(403, "AccessDenied", why)
}

/// A document as answers bear it: "URL-encoded compliant with RFC 3986" (GetRole).
fn encoded(document: &str) -> String {
    const RESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(document, RESERVED).to_string()
}

/// What GetUser, GetRole and the lists say alike; `kind` is `User` or `Role`.
fn described(kind: &str, identity: &Identity) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("Path".into(), identity.path.as_str().into());
    out.insert(format!("{kind}Name"), identity.name.as_str().into());
    out.insert(format!("{kind}Id"), identity.id.as_str().into());
    out.insert("Arn".into(), identity.arn.as_str().into());
    out.insert("CreateDate".into(), iso_seconds(identity.created).into());
    out
}

/// What only GetUser and GetRole say (ListUsers and ListRoles: "this operation does
/// not return the following attributes").
fn described_further(identity: &Identity, out: &mut Map<String, Value>) {
    if let Some(boundary) = &identity.boundary {
        // AWS sends this word and not the one that its model lists
        // (github.com/awsdocs/iam-user-guide, issue 82).
        let boundary =
            json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary});
        out.insert("PermissionsBoundary".into(), boundary);
    }
    if !identity.tags.is_empty() {
        let tags = identity.tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect();
        out.insert("Tags".into(), Value::Array(tags));
    }
}
