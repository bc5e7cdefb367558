//! `halon iam scan` on a file: everybody is named, places are right, nothing is sent, and
//! what an attacker wrote stays text.

use serde_json::Value;

use super::cli::Machine;

const FILE: &str = r#"{
  "UserDetailList": [
    {"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann", "GroupList": ["ops"], "UserPolicyList": [
      {"PolicyName": "keys", "PolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [
          {"Effect": "Allow", "Action": "iam:ListAccessKeys", "Resource": "*"},
          {"Sid": "Keys", "Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}
        ]}}]},
    {"UserName": "bob", "Arn": "arn:aws:iam::111122223333:user/bob", "AttachedManagedPolicies": [
      {"PolicyName": "All", "PolicyArn": "arn:aws:iam::111122223333:policy/All"}]},
    {"UserName": "cat", "Arn": "arn:aws:iam::111122223333:user/cat", "UserPolicyList": [
      {"PolicyName": "broken", "PolicyDocument": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"}]}}]},
    {"UserName": "dan", "Arn": "arn:aws:iam::111122223333:user/dan"}
  ],
  "GroupDetailList": [{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops", "AttachedManagedPolicies": [
      {"PolicyName": "All", "PolicyArn": "arn:aws:iam::111122223333:policy/All"}]}],
  "RoleDetailList": [{"RoleName": "ci", "Path": "/", "Arn": "arn:aws:iam::111122223333:role/ci",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]},
    "RolePolicyList": [{"PolicyName": "a\u202eb\u001b[2J", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:G\u001b[2J*", "Resource": "*"}}}]}],
  "Policies": [{"PolicyName": "All", "Arn": "arn:aws:iam::111122223333:policy/All", "DefaultVersionId": "v2", "PolicyVersionList": [
    {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}},
    {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}}]}]
}"#;

fn rows<'a>(answer: &'a Value, principal: &str, rule: &str) -> Vec<&'a Value> {
    let items = answer["items"].as_array().expect("items");
    let ends = format!("/{principal}");
    let of = |i: &&Value| {
        i["principal"].as_str().is_some_and(|p| p.ends_with(&ends)) && i["rule"] == rule
    };
    items.iter().filter(of).collect()
}

#[test]
fn everybody_is_named_with_findings_and_places() {
    let machine = Machine::new();
    let file = machine.file("authz.json", FILE);
    let ran = machine.run(&["iam", "scan", "--file", &file, "--json", "--severity", "low"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let answer = ran.json();
    assert_eq!(answer["schema"], "halon.iam-scan/1");
    assert_eq!((&answer["complete"], &answer["organization"]), (&true.into(), &false.into()));
    assert_eq!(answer["file"], file.as_str());
    let principals = answer["principals"].as_array().expect("principals");
    let names: Vec<&str> = principals.iter().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!(names, ["ann", "bob", "cat", "dan", "ops", "ci"]);
    let dan = &principals[3]["findings"];
    assert!(dan.as_object().expect("counts").values().all(|n| n == 0), "{dan}");

    let key = rows(&answer, "ann", "resource-wildcard");
    assert_eq!(key.len(), 1);
    assert_eq!(key[0]["statement"], 1);
    assert_eq!(
        (&key[0]["sid"], &key[0]["line"], &key[0]["column"]),
        (&"Keys".into(), &5.into(), &11.into())
    );
    assert_eq!((&key[0]["policy"], &key[0]["policy_arn"]), (&"keys".into(), &Value::Null));
    // One policy, three who hold it: she by her group.
    for name in ["ann", "bob", "ops"] {
        let row = rows(&answer, name, "administrator");
        assert_eq!(row.len(), 1, "{name}");
        assert_eq!(row[0]["severity"], "critical");
        assert_eq!(row[0]["policy_arn"], "arn:aws:iam::111122223333:policy/All");
    }
    let broken = rows(&answer, "cat", "policy-malformed");
    assert_eq!(broken.len(), 1);
    assert_eq!((&broken[0]["statement"], &broken[0]["line"]), (&Value::Null, &2.into()));
    assert_eq!(rows(&answer, "ci", "trust-everyone").len(), 1);
    let items = answer["items"].as_array().expect("items");
    assert!(items.iter().all(|i| i["rule"] != "action-wildcard" || i["policy"] != "All"));
    let keys: Vec<&String> = items[0].as_object().expect("an object").keys().take(3).collect();
    assert_eq!(keys, ["principal", "policy", "policy_arn"]);
}

#[test]
fn the_text_names_everybody_and_each_finding_once_within_80_columns() {
    let machine = Machine::new();
    let file = machine.file("authz.json", FILE);
    let ran = machine.run(&["iam", "scan", "--file", &file, "--severity", "informational"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for line in ran.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for name in ["user ann  ", "user bob  ", "user dan  none", "group ops  ", "role ci  "] {
        assert!(ran.out.lines().any(|l| l.starts_with(name)), "{name}: {}", ran.out);
    }
    assert_eq!(ran.out.matches("administrator").count(), 1, "{}", ran.out);
    assert!(ran.out.contains("for user ann, user bob, group ops"), "{}", ran.out);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn the_severity_counts_from_high_and_what_is_below_is_said() {
    let machine = Machine::new();
    let file = machine.file("authz.json", FILE);
    let ran = machine.run(&["iam", "scan", "--file", &file, "--json"]);
    assert_eq!(ran.code, 0);
    let answer = ran.json();
    let bands: Vec<&str> = answer["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|i| i["severity"].as_str())
        .collect();
    assert!(bands.iter().all(|b| ["high", "critical"].contains(b)), "{bands:?}");
    assert!(answer["below"].as_u64().is_some_and(|n| n > 0));
    let text = machine.run(&["iam", "scan", "--file", &file]);
    assert!(text.err.contains("more below high"), "{}", text.err);
}

#[test]
fn a_policy_that_is_not_there_makes_the_scan_incomplete() {
    let machine = Machine::new();
    let without = FILE.replace("\"DefaultVersionId\": \"v2\"", "\"DefaultVersionId\": \"v3\"");
    let file = machine.file("authz.json", &without);
    let ran = machine.run(&["iam", "scan", "--file", &file, "--json"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("policy/All is not in"), "{}", ran.err);
    assert_eq!(ran.json()["complete"], false);
    let none = machine.file("other.json", "{}");
    assert_eq!(machine.run(&["iam", "scan", "--file", &none]).code, 2);
}
