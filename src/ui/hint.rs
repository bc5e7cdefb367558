//! What may follow on the keys that were pressed.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};
use unicode_width::UnicodeWidthStr;

use super::{draw_lines, theme::Theme, words};
use crate::{
    input::Keys,
    model::{Model, available},
};

/// A box above the footer, at the right; nothing where no keys were begun with.
pub fn draw(model: &Model, theme: &Theme, footer: Rect, buf: &mut Buffer) {
    let follows = model.keymap.follows(model.scopes(), &model.begun);
    if model.begun.is_empty() || follows.is_empty() {
        return;
    }
    let begun: Vec<String> = model.begun.iter().map(ToString::to_string).collect();
    let keys = follows.iter().map(|(keys, _)| keys.to_string().width()).max().unwrap_or(0);
    let most = follows.iter().map(|(_, c)| c.info().help.width()).max().unwrap_or(0);
    let width = footer.width.min((keys + most + 6) as u16);
    // The first line says what may be done, and as whom: it is never covered.
    let height = footer.y.saturating_sub(1).min(follows.len() as u16 + 2);
    let area = Rect { x: footer.right() - width, y: footer.y - height, width, height };
    Clear.render(area, buf);
    let title = format!(" {} … (esc: none of them) ", begun.join(" "));
    let block = Block::bordered().border_style(theme.key).title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    let room = usize::from(inner.width).saturating_sub(keys + 3);
    let line = |(keys_left, command): &(Keys, _)| {
        let usable = available(*command, model).is_ok();
        let style = if usable { Style::new() } else { theme.dim };
        Line::from(vec![
            Span::styled(format!(" {}", words::pad(&keys_left.to_string(), keys)), theme.key),
            Span::styled(format!("  {}", words::pad(command.info().help, room)), style),
        ])
    };
    let mut lines: Vec<Line<'_>> = follows.iter().map(line).collect();
    let room = usize::from(inner.height);
    if lines.len() > room && room > 0 {
        lines.truncate(room - 1);
        let more = format!(" and {} more: ? names them", follows.len() + 1 - room);
        lines.push(Line::styled(more, theme.dim));
    }
    draw_lines(&lines, 0, inner, buf);
}
