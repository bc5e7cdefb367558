//! The prompt for one change. It is answered by typing, and by nothing that was typed or
//! pasted before it was there.

use tui_input::Input;

use super::{Effect, filter::request};
use crate::{
    guard::{Given, SecondPerson},
    input::{Code, Key},
    model::{Ask, Confirm, Model, Overlay, Pane},
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
    model.overlay = Some(Overlay::Confirm(Box::new(Confirm::new(run.id.clone(), prompt))));
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
        (Code::Enter, _) if visible => entered(model),
        (Code::Tab, _) if visible => confirm.at = after(confirm).unwrap_or(Ask::Words),
        (_, _) if visible => {
            if let Some(request) = request(key) {
                confirm.wrong = None;
                let at = confirm.at;
                confirm.typed_mut(at).handle(request);
            }
        }
        _ => {}
    }
}

/// What is asked for after what is being typed.
fn after(confirm: &Confirm) -> Option<Ask> {
    confirm.asks().into_iter().skip_while(|ask| *ask != confirm.at).nth(1)
}

/// Enter: on to the next that is asked for, and with the last one the answer.
fn entered(model: &mut Model) {
    let Some(Overlay::Confirm(confirm)) = &mut model.overlay else { return };
    let words = confirm.prompt.review.ceremony.words();
    // Enter alone is no answer, and neither is a wrong word.
    if confirm.at == Ask::Words && confirm.input.value().trim() != words {
        confirm.input = Input::default();
        confirm.wrong = Some("that was not it".to_owned());
        return;
    }
    match after(confirm) {
        Some(next) => confirm.at = next,
        None => submit(model),
    }
}

fn submit(model: &mut Model) {
    let Some(Overlay::Confirm(confirm)) = &mut model.overlay else { return };
    let given = match given(confirm) {
        Ok(given) => given,
        Err((at, why)) => {
            confirm.at = at;
            confirm.wrong = Some(why);
            *confirm.typed_mut(at) = Input::default();
            return;
        }
    };
    let Some(consent) = confirm.prompt.review.consent_with(confirm.input.value(), given) else {
        confirm.at = Ask::Words;
        confirm.wrong = Some("that was not it".to_owned());
        confirm.input = Input::default();
        return;
    };
    let id = confirm.run.clone();
    model.overlay = None;
    if let Some(run) = model.case.run_mut(&id) {
        run.consent(consent);
    }
}

/// The code and the second person, where they are asked for.
fn given(confirm: &Confirm) -> Result<Given, (Ask, String)> {
    let mut given = Given::default();
    for ask in confirm.asks() {
        let typed = confirm.typed(ask).value();
        match ask {
            Ask::Words => {}
            Ask::Code => given.code = Some(typed.parse().map_err(|why| (ask, why))?),
            Ask::Second => {
                given.second = Some(SecondPerson::parse(typed).map_err(|why| (ask, why))?);
            }
        }
    }
    Ok(given)
}
