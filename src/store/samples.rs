//! Random events and questions over few values, so that they meet.

use std::sync::Arc;

use jiff::Timestamp;
use proptest::{option, prelude::*, sample::select};
use serde_json::json;

use crate::domain::event::{By, Event, Outer, Question, Resource, Window};

/// Where the samples' time begins.
pub const BEGIN: i64 = 1_772_420_000;

pub fn second(offset: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + offset).expect("a time")
}

const NAMES: &[&str] = &["GetUser", "PutObject", "AssumeRole", ""];
const KEYS: &[&str] = &["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", ""];
const USERS: &[&str] = &["alice", "Bob", "naïve", "session"];
const RESOURCES: &[&str] = &[
    "arn:aws:s3:::bucket/key",
    "arn:aws:iam::111122223333:role/path/admin",
    "bucket",
    "key",
    "admin",
    "arn:aws:sns:us-east-1:111122223333:topic",
    "",
];
const ADDRESSES: &[&str] = &["192.0.2.1", "2001:db8::1", "AWS Internal"];
const AGENTS: &[&str] = &["aws-cli/2", "Boto3 É", "x y"];

pub fn identity() -> impl Strategy<Value = serde_json::Value> {
    let user = (select(USERS), select(KEYS))
        .prop_map(|(u, k)| json!({"type": "IAMUser", "userName": u, "accessKeyId": k}));
    let role = (select(USERS), select(&["admin", "reader"][..]), select(KEYS)).prop_map(|(s, r, k)| {
        json!({
            "type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{s}"), "accessKeyId": k,
            "arn": format!("arn:aws:sts::111122223333:assumed-role/{r}/{s}"),
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "userName": r, "arn": format!("arn:aws:iam::111122223333:role/path/{r}"),
            }},
        })
    });
    prop_oneof![
        user,
        role,
        Just(json!({"type": "Root", "accessKeyId": ""})),
        Just(json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"})),
        Just(json!(null)),
    ]
}

fn outer() -> impl Strategy<Value = Outer> {
    let text = |of| option::of(select::<&str>(of).prop_map(Into::into));
    let resources = proptest::collection::vec(select(RESOURCES), 0..3);
    (text(USERS), text(KEYS), option::of(0i64..20), resources).prop_map(
        |(username, access_key, time, names)| Outer {
            name: Some("Beside".into()),
            time: time.map(second),
            username,
            access_key,
            resources: names.iter().map(|n| Resource { name: (*n).into(), kind: None }).collect(),
            ..Outer::default()
        },
    )
}

/// Events with one of `ids` ids.
pub fn event(ids: u32) -> impl Strategy<Value = Arc<Event>> {
    let raw = (
        (0..ids, option::weighted(0.9, -5i64..25), select(NAMES), identity()),
        (option::of(select(ADDRESSES)), option::of(select(AGENTS)), any::<bool>()),
        proptest::collection::vec(select(RESOURCES), 0..3),
    );
    let raw = raw.prop_map(|((id, time, name, identity), (address, agent, failed), resources)| {
        json!({
            "eventID": format!("id-{id}"),
            "eventTime": time.map(|t| second(t).to_string()),
            "eventName": name,
            "eventSource": "iam.amazonaws.com",
            "userIdentity": identity,
            "sourceIPAddress": address,
            "userAgent": agent,
            "errorCode": failed.then_some("AccessDenied"),
            "resources": resources.iter().map(|r| json!({"ARN": r})).collect::<Vec<_>>(),
        })
        .to_string()
    });
    let raw = prop_oneof![9 => raw, 1 => Just("not JSON".to_owned())];
    (raw, option::weighted(0.3, outer()), 0..ids).prop_map(|(raw, outer, id)| {
        let outer = match raw.as_str() {
            "not JSON" => Some(Outer {
                id: Some(format!("id-{id}").into()),
                name: Some("Beside".into()),
                ..outer.unwrap_or_default()
            }),
            _ => outer,
        };
        Arc::new(Event::read(&raw, outer).expect("an event"))
    })
}

fn by() -> impl Strategy<Value = By> {
    let of = |make: fn(String) -> By, values: &'static [&'static str]| {
        select(values).prop_map(move |v: &str| make(v.to_owned()))
    };
    prop_oneof![
        of(By::Key, KEYS),
        of(By::User, USERS),
        of(By::User, &["root"]),
        of(By::Role, &["admin", "path/admin", "arn:aws:iam::111122223333:role/path/admin", "none"]),
        of(By::Event, NAMES),
        of(By::Resource, RESOURCES),
        of(By::Source, &["iam", "iam.amazonaws.com", "s3"]),
        of(By::EventId, &["id-1", "id-2", "id-99"]),
        of(By::Address, ADDRESSES),
        of(By::Agent, AGENTS),
    ]
}

pub fn question() -> impl Strategy<Value = Question> {
    let text = prop_oneof![
        3 => Just(""),
        1 => select(&["bob", "NAÏVE", "admin/s", "beside", "É x", "rootx", "iamuser key", "\"eventid\"", "o"][..]),
    ];
    (proptest::collection::vec(by(), 0..3), -6i64..26, -1i64..26, text, any::<bool>()).prop_map(
        |(by, from, length, text, failed)| Question {
            by,
            window: Window { from: second(from), to: second(from + length) },
            text: text.to_owned(),
            failed,
        },
    )
}
