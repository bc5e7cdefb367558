//! Decisions and documents in a second, on one core.
//!
//! `cargo bench --bench policy`. A decision is the whole of it, with its reasons: ten parsed
//! policies of the kinds that apply to a role session in an organization.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use halon::policy::{
    Caller, Context, Named, Outcome, Policies, Policy, Request, Resource, evaluate,
};

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";

fn policy(name: &str, statements: &str) -> Named {
    let document = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Named::new(name, Policy::parse(&document).expect("a policy"))
}

const REGIONS: &str = r#"{"Sid": "Regions", "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", "route53:*", "support:*", "sts:*", "cloudfront:*"],
    "Resource": "*", "Condition": {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1", "us-east-1"]},
        "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/break-glass-*"]}}}"#;
const LEAVING: &str = r#"{"Sid": "Leaving", "Effect": "Deny", "Action":
    ["organizations:LeaveOrganization", "account:Close*"], "Resource": "*"}"#;
const TRAILS: &str = r#"{"Sid": "Trails", "Effect": "Deny", "Action":
    ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "guardduty:Delete*"], "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalTag/BreakGlass": "true"}}}"#;
const ALL: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
const OBJECTS: &str = r#"{"Sid": "Objects", "Effect": "Allow", "Action":
    ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
    "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]}"#;
const QUEUES: &str = r#"{"Sid": "Queues", "Effect": "Allow", "Action": ["sqs:Send*", "sqs:Get*"],
    "Resource": "arn:aws:sqs:*:111122223333:jobs-*"},
    {"Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"}"#;
const SECRETS: &str = r#"{"Sid": "Secrets", "Effect": "Allow", "Action": "secretsmanager:Get*",
    "Resource": "arn:aws:secretsmanager:*:*:secret:app/*",
    "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#;
const BOUNDARY: &str = r#"{"Effect": "Allow", "Action":
    ["s3:*", "sqs:*", "secretsmanager:*", "logs:*"], "Resource": "*"}"#;
const BUCKET: &str = r#"{"Sid": "Secure", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
    "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}"#;
const PERIMETER: &str = r#"{"Sid": "Perimeter", "Effect": "Deny", "Principal": "*",
    "Action": "s3:*", "Resource": "*", "Condition": {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcde12345"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}"#;

/// Ten: three SCPs, one RCP, three of the role, its boundary, the session's, the bucket's.
fn ten() -> Policies {
    let scps = [REGIONS, LEAVING, TRAILS];
    let scps = scps.map(|deny| vec![policy("scp", &format!("{deny}, {ALL}"))]);
    Policies {
        scps: scps.into(),
        rcps: vec![vec![policy("rcp", PERIMETER)]],
        identity: vec![
            policy("objects", OBJECTS),
            policy("queues", QUEUES),
            policy("secrets", SECRETS),
        ],
        boundary: Some(policy("boundary", BOUNDARY)),
        session: Some(vec![policy("session", ALL)]),
        resource: Some(policy("bucket", BUCKET)),
    }
}

fn request(action: &str, resource: &str, region: &str) -> Request {
    let mut context = Context::complete();
    for (key, value) in [
        ("aws:RequestedRegion", region),
        ("aws:SecureTransport", "true"),
        ("aws:PrincipalOrgID", "o-abcde12345"),
        ("aws:SourceIp", "203.0.113.7"),
        ("aws:CurrentTime", "2026-03-02T03:10:00Z"),
        ("aws:UserAgent", "aws-cli/2"),
    ] {
        context.set(key, Some(vec![value.to_owned()]));
    }
    let caller = Caller { tags: Some(Vec::new()), ..Caller::new(SESSION).expect("a caller") };
    Request::new(caller, action, Resource { arn: resource.to_owned(), account: None }, context)
}

fn decisions(c: &mut Criterion) {
    let policies = ten();
    let object = "arn:aws:s3:::reports/2026/a.csv";
    let cases = [
        (Outcome::Allowed, request("s3:GetObject", object, "eu-west-1")),
        (Outcome::ExplicitDeny, request("s3:GetObject", object, "ap-south-1")),
        (Outcome::ImplicitDeny, request("s3:DeleteObject", object, "eu-west-1")),
    ];
    let mut group = c.benchmark_group("decision over ten policies");
    group.throughput(Throughput::Elements(1));
    for (outcome, request) in &cases {
        assert_eq!(evaluate(request, &policies).outcome, *outcome);
        group.bench_function(outcome.word(), |b| {
            b.iter(|| evaluate(black_box(request), black_box(&policies)));
        });
    }
    group.finish();
}

fn documents(c: &mut Criterion) {
    let statements = [REGIONS, LEAVING, TRAILS, OBJECTS, QUEUES, SECRETS, BUCKET].join(",\n");
    let document = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}");
    let mut group = c.benchmark_group("document");
    group.throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("read", |b| {
        b.iter(|| Policy::parse(black_box(&document)).expect("a policy"))
    });
    group.finish();
}

criterion_group!(benches, decisions, documents);
criterion_main!(benches);
