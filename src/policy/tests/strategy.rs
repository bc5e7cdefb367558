//! Random policies and requests over a small alphabet, so that they meet.

use proptest::{prelude::*, sample::select};
use serde_json::{Map, Value, json};

use super::*;

pub const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "ec2:StopInstances"];
const ACTION_PATTERNS: &[&str] =
    &["*", "s3:*", "S3:getobject", "s3:?etObject", "*:*", "s3:*Object", "ec2:Stop*", "iam:*"];
pub const RESOURCES: &[&str] = &["arn:aws:s3:::b/ann", "arn:aws:s3:::b/k:1", "*"];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/ann",
    "arn:aws:s3:::b/?:1",
    "arn:*:b/k*",
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::b/${k:text, 'ann'}",
    "arn:aws:s3:::b/${k:other}",
];
const PRINCIPALS: &[&str] =
    &["*", USER, ROLE, SESSION, ROOT, FEDERATED, "111122223333", ELSEWHERE, "AIDAEXAMPLE"];

/// A key that requests may have, with values of its kind.
pub struct Key {
    pub name: &'static str,
    pub values: &'static [&'static str],
    /// Whose comparisons are decided by a few values.
    plain: &'static [&'static str],
    others: &'static [&'static str],
    policy: &'static [&'static str],
}

/// Spelled here as requests spell them.
pub const KEYS: &[Key] = &[
    Key {
        name: "k:text",
        values: &["a", "B", "ann", ""],
        plain: &["StringEquals", "StringNotEquals"],
        others: &[
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ],
        policy: &["a", "b", "ann", "${aws:username}", "${k:other}", "a*", "?", ""],
    },
    Key {
        name: "k:truth",
        values: &["true", "false"],
        plain: &["Bool"],
        others: &["StringNotEquals"],
        policy: &["true", "false"],
    },
    Key {
        name: "k:number",
        values: &["1", "2.5", "x"],
        plain: &["StringEquals"],
        others: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericGreaterThanEquals",
        ],
        policy: &["1", "2", "2.5"],
    },
    Key {
        name: "k:when",
        values: &["2026-01-01T00:00:00Z", "1767225600", "2027-01-01"],
        plain: &[],
        others: &["DateEquals", "DateNotEquals", "DateGreaterThan", "DateLessThanEquals"],
        policy: &["2026-01-01", "2026-06-01T12:00:00+02:00"],
    },
    Key {
        name: "k:from",
        values: &["203.0.113.7", "2001:db8::1", "10.0.0.1"],
        plain: &[],
        others: &["IpAddress", "NotIpAddress"],
        policy: &["203.0.113.0/24", "::/0", "10.0.0.1"],
    },
    Key {
        name: "k:arn",
        values: &[USER, ROLE],
        plain: &[],
        others: &["ArnLike", "ArnNotEquals", "ArnEquals", "ArnNotLike"],
        policy: &["arn:aws:iam::*:role/*", USER, "*", "arn:aws:iam::*:user/${aws:username}"],
    },
];

/// Several values may come of it.
pub const LIST: &str = "k:list";

fn one_or_more(pool: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        select(pool).prop_map(|one| json!(one)),
        prop::collection::vec(select(pool), 1..4).prop_map(|list| json!(list)),
    ]
}

/// (operator, key, values); only what a few values decide where `plain`.
fn test(plain: bool) -> BoxedStrategy<(String, String, Value)> {
    let single = (0..KEYS.len(), any::<bool>(), any::<prop::sample::Index>(), any::<bool>());
    let single = single.prop_flat_map(move |(at, upper, which, if_exists)| {
        let key = &KEYS[at];
        let operators: Vec<&str> = if plain {
            key.plain.to_vec()
        } else {
            key.plain.iter().chain(key.others).copied().collect()
        };
        let operator =
            if operators.is_empty() { "Null" } else { operators[which.index(operators.len())] };
        let suffix = if if_exists && operator != "Null" { "IfExists" } else { "" };
        let name = if upper { key.name.to_uppercase() } else { key.name.to_owned() };
        let values = if operator == "Null" { &["true", "false"][..] } else { key.policy };
        let literal: fn(&Value) -> bool = |v| !v.to_string().contains("${");
        let values = one_or_more(values).prop_filter("no variable", move |v| !plain || literal(v));
        values.prop_map(move |values| (format!("{operator}{suffix}"), name.clone(), values))
    });
    if plain {
        return single.boxed();
    }
    let several = (
        select(&["ForAllValues:", "ForAnyValue:", ""][..]),
        select(&["StringEquals", "StringNotEquals", "StringLike", "StringNotEqualsIfExists"][..]),
        one_or_more(&["a", "b", "${aws:username}", "*"]),
    );
    let several =
        several.prop_map(|(q, operator, v)| (format!("{q}{operator}"), LIST.to_owned(), v));
    prop_oneof![3 => single, 1 => several].boxed()
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kinds {
    All,
    /// Conditions whose keys a few values decide, and no variables.
    Plain,
}

fn statement(kinds: Kinds, principals: bool) -> impl Strategy<Value = Value> {
    let plain = kinds == Kinds::Plain;
    let resources = if plain { &RESOURCE_PATTERNS[..4] } else { RESOURCE_PATTERNS };
    let what =
        (any::<bool>(), 0..5u8, one_or_more(ACTION_PATTERNS), 0..5u8, one_or_more(resources));
    let conditions = prop::collection::vec(test(plain), 0..3);
    let who = (0..5u8, one_or_more(PRINCIPALS));
    (what, conditions, who).prop_map(move |(what, conditions, (not, who))| {
        let (allow, not_action, action, not_resource, resource) = what;
        let mut out = Map::new();
        out.insert("Effect".into(), if allow { "Allow" } else { "Deny" }.into());
        out.insert(if not_action == 0 { "NotAction" } else { "Action" }.into(), action);
        out.insert(if not_resource == 0 { "NotResource" } else { "Resource" }.into(), resource);
        if principals {
            let key = if not == 0 { "NotPrincipal" } else { "Principal" };
            out.insert(key.into(), json!({"AWS": who}));
        }
        let mut condition = Map::new();
        for (operator, key, values) in conditions {
            let keys = condition.entry(operator).or_insert_with(|| json!({}));
            keys[key] = values;
        }
        if !condition.is_empty() {
            out.insert("Condition".into(), condition.into());
        }
        out.into()
    })
}

pub fn document(kinds: Kinds, principals: bool) -> impl Strategy<Value = Value> {
    prop::collection::vec(statement(kinds, principals), 0..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

fn named(kinds: Kinds, principals: bool) -> impl Strategy<Value = Named> {
    document(kinds, principals).prop_map(|document| policy("p", &document))
}

/// Many things are let through, or nothing would ever be allowed.
fn wide(kinds: Kinds) -> impl Strategy<Value = Vec<Named>> {
    (prop::collection::vec(named(kinds, false), 0..3), any::<bool>()).prop_map(|(mut list, all)| {
        if all {
            list.push(policy("all", &allow("*", "*")));
        }
        list
    })
}

pub fn policies(kinds: Kinds) -> impl Strategy<Value = Policies> {
    use prop::{collection::vec, option::weighted};
    let own = (wide(kinds), weighted(0.3, wide(kinds)), weighted(0.3, wide(kinds)));
    let above = (vec(wide(kinds), 0..3), vec(vec(named(kinds, true), 0..2), 0..2));
    (own, weighted(0.5, named(kinds, true)), above).prop_map(
        |((identity, boundary, session), resource, above)| Policies {
            identity,
            boundary: boundary.and_then(|list| list.into_iter().next()),
            session,
            resource,
            scps: above.0,
            rcps: above.1,
        },
    )
}

/// What the request says of each of [`KEYS`], and of [`LIST`]: nothing (`None`), that it is
/// absent (`Some(None)`), or its values.
pub type Said = Vec<(&'static str, Option<Option<Vec<String>>>)>;

pub fn said(most_unknown: usize) -> impl Strategy<Value = Said> {
    let values = KEYS.iter().map(|key| (0..4u8, select(key.values))).collect::<Vec<_>>();
    let list = (0..4u8, prop::collection::vec(select(&["a", "b", "c"][..]), 0..3));
    (values, list).prop_map(move |(values, (what, list))| {
        let mut unknown = 0;
        let mut say = |what: u8, values: Vec<String>| match what {
            0 if unknown < most_unknown => {
                unknown += 1;
                None
            }
            0 | 1 => Some(None),
            _ => Some(Some(values)),
        };
        let single = KEYS.iter().zip(values);
        let mut said: Said = single
            .map(|(key, (what, value))| (key.name, say(what, vec![value.to_owned()])))
            .collect();
        said.push((LIST, say(what, list.iter().map(|v| (*v).to_owned()).collect())));
        said
    })
}

pub fn context(said: &Said) -> Context {
    let mut context = Context::default();
    // Never said in full here; only `k:other` is always absent.
    context.set("k:other", None);
    for (key, values) in said {
        if let Some(values) = values {
            context.set(key, values.clone());
        }
    }
    context
}

/// A caller, an action and a resource.
pub fn call() -> impl Strategy<Value = Asking> {
    let who = select(&[USER, SESSION, ROLE, ROOT, FEDERATED][..]);
    (who, select(ACTIONS), select(RESOURCES), any::<bool>()).prop_map(
        |(who, action, resource, own)| {
            let call = asking(who, action, resource);
            if own { call } else { call.owned_by(ELSEWHERE) }
        },
    )
}
