//! What was looked for in a text: its matches, and how many there are.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
    text::Line,
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use super::{
    act, areas, detail, iam_detail, list::draw_prompt, organization_detail, overlay, theme::Theme,
    trail_detail,
};
use crate::{
    domain::untrusted::display_in,
    input::Command,
    model::{Model, Pane, Search, TextPlace},
};

/// The text that has the focus, and where it stands on the screen.
pub fn text(model: &Model, theme: &Theme) -> Option<(Vec<Line<'static>>, Rect)> {
    let areas = areas(model)?;
    Some(match model.text_place()? {
        TextPlace::Over(page) => overlay::text(model, theme, page),
        TextPlace::In(Pane::Plan | Pane::Run) => act::text(model, theme, areas.list?),
        TextPlace::In(Pane::Trail) => trail_detail::text(model, theme, areas.detail?),
        TextPlace::In(Pane::Iam) => iam_detail::text(model, theme, areas.detail?),
        TextPlace::In(Pane::Organization) => organization_detail::text(model, theme, areas.detail?),
        TextPlace::In(_) => detail::text(model, theme, areas.detail?),
    })
}

/// The lines that match, from the first to the last.
pub fn matches(model: &Model) -> Vec<usize> {
    let Some(search) = &model.search else { return Vec::new() };
    let Some((lines, _)) = text(model, model.setup.look.theme()) else { return Vec::new() };
    let found = |line: &Line<'_>| {
        let text: String = line.spans.iter().map(|span| &*span.content).collect();
        !search.within(&text).is_empty()
    };
    lines.iter().enumerate().filter(|(_, line)| found(line)).map(|(at, _)| at).collect()
}

/// Lights up the matches that are on the screen; the line that was gone to more than others.
pub fn light_up(model: &Model, theme: &Theme, buf: &mut Buffer) {
    let Some(search) = &model.search else { return };
    let Some((lines, body)) = text(model, theme) else { return };
    let found = theme.key.add_modifier(Modifier::UNDERLINED);
    let most = lines.len().saturating_sub(body.height.into());
    let top = model.text_scroll().min(most);
    for y in body.top()..body.bottom() {
        let line = top + usize::from(y - body.y);
        let style = if line == search.line { theme.selected } else { found };
        light_up_row(search, style, Rect { y, height: 1, ..body }, buf);
    }
}

fn light_up_row(search: &Search, style: Style, row: Rect, buf: &mut Buffer) {
    // Each character with the column that it stands in.
    let mut cells: Vec<(char, u16)> = Vec::new();
    let mut x = row.left();
    while x < row.right() {
        let symbol = buf[(x, row.y)].symbol();
        cells.extend(symbol.chars().map(|c| (c, x)));
        x += symbol.width().max(1) as u16;
    }
    let text: String = cells.iter().map(|(c, _)| *c).collect();
    for (from, length) in search.within(&text) {
        let (left, last) = (cells[from].1, cells[from + length - 1].1);
        let width = buf[(last, row.y)].symbol().width().max(1) as u16;
        let right = (last + width).min(row.right());
        buf.set_style(Rect { x: left, width: right - left, ..row }, style);
    }
}

/// In the footer's place: what is being typed, or how many there are. Gives the cursor's cell
/// where something is typed.
pub fn draw(
    model: &Model,
    theme: &Theme,
    search: &Search,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let hits = matches(model);
    let count = match hits.iter().position(|line| *line == search.line) {
        _ if search.text.is_empty() => String::new(),
        Some(at) => format!("{} of {} lines", at + 1, hits.len()),
        None => format!("{} lines", hits.len()),
    };
    if let Some(typing) = &search.typing {
        let right = (count.width() as u16 + 2).min(area.width);
        let left = Rect { width: area.width - right, ..area };
        Line::styled(format!(" {count} "), theme.dim)
            .render(Rect { x: left.right(), width: right, ..area }, buf);
        return Some(draw_prompt(" search: ", &typing.input, theme, left, buf));
    }
    let keys = [Command::NextMatch, Command::PreviousMatch, Command::Back].map(|command| {
        let key = model.keymap.keys(model.scopes(), command).into_iter().next();
        key.map(|key| key.to_string()).unwrap_or_default()
    });
    let [next, before, back] = keys;
    let text = display_in(&search.text, 24);
    let line = format!(" “{text}” {count} · {next} next · {before} before · {back} ends");
    Line::styled(line, theme.dim).render(area, buf);
    None
}
