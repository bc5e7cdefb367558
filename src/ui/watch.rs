//! Whoever is watched: under the run that contained them, in a list of its own, and in the
//! footer wherever the operator is.

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{draw_lines, layout::stage, theme::Theme, words};
use crate::{
    case::{Over, Standing, Tone, Watch},
    model::Model,
};

fn style(tone: Tone, theme: &Theme) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Dim => theme.dim,
        Tone::Good => theme.good,
        Tone::Warning => theme.warning,
        Tone::Loud => theme.trouble,
    }
}

fn wrapped<'l>(text: &str, indent: usize, width: usize, style: Style, lines: &mut Vec<Line<'l>>) {
    let room = width.saturating_sub(indent + 1).max(10);
    for part in textwrap::wrap(text, room) {
        lines.push(Line::styled(format!("{}{part}", " ".repeat(indent)), style));
    }
}

/// Everything about one watch.
fn whole<'l>(model: &Model, theme: &Theme, watch: &Watch, width: usize, lines: &mut Vec<Line<'l>>) {
    let when = |at: Timestamp| words::second(at, &model.zone);
    wrapped(&format!("Watch: {}", watch.title(&when)), 1, width, theme.label, lines);
    for said in watch.lines(model.now, &when) {
        wrapped(&said.text, 4, width, style(said.tone, theme), lines);
    }
}

/// The watches that a run began, below its steps.
pub fn of_run<'l>(model: &Model, theme: &Theme, run: &str, width: usize) -> Vec<Line<'l>> {
    let mut lines = Vec::new();
    for watch in model.case.watches.iter().filter(|w| w.run.as_deref() == Some(run)) {
        lines.push(Line::default());
        whole(model, theme, watch, width, &mut lines);
    }
    lines
}

/// A word for the list and the footer.
fn word(watch: &Watch) -> (&'static str, Tone) {
    let loud = if watch.should_refuse_all() { Tone::Loud } else { Tone::Warning };
    match (watch.standing(), watch.should_refuse_all()) {
        (Standing::Waiting, _) => ("waiting", Tone::Dim),
        (Standing::Quiet, _) => ("no call seen", Tone::Plain),
        (Standing::Unsearched, _) => ("not searched", Tone::Warning),
        (Standing::Denied, _) => ("denied", Tone::Good),
        (Standing::Mixed | Standing::StillAllowed, true) => ("STILL ALLOWED", loud),
        (Standing::Mixed | Standing::StillAllowed, false) => ("goes on", loud),
    }
}

/// `watch 2 denied, 1 STILL ALLOWED`: those that are not over, and none that is quiet about
/// a call that still goes through.
pub fn health<'l>(model: &Model, theme: &Theme) -> Vec<Span<'l>> {
    let alive = model.case.watches.iter().filter(|w| w.over.is_none());
    let mut counts: Vec<(&str, Tone, usize)> = Vec::new();
    for watch in alive {
        let (word, tone) = word(watch);
        match counts.iter_mut().find(|(w, ..)| *w == word) {
            Some((.., n)) => *n += 1,
            None => counts.push((word, tone, 1)),
        }
    }
    if counts.is_empty() {
        return Vec::new();
    }
    let mut spans = vec![Span::styled("watch", theme.label)];
    let several = counts.iter().map(|(.., n)| n).sum::<usize>() > 1;
    for (at, (word, tone, n)) in counts.into_iter().enumerate() {
        let number = if several { format!("{n} ") } else { String::new() };
        let comma = if at > 0 { ", " } else { " " };
        spans.push(Span::styled(comma, theme.dim));
        spans.push(Span::styled(format!("{number}{word}"), style(tone, theme)));
    }
    spans
}

pub fn area(screen: Rect) -> Rect {
    let (dx, dy) = (screen.width / 20, 1.min(screen.height / 8));
    Rect {
        x: screen.x + dx,
        y: screen.y + dy,
        width: screen.width - 2 * dx,
        height: screen.height - 2 * dy,
    }
}

/// Lines of the list.
pub fn rows(model: &Model) -> usize {
    model.case.watches.len()
}

/// The place of the list, and the first line shown.
fn list(model: &Model, at: usize, inner: Rect) -> (Rect, usize) {
    let most = (rows(model) as u16).min((inner.height / 3).max(1));
    (Rect { height: most, ..inner }, (at + 1).saturating_sub(usize::from(most)))
}

/// The line of the list that is drawn in this cell, where `at` is under the cursor.
pub fn line_at(model: &Model, at: usize, x: u16, y: u16) -> Option<usize> {
    let (list, skip) = list(model, at, Block::bordered().inner(area(stage(model))));
    let line = skip + usize::from(y.checked_sub(list.y)?);
    (list.contains((x, y).into()) && line < rows(model)).then_some(line)
}

/// The list, and below it everything about the one under the cursor.
pub fn draw(model: &Model, theme: &Theme, at: usize, screen: Rect, buf: &mut Buffer) {
    let area = area(screen);
    Clear.render(area, buf);
    let block = Block::bordered().border_style(theme.key).title(" watches, newest first ");
    let inner = block.inner(area);
    block.render(area, buf);
    let width = usize::from(inner.width);
    let (list, skip) = list(model, at, inner);
    let most = list.height;
    let lines: Vec<Line<'_>> = model.watches().map(|w| row(w, theme, width)).collect();
    draw_lines(&lines, skip, list, buf);
    if at >= skip && at < lines.len() {
        let y = list.y + (at - skip) as u16;
        buf.set_style(Rect { y, height: 1, ..list }, theme.selected);
    }
    let below = Rect { y: inner.y + most, height: inner.height.saturating_sub(most + 1), ..inner };
    let mut text = vec![Line::default()];
    if let Some(watch) = model.watches().nth(at) {
        whole(model, theme, watch, width, &mut text);
    }
    let room = usize::from(below.height);
    if text.len() > room {
        text.truncate(room.saturating_sub(1));
        text.push(Line::styled("    … there is more: it needs a larger terminal", theme.dim));
    }
    draw_lines(&text, 0, below, buf);
    let keys = Line::styled(" + 30m more · x stop · e its events · Esc closes", theme.dim);
    let last = Rect { y: inner.bottom().saturating_sub(1), height: 1.min(inner.height), ..inner };
    keys.render(last, buf);
}

fn row<'l>(watch: &Watch, theme: &Theme, width: usize) -> Line<'l> {
    let (word, tone) = word(watch);
    let over = match &watch.over {
        None => "",
        Some(Over::Time) => " (over)",
        Some(Over::Stopped(_)) => " (stopped)",
    };
    let room = width.saturating_sub(28);
    Line::from(vec![
        Span::styled(format!(" {} ", words::pad(&format!("{word}{over}"), 24)), style(tone, theme)),
        Span::raw(words::pad(&format!("{} in {}", watch.who, watch.account), room)),
    ])
}
