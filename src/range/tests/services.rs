//! What keeps watch, turned off and on again: detectors, hubs, what trails log; and what is
//! said of findings.

use serde_json::json;

use super::{journal::Shared, sessions::own, *};

/// An administrator with one member, whose detector in Ireland is suspended and whose trail
/// logs what writes only.
const WORLD: &str = r#"
schema = 1
id = "watch"
title = "Watch"
start = "2026-03-02T03:10:00Z"
[[accounts]]
id = "444455556666"
alias = "security"
security_admin = true
regions = ["us-east-1", "eu-west-1"]
hub_home = "us-east-1"
[[accounts]]
id = "111122223333"
alias = "prod"
regions = ["us-east-1", "eu-west-1"]
guardduty_disabled = { "eu-west-1" = "-10m" }
securityhub = ["us-east-1"]
[[principals]]
account = "prod"
kind = "user"
name = "ann"
access_key = "AKIAI66PRODUCEXAMPLE"
secret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
policies = ["AdministratorAccess"]
[[trails]]
account = "prod"
name = "one-trail"
home = "us-east-1"
bucket = "logs"
management = "WriteOnly"
exclude = ["kms.amazonaws.com"]
stopped = "-5m"
[[findings]]
at = "-1h"
service = "guardduty"
account = "prod"
region = "eu-west-1"
id = "before"
body = { type = "Recon:EC2/Portscan" }
[[findings.updates]]
at = "+2m"
[[findings.updates]]
at = "+30m"
[[findings]]
at = "-5m"
service = "guardduty"
account = "prod"
region = "eu-west-1"
id = "never"
body = { type = "Recon:EC2/Portscan" }
[[findings]]
at = "+20m"
service = "guardduty"
account = "prod"
region = "eu-west-1"
id = "after"
body = { type = "Recon:EC2/Portscan" }
"#;

fn world(journal: Box<dyn Journal>) -> Bench {
    let scenario = Scenario::read("x.toml", WORLD).unwrap_or_else(|broken| panic!("{broken}"));
    Bench { key: MEMBER_KEY, region: "eu-west-1", ..Bench::of(scenario, journal) }
}

fn by(bench: &Bench, region: &'static str, wall: &Arc<AtomicI64>) -> Bench {
    Bench { range: bench.range.clone(), wall: Arc::clone(wall), key: bench.key, region }
}

fn detector(bench: &Bench) -> Value {
    bench.invoke("guardduty:ListDetectors", json!({})).ok().json()["detectorIds"][0].clone()
}

fn status(bench: &Bench) -> Value {
    let asked = json!({"DetectorId": detector(bench)});
    bench.invoke("guardduty:GetDetector", asked).ok().json()
}

fn findings(bench: &Bench) -> Vec<(String, u64)> {
    let found = bench.guardduty("/get", json!({"findingIds": ["after", "before", "never"]}));
    let found = found["findings"].as_array().expect("a list").clone();
    let text = |f: &Value| f["id"].as_str().expect("an id").to_owned();
    found.iter().map(|f| (text(f), f["service"]["count"].as_u64().expect("a count"))).collect()
}

#[test]
fn a_suspended_detector_finds_nothing_and_is_enabled_again() {
    let journal = Shared::default();
    let bench = world(journal.anew());
    let suspended = status(&bench);
    assert_eq!(
        (&suspended["status"], &suspended["updatedAt"]),
        (&json!("DISABLED"), &json!("2026-03-02T03:00:00.000Z"))
    );
    bench.pass(10);
    assert_eq!(findings(&bench), [("before".to_owned(), 1)]);
    let set = |enable: bool| json!({"DetectorId": detector(&bench), "enable": enable});
    bench.invoke("guardduty:UpdateDetector", set(true)).ok();
    assert_eq!(status(&bench)["status"], "ENABLED");
    // What happened meanwhile was not seen; what is still to come is.
    assert_eq!(findings(&bench), [("before".to_owned(), 1)]);
    bench.pass(25);
    let seen = [("after".to_owned(), 1), ("before".to_owned(), 3)];
    assert_eq!(findings(&bench), seen);
    let other = world(journal.anew());
    other.wall.store(bench.wall.load(Ordering::Relaxed), Ordering::Relaxed);
    assert_eq!(findings(&other), seen);
    bench.invoke("guardduty:UpdateDetector", set(false)).ok();
    assert_eq!(status(&other)["status"], "DISABLED");
    let unknown = json!({"DetectorId": "x", "enable": true});
    bench.invoke("guardduty:UpdateDetector", unknown).refused(400, "BadRequestException");
    // Whoever looks after others may not close his own eyes.
    let admin = Bench { key: OPERATOR_KEY, ..by(&bench, "eu-west-1", &bench.wall) };
    let off = json!({"DetectorId": detector(&admin), "enable": false});
    admin.invoke("guardduty:UpdateDetector", off).refused(400, "BadRequestException");
    let members = json!({"DetectorId": detector(&admin)});
    let members = admin.invoke("guardduty:ListMembers", members).ok().json();
    assert_eq!(members["members"][0]["relationshipStatus"], "Disabled");
}

#[test]
fn a_detector_is_made_where_there_is_none() {
    let journal = Shared::default();
    let bench = Bench { region: "ap-southeast-2", ..world(journal.anew()) };
    assert_eq!(detector(&bench), Value::Null);
    let create = json!({"enable": true, "findingPublishingFrequency": "ONE_HOUR"});
    let made = bench.invoke("guardduty:CreateDetector", create.clone()).ok().json();
    assert_eq!(detector(&bench), made["detectorId"]);
    let shown = status(&bench);
    assert_eq!(
        (&shown["status"], &shown["findingPublishingFrequency"], &shown["createdAt"]),
        (&json!("ENABLED"), &json!("ONE_HOUR"), &json!("2026-03-02T03:10:00.000Z"))
    );
    let again =
        bench.invoke("guardduty:CreateDetector", create).refused(400, "BadRequestException");
    let why = "The request is rejected because a detector already exists for the current account.";
    assert_eq!(again.message(), why);
    let types = json!({"findingTypes": ["Trojan:EC2/DropPoint"]});
    bench.guardduty("/create", types);
    let other = Bench { region: "ap-southeast-2", ..world(journal.anew()) };
    assert_eq!(detector(&other), made["detectorId"]);
    assert_eq!(other.ids(json!({})).len(), 1);
}

#[test]
fn what_somebody_says_of_a_finding_is_read_back() {
    let journal = Shared::default();
    let bench = world(journal.anew());
    let said = |bench: &Bench| {
        let found = bench.guardduty("/get", json!({"findingIds": ["before"]}));
        found["findings"][0]["service"]["userFeedback"].clone()
    };
    assert_eq!(said(&bench), Value::Null);
    for word in ["NOT_USEFUL", "USEFUL"] {
        let input = json!({"findingIds": ["before"], "feedback": word, "comments": "x"});
        bench.guardduty("/feedback", input);
        assert_eq!(said(&bench), word);
    }
    assert_eq!(said(&world(journal.anew())), "USEFUL");
    for (ids, word) in [(json!(["nothing"]), "USEFUL"), (json!(["before"]), "GOOD")] {
        let (status, answer) =
            bench.try_guardduty("/feedback", json!({"findingIds": ids, "feedback": word}));
        assert_eq!((status, &answer["__type"]), (400, &json!("BadRequestException")));
    }
}

#[test]
fn a_hub_is_turned_on_and_off_and_does_not_catch_up() {
    let journal = Shared::default();
    let bench = world(journal.anew());
    let off = ("InvalidAccessException", 401);
    bench.invoke("securityhub:DescribeHub", json!({})).refused(off.1, off.0);
    bench.invoke("securityhub:DisableSecurityHub", json!({})).refused(off.1, off.0);
    bench.pass(4);
    bench.invoke("securityhub:EnableSecurityHub", json!({"Tags": {"a": "b"}})).ok();
    let hub = bench.invoke("securityhub:DescribeHub", json!({})).ok().json();
    assert_eq!(hub["SubscribedAt"], "2026-03-02T03:14:00.000Z");
    let again = bench.invoke("securityhub:EnableSecurityHub", json!({}));
    again.refused(409, "ResourceConflictException");
    // Copies come from now on; GuardDuty has to be awake, too.
    let enable = json!({"DetectorId": detector(&bench), "enable": true});
    bench.invoke("guardduty:UpdateDetector", enable).ok();
    assert_eq!(bench.hub(json!({})), [Value::Null; 0]);
    bench.pass(20);
    let after = |hub: Vec<Value>| hub.iter().filter(|f| f.to_string().contains("after")).count();
    assert_eq!((bench.hub(json!({})).len(), after(bench.hub(json!({})))), (1, 1));
    let other = world(journal.anew());
    other.wall.store(bench.wall.load(Ordering::Relaxed), Ordering::Relaxed);
    assert_eq!(other.hub(json!({})), bench.hub(json!({})));
    bench.invoke("securityhub:DisableSecurityHub", json!({})).ok();
    other.invoke("securityhub:GetFindings", json!({})).refused(off.1, off.0);
    // What was there is there again within the ninety days.
    bench.pass(5);
    bench.invoke("securityhub:EnableSecurityHub", json!({})).ok();
    assert_eq!(after(bench.hub(json!({}))), 1);
    let admin = Bench { key: OPERATOR_KEY, ..by(&bench, "eu-west-1", &bench.wall) };
    admin.invoke("securityhub:DisableSecurityHub", json!({})).refused(off.1, off.0);
}

#[test]
fn what_a_trail_logs_is_put_and_read_in_both_forms() {
    let journal = Shared::default();
    let bench = world(journal.anew());
    let home = by(&bench, "us-east-1", &bench.wall);
    let read = |bench: &Bench| {
        let asked = json!({"TrailName": "one-trail"});
        bench.invoke("cloudtrail:GetEventSelectors", asked).ok().json()
    };
    let custom = || {
        let trail = home.invoke("cloudtrail:GetTrail", json!({"Name": "one-trail"})).ok().json();
        trail["Trail"]["HasCustomEventSelectors"].clone()
    };
    let narrowed = json!({
        "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "DataResources": [],
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    });
    assert_eq!((read(&home)["EventSelectors"].clone(), custom()), (json!([narrowed]), json!(true)));
    let put = |input: Value| {
        let mut input = input;
        input["TrailName"] = "one-trail".into();
        home.invoke("cloudtrail:PutEventSelectors", input)
    };
    let answered = put(json!({"EventSelectors": [{}]})).ok().json();
    assert_eq!(answered, read(&home));
    assert_eq!(answered["EventSelectors"][0]["ReadWriteType"], "All");
    assert_eq!(custom(), false);
    let advanced = json!([{"Name": "all", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]},
    ]}]);
    put(json!({"AdvancedEventSelectors": advanced})).ok();
    let other = by(&world(journal.anew()), "us-east-1", &bench.wall);
    for bench in [&home, &other] {
        let read = read(bench);
        assert_eq!(
            (&read["AdvancedEventSelectors"], read.get("EventSelectors")),
            (&advanced, None)
        );
    }
    for wrong in [
        json!({}),
        json!({"EventSelectors": [{"ReadWriteType": "read-only"}]}),
        json!({"EventSelectors": [{}], "AdvancedEventSelectors": advanced}),
        json!({"AdvancedEventSelectors": [{"FieldSelectors": []}]}),
    ] {
        put(wrong).refused(400, "InvalidEventSelectorsException");
    }
    let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/one-trail";
    let away = json!({"TrailName": arn, "EventSelectors": [{}]});
    bench.invoke("cloudtrail:PutEventSelectors", away).refused(400, "InvalidHomeRegionException");
    let told = home.told(&own(MEMBER_KEY), "EventName", "PutEventSelectors");
    let taken: Vec<&Value> = told.iter().filter(|event| event.get("errorCode").is_none()).collect();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0]["requestParameters"]["advancedEventSelectors"][0]["name"], "all");
    let status = home.invoke("cloudtrail:GetTrailStatus", json!({"Name": "one-trail"})).ok().json();
    assert_eq!(status["IsLogging"], false);
}

#[test]
fn a_detector_that_is_not_there_cannot_be_suspended() {
    let text = WORLD
        .replace("guardduty_disabled = { \"eu-west-1\"", "guardduty_disabled = { \"eu-west-3\"")
        .replace("\"-10m\"", "\"+10m\"");
    let broken = Scenario::read("x.toml", &text).expect_err("broken").to_string();
    for part in ["there is no detector in this Region", "suspended before the start"] {
        assert!(broken.contains(part), "{part} not in\n{broken}");
    }
}
