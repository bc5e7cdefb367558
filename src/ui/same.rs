//! The menu of what an event has in common with others, each with its value.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Block,
};

use super::{boxed, draw_lines, layout::middle, theme::Theme, words::pad};
use crate::{
    domain::{
        event::By,
        untrusted::{display_in, is_suspicious},
    },
    input::Scope,
    model::{Model, Same, same},
};

/// How many lines there are to choose from.
pub fn lines(model: &Model) -> usize {
    model.trail.current().map_or(0, |event| same(event).len())
}

pub fn area(model: &Model, screen: Rect) -> Rect {
    let height = (lines(model) as u16 + 3).min(screen.height);
    middle(screen.width.saturating_sub(4).min(90), height, screen)
}

/// The line that is drawn in this cell.
pub fn line_at(model: &Model, screen: Rect, x: u16, y: u16) -> Option<usize> {
    let inner = Block::bordered().inner(area(model, screen));
    let line = usize::from(y.checked_sub(inner.y)?);
    (inner.contains((x, y).into()) && line < lines(model)).then_some(line)
}

const NAME: usize = 10;

pub fn draw(model: &Model, theme: &Theme, at: usize, screen: Rect, buf: &mut Buffer) {
    let all = model.trail.current().map(|event| same(event)).unwrap_or_default();
    let Rect { width, height, .. } = area(model, screen);
    let block = Block::bordered().border_style(theme.key).title(" the same … as this event ");
    let inner = boxed(block, width, height, screen, buf);
    let room = usize::from(inner.width).saturating_sub(NAME + 6);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut before = None;
    for (command, way) in &all {
        // The last of a command's keys is the small letter.
        let key = model.keymap.keys(&[Scope::Same], *command).pop();
        let key = key.filter(|_| before != Some(*command)).map(|k| k.to_string());
        before = Some(*command);
        let value = match way {
            Same::By(by) => by.value().to_owned(),
            Same::When(when) => when.words(&model.zone),
        };
        let style = match way {
            Same::By(By::Event(_) | By::Source(_)) | Same::When(_) => theme.dim,
            _ if is_suspicious(&value) => theme.trouble,
            _ => ratatui::style::Style::new(),
        };
        lines.push(Line::from(vec![
            Span::styled(format!(" {}  ", pad(&key.unwrap_or_default(), 1)), theme.key),
            Span::styled(format!("{} ", pad(command.info().short, NAME)), theme.label),
            Span::styled(display_in(&value, room), style),
        ]));
    }
    lines.push(Line::styled(" in capitals also without this menu", theme.dim));
    draw_lines(&lines, 0, inner, buf);
    if at < all.len() && (at as u16) < inner.height {
        let line = Rect { y: inner.y + at as u16, height: 1, ..inner };
        buf.set_style(line, theme.selected);
    }
}
