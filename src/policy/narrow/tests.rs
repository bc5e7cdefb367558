//! Proposals: nothing that was seen goes, nothing is added, and what cannot be seen stays.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    domain::event::Event,
    policy::{Caller, Context, Outcome, Policies, Request, Resource, evaluate},
};

const ROLE: &str = "arn:aws:iam::111122223333:role/ci/Publisher";

fn inline(document: &Value) -> Held {
    let policy = Policy::parse(&document.to_string()).unwrap_or_else(|e| panic!("{e}"));
    Held { named: Named::new("publish", policy), managed: None }
}

fn one(statement: Value) -> Held {
    inline(&json!({"Version": "2012-10-17", "Statement": [statement]}))
}

fn event(source: &str, name: &str, more: Value) -> Event {
    let mut event = json!({
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
        "eventTime": "2026-03-02T03:10:00Z", "awsRegion": "eu-west-1",
        "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": ROLE}}}
    });
    for (key, value) in more.as_object().expect("an object") {
        event[key] = value.clone();
    }
    Event::read(&event.to_string(), None).expect("an event")
}

fn bucket(name: &str, of: &str) -> Event {
    event("s3", name, json!({"requestParameters": {"bucketName": of}}))
}

fn proposed(held: &Held, seen: &Seen) -> Proposal {
    with(held, Evidence { seen, recorded: &[], accessed: None })
}

fn with(held: &Held, evidence: Evidence<'_>) -> Proposal {
    narrow(std::slice::from_ref(held), evidence).remove(0)
}

fn allows(policy: Option<&Policy>, action: &str, resource: &str) -> bool {
    let Some(policy) = policy else { return false };
    let policies =
        Policies { identity: vec![Named::new("p", policy.clone())], ..Policies::default() };
    let caller = Caller::new(ROLE).expect("a role");
    let resource = Resource { arn: resource.to_owned(), account: None };
    let request = Request::new(caller, action, resource, Context::complete());
    evaluate(&request, &policies).outcome == Outcome::Allowed
}

fn kept(change: &Change, action: &str) -> Option<&'static str> {
    change.kept.iter().find(|k| k.action == action).map(|k| k.why.word())
}

fn goes(change: &Change, action: &str) -> bool {
    let id = |a: &&crate::policy::actions::Action| format!("{}:{}", a.service, a.name) == action;
    change.removed.iter().flat_map(|r| &r.actions).any(id)
}

#[test]
fn everything_of_s3_becomes_what_was_seen_and_what_cannot_be() {
    let held = one(json!({"Sid": "Publish", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let events = [
        bucket("GetBucketLocation", "artifacts"),
        bucket("GetBucketLocation", "artifacts"),
        bucket("PutBucketTagging", "artifacts"),
        event("s3", "ListBuckets", json!({})),
        event("s3", "DeleteBucket", json!({"errorCode": "AccessDenied"})),
    ];
    let seen = Seen::of(&events);
    assert_eq!((seen.events, seen.refused.get("s3:DeleteBucket")), (5, Some(&1)));
    let proposal = proposed(&held, &seen);
    let change = &proposal.changes[0];
    assert!(proposal.is_narrower());
    let used = |action: &str| change.seen.iter().find(|u| u.action == action).expect("seen");
    assert_eq!(used("s3:GetBucketLocation").events, 2);
    assert_eq!(
        used("s3:GetBucketLocation").only_on.as_deref(),
        Some(&["arn:aws:s3:::artifacts".to_owned()][..])
    );
    assert_eq!(used("s3:ListAllMyBuckets").only_on, None);
    for stays in ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObjectVersion"] {
        assert_eq!(kept(change, stays), Some("data_events"), "{stays}");
    }
    for gone in ["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:GetBucketPolicy"] {
        assert!(goes(change, gone), "{gone}");
    }
    let after = proposal.becomes.as_ref();
    assert!(allows(after, "s3:GetBucketLocation", "arn:aws:s3:::artifacts"));
    assert!(!allows(after, "s3:GetBucketLocation", "arn:aws:s3:::other"));
    assert!(allows(after, "s3:GetObject", "arn:aws:s3:::other/key"));
    assert!(!allows(after, "s3:PutBucketPolicy", "arn:aws:s3:::artifacts"));
    let sids: Vec<Option<&str>> = change.becomes.iter().map(|s| s.sid.as_deref()).collect();
    assert_eq!(sids, [Some("Publish"), Some("Publish2")]);
    let text = after.expect("a policy").to_json().to_string();
    assert_eq!(proposal.size, text.len(), "no blanks in it");
    assert_eq!(Policy::parse(&text).expect("it parses").to_json().to_string(), text);
}

#[test]
fn data_events_of_the_very_bucket_tell_what_goes() {
    let statement = |resource: Value| {
        one(json!({"Effect": "Allow", "Action": "s3:*Object", "Resource": resource}))
    };
    let row = |reads, writes| Recorded { container: "arn:aws:s3:::ci".to_owned(), reads, writes };
    let seen = Seen::of(&[event(
        "s3",
        "GetObject",
        json!({"eventCategory": "Data", "resources": [{"ARN": "arn:aws:s3:::ci/a"}]}),
    )]);
    let of = |resource: Value, recorded: &[Recorded]| {
        let held = statement(resource);
        let proposal = with(&held, Evidence { seen: &seen, recorded, accessed: None });
        proposal.changes[0].clone()
    };
    let all = of(json!("arn:aws:s3:::ci/*"), &[row(5, 2)]);
    assert!(goes(&all, "s3:PutObject") && all.recorded.contains(&"s3:PutObject".to_owned()));
    assert_eq!(all.seen[0].action, "s3:GetObject");
    assert_eq!(all.seen[0].only_on, None, "not by the keys that were seen");
    // Reads are recorded here, writes are not.
    let reads = of(json!("arn:aws:s3:::ci/*"), &[row(5, 0)]);
    assert_eq!(kept(&reads, "s3:PutObject"), Some("data_events"));
    for open in [
        json!("*"),
        json!("arn:aws:s3:::*"),
        json!("arn:aws:s3:::ci-*/*"),
        json!(["arn:aws:s3:::ci/*", "arn:aws:s3:::other/*"]),
    ] {
        let change = of(open.clone(), &[row(5, 2)]);
        assert_eq!(kept(&change, "s3:PutObject"), Some("data_events"), "{open}");
        assert!(change.recorded.is_empty());
    }
    assert_eq!(
        containers(&[statement(json!(["arn:aws:s3:::ci/*", "*", "arn:aws:s3:::x-*"]))]),
        ["arn:aws:s3:::ci"]
    );
}

#[test]
fn what_a_call_needs_beside_itself_stays() {
    let held = one(json!({"Effect": "Allow", "NotAction": "organizations:*", "Resource": "*"}));
    let seen = Seen::of(&[event("lambda", "CreateFunction20150331", json!({}))]);
    let change = proposed(&held, &seen).changes.remove(0);
    assert_eq!(kept(&change, "iam:PassRole"), Some("beside"));
    assert_eq!(kept(&change, "lambda:TagResource"), Some("beside"));
    assert!(goes(&change, "iam:CreateUser") && goes(&change, "ec2:CreateTags"));
    assert_eq!(kept(&change, "organizations:ListRoots"), None);
    assert!(!goes(&change, "organizations:ListRoots"), "it never was allowed");
    let none = proposed(&held, &Seen::default()).changes.remove(0);
    assert!(goes(&none, "iam:PassRole"), "nothing was seen that passes one");
}

#[test]
fn what_is_not_understood_or_used_elsewhere_keeps_its_service() {
    let held = one(json!({"Effect": "Allow", "Action": ["*"], "Resource": "*"}));
    let seen = Seen::of(&[
        event("secretsmanager", "StartSecretVersionDelete", json!({})),
        event("signin", "ConsoleLogin", json!({"eventType": "AwsConsoleSignIn"})),
        event("ec2", "SharedSnapshotVolumeCreated", json!({"eventType": "AwsServiceEvent"})),
    ]);
    assert_eq!((seen.no_action, seen.unmapped.len()), (2, 1));
    let at = "2026-02-01T00:00:00Z".parse().ok();
    let row =
        |service: &str, last| ServiceUse { service: service.into(), last, ..ServiceUse::default() };
    let accessed = [row("glue", at), row("ec2", None)];
    let evidence = Evidence { seen: &seen, recorded: &[], accessed: Some(&accessed) };
    let change = with(&held, evidence).changes.remove(0);
    assert_eq!(kept(&change, "secretsmanager:*"), Some("unmapped"));
    assert_eq!(kept(&change, "glue:*"), Some("last_accessed"));
    assert!(goes(&change, "ec2:RunInstances") && !goes(&change, "glue:GetTable"));
    let narrower =
        one(json!({"Effect": "Allow", "Action": ["glue:Get*", "new-service:*"], "Resource": "*"}));
    let change = with(&narrower, evidence).changes.remove(0);
    assert_eq!(kept(&change, "glue:Get*"), Some("last_accessed"));
    assert_eq!(kept(&change, "new-service:*"), Some("not_in_table"));
}

#[test]
fn what_is_narrow_already_or_denies_stays_as_it_is() {
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::ci/*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition":
            {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
    ]});
    let proposal = proposed(&inline(&document), &Seen::of(&[event("iam", "ListRoles", json!({}))]));
    let statements = proposal.becomes.expect("a policy").to_json()["Statement"].clone();
    assert_eq!(proposal.changes.len(), 1);
    assert_eq!(statements[0], document["Statement"][0]);
    assert_eq!(statements[1], document["Statement"][1]);
    assert_eq!(statements[2]["Action"], "iam:ListRoles");
    assert_eq!(statements[2]["Condition"], document["Statement"][2]["Condition"]);
    // Nothing seen and nothing kept: nothing is left, which is no policy.
    let iam = one(json!({"Effect": "Allow", "Action": "iam:*", "Resource": "*"}));
    assert!(proposed(&iam, &Seen::default()).becomes.is_none());
}

#[test]
fn resources_are_listed_only_where_every_event_names_one() {
    let held =
        |resource: &str| one(json!({"Effect": "Allow", "Action": "kms:*", "Resource": resource}));
    let key = |n: usize| format!("arn:aws:kms:eu-west-1:111122223333:key/{n}");
    let decrypt = |n: usize| event("kms", "Decrypt", json!({"resources": [{"ARN": key(n)}]}));
    let only_on = |held: &Held, events: &[Event]| {
        let change = proposed(held, &Seen::of(events)).changes.remove(0);
        change.seen.first().map(|u| u.only_on.clone())
    };
    let all = held("*");
    assert_eq!(only_on(&all, &[decrypt(1), decrypt(2)]), Some(Some(vec![key(1), key(2)])));
    let nameless = event("kms", "Decrypt", json!({}));
    assert_eq!(only_on(&all, &[decrypt(1), nameless]), Some(None));
    let many: Vec<Event> = (0..=MOST_ARNS).map(decrypt).collect();
    assert_eq!(only_on(&all, &many), Some(None));
    let starred = event(
        "kms",
        "Decrypt",
        json!({"resources": [{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/*"}]}),
    );
    assert_eq!(only_on(&all, &[starred]), Some(None), "a name is no pattern");
    // Another statement allowed it, then.
    assert_eq!(only_on(&held("arn:aws:kms:*:111122223333:key/9*"), &[decrypt(1)]), None);
}

const ACTIONS: [&str; 8] = [
    "s3:GetBucketLocation",
    "s3:ListAllMyBuckets",
    "s3:PutObject",
    "kms:Decrypt",
    "kms:ListKeys",
    "iam:PassRole",
    "ec2:RunInstances",
    "ec2:CreateTags",
];
const RESOURCES: [&str; 5] = [
    "*",
    "arn:aws:s3:::one",
    "arn:aws:s3:::one/key",
    "arn:aws:s3:::two",
    "arn:aws:kms:eu-west-1:111122223333:key/1",
];

fn statement() -> impl Strategy<Value = Value> {
    let actions = proptest::sample::subsequence(
        vec![
            "*",
            "s3:*",
            "s3:Get*",
            "kms:*",
            "*:*Keys",
            "ec2:Run*",
            "iam:Pass*",
            "s3:PutObject",
            "none:*",
        ],
        1..4,
    );
    let resources = proptest::sample::subsequence(
        vec![
            "*",
            "arn:aws:s3:::one*",
            "arn:aws:s3:::*",
            "arn:aws:kms:*:*:key/*",
            "arn:aws:s3:::two",
        ],
        1..3,
    );
    (actions, resources, any::<bool>(), any::<bool>(), 0..6u8).prop_map(
        |(actions, resources, not_action, not_resource, effect)| {
            let (action, resource) = (
                if not_action { "NotAction" } else { "Action" },
                if not_resource { "NotResource" } else { "Resource" },
            );
            let effect = if effect == 0 { "Deny" } else { "Allow" };
            json!({"Effect": effect, action: actions, resource: resources})
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_call_seen_stays_allowed_and_nothing_new_is(
        statements in proptest::collection::vec(statement(), 1..4),
        calls in proptest::collection::vec((0..ACTIONS.len(), 0..RESOURCES.len(), any::<bool>()), 0..8),
        unmapped in any::<bool>(),
    ) {
        let held = inline(&json!({"Version": "2012-10-17", "Statement": statements}));
        let mut seen = Seen::default();
        for (action, resource, told) in &calls {
            let arns = Vec::from_iter(told.then(|| RESOURCES[*resource].to_owned()));
            seen.call(ACTIONS[*action], &arns);
        }
        if unmapped {
            seen.unmapped.insert(("kms".to_owned(), "Odd".to_owned()), 1);
        }
        let proposal = proposed(&held, &seen);
        let before = Some(&*held.named.policy);
        let after = proposal.becomes.as_ref();
        for (action, resource, _) in calls {
            let (action, resource) = (ACTIONS[action], RESOURCES[resource]);
            if allows(before, action, resource) {
                prop_assert!(allows(after, action, resource), "{action} on {resource}");
            }
        }
        for action in ACTIONS {
            for resource in RESOURCES {
                let (was, is) = (allows(before, action, resource), allows(after, action, resource));
                prop_assert!(was || !is, "{action} on {resource} is new");
                let data = action == "s3:PutObject" && resource.contains(":s3:");
                prop_assert!(!(data && was) || is, "{action} on {resource} cannot be seen");
            }
        }
        if let Some(policy) = after {
            let text = policy.to_json().to_string();
            prop_assert_eq!(Policy::parse(&text).map(|p| p.to_json().to_string()).ok(), Some(text));
        }
    }
}
