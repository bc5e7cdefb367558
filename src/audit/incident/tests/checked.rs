//! A report that was changed, and logs that were.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{ALL, Form, armed, note, report, written};
use crate::audit::{
    Log,
    paper::check::{Checked, check, read},
    tests::{Lab, about, at},
};

fn logs() -> (Lab, Lab) {
    let one = written("s", "ann", &[armed(10), note(20, "Z\u{fc}rich \u{1f600}")]);
    (one, written("t", "bob", &[note(15, "b")]))
}

fn checked(text: &str, form: Form, logs: &[&Path]) -> Checked {
    check(text.as_bytes(), form, None, logs)
}

#[test]
fn a_report_is_recognised_and_as_it_was_written() {
    let (one, two) = logs();
    let report = report(&[&one.path, &two.path]);
    for form in ALL {
        let text = report.write(form);
        let file = one.path.with_file_name(format!("{form:?}"));
        fs::write(&file, &text).expect("written");
        assert_eq!(read(&file), Some((form, text.clone().into_bytes())));
        let found = checked(&text, form, &[&one.path, &two.path]);
        assert_eq!((&found.problems[..], found.exit_code()), (&[][..], 0), "{form:?}");
        assert!(!found.reformatted);
        let files: Vec<_> = found.logs.iter().map(|log| (log.number, log.file.is_some())).collect();
        assert_eq!(files, [(1, true), (2, true)], "{form:?}");
        // Its hash, kept elsewhere.
        let sha256 = found.report_sha256.expect("a hash");
        for (kept, code) in [(sha256.as_str(), 0), (&sha256[..32], 0), (&"0".repeat(64), 12)] {
            let kept = kept.parse().expect("a hash");
            assert_eq!(check(text.as_bytes(), form, Some(&kept), &[]).exit_code(), code);
        }
    }
    assert_eq!(read(&one.path), None, "a log is no report");
}

#[test]
fn every_flipped_bit_is_told() {
    let (one, two) = logs();
    let report = report(&[&one.path, &two.path]);
    for form in ALL {
        let bytes = report.write(form).into_bytes();
        let tail = bytes.len() - 300;
        for at in (0..tail).step_by(61).chain(tail..bytes.len()) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let found = check(&changed, form, None, &[]);
            let told = found.exit_code() == 12 || found.reformatted;
            assert!(told, "{form:?}: bit {} of byte {at}", at % 8);
        }
        for changed in [&bytes[..bytes.len() - 1], &bytes[1..], &[&bytes[..], b" "].concat()] {
            let found = check(changed, form, None, &[]);
            assert!(found.exit_code() == 12 || found.reformatted, "{form:?}");
        }
    }
}

#[test]
fn a_line_end_of_another_kind_is_a_change() {
    let (one, _two) = logs();
    let report = report(&[&one.path]);
    for form in [Form::Markdown, Form::Html] {
        let text = report.write(form).replace('\n', "\r\n");
        assert_eq!(checked(&text, form, &[]).exit_code(), 12);
    }
}

#[test]
fn a_document_written_anew_says_the_same_and_a_changed_one_names_its_part() {
    let (one, _two) = logs();
    let text = report(&[&one.path]).write(Form::Json);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let compact = checked(&document.to_string(), Form::Json, &[&one.path]);
    assert_eq!((compact.exit_code(), compact.reformatted), (0, true));

    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = document.clone();
        change(&mut changed);
        checked(&changed.to_string(), Form::Json, &[]).problems.join("; ")
    };
    for (change, said) in [
        (
            &(|d: &mut Value| d["summary"]["counts"]["made"] = json!(7)) as &dyn Fn(&mut Value),
            "part `summary` was changed",
        ),
        (&|d| d["extra"] = json!(1), "part `extra` was not in it"),
        (&|d| drop(d.as_object_mut().expect("one").shift_remove("open")), "part `open` is missing"),
        (&|d| d["manifest"]["tool"] = json!("x"), "its manifest was changed"),
        (&|d| drop(d.as_object_mut().expect("one").shift_remove("manifest")), "it has no manifest"),
        (&|d| d["schema"] = json!("halon.audit-export/2"), "its schema is not"),
        (
            &|d| d["items"][2]["record"]["text"] = json!("x"),
            "item 2 is not the record that its line is",
        ),
        (&|d| d["items"][2]["raw"] = json!("{}"), "item 2 is not"),
    ] {
        let found = with(change);
        assert!(found.contains(said), "{said}: {found}");
    }
    // A key that stands twice: readers differ about which of them counts.
    let twice = text.replacen("  \"incident\"", "  \"incident\": \"INC-9\",\n  \"incident\"", 1);
    let found = checked(&twice, Form::Json, &[]);
    assert!(found.problems[0].contains("a key stands twice"), "{found:?}");
}

#[test]
fn the_logs_are_compared_with_their_heads() {
    let (one, two) = logs();
    let report = report(&[&one.path, &two.path]);
    let texts = ALL.map(|form| (form, report.write(form)));
    // A log may go on.
    let log = Log::open(&one.path, about(), at(50)).expect("opens");
    log.end("later", at(60)).expect("ends");
    for (form, text) in &texts {
        let found = checked(text, *form, &[&one.path]);
        assert_eq!(found.exit_code(), 0, "{found:?}");
        assert!(found.logs[0].words.contains("2 records came after the report"), "{found:?}");
        assert!(found.logs[1].words.contains("not given"), "{found:?}");
    }
    // It may not be another one.
    let stranger = written("x", "eve", &[armed(1)]);
    for (form, text) in &texts {
        let found = checked(text, *form, &[&stranger.path]);
        assert_eq!(found.exit_code(), 12);
        assert!(found.problems[0].contains("none of the logs that it names"), "{found:?}");
    }
    // Nor one that was written anew from some record on: the chain alone would not tell.
    let lines = crate::audit::tests::lines(&two.path);
    fs::write(&two.path, format!("{}\n", lines[0])).expect("written");
    fs::remove_file(crate::audit::state_path(&two.path)).expect("removed");
    let mut log = Log::open(&two.path, about(), at(12)).expect("opens");
    log.append(super::entry(crate::audit::Kind::Note, None, &note(13, "else").3), at(13))
        .expect("appends");
    drop(log);
    for (form, text) in &texts {
        let found = checked(text, *form, &[&two.path]);
        assert_eq!((found.exit_code(), found.logs[1].exit_code), (12, 12), "{found:?}");
    }
    let (form, text) = &texts[2];
    let found = checked(text, *form, &[&two.path]);
    assert!(found.problems[0].contains("1 of its records do not stand in"), "{found:?}");
}
