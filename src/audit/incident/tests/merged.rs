//! Several logs: their order, their clocks, copies, forks and damage.

use std::{fs, io::Write};

use serde_json::json;

use super::{ALL, alarms, armed, document, load, material, note, report, written};
use crate::audit::{
    Kind,
    incident::{Form, IncidentReport},
    tests::{at, lines},
};

#[test]
fn an_incident_brings_its_runs_calls_and_sessions_along() {
    let incident = |id: &str| json!({"id": id, "title": "t", "reason": "r"});
    let one = written(
        "s",
        "ann",
        &[
            (10, Kind::Armed, None, json!({"incident": incident("INC-1")})),
            (20, Kind::RunStart, None, json!({"incident": "INC-1", "run": "r1"})),
            (30, Kind::Intent, Some("c1"), json!({"run": "r1", "op": {"name": "X"}})),
            (40, Kind::Outcome, Some("c1"), json!({"result": {"state": "unknown"}})),
            (50, Kind::RunStart, None, json!({"incident": "INC-2", "run": "r2"})),
            (60, Kind::Intent, Some("c2"), json!({"run": "r2"})),
            (70, Kind::Readback, Some("c1"), json!({"state": "done"})),
            (80, Kind::Note, None, json!({"text": "of nothing"})),
            (90, Kind::Note, Some("c1"), json!({"incident": "INC-2"})),
        ],
    );
    let two = written("t", "bob", &[note(26, "second")]);
    let report = report(&[&one.path, &two.path]);
    let order: Vec<_> =
        report.records().map(|(log, _, r)| (log, r.kind().expect("known").name(), r.seq)).collect();
    assert_eq!(
        order,
        [
            (1, "session_start", 1),
            (1, "armed", 2),
            (1, "run_start", 3),
            (2, "session_start", 1),
            (2, "note", 2),
            (1, "intent", 4),
            (1, "outcome", 5),
            (1, "readback", 8),
        ]
    );
    let json = document(&report);
    assert_eq!(json["logs"][0]["verify"]["exit_code"], 0);
    assert_eq!((&json["logs"][0]["head"]["seq"], &json["complete"]), (&10.into(), &true.into()));
    assert_eq!(json["items"][0]["raw"], lines(&one.path)[0]);
    let summary = &report.summary;
    let operators: Vec<_> = summary.operators.iter().map(|o| (o.name.raw(), &o.logs[..])).collect();
    assert_eq!(
        operators,
        [
            ("arn:aws:iam::111122223333:user/ann", &[1][..]),
            ("arn:aws:iam::111122223333:user/bob", &[2]),
        ]
    );
    assert_eq!((summary.from, summary.to), (Some(at(10).utc), Some(at(70).utc)));
    for form in ALL {
        let text = report.write(form);
        for head in json["logs"].as_array().expect("logs") {
            assert!(text.contains(head["head"]["short"].as_str().expect("a head")), "{form:?}");
        }
    }
}

#[test]
fn records_of_one_log_never_change_places_and_its_clock_is_spoken_of() {
    // One clock is set back by two hours, the other differs from AWS's.
    let one = written("s", "ann", &[armed(8000), note(8010, "a"), note(810, "b"), note(8020, "c")]);
    let server = at(100).utc.to_string();
    let result = json!({"state": "ok", "server_date": server});
    let two = written(
        "t",
        "bob",
        &[
            note(8015, "d"),
            (8016, Kind::Outcome, Some("c"), json!({"incident": "INC-1", "result": result})),
        ],
    );
    let report = report(&[&one.path, &two.path]);
    let order: Vec<_> = report.records().map(|(log, _, r)| (log, r.seq)).collect();
    assert_eq!(order, [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3), (1, 5)]);
    let said = alarms(&report);
    assert!(said.contains("set back by 2 h 0 min before record 4"), "{said}");
    assert!(said.contains("was 2 h 11 min ahead of AWS's at record 3"), "{said}");
    let skewed = report.moments.iter().filter(|m| m.server_date.is_some()).count();
    assert_eq!((skewed, report.exit_code()), (1, 0));
}

#[test]
fn a_minute_of_difference_is_none() {
    let result = json!({"state": "ok", "server_date": at(0).utc.to_string()});
    let outcome = (60, Kind::Outcome, Some("c"), json!({"incident": "INC-1", "result": result}));
    let log = written("s", "ann", &[armed(0), outcome, note(0, "back by a minute")]);
    assert_eq!(report(&[&log.path]).logs[0].clock, Default::default());
}

#[test]
fn a_log_given_twice_counts_once() {
    let log = written("s", "ann", &[armed(10), note(20, "a"), note(30, "b")]);
    let copy = log.path.with_file_name("copy.jsonl");
    fs::copy(&log.path, &copy).expect("copied");
    let same = report(&[&log.path, &copy]);
    assert_eq!((same.records().count(), same.exit_code()), (4, 0));
    assert!(alarms(&same).contains("is the same as log 1"), "{}", alarms(&same));

    let older = log.path.with_file_name("older.jsonl");
    let some = lines(&log.path)[..3].join("\n") + "\n";
    fs::write(&older, &some).expect("written");
    // Whichever is given first.
    for (paths, number) in [([&older, &log.path], 2), ([&log.path, &older], 1)] {
        let report = report(&paths.map(|p| p.as_path()));
        assert_eq!((report.records().count(), report.exit_code()), (4, 0));
        let said = format!("is an older copy of log {number}");
        assert!(alarms(&report).contains(&said), "{}", alarms(&report));
    }
}

#[test]
fn a_fork_is_not_what_was_written() {
    let log = written("s", "ann", &[armed(10), note(20, "a"), note(30, "b")]);
    let fork = log.path.with_file_name("fork.jsonl");
    let text = lines(&log.path)[..3].join("\n") + "\n";
    fs::write(&fork, text).expect("written");
    let mut other =
        crate::audit::Log::open(&fork, crate::audit::tests::about(), at(25)).expect("opens");
    other.append(super::entry(Kind::Note, None, &note(26, "other").3), at(26)).expect("appends");
    drop(other);
    let report = report(&[&log.path, &fork]);
    assert_eq!(report.exit_code(), 12);
    assert!(alarms(&report).starts_with("12 log 2 ("), "{}", alarms(&report));
    assert!(
        alarms(&report)
            .contains("a fork of log 1: the same log id, and another record from line 4")
    );
    // What they share stands there once, what is of either one's own too.
    let texts: Vec<_> = report.records().filter_map(|(_, _, r)| r.text("text")).collect();
    assert_eq!(texts, ["a", "other", "b"]);
}

#[test]
fn a_damaged_log_is_told_on_top_of_every_form() {
    let whole = written("s", "ann", &[armed(10), note(20, "a")]);
    let edited = written("t", "bob", &[note(30, "b"), note(40, "c")]);
    super::edit(&edited.path, "\"text\":\"b\"", "\"text\":\"B\"");
    let report = report(&[&whole.path, &edited.path]);
    assert_eq!(report.exit_code(), 12);
    assert!(report.alarms[0].what.raw().contains("tampered with"), "{}", alarms(&report));
    assert_eq!(report.moments.iter().filter(|m| !m.verified).count(), 2, "from the edited one on");
    for form in ALL {
        let text = report.write(form);
        let loud = text.find("DO NOT RELY ON THIS").or(text.find("\"incomplete\": [\n    {"));
        let summary = text.find("Summary").or(text.find("\"summary\"")).expect("a summary");
        assert!(loud.is_some_and(|at| at < summary), "{form:?}");
    }
    assert_eq!(document(&report)["complete"], false);

    let gone = whole.path.with_file_name("nowhere.jsonl");
    let report = super::report(&[&edited.path, &whole.path, &gone]);
    assert_eq!(report.exit_code(), 13);
    let codes: Vec<u8> = report.alarms.iter().map(|a| a.exit_code).collect();
    assert_eq!(codes[..2], [13, 12], "the worst first: {}", alarms(&report));
    assert!(report.logs[2].head.is_none() && report.logs[2].sha256.is_none());
}

#[test]
fn a_torn_tail_is_told_and_breaks_nothing() {
    let log = written("s", "ann", &[armed(10), note(20, "a")]);
    let mut file = fs::OpenOptions::new().append(true).open(&log.path).expect("opens");
    file.write_all(b"{\"v\":1,\"seq\":4").expect("written");
    let report = report(&[&log.path]);
    assert_eq!((report.exit_code(), report.records().count()), (0, 3));
    assert!(alarms(&report).contains("torn tail"), "{}", alarms(&report));
    assert!(report.write(Form::Markdown).contains("| torn bytes at the end | 14 |"));
}

#[test]
fn a_log_without_the_incident_is_named() {
    let with = written("s", "ann", &[armed(10)]);
    let without = written("t", "bob", &[(10, Kind::Note, None, json!({"incident": "INC-2"}))]);
    let report = report(&[&with.path, &without.path]);
    assert!(alarms(&report).contains("log 2 ("), "{}", alarms(&report));
    assert!(alarms(&report).contains("has no record of this incident"));
    assert_eq!((report.exit_code(), report.logs[1].of_incident), (0, 0));
    assert!(super::report(&[&without.path]).is_empty());
}

#[test]
fn a_head_that_no_log_has_is_not_what_was_written() {
    let one = written("s", "ann", &[armed(10), note(20, "a")]);
    let two = written("t", "bob", &[note(30, "b")]);
    let heads: Vec<_> =
        [&one, &two].map(|lab| load(&lab.path, &[]).report.head.expect("a head").anchor()).to_vec();
    let paths = [one.path.as_path(), &two.path];
    let make = |heads| IncidentReport::new(material(&paths, heads, Vec::new()));
    let report = make(heads.clone());
    assert_eq!(report.exit_code(), 0, "{}", alarms(&report));
    for log in &report.logs {
        assert_eq!(log.verify["anchors"].as_array().map(Vec::len), Some(1), "{}", log.verify);
    }
    let mut wrong = heads[0].clone();
    wrong.h = "0".repeat(64);
    let report = make(vec![heads[1].clone(), wrong]);
    assert_eq!(report.exit_code(), 12);
    assert!(alarms(&report).contains("is in none of these logs"), "{}", alarms(&report));
}
