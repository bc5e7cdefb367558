//! The names of the panes in a line, each with its key, the one that is open marked.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use crate::theme::Theme;
use crate::{
    input::{Command, Scope},
    model::{Model, Pane},
};

const PANES: [(Command, Pane); 7] = [
    (Command::Findings, Pane::Findings),
    (Command::Playbooks, Pane::Playbooks),
    (Command::Audit, Pane::Audit),
    (Command::Trail, Pane::Trail),
    (Command::Iam, Pane::Iam),
    (Command::Organization, Pane::Organization),
    (Command::Drill, Pane::Drill),
];

/// The key, the name and the place of each that fits.
fn places(model: &Model, line: Rect) -> Vec<(Command, Pane, String, Rect)> {
    let mut x = line.x;
    let mut places = Vec::new();
    for (command, pane) in PANES {
        let key = model.keymap.keys(&[Scope::Global], command).into_iter().next();
        let key = key.map(|key| format!("{key} ")).unwrap_or_default();
        let width = (key.width() + command.info().short.width() + 2) as u16;
        if x + width > line.right() {
            break;
        }
        places.push((command, pane, key, Rect { x, width, height: line.height.min(1), ..line }));
        x += width;
    }
    places
}

pub fn draw(model: &Model, theme: &Theme, line: Rect, buf: &mut Buffer) {
    // A plan and a run are made of a playbook.
    let open = match model.pane {
        Pane::Plan | Pane::Run => Pane::Playbooks,
        pane => pane,
    };
    for (command, pane, key, place) in places(model, line) {
        let name = command.info().short;
        match pane == open {
            true => Line::styled(format!(" {key}{name} "), theme.selected).render(place, buf),
            false => Line::from(vec![
                Span::styled(format!(" {key}"), theme.key),
                Span::styled(format!("{name} "), theme.dim),
            ])
            .render(place, buf),
        }
    }
}

pub fn at(model: &Model, line: Rect, x: u16) -> Option<Command> {
    let at = |place: &Rect| place.contains((x, line.y).into());
    places(model, line).into_iter().find(|(.., place)| at(place)).map(|(command, ..)| command)
}
