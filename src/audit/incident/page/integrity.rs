//! What verifying found of one log.

use serde_json::Value;

use super::Facts;
use crate::{
    audit::{
        incident::{LogPart, run::words},
        paper::{Cell, Span, Tone},
    },
    domain::Untrusted,
};

pub fn facts(log: &LogPart) -> Facts {
    let verify = &log.verify;
    let said = |key: &str| words(&verify[key]);
    let each = |key: &str| verify[key].as_array().cloned().unwrap_or_default();
    let tone = match log.verify["exit_code"].as_u64() {
        Some(0) => (Tone::Good, "verified"),
        Some(12) => (Tone::Trouble, "NOT WHAT WAS WRITTEN"),
        Some(13) => (Tone::Trouble, "UNREADABLE"),
        _ => (Tone::Caution, "verified, not to its end"),
    };
    let verdict = Cell::new().push(Span::State(tone.0, tone.1)).and(": ").with(&log.words);
    let mut facts = vec![("verify", verdict)];
    facts.extend(log.twin.clone().map(|twin| ("copy or fork", Cell::ours(twin))));
    facts.extend(log.log_id.as_ref().map(|id| ("log id", Cell::of(id))));
    facts.extend(log.continues.as_ref().map(|id| ("continues log", Cell::of(id))));
    let records = format!("{}, of this incident {}", log.records, log.of_incident);
    facts.push(("records", Cell::ours(records)));
    if let Some((first, last)) = log.first_seq.zip(log.last_seq) {
        facts.push(("of the incident", Cell::ours(format!("from record {first} to {last}"))));
    }
    if let Some(head) = &log.head {
        facts.push(("head", Cell::hash(&head.short)));
        facts.push(("head's hash", Cell::hash(&head.h)));
    }
    facts.extend(log.sha256.as_deref().map(|sha256| ("SHA-256 of the file", Cell::hash(sha256))));
    for anchor in each("anchors") {
        let (seq, to) = (words(&anchor["seq"]), words(&anchor["to"]));
        facts.push(("anchor", Cell::ours("record ").with(&seq).with_some(": ", Some(&to))));
    }
    facts.push(("records in no anchor", Cell::of(&said("unanchored"))));
    for problem in each("problems") {
        let (line, why) = (words(&problem["line"]), words(&problem["why"]));
        facts.push(("problem", Cell::ours("line ").with(&line).and(": ").with(&why)));
    }
    for torn in each("recovered") {
        let (seq, file) = (words(&torn["seq"]), words(&torn["file"]));
        let cell = Cell::ours("a torn line, by record ").with(&seq).and(", kept in ");
        facts.push(("recovered", cell.with(&file)));
    }
    for (name, key) in [("torn bytes at the end", "torn_bytes"), ("cannot know", "cannot_know")] {
        facts.push((name, Cell::of(&said(key))));
    }
    if let Value::Object(kinds) = &verify["unknown_kinds"] {
        let kinds: Vec<Untrusted> = kinds.keys().map(|kind| kind.as_str().into()).collect();
        facts.push(("kinds unknown here", Cell::list(&kinds)));
    }
    facts.extend([
        ("users of the machine", Cell::list(&log.operators)),
        ("hosts", Cell::list(&log.hosts)),
        ("written by", Cell::list(&log.tools)),
        ("world", Cell::list(&log.worlds)),
    ]);
    facts.retain(|(_, cell)| !cell.0.is_empty());
    facts
}
