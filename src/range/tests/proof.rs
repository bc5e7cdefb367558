//! The proof of a call: its event bears the request id that the caller was given.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    sessions::{Given, assume, own},
    *,
};
use crate::range::operations::OPERATIONS;

/// An organization of two accounts with one of everything that can be changed.
pub const WORLD: &str = r#"
schema = 1
id = "proof"
title = "One of everything"
seed = 3
start = "2026-03-02T03:10:00Z"
[[organizational_units]]
name = "Quarantine"
[[accounts]]
id = "111122223333"
alias = "home"
management = true
regions = ["us-east-1"]
guardduty = ["us-east-1"]
securityhub = ["us-east-1"]
[[accounts]]
id = "444455556666"
alias = "member"
regions = []
[[principals]]
account = "home"
kind = "user"
name = "oncall"
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["AdministratorAccess"]
[[principals]]
account = "home"
kind = "user"
name = "bob"
password = true
keys = [{ id = "AKIAI44BOBSKEYEXAMPLE", secret = "bobs-secret" }]
[[principals]]
account = "home"
kind = "user"
name = "carol"
[[principals]]
account = "home"
kind = "role"
name = "glass"
policies = ["AdministratorAccess"]
trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}]}'
[[principals]]
account = "home"
kind = "role"
name = "worker"
trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}'
[[policies]]
account = "home"
name = "some"
[[policies.versions]]
document = '{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
[[policies.versions]]
document = '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
[[policies]]
type = "SERVICE_CONTROL_POLICY"
name = "no-buckets"
document = '{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
[[trails]]
account = "home"
name = "one-trail"
home = "us-east-1"
bucket = "logs"
[[findings]]
at = "-1h"
service = "guardduty"
account = "home"
region = "us-east-1"
id = "c391169b2d6ce1c5e767779803fafc01"
copy = false
[findings.body]
type = "Recon:EC2/Portscan"
"#;

pub const GLASS: &str = "arn:aws:iam::111122223333:role/glass";
pub const SOME: &str = "arn:aws:iam::111122223333:policy/some";
pub const DENY: &str = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

pub fn world() -> Bench {
    let scenario = Scenario::read("x.toml", WORLD).unwrap_or_else(|broken| panic!("{broken}"));
    Bench::of(scenario, Box::new(NoJournal))
}

/// A session of the role that may do anything, with a name for its human.
pub fn glass(bench: &Bench) -> Given {
    let (status, text) =
        own(bench.key).form(bench, "sts", &assume(GLASS, "INC-1", "&SourceIdentity=alice"));
    assert_eq!(status, 200, "{text}");
    Given::read(&text)
}

/// A session of the role that may do nothing.
fn worker(bench: &Bench) -> Given {
    let role = "arn:aws:iam::111122223333:role/worker";
    let (status, text) = own(bench.key).form(bench, "sts", &assume(role, "job", ""));
    assert_eq!(status, 200, "{text}");
    Given::read(&text)
}

/// One call of each operation that changes something, in an order in which all are accepted.
fn changes(bench: &Bench) -> Vec<(&'static str, Value)> {
    let ids = |name: &str| bench.invoke(name, json!({})).ok().json();
    let detector = ids("guardduty:ListDetectors")["detectorIds"][0].clone();
    let root = ids("organizations:ListRoots")["Roots"][0]["Id"].clone();
    let units = bench
        .invoke("organizations:ListOrganizationalUnitsForParent", json!({"ParentId": root}))
        .ok()
        .json();
    let unit = units["OrganizationalUnits"][0]["Id"].clone();
    let kind = "SERVICE_CONTROL_POLICY";
    let policies = bench.invoke("organizations:ListPolicies", json!({"Filter": kind})).ok().json();
    let scp = policies["Policies"][1]["Id"].clone();
    let attached = json!({"PolicyId": scp, "TargetId": "444455556666"});
    let findings =
        json!({"DetectorId": detector, "findingIds": ["c391169b2d6ce1c5e767779803fafc01"]});
    let (user, role, policy) = (json!("bob"), json!("worker"), json!(SOME));
    let tags = json!([{"Key": "a", "Value": "b"}]);
    let read = json!("arn:aws:iam::aws:policy/ReadOnlyAccess");
    let product = "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default";
    let own = json!({
        "SchemaVersion": "2018-10-08", "Id": "one", "ProductArn": product, "GeneratorId": "g",
        "AwsAccountId": "111122223333", "Types": ["a/b/c"], "Title": "t", "Description": "d",
        "CreatedAt": "2026-03-02T03:00:00Z", "UpdatedAt": "2026-03-02T03:00:00Z",
        "Severity": {"Label": "LOW"}, "Resources": [{"Type": "Other", "Id": "x"}],
    });
    vec![
        (
            "iam:UpdateAccessKey",
            json!({"UserName": user, "AccessKeyId": "AKIAI44BOBSKEYEXAMPLE", "Status": "Inactive"}),
        ),
        ("iam:CreateAccessKey", json!({"UserName": "carol"})),
        ("iam:DeleteAccessKey", json!({"UserName": user, "AccessKeyId": "AKIAI44BOBSKEYEXAMPLE"})),
        ("iam:PutUserPolicy", json!({"UserName": user, "PolicyName": "p", "PolicyDocument": DENY})),
        ("iam:DeleteUserPolicy", json!({"UserName": user, "PolicyName": "p"})),
        ("iam:PutRolePolicy", json!({"RoleName": role, "PolicyName": "p", "PolicyDocument": DENY})),
        ("iam:DeleteRolePolicy", json!({"RoleName": role, "PolicyName": "p"})),
        ("iam:PutUserPermissionsBoundary", json!({"UserName": user, "PermissionsBoundary": read})),
        ("iam:DeleteUserPermissionsBoundary", json!({"UserName": user})),
        ("iam:PutRolePermissionsBoundary", json!({"RoleName": role, "PermissionsBoundary": read})),
        ("iam:DeleteRolePermissionsBoundary", json!({"RoleName": role})),
        (
            "iam:UpdateAssumeRolePolicy",
            json!({"RoleName": role, "PolicyDocument":
            r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}"#}),
        ),
        ("iam:TagUser", json!({"UserName": user, "Tags": tags})),
        ("iam:UntagUser", json!({"UserName": user, "TagKeys": ["a"]})),
        ("iam:TagRole", json!({"RoleName": role, "Tags": tags})),
        ("iam:UntagRole", json!({"RoleName": role, "TagKeys": ["a"]})),
        ("iam:AttachUserPolicy", json!({"UserName": user, "PolicyArn": read})),
        ("iam:DetachUserPolicy", json!({"UserName": user, "PolicyArn": read})),
        ("iam:AttachRolePolicy", json!({"RoleName": role, "PolicyArn": read})),
        ("iam:DetachRolePolicy", json!({"RoleName": role, "PolicyArn": read})),
        (
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": policy, "PolicyDocument": DENY, "SetAsDefault": true}),
        ),
        ("iam:SetDefaultPolicyVersion", json!({"PolicyArn": policy, "VersionId": "v1"})),
        ("iam:DeletePolicyVersion", json!({"PolicyArn": policy, "VersionId": "v3"})),
        ("iam:CreateLoginProfile", json!({"UserName": "carol", "Password": "Tr0ub4dor&3"})),
        ("iam:DeleteLoginProfile", json!({"UserName": user})),
        (
            "organizations:CreatePolicy",
            json!({"Name": "n", "Description": "", "Type": kind, "Content": DENY}),
        ),
        ("organizations:UpdatePolicy", json!({"PolicyId": scp, "Description": "d"})),
        ("organizations:AttachPolicy", attached.clone()),
        ("organizations:DetachPolicy", attached),
        ("organizations:DeletePolicy", json!({"PolicyId": scp})),
        (
            "organizations:MoveAccount",
            json!({"AccountId": "444455556666", "SourceParentId": root, "DestinationParentId": unit}),
        ),
        ("cloudtrail:StopLogging", json!({"Name": "one-trail"})),
        (
            "cloudtrail:PutEventSelectors",
            json!({"TrailName": "one-trail", "EventSelectors": [{"ReadWriteType": "WriteOnly"}]}),
        ),
        ("cloudtrail:StartLogging", json!({"Name": "one-trail"})),
        (
            "guardduty:UpdateFindingsFeedback",
            json!({
                "DetectorId": detector,
                "findingIds": ["c391169b2d6ce1c5e767779803fafc01"],
                "feedback": "USEFUL",
            }),
        ),
        ("guardduty:UpdateDetector", json!({"DetectorId": detector, "enable": false})),
        ("guardduty:ArchiveFindings", findings.clone()),
        ("guardduty:UnarchiveFindings", findings),
        (
            "guardduty:CreateSampleFindings",
            json!({"DetectorId": detector, "findingTypes": ["Trojan:EC2/DropPoint"]}),
        ),
        ("guardduty:CreateDetector", json!({"enable": true})),
        ("securityhub:EnableSecurityHub", json!({"EnableDefaultStandards": false})),
        ("securityhub:DisableSecurityHub", json!({})),
        ("securityhub:BatchImportFindings", json!({"Findings": [own]})),
        (
            "securityhub:BatchUpdateFindings",
            json!({"FindingIdentifiers": [{"Id": "one", "ProductArn": product}],
            "Workflow": {"Status": "NOTIFIED"}}),
        ),
    ]
}

#[test]
fn every_change_stands_in_the_trail_with_the_id_that_the_caller_got() {
    let bench = world();
    let all = changes(&bench);
    let mutating = OPERATIONS.iter().filter(|o| o.mutating);
    let mutating: BTreeSet<String> =
        mutating.map(|o| format!("{}:{}", o.service, o.name)).collect();
    let called: BTreeSet<String> = all.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(called, mutating, "one call of each operation that changes something");
    let session = glass(&bench);
    let elsewhere = Bench { region: "eu-west-1", range: bench.range.clone(), ..world() };
    let mut told: BTreeMap<String, &str> = BTreeMap::new();
    for (name, input) in &all {
        // Where neither service is enabled yet.
        let there = ["CreateDetector", "SecurityHub"].iter().any(|part| name.ends_with(part));
        let bench = if there { &elsewhere } else { &bench };
        let answered = bench.invoke_as(&session, name, input.clone());
        let answered = answered.ok();
        assert_eq!(told.insert(answered.request_id, name), None, "an id came twice");
    }
    let mut events = bench.told(&own(OPERATOR_KEY), "AccessKeyId", &session.key);
    events.extend(elsewhere.told(&own(OPERATOR_KEY), "AccessKeyId", &session.key));
    let ids: BTreeSet<&str> = events.iter().filter_map(|e| e["eventID"].as_str()).collect();
    assert_eq!((events.len(), ids.len()), (all.len(), all.len()));
    for event in &events {
        let name = told[event["requestID"].as_str().expect("an id")];
        let called = name.split_once(':').expect("a service");
        assert_eq!(event["eventSource"], format!("{}.amazonaws.com", called.0));
        assert_eq!(
            (event["eventName"].as_str(), event["readOnly"].as_bool()),
            (Some(called.1), Some(false))
        );
        assert_eq!(event.get("errorCode"), None, "{name}");
        let asked =
            all.iter().find(|(known, _)| known == &name).is_some_and(|(_, i)| *i != json!({}));
        assert_eq!(event["requestParameters"].is_object(), asked, "{name}: {event}");
        assert!(!event.to_string().contains("Tr0ub4dor"), "{event}");
        let who = &event["userIdentity"];
        assert_eq!(who["arn"], "arn:aws:sts::111122223333:assumed-role/glass/INC-1");
        let context = &who["sessionContext"];
        assert_eq!(context["sourceIdentity"], "alice");
        assert_eq!(context["sessionIssuer"]["arn"], GLASS);
        assert_eq!(context["attributes"]["creationDate"], "2026-03-02T03:10:00Z");
    }
}

#[test]
fn refusals_reads_and_sessions_bear_it_too() {
    let bench = world();
    let me = own(OPERATOR_KEY);
    let session = glass(&bench);
    let forbidden = json!({"UserName": "bob"});
    bench.invoke_as(&worker(&bench), "iam:GetUser", forbidden).refused(403, "AccessDenied");
    let mut told = BTreeMap::new();
    for (name, input, code) in [
        ("iam:GetUser", json!({"UserName": "nobody"}), "NoSuchEntityException"),
        (
            "iam:PutRolePolicy",
            json!({"RoleName": "worker", "PolicyName": "p", "PolicyDocument": "{"}),
            "MalformedPolicyDocumentException",
        ),
        (
            "organizations:DescribePolicy",
            json!({"PolicyId": "p-12345678"}),
            "PolicyNotFoundException",
        ),
        ("cloudtrail:GetTrailStatus", json!({"Name": "nowhere"}), "TrailNotFoundException"),
        ("guardduty:GetDetector", json!({"DetectorId": "unknown"}), "BadRequestException"),
        ("securityhub:GetFindings", json!({"MaxResults": 1000}), "InvalidInputException"),
        ("sts:GetCallerIdentity", json!({}), ""),
        ("guardduty:ListDetectors", json!({}), ""),
        ("sts:AssumeRole", json!({"RoleArn": GLASS, "RoleSessionName": "next"}), ""),
    ] {
        let answered = bench.invoke_as(&session, name, input);
        assert_eq!(answered.status == 200, code.is_empty(), "{name}: {}", answered.text);
        let why = if code.is_empty() { String::new() } else { answered.message() };
        told.insert(answered.request_id, (name, code, why));
    }
    let events = bench.told(&me, "AccessKeyId", &session.key);
    assert_eq!(events.len(), told.len());
    for event in events {
        let (name, code, why) = &told[event["requestID"].as_str().expect("an id")];
        assert_eq!(event["eventName"], name.split_once(':').expect("a service").1);
        assert_eq!(event["errorCode"].as_str().unwrap_or_default(), *code, "{name}");
        assert_eq!(event["errorMessage"].as_str().unwrap_or_default(), why, "{name}");
    }
}
