use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{audit::Record, domain::event::By};

const ACCOUNT: &str = "111122223333";
const JANE: &str = "arn:aws:iam::111122223333:user/ops/jane";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const HERE: Here<'_> = Here { world: "aws", endpoint: None };

/// Seconds after the log began.
fn at(second: i64) -> Timestamp {
    let began: Timestamp = "2026-03-02T03:00:00Z".parse().expect("a time");
    began + SignedDuration::from_secs(second)
}

fn terms(now: i64) -> Terms {
    Terms { now: at(now), delay: SignedDuration::from_mins(15), clocks: Clocks::Same }
}

/// A log being written by one session.
#[derive(Default)]
struct Pen {
    records: Vec<Record>,
}

impl Pen {
    /// A session that began with the log and lasts so many seconds.
    fn new(seconds: i64) -> Self {
        let mut pen = Pen::default();
        pen.write(0, json!({"kind": "session_start", "endpoint": null}));
        pen.write(seconds, json!({"kind": "note"}));
        pen
    }

    fn write(&mut self, second: i64, body: Value) {
        let seq = self.records.len() as u64 + 1;
        let mut value = json!({"seq": seq, "ts_utc": at(second).to_string(), "sess": "s1",
            "actor": {"caller_arn": JANE}, "mode": "armed", "world": "aws", "corr": null});
        let members = value.as_object_mut().expect("an object");
        members.extend(body.as_object().expect("an object").clone());
        let raw = value.to_string();
        self.records.push(Record { seq, line: seq, offset: 0, raw, value, h: String::new() });
    }

    fn intent(&mut self, second: i64, corr: &str, service: &str, name: &str, params: Value) {
        let op = json!({"service": service, "name": name, "account": ACCOUNT,
            "region": "eu-west-1", "params": params});
        self.write(
            second,
            json!({"kind": "intent", "corr": corr, "run": "r", "step": "s", "op": op}),
        );
    }

    fn outcome(&mut self, second: i64, corr: &str, result: Value) {
        self.write(second, json!({"kind": "outcome", "corr": corr, "result": result}));
    }

    /// A call that went well.
    fn call(&mut self, second: i64, id: &str) {
        self.intent(second, id, "IAM", "UpdateAccessKey", json!({"UserName": "eve"}));
        let result = json!({"state": "ok", "request_id": id, "attempts": 1,
            "server_date": at(second).to_string()});
        self.outcome(second, id, result);
    }

    fn logged(&self) -> Logged {
        Logged::of(&self.records, HERE, None)
    }
}

fn event(second: i64, id: &str, more: Value) -> Arc<Event> {
    let mut body = json!({
        "eventID": format!("event-of-{id}"), "requestID": id, "eventTime": at(second).to_string(),
        "eventSource": "iam.amazonaws.com", "eventName": "UpdateAccessKey",
        "awsRegion": "us-east-1", "readOnly": false, "recipientAccountId": ACCOUNT,
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2",
        "requestParameters": {"userName": "eve"},
        "userIdentity": {"type": "IAMUser", "arn": JANE, "userName": "jane", "accessKeyId": KEY,
            "accountId": ACCOUNT},
    });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    Arc::new(Event::read(&body.to_string(), None).expect("an event"))
}

/// Everything that the log asks for was answered in full.
fn whole(logged: &Logged, terms: &Terms) -> Vec<Searched> {
    let mut out = Vec::new();
    for lookup in logged.lookups(terms) {
        for region in logged.regions(&lookup.account) {
            out.push(Searched {
                account: lookup.account.clone(),
                region: Some(region),
                by: lookup.by.clone(),
                window: lookup.window,
                lacking: None,
            });
        }
    }
    out
}

fn proven(pen: &Pen, events: &[Arc<Event>], now: i64) -> Proof {
    let (logged, terms) = (pen.logged(), terms(now));
    prove(&logged, events, &whole(&logged, &terms), &terms)
}

fn verdicts(proof: &Proof) -> Vec<Verdict> {
    proof.findings.iter().map(|f| f.verdict).collect()
}

const DAY: i64 = 86_400;

#[test]
fn a_call_is_found_by_its_request_id_alone() {
    let mut pen = Pen::new(60);
    pen.call(10, "r1");
    let proof = proven(&pen, &[event(10, "r1", json!({}))], DAY);
    assert_eq!((verdicts(&proof), proof.grade()), (vec![Verdict::Matched], Grade::Clean));
    let proof = proven(&pen, &[event(10, "r2", json!({}))], DAY);
    assert_eq!(verdicts(&proof), [Verdict::Missing, Verdict::Unlogged]);
    let why = proof.findings[1].why.as_deref().expect("a sentence");
    for part in ["iam:UpdateAccessKey", JANE, KEY, "203.0.113.7", "aws-cli/2"] {
        assert!(why.contains(part), "{part} not in {why}");
    }
}

#[test]
fn what_cloudtrail_says_otherwise_is_named() {
    for (more, part) in [
        (json!({"eventName": "DeleteAccessKey"}), "it is iam:DeleteAccessKey"),
        (json!({"requestParameters": {"userName": "adam"}}), "its UserName is adam"),
        (json!({"errorCode": "AccessDenied"}), "AWS refused it (AccessDenied)"),
        (json!({"recipientAccountId": "444455556666"}), "it is of account 444455556666"),
        (
            json!({"userIdentity": {"arn": "arn:aws:iam::111122223333:user/mallory"}}),
            "it was made by arn:aws:iam::111122223333:user/mallory",
        ),
    ] {
        let mut pen = Pen::new(60);
        pen.call(10, "r1");
        let proof = proven(&pen, &[event(10, "r1", more.clone())], DAY);
        assert_eq!(verdicts(&proof), [Verdict::Differs], "{more}");
        let why = proof.findings[0].why.clone().unwrap_or_default();
        assert!(why.contains(part), "{part} not in {why}");
    }
    // What CloudTrail hides, or says nothing of, is no difference.
    for more in [
        json!({"requestParameters": {"userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}}),
        json!({"requestParameters": null}),
        json!({"userIdentity": {"type": "Unknown"}}),
    ] {
        let mut pen = Pen::new(60);
        pen.call(10, "r1");
        assert_eq!(verdicts(&proven(&pen, &[event(10, "r1", more)], DAY)), [Verdict::Matched]);
    }
}

#[test]
fn one_request_id_stands_for_one_call() {
    let mut pen = Pen::new(60);
    pen.call(10, "r1");
    pen.intent(20, "again", "IAM", "UpdateAccessKey", json!({"UserName": "eve"}));
    pen.outcome(20, "again", json!({"state": "ok", "request_id": "r1", "attempts": 1}));
    let proof = proven(&pen, &[event(10, "r1", json!({}))], DAY);
    assert_eq!(verdicts(&proof), [Verdict::Matched, Verdict::Differs]);
}

#[test]
fn a_call_of_unknown_outcome_is_settled_by_what_fits() {
    let mut pen = Pen::new(60);
    pen.intent(10, "c", "IAM", "UpdateAccessKey", json!({"UserName": "eve"}));
    pen.outcome(11, "c", json!({"state": "unknown", "request_id": null, "attempts": 1}));
    assert_eq!(verdicts(&proven(&pen, &[event(11, "x", json!({}))], DAY)), [Verdict::Settled]);
    // Another target, another time, another caller: not this call.
    for other in [
        event(11, "x", json!({"requestParameters": {"userName": "adam"}})),
        event(-300, "x", json!({})),
        event(1800, "x", json!({})),
    ] {
        let proof = proven(&pen, std::slice::from_ref(&other), DAY);
        assert_eq!(proof.findings[0].verdict, Verdict::Unheard, "{other:?}");
    }
    assert_eq!(verdicts(&proven(&pen, &[], DAY)), [Verdict::Unheard]);
    assert_eq!(verdicts(&proven(&pen, &[], 60)), [Verdict::TooYoung]);
    // Reading back showed that it never arrived, and AWS agrees.
    pen.write(12, json!({"kind": "readback", "corr": "c", "state": "not_done"}));
    assert_eq!(verdicts(&proven(&pen, &[], DAY)), [Verdict::Unrecorded]);
}

#[test]
fn what_was_never_sent_is_not_looked_for() {
    let mut pen = Pen::new(60);
    for corr in ["a", "b", "c", "d"] {
        pen.intent(10, corr, "IAM", "UpdateAccessKey", json!({}));
    }
    pen.write(11, json!({"kind": "refusal", "corr": "a", "why": "disarmed"}));
    pen.outcome(11, "b", json!({"state": "error", "code": "network", "attempts": 0}));
    let refused =
        |code, id| json!({"state": "error", "code": code, "request_id": id, "attempts": 1});
    pen.outcome(11, "c", refused("throttled", "r1"));
    pen.outcome(11, "d", refused("denied", "r2"));
    let proof = proven(&pen, &[], DAY);
    assert_eq!(verdicts(&proof), [Verdict::NotSent, Verdict::Unrecorded, Verdict::Missing]);
    // The log says that AWS refused; CloudTrail says that it went through.
    let proof = proven(&pen, &[event(11, "r2", json!({"requestParameters": null}))], DAY);
    assert_eq!(proof.findings[2].verdict, Verdict::Differs);
}

#[test]
fn only_changes_under_an_identity_of_the_log_count() {
    let pen = Pen::new(60);
    let other = json!({"arn": "arn:aws:iam::111122223333:user/adam", "accessKeyId": "AKIAADAM"});
    for (event, wanted) in [
        (event(5, "x", json!({})), vec![Verdict::Unlogged]),
        (event(5, "x", json!({"eventName": "GetUser", "readOnly": true})), vec![]),
        // Among our verbs, whatever CloudTrail calls it.
        (event(5, "x", json!({"readOnly": true})), vec![Verdict::Unlogged]),
        // It does not say: it may be a change.
        (event(5, "x", json!({"eventName": "Frob", "readOnly": null})), vec![Verdict::Unlogged]),
        // What halon calls to look, and CloudTrail calls a change.
        (event(5, "x", json!({"eventName": "GenerateCredentialReport"})), vec![]),
        (event(5, "x", json!({"userIdentity": other})), vec![]),
        // Around the session, and no longer.
        (event(-899, "x", json!({})), vec![Verdict::Unlogged]),
        (event(-901, "x", json!({})), vec![]),
        (event(60 + 899, "x", json!({})), vec![Verdict::Unlogged]),
        (event(60 + 902, "x", json!({})), vec![]),
        // Refused calls are attempts.
        (event(5, "x", json!({"errorCode": "AccessDenied"})), vec![Verdict::Unlogged]),
    ] {
        assert_eq!(
            verdicts(&proven(&pen, std::slice::from_ref(&event), DAY)),
            wanted,
            "{}",
            event.raw
        );
    }
    let service = json!({"userIdentity": {"arn": JANE, "invokedBy": "securityhub.amazonaws.com"}});
    let proof = proven(&pen, &[event(5, "x", service)], DAY);
    assert_eq!((verdicts(&proof), proof.grade()), (vec![Verdict::ThroughService], Grade::Clean));
}

#[test]
fn the_key_that_a_session_used_is_its_identity_too() {
    let mut pen = Pen::new(60);
    pen.call(10, "r1");
    let unnamed = json!({"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:x",
        "accessKeyId": KEY}});
    let stranger = event(20, "r2", unnamed);
    let proof = proven(&pen, &[event(10, "r1", json!({})), stranger.clone()], DAY);
    assert_eq!(verdicts(&proof), [Verdict::Matched, Verdict::Unlogged]);
    // Without a call that shows the key it is nobody's.
    assert_eq!(verdicts(&proven(&Pen::new(60), &[stranger], DAY)), []);
}

#[test]
fn what_was_not_searched_is_never_missing() {
    let mut pen = Pen::new(60);
    pen.call(10, "r1");
    let (logged, terms) = (pen.logged(), terms(DAY));
    let good = whole(&logged, &terms);
    assert_eq!(good.len(), 1, "IAM is recorded in us-east-1");
    let with = |change: &dyn Fn(&mut Searched)| {
        let mut searched = good.clone();
        searched.iter_mut().for_each(change);
        let proof = prove(&logged, &[], &searched, &terms);
        assert_eq!(proof.grade(), Grade::Open, "{:?}", verdicts(&proof));
        proof.findings[0].why.clone().unwrap_or_default()
    };
    assert!(with(&|s| s.lacking = Some("timed out".into())).contains("timed out"));
    with(&|s| s.region = "eu-west-1".parse().ok());
    with(&|s| s.by = By::User("adam".into()));
    with(&|s| s.account = "444455556666".parse().expect("an account"));
    with(&|s| s.window = Window::new(at(-100), at(5)));
    assert_eq!(verdicts(&prove(&logged, &[], &[], &terms)), [Verdict::NotSearched]);
    // More than 90 days old: nobody can be asked any more.
    let late = super::Terms { now: at(91 * DAY), ..terms };
    assert_eq!(logged.lookups(&late), []);
    let proof = prove(&logged, &[], &[], &late);
    assert!(proof.findings[0].why.as_deref().is_some_and(|why| why.contains("90 days")));
}

#[test]
fn sessions_that_went_elsewhere_are_no_part_of_it() {
    let mut pen = Pen::new(60);
    pen.call(10, "r1");
    let elsewhere = Here { world: "aws", endpoint: Some("http://127.0.0.1:1") };
    for here in [Here { world: "range", endpoint: None }, elsewhere] {
        let logged = Logged::of(&pen.records, here, None);
        assert_eq!((logged.calls.len(), logged.sessions.len(), logged.elsewhere), (0, 0, 1));
    }
    let later = Logged::of(&pen.records, HERE, Some(at(1)));
    assert_eq!((later.calls.len(), later.before), (0, 1));
}

#[test]
fn records_that_say_too_little_are_open() {
    let mut pen = Pen::new(60);
    pen.write(10, json!({"kind": "intent", "corr": "c", "op": {"service": "IAM"}}));
    let proof = proven(&pen, &[], DAY);
    assert_eq!((verdicts(&proof), proof.grade()), (vec![Verdict::NotSearched], Grade::Open));
}

#[test]
fn callers_are_looked_up_by_what_cloudtrail_calls_them() {
    for (arn, user) in [
        (JANE, Some("jane")),
        ("arn:aws:iam::111122223333:root", Some("root")),
        (
            "arn:aws-cn:sts::111122223333:assumed-role/Admin/jane@example.com",
            Some("jane@example.com"),
        ),
        ("arn:aws:sts::111122223333:federated-user/bob", Some("bob")),
        ("arn:aws:iam::x:user/a", None),
        ("arn:aws:iam::111122223333:group/a", None),
        ("", None),
    ] {
        let home = super::ask::home(arn);
        assert_eq!(home.as_ref().map(|(_, user)| user.as_str()), user, "{arn}");
        assert!(home.is_none_or(|(account, _)| account.as_str() == ACCOUNT));
    }
}

#[test]
fn near_windows_are_asked_for_at_once_and_far_ones_are_not() {
    let mut pen = Pen::new(60);
    for (session, second) in [("s2", 3000), ("s3", 2 * DAY)] {
        pen.write(second, json!({"kind": "note", "sess": session}));
    }
    let lookups = pen.logged().lookups(&terms(3 * DAY));
    let windows: Vec<Window> = lookups.iter().map(|l| l.window).collect();
    let around = |from: i64, to: i64| Window::new(at(from - 900), at(to + 900));
    assert_eq!(windows, [around(0, 3000), around(2 * DAY, 2 * DAY)]);
    assert!(lookups.iter().all(|l| l.by == By::User("jane".into())));
}

#[test]
fn a_call_without_a_caller_is_looked_up_by_its_name() {
    let mut pen = Pen::default();
    let nobody = json!({"caller_arn": null});
    pen.write(0, json!({"kind": "session_start", "actor": nobody}));
    let op = json!({"service": "GuardDuty", "name": "ArchiveFindings", "account": ACCOUNT,
        "region": "eu-west-1", "params": {}});
    pen.write(10, json!({"kind": "intent", "corr": "c", "op": op, "actor": nobody}));
    let result = json!({"state": "ok", "request_id": "r1", "attempts": 1});
    pen.write(11, json!({"kind": "outcome", "corr": "c", "result": result, "actor": nobody}));
    let lookups = pen.logged().lookups(&terms(DAY));
    assert_eq!(lookups.len(), 1);
    assert_eq!(lookups[0].by, By::Event("ArchiveFindings".into()));
    let regions: Vec<String> =
        pen.logged().regions(&lookups[0].account).iter().map(ToString::to_string).collect();
    assert_eq!(regions, ["eu-west-1", "us-east-1"]);
    // What that session did not log cannot be looked for, and that is said.
    let proof = proven(&pen, &[], DAY);
    assert_eq!(verdicts(&proof), [Verdict::Missing, Verdict::NotSearched]);
}

/// One call of the world, by whether the log and CloudTrail have it.
#[derive(Clone, Debug)]
struct Made {
    second: i64,
    logged: bool,
    told: bool,
    by_us: bool,
    read_only: bool,
    refused: bool,
}

fn made() -> impl Strategy<Value = Made> {
    (-2000i64..6000, any::<[bool; 5]>()).prop_map(
        |(second, [logged, told, by_us, reads, refused])| {
            let logged = logged && by_us && !reads && (0..=3600).contains(&second);
            Made { second, logged, told, by_us, read_only: reads, refused }
        },
    )
}

proptest! {
    /// Whatever was logged and whatever CloudTrail has, in whatever order: each call is told
    /// for what it is, and nothing else is said.
    #[test]
    fn each_call_is_told_for_what_it_is(
        world in proptest::collection::vec(made(), 0..12),
        order in any::<u64>(),
        now in 3600i64..9000,
        searched_all in proptest::bool::weighted(0.8),
    ) {
        let mut pen = Pen::new(3600);
        let mut events = Vec::new();
        let mut wanted: BTreeMap<Verdict, usize> = BTreeMap::new();
        for (number, call) in world.iter().enumerate() {
            let id = format!("r{number}");
            if call.logged {
                pen.intent(call.second, &id, "IAM", "UpdateAccessKey", json!({"UserName": "eve"}));
                let (state, code) = if call.refused { ("error", json!("denied")) } else { ("ok", Value::Null) };
                pen.outcome(call.second, &id, json!({"state": state, "code": code,
                    "request_id": id, "attempts": 1}));
            }
            if call.told {
                let mut more = json!({"readOnly": call.read_only});
                if call.read_only {
                    more["eventName"] = "GetUser".into();
                }
                if call.refused {
                    more["errorCode"] = "AccessDenied".into();
                }
                if !call.by_us {
                    more["userIdentity"] = json!({"arn": "arn:aws:iam::111122223333:user/adam"});
                }
                events.push(event(call.second, &id, more));
            }
            let around = (-900..=3600 + 900).contains(&call.second);
            let verdict = match (call.logged, call.told) {
                (true, true) => Some(Verdict::Matched),
                (true, false) if !searched_all => Some(Verdict::NotSearched),
                (true, false) if now - call.second < 900 => Some(Verdict::TooYoung),
                (true, false) => Some(Verdict::Missing),
                (false, true) if call.by_us && !call.read_only && around => Some(Verdict::Unlogged),
                _ => None,
            };
            if let Some(verdict) = verdict {
                *wanted.entry(verdict).or_default() += 1;
            }
        }
        // Any order is as good as any other.
        let length = events.len().max(1);
        events.rotate_left(order as usize % length);
        if order % 2 == 0 {
            events.reverse();
        }
        let (logged, terms) = (pen.logged(), terms(now));
        let mut searched = whole(&logged, &terms);
        if !searched_all {
            searched.clear();
        }
        let proof = prove(&logged, &events, &searched, &terms);
        let mut got: BTreeMap<Verdict, usize> = BTreeMap::new();
        for verdict in verdicts(&proof) {
            *got.entry(verdict).or_default() += 1;
        }
        prop_assert_eq!(&got, &wanted);
        let worst = wanted.keys().map(|v| v.grade()).max().unwrap_or_default();
        prop_assert_eq!(proof.grade(), worst);
        // Each event stands for at most one call.
        let mut named: Vec<_> =
            proof.findings.iter().filter_map(|f| Some(f.event.as_ref()?.id.clone())).collect();
        let before = named.len();
        named.sort();
        named.dedup();
        prop_assert_eq!(named.len(), before);
    }
}
