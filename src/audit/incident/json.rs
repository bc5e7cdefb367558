//! A report for programs: every record as it was written, what the other forms say as
//! values, and a manifest over all of it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::IncidentReport;
use crate::{
    audit::paper::{self, Subject},
    domain::time::rfc3339,
};

pub fn write(report: &IncidentReport) -> String {
    paper::document(document(report), &report.tool, &report.sealed())
}

/// `halon.audit-export/1`
fn document(report: &IncidentReport) -> Map<String, Value> {
    let broken = report.alarms.iter().filter(|alarm| alarm.is_broken());
    let incomplete: Vec<Value> =
        broken.map(|alarm| json!({"source": "audit", "why": alarm.what})).collect();
    let mut document = Map::new();
    let mut put = |name: &str, part: Value| document.insert(name.to_owned(), part);
    put("schema", Subject::Incident.schema().into());
    put("as_of", rfc3339(report.as_of).into());
    put("complete", incomplete.is_empty().into());
    put("incomplete", incomplete.into());
    document.extend(parts(report));
    document
}

/// Each item has the line as it was written, so that its hash can be checked from the document
/// alone.
pub fn parts(report: &IncidentReport) -> Map<String, Value> {
    let items: Vec<Value> = report
        .records()
        .map(|(number, log, record)| {
            json!({
                "log": log.name(),
                "number": number,
                "line": record.line,
                "verified": log.is_verified(record),
                "record": record.value,
                "raw": record.raw,
            })
        })
        .collect();
    let mut document = Map::new();
    let mut put = |name: &str, part: Value| document.insert(name.to_owned(), part);
    put("incident", report.incident.as_str().into());
    put("alarms", value(&report.alarms));
    put("summary", value(&report.summary));
    put("logs", value(&report.logs));
    put("runs", value(&report.runs));
    put("changes", value(&report.changes));
    put("open", value(&report.open));
    put("timeline", value(&report.moments));
    put("marked", value(&report.marks));
    put("items", items.into());
    document
}

fn value(part: &impl Serialize) -> Value {
    // INVARIANT: parts are plain values with texts as keys, which always have a JSON form.
    serde_json::to_value(part).unwrap_or_default()
}
