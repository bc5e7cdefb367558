//! The IAM names that a finding is about: what a playbook's inputs are filled in from.

use serde_json::Value;

use super::{Record, fields::Node};
use crate::domain::{AccessKeyId, RoleName, SessionId, Source, TrailArn, UserName, event::By};

/// Each absent where the finding names none, or something that is no such name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub access_key: Option<AccessKeyId>,
    pub user: Option<UserName>,
    pub role: Option<RoleName>,
    /// The session of the role, by its `aws:userid`.
    pub session: Option<SessionId>,
    /// The trail that was touched.
    pub trail: Option<TrailArn>,
}

/// Reads the names from the finding's own JSON.
pub fn named(record: &Record) -> Named {
    let Ok(value) = serde_json::from_str::<Value>(&record.raw) else { return Named::default() };
    let finding = Node::of(&value);
    match record.source {
        Source::GuardDuty => {
            let mut named = of_key(finding.path("resource.accessKeyDetails"));
            let touched = finding.path("service.action.awsApiCallAction.affectedResources");
            let trail = touched.get("AWS::CloudTrail::Trail").text();
            named.trail = trail.and_then(|arn| arn.parse().ok());
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

/// What events can be asked by, of all that the finding names: temporary keys too, which no
/// playbook can switch off, and whoever took part in an attack sequence.
pub fn sought(record: &Record) -> Vec<By> {
    let Ok(value) = serde_json::from_str::<Value>(&record.raw) else { return Vec::new() };
    let finding = Node::of(&value);
    let mut by = Vec::new();
    match record.source {
        Source::GuardDuty => {
            let resource = finding.get("resource");
            sought_key(resource.get("accessKeyDetails"), &mut by);
            let instance = resource.path("instanceDetails.instanceId").text();
            by.extend(instance.map(|id| By::Resource(id.to_owned())));
            let sequence = finding.path("service.detection.sequence");
            for actor in sequence.get("actors").items() {
                sought_actor(actor, &mut by);
            }
            for resource in sequence.get("resources").items() {
                sought_key(resource.path("data.accessKey"), &mut by);
                let names = [resource.get("name").text(), resource.get("uid").text()];
                match resource.get("resourceType").text() {
                    Some("ACCESS_KEY") => by.extend(names.into_iter().flatten().find_map(key)),
                    Some("EC2_INSTANCE") => {
                        let uid = names[1].or(names[0]).map(last);
                        by.extend(uid.map(|id| By::Resource(id.to_owned())));
                    }
                    _ => {}
                }
            }
            for endpoint in sequence.get("endpoints").items() {
                let ip = endpoint.get("ip").text();
                by.extend(
                    ip.filter(|ip| ip.parse::<std::net::IpAddr>().is_ok())
                        .map(|ip| By::Address(ip.to_owned())),
                );
            }
            for bucket in resource.get("s3BucketDetails").items() {
                by.extend(bucket.get("name").text().map(|n| By::Resource(n.to_owned())));
            }
        }
        Source::SecurityHub => {
            for resource in finding.get("Resources").items() {
                let id = resource.get("Id").text();
                match resource.get("Type").text() {
                    Some("AwsIamAccessKey") => {
                        let own = resource.path("Details.AwsIamAccessKey.AccessKeyId").text();
                        let of_id = id.and_then(|id| id.rsplit([':', '/']).next());
                        by.extend(own.or(of_id).and_then(key));
                    }
                    Some("AwsEc2Instance" | "AwsS3Bucket") => {
                        by.extend(id.map(|id| By::Resource(last(id).to_owned())));
                    }
                    _ => {}
                }
            }
        }
    }
    let named = named(record);
    by.extend(named.access_key.map(|k| By::Key(k.to_string())));
    by.extend(named.role.map(|r| By::Role(r.to_string())));
    by.extend(named.user.map(|u| By::User(u.to_string())));
    by
}

fn key(id: &str) -> Option<By> {
    let is_key = id.starts_with("AKIA") || id.starts_with("ASIA");
    (is_key && id.parse::<AccessKeyId>().is_ok()).then(|| By::Key(id.to_owned()))
}

fn last(id: &str) -> &str {
    id.rsplit(['/', ':']).next().unwrap_or(id)
}

/// GuardDuty's `accessKeyDetails`: whatever key it is, whoever has it.
fn sought_key(details: Node<'_>, by: &mut Vec<By>) {
    by.extend(details.get("accessKeyId").text().and_then(key));
    by.extend(principal(details.get("userType").text(), details.get("userName").text()));
}

/// Someone who took part in an attack sequence.
fn sought_actor(actor: Node<'_>, by: &mut Vec<By>) {
    let user = actor.get("user");
    by.extend(user.get("credentialUid").text().and_then(key));
    let issuer = actor.path("session.issuer").text().filter(|i| i.contains(":role/"));
    match issuer {
        Some(role) => by.push(By::Role(role.to_owned())),
        None => by.extend(principal(user.get("type").text(), user.get("name").text())),
    }
}

fn principal(kind: Option<&str>, name: Option<&str>) -> Option<By> {
    match (kind, name) {
        (Some("Root"), _) => Some(By::User("root".to_owned())),
        (Some("AssumedRole" | "Role"), Some(name)) => Some(By::Role(name.to_owned())),
        (Some("AWSService" | "AWSAccount"), _) => None,
        (_, name) => name.map(|n| By::User(n.to_owned())),
    }
}

impl Named {
    fn or(self, other: Named) -> Named {
        Named {
            access_key: self.access_key.or(other.access_key),
            user: self.user.or(other.user),
            role: self.role.or(other.role),
            session: self.session.or(other.session),
            trail: self.trail.or(other.trail),
        }
    }
}

/// `AROA…:NAME`, as services give a principal's id; a user's (`AIDA…`) is none.
fn session(id: Option<&str>) -> Option<SessionId> {
    id.filter(|id| id.starts_with("AROA")).and_then(|id| id.parse().ok())
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
        session: session(details.get("principalId").text()),
        trail: None,
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
                session: session(details.get("PrincipalId").text()),
                trail: None,
            }
        }
        Some("AwsIamRole") => Named { role: last.and_then(|n| n.parse().ok()), ..Named::default() },
        Some("AwsIamUser") => Named { user: last.and_then(|n| n.parse().ok()), ..Named::default() },
        _ => Named::default(),
    }
}
