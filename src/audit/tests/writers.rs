//! Two writers, and other files in the log's place.

use std::{fs, os::unix::fs::symlink, process};

use super::{about, at, lab, note, state};
use crate::audit::{Entry, Kind, Log, RefusedKind, read, verify};

#[test]
fn two_writers_take_turns_and_chain_on_each_other() {
    let lab = lab();
    let mut one = Log::open(&lab.path, about(), at(0)).expect("opens");
    let mut two = Log::open(&lab.path, about(), at(1)).expect("opens beside it");
    for n in 0..5 {
        one.append(note(n), at(2)).expect("appends");
        two.append(note(n), at(3)).expect("appends");
    }
    assert_eq!(two.head().seq, 12);
    assert_eq!(verify(&lab.path, None, Some(&state(&lab.path))).exit_code(), 0);

    one.hold().expect("holds");
    one.append(Entry::new(Kind::Intent).corr("c"), at(4)).expect("appends");
    let refused = two.append(note(9), at(5)).expect_err("busy");
    assert_eq!(refused.kind, RefusedKind::Busy { pid: Some(process::id()) });
    assert!(refused.to_string().contains(&process::id().to_string()), "{refused}");
    one.append(Entry::new(Kind::Outcome).corr("c").with("result", "ok"), at(6)).expect("appends");
    one.release();
    assert_eq!(two.append(note(9), at(7)).expect("goes on").seq, 15);
    drop(one);
    assert_eq!(two.end("quit", at(8)).expect("ends").seq, 16);
    assert_eq!(verify(&lab.path, None, Some(&state(&lab.path))).exit_code(), 0);
}

/// The same over processes: this test runs itself again as the one that holds the lock.
#[test]
fn a_killed_holder_frees_the_lock() {
    if let Ok(path) = std::env::var("HALON_TEST_HOLD") {
        let mut log = Log::open(path.as_ref(), about(), at(1)).expect("opens");
        log.hold().expect("holds");
        log.append(Entry::new(Kind::Intent).corr("killed"), at(2)).expect("appends");
        fs::write(format!("{path}.ready"), "").expect("says so");
        std::thread::sleep(std::time::Duration::from_secs(60));
        return;
    }
    let lab = lab();
    let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
    let mut child = process::Command::new(std::env::current_exe().expect("this program"))
        .args(["a_killed_holder_frees_the_lock"])
        .env("HALON_TEST_HOLD", &lab.path)
        .stdout(process::Stdio::null())
        .spawn()
        .expect("starts");
    let ready = lab.path.with_file_name("audit.jsonl.ready");
    while !ready.exists() {
        assert!(child.try_wait().expect("a child").is_none(), "the holder ended");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let refused = log.append(note(1), at(3)).expect_err("busy");
    assert_eq!(refused.kind, RefusedKind::Busy { pid: Some(child.id()) });
    child.kill().expect("kills");
    child.wait().expect("ends");
    assert_eq!(log.append(note(1), at(4)).expect("goes on").seq, 4);
    let records = read(&lab.path).expect("reads");
    let left: Vec<_> = crate::audit::unknown(&records).iter().map(|r| r.corr()).collect();
    assert_eq!(left, [Some("killed")]);
}

#[test]
fn what_changes_under_an_open_log_stops_it() {
    type Change = fn(&std::path::Path);
    let insecure: &[Change] = &[
        |path| {
            fs::rename(path, path.with_extension("old")).expect("moves");
            fs::copy(path.with_extension("old"), path).expect("another inode");
        },
        |path| {
            fs::rename(path, path.with_extension("old")).expect("moves");
            symlink(path.with_extension("old"), path).expect("a link to it");
        },
        |path| fs::remove_file(path).expect("removes"),
    ];
    for change in insecure {
        let lab = lab();
        let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
        change(&lab.path);
        let refused = log.append(note(1), at(1)).expect_err("refused");
        assert_eq!(refused.kind, RefusedKind::Insecure, "{refused}");
    }
    let lab_gone = lab();
    let mut log = Log::open(&lab_gone.path, about(), at(0)).expect("opens");
    fs::remove_dir_all(lab_gone.path.parent().expect("a folder")).expect("removes");
    assert_eq!(log.append(note(1), at(1)).expect_err("refused").kind, RefusedKind::Io);

    let tampered: &[Change] = &[
        |path| fs::write(path, "").expect("empties"),
        |path| {
            let text = fs::read_to_string(path).expect("reads");
            fs::write(path, text.replace("bastion", "bastioN")).expect("edits");
        },
        |path| {
            let text = fs::read_to_string(path).expect("reads");
            fs::write(path, format!("{text}{{}}\n")).expect("adds");
        },
    ];
    for change in tampered {
        let lab = lab();
        let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
        change(&lab.path);
        for _ in 0..2 {
            let refused = log.append(note(1), at(1)).expect_err("refused");
            assert!(matches!(refused.kind, RefusedKind::Tampered { .. }), "{refused}");
        }
    }
}
