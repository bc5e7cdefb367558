use super::*;
use crate::domain::Band;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

const ARN: &str = "arn:aws:guardduty:eu-west-1:123456789012:detector/d1e2/finding/f00dfeedf00dfeedf00dfeedf00dfeed";

fn stolen_key() -> Value {
    json!({
        "schemaVersion": "2.0", "accountId": "123456789012", "region": "eu-west-1",
        "partition": "aws", "id": "f00dfeedf00dfeedf00dfeedf00dfeed", "arn": ARN,
        "type": "UnauthorizedAccess:IAMUser/TorIPCaller", "severity": 5,
        "title": "A key is used from Tor.", "description": "ListBuckets was called from Tor.",
        "createdAt": "2026-03-02T03:20:00.000Z", "updatedAt": "2026-03-02T04:20:00.000Z",
        "resource": {
            "resourceType": "AccessKey",
            "accessKeyDetails": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userType": "IAMUser",
                                 "userName": "alice", "principalId": "AIDACKCEVSQ6C2EXAMPLE"}
        },
        "service": {
            "detectorId": "d1e2", "archived": false, "count": 3,
            "eventFirstSeen": "2026-03-02T03:10:00Z", "eventLastSeen": "2026-03-02T04:10:00Z",
            "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {
                "api": "ListBuckets", "remoteIpDetails": {
                    "ipAddressV4": "198.51.100.7", "country": {"countryName": "France"},
                    "organization": {"org": "Example Org", "asn": "64496"}}}}
        }
    })
}

fn read_value(value: &Value) -> Record {
    read(&value.to_string(), None).expect("a finding")
}

fn with(change: impl FnOnce(&mut Value)) -> Record {
    let mut value = stolen_key();
    change(&mut value);
    read_value(&value)
}

fn at(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Every key with its first letter in upper case, as the CLI prints it.
fn pascal(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key[..1].to_uppercase() + &key[1..], pascal(value)))
            .collect(),
        Value::Array(items) => items.iter().map(pascal).collect(),
        other => other.clone(),
    }
}

#[test]
fn a_finding_is_read_field_by_field() {
    let raw = serde_json::to_string_pretty(&stolen_key()).expect("JSON");
    let r = read(&raw, None).expect("a finding");
    assert_eq!(r.key, Key::guardduty("eu-west-1", "f00dfeedf00dfeedf00dfeedf00dfeed"));
    assert_eq!(r.id.raw(), "f00dfeedf00dfeedf00dfeedf00dfeed");
    assert_eq!(r.arn.as_ref().map(Untrusted::raw), Some(ARN));
    assert_eq!(r.account.as_ref().map(AccountId::as_str), Some("123456789012"));
    assert_eq!(r.region.as_ref().map(Region::as_str), Some("eu-west-1"));
    assert_eq!(r.detector.as_ref().map(Untrusted::raw), Some("d1e2"));
    assert_eq!((r.severity.value, r.severity.band), (5.0, Band::Medium));
    assert_eq!(r.kind.raw(), "UnauthorizedAccess:IAMUser/TorIPCaller");
    assert_eq!(r.title.raw(), "A key is used from Tor.");
    assert_eq!(r.description.raw(), "ListBuckets was called from Tor.");
    assert_eq!(r.first_seen, at("2026-03-02T03:10:00Z"));
    assert_eq!(r.last_seen, at("2026-03-02T04:10:00Z"));
    assert_eq!(r.created_at, at("2026-03-02T03:20:00Z"));
    assert_eq!(r.updated_at, at("2026-03-02T04:20:00Z"));
    assert_eq!(r.count, Some(3));
    assert_eq!(r.resource.raw(), "AKIAIOSFODNN7EXAMPLE (user alice)");
    assert_eq!(r.actor.raw(), "198.51.100.7 (France, Example Org)");
    assert_eq!(r.state, State::GuardDuty(Archived { archived: Some(false) }));
    assert!(!r.sample && r.sequence.is_none() && r.signals.is_empty());
    assert_eq!(&*r.raw, raw.as_str());
}

#[test]
fn key_case_makes_no_difference() {
    let camel = read_value(&stolen_key());
    let mut half = stolen_key();
    half["service"] = pascal(&half["service"]);
    for other in [pascal(&stolen_key()), half] {
        let mut other = read_value(&other);
        other.raw = camel.raw.clone();
        assert!(other == camel, "{other:?}");
    }
}

#[test]
fn the_detector_s_region_is_the_one_given_then_the_arn_s_then_the_finding_s() {
    let mut elsewhere = stolen_key();
    elsewhere["region"] = json!("us-east-1");
    let given: Region = "ap-south-1".parse().expect("a region");
    let r = read(&elsewhere.to_string(), Some(&given)).expect("a finding");
    assert_eq!(r.key, Key::guardduty("ap-south-1", r.id.raw()));
    let r = read_value(&elsewhere);
    assert_eq!(r.key, Key::guardduty("eu-west-1", r.id.raw()));
    assert_eq!(r.region.as_ref().map(Region::as_str), Some("us-east-1"));
    elsewhere["arn"] = json!("arn:aws:guardduty:NOWHERE:1:detector/d/finding/f");
    assert_eq!(read_value(&elsewhere).key, Key::guardduty("us-east-1", r.id.raw()));
}

#[test]
fn only_id_type_and_severity_are_required() {
    let r = read(r#"{"id":"x","type":"T","severity":"8.5","service":null,"resource":{}}"#, None)
        .expect("enough");
    assert_eq!((r.severity.value, r.severity.band), (8.5, Band::High));
    assert_eq!(r.state, State::GuardDuty(Archived { archived: None }));
    assert_eq!((r.resource.raw(), r.actor.raw(), r.count), ("", "", None));
    for (raw, want) in [
        (r#"{"type":"T","severity":1}"#, "missing an id"),
        (r#"{"id":"","severity":1}"#, "missing an id and a type"),
        (r#"{"id":"x","type":"T","severity":null}"#, "missing a severity number"),
        (r#"{"id":"x","type":"T","severity":"NaN"}"#, "missing a severity number"),
        ("[]", "missing an id and a type and a severity number"),
    ] {
        assert_eq!(read(raw, None).err().as_deref(), Some(want), "{raw}");
    }
    assert!(read("{", None).is_err_and(|why| why.starts_with("not JSON")));
}

#[test]
fn what_exports_lift_to_the_top_is_found_there_and_an_arn_fills_in() {
    let r = with(|v| {
        let service = v["service"].take();
        v["archived"] = json!("true");
        v["eventLastSeen"] = service["eventLastSeen"].clone();
        v["accountId"] = json!("1234567891234");
        v["region"] = Value::Null;
    });
    assert_eq!(r.state, State::GuardDuty(Archived { archived: Some(true) }));
    assert_eq!(r.last_seen, at("2026-03-02T04:10:00Z"));
    assert_eq!(r.account.as_ref().map(AccountId::as_str), Some("123456789012"));
    assert_eq!(r.detector.as_ref().map(Untrusted::raw), Some("d1e2"));
    assert_eq!(r.region.as_ref().map(Region::as_str), Some("eu-west-1"));
}

#[test]
fn samples_say_so_in_three_ways() {
    for info in [json!({"sample": true}), json!({"type": "default", "value": "{\"sample\":true}"})]
    {
        assert!(with(|v| v["service"]["additionalInfo"] = info.clone()).sample, "{info}");
    }
    assert!(with(|v| v["title"] = json!("[SAMPLE] A key is used from Tor.")).sample);
    assert!(!with(|v| v["service"]["additionalInfo"] = json!({"value": "{\"sample\":fal"})).sample);
}

#[test]
fn resources_are_named_as_people_name_them() {
    for (resource, want) in [
        (
            json!({"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0abc", "tags":
                [{"key": "env", "value": "x"}, {"key": "Name", "value": "web-1"}]}}),
            "i-0abc (web-1)",
        ),
        (
            json!({"resourceType": "S3Bucket", "accessKeyDetails": {"accessKeyId": "AKIA"},
                   "s3BucketDetails": [{"name": "logs"}, {"name": "backups"}, {"name": "logs"}]}),
            "bucket logs +1",
        ),
        (
            json!({"resourceType": "AccessKey", "instanceDetails": {"instanceId": "i-1"},
                   "accessKeyDetails": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE",
                                        "userType": "AssumedRole", "userName": "deploy"}}),
            "ASIAIOSFODNN7EXAMPLE (role deploy)",
        ),
        (
            json!({"resourceType": "AccessKey",
                   "accessKeyDetails": {"accessKeyId": "", "userType": "Root", "userName": "Root"}}),
            "root",
        ),
        (
            json!({"resourceType": "EKSCluster", "eksClusterDetails": {"name": "prod"}}),
            "EKS cluster prod",
        ),
        (
            json!({"resourceType": "ECSCluster", "ecsClusterDetails": {"name": "jobs"}}),
            "ECS cluster jobs",
        ),
        (
            json!({"resourceType": "RDSDBInstance", "rdsDbUserDetails": {"user": "u"},
                   "rdsDbInstanceDetails": {"dbInstanceIdentifier": "orders"}}),
            "RDS orders",
        ),
        (
            json!({"resourceType": "Lambda", "lambdaDetails": {"functionName": "resize"}}),
            "Lambda resize",
        ),
        (
            json!({"resourceType": "Container", "containerDetails": {"name": "web", "image": "nginx:1"}}),
            "container web (nginx:1)",
        ),
        (
            json!({"ebsVolumeDetails": {"scannedVolumeDetails": [{"volumeArn": "arn:v1"}, {"volumeArn": "arn:v2"}]}}),
            "arn:v1 +1",
        ),
        (json!({"resourceType": "SomethingNew", "somethingNewDetails": {}}), "SomethingNew"),
    ] {
        assert_eq!(with(|v| v["resource"] = resource.clone()).resource.raw(), want, "{resource}");
    }
}

#[test]
fn actors_come_from_whichever_action_there_is() {
    for (action, want) in [
        (json!({"dnsRequestAction": {"domain": "c2.example.com"}}), "c2.example.com"),
        (
            json!({"actionType": "NETWORK_CONNECTION", "networkConnectionAction":
                {"remoteIpDetails": {"ipAddressV6": "2001:db8::1"}}}),
            "2001:db8::1",
        ),
        (
            json!({"portProbeAction": {"portProbeDetails": [
                {"remoteIpDetails": {"ipAddressV4": "198.51.100.1"}},
                {"remoteIpDetails": {"ipAddressV4": "198.51.100.1"}},
                {"remoteIpDetails": {"ipAddressV4": "198.51.100.2"}}]}}),
            "198.51.100.1 +1",
        ),
        (
            json!({"awsApiCallAction": {"domainDetails": {"domain": "evil.example"}}}),
            "evil.example",
        ),
        (
            json!({"awsApiCallAction": {"remoteAccountDetails": {"accountId": "210987654321"}}}),
            "account 210987654321",
        ),
        (json!({}), "alice"),
    ] {
        let r = with(|v| v["service"]["action"] = action.clone());
        assert_eq!(r.actor.raw(), want, "{action}");
    }
    let r = with(|v| {
        v["resource"] = json!({"resourceType": "EKSCluster", "eksClusterDetails": {"name": "prod"},
            "kubernetesDetails": {"kubernetesUserDetails": {"username": "system:anonymous"}}});
    });
    assert_eq!(r.actor.raw(), "system:anonymous from 198.51.100.7 (France, Example Org)");
    let r = with(|v| {
        v["resource"] =
            json!({"resourceType": "Instance", "instanceDetails": {"instanceId": "i-1"}});
        v["service"]["action"] = Value::Null;
        v["service"]["runtimeDetails"] =
            json!({"process": {"name": "xmrig", "executablePath": "/tmp/xmrig"}});
    });
    assert_eq!(r.actor.raw(), "process xmrig (/tmp/xmrig)");
}

#[test]
fn an_attack_sequence_names_its_members_and_a_member_its_sequence() {
    let r = with(|v| {
        v["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
        v["severity"] = json!(9.0);
        v["resource"] = json!({"resourceType": "AttackSequence"});
        v["service"]["detection"] = json!({"sequence": {
            "uid": "seq-1",
            "actors": [{"id": "a1", "user": {"name": "alice", "type": "IAMUser"}}],
            "endpoints": [{"id": "e1", "ip": "198.51.100.7", "location": {"country": "France"},
                           "autonomousSystem": {"name": "Example AS", "number": 64496}}],
            "resources": [
                {"uid": "AKIAIOSFODNN7EXAMPLE", "resourceType": "ACCESS_KEY",
                 "data": {"accessKey": {"userName": "alice", "userType": "IAMUser"}}},
                {"uid": "arn:aws:s3:::logs", "name": "logs", "resourceType": "S3_BUCKET"}],
            "signals": [
                {"uid": ARN, "type": "FINDING", "severity": 5.0},
                {"uid": "plain-id", "type": "FINDING"},
                {"uid": "arn:aws:cloudtrail", "type": "CLOUD_TRAIL"}]}});
    });
    let signals: Vec<_> = r.signals.iter().map(Untrusted::raw).collect();
    assert_eq!(signals, ["f00dfeedf00dfeedf00dfeedf00dfeed", "plain-id"]);
    assert_eq!(r.severity.band, Band::Critical);
    assert_eq!(r.resource.raw(), "AKIAIOSFODNN7EXAMPLE (user alice) +1");
    assert_eq!(r.actor.raw(), "alice from 198.51.100.7 (France, Example AS)");
    let member = with(|v| v["associatedAttackSequenceArn"] = json!("arn:seq"));
    assert_eq!(member.sequence.as_ref().map(Untrusted::raw), Some("arn:seq"));
}

#[test]
fn arns_are_taken_apart() {
    let arn = Arn::parse(ARN).expect("an ARN");
    assert_eq!((arn.detector, arn.id), ("d1e2", "f00dfeedf00dfeedf00dfeedf00dfeed"));
    for other in [
        "arn:aws-cn:guardduty:cn-north-1:123456789012:detector/d/finding/f",
        "arn:aws:guardduty:us-east-1:not-an-account:detector/d/finding/f",
    ] {
        assert!(Arn::parse(other).is_some(), "{other}");
    }
    for bad in [
        "",
        "arn:aws:guardduty:us-east-1:123456789012:detector/d",
        "arn:aws:guardduty:us-east-1:123456789012:detector//finding/",
        "arn:aws:guardduty::123456789012:detector/d/finding/f",
        "arn:aws:s3:us-east-1:123456789012:detector/d/finding/f",
        "x:aws:guardduty:us-east-1:123456789012:detector/d/finding/f",
    ] {
        assert!(Arn::parse(bad).is_none(), "{bad}");
    }
}

proptest! {
    /// Whatever stands where a value of another kind is expected, the reader
    /// answers; and what it accepts keeps its text.
    #[test]
    fn values_of_any_kind_anywhere_are_survived(
        path in prop::sample::select(vec![
            "/severity", "/service", "/resource", "/service/action", "/service/count",
            "/resource/accessKeyDetails", "/service/action/awsApiCallAction", "/updatedAt",
            "/service/action/awsApiCallAction/remoteIpDetails", "/arn", "/title", "/accountId",
        ]),
        put in prop::sample::select(vec![
            json!(null), json!(true), json!(-1.5e300), json!(""), json!("é\u{202e}\0"), json!([]),
            json!([null, {}, [1]]), json!({}), json!({"a": {"b": []}}), json!(u64::MAX),
        ]),
    ) {
        let mut value = stolen_key();
        *value.pointer_mut(path).expect("a path of the sample") = put;
        let raw = value.to_string();
        match read(&raw, None) {
            Ok(record) => prop_assert_eq!(&*record.raw, raw.as_str()),
            Err(why) => prop_assert_eq!((path, why.as_str()), ("/severity", "missing a severity number")),
        }
    }
}
