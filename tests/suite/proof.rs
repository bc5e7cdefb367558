//! The audit log beside CloudTrail, in the range: the genuine SDK asks for the events, and
//! what was done without halon is done by requests signed by hand.

use std::{fs, io::Write, path::PathBuf};

use halon::{
    app::{Effect, Msg},
    audit::{self, Entry, Kind, Record},
    case::proof::{Clocks, Grade, Here, Logged, LoggedSession, Proof, Terms, Verdict, prove},
    domain::{
        Untrusted,
        event::{Event, Window},
    },
    model::Setup,
    runtime,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    cli::{Machine, Ran},
    commands::{KEY, run_id},
    ground::{Ground, one_step, paused, world},
    stage::{NOW, Stage, at},
};

const USER: &str = "siem-exporter";
const OPERATOR: &str = "444455556666";
const DEACTIVATE: &str = "iam.deactivate_access_key";

/// Compares the ground's log with its CloudTrail, so long after everything was done.
async fn proven(ground: &mut Ground, after: SignedDuration) -> Proof {
    let records = ground.records().await;
    let here = Here { world: "range", endpoint: None };
    let logged = Logged::of(&records, here, None);
    let hour = SignedDuration::from_hours(1);
    let clocks = Clocks::Apart(Window::new(ground.range.start(), ground.range.now() + hour));
    let delay = SignedDuration::from_mins(15);
    let terms = Terms { now: at(NOW) + after, delay, clocks };
    let (asked, vain) = ground.case.witnesses().of(&logged, logged.lookups(&terms));
    let range = ground.range.clone();
    let clock: runtime::Clock = std::sync::Arc::new(move || range.now());
    let said = runtime::witness(&ground.cloud, &clock, &asked, &|_| ());
    let said = Box::pin(said).await.expect("there is memory");
    let searched: Vec<_> = vain.into_iter().chain(said.searched).collect();
    assert!(!searched.is_empty());
    prove(&logged, &said.events, &searched, &terms)
}

fn verdicts(proof: &Proof) -> Vec<Verdict> {
    proof.findings.iter().map(|f| f.verdict).collect()
}

async fn deactivated(ground: &mut Ground) {
    let text = one_step(DEACTIVATE, &[("key", KEY)]);
    let draft = ground.draft(&text, &[]).await;
    let mut run = ground.run("run-1", &draft);
    ground.through(&mut run).await;
}

/// The same key as halon's, used by somebody else.
fn reactivate_by_hand(ground: &Ground) {
    let parameters = [("UserName", USER), ("AccessKeyId", KEY), ("Status", "Active")];
    ground.iam(&ground.operator(OPERATOR), "UpdateAccessKey", &parameters);
}

const LATER: SignedDuration = SignedDuration::from_mins(20);
const SOON: SignedDuration = SignedDuration::from_mins(5);

#[test]
fn after_a_run_log_and_cloudtrail_agree_and_another_clients_call_is_named() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        deactivated(&mut ground).await;
        let proof = proven(&mut ground, LATER).await;
        assert_eq!((verdicts(&proof), proof.grade()), (vec![Verdict::Matched], Grade::Clean));

        // Looking is no change, whoever looks.
        let who = ground.operator(OPERATOR);
        ground.iam(&who, "ListAccessKeys", &[("UserName", USER)]);
        assert_eq!(proven(&mut ground, LATER).await.grade(), Grade::Clean);

        reactivate_by_hand(&ground);
        let proof = proven(&mut ground, LATER).await;
        assert_eq!(verdicts(&proof), [Verdict::Matched, Verdict::Unlogged]);
        let event = proof.findings[1].event.as_ref().expect("an event");
        assert_eq!(event.name.raw(), "UpdateAccessKey");
        assert_eq!(event.access_key().map(Untrusted::raw), Some(&*who.access_key));
        assert!(event.raw.contains("\"status\":\"Active\""), "{}", event.raw);
    });
}

#[test]
fn a_logged_call_without_an_event_is_too_young_and_then_missing() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        ground.faults("[[faults]]\nop = \"iam:UpdateAccessKey\"\nnth = 1\nkind = \"untold\"\n");
        deactivated(&mut ground).await;
        for (after, verdict) in [(SOON, Verdict::TooYoung), (LATER, Verdict::Missing)] {
            let proof = proven(&mut ground, after).await;
            assert_eq!(verdicts(&proof), [verdict]);
            let call = proof.findings[0].call.as_ref().expect("a call");
            assert_eq!((&*call.operation, call.account.as_str()), ("UpdateAccessKey", OPERATOR));
            assert!(call.request_id.is_some());
        }
    });
}

#[test]
fn a_call_that_was_not_answered_is_found_by_what_it_did() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        ground
            .faults("[[faults]]\nop = \"iam:UpdateAccessKey\"\nnth = 1\nkind = \"reset-after\"\n");
        deactivated(&mut ground).await;
        let proof = proven(&mut ground, LATER).await;
        assert_eq!(verdicts(&proof), [Verdict::Settled]);
        assert_eq!(proof.grade(), Grade::Clean);
    });
}

#[test]
fn a_call_that_never_arrived_is_not_held_for_made() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        ground.faults("[[faults]]\nop = \"iam:UpdateAccessKey\"\nnth = 1\nkind = \"reset\"\n");
        deactivated(&mut ground).await;
        // Somebody else's call with other parameters does not stand for it.
        reactivate_by_hand(&ground);
        let proof = proven(&mut ground, LATER).await;
        assert_eq!(verdicts(&proof)[1..], [Verdict::Unlogged], "{:?}", verdicts(&proof));
        assert_ne!(verdicts(&proof)[0], Verdict::Settled);
    });
}

#[test]
fn a_region_that_cannot_be_asked_leaves_the_proof_open() {
    let fault = |region: &str| {
        format!(
            "[[faults]]\nop = \"cloudtrail:LookupEvents\"\nregion = \"{region}\"\nkind = \"status:503\"\n"
        )
    };
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        deactivated(&mut ground).await;
        // The call is found in another region; that one region was not seen all the same.
        ground.faults(&fault("eu-west-1"));
        let proof = proven(&mut ground, LATER).await;
        assert_eq!((proof.findings[0].verdict, proof.grade()), (Verdict::Matched, Grade::Open));
        let why: Vec<&str> = proof.findings[1..].iter().filter_map(|f| f.why.as_deref()).collect();
        assert!(!why.is_empty() && why.iter().all(|w| w.contains("eu-west-1")), "{why:?}");
        // Where the call would be cannot be seen: it is not missing.
        ground.faults(&fault("us-east-1"));
        let proof = proven(&mut ground, LATER).await;
        assert!(verdicts(&proof).iter().all(|v| *v == Verdict::NotSearched), "{proof:?}");
        assert!(proof.findings[0].call.is_some());
    });
}

#[test]
fn an_account_that_nobody_is_signed_in_to_is_named() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        deactivated(&mut ground).await;
        let records = ground.records().await;
        let logged = Logged::of(&records, Here { world: "range", endpoint: None }, None);
        let clocks = Clocks::Apart(Window::new(ground.range.start(), ground.range.now()));
        let terms = Terms { now: at(NOW), delay: LATER, clocks };
        let alone = Ground::signed_in_to(world("leaked-key"), "example-management").await;
        let (asked, vain) = alone.case.witnesses().of(&logged, logged.lookups(&terms));
        assert!(asked.is_empty() && !vain.is_empty());
        let proof = prove(&logged, &[], &vain, &terms);
        assert_eq!(proof.grade(), Grade::Open);
        let why = proof.findings[0].why.as_deref().unwrap_or_default();
        assert!(why.contains("nobody is signed in"), "{why}");
    });
}

// --- The console.

#[test]
fn the_audit_pane_asks_for_a_proof_and_says_what_came_of_it() {
    let mut stage = Stage::new((160, 30), &["us-east-1"]);
    stage.identify();
    stage.keys("3 V");
    assert!(!stage.effects.iter().any(is_asked), "there is no log to prove");
    let value = json!({"seq": 1, "kind": "note", "text": "x"});
    let raw = value.to_string();
    let record = Record { seq: 1, line: 1, offset: 0, raw, value, h: String::new() };
    stage.tell(Msg::LogRead(Ok((vec![record], Vec::new())), None));
    assert!(stage.text().contains("V prove"), "{}", stage.text());
    stage.keys("V");
    let asked = stage.effects.iter().find(|e| is_asked(e));
    let Some(Effect::ProveLog(histories)) = asked else { panic!("not asked") };
    let places: Vec<&str> = histories.places.iter().map(|(_, account)| account.as_str()).collect();
    assert_eq!(places, ["111122223333"]);
    assert!(stage.text().contains("asking CloudTrail"), "{}", stage.text());

    let oncall = "arn:aws:iam::111122223333:user/oncall";
    let session = LoggedSession {
        id: "s".to_owned(),
        from: at(NOW),
        to: at(NOW),
        callers: [oncall.to_owned()].into(),
    };
    let logged = Logged { sessions: vec![session], ..Logged::default() };
    let delay = SignedDuration::from_mins(15);
    let terms = Terms { now: at(NOW), delay, clocks: Clocks::Same };
    let clean = prove(&logged, &[], &[], &terms);
    stage.tell(Msg::LogProved(Ok(Box::new(clean))));
    let said = "agrees with CloudTrail: no call is logged, at 03:10";
    assert!(stage.text().contains(said), "{}", stage.text());
    assert!(stage.model.notice.is_none());

    let raw = json!({"eventID": "e-1", "eventName": "DeleteUser", "eventTime": NOW,
        "eventSource": "iam.amazonaws.com", "userAgent": "evil\u{1b}[2J",
        "userIdentity": {"arn": oncall}});
    let event = Event::read(&raw.to_string(), None).expect("an event");
    let broken = prove(&logged, &[event.into()], &[], &terms);
    stage.tell(Msg::LogProved(Ok(Box::new(broken))));
    let text = stage.text();
    for part in ["does not agree with CloudTrail", "NOT LOGGED", "iam:DeleteUser"] {
        assert!(text.contains(part), "{part} not in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

fn is_asked(effect: &Effect) -> bool {
    matches!(effect, Effect::ProveLog(_))
}

#[test]
fn a_console_that_is_offline_says_why_it_proves_nothing() {
    let setup = Setup { offline: true, ..Setup::plain() };
    let mut stage = Stage::with(setup, (160, 30), &["us-east-1"]);
    stage.keys("3 V");
    assert!(stage.text().contains("offline: nothing is asked"), "{}", stage.text());
}

// --- The command.

impl Machine {
    fn range_log(&self) -> PathBuf {
        self.data().join("audit-range.jsonl")
    }

    fn verified(&self, more: &[&str]) -> Ran {
        let all = ["--range", "--json", "audit", "verify", "--cloudtrail"];
        self.run(&[&all, more].concat())
    }
}

fn count(answer: &Value, verdict: &str) -> Option<u64> {
    answer["cloudtrail"]["counts"][verdict].as_u64()
}

#[test]
fn the_command_proves_a_log_with_every_kind_of_record() {
    let machine = Machine::new();
    let ran = machine.run(&["--range", "audit", "verify", "--cloudtrail"]);
    assert_eq!(ran.code, 13, "there is no log yet: {}", ran.err);
    let key = format!("key={KEY}");
    let ran = machine.armed(&["playbook", "run", "leaked-access-key", "-i", &key, "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // A crash in the middle of a line: the next start records that it was recovered.
    let mut log = fs::File::options().append(true).open(machine.range_log()).expect("a log");
    log.write_all(b"{\"v\":1,\"seq\":").expect("written");
    let run = run_id(&ran);
    let confirm = format!("deactivate={KEY}");
    let ran = machine.armed(&["undo", &run, "--confirm", &confirm]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // What no command writes: somebody's note, an anchor, a call that was refused before it.
    let records = audit::read(&machine.range_log()).expect("a log");
    let intent = records.iter().find(|r| r.kind() == Some(Kind::Intent)).expect("an intent");
    let head = audit::verify(&machine.range_log(), None, None).head.expect("a head");
    let started = records.iter().find(|r| r.kind() == Some(Kind::SessionStart)).expect("a start");
    let about = audit::About {
        world: "range",
        session: "0123456789abcdef".to_owned(),
        endpoint: started.text("endpoint").map(ToOwned::to_owned),
        ..audit::About::default()
    };
    let stamp = || audit::Stamp { utc: runtime::wall_clock(), mono_ms: 0 };
    let mut log = audit::Log::open(&machine.range_log(), about, stamp()).expect("opens");
    let mut unsent = Entry::new(Kind::Intent).corr("never-made");
    unsent.body.insert("op".to_owned(), intent.value["op"].clone());
    for entry in [
        Entry::new(Kind::Note).with("text", "called the owner"),
        Entry::new(Kind::Drill).with("drill", "DRILL-2026Q1-0000000a").with("event", "hint"),
        Entry::anchor(&head, "ticket 7"),
        unsent,
        Entry::new(Kind::Refusal).corr("never-made").with("why", "disarmed"),
    ] {
        log.hold().expect("held");
        log.append(entry, stamp()).expect("written");
        log.release();
    }
    log.end("done", stamp()).expect("ended");

    let records = audit::read(&machine.range_log()).expect("a log");
    for kind in Kind::ALL {
        assert!(records.iter().any(|r| r.kind() == Some(kind)), "{kind:?}");
    }
    let ran = machine.verified(&[]);
    // The torn tail that was recovered is still told: the log and CloudTrail agree.
    assert_eq!(ran.code, 11, "{}\n{}", ran.out, ran.err);
    let answer = ran.json();
    assert_eq!(answer["schema"], "halon.audit-verify/1");
    assert_eq!((&answer["complete"], &answer["items"]), (&json!(true), &json!([])));
    assert_eq!(answer["cloudtrail"]["grade"], "clean");
    assert_eq!(count(&answer, "matched"), Some(2));
    assert_eq!(answer["cloudtrail"]["findings"].as_array().map(Vec::len), Some(2));
    let found = &answer["cloudtrail"]["findings"][0];
    assert_eq!(found["call"]["request_id"], found["event"]["request_id"]);
    assert_eq!(found["call"]["operation"], "UpdateAccessKey");
    let searched = answer["cloudtrail"]["searched"].as_array().expect("a list").clone();
    let whole = |s: &Value| s["by"]["user"] == "oncall" && s["lacking"].is_null();
    assert!(!searched.is_empty() && searched.iter().all(whole), "{searched:?}");

    // For people: counted, not listed.
    let ran = machine.run(&["--range", "audit", "verify", "--cloudtrail"]);
    assert_eq!(ran.code, 11);
    assert!(
        ran.out.contains("the log agrees with CloudTrail: 2 calls are logged; 2 found"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("what halon reads is not in its log"), "{}", ran.err);

    // A world begun anew has never seen these calls, and nobody says that they are missing.
    assert_eq!(machine.run(&["range", "reset"]).code, 0);
    let ran = machine.verified(&[]);
    let answer = ran.json();
    assert_eq!((ran.code, &answer["cloudtrail"]["grade"]), (5, &json!("open")));
    assert_eq!((count(&answer, "missing"), count(&answer, "not_searched")), (Some(0), Some(1)));
    assert_eq!(answer["cloudtrail"]["elsewhere"], 2);

    // Tampering outranks whatever CloudTrail says.
    let text = fs::read_to_string(machine.range_log()).expect("a log");
    let forged = text.replacen("\"ceremony\":\"yes\"", "\"ceremony\":\"no!\"", 1);
    assert_ne!(forged, text);
    fs::write(machine.range_log(), forged).expect("written");
    assert_eq!(machine.verified(&[]).code, 12);
}

#[test]
fn the_command_takes_only_what_it_can_use() {
    let machine = Machine::new();
    for (words, part) in [
        (&["--delay", "15m"][..], "--cloudtrail"),
        (&["--since", "7d"], "--cloudtrail"),
        (&["--cloudtrail", "--delay", "soon"], "--delay is an age"),
        (&["--cloudtrail", "--since", "then"], "--since"),
        (&["--cloudtrail", "--offline"], "leave out --offline"),
    ] {
        let ran = machine.run(&[&["--range", "audit", "verify"], words].concat());
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(part), "{words:?}: {}", ran.err);
    }
}
