//! The report as a file: what it says, and that nobody changes it or its log unseen.

use std::{fs, path::PathBuf};

use halon::{
    audit::paper::{Form, check},
    drill::{Item, State},
};
use serde_json::Value;

use super::{AWS, RANGE, evidence, id, run, value, whole, with, write};
use crate::suite::cli::{Machine, Ran};

const FORMS: [(&str, Form); 3] =
    [("md", Form::Markdown), ("html", Form::Html), ("json", Form::Json)];

/// A machine with a drill in the range, and one in the account before it and after it.
fn drilled() -> Machine {
    let machine = Machine::new();
    let runs = [
        run(&id(1), "r-1", "leaked-access-key", "AKIAIOSFODNN7EXAMPLE"),
        run(&id(1), "r-2", "detach-wildcard-policy", "AKIAIOSFODNN7EXAMPLE"),
    ];
    let again =
        with(whole(true, "range"), evidence(Item::Alert, State::NotAnswered, value(Item::Alert)));
    write(&machine.data().join("audit-range.jsonl"), RANGE, 0, &id(1), &again, &runs.concat());
    let own = machine.data().join("audit.jsonl");
    write(&own, AWS, 0, &id(2), &whole(false, "aws"), &[]);
    let more = serde_json::json!({"people": ["arn:aws:iam::111122223333:user/ann", "bob"], "reviewed": "2026-03-01",
        "leavers": [], "principals": ["arn:aws:iam::111122223333:user/ann"]});
    let roster = evidence(Item::Roster, State::Passed, more);
    write(&own, AWS, 86_400, &id(3), &with(whole(false, "aws"), roster), &[]);
    machine
}

fn report(machine: &Machine, n: u32, arguments: &[&str]) -> Ran {
    machine.run(&[&["drill", "report", id(n).as_str()], arguments].concat())
}

fn file(machine: &Machine, n: u32, format: &str, more: &[&str]) -> PathBuf {
    let path = machine.data().with_file_name(format!("report-{n}-{}.{format}", more.len()));
    let output = path.to_string_lossy().into_owned();
    let ran = report(machine, n, &[&["--format", format, "--output", &output], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("halon: report sha256 "), "{}", ran.err);
    path
}

fn verify(machine: &Machine, path: &std::path::Path, logs: &[&str]) -> Ran {
    let path = path.to_string_lossy().into_owned();
    let logs: Vec<String> =
        logs.iter().map(|log| machine.data().join(log).to_string_lossy().into_owned()).collect();
    let mut arguments = vec!["audit", "verify", &path];
    arguments.extend(logs.iter().map(String::as_str));
    machine.run(&arguments)
}

#[test]
fn it_says_what_it_is_and_shows_all_twenty_items_with_their_records() {
    let machine = drilled();
    let text = |n, format: &str| fs::read_to_string(file(&machine, n, format, &[])).expect("one");
    for format in ["md", "html"] {
        let practice = text(1, format);
        assert!(
            practice
                .contains("PRACTICE, NOT A VALIDATION: played by a script in a simulated world")
        );
        assert!(!practice.contains("VALIDATION: by a person"), "{format}");
        let validation = text(2, format);
        assert!(validation.contains("VALIDATION: by a person, in an AWS account"), "{format}");
        assert!(!validation.contains("PRACTICE"), "{format}");
    }
    let markdown = fs::read_to_string(file(&machine, 1, "md", &["--redact"])).expect("one");
    assert!(markdown.starts_with("# Drill DRILL-2026Q1-00000001\n"), "{markdown}");
    let document: Value = serde_json::from_str(&text(1, "json")).expect("JSON");
    assert_eq!(
        (&document["schema"], &document["kind"]),
        (&"halon.drill-report/1".into(), &"practice".into())
    );
    let table = document["evidence"].as_array().expect("a table");
    assert_eq!(table.len(), 20);
    let items = document["items"].as_array().expect("records");
    let has = |seq: &Value, h: &Value| {
        items.iter().any(|item| item["record"]["seq"] == *seq && item["record"]["h"] == *h)
    };
    let html = text_of(&machine, 1);
    for (n, row) in (1..).zip(table) {
        let record = &row["record"];
        assert_eq!(row["number"], n);
        assert!(has(&record["seq"], &record["h"]), "{row}: its record is in the document");
        // As many as a column of sixteen holds, with the sign that there are more.
        let digits = &record["h"].as_str().expect("a hash")[..15];
        assert!(html.contains(digits), "{digits}");
    }
    assert_eq!(table[11]["state"], "not_answered");
    assert_eq!(table[11]["earlier"][0]["state"], "scripted");
    assert_eq!(document["score"]["unneeded"][0]["run"], "r-2");
    assert_eq!(document["changes"].as_array().map(Vec::len), Some(2));
    assert_eq!(document["verdict"]["result"], "passed-with-findings");
    assert_eq!(document["index"].as_array().map(Vec::len), Some(4));
    // The one after it is compared with the one before it.
    let document: Value = serde_json::from_str(&text(3, "json")).expect("JSON");
    assert_eq!(document["before"], id(2).as_str());
    assert_eq!(document["drift"][0]["key"], "people");
    assert_eq!(document["trend"].as_array().map(Vec::len), Some(2));
    assert_eq!(report(&machine, 9, &[]).code, 2, "there is none");
}

fn text_of(machine: &Machine, n: u32) -> String {
    let ran = report(machine, n, &["--format", "html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

#[test]
fn a_changed_byte_of_a_report_is_told() {
    let machine = drilled();
    for (format, form) in FORMS {
        let path = file(&machine, 1, format, &[]);
        let bytes = fs::read(&path).expect("a report");
        assert_eq!(check::read(&path).map(|(form, _)| form), Some(form));
        let ran = verify(&machine, &path, &["audit-range.jsonl"]);
        assert_eq!(ran.code, 0, "{}", ran.out);
        assert!(ran.out.contains("a report, as it was written"), "{}", ran.out);
        let tail = bytes.len() - 200;
        for at in (0..tail).step_by(997).chain((tail..bytes.len()).step_by(7)) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let found = check::check(&changed, form, None, &[]);
            assert!(found.exit_code() == 12 || found.reformatted, "{format}: byte {at}");
        }
        let said = String::from_utf8(bytes).expect("text");
        let (from, to) = if form == Form::Json {
            ("\"kind\": \"practice\"", "\"kind\": \"validation\"")
        } else {
            ("PRACTICE, NOT A VALIDATION", "VALIDATION, NOT A PRACTICE")
        };
        assert!(said.contains(from), "{format}");
        fs::write(&path, said.replace(from, to)).expect("written");
        assert_eq!(verify(&machine, &path, &[]).code, 12, "{format}");
    }
}

#[test]
fn a_changed_log_is_told() {
    let machine = drilled();
    let log = machine.data().join("audit-range.jsonl");
    let paths = FORMS.map(|(format, _)| file(&machine, 1, format, &[]));
    let redacted = file(&machine, 1, "json", &["--redact"]);
    assert_eq!(verify(&machine, &redacted, &["audit-range.jsonl"]).code, 0);
    let text = fs::read_to_string(&log).expect("a log");
    fs::write(&log, text.replacen("the night shift", "the right shift", 1)).expect("written");
    for path in paths.iter().chain([&redacted]) {
        let ran = verify(&machine, path, &["audit-range.jsonl"]);
        assert_eq!(ran.code, 12, "{}", ran.out);
        let ran = verify(&machine, path, &["audit.jsonl"]);
        assert_eq!(ran.code, 12, "another log: {}", ran.out);
    }
    // And whoever makes the report now is told so, or gets none.
    let ran = report(&machine, 1, &[]);
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert!(ran.out.contains("DO NOT RELY ON THIS"), "{}", ran.out);
}

#[test]
fn addresses_and_names_of_accounts_stay_here_where_that_is_asked_for() {
    let machine = Machine::new();
    machine.file("halon.toml", "[[accounts]]\nalias = \"acme-prod\"\n");
    let told = with(
        whole(false, "aws"),
        evidence(
            Item::Monitoring,
            State::Passed,
            serde_json::json!({"told": "Dana <dana@mail.example.com> of acme-prod"}),
        ),
    );
    write(&machine.data().join("audit.jsonl"), AWS, 0, &id(2), &told, &[]);
    for (format, _) in FORMS {
        let open = fs::read_to_string(file(&machine, 2, format, &[])).expect("a report");
        assert!(open.contains("mail.example.com") && open.contains("acme-prod"), "{format}");
        let path = file(&machine, 2, format, &["--redact"]);
        let shut = fs::read_to_string(&path).expect("a report");
        for name in ["mail.example.com", "dana", "acme-prod"] {
            assert!(!shut.contains(name), "{name} in {format}");
        }
        assert!(shut.contains("redacted sha256:"), "{format}");
        assert_eq!(verify(&machine, &path, &["audit.jsonl"]).code, 0, "{format}");
    }
}
