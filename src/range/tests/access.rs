//! Every call is authorized: by which policy it is refused, and in which words.

use serde_json::json;

use super::{
    iam::{all, iam, ok},
    organizations::MANAGEMENT_KEY,
    sessions::{Given, assume},
    *,
};

const BREAK_GLASS: &str = "arn:aws:iam::123456789012:role/break-glass";
const RESPONDER: &str = "arn:aws:iam::123456789012:role/responder";
const QUARANTINED: (&str, &str) =
    ("AKIAI77NIGHTLEXAMPLE", "Vb3kXq9sLm5tWz1pRd7hYc2nGf6jAuEXAMPLEKEY");
const SCP: &str = "SERVICE_CONTROL_POLICY";

/// The same world, as somebody else.
fn by(bench: &Bench, key: (&'static str, &'static str)) -> Bench {
    let (_, wall) = clock();
    Bench { range: bench.range.clone(), wall, key, region: bench.region }
}

fn own(key: (&str, &str)) -> Given {
    Given { key: key.0.to_owned(), secret: key.1.to_owned(), token: String::new() }
}

impl Given {
    /// Status, code and message of a list of detectors in a Region.
    fn detectors(&self, bench: &Bench, region: &'static str) -> (u16, String, String) {
        let there = Bench { region, ..by(bench, OPERATOR_KEY) };
        let request = there.request("guardduty", "GET", "/detector", "");
        let answer = there.send(self.signed(&there, request, "guardduty")).expect("an answer");
        let body: Value = serde_json::from_slice(answer.body()).expect("JSON");
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        (answer.status().as_u16(), text("__type"), text("message"))
    }
}

#[track_caller]
fn given(bench: &Bench, by: &Given, form: &str) -> Given {
    let (status, text) = by.form(bench, "sts", form);
    assert_eq!(status, 200, "{text}");
    Given::read(&text)
}

/// Status, code and message of a form.
#[track_caller]
fn refused(bench: &Bench, by: &Given, service: &str, form: &str) -> String {
    let (status, text) = by.form(bench, service, form);
    assert_eq!((status, all(&text, "Code")), (403, vec!["AccessDenied"]), "{form}: {text}");
    all(&text, "Message")[0].to_owned()
}

fn tagged(role: &str) -> String {
    assume(role, "oncall", "&Tags.member.1.Key=BreakGlass&Tags.member.1.Value=true")
}

#[test]
fn the_region_policy_denies_break_glass_and_says_so() {
    let bench = Bench::new("locked-out");
    let glass = given(&bench, &own(OPERATOR_KEY), &assume(BREAK_GLASS, "oncall", ""));
    let (status, code, why) = glass.detectors(&bench, "us-east-1");
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert_eq!(
        why,
        "User: arn:aws:sts::123456789012:assumed-role/break-glass/oncall is not authorized to \
         perform: guardduty:ListDetectors on resource: * with an explicit deny in a service \
         control policy"
    );
    assert_eq!(glass.detectors(&bench, "eu-west-1").0, 200);
    // IAM is everywhere, and its Region is us-east-1; the policy lets it be.
    let roles = "Action=ListRoles&Version=2010-05-08";
    assert_eq!(glass.form(&bench, "iam", roles).0, 200);
    // The security account is in another unit, and the management account in none that binds.
    assert_eq!(own(OPERATOR_KEY).detectors(&bench, "us-east-1").0, 200);
    assert_eq!(own(MANAGEMENT_KEY).detectors(&bench, "us-east-1").0, 200);
}

#[test]
fn an_exemption_by_tag_lets_the_role_and_the_session_that_bear_it() {
    let bench = Bench::new("locked-out");
    let management = by(&bench, MANAGEMENT_KEY);
    let list = management.organizations("ListPolicies", json!({"Filter": SCP}));
    let policies = list["Policies"].as_array().expect("a list");
    let id = &policies.iter().find(|p| p["Name"] == "only-europe").expect("it")["Id"];
    let policy = management.organizations("DescribePolicy", json!({"PolicyId": id}));
    let mut content: Value =
        serde_json::from_str(policy["Policy"]["Content"].as_str().expect("text")).expect("JSON");
    content["Statement"][0]["Condition"]["StringNotEquals"]["aws:PrincipalTag/BreakGlass"] =
        "true".into();
    let update = json!({"PolicyId": id, "Content": content.to_string()});
    management.organizations("UpdatePolicy", update);
    let me = own(OPERATOR_KEY);
    let glass = given(&bench, &me, &assume(BREAK_GLASS, "oncall", ""));
    assert_eq!(glass.detectors(&bench, "us-east-1").0, 200, "the role bears the tag");
    let plain = given(&bench, &me, &assume(RESPONDER, "oncall", ""));
    assert_eq!(plain.detectors(&bench, "us-east-1").0, 403);
    let with = given(&bench, &me, &tagged(RESPONDER));
    assert_eq!(with.detectors(&bench, "us-east-1").0, 200, "the session bears the tag");
    // The trust policy must let tags in.
    let why = refused(&bench, &own(MEMBER_KEY), "sts", &tagged(BREAK_GLASS));
    assert_eq!(
        why,
        "User: arn:aws:iam::123456789012:user/prod-oncall is not authorized to perform: \
         sts:AssumeRole because no role trust policy allows the sts:AssumeRole action"
    );
}

#[test]
fn a_policy_that_is_attached_or_moved_into_counts_at_once() {
    let bench = Bench::new("locked-out");
    let (management, member) = (by(&bench, MANAGEMENT_KEY), own(MEMBER_KEY));
    let roles = "Action=ListRoles&Version=2010-05-08";
    assert_eq!(member.form(&bench, "iam", roles).0, 200);
    let create = |name: &str, document: &str| {
        let asked = json!({"Name": name, "Description": "", "Type": SCP, "Content": document});
        management.organizations("CreatePolicy", asked)["Policy"]["PolicySummary"]["Id"].clone()
    };
    let deny = create(
        "no-roles",
        r#"{"Statement":{"Effect":"Deny","Action":"IAM:listroles","Resource":"*"}}"#,
    );
    let here = json!({"PolicyId": deny, "TargetId": "123456789012"});
    management.organizations("AttachPolicy", here.clone());
    let why = refused(&bench, &member, "iam", roles);
    assert_eq!(
        why,
        "User: arn:aws:iam::123456789012:user/prod-oncall is not authorized to perform: \
         iam:ListRoles on resource: arn:aws:iam::123456789012:role/ with an explicit deny in a \
         service control policy"
    );
    management.organizations("DetachPolicy", here);
    assert_eq!(member.form(&bench, "iam", roles).0, 200);
    // Without FullAWSAccess a level allows only what its others do.
    let some =
        create("some", r#"{"Statement":{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}}"#);
    let target = |id: &Value| json!({"PolicyId": id, "TargetId": "123456789012"});
    management.organizations("AttachPolicy", target(&some));
    assert_eq!(member.form(&bench, "iam", roles).0, 200);
    management.organizations("DetachPolicy", target(&"p-FullAWSAccess".into()));
    let why = refused(&bench, &member, "iam", roles);
    assert!(
        why.ends_with("because no service control policy allows the iam:ListRoles action"),
        "{why}"
    );
    assert_eq!(member.form(&bench, "iam", "Action=GetUser&Version=2010-05-08").0, 200);
    // What is attached to the root binds every account but the management account's.
    let list = management.organizations("ListRoots", json!({}));
    let root = json!({"PolicyId": deny, "TargetId": list["Roots"][0]["Id"]});
    management.organizations("AttachPolicy", root);
    ok(&management, "ListRoles", &[]);
    assert_eq!(iam(&bench, "ListRoles", &[]).0, 403);
}

#[test]
fn each_kind_of_policy_has_its_own_words() {
    let bench = Bench::new("locked-out");
    let nightly = own(QUARANTINED);
    let form = |action: &str, more: &str| format!("Action={action}&Version=2010-05-08{more}");
    let user =
        "User: arn:aws:iam::210987654321:user/ci/nightly-build is not authorized to perform: ";
    // A managed policy that denies.
    let key = form(
        "UpdateAccessKey",
        "&AccessKeyId=AKIAI77NIGHTLEXAMPLE&Status=Active&UserName=nightly-build",
    );
    assert_eq!(
        refused(&bench, &nightly, "iam", &key),
        format!(
            "{user}iam:UpdateAccessKey on resource: user nightly-build with an explicit deny in an identity-based policy"
        )
    );
    let why = refused(&bench, &nightly, "sts", "Action=GetSessionToken&Version=2011-06-15");
    assert!(
        why.contains("sts:GetSessionToken on resource: * with an explicit deny in an identity"),
        "{why}"
    );
    // Nothing can deny this one.
    let identity = super::authentication::IDENTITY;
    assert_eq!(nightly.form(&bench, "sts", identity).0, 200);
    let (status, code, why) = nightly.detectors(&bench, "us-east-1");
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert!(
        why.ends_with("because no identity-based policy allows the guardduty:ListDetectors action"),
        "{why}"
    );
    // A session's own policy.
    let narrow = "&Policy=%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22iam%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    let narrow = given(&bench, &own(OPERATOR_KEY), &assume(RESPONDER, "narrow", narrow));
    assert_eq!(narrow.form(&bench, "iam", &form("GetRole", "&RoleName=responder")).0, 200);
    let why = refused(&bench, &narrow, "iam", &form("ListUsers", ""));
    assert!(why.ends_with("because no session policy allows the iam:ListUsers action"), "{why}");
}

#[test]
fn a_boundary_limits_what_the_policies_allow() {
    let text = r#"
schema = 1
id = "x"
title = "X"
start = "2026-03-02T03:10:00Z"
[[accounts]]
id = "111122223333"
alias = "prod"
regions = ["us-east-1"]
[[policies]]
account = "prod"
name = "people"
document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:Get*","Resource":"arn:aws:iam::*:user/${aws:username}"}]}'
[[principals]]
account = "prod"
kind = "user"
name = "alice"
access_key = "AKIAI66PRODUCEXAMPLE"
secret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
policies = ["AdministratorAccess"]
boundary = "people"
"#;
    let scenario = Scenario::read("x", text).unwrap_or_else(|broken| panic!("{broken}"));
    let bench = Bench { key: MEMBER_KEY, ..Bench::of(scenario, Box::new(NoJournal)) };
    ok(&bench, "GetUser", &[]);
    let (status, text) = iam(&bench, "GetUser", &[("UserName", "oncall")]);
    assert_eq!(status, 403, "{text}");
    let words = "because no permissions boundary allows the iam:GetUser action";
    assert!(all(&text, "Message")[0].ends_with(words), "{text}");
    assert_eq!(own(MEMBER_KEY).detectors(&bench, "us-east-1").0, 200);
}

#[test]
fn a_trust_policy_is_asked_with_its_conditions() {
    let bench = Bench::new("locked-out");
    let nightly = own(QUARANTINED);
    let scanner = "arn:aws:iam::123456789012:role/scanner";
    let with = assume(scanner, "scan", "&ExternalId=example-4711");
    given(&bench, &nightly, &with);
    // Another account is told no more than that it may not.
    for form in [assume(scanner, "scan", ""), assume(scanner, "scan", "&ExternalId=example-4712")] {
        let why = refused(&bench, &nightly, "sts", &form);
        assert!(why.ends_with(&format!("sts:AssumeRole on resource: {scanner}")), "{why}");
    }
    // Whom the trust policy names, and who wants more than it gives.
    let me = own(OPERATOR_KEY);
    given(&bench, &me, &assume(BREAK_GLASS, "oncall", "&SourceIdentity=alice"));
    let named = assume(RESPONDER, "oncall", "&SourceIdentity=alice");
    let why = refused(&bench, &me, "sts", &named);
    assert!(why.ends_with(&format!("sts:SetSourceIdentity on resource: {RESPONDER}")), "{why}");
    // The caller's own policies count as well: this user may assume one role only.
    let ci = own(("AKIAI44QH8DHBEXAMPLE", "dT5sNc8vRb1kZw6xLq3mYh9pGj2eUaEXAMPLEKEY"));
    given(&bench, &ci, &assume("arn:aws:iam::123456789012:role/ci/artifact-publisher", "one", ""));
}

#[test]
fn mfa_is_what_the_session_or_the_code_says() {
    // RFC 6238, appendix B: the seed, and a time with its code.
    let text = r#"
schema = 1
id = "x"
title = "X"
start = "2009-02-13T23:31:30Z"
[[accounts]]
id = "123456789012"
alias = "prod"
regions = ["us-east-1"]
[[principals]]
account = "prod"
kind = "user"
name = "oncall"
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["AdministratorAccess"]
mfa = { serial = "arn:aws:iam::123456789012:mfa/oncall", seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }
[[principals]]
account = "prod"
kind = "role"
name = "break-glass"
policies = ["AdministratorAccess"]
trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}]}'
"#;
    let scenario = Scenario::read("x", text).unwrap_or_else(|broken| panic!("{broken}"));
    let bench = Bench::of(scenario, Box::new(NoJournal));
    let (me, plain) = (own(OPERATOR_KEY), assume(BREAK_GLASS, "alice", ""));
    let code = "&SerialNumber=arn:aws:iam::123456789012:mfa/oncall&TokenCode=005924";
    let why = refused(&bench, &me, "sts", &plain);
    assert!(
        why.ends_with("because no role trust policy allows the sts:AssumeRole action"),
        "{why}"
    );
    let session = format!("Action=GetSessionToken&Version=2011-06-15{code}");
    let strong = given(&bench, &me, &session);
    given(&bench, &strong, &plain);
    bench.pass(59);
    given(&bench, &strong, &plain);
    bench.pass(1);
    refused(&bench, &strong, "sts", &plain);
}

#[test]
fn a_resource_control_policy_keeps_strangers_out() {
    let bench = Bench::new("locked-out");
    let management = by(&bench, MANAGEMENT_KEY);
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"123456789012"}}}}"#;
    let create = json!({"Name": "at-home", "Description": "", "Type": "RESOURCE_CONTROL_POLICY", "Content": deny});
    let id =
        management.organizations("CreatePolicy", create)["Policy"]["PolicySummary"]["Id"].clone();
    let me = own(OPERATOR_KEY);
    given(&bench, &me, &assume(RESPONDER, "oncall", ""));
    management.organizations("AttachPolicy", json!({"PolicyId": id, "TargetId": "123456789012"}));
    let why = refused(&bench, &me, "sts", &assume(RESPONDER, "oncall", ""));
    assert!(why.ends_with("with an explicit deny in a resource control policy"), "{why}");
    // Its own account is exempt, and other services than STS are not bound.
    assert_eq!(own(MEMBER_KEY).form(&bench, "iam", "Action=ListRoles&Version=2010-05-08").0, 200);
}

#[test]
fn a_refusal_is_in_the_trail_with_its_reason() {
    let bench = Bench::new("locked-out");
    let form = "Action=ListUsers&Version=2010-05-08";
    let why = refused(&bench, &own(QUARANTINED), "iam", form);
    let sandbox = Bench { region: "us-east-1", ..by(&bench, QUARANTINED) };
    assert_eq!(
        sandbox.try_cloudtrail("LookupEvents", json!({})).0,
        400,
        "denied by the quarantine"
    );
    let management = by(&bench, MANAGEMENT_KEY);
    let create = json!({"Name": "x", "Description": "", "Type": SCP, "Content": "{}"});
    management.try_organizations("CreatePolicy", create);
    assert!(why.contains("explicit deny"), "{why}");
    let event = management
        .events(json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreatePolicy"}]}))
        .remove(0);
    let event = event["CloudTrailEvent"].as_str().expect("text").to_owned();
    assert!(event.contains("MalformedPolicyDocumentException"), "{event}");
}

#[test]
fn an_encoded_message_is_decoded_for_who_may() {
    let bench = Bench { region: "us-east-1", ..by(&Bench::new("locked-out"), MANAGEMENT_KEY) };
    // Production's own trail has the event; break-glass itself may not look there.
    let glass = given(&bench, &own(OPERATOR_KEY), &assume(BREAK_GLASS, "oncall", ""));
    let told = scenario("locked-out");
    assert!(told.operators().iter().any(|o| o.access_key == MEMBER_KEY.0));
    let find = |given: &Given| {
        let ask = json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "StopInstances"}]});
        let mut request = bench.request("cloudtrail", "POST", "/", &ask.to_string());
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        request.headers_mut().insert("x-amz-target", target.parse().expect("a value"));
        let answer = bench.send(given.signed(&bench, request, "cloudtrail")).expect("an answer");
        let body: Value = serde_json::from_slice(answer.body()).expect("JSON");
        (answer.status().as_u16(), body)
    };
    assert_eq!(find(&glass).0, 400, "the region policy denies the lookup as well");
    let management = by(&bench, MANAGEMENT_KEY);
    let policies =
        management.organizations("ListPolicies", json!({"Filter": SCP}))["Policies"].clone();
    let policies = policies.as_array().expect("a list");
    let id = &policies.iter().find(|p| p["Name"] == "only-europe").expect("it")["Id"];
    let targets = management.organizations("ListTargetsForPolicy", json!({"PolicyId": id}));
    let target = &targets["Targets"][0]["TargetId"];
    management.organizations("DetachPolicy", json!({"PolicyId": id, "TargetId": target}));
    let event = find(&glass).1["Events"][0]["CloudTrailEvent"].as_str().expect("text").to_owned();
    let event: Value = serde_json::from_str(&event).expect("JSON");
    let why = event["errorMessage"].as_str().expect("text");
    let (sentence, message) =
        why.split_once(" Encoded authorization failure message: ").expect("one");
    assert!(sentence.ends_with("with an explicit deny in a service control policy"), "{sentence}");
    let set = percent_encoding::NON_ALPHANUMERIC;
    let message = percent_encoding::utf8_percent_encode(message, set);
    let form =
        format!("Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage={message}");
    let (status, text) = glass.form(&bench, "sts", &form);
    assert_eq!(status, 200, "{text}");
    let decoded = all(&text, "DecodedMessage")[0].replace("&quot;", "\"");
    let decoded: Value = serde_json::from_str(&decoded).expect("JSON");
    assert_eq!((&decoded["allowed"], &decoded["explicitDeny"]), (&false.into(), &true.into()));
    assert_eq!(decoded["context"]["action"], "ec2:StopInstances");
    assert_eq!(decoded["matchedStatements"]["items"][0]["statementId"], "OnlyEurope");
    let ci = own(("AKIAI44QH8DHBEXAMPLE", "dT5sNc8vRb1kZw6xLq3mYh9pGj2eUaEXAMPLEKEY"));
    let why = refused(&bench, &ci, "sts", &form);
    assert!(
        why.contains("sts:DecodeAuthorizationMessage on resource: * because no identity"),
        "{why}"
    );
    let wrong = "Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage=AAAA";
    let (status, text) = glass.form(&bench, "sts", wrong);
    assert_eq!((status, all(&text, "Code")), (400, vec!["InvalidAuthorizationMessageException"]));
}
