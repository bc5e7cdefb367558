//! The two worlds that playbooks are tried in: what stands in them when they begin.

use serde_json::json;

use super::{
    iam::all,
    sessions::{Given, own},
    *,
};

const PROD: &str = "123456789012";

fn by(bench: &Bench, key: (&'static str, &'static str), region: &'static str) -> Bench {
    Bench { range: bench.range.clone(), wall: Arc::clone(&bench.wall), key, region }
}

fn stolen(bench: &Bench, key: &str) -> Given {
    let known = bench.range.session(key).expect("a session of the scenario");
    Given { key: known.access_key, secret: known.secret, token: known.token }
}

#[test]
fn three_sessions_of_one_role_can_be_used_and_one_of_them_cut() {
    let bench = by(&Bench::new("stolen-session"), MEMBER_KEY, "us-east-1");
    let keys = ["ASIAI77STOLENEXAMPLE", "ASIAI77BUILD1EXAMPLE", "ASIAI77BUILD2EXAMPLE"];
    let sessions = keys.map(|key| stolen(&bench, key));
    let statuses = || {
        let read = |who: &Given| bench.invoke_as(who, "iam:ListUsers", json!({})).status;
        [&sessions[0], &sessions[1], &sessions[2]].map(read)
    };
    assert_eq!(statuses(), [200, 200, 200]);
    let answered = bench.invoke_as(&sessions[0], "sts:GetCallerIdentity", json!({})).ok();
    assert_eq!(all(&answered.text, "UserId"), ["AROACIDEPLOYROEXAMPLE:build-4713"]);
    // Each was begun by a call that the trail has, within the last twelve hours.
    for (key, user, source) in [(keys[0], "jo", "jo"), (keys[1], "ci-runner", "ci-runner")] {
        let told = bench.told(&own(MEMBER_KEY), "ResourceName", key);
        let [begun] = &told[..] else { panic!("{key}: {told:?}") };
        assert_eq!(begun["userIdentity"]["userName"], user);
        assert_eq!(begun["requestParameters"]["sourceIdentity"], source);
        assert!(begun["eventTime"].as_str() > Some("2026-03-01T15:10:00Z"), "{begun}");
    }
    let used = bench.told(&own(MEMBER_KEY), "AccessKeyId", keys[0]);
    let context = &used[0]["userIdentity"]["sessionContext"];
    assert_eq!(
        (&used[0]["eventName"], &context["sourceIdentity"]),
        (&json!("GetCallerIdentity"), &json!("jo"))
    );
    // The finding names the session.
    let ids = bench.ids(json!({"severity": {"gte": 8}}));
    let finding = bench.guardduty("/get", json!({"findingIds": ids}))["findings"][0].clone();
    let key = &finding["resource"]["accessKeyDetails"];
    assert_eq!(
        (&key["accessKeyId"], &key["principalId"]),
        (&json!(keys[0]), &json!("AROACIDEPLOYROEXAMPLE:build-4713"))
    );
    // So does its copy in the hub.
    let copy = bench.hub(json!({"Id": [{"Value": finding["arn"], "Comparison": "EQUALS"}]}));
    assert_eq!(
        copy[0]["Resources"][0]["Details"]["AwsIamAccessKey"],
        json!({"PrincipalName": "ci-deploy", "PrincipalId": "AROACIDEPLOYROEXAMPLE:build-4713", "PrincipalType": "AssumedRole"})
    );
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:userid":"AROACIDEPLOYROEXAMPLE:build-4713"}}}]}"#;
    let input = json!({"RoleName": "ci-deploy", "PolicyName": "HalonDenySession-00000000", "PolicyDocument": deny});
    bench.invoke("iam:PutRolePolicy", input).ok();
    assert_eq!(statuses(), [403, 200, 200]);
    let last = bench.told(&own(MEMBER_KEY), "AccessKeyId", keys[0]).remove(0);
    assert_eq!(
        (&last["eventName"], &last["errorCode"]),
        (&json!("ListUsers"), &json!("AccessDenied"))
    );
    // What the file says that he goes on to do is refused from here on, as is what he does.
    let goes_on = |key: &str| -> Vec<bool> {
        let told = bench.told(&own(MEMBER_KEY), "AccessKeyId", key);
        let later = told.iter().filter(|e| e["sourceIPAddress"] != "127.0.0.1");
        let later = later.filter(|e| e["eventTime"].as_str() > Some("2026-03-02T03:10:00Z"));
        later.map(|event| event["errorCode"] == "AccessDenied").collect()
    };
    assert_eq!(goes_on(keys[0]), [false; 0]);
    bench.pass(20);
    let denied = goes_on(keys[0]);
    assert!(denied.len() >= 4 && denied.iter().all(|denied| *denied), "{denied:?}");
    assert!(goes_on(keys[1]).iter().all(|denied| !denied));
    // Once he is let in again, what was refused stays so.
    let away = json!({"RoleName": "ci-deploy", "PolicyName": "HalonDenySession-00000000"});
    bench.invoke("iam:DeleteRolePolicy", away).ok();
    bench.pass(30);
    let after = goes_on(keys[0]);
    let (young, old) = after.split_at(after.len() - denied.len());
    assert!(!young.is_empty() && young.iter().all(|denied| !denied), "{after:?}");
    assert!(old.iter().all(|denied| *denied), "{after:?}");
    let input = json!({"RoleName": "ci-deploy", "PolicyName": "HalonDenySession-00000000", "PolicyDocument": deny});
    bench.invoke("iam:PutRolePolicy", input).ok();
    // The builds go on to their end.
    bench.pass(250);
    assert_eq!(statuses(), [403, 200, 200]);
    bench.pass(30);
    assert_eq!(statuses(), [403, 403, 200], "the first one has expired");
}

#[test]
fn everything_that_was_tampered_with_is_as_it_was_left() {
    let bench = Bench::new("tampered");
    let prod = by(&bench, MEMBER_KEY, "us-east-1");
    let ireland = by(&bench, MEMBER_KEY, "eu-west-1");
    let trail = json!({"Name": "prod-trail", "TrailName": "prod-trail"});
    let logging = prod.invoke("cloudtrail:GetTrailStatus", trail.clone()).ok().json();
    assert_eq!(logging["IsLogging"], false);
    let selectors = prod.invoke("cloudtrail:GetEventSelectors", trail).ok().json();
    let selector = &selectors["EventSelectors"][0];
    assert_eq!(
        (&selector["ReadWriteType"], &selector["ExcludeManagementEventSources"]),
        (&json!("WriteOnly"), &json!(["kms.amazonaws.com"]))
    );
    let status = |bench: &Bench| {
        let id = bench.invoke("guardduty:ListDetectors", json!({})).ok().json()["detectorIds"][0]
            .clone();
        bench.invoke("guardduty:GetDetector", json!({"DetectorId": id})).ok().json()["status"]
            .clone()
    };
    assert_eq!([status(&prod), status(&ireland)], ["ENABLED", "DISABLED"]);
    prod.invoke("securityhub:DescribeHub", json!({})).ok();
    ireland.invoke("securityhub:DescribeHub", json!({})).refused(401, "InvalidAccessException");
    let policy = json!({"PolicyArn": format!("arn:aws:iam::{PROD}:policy/deploy-tools")});
    let policy = prod.invoke("iam:GetPolicy", policy).ok().text;
    assert_eq!(all(&policy, "DefaultVersionId"), ["v2"]);
    let role = prod.invoke("iam:GetRole", json!({"RoleName": "partner-sync"})).ok().text;
    assert!(role.contains("777788889999"), "{role}");
    let user = json!({"UserName": "svc-metrics"});
    prod.invoke("iam:GetLoginProfile", user.clone()).ok();
    let keys = prod.invoke("iam:ListAccessKeys", user).ok().text;
    assert_eq!(all(&keys, "Status"), ["Active", "Active"]);
    // The attacker can still use all of it.
    let attacker = by(
        &bench,
        ("AKIAI55METRI2EXAMPLE", "Mn3bVc2xZl1kJh0gFd9sAp8oIu7yTrEXAMPLEKEY"),
        "us-east-1",
    );
    attacker.invoke("iam:ListUsers", json!({})).ok();
    // One finding at least for each thing that can be done about it, in whichever Region.
    let admin = by(&bench, OPERATOR_KEY, "us-east-1");
    let there = by(&bench, OPERATOR_KEY, "eu-west-1");
    let kinds: Vec<String> = [&admin, &there]
        .into_iter()
        .flat_map(|bench| {
            let ids = bench.ids(json!({"severity": {"gte": 2}}));
            let found = bench.guardduty("/get", json!({"findingIds": ids}))["findings"].clone();
            let kinds: Vec<String> = found
                .as_array()
                .expect("a list")
                .iter()
                .map(|f| f["type"].as_str().expect("text").to_owned())
                .collect();
            kinds
        })
        .collect();
    for purpose in [
        "PrivilegeEscalation:",
        "Persistence:",
        "Stealth:",
        "DefenseEvasion:",
        "Policy:IAMUser/Root",
    ] {
        assert!(kinds.iter().any(|kind| kind.starts_with(purpose)), "{purpose} in {kinds:?}");
    }
}

#[test]
fn the_quarantine_spares_break_glass_and_the_other_policy_does_not() {
    use super::organizations::MANAGEMENT_KEY;
    let bench = Bench::new("tampered");
    let management = by(&bench, MANAGEMENT_KEY, "us-east-1");
    let role = bench.range.break_glass();
    assert_eq!(role, [format!("arn:aws:iam::{PROD}:role/break-glass")]);
    let form = super::sessions::assume(&role[0], "alice", "");
    let (status, text) = own(OPERATOR_KEY).form(&bench, "sts", &form);
    assert_eq!(status, 200, "{text}");
    let glass = Given::read(&text);
    let read = |who: &Given| management.invoke_as(who, "iam:ListUsers", json!({})).status;
    let kind = json!({"Filter": "SERVICE_CONTROL_POLICY"});
    let policies = management.invoke("organizations:ListPolicies", kind).ok().json();
    let id = |name: &str| {
        let list = policies["Policies"].as_array().expect("a list");
        list.iter().find(|p| p["Name"] == name).expect("a policy")["Id"].clone()
    };
    let targets = json!({"PolicyId": id("QuarantineExceptBreakGlass")});
    let targets = management.invoke("organizations:ListTargetsForPolicy", targets).ok().json();
    let unit = targets["Targets"][0]["TargetId"].clone();
    let parents = json!({"ChildId": PROD});
    let parents = management.invoke("organizations:ListParents", parents).ok().json();
    let go = json!({"AccountId": PROD, "SourceParentId": parents["Parents"][0]["Id"], "DestinationParentId": unit});
    assert_eq!((read(&own(MEMBER_KEY)), read(&glass)), (200, 200));
    management.invoke("organizations:MoveAccount", go).ok();
    assert_eq!((read(&own(MEMBER_KEY)), read(&glass)), (403, 200));
    let unattached = json!({"PolicyId": id("DenyAllNoExemption")});
    let none =
        management.invoke("organizations:ListTargetsForPolicy", unattached.clone()).ok().json();
    assert_eq!(none["Targets"], json!([]));
    let attach = json!({"PolicyId": unattached["PolicyId"], "TargetId": PROD});
    management.invoke("organizations:AttachPolicy", attach).ok();
    assert_eq!(read(&glass), 403);
}

/// What a key was to do is not done when it is nobody's any more.
#[test]
fn a_key_that_was_taken_away_does_nothing_further() {
    let deleted = |bench: &Bench| bench.told(&own(MEMBER_KEY), "EventName", "DeleteSnapshot").len();
    let bench = by(&Bench::new("leaked-key"), MEMBER_KEY, "us-east-1");
    bench.pass(17);
    let so_far = deleted(&bench);
    assert!((1..12).contains(&so_far));
    let input = json!({"UserName": "svc-backup-sync", "AccessKeyId": "AKIAI55BACKUPEXAMPLE", "Status": "Inactive"});
    bench.invoke("iam:UpdateAccessKey", input).ok();
    bench.pass(10);
    assert_eq!(deleted(&bench), so_far);
}
