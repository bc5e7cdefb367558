//! The sections of the page, in their order.

use crate::{
    audit::{
        incident::{IncidentReport, Mark, Moment, Run, Step, drawing},
        paper::{Block, Cell, Row, Span, Tone},
    },
    domain::Untrusted,
};

pub type Facts = Vec<(&'static str, Cell)>;

/// The whole page, without its title and its end.
pub fn all(report: &IncidentReport) -> Vec<Block> {
    let mut page = report.alarm_blocks();
    page.push(heading("summary", "Summary"));
    page.push(Block::Facts(summary(report)));
    page.push(heading("open", "Open points"));
    page.push(open(report));
    timeline(report, &mut page);
    changes(report, &mut page);
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
    integrity(report, &mut page);
    page
}

/// What happened, as a picture and as a table.
pub fn timeline(report: &IncidentReport, page: &mut Vec<Block>) {
    page.push(heading("timeline", "Timeline"));
    page.push(Block::Text(Cell::ours(
        "Times are UTC, by the clock of the machine that wrote; of what was marked, by its own. \
         The hash is the beginning of the record's h.",
    )));
    page.push(Block::Drawing(drawing::draw(report)));
    page.push(moments(&report.moments));
}

/// Every change with what became of it.
pub fn changes(report: &IncidentReport, page: &mut Vec<Block>) {
    page.push(heading("changes", "Changes"));
    if report.changes.is_empty() {
        page.push(Block::Text(Cell::ours("Nobody consented to a change.")));
    }
    for change in &report.changes {
        super::changes::put(change, page);
    }
}

/// What verifying each log found.
pub fn integrity(report: &IncidentReport, page: &mut Vec<Block>) {
    page.push(heading("integrity", "Integrity"));
    page.push(Block::Text(Cell::ours(
        "How to check a log, a head and this report: docs/AUDIT-LOG.md.",
    )));
    for log in &report.logs {
        let text = Cell::ours(format!("Log {}: ", log.number)).with(&log.file);
        page.push(Block::Heading { level: 3, id: format!("log-{}", log.number), text });
        page.push(Block::Facts(super::integrity::facts(log)));
    }
}

fn heading(id: &str, text: &'static str) -> Block {
    Block::Heading { level: 2, id: id.to_owned(), text: Cell::ours(text) }
}

fn summary(report: &IncidentReport) -> Facts {
    let summary = &report.summary;
    let titles = summary.titles.iter().map(|title| ("title", Cell::of(title)));
    let reasons = summary.reasons.iter().map(|reason| ("reason", Cell::of(reason)));
    let mut facts: Facts = titles.chain(reasons).collect();
    facts.extend([
        ("from", Cell::time(summary.from)),
        ("to", Cell::time(summary.to)),
        ("accounts", Cell::list(&summary.accounts)),
        ("regions", Cell::list(&summary.regions)),
        ("world", Cell::list(&summary.worlds)),
    ]);
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

fn open(report: &IncidentReport) -> Block {
    if report.open.is_empty() {
        return Block::Text(Cell::ours("None."));
    }
    let rows = report.open.iter().map(|open| {
        let change = open.change.map_or_else(Cell::new, |n| Cell::new().push(Span::Change(n)));
        let kind = Cell::new().push(Span::State(Tone::Caution, open.kind));
        Row { tone: Tone::Caution, cells: vec![kind, change, Cell::of(&open.what)] }
    });
    Block::Table {
        name: "What somebody still has to look after",
        heads: &["kind", "change", "what"],
        rows: rows.collect(),
    }
}

fn moments(moments: &[Moment]) -> Block {
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
            moment.log.map_or_else(Cell::new, Cell::number),
            record,
            Cell::new().push(Span::State(moment.tone, moment.label)),
            Cell::of(&moment.who),
            details.with(&moment.what),
            Cell::new().push(Span::Hash(moment.hash.clone(), 16)),
        ];
        Row { tone: moment.tone, cells }
    });
    let heads = &["time", "log", "record", "what", "who", "details", "hash"];
    Block::Table { name: "What happened, in the order of time", heads, rows: rows.collect() }
}

fn run(number: usize, run: &Run, page: &mut Vec<Block>) {
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
        let (tone, state) = step_state(step, run);
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

fn step_state(step: &Step, run: &Run) -> (Tone, Cell) {
    let (tone, word) = match step.state.as_ref().map(Untrusted::raw) {
        Some("done") => (Tone::Good, "done"),
        Some("skipped") => (Tone::Caution, "skipped"),
        Some("failed") => (Tone::Trouble, "failed"),
        Some("unknown") => (Tone::Caution, "unknown"),
        Some("unconfirmed") => (Tone::Caution, "unconfirmed"),
        Some(other) => return (Tone::Caution, Cell::of(&other.into())),
        // Of a step with nothing to do there is no record.
        None if run.state.as_ref().is_some_and(|state| state.raw() == "done") => {
            (Tone::Plain, "nothing to do")
        }
        None => (Tone::Plain, "not reached"),
    };
    (tone, Cell::new().push(Span::State(tone, word)))
}

fn marks(marks: &[Mark]) -> Block {
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
    Block::Table { name: "What somebody marked", heads, rows: rows.collect() }
}
