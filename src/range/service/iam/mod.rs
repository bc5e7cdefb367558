//! AWS IAM (API reference, version 2010-05-08).
//!
//! Questions are answered from [`Call::home`], which a fault may make stale; changes
//! look at IAM as it is.

pub mod accessed;
pub mod attached;
pub mod authorization;
pub mod boundaries;
pub mod inline;
pub mod keys;
pub mod logins;
pub mod policies;
pub mod profiles;
pub mod reports;
pub mod roles;
pub mod summary;
pub mod tags;
pub mod users;
pub mod versions;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::{Call, Outcome};
use crate::range::{
    faults::Twist,
    paging::{page_by_key, query_text},
    wire::Refusal,
    world::{
        Change, World,
        iam::{Home, Identity, Policy, Role, User},
        iso_seconds,
    },
};

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
        policy_at(home, self.text("PolicyArn"))
    }

    /// Whether a path or ARN is among those asked for with `PathPrefix`.
    fn wants_path(&self, path: &str) -> bool {
        path.starts_with(self.text("PathPrefix"))
    }

    /// The answer of a list: `member` with those of `rows` that are on the page. A row is
    /// the key that the list is in the order of, and the item.
    fn listed(
        &self,
        world: &World,
        member: &str,
        rows: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Outcome, Refusal> {
        let (items, mut body) = self.marked(world, rows.into_iter().collect())?;
        body.insert(member.to_owned(), Value::Array(items));
        Ok(Value::Object(body).into())
    }

    /// One page of `rows`, and what says whether there are more.
    fn marked<T>(
        &self,
        world: &World,
        rows: Vec<(String, T)>,
    ) -> Result<(Vec<T>, Map<String, Value>), Refusal> {
        let query = query_text(&self.input);
        let ask = self.ask(world, &query, ("Marker", "MaxItems", 100));
        let (page, next) = page_by_key(&ask, rows)
            .map_err(|_| Refusal::new(400, "ValidationError", "Invalid Marker."))?;
        let mut body = Map::new();
        body.insert("IsTruncated".to_owned(), next.is_some().into());
        body.extend(next.map(|next| ("Marker".to_owned(), next.into())));
        Ok((page, body))
    }
}

fn policy_at<'h>(home: &'h Home, arn: &str) -> Result<&'h Policy, Refusal> {
    if !arn.starts_with("arn:") || !arn.contains(":policy/") {
        return Err(Refusal::new(400, "InvalidInput", format!("ARN {arn} is not valid.")));
    }
    home.policy(arn).ok_or_else(|| not_found(arn))
}

/// The key of an item that keeps its place in a list for good.
fn place(row: usize) -> String {
    format!("{row:010}")
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
