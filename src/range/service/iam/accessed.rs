//! When a user, a role, or whoever has a policy used which service: from what CloudTrail
//! knows in this world, refused attempts included ("all attempts to access an AWS API, not
//! just the successful attempts").
//!
//! AWS lists every service that the policies allow. Here these are the services that their
//! statements name, and those that were used: `*` names none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Call, Outcome, absent};
use crate::range::{
    paging::Pager,
    seed,
    wire::Refusal,
    world::{
        Change, World,
        iam::{Home, Identity},
        iso_seconds,
        trail::Use,
    },
};

pub fn generate(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let arn = call.text("Arn");
    let home = world.iam().home(call.account);
    if holders(home, arn).is_none() {
        return Err(absent(format!("ARN {arn}")));
    }
    let job = seed::uuid(seed::digest(world.seed, &["job", &call.request_id]));
    let change = Change::LastAccessed {
        job: job.clone(),
        arn: arn.to_owned(),
        by: call.caller.entity_arn.clone(),
        actions: call.text("Granularity") == "ACTION_LEVEL",
    };
    Ok(Outcome::new(json!({"JobId": job}), Some(change)))
}

pub fn get(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let id = call.text("JobId");
    let job = world.reports().job(id).filter(|job| job.by == call.caller.entity_arn);
    let job = job.ok_or_else(|| absent(format!("Job {id}")))?;
    let (status, services) = if job.ready(call.now) {
        let home = call.home(world);
        let holders = holders(home, &job.arn).unwrap_or_default();
        ("COMPLETED", services(world, home, &holders, job.account, job.begun(), job.actions))
    } else {
        ("IN_PROGRESS", Vec::new())
    };
    let (page, mut body) = call.marked(world, services)?;
    let begun = iso_seconds(job.begun());
    let level = if job.actions { "ACTION_LEVEL" } else { "SERVICE_LEVEL" };
    body.insert("JobStatus".into(), status.into());
    body.insert("JobType".into(), level.into());
    body.insert("JobCreationDate".into(), begun.as_str().into());
    if status == "COMPLETED" {
        body.insert("JobCompletionDate".into(), begun.into());
    }
    body.insert("ServicesLastAccessed".into(), Value::Array(page));
    Ok(Value::Object(body).into())
}

/// Whoever is meant: the user or role itself, or all who have the policy; `None` where
/// there is no such thing.
fn holders<'h>(home: &'h Home, arn: &str) -> Option<Vec<&'h Identity>> {
    if home.policy(arn).is_some() {
        let has = |identity: &&Identity| identity.attached.iter().any(|a| a == arn);
        return Some(home.identities().filter(has).collect());
    }
    home.identities().find(|identity| identity.arn == arn).map(|identity| vec![identity])
}

/// One row for each service, by its namespace.
fn services(
    world: &World,
    home: &Home,
    holders: &[&Identity],
    account: usize,
    until: i64,
    actions: bool,
) -> Vec<(String, Value)> {
    let mut used: BTreeMap<String, Vec<(&str, Use)>> = BTreeMap::new();
    for holder in holders {
        for service in named(home, holder) {
            used.entry(service).or_default();
        }
        for one in world.history().uses(account, &holder.arn, until) {
            used.entry(one.service.clone()).or_default().push((&holder.arn, one));
        }
    }
    let rows = used.into_iter().map(|(service, uses)| {
        let mut row = Map::new();
        row.insert("ServiceName".into(), spelled(&service).into());
        row.insert("ServiceNamespace".into(), service.as_str().into());
        let who: BTreeSet<&str> = uses.iter().map(|(arn, _)| *arn).collect();
        row.insert("TotalAuthenticatedEntities".into(), who.len().into());
        if let Some((arn, last)) = uses.iter().max_by_key(|(_, u)| u.at) {
            row.insert("LastAuthenticated".into(), iso_seconds(last.at).into());
            row.insert("LastAuthenticatedEntity".into(), (*arn).into());
            row.insert("LastAuthenticatedRegion".into(), last.region.as_str().into());
        }
        if actions {
            let mut last: BTreeMap<&str, &(&str, Use)> = BTreeMap::new();
            for one in &uses {
                let held = last.entry(&one.1.action).or_insert(one);
                if held.1.at < one.1.at {
                    *held = one;
                }
            }
            let tracked = last.into_iter().map(|(action, (arn, one))| {
                json!({
                    "ActionName": action,
                    "LastAccessedEntity": arn,
                    "LastAccessedTime": iso_seconds(one.at),
                    "LastAccessedRegion": one.region,
                })
            });
            row.insert("TrackedActionsLastAccessed".into(), tracked.collect());
        }
        (service, Value::Object(row))
    });
    rows.collect()
}

/// The services that a principal's policies name in what they allow.
fn named(home: &Home, identity: &Identity) -> BTreeSet<String> {
    let attached = identity.attached.iter().filter_map(|arn| {
        let policy = home.policy(arn)?;
        policy.versions.iter().find(|v| v.number == policy.default)
    });
    let documents = identity.inline.iter().map(|(_, text)| text.as_str());
    let mut out = BTreeSet::new();
    for text in documents.chain(attached.map(|version| &*version.document)) {
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        for statement in items(&document["Statement"]).filter(|s| s["Effect"] == "Allow") {
            let actions = items(&statement["Action"]).filter_map(Value::as_str);
            let services = actions.filter_map(|a| a.split_once(':')).map(|(service, _)| service);
            let plain = services.filter(|s| !s.contains(['*', '?']));
            out.extend(plain.map(str::to_ascii_lowercase));
        }
    }
    out
}

/// The items of a list, or the one value that stands in its place.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

/// A service's name (service authorization reference); of others the namespace.
fn spelled(namespace: &str) -> &str {
    const NAMES: [(&str, &str); 16] = [
        ("cloudtrail", "AWS CloudTrail"),
        ("cloudwatch", "Amazon CloudWatch"),
        ("dynamodb", "Amazon DynamoDB"),
        ("ec2", "Amazon EC2"),
        ("guardduty", "Amazon GuardDuty"),
        ("iam", "AWS Identity and Access Management"),
        ("kms", "AWS Key Management Service"),
        ("lambda", "AWS Lambda"),
        ("logs", "Amazon CloudWatch Logs"),
        ("organizations", "AWS Organizations"),
        ("s3", "Amazon S3"),
        ("secretsmanager", "AWS Secrets Manager"),
        ("securityhub", "AWS Security Hub"),
        ("sqs", "Amazon SQS"),
        ("ssm", "AWS Systems Manager"),
        ("sts", "AWS Security Token Service"),
    ];
    NAMES.iter().find(|(known, _)| *known == namespace).map_or(namespace, |(_, name)| name)
}
