//! Findings by the number: everything about the n-th is a function of seed,
//! recipe and n, so only the indexed fields are kept.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Row, Version, World, finding::Body, finding_type, merge};
use crate::range::{
    scenario::Recipe,
    seed::{Numbers, hex},
};

impl World {
    pub(super) fn add_bulk(&mut self, recipe: Recipe) {
        let number = self.recipes.len();
        let regions: Vec<u16> = recipe.regions.iter().map(|r| self.region_number(r)).collect();
        let kinds: Vec<Arc<str>> = if recipe.types.is_empty() {
            vec!["Recon:EC2/PortProbeUnprotectedPort".into()]
        } else {
            recipe.types.iter().map(|t| t.as_str().into()).collect()
        };
        let usual: Vec<f64> = kinds.iter().map(|k| usual_severity(k)).collect();
        self.rows.reserve(recipe.count as usize);
        self.rows_by_id.reserve(recipe.count as usize);
        for index in 0..recipe.count {
            let mut numbers = Numbers::new(self.seed, number, index);
            let mut id = [0; 16];
            id[..8].copy_from_slice(&numbers.next().to_be_bytes());
            id[8..].copy_from_slice(&numbers.next().to_be_bytes());
            let account = recipe.accounts[numbers.below(recipe.accounts.len())];
            let region = regions[numbers.below(regions.len())];
            let kind = numbers.below(kinds.len());
            let severity = match recipe.severities.as_slice() {
                [] => usual[kind],
                given => given[numbers.below(given.len())],
            };
            let at = self.start - numbers.below(recipe.over.max(1) as usize) as i64;
            let first = Version {
                at,
                updated: at,
                severity,
                kind: Arc::clone(&kinds[kind]),
                body: Body::Recipe { recipe: number as u16, index },
            };
            let row = Row {
                id: hex(&id).into(),
                account: Self::account_number(account),
                region,
                first,
                later: Vec::new(),
                archived_at: None,
                feedback: None,
            };
            self.add_row(row, recipe.copy);
        }
        self.recipes.push(recipe);
    }

    pub(super) fn render_bulk(
        &self,
        row: &Row,
        version: &Version,
        recipe: u16,
        index: u32,
    ) -> Value {
        // A stream apart from the one that chose the indexed fields.
        let mut numbers = Numbers::new(!self.seed, usize::from(recipe), index);
        let mut value = self.frame(row.account, row.region, &row.id, version.at);
        let host = format!("i-{:017x}", numbers.next() & 0x0f_ffff_ffff_ffff);
        let user = format!("worker-{}", numbers.below(400));
        let remote = format!("198.51.100.{}", numbers.below(256));
        let body = json!({
            "type": &*version.kind,
            "severity": version.severity,
            "title": format!("{} on {host}", version.kind),
            "description": "Made by recipe, to practise with many findings.",
            "resource": resource(&version.kind, &host, &user),
            "service": {
                "count": 1 + numbers.below(40),
                "resourceRole": "TARGET",
                "action": {
                    "actionType": "NETWORK_CONNECTION",
                    "networkConnectionAction": {
                        "blocked": false,
                        "connectionDirection": "INBOUND",
                        "protocol": "TCP",
                        "localPortDetails": {"port": 22, "portName": "SSH"},
                        "remotePortDetails": {"port": 1024 + numbers.below(60_000), "portName": "Unknown"},
                        "remoteIpDetails": {"ipAddressV4": remote, "country": {"countryName": "Nowhere"}},
                    },
                },
            },
        });
        merge(&mut value, body);
        value
    }
}

/// The resource that findings of this type are about, with plausible content.
pub fn resource(kind: &str, host: &str, user: &str) -> Value {
    match finding_type(kind).map_or("Instance", |t| t.resource) {
        "AccessKey" => json!({
            "resourceType": "AccessKey",
            "accessKeyDetails": {
                "accessKeyId": "AKIAI44QH8DHBEXAMPLE",
                "principalId": "AIDACKCEVSQ6C2EXAMPLE",
                "userName": user,
                "userType": "IAMUser",
            },
        }),
        "S3Bucket" | "S3Object" => json!({
            "resourceType": "S3Bucket",
            "s3BucketDetails": [{
                "arn": format!("arn:aws:s3:::{user}-data"),
                "name": format!("{user}-data"),
                "type": "Destination",
            }],
        }),
        "EKSCluster" => json!({
            "resourceType": "EKSCluster",
            "eksClusterDetails": {"name": format!("{user}-cluster"), "status": "ACTIVE"},
        }),
        "Lambda" => json!({
            "resourceType": "Lambda",
            "lambdaDetails": {"functionName": user, "functionVersion": "$LATEST"},
        }),
        "RDSDBInstance" => json!({
            "resourceType": "RDSDBInstance",
            "rdsDbInstanceDetails": {"dbInstanceIdentifier": format!("{user}-db"), "engine": "Aurora MySQL"},
        }),
        other => json!({
            "resourceType": if other == "AttackSequence" { other } else { "Instance" },
            "instanceDetails": {
                "instanceId": host,
                "instanceType": "m5.large",
                "instanceState": "running",
                "availabilityZone": "us-east-1a",
                "imageId": "ami-0abcdef1234567890",
                "networkInterfaces": [{
                    "networkInterfaceId": "eni-0abcdef1234567890",
                    "privateIpAddress": "10.0.12.34",
                    "subnetId": "subnet-0abcdef1234567890",
                    "vpcId": "vpc-0abcdef1234567890",
                    "securityGroups": [{"groupId": "sg-0abcdef1234567890", "groupName": "default"}],
                }],
                "tags": [],
            },
        }),
    }
}

fn usual_severity(kind: &str) -> f64 {
    finding_type(kind).map_or(5.0, |t| t.severity)
}
