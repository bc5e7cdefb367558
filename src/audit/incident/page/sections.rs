//! The sections of the page, in their order.

use serde_json::Value;

use super::{Block, Cell, Row, Span};
use crate::{
    audit::incident::{
        Change, Fate, IncidentReport, LogPart, Mark, Moment, Run, Step, Tone, diff::Difference,
        run::words,
    },
    domain::Untrusted,
};

type Facts = Vec<(&'static str, Cell)>;

pub fn all(report: &IncidentReport) -> Vec<Block<'_>> {
    let mut page: Vec<Block<'_>> = report.alarms.iter().map(Block::Alarm).collect();
    page.push(heading("summary", "Summary"));
    page.push(Block::Facts(summary(report)));
    page.push(heading("open", "Open points"));
    page.push(open(report));
    page.push(heading("timeline", "Timeline"));
    page.push(Block::Text(Cell::ours(
        "Times are UTC, by the clock of the machine that wrote; of what was marked, by its own. \
         The hash is the beginning of the record's h.",
    )));
    page.push(Block::Drawing);
    page.push(timeline(&report.moments));
    page.push(heading("changes", "Changes"));
    if report.changes.is_empty() {
        page.push(Block::Text(Cell::ours("Nobody consented to a change.")));
    }
    for change in &report.changes {
        self::change(change, &mut page);
    }
    if !report.runs.is_empty() {
        page.push(heading("runs", "Runs"));
    }
    for (n, run) in report.runs.iter().enumerate() {
        self::run(n + 1, run, &mut page);
    }
    if !report.marks.is_empty() {
        page.push(heading("marked", "Marked as evidence"));
        page.push(Block::Text(Cell::ours("What each said when it was marked.")));
        page.push(marks(&report.marks));
    }
    page.push(heading("integrity", "Integrity"));
    page.push(Block::Text(Cell::ours(
        "How to check a log, a head and this report: docs/AUDIT-LOG.md.",
    )));
    for log in &report.logs {
        let text = Cell::ours(format!("Log {}: ", log.number)).with(&log.file);
        page.push(Block::Heading { level: 3, id: format!("log-{}", log.number), text });
        page.push(Block::Facts(self::log(log)));
    }
    page
}

fn heading(id: &str, text: &'static str) -> Block<'static> {
    Block::Heading { level: 2, id: id.to_owned(), text: Cell::ours(text) }
}

fn summary(report: &IncidentReport) -> Facts {
    let summary = &report.summary;
    let mut facts = vec![
        ("title", Cell::list(&summary.titles)),
        ("reason", Cell::list(&summary.reasons)),
        ("from", Cell::time(summary.from)),
        ("to", Cell::time(summary.to)),
        ("accounts", Cell::list(&summary.accounts)),
        ("regions", Cell::list(&summary.regions)),
        ("world", Cell::list(&summary.worlds)),
    ];
    for operator in &summary.operators {
        let logs: Vec<String> = operator.logs.iter().map(ToString::to_string).collect();
        let said = Cell::of(&operator.name)
            .with_some(", on the machine ", Some(&operator.os_user))
            .and(format!("; consented to {}; log {}", operator.changes, logs.join(", ")));
        facts.push(("operator", said));
    }
    for playbook in &summary.playbooks {
        let said = Cell::of(&playbook.id).and(", SHA-256 ");
        facts.push(("playbook", said.push(Span::Hash(playbook.sha256.clone(), usize::MAX))));
    }
    facts.extend(summary.counts.rows().map(|(what, n)| (what, Cell::number(n))));
    facts
}

fn open(report: &IncidentReport) -> Block<'static> {
    if report.open.is_empty() {
        return Block::Text(Cell::ours("None."));
    }
    let rows = report.open.iter().map(|open| {
        let change = open.change.map_or_else(Cell::new, |n| Cell::new().push(Span::Change(n)));
        let kind = Cell::new().push(Span::State(Tone::Caution, open.kind));
        Row { tone: Tone::Caution, cells: vec![kind, change, Cell::of(&open.what)] }
    });
    Block::Table { name: "Open points", heads: &["kind", "change", "what"], rows: rows.collect() }
}

fn timeline(moments: &[Moment]) -> Block<'static> {
    let rows = moments.iter().map(|moment| {
        let time = match moment.server_date {
            Some(server) => Cell::time(moment.at).and("; by AWS ").push(Span::Time(server)),
            None => Cell::time(moment.at),
        };
        let mut record = Cell::number(moment.seq);
        if !moment.verified {
            record = record.and(" ").push(Span::State(Tone::Trouble, "not verified"));
        }
        let mut details = Cell::new();
        if let Some(change) = moment.change {
            details = details.push(Span::Change(change)).and(": ");
        }
        let cells = vec![
            time,
            moment.log.map_or_else(|| Cell::ours("marked"), Cell::number),
            record,
            Cell::new().push(Span::State(moment.tone, moment.label)),
            Cell::of(&moment.who),
            details.with(&moment.what),
            Cell::new().push(Span::Hash(moment.hash.clone(), 16)),
        ];
        Row { tone: moment.tone, cells }
    });
    let heads = &["time", "log", "record", "what", "who", "details", "hash"];
    Block::Table { name: "Timeline", heads, rows: rows.collect() }
}

pub fn tone(fate: Fate) -> Tone {
    match fate {
        Fate::Done => Tone::Good,
        Fate::Partial | Fate::Unconfirmed | Fate::Unknown => Tone::Caution,
        Fate::NotDone | Fate::Failed | Fate::NotSent => Tone::Trouble,
    }
}

fn change(change: &Change, page: &mut Vec<Block<'_>>) {
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
    let mut facts = vec![
        ("became", Cell::new().push(state)),
        ("decided by", Cell::of(&change.who)),
        ("when", Cell::time(change.at)),
        ("ceremony", Cell::of(&change.ceremony)),
        ("risk", Cell::of(&change.risk)),
        ("mode", Cell::of(&change.mode)),
        ("region", Cell::of(&change.region)),
        ("run and step", Cell::of(&change.run).with_some(", ", Some(&change.step))),
        ("parameters", Cell::of(&words(&change.params))),
    ];
    if !change.verified {
        let doubt = Span::State(Tone::Trouble, "its record does not verify");
        facts.push(("record", Cell::new().push(doubt)));
    }
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

fn differences(name: &'static str, all: &[Difference]) -> Block<'static> {
    let or_none =
        |text: &Option<Untrusted>| text.as_ref().map_or_else(|| Cell::ours("(nothing)"), Cell::of);
    let rows = all.iter().map(|d| {
        let cells = vec![Cell::of(&d.at), or_none(&d.before), or_none(&d.after)];
        Row { tone: Tone::Plain, cells }
    });
    Block::Table { name, heads: &["where", "before", "after"], rows: rows.collect() }
}

fn run(number: usize, run: &Run, page: &mut Vec<Block<'_>>) {
    let text = Cell::ours("Run ").with(&run.id).with_some(" of ", Some(&run.playbook));
    page.push(Block::Heading { level: 3, id: format!("run-{number}"), text });
    let mut inputs = Cell::new();
    for (n, (key, value)) in run.inputs.iter().enumerate() {
        inputs = if n > 0 { inputs.and("; ") } else { inputs }.with(key).and(" = ").with(value);
    }
    let state = match &run.state {
        Some(state) => Cell::of(state),
        None => Cell::new().push(Span::State(Tone::Caution, "never ended")),
    };
    let mut facts = vec![
        ("log", Cell::number(run.log)),
        ("by", Cell::of(&run.who)),
        ("began", Cell::time(run.began)),
        ("ended", Cell::time(run.ended)),
        ("state", state),
        ("inputs", inputs),
    ];
    if !run.sha256.is_empty() {
        facts.push(("playbook's SHA-256", Cell::hash(run.sha256.raw())));
    }
    if let Some(undoes) = &run.undoes {
        facts.push(("takes back run", Cell::of(undoes)));
    }
    page.push(Block::Facts(facts));
    let rows = run.steps.iter().map(|step| {
        let (tone, state) = step_state(step);
        let why = Cell::new().with_some("answered ", step.answer.as_ref());
        let between = if step.answer.is_some() { "; " } else { "" };
        let cells = vec![
            Cell::of(&step.id),
            Cell::of(&step.kind),
            Cell::of(&step.what),
            state,
            why.with_some(between, step.why.as_ref()),
        ];
        Row { tone, cells }
    });
    let heads = &["step", "kind", "what", "state", "why"];
    page.push(Block::Table { name: "The plan and what became of it", heads, rows: rows.collect() });
}

fn step_state(step: &Step) -> (Tone, Cell) {
    let (tone, word) = match step.state.as_ref().map(Untrusted::raw) {
        Some("done") => (Tone::Good, "done"),
        Some("skipped") => (Tone::Caution, "skipped"),
        Some("failed") => (Tone::Trouble, "failed"),
        Some("unknown") => (Tone::Caution, "unknown"),
        Some("unconfirmed") => (Tone::Caution, "unconfirmed"),
        Some(other) => return (Tone::Caution, Cell::of(&other.into())),
        None => (Tone::Plain, "not reached"),
    };
    (tone, Cell::new().push(Span::State(tone, word)))
}

fn marks(marks: &[Mark]) -> Block<'static> {
    let rows = marks.iter().map(|mark| {
        let account: Untrusted = mark.account.as_deref().unwrap_or_default().into();
        let cells = vec![
            Cell::time(mark.at),
            Cell::new().push(Span::State(Tone::Marked, mark.what)),
            Cell::of(&mark.sentence()),
            mark.principal.as_ref().map_or_else(Cell::new, Cell::of),
            Cell::of(&account).with_some(" ", mark.region.as_ref()),
            Cell::time(Some(mark.marked_at)).and(" by ").with(&mark.marked_by),
            mark.id.as_ref().map_or_else(Cell::new, Cell::of),
            Cell::hash(&mark.sha256),
        ];
        Row { tone: Tone::Marked, cells }
    });
    let heads = &["time", "what", "said", "who", "where", "marked", "id", "SHA-256"];
    Block::Table { name: "Marked as evidence", heads, rows: rows.collect() }
}

fn log(log: &LogPart) -> Facts {
    let verify = &log.verify;
    let said = |key: &str| words(&verify[key]);
    let each = |key: &str| verify[key].as_array().cloned().unwrap_or_default();
    let tone = match log.verify["exit_code"].as_u64() {
        Some(0) => (Tone::Good, "intact"),
        Some(12) => (Tone::Trouble, "NOT WHAT WAS WRITTEN"),
        Some(13) => (Tone::Trouble, "UNREADABLE"),
        _ => (Tone::Caution, "intact, not to its end"),
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
