//! The report for programs: `halon.drill-report/1`.

use serde_json::{Map, Value, json};

use super::DrillReport;
use crate::{
    audit::paper::{self, Subject},
    domain::time::rfc3339,
};

pub fn write(report: &DrillReport) -> String {
    let mut parts = parts(report);
    if let Some(redactor) = &report.redactor {
        for (name, part) in &mut parts {
            if name == "items" {
                withhold(part);
            }
            // Single words of ours stay.
            if part.is_array() || part.is_object() {
                *part = redactor.value(part.take());
            }
        }
    }
    paper::document(parts, &report.incident.tool, &report.incident.sealed())
}

fn parts(report: &DrillReport) -> Map<String, Value> {
    let mut parts = Map::new();
    let mut put = |name: &str, part: Value| parts.insert(name.to_owned(), part);
    let broken: Vec<Value> = report
        .incident
        .alarms
        .iter()
        .filter(|alarm| alarm.is_broken())
        .map(|alarm| json!({"source": "audit", "why": alarm.what}))
        .collect();
    let drill = &report.drill;
    put("schema", Subject::Drill.schema().into());
    put("as_of", rfc3339(report.incident.as_of).into());
    put("complete", broken.is_empty().into());
    put("incomplete", broken.into());
    put("kind", drill.class.name().into());
    put("headline", report.headline().into());
    put("result", report.result().into());
    put("redacted", report.redactor.is_some().into());
    put(
        "drill",
        json!({
            "id": drill.id,
            "begun": drill.begun,
            "scripted": drill.is_scripted(),
            "worlds": drill.worlds,
            "first": drill.first,
            "last": drill.last,
            "met": drill.met,
            "hints": drill.hints.iter().map(|(o, n)| json!({"objective": o, "number": n})).collect::<Vec<_>>(),
            "ended": drill.ended,
            "late": drill.late,
            "unread": drill.unread,
        }),
    );
    put("verdict", json!(report.verdict));
    put("score", json!(report.score));
    put("trend", json!(report.trend));
    put("evidence", json!(report.evidence));
    put("before", json!(report.was));
    put("drift", json!(report.drift));
    put("index", json!(report.index));
    parts.extend(report.incident.parts());
    parts
}

/// The records themselves stay here: only their numbers and hashes go along, by which whoever
/// has the log finds them.
fn withhold(items: &mut Value) {
    for item in items.as_array_mut().into_iter().flatten() {
        let said = json!({
            "seq": item["record"]["seq"],
            "h": item["record"]["h"],
            "record": null,
            "raw": null,
        });
        if let (Some(item), Value::Object(said)) = (item.as_object_mut(), said) {
            item.extend(said);
        }
    }
}
