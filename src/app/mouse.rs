//! The mouse: it points at what the keys reach as well. It selects, opens, scrolls and gives
//! commands; it never consents, arms, starts a run or decides anything about one.

use super::{
    Effect, browse, confirm, drill, form, iam, organization, palette, panes, trail, update::give,
};
use crate::{
    input::{Code, Command, Key},
    model::{Focus, Goal, Model, Notice, Overlay, Pane},
    ui::{self, Button, Hit},
};

/// Lines that a wheel scrolls by at once.
const LINES: usize = 3;

pub fn clicked(model: &mut Model, x: u16, y: u16, effects: &mut Vec<Effect>) {
    model.begun.clear();
    let Some(hit) = ui::hit(model, x, y) else { return };
    match hit {
        Hit::Command(command) if command.is_for_keys() => refuse(model, command),
        Hit::Command(command) => give(model, command, effects),
        Hit::List(line) => {
            let again = model.focus() == Focus::List;
            model.set_focus(Focus::List);
            match line {
                Some(line) if again && Some(line) == model.cursor_line() => open(model, effects),
                Some(line) => select(model, line, effects),
                None => {}
            }
        }
        Hit::Detail if model.focus() == Focus::List => give(model, Command::Focus, effects),
        Hit::Tab(tab) => iam::turn_to(model, tab),
        Hit::Choice(Some(line)) => match &mut model.overlay {
            Some(Overlay::Same(at)) if *at == line => give(model, Command::Open, effects),
            Some(Overlay::Watches(at)) if *at == line => {
                give(model, Command::WatchEvents, effects);
            }
            Some(Overlay::Saved(at)) if *at == line => give(model, Command::Open, effects),
            Some(Overlay::Palette(at)) if at.cursor == line && !at.is_behind() => {
                found(model, effects);
            }
            Some(Overlay::Palette(at)) => at.cursor = line,
            Some(Overlay::Same(at) | Overlay::Saved(at) | Overlay::Watches(at)) => *at = line,
            _ => {}
        },
        Hit::Crumb(pane) if pane != model.pane => panes::go(model, pane),
        Hit::Crumb(_) => model.set_focus(Focus::List),
        Hit::Field(field) => {
            if let Some(Overlay::Form(form)) = &mut model.overlay {
                form.at = field;
            }
        }
        Hit::Button(button) => pushed(model, button, effects),
        Hit::Detail | Hit::Choice(None) | Hit::Text | Hit::Prompt => {}
    }
}

/// What needs a key, and which.
fn refuse(model: &mut Model, command: Command) {
    let key = model.keymap.keys(model.scopes(), command).into_iter().next();
    let key = key.map(|key| format!("press {key}: ")).unwrap_or_default();
    let what = format!("{}: {key}a click never decides this", command.info().short);
    model.notice = Some(Notice::Done(what));
}

/// The line of the palette under the cursor, clicked once more.
fn found(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Palette(palette)) = &model.overlay else { return };
    match palette.current().map(|choice| &choice.goal) {
        Some(Goal::Command(command)) if command.is_for_keys() => {
            let command = *command;
            drop(palette::close(model));
            refuse(model, command);
        }
        _ => palette::choose(model, effects),
    }
}

/// As enter does where all is filled in, and as esc.
fn pushed(model: &mut Model, button: Button, effects: &mut Vec<Effect>) {
    let key = match button {
        Button::Ok => Key::plain(Code::Enter),
        Button::Cancel => Key::plain(Code::Esc),
    };
    match &mut model.overlay {
        Some(Overlay::Form(form)) => {
            form.at = form.fields.len().saturating_sub(1);
            form::typed(model, key, effects);
        }
        Some(Overlay::EndDrill { .. }) => drill::typed(model, key, effects),
        _ => {}
    }
}

fn select(model: &mut Model, line: usize, effects: &mut Vec<Effect>) {
    match model.pane {
        Pane::Findings => browse::select(model, line, effects),
        Pane::Trail => trail::go_to(model, line),
        Pane::Playbooks => model.shelf.cursor = line,
        Pane::Audit => model.ledger.cursor = line,
        Pane::Iam => iam::select(model, line),
        Pane::Organization => organization::go_to(model, line),
        Pane::Drill => model.drill.cursor = line,
        Pane::Plan | Pane::Run => {}
    }
}

/// What enter does on the line under the cursor.
fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    let command = match model.pane {
        Pane::Playbooks => Command::Choose,
        Pane::Drill => Command::Answer,
        _ => Command::Open,
    };
    give(model, command, effects);
}

/// What is under the pointer is scrolled, whatever has the focus.
pub fn scrolled(model: &mut Model, x: u16, y: u16, down: bool, effects: &mut Vec<Effect>) {
    let command = if down { Command::Down } else { Command::Up };
    let focus = match ui::hit(model, x, y) {
        Some(Hit::Detail | Hit::Tab(_)) => Focus::Detail,
        Some(Hit::List(_)) => Focus::List,
        Some(Hit::Text | Hit::Choice(_)) => model.focus(),
        Some(Hit::Prompt) => {
            let code = if down { Code::Down } else { Code::Up };
            return (0..LINES).for_each(|_| confirm::typed(model, Key::plain(code)));
        }
        Some(Hit::Command(_) | Hit::Crumb(_) | Hit::Field(_) | Hit::Button(_)) | None => return,
    };
    let before = model.focus();
    model.set_focus(focus);
    (0..LINES).for_each(|_| browse::go(model, command, effects));
    model.set_focus(before);
}
