//! The palette: a line to type in, and below it what matches, the best first.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};
use unicode_width::UnicodeWidthStr;

use super::{
    draw_lines, draw_row,
    layout::stage,
    theme::Theme,
    words::{count, pad},
};
use crate::{
    domain::untrusted::display_in,
    model::{Choice, Model, Palette},
};

const KIND: usize = 9;
/// Columns of the keys: an alias and a key, `:f  g f`.
const KEYS: usize = 12;
/// Less than this, and what a line is about is left out.
const LEAST_ABOUT: usize = 12;

pub fn area(screen: Rect) -> Rect {
    let width = screen.width.saturating_sub(4).min(110).max(screen.width.min(20));
    let x = screen.x + (screen.width - width) / 2;
    Rect { x, y: screen.y + 1, width, height: screen.height.saturating_sub(2) }
}

fn inside(screen: Rect) -> Rect {
    Block::bordered().inner(area(screen))
}

/// Lines that fit between the line that is typed in and the one of the keys.
pub fn rows(model: &Model) -> usize {
    usize::from(inside(stage(model)).height).saturating_sub(2)
}

/// The line of it that is drawn in this cell.
pub fn line_at(model: &Model, palette: &Palette, x: u16, y: u16) -> Option<usize> {
    let inner = inside(stage(model));
    let page = rows(model);
    let list = Rect { y: inner.y + 1, height: page as u16, ..inner };
    let line = first(palette, page) + usize::from(y.checked_sub(list.y)?);
    (list.contains((x, y).into()) && line < palette.rows.len()).then_some(line)
}

/// The first line that is shown.
fn first(palette: &Palette, page: usize) -> usize {
    (palette.cursor + 1).saturating_sub(page)
}

/// Gives the cursor's cell.
pub fn draw(
    model: &Model,
    theme: &Theme,
    palette: &Palette,
    screen: Rect,
    buf: &mut Buffer,
) -> Position {
    let area = area(screen);
    Clear.render(area, buf);
    let title = " find: what to do, where to go, what to look at ";
    Block::bordered().border_style(theme.key).title(title).render(area, buf);
    let inner = inside(screen);
    let room = usize::from(inner.width).saturating_sub(3).max(1);
    let scroll = palette.input.visual_scroll(room);
    let shown: String = palette.input.value().chars().skip(scroll).collect();
    let prompt = Line::from(vec![Span::styled(" : ", theme.key), Span::raw(pad(&shown, room))]);
    draw_row(&prompt, Rect { height: 1, ..inner }, buf);
    let page = rows(model);
    let list = Rect { y: inner.y + 1, height: page as u16, ..inner };
    let skip = first(palette, page);
    let shown = palette.rows.iter().skip(skip).take(page);
    let width = usize::from(inner.width);
    let mut lines: Vec<Line<'_>> = shown.map(|choice| row(choice, theme, width)).collect();
    if lines.is_empty() {
        lines.push(Line::styled("  nothing matches", theme.dim));
    }
    draw_lines(&lines, 0, list, buf);
    if !palette.rows.is_empty() {
        let y = list.y + (palette.cursor - skip) as u16;
        buf.set_style(Rect { y, height: 1, ..list }, theme.selected);
    }
    let last = Rect { y: inner.bottom().saturating_sub(1), height: 1.min(inner.height), ..inner };
    Line::styled(foot(model, palette), theme.dim).render(last, buf);
    let at = 3 + palette.input.visual_cursor().saturating_sub(scroll);
    Position::new(inner.x + at.min(width.saturating_sub(1)) as u16, inner.y)
}

fn foot(model: &Model, palette: &Palette) -> String {
    let n = count(palette.rows.len());
    let how = "Enter does it · ↑ ↓ · Esc closes";
    match palette.text() {
        "" if !model.case.queue.is_empty() => {
            format!(" {how} · {n}; type to look among {} findings", count(model.case.queue.len()))
        }
        _ if palette.is_behind() => format!(" {how} · {n} …"),
        _ => format!(" {how} · {n}"),
    }
}

fn row<'l>(choice: &Choice, theme: &Theme, width: usize) -> Line<'l> {
    let usable = choice.why.is_none();
    let style = if usable { Style::new() } else { theme.dim };
    let keys = display_in(&choice.keys, KEYS);
    let rest = width.saturating_sub(KIND + 3 + keys.width() + 1);
    let about = choice.why.as_deref().unwrap_or(&choice.about);
    // What is typed for is the name; what it is about gets the rest.
    let name = choice.name.width().clamp(18.min(rest), (rest * 3 / 5).max(18.min(rest)));
    let name = if rest.saturating_sub(name) < LEAST_ABOUT { rest } else { name };
    let about = match rest.saturating_sub(name + 2) {
        0 => String::new(),
        cells => format!("  {}", pad(about, cells)),
    };
    Line::from(vec![
        Span::styled(format!(" {} ", pad(choice.goal.word(), KIND)), theme.label),
        Span::styled(pad(&choice.name, name), style),
        Span::styled(about, theme.dim),
        Span::styled(format!(" {keys} "), if usable { theme.key } else { theme.dim }),
    ])
}
