//! From pane to pane, and up and down in the ones that are not the findings.

use super::Effect;
use crate::{
    input::Command,
    model::{Focus, Model, Pane},
    ui,
};

/// Goes to a pane; back leads to the one before.
pub fn go(model: &mut Model, pane: Pane) {
    if model.pane == pane {
        return;
    }
    model.came_from.retain(|p| *p != pane);
    model.came_from.push(model.pane);
    model.pane = pane;
    model.scroll = 0;
    model.set_aside = false;
}

/// One of the panes that have a key everywhere.
pub fn switch(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Playbooks => {
            model.shelf.text.clear();
            model.shelf.cursor = 0;
            model.shelf.top = 0;
            effects.push(Effect::LoadPlaybooks);
            go(model, Pane::Playbooks);
        }
        Command::Audit => {
            effects.push(Effect::ReadLog(None));
            go(model, Pane::Audit);
        }
        _ => {
            model.focus = Focus::List;
            go(model, Pane::Findings);
        }
    }
}

/// Back to the pane that led here.
pub fn back(model: &mut Model) {
    if model.pane == Pane::Playbooks && !model.shelf.text.is_empty() {
        return model.shelf.text.clear();
    }
    match model.came_from.pop() {
        Some(Pane::Plan) if model.case.draft.is_none() => back(model),
        Some(pane) => model.pane = pane,
        None => model.pane = Pane::Findings,
    }
    model.scroll = 0;
}

/// Moves the cursor of a list, or scrolls a text.
pub fn travel(model: &mut Model, command: Command) {
    let (most, page) = ui::scroll_bounds(model);
    let moved = |at: usize, last: usize| super::browse::moved(at, command, page, last);
    match model.pane {
        Pane::Playbooks => {
            let last = model.shelf_rows().len().saturating_sub(1);
            model.shelf.cursor = moved(model.shelf.cursor, last);
        }
        Pane::Audit => {
            let last = model.ledger.rows.len().saturating_sub(1);
            model.ledger.cursor = moved(model.ledger.cursor, last);
        }
        Pane::Drill => {
            let last = model.drill_rows().len().saturating_sub(1);
            model.drill.cursor = moved(model.drill.cursor, last);
        }
        Pane::Plan | Pane::Run => model.scroll = moved(model.scroll.min(most), most),
        Pane::Findings | Pane::Trail | Pane::Iam | Pane::Organization => {}
    }
}

/// Scrolls the lists so that their cursors are on the screen.
pub fn keep_in_sight(model: &mut Model) {
    let page = ui::page_rows(model).max(1);
    let top = |top: usize, cursor: usize| {
        let least = (cursor + 1).saturating_sub(page);
        top.clamp(least, cursor.max(least))
    };
    model.shelf.top = top(model.shelf.top, model.shelf.cursor);
    model.ledger.top = top(model.ledger.top, model.ledger.cursor);
    model.drill.top = top(model.drill.top, model.drill.cursor);
}
