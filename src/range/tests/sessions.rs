//! STS over awsQuery: credentials given out, what is done with them, and what is told of it.

use serde_json::json;

use super::{iam::all, journal::Shared, *};

/// The key of a pipeline, in the account of `release-runner`, whose trust policy names it.
pub const CI: (&str, &str) = ("AKIAI44QH8DHBEXAMPLE", "dT5sNc8vRb1kZw6xLq3mYh9pGj2eUaEXAMPLEKEY");
pub const RUNNER: &str = "arn:aws:iam::123456789012:role/release-runner";
const DEPLOY: &str = "arn:aws:iam::210987654321:role/deploy";
const IDENTITY: &str = super::authentication::IDENTITY;

/// Temporary credentials as an answer has them.
#[derive(Clone)]
pub struct Given {
    pub key: String,
    pub secret: String,
    pub token: String,
}

impl Given {
    pub fn read(text: &str) -> Given {
        let one = |element| all(text, element)[0].to_owned();
        Given {
            key: one("AccessKeyId"),
            secret: one("SecretAccessKey"),
            token: one("SessionToken"),
        }
    }

    pub fn signed(
        &self,
        bench: &Bench,
        mut request: Request<Bytes>,
        service: &str,
    ) -> Request<Bytes> {
        request.headers_mut().remove("authorization");
        if !self.token.is_empty() {
            request.headers_mut().insert("x-amz-security-token", self.token.parse().expect("one"));
        }
        wire::sign(&mut request, (&self.key, &self.secret), service, bench.region);
        request
    }

    /// Status and text of a form sent to IAM or STS.
    pub fn form(&self, bench: &Bench, service: &str, form: &str) -> (u16, String) {
        let request = self.signed(bench, bench.request(service, "POST", "/", form), service);
        let answer = bench.send(request).expect("an answer");
        let text = String::from_utf8(answer.body().to_vec()).expect("UTF-8");
        (answer.status().as_u16(), text)
    }

    fn guardduty(&self, bench: &Bench) -> (u16, String) {
        let request = bench.request("guardduty", "GET", "/detector", "");
        let answer = bench.send(self.signed(bench, request, "guardduty")).expect("an answer");
        let kind = answer.headers().get("x-amzn-errortype").map(|v| v.to_str().expect("ASCII"));
        (answer.status().as_u16(), kind.unwrap_or_default().to_owned())
    }
}

fn bench(key: (&'static str, &'static str)) -> Bench {
    Bench { key, ..Bench::new("leaked-key") }
}

pub fn own(key: (&str, &str)) -> Given {
    Given { key: key.0.to_owned(), secret: key.1.to_owned(), token: String::new() }
}

pub fn assume(role: &str, name: &str, more: &str) -> String {
    format!("Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName={name}{more}")
}

#[track_caller]
pub fn given(bench: &Bench, by: &Given, form: &str) -> Given {
    let (status, text) = by.form(bench, "sts", form);
    assert_eq!(status, 200, "{text}");
    Given::read(&text)
}

#[track_caller]
fn refused(bench: &Bench, by: &Given, form: &str, (status, code): (u16, &str), words: &str) {
    let (got, text) = by.form(bench, "sts", form);
    assert_eq!((got, all(&text, "Code")), (status, vec![code]), "{form}: {text}");
    assert!(all(&text, "Message")[0].contains(words), "{form}: {text}");
}

#[test]
fn a_role_s_session_is_somebody_and_ends() {
    let bench = bench(CI);
    let (status, text) = own(CI).form(&bench, "sts", &assume(RUNNER, "sync", ""));
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("<AssumedRoleId>AROARELEASERUNEXAMPLE:sync</AssumedRoleId>"), "{text}");
    assert_eq!(all(&text, "Expiration"), ["2026-03-02T04:10:00Z"]);
    for absent in ["PackedPolicySize", "SourceIdentity"] {
        assert!(!text.contains(absent), "{text}");
    }
    let session = Given::read(&text);
    assert!(session.key.starts_with("ASIA") && session.key.len() == 20, "{}", session.key);
    assert_eq!(session.secret.len(), 40);
    let (_, identity) = session.form(&bench, "sts", IDENTITY);
    let arn = "arn:aws:sts::123456789012:assumed-role/release-runner/sync";
    assert_eq!(all(&identity, "Arn"), [arn]);
    assert_eq!(all(&identity, "UserId"), ["AROARELEASERUNEXAMPLE:sync"]);
    assert_eq!(session.guardduty(&bench).0, 200);
    // A role has no user of its own.
    let (status, text) = session.form(&bench, "iam", "Action=GetUser&Version=2010-05-08");
    let words = "Must specify userName when calling with non-User credentials";
    assert_eq!((status, all(&text, "Message")), (400, vec![words]));
    let info = format!("Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId={}", session.key);
    assert_eq!(all(&session.form(&bench, "sts", &info).1, "Account"), ["123456789012"]);
    bench.pass(60);
    let (status, text) = session.form(&bench, "sts", IDENTITY);
    assert_eq!((status, all(&text, "Code")), (403, vec!["ExpiredToken"]));
    assert_eq!(session.guardduty(&bench), (403, "ExpiredTokenException".to_owned()));
}

#[test]
fn a_temporary_key_is_nothing_without_its_token() {
    let bench = bench(CI);
    let session = given(&bench, &own(CI), &assume(RUNNER, "sync", ""));
    let other = given(&bench, &own(CI), &assume(RUNNER, "sync", ""));
    assert_ne!(session.key, other.key);
    let (key, token) = (session.key.clone(), other.token.clone());
    for (what, wrong) in [
        ("no token", Given { token: String::new(), ..session.clone() }),
        ("another's token", Given { token, ..session.clone() }),
        (
            "a key that nobody gave out",
            Given { key: key.replace("EXAMPLE", "EXAMPLF"), ..session.clone() },
        ),
        ("a user's key with a token", Given { token: session.token.clone(), ..own(CI) }),
    ] {
        let (status, text) = wrong.form(&bench, "sts", IDENTITY);
        assert_eq!((status, all(&text, "Code")), (403, vec!["InvalidClientTokenId"]), "{what}");
    }
    let wrong = Given { secret: other.secret, ..session };
    let (status, text) = wrong.form(&bench, "sts", IDENTITY);
    assert_eq!((status, all(&text, "Code")), (403, vec!["SignatureDoesNotMatch"]));
}

#[test]
fn a_chain_lasts_an_hour_and_keeps_what_is_passed_on() {
    let bench = bench(CI);
    let first = "&SourceIdentity=pipeline&Tags.member.1.Key=Ticket&Tags.member.1.Value=7\
        &Tags.member.2.Key=team&Tags.member.2.Value=x&TransitiveTagKeys.member.1=ticket";
    let (status, text) = own(CI).form(&bench, "sts", &assume(RUNNER, "one", first));
    assert_eq!(status, 200, "{text}");
    assert_eq!(all(&text, "SourceIdentity"), ["pipeline"]);
    assert_eq!(all(&text, "PackedPolicySize"), ["1"]);
    let one = Given::read(&text);
    let next = |more: &str| assume(DEPLOY, "two", more);
    let too_long = (400, "ValidationError");
    refused(&bench, &one, &next("&DurationSeconds=3601"), too_long, "1 hour session limit");
    let conflict = "&Tags.member.1.Key=TICKET&Tags.member.1.Value=8";
    let wrong = (400, "InvalidParameterValue");
    refused(&bench, &one, &next(conflict), wrong, "conflicts with a transitive tag key");
    let denied = (403, "AccessDenied");
    refused(&bench, &one, &next("&SourceIdentity=mallory"), denied, "sts:SetSourceIdentity");
    let (status, text) = one.form(&bench, "sts", &next("&DurationSeconds=3600"));
    assert_eq!((status, all(&text, "SourceIdentity")), (200, vec!["pipeline"]), "{text}");
    // Its own tag that was not to be passed on may be set anew.
    let again = "&Tags.member.1.Key=team&Tags.member.1.Value=y";
    assert_eq!(one.form(&bench, "sts", &next(again)).0, 200);
    let two = Given::read(&text);
    let (_, identity) = two.form(&bench, "sts", IDENTITY);
    assert_eq!(all(&identity, "Account"), ["210987654321"]);
}

#[test]
fn what_cannot_be_asked_for_is_refused_in_aws_s_words() {
    let bench = bench(CI);
    let ci = own(CI);
    let long = format!(
        "&Policy={{%22Statement%22:{{%22Effect%22:%22Allow%22,%22Action%22:%22s3:*%22,\
         %22Resource%22:%22arn:aws:s3:::{}%22}}}}",
        "x".repeat(2048)
    );
    let tag = |n: usize, key: &str| format!("&Tags.member.{n}.Key={key}&Tags.member.{n}.Value=v");
    let twice = tag(1, "a") + &tag(2, "A");
    let invalid = (400, "ValidationError");
    let wrong = (400, "InvalidParameterValue");
    for (role, more, code, words) in [
        (RUNNER, "&DurationSeconds=899", invalid, "greater than or equal to 900"),
        (RUNNER, "&DurationSeconds=3601", invalid, "MaxSessionDuration set for this role"),
        ("arn:aws:iam::123456789012:user/alice", "", invalid, "is invalid"),
        (RUNNER, "&Policy=%7B", (400, "MalformedPolicyDocument"), "Json"),
        (RUNNER, long.as_str(), (400, "PackedPolicyTooLarge"), "percent"),
        (RUNNER, twice.as_str(), wrong, "Duplicate tag keys"),
        (RUNNER, &tag(1, "aws:x"), wrong, "'aws:' prefixed"),
        (RUNNER, "&TransitiveTagKeys.member.1=a", wrong, "must be included"),
        (RUNNER, "&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/Nothing", invalid, "Nothing"),
        (RUNNER, "&SourceIdentity=aws:x", invalid, "SourceIdentity"),
        (RUNNER, "&TokenCode=123456", (403, "AccessDenied"), "must provide both"),
        (DEPLOY, "", (200, ""), ""),
        ("arn:aws:iam::210987654321:role/nothing", "", (403, "AccessDenied"), "sts:AssumeRole on"),
        ("arn:aws:iam::999999999999:role/nothing", "", (403, "AccessDenied"), "sts:AssumeRole on"),
        ("arn:aws:iam::123456789012:role/orders-api", "", (403, "AccessDenied"), "ci-deployer is"),
    ] {
        let form = assume(role, "sync", more);
        if code.0 == 200 {
            assert_eq!(ci.form(&bench, "sts", &form).0, 200, "{form}");
        } else {
            refused(&bench, &ci, &form, code, words);
        }
    }
    refused(&bench, &ci, &assume(RUNNER, "s", ""), invalid, "RoleSessionName");
}

#[test]
fn another_process_knows_a_session_and_the_journal_has_no_secret() {
    let journal = Shared::default();
    let one = Bench { key: CI, ..Bench::of(scenario("leaked-key"), journal.anew()) };
    let session = given(&one, &own(CI), &assume(RUNNER, "sync", ""));
    let token = given(&one, &own(CI), "Action=GetSessionToken&Version=2011-06-15");
    for other in [journal.anew(), journal.anew()] {
        let other = Bench::of(scenario("leaked-key"), other);
        for given in [&session, &token] {
            assert_eq!(given.form(&other, "sts", IDENTITY).0, 200);
        }
    }
    let lines = journal.text();
    assert!(lines.contains(&session.key), "the key itself is no secret");
    for secret in [&session.secret, &session.token, &token.secret, &token.token] {
        assert!(!lines.contains(secret.as_str()), "{lines}");
    }
}

#[test]
fn the_trail_tells_of_the_session_in_both_accounts() {
    // Who looks; the pipeline may not.
    let bench = bench(MEMBER_KEY);
    let ci = own(CI);
    let session =
        given(&bench, &ci, &assume(DEPLOY, "sync", "&Tags.member.1.Key=a&Tags.member.1.Value=b"));
    session.form(&bench, "sts", IDENTITY);
    let event = |bench: &Bench, name: &str, key: &str| -> Value {
        let ask =
            json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}]});
        let found = bench.events(ask).into_iter().find_map(|event| {
            let body: Value =
                serde_json::from_str(event["CloudTrailEvent"].as_str().expect("text"))
                    .expect("JSON");
            let response = &body["responseElements"]["credentials"]["accessKeyId"];
            let meant = response == key || body["userIdentity"]["accessKeyId"] == key;
            meant.then_some(body)
        });
        found.unwrap_or_else(|| panic!("no {name}"))
    };
    let dev = Bench {
        range: bench.range.clone(),
        key: ("AKIAI88DEVONCEXAMPLE", "Yq2mWc7pLs0dVh4tRk8nXb1gJz5uEfEXAMPLEKEY"),
        ..Bench::new("leaked-key")
    };
    let here = event(&bench, "AssumeRole", &session.key);
    let there = event(&dev, "AssumeRole", &session.key);
    assert_eq!(here["sharedEventID"], there["sharedEventID"]);
    assert!(here["sharedEventID"].is_string() && here["eventID"] != there["eventID"]);
    assert_eq!(here["userIdentity"]["userName"], "ci-deployer");
    assert_eq!(there["userIdentity"]["type"], "AWSAccount");
    assert_eq!(there["userIdentity"]["accountId"], "123456789012");
    assert_eq!(
        (&here["recipientAccountId"], &there["recipientAccountId"]),
        (&json!("123456789012"), &json!("210987654321"))
    );
    assert_eq!(here["readOnly"], true);
    assert_eq!(here["requestParameters"]["tags"], json!([{"key": "a", "value": "b"}]));
    let resources = json!([{"accountId": "210987654321", "type": "AWS::IAM::Role", "ARN": DEPLOY}]);
    assert_eq!(here["resources"], resources);
    let credentials = &here["responseElements"]["credentials"];
    assert_eq!(credentials["expiration"], "Mar 2, 2026, 4:10:00 AM");
    assert!(credentials.get("secretAccessKey").is_none(), "{credentials}");
    assert_ne!(credentials["sessionToken"], session.token.as_str());
    let called = event(&dev, "GetCallerIdentity", &session.key);
    let who = &called["userIdentity"];
    assert_eq!(
        (&who["type"], &who["principalId"]),
        (&json!("AssumedRole"), &json!("AROADEVDEPLOYEXAMPLE:sync"))
    );
    let attributes = &who["sessionContext"]["attributes"];
    assert_eq!(
        attributes,
        &json!({"creationDate": "2026-03-02T03:10:00Z", "mfaAuthenticated": "false"})
    );
}

/// RFC 6238, appendix B: the seed, and a time with its code.
const MFA: &str = r#"
schema = 1
id = "x"
title = "X"
start = "2009-02-13T23:31:30Z"
[[accounts]]
id = "111122223333"
alias = "prod"
regions = ["us-east-1"]
[[principals]]
account = "prod"
kind = "user"
name = "oncall"
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["AdministratorAccess"]
mfa = { serial = "arn:aws:iam::111122223333:mfa/oncall", seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }
[[principals]]
account = "prod"
kind = "role"
name = "break-glass"
trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}'
"#;

#[test]
fn a_code_of_the_device_counts_once() {
    let scenario = Scenario::read("x.toml", MFA).unwrap_or_else(|broken| panic!("{broken}"));
    let journal = Shared::default();
    let bench = Bench::of(scenario.clone(), journal.anew());
    let me = own(OPERATOR_KEY);
    let serial = "&SerialNumber=arn:aws:iam::111122223333:mfa/oncall&TokenCode=";
    let role = |more: &str| assume("arn:aws:iam::111122223333:role/break-glass", "alice", more);
    let denied = (403, "AccessDenied");
    refused(&bench, &me, &role(&format!("{serial}005925")), denied, "invalid MFA one time pass");
    let other = "&SerialNumber=arn:aws:iam::111122223333:mfa/other&TokenCode=005924";
    refused(&bench, &me, &role(other), denied, "verify your MFA serial number");
    let session = given(&bench, &me, &role(&format!("{serial}005924")));
    let again = Bench::of(scenario, journal.anew());
    refused(&again, &me, &role(&format!("{serial}005924")), denied, "invalid MFA one time pass");
    assert!(!journal.text().contains("005924"), "{}", journal.text());
    session.form(&bench, "sts", IDENTITY);
    let ask = json!({"LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": session.key}]});
    let event = bench.events(ask).remove(0)["CloudTrailEvent"].to_string();
    assert!(event.contains("mfaAuthenticated\\\":\\\"true"), "{event}");
    // What an authenticator would show now: never a code that was spent.
    let (range, by) = (&bench.range, "arn:aws:iam::111122223333:user/oncall");
    let next = range.mfa_code(by).expect("the next one");
    assert_eq!(range.mfa_code("arn:aws:iam::111122223333:mfa/oncall"), Some(next.clone()));
    assert_eq!(range.mfa_code("arn:aws:iam::111122223333:user/nobody"), None);
    given(&again, &me, &role(&format!("{serial}{next}")));
    assert_eq!(range.mfa_code(by), None, "both that are good now were spent");
    range.pass(jiff::SignedDuration::from_secs(30)).expect("passes");
    let later = range.mfa_code(by).expect("a new one");
    given(&bench, &me, &role(&format!("{serial}{later}")));
    let devices = super::iam::ok(&bench, "ListMFADevices", &[]);
    assert_eq!(all(&devices, "SerialNumber"), ["arn:aws:iam::111122223333:mfa/oncall"]);
}

#[test]
fn a_user_s_session_without_a_code_is_of_little_use() {
    let scenario = Scenario::read("x.toml", MFA).unwrap_or_else(|broken| panic!("{broken}"));
    let bench = Bench::of(scenario, Box::new(NoJournal));
    let me = own(OPERATOR_KEY);
    let ask = "Action=GetSessionToken&Version=2011-06-15";
    let code = format!("{ask}&SerialNumber=arn:aws:iam::111122223333:mfa/oncall&TokenCode=005924");
    let (plain, strong) = (given(&bench, &me, ask), given(&bench, &me, &code));
    let user = "Action=GetUser&Version=2010-05-08";
    let (status, text) = plain.form(&bench, "iam", user);
    assert_eq!((status, all(&text, "Code")), (403, vec!["InvalidClientTokenId"]));
    assert_eq!(all(&strong.form(&bench, "iam", user).1, "UserName"), ["oncall"]);
    let (_, identity) = plain.form(&bench, "sts", IDENTITY);
    assert_eq!(all(&identity, "Arn"), ["arn:aws:iam::111122223333:user/oncall"]);
    let session = "Cannot call GetSessionToken with session credentials";
    refused(&bench, &strong, ask, (403, "AccessDenied"), session);
    bench.pass(12 * 60);
    let (status, text) = strong.form(&bench, "sts", IDENTITY);
    assert_eq!((status, all(&text, "Code")), (403, vec!["ExpiredToken"]));
}

#[test]
fn a_device_is_written_as_iam_knows_it() {
    let text = MFA.replace("arn:aws:iam::111122223333:mfa/oncall", "short").replace("GEZD", "1890");
    let broken = Scenario::read("x.toml", &text).expect_err("broken").to_string();
    for part in ["`serial` is 9 to 256", "`seed` is base 32"] {
        assert!(broken.contains(part), "{part} not in\n{broken}");
    }
}
