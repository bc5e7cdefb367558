//! The audit pane: the log's records, newest first, and unknown outcomes before all.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{draw_row, theme::Theme, words};
use crate::{
    audit::{Kind, Record},
    domain::untrusted::display_in,
    model::Model,
};

pub fn summary(model: &Model) -> String {
    let ledger = &model.ledger;
    let mut parts = vec![format!(
        "{} of {} records",
        words::count(ledger.rows.len()),
        words::count(ledger.records.len())
    )];
    if !ledger.unknown.is_empty() {
        parts.push(format!("{} OUTCOMES UNKNOWN: press b to read back", ledger.unknown.len()));
    }
    parts.extend(ledger.run.as_ref().map(|run| format!("run {}", display_in(run, 40))));
    if !model.ledger_filter.is_empty() {
        parts.push(format!("“{}”", display_in(&model.ledger_filter, 30)));
    }
    let read = ledger.read_at.map(|at| words::as_of(at, model.now, &model.zone));
    parts.extend(read.map(|read| format!("read {read}")));
    parts.extend(ledger.verified.clone());
    parts.extend(ledger.proved.clone());
    parts.join(" · ")
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let zone = words::zone(model.now, &model.zone);
    let heading = format!(
        " {} {} {} WHAT",
        "   SEQ",
        words::pad(&format!("TIME {zone}"), 19),
        words::pad("KIND", 13)
    );
    Line::styled(heading, theme.label).render(Rect { height: 1, ..area }, buf);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let rows = model.ledger.rows.iter().enumerate().skip(model.ledger.top);
    for ((at, place), y) in rows.zip(body.y..body.bottom()) {
        let line = Rect { y, height: 1, ..body };
        let record = &model.ledger.records[*place];
        draw_row(&row(model, theme, record, usize::from(area.width)), line, buf);
        if at == model.ledger.cursor {
            buf.set_style(line, theme.selected);
        }
    }
}

fn row<'l>(model: &Model, theme: &Theme, record: &Record, width: usize) -> Line<'l> {
    let at = record.text("ts_utc").and_then(|t| t.parse::<jiff::Timestamp>().ok());
    let at = at.map(|t| words::day_and_second(t, &model.zone)).unwrap_or_default();
    let kind = record.text("kind").unwrap_or("?");
    let unknown = model.ledger.unknown.iter().any(|i| Some(i.corr.as_str()) == record.corr());
    let style = match record.kind() {
        Some(Kind::Intent) if unknown => theme.trouble,
        Some(Kind::Intent | Kind::Outcome | Kind::Readback) => theme.heading,
        Some(Kind::Refusal | Kind::Recovered) => theme.warning,
        _ => theme.dim,
    };
    let mut what = what(record, unknown);
    let account = record.value["op"]["account"].as_str().and_then(|a| a.parse().ok());
    if account.is_some_and(|account| model.is_production(&account)) {
        what = format!("PRODUCTION {what}");
    }
    Line::from(vec![
        Span::styled(format!(" {:>6} {} ", record.seq, words::pad(&at, 19)), theme.dim),
        Span::styled(words::pad(kind, 13), style),
        Span::styled(format!(" {}", display_in(&what, width.saturating_sub(43))), style),
    ])
}

/// What a record says, in a few words.
pub fn what(record: &Record, unknown: bool) -> String {
    let text = |key: &str| record.text(key).unwrap_or_default().to_owned();
    let value = &record.value;
    let said = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    match record.kind() {
        Some(Kind::Intent) => {
            let mark = if unknown { "UNKNOWN OUTCOME: " } else { "" };
            let op = &value["op"];
            format!(
                "{mark}{}:{} {} {} in {}",
                said(&op["service"]),
                said(&op["name"]),
                text("step"),
                op["params"],
                said(&op["account"])
            )
        }
        Some(Kind::Outcome) => {
            let result = &value["result"];
            format!("{} {} {}", text("step"), said(&result["state"]), said(&result["request_id"]))
        }
        Some(Kind::Readback) => format!("{} {}", text("step"), text("state")),
        Some(Kind::Step) => {
            format!("{} {} {} {}", text("step"), text("state"), text("what"), text("why"))
        }
        Some(Kind::Armed) => {
            let incident = &value["incident"];
            format!("{}: {}", said(&incident["id"]), said(&incident["title"]))
        }
        Some(Kind::RunStart) => {
            format!("{} {} {}", text("run"), said(&value["playbook"]["id"]), value["inputs"])
        }
        Some(Kind::RunEnd) => format!("{} {}", text("run"), text("state")),
        _ => ["why", "text", "to"].iter().map(|k| text(k)).collect::<Vec<_>>().join(" "),
    }
}
