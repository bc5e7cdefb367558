use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "cAnArY-secret-0123456789";

fn at(second: i64) -> String {
    Timestamp::from_second(1_772_420_000 + second).expect("a time").to_string()
}

fn event(id: &str, second: i64, name: &str, identity: Value, rest: Value) -> Event {
    let mut event = json!({
        "eventID": id, "eventName": name, "eventSource": "sts.amazonaws.com",
        "eventTime": at(second), "userIdentity": identity, "recipientAccountId": "111122223333",
        "sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli/2",
    });
    for (key, value) in rest.as_object().expect("an object") {
        event[key] = value.clone();
    }
    Event::read(&event.to_string(), None).expect("an event")
}

fn user(name: &str, key: &str) -> Value {
    json!({"type": "IAMUser", "userName": name, "accountId": "111122223333", "accessKeyId": key,
           "arn": format!("arn:aws:iam::111122223333:user/{name}")})
}

fn role(name: &str, session: &str, key: &str, began: i64) -> Value {
    json!({"type": "AssumedRole", "accountId": "111122223333", "accessKeyId": key,
           "arn": format!("arn:aws:sts::111122223333:assumed-role/{name}/{session}"),
           "sessionContext": {
               "sessionIssuer": {"type": "Role", "userName": name,
                                 "arn": format!("arn:aws:iam::111122223333:role/path/{name}")},
               "attributes": {"creationDate": at(began)}}})
}

fn assumes(name: &str, session: &str, key: &str) -> Value {
    json!({
        "requestParameters": {"roleArn": format!("arn:aws:iam::111122223333:role/path/{name}"), "roleSessionName": session},
        "responseElements": {
            "credentials": {"accessKeyId": key, "secretAccessKey": SECRET, "sessionToken": SECRET},
            "assumedRoleUser": {"arn": format!("arn:aws:sts::111122223333:assumed-role/{name}/{session}")}},
    })
}

fn stitched(events: &[Event]) -> Sessions {
    let mut stitcher = Stitcher::default();
    events.iter().for_each(|event| stitcher.add(event));
    stitcher.finish()
}

#[track_caller]
fn of<'s>(sessions: &'s Sessions, event: &Event) -> &'s Session {
    sessions.of(event).expect("every event has a session")
}

#[test]
fn a_chain_of_roles_leads_to_the_user() {
    let first = event(
        "a",
        0,
        "AssumeRole",
        user("alice", "AKIAIOSFODNN7EXAMPLE"),
        assumes("one", "s", "ASIAONE"),
    );
    let second = event(
        "b",
        60,
        "AssumeRole",
        role("one", "s", "ASIAONE", 0),
        assumes("two", "t", "ASIATWO"),
    );
    let last = event("c", 90, "ListBuckets", role("two", "t", "ASIATWO", 60), json!({}));
    for order in [[&first, &second, &last], [&last, &first, &second], [&second, &last, &first]] {
        let events: Vec<Event> = order.into_iter().cloned().collect();
        let sessions = stitched(&events);
        let names: Vec<&str> =
            sessions.chain(&of(&sessions, &last).id).iter().map(|s| s.principal.raw()).collect();
        assert_eq!(names, ["two/t", "one/s", "alice"]);
        let session = of(&sessions, &last);
        assert_eq!(session.origin, Some("alice".into()));
        assert_eq!(session.issued_by, Some("b".into()));
        assert_eq!(session.role, Some("arn:aws:iam::111122223333:role/path/two".into()));
        assert!(session.complete && session.untold.is_none());
        let json = serde_json::to_string(sessions.list()).expect("JSON");
        assert!(!json.contains(SECRET));
    }
}

#[test]
fn one_assumption_has_several_keys() {
    let console = |key: &str| {
        let mut identity = role("one", "s", key, 0);
        identity["sessionCredentialFromConsole"] = "true".into();
        identity
    };
    let first = event("a", 5, "X", console("ASIAONE"), json!({}));
    let other = event("b", 9, "X", console("ASIATWO"), json!({"errorCode": "AccessDenied"}));
    let later = event("c", 9, "X", role("one", "s", "ASIATHREE", 8), json!({}));
    let sessions = stitched(&[first.clone(), other.clone(), later.clone()]);
    assert_eq!(sessions.list().len(), 2);
    let session = of(&sessions, &first);
    assert_eq!(session.access_keys, ["ASIAONE".into(), "ASIATWO".into()]);
    assert_eq!((session.events, session.failed), (2, 1));
    assert_eq!(of(&sessions, &other), session);
    assert_ne!(of(&sessions, &later), session);
    assert_eq!((session.untold, session.complete), (Some(Untold::NotHere), false));
}

#[test]
fn by_session_and_time_where_the_key_is_not_told() {
    // A service's own use of a role has no key.
    let mut identity = role("linked", "s", "", 11);
    identity["invokedBy"] = "rds.amazonaws.com".into();
    let service = json!({"type": "AWSService", "invokedBy": "rds.amazonaws.com"});
    let mut asked = assumes("linked", "s", "ASIAONE");
    asked["responseElements"].as_object_mut().expect("an object").remove("assumedRoleUser");
    let begun = event("a", 10, "AssumeRole", service, asked);
    let used = event("b", 12, "DescribeVpcs", identity.clone(), json!({}));
    let sessions = stitched(&[begun.clone(), used.clone()]);
    assert_eq!(of(&sessions, &used).assumed_by, Some(of(&sessions, &begun).id.clone()));
    assert_eq!(of(&sessions, &used).origin, Some("rds.amazonaws.com".into()));
    // Too long after: not known.
    identity["sessionContext"]["attributes"]["creationDate"] = at(14).into();
    let used = event("b", 14, "DescribeVpcs", identity, json!({}));
    let sessions = stitched(&[begun, used.clone()]);
    assert_eq!(of(&sessions, &used).untold, Some(Untold::NotHere));
}

#[test]
fn two_who_could_have_been_it_are_none() {
    let a = event("a", 0, "AssumeRole", user("alice", "AKIAALICE"), assumes("one", "s", "ASIAA"));
    let b = event("b", 0, "AssumeRole", user("bob", "AKIABOB"), assumes("one", "s", "ASIAB"));
    let mut identity = role("one", "s", "ASIATHREE", 0);
    identity["sessionCredentialFromConsole"] = "true".into();
    let used = event("c", 3, "X", identity, json!({}));
    let sessions = stitched(&[a.clone(), b.clone(), used.clone()]);
    let session = of(&sessions, &used);
    assert_eq!((session.untold, &session.assumed_by), (Some(Untold::Several), &None));
    assert!(!session.complete);
    // A call from another account is another call, and no copy of the first.
    let elsewhere = json!({"type": "AWSAccount", "accountId": "444455556666"});
    let b = event("b", 0, "AssumeRole", elsewhere, assumes("one", "s", "ASIAB"));
    let sessions = stitched(&[a, b, used.clone()]);
    assert_eq!(of(&sessions, &used).untold, Some(Untold::Several));
}

#[test]
fn a_call_gave_out_the_key_that_it_names_and_no_other() {
    let cron =
        event("a", 0, "AssumeRole", user("cron", "AKIACRON"), assumes("one", "s", "ASIAONE"));
    let its = event("b", 3, "X", role("one", "s", "ASIAONE", 0), json!({}));
    for began in [0, 1, 2] {
        let other = event("c", 4, "X", role("one", "s", "ASIATWO", began), json!({}));
        for events in [vec![&cron, &its, &other], vec![&other, &cron], vec![&other, &its, &cron]] {
            let events: Vec<Event> = events.into_iter().cloned().collect();
            let sessions = stitched(&events);
            let session = of(&sessions, &other);
            assert_eq!(session.access_keys, ["ASIATWO".into()]);
            assert_eq!((session.untold, session.complete), (Some(Untold::NotHere), false));
            assert_eq!((&session.assumed_by, &session.origin), (&None, &None));
            let given = sessions.list().iter().find(|s| s.access_keys == ["ASIAONE".into()]);
            assert_eq!(given.expect("is shown").origin, Some("cron".into()));
        }
    }
}

#[test]
fn what_a_service_did_for_a_role_belongs_to_its_only_session() {
    let cron =
        event("a", 0, "AssumeRole", user("cron", "AKIACRON"), assumes("one", "s", "ASIAONE"));
    let its = event("b", 3, "X", role("one", "s", "ASIAONE", 0), json!({}));
    let mut identity = role("one", "s", "ASIAFAS", 0);
    identity["invokedBy"] = "athena.amazonaws.com".into();
    let forwarded = event("c", 4, "X", identity, json!({}));
    let sessions = stitched(&[cron.clone(), its.clone(), forwarded.clone()]);
    assert_eq!(of(&sessions, &forwarded).id, of(&sessions, &its).id);
    let other = event("d", 4, "X", role("one", "s", "ASIATWO", 0), json!({}));
    let sessions = stitched(&[cron, its.clone(), forwarded.clone(), other.clone()]);
    let alone = of(&sessions, &forwarded);
    assert!(alone.id != of(&sessions, &its).id && alone.id != of(&sessions, &other).id);
    assert!(!alone.complete);
}

#[test]
fn a_sign_in_that_could_be_two_sessions_is_neither() {
    let mut identity = user("alice", "");
    identity["accessKeyId"] = Value::Null;
    let success = json!({"responseElements": {"ConsoleLogin": "Success"}});
    let sign_in = |id: &str, at| event(id, at, "ConsoleLogin", identity.clone(), success.clone());
    let used = |id: &str, key: &str, began: i64| {
        let mut used = user("alice", key);
        used["sessionContext"] = json!({"attributes": {"creationDate": at(began)}});
        event(id, 30, "ListBuckets", used, json!({}))
    };
    let sessions = stitched(&[sign_in("a", 0), used("b", "ASIAONE", 1), used("c", "ASIATWO", 4)]);
    assert_eq!(of(&sessions, &sign_in("a", 0)).events, 1);
    for second in [0, 3] {
        let both = [sign_in("a", 0), sign_in("d", second), used("b", "ASIAONE", 1)];
        assert_eq!(of(&stitched(&both), &both[2]).events, 1);
    }
}

#[test]
fn what_was_before_the_window_is_read_in_parts() {
    use crate::store::EventOrigin;
    let store = Store::in_memory().expect("opens");
    let begun: Vec<_> = (0..50)
        .map(|n| {
            let gives = assumes("one", "s", &format!("ASIA{n}"));
            let begun = event(&format!("e{n}"), n / 3, "AssumeRole", user("a", "AKIAA"), gives);
            (std::sync::Arc::new(begun), EventOrigin::Aws)
        })
        .collect();
    store.keep_events(&begun, None, Timestamp::UNIX_EPOCH).expect("kept");
    for at_once in [1, 2, 7, 100] {
        let window = Window { from: Timestamp::MIN, to: at(12).parse().expect("a time") };
        let mut ids = Vec::new();
        let mut each = |event: &Event| ids.push(event.id.clone());
        each_before(&store, "AssumeRole", window, at_once, &mut each).expect("reads");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 36, "{at_once}");
    }
    // Nothing temporary is good after two days.
    let day = |n: i64| at(n * 86_400).parse().expect("a time");
    let later = |n| stitch(&store, Some(Window { from: day(n), to: day(n + 1) }));
    assert_eq!(later(1).expect("reads").0.list().len(), 0);
}

#[test]
fn the_callers_own_trail_names_the_caller() {
    let elsewhere =
        json!({"type": "AWSAccount", "accountId": "111122223333", "principalId": "AIDAEXAMPLE"});
    let copy = event("a", 0, "AssumeRole", elsewhere, assumes("one", "s", "ASIAONE"));
    let used = event("c", 3, "X", role("one", "s", "ASIAONE", 0), json!({}));
    let sessions = stitched(&[copy.clone(), used.clone()]);
    let parent = of(&sessions, &copy);
    assert_eq!((parent.kind, parent.untold), (Kind::Account, Some(Untold::Elsewhere)));
    assert_eq!(
        (of(&sessions, &used).assumed_by.as_ref(), of(&sessions, &used).complete),
        (Some(&parent.id), false)
    );
    let own =
        event("b", 0, "AssumeRole", user("alice", "AKIAALICE"), assumes("one", "s", "ASIAONE"));
    let sessions = stitched(&[copy, own, used.clone()]);
    assert_eq!(of(&sessions, &used).origin, Some("alice".into()));
}

#[test]
fn console_sign_in_and_its_keys_are_one() {
    let mut identity = user("alice", "");
    identity["accessKeyId"] = Value::Null;
    let sign_in = event(
        "a",
        0,
        "ConsoleLogin",
        identity.clone(),
        json!({"responseElements": {"ConsoleLogin": "Success"}}),
    );
    let failed = event(
        "b",
        0,
        "ConsoleLogin",
        identity,
        json!({"responseElements": {"ConsoleLogin": "Failure"}}),
    );
    let mut used = user("alice", "ASIAONE");
    used["sessionContext"] = json!({"attributes": {"creationDate": at(1)}});
    let used = event("c", 30, "ListBuckets", used, json!({}));
    let sessions = stitched(&[sign_in.clone(), failed.clone(), used.clone()]);
    let session = of(&sessions, &used);
    assert_eq!((session.kind, session.events), (Kind::Console, 2));
    assert_eq!(of(&sessions, &sign_in).id, session.id);
    assert_eq!(of(&sessions, &failed).kind, Kind::Unknown);
}

#[test]
fn services_calling_for_a_user_are_one_session() {
    let forwarded = |id: &str, key: &str, second: i64| {
        let mut identity = user("alice", key);
        identity["sessionContext"] = json!({"attributes": {"creationDate": at(second)}});
        identity["invokedBy"] = "cloudformation.amazonaws.com".into();
        event(id, second, "X", identity, json!({}))
    };
    let (a, b) = (forwarded("a", "ASIAONE", 0), forwarded("b", "ASIATWO", 50));
    let sessions = stitched(&[a.clone(), b]);
    assert_eq!(sessions.list().len(), 1);
    let session = of(&sessions, &a);
    assert_eq!((session.kind, session.events, session.access_keys.len()), (Kind::Forwarded, 2, 2));
    assert_eq!(session.through, ["cloudformation.amazonaws.com".into()]);
}

#[test]
fn credentials_that_nobody_used_are_shown() {
    let made = event(
        "a",
        0,
        "CreateAccessKey",
        user("alice", "AKIAALICE"),
        json!({
        "responseElements": {"accessKey": {"accessKeyId": "AKIANEW", "userName": "bob"}}}),
    );
    let begun =
        event("b", 5, "AssumeRole", user("alice", "AKIAALICE"), assumes("one", "s", "ASIAONE"));
    let sessions = stitched(&[made, begun]);
    let unused: Vec<_> = sessions
        .list()
        .iter()
        .filter(|s| s.events == 0)
        .map(|s| (s.kind, s.principal.raw(), s.assumed_by_principal.clone()))
        .collect();
    let alice = Some(Untrusted::from("alice"));
    assert_eq!(unused, [(Kind::AccessKey, "bob", alice.clone()), (Kind::Role, "one/s", alice)]);
}

#[test]
fn what_was_before_the_window_is_followed_and_not_counted() {
    let begun =
        event("a", 0, "AssumeRole", user("alice", "AKIAALICE"), assumes("one", "s", "ASIAONE"));
    let unused =
        event("b", 1, "AssumeRole", user("bob", "AKIABOB"), assumes("one", "t", "ASIATWO"));
    let used = event("c", 3, "X", role("one", "s", "ASIAONE", 0), json!({}));
    let mut stitcher = Stitcher::default();
    stitcher.learn(&begun);
    stitcher.learn(&unused);
    stitcher.add(&used);
    let sessions = stitcher.finish();
    let seen: Vec<_> = sessions.list().iter().map(|s| (s.principal.raw(), s.events)).collect();
    assert_eq!(seen, [("one/s", 1), ("alice", 0)]);
    assert_eq!(of(&sessions, &used).origin, Some("alice".into()));
}

#[test]
fn circles_are_cut() {
    let a =
        event("a", 0, "AssumeRole", role("one", "s", "ASIAONE", 0), assumes("two", "t", "ASIATWO"));
    let b =
        event("b", 0, "AssumeRole", role("two", "t", "ASIATWO", 0), assumes("one", "s", "ASIAONE"));
    let own =
        event("c", 9, "AssumeRole", role("me", "s", "ASIAME", 9), assumes("me", "s", "ASIAME"));
    let sessions = stitched(&[a, b, own.clone()]);
    let untold: Vec<_> = sessions.list().iter().filter_map(|s| s.untold).collect();
    assert!(untold.contains(&Untold::Circle), "{untold:?}");
    assert!(sessions.list().iter().all(|s| !s.complete));
    assert_eq!(of(&sessions, &own).assumed_by, None);
    assert_eq!(sessions.roots().count(), 2);
}

#[test]
fn source_identity_goes_down_the_chain_and_not_into_new_keys() {
    let mut caller = role("one", "s", "ASIAONE", 0);
    caller["sessionContext"]["sourceIdentity"] = "alice".into();
    let next = event("a", 1, "AssumeRole", caller.clone(), assumes("two", "t", "ASIATWO"));
    let key = event(
        "b",
        2,
        "CreateAccessKey",
        caller,
        json!({
        "responseElements": {"accessKey": {"accessKeyId": "AKIANEW", "userName": "bob"}}}),
    );
    let sessions = stitched(&[next, key]);
    let identities: Vec<_> =
        sessions.list().iter().map(|s| (s.kind, s.source_identity.is_some())).collect();
    assert_eq!(identities, [(Kind::Role, true), (Kind::Role, true), (Kind::AccessKey, false)]);
}

fn soup() -> impl Strategy<Value = Event> {
    let names =
        prop_oneof![Just("AssumeRole"), Just("ConsoleLogin"), Just("CreateAccessKey"), Just("X")];
    let key = prop_oneof![
        Just(""),
        Just("AKIAONE"),
        Just("AKIATWO"),
        Just("ASIAONE"),
        Just("ASIATWO"),
        Just("ASIATHREE")
    ];
    let given = prop_oneof![
        Just(""),
        Just("AKIAONE"),
        Just("AKIATWO"),
        Just("ASIAONE"),
        Just("ASIATWO"),
        Just("ASIAFOUR")
    ];
    let kinds = 0..8usize;
    (any::<u32>(), 0i64..6, names, kinds, key, given, 0i64..6, any::<[bool; 3]>()).prop_map(
        |(id, second, name, kind, key, given, began, [whole, through, timed])| {
            let mut identity = match kind {
                0 | 1 => user(["a", "b"][kind], key),
                2 | 3 => role(["one", "two"][kind - 2], "s", key, began),
                4 => json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
                5 => json!({"type": "AWSAccount", "accountId": "444455556666", "accessKeyId": key}),
                6 => json!({"type": "Root", "accessKeyId": key, "sessionContext": {"attributes": {"creationDate": at(began)}}}),
                _ => Value::Null,
            };
            if kind < 2 && whole {
                identity["sessionContext"] = json!({"attributes": {"creationDate": at(began)}});
            }
            if through && kind < 4 {
                identity["invokedBy"] = "s3.amazonaws.com".into();
            }
            let mut rest = match given {
                "" => json!({"responseElements": {"ConsoleLogin": "Success"}}),
                given if name == "CreateAccessKey" => json!({"responseElements": {"accessKey": {"accessKeyId": given, "userName": "b"}}}),
                given => assumes(["one", "two"][usize::from(whole)], "s", given),
            };
            if !timed {
                rest["eventTime"] = "never".into();
            }
            event(&format!("{id:08x}"), second, name, identity, rest)
        },
    )
}

proptest! {
    #[test]
    fn whatever_comes(mut events in proptest::collection::vec(soup(), 0..40), swaps in proptest::collection::vec(any::<proptest::sample::Index>(), 40)) {
        let mut ids = std::collections::HashSet::new();
        events.retain(|event| ids.insert(event.id.clone()));
        let sessions = stitched(&events);
        // Each event is in one session, and none is counted twice.
        prop_assert!(events.iter().all(|event| sessions.of(event).is_some()));
        let count: u64 = sessions.list().iter().map(|s| s.events).sum();
        prop_assert_eq!(count, events.len() as u64);
        let names: std::collections::HashSet<&str> = sessions.list().iter().map(|s| s.id.as_str()).collect();
        prop_assert_eq!(names.len(), sessions.list().len());
        // No circles, and every parent is there.
        for session in sessions.list() {
            let chain = sessions.chain(&session.id);
            prop_assert!(chain.len() <= sessions.list().len());
            prop_assert_eq!(chain.get(1).map(|s| &s.id), session.assumed_by.as_ref());
            prop_assert!(session.assumed_by.is_none() || session.untold.is_none());
        }
        let reached: usize = {
            let mut next: Vec<usize> = sessions.roots().collect();
            let mut seen = 0;
            while let Some(at) = next.pop() {
                seen += 1;
                next.extend(sessions.children(at));
            }
            seen
        };
        prop_assert_eq!(reached, sessions.list().len());
        // The order in which they came does not matter.
        let mut other = events.clone();
        for (at, swap) in swaps.iter().enumerate().take(other.len()) {
            let with = swap.index(other.len());
            other.swap(at, with);
        }
        let (one, two) = (sessions.list(), stitched(&other));
        prop_assert_eq!(one, two.list());
    }
}
