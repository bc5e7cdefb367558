//! When it was validated and practised last: before, after, and ninety days later.

use std::fs;

use halon::drill::{Ending, Event, Item, State};
use serde_json::Value;

use super::{AWS, RANGE, Told, evidence, id, value, whole, with, write};
use crate::suite::cli::{Machine, Ran};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// `log` is the file's name; `days` after 2026-03-02 by the machine's clock.
fn drilled(machine: &Machine, log: &str, days: i64, n: u32, told: &Told) {
    let writer = if told_in_range(told) { RANGE } else { AWS };
    write(&machine.data().join(log), writer, days * DAY, &id(n), told, &[]);
}

fn told_in_range(told: &Told) -> bool {
    told.iter().any(|(_, e)| matches!(e, Event::Evidence(e) if e.state == State::Simulated))
}

fn status(machine: &Machine, now: &str, more: &[&str]) -> Ran {
    machine.run(&[&["drill", "status", "--now", now], more].concat())
}

fn rows(machine: &Machine, now: &str) -> (Value, Value) {
    let answer = status(machine, now, &["--json"]).json();
    assert_eq!(answer["schema"], "halon.drill-status/1");
    (answer["items"][0].clone(), answer["items"][1].clone())
}

#[test]
fn nothing_is_validated_where_nothing_was() {
    let machine = Machine::new();
    let ran = status(&machine, "2026-03-03", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("OVERDUE: nothing has been validated"), "{}", ran.out);
    assert!(ran.out.contains("OVERDUE: nothing has been practised"), "{}", ran.out);
    assert_eq!(status(&machine, "2026-03-03", &["--practice"]).code, 1);
    assert!(!machine.data().join("audit.jsonl").exists(), "looking makes no log");
    assert_eq!(status(&machine, "yesterday", &[]).code, 2);
}

#[test]
fn practice_counts_for_practice_alone_and_for_ninety_days() {
    let machine = Machine::new();
    drilled(&machine, "audit-range.jsonl", 0, 1, &whole(true, "range"));
    assert_eq!(status(&machine, "2026-03-03", &["--practice"]).code, 0);
    let ran = status(&machine, "2026-03-03", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("nothing has been validated"), "{}", ran.out);
    // Due ninety days after its end at 03:20.
    assert_eq!(status(&machine, "2026-05-31T03:20:00Z", &["--practice"]).code, 0);
    assert_eq!(status(&machine, "2026-05-31T03:20:01Z", &["--practice"]).code, 1);
    let (validation, practice) = rows(&machine, "2026-06-01");
    assert_eq!(
        (&validation["kind"], &validation["last_passed"]),
        (&"validation".into(), &Value::Null)
    );
    assert_eq!((&practice["overdue"], &practice["passed"]), (&true.into(), &1.into()));
    assert_eq!(practice["last_passed"]["id"], id(1).as_str());
    assert_eq!(
        (&practice["due"], &practice["last_passed"]["scripted"]),
        (&"2026-05-31T03:20:00Z".into(), &true.into())
    );
    // The configuration may ask for it more often.
    machine.file("halon.toml", "[drill]\nevery = \"30d\"\n");
    assert_eq!(status(&machine, "2026-05-01", &["--practice"]).code, 1);
    // Before it was done it was not done.
    assert_eq!(status(&machine, "2026-03-01", &["--practice"]).code, 1);
}

#[test]
fn a_validation_is_one_in_the_account_by_a_person() {
    let machine = Machine::new();
    // In the wrong file, or by a script, or with evidence of the range: practice.
    drilled(&machine, "audit-range.jsonl", 0, 1, &whole(false, "aws"));
    drilled(&machine, "audit.jsonl", 1, 2, &whole(true, "aws"));
    drilled(&machine, "audit.jsonl", 2, 3, &whole(false, "range"));
    let (validation, practice) = rows(&machine, "2026-03-10");
    assert_eq!((&validation["overdue"], &validation["passed"]), (&true.into(), &0.into()));
    assert_eq!(practice["passed"], 2, "one by a script in AWS, one in the range");
    drilled(&machine, "audit.jsonl", 3, 4, &whole(false, "aws"));
    let ran = status(&machine, "2026-03-10", &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.out.contains("last passed 2026-03-05T03:20:00Z (DRILL-2026Q1-00000004"),
        "{}",
        ran.out
    );
    assert_eq!(status(&machine, "2026-07-01", &[]).code, 1);
}

#[test]
fn only_what_was_ended_and_passed_counts() {
    let ending = |result| {
        let mut told = whole(false, "aws");
        told.pop();
        told.push((600, Event::Ended { result, why: "x".into() }));
        told
    };
    let machine = Machine::new();
    drilled(&machine, "audit.jsonl", 0, 1, &ending(Ending::Aborted));
    drilled(&machine, "audit.jsonl", 1, 2, &ending(Ending::Failed));
    // It says that it passed, and it did not.
    let unrestored =
        evidence(Item::Power, State::Passed, serde_json::json!({"read": true, "wrote": true}));
    drilled(&machine, "audit.jsonl", 2, 3, &with(whole(false, "aws"), unrestored));
    let mut running = whole(false, "aws");
    running.pop();
    drilled(&machine, "audit.jsonl", 3, 4, &running);
    let ran = status(&machine, "2026-03-10", &[]);
    assert_eq!(ran.code, 1);
    for says in [
        "nothing has been validated",
        "2 failed",
        "1 aborted",
        "DRILL-2026Q1-00000004 is not ended",
    ] {
        assert!(ran.out.contains(says), "{says}: {}", ran.out);
    }
    drilled(&machine, "audit.jsonl", 4, 5, &ending(Ending::PassedWithFindings));
    assert_eq!(status(&machine, "2026-03-10", &[]).code, 0);
    let alert = evidence(Item::Alert, State::NotAnswered, value(Item::Alert));
    drilled(&machine, "audit.jsonl", 5, 6, &with(whole(false, "aws"), alert));
    let (validation, _) = rows(&machine, "2026-03-10");
    assert_eq!(validation["last_passed"]["id"], id(5).as_str());
}

#[test]
fn a_log_that_does_not_verify_counts_nothing_and_is_named() {
    let machine = Machine::new();
    drilled(&machine, "audit.jsonl", 0, 1, &whole(false, "aws"));
    drilled(&machine, "audit-range.jsonl", 0, 2, &whole(false, "range"));
    let log = machine.data().join("audit.jsonl");
    let text = fs::read_to_string(&log).expect("a log");
    fs::write(&log, text.replacen("the night shift", "the right shift", 1)).expect("written");
    let ran = status(&machine, "2026-03-10", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("nothing has been validated"), "{}", ran.out);
    assert!(ran.err.contains("no drill of") && ran.err.contains("tampered"), "{}", ran.err);
    // Practice is in the other log; that not all could be counted is said.
    assert_eq!(status(&machine, "2026-03-10", &["--practice"]).code, 5);
    let answer = status(&machine, "2026-03-10", &["--json"]).json();
    assert_eq!(answer["complete"], false);
    assert_eq!(answer["incomplete"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_list_has_the_scenarios_and_what_was_drilled() {
    let machine = Machine::new();
    drilled(&machine, "audit-range.jsonl", 0, 2, &whole(false, "range"));
    let answer = machine.run(&["drill", "list", "--json"]).json();
    assert_eq!(answer["schema"], "halon.drill/1");
    for item in answer["items"].as_array().expect("items") {
        assert!(item["title"].is_string() && item["objectives"][0]["title"].is_string(), "{item}");
    }
    assert!(answer["items"].as_array().is_some_and(|items| !items.is_empty()));
    let drill = &answer["drills"][0];
    assert_eq!((&drill["id"], &drill["kind"]), (&id(2).as_str().into(), &"practice".into()));
    assert_eq!(
        (&drill["result"], &drill["objectives"][2]["met"]),
        (&"passed".into(), &true.into())
    );
    let ran = machine.run(&["drill", "list"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("DRILL-2026Q1-00000002"), "{}", ran.out);
}
