//! A form: a line for each field, what it wants below the one being filled in.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Block,
};

use super::{boxed, draw_lines, theme::Theme, typed::typed, words::pad};
use crate::model::Form;

/// Gives the cursor's cell.
pub fn draw(form: &Form, theme: &Theme, screen: Rect, buf: &mut Buffer) -> Position {
    let longest = form.fields.iter().map(|f| f.name.len()).max().unwrap_or(0).max(4);
    let height = (form.fields.len() as u16 + 6).min(screen.height);
    let width = screen.width.saturating_sub(4).min(110);
    let block = Block::bordered().border_style(theme.key).title(format!(" {} ", form.title));
    let inner = boxed(block, width, height, screen, buf);
    let room = usize::from(inner.width).saturating_sub(longest + 4).max(4);
    let mut lines = vec![Line::default()];
    let mut cursor = Position::new(inner.x, inner.y);
    for (at, field) in form.fields.iter().enumerate() {
        let here = at == form.at;
        let (shown, x) = typed(&field.input, room);
        let style = if here { theme.selected } else { Style::new() };
        lines.push(Line::from(vec![
            Span::styled(format!(" {} ", pad(&field.name, longest)), theme.label),
            Span::styled(shown, style),
        ]));
        if here {
            cursor = Position::new(inner.x + (longest + 2 + x) as u16, inner.y + 1 + at as u16);
        }
    }
    lines.push(Line::default());
    let help = form.fields.get(form.at).map(|f| f.help.clone()).unwrap_or_default();
    lines.push(match &form.trouble {
        Some(why) => Line::styled(format!(" {}", pad(why, room + longest)), theme.trouble),
        None => Line::styled(format!(" {}", pad(&help, room + longest)), theme.dim),
    });
    lines.push(Line::styled(" enter goes on · ↑ ↓ between fields · esc closes", theme.dim));
    draw_lines(&lines, 0, inner, buf);
    cursor
}
