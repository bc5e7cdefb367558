//! One principal: the names of its pages, and the page that is open.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
    widgets::{Block, Borders, Widget},
};

use super::{draw_lines, iam_can, iam_policies, iam_summary, iam_use, page::Page, theme::Theme};
use crate::model::{Focus, Model, Tab};

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let block = block(model, theme);
    let inner = block.inner(area);
    block.render(area, buf);
    draw_tabs(model, theme, Rect { height: inner.height.min(1), ..inner }, buf);
    let body = below(inner);
    if model.iam.current().is_none() {
        return Line::styled(" No principal is selected.", theme.dim).render(body, buf);
    }
    let lines = lines(model, theme, body.width.into());
    let most = lines.len().saturating_sub(body.height.into());
    draw_lines(&lines, model.iam.scroll.min(most), body, buf);
}

/// Lines of the page and lines of a screenful.
pub fn extent(model: &Model, area: Rect) -> (usize, usize) {
    let (lines, inner) = text(model, model.setup.look.theme(), area);
    (lines.len(), inner.height.into())
}

/// The text, and where it stands.
pub fn text(model: &Model, theme: &Theme, area: Rect) -> (Vec<Line<'static>>, Rect) {
    let inner = below(block(model, theme).inner(area));
    (lines(model, theme, inner.width.into()), inner)
}

/// The cell of the call that is being typed.
pub fn cursor(model: &Model, theme: &Theme, area: Rect) -> Position {
    iam_can::cursor(model, below(block(model, theme).inner(area)))
}

/// What is left below the tabs.
fn below(inner: Rect) -> Rect {
    let tabs = inner.height.min(1);
    Rect { y: inner.y + tabs, height: inner.height - tabs, ..inner }
}

fn block<'b>(model: &Model, theme: &Theme) -> Block<'b> {
    let style = if model.iam.focus == Focus::Detail { theme.key } else { theme.dim };
    let kind = model.iam.current().map_or("principal", |(holding, _)| holding.kind.word());
    Block::new()
        .borders(Borders::TOP | Borders::LEFT)
        .border_style(style)
        .title(format!(" {kind} "))
}

/// The names of the pages, each with its place.
fn tabs(area: Rect) -> impl Iterator<Item = (Tab, Rect)> {
    // All of them are to be seen where the principal stands beside the list, too.
    let gap = if area.width < 62 { 1 } else { 2 };
    let mut x = area.x + 1;
    Tab::ALL.into_iter().map(move |tab| {
        let width = (tab.name().len() as u16).min(area.right().saturating_sub(x));
        let place = Rect { x, width, ..area };
        x += width + gap;
        (tab, place)
    })
}

fn draw_tabs(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    for (tab, place) in tabs(area) {
        let style = if tab == model.iam.tab { theme.selected } else { theme.dim };
        Line::styled(tab.name(), style).render(place, buf);
    }
}

/// The page whose name stands in this cell.
pub fn tab_at(model: &Model, area: Rect, x: u16, y: u16) -> Option<Tab> {
    let inner = block(model, model.setup.look.theme()).inner(area);
    let line = Rect { height: inner.height.min(1), ..inner };
    tabs(line).find(|(_, place)| place.contains((x, y).into())).map(|(tab, _)| tab)
}

fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let Some((holding, held)) = model.iam.current() else { return Vec::new() };
    let mut page = Page::new(model, theme, width);
    match model.iam.tab {
        Tab::Summary => iam_summary::page(&mut page, holding, held),
        Tab::Permissions => iam_policies::permissions(&mut page),
        Tab::Trust => iam_policies::trust(&mut page),
        Tab::Limits => iam_policies::limits(&mut page),
        Tab::Use => iam_use::page(&mut page),
        Tab::Can => iam_can::page(&mut page),
    }
    page.lines
}
