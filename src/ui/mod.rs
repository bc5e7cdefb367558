//! From the model to cells. Takes `&Model`, changes nothing, knows no clock, no
//! file and no network. Foreign text comes through `domain::untrusted` only.

mod account;
mod act;
mod button;
mod calls;
mod chart;
mod confirm;
pub mod crumbs;
mod detail;
mod drill;
mod finish;
mod footer;
mod form;
mod header;
mod help;
mod hint;
mod hit;
mod iam;
mod iam_can;
mod iam_compare;
mod iam_detail;
mod iam_policies;
mod iam_summary;
mod iam_use;
mod layout;
mod ledger;
mod list;
mod logging;
mod notices;
mod organization;
mod organization_detail;
mod overlay;
mod page;
mod palette;
pub mod preflight;
mod same;
mod saved;
mod search;
mod shelf;
pub mod standing;
mod state;
pub mod statement;
mod tabs;
mod timeline;
mod trail;
mod trail_chart;
mod trail_detail;
mod trail_status;
mod tree;
mod typed;
mod watch;
mod wizard;
pub mod words;

use ratatui::{
    Frame,
    layout::Rect,
    text::Line,
    widgets::{Block, Clear, Widget},
};

use crate::{
    model::{Focus, Model, Overlay, Pane},
    theme::{self, Theme},
};
pub use button::Button;
pub use hit::{Hit, hit};
pub use layout::{Areas, areas};
pub use palette::rows as palette_rows;
pub use search::matches;

/// Draws one frame.
///
/// The screen may have another size already than the model knows of; then nothing is
/// drawn, for the message that says so is on its way.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    if (frame.area().width, frame.area().height) != model.size {
        return;
    }
    let theme = model.setup.look.theme();
    let Some(areas) = areas(model) else {
        let text = Line::from("halon needs more room");
        frame.render_widget(text, frame.area());
        return finish::finish(&model.setup.look, frame.buffer_mut());
    };
    let screen = layout::stage(model);
    let buf = frame.buffer_mut();
    header::draw(model, theme, areas.header, buf);
    if let Some(area) = areas.tabs {
        tabs::draw(model, theme, area, buf);
    }
    summary(model, theme, areas.summary, buf);
    if let Some(area) = areas.banner {
        list::draw_banner(model, theme, area, buf);
    }
    if let Some(area) = areas.chart {
        match model.pane {
            Pane::Trail => trail_chart::draw(model, theme, area, buf),
            _ => chart::draw(model, theme, area, buf),
        }
    }
    if let Some(area) = areas.status {
        trail_status::draw(model, theme, area, buf);
    }
    if let Some(area) = areas.list {
        match model.pane {
            Pane::Findings => list::draw(model, theme, area, buf),
            Pane::Trail => match &model.trail.sight.tree {
                Some(tree) => tree::draw(model, theme, tree, area, buf),
                None => trail::draw(model, theme, area, buf),
            },
            Pane::Playbooks => shelf::draw(model, theme, area, buf),
            Pane::Audit => ledger::draw(model, theme, area, buf),
            Pane::Iam => iam::draw(model, theme, area, buf),
            Pane::Organization => organization::draw(model, theme, area, buf),
            Pane::Drill => drill::draw(model, theme, area, buf),
            Pane::Plan | Pane::Run => act::draw(model, theme, area, buf),
        }
    }
    if let Some(area) = areas.detail {
        match model.pane {
            Pane::Trail => match &model.trail.sight.tree {
                Some(tree) => tree::draw_detail(model, theme, tree, area, buf),
                None => trail_detail::draw(model, theme, area, buf),
            },
            Pane::Iam => iam_detail::draw(model, theme, area, buf),
            Pane::Organization => organization_detail::draw(model, theme, area, buf),
            _ => detail::draw(model, theme, area, buf),
        }
    }
    if let Some(area) = areas.strip {
        drill::draw_strip(model, theme, area, buf);
    }
    footer::draw(model, theme, areas.health, areas.footer, buf);
    if let Some(overlay) = model.overlay_below() {
        draw_overlay(model, theme, overlay, &areas, frame);
    }
    if let Some(search) = &model.search {
        let buf = frame.buffer_mut();
        search::light_up(model, theme, buf);
        Clear.render(areas.footer, buf);
        if let Some(at) = search::draw(model, theme, search, areas.footer, buf) {
            frame.set_cursor_position(at);
        }
    }
    if let Some(Overlay::Palette(palette)) = &model.overlay {
        let at = palette::draw(model, theme, palette, screen, frame.buffer_mut());
        frame.set_cursor_position(at);
    }
    if !model.is_typing() {
        hint::draw(model, theme, areas.footer, frame.buffer_mut());
    }
    finish::finish(&model.setup.look, frame.buffer_mut());
}

/// What lies over the screen, and the cursor where something is typed there.
fn draw_overlay(
    model: &Model,
    theme: &Theme,
    overlay: &Overlay,
    areas: &Areas,
    frame: &mut Frame<'_>,
) {
    let screen = layout::stage(model);
    let buf = frame.buffer_mut();
    match overlay {
        Overlay::Filter { input, .. } => {
            let at = list::draw_prompt(" filter: ", input, theme, areas.summary, buf);
            frame.set_cursor_position(at);
        }
        Overlay::Text(page, scroll) => {
            overlay::draw(model, theme, *page, *scroll, screen, buf);
        }
        Overlay::Watches(line) => watch::draw(model, theme, *line, screen, buf),
        Overlay::Saved(line) => saved::draw(model, theme, *line, screen, buf),
        Overlay::Same(line) => same::draw(model, theme, *line, screen, buf),
        Overlay::Form(form) => {
            let at = form::draw(form, theme, screen, buf);
            frame.set_cursor_position(at);
        }
        Overlay::Wizard(wizard) => {
            if let Some(at) = wizard::draw(wizard, theme, screen, buf) {
                frame.set_cursor_position(at);
            }
        }
        Overlay::Confirm(confirm) => confirm::draw(model, theme, confirm, screen, buf),
        Overlay::Leave => overlay::draw_leave(model, theme, screen, buf),
        Overlay::EndDrill { input, abort } => {
            let at = drill::draw_end(input, *abort, theme, screen, buf);
            frame.set_cursor_position(at);
        }
        Overlay::Can => {
            if let Some(area) = areas.detail {
                frame.set_cursor_position(iam_detail::cursor(model, theme, area));
            }
        }
        Overlay::Palette(_) => {}
    }
}

/// The second line: what is shown.
fn summary(model: &Model, theme: &Theme, area: Rect, buf: &mut ratatui::buffer::Buffer) {
    let area = crumbs::draw(model, theme, area, buf);
    let text = match model.pane {
        Pane::Findings => return list::draw_summary(model, theme, area, buf),
        Pane::Trail => return trail_status::draw_bar(model, theme, area, buf),
        Pane::Playbooks => shelf::summary(model),
        Pane::Audit => ledger::summary(model),
        Pane::Iam => iam::summary(model),
        Pane::Organization => organization::summary(model),
        Pane::Drill => drill::summary(model),
        Pane::Plan | Pane::Run => act::summary(model),
    };
    Line::styled(format!(" {text}"), theme.dim).render(area, buf);
}

/// Whether everything stands on the screen that the answer to a prompt is about.
pub fn confirm_is_visible(model: &Model) -> bool {
    match &model.overlay {
        Some(Overlay::Confirm(confirm)) => confirm::is_visible(model, confirm),
        _ => false,
    }
}

/// Rows of the list that fit on the screen.
pub fn page_rows(model: &Model) -> usize {
    let list = areas(model).and_then(|a| a.list);
    match model.pane {
        Pane::Drill => list.map_or(0, |area| drill::list(model, area).height.into()),
        _ => list.map_or(0, |r| usize::from(r.height).saturating_sub(1)),
    }
}

/// The furthest that what has the focus can be scrolled, and the lines of a page.
pub fn scroll_bounds(model: &Model) -> (usize, usize) {
    let (lines, page) = match (model.overlay_below(), areas(model)) {
        (_, None) => (0, 1),
        (Some(Overlay::Text(page, _)), _) => overlay::extent(model, *page),
        (Some(Overlay::Saved(_)), _) => (model.saved.len(), 1),
        (Some(Overlay::Same(_)), _) => (same::lines(model), 1),
        (Some(Overlay::Watches(_)), _) => (watch::rows(model), 1),
        (Some(Overlay::Confirm(confirm)), _) => confirm::extent(model, confirm),
        (_, Some(areas)) if matches!(model.pane, Pane::Plan | Pane::Run) => {
            areas.list.map_or((0, 1), |area| act::extent(model, area))
        }
        (_, Some(_)) if matches!(model.pane, Pane::Playbooks | Pane::Audit | Pane::Drill) => {
            (0, page_rows(model))
        }
        (_, Some(areas)) if model.pane == Pane::Organization => match areas.detail {
            Some(area) if model.focus() == Focus::Detail => {
                organization_detail::extent(model, area)
            }
            _ => (0, page_rows(model)),
        },
        (_, Some(areas)) if model.pane == Pane::Iam => match areas.detail {
            Some(area) if model.focus() == Focus::Detail => iam_detail::extent(model, area),
            _ => (0, page_rows(model)),
        },
        (_, Some(areas)) if model.pane == Pane::Trail => match areas.detail {
            Some(area) if model.focus() == Focus::Detail => trail_detail::extent(model, area),
            _ => (0, page_rows(model)),
        },
        (_, Some(areas)) => match areas.detail {
            Some(area) if model.focus == Focus::Detail => detail::extent(model, area),
            _ => (0, 1),
        },
    };
    (lines.saturating_sub(page), page.max(1))
}

/// Clears a place in the middle of the screen and draws a block there; gives its inside.
fn boxed(
    block: Block<'_>,
    width: u16,
    height: u16,
    screen: Rect,
    buf: &mut ratatui::buffer::Buffer,
) -> Rect {
    let area = layout::middle(width, height, screen);
    Clear.render(area, buf);
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

/// Draws lines from `skip` on, as many as fit.
fn draw_lines(lines: &[Line<'_>], skip: usize, area: Rect, buf: &mut ratatui::buffer::Buffer) {
    for (line, y) in lines.iter().skip(skip).zip(area.y..area.bottom()) {
        draw_row(line, Rect { y, height: 1, ..area }, buf);
    }
}

/// Draws a line whose parts may hold somebody else's text.
///
/// A line that draws itself takes a part for as wide as its whole text may become when a font
/// joins letters, and would begin the next part within it.
fn draw_row(line: &Line<'_>, area: Rect, buf: &mut ratatui::buffer::Buffer) {
    buf.set_style(area, line.style);
    buf.set_line(area.x, area.y, line, area.width);
}
