//! The section of one change.

use serde_json::Value;

use super::Facts;
use crate::{
    audit::{
        incident::{Change, Fate, diff::Difference, run::words},
        paper::{Block, Cell, Row, Span, Tone},
    },
    domain::Untrusted,
};

pub fn tone(fate: Fate) -> Tone {
    match fate {
        Fate::Done => Tone::Good,
        Fate::Partial | Fate::Unconfirmed | Fate::Unknown => Tone::Caution,
        Fate::NotDone | Fate::Failed | Fate::NotSent => Tone::Trouble,
    }
}

pub fn put(change: &Change, page: &mut Vec<Block>) {
    let title = Cell::ours(format!("Change {}: ", change.number)).with(&change.call);
    let text = title.with_some(" in ", Some(&change.account));
    page.push(Block::Heading { level: 3, id: format!("change-{}", change.number), text });
    page.push(Block::Facts(facts(change)));
    page.push(match change.differences.is_empty() {
        true => Block::Text(Cell::ours("Before and after: no difference is recorded.")),
        false => differences("Before and after", &change.differences),
    });
    if let Some(readback) = change.readback.as_ref().filter(|r| !r.differs.is_empty()) {
        page.push(differences("Where reading back shows something else", &readback.differs));
    }
}

fn facts(change: &Change) -> Facts {
    let state = Span::State(tone(change.fate), change.fate.words());
    let mut facts = Facts::new();
    if !change.verified {
        let doubt = Span::State(Tone::Trouble, "its record does not verify");
        facts.push(("record", Cell::new().push(doubt)));
    }
    facts.extend([
        ("became", Cell::new().push(state)),
        ("decided by", Cell::of(&change.who)),
        ("when", Cell::time(change.at)),
        ("ceremony", Cell::of(&change.ceremony)),
        ("risk", Cell::of(&change.risk)),
        ("mode", Cell::of(&change.mode)),
        ("region", Cell::of(&change.region)),
        ("run and step", Cell::of(&change.run).with_some(", ", Some(&change.step))),
        ("parameters", Cell::of(&pairs(&change.params))),
    ]);
    if let Some(answer) = &change.answer {
        facts.push(("AWS answered", Cell::of(&answer.state)));
        let texts = [
            ("code", &answer.code),
            ("message", &answer.message),
            ("not done of it", &answer.unprocessed),
            ("request id", &answer.request_id),
            ("AWS's clock", &answer.server_date),
            ("host", &answer.host),
        ];
        facts.extend(
            texts.iter().filter_map(|(name, text)| Some((*name, Cell::of(text.as_ref()?)))),
        );
    }
    match &change.readback {
        Some(readback) => {
            let reads = readback.reads.map(|n| format!(", reads: {n}")).unwrap_or_default();
            facts.push(("read back", Cell::of(&readback.state).and(reads)));
        }
        None => facts.push(("read back", Cell::ours("no"))),
    }
    facts.push(("undo", undo(change)));
    facts.extend(change.not_restored.iter().map(|lost| ("not restored", Cell::of(lost))));
    let more =
        |(key, value): &(Untrusted, Untrusted)| ("also", Cell::of(key).and(": ").with(value));
    facts.extend(change.more.iter().map(more));
    for evidence in &change.evidence {
        let said = Cell::of(&evidence.kind).and(format!(", record {}, h ", evidence.seq));
        facts.push(("evidence", said.push(Span::Hash(evidence.h.clone(), 64))));
    }
    facts
}

fn undo(change: &Change) -> Cell {
    let by = |before: &'static str| {
        change.undone_by.iter().enumerate().fold(Cell::ours(before), |cell, (n, number)| {
            if n > 0 { cell.and(", ") } else { cell }.push(Span::Change(*number))
        })
    };
    match (&change.undoes, change.takes_back) {
        (Some(_), Some(of)) => return Cell::ours("takes back ").push(Span::Change(of)),
        (Some(run), None) => return Cell::ours("takes back a change of run ").with(run),
        (None, _) => {}
    }
    match (change.undone, &change.undone_by[..], &change.way_back[..]) {
        (true, ..) => by("undone by "),
        (false, _, []) => Cell::ours("there is no way back"),
        (false, [], _) if !change.fate.counts_as_made() && change.fate != Fate::Unknown => {
            Cell::ours("nothing to undo")
        }
        (false, [], _) => Cell::ours("not undone"),
        (false, ..) => by("not undone as a whole; tried by "),
    }
}

fn differences(name: &'static str, all: &[Difference]) -> Block {
    let or_none =
        |text: &Option<Untrusted>| text.as_ref().map_or_else(|| Cell::ours("(nothing)"), Cell::of);
    let rows = all.iter().map(|d| {
        let cells = vec![Cell::of(&d.at), or_none(&d.before), or_none(&d.after)];
        Row { tone: Tone::Plain, cells }
    });
    Block::Table { name, heads: &["where", "before", "after"], rows: rows.collect() }
}

/// A call's parameters in a line.
fn pairs(params: &Value) -> Untrusted {
    let pairs = params.as_object().into_iter().flatten();
    let pairs: Vec<String> =
        pairs.map(|(key, value)| format!("{key} = {}", words(value).raw())).collect();
    pairs.join("; ").into()
}
