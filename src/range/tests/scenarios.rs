//! What the shipped worlds promise.

use serde_json::json;

use super::*;

const ACTIVE_HIGH: fn() -> Value =
    || json!({"severity": {"gte": 7}, "service.archived": {"eq": ["false"]}});

#[test]
fn the_leaked_key_has_a_start_and_a_future() {
    let bench = Bench::new("leaked-key");
    let at_start = bench.ids(ACTIVE_HIGH()).len();
    assert!(at_start >= 10, "{at_start} high active findings in us-east-1 at the start");
    let mut last = at_start;
    for minutes in [12, 16, 13] {
        bench.pass(minutes);
        let now = bench.ids(ACTIVE_HIGH()).len();
        assert!(now > last, "nothing arrived in {minutes} minutes");
        last = now;
    }
    let findings = scenario("leaked-key").findings.len();
    assert!((25..=40).contains(&findings), "{findings} findings");
}

#[test]
fn the_way_in_for_emergencies_is_named() {
    for id in ["leaked-key", "locked-out"] {
        let role = "arn:aws:iam::123456789012:role/break-glass";
        assert_eq!(Bench::new(id).range.break_glass(), [role], "{id}");
    }
    assert_eq!(Bench::new("quiet").range.break_glass(), [""; 0]);
}

#[test]
fn the_attack_sequence_names_findings_that_are_there() {
    let bench = Bench::new("leaked-key");
    let read =
        |ids: &Value| bench.guardduty("/get", json!({"findingIds": ids}))["findings"].clone();
    let ids = bench.ids(json!({"type": {"matches": ["AttackSequence:*"]}}));
    let sequence = read(&json!(ids))[0].clone();
    assert!(sequence["severity"].as_f64() >= Some(9.0));
    let signals =
        sequence["service"]["detection"]["sequence"]["signals"].as_array().expect("signals");
    let uids: Value = signals.iter().map(|s| s["uid"].clone()).collect();
    let members = read(&uids);
    let members = members.as_array().expect("a list");
    assert_eq!(members.len(), signals.len());
    for member in members {
        assert_eq!(member["associatedAttackSequenceArn"], sequence["arn"]);
    }
}

#[test]
fn every_seeded_finding_has_what_the_model_requires() {
    for id in ["leaked-key", "hostile"] {
        let mut bench = Bench::new(id);
        bench.pass(60);
        for region in ["us-east-1", "eu-west-1"] {
            bench.region = region;
            let ids = bench.ids(json!({}));
            let findings = bench.guardduty("/get", json!({"findingIds": ids}))["findings"].clone();
            for finding in findings.as_array().expect("a list") {
                for key in [
                    "accountId",
                    "arn",
                    "createdAt",
                    "id",
                    "region",
                    "schemaVersion",
                    "type",
                    "updatedAt",
                ] {
                    let text = finding[key].as_str().unwrap_or_default();
                    assert!(!text.is_empty(), "{id}: {} has no {key}", finding["id"]);
                }
                assert!(finding["severity"].is_number() && finding["resource"].is_object());
            }
        }
    }
}

#[test]
fn hostile_text_comes_through_unharmed_and_large() {
    let bench = Bench::new("hostile");
    let ids = bench.ids(json!({}));
    let findings = bench.guardduty("/get", json!({"findingIds": ids}))["findings"].clone();
    let titles: Vec<&str> =
        findings.as_array().expect("a list").iter().filter_map(|f| f["title"].as_str()).collect();
    for wanted in [
        "\u{1b}[2J",
        "\u{9b}",
        "\u{202e}",
        "\r\n",
        "\u{200b}",
        "\u{e0061}",
        "=HYPERLINK",
        "<script>",
    ] {
        assert!(titles.iter().any(|t| t.contains(wanted)), "{wanted:?}");
    }
    assert!(titles.iter().any(|t| t.len() >= 1 << 20));
}

#[test]
fn the_quiet_account_shows_not_enabled_apart_from_nothing_found() {
    let mut bench = Bench::new("quiet");
    for (region, detectors, hub) in
        [("us-east-1", 1, 200), ("eu-west-1", 1, 401), ("ap-southeast-2", 0, 401)]
    {
        bench.region = region;
        let (_, answer) = bench.call("guardduty", "GET", "/detector", Value::Null);
        assert_eq!(answer["detectorIds"].as_array().map(Vec::len), Some(detectors), "{region}");
        let (status, _) = bench.call("securityhub", "POST", "/findings", json!({}));
        assert_eq!(status, hub, "{region}");
    }
}
