//! Whom a change cuts off, whom not, and from when on: sessions, keys, boundaries, policies of
//! the organization; and that the last call stands in the trail.

use serde_json::json;

use super::{
    iam::all,
    invoke::Answered,
    sessions::{Given, assume, own},
    *,
};

/// A role that pipelines become, break-glass, and an organization with a quarantine.
const WORLD: &str = r#"
schema = 1
id = "cut"
title = "Cut"
start = "2026-03-02T03:10:00Z"
[[organizational_units]]
name = "Quarantine"
[[accounts]]
id = "111122223333"
alias = "home"
management = true
regions = ["us-east-1"]
[[accounts]]
id = "123456789012"
alias = "prod"
regions = ["us-east-1"]
[[principals]]
account = "home"
kind = "user"
name = "oncall"
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["AdministratorAccess"]
[[principals]]
account = "prod"
kind = "user"
name = "ci"
access_key = "AKIAI44QH8DHBEXAMPLE"
secret = "dT5sNc8vRb1kZw6xLq3mYh9pGj2eUaEXAMPLEKEY"
policies = ["PowerUserAccess"]
[[principals]]
account = "prod"
kind = "role"
name = "runner"
path = "/ci/"
id = "AROARUNNERSROLEEXAMP"
policies = ["ReadOnlyAccess"]
trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:user/ci","arn:aws:iam::111122223333:user/oncall"]},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}]}'
[[principals]]
account = "prod"
kind = "role"
name = "glass"
policies = ["AdministratorAccess"]
trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}'
[[principals]]
account = "prod"
kind = "role"
name = "AWSReservedSSO_Admin_0123456789abcdef"
path = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
trust = '{"Statement":[]}'
[[policies]]
account = "prod"
name = "nothing-of-iam"
document = '{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}'
[[policies]]
type = "SERVICE_CONTROL_POLICY"
name = "deny-but-glass"
attach = ["Quarantine"]
document = '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/glass"}}}]}'
"#;

const CI: (&str, &str) = ("AKIAI44QH8DHBEXAMPLE", "dT5sNc8vRb1kZw6xLq3mYh9pGj2eUaEXAMPLEKEY");
const RUNNER: &str = "arn:aws:iam::123456789012:role/ci/runner";

fn world(more: &str) -> Bench {
    let text =
        WORLD.replace("[[organizational_units]]", &format!("{more}\n[[organizational_units]]"));
    let scenario = Scenario::read("x.toml", &text).unwrap_or_else(|broken| panic!("{broken}"));
    Bench::of(scenario, Box::new(NoJournal))
}

#[track_caller]
fn session(bench: &Bench, by: &Given, role: &str, name: &str, more: &str) -> Given {
    let (status, text) = by.form(bench, "sts", &assume(role, name, more));
    assert_eq!(status, 200, "{text}");
    Given::read(&text)
}

fn runner(bench: &Bench, name: &str, source: &str) -> Given {
    session(bench, &own(CI), RUNNER, name, &format!("&SourceIdentity={source}"))
}

fn glass(bench: &Bench) -> Given {
    session(bench, &own(OPERATOR_KEY), "arn:aws:iam::123456789012:role/glass", "oncall", "")
}

/// Something that every reader may do.
fn reads(bench: &Bench, who: &Given) -> Answered {
    bench.invoke_as(who, "iam:ListUsers", json!({}))
}

fn deny(bench: &Bench, condition: Value) {
    let statement =
        json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let input = json!({"RoleName": "runner", "PolicyName": "Cut", "PolicyDocument": document});
    bench.invoke_as(&glass(bench), "iam:PutRolePolicy", input).ok();
}

/// The refusal, and that the trail tells it of the same caller in the same words.
#[track_caller]
fn cut(bench: &Bench, who: &Given, arn: &str, why: &str) {
    let refused = reads(bench, who).refused(403, "AccessDenied");
    let message = refused.message();
    assert!(
        message.starts_with(&format!("User: {arn} is not authorized to perform: iam:ListUsers")),
        "{message}"
    );
    assert!(message.ends_with(why), "{message}");
    let event = bench.told(&glass(bench), "AccessKeyId", &who.key).remove(0);
    assert_eq!(event["requestID"], refused.request_id.as_str());
    assert_eq!(
        (&event["errorCode"], &event["errorMessage"]),
        (&json!("AccessDenied"), &json!(message))
    );
    assert_eq!(event["userIdentity"]["arn"], arn);
    assert_eq!(event["userIdentity"]["accessKeyId"], who.key.as_str());
}

const EXPLICIT: &str = "with an explicit deny in an identity-based policy";

fn arn(name: &str) -> String {
    format!("arn:aws:sts::123456789012:assumed-role/runner/{name}")
}

#[test]
fn sessions_that_are_older_die_and_newer_ones_live() {
    let bench = world("");
    let (old, older) = (runner(&bench, "build-1", "ci"), runner(&bench, "build-2", "ci"));
    bench.pass(10);
    let young = runner(&bench, "build-3", "ci");
    for who in [&old, &older, &young] {
        reads(&bench, who).ok();
    }
    deny(&bench, json!({"DateLessThan": {"aws:TokenIssueTime": "2026-03-02T03:20:00Z"}}));
    cut(&bench, &old, &arn("build-1"), EXPLICIT);
    cut(&bench, &older, &arn("build-2"), EXPLICIT);
    reads(&bench, &young).ok();
    reads(&bench, &runner(&bench, "build-1", "ci")).ok();
    // GetCallerIdentity cannot be denied.
    bench.invoke_as(&old, "sts:GetCallerIdentity", json!({})).ok();
    let away = json!({"RoleName": "runner", "PolicyName": "Cut"});
    bench.invoke_as(&glass(&bench), "iam:DeleteRolePolicy", away).ok();
    reads(&bench, &old).ok();
}

#[test]
fn one_session_dies_by_its_id_or_by_its_source_identity() {
    let bench = world("");
    let (evil, one, two) = (
        runner(&bench, "build-7", "eve"),
        runner(&bench, "build-8", "ci"),
        runner(&bench, "build-9", "ci"),
    );
    let next = session(&bench, &own(CI), RUNNER, "build-7", "&SourceIdentity=ci");
    deny(&bench, json!({"StringEquals": {"aws:userid": "AROARUNNERSROLEEXAMP:build-7"}}));
    cut(&bench, &evil, &arn("build-7"), EXPLICIT);
    // Whoever takes the same name is hit too.
    cut(&bench, &next, &arn("build-7"), EXPLICIT);
    for who in [&one, &two] {
        reads(&bench, who).ok();
    }
    deny(&bench, json!({"StringEquals": {"aws:SourceIdentity": "eve"}}));
    cut(&bench, &evil, &arn("build-7"), EXPLICIT);
    for who in [&one, &two, &next] {
        reads(&bench, who).ok();
    }
    let chained = own(CI);
    let user = bench.invoke_as(&chained, "guardduty:ListDetectors", json!({}));
    assert_eq!(user.status, 200, "a user has no source identity");
}

#[test]
fn a_key_stops_at_once_and_its_sessions_live_on() {
    let bench = world("");
    let form = "Action=GetSessionToken&Version=2011-06-15";
    let (_, text) = own(CI).form(&bench, "sts", form);
    let token = Given::read(&text);
    let assumed = runner(&bench, "build-1", "ci");
    let asked = |who: &Given| bench.invoke_as(who, "guardduty:ListDetectors", json!({}));
    let set = |status: &str| {
        let input = json!({"UserName": "ci", "AccessKeyId": CI.0, "Status": status});
        bench.invoke_as(&glass(&bench), "iam:UpdateAccessKey", input).ok();
    };
    asked(&own(CI)).ok();
    set("Inactive");
    asked(&own(CI)).refused(403, "UnrecognizedClientException");
    asked(&token).ok();
    reads(&bench, &assumed).ok();
    let document = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-03-02T03:10:01Z"}}}]}"#;
    let input = json!({"UserName": "ci", "PolicyName": "Cut", "PolicyDocument": document});
    bench.invoke_as(&glass(&bench), "iam:PutUserPolicy", input).ok();
    asked(&token).refused(403, "AccessDeniedException");
    // A key has no time of issue, and the role is somebody else.
    set("Active");
    asked(&own(CI)).ok();
    reads(&bench, &assumed).ok();
    // JSON services answer another code than the trail has.
    let event = bench.told(&glass(&bench), "AccessKeyId", &token.key).remove(0);
    assert_eq!(
        (&event["eventName"], &event["errorCode"]),
        (&json!("ListDetectors"), &json!("AccessDenied"))
    );
}

#[test]
fn a_boundary_bites_live_sessions_and_a_trust_policy_new_ones_only() {
    let bench = world("");
    let live = runner(&bench, "build-1", "ci");
    let boundary = json!({"RoleName": "runner", "PermissionsBoundary": "arn:aws:iam::123456789012:policy/nothing-of-iam"});
    bench.invoke_as(&glass(&bench), "iam:PutRolePermissionsBoundary", boundary).ok();
    cut(
        &bench,
        &live,
        &arn("build-1"),
        "because no permissions boundary allows the iam:ListUsers action",
    );
    bench.invoke_as(&live, "guardduty:ListDetectors", json!({})).ok();
    let away = json!({"RoleName": "runner"});
    bench.invoke_as(&glass(&bench), "iam:DeleteRolePermissionsBoundary", away).ok();
    reads(&bench, &live).ok();
    let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/oncall"},"Action":"sts:AssumeRole"}]}"#;
    let trust = json!({"RoleName": "runner", "PolicyDocument": trust});
    bench.invoke_as(&glass(&bench), "iam:UpdateAssumeRolePolicy", trust).ok();
    reads(&bench, &live).ok();
    let (status, text) = own(CI).form(&bench, "sts", &assume(RUNNER, "build-2", ""));
    assert_eq!((status, all(&text, "Code")), (403, vec!["AccessDenied"]));
}

#[test]
fn an_account_in_quarantine_lets_break_glass_in_and_nobody_else() {
    let bench = world("");
    let live = runner(&bench, "build-1", "ci");
    let root =
        bench.invoke("organizations:ListRoots", json!({})).ok().json()["Roots"][0]["Id"].clone();
    let units = bench
        .invoke("organizations:ListOrganizationalUnitsForParent", json!({"ParentId": root}))
        .ok()
        .json();
    let unit = units["OrganizationalUnits"][0]["Id"].clone();
    let go = |from: &Value, to: &Value| json!({"AccountId": "123456789012", "SourceParentId": from, "DestinationParentId": to});
    bench.invoke("organizations:MoveAccount", go(&root, &unit)).ok();
    cut(&bench, &live, &arn("build-1"), "with an explicit deny in a service control policy");
    reads(&bench, &glass(&bench)).ok();
    bench.invoke("organizations:MoveAccount", go(&unit, &root)).ok();
    reads(&bench, &live).ok();
    for (wrong, code) in [
        (go(&root, &root), "DuplicateAccountException"),
        (go(&root, &json!("ou-abcd-12345678")), "DestinationParentNotFoundException"),
        (go(&json!("r-abcd"), &unit), "SourceParentNotFoundException"),
        (
            json!({"AccountId": "999999999999", "SourceParentId": root, "DestinationParentId": unit}),
            "AccountNotFoundException",
        ),
    ] {
        bench.invoke("organizations:MoveAccount", wrong).refused(400, code);
    }
}

#[test]
fn roles_of_identity_center_are_not_the_accounts_to_change() {
    let bench = world("");
    let name = "AWSReservedSSO_Admin_0123456789abcdef";
    let read = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let document = r#"{"Statement":[]}"#;
    for (operation, input) in [
        ("iam:PutRolePolicy", json!({"PolicyName": "p", "PolicyDocument": document})),
        ("iam:DeleteRolePolicy", json!({"PolicyName": "p"})),
        ("iam:AttachRolePolicy", json!({"PolicyArn": read})),
        ("iam:DetachRolePolicy", json!({"PolicyArn": read})),
        ("iam:UpdateAssumeRolePolicy", json!({"PolicyDocument": document})),
        ("iam:PutRolePermissionsBoundary", json!({"PermissionsBoundary": read})),
        ("iam:DeleteRolePermissionsBoundary", json!({})),
    ] {
        let mut input = input;
        input["RoleName"] = name.into();
        bench.invoke_as(&glass(&bench), operation, input).refused(400, "UnmodifiableEntity");
    }
}

#[test]
fn a_change_takes_its_time_to_bite_and_is_read_at_once() {
    let bench = world("[consistency]\niam = \"30s\"\norganizations = \"2m\"");
    let seconds = |n: i64| bench.wall.fetch_add(n * 1000, Ordering::Relaxed);
    let live = runner(&bench, "build-1", "ci");
    deny(&bench, json!({"StringEquals": {"aws:SourceIdentity": "ci"}}));
    let named = json!({"RoleName": "runner", "PolicyName": "Cut"});
    bench.invoke_as(&glass(&bench), "iam:GetRolePolicy", named.clone()).ok();
    seconds(29);
    reads(&bench, &live).ok();
    seconds(1);
    cut(&bench, &live, &arn("build-1"), EXPLICIT);
    bench.invoke_as(&glass(&bench), "iam:DeleteRolePolicy", named).ok();
    reads(&bench, &live).refused(403, "AccessDenied");
    seconds(30);
    reads(&bench, &live).ok();
    // A key that is inactive is let in for a while, and what it does is told of its user.
    let input = json!({"UserName": "ci", "AccessKeyId": CI.0});
    bench.invoke_as(&glass(&bench), "iam:DeleteAccessKey", input).ok();
    let asked = || bench.invoke_as(&own(CI), "guardduty:ListDetectors", json!({}));
    asked().ok();
    let event = bench.told(&glass(&bench), "AccessKeyId", CI.0).remove(0);
    assert_eq!(event["userIdentity"]["userName"], "ci");
    seconds(30);
    asked().refused(403, "UnrecognizedClientException");
    let scp = bench
        .invoke("organizations:ListPolicies", json!({"Filter": "SERVICE_CONTROL_POLICY"}))
        .ok()
        .json();
    let attach = json!({"PolicyId": scp["Policies"][1]["Id"], "TargetId": "123456789012"});
    bench.invoke("organizations:AttachPolicy", attach.clone()).ok();
    bench
        .invoke("organizations:AttachPolicy", attach)
        .refused(400, "DuplicatePolicyAttachmentException");
    seconds(119);
    reads(&bench, &live).ok();
    seconds(1);
    reads(&bench, &live).refused(403, "AccessDenied");
}

#[test]
fn an_event_is_found_when_it_was_delivered() {
    let bench = world("[consistency]\ncloudtrail = \"5m\"");
    let glass = glass(&bench);
    let id = reads(&bench, &glass).ok().request_id;
    let found = || bench.told(&glass, "EventName", "ListUsers").len();
    assert_eq!(found(), 0);
    bench.pass(4);
    assert_eq!(found(), 0);
    bench.pass(1);
    assert_eq!(bench.told(&glass, "EventName", "ListUsers")[0]["requestID"], id.as_str());
    let text =
        WORLD.to_owned() + "[consistency]\niam = \"soon\"\ncloudtrail = \"2d\"\ncolour = 1\n";
    let broken = Scenario::read("x.toml", &text).expect_err("broken").to_string();
    for part in ["`iam` looks like 30s", "`cloudtrail` looks like", "unknown key `colour`"] {
        assert!(broken.contains(part), "{part} not in\n{broken}");
    }
}

/// Of each service one read that is stale, and the same read once more.
#[test]
fn a_read_may_see_what_was_before() {
    let rule =
        |op: &str| format!("[[faults]]\nop = \"{op}\"\nkind = \"stale\"\nfrom = 2\nevery = 2\n");
    let rules = [
        "guardduty:GetDetector",
        "securityhub:DescribeHub",
        "organizations:ListParents",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "guardduty:GetFindings",
    ];
    let text = super::proof::WORLD.to_owned();
    let scenario = Scenario::read("x.toml", &text).unwrap_or_else(|broken| panic!("{broken}"));
    let bench = Bench::of(scenario, Box::new(NoJournal)).with_faults(&rules.map(rule).concat());
    let detector =
        bench.invoke("guardduty:ListDetectors", json!({})).json()["detectorIds"][0].clone();
    let ids = json!(["c391169b2d6ce1c5e767779803fafc01"]);
    let root = bench.invoke("organizations:ListRoots", json!({})).json()["Roots"][0]["Id"].clone();
    let units = bench
        .invoke("organizations:ListOrganizationalUnitsForParent", json!({"ParentId": root}))
        .json();
    let trail = json!({"Name": "one-trail"});
    let changes = [
        ("guardduty:UpdateDetector", json!({"DetectorId": detector, "enable": false})),
        ("securityhub:DisableSecurityHub", json!({})),
        (
            "organizations:MoveAccount",
            json!({"AccountId": "444455556666", "SourceParentId": root,
            "DestinationParentId": units["OrganizationalUnits"][0]["Id"]}),
        ),
        ("cloudtrail:StopLogging", trail.clone()),
        (
            "cloudtrail:PutEventSelectors",
            json!({"TrailName": "one-trail", "EventSelectors": [{"ReadWriteType": "WriteOnly"}]}),
        ),
        ("guardduty:ArchiveFindings", json!({"DetectorId": detector, "findingIds": ids})),
    ];
    let reads = [
        ("guardduty:GetDetector", json!({"DetectorId": detector})),
        ("securityhub:DescribeHub", json!({})),
        ("organizations:ListParents", json!({"ChildId": "444455556666"})),
        ("cloudtrail:GetTrailStatus", trail),
        ("cloudtrail:GetEventSelectors", json!({"TrailName": "one-trail"})),
        ("guardduty:GetFindings", json!({"DetectorId": detector, "findingIds": ids})),
    ];
    for ((change, input), (read, asked)) in changes.into_iter().zip(reads) {
        let read = || {
            let answered = bench.invoke(read, asked.clone());
            (answered.status, answered.text)
        };
        let before = read();
        bench.invoke(change, input).ok();
        let (stale, now) = (read(), read());
        assert_eq!(stale, before, "{change}");
        assert_ne!(now, before, "{change}");
    }
}
