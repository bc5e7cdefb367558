//! What a crash leaves of the last line.

use std::fs;

use super::{about, at, filled, lab, lines, note, state};
use crate::audit::{Kind, Log, read, verify};

#[test]
fn a_tail_torn_anywhere_is_recovered_exactly_once() {
    let lab = lab();
    filled(&lab.path, 6);
    let whole = fs::read(&lab.path).expect("reads");
    let kept = lines(&lab.path);
    let last = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').expect("lines") + 1;
    for k in 1..whole.len() - last {
        // The state file as the crash found it: it never names what is not on disk.
        let fresh = super::lab();
        fs::create_dir_all(fresh.path.parent().expect("a folder")).expect("makes");
        fs::write(&fresh.path, &whole[..last + k]).expect("tears");
        let before = verify(&fresh.path, None, None);
        assert_eq!((before.exit_code(), before.torn_bytes), (11, Some(k)));
        for start in 0..3 {
            Log::open(&fresh.path, about(), at(100 + start)).expect("opens");
        }
        let records = read(&fresh.path).expect("reads");
        let recovered: Vec<_> =
            records.iter().filter(|r| r.kind() == Some(Kind::Recovered)).collect();
        assert_eq!(recovered.len(), 1, "{k}");
        assert_eq!(recovered[0].value["bytes"], k);
        let copy = fresh.path.with_file_name(recovered[0].text("file").expect("a file"));
        assert_eq!(fs::read(copy).expect("the copy"), &whole[last..last + k]);
        assert_eq!(lines(&fresh.path)[..5], kept[..5], "nothing else is lost");
        assert_eq!(records.len(), 5 + 1 + 3);
        let after = verify(&fresh.path, None, Some(&state(&fresh.path)));
        assert_eq!((after.exit_code(), after.recovered.len()), (11, 1), "for ever");
    }
}

#[test]
fn a_log_torn_in_its_first_line_begins_with_the_recovery() {
    let lab = lab();
    fs::create_dir_all(lab.path.parent().expect("a folder")).expect("makes");
    fs::write(&lab.path, "{\"v\":1,\"se").expect("tears");
    Log::open(&lab.path, about(), at(1)).expect("opens");
    let records = read(&lab.path).expect("reads");
    assert_eq!(records[0].kind(), Some(Kind::Recovered));
    assert!(records[0].text("log_id").is_some());
    assert_eq!(verify(&lab.path, None, Some(&state(&lab.path))).exit_code(), 11);
}

#[test]
fn a_crash_between_cutting_and_recording_is_recorded_later() {
    let lab = lab();
    filled(&lab.path, 6);
    let aside = lab.path.with_file_name("audit.jsonl.torn.7");
    fs::write(&aside, "{\"v\":1").expect("the copy");
    for start in 0..2 {
        Log::open(&lab.path, about(), at(100 + start)).expect("opens");
    }
    let report = verify(&lab.path, None, Some(&state(&lab.path)));
    assert_eq!((report.exit_code(), report.recovered.len(), report.recovered[0].bytes), (11, 1, 6));
}

#[test]
fn a_record_that_the_state_file_knows_is_not_a_torn_one() {
    let lab = lab();
    filled(&lab.path, 6);
    let whole = fs::read(&lab.path).expect("reads");
    fs::write(&lab.path, &whole[..whole.len() - 10]).expect("cuts");
    let report = verify(&lab.path, None, Some(&state(&lab.path)));
    assert_eq!((report.exit_code(), report.first_bad()), (12, Some(6)), "{report:?}");
    assert!(Log::open(&lab.path, about(), at(9)).is_err());
}

#[test]
fn a_last_line_that_ends_but_cannot_be_read_is_tampering() {
    let lab = lab();
    filled(&lab.path, 6);
    fs::remove_file(state(&lab.path)).expect("removes");
    for more in ["{\"v\":1,\"seq\":7\n", "\n", "{}\n"] {
        let whole = fs::read_to_string(&lab.path).expect("reads");
        fs::write(&lab.path, format!("{whole}{more}")).expect("writes");
        assert_eq!(verify(&lab.path, None, None).first_bad(), Some(7));
        assert!(Log::open(&lab.path, about(), at(9)).is_err());
        fs::write(&lab.path, whole).expect("writes");
    }
}

#[test]
fn what_another_process_tore_is_recovered_by_the_next_append() {
    let lab = lab();
    let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
    let mut text = fs::read_to_string(&lab.path).expect("reads");
    text.push_str("{\"v\":1,\"seq\":2");
    fs::write(&lab.path, text).expect("tears");
    log.append(note(1), at(1)).expect("appends");
    let kinds: Vec<_> = read(&lab.path).expect("reads").iter().map(|r| r.kind()).collect();
    assert_eq!(kinds, [Kind::SessionStart, Kind::Recovered, Kind::Note].map(Some));
}
