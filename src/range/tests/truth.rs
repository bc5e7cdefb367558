//! What the world knows of itself: facts, changes, pictures.

use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::{
    domain::Principal,
    range::{Fact, Touches},
};

const WORLD: &str = r#"
schema = 1
id = "truth"
title = "Truth"
start = "2026-03-02T03:10:00Z"
[consistency]
iam = "30s"
[[accounts]]
id = "123456789012"
alias = "prod"
management = true
regions = ["us-east-1"]
[[organizational_units]]
name = "Workloads"
[[accounts]]
id = "210987654321"
alias = "dev"
parent = "Workloads"
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
kind = "user"
name = "ci"
access_key = "AKIAI44QH8DHBEXAMPLE"
policies = ["PowerUserAccess"]
[[principals]]
account = "prod"
kind = "role"
name = "runner"
policies = ["ReadOnlyAccess"]
trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:user/ci","777788889999"]},"Action":"sts:AssumeRole"}]}'
[[sessions]]
key = "ASIAI77BUILD1EXAMPLE"
account = "prod"
role = "runner"
name = "build"
at = "-10m"
by = "AKIAI44QH8DHBEXAMPLE"
ip = "198.51.100.42"
agent = "x"
[[policies]]
type = "SERVICE_CONTROL_POLICY"
name = "no-ec2"
attach = ["Workloads"]
document = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*"}]}'
[[trails]]
account = "prod"
name = "trail"
home = "us-east-1"
bucket = "logs"
stopped = "-1m"
[[findings]]
at = "-5m"
service = "guardduty"
account = "prod"
region = "us-east-1"
id = "f1"
[findings.body]
type = "Recon:EC2/Portscan"
title = "t"
description = "d"
"#;

const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:123456789012:trail/trail";
const REVOKE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-03-02T03:10:30Z"}}}]}"#;
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

fn bench() -> Bench {
    let scenario = Scenario::read("truth.toml", WORLD).unwrap_or_else(|b| panic!("{b}"));
    Bench::of(scenario, Box::new(NoJournal))
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("good")
}

#[test]
fn facts_hold_once_they_are_so_and_a_picture_tells_what_is_otherwise() {
    let bench = bench();
    let range = &bench.range;
    let prod = || parsed("123456789012");
    let role = || Principal::Role(parsed("runner"));
    let ci = || Principal::User(parsed("ci"));
    let power = "arn:aws:iam::aws:policy/PowerUserAccess";
    let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/ci"},"Action":"sts:AssumeRole"}]}"#;
    let unit = bench.invoke("organizations:ListRoots", json!({})).ok().json()["Roots"][0]["Id"]
        .as_str()
        .expect("a root")
        .to_owned();
    // Each with the call that makes it so.
    let facts = [
        (
            Fact::KeyOff(parsed("AKIAI44QH8DHBEXAMPLE")),
            "iam:UpdateAccessKey",
            json!({"UserName": "ci", "AccessKeyId": "AKIAI44QH8DHBEXAMPLE", "Status": "Inactive"}),
        ),
        (
            Fact::Detached(prod(), ci(), parsed(power)),
            "iam:DetachUserPolicy",
            json!({"UserName": "ci", "PolicyArn": power}),
        ),
        (
            Fact::SessionsRevoked(prod(), parsed("runner")),
            "iam:PutRolePolicy",
            json!({"RoleName": "runner", "PolicyName": "revoke", "PolicyDocument": REVOKE}),
        ),
        (
            Fact::NotTrusted(prod(), parsed("runner"), "777788889999".into()),
            "iam:UpdateAssumeRolePolicy",
            json!({"RoleName": "runner", "PolicyDocument": trust}),
        ),
        (
            Fact::Denied(prod(), ci()),
            "iam:PutUserPolicy",
            json!({"UserName": "ci", "PolicyName": "deny", "PolicyDocument": DENY}),
        ),
        (Fact::Logging(parsed(TRAIL)), "cloudtrail:StartLogging", json!({"Name": TRAIL})),
    ];
    let before = range.digest().expect("a picture");
    assert_eq!(before, range.digest_at_start());
    assert!(range.holds(&Fact::May(prod(), role(), "ec2:DescribeInstances".into())));
    for (fact, call, input) in facts {
        assert!(!range.holds(&fact), "{fact:?}");
        bench.invoke(call, input).ok();
        // What policies do takes its time; what is written is so at once.
        range.pass(SignedDuration::from_secs(31)).expect("time passes");
        assert!(range.holds(&fact), "{fact:?} after {call}");
    }
    assert!(range.holds(&Fact::SessionCut(parsed("ASIAI77BUILD1EXAMPLE"))));
    assert!(range.holds(&Fact::Inline(prod(), role(), parsed("revoke"))));
    assert!(range.holds(&Fact::NoInline(prod(), role(), parsed("other"))));
    // A session begun now is not one of those that were revoked.
    assert!(!range.holds(&Fact::Denied(prod(), role())));
    assert!(range.holds(&Fact::May(prod(), role(), "ec2:DescribeInstances".into())));
    assert!(!range.holds(&Fact::May(prod(), role(), "ec2:RunInstances".into())));
    let root: crate::domain::OrgTarget = parsed(&unit);
    assert!(range.holds(&Fact::NoScp("no-ec2".into(), root.clone())));
    assert!(!range.holds(&Fact::Scp("no-ec2".into(), root)));
    // Of what is not there, nothing is so.
    assert!(!range.holds(&Fact::Denied(prod(), Principal::User(parsed("nobody")))));
    assert!(!range.holds(&Fact::Archived("nothing".into())));

    let differences = before.differences(&range.digest().expect("a picture"));
    let what: Vec<&str> = differences.iter().map(|d| d.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "123456789012 role runner inline revoke",
            "123456789012 role runner trust",
            "123456789012 user ci inline deny",
            "123456789012 user ci key AKIAI44QH8DHBEXAMPLE",
            "123456789012 user ci policy arn:aws:iam::aws:policy/PowerUserAccess",
            &format!("{TRAIL} state"),
        ]
    );
    assert_eq!(differences[3].before.as_deref(), Some("active"));
    assert_eq!(differences[3].after.as_deref(), Some("inactive"));
    let changes = range.changes().expect("changes");
    assert_eq!(changes.len(), 6);
    assert!(changes.iter().all(|c| c.touches == Touches::Configuration));
}

#[test]
fn findings_reports_and_sessions_change_nothing_of_the_configuration() {
    let bench = bench();
    let range = &bench.range;
    let before = range.digest().expect("a picture");
    let fact = Fact::Archived("f1".into());
    assert!(!range.holds(&fact));
    bench.guardduty("/archive", json!({"findingIds": ["f1"]}));
    assert!(range.holds(&fact));
    bench.invoke("iam:GenerateCredentialReport", json!({})).ok();
    bench.invoke("sts:GetSessionToken", json!({})).ok();
    let touches: Vec<Touches> =
        range.changes().expect("changes").into_iter().map(|c| c.touches).collect();
    assert_eq!(touches, [Touches::Findings, Touches::Nothing, Touches::Nothing]);
    let archived = before.differences(&range.digest().expect("a picture"));
    assert_eq!(archived.len(), 1);
    assert_eq!(
        (archived[0].before.as_deref(), archived[0].after.as_deref()),
        (None, Some("archived"))
    );
    bench.guardduty("/unarchive", json!({"findingIds": ["f1"]}));
    assert_eq!(before.differences(&range.digest().expect("a picture")), []);
}
