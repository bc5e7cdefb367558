//! IAM over awsQuery: what is read, what is changed, and what goes wrong on demand.

use super::*;

/// A user of the scenario `leaked-key` whose key leaked, in the security account.
const LEAKED: (&str, &str) = ("AKIAI99SIEMEXEXAMPLE", "Zk8pLm3nQw5vXc7bAs2dFg4hJr6tYuEXAMPLEKEY");
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const WILD: &str = "arn:aws:iam::444455556666:policy/log-archive-access";

/// Status and text of an answer of IAM.
pub fn iam(bench: &Bench, action: &str, parameters: &[(&str, &str)]) -> (u16, String) {
    let mut form = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        let set = percent_encoding::NON_ALPHANUMERIC;
        form.push_str(&format!("&{name}={}", percent_encoding::utf8_percent_encode(value, set)));
    }
    let answer = bench.send(bench.request("iam", "POST", "/", &form)).expect("an answer");
    let text = String::from_utf8(answer.body().to_vec()).expect("UTF-8");
    (answer.status().as_u16(), text)
}

pub fn ok(bench: &Bench, action: &str, parameters: &[(&str, &str)]) -> String {
    let (status, text) = iam(bench, action, parameters);
    assert_eq!(status, 200, "{action}: {text}");
    text
}

/// The texts of every element of this name.
pub fn all<'t>(text: &'t str, element: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    text.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).collect()
}

#[track_caller]
fn refused(bench: &Bench, action: &str, parameters: &[(&str, &str)], status: u16, code: &str) {
    let (got, text) = iam(bench, action, parameters);
    assert_eq!((got, all(&text, "Code")), (status, vec![code]), "{action}: {text}");
}

#[test]
fn an_inactive_key_stops_everywhere_and_an_active_one_works_again() {
    let bench = Bench::new("leaked-key");
    let mut attacker = Bench { range: bench.range.clone(), ..Bench::new("leaked-key") };
    attacker.key = LEAKED;
    let works = || {
        let identity = attacker.request("sts", "POST", "/", super::authentication::IDENTITY);
        let sts = attacker.send(identity).expect("an answer");
        // It is let in, though no policy lets it look at itself.
        let own = all(&iam(&attacker, "GetUser", &[]).1, "Code").concat();
        let (guardduty, answer) = attacker.call("guardduty", "GET", "/detector", Value::Null);
        let code = answer["__type"].as_str().unwrap_or_default().to_owned();
        (sts.status().as_u16(), own, guardduty, code)
    };
    assert_eq!(works(), (200, "AccessDenied".to_owned(), 200, String::new()));
    let set = |status| {
        let parameters =
            [("UserName", "siem-exporter"), ("AccessKeyId", LEAKED.0), ("Status", status)];
        ok(&bench, "UpdateAccessKey", &parameters)
    };
    let answer = set("Inactive");
    assert!(answer.starts_with("<UpdateAccessKeyResponse") && !answer.contains("Result>"));
    let unknown = ["InvalidClientTokenId", "UnrecognizedClientException"].map(str::to_owned);
    let [iam, guardduty] = unknown;
    assert_eq!(works(), (403, iam, 403, guardduty));
    refused(&attacker, "GetUser", &[], 403, "InvalidClientTokenId");
    let keys = ok(&bench, "ListAccessKeys", &[("UserName", "siem-exporter")]);
    assert_eq!(all(&keys, "Status"), ["Inactive"]);
    set("Active");
    assert_eq!(works(), (200, "AccessDenied".to_owned(), 200, String::new()));
}

#[test]
fn without_a_name_it_is_the_callers_own() {
    let bench = Bench::new("leaked-key");
    assert_eq!(all(&ok(&bench, "GetUser", &[]), "UserName"), ["oncall"]);
    assert_eq!(all(&ok(&bench, "ListAccessKeys", &[]), "AccessKeyId"), [OPERATOR_KEY.0]);
    // Somebody else's key is not among them.
    let parameters = [("AccessKeyId", LEAKED.0), ("Status", "Inactive")];
    let (status, text) = iam(&bench, "UpdateAccessKey", &parameters);
    let message = format!("The Access Key with id {} cannot be found", LEAKED.0);
    assert_eq!((status, all(&text, "Message")), (404, vec![message.as_str()]));
    let own = [("AccessKeyId", OPERATOR_KEY.0), ("Status", "Inactive")];
    ok(&bench, "UpdateAccessKey", &own);
    refused(&bench, "GetUser", &[], 403, "InvalidClientTokenId");
}

#[test]
fn the_last_use_of_a_key() {
    let bench = Bench::new("leaked-key");
    let used = |id| iam(&bench, "GetAccessKeyLastUsed", &[("AccessKeyId", id)]);
    let (_, text) = used(LEAKED.0);
    assert_eq!(all(&text, "UserName"), ["siem-exporter"]);
    assert_eq!(all(&text, "LastUsedDate"), ["2026-03-02T02:36:00Z"]);
    assert_eq!(all(&text, "ServiceName"), ["guardduty"]);
    let (_, text) = used(OPERATOR_KEY.0);
    assert_eq!((all(&text, "Region"), all(&text, "LastUsedDate").len()), (vec!["N/A"], 0));
    let (status, text) = used(MEMBER_KEY.0);
    assert_eq!((status, all(&text, "Code")), (403, vec!["AccessDenied"]), "another account's");
    refused(
        &bench,
        "GetAccessKeyLastUsed",
        &[("AccessKeyId", "AKIAUNKNOWNKEYUNKNOW")],
        404,
        "NoSuchEntity",
    );
}

#[test]
fn policies_are_attached_and_detached() {
    let bench = Bench::new("leaked-key");
    let role = ("RoleName", "log-archiver");
    let attached = || {
        let text = ok(&bench, "ListAttachedRolePolicies", &[role]);
        all(&text, "PolicyName").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(attached(), ["AmazonS3ReadOnlyAccess", "log-archive-access"]);
    ok(&bench, "DetachRolePolicy", &[role, ("PolicyArn", WILD)]);
    assert_eq!(attached(), ["AmazonS3ReadOnlyAccess"]);
    let (status, text) = iam(&bench, "DetachRolePolicy", &[role, ("PolicyArn", WILD)]);
    let message = format!("Policy {WILD} was not found.");
    assert_eq!((status, all(&text, "Message")), (404, vec![message.as_str()]));
    let entities = ok(&bench, "ListEntitiesForPolicy", &[("PolicyArn", WILD)]);
    assert!(all(&entities, "RoleName").is_empty(), "{entities}");
    for _ in 0..2 {
        ok(&bench, "AttachRolePolicy", &[role, ("PolicyArn", WILD)]);
    }
    assert_eq!(attached(), ["AmazonS3ReadOnlyAccess", "log-archive-access"]);
    let entities = ok(&bench, "ListEntitiesForPolicy", &[("PolicyArn", WILD)]);
    assert_eq!(all(&entities, "RoleName"), ["log-archiver"]);
    assert_eq!(all(&ok(&bench, "GetPolicy", &[("PolicyArn", WILD)]), "AttachmentCount"), ["1"]);
}

#[test]
fn eleven_policies_are_one_too_many() {
    let bench = Bench::new("leaked-key");
    let text = ok(&bench, "ListPolicies", &[]);
    let user = ("UserName", "siem-exporter");
    let mut statuses = Vec::new();
    for arn in all(&text, "Arn").into_iter().filter(|arn| !arn.contains("aws-service-role")) {
        let (status, text) = iam(&bench, "AttachUserPolicy", &[user, ("PolicyArn", arn)]);
        if status == 409 {
            assert_eq!(all(&text, "Code"), ["LimitExceeded"]);
            assert_eq!(all(&text, "Message"), ["Cannot exceed quota for PoliciesPerUser: 10"]);
        }
        statuses.push(status);
    }
    assert!(statuses.contains(&409), "{statuses:?}");
    let text = ok(&bench, "ListAttachedUserPolicies", &[user]);
    assert_eq!(all(&text, "PolicyArn").len(), 10);
}

#[test]
fn what_cannot_be_changed_is_refused_in_aws_s_words() {
    let bench = Bench::new("leaked-key");
    let linked = ("RoleName", "AWSServiceRoleForAmazonGuardDuty");
    let of_service = "arn:aws:iam::aws:policy/aws-service-role/AmazonGuardDutyServiceRolePolicy";
    let role = ("RoleName", "log-archiver");
    let user = ("UserName", "siem-exporter");
    let arn = |arn| ("PolicyArn", arn);
    let nothing = "arn:aws:iam::444455556666:policy/nothing";
    let document = ("PolicyDocument", "{\"Statement\": []}");
    for (action, parameters, status, code) in [
        ("AttachRolePolicy", vec![linked, arn(ADMIN)], 400, "UnmodifiableEntity"),
        ("DetachRolePolicy", vec![linked, arn(of_service)], 400, "UnmodifiableEntity"),
        ("AttachRolePolicy", vec![role, arn(of_service)], 400, "PolicyNotAttachable"),
        ("AttachUserPolicy", vec![user, arn(nothing)], 404, "NoSuchEntity"),
        ("AttachUserPolicy", vec![user, arn("not an ARN but long enough")], 400, "InvalidInput"),
        ("AttachUserPolicy", vec![("UserName", "nobody"), arn(ADMIN)], 404, "NoSuchEntity"),
        ("AttachUserPolicy", vec![user], 400, "ValidationError"),
        ("GetRole", vec![("RoleName", "nothing")], 404, "NoSuchEntity"),
        ("GetRole", vec![("RoleName", "not a name")], 400, "ValidationError"),
        ("GetRolePolicy", vec![role, ("PolicyName", "x")], 404, "NoSuchEntity"),
        ("GetPolicy", vec![arn(nothing)], 404, "NoSuchEntity"),
        ("GetPolicyVersion", vec![arn(WILD), ("VersionId", "v9")], 404, "NoSuchEntity"),
        ("CreatePolicyVersion", vec![arn(ADMIN), document], 403, "AccessDenied"),
        ("SetDefaultPolicyVersion", vec![arn(ADMIN), ("VersionId", "v1")], 403, "AccessDenied"),
        (
            "CreatePolicyVersion",
            vec![arn(WILD), ("PolicyDocument", "{")],
            400,
            "MalformedPolicyDocument",
        ),
        ("ListUsers", vec![("MaxItems", "1001")], 400, "ValidationError"),
        ("ListUsers", vec![("Marker", "made up")], 400, "ValidationError"),
    ] {
        refused(&bench, action, &parameters, status, code);
    }
}

#[test]
fn versions_come_and_one_of_them_holds() {
    let bench = Bench::new("leaked-key");
    let arn = ("PolicyArn", WILD);
    let narrow = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/ü~*"}}"#;
    let new = [arn, ("PolicyDocument", narrow), ("SetAsDefault", "true")];
    assert_eq!(all(&ok(&bench, "CreatePolicyVersion", &new), "VersionId"), ["v3"]);
    let got = ok(&bench, "GetPolicyVersion", &[arn, ("VersionId", "v3")]);
    let document = all(&got, "Document")[0];
    assert!(document.starts_with("%7B%22Version%22%3A%20%22") && document.contains("%C3%BC~%2A"));
    let decoded = percent_encoding::percent_decode_str(document).decode_utf8().expect("UTF-8");
    assert_eq!(decoded, narrow);
    for status in [200, 200, 409] {
        let text = iam(&bench, "CreatePolicyVersion", &[arn, ("PolicyDocument", narrow)]);
        assert_eq!(text.0, status, "{}", text.1);
    }
    let versions = || ok(&bench, "ListPolicyVersions", &[arn]);
    assert_eq!(all(&versions(), "VersionId"), ["v5", "v4", "v3", "v2", "v1"]);
    assert_eq!(all(&versions(), "IsDefaultVersion"), ["false", "false", "true", "false", "false"]);
    ok(&bench, "SetDefaultPolicyVersion", &[arn, ("VersionId", "v1")]);
    assert_eq!(all(&ok(&bench, "GetPolicy", &[arn]), "DefaultVersionId"), ["v1"]);
    let long = format!("{{\"Statement\": [{{\"Sid\": \"{}\"}}]}}", "x".repeat(6144));
    let sized = [arn, ("PolicyDocument", long.as_str())];
    refused(&bench, "CreatePolicyVersion", &sized, 409, "LimitExceeded");
}

#[test]
fn pages_cover_every_list_once_even_when_something_is_detached_in_between() {
    let bench = Bench::new("leaked-key");
    let pages = |action: &str, more: &[(&str, &str)], element: &str| {
        let (mut seen, mut marker) = (Vec::new(), None::<String>);
        loop {
            let mut parameters = vec![("MaxItems", "2")];
            parameters.extend_from_slice(more);
            parameters.extend(marker.as_deref().map(|m| ("Marker", m)));
            let text = ok(&bench, action, &parameters);
            let page = all(&text, element);
            assert!(page.len() <= 2, "{text}");
            seen.extend(page.into_iter().map(str::to_owned));
            marker = all(&text, "Marker").first().map(|m| (*m).to_owned());
            assert_eq!(all(&text, "IsTruncated"), [marker.is_some().to_string()]);
            if marker.is_none() {
                return seen;
            }
        }
    };
    for (action, element) in
        [("ListUsers", "UserName"), ("ListRoles", "RoleName"), ("ListPolicies", "PolicyName")]
    {
        let whole = ok(&bench, action, &[]);
        assert_eq!(pages(action, &[], element), all(&whole, element), "{action}");
    }
    let role = ("RoleName", "log-archiver");
    ok(&bench, "AttachRolePolicy", &[role, ("PolicyArn", ADMIN)]);
    let first = ok(&bench, "ListAttachedRolePolicies", &[role, ("MaxItems", "1")]);
    assert_eq!(all(&first, "PolicyName"), ["AdministratorAccess"]);
    ok(&bench, "DetachRolePolicy", &[role, ("PolicyArn", ADMIN)]);
    let next = [role, ("Marker", all(&first, "Marker")[0])];
    let rest = ok(&bench, "ListAttachedRolePolicies", &next);
    assert_eq!(all(&rest, "PolicyName"), ["AmazonS3ReadOnlyAccess", "log-archive-access"]);
}

#[test]
fn a_conflict_changes_nothing() {
    let rule = "[[faults]]\nop = \"iam:DetachRolePolicy\"\nkind = \"concurrent\"\nnth = 1\n";
    let bench = Bench::new("leaked-key").with_faults(rule);
    let detach = [("RoleName", "log-archiver"), ("PolicyArn", WILD)];
    refused(&bench, "DetachRolePolicy", &detach, 409, "ConcurrentModification");
    ok(&bench, "DetachRolePolicy", &detach);
}

#[test]
fn a_stale_read_is_behind_by_as_many_changes() {
    let rules = "[[faults]]\nop = \"iam:GetPolicy\"\nkind = \"stale\"\nfrom = 4\n\
        [[faults]]\nop = \"iam:ListPolicyVersions\"\nkind = \"stale:2\"\n";
    let bench = Bench::new("leaked-key").with_faults(rules);
    let arn = ("PolicyArn", WILD);
    let default = || all(&ok(&bench, "GetPolicy", &[arn]), "DefaultVersionId").concat();
    let versions = || all(&ok(&bench, "ListPolicyVersions", &[arn]), "VersionId").len();
    assert_eq!((default().as_str(), versions()), ("v2", 2), "nothing has changed yet");
    ok(&bench, "SetDefaultPolicyVersion", &[arn, ("VersionId", "v1")]);
    // What changes nothing does not count.
    ok(&bench, "SetDefaultPolicyVersion", &[arn, ("VersionId", "v1")]);
    assert_eq!(default(), "v1");
    let new = [arn, ("PolicyDocument", "{\"Statement\": []}"), ("SetAsDefault", "true")];
    ok(&bench, "CreatePolicyVersion", &new);
    assert_eq!(default(), "v3");
    assert_eq!(default(), "v1", "one change behind");
    assert_eq!(versions(), 2, "two behind");
    ok(&bench, "CreatePolicyVersion", &new);
    assert_eq!((default().as_str(), versions()), ("v3", 2));
}
