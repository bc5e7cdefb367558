//! Security Hub: copies, aggregation, import and update.

use serde_json::json;

use super::*;

fn equals(attribute: &str, value: &str) -> Value {
    json!({attribute: [{"Comparison": "EQUALS", "Value": value}]})
}

#[test]
fn the_copy_is_a_state_of_its_own() {
    let bench = Bench::new("leaked-key");
    let ids = bench.ids(json!({"severity": {"gte": 9}}));
    let answer = bench.guardduty("/get", json!({"findingIds": ids}));
    let arn = answer["findings"][0]["arn"].as_str().expect("an ARN").to_owned();
    bench.guardduty("/archive", json!({"findingIds": ids}));
    let copy = &bench.hub(equals("Id", &arn))[0];
    assert_eq!(copy["RecordState"], "ACTIVE");
    assert_eq!(copy["Workflow"]["Status"], "NEW");
    assert_eq!(copy["ProductArn"], "arn:aws:securityhub:us-east-1::product/aws/guardduty");
    assert_eq!(copy["Severity"]["Label"], "CRITICAL");
    assert_eq!(copy["Severity"]["Product"], 9.3);
    assert_eq!(copy["Types"][0], "TTPs/AttackSequence/AttackSequence:IAM-CompromisedCredentials");
    assert!(arn.starts_with(copy["GeneratorId"].as_str().expect("text")));
}

#[test]
fn a_copy_arrives_three_minutes_after_its_finding() {
    let bench = Bench::new("leaked-key");
    let granted = json!({"type": {"eq": ["Policy:S3/BucketAnonymousAccessGranted"]}});
    let copies = |bench: &Bench| {
        let title = "Amazon S3 public anonymous access was granted for S3 bucket example-prod-customer-exports.";
        bench.hub(equals("Title", title)).len()
    };
    bench.pass(6);
    assert_eq!((bench.ids(granted.clone()).len(), copies(&bench)), (1, 0));
    bench.pass(2);
    assert_eq!((bench.ids(granted).len(), copies(&bench)), (1, 1));
}

#[test]
fn the_home_region_shows_linked_regions_and_others_their_own() {
    let mut bench = Bench::new("leaked-key");
    let regions = |bench: &Bench| -> std::collections::BTreeSet<String> {
        let found = bench.hub(json!({}));
        found.iter().filter_map(|f| f["Region"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(regions(&bench).len(), 2);
    bench.region = "eu-west-1";
    assert_eq!(regions(&bench), ["eu-west-1".to_owned()].into());
}

#[test]
fn updates_are_processed_one_by_one_and_leave_updated_at_alone() {
    let bench = Bench::new("leaked-key");
    let before = bench.hub(equals("SeverityLabel", "CRITICAL")).remove(0);
    let known = json!({"Id": before["Id"], "ProductArn": before["ProductArn"]});
    let unknown = json!({"Id": "x", "ProductArn": before["ProductArn"]});
    let input = json!({"FindingIdentifiers": [known, unknown, known],
        "Workflow": {"Status": "RESOLVED"}, "Note": {"Text": "done", "UpdatedBy": "me"}});
    let (status, answer) = bench.call("securityhub", "PATCH", "/findings/batchupdate", input);
    assert_eq!(status, 200);
    assert_eq!(answer["ProcessedFindings"], json!([known]));
    let codes: Vec<&Value> = answer["UnprocessedFindings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|u| &u["ErrorCode"])
        .collect();
    assert_eq!(codes, ["FindingNotFound", "DuplicatedFindingIdentifier"]);
    let after = bench.hub(equals("Id", before["Id"].as_str().expect("text"))).remove(0);
    assert_eq!(after["Workflow"]["Status"], "RESOLVED");
    assert_eq!(after["Note"]["Text"], "done");
    assert_eq!(after["UpdatedAt"], before["UpdatedAt"]);
    // The provider's own state cannot be set: the member is not one of the shape.
    let input = json!({"FindingIdentifiers": [known], "RecordState": "ARCHIVED"});
    let (status, _) = bench.call("securityhub", "PATCH", "/findings/batchupdate", input);
    assert_eq!(status, 400);
}

fn imported(id: &str, state: &str, updated: &str) -> Value {
    json!({"SchemaVersion": "2018-10-08", "Id": id, "GeneratorId": "g",
        "ProductArn": "arn:aws:securityhub:us-east-1:444455556666:product/444455556666/default",
        "AwsAccountId": "444455556666", "Types": ["TTPs"], "Title": "t", "Description": "d",
        "CreatedAt": "2026-03-02T03:00:00Z", "UpdatedAt": updated, "RecordState": state,
        "Severity": {"Label": "HIGH"}, "Resources": [{"Type": "Other", "Id": "r"}]})
}

#[test]
fn imports_are_checked_each_and_keep_what_the_customer_set() {
    let bench = Bench::new("leaked-key");
    let import = |list: Value| {
        let input = json!({"Findings": list});
        let (status, answer) = bench.call("securityhub", "POST", "/findings/import", input);
        assert_eq!(status, 200, "{answer}");
        (answer["SuccessCount"].clone(), answer["FailedCount"].clone())
    };
    let first = imported("i/1", "ACTIVE", "2026-03-02T03:00:00Z");
    let mut foreign = imported("i/2", "ACTIVE", "2026-03-02T03:00:00Z");
    foreign["AwsAccountId"] = "123456789012".into();
    assert_eq!(import(json!([first, foreign])), (json!(1), json!(1)));
    let resolve = json!({"FindingIdentifiers": [{"Id": "i/1", "ProductArn": first["ProductArn"]}],
        "Workflow": {"Status": "RESOLVED"}});
    bench.call("securityhub", "PATCH", "/findings/batchupdate", resolve);
    let workflow = || bench.hub(equals("Id", "i/1"))[0]["Workflow"]["Status"].clone();
    import(json!([imported("i/1", "ARCHIVED", "2026-03-02T03:01:00Z")]));
    assert_eq!(workflow(), "RESOLVED");
    import(json!([imported("i/1", "ACTIVE", "2026-03-02T03:02:00Z")]));
    assert_eq!(workflow(), "NEW", "active again");
    assert_eq!(import(json!([imported("i/1", "ACTIVE", "2026-03-02T02:00:00Z")])).1, 1);
    let mut incomplete = first.clone();
    incomplete.as_object_mut().expect("an object").remove("Title");
    let input = json!({"Findings": [incomplete]});
    assert_eq!(bench.call("securityhub", "POST", "/findings/import", input).0, 400);
}

#[test]
fn pages_hold_at_most_what_was_asked_for() {
    let bench = Bench::new("leaked-key");
    let all = bench.hub(json!({})).len();
    let (mut input, mut seen) = (json!({"MaxResults": 4}), Vec::new());
    loop {
        let (_, page) = bench.call("securityhub", "POST", "/findings", input.clone());
        let findings = page["Findings"].as_array().expect("a list").clone();
        assert!(findings.len() <= 4);
        seen.extend(findings.into_iter().map(|f| f["Id"].to_string()));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all);
    input["MaxResults"] = 101.into();
    assert_eq!(bench.call("securityhub", "POST", "/findings", input).0, 400);
}

#[test]
fn order_is_by_the_fields_asked_for() {
    let bench = Bench::new("leaked-key");
    let input = json!({"SortCriteria": [
        {"Field": "SeverityNormalized", "SortOrder": "desc"}, {"Field": "UpdatedAt", "SortOrder": "asc"}]});
    let (_, answer) = bench.call("securityhub", "POST", "/findings", input);
    let keys: Vec<(i64, &str)> = answer["Findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| {
            (
                -f["Severity"]["Normalized"].as_i64().expect("a number"),
                f["UpdatedAt"].as_str().expect("a time"),
            )
        })
        .collect();
    assert!(keys.len() > 10 && keys.is_sorted(), "{keys:?}");
}
