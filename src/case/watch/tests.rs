//! Calls in any order, late, twice, in one second; places that fail: what is said is true of
//! what was fed, and silence is never more than silence.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    change::Contained,
    domain::{FaultKind, Principal, Region, Service, untrusted::display},
};

const ACCOUNT: &str = "111122223333";
/// Rights are taken half a second after this one.
const TAKEN: i64 = 1_772_420_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(TAKEN + second).expect("a time")
}

fn taken() -> Timestamp {
    at(0).checked_add(SignedDuration::from_millis(500)).expect("a time")
}

fn account() -> AccountId {
    ACCOUNT.parse().expect("an account")
}

fn role() -> Principal {
    Principal::Role("deploy".parse().expect("a name"))
}

fn place(region: &str) -> (Place, AccountId) {
    let region: Region = region.parse().expect("a region");
    (Place { target: Arc::from("prod"), region }, account())
}

/// A call of the role's session; `result` is its error code, or nothing.
fn call(id: &str, second: i64, name: &str, result: Option<&str>) -> Event {
    of_session(id, second, name, result, json!({}))
}

fn of_session(
    id: &str,
    second: i64,
    name: &str,
    result: Option<&str>,
    more: serde_json::Value,
) -> Event {
    let (service, name) = name.split_once(':').expect("service:Name");
    let mut event = json!({
        "eventID": id, "eventTime": at(second).to_string(), "eventName": name,
        "eventSource": format!("{service}.amazonaws.com"), "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7", "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLEID12345678:build",
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build"),
            "accountId": ACCOUNT, "accessKeyId": "ASIAEXAMPLE000000001",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "userName": "deploy",
                    "arn": format!("arn:aws:iam::{ACCOUNT}:role/deploy")},
                "attributes": {"creationDate": at(-600).to_string()}}},
    });
    if let Some(code) = result {
        event["errorCode"] = code.into();
    }
    merge(&mut event, more);
    Event::read(&event.to_string(), None).expect("an event")
}

fn merge(into: &mut serde_json::Value, more: serde_json::Value) {
    match (into, more) {
        (serde_json::Value::Object(into), serde_json::Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

fn watching(who: Contained) -> Watch {
    Watch::new(1, who, account(), taken(), Some("r1".into()), at(2))
}

fn denied() -> Option<&'static str> {
    Some("AccessDenied")
}

/// Asked in these places and answered: whole, or with a gap.
fn answered(watch: &mut Watch, now: i64, places: &[(&str, bool)]) {
    let all: Vec<_> = places.iter().map(|(region, _)| place(region)).collect();
    let every = SignedDuration::from_secs(60);
    assert!(watch.due(at(now), every, &all, &[]).is_some(), "it is time to ask");
    for ((place, _), (_, whole)) in all.iter().zip(places) {
        let why = Fault::new(FaultKind::Timeout, "no answer");
        let gap = ask::gap(&place.target, Some(&place.region), why);
        watch.searched(at(now), place, if *whole { Vec::new() } else { vec![gap] });
    }
}

fn text(watch: &Watch) -> String {
    let when = |at: Timestamp| at.to_string();
    let lines = watch.lines(at(100), &when);
    lines.iter().map(|l| format!("{:?} {}\n", l.tone, l.text)).collect()
}

#[test]
fn the_first_denied_call_and_the_last_allowed_are_told_apart() {
    let mut watch = watching(Contained::wholly(&role()));
    let before = call("a", -20, "iam:ListUsers", None);
    let news = watch.feed([&before]);
    assert_eq!((news, watch.standing()), (vec![], Standing::Waiting));
    let (first, second) =
        (call("b", 30, "s3:ListBuckets", denied()), call("c", 31, "iam:ListUsers", denied()));
    // The later one arrives first.
    assert_eq!(watch.feed([&second]), [WatchNews::FirstDenied]);
    assert_eq!(watch.feed([&first]), []);
    assert_eq!(watch.standing(), Standing::Denied);
    assert_eq!(watch.first_denied().map(|c| c.id.raw()), Some("b"));
    assert_eq!(watch.last_allowed().map(|c| c.id.raw()), Some("a"));
    let said = text(&watch);
    assert!(said.starts_with("Good FIRST DENIED 2026-03-02T02:53:50Z s3:ListBuckets in us-east-1 from 203.0.113.7 (AccessDenied)\n"), "{said}");
    assert!(said.contains("last allowed 2026-03-02T02:53:00Z iam:ListUsers"), "{said}");
    assert!(said.contains("since then 2 denied\n"), "{said}");
    assert!(said.contains("by deploy/build ASIAEXAMPLE000000001: 0 allowed, 2 denied"), "{said}");
}

#[test]
fn a_call_that_goes_through_is_loud_and_later_louder() {
    let mut watch = watching(Contained::wholly(&role()));
    let news = watch.feed([&call("a", 60, "s3:ListBuckets", None)]);
    assert_eq!(news, [WatchNews::WentThrough { late: false }]);
    assert!(text(&watch).starts_with("Loud STILL ALLOWED 2026-03-02T02:54:20Z s3:ListBuckets"));
    assert!(text(&watch).contains("IAM's change may have to spread yet"), "{}", text(&watch));
    assert_eq!(watch.feed([&call("b", 70, "s3:ListBuckets", None)]), [], "told once");
    let late = call("c", 301, "iam:CreateUser", None);
    assert_eq!(watch.feed([&late]), [WatchNews::WentThrough { late: true }]);
    assert!(text(&watch).contains("ALLOWED 2026-03-02T02:58:21Z iam:CreateUser in us-east-1 from 203.0.113.7: CONTAINMENT DOES NOT HOLD"));
    watch.feed([&call("d", 400, "iam:CreateUser", denied())]);
    assert_eq!(watch.standing(), Standing::Denied, "none went through after the first denial");
    assert!(text(&watch).contains("calls went through before it"));
    watch.feed([&call("e", 401, "s3:ListBuckets", None)]);
    assert_eq!(watch.standing(), Standing::Mixed);
    let said = text(&watch);
    assert!(said.contains("DOES NOT HOLD") && said.contains("first denied"), "{said}");
}

#[test]
fn where_only_a_part_was_taken_a_call_that_goes_through_proves_nothing() {
    let mut watch = watching(Contained::partly(&role()));
    watch.feed([&call("a", 400, "s3:ListBuckets", None)]);
    let said = text(&watch);
    assert!(
        said.starts_with("Warning GOES ON 2026-") && said.contains("as far as other policies"),
        "{said}"
    );
    assert!(!said.contains("DOES NOT HOLD"), "{said}");
}

#[test]
fn calls_that_no_policy_can_refuse_prove_nothing_but_for_a_key() {
    let mut watch = watching(Contained::wholly(&role()));
    let who_am_i = call("a", 60, "sts:GetCallerIdentity", None);
    assert_eq!(watch.feed([&who_am_i]), []);
    assert_eq!((watch.tally().free, watch.tally().allowed), (1, 0));
    let failed = call("b", 61, "s3:GetBucketPolicy", Some("NoSuchBucketPolicy"));
    assert_eq!(watch.feed([&failed]), []);
    assert_eq!(watch.tally().failed, 1);
    answered(&mut watch, 70, &[("us-east-1", true)]);
    assert_eq!(watch.standing(), Standing::Quiet);

    let key = "ASIAEXAMPLE000000001".parse().expect("an id");
    let mut watch = watching(Contained::AccessKey { key, user: None });
    assert_eq!(watch.feed([&who_am_i]), [WatchNews::WentThrough { late: false }]);
    assert!(text(&watch).contains("a call with an inactive key never becomes an event"));
}

#[test]
fn the_second_in_which_rights_were_taken_is_neither_before_nor_after() {
    let mut watch = watching(Contained::wholly(&role()));
    let news = watch.feed([&call("a", 0, "s3:ListBuckets", None), &call("b", 0, "x:Y", denied())]);
    assert_eq!(news, []);
    assert_eq!(watch.tally(), Tally { same_second: 2, ..Tally::default() });
    assert_eq!(watch.last_allowed().map(|c| c.id.raw()), Some("a"));
    assert_eq!(watch.first_denied(), None);
}

#[test]
fn only_the_subjects_calls_count() {
    let session = |id: &str| Contained::Session {
        role: "deploy".parse().expect("a name"),
        user_id: id.into(),
    };
    let other_session = json!({"userIdentity": {"principalId": "AROAEXAMPLEID12345678:innocent",
        "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/innocent")}});
    let other_account = json!({"recipientAccountId": "444455556666"});
    let young = json!({"userIdentity": {"sessionContext": {"attributes":
        {"creationDate": at(50).to_string()}}}});
    let identified = json!({"userIdentity": {"sessionContext": {"sourceIdentity": "alice"}}});
    let calls = [
        call("mine", 60, "s3:ListBuckets", denied()),
        of_session("innocent", 61, "s3:ListBuckets", None, other_session),
        of_session("elsewhere", 62, "s3:ListBuckets", None, other_account),
        of_session("young", 63, "s3:ListBuckets", None, young),
        of_session("alice", 64, "s3:ListBuckets", None, identified),
    ];
    let role_name = || "deploy".parse().expect("a name");
    for (who, allowed, denied) in [
        (session("AROAEXAMPLEID12345678:build"), 2, 1),
        (session("build"), 2, 1),
        (session("AROAOTHER:build"), 0, 0),
        (Contained::wholly(&role()), 3, 1),
        (Contained::wholly(&Principal::User("deploy".parse().expect("a name"))), 0, 0),
        (Contained::Older { of: role(), issued_before: taken() }, 2, 1),
        (Contained::SourceIdentity { role: role_name(), name: "alice".into() }, 1, 0),
    ] {
        let mut watch = watching(who.clone());
        watch.feed(&calls);
        let tally = watch.tally();
        assert_eq!((tally.allowed, tally.denied), (allowed, denied), "{who}");
    }
}

#[test]
fn an_event_that_cannot_be_judged_keeps_silence_from_being_quiet() {
    let no_beginning =
        json!({"userIdentity": {"sessionContext": {"attributes": {"creationDate": null}}}});
    let mut watch = watching(Contained::Older { of: role(), issued_before: taken() });
    watch.feed([&of_session("a", 60, "s3:ListBuckets", None, no_beginning)]);
    answered(&mut watch, 70, &[("us-east-1", true)]);
    assert_eq!(watch.standing(), Standing::Unsearched);
    assert!(text(&watch).contains("1 event cannot be judged"), "{}", text(&watch));
}

#[test]
fn silence_is_quiet_only_where_every_place_was_searched() {
    let mut watch = watching(Contained::wholly(&role()));
    assert!(text(&watch).starts_with("Dim waiting"), "{}", text(&watch));
    let both = [place("us-east-1"), place("eu-west-1")];
    let every = SignedDuration::from_secs(60);
    let ask = watch.due(at(5), every, &both, &[]).expect("due");
    assert_eq!(
        ask.window.from,
        at(-15 * 60),
        "everything is read for a role: a quarter of an hour"
    );
    assert_eq!(ask.places.len(), 2);
    assert!(watch.due(at(500), every, &both, &[]).is_none(), "one question at a time");
    watch.searched(at(5), &both[0].0, Vec::new());
    assert_eq!(watch.standing(), Standing::Waiting);
    let hurt = Err(Fault::new(FaultKind::Timeout, "no answer"));
    assert_eq!(watch.answered(at(5), &both[1].0, Vec::new(), hurt), []);
    assert_eq!(watch.standing(), Standing::Unsearched);
    assert_eq!(watch.searched_until(), None);
    let said = text(&watch);
    assert!(said.contains("not searched: cloudtrail prod eu-west-1: no answer"), "{said}");
    answered(&mut watch, 65, &[("us-east-1", true), ("eu-west-1", true)]);
    assert_eq!((watch.standing(), watch.searched_until()), (Standing::Quiet, Some(at(65))));
    let said = text(&watch);
    assert!(said.contains("no call seen is not no call made"), "{said}");
    assert!(said.contains("searched in eu-west-1, us-east-1: calls in other regions"), "{said}");
    answered(&mut watch, 125, &[("us-east-1", false), ("eu-west-1", true)]);
    assert_eq!(watch.standing(), Standing::Unsearched, "the last attempt counts");
}

#[test]
fn it_asks_now_and_then_until_its_time_is_up_and_once_after() {
    let mut watch = watching(Contained::AccessKey {
        key: "AKIAIOSFODNN7EXAMPLE".parse().expect("an id"),
        user: None,
    });
    let (all, every) = ([place("us-east-1")], SignedDuration::from_secs(60));
    let mut asked = Vec::new();
    for second in 2..2_000 {
        let Some(ask) = watch.due(at(second), every, &all, &[]) else { continue };
        asked.push(second);
        // The first question looks back; the others ask again from when rights were taken.
        let wanted = if asked.len() == 1 { at(-3600) } else { at(0) };
        assert_eq!((ask.window.from, ask.again), (wanted, asked.len() > 1));
        assert!(ask.window.to > at(second), "a clock that is behind misses nothing");
        watch.searched(at(second), &ask.places[0].0, Vec::new());
    }
    assert_eq!((asked[1], asked.last(), asked.len()), (62, Some(&1_802), 31));
    assert_eq!(watch.over, Some(Over::Time));
    watch.prolong(at(2_000));
    assert!(watch.due(at(2_000), every, &all, &[]).is_some());
    watch.stop("by the operator");
    assert!(!watch.is_asking() && watch.due(at(3_000), every, &all, &[]).is_none());
}

#[test]
fn a_long_answer_is_followed_by_a_longer_pause() {
    let mut watch = watching(Contained::wholly(&role()));
    let (all, every) = ([place("us-east-1")], SignedDuration::from_secs(60));
    assert!(watch.due(at(5), every, &all, &[]).is_some());
    // Read for 95 seconds.
    watch.searched(at(100), &all[0].0, Vec::new());
    let due: Vec<i64> =
        (100..400).filter(|s| watch.due(at(*s), every, &all, &[]).is_some()).collect();
    assert_eq!(due, [290]);
}

#[test]
fn an_account_that_nobody_is_signed_in_to_is_told() {
    let mut watch = watching(Contained::wholly(&role()));
    let every = SignedDuration::from_secs(60);
    assert!(watch.due(at(5), every, &[], &[]).is_none());
    assert_eq!(watch.standing(), Standing::Unsearched);
    let gaps = watch.gaps();
    assert_eq!((gaps.len(), gaps[0].source), (1, Service::CloudTrail));
    assert!(text(&watch).contains("nobody is signed in to account 111122223333"));
    assert!(!watch.is_whole());
}

#[test]
fn who_watches_themselves_is_told_so() {
    let own = |who: &Contained, arn: &str| {
        subject::is_caller(who, arn, Some(&"AKIAIOSFODNN7EXAMPLE".parse().expect("an id")))
    };
    let user = Contained::wholly(&Principal::User("oncall".parse().expect("a name")));
    let key = |id: &str| Contained::AccessKey { key: id.parse().expect("an id"), user: None };
    let session = Contained::Session {
        role: "deploy".parse().expect("a name"),
        user_id: "AROAEXAMPLE:build".into(),
    };
    let (person, build) = (
        format!("arn:aws:iam::{ACCOUNT}:user/team/oncall"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build"),
    );
    for (who, arn, is) in [
        (&user, &person, true),
        (&user, &build, false),
        (&Contained::wholly(&role()), &build, true),
        (&Contained::wholly(&role()), &person, false),
        (&session, &build, true),
        (&session, &build.replace("build", "other"), false),
        (&key("AKIAIOSFODNN7EXAMPLE"), &person, true),
        (&key("AKIAI44QH8DHBEXAMPLE"), &person, false),
    ] {
        assert_eq!(own(who, arn), is, "{who} {arn}");
    }
    let mut watch = watching(user);
    watch.own = true;
    assert!(text(&watch).contains("halon asks with these credentials"), "{}", text(&watch));
}

#[test]
fn foreign_text_is_sanitised() {
    let mut watch = watching(Contained::wholly(&role()));
    let evil = json!({"sourceIPAddress": "\u{1b}]0;x\u{7}", "awsRegion": "\u{202e}",
        "errorCode": "AccessDenied\u{1b}[2J", "userIdentity": {"accessKeyId": "ASIA\u{9b}31m"}});
    watch.feed([&of_session("a", 60, "s3:List\u{1b}[2J", None, evil)]);
    let said = text(&watch);
    assert!(said.contains("FIRST DENIED"), "{said}");
    assert_eq!(display(&said.replace('\n', "")), said.replace('\n', ""), "{said:?}");
}

/// What may have happened, by number: before, in the second of it, after it.
fn some_call() -> impl Strategy<Value = (i64, Option<&'static str>)> {
    let result = prop_oneof![
        3 => Just(None),
        3 => Just(Some("AccessDenied")),
        1 => Just(Some("Client.UnauthorizedOperation")),
        1 => Just(Some("ThrottlingException")),
    ];
    (-5_i64..40, result)
}

proptest! {
    /// However events arrive, what is known in the end is the same, and is what happened.
    #[test]
    fn the_order_of_arrival_changes_nothing(
        calls in proptest::collection::vec(some_call(), 0..12),
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..40),
        portions in 1_usize..5,
    ) {
        let events: Vec<Event> = calls
            .iter()
            .enumerate()
            .map(|(n, (second, result))| {
                call(&format!("e{n}"), *second, "s3:ListBuckets", *result)
            })
            .collect();
        let mut straight = watching(Contained::wholly(&role()));
        let told = straight.feed(&events);
        let mut other = watching(Contained::wholly(&role()));
        let mut fed: Vec<&Event> = order.iter().filter(|_| !events.is_empty())
            .map(|at| at.get(&events)).collect();
        // Each of them at least once.
        fed.extend(&events);
        let mut also = Vec::new();
        for part in fed.chunks(fed.len().div_ceil(portions).max(1)) {
            also.extend(other.feed(part.iter().copied()));
        }
        prop_assert_eq!(straight.standing(), other.standing());
        prop_assert_eq!(straight.tally(), other.tally());
        prop_assert_eq!(straight.first_denied(), other.first_denied());
        prop_assert_eq!(straight.last_allowed(), other.last_allowed());
        let denials = |news: &[WatchNews]| {
            news.iter().filter(|n| **n == WatchNews::FirstDenied).count()
        };
        prop_assert_eq!(denials(&told), denials(&also), "told once, if at all");

        // By the plain definition.
        let is_denied = |r: &Option<&str>| r.is_some_and(|c| c != "ThrottlingException");
        let after = || calls.iter().filter(|(s, _)| *s > 0);
        let first = after().filter(|(_, r)| is_denied(r)).map(|(s, _)| *s).min();
        let through = after().filter(|(_, r)| r.is_none()).map(|(s, _)| *s).max();
        prop_assert_eq!(straight.first_denied().map(|c| c.at), first.map(at));
        let last = calls.iter().filter(|(_, r)| r.is_none()).map(|(s, _)| *s).max();
        prop_assert_eq!(straight.last_allowed().map(|c| c.at), last.map(at));
        let standing = match (first, through) {
            (Some(first), Some(through)) if through > first => Standing::Mixed,
            (Some(_), _) => Standing::Denied,
            (None, Some(_)) => Standing::StillAllowed,
            (None, None) => Standing::Waiting,
        };
        prop_assert_eq!(straight.standing(), standing);
    }

    /// Silence is `quiet` only when the last attempt was whole everywhere, and nothing that is
    /// said of it claims that anybody was contained.
    #[test]
    fn silence_claims_nothing(rounds in proptest::collection::vec((any::<bool>(), any::<bool>()), 0..6)) {
        let mut watch = watching(Contained::wholly(&role()));
        for (round, (one, two)) in rounds.iter().enumerate() {
            let now = 5 + 60 * round as i64;
            answered(&mut watch, now, &[("us-east-1", *one), ("eu-west-1", *two)]);
        }
        let wanted = match rounds.last() {
            None => Standing::Waiting,
            Some((true, true)) => Standing::Quiet,
            Some(_) => Standing::Unsearched,
        };
        prop_assert_eq!(watch.standing(), wanted);
        let said = text(&watch);
        prop_assert!(!said.contains("DENIED") && !said.contains("Good"), "{}", said);
        prop_assert!(said.contains("no call seen is not no call made"), "{}", said);
    }
}
