//! Filters under a name: saved, recalled, dropped.

use super::{Effect, filter, panes};
use crate::{
    case::Filter,
    input::Command,
    model::{Field, Focus, Form, Model, Notice, Overlay, Pane, Purpose, SavedFilter, good_name},
};

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::SaveFilter => ask(model),
        Command::SavedFilters => model.overlay = Some(Overlay::Saved(0)),
        Command::Open => {
            let Some(name) = model.saved_under_cursor().map(|saved| saved.name.clone()) else {
                return;
            };
            recall(model, &name);
        }
        Command::DropFilter => drop_it(model, effects),
        _ => {}
    }
}

/// The name that it shall have.
fn ask(model: &mut Model) {
    let title = "Save what the list is filtered by, and its order".to_owned();
    let fields = vec![Field::new("name", "one that is there already is replaced", "")];
    let form = Form { purpose: Purpose::SaveFilter, title, fields, at: 0, trouble: None };
    model.overlay = Some(Overlay::Form(form));
}

/// # Errors
/// The field that is wrong, and why.
pub fn submit(
    model: &mut Model,
    name: &str,
    effects: &mut Vec<Effect>,
) -> Result<(), (usize, String)> {
    let name = name.trim().to_owned();
    good_name(&name).map_err(|why| (0, why))?;
    model.overlay = None;
    let mut view = model.view.clone();
    // It was said on the command line, for this time.
    view.filter.updated_since = None;
    model.notice = Some(Notice::Done(format!("saved as “{name}”")));
    match model.saved.iter_mut().find(|saved| saved.name == name) {
        Some(saved) => saved.view = view,
        None => model.saved.push(SavedFilter { name, view }),
    }
    model.saved.sort_by(|a, b| a.name.cmp(&b.name));
    effects.push(Effect::KeepFilters(model.saved.clone()));
    Ok(())
}

/// To the findings, filtered by it.
pub fn recall(model: &mut Model, name: &str) {
    let Some(saved) = model.saved.iter().find(|saved| saved.name == name).cloned() else { return };
    let updated_since = model.view.filter.updated_since;
    model.view = saved.view;
    model.view.filter = Filter { updated_since, ..model.view.filter.clone() };
    model.overlay = None;
    model.focus = Focus::List;
    panes::go(model, Pane::Findings);
    model.notice = Some(Notice::Done(format!("filtered by “{name}”")));
    filter::ask_for_what_is_shown(model);
}

fn drop_it(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Saved(line)) = &mut model.overlay else { return };
    if *line >= model.saved.len() {
        return;
    }
    let dropped = model.saved.remove(*line);
    *line = (*line).min(model.saved.len().saturating_sub(1));
    model.notice = Some(Notice::Done(format!("“{}” is dropped", dropped.name)));
    if model.saved.is_empty() {
        model.overlay = None;
    }
    effects.push(Effect::KeepFilters(model.saved.clone()));
}
