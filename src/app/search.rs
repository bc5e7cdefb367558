//! Looking for words in a text: asked for, typed, gone through.

use tui_input::Input;

use super::filter::{paste, request};
use crate::{
    input::{Code, Command, Key},
    model::{Model, Notice, Search, Typing},
    ui,
};

pub fn perform(model: &mut Model, command: Command) {
    match command {
        Command::Search => ask(model),
        Command::NextMatch => turn(model, true),
        Command::PreviousMatch => turn(model, false),
        _ => {}
    }
}

fn ask(model: &mut Model) {
    let Some(place) = model.text_place() else { return };
    let scroll = model.text_scroll();
    let before = model.search.take().map(Box::new);
    let typing = Some(Typing { input: Input::default(), scroll, before });
    model.search = Some(Search { place, text: String::new(), line: scroll, typing });
}

/// The text follows while it is being typed.
pub fn typed(model: &mut Model, key: Key) {
    let Some(typing) = model.search.as_mut().and_then(|search| search.typing.as_mut()) else {
        return;
    };
    match (key.code, key.ctrl) {
        (Code::Enter, _) => entered(model),
        (Code::Esc, _) | (Code::Char('c' | 'g'), true) => give_up(model),
        _ => {
            if let Some(request) = request(key) {
                typing.input.handle(request);
                follow(model);
            }
        }
    }
}

pub fn pasted(model: &mut Model, text: &str) {
    if let Some(typing) = model.search.as_mut().and_then(|search| search.typing.as_mut()) {
        paste(&mut typing.input, text);
        follow(model);
    }
}

/// To the first match from where the text was when it was asked.
fn follow(model: &mut Model) {
    let Some(search) = &mut model.search else { return };
    let Some(typing) = &search.typing else { return };
    let from = typing.scroll;
    search.text = typing.input.value().to_owned();
    let hits = ui::matches(model);
    let line = hits.iter().find(|line| **line >= from).or(hits.first()).copied();
    match line {
        Some(line) => go_to(model, line),
        None => *model.text_scroll_mut() = from,
    }
}

fn entered(model: &mut Model) {
    let none = ui::matches(model).is_empty();
    let Some(search) = &mut model.search else { return };
    if search.text.is_empty() {
        return give_up(model);
    }
    search.typing = None;
    if none {
        model.notice = Some(Notice::Done("nothing in this text matches".to_owned()));
    }
}

/// As it was before it was asked.
fn give_up(model: &mut Model) {
    let Some(typing) = model.search.take().and_then(|search| search.typing) else { return };
    model.search = typing.before.map(|before| *before);
    *model.text_scroll_mut() = typing.scroll;
}

/// The next match, or the one before, round and round.
fn turn(model: &mut Model, on: bool) {
    let hits = ui::matches(model);
    let Some(line) = model.search.as_ref().map(|search| search.line) else { return };
    let next = match on {
        true => hits.iter().find(|hit| **hit > line).or(hits.first()),
        false => hits.iter().rev().find(|hit| **hit < line).or(hits.last()),
    };
    match next {
        Some(next) => go_to(model, *next),
        None => model.notice = Some(Notice::Done("nothing in this text matches".to_owned())),
    }
}

/// Scrolled only as far as it is needed to see the line, with some lines around it.
fn go_to(model: &mut Model, line: usize) {
    const AROUND: usize = 2;
    if let Some(search) = &mut model.search {
        search.line = line;
    }
    let (most, page) = ui::scroll_bounds(model);
    let scroll = model.text_scroll().min(most);
    let around = AROUND.min(page.saturating_sub(1) / 2);
    let least = (line + around + 1).saturating_sub(page);
    let highest = line.saturating_sub(around);
    *model.text_scroll_mut() = scroll.clamp(least, highest.max(least)).min(most);
}

/// What follows from any message: another text has the focus, and nobody searched that.
pub fn settle(model: &mut Model) {
    let place = model.text_place();
    if model.search.as_ref().is_some_and(|search| Some(search.place) != place) {
        model.search = None;
    }
}
