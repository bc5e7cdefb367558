//! `halon iam narrow`: in the range, where a pipeline's role may do everything with S3, and
//! from files.

use serde_json::{Value, json};

use super::cli::{Machine, Ran};

fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        other => panic!("{other}"),
    }
}

fn policy(ran: &Ran) -> Value {
    ran.json()["items"][0]["policies"][0].clone()
}

#[test]
fn the_pipelines_role_keeps_what_it_did_and_what_cannot_be_seen() {
    let machine = Machine::new();
    let arguments =
        ["--range=locked-out", "iam", "narrow", "artifact-publisher", "--region", "eu-west-1"];
    let ran = machine.run(&[&arguments[..], &["--json"]].concat());
    let item = ran.json()["items"][0].clone();
    assert_eq!(ran.json()["schema"], "halon.iam-narrow/1");
    assert_eq!(item["role"], "arn:aws:iam::123456789012:role/ci/artifact-publisher");
    assert!(item["seen"]["events"].as_u64().is_some_and(|n| n >= 60), "{}", item["seen"]);
    assert_eq!(item["seen"]["data_events"], 0);
    // IAM is asked too.
    let services = item["last_accessed"].as_array().expect("IAM answers");
    assert!(services.iter().any(|s| s["service"] == "s3" && s["at"] != Value::Null));
    // Where a policy of the organization forbids looking, something may be missing.
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(
        ran.err.contains("incomplete: cloudtrail") && ran.err.contains("us-east-1"),
        "{}",
        ran.err
    );
    let policy = policy(&ran);
    assert_eq!((&policy["narrower"], &policy["fits"]), (&json!(true), &json!(true)));
    let statement = &policy["statements"][0];
    assert_eq!(statement["was"]["Action"], "s3:*");
    let becomes = statement["becomes"].as_array().expect("statements");
    assert_eq!(becomes[0]["Resource"], "arn:aws:s3:::example-prod-artifacts");
    let on_bucket = strings(&becomes[0]["Action"]);
    assert!(on_bucket.contains(&"s3:GetBucketLocation"), "{on_bucket:?}");
    assert_eq!(becomes[1]["Resource"], "*");
    let open = strings(&becomes[1]["Action"]);
    for stays in ["s3:GetObject", "s3:PutObject", "s3:ListBucket"] {
        assert!(open.contains(&stays), "{stays}");
    }
    let gone = strings(&statement["removed"][0]["actions"]);
    for goes in ["DeleteBucket", "PutBucketPolicy"] {
        assert!(gone.contains(&goes), "{goes}");
    }
    // What halon proposes is a policy.
    let document = policy["document"].to_string();
    halon::policy::Policy::parse(&document).expect("it parses");
    let ran = machine.run(&arguments);
    assert!(ran.out.lines().all(|l| l.chars().count() <= 80), "{}", ran.out);
    // Sentences go over several lines.
    let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Not seen is not the same as not needed"), "{}", ran.out);
    assert!(text.contains("logged only as data events"), "{}", ran.out);
}

/// An account with one role that may do everything with S3, and its use in two files.
fn offline(resource: &str) -> (Machine, String) {
    let machine = Machine::new();
    let role = "arn:aws:iam::111122223333:role/ci/Publisher";
    let allow = json!({"Version": "2012-10-17", "Statement":
        [{"Effect": "Allow", "Action": "s3:*", "Resource": resource}]});
    let file = json!({"UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [{"RoleName": "Publisher", "Path": "/ci/", "RoleId": "AROAEXAMPLE",
            "Arn": role, "AssumeRolePolicyDocument": allow, "AttachedManagedPolicies": [],
            "RolePolicyList": [{"PolicyName": "publish", "PolicyDocument": allow}],
            "InstanceProfileList": [], "Tags": []}]});
    let details = machine.file("details.json", &file.to_string());
    let event = |id: &str, name: &str, category: &str, read_only: bool, of: &str| {
        json!({"eventID": id, "eventName": name, "eventSource": "s3.amazonaws.com",
            "eventTime": "2026-03-02T03:10:00Z", "awsRegion": "eu-west-1", "readOnly": read_only,
            "eventCategory": category, "recipientAccountId": "111122223333",
            "requestParameters": {"bucketName": "ci"},
            "resources": [{"ARN": "arn:aws:s3:::ci/a"}, {"ARN": "arn:aws:s3:::ci"}],
            "userIdentity": {"type": "AssumedRole", "accountId": "111122223333",
                "arn": format!("arn:aws:sts::111122223333:assumed-role/{of}/one"),
                "sessionContext": {"sessionIssuer": {"type": "Role", "userName": of,
                    "arn": format!("arn:aws:iam::111122223333:role/ci/{of}")}}}})
    };
    let events = json!({"Records": [
        event("1", "GetBucketLocation", "Management", true, "Publisher"),
        event("2", "GetObject", "Data", true, "Publisher"),
        event("3", "PutObject", "Data", false, "Other"),
        event("4", "DeleteBucket", "Management", false, "Other"),
    ]});
    let events = machine.file("events.json", &events.to_string());
    assert_eq!(machine.run(&["trail", "import", &events]).code, 0);
    (machine, details)
}

#[test]
fn imported_data_events_of_the_very_bucket_tell_what_goes() {
    let run = |resource: &str| {
        let (machine, file) = offline(resource);
        let ran = machine.run(&[
            "--offline",
            "iam",
            "narrow",
            "Publisher",
            "--file",
            &file,
            "--since",
            "2026-01-01",
            "--json",
        ]);
        // Files are no whole history, and that is said.
        assert_eq!(ran.code, 5, "{}", ran.err);
        assert!(ran.err.contains("never asked for"), "{}", ran.err);
        ran
    };
    let ran = run("arn:aws:s3:::ci/*");
    assert_eq!(ran.json()["items"][0]["seen"]["events"], 2, "another role's do not count");
    assert_eq!(ran.json()["items"][0]["last_accessed"], Value::Null);
    assert_eq!(policy(&ran)["document"]["Statement"][0]["Action"], "s3:GetObject");
    let everything = policy(&run("*"));
    let text = everything["document"].to_string();
    assert!(text.contains("s3:PutObject\"") && text.contains("s3:DeleteObject\""), "{text}");
    assert!(!text.contains("s3:DeleteBucket\""), "{text}");
}

#[test]
fn without_events_and_without_the_role_it_says_so() {
    let machine = Machine::new();
    let file = machine.file(
        "details.json",
        &json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []})
            .to_string(),
    );
    let ran = machine.run(&["iam", "narrow", "Nobody", "--file", &file]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no role has the name or ARN Nobody"), "{}", ran.err);
    let ran = machine.run(&["--offline", "iam", "narrow", "Nobody"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}
