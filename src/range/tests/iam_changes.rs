//! What is created, put and taken away in IAM: inline policies, boundaries, keys, trust, tags.

use super::{
    iam::{all, iam, ok},
    journal::Shared,
    sessions::{Given, own},
    *,
};

const USER: (&str, &str) = ("UserName", "siem-exporter");
const ROLE: (&str, &str) = ("RoleName", "log-archiver");
const LINKED: (&str, &str) = ("RoleName", "AWSServiceRoleForAmazonGuardDuty");
const READ: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const DOCUMENT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

#[track_caller]
fn refused(
    bench: &Bench,
    action: &str,
    parameters: &[(&str, &str)],
    (status, code): (u16, &str),
) -> String {
    let (got, text) = iam(bench, action, parameters);
    assert_eq!((got, all(&text, "Code")), (status, vec![code]), "{action}: {text}");
    all(&text, "Message")[0].to_owned()
}

#[test]
fn inline_policies_are_put_replaced_and_deleted() {
    let bench = Bench::new("leaked-key");
    for (kind, holder) in [("User", USER), ("Role", ROLE)] {
        let (put, delete) = (format!("Put{kind}Policy"), format!("Delete{kind}Policy"));
        let (get, list) = (format!("Get{kind}Policy"), format!("List{kind}Policies"));
        let names = || {
            let text = ok(&bench, &list, &[holder]);
            all(&text, "member").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let before = names();
        let named = |name| vec![holder, ("PolicyName", name)];
        let with = |name, document| [named(name), vec![("PolicyDocument", document)]].concat();
        let answer = ok(&bench, &put, &with("z-stop", DOCUMENT));
        assert!(!answer.contains("Result>"), "{answer}");
        let blank = DOCUMENT.replace(':', " : ");
        ok(&bench, &put, &with("z-stop", &blank));
        assert_eq!(names(), [before.clone(), vec!["z-stop".to_owned()]].concat());
        let text = ok(&bench, &get, &named("z-stop"));
        let decoded = percent_encoding::percent_decode_str(all(&text, "PolicyDocument")[0]);
        assert_eq!(decoded.decode_utf8().expect("UTF-8"), blank);
        ok(&bench, &delete, &named("z-stop"));
        assert_eq!(names(), before);
        let why = refused(&bench, &delete, &named("z-stop"), (404, "NoSuchEntity"));
        assert_eq!(
            why,
            format!("The {} policy with name z-stop cannot be found.", kind.to_lowercase())
        );
        refused(&bench, &put, &with("z-stop", "{"), (400, "MalformedPolicyDocument"));
        refused(&bench, &put, &with("not a name", DOCUMENT), (400, "ValidationError"));
    }
    let linked = [LINKED, ("PolicyName", "x"), ("PolicyDocument", DOCUMENT)];
    refused(&bench, "PutRolePolicy", &linked, (400, "UnmodifiableEntity"));
    refused(&bench, "DeleteRolePolicy", &linked[..2], (400, "UnmodifiableEntity"));
    let nobody = [("UserName", "nobody"), ("PolicyName", "x"), ("PolicyDocument", DOCUMENT)];
    refused(&bench, "PutUserPolicy", &nobody, (404, "NoSuchEntity"));
}

/// 2,048 characters for a user, 10,240 for a role, all policies together, without blanks.
#[test]
fn the_size_that_inline_policies_may_have_together() {
    let bench = Bench::new("leaked-key");
    let sized = |size: usize| {
        let frame =
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::"}]}"#
                .len();
        let filler = "x".repeat(size - frame);
        format!(
            "{{\"Statement\": [{{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::{filler}\"}}]}}"
        )
    };
    for (kind, holder, quota) in [("User", USER, 2048), ("Role", ROLE, 10_240)] {
        let put = |name, document: &str| {
            let parameters = [holder, ("PolicyName", name), ("PolicyDocument", document)];
            iam(&bench, &format!("Put{kind}Policy"), &parameters)
        };
        // What the scenario has there goes first.
        let (list, delete) = (format!("List{kind}Policies"), format!("Delete{kind}Policy"));
        for name in all(&ok(&bench, &list, &[holder]), "member") {
            ok(&bench, &delete, &[holder, ("PolicyName", name)]);
        }
        assert_eq!(put("a", &sized(quota - 100)).0, 200);
        let (status, text) = put("b", &sized(101));
        let words = format!(
            "Maximum policy size of {quota} bytes exceeded for {} {}",
            kind.to_lowercase(),
            holder.1
        );
        assert_eq!((status, all(&text, "Message")), (409, vec![words.as_str()]));
        assert_eq!(put("b", &sized(100)).0, 200);
        assert_eq!(put("a", &sized(quota - 99)).0, 409, "its own place and the other's");
        assert_eq!(put("a", &sized(quota - 100)).0, 200);
    }
}

#[test]
fn boundaries_come_and_go() {
    let bench = Bench::new("leaked-key");
    for (kind, holder) in [("User", USER), ("Role", ROLE)] {
        let (put, delete) =
            (format!("Put{kind}PermissionsBoundary"), format!("Delete{kind}PermissionsBoundary"));
        let bounded = || {
            let text = ok(&bench, &format!("Get{kind}"), &[holder]);
            all(&text, "PermissionsBoundaryArn").concat()
        };
        let boundary = |arn| [holder, ("PermissionsBoundary", arn)];
        assert_eq!(bounded(), "");
        ok(&bench, &put, &boundary(READ));
        assert_eq!(bounded(), READ);
        let entities = ok(
            &bench,
            "ListEntitiesForPolicy",
            &[("PolicyArn", READ), ("PolicyUsageFilter", "PermissionsBoundary")],
        );
        assert!(entities.contains(holder.1), "{entities}");
        for _ in 0..2 {
            ok(&bench, &delete, &[holder]);
            assert_eq!(bounded(), "");
        }
        let nothing = "arn:aws:iam::444455556666:policy/nothing";
        refused(&bench, &put, &boundary(nothing), (404, "NoSuchEntity"));
        refused(&bench, &put, &boundary("not an ARN but long enough"), (400, "InvalidInput"));
    }
    let linked = [LINKED, ("PermissionsBoundary", READ)];
    refused(&bench, "PutRolePermissionsBoundary", &linked, (400, "UnmodifiableEntity"));
    refused(&bench, "DeleteRolePermissionsBoundary", &linked[..1], (400, "UnmodifiableEntity"));
}

#[test]
fn a_key_is_created_used_and_deleted_in_every_process() {
    let journal = Shared::default();
    let bench = Bench::of(scenario("leaked-key"), journal.anew());
    let text = ok(&bench, "CreateAccessKey", &[USER]);
    let key = Given {
        key: all(&text, "AccessKeyId")[0].to_owned(),
        secret: all(&text, "SecretAccessKey")[0].to_owned(),
        token: String::new(),
    };
    assert!(key.key.starts_with("AKIA") && key.key.len() == 20 && key.secret.len() == 40, "{text}");
    assert!(!journal.text().contains(&key.secret), "the journal has the secret");
    let why = refused(&bench, "CreateAccessKey", &[USER], (409, "LimitExceeded"));
    assert_eq!(why, "Cannot exceed quota for AccessKeysPerUser: 2");
    let other = Bench::of(scenario("leaked-key"), journal.anew());
    let identity = super::authentication::IDENTITY;
    let (status, text) = key.form(&other, "sts", identity);
    assert!(status == 200 && text.contains(":user/ci/siem-exporter</Arn>"), "{text}");
    // A page goes on behind a key that is gone.
    let listed = ok(&bench, "ListAccessKeys", &[USER, ("MaxItems", "1")]);
    let first = all(&listed, "AccessKeyId")[0];
    ok(&bench, "DeleteAccessKey", &[USER, ("AccessKeyId", first)]);
    let rest = ok(&other, "ListAccessKeys", &[USER, ("Marker", all(&listed, "Marker")[0])]);
    assert_eq!(all(&rest, "AccessKeyId"), [key.key.as_str()]);
    let full = ("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess");
    ok(&bench, "AttachUserPolicy", &[USER, full]);
    // The last thing that a key does may be to delete itself: it is told of all the same.
    let own_key = format!("Action=DeleteAccessKey&Version=2010-05-08&AccessKeyId={}", key.key);
    let third = Bench::of(scenario("leaked-key"), journal.anew());
    assert_eq!(key.form(&third, "iam", &own_key).0, 200);
    for bench in [&bench, &other, &third] {
        let (status, text) = key.form(bench, "sts", identity);
        assert_eq!((status, all(&text, "Code")), (403, vec!["InvalidClientTokenId"]));
    }
    let gone = [USER, ("AccessKeyId", key.key.as_str())];
    let why = refused(&bench, "DeleteAccessKey", &gone, (404, "NoSuchEntity"));
    assert_eq!(why, format!("The Access Key with id {} cannot be found", key.key));
    let replayed = Bench::of(scenario("leaked-key"), journal.anew());
    let ask = serde_json::json!({"LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": key.key}]});
    for bench in [&third, &replayed] {
        let told = bench.events(ask.clone());
        assert_eq!(
            (&told[0]["EventName"], &told[0]["Username"]),
            (&"DeleteAccessKey".into(), &"siem-exporter".into())
        );
    }
    let ask = serde_json::json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateAccessKey"}]});
    let events = bench.events(ask);
    let created = events.iter().find(|e| e.to_string().contains(&key.key)).expect("an event");
    assert!(!created.to_string().contains("ecretAccessKey"), "{created}");
}

#[test]
fn a_trust_policy_decides_who_may_become_the_role() {
    let bench = Bench { key: MEMBER_KEY, ..Bench::new("leaked-key") };
    let trust = |document: &str| {
        iam(
            &bench,
            "UpdateAssumeRolePolicy",
            &[("RoleName", "orders-api"), ("PolicyDocument", document)],
        )
    };
    let assume = || {
        let form = super::sessions::assume("arn:aws:iam::123456789012:role/orders-api", "me", "");
        own(MEMBER_KEY).form(&bench, "sts", &form).0
    };
    assert_eq!(assume(), 403);
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/prod-oncall"},"Action":"sts:AssumeRole"}]}"#;
    assert_eq!(trust(document).0, 200);
    assert_eq!(assume(), 200);
    assert!(ok(&bench, "GetRole", &[("RoleName", "orders-api")]).contains("prod-oncall"));
    assert_eq!(all(&trust("[]").1, "Code"), ["MalformedPolicyDocument"]);
    let long = document.replace("prod-oncall", &"x".repeat(2048));
    assert_eq!(all(&trust(&long).1, "Message"), ["Cannot exceed quota for ACLSizePerRole: 2048"]);
    let linked = [LINKED, ("PolicyDocument", document)];
    refused(&bench, "UpdateAssumeRolePolicy", &linked, (400, "UnmodifiableEntity"));
}

#[test]
fn tags_are_set_replaced_and_taken_away() {
    let bench = Bench::new("leaked-key");
    for (kind, holder) in [("User", USER), ("Role", ROLE)] {
        let (tag, untag, list) =
            (format!("Tag{kind}"), format!("Untag{kind}"), format!("List{kind}Tags"));
        let tags = |more: &[(&str, &str)]| {
            let text = ok(&bench, &list, &[&[holder], more].concat());
            let keys: Vec<String> = all(&text, "Key").into_iter().map(str::to_owned).collect();
            (keys, all(&text, "Value").concat(), all(&text, "Marker").concat())
        };
        for key in tags(&[]).0 {
            ok(&bench, &untag, &[holder, ("TagKeys.member.1", &key)]);
        }
        let set = [
            holder,
            ("Tags.member.1.Key", "b"),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.2.Key", "Größe"),
            ("Tags.member.2.Value", "2"),
            ("Tags.member.3.Key", "BreakGlass"),
            ("Tags.member.3.Value", ""),
        ];
        ok(&bench, &tag, &set);
        assert_eq!(tags(&[]).0, ["BreakGlass", "Größe", "b"]);
        // By pages, while the tag that was given last goes.
        let (first, _, marker) = tags(&[("MaxItems", "1")]);
        assert_eq!(first, ["BreakGlass"]);
        ok(
            &bench,
            &untag,
            &[holder, ("TagKeys.member.1", "breakglass"), ("TagKeys.member.2", "absent")],
        );
        assert_eq!(tags(&[("Marker", &marker)]).0, ["Größe", "b"]);
        ok(&bench, &tag, &[holder, ("Tags.member.1.Key", "B"), ("Tags.member.1.Value", "3")]);
        let (keys, values, _) = tags(&[]);
        assert_eq!(
            (keys.as_slice(), values.as_str()),
            (&["B".to_owned(), "Größe".to_owned()][..], "32")
        );
        assert!(ok(&bench, &format!("Get{kind}"), &[holder]).contains("<Value>3</Value>"));
        let twice = [
            holder,
            ("Tags.member.1.Key", "x"),
            ("Tags.member.1.Value", ""),
            ("Tags.member.2.Key", "X"),
            ("Tags.member.2.Value", ""),
        ];
        refused(&bench, &tag, &twice, (400, "InvalidInput"));
        let wrong = [holder, ("Tags.member.1.Key", "a;b"), ("Tags.member.1.Value", "")];
        refused(&bench, &tag, &wrong, (400, "ValidationError"));
        let names: Vec<String> = (1..=49).map(|n| format!("Tags.member.{n}.Key")).collect();
        let values: Vec<String> = (1..=49).map(|n| format!("Tags.member.{n}.Value")).collect();
        let mut many = vec![holder];
        many.extend(
            names
                .iter()
                .zip(&values)
                .flat_map(|(n, v)| [(n.as_str(), n.as_str()), (v.as_str(), "")]),
        );
        refused(&bench, &tag, &many, (409, "LimitExceeded"));
        many.truncate(97);
        ok(&bench, &tag, &many);
    }
}

/// A journal of every kind of change is the same IAM in another process.
#[test]
fn changes_are_replayed() {
    let journal = Shared::default();
    let one = Bench::of(scenario("leaked-key"), journal.anew());
    ok(&one, "PutRolePolicy", &[ROLE, ("PolicyName", "stop"), ("PolicyDocument", DOCUMENT)]);
    ok(&one, "PutUserPolicy", &[USER, ("PolicyName", "stop"), ("PolicyDocument", DOCUMENT)]);
    ok(&one, "DeleteUserPolicy", &[USER, ("PolicyName", "stop")]);
    ok(&one, "PutUserPermissionsBoundary", &[USER, ("PermissionsBoundary", READ)]);
    ok(&one, "TagRole", &[ROLE, ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")]);
    ok(&one, "UntagRole", &[ROLE, ("TagKeys.member.1", "team")]);
    let trust = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#;
    ok(&one, "UpdateAssumeRolePolicy", &[ROLE, ("PolicyDocument", trust)]);
    ok(&one, "CreateAccessKey", &[USER]);
    let next = Bench::of(scenario("leaked-key"), journal.anew());
    let details = |bench: &Bench| {
        let text = ok(bench, "GetAccountAuthorizationDetails", &[("MaxItems", "1000")]);
        all(&text, "GetAccountAuthorizationDetailsResult").concat()
            + &all(&ok(bench, "ListAccessKeys", &[USER]), "AccessKeyId").concat()
    };
    assert_eq!(details(&next), details(&one));
    assert_ne!(details(&next), details(&Bench::new("leaked-key")));
}

#[test]
fn reads_of_what_was_put_may_be_stale() {
    let rules = "[[faults]]\nop = \"iam:ListRolePolicies\"\nkind = \"stale\"\nnth = 2\n\
        [[faults]]\nop = \"iam:GetAccountAuthorizationDetails\"\nkind = \"stale:2\"\n\
        [[faults]]\nop = \"iam:ListRoleTags\"\nkind = \"stale\"\n";
    let bench = Bench::new("leaked-key").with_faults(rules);
    let names = || all(&ok(&bench, "ListRolePolicies", &[ROLE]), "member").concat();
    let before = names();
    ok(&bench, "PutRolePolicy", &[ROLE, ("PolicyName", "stop"), ("PolicyDocument", DOCUMENT)]);
    assert_eq!(names(), before);
    assert_ne!(names(), before);
    ok(&bench, "TagRole", &[ROLE, ("Tags.member.1.Key", "late"), ("Tags.member.1.Value", "b")]);
    assert!(!ok(&bench, "ListRoleTags", &[ROLE]).contains("late"));
    let details = ok(&bench, "GetAccountAuthorizationDetails", &[]);
    assert!(!all(&details, "PolicyName").contains(&"stop"), "two changes behind");
    // Sessions are never stale, nor do they count.
    let rules = "[[faults]]\nop = \"sts:GetCallerIdentity\"\nkind = \"stale\"\n";
    assert!(FaultRule::read_file("f.toml", rules).is_err());
}

#[test]
fn a_password_comes_and_goes() {
    let journal = Shared::default();
    let bench = Bench::of(scenario("leaked-key"), journal.anew());
    let get = || iam(&bench, "GetLoginProfile", &[USER]);
    assert_eq!(get().0, 404);
    refused(&bench, "DeleteLoginProfile", &[USER], (404, "NoSuchEntity"));
    let put = |password| [USER, ("Password", password), ("PasswordResetRequired", "true")];
    for weak in ["Ab1", "abcdefgh", "siem-exporter"] {
        let code = (400, "PasswordPolicyViolation");
        refused(&bench, "CreateLoginProfile", &put(weak), code);
    }
    let made = ok(&bench, "CreateLoginProfile", &put("Tr0ub4dor-3"));
    assert_eq!(all(&made, "CreateDate"), ["2026-03-02T03:10:00Z"]);
    assert_eq!(all(&get().1, "PasswordResetRequired"), ["true"]);
    assert!(!journal.text().contains("Tr0ub4dor"), "the journal has the password");
    let again = put("Tr0ub4dor-3");
    refused(&bench, "CreateLoginProfile", &again, (409, "EntityAlreadyExists"));
    let other = Bench::of(scenario("leaked-key"), journal.anew());
    ok(&other, "DeleteLoginProfile", &[USER]);
    assert_eq!(get().0, 404);
    let nobody = [("UserName", "nobody")];
    refused(&bench, "DeleteLoginProfile", &nobody, (404, "NoSuchEntity"));
}

#[test]
fn a_version_that_does_not_hold_is_deleted_and_its_number_is_gone() {
    let journal = Shared::default();
    let bench = Bench::of(scenario("leaked-key"), journal.anew());
    let policy = ("PolicyArn", "arn:aws:iam::444455556666:policy/log-archive-access");
    let version = |id| [policy, ("VersionId", id)];
    let create = || iam(&bench, "CreatePolicyVersion", &[policy, ("PolicyDocument", DOCUMENT)]);
    let listed = |bench: &Bench| {
        let text = ok(bench, "ListPolicyVersions", &[policy]);
        all(&text, "VersionId").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed(&bench), ["v2", "v1"]);
    for _ in 0..3 {
        assert_eq!(create().0, 200);
    }
    let (status, text) = create();
    assert_eq!((status, all(&text, "Code")), (409, vec!["LimitExceeded"]));
    let why = refused(&bench, "DeletePolicyVersion", &version("v2"), (409, "DeleteConflict"));
    assert_eq!(why, "Cannot delete the default version of a policy.");
    ok(&bench, "DeletePolicyVersion", &version("v5"));
    refused(&bench, "DeletePolicyVersion", &version("v5"), (404, "NoSuchEntity"));
    assert!(create().1.contains("<VersionId>v6</VersionId>"));
    for bench in [&bench, &Bench::of(scenario("leaked-key"), journal.anew())] {
        assert_eq!(listed(bench), ["v6", "v4", "v3", "v2", "v1"]);
    }
    let aws = [("PolicyArn", READ), ("VersionId", "v1")];
    refused(&bench, "DeletePolicyVersion", &aws, (403, "AccessDenied"));
}
