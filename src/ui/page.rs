//! A page of labelled values, wrapped under themselves.

use jiff::Timestamp;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{theme::Theme, words};
use crate::{
    domain::{
        Untrusted,
        time::age,
        untrusted::{display_in, is_suspicious},
    },
    model::Model,
};

/// A value longer than this is cut; the JSON form shows more of it.
const VALUE_CELLS: usize = 2_000;
/// A line of JSON longer than this is cut, and says by how much.
const JSON_CELLS: usize = 8_000;
const LABEL: usize = 12;

pub struct Page<'a, 'l> {
    pub model: &'a Model,
    pub theme: &'a Theme,
    pub width: usize,
    pub lines: Vec<Line<'l>>,
}

impl<'a, 'l> Page<'a, 'l> {
    pub fn new(model: &'a Model, theme: &'a Theme, width: usize) -> Self {
        Self { model, theme, width, lines: Vec::new() }
    }

    pub fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    pub fn heading(&mut self, name: &'static str) {
        self.blank();
        self.lines.push(Line::styled(format!(" {name}"), self.theme.label));
    }

    pub fn time(&mut self, label: &str, at: Option<Timestamp>) {
        let shown = at.map(|at| {
            format!("{} ({})", words::when(at, &self.model.zone), age(self.model.now, at))
        });
        self.optional(label, shown);
    }

    pub fn foreign(&mut self, label: &str, value: &Untrusted) {
        let shown =
            if value.is_empty() { "-".to_owned() } else { display_in(value.raw(), VALUE_CELLS) };
        let style = if is_suspicious(value.raw()) { self.theme.trouble } else { Style::new() };
        self.styled(label, shown, style);
    }

    pub fn optional(&mut self, label: &str, value: Option<String>) {
        self.text(label, value.unwrap_or_else(|| "-".to_owned()));
    }

    pub fn text(&mut self, label: &str, value: String) {
        self.styled(label, value, Style::new());
    }

    /// A labelled value; `value` is sanitised already. Wraps under itself.
    pub fn styled(&mut self, label: &str, value: String, style: Style) {
        self.labelled(label, self.theme.dim, value, style);
    }

    /// The same with a label that stands out.
    pub fn labelled(&mut self, label: &str, of_label: Style, value: String, style: Style) {
        let room = self.width.saturating_sub(LABEL + 1).max(8);
        for (i, part) in textwrap::wrap(&value, room).into_iter().enumerate() {
            let label = if i == 0 { label } else { "" };
            self.lines.push(Line::from(vec![
                Span::styled(format!(" {}", words::pad(label, LABEL)), of_label),
                Span::styled(part.into_owned(), style),
            ]));
        }
    }

    pub fn wrapped(&mut self, value: &Untrusted, style: Style) {
        let shown = display_in(value.raw(), VALUE_CELLS);
        for part in textwrap::wrap(&shown, self.width.saturating_sub(2).max(8)) {
            self.lines.push(Line::styled(format!(" {part}"), style));
        }
    }
}

/// JSON re-indented, with nothing changed, added or left out; as it is where it cannot be
/// read.
pub fn pretty(raw: &str, width: usize, lines: &mut Vec<Line<'_>>) {
    let pretty = serde_json::from_str::<serde_json::Value>(raw)
        .and_then(|v| serde_json::to_string_pretty(&v))
        .unwrap_or_else(|_| raw.to_owned());
    for line in pretty.lines() {
        let shown = display_in(line, JSON_CELLS);
        let indent = shown.len() - shown.trim_start().len() + 1;
        let options = textwrap::Options::new(width.saturating_sub(indent).max(8))
            .initial_indent(" ")
            .subsequent_indent(" ")
            .word_separator(textwrap::WordSeparator::AsciiSpace);
        for part in textwrap::wrap(shown.trim_start(), options) {
            lines.push(Line::raw(format!("{}{part}", " ".repeat(indent - 1))));
        }
    }
}
