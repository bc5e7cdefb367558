//! Checking a report: whether it is as it was written, and whether the logs that it was made
//! from still are.

use std::{collections::HashSet, io::Read, path::Path};

use serde::Serialize;
use serde_json::Value;

use super::{
    Form, Subject, pretty,
    seal::{self, BEGIN, HTML_END, LINE, MARKDOWN_END, canonical},
};
use crate::audit::{
    export::words,
    hash::{Hash, sha256_hex},
    head::{Anchor, Head},
    line::Line,
    record::{open, read as records},
    state::state_path,
    strict,
    verify::verify,
};

/// Enough of a file to know its form, in bytes.
const LONGEST_START: u64 = 64;

/// What checking a report found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Checked {
    /// The hash that it carries.
    pub report_sha256: Option<String>,
    /// Each thing that is not what was written.
    pub problems: Vec<String>,
    /// A document that says what was written, in other bytes: another program wrote it anew.
    pub reformatted: bool,
    pub logs: Vec<CheckedLog>,
}

/// A log that the report names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedLog {
    /// Its number in the report.
    pub number: u64,
    pub log_id: Option<String>,
    /// Its last record when the report was made.
    pub seq: Option<u64>,
    pub h: Option<String>,
    /// The file that it was compared with.
    pub file: Option<String>,
    pub exit_code: u8,
    pub words: String,
}

impl Checked {
    /// 0 as it was written, 12 not; with logs, their worst where that is worse.
    pub fn exit_code(&self) -> u8 {
        let own = if self.problems.is_empty() { 0 } else { 12 };
        self.logs.iter().map(|log| log.exit_code).fold(own, u8::max)
    }
}

/// A file that begins as a report does, whole. `None` where it does not, or cannot be read:
/// what that means, verifying it as a log says.
pub fn read(path: &Path) -> Option<(Form, Vec<u8>)> {
    let mut file = open(path).ok()?;
    let mut bytes = Vec::new();
    file.by_ref().take(LONGEST_START).read_to_end(&mut bytes).ok()?;
    let form = seal::form_of(&bytes)?;
    file.read_to_end(&mut bytes).ok()?;
    Some((form, bytes))
}

/// Checks a report's bytes, against its hash as it was kept elsewhere where there is one,
/// and against the logs given.
pub fn check(bytes: &[u8], form: Form, kept: Option<&Anchor>, logs: &[&Path]) -> Checked {
    let mut checked = Checked::default();
    let items = match form {
        Form::Json => document(bytes, &mut checked),
        Form::Html | Form::Markdown => {
            text(bytes, form, &mut checked);
            Vec::new()
        }
    };
    if let Some(kept) = kept {
        let fits = checked.report_sha256.as_ref().is_some_and(|sha256| kept.fits(sha256));
        if !fits {
            checked.problems.push("its hash is not the one that was kept elsewhere".to_owned());
        }
    }
    for log in logs {
        compare(log, &items, &mut checked);
    }
    checked
}

/// The hash in the last line, and the lines that name the logs.
fn text(bytes: &[u8], form: Form, checked: &mut Checked) {
    let end = if form == Form::Html { HTML_END } else { MARKDOWN_END };
    let sealed = bytes.strip_suffix(end.as_bytes()).and_then(|rest| {
        let (before, hash) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
        let hash = std::str::from_utf8(hash).ok().and_then(Hash::parse)?;
        Some((before.strip_suffix(LINE.as_bytes())?, hash))
    });
    let Some((before, hash)) = sealed else {
        let why = format!("it does not end with a line `{}` and 64 hex digits", LINE.trim_end());
        return checked.problems.push(why);
    };
    checked.report_sha256 = Some(hash.hex());
    if sha256_hex(before) != hash.hex() {
        checked.problems.push("it was changed: its hash does not fit its bytes".to_owned());
    }
    let before = String::from_utf8_lossy(before);
    let lines: Vec<&str> = before.lines().collect();
    // The last one: whatever stands before it is the report's text.
    let begin = lines.iter().rposition(|line| *line == BEGIN);
    let Some(begin) = begin else {
        return checked.problems.push("it does not name the logs that it was made from".to_owned());
    };
    for line in lines[begin + 1..].iter().filter_map(|line| line.strip_prefix("log: ")) {
        let field: Vec<Option<&str>> =
            line.split(' ').map(|field| Some(field).filter(|f| *f != "-")).collect();
        let [Some(number), log_id, seq, h, _] = field[..] else { continue };
        let Ok(number) = number.parse() else { continue };
        let seq = seq.and_then(|seq| seq.parse().ok());
        checked.logs.push(named(number, log_id, seq, h));
    }
}

/// Each part's hash and the manifest's own. Gives the records in it.
fn document(bytes: &[u8], checked: &mut Checked) -> Vec<Value> {
    let problem = |checked: &mut Checked, what: String| checked.problems.push(what);
    if let Err(e) = strict::no_doubles(bytes) {
        problem(checked, format!("it cannot be read: {e}"));
        return Vec::new();
    }
    let Ok(Value::Object(mut document)) = serde_json::from_slice(bytes) else {
        problem(checked, "it cannot be read: it is no object".to_owned());
        return Vec::new();
    };
    let written = pretty(&document);
    checked.reformatted = written.as_bytes() != bytes;
    let Some(Value::Object(mut manifest)) = document.remove("manifest") else {
        problem(checked, "it has no manifest".to_owned());
        return Vec::new();
    };
    let schema = document.get("schema").and_then(Value::as_str);
    let known = Subject::ALL.map(Subject::schema);
    if !schema.is_some_and(|schema| known.contains(&schema)) {
        problem(checked, format!("its schema is not {}", known.join(" or ")));
    }
    let stated = manifest.remove("report_sha256");
    let sha256 = sha256_hex(canonical(&Value::Object(manifest.clone())).as_bytes());
    checked.report_sha256 = stated.as_ref().and_then(Value::as_str).map(ToOwned::to_owned);
    if checked.report_sha256.as_ref() != Some(&sha256) {
        problem(checked, "its manifest was changed: its hash does not fit".to_owned());
    }
    let kept = manifest.get("parts").and_then(Value::as_object).cloned().unwrap_or_default();
    let parts = seal::parts(&document);
    for (name, sha256) in &parts {
        match kept.get(name) {
            Some(kept) if kept == sha256 => {}
            Some(_) => problem(checked, format!("its part `{name}` was changed")),
            None => problem(checked, format!("its part `{name}` was not in it")),
        }
    }
    for name in kept.keys().filter(|name| !parts.contains_key(*name)) {
        problem(checked, format!("its part `{name}` is missing"));
    }
    for log in manifest.get("logs").and_then(Value::as_array).into_iter().flatten() {
        let head = &log["head"];
        let number = log["log"].as_u64().unwrap_or_default();
        let (seq, h) = (head["seq"].as_u64(), head["h"].as_str());
        checked.logs.push(named(number, log["log_id"].as_str(), seq, h));
    }
    let items = match document.remove("items") {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    for (at, item) in items.iter().enumerate() {
        // A report without its records names them by number and hash.
        if item["raw"].is_null() && item["record"].is_null() && item["h"].is_string() {
            continue;
        }
        let raw = item["raw"].as_str().unwrap_or_default();
        let says: Value = serde_json::from_str(raw).unwrap_or_default();
        let is_whole = Line::parse(raw.as_bytes()).is_ok();
        if says != item["record"] || item["verified"] == true && !is_whole {
            problem(checked, format!("item {at} is not the record that its line is"));
        }
    }
    items
}

fn named(number: u64, log_id: Option<&str>, seq: Option<u64>, h: Option<&str>) -> CheckedLog {
    let words = match h {
        Some(_) => "not given: compare it with `halon audit verify REPORT LOG`",
        None => "had no record that verified when the report was made",
    };
    let h = h.and_then(Hash::parse).map(|h| h.hex());
    let (log_id, words) = (log_id.map(ToOwned::to_owned), words.to_owned());
    CheckedLog { number, log_id, seq, h, file: None, exit_code: 0, words }
}

/// Verifies a log, with each head that the report has for it as an anchor.
fn compare(path: &Path, items: &[Value], checked: &mut Checked) {
    let name = path.to_string_lossy().into_owned();
    let state = state_path(path);
    let now = verify(path, None, Some(&state));
    let is_its = |log: &&mut CheckedLog| log.log_id.is_some() && log.log_id == now.log_id;
    let mut numbers = Vec::new();
    for log in checked.logs.iter_mut().filter(is_its) {
        numbers.push(log.number);
        let (Some(seq), Some(h)) = (log.seq, &log.h) else { continue };
        let head = Head { log_id: String::new(), seq, h: h.clone() };
        let report = verify(path, Some(&head.anchor()), Some(&state));
        log.exit_code = report.exit_code();
        log.file = Some(name.clone());
        log.words = words(&report);
        let more = report.records.saturating_sub(seq);
        if log.exit_code < 12 && more > 0 {
            log.words += &format!("; {more} records came after the report");
        }
    }
    if numbers.is_empty() {
        let why = match &now.unreadable {
            Some(why) => format!("{name} cannot be read: {why}"),
            None => format!("{name} is none of the logs that it names"),
        };
        return checked.problems.push(why);
    }
    let records = records(path).unwrap_or_default();
    let lines: HashSet<&str> = records.iter().map(|record| record.raw.as_str()).collect();
    let is_its = |item: &&Value| item["number"].as_u64().is_some_and(|n| numbers.contains(&n));
    let hashes: HashSet<(u64, &str)> = records.iter().map(|r| (r.seq, r.h.as_str())).collect();
    let stands = |item: &&Value| match (item["raw"].as_str(), item["h"].as_str()) {
        (Some(raw), _) => lines.contains(raw),
        (None, Some(h)) => hashes.contains(&(item["seq"].as_u64().unwrap_or_default(), h)),
        (None, None) => false,
    };
    let missing = items.iter().filter(is_its).filter(|item| !stands(item)).count();
    if missing > 0 {
        checked.problems.push(format!("{missing} of its records do not stand in {name}"));
    }
}
