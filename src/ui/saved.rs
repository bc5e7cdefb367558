//! The list of filters that were saved, each with what it shows.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Widget},
};

use super::{boxed, draw_lines, list::filter_words, theme::Theme, words::pad};
use crate::{domain::untrusted::display_in, model::Model};

const NAME: usize = 20;

pub fn draw(model: &Model, theme: &Theme, at: usize, screen: Rect, buf: &mut Buffer) {
    let width = screen.width.saturating_sub(4).min(100);
    let height = (model.saved.len().max(1) as u16 + 3).min(screen.height);
    let block = Block::bordered().border_style(theme.key).title(" saved filters ");
    let inner = boxed(block, width, height, screen, buf);
    let room = usize::from(inner.width).saturating_sub(NAME + 3);
    let page = usize::from(inner.height).saturating_sub(1);
    let skip = (at + 1).saturating_sub(page);
    let list = Rect { height: page as u16, ..inner };
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
