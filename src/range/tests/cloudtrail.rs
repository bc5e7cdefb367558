//! What CloudTrail tells: calls recorded, events looked up, trails.

use serde_json::json;

use super::{
    authentication::IDENTITY,
    iam::{iam, ok},
    *,
};

const PROD: (&str, &str) = MEMBER_KEY;

fn event(shown: &Value) -> Value {
    serde_json::from_str(shown["CloudTrailEvent"].as_str().expect("text")).expect("JSON")
}

fn by(key: &str, value: &str) -> Value {
    json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|e| e["EventName"].as_str().expect("a name")).collect()
}

#[test]
fn a_call_is_recorded_with_who_made_it_and_how() {
    let bench = Bench::new("quiet");
    let mut request =
        bench.request("iam", "POST", "/", "Action=GetUser&Version=2010-05-08&UserName=oncall");
    request.headers_mut().insert("user-agent", "a test/1".parse().expect("a value"));
    let answer = bench.send(request).expect("an answer");
    bench.wall.fetch_add(1000, Ordering::Relaxed);
    let [found] = &bench.events(by("EventName", "GetUser"))[..] else { panic!("one event") };
    let body = event(found);
    let user = &bench.cloudtrail("LookupEvents", json!({}))["Events"][0];
    assert_eq!(user["EventName"], "LookupEvents", "lookups are calls too");
    let identity = &body["userIdentity"];
    assert_eq!(
        (&identity["type"], &identity["arn"], &identity["accessKeyId"]),
        (
            &json!("IAMUser"),
            &json!("arn:aws:iam::444455556666:user/oncall"),
            &json!(OPERATOR_KEY.0)
        )
    );
    for (member, value) in [
        ("eventSource", json!("iam.amazonaws.com")),
        ("eventName", json!("GetUser")),
        ("awsRegion", json!("us-east-1")),
        ("eventTime", json!("2026-03-02T03:10:00Z")),
        ("sourceIPAddress", json!("127.0.0.1")),
        ("userAgent", json!("a test/1")),
        ("requestParameters", json!({"userName": "oncall"})),
        ("responseElements", Value::Null),
        ("readOnly", json!(true)),
        ("managementEvent", json!(true)),
        ("eventType", json!("AwsApiCall")),
        ("recipientAccountId", json!("444455556666")),
        ("eventID", found["EventId"].clone()),
    ] {
        assert_eq!(body[member], value, "{member}");
    }
    assert_eq!(body["requestID"], answer.headers()["x-amzn-requestid"].to_str().expect("text"));
    assert_eq!(found["ReadOnly"], "true");
    assert_eq!(found["EventTime"], 1_772_421_000);
    assert_eq!(found["Username"], "oncall");
    assert_eq!(
        found["Resources"],
        json!([{"ResourceType": "AWS::IAM::User", "ResourceName": "oncall"}])
    );
}

#[test]
fn refusals_are_recorded_and_strangers_are_not() {
    let mut bench = Bench::new("quiet");
    assert_eq!(iam(&bench, "GetUser", &[("UserName", "nobody")]).0, 404);
    bench.guardduty("", json!({"maxResults": 1}));
    assert_eq!(bench.try_guardduty("", json!({"maxResults": 51})).0, 400);
    bench.key = ("AKIAUNKNOWNKEYUNKNOW", "x");
    bench.send(bench.request("sts", "POST", "/", IDENTITY)).expect("an answer");
    bench.key = (OPERATOR_KEY.0, "x");
    bench.send(bench.request("sts", "POST", "/", IDENTITY)).expect("an answer");
    bench.key = OPERATOR_KEY;
    let [missing] = &bench.events(by("EventName", "GetUser"))[..] else { panic!("one event") };
    let missing = event(missing);
    assert_eq!(missing["errorCode"], "NoSuchEntityException");
    assert!(missing["errorMessage"].as_str().is_some_and(|m| m.contains("nobody")));
    let lists = bench.events(by("EventName", "ListFindings"));
    let codes: Vec<Value> = lists.iter().map(|e| event(e)["errorCode"].clone()).collect();
    assert_eq!(codes, [json!("BadRequestException"), Value::Null], "the newest first");
    assert_eq!(bench.events(by("EventName", "GetCallerIdentity")), [Value::Null; 0]);
}

#[test]
fn a_change_is_recorded_once_with_what_it_made() {
    let bench = Bench::new("leaked-key");
    let policy = ("PolicyArn", "arn:aws:iam::444455556666:policy/log-archive-access");
    let before = bench.events(by("ResourceName", policy.1)).len();
    ok(&bench, "CreatePolicyVersion", &[policy, ("PolicyDocument", "{\"Statement\":[]}")]);
    let found = bench.events(by("ResourceName", policy.1));
    assert_eq!(found.len(), before + 1);
    let body = event(&found[0]);
    assert_eq!(body["responseElements"]["policyVersion"]["versionId"], "v3");
    assert_eq!(body["readOnly"], false);
    assert_eq!(found[0]["ReadOnly"], "false");
}

#[test]
fn each_account_and_region_has_its_own_events() {
    let mut bench = Bench::new("quiet");
    bench.region = "eu-west-1";
    bench.call("guardduty", "GET", "/detector", Value::Null);
    bench.send(bench.request("sts", "POST", "/", IDENTITY)).expect("an answer");
    assert_eq!(names(&bench.events(json!({}))), ["GetCallerIdentity", "ListDetectors"]);
    bench.region = "us-east-1";
    assert_eq!(bench.events(json!({})), [Value::Null; 0]);
    // IAM has one endpoint, whatever Region signs for it.
    bench.region = "ap-southeast-2";
    ok(&bench, "ListUsers", &[]);
    bench.region = "us-east-1";
    assert_eq!(names(&bench.events(by("EventSource", "iam.amazonaws.com"))), ["ListUsers"]);
    let mut prod = Bench::new("leaked-key");
    prod.call("guardduty", "GET", "/detector", Value::Null);
    let own = |bench: &Bench| bench.events(by("AccessKeyId", OPERATOR_KEY.0)).len();
    let before = own(&prod);
    prod.key = PROD;
    assert_eq!((before > 0, own(&prod)), (true, 0), "a member sees its own account's alone");
}

#[test]
fn every_attribute_finds_what_it_names_and_nothing_else() {
    let bench = Bench::new("leaked-key");
    bench.guardduty("/create", json!({"findingTypes": ["Trojan:EC2/DropPoint"]}));
    let all = bench.events(json!({}));
    let seen = |member: &'static str| {
        all.iter().find_map(|e| e[member].as_str()).expect("some").to_owned()
    };
    let resource = all.iter().find_map(|e| e["Resources"].get(0)).expect("some");
    let pair = |e: &Value, key: &str, value: &str| {
        e["Resources"].as_array().expect("a list").iter().any(|r| r[key] == value)
    };
    type Has = Box<dyn Fn(&Value, &str) -> bool>;
    let member = |name: &'static str| -> Has { Box::new(move |e: &Value, v: &str| e[name] == v) };
    for (key, value, has) in [
        ("EventId", seen("EventId"), member("EventId")),
        ("EventName", seen("EventName"), member("EventName")),
        ("ReadOnly", "false".to_owned(), member("ReadOnly")),
        ("Username", seen("Username"), member("Username")),
        ("EventSource", seen("EventSource"), member("EventSource")),
        ("AccessKeyId", seen("AccessKeyId"), member("AccessKeyId")),
        (
            "ResourceType",
            resource["ResourceType"].as_str().expect("text").to_owned(),
            Box::new(move |e, v| pair(e, "ResourceType", v)),
        ),
        (
            "ResourceName",
            resource["ResourceName"].as_str().expect("text").to_owned(),
            Box::new(move |e, v| pair(e, "ResourceName", v)),
        ),
    ] {
        let ids = |events: Vec<Value>| -> Vec<Value> {
            events.iter().map(|e| e["EventId"].clone()).collect()
        };
        let known = ids(all.clone());
        let mut found = ids(bench.events(by(key, &value)));
        // What was recorded meanwhile is not what is compared.
        found.retain(|id| known.contains(id));
        let wanted = ids(all.iter().filter(|e| has(e, &value)).cloned().collect());
        assert!(!wanted.is_empty(), "{key}");
        assert_eq!(found, wanted, "{key} = {value}");
    }
    for id in ["", "x", "ééé", "00000000-0000-4000-a000-000000000000"] {
        let (status, answer) = bench.try_cloudtrail("LookupEvents", by("EventId", id));
        let none = status == 200 && answer["Events"] == json!([]);
        assert!(none || id.is_empty() && status == 400, "{id}: {answer}");
    }
}

#[test]
fn what_is_asked_wrongly_gets_cloudtrails_codes() {
    let bench = Bench::new("leaked-key");
    let attribute = json!({"AttributeKey": "EventName", "AttributeValue": "x"});
    bench.call("guardduty", "GET", "/detector", Value::Null);
    bench.call("guardduty", "GET", "/detector", Value::Null);
    let mut token = bench.cloudtrail("LookupEvents", json!({"MaxResults": 1}))["NextToken"].clone();
    let code = |ask: Value| {
        let (status, answer) = bench.try_cloudtrail("LookupEvents", ask);
        assert_eq!(status, 400, "{answer}");
        answer["__type"].as_str().expect("a code").to_owned()
    };
    for (ask, wanted) in [
        (json!({"MaxResults": 0}), "InvalidMaxResultsException"),
        (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
        (json!({"LookupAttributes": [attribute, attribute]}), "InvalidLookupAttributesException"),
        (by("Eventname", "x"), "InvalidLookupAttributesException"),
        (by("EventName", &"_".repeat(1001)), "InvalidLookupAttributesException"),
        (json!({"StartTime": 2, "EndTime": 1}), "InvalidTimeRangeException"),
        (json!({"StartTime": "2026-03-02T03:10:00Z"}), "SerializationException"),
        (json!({"NextToken": "x"}), "InvalidNextTokenException"),
        (json!({"NextToken": token, "MaxResults": 2}), "InvalidNextTokenException"),
        (json!({"NextToken": token, "MaxResults": 1, "StartTime": 1}), "InvalidNextTokenException"),
    ] {
        assert_eq!(code(ask.clone()), wanted, "{ask}");
    }
    bench.cloudtrail("LookupEvents", json!({"NextToken": token, "MaxResults": 1}));
    token = json!(format!("{}x", token.as_str().expect("text")));
    assert_eq!(code(json!({"NextToken": token, "MaxResults": 1})), "InvalidNextTokenException");
    assert_eq!(
        bench.cloudtrail("LookupEvents", json!({"EventCategory": "insight"}))["Events"],
        json!([])
    );
}

#[test]
fn another_process_sees_the_calls_and_a_new_world_does_not() {
    let journal = super::journal::Shared::default();
    let one = Bench::of(scenario("quiet"), journal.anew());
    let other = Bench::of(scenario("quiet"), journal.anew());
    one.call("guardduty", "GET", "/detector", Value::Null);
    other.call("securityhub", "GET", "/accounts", Value::Null);
    let of = |bench: &Bench| bench.events(json!({"EndTime": 1_772_421_000}));
    let (mine, theirs) = (of(&one), of(&other));
    assert_eq!(names(&mine), ["DescribeHub", "ListDetectors"]);
    assert_eq!(mine, theirs[theirs.len() - 2..], "the same ids, times and texts");
    let later = Bench::of(scenario("quiet"), journal.anew());
    assert_eq!(names(&of(&later))[..2], ["LookupEvents", "LookupEvents"]);
    assert_eq!(of(&Bench::new("quiet")), [Value::Null; 0]);
}

/// What the attack did with a key, the oldest first.
fn with_key(bench: &Bench, key: &str) -> Vec<Value> {
    let mut events: Vec<Value> = bench.events(by("AccessKeyId", key)).iter().map(event).collect();
    events.reverse();
    events
}

#[test]
fn the_keys_of_the_attack_tell_it_in_order() {
    let mut bench = Bench::new("leaked-key");
    bench.key = PROD;
    let from_there = |events: &[Value]| -> Vec<String> {
        let there = events.iter().filter(|e| e["sourceIPAddress"] == "203.0.113.77");
        there.map(|e| e["eventName"].as_str().expect("a name").to_owned()).collect()
    };
    let leaked = with_key(&bench, "AKIAI44QH8DHBEXAMPLE");
    let names = from_there(&leaked);
    let after = |names: &[String], told: &[&str]| {
        let mut rest = names.iter();
        for name in told {
            assert!(rest.any(|n| n == name), "{name} comes in this order: {names:?}");
        }
    };
    after(
        &names,
        &[
            "GetCallerIdentity",
            "GetAccountAuthorizationDetails",
            "ListBuckets",
            "CreateUser",
            "AttachUserPolicy",
            "CreateAccessKey",
            "AssumeRole",
        ],
    );
    let denied = leaked.iter().filter(|e| e["errorCode"] == "AccessDenied").count();
    assert!(denied >= 5, "{denied} denied");
    let made = leaked.iter().find(|e| e["eventName"] == "CreateAccessKey").expect("told");
    let key = &made["responseElements"]["accessKey"];
    assert_eq!(key["accessKeyId"], "AKIAI55BACKUPEXAMPLE");
    assert_eq!(key.get("secretAccessKey"), None);
    let with_new = with_key(&bench, "AKIAI55BACKUPEXAMPLE");
    after(
        &from_there(&with_new),
        &["GetCallerIdentity", "StopLogging", "DeleteDetector", "RunInstances", "PutBucketPolicy"],
    );
    // Nobody uses a key before there is one.
    let at = |e: &Value| e["eventTime"].as_str().expect("a time").to_owned();
    assert!(at(made) < at(&with_new[0]));
    for region in ["eu-west-1", "ap-southeast-2"] {
        bench.region = region;
        after(&from_there(&with_key(&bench, "AKIAI55BACKUPEXAMPLE")), &["RunInstances"]);
    }
}

#[test]
fn a_role_is_assumed_from_a_role_and_both_accounts_know() {
    let mut bench = Bench::new("leaked-key");
    bench.key = PROD;
    let assumed = |bench: &Bench, key: &str| {
        let found = bench.events(by("ResourceName", key));
        assert_eq!(found.len(), 1, "{key}");
        event(&found[0])
    };
    let first = assumed(&bench, "ASIAI33RELEASEXAMPLE");
    assert_eq!(first["userIdentity"]["userName"], "ci-deployer");
    let token = first["responseElements"]["credentials"]["sessionToken"].as_str();
    assert!(token.is_some_and(|t| t.ends_with("EXAMPLE")));
    let second = assumed(&bench, "ASIAI22CHAINEEXAMPLE");
    let who = &second["userIdentity"];
    assert_eq!(who["accessKeyId"], "ASIAI33RELEASEXAMPLE");
    assert_eq!(who["sessionContext"]["sourceIdentity"], "orders-pipeline");
    bench.key = ("AKIAI88DEVONCEXAMPLE", "Yq2mWc7pLs0dVh4tRk8nXb1gJz5uEfEXAMPLEKEY");
    let theirs = assumed(&bench, "ASIAI22CHAINEEXAMPLE");
    assert_eq!(theirs["userIdentity"]["type"], "AWSAccount");
    assert_eq!(theirs["sharedEventID"], second["sharedEventID"]);
    assert_ne!(theirs["eventID"], second["eventID"]);
    assert_eq!(theirs["recipientAccountId"], "210987654321");
    let used = with_key(&bench, "ASIAI22CHAINEEXAMPLE");
    assert!(used.iter().any(|e| e["eventName"] == "ListSecrets"));
}

#[test]
fn what_is_told_for_later_comes_when_it_is_time() {
    let mut bench = Bench::new("leaked-key");
    bench.key = PROD;
    let deleted = |bench: &Bench| bench.events(by("EventName", "DeleteSnapshot")).len();
    assert_eq!(deleted(&bench), 0);
    bench.pass(17);
    assert!((1..12).contains(&deleted(&bench)));
    bench.pass(5);
    assert_eq!(deleted(&bench), 12);
}

#[test]
fn a_day_of_noise_lies_over_every_account() {
    let mut bench = Bench::new("leaked-key");
    let mut all = 0;
    for (key, least) in [
        (OPERATOR_KEY, 200),
        (PROD, 1200),
        (("AKIAI88DEVONCEXAMPLE", "Yq2mWc7pLs0dVh4tRk8nXb1gJz5uEfEXAMPLEKEY"), 300),
        (("AKIAI11MANAGEEXAMPLE", "Hn6vQe3xTo9bKw5yUa2iMs7cPd4lFrEXAMPLEKEY"), 100),
    ] {
        bench.key = key;
        let mut count = 0;
        for region in ["us-east-1", "eu-west-1", "ap-southeast-2"] {
            bench.region = region;
            let events = bench.events(json!({}));
            count += events.len();
            for body in events.iter().map(event) {
                let address = body["sourceIPAddress"].as_str().expect("text");
                let documented = ["198.51.100.", "203.0.113.", "192.0.2.", "2001:db8:"];
                assert!(
                    documented.iter().any(|net| address.starts_with(net))
                        || address.ends_with(".amazonaws.com")
                        || ["AWS Internal", "127.0.0.1"].contains(&address),
                    "{address}"
                );
                let key = body["userIdentity"]["accessKeyId"].as_str().unwrap_or_default();
                assert!(key.is_empty() || key.ends_with("EXAMPLE"), "{key}");
                assert_eq!(body["awsRegion"], region);
            }
        }
        assert!(count >= least, "{count} events for {}", key.0);
        all += count;
    }
    assert!((2_000..3_500).contains(&all), "{all} events");
}

#[test]
fn the_window_is_inclusive_by_the_second_and_ends_after_90_days() {
    let bench = Bench::new("leaked-key");
    let told = bench.events(by("EventName", "SetDefaultPolicyVersion"));
    let at = told[0]["EventTime"].as_i64().expect("seconds");
    let count = |from: i64, to: i64| {
        let mut ask = by("EventName", "SetDefaultPolicyVersion");
        (ask["StartTime"], ask["EndTime"]) = (from.into(), to.into());
        bench.events(ask).len()
    };
    assert_eq!([count(at, at), count(at + 1, at + 60), count(at - 60, at - 1)], [1, 0, 0]);
    let mut old = Bench::new("leaked-key");
    old.key = PROD;
    let archived = |bench: &Bench| bench.events(by("EventName", "StopLogging")).len();
    assert_eq!(archived(&old), 2);
    old.pass(90 * 24 * 60 - 50);
    assert_eq!(archived(&old), 2);
    old.pass(20);
    assert_eq!(archived(&old), 0);
}

#[test]
fn a_trail_stops_for_every_process_and_says_since_when() {
    let journal = super::journal::Shared::default();
    let one = Bench::of(scenario("quiet"), journal.anew());
    let other = Bench::of(scenario("quiet"), journal.anew());
    let status = |bench: &Bench| bench.cloudtrail("GetTrailStatus", json!({"Name": "quiet-trail"}));
    let before = status(&one);
    assert_eq!((&before["IsLogging"], before.get("StopLoggingTime")), (&json!(true), None));
    one.pass(7);
    one.cloudtrail("StopLogging", json!({"Name": "quiet-trail"}));
    let stopped = status(&other);
    assert_eq!(stopped["IsLogging"], false);
    assert_eq!(stopped["StopLoggingTime"], 1_772_421_000 + 7 * 60);
    other.pass(30);
    assert_eq!(status(&other)["LatestDeliveryTime"], 1_772_421_000 + 5 * 60);
    other.cloudtrail("StartLogging", json!({"Name": "quiet-trail"}));
    assert_eq!(status(&other)["IsLogging"], true);
    one.pass(31);
    let [stop] = &one.events(by("EventName", "StopLogging"))[..] else { panic!("one event") };
    assert_eq!(
        stop["Resources"],
        json!([{"ResourceType": "AWS::CloudTrail::Trail", "ResourceName": "quiet-trail"}])
    );
}

#[test]
fn trails_are_seen_where_they_log_and_changed_at_home_by_their_owner() {
    let mut bench = Bench::new("leaked-key");
    bench.key = PROD;
    let arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/org-trail-prod";
    let organization = "arn:aws:cloudtrail:us-east-1:111122223333:trail/example-organization";
    let seen = |bench: &Bench, ask: Value| -> Vec<Value> {
        let trails = bench.cloudtrail("DescribeTrails", ask)["trailList"].clone();
        trails.as_array().expect("a list").iter().map(|t| t["TrailARN"].clone()).collect()
    };
    assert_eq!(seen(&bench, json!({})), [arn, organization]);
    assert_eq!(seen(&bench, json!({"includeShadowTrails": false})), [arn]);
    assert_eq!(
        bench.cloudtrail("ListTrails", json!({}))["Trails"].as_array().map(Vec::len),
        Some(2)
    );
    let status = |name: &str| bench.cloudtrail("GetTrailStatus", json!({"Name": name}));
    let stopped = status("org-trail-prod");
    assert_eq!(
        (&stopped["IsLogging"], &stopped["TimeLoggingStopped"]),
        (&json!(false), &json!("2026-03-02T02:28:00Z"))
    );
    assert_eq!(status(organization)["IsLogging"], true);
    let selectors = bench.cloudtrail("GetEventSelectors", json!({"TrailName": arn}));
    assert_eq!(selectors["EventSelectors"][0]["DataResources"][0]["Type"], "AWS::S3::Object");
    let refused = |bench: &Bench, operation: &str, name: &str| {
        let (status, answer) = bench.try_cloudtrail(operation, json!({"Name": name}));
        assert_eq!(status, 400);
        answer["__type"].as_str().expect("a code").to_owned()
    };
    assert_eq!(
        refused(&bench, "StopLogging", organization),
        "NotOrganizationMasterAccountException"
    );
    assert_eq!(refused(&bench, "GetTrail", "nowhere"), "TrailNotFoundException");
    assert_eq!(refused(&bench, "GetTrail", "-x"), "InvalidTrailNameException");
    assert_eq!(refused(&bench, "GetTrail", "arn:aws:s3:::x"), "CloudTrailARNInvalidException");
    bench.region = "eu-west-1";
    assert_eq!(seen(&bench, json!({})), [arn, organization]);
    assert_eq!(seen(&bench, json!({"includeShadowTrails": false})), [Value::Null; 0]);
    assert_eq!(refused(&bench, "StopLogging", arn), "InvalidHomeRegionException");
    assert_eq!(refused(&bench, "GetTrailStatus", "org-trail-prod"), "TrailNotFoundException");
}

#[test]
fn pages_go_wrong_on_demand_without_losing_an_event() {
    let rules = |kind: &str, nth: u32| {
        format!("[[faults]]\nop = \"cloudtrail:LookupEvents\"\nkind = \"{kind}\"\nnth = {nth}\n")
    };
    let ids =
        |events: &[Value]| -> Vec<Value> { events.iter().map(|e| e["EventId"].clone()).collect() };
    let ask = json!({"MaxResults": 20});
    let whole = ids(&Bench::new("leaked-key").events(ask.clone()));
    let bench = Bench::new("leaked-key").with_faults(&rules("empty-page", 1));
    let empty = bench.cloudtrail("LookupEvents", ask.clone());
    assert_eq!(empty["Events"], json!([]));
    let mut next = ask.clone();
    next["NextToken"] = empty["NextToken"].clone();
    assert_eq!(ids(&bench.events(next)), whole);
    let bench = Bench::new("leaked-key").with_faults(&rules("repeat-token", 2));
    let first = bench.cloudtrail("LookupEvents", ask.clone());
    let mut next = ask;
    next["NextToken"] = first["NextToken"].clone();
    let second = bench.cloudtrail("LookupEvents", next);
    assert_eq!(second["NextToken"], first["NextToken"]);
    assert_ne!(second["Events"], first["Events"]);
    let bench = Bench::new("quiet").with_faults(&rules("throttle", 1));
    let (status, answer) = bench.try_cloudtrail("LookupEvents", json!({}));
    assert_eq!((status, &answer["__type"]), (400, &json!("ThrottlingException")));
}

#[test]
fn hostile_events_come_through_unharmed_and_too_deep() {
    let bench = Bench::new("hostile");
    let events = bench.events(json!({}));
    assert!(events.len() >= 12, "{}", events.len());
    let text = json!(events).to_string();
    for wanted in ["\\u001b[2J", "\u{202e}", "\u{9b}", "\\r\\n", "\u{200b}", "<script>"] {
        assert!(
            text.contains(wanted) || text.contains(&wanted.replace('\\', "\\\\")),
            "{wanted:?}"
        );
    }
    let unparsed = events.iter().filter(|e| {
        let text = e["CloudTrailEvent"].as_str().expect("text");
        serde_json::from_str::<Value>(text).is_err()
    });
    assert_eq!(unparsed.count(), 1, "deeper than this parser goes");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Whatever the pages' size, and whatever is recorded meanwhile: each event that was
    /// there at the first page comes once, and the newest comes first.
    #[test]
    fn pages_give_every_event_once_and_in_order(
        count in 1_usize..160,
        seconds in 1_u32..40,
        size in 1_usize..=50,
        between in proptest::collection::vec(0_usize..4, 1..6),
        before in 0_usize..5,
    ) {
        let text = format!(
            "schema = 1\nid = \"x\"\ntitle = \"X\"\nstart = \"2026-03-02T03:10:00Z\"\nseed = {count}\n\
             [[accounts]]\nid = \"111122223333\"\nalias = \"prod\"\nregions = [\"us-east-1\"]\n\
             [[events]]\ncount = {count}\nfrom = \"-{seconds}s\"\naccount = \"prod\"\nby = [\"root\"]\n\
             [events.calls]\n\"ec2:DescribeInstances\" = 1\n\"iam:ListUsers\" = 2\n"
        );
        let world = Scenario::read("x.toml", &text).unwrap_or_else(|broken| panic!("{broken}"));
        let bench = Bench::of(world, Box::new(NoJournal));
        let call = |times: usize| {
            for _ in 0..times {
                bench.call("guardduty", "GET", "/detector", Value::Null);
            }
        };
        call(before);
        let (mut ask, mut all) = (json!({"MaxResults": size}), Vec::new());
        for page in 0.. {
            let answer = bench.cloudtrail("LookupEvents", ask.clone());
            let events = answer["Events"].as_array().expect("a list").clone();
            all.extend(events);
            call(between[page % between.len()]);
            let Some(token) = answer.get("NextToken") else { break };
            ask["NextToken"] = token.clone();
        }
        proptest::prop_assert_eq!(all.len(), count + before);
        let times: Vec<i64> = all.iter().filter_map(|e| e["EventTime"].as_i64()).collect();
        proptest::prop_assert!(times.is_sorted_by(|a, b| a >= b), "{:?}", times);
        let ids: std::collections::HashSet<&str> =
            all.iter().filter_map(|e| e["EventId"].as_str()).collect();
        proptest::prop_assert_eq!(ids.len(), count + before);
    }
}
