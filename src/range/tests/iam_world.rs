//! What IAM holds at the start: the shipped world's, and what files may say.

use super::{
    iam::{all, iam, ok},
    *,
};

#[test]
fn every_account_of_the_default_world_has_its_operator() {
    let bench = Bench::new("leaked-key");
    let operators = bench.range.operators();
    let aliases: Vec<&str> = operators.iter().map(|o| o.alias.as_str()).collect();
    assert_eq!(aliases, ["example-security", "example-prod", "example-dev", "example-management"]);
    assert_eq!(operators[0].access_key, OPERATOR_KEY.0);
    assert_eq!(operators[1].access_key, MEMBER_KEY.0);
    for operator in &operators {
        assert!(!format!("{operator:?}").contains(&operator.secret));
    }
    let others = Bench::new("flood").range.operators();
    assert_eq!(others.len(), 1, "{others:?}");
}

/// Who and what a finding's `accessKeyDetails` name is in IAM, under the same ids.
#[test]
fn findings_speak_of_users_keys_and_roles_that_there_are() {
    let mut bench = Bench::new("leaked-key");
    bench.pass(60);
    let ids = bench.ids(serde_json::json!({}));
    let findings = bench.guardduty("/get", serde_json::json!({"findingIds": ids}));
    let operators = bench.range.operators();
    let mut seen = 0;
    for finding in findings["findings"].as_array().expect("a list") {
        let details = &finding["resource"]["accessKeyDetails"];
        let text = |key: &str| details[key].as_str().unwrap_or_default();
        let (name, id) = (text("userName"), text("principalId"));
        let account = finding["accountId"].as_str().expect("text");
        let operator = operators.iter().find(|o| o.account.as_str() == account).expect("one");
        let key: (&str, &str) = (&operator.access_key, &operator.secret);
        let form = match text("userType") {
            "IAMUser" => format!("Action=GetUser&Version=2010-05-08&UserName={name}"),
            "AssumedRole" => format!("Action=GetRole&Version=2010-05-08&RoleName={name}"),
            _ => continue,
        };
        let mut request = bench.request("iam", "POST", "/", &form);
        request.headers_mut().remove("authorization");
        wire::sign(&mut request, key, "iam", "us-east-1");
        let answer = bench.send(request).expect("an answer");
        let answer = String::from_utf8(answer.body().to_vec()).expect("UTF-8");
        let id = id.split(':').next().unwrap_or_default();
        assert!(answer.contains(&format!("Id>{id}<")), "{name} {id}: {answer}");
        if text("accessKeyId").starts_with("AKIA") {
            let form = format!("Action=ListAccessKeys&Version=2010-05-08&UserName={name}");
            let mut request = bench.request("iam", "POST", "/", &form);
            request.headers_mut().remove("authorization");
            wire::sign(&mut request, key, "iam", "us-east-1");
            let answer = bench.send(request).expect("an answer");
            let answer = String::from_utf8(answer.body().to_vec()).expect("UTF-8");
            assert!(all(&answer, "AccessKeyId").contains(&text("accessKeyId")), "{answer}");
        }
        seen += 1;
    }
    assert!(seen >= 15, "{seen}");
    bench.key = MEMBER_KEY;
    let attached = ok(&bench, "ListAttachedUserPolicies", &[("UserName", "svc-backup-sync")]);
    assert_eq!(all(&attached, "PolicyName"), ["AdministratorAccess"]);
}

#[test]
fn a_role_says_what_the_file_says() {
    let mut bench = Bench::new("leaked-key");
    bench.key = MEMBER_KEY;
    let role = ("RoleName", "orders-api");
    let text = ok(&bench, "GetRole", &[role]);
    let trust = all(&text, "AssumeRolePolicyDocument")[0];
    assert!(trust.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{trust}");
    assert_eq!(all(&text, "LastUsedDate"), ["2026-03-02T02:51:00Z"]);
    assert_eq!(all(&text, "Key"), ["team"]);
    assert_eq!(all(&ok(&bench, "ListRolePolicies", &[role]), "member"), ["read-orders-queue"]);
    let inline = [role, ("PolicyName", "read-orders-queue")];
    assert!(ok(&bench, "GetRolePolicy", &inline).contains("sqs%3AReceiveMessage"));
    let profiles = ok(&bench, "ListInstanceProfilesForRole", &[role]);
    assert_eq!(all(&profiles, "InstanceProfileId"), ["AIPAJEXAMPLEPROFILE1"]);
    let linked = ok(&bench, "ListRoles", &[("PathPrefix", "/aws-service-role/")]);
    assert_eq!(all(&linked, "RoleName").len(), 2);
    let alice = ok(&bench, "GetUser", &[("UserName", "alice")]);
    assert!(all(&alice, "PermissionsBoundaryArn")[0].ends_with(":policy/people-boundary"));
    let (_, summary) = iam(&bench, "GetAccountSummary", &[]);
    assert!(summary.contains("<entry><key>Users</key><value>4</value></entry>"), "{summary}");
}

const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\nstart = \"2026-03-02T03:10:00Z\"\n\
    [[accounts]]\nid = \"111122223333\"\nalias = \"prod\"\nregions = [\"us-east-1\"]\n";

#[test]
fn every_mistake_about_principals_and_policies_is_named_at_once() {
    let text = HEAD.to_owned()
        + r#"
[[policies]]
account = "prod"
name = "p"
document = { Version = "2012-10-17" }
[[policies]]
type = "SERVICE_CONTROL_POLCY"
[[principals]]
account = "prod"
kind = "rolle"
name = "a"
[[principals]]
account = "prod"
kind = "role"
name = "b"
policies = ["AdministratrAccess"]
keys = []
[[principals]]
account = "prod"
kind = "user"
name = "c d"
operator = true
keys = [{ id = "short", status = "active", created = "+1d" }]
[[principals]]
account = "prod"
kind = "user"
name = "Oncall"
[principals.inline]
x = "{"
"#;
    let broken = Scenario::read("x.toml", &text).expect_err("broken").to_string();
    for part in [
        "x.toml:13:12: this is no policy document: 1:1: a policy has a `Statement`",
        "did you mean `SERVICE_CONTROL_POLICY`",
        "x.toml:18:8: `kind` must be \"user\" or \"role\"; did you mean `role`",
        "did you mean `AdministratorAccess`",
        "`trust` is missing",
        "unknown key `keys`",
        "`name` is letters, digits",
        "an operator has an active access key",
        "`id` is 16 to 128",
        "`status` is \"Active\" or",
        "`created` is before the start",
        "x.toml:32:1: the operator of this account is `oncall`",
        "x.toml:37:5: this is no policy document: 1:1: this is not JSON",
    ] {
        assert!(broken.contains(part), "{part} not in\n{broken}");
    }
}

#[test]
fn keys_are_one_truth_and_derived_secrets_work() {
    let text = HEAD.to_owned()
        + r#"
[[principals]]
account = "prod"
kind = "user"
name = "ops"
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["IAMReadOnlyAccess"]
keys = [{ id = "AKIASECONDKEYEXAMPLE", status = "Inactive" }]
"#;
    let scenario = Scenario::read("x", &text).unwrap_or_else(|broken| panic!("{broken}"));
    let bench = Bench::of(scenario, Box::new(NoJournal));
    assert_eq!(bench.range.operators().len(), 1);
    let keys = ok(&bench, "ListAccessKeys", &[]);
    assert_eq!(all(&keys, "AccessKeyId"), [OPERATOR_KEY.0, "AKIASECONDKEYEXAMPLE"]);
    assert_eq!(all(&keys, "Status"), ["Active", "Inactive"]);
    assert_eq!(all(&keys, "UserName"), ["ops", "ops"]);
}
