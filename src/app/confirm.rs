//! The prompt for one change. It is answered by typing, and by nothing that was typed or
//! pasted before it was there.

use tui_input::Input;

use super::{Effect, filter::request};
use crate::{
    input::{Code, Key},
    model::{Confirm, Model, Overlay, Pane},
    playbook::{Prompt, Run},
    ui,
};

/// Lays the prompt over the screen, if the run is what the screen is about.
pub fn open(model: &mut Model, run: &Run, prompt: Prompt, effects: &mut Vec<Effect>) {
    let shown = model.pane == Pane::Run && model.run.as_ref() == Some(&run.id);
    if !shown || model.quitting {
        return;
    }
    match &model.overlay {
        None if !model.set_aside => {}
        // What is there has changed under the prompt: what was typed was for another one.
        Some(Overlay::Confirm(confirm)) if confirm.run == run.id && confirm.prompt != prompt => {}
        _ => return,
    }
    let (run, input) = (run.id.clone(), Input::default());
    model.overlay = Some(Overlay::Confirm(Confirm { run, prompt, input, wrong: false, scroll: 0 }));
    effects.push(Effect::Deafen);
}

/// Closes a prompt that is not asked any more: the mode lapsed, or the run went on.
pub fn close_stale(model: &mut Model) {
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { return };
    let run = model.case.runs.iter().find(|r| r.id == confirm.run);
    if !run.is_some_and(|r| r.is_confirming()) || model.mode.armed().is_none() {
        model.overlay = None;
    }
}

pub fn typed(model: &mut Model, key: Key) {
    // INVARIANT: a prompt whose target is not fully visible cannot be answered.
    let visible = ui::confirm_is_visible(model);
    let (_, page) = ui::scroll_bounds(model);
    let (most, _) = ui::scroll_bounds(model);
    let Some(Overlay::Confirm(confirm)) = &mut model.overlay else { return };
    match (key.code, key.ctrl) {
        (Code::Esc, _) | (Code::Char('c'), true) => {
            model.overlay = None;
            model.set_aside = true;
        }
        (Code::PageDown, _) => confirm.scroll = (confirm.scroll + page).min(most),
        (Code::PageUp, _) => confirm.scroll = confirm.scroll.saturating_sub(page),
        (Code::Down, _) => confirm.scroll = (confirm.scroll + 1).min(most),
        (Code::Up, _) => confirm.scroll = confirm.scroll.saturating_sub(1),
        (Code::Enter, _) if visible => submit(model),
        (_, _) if visible => {
            if let Some(request) = request(key) {
                confirm.wrong = false;
                confirm.input.handle(request);
            }
        }
        _ => {}
    }
}

fn submit(model: &mut Model) {
    let Some(Overlay::Confirm(confirm)) = &mut model.overlay else { return };
    let Some(consent) = confirm.prompt.review.consent(confirm.input.value()) else {
        // Enter alone is no answer, and neither is a wrong word.
        confirm.wrong = true;
        confirm.input = Input::default();
        return;
    };
    let id = confirm.run.clone();
    model.overlay = None;
    if let Some(run) = model.case.run_mut(&id) {
        run.consent(consent);
    }
}
