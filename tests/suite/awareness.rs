//! What rings and how often, what stays until it was read, what is on its way, how old what is
//! shown is.

use halon::{
    app::{Effect, Msg},
    domain::{
        Answer, Call, Fault, FaultKind, Logging, Place, Query, Selectors, Source, TrailState,
        TrailStatus, finding::Record,
    },
    model::{Notify, Ring, Setup},
};
use jiff::tz::TimeZone;
use serde_json::json;

use super::stage::{Stage, at, guardduty, region};

const REGION: &str = "us-east-1";

fn high(id: &str) -> Record {
    guardduty(id, 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", json!({}))
}

fn low(id: &str) -> Record {
    guardduty(id, 2.0, "Recon:EC2/Portscan", json!({}))
}

fn stage(notify: Notify) -> Stage {
    let local_zone = TimeZone::fixed(jiff::tz::offset(2));
    let setup = Setup { local_zone, notify, ..Setup::plain() };
    let mut stage = Stage::with(setup, (120, 24), &[REGION]);
    stage.identify();
    stage
}

/// What has rung since this was asked last.
fn rings(stage: &mut Stage) -> Vec<Ring> {
    let (rings, others) =
        stage.effects.drain(..).partition(|effect| matches!(effect, Effect::Ring(_)));
    stage.effects = others;
    let ring = |effect| match effect {
        Effect::Ring(ring) => ring,
        other => panic!("{other:?}"),
    };
    Vec::into_iter(rings).map(ring).collect()
}

fn titles(stage: &Stage) -> Vec<&str> {
    let titles = stage.effects.iter().filter_map(|effect| match effect {
        Effect::Title(title) => Some(title.as_str()),
        _ => None,
    });
    titles.collect()
}

/// Both services are asked again at this time, and GuardDuty answers.
fn news(stage: &mut Stage, now: &str, records: Vec<Record>) {
    stage.ticked(now);
    stage.page(Source::GuardDuty, REGION, records);
    stage.done(Source::GuardDuty, REGION, vec![]);
    stage.done(Source::SecurityHub, REGION, vec![]);
}

#[test]
fn the_first_lists_ring_once_and_then_each_finding_once() {
    let mut stage = stage(Notify { desktop: true, ..Notify::default() });
    stage.page(Source::GuardDuty, REGION, vec![high("f1"), low("l1")]);
    stage.page(Source::GuardDuty, REGION, vec![high("f2")]);
    assert_eq!(rings(&mut stage), [], "the lists are not whole");
    stage.done(Source::GuardDuty, REGION, vec![]);
    stage.done(Source::SecurityHub, REGION, vec![]);
    let [ring] = &rings(&mut stage)[..] else { panic!("not one ring") };
    let says = ring.desktop.as_deref().unwrap_or_default();
    assert!(ring.bell && says.contains("2 new high or above, first"), "{says}");
    // The same again is no news; one more is, with its name and place.
    news(&mut stage, "2026-03-02T03:11:00Z", vec![high("f1"), high("f2"), low("l2")]);
    assert_eq!(rings(&mut stage), []);
    news(&mut stage, "2026-03-02T03:12:00Z", vec![high("f3")]);
    let [ring] = &rings(&mut stage)[..] else { panic!("not one ring") };
    let says = ring.desktop.as_deref().unwrap_or_default();
    assert_eq!(says, "halon: new high: UnauthorizedAccess:IAMUser/TorIPCaller in acme-security");
    // An update of what rang, seen or not, does not ring again.
    let later = json!({"updatedAt": "2026-03-02T03:12:30Z"});
    let again = guardduty("f3", 8.0, "UnauthorizedAccess:IAMUser/TorIPCaller", later);
    news(&mut stage, "2026-03-02T03:13:00Z", vec![again]);
    assert_eq!(rings(&mut stage), []);
    // What becomes bad enough rings then.
    let worse = json!({"updatedAt": "2026-03-02T03:13:30Z"});
    news(
        &mut stage,
        "2026-03-02T03:14:00Z",
        vec![guardduty("l1", 8.5, "Recon:EC2/Portscan", worse)],
    );
    assert_eq!(rings(&mut stage).len(), 1);
}

#[test]
fn what_was_looked_at_in_an_earlier_run_does_not_ring() {
    let mut stage = stage(Notify::default());
    let seen = [high("f1")].iter().map(|r| (r.key.clone(), r.updated_at)).collect();
    // The store answers after the services.
    stage.model.seen_loaded = false;
    stage.answer(REGION, vec![high("f1")], vec![]);
    assert_eq!(rings(&mut stage), [], "what was seen is not known yet");
    stage.tell(Msg::Loaded {
        records: vec![(high("old").into(), at("2026-03-01T00:00:00Z"))],
        seen,
    });
    assert_eq!(rings(&mut stage), []);
    news(&mut stage, "2026-03-02T03:12:00Z", vec![high("f2")]);
    assert_eq!(rings(&mut stage).len(), 1);
}

#[test]
fn quiet_hours_are_quiet_over_midnight_and_the_title_speaks_all_the_same() {
    // 03:10 UTC is 05:10 here.
    let quiet = Some("22:00-05:20".parse().expect("quiet hours"));
    let mut stage = stage(Notify { quiet, ..Notify::default() });
    stage.answer(REGION, vec![high("f1")], vec![]);
    assert_eq!(rings(&mut stage), []);
    assert_eq!(
        titles(&stage),
        ["halon", "halon · acme-security", "halon: 1 new high or above · acme-security"]
    );
    news(&mut stage, "2026-03-02T03:21:00Z", vec![high("f2")]);
    assert_eq!(rings(&mut stage), [Ring { bell: true, desktop: None }], "and f1 not again");
    stage.keys("M");
    assert_eq!(titles(&stage).last(), Some(&"halon · acme-security"));
}

#[test]
fn who_wants_no_bell_and_no_title_gets_none() {
    let notify = Notify { bell: false, desktop: false, title: false, ..Notify::default() };
    let mut stage = stage(notify);
    stage.answer(REGION, vec![high("f1")], vec![]);
    assert_eq!(rings(&mut stage), []);
    assert!(titles(&stage).is_empty());
}

#[test]
fn trouble_stays_until_it_was_read_and_what_is_done_does_not() {
    let mut stage = stage(Notify::default());
    stage.answer(REGION, vec![high("f1")], vec![]);
    let fault = |what: &str| Fault::new(FaultKind::Local, what.to_owned());
    stage.tell(Msg::Hurt(fault("the first trouble")));
    stage.tell(Msg::Hurt(fault("the second trouble")));
    stage.tell(Msg::Hurt(fault("the second trouble")));
    stage.keys("j k");
    let text = stage.text();
    assert!(text.contains("the second trouble") && text.contains("1 more: g n reads"), "{text}");
    // What was done is said in its place, until the next key.
    stage.keys("y y");
    assert!(stage.text().contains("sent to the terminal's clipboard"));
    stage.keys("j");
    assert!(stage.text().contains("the second trouble"));
    stage.ticked("2026-03-02T03:15:00Z");
    stage.keys("g n");
    let text = stage.text();
    for part in ["the first trouble", "5m ago · 2 times", "2026-03-02 03:10:00 UTC"] {
        assert!(text.contains(part), "{part} is not on\n{text}");
    }
    stage.keys("esc");
    assert!(!stage.text().contains("trouble"), "read:\n{}", stage.text());
    stage.keys("g n");
    assert!(stage.text().contains("the first trouble"), "it can be read again");
}

#[test]
fn the_call_log_tells_reads_from_writes_retries_and_what_each_service_was_asked() {
    let mut stage = Stage::new((120, 30), &[REGION]);
    stage.identify();
    let call = |service, operation, attempts| Call {
        service,
        operation,
        place: Place { target: "acme".into(), region: region(REGION) },
        attempts,
        millis: 1_234,
        waited_millis: 1_000,
        throttled: attempts - 1,
        bytes: 4_096,
        host: None,
        request_id: Some("req-1".to_owned()),
        server_time: None,
        fault: None,
    };
    stage.tell(Msg::Called(call("CloudTrail", "LookupEvents", 3)));
    stage.ticked("2026-03-02T03:15:00Z");
    stage.tell(Msg::Called(call("IAM", "PutRolePolicy", 1)));
    stage.keys("L");
    let text = stage.text();
    for part in [
        "2 calls, 4 requests",
        "CloudTrail               0           3   LookupEvents 2 a second",
        "2 throttled",
        "IAM                      1           1",
        "WRITE IAM:PutRolePolicy",
        "read  CloudTrail:LookupEvents",
        "3 attempts, waited 1000 ms 2 throttled 4,096 bytes",
        "(111122223333)",
        "03:10:00",
        "AT UTC",
    ] {
        assert!(text.contains(part), "{part} is not on\n{text}");
    }
}

#[test]
fn what_is_on_its_way_says_how_far_since_when_and_how_to_stop_it() {
    let mut stage = stage(Notify::default());
    assert!(!stage.text().contains("lists"), "what takes less than a second is not said");
    stage.page(Source::GuardDuty, REGION, vec![high("f1")]);
    stage.ticked("2026-03-02T03:10:08Z");
    let text = stage.text();
    assert!(text.contains("findings, 0 of 2 lists, +1, 8s"), "{text}");
    stage.done(Source::GuardDuty, REGION, vec![]);
    stage.done(Source::SecurityHub, REGION, vec![]);
    assert!(stage.model.on_its_way.is_empty(), "{:?}", stage.model.on_its_way);
    stage.keys("4");
    stage.ticked("2026-03-02T03:10:20Z");
    let text = stage.text();
    assert!(text.contains("events, 0 of 1 places, 0 pages, 0 new, 12s, X: stop"), "{text}");
    stage.keys("X");
    assert!(stage.model.on_its_way.is_empty(), "{:?}", stage.model.on_its_way);
    // Asking for news of a list that is there goes on by itself: an idle screen stays as it is.
    stage.ticked("2026-03-02T03:11:20Z");
    assert!(stage.asked.iter().any(|(_, q)| matches!(q, Query::Findings { .. })));
    stage.ticked("2026-03-02T03:11:30Z");
    assert!(stage.model.on_its_way.is_empty(), "{:?}", stage.model.on_its_way);
}

#[test]
fn a_list_says_as_of_when_and_times_say_in_which_zone() {
    let mut stage = stage(Notify::default());
    stage.answer(REGION, vec![high("f1")], vec![]);
    stage.ticked("2026-03-02T03:10:50Z");
    assert!(stage.text().contains("as of 03:10 UTC, now"), "{}", stage.text());
    stage.keys("u");
    assert!(stage.text().contains("as of 05:10 +02:00, now"), "{}", stage.text());
    stage.keys("4");
    assert!(stage.text().contains("T +02:00"), "{}", stage.text());
    stage.keys("u");
    assert!(stage.text().contains("TIME UTC"), "{}", stage.text());
    let offline = Setup { offline: true, ..Setup::plain() };
    let stage = Stage::with(offline, (120, 24), &[REGION]);
    assert!(stage.text().contains("offline: as kept on this machine"), "{}", stage.text());
}

#[test]
fn trails_that_stop_recording_are_an_alarm_once() {
    let trail = |name: &str, is_logging| TrailState {
        name: name.into(),
        arn: format!("arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}").as_str().into(),
        home_region: None,
        multi_region: true,
        organization: false,
        global_services: true,
        validation: true,
        bucket: None,
        status: Ok(TrailStatus { is_logging, ..TrailStatus::default() }),
        selectors: Ok(Selectors { reads: true, writes: true, data: Vec::new() }),
    };
    let logging = |on: bool| Logging {
        place: Place { target: "acme".into(), region: region(REGION) },
        trails: vec![trail("org", true), trail("own\u{202e}", on), trail("off", false)],
    };
    let mut stage = Stage::watching_trails((120, 24), &[REGION]);
    stage.identify();
    stage.answer(REGION, vec![], vec![]);
    let is = |q: &Query| matches!(q, Query::Logging { .. });
    let ticket = stage.take(is);
    stage.tell(Msg::Answered(ticket, Answer::Logging(logging(true))));
    rings(&mut stage);
    stage.ticked("2026-03-02T03:16:00Z");
    let ticket = stage.take(is);
    stage.tell(Msg::Answered(ticket, Answer::Logging(logging(false))));
    let text = stage.text();
    assert!(
        text.contains("LOGGING: own<U+202E> in acme us-east-1 recorded and does so no"),
        "{text}"
    );
    assert_eq!(rings(&mut stage).len(), 1);
    stage.ticked("2026-03-02T03:22:00Z");
    let ticket = stage.take(is);
    stage.tell(Msg::Answered(ticket, Answer::Logging(logging(false))));
    assert_eq!(rings(&mut stage), []);
}
