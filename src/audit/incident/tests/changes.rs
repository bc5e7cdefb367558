//! What became of changes, and what is still open.

use serde_json::{Value, json};

use super::{Line, armed, document, report, written};
use crate::{
    audit::{
        Kind,
        incident::{Fate, Form},
    },
    domain::Untrusted,
};

fn call(verb: &str) -> Value {
    json!({"place": {"target": "t", "region": "us-east-1"}, "account": "111122223333", "verb": {verb: {"key": "K"}}})
}

fn intent(
    second: i64,
    corr: &'static str,
    run: &str,
    verb: &str,
    undo: Value,
    undoes: Value,
) -> Line {
    let op = json!({
        "service": "IAM", "name": "UpdateAccessKey", "account": "111122223333",
        "region": "us-east-1", "params": {"Status": "Inactive"},
    });
    let body = json!({
        "incident": "INC-1", "run": run, "step": "off", "op": op, "change": call(verb), "undo": undo,
        "before": {"key": {"status": "Active"}}, "after": {"key": {"status": "Inactive"}},
        "not_restored": [], "undoes": undoes, "ceremony": "yes", "risk": "reversible",
        "fingerprint": "f", "preflight": "allowed",
    });
    (second, Kind::Intent, Some(corr), body)
}

fn outcome(second: i64, corr: &'static str, state: &str) -> Line {
    let result = json!({"state": state, "request_id": format!("req-{corr}"), "unprocessed": ["x"]});
    (second, Kind::Outcome, Some(corr), json!({"incident": "INC-1", "result": result}))
}

fn readback(second: i64, corr: &'static str, state: &str, status: &str) -> Line {
    let after = json!({"key": {"status": status}});
    (
        second,
        Kind::Readback,
        Some(corr),
        json!({"incident": "INC-1", "state": state, "after": after, "reads": 2}),
    )
}

fn plain(second: i64, corr: &'static str) -> Line {
    intent(second, corr, "r", "off", json!([call("on")]), Value::Null)
}

#[test]
fn each_change_has_one_fate() {
    let refusal = (0, Kind::Refusal, Some("h"), json!({"why": "the gate"}));
    let log = written(
        "s",
        "ann",
        &[
            armed(0),
            plain(1, "a"),
            outcome(1, "a", "ok"),
            readback(1, "a", "done", "Inactive"),
            plain(2, "b"),
            outcome(2, "b", "ok"),
            readback(2, "b", "unconfirmed", "Active"),
            plain(3, "c"),
            outcome(3, "c", "ok"),
            plain(4, "d"),
            outcome(4, "d", "unknown"),
            readback(4, "d", "not_done", "Active"),
            plain(5, "e"),
            outcome(5, "e", "unknown"),
            readback(5, "e", "done", "Inactive"),
            plain(6, "f"),
            outcome(6, "f", "partial"),
            plain(7, "g"),
            outcome(7, "g", "error"),
            plain(8, "h"),
            refusal,
            plain(9, "i"),
            plain(10, "j"),
            outcome(10, "j", "unknown"),
        ],
    );
    let report = report(&[&log.path]);
    let fates: Vec<Fate> = report.changes.iter().map(|c| c.fate).collect();
    use Fate as F;
    assert_eq!(
        fates,
        [
            F::Done,
            F::Unconfirmed,
            F::Unconfirmed,
            F::NotDone,
            F::Done,
            F::Partial,
            F::Failed,
            F::NotSent,
            F::Unknown,
            F::Unknown,
        ]
    );
    let counts = &report.summary.counts;
    assert_eq!((counts.consented, counts.made, counts.undone, counts.unknown), (10, 5, 0, 2));
    assert_eq!((counts.unconfirmed, counts.refused), (3, 2));
    assert_eq!(
        report.changes[0].answer.as_ref().and_then(|a| a.request_id.as_ref()),
        Some(&"req-a".into())
    );
    // What read-back saw that was not meant.
    let seen = report.changes[1].readback.as_ref().expect("read back");
    assert_eq!((seen.differs.len(), seen.differs[0].at.raw()), (1, "key.status"));
    assert_eq!(report.changes[0].evidence.len(), 3);
    assert_eq!(report.changes[0].more, [("preflight".into(), "allowed".into())]);
    let kinds: Vec<&str> = report.open.iter().map(|o| o.kind).collect();
    assert_eq!(kinds[..2], ["unknown", "unknown"], "the most pressing first");
    let text = report.write(Form::Markdown);
    assert!(text.contains("| key.status | Active | Inactive |"), "{text}");
}

#[test]
fn a_change_taken_back_by_another_operator_is_undone() {
    let one = written(
        "s",
        "ann",
        &[armed(0), plain(1, "a"), outcome(1, "a", "ok"), readback(1, "a", "done", "Inactive")],
    );
    // The call that takes it back, with credentials of another name.
    let mut back = intent(5, "b", "u", "on", json!([call("off")]), json!("r"));
    back.3["change"]["place"]["target"] = json!("other");
    let two = written(
        "t",
        "bob",
        &[armed(4), back, outcome(5, "b", "ok"), readback(6, "b", "done", "Active")],
    );
    let whole = report(&[&one.path, &two.path]);
    assert_eq!((whole.changes[0].undone, &whole.changes[0].undone_by[..]), (true, &[2][..]));
    assert_eq!(whole.changes[1].takes_back, Some(1));
    assert_eq!((whole.summary.counts.made, whole.summary.counts.undone), (2, 1));
    assert!(whole.open.is_empty(), "{:?}", whole.open);
    let html = whole.write(Form::Html);
    assert!(html.contains("undone by <a href=\"#change-2\">change 2</a>"));
    assert!(html.contains("takes back <a href=\"#change-1\">change 1</a>"));
    // Without the second log it is in force.
    let half = report(&[&one.path]);
    assert_eq!((half.changes[0].undone, half.open.len()), (false, 1));
    assert_eq!(
        half.open[0].what.raw(),
        "IAM UpdateAccessKey in 111122223333: not undone; halon undo r"
    );
}

#[test]
fn a_run_shows_its_plan_and_what_became_of_it() {
    let start = json!({
        "incident": "INC-1", "run": "r", "playbook": {"id": "p", "sha256": "5e"}, "inputs": {"key": "K"},
        "steps": [
            {"id": "look", "kind": "read", "what": "read it"},
            {"id": "off", "kind": "change", "what": "switch it off"},
            {"id": "late", "kind": "note", "what": "later"},
        ],
    });
    let step = |second, id: &str, kind: &str, state: &str, why: Value| {
        let body = json!({"incident": "INC-1", "run": "r", "step": id, "what": "w", "step_kind": kind, "state": state, "why": why});
        (second, Kind::Step, None, body)
    };
    let log = written(
        "s",
        "ann",
        &[
            armed(0),
            (1, Kind::RunStart, None, start),
            step(2, "look", "read", "done", Value::Null),
            step(3, "off", "change", "skipped", json!("the operator said no")),
        ],
    );
    let report = report(&[&log.path]);
    let run = &report.runs[0];
    let states: Vec<_> = run.steps.iter().map(|s| s.state.as_ref().map(Untrusted::raw)).collect();
    assert_eq!(states, [Some("done"), Some("skipped"), None]);
    assert_eq!((run.state.as_ref(), report.summary.counts.skipped), (None, 1));
    let open: Vec<&str> = report.open.iter().map(|o| o.what.raw()).collect();
    assert_eq!(
        open,
        [
            "run r of p was never ended; halon playbook resume r",
            "run r of p, step off skipped: the operator said no",
        ]
    );
    assert_eq!(document(&report)["summary"]["playbooks"][0]["sha256"], "5e");
}
