//! Every change to the bytes is found and named.

use std::fs;

use serde_json::Value;

use super::{about, at, filled, lab, lines, note, state};
use crate::audit::{
    Head, Kind, Log, Policy, RefusedKind, Report, Wrong,
    chain::{Chain, End, walk},
    hash::{Hash, record_hash},
    line::Line,
    record, verify,
};

fn write(path: &std::path::Path, lines: &[String]) {
    fs::write(path, lines.iter().map(|l| format!("{l}\n")).collect::<String>()).expect("writes");
}

/// The line with its hash made to fit again, as somebody would who knows the rule.
fn rehashed(line: &str, prev: Option<&str>) -> String {
    let mut body = line[..line.len() - 72].to_owned();
    let at = body.find("\"prev\":\"").expect("a prev") + 8;
    if let Some(prev) = prev {
        body.replace_range(at..at + 64, prev);
    }
    let h = record_hash(&body[at..at + 64], body.as_bytes());
    format!("{body},\"h\":\"{}\"}}", h.hex())
}

fn hash_of(line: &str) -> String {
    line[line.len() - 66..line.len() - 2].to_owned()
}

/// Changes a record and makes every hash from there on fit again.
fn rekey(lines: &mut [String], from: usize) {
    lines[from] = lines[from].replace("\"ts_mono\":", "\"ts_mono\":1");
    let mut prev = None;
    for line in &mut lines[from..] {
        *line = rehashed(line, prev.as_deref());
        prev = Some(hash_of(line));
    }
}

fn named(report: &Report) -> Vec<(Wrong, Option<u64>, u64)> {
    report.problems.iter().map(|p| (p.what, p.seq, p.line)).collect()
}

/// Of every line it is enough to read on from there: what stands before has not changed.
#[test]
fn every_flipped_bit_is_found() {
    let lab = lab();
    filled(&lab.path, 50);
    let whole = fs::read(&lab.path).expect("reads");
    let work = lab.path.with_file_name("flipped.jsonl");
    let (mut before, mut passed) = (Chain::default(), Vec::new());
    for line in lines(&lab.path) {
        let start = before.end as usize;
        for at in 0..(line.len() + 1) * 8 {
            let (byte, bit) = (start + at / 8, at % 8);
            let mut flipped = whole[start..].to_vec();
            flipped[byte - start] ^= 1 << bit;
            let end = walk(&flipped[..], &mut before.clone(), |_, _| ()).expect("reads");
            if !matches!(end, End::Broken(_)) {
                passed.push((byte, bit));
            }
            if at % 397 == 0 {
                // Without a state file: the chain alone must find it.
                fs::write(&work, [&whole[..start], &flipped].concat()).expect("writes");
                let report = verify(&work, None, None);
                let found = (report.exit_code(), report.first_bad());
                assert_eq!(found, (12, Some(before.seq + 1)), "byte {byte}, bit {bit}");
            }
        }
        let parsed = Line::parse(line.as_bytes()).ok().expect("a record");
        before.advance(&parsed, line.len() as u64 + 1);
    }
    assert!(passed.is_empty(), "not found: {passed:?} of {} bytes", whole.len());
}

#[test]
fn every_scenario_has_its_code_and_its_place() {
    let lab = lab();
    filled(&lab.path, 12);
    let good = lines(&lab.path);
    type Change = fn(&mut Vec<String>);
    let table: &[(&str, Change, u8, Option<u64>, &[(Wrong, Option<u64>, u64)])] = &[
        ("ok", |_| (), 0, None, &[]),
        (
            "edit",
            |l| l[4] = l[4].replace("range", "world"),
            12,
            Some(5),
            &[(Wrong::Edited, Some(5), 5)],
        ),
        ("drop", |l| drop(l.remove(4)), 12, Some(5), &[(Wrong::Missing, Some(5), 5)]),
        ("drop first", |l| drop(l.remove(0)), 12, Some(1), &[(Wrong::Missing, Some(1), 1)]),
        (
            "drop several",
            |l| drop((l.remove(7), l.remove(3), l.remove(3))),
            12,
            Some(4),
            &[(Wrong::Missing, Some(4), 4), (Wrong::Missing, Some(8), 6)],
        ),
        ("swap", |l| l.swap(4, 5), 12, Some(5), &[(Wrong::Moved, Some(6), 5)]),
        (
            "move",
            |l| {
                let line = l.remove(8);
                l.insert(2, line);
            },
            12,
            Some(3),
            &[(Wrong::Moved, Some(9), 3)],
        ),
        ("dup", |l| l.insert(5, l[4].clone()), 12, Some(6), &[(Wrong::Duplicate, Some(5), 6)]),
        ("dup last", |l| l.push(l[11].clone()), 12, Some(13), &[(Wrong::Duplicate, Some(12), 13)]),
        (
            "gap",
            |l| {
                // A record taken out, and the chain mended over the gap.
                l.remove(4);
                let mut prev = hash_of(&l[3]);
                for line in &mut l[4..] {
                    *line = rehashed(line, Some(&prev));
                    prev = hash_of(line);
                }
            },
            12,
            Some(5),
            &[(Wrong::Missing, Some(5), 5)],
        ),
        (
            "rekey one",
            |l| l[4] = rehashed(&l[4].replace("range", "world"), None),
            12,
            Some(6),
            &[(Wrong::Unlinked, Some(6), 6)],
        ),
        (
            "insert",
            |l| l.insert(4, "{\"note\":\"nothing happened\"}".to_owned()),
            12,
            Some(5),
            &[(Wrong::Edited, Some(5), 5)],
        ),
        (
            "an empty line",
            |l| l.insert(4, String::new()),
            12,
            Some(5),
            &[(Wrong::Edited, Some(5), 5)],
        ),
        (
            "a double key",
            |l| {
                let twice = l[4].replacen("\"mode\":", "\"m\\u006fde\":\"armed\",\"mode\":", 1);
                l[4] = rehashed(&twice, None);
                let mut prev = hash_of(&l[4]);
                for line in &mut l[5..] {
                    *line = rehashed(line, Some(&prev));
                    prev = hash_of(line);
                }
            },
            12,
            Some(5),
            &[(Wrong::Edited, Some(5), 5)],
        ),
        (
            "another version",
            |l| l[11] = rehashed(&l[11].replacen("\"v\":1", "\"v\":2", 1), None),
            12,
            Some(12),
            &[(Wrong::Edited, Some(12), 12)],
        ),
    ];
    for (name, change, code, first_bad, problems) in table {
        let mut changed = good.clone();
        change(&mut changed);
        write(&lab.path, &changed);
        let report = verify(&lab.path, None, None);
        assert_eq!(report.exit_code(), *code, "{name}: {report:?}");
        assert_eq!(report.first_bad(), *first_bad, "{name}: {report:?}");
        assert_eq!(named(&report), *problems, "{name}: {report:?}");
        let opened = Log::open(&lab.path, about(), at(99));
        match first_bad {
            None => assert!(opened.is_ok(), "{name}"),
            Some(seq) => {
                let refused = opened.err().expect(name);
                let found =
                    matches!(refused.kind, RefusedKind::Tampered { seq: Some(s), .. } if s == *seq);
                assert!(found, "{name}: {refused:?}");
                write(&lab.path, &changed);
                assert_eq!(
                    lines(&lab.path),
                    changed,
                    "{name}: nothing is appended, nothing repaired"
                );
            }
        }
        // What the next case starts with.
        let _ = fs::remove_file(state(&lab.path));
    }
}

#[test]
fn a_log_rewritten_as_a_whole_is_found_from_outside_only() {
    let lab = lab();
    filled(&lab.path, 12);
    let head = head(&lab.path);
    let mut changed = lines(&lab.path);
    rekey(&mut changed, 4);
    write(&lab.path, &changed);
    let blind = verify(&lab.path, None, None);
    assert_eq!(blind.exit_code(), 0);
    assert!(blind.cannot_know.is_some_and(|s| s.contains("not noticed")));
    let by_state = verify(&lab.path, None, Some(&state(&lab.path)));
    assert_eq!((by_state.exit_code(), by_state.first_bad()), (12, Some(12)), "{by_state:?}");
    let by_anchor = verify(&lab.path, Some(&head.anchor()), None);
    assert_eq!(named(&by_anchor), [(Wrong::Rewritten, Some(12), 12)]);
    assert!(matches!(
        Log::open(&lab.path, about(), at(99)).err().expect("refused").kind,
        RefusedKind::Tampered { seq: Some(12), .. }
    ));
}

#[test]
fn records_cut_off_are_counted_by_state_file_and_anchor() {
    for cut in 1..12 {
        let lab = lab();
        filled(&lab.path, 12);
        let head = head(&lab.path);
        let kept = 12 - cut;
        write(&lab.path, &lines(&lab.path)[..kept]);
        assert_eq!(verify(&lab.path, None, None).exit_code(), 0, "the chain alone cannot know");
        for report in [
            verify(&lab.path, None, Some(&state(&lab.path))),
            verify(&lab.path, Some(&head.anchor()), None),
            verify(&lab.path, head.to_string().parse().ok().as_ref(), None),
        ] {
            assert_eq!((report.exit_code(), report.first_bad()), (12, Some(kept as u64 + 1)));
            let why = &report.problems[0].why;
            assert!(
                why.starts_with(&format!("{cut} record")) && why.contains("missing at the end"),
                "{why}"
            );
        }
        let refused = Log::open(&lab.path, about(), at(99)).err().expect("refused");
        assert!(matches!(refused.kind, RefusedKind::Tampered { .. }));
        // Without its number a head can only be looked for.
        let unnumbered = head.h.parse().expect("an anchor");
        assert_eq!(verify(&lab.path, Some(&unnumbered), None).exit_code(), 12);
    }
}

#[test]
fn another_log_in_its_place_and_none_at_all() {
    let (lab, other) = (lab(), lab());
    filled(&lab.path, 12);
    filled(&other.path, 12);
    let head = head(&lab.path);
    fs::copy(&other.path, &lab.path).expect("replaces");
    assert_eq!(verify(&lab.path, None, None).exit_code(), 0);
    let by_state = verify(&lab.path, None, Some(&state(&lab.path)));
    assert_eq!((by_state.exit_code(), by_state.first_bad()), (12, Some(1)));
    assert_eq!(verify(&lab.path, Some(&head.anchor()), None).exit_code(), 12);
    assert!(Log::open(&lab.path, about(), at(99)).is_err());

    fs::write(&lab.path, "").expect("empties");
    assert_eq!(verify(&lab.path, None, None).exit_code(), 13);
    let by_state = verify(&lab.path, None, Some(&state(&lab.path)));
    assert_eq!((by_state.exit_code(), by_state.first_bad()), (12, Some(1)));
    assert!(Log::open(&lab.path, about(), at(99)).is_err());
    fs::remove_file(&lab.path).expect("removes");
    assert_eq!(verify(&lab.path, None, None).exit_code(), 13);
    assert_eq!(verify(&lab.path, Some(&head.anchor()), None).exit_code(), 12);
    assert!(Log::open(&lab.path, about(), at(99)).is_err());
    assert!(!lab.path.exists(), "a log that is gone is not silently begun anew");
}

#[test]
fn a_tail_without_an_anchor_grows_old() {
    let lab = lab();
    let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
    let policy = |seconds| Policy::quarterly(at(seconds).utc);
    let judged = |seconds| verify(&lab.path, None, None).with_policy(policy(seconds));
    let days = 24 * 3600;
    assert_eq!(judged(1000 * days).exit_code(), 0, "never anchored: said in words");
    let head = log.append(note(1), at(1)).expect("appends");
    log.append(crate::audit::Entry::anchor(&head, "TICKET-7"), at(2)).expect("anchors");
    log.append(note(2), at(3)).expect("appends");
    assert_eq!(judged(89 * days).exit_code(), 0);
    let old = judged(91 * days);
    assert_eq!((old.exit_code(), old.unanchored, old.anchors[0].seq), (10, 2, 2), "{old:?}");
    let given = verify(&lab.path, Some(&log.head().anchor()), None).with_policy(policy(91 * days));
    assert_eq!((given.exit_code(), given.unanchored), (0, 0));
    // A claim that is not true is worse than none.
    log.append(crate::audit::Entry::anchor(&Head { h: "0".repeat(64), ..head }, "x"), at(4))
        .expect("appends");
    assert_eq!((judged(5).exit_code(), judged(5).first_bad()), (12, Some(2)));
}

#[test]
fn a_broken_log_is_kept_and_named_by_the_new_one() {
    let lab = lab();
    filled(&lab.path, 12);
    let mut changed = lines(&lab.path);
    changed[6] = changed[6].replace("range", "world");
    write(&lab.path, &changed);
    let log = crate::audit::begin_new(&lab.path, about(), "safe", Default::default(), at(60))
        .expect("begins");
    drop(log);
    let records = record::read(&lab.path).expect("reads");
    let previous = &records[0].value["previous"];
    assert_eq!(records[0].kind(), Some(Kind::SessionStart));
    assert_eq!(
        (&previous["seq"], &previous["h"]),
        (&Value::from(6), &Value::from(hash_of(&changed[5])))
    );
    assert_eq!(records[0].text("prev"), previous["h"].as_str());
    let broken = lab.path.with_file_name(previous["file"].as_str().expect("a name"));
    assert_eq!(lines(&broken), changed, "never altered");
    assert_eq!(verify(&lab.path, None, Some(&state(&lab.path))).exit_code(), 0);
    assert!(Log::open(&lab.path, about(), at(61)).is_ok());
    assert_eq!(Hash::parse(previous["h"].as_str().expect("hex")).map(|h| h.hex().len()), Some(64));
}

fn head(path: &std::path::Path) -> Head {
    verify(path, None, None).head.expect("a head")
}
