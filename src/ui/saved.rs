//! The list of filters that were saved, each with what it shows.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{draw_lines, layout::middle, list::filter_words, theme::Theme, words::pad};
use crate::{domain::untrusted::display_in, model::Model};

const NAME: usize = 20;

/// The place of the list, and of its lines within.
fn place(model: &Model, screen: Rect) -> (Rect, Rect) {
    let width = screen.width.saturating_sub(4).min(100);
    let height = (model.saved.len().max(1) as u16 + 3).min(screen.height);
    let area = middle(width, height, screen);
    let inner = Block::bordered().inner(area);
    (area, Rect { height: inner.height.saturating_sub(1), ..inner })
}

pub fn area(model: &Model, screen: Rect) -> Rect {
    place(model, screen).0
}

/// The line of it that is drawn in this cell.
pub fn line_at(model: &Model, at: usize, screen: Rect, x: u16, y: u16) -> Option<usize> {
    let (_, list) = place(model, screen);
    let line = first(at, list) + usize::from(y.checked_sub(list.y)?);
    (list.contains((x, y).into()) && line < model.saved.len()).then_some(line)
}

/// The first line that is shown.
fn first(at: usize, list: Rect) -> usize {
    (at + 1).saturating_sub(usize::from(list.height))
}

pub fn draw(model: &Model, theme: &Theme, at: usize, screen: Rect, buf: &mut Buffer) {
    let (area, list) = place(model, screen);
    let block = Block::bordered().border_style(theme.key).title(" saved filters ");
    let inner = block.inner(area);
    Clear.render(area, buf);
    block.render(area, buf);
    let room = usize::from(inner.width).saturating_sub(NAME + 3);
    let skip = first(at, list);
    let line = |saved: &crate::model::SavedFilter| {
        let order = if saved.view.reverse { ", reversed" } else { "" };
        let order = format!("by {}{order}", saved.view.sort.name());
        let words = [filter_words(&saved.view.filter), vec![order]].concat().join(" · ");
        Line::from(vec![
            Span::styled(format!(" {} ", pad(&saved.name, NAME)), theme.label),
            Span::raw(display_in(&words, room)),
        ])
    };
    let lines: Vec<Line<'_>> = model.saved.iter().map(line).collect();
    draw_lines(&lines, skip, list, buf);
    if at >= skip && at < lines.len() {
        let y = list.y + (at - skip) as u16;
        buf.set_style(Rect { y, height: 1, ..list }, theme.selected);
    }
    let last = Rect { y: inner.bottom().saturating_sub(1), height: 1.min(inner.height), ..inner };
    Line::styled(" Enter uses it · x drops it · Esc closes", theme.dim).render(last, buf);
}
