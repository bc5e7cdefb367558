//! The sections of a drill's report.

use serde_json::Value;

use super::{DrillReport, Rests, Row};
use crate::{
    audit::{
        incident::{Facts, words},
        paper::{Block, Cell, Row as TableRow, Span, Tone},
    },
    domain::Untrusted,
    drill::{Item, Mark, Past, Phase, State, left_open},
};

/// Digits of a hash in a table: enough to find the record by.
const DIGITS: usize = 16;

pub fn summary(report: &DrillReport) -> Facts {
    let drill = &report.drill;
    let mut facts: Facts = Vec::new();
    let said = |text: &str| Cell::of(&text.into());
    let list = |texts: Vec<&str>| {
        Cell::list(&texts.into_iter().map(Into::into).collect::<Vec<Untrusted>>())
    };
    match &drill.begun {
        None => facts.push(("first record", state(Tone::Trouble, "not in the log"))),
        Some(begun) => facts.extend([
            ("scenario", said(&begun.scenario)),
            ("title", said(&begun.title)),
            ("quarter", said(&begun.quarter.to_string())),
            (
                "planned",
                Cell::time(Some(begun.window.from))
                    .and(" to ")
                    .push(Span::Time(begun.window.until)),
            ),
            ("operator", said(&begun.operator)),
            ("by a script", Cell::ours(if begun.scripted { "yes" } else { "no" })),
            ("accounts", list(begun.accounts.iter().map(|a| a.as_str()).collect())),
            ("roles", list(begun.roles.iter().map(|r| r.as_str()).collect())),
            ("world began", Cell::time(begun.world_start)),
        ]),
    }
    let end = drill.ended.as_ref();
    facts.extend([
        ("world", list(drill.worlds.iter().map(String::as_str).collect())),
        ("began", both(Some(&drill.first))),
        ("ended", both(end.map(|end| &end.mark))),
        ("first record", record(Some(&drill.first))),
        ("last record", record(Some(&drill.last))),
        ("said at its end", end.map_or_else(Cell::new, |end| Cell::ours(end.result.words()))),
        ("why", end.map_or_else(Cell::new, |end| said(&end.why))),
        ("drill before", report.was.as_ref().map_or_else(Cell::new, |id| said(id.as_str()))),
    ]);
    facts
}

/// By the clock that counts, and by the machine's where that is another.
fn both(mark: Option<&Mark>) -> Cell {
    let Some(mark) = mark else { return Cell::new() };
    let cell = Cell::time(Some(mark.at));
    match mark.written {
        Some(written) if written.duration_since(mark.at).abs().as_secs() > 60 => {
            cell.and(", by the machine's clock ").push(Span::Time(written))
        }
        _ => cell,
    }
}

fn record(mark: Option<&Mark>) -> Cell {
    mark.map_or_else(Cell::new, |mark| {
        Cell::number(mark.seq).and(" ").push(Span::Hash(mark.h.as_str().into(), DIGITS))
    })
}

fn state(tone: Tone, word: &'static str) -> Cell {
    Cell::new().push(Span::State(tone, word))
}

pub fn findings(report: &DrillReport) -> Block {
    if report.verdict.findings.is_empty() {
        return Block::Text(Cell::ours("Nothing."));
    }
    let rows = report.verdict.findings.iter().map(|finding| {
        let (tone, word) = match finding.fails {
            true => (Tone::Trouble, "fails the drill"),
            false => (Tone::Caution, "a finding"),
        };
        let item = finding.item.map_or_else(Cell::new, |i| Cell::number(i.number()));
        let name = finding.item.map_or("The drill as a whole", Item::name);
        let why: Untrusted = finding.why.as_str().into();
        let cells = vec![item, Cell::ours(name), state(tone, word), Cell::of(&why)];
        TableRow { tone, cells }
    });
    Block::Table {
        name: "What keeps it from being passed, or is to be looked after",
        heads: &["no.", "what", "weight", "why"],
        rows: rows.collect(),
    }
}

pub fn objectives(report: &DrillReport) -> Block {
    let drill = &report.drill;
    let planned = drill.begun.iter().flat_map(|begun| &begun.objectives);
    let rows = planned.map(|planned| {
        let met = drill.met.iter().find(|met| met.objective == planned.id);
        let (tone, word) = match met {
            Some(_) => (Tone::Good, "reached"),
            None => (Tone::Trouble, "not reached"),
        };
        let since = met.map(|met| met.mark.at.duration_since(drill.first.at).as_secs());
        let hints = drill.hints.iter().filter(|(objective, _)| *objective == planned.id).count();
        let title: Untrusted = planned.title.as_str().into();
        let cells = vec![
            Cell::ours(planned.phase.name()),
            Cell::of(&title),
            state(tone, word),
            met.map_or_else(Cell::new, |met| Cell::time(Some(met.mark.at))),
            since.map_or_else(Cell::new, Cell::number),
            Cell::number(hints),
            record(met.map(|met| &met.mark)),
        ];
        TableRow { tone, cells }
    });
    Block::Table {
        name: "What was to be reached, and when it was",
        heads: &["phase", "objective", "state", "at", "seconds", "hints", "record"],
        rows: rows.collect(),
    }
}

pub fn score(report: &DrillReport) -> Facts {
    let score = &report.score;
    let name = |phase| match phase {
        Phase::Detect => "seconds to detect",
        Phase::Decide => "seconds to decide",
        Phase::Access => "seconds to access",
        Phase::Contain => "seconds to contain",
        Phase::Verify => "seconds to verify",
    };
    let mut facts: Facts = Vec::new();
    for time in &score.phases {
        let cell = match (time.of, time.seconds) {
            (0, _) => Cell::ours("no objective"),
            (_, Some(seconds)) => Cell::number(seconds),
            (of, None) => Cell::ours(format!("not reached: {} of {of} objectives", time.met)),
        };
        facts.push((name(time.phase), cell));
    }
    facts.extend([
        ("seconds in all", Cell::number(score.seconds)),
        ("objectives reached", Cell::ours(format!("{} of {}", score.reached, score.objectives))),
        ("hints asked for", Cell::number(score.hints)),
        ("unneeded changes", Cell::number(score.unneeded.len())),
        ("of those, taken back", Cell::number(score.taken_back)),
    ]);
    facts
}

pub fn unneeded(report: &DrillReport) -> Option<Block> {
    let rows = report.score.unneeded.iter().map(|change| {
        let number = Cell::new().push(Span::Change(change.change));
        let cells =
            vec![number, Cell::of(&change.call), Cell::of(&change.playbook), Cell::of(&change.run)];
        TableRow { tone: Tone::Caution, cells }
    });
    let rows: Vec<TableRow> = rows.collect();
    let heads = &["change", "call", "playbook", "run"];
    (!rows.is_empty()).then_some(Block::Table { name: "Unneeded changes", heads, rows })
}

pub fn trend(report: &DrillReport) -> Block {
    let number = |n: Option<i64>| n.map_or_else(Cell::new, Cell::number);
    let rows = report.trend.iter().map(|past: &Past| {
        let id: Untrusted = past.id.as_str().into();
        let score = &past.score;
        let by = if past.scripted { "a script" } else { "a person" };
        let mut cells = vec![
            Cell::time(past.began),
            Cell::of(&id),
            Cell::ours(by),
            Cell::ours(past.result.words()),
        ];
        cells.extend(Phase::ALL.map(|phase| number(score.time(phase))));
        cells.extend([
            Cell::ours(format!("{} of {}", score.reached, score.objectives)),
            Cell::number(score.hints),
            Cell::number(score.unneeded.len()),
        ]);
        let tone = if past.id == report.drill.id { Tone::Act } else { Tone::Plain };
        TableRow { tone, cells }
    });
    Block::Table {
        name: "Drills of this scenario in this log, of the same kind",
        heads: &[
            "began",
            "drill",
            "by",
            "result",
            "detect s",
            "decide s",
            "access s",
            "contain s",
            "verify s",
            "objectives",
            "hints",
            "unneeded",
        ],
        rows: rows.collect(),
    }
}

fn tone(state: State) -> Tone {
    match state {
        State::Passed => Tone::Good,
        State::Failed => Tone::Trouble,
        State::Simulated | State::Scripted => Tone::Act,
        State::NotAnswered => Tone::Caution,
        State::NotApplicable => Tone::Plain,
    }
}

pub fn evidence(report: &DrillReport) -> Block {
    let rows = report.evidence.iter().map(|row| {
        let cells = vec![
            Cell::number(row.number),
            Cell::ours(row.name),
            Cell::ours(row.how),
            state(tone(row.state), row.state.words()),
            Cell::of(&row.text),
            match &row.record {
                Some(mark) => record(Some(mark)),
                None => Cell::ours("no record"),
            },
            rests(&row.rests_on),
            Cell::ours(row.fails.unwrap_or("nothing")),
        ];
        TableRow { tone: tone(row.state), cells }
    });
    Block::Table {
        name: "The twenty items",
        heads: &["no.", "item", "how", "state", "details", "record", "rests on", "fails by"],
        rows: rows.collect(),
    }
}

fn rests(on: &[Rests]) -> Cell {
    let mut cell = Cell::new();
    for (n, one) in on.iter().enumerate() {
        cell = if n > 0 { cell.and(", ") } else { cell };
        cell = match one {
            Rests::On { kind, seq, h } => {
                cell.with(kind).and(format!(" {seq} ")).push(Span::Hash(h.as_str().into(), DIGITS))
            }
            Rests::Nowhere { named } => {
                cell.with(named).and(" ").push(Span::State(Tone::Trouble, "not in the log"))
            }
        };
    }
    cell
}

/// The values of one item, and what was said of it before.
pub fn detail(row: &Row, page: &mut Vec<Block>) {
    let values = flat(&row.value);
    if values.is_empty() && row.earlier.is_empty() {
        return;
    }
    let text = Cell::ours(format!("{}. {}", row.number, row.name));
    page.push(Block::Heading { level: 3, id: format!("item-{}", row.number), text });
    let rows = values.iter().map(|(key, value)| TableRow {
        tone: Tone::Plain,
        cells: vec![Cell::of(key), Cell::of(value)],
    });
    let rows: Vec<TableRow> = rows.collect();
    if !rows.is_empty() {
        page.push(Block::Table { name: "What its record says", heads: &["key", "value"], rows });
    }
    let earlier = row.earlier.iter().map(|earlier| TableRow {
        tone: Tone::Plain,
        cells: vec![
            state(tone(earlier.state), earlier.state.words()),
            Cell::of(&earlier.text),
            record(Some(&earlier.record)),
        ],
    });
    let rows: Vec<TableRow> = earlier.collect();
    if !rows.is_empty() {
        let heads = &["state", "what", "record"];
        page.push(Block::Table { name: "What was said of it before", heads, rows });
    }
}

/// Every value with the way to it.
fn flat(value: &Value) -> Vec<(Untrusted, Untrusted)> {
    fn walk(at: &str, value: &Value, found: &mut Vec<(Untrusted, Untrusted)>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                    walk(&at, value, found);
                }
            }
            Value::Array(items) if items.iter().any(|item| !item.is_string()) => {
                for (n, item) in items.iter().enumerate() {
                    walk(&format!("{at}[{}]", n + 1), item, found);
                }
            }
            Value::Array(items) if items.is_empty() => found.push((at.into(), "none".into())),
            Value::Null => {}
            plain => found.push((at.into(), words(plain))),
        }
    }
    let mut found = Vec::new();
    walk("", value, &mut found);
    found
}

pub fn actions(report: &DrillReport) -> Vec<Block> {
    let open = left_open(&report.drill);
    let said = report.drill.latest(Item::Deviations).is_some();
    if open.is_empty() {
        let text = if said { "None is open." } else { "Nobody was asked yet." };
        return vec![Block::Text(Cell::ours(text))];
    }
    let rows = open.iter().map(|action| {
        let texts: [Untrusted; 3] = [
            action.what.as_str().into(),
            action.owner.as_str().into(),
            action.due.to_string().into(),
        ];
        TableRow { tone: Tone::Caution, cells: texts.iter().map(Cell::of).collect() }
    });
    let heads = &["what", "owner", "until"];
    vec![Block::Table { name: "Carried over to the next drill", heads, rows: rows.collect() }]
}

pub fn drift(report: &DrillReport) -> Block {
    if report.was.is_none() {
        return Block::Text(Cell::ours("There is no drill before it in this log to compare with."));
    }
    if report.drift.is_empty() {
        return Block::Text(Cell::ours("Nothing of the roster and of the role."));
    }
    let rows = report.drift.iter().map(|drift| {
        let texts: [Untrusted; 3] =
            [drift.key.as_str().into(), drift.before.as_str().into(), drift.after.as_str().into()];
        let mut cells = vec![Cell::number(drift.item.number()), Cell::ours(drift.item.name())];
        cells.extend(texts.iter().map(Cell::of));
        TableRow { tone: Tone::Caution, cells }
    });
    Block::Table {
        name: "The roster and the role, compared with the drill before",
        heads: &["no.", "what", "key", "before", "now"],
        rows: rows.collect(),
    }
}

pub fn completeness(report: &DrillReport) -> Vec<Block> {
    let rows = report.index.iter().flat_map(|period| {
        let quarter: Untrusted = period.quarter.to_string().into();
        let empty = period.drills.is_empty().then(|| {
            let why = match &period.exception {
                Some(why) => Cell::of(why),
                None => state(Tone::Caution, "no drill and no reason recorded"),
            };
            let cells = vec![Cell::of(&quarter), Cell::new(), Cell::new(), why];
            TableRow { tone: Tone::Caution, cells }
        });
        let drills = period.drills.iter().map(move |drill| {
            let id: Untrusted = drill.id.as_str().into();
            let result = drill.result.map_or("not ended", super::super::Ending::words);
            let cells = vec![
                Cell::of(&quarter),
                Cell::of(&id),
                Cell::time(drill.began),
                Cell::ours(result),
            ];
            TableRow { tone: Tone::Plain, cells }
        });
        empty.into_iter().chain(drills.collect::<Vec<_>>())
    });
    let index = Block::Table {
        name: "The drills of this kind, by quarter",
        heads: &["quarter", "drill", "began", "result"],
        rows: rows.collect(),
    };
    let value = report.drill.latest(Item::Completeness).map(|kept| &kept.evidence.value);
    let Some(value) = value else {
        let none = Cell::ours("The uses of the role were not looked for.");
        return vec![index, Block::Text(none)];
    };
    let window = Cell::ours("Searched from ")
        .with(&words(&value["from"]))
        .and(" to ")
        .with(&words(&value["to"]))
        .with_some(", in ", Some(&words(&value["regions"])));
    let uses = value["uses"].as_array().into_iter().flatten().map(|used| {
        let explained = matches!(used["class"].as_str(), Some("drill" | "incident"));
        let tone = if explained { Tone::Plain } else { Tone::Trouble };
        let keys = ["at", "event_id", "session_name", "class", "why"];
        TableRow { tone, cells: keys.map(|key| Cell::of(&words(&used[key]))).into() }
    });
    let uses = Block::Table {
        name: "Every use of the role that CloudTrail has",
        heads: &["at", "event", "session", "classified", "by what"],
        rows: uses.collect(),
    };
    vec![index, Block::Text(window), uses]
}

/// What wrote the log, and what was run.
pub fn tools(report: &DrillReport) -> Facts {
    let mut facts: Facts = Vec::new();
    if let Some(begun) = &report.drill.begun {
        facts.push(("drilled with", Cell::of(&begun.tool.as_str().into())));
        let binary = begun.binary_sha256.as_deref();
        facts.push(("SHA-256 of the binary", binary.map_or_else(Cell::new, Cell::hash)));
    }
    for playbook in &report.incident.summary.playbooks {
        let said = Cell::of(&playbook.id).and(", SHA-256 ");
        facts.push(("playbook", said.push(Span::Hash(playbook.sha256.clone(), usize::MAX))));
    }
    facts
}
