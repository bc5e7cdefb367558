//! The first steps: from page to page, and the file at their end.

use std::sync::Arc;

use super::{
    Effect,
    filter::{paste, request},
};
use crate::{
    domain::Fault,
    input::{Code, Command, Key, Keymap, Meaning, Scope},
    model::{Found, Model, Notice, Overlay, Profile, Step, Wizard},
};

/// Lays the first steps over the screen.
pub fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(about) = model.setup.unconfigured.clone() else { return };
    model.overlay = Some(Overlay::Wizard(Box::new(Wizard::new(about))));
    effects.push(Effect::ReadProfiles);
}

pub fn profiles(model: &mut Model, read: Vec<Profile>) {
    let Some(Overlay::Wizard(wizard)) = &mut model.overlay else { return };
    let found = |profile| Found { profile, chosen: false, production: false };
    wizard.profiles = Some(read.into_iter().map(found).collect());
}

/// Whether a key leaves halon, as it does anywhere where nothing is typed.
pub fn quits(model: &Model, key: Key) -> bool {
    let typed = matches!(&model.overlay, Some(Overlay::Wizard(w)) if w.step.is_typed());
    let meaning = model.keymap.meaning(&[Scope::Global], &[key]);
    !typed && meaning == Meaning::Command(Command::Quit)
}

pub fn typed(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let Some(Overlay::Wizard(wizard)) = &mut model.overlay else { return };
    if wizard.writing {
        return;
    }
    wizard.trouble = None;
    match (key.code, key.ctrl) {
        (Code::Esc, _) | (Code::Char('c'), true) => leave(model),
        (Code::Enter, _) if wizard.step == Step::Summary => {
            wizard.writing = true;
            let (file, text) = (wizard.about.file.clone(), wizard.text());
            effects.push(Effect::WriteConfig { file, text });
        }
        (Code::Enter, _) => go_on(wizard),
        (Code::Tab, _) => skip(wizard),
        (Code::BackTab, _) => turn(wizard, false),
        (Code::Left, _) if !wizard.step.is_typed() => turn(wizard, false),
        _ if wizard.step.is_typed() => {
            let glass = wizard.step == Step::Glass;
            let input = if glass { &mut wizard.glass } else { &mut wizard.regions };
            if let Some(request) = request(key) {
                input.handle(request);
            }
        }
        (Code::Down | Code::Char('j'), _) => go_to(wizard, wizard.cursor + 1),
        (Code::Up | Code::Char('k'), _) => go_to(wizard, wizard.cursor.saturating_sub(1)),
        (Code::Char(' ' | 'x'), _) => wizard.toggle(),
        _ => {}
    }
}

pub fn pasted(model: &mut Model, text: &str) {
    let Some(Overlay::Wizard(wizard)) = &mut model.overlay else { return };
    match wizard.step {
        Step::Regions => paste(&mut wizard.regions, text),
        Step::Glass => paste(&mut wizard.glass, text),
        _ => {}
    }
}

/// To the next page, unless what was typed on this one is wrong.
fn go_on(wizard: &mut Wizard) {
    let wrong = match wizard.step {
        Step::Regions => wizard.regions().err(),
        Step::Glass => wizard.glass().err(),
        _ => None,
    };
    match wrong {
        Some(why) => wizard.trouble = Some(why),
        None => turn(wizard, true),
    }
}

/// To the next page, with nothing said on this one.
fn skip(wizard: &mut Wizard) {
    match wizard.step {
        Step::Accounts => wizard.profiles.iter_mut().flatten().for_each(|found| {
            found.chosen = false;
            found.production = false;
        }),
        Step::Production => {
            wizard.profiles.iter_mut().flatten().for_each(|found| found.production = false);
        }
        Step::Regions => wizard.regions.reset(),
        Step::Glass => wizard.glass.reset(),
        Step::Keymap => wizard.keymap = 0,
        Step::Theme => wizard.theme = 0,
        Step::Welcome | Step::Summary => {}
    }
    turn(wizard, true);
}

/// One page on or back. A page with nothing to choose from is passed over.
fn turn(wizard: &mut Wizard, on: bool) {
    loop {
        let at = wizard.step.number() - 1;
        let to = if on { at + 1 } else { at.saturating_sub(1) };
        wizard.step = Step::ALL[to.min(Step::ALL.len() - 1)];
        let empty = match wizard.step {
            Step::Production => wizard.rows() == 0,
            Step::Theme => wizard.rows() < 2,
            _ => false,
        };
        if !empty {
            break;
        }
    }
    wizard.cursor = match wizard.step {
        Step::Keymap => wizard.keymap,
        Step::Theme => wizard.theme,
        _ => 0,
    };
}

fn go_to(wizard: &mut Wizard, at: usize) {
    wizard.cursor = at.min(wizard.rows().saturating_sub(1));
    match wizard.step {
        Step::Keymap => wizard.keymap = wizard.cursor,
        Step::Theme => wizard.theme = wizard.cursor,
        _ => {}
    }
}

fn leave(model: &mut Model) {
    model.overlay = None;
    model.declined = true;
    let keys = model.keymap.keys(&[Scope::Global], Command::SetUp);
    let keys = keys.first().map(|keys| format!(" ({keys})")).unwrap_or_default();
    let what = format!(
        "nothing was written; the first steps come back with set-up{keys} or: halon config init"
    );
    model.notice = Some(Notice::Done(what));
}

/// The file is on disk, or why not.
pub fn written(model: &mut Model, written: Result<(), Fault>) {
    let Some(Overlay::Wizard(wizard)) = &mut model.overlay else { return };
    wizard.writing = false;
    if let Err(fault) = written {
        wizard.trouble = Some(fault.to_string());
        return;
    }
    let wizard = wizard.clone();
    model.overlay = None;
    model.setup.unconfigured = None;
    if let Some(keymap) = Keymap::of(wizard.keymap_name()) {
        model.keymap = keymap;
    }
    if let Some(look) = wizard.theme_name().and_then(|name| model.setup.look.with(name)) {
        model.setup.look = Arc::new(look);
    }
    for role in wizard.glass().unwrap_or_default() {
        if !model.case.break_glass.contains(&role) {
            model.case.break_glass.push(role);
        }
    }
    let later =
        wizard.chosen().next().is_some() || !wizard.regions().unwrap_or_default().is_empty();
    let later = if later { "; accounts and regions hold from the next start on" } else { "" };
    model.notice = Some(Notice::Done(format!("{} is written{later}", wizard.about.shown)));
}
