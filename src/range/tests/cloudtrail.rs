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
    assert_eq!(missing["errorCode"], "NoSuchEntity");
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
