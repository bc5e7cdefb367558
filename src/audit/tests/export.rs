//! One incident out of several logs.

use std::{fs, os::unix::fs::symlink};

use serde_json::json;

use super::{about, at, lab};
use crate::audit::{
    Entry, Kind, Log, Policy,
    export::{Export, Source, write_new},
};

fn entry(kind: Kind, corr: Option<&str>, more: serde_json::Value) -> Entry {
    let mut entry = Entry::new(kind);
    entry.corr = corr.map(Into::into);
    for (key, value) in more.as_object().expect("an object") {
        entry = entry.with(key, value.clone());
    }
    entry
}

#[test]
fn an_incident_brings_its_runs_calls_and_sessions_along() {
    let (one, two) = (lab(), lab());
    let mut log = Log::open(&one.path, about(), at(0)).expect("opens");
    let script = [
        (Kind::Armed, None, json!({"incident": {"id": "INC-1", "title": "<b>|x", "reason": "r"}})),
        (Kind::RunStart, None, json!({"incident": "INC-1", "run": "r1"})),
        (Kind::Intent, Some("c1"), json!({"run": "r1", "op": {"name": "X"}})),
        (Kind::Outcome, Some("c1"), json!({"result": {"state": "unknown"}})),
        (Kind::RunStart, None, json!({"incident": "INC-2", "run": "r2"})),
        (Kind::Intent, Some("c2"), json!({"run": "r2"})),
        (Kind::Readback, Some("c1"), json!({"state": "done"})),
        (Kind::Note, None, json!({"text": "of nothing"})),
        (Kind::Note, Some("c1"), json!({"incident": "INC-2"})),
    ];
    for (n, (kind, corr, more)) in script.into_iter().enumerate() {
        log.append(entry(kind, corr, more), at(10 * n as i64 + 10)).expect("appends");
    }
    let mut log =
        Log::open(&two.path, super::super::About { session: "t".into(), ..about() }, at(25))
            .expect("opens");
    log.append(entry(Kind::Note, None, json!({"incident": "INC-1", "text": "second"})), at(26))
        .expect("appends");

    let now = at(1000);
    let load = |path| Source::load(path, Policy::quarterly(now.utc)).expect("loads");
    let export = Export::new("INC-1", vec![load(&one.path), load(&two.path)], now.utc);
    let order: Vec<_> =
        export.items().map(|(_, r)| (r.kind().expect("known").name(), r.seq)).collect();
    assert_eq!(
        order,
        [
            ("session_start", 1),
            ("armed", 2),
            ("run_start", 3),
            ("session_start", 1),
            ("note", 2),
            ("intent", 4),
            ("outcome", 5),
            ("readback", 8),
        ]
    );
    let json = export.json();
    assert_eq!(json["logs"][0]["verify"]["exit_code"], 0);
    assert_eq!(json["logs"][0]["head"]["seq"], 10);
    assert_eq!(json["complete"], true);
    assert_eq!(json["items"][0]["raw"], super::lines(&one.path)[0]);
    let text = export.markdown();
    assert!(text.contains(json["logs"][1]["head"]["short"].as_str().expect("a head")));
    assert!(!text.contains("<b>") && text.contains("&lt;b&gt;&#124;x"), "{text}");
    assert!(
        text.lines().all(|l| !l.starts_with("| 2026") || l.matches('|').count() == 8),
        "{text}"
    );
    assert!(Export::new("INC-3", vec![load(&one.path)], now.utc).is_empty());
}

#[test]
fn an_export_never_replaces_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.md");
    write_new(&path, b"one").expect("writes");
    assert!(write_new(&path, b"two").is_err());
    assert_eq!(fs::read(&path).expect("reads"), b"one");
    let link = folder.path().join("link.md");
    symlink(folder.path().join("nowhere"), &link).expect("links");
    assert!(write_new(&link, b"x").is_err());
    assert!(write_new(&folder.path().join("no/where.md"), b"x").is_err());
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 2, "no temporary files left");
}
