use super::*;
use crate::domain::{Source, Untrusted};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

const GUARDDUTY: &str = "arn:aws:securityhub:eu-west-1::product/aws/guardduty";
const ARN: &str = "arn:aws:guardduty:eu-west-1:123456789012:detector/d1e2/finding/f00dfeed";

fn control() -> Value {
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": "arn:aws:securityhub:eu-west-1:123456789012:security-control/S3.8/finding/0001",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "GeneratorId": "security-control/S3.8",
        "AwsAccountId": "123456789012", "Region": "eu-west-1",
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards", "Second"],
        "FirstObservedAt": "2026-03-01T00:00:00Z", "LastObservedAt": "2026-03-02T00:00:00.000Z",
        "CreatedAt": "2026-03-01T00:00:01Z", "UpdatedAt": "2026-03-02T02:00:01+02",
        "Severity": {"Label": "HIGH", "Normalized": 70},
        "Title": "Buckets should block public access", "Description": "One does not.",
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::logs", "Region": "eu-west-1"}],
        "Workflow": {"Status": "NOTIFIED"}, "WorkflowState": "NEW", "RecordState": "ACTIVE"
    })
}

/// GuardDuty's finding as Security Hub has copied it since 2020.
fn copy() -> Value {
    let mut v = control();
    v["Id"] = json!(ARN);
    v["ProductArn"] = json!(GUARDDUTY);
    v["Types"] = json!(["TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS"]);
    v["ProductFields"] = json!({
        "aws/guardduty/service/count": "7",
        "aws/guardduty/service/action/actionType": "AWS_API_CALL",
        "aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4": "198.51.100.7",
        "aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/country/countryName": "France",
        "aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/organization/org": "Example Org",
        "aws/guardduty/service/additionalInfo/sample": "true"
    });
    v
}

fn read_value(value: &Value) -> Record {
    read(&value.to_string()).expect("a finding")
}

fn with(change: impl FnOnce(&mut Value)) -> Record {
    let mut value = control();
    change(&mut value);
    read_value(&value)
}

fn at(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn hub(record: &Record) -> (Option<&str>, Option<&str>) {
    match &record.state {
        State::SecurityHub(hub) => (
            hub.workflow.as_ref().map(Untrusted::raw),
            hub.record_state.as_ref().map(Untrusted::raw),
        ),
        State::GuardDuty(_) => panic!("not Security Hub's"),
    }
}

#[test]
fn a_finding_is_read_field_by_field() {
    let raw = serde_json::to_string_pretty(&control()).expect("JSON");
    let r = read(&raw).expect("a finding");
    let id = "arn:aws:securityhub:eu-west-1:123456789012:security-control/S3.8/finding/0001";
    let product = "arn:aws:securityhub:eu-west-1::product/aws/securityhub";
    assert_eq!(r.key, Key::securityhub(product, id));
    assert_eq!(r.source, Source::SecurityHub);
    assert_eq!((r.id.raw(), r.arn.as_ref().map(Untrusted::raw)), (id, Some(id)));
    assert_eq!(r.account.as_ref().map(|a| a.as_str()), Some("123456789012"));
    assert_eq!(r.region.as_ref().map(Region::as_str), Some("eu-west-1"));
    assert_eq!(r.detector_region, r.region);
    assert_eq!((r.severity.value, r.severity.band), (70.0, Band::High));
    assert_eq!(r.kind.raw(), "Software and Configuration Checks/Industry and Regulatory Standards");
    assert_eq!(r.title.raw(), "Buckets should block public access");
    assert_eq!(r.first_seen, at("2026-03-01T00:00:00Z"));
    assert_eq!(r.last_seen, at("2026-03-02T00:00:00Z"));
    assert_eq!(r.created_at, at("2026-03-01T00:00:01Z"));
    assert_eq!(r.updated_at, at("2026-03-02T00:00:01Z"), "an offset of hours alone");
    assert_eq!((r.resource.raw(), r.actor.raw(), r.count), ("arn:aws:s3:::logs", "", None));
    assert_eq!(hub(&r), (Some("NOTIFIED"), Some("ACTIVE")));
    assert!(!r.sample && r.detector.is_none());
    assert_eq!(&*r.raw, raw.as_str());
}

#[test]
fn the_copy_of_a_guardduty_finding_has_the_original_s_key() {
    let r = read_value(&copy());
    assert_eq!(r.key, Key::guardduty("eu-west-1", "f00dfeed"));
    assert_eq!(r.source, Source::SecurityHub);
    assert_eq!(r.id.raw(), ARN);
    assert_eq!(r.detector.as_ref().map(Untrusted::raw), Some("d1e2"));
    assert_eq!((r.count, r.sample), (Some(7), true));
    assert_eq!(r.actor.raw(), "198.51.100.7 (France, Example Org)");
    // In an aggregation region the detector's own region stays.
    let mut moved = copy();
    moved["Region"] = json!("us-east-1");
    let r = read_value(&moved);
    assert_eq!(r.detector_region.as_ref().map(Region::as_str), Some("eu-west-1"));
    // Somebody's own product that borrows the id is not GuardDuty.
    let own = "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default";
    moved["ProductArn"] = json!(own);
    assert_eq!(read_value(&moved).key, Key::securityhub(own, ARN));
}

#[test]
fn severity_comes_from_the_label_then_the_number() {
    for (severity, value, band) in [
        (
            json!({"Label": "INFORMATIONAL", "Normalized": 10, "Product": 10}),
            10.0,
            Band::Informational,
        ),
        (json!({"Label": "CRITICAL"}), 90.0, Band::Critical),
        (json!({"label": "low", "normalized": "1"}), 1.0, Band::Low),
        (json!({"Product": 5, "Normalized": 50}), 50.0, Band::Medium),
        (json!({"Label": "DIRE", "Normalized": 89.5}), 89.5, Band::High),
    ] {
        let r = with(|v| v["Severity"] = severity.clone());
        assert_eq!((r.severity.value, r.severity.band), (value, band), "{severity}");
    }
    let derived = with(|v| {
        v["Severity"] = json!({"Product": 8});
        v["ProductFields"] = json!({"aws/securityhub/SeverityLabel": "MEDIUM"});
    });
    assert_eq!((derived.severity.value, derived.severity.band), (40.0, Band::Medium));
    let provided = with(|v| {
        v["Severity"] = Value::Null;
        v["FindingProviderFields"] = json!({"Severity": {"Label": "HIGH"}});
    });
    assert_eq!(provided.severity.band, Band::High);
}

#[test]
fn a_bare_product_number_counts_for_guardduty_alone() {
    let mut v = copy();
    v["Severity"] = json!({"Product": 8});
    let r = read_value(&v);
    assert_eq!((r.severity.value, r.severity.band), (80.0, Band::High));
    v["ProductArn"] = json!("arn:aws:securityhub:eu-west-1::product/vendor/scanner");
    assert!(read(&v.to_string()).is_err_and(|why| why.contains("Severity")));
}

#[test]
fn older_recordings_lack_workflow_label_and_region() {
    let r = with(|v| {
        v["Workflow"] = Value::Null;
        v["WorkflowState"] = json!("RESOLVED");
        v["Region"] = Value::Null;
    });
    assert_eq!(hub(&r), (Some("RESOLVED"), Some("ACTIVE")));
    assert!(!r.is_active());
    assert_eq!(r.region.as_ref().map(Region::as_str), Some("eu-west-1"), "the resource's");
    let r = with(|v| {
        v["Region"] = Value::Null;
        v["Resources"] = json!([{"Type": "Other", "Id": "x"}, {"Id": "y"}, {"Id": "z"}]);
    });
    assert_eq!(r.region, None);
    assert_eq!(r.detector_region.as_ref().map(Region::as_str), Some("eu-west-1"), "the hub's");
    assert_eq!(r.resource.raw(), "x +2");
}

#[test]
fn the_type_falls_back_to_the_provider_s_and_the_generator() {
    let r = with(|v| {
        v["Types"] = json!([]);
        v["FindingProviderFields"] = json!({"Types": ["Effects/Data Exposure"]});
    });
    assert_eq!(r.kind.raw(), "Effects/Data Exposure");
    assert_eq!(with(|v| v["Types"] = Value::Null).kind.raw(), "security-control/S3.8");
}

#[test]
fn what_is_missing_is_said() {
    for (gone, want) in [
        (vec!["Id"], "missing an Id"),
        (
            vec!["ProductArn", "Severity"],
            "missing a ProductArn and a Severity with a Label or a number on a known scale",
        ),
        (vec!["Types", "GeneratorId"], "missing Types or a GeneratorId"),
    ] {
        let mut v = control();
        for key in gone {
            v.as_object_mut().expect("an object").remove(key);
        }
        assert_eq!(read(&v.to_string()).err().as_deref(), Some(want));
    }
}

#[test]
fn keys_are_named_with_their_users_and_instances_with_their_names() {
    for (resource, want) in [
        (
            json!({"Type": "AwsIamAccessKey", "Id": "AWS::IAM::AccessKey:AKIAIOSFODNN7EXAMPLE",
                   "Details": {"AwsIamAccessKey": {"UserName": "alice"}}}),
            "AKIAIOSFODNN7EXAMPLE (user alice)",
        ),
        (
            json!({"Type": "AwsIamAccessKey", "Id": "AWS::IAM::AccessKey:ASIAIOSFODNN7EXAMPLE", "Details":
                {"AwsIamAccessKey": {"PrincipalName": "deploy", "PrincipalType": "AssumedRole"}}}),
            "ASIAIOSFODNN7EXAMPLE (role deploy)",
        ),
        (
            json!({"Type": "AwsIamAccessKey", "Id": "AWS::IAM::AccessKey:null",
                   "Details": {"AwsIamAccessKey": {"UserName": "alice"}}}),
            "user alice",
        ),
        (
            json!({"Type": "AwsEc2Instance", "Id": "arn:i-1", "Tags": {"Name": "web-1"}}),
            "arn:i-1 (web-1)",
        ),
        (json!({"Type": "AwsEc2Instance", "Id": "arn:i-1"}), "arn:i-1"),
        (json!({"Type": "AwsEc2Instance"}), "AwsEc2Instance"),
    ] {
        assert_eq!(with(|v| v["Resources"] = json!([resource])).resource.raw(), want, "{resource}");
    }
}

#[test]
fn actors_come_from_action_network_and_indicators() {
    let r = with(|v| {
        v["Action"] = json!({"ActionType": "NETWORK_CONNECTION", "NetworkConnectionAction":
            {"RemoteIpDetails": {"IpAddressV4": "203.0.113.9", "Country": {"CountryName": "Japan"}}}});
    });
    assert_eq!(r.actor.raw(), "203.0.113.9 (Japan)");
    let r = with(|v| v["Network"] = json!({"SourceIpV4": "203.0.113.10"}));
    assert_eq!(r.actor.raw(), "203.0.113.10");
    let r =
        with(|v| v["ThreatIntelIndicators"] = json!([{"Value": "203.0.113.11"}, {"Value": "b"}]));
    assert_eq!(r.actor.raw(), "203.0.113.11 +1");
    let r = with(|v| {
        v["ProductFields"] =
            json!({"action/dnsRequestAction/domain": "c2.example.com", "x/domain": "no"});
    });
    assert_eq!(r.actor.raw(), "c2.example.com", "as written in 2019");
}

#[test]
fn ocsf_main_fields_are_read() {
    let v = json!({
        "class_uid": 2004, "severity_id": 4, "severity": "High", "status_id": 3, "status": "Suppressed",
        "time": 1_772_421_000_000_i64, "count": 2,
        "metadata": {"product": {"uid": GUARDDUTY, "name": "GuardDuty"}},
        "finding_info": {"uid": ARN, "title": "A key is used from Tor.", "desc": "d",
            "types": ["UnauthorizedAccess:IAMUser/TorIPCaller"],
            "first_seen_time": 1_772_421_000_000_i64, "last_seen_time_dt": "2026-03-02T04:10:00Z"},
        "cloud": {"account": {"uid": "123456789012"}, "region": "eu-west-1"},
        "resources": [{"uid": "arn:aws:s3:::logs"}, {"uid": "arn:aws:s3:::more"}],
        "evidences": [{"src_endpoint": {"ip": "198.51.100.7"}}]
    });
    let r = read_value(&v);
    assert_eq!(r.key, Key::guardduty("eu-west-1", "f00dfeed"));
    assert_eq!((r.severity.value, r.severity.band), (70.0, Band::High));
    assert_eq!(r.kind.raw(), "UnauthorizedAccess:IAMUser/TorIPCaller");
    assert_eq!(r.account.as_ref().map(|a| a.as_str()), Some("123456789012"));
    assert_eq!(r.first_seen, at("2026-03-02T03:10:00Z"));
    assert_eq!(r.last_seen, at("2026-03-02T04:10:00Z"));
    assert_eq!(r.updated_at, at("2026-03-02T03:10:00Z"));
    assert_eq!((r.resource.raw(), r.actor.raw()), ("arn:aws:s3:::logs +1", "198.51.100.7"));
    assert_eq!(hub(&r), (Some("SUPPRESSED"), None));
    assert!(!r.is_active());
    assert_eq!(
        read(r#"{"finding_info": {}, "severity_id": 0}"#).err().as_deref(),
        Some(
            "missing a finding_info.uid and finding_info.types or a title and a known severity_id"
        )
    );
}

proptest! {
    #[test]
    fn values_of_any_kind_anywhere_are_survived(
        key in prop::sample::select(vec![
            "Severity", "Resources", "ProductFields", "Workflow", "Types", "UpdatedAt", "Region", "Title",
        ]),
        put in prop::sample::select(vec![
            json!(null), json!(true), json!(-1.5e300), json!(""), json!("é\u{202e}\0"), json!([]),
            json!([null, {}, [1]]), json!({}), json!({"a": {"b": []}}), json!(u64::MAX),
        ]),
    ) {
        let mut value = copy();
        value[key] = put;
        let raw = value.to_string();
        match read(&raw) {
            Ok(record) => prop_assert_eq!(&*record.raw, raw.as_str()),
            Err(why) => prop_assert!(key == "Severity" && why.contains("a Severity"), "{key}: {why}"),
        }
    }
}
