//! What IAM says of a whole account: everything at once, the summary, reports.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    iam::{all, iam, ok},
    *,
};

#[track_caller]
fn refused(bench: &Bench, action: &str, parameters: &[(&str, &str)], (status, code): (u16, &str)) {
    let (got, text) = iam(bench, action, parameters);
    assert_eq!((got, all(&text, "Code")), (status, vec![code]), "{action}: {text}");
}

#[test]
fn everything_at_once_and_by_pages_is_the_same() {
    let bench = Bench { key: MEMBER_KEY, ..Bench::new("leaked-key") };
    const DETAILS: &str = "GetAccountAuthorizationDetails";
    let whole = ok(&bench, DETAILS, &[("MaxItems", "1000")]);
    assert_eq!(all(&whole, "IsTruncated"), ["false"]);
    let names = |text: &str| {
        ["UserDetailList", "RoleDetailList", "Policies"].map(|list| all(text, list).concat())
    };
    let (mut paged, mut marker) = ([String::new(), String::new(), String::new()], None::<String>);
    let mut pages = 0;
    loop {
        let mut parameters = vec![("MaxItems", "3")];
        parameters.extend(marker.as_deref().map(|m| ("Marker", m)));
        let text = ok(&bench, DETAILS, &parameters);
        for (held, new) in paged.iter_mut().zip(names(&text)) {
            held.push_str(&new);
        }
        pages += 1;
        marker = all(&text, "Marker").first().map(|m| (*m).to_owned());
        if marker.is_none() {
            break;
        }
    }
    assert!(pages > 3, "{pages}");
    assert_eq!(paged, names(&whole));
    let users = &paged[0];
    let listed = ok(&bench, "ListUsers", &[]);
    assert_eq!(all(users, "UserName"), all(&listed, "UserName"));
    assert_eq!(all(users, "PermissionsBoundaryType"), ["Policy"]);
    let roles = &paged[1];
    for part in [
        "<RolePolicyList><member><PolicyName>read-orders-queue</PolicyName>\
         <PolicyDocument>%7B%22Version",
        "<AssumeRolePolicyDocument>%7B%22Version",
        "<InstanceProfileName>orders-api</InstanceProfileName>",
        "<RoleLastUsed><LastUsedDate>2026-03-02T02:51:00Z</LastUsedDate>",
        "<Tags><member><Key>team</Key><Value>orders</Value></member></Tags>",
    ] {
        assert!(roles.contains(part), "{part} not in {roles}");
    }
    // Of AWS's policies those in use, of the account's all.
    let policies = ok(&bench, DETAILS, &[("Filter.member.1", "AWSManagedPolicy")]);
    assert!(all(&policies, "UserName").is_empty());
    assert!(all(&policies, "AttachmentCount").iter().all(|n| *n != "0"), "{policies}");
    let local = ok(
        &bench,
        DETAILS,
        &[("Filter.member.1", "LocalManagedPolicy"), ("Filter.member.2", "Group")],
    );
    let listed = ok(&bench, "ListPolicies", &[("Scope", "Local")]);
    assert_eq!(all(&local, "Arn"), all(&listed, "Arn"));
    assert_eq!(all(&local, "Document").len(), all(&local, "IsDefaultVersion").len());
    refused(&bench, DETAILS, &[("Filter.member.1", "Users")], (400, "ValidationError"));
}

const ROOTS: &str = r#"
schema = 1
id = "x"
title = "X"
start = "2026-03-02T03:10:00Z"
[[accounts]]
id = "111122223333"
alias = "prod"
regions = ["us-east-1"]
root = { mfa = false, password_last_used = "-40d", keys = [{ created = "-900d", last_used = { at = "-2d", service = "s3", region = "eu-west-1" } }] }
[[principals]]
account = "prod"
kind = "user"
name = "oncall"
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
created = "-300d"
policies = ["IAMFullAccess"]
[[principals]]
account = "prod"
kind = "user"
name = "a,b"
created = "-1d"
password = true
mfa = { serial = "arn:aws:iam::111122223333:mfa/ab", seed = "GEZDGNBVGY3TQOJQ" }
"#;

fn roots() -> Bench {
    let scenario = Scenario::read("x.toml", ROOTS).unwrap_or_else(|broken| panic!("{broken}"));
    Bench::of(scenario, Box::new(NoJournal))
}

#[test]
fn the_summary_knows_the_root_user() {
    let entry = |text: &str, key: &str| {
        let from = text.split(&format!("<key>{key}</key><value>")).nth(1).expect("a count");
        from.split('<').next().expect("a number").to_owned()
    };
    let text = ok(&roots(), "GetAccountSummary", &[]);
    for (key, value) in [
        ("AccountMFAEnabled", "0"),
        ("AccountAccessKeysPresent", "1"),
        ("Users", "2"),
        ("MFADevicesInUse", "1"),
        ("RolePolicySizeQuota", "10240"),
    ] {
        assert_eq!(entry(&text, key), value, "{key}");
    }
    let text = ok(&Bench::new("leaked-key"), "GetAccountSummary", &[]);
    assert_eq!(
        (entry(&text, "AccountMFAEnabled"), entry(&text, "AccountAccessKeysPresent")),
        ("1".to_owned(), "0".to_owned()),
        "what a file does not say is as it should be"
    );
}

#[test]
fn a_credential_report_is_made_before_it_is_there() {
    let bench = roots();
    refused(&bench, "GetCredentialReport", &[], (410, "ReportNotPresent"));
    let state = || all(&ok(&bench, "GenerateCredentialReport", &[]), "State").concat();
    assert_eq!(state(), "STARTED");
    refused(&bench, "GetCredentialReport", &[], (404, "ReportInProgress"));
    let report = || {
        let text = ok(&bench, "GetCredentialReport", &[]);
        assert_eq!(all(&text, "ReportFormat"), ["text/csv"]);
        String::from_utf8(STANDARD.decode(all(&text, "Content")[0]).expect("base 64"))
            .expect("UTF-8")
    };
    let text = report();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(
        lines.iter().filter(|l| !l.contains('"')).all(|l| l.split(',').count() == 22),
        "{text}"
    );
    assert_eq!(
        lines[1],
        "<root_account>,arn:aws:iam::111122223333:root,2025-01-26T03:10:00+00:00,\
        not_supported,2026-01-21T03:10:00+00:00,not_supported,not_supported,false,\
        true,2023-09-14T03:10:00+00:00,2026-02-28T03:10:00+00:00,eu-west-1,s3,\
        false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    );
    assert!(lines[2].starts_with("\"a,b\",\"arn:aws:iam::111122223333:user/a,b\",2026-03-01T03:10:00+00:00,true,no_information,"), "{text}");
    assert!(
        lines[3].contains(",false,N/A,N/A,N/A,false,true,2025-05-06T03:10:00+00:00,N/A,"),
        "{text}"
    );
    // It stays as it was, and is made anew after four hours.
    ok(
        &bench,
        "UpdateAccessKey",
        &[("UserName", "oncall"), ("AccessKeyId", OPERATOR_KEY.0), ("Status", "Active")],
    );
    ok(&bench, "CreateAccessKey", &[("UserName", "a,b")]);
    assert_eq!((state().as_str(), report()), ("COMPLETE", text.clone()));
    bench.pass(4 * 60);
    refused(&bench, "GetCredentialReport", &[], (410, "ReportExpired"));
    assert_eq!(
        (state().as_str(), state().as_str(), state().as_str()),
        ("STARTED", "INPROGRESS", "COMPLETE")
    );
    assert_ne!(report(), text);
}

#[test]
fn services_last_used_are_those_of_the_trail() {
    let bench = Bench { key: MEMBER_KEY, ..Bench::new("leaked-key") };
    let arn = "arn:aws:iam::123456789012:user/ci/ci-deployer";
    let job = |more: &[(&str, &str)]| {
        let text =
            ok(&bench, "GenerateServiceLastAccessedDetails", &[&[("Arn", arn)], more].concat());
        all(&text, "JobId")[0].to_owned()
    };
    let id = job(&[("Granularity", "ACTION_LEVEL")]);
    let get = |more: &[(&str, &str)]| {
        ok(&bench, "GetServiceLastAccessedDetails", &[&[("JobId", id.as_str())], more].concat())
    };
    let text = get(&[]);
    assert_eq!(all(&text, "JobStatus"), ["IN_PROGRESS"]);
    assert!(all(&text, "ServiceNamespace").is_empty(), "{text}");
    let text = get(&[]);
    assert_eq!(
        (all(&text, "JobStatus"), all(&text, "JobType")),
        (vec!["COMPLETED"], vec!["ACTION_LEVEL"])
    );
    let ask = serde_json::json!({"LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": "AKIAI44QH8DHBEXAMPLE"}]});
    let newest = bench
        .events(ask)
        .into_iter()
        .find(|e| e["EventSource"] == "iam.amazonaws.com")
        .expect("one");
    let of_iam = text.split("<ServiceNamespace>iam</ServiceNamespace>").nth(1).expect("IAM");
    let at =
        Timestamp::from_second(newest["EventTime"].as_f64().expect("a time") as i64).expect("one");
    assert_eq!(all(of_iam, "LastAuthenticated")[0], at.to_string());
    assert_eq!(all(of_iam, "LastAuthenticatedEntity")[0], arn);
    assert!(
        all(of_iam, "ActionName").contains(&newest["EventName"].as_str().expect("text")),
        "{of_iam}"
    );
    // By pages, in the same order.
    let namespaces: Vec<String> =
        all(&text, "ServiceNamespace").into_iter().map(str::to_owned).collect();
    let first = get(&[("MaxItems", "1")]);
    let rest = get(&[("Marker", all(&first, "Marker")[0])]);
    let paged: Vec<&str> =
        [all(&first, "ServiceNamespace"), all(&rest, "ServiceNamespace")].concat();
    assert_eq!(paged, namespaces);
    // Somebody else's job, and what there is not.
    let dev = Bench { range: bench.range.clone(), ..Bench::new("leaked-key") };
    refused(&dev, "GetServiceLastAccessedDetails", &[("JobId", &id)], (404, "NoSuchEntity"));
    let nobody = [("Arn", "arn:aws:iam::123456789012:user/nobody")];
    refused(&bench, "GenerateServiceLastAccessedDetails", &nobody, (404, "NoSuchEntity"));
    // A role's sessions count for the role; a service that is only allowed was not used.
    let role = "arn:aws:iam::123456789012:role/orders-api";
    let text = ok(&bench, "GenerateServiceLastAccessedDetails", &[("Arn", role)]);
    let id = all(&text, "JobId")[0];
    bench.pass(1);
    let text = ok(&bench, "GetServiceLastAccessedDetails", &[("JobId", id)]);
    assert_eq!(all(&text, "JobStatus"), ["COMPLETED"]);
    assert!(!text.contains("TrackedActions"), "{text}");
    let entry = |name: &str| {
        let whole = all(&text, "member").into_iter().find(|m| m.contains(&format!(">{name}<")));
        whole.unwrap_or_else(|| panic!("{name} not in {text}")).to_owned()
    };
    assert!(entry("kms").contains("<TotalAuthenticatedEntities>1<"), "{text}");
    assert!(entry("sqs").contains("<TotalAuthenticatedEntities>0<"), "{text}");
}

#[test]
fn profiles_passwords_and_groups() {
    let bench = Bench { key: MEMBER_KEY, ..Bench::new("leaked-key") };
    let profile = ok(&bench, "GetInstanceProfile", &[("InstanceProfileName", "orders-api")]);
    assert_eq!(all(&profile, "InstanceProfileId"), ["AIPAJEXAMPLEPROFILE1"]);
    assert_eq!(all(&profile, "RoleName"), ["orders-api"]);
    let listed = ok(&bench, "ListInstanceProfiles", &[]);
    assert_eq!(all(&listed, "InstanceProfileName"), ["orders-api"]);
    refused(&bench, "GetInstanceProfile", &[("InstanceProfileName", "x")], (404, "NoSuchEntity"));
    let login = ok(&bench, "GetLoginProfile", &[("UserName", "alice")]);
    assert_eq!(all(&login, "PasswordResetRequired"), ["false"]);
    refused(&bench, "GetLoginProfile", &[("UserName", "ci-deployer")], (404, "NoSuchEntity"));
    assert!(ok(&bench, "ListGroups", &[]).contains("<IsTruncated>false</IsTruncated>"));
    refused(&bench, "GetGroup", &[("GroupName", "admins")], (404, "NoSuchEntity"));
}
