//! Intents that nobody answered.

use proptest::prelude::*;
use serde_json::json;

use super::{about, at, lab};
use crate::audit::{Entry, Kind, Log, RefusedKind, read, unknown, verify};

#[test]
fn only_a_result_or_a_readback_settles_an_intent() {
    let lab = lab();
    let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
    let mut append = |kind, corr: &str, key: &str, value: serde_json::Value| {
        let entry = Entry::new(kind).corr(corr).with(key, value);
        log.append(entry, at(1)).expect("appends");
    };
    for corr in ["ok", "error", "partial", "silent", "lost", "found", "gone", "still", "refused"] {
        append(Kind::Intent, corr, "op", json!({"name": "X"}));
    }
    append(Kind::Outcome, "ok", "result", json!("ok"));
    append(Kind::Outcome, "error", "result", json!({"state": "error", "code": "AccessDenied"}));
    append(Kind::Outcome, "partial", "result", json!({"state": "partial"}));
    for corr in ["lost", "found", "gone", "still"] {
        append(Kind::Outcome, corr, "result", json!({"state": "unknown"}));
    }
    append(Kind::Readback, "found", "state", json!("done"));
    append(Kind::Readback, "gone", "state", json!("not_done"));
    append(Kind::Readback, "still", "state", json!("unconfirmed"));
    append(Kind::Refusal, "refused", "why", json!("gate"));
    let records = read(&lab.path).expect("reads");
    let left: Vec<_> = unknown(&records).iter().map(|r| r.corr()).collect();
    assert_eq!(left, ["silent", "lost", "still"].map(Some));
}

#[test]
fn what_cannot_be_answered_or_read_again_is_not_written() {
    let lab = lab();
    let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
    let mut deep = json!(0);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    for entry in [
        Entry::new(Kind::Intent),
        Entry::new(Kind::Note).with("seq", 1),
        Entry::new(Kind::Note).with("h", "0"),
        Entry::new(Kind::Note).with("deep", deep),
    ] {
        let refused = log.append(entry, at(1)).expect_err("refused");
        assert_eq!(refused.kind, RefusedKind::Unwritable, "{refused}");
    }
    assert_eq!(log.append(super::note(1), at(1)).expect("goes on").seq, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn whatever_is_written_is_ascii_and_verifies(texts in prop::collection::vec(any::<String>(), 1..8), key in "[a-z]{3,9}x") {
        let lab = lab();
        let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
        for text in &texts {
            let entry = Entry::new(Kind::Note).corr(text.as_str()).with(&key, json!({text: [text]}));
            log.append(entry, at(1)).expect("appends");
        }
        let bytes = std::fs::read(&lab.path).expect("reads");
        prop_assert!(bytes.iter().all(|b| matches!(b, b'\n' | b' '..=b'~')));
        prop_assert_eq!(verify(&lab.path, None, None).exit_code(), 0);
        let records = read(&lab.path).expect("reads");
        prop_assert!(records.iter().skip(1).zip(&texts).all(|(r, t)| r.corr() == Some(t)));
    }
}
