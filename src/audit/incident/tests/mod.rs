//! Reports out of logs that are made here.

mod changes;
mod checked;
mod hostile;
mod merged;

use std::{fs, path::Path};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Form, IncidentReport, Mark, Material, Source};
use crate::audit::{
    About, Actor, Anchor, Entry, Kind, Log, Policy,
    tests::{Lab, about, at, lab},
};

const ALL: [Form; 3] = [Form::Markdown, Form::Html, Form::Json];

/// A record to write: second, kind, `corr`, body.
type Line = (i64, Kind, Option<&'static str>, Value);

fn entry(kind: Kind, corr: Option<&str>, body: &Value) -> Entry {
    let mut entry = Entry::new(kind);
    entry.corr = corr.map(Into::into);
    for (key, value) in body.as_object().expect("an object") {
        entry = entry.with(key, value.clone());
    }
    entry
}

/// A log of one operator.
fn written(session: &str, by: &str, lines: &[Line]) -> Lab {
    let lab = lab();
    let about = About { session: session.into(), os_user: by.into(), ..about() };
    let first = lines.first().map_or(0, |(second, ..)| *second);
    let mut log = Log::open(&lab.path, about, at(first)).expect("opens");
    let caller = format!("arn:aws:iam::111122223333:user/{by}");
    log.set("armed", Actor { caller_arn: Some(caller), source_identity: None });
    for (second, kind, corr, body) in lines {
        log.append(entry(*kind, *corr, body), at(*second)).expect("appends");
    }
    lab
}

fn now() -> Timestamp {
    at(10_000).utc
}

fn load(path: &Path, heads: &[Anchor]) -> Source {
    Source::load(path, heads, Policy::quarterly(now()))
}

fn material(paths: &[&Path], heads: Vec<Anchor>, marks: Vec<Mark>) -> Material {
    Material {
        incident: "INC-1".into(),
        as_of: now(),
        tool: "halon 0.1.0".into(),
        sources: paths.iter().map(|path| load(path, &heads)).collect(),
        heads,
        marks,
        lost_marks: 0,
    }
}

fn report(paths: &[&Path]) -> IncidentReport {
    IncidentReport::new(material(paths, Vec::new(), Vec::new()))
}

fn document(report: &IncidentReport) -> Value {
    serde_json::from_str(&report.write(Form::Json)).expect("JSON")
}

fn alarms(report: &IncidentReport) -> String {
    let lines: Vec<String> =
        report.alarms.iter().map(|a| format!("{} {}", a.exit_code, a.what.raw())).collect();
    lines.join("\n")
}

fn armed(second: i64) -> Line {
    let incident = json!({"id": "INC-1", "title": "A key", "reason": "it leaked"});
    (second, Kind::Armed, None, json!({ "incident": incident }))
}

fn note(second: i64, text: &str) -> Line {
    (second, Kind::Note, None, json!({"incident": "INC-1", "text": text}))
}

/// Replaces text in a file.
fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("a file");
    assert!(text.contains(from), "{from} is not in it");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}
