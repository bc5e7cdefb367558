//! The palette: typed into, and what it does.

use super::{
    Effect, act,
    filter::{self, paste, request},
    iam, panes, saved,
    update::give,
};
use crate::{
    case::{Hit, Sort, View},
    domain::{AccountId, Status, finding::Key as FindingKey},
    input::{Code, Key},
    model::{Choice, Focus, Goal, Model, Notice, Overlay, Palette, Pane, ShelfRow},
    ui,
};

pub fn open(model: &mut Model) {
    model.overlay = Some(Overlay::Palette(Box::new(Palette::open(model))));
}

pub fn typed(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let page = ui::palette_rows(model).max(1);
    let Some(Overlay::Palette(palette)) = &mut model.overlay else { return };
    let last = palette.rows.len().saturating_sub(1);
    match (key.code, key.ctrl) {
        (Code::Esc, _) | (Code::Char('c' | 'g'), true) => drop(close(model)),
        (Code::Enter, _) if palette.is_behind() => palette.entered = true,
        (Code::Enter, _) => choose(model, effects),
        (Code::Down | Code::Tab, _) | (Code::Char('n'), true) => {
            palette.cursor = (palette.cursor + 1).min(last);
        }
        (Code::Up | Code::BackTab, _) | (Code::Char('p'), true) => {
            palette.cursor = palette.cursor.saturating_sub(1);
        }
        (Code::PageDown, _) => palette.cursor = (palette.cursor + page).min(last),
        (Code::PageUp, _) => palette.cursor = palette.cursor.saturating_sub(page),
        _ => {
            if let Some(request) = request(key) {
                palette.input.handle(request);
                palette.retyped();
            }
        }
    }
}

pub fn pasted(model: &mut Model, text: &str) {
    let Some(Overlay::Palette(palette)) = &mut model.overlay else { return };
    paste(&mut palette.input, text);
    palette.retyped();
}

/// What was below comes back.
pub fn close(model: &mut Model) -> Option<Choice> {
    let Some(Overlay::Palette(palette)) = model.overlay.take() else { return None };
    let chosen = palette.current().cloned();
    model.overlay = palette.under.map(|under| *under);
    chosen
}

/// What follows from any message: findings and principals that are to be looked up.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Palette(palette)) = &mut model.overlay else { return };
    if palette.looking.is_some() || !palette.is_behind() {
        return;
    }
    let text = palette.text().to_owned();
    palette.looking = Some(text.clone());
    effects.push(Effect::LookUp {
        text,
        findings: model.case.queue.findings().clone(),
        survey: model.iam.survey.clone(),
    });
}

/// What matches a text.
pub fn found(model: &mut Model, text: String, found: Vec<Hit>, effects: &mut Vec<Effect>) {
    let Some(Overlay::Palette(palette)) = &mut model.overlay else { return };
    palette.found(text, found);
    if palette.entered && !palette.is_behind() {
        choose(model, effects);
    }
}

/// Does what the line under the cursor says.
pub fn choose(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Choice { goal, name, why, .. }) = close(model) else { return };
    match (goal, why) {
        // What lies over the screen is not in the way of going somewhere.
        (Goal::Place(command), None) => {
            model.overlay = None;
            give(model, command, effects);
        }
        (Goal::Command(command) | Goal::Place(command), _)
            if command.works_among(model.scopes()) =>
        {
            give(model, command, effects);
        }
        (Goal::Command(_) | Goal::Place(_), why) => {
            model.notice = Some(Notice::Done(format!("{name}: {}", why.unwrap_or_default())));
        }
        (Goal::Playbook(id), _) => playbook(model, &id, effects),
        (Goal::Principal(sought), _) => {
            model.overlay = None;
            iam::open(model);
            iam::go_to(model, sought);
        }
        (Goal::Saved(name), _) => saved::recall(model, &name),
        (Goal::Account(account), _) => of_account(model, account),
        (Goal::Finding(key), _) => finding(model, &key),
    }
}

/// To the playbook, and to its inputs.
fn playbook(model: &mut Model, id: &str, effects: &mut Vec<Effect>) {
    model.overlay = None;
    give(model, crate::input::Command::Playbooks, effects);
    let is = |row: &ShelfRow| match row {
        ShelfRow::Playbook(at, _) => model.shelf.all[*at].id == id,
        ShelfRow::Run(_) => false,
    };
    match model.shelf_rows().iter().position(is) {
        Some(at) => {
            model.shelf.cursor = at;
            act::choose(model);
        }
        None => model.notice = Some(Notice::Done(format!("{id} is not there any more"))),
    }
}

/// The findings of an account, whatever was filtered by before.
fn of_account(model: &mut Model, account: AccountId) {
    let filter = &model.view.filter;
    let kept = View {
        filter: crate::case::Filter {
            account: Some(account),
            at_least: filter.at_least,
            status: filter.status,
            updated_since: filter.updated_since,
            ..Default::default()
        },
        sort: Sort::default(),
        reverse: false,
    };
    model.view = kept;
    to_findings(model);
}

/// To a finding, whatever hides it.
fn finding(model: &mut Model, key: &FindingKey) {
    let Some(at) = model.case.queue.position(key) else {
        model.notice = Some(Notice::Done("this finding is not there any more".to_owned()));
        return;
    };
    to_findings(model);
    model.focus = Focus::Detail;
    model.detail.scroll = 0;
    model.selected = Some(key.clone());
    if let Some(line) = model.list.rows.iter().position(|row| row.at == at)
        && model.is_arranged()
    {
        model.cursor = line;
        return;
    }
    let found = model.case.queue.findings()[at].clone();
    let filter = &mut model.view.filter;
    *filter = crate::case::Filter {
        at_least: filter.at_least,
        status: filter.status,
        ..Default::default()
    };
    if !filter.admits(&found) {
        filter.at_least = filter.at_least.min(found.main().severity.band);
        filter.status = Status::All;
    }
    filter::ask_for_what_is_shown(model);
}

fn to_findings(model: &mut Model) {
    model.overlay = None;
    model.focus = Focus::List;
    panes::go(model, Pane::Findings);
}
