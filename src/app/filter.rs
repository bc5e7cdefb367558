//! What the list shows, and in which order.

use tui_input::{Input, InputRequest};

use crate::{
    case::{Filter, Sort},
    domain::{Ask, Band, Source, Status},
    input::{Code, Command, Key},
    model::{Model, Overlay, Pane},
};

pub fn change(model: &mut Model, command: Command) {
    match command {
        Command::Filter => {
            let before = match model.pane {
                Pane::Audit => model.ledger_filter.clone(),
                Pane::Trail => {
                    let asked = model.trail.sight.asked.as_ref();
                    asked.map(|a| a.text.clone()).unwrap_or_default()
                }
                Pane::Iam => model.iam.view.text.clone(),
                Pane::Playbooks => model.shelf.text.clone(),
                Pane::Organization => model.organization.text.clone(),
                _ => model.view.filter.text.clone(),
            };
            model.overlay = Some(Overlay::Filter { input: Input::new(before.clone()), before });
            return;
        }
        Command::Sort => {
            model.view.sort = next(&Sort::ALL, &model.view.sort);
        }
        Command::Reverse => model.view.reverse = !model.view.reverse,
        Command::ClearFilters => {
            let updated_since = model.view.filter.updated_since;
            model.view.filter = Filter { updated_since, ..Filter::default() };
        }
        _ => narrow(model, command),
    }
    ask_for_what_is_shown(model);
}

fn narrow(model: &mut Model, command: Command) {
    let list = &model.list;
    let kind = model.current().map(|f| f.main().kind.clone());
    let filter = &mut model.view.filter;
    match command {
        Command::Severity => {
            const BANDS: [Band; 5] =
                [Band::Critical, Band::High, Band::Medium, Band::Low, Band::Informational];
            filter.at_least = next(&BANDS, &filter.at_least);
        }
        Command::State => {
            const STATES: [Status; 3] = [Status::Active, Status::Archived, Status::All];
            filter.status = next(&STATES, &filter.status);
        }
        Command::Account => filter.account = next_or_all(list.accounts.iter(), &filter.account),
        Command::Region => filter.region = next_or_all(list.regions.iter(), &filter.region),
        Command::Service => filter.source = next_or_all(Source::ALL.iter(), &filter.source),
        Command::SameType => {
            filter.kind = if filter.kind.is_some() { None } else { kind };
        }
        _ => {}
    }
}

/// Severity and state are asked for at the services; the rest is filtered here.
pub fn ask_for_what_is_shown(model: &mut Model) {
    let filter = &model.view.filter;
    let ask = Ask {
        at_least: filter.at_least,
        status: filter.status,
        updated_since: filter.updated_since,
    };
    if ask != model.case.ask {
        model.case.ask_anew(ask);
    }
}

/// The element after `now`, round and round.
fn next<T: Copy + PartialEq>(all: &[T], now: &T) -> T {
    let at = all.iter().position(|x| x == now).map_or(0, |at| (at + 1) % all.len());
    all[at]
}

/// The first, the next, …, and after the last one none.
fn next_or_all<'a, T: Clone + PartialEq + 'a>(
    mut all: impl Iterator<Item = &'a T>,
    now: &Option<T>,
) -> Option<T> {
    match now {
        None => all.next().cloned(),
        Some(now) => {
            all.find(|x| *x == now);
            all.next().cloned()
        }
    }
}

/// What a key means in a line that is being typed.
pub fn request(key: Key) -> Option<InputRequest> {
    Some(match (key.code, key.ctrl) {
        (Code::Char('a'), true) | (Code::Home, _) => InputRequest::GoToStart,
        (Code::Char('e'), true) | (Code::End, _) => InputRequest::GoToEnd,
        (Code::Char('u'), true) => InputRequest::DeleteFromStart,
        (Code::Char('k'), true) => InputRequest::DeleteTillEnd,
        (Code::Char('w'), true) => InputRequest::DeletePrevWord,
        (Code::Char(c), false) if !key.alt => InputRequest::InsertChar(c),
        (Code::Backspace, _) => InputRequest::DeletePrevChar,
        (Code::Delete, _) => InputRequest::DeleteNextChar,
        (Code::Left, _) => InputRequest::GoToPrevChar,
        (Code::Right, _) => InputRequest::GoToNextChar,
        _ => return None,
    })
}

/// A key in the text filter. The list follows while it is being typed.
pub fn typed(model: &mut Model, key: Key) {
    let Some(Overlay::Filter { input, before }) = &mut model.overlay else { return };
    let text = match (key.code, key.ctrl) {
        (Code::Enter, _) => {
            model.overlay = None;
            return;
        }
        (Code::Esc, _) | (Code::Char('c'), true) => {
            let before = std::mem::take(before);
            model.overlay = None;
            before
        }
        _ => {
            let Some(request) = request(key) else { return };
            input.handle(request);
            input.value().to_owned()
        }
    };
    filter_by(model, text);
}

/// The text goes to the list that is on the screen.
fn filter_by(model: &mut Model, text: String) {
    match model.pane {
        Pane::Audit => {
            model.ledger.arrange(&text);
            model.ledger_filter = text;
        }
        Pane::Trail => {
            if let Some(asked) = &mut model.trail.sight.asked {
                asked.text = text;
            }
        }
        Pane::Iam => model.iam.view.text = text,
        Pane::Playbooks => {
            model.shelf.text = text;
            model.shelf.cursor = 0;
        }
        Pane::Organization => model.organization.filter(text),
        _ => model.view.filter.text = text,
    }
}

/// Longest text taken from a paste, in characters.
const LONGEST: usize = 200;

/// The first line of a paste, without control characters.
pub fn paste(input: &mut Input, text: &str) {
    let line = text.lines().next().unwrap_or_default();
    for c in line.chars().filter(|c| !c.is_control()).take(LONGEST) {
        input.handle(InputRequest::InsertChar(c));
    }
}

/// A paste into the text filter: its first line, without control characters.
pub fn pasted(model: &mut Model, text: &str) {
    let Some(Overlay::Filter { input, .. }) = &mut model.overlay else { return };
    paste(input, text);
    let text = input.value().to_owned();
    filter_by(model, text);
}
