//! The hub: every message comes through here.

use super::{Effect, Msg, browse, filter};
use crate::{
    input::{Command, Key},
    model::{Model, Notice, Overlay, available},
};

/// The first effects, before any message.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![Effect::Load];
    settle(model, &mut effects);
    effects
}

/// Takes in one message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Ticked(now) => model.now = now,
        Msg::KeyPressed(key) => pressed(model, key, &mut effects),
        Msg::Pasted(text) => {
            if let Some(Overlay::Filter { .. }) = model.overlay {
                filter::pasted(model, &text);
            }
        }
        Msg::Resized(width, height) => model.size = (width, height),
        Msg::Answered(ticket, answer) => {
            if let Some(records) = model.case.answered(ticket, answer, model.now)
                && !records.is_empty()
            {
                effects.push(Effect::Keep(records));
            }
        }
        Msg::Arranged { revision, view, list } => {
            model.arranging = false;
            model.arranged = Some((revision, view));
            model.list = *list;
            browse::follow_selection(model);
        }
        Msg::Loaded { records, seen } => {
            for (record, kept_at) in records {
                model.case.queue.put_kept(record, kept_at);
            }
            // What was looked at while the store was being read counts as well.
            let looked = std::mem::replace(&mut model.seen, seen);
            model.seen.extend(looked);
            model.seen_loaded = true;
        }
        Msg::Hurt(fault) => model.notice = Some(Notice::Trouble(fault)),
        Msg::Terminated => quit(model, &mut effects),
    }
    settle(model, &mut effects);
    effects
}

/// What follows from any message: questions that are due, a list that is behind.
fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.quitting {
        return;
    }
    if !model.setup.offline {
        let due = model.case.due(model.now);
        effects.extend(due.into_iter().map(|(ticket, query)| Effect::Ask(ticket, query)));
    }
    if !model.arranging && !model.is_arranged() {
        model.arranging = true;
        effects.push(Effect::Arrange {
            revision: model.case.queue.revision(),
            findings: model.case.queue.findings().clone(),
            view: model.view.clone(),
        });
    }
    browse::keep_in_sight(model);
}

fn pressed(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    model.notice = None;
    if let Some(Overlay::Filter { .. }) = model.overlay {
        return filter::typed(model, key);
    }
    let Some(command) = model.keymap.command(model.scopes(), key) else { return };
    if let Err(why) = available(command, model) {
        let what = format!("{}: {why}", command.info().short);
        model.notice = Some(Notice::Done(what));
        return;
    }
    perform(model, command, effects);
}

fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    use Command as C;
    match command {
        C::Quit => quit(model, effects),
        C::Suspend => effects.push(Effect::Suspend),
        C::Redraw => effects.push(Effect::Redraw),
        C::Refresh => model.case.refresh(),
        C::Clock => browse::switch_clock(model),
        C::Help | C::Health | C::Calls => browse::lay_over(model, command),
        C::Back => browse::back(model),
        C::Down | C::Up | C::PageDown | C::PageUp | C::First | C::Last => {
            browse::go(model, command, effects);
        }
        C::Focus | C::Open => browse::switch_focus(model, command, effects),
        C::Raw => {
            model.detail.raw = !model.detail.raw;
            model.detail.scroll = 0;
        }
        C::Chart => model.chart = !model.chart,
        C::CopyId | C::CopyArn => browse::copy(model, command, effects),
        C::MarkSeen | C::MarkAllSeen => browse::mark(model, command, effects),
        C::Filter
        | C::Severity
        | C::State
        | C::Account
        | C::Region
        | C::Service
        | C::SameType
        | C::ClearFilters
        | C::Sort
        | C::Reverse => filter::change(model, command),
    }
}

fn quit(model: &mut Model, effects: &mut Vec<Effect>) {
    model.quitting = true;
    effects.push(Effect::Quit);
}
