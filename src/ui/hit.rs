//! What stands in a cell of the screen, for the mouse. From the functions that place things
//! for drawing.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{
    Areas, areas,
    button::Button,
    crumbs, drill, footer, form, iam_detail,
    layout::{below_heading, stage},
    overlay, palette, same, saved, tabs, watch,
};
use crate::{
    input::Command,
    model::{Model, Overlay, Pane, Tab},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The words of a command.
    Command(Command),
    /// The list, on this line of it or on none.
    List(Option<usize>),
    /// What is said about the line under the cursor.
    Detail,
    /// The name of a page about a principal.
    Tab(Tab),
    /// A list that lies over the screen, on this line of it or on none.
    Choice(Option<usize>),
    /// A step of the way that one came.
    Crumb(Pane),
    /// A text, of the pane or over it.
    Text,
    /// A line of the form that is being filled in.
    Field(usize),
    Button(Button),
    /// The prompt for a change: it can be scrolled, and nothing else.
    Prompt,
}

/// What stands in this cell. What lies under something else is not hit.
pub fn hit(model: &Model, x: u16, y: u16) -> Option<Hit> {
    let areas = areas(model)?;
    let within = |area: Rect| area.contains((x, y).into());
    if within(areas.footer) {
        return footer::at(model, areas.footer, x).map(Hit::Command);
    }
    if let Some(overlay) = &model.overlay {
        return over(model, overlay, x, y);
    }
    if areas.tabs.is_some_and(within) {
        return tabs::at(model, areas.tabs?, x).map(Hit::Command);
    }
    if within(areas.summary) {
        let x = x - areas.summary.x;
        let crumbs = crumbs::crumbs(model, areas.summary.width).into_iter();
        let mut hit = crumbs.filter(|c| (c.x..c.x + c.word.width() as u16).contains(&x));
        return hit.next().and_then(|crumb| crumb.pane).map(Hit::Crumb);
    }
    if let Some(detail) = areas.detail.filter(|area| within(*area)) {
        let tab = (model.pane == Pane::Iam).then(|| iam_detail::tab_at(model, detail, x, y));
        return Some(tab.flatten().map_or(Hit::Detail, Hit::Tab));
    }
    if areas.list.is_some_and(within) {
        return Some(match model.pane {
            Pane::Plan | Pane::Run => Hit::Text,
            _ => Hit::List(line_at(model, &areas, x, y)),
        });
    }
    None
}

/// In what lies over the screen.
fn over(model: &Model, overlay: &Overlay, x: u16, y: u16) -> Option<Hit> {
    let screen = stage(model);
    let within = |area: Rect| area.contains((x, y).into());
    match overlay {
        Overlay::Text(..) => within(overlay::area(screen)).then_some(Hit::Text),
        Overlay::Same(_) => within(same::area(model, screen))
            .then(|| Hit::Choice(same::line_at(model, screen, x, y))),
        Overlay::Watches(at) => {
            within(watch::area(screen)).then(|| Hit::Choice(watch::line_at(model, *at, x, y)))
        }
        Overlay::Form(form) => form::hit(form, screen, x, y),
        Overlay::Leave => overlay::leave_at(screen, x, y).map(Hit::Command),
        Overlay::EndDrill { .. } => drill::button_at(screen, x, y).map(Hit::Button),
        Overlay::Confirm(_) => within(screen).then_some(Hit::Prompt),
        // What is being typed stands in the pane.
        Overlay::Filter { .. } | Overlay::Can => None,
        Overlay::Palette(palette) => within(palette::area(screen))
            .then(|| Hit::Choice(palette::line_at(model, palette, x, y))),
        Overlay::Saved(at) => within(saved::area(model, screen))
            .then(|| Hit::Choice(saved::line_at(model, *at, screen, x, y))),
        Overlay::Wizard(_) => None,
    }
}

/// The line of the pane's list that is drawn in this cell.
fn line_at(model: &Model, areas: &Areas, x: u16, y: u16) -> Option<usize> {
    let area = areas.list?;
    let body = match model.pane {
        Pane::Drill => drill::list(model, area),
        _ => below_heading(area),
    };
    if !body.contains((x, y).into()) {
        return None;
    }
    let (top, lines) = match model.pane {
        Pane::Findings => (model.top, model.list.rows.len()),
        Pane::Trail => match &model.trail.sight.tree {
            Some(tree) => (tree.top, tree.rows.len()),
            None => (model.trail.sight.top, model.trail.len()),
        },
        Pane::Playbooks => (model.shelf.top, model.shelf_rows().len()),
        Pane::Audit => (model.ledger.top, model.ledger.rows.len()),
        Pane::Iam => (model.iam.top, model.iam.rows.len()),
        Pane::Organization => match &model.organization.stand {
            Some(stand) => (stand.top, stand.rows().len()),
            None => (model.organization.top, model.organization.rows.len()),
        },
        Pane::Drill => (model.drill.top, model.drill_rows().len()),
        Pane::Plan | Pane::Run => return None,
    };
    let line = top + usize::from(y - body.y);
    (line < lines).then_some(line)
}
