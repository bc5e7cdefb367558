//! One finding: readable sections, or its JSON as it came.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{Block, Borders, Widget},
};

use super::{
    account, draw_lines,
    page::{self, Page},
    theme::Theme,
    words,
};
use crate::{
    case::overdue,
    domain::{
        AccountId, Untrusted,
        finding::{Finding, Record, State},
        time::age,
        untrusted::display_in,
    },
    model::{Focus, Model},
};

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let block = block(model, theme);
    let inner = block.inner(area);
    block.render(area, buf);
    match model.current() {
        Some(finding) => {
            let lines = lines(model, finding, theme, inner.width.into());
            let most = lines.len().saturating_sub(inner.height.into());
            draw_lines(&lines, model.detail.scroll.min(most), inner, buf);
        }
        None => Line::styled(" No finding is selected.", theme.dim).render(inner, buf),
    }
}

/// Lines of the detail and lines of a page.
pub fn extent(model: &Model, area: Rect) -> (usize, usize) {
    let (lines, inner) = text(model, model.setup.look.theme(), area);
    (lines.len(), inner.height.into())
}

/// The text, and where it stands.
pub fn text(model: &Model, theme: &Theme, area: Rect) -> (Vec<Line<'static>>, Rect) {
    let inner = block(model, theme).inner(area);
    let lines = model.current().map(|f| lines(model, f, theme, inner.width.into()));
    (lines.unwrap_or_default(), inner)
}

fn block<'b>(model: &Model, theme: &Theme) -> Block<'b> {
    let title = if model.detail.raw { " finding, JSON as it came " } else { " finding " };
    let style = if model.focus == Focus::Detail { theme.key } else { theme.dim };
    Block::new().borders(Borders::TOP | Borders::LEFT).border_style(style).title(title)
}

fn lines<'l>(model: &Model, finding: &Finding, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    if model.detail.raw {
        json(finding, theme, width)
    } else {
        Page::new(model, theme, width).readable(finding)
    }
}

impl<'l> Page<'_, 'l> {
    fn readable(mut self, finding: &Finding) -> Vec<Line<'l>> {
        let main = finding.main();
        self.wrapped(&main.title, self.theme.heading);
        self.blank();
        let band = main.severity.band;
        self.styled(
            "severity",
            format!("{} {}", band.name().to_uppercase(), words::number(main)),
            self.theme.band(band),
        );
        self.foreign("type", &main.kind);
        let production = |a: &AccountId| account::production(self.model, a);
        let account = main.account.as_ref().map(|a| format!("{a}{}", production(a)));
        self.optional("account", account);
        let region = main.region.as_ref().map(ToString::to_string);
        let elsewhere = main.detector_region.as_ref().filter(|d| main.region.as_ref() != Some(d));
        self.optional(
            "region",
            region.map(|r| match elsewhere {
                Some(d) => format!("{r} (detected in {d})"),
                None => r,
            }),
        );
        self.foreign("resource", &main.resource);
        self.foreign("actor", &main.actor);
        if main.sample {
            self.styled("sample", "an AWS sample, nothing happened".to_owned(), self.theme.warning);
        }
        self.heading("When");
        self.time("first seen", main.first_seen);
        self.time("last seen", main.last_seen);
        self.time("updated", finding.updated_at());
        self.optional("count", main.count.map(|n| n.to_string()));
        if overdue(finding, self.model.now) {
            let what = "active for more than 24 hours, past the triage rule".to_owned();
            self.styled("triage", what, self.theme.warning);
        }
        self.heading("State");
        for record in finding.records() {
            self.state(record);
        }
        if let Some(kept) = self.model.case.queue.kept_at(finding.key()) {
            let what = format!("from this machine's store, {} old", age(self.model.now, kept));
            self.styled("kept", what, self.theme.warning);
        }
        self.sequence(main);
        if !main.description.is_empty() {
            self.heading("Description");
            self.wrapped(&main.description, Style::new());
        }
        self.heading("Names");
        self.foreign("id", &main.id);
        if let Some(arn) = &main.arn {
            self.foreign("arn", arn);
        }
        if words::is_suspicious(main) {
            self.blank();
            let what = "! This finding's text holds hidden or misleading characters; they are \
                        shown as <U+…> or as pictures.";
            self.wrapped(&Untrusted::from(what), self.theme.trouble);
        }
        self.lines
    }

    fn state(&mut self, record: &Record) {
        match &record.state {
            State::GuardDuty(state) => {
                let word = match state.archived {
                    Some(true) => "archived (later occurrences make it active again)",
                    Some(false) => "active",
                    None => "not said",
                };
                self.text("GuardDuty", word.to_owned());
            }
            State::SecurityHub(hub) => {
                let word = |v: &Option<Untrusted>| {
                    v.as_ref().map_or("not said".to_owned(), |v| display_in(v.raw(), 24))
                };
                let line =
                    format!("workflow {}, record {}", word(&hub.workflow), word(&hub.record_state));
                self.text("Sec. Hub", line);
                if let Some(by) = &hub.note_by {
                    self.text("note by", display_in(by.raw(), 64));
                }
            }
        }
    }

    fn sequence(&mut self, main: &Record) {
        if let Some(sequence) = &main.sequence {
            self.heading("Attack sequence");
            self.foreign("part of", sequence);
        }
        if !main.signals.is_empty() {
            self.heading("Attack sequence");
            self.text("signals", main.signals.len().to_string());
            for signal in main.signals.iter().take(20) {
                self.foreign("", signal);
            }
        }
    }
}

/// Each service's JSON, re-indented but with nothing changed, added or left out.
fn json<'l>(finding: &Finding, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let mut lines = Vec::new();
    for record in finding.records() {
        lines.push(Line::styled(format!(" {}", words::source(record.source)), theme.label));
        page::pretty(&record.raw, width, &mut lines);
        lines.push(Line::default());
    }
    lines
}
