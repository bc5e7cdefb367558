//! A form: a line for each field, what it wants below the one being filled in.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Block,
};

use super::{
    Button, Hit, boxed, button, draw_lines, layout::middle, theme::Theme, typed::typed, words::pad,
};
use crate::model::{Form, Purpose};

fn area(form: &Form, screen: Rect) -> Rect {
    let height = (form.fields.len() as u16 + 6).min(screen.height);
    middle(screen.width.saturating_sub(4).min(110), height, screen)
}

/// The line of the buttons: below the fields, a blank line and what is wanted.
fn last(form: &Form, inner: Rect) -> Rect {
    let y = inner.y + form.fields.len() as u16 + 3;
    Rect { y, height: u16::from(y < inner.bottom()), ..inner }
}

/// A click never arms, and never decides anything about a run.
fn buttons(form: &Form) -> &'static [Button] {
    match form.purpose {
        Purpose::Arm | Purpose::Skip(_) => &[Button::Cancel],
        Purpose::Inputs(_)
        | Purpose::Query
        | Purpose::Exempt
        | Purpose::Decode
        | Purpose::Mark(_)
        | Purpose::SaveFilter
        | Purpose::Evidence(_) => &[Button::Ok, Button::Cancel],
    }
}

pub fn hit(form: &Form, screen: Rect, x: u16, y: u16) -> Option<Hit> {
    let inner = Block::bordered().inner(area(form, screen));
    if let Some(button) = button::at(buttons(form), last(form, inner), x, y) {
        return Some(Hit::Button(button));
    }
    let field = usize::from(y.checked_sub(inner.y + 1)?);
    let within = inner.contains((x, y).into()) && field < form.fields.len();
    within.then_some(Hit::Field(field))
}

/// Gives the cursor's cell.
pub fn draw(form: &Form, theme: &Theme, screen: Rect, buf: &mut Buffer) -> Position {
    let longest = form.fields.iter().map(|f| f.name.len()).max().unwrap_or(0).max(4);
    let Rect { width, height, .. } = area(form, screen);
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
    draw_lines(&lines, 0, inner, buf);
    let says = "enter goes on · ↑ ↓ between fields · esc closes";
    button::draw(buttons(form), says, theme, last(form, inner), buf);
    cursor
}
