//! What shows that a report is as it was written: a hash over it at its end, and the heads
//! and hashes of the logs that it was made from. docs/AUDIT-LOG.md, *Reports*.

use serde_json::{Map, Value, json};

use super::{Form, Subject};
use crate::{audit::hash::sha256_hex, domain::untrusted::json_ascii};

/// Before the hash of everything before its line.
pub const LINE: &str = "report-sha256: ";
/// The line before those that name the logs.
pub const BEGIN: &str = "halon-report: 1";
/// How the file goes on behind the hash.
pub const HTML_END: &str = "\n</pre>\n</section>\n</main>\n</body>\n</html>\n";
pub const MARKDOWN_END: &str = "\n";
pub const HTML_START: &str = "<!doctype html>\n";

/// How a report in Markdown begins.
pub fn markdown_start(subject: Subject) -> String {
    format!("# {}", subject.word())
}

/// A log that a report was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedLog {
    /// In the report, from 1.
    pub number: usize,
    /// Raw.
    pub log_id: Option<String>,
    /// Record and hash of its head.
    pub head: Option<(u64, String)>,
    /// Of the whole file.
    pub sha256: Option<String>,
}

/// The one spelling of a value that is hashed: its keys in their order, no blanks, and every
/// character outside printable ASCII as a `\u` escape.
pub fn canonical(value: &Value) -> String {
    json_ascii(&value.to_string())
}

/// The lines that name the logs, each with its end: number, log id, record and hash of the
/// head, SHA-256 of the file; `-` where there is none.
pub fn log_lines(logs: &[SealedLog]) -> String {
    let mut lines = format!("{BEGIN}\n");
    for log in logs {
        let (seq, h) = match &log.head {
            Some((seq, h)) => (seq.to_string(), h.as_str()),
            None => ("-".to_owned(), "-"),
        };
        let sha256 = log.sha256.as_deref().unwrap_or("-");
        lines += &format!("log: {} {} {seq} {h} {sha256}\n", log.number, id(log).unwrap_or("-"));
    }
    lines
}

/// A log's id where it is one: it stands among lines that are parsed.
fn id(log: &SealedLog) -> Option<&str> {
    let id = log.log_id.as_deref()?;
    let is_id = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    is_id.then_some(id)
}

/// Puts the hash over all of `text` behind it, and the form's end.
pub fn close(mut text: String, form: Form) -> String {
    let sha256 = sha256_hex(text.as_bytes());
    text += LINE;
    text += &sha256;
    text += match form {
        Form::Html => HTML_END,
        Form::Markdown | Form::Json => MARKDOWN_END,
    };
    text
}

/// Puts the manifest behind the other parts of a document.
pub fn manifest(tool: &str, logs: &[SealedLog], document: &mut Map<String, Value>) {
    let logs: Vec<Value> = logs
        .iter()
        .map(|log| {
            let head = log.head.as_ref().map(|(seq, h)| json!({"seq": seq, "h": h}));
            json!({"log": log.number, "log_id": id(log), "head": head, "sha256": log.sha256})
        })
        .collect();
    let mut manifest = Map::new();
    manifest.insert("v".into(), 1.into());
    manifest.insert("tool".into(), tool.into());
    manifest.insert("logs".into(), logs.into());
    manifest.insert("parts".into(), parts(document).into());
    let sha256 = sha256_hex(canonical(&Value::Object(manifest.clone())).as_bytes());
    manifest.insert("report_sha256".into(), sha256.into());
    document.insert("manifest".into(), manifest.into());
}

/// The hash of each part of a document, the manifest left out.
pub fn parts(document: &Map<String, Value>) -> Map<String, Value> {
    let parts = document.iter().filter(|(name, _)| *name != "manifest");
    parts
        .map(|(name, part)| (name.clone(), sha256_hex(canonical(part).as_bytes()).into()))
        .collect()
}

/// The form of a file that begins as a report does. A log never does: its first line is an
/// object of many keys that begins with `"v"`.
pub fn form_of(bytes: &[u8]) -> Option<Form> {
    let begins = |start: String| bytes.starts_with(start.as_bytes());
    let compact = |subject: Subject| format!("{{\"schema\":\"{}\"", subject.schema());
    if bytes.starts_with(HTML_START.as_bytes()) {
        Some(Form::Html)
    } else if Subject::ALL.into_iter().any(|s| begins(format!("{} ", markdown_start(s)))) {
        Some(Form::Markdown)
    } else if begins("{\n".into()) || Subject::ALL.into_iter().map(compact).any(begins) {
        Some(Form::Json)
    } else {
        None
    }
}
