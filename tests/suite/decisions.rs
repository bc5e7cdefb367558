//! Decisions on the command line: `halon policy evaluate`, `iam can` and `iam who-can`.

use serde_json::{Value, json};

use super::cli::Machine;

const USER: &str = "arn:aws:iam::111122223333:user/ann";

fn policy(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn everything() -> Value {
    policy(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
}

fn named(name: &str, document: Value) -> Value {
    json!({"name": name, "document": document})
}

/// A request of an administrator; `more` is laid over it.
fn request(id: &str, action: &str, resource: &str, more: Value) -> Value {
    let mut request = json!({"id": id, "principal": {"arn": USER}, "action": action,
        "resource": {"arn": resource}, "identity_policies": [named("Admin", everything())]});
    let Value::Object(more) = more else { panic!("an object") };
    for (key, value) in more {
        request[key] = value;
    }
    request
}

/// Two levels: all is allowed at the root, and below it all but what `deny` says.
fn below(deny: Value) -> Value {
    json!([
        [named("FullAWSAccess", everything())],
        [named("FullAWSAccess", everything()), named("Guard", policy(deny))]
    ])
}

fn decided(requests: &[Value]) -> Vec<(String, Value)> {
    let machine = Machine::new();
    let file = machine.file("requests.json", &Value::from(requests).to_string());
    let ran = machine.run(&["policy", "evaluate", &file]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let answers = ran.json();
    let answers = answers.as_array().expect("an array");
    assert_eq!(answers.len(), requests.len());
    for (answer, request) in answers.iter().zip(requests) {
        assert_eq!(answer["id"], request["id"], "in the same order");
    }
    let word = |a: &Value| a["decision"].as_str().expect("a decision").to_owned();
    answers.iter().map(|a| (word(a), a.clone())).collect()
}

#[test]
fn requests_are_decided_by_the_policies_given() {
    let bucket = "arn:aws:s3:::reports/2026/a.csv";
    let region = json!({"Sid": "Region", "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}});
    let tag = json!({"Sid": "Guard", "Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}});
    let only = |actions: Value| {
        json!({"identity_policies": [named("Own",
        policy(json!({"Effect": "Allow", "Action": actions, "Resource": "*"})))]})
    };
    let who = |tags: Value| json!({"arn": USER, "tags": tags});
    let theirs =
        |policy: Value| json!({"arn": bucket, "account": "444455556666", "policy": policy});
    let bucket_policy =
        policy(json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}));
    let cases = [
        (
            "allowed",
            request(
                "region",
                "ec2:StopInstances",
                "*",
                json!({"scps": below(region.clone()), "context": {"aws:RequestedRegion": "eu-west-1"}}),
            ),
        ),
        (
            "explicit_deny",
            request(
                "other region",
                "ec2:StopInstances",
                "*",
                json!({"scps": below(region.clone()), "context": {"AWS:requestedregion": ["us-east-1"]}}),
            ),
        ),
        (
            "allowed",
            request(
                "global",
                "iam:ListRoles",
                "*",
                json!({"scps": below(region.clone()), "context": {"aws:RequestedRegion": "us-east-1"}}),
            ),
        ),
        (
            "unknown",
            request(
                "region unknown",
                "ec2:StopInstances",
                "*",
                json!({"scps": below(region.clone())}),
            ),
        ),
        (
            "allowed",
            request("without effect", "iam:ListRoles", "*", json!({"scps": below(region)})),
        ),
        (
            "allowed",
            request(
                "break-glass",
                "s3:GetObject",
                bucket,
                json!({"scps": below(tag.clone()), "principal": who(json!({"breakglass": "true"}))}),
            ),
        ),
        (
            "explicit_deny",
            request(
                "without the tag",
                "s3:GetObject",
                bucket,
                json!({"scps": below(tag.clone()), "principal": who(json!({}))}),
            ),
        ),
        ("unknown", request("tags unknown", "s3:GetObject", bucket, json!({"scps": below(tag)}))),
        (
            "explicit_deny",
            request(
                "denied",
                "s3:GetObject",
                bucket,
                json!({"identity_policies": [
            named("Own", policy(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Sid": "No", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}])))]}),
            ),
        ),
        (
            "implicit_deny",
            request(
                "boundary",
                "iam:CreateUser",
                "*",
                json!({"boundary": policy(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))}),
            ),
        ),
        ("allowed", request("mid-word", "s3:GetObject", bucket, only(json!("s3:G*Obj*t")))),
        ("allowed", request("one sign", "s3:GetObject", bucket, only(json!(["s3:Ge?Object"])))),
        ("implicit_deny", request("too short", "s3:GetObject", bucket, only(json!("s3:Ge?bject")))),
        ("allowed", request("case", "S3:getobject", bucket, only(json!("s3:GETOBJECT")))),
        (
            "implicit_deny",
            request(
                "theirs",
                "s3:GetObject",
                bucket,
                json!({"resource": {"arn": bucket, "account": "444455556666"}}),
            ),
        ),
        (
            "allowed",
            request(
                "theirs, and theirs allows",
                "s3:GetObject",
                bucket,
                json!({"resource": theirs(bucket_policy)}),
            ),
        ),
        (
            "implicit_deny",
            request("no level allows", "s3:GetObject", bucket, json!({"scps": [[]]})),
        ),
    ];
    let requests: Vec<Value> = cases.iter().map(|(_, request)| request.clone()).collect();
    let answers = decided(&requests);
    for ((want, request), (got, answer)) in cases.iter().zip(&answers) {
        assert_eq!(got, want, "{}: {answer:#}", request["id"]);
    }
    let by = &answers[1].1["by"][0];
    assert_eq!(
        *by,
        json!({"policy": "Guard", "kind": "scp", "sid": "Region", "statement": 0, "effect": "Deny"})
    );
    assert_eq!(answers[3].1["missing_context"], json!(["aws:RequestedRegion"]));
    assert_eq!(answers[7].1["missing_context"], json!(["aws:PrincipalTag/BreakGlass"]));
    assert_eq!(answers[4].1["missing_context"], json!([]));
    assert_eq!(answers[8].1["by"][0]["statement"], 1);
}

#[test]
fn json_lines_and_standard_forms_are_read_and_what_is_wrong_is_placed() {
    let machine = Machine::new();
    let one = request("a", "s3:GetObject", "*", json!({})).to_string();
    let lines = machine.file("lines.jsonl", &format!("{one}\n{one}\n"));
    assert_eq!(
        machine.run(&["policy", "evaluate", &lines]).json().as_array().map(Vec::len),
        Some(2)
    );
    for (text, place, part) in [
        ("{", ":1:1:", "EOF"),
        ("[\n {\"id\": 1}]", ":2:", "missing field `principal`"),
        (&one.replace("s3:GetObject", "s3:Get*"), ":1: request 1:", "is not one action"),
        (&one.replace(USER, "ann"), ":1: request 1:", "principal.arn"),
        (&one.replace("\"resource\"", "\"resourse\""), ":1:", "resourse"),
        (
            "[{\"id\": 1, \"principal\": {\"arn\": \"arn:aws:iam::111122223333:user/ann\"}, \"action\": \"s3:GetObject\",\n\
          \"resource\": {\"arn\": \"*\"}, \"identity_policies\": [{\"name\": \"x\", \"document\":\n\
          {\"Statement\": {\"Effect\": \"Perhaps\", \"Action\": \"*\", \"Resource\": \"*\"}}}]}]",
            ":3: request 1: x:",
            "`Effect` is",
        ),
    ] {
        let file = machine.file("bad.json", text);
        let ran = machine.run(&["policy", "evaluate", &file]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{text}");
        assert!(ran.err.contains(&format!("bad.json{place}")), "{text}: {}", ran.err);
        assert!(ran.err.contains(part), "{text}: {}", ran.err);
    }
}

const ACCOUNT: &str = r#"{
  "UserDetailList": [{"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann", "UserPolicyList": [
    {"PolicyName": "keys", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "iam:*AccessKey", "Resource": "arn:aws:iam::*:user/${aws:username}"}]}}]}],
  "GroupDetailList": [],
  "RoleDetailList": [
    {"RoleName": "ci", "Path": "/", "Arn": "arn:aws:iam::111122223333:role/ci", "AssumeRolePolicyDocument":
      {"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}},
     "RolePolicyList": [{"PolicyName": "build", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["s3:*", "iam:CreateAccessKey"], "Resource": "*"},
      {"Sid": "NoDelete", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
      {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
       "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}]}}]},
    {"RoleName": "lost", "Path": "/", "Arn": "arn:aws:iam::111122223333:role/lost", "AssumeRolePolicyDocument": {"Statement": []},
     "AttachedManagedPolicies": [{"PolicyName": "Gone", "PolicyArn": "arn:aws:iam::111122223333:policy/Gone"}]}],
  "Policies": []
}"#;

#[test]
fn a_runbook_is_judged_before_it_is_needed() {
    let machine = Machine::new();
    let file = machine.file("account.json", ACCOUNT);
    let can = |role: &str, calls: &str, more: &[&str]| {
        let calls = machine.file("calls.txt", calls);
        let mut arguments = vec!["iam", "can", role, "--calls", &calls, "--file", &file];
        arguments.extend(more);
        machine.run(&arguments)
    };
    let calls = "# the night\ns3:GetObject arn:aws:s3:::b/k\ns3:DeleteObject arn:aws:s3:::b/k # evidence\n\
        s3:PutObject arn:aws:s3:::b/k\niam:CreateUser\n";
    let ran = can("ci", calls, &["--json"]);
    assert_eq!(ran.code, 1, "a call would be denied");
    let items = ran.json()["items"].clone();
    let words: Vec<&str> =
        items.as_array().into_iter().flatten().filter_map(|i| i["decision"].as_str()).collect();
    assert_eq!(words, ["allowed", "explicit_deny", "unknown", "implicit_deny"]);
    assert_eq!(items[1]["by"][0]["sid"], "NoDelete");
    assert_eq!(items[2]["missing_context"], json!(["aws:MultiFactorAuthPresent"]));
    let text = can("ci", calls, &[]).out;
    for part in [
        "denied   s3:DeleteObject",
        "statement 1 (NoDelete) of identity-based policy build",
        "depends on",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let put = "{\"action\": \"s3:PutObject\", \"resource\": \"arn:aws:s3:::b/k\"}";
    assert_eq!(can("ci", put, &[]).code, 5, "not known");
    assert_eq!(can("ci", put, &["--context", "aws:MultiFactorAuthPresent=true"]).code, 0);
    assert_eq!(can("ci", put, &["--context", "aws:MultiFactorAuthPresent"]).code, 0, "absent");
    // What is held and not listed may allow or deny anything.
    assert_eq!(can("lost", "s3:GetObject\n", &[]).code, 5);
    for (role, calls, part) in [
        ("nobody", "s3:GetObject\n", "nobody"),
        ("ci", "\n# nothing\n", "names no call"),
        ("ci", "s3:Get*\n", "calls.txt:1:"),
        ("ci", "s3:GetObject a b\n", "at most one resource"),
    ] {
        let ran = can(role, calls, &[]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(part), "{}", ran.err);
    }
}

#[test]
fn who_can_names_those_who_may_and_those_who_perhaps_may() {
    let machine = Machine::new();
    let file = machine.file("account.json", ACCOUNT);
    let ran = machine.run(&["iam", "who-can", "iam:CreateAccessKey", "--file", &file, "--json"]);
    assert_eq!(ran.code, 5, "of one it is not known");
    let items = ran.json()["items"].clone();
    let who: Vec<(&str, &str)> = items
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|i| {
            Some((i["principal"].as_str()?.rsplit('/').next()?, i["decision"].as_str()?))
        })
        .collect();
    assert_eq!(who, [("ann", "allowed"), ("ci", "allowed"), ("lost", "unknown")]);
    let own = ["iam", "who-can", "iam:CreateAccessKey", USER, "--file", &file, "--json"];
    let items = machine.run(&own).json()["items"].clone();
    let ann = items.as_array().into_iter().flatten().find(|i| i["principal"] == USER);
    assert_eq!(
        ann.map(|i| &i["decision"]),
        Some(&json!("allowed")),
        "by the variable in its pattern"
    );
}
