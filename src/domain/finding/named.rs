//! The IAM names that a finding is about: what a playbook's inputs are filled in from.

use serde_json::Value;

use super::{Record, fields::Node};
use crate::domain::{AccessKeyId, RoleName, Source, UserName};

/// Each absent where the finding names none, or something that is no such name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub access_key: Option<AccessKeyId>,
    pub user: Option<UserName>,
    pub role: Option<RoleName>,
}

/// Reads the names from the finding's own JSON.
pub fn named(record: &Record) -> Named {
    let Ok(value) = serde_json::from_str::<Value>(&record.raw) else { return Named::default() };
    let finding = Node::of(&value);
    match record.source {
        Source::GuardDuty => {
            let mut named = of_key(finding.path("resource.accessKeyDetails"));
            // An attack sequence names its keys among its resources.
            for resource in finding.path("service.detection.sequence.resources").items() {
                let key = resource.path("data.accessKey");
                named = named.or(of_key(key)).or(of_sequence(resource));
            }
            named
        }
        Source::SecurityHub => {
            let resources = finding.get("Resources").items();
            resources.map(of_resource).fold(Named::default(), Named::or)
        }
    }
}

impl Named {
    fn or(self, other: Named) -> Named {
        Named {
            access_key: self.access_key.or(other.access_key),
            user: self.user.or(other.user),
            role: self.role.or(other.role),
        }
    }
}

/// GuardDuty's `accessKeyDetails`, and the `accessKey` of a sequence's resource.
fn of_key(details: Node<'_>) -> Named {
    let name = details.get("userName").text();
    let kind = details.get("userType").text();
    let is_role = matches!(kind, Some("AssumedRole" | "Role"));
    Named {
        // The long-term key alone can be switched off.
        access_key: details
            .get("accessKeyId")
            .text()
            .and_then(|id| id.parse().ok())
            .filter(|id: &AccessKeyId| id.as_str().starts_with("AKIA")),
        user: name.filter(|_| kind == Some("IAMUser")).and_then(|n| n.parse().ok()),
        role: name.filter(|_| is_role).and_then(|n| n.parse().ok()),
    }
}

/// A sequence's resource of the type ACCESS_KEY whose name is the key's id.
fn of_sequence(resource: Node<'_>) -> Named {
    let is_key = resource.get("resourceType").text() == Some("ACCESS_KEY");
    let id = resource.get("name").text().or(resource.get("uid").text()).filter(|_| is_key);
    let access_key = id
        .and_then(|id| id.parse().ok())
        .filter(|id: &AccessKeyId| id.as_str().starts_with("AKIA"));
    Named { access_key, ..Named::default() }
}

/// A resource of the AWS Security Finding Format.
fn of_resource(resource: Node<'_>) -> Named {
    let id = resource.get("Id").text();
    let last = id.and_then(|id| id.rsplit('/').next());
    match resource.get("Type").text() {
        Some("AwsIamAccessKey") => {
            let details = resource.path("Details.AwsIamAccessKey");
            let id = details.get("AccessKeyId").text();
            let id = id.or_else(|| resource.get("Id").text()?.rsplit(':').next());
            let name = details.get("PrincipalName").or(details.get("UserName")).text();
            let is_user = matches!(details.get("PrincipalType").text(), Some("IAMUser") | None);
            let is_role =
                matches!(details.get("PrincipalType").text(), Some("AssumedRole" | "Role"));
            Named {
                access_key: id
                    .and_then(|id| id.parse().ok())
                    .filter(|id: &AccessKeyId| id.as_str().starts_with("AKIA")),
                user: name.filter(|_| is_user).and_then(|n| n.parse().ok()),
                role: name.filter(|_| is_role).and_then(|n| n.parse().ok()),
            }
        }
        Some("AwsIamRole") => Named { role: last.and_then(|n| n.parse().ok()), ..Named::default() },
        Some("AwsIamUser") => Named { user: last.and_then(|n| n.parse().ok()), ..Named::default() },
        _ => Named::default(),
    }
}
