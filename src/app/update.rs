//! The hub: every message comes through here.

use std::sync::Arc;

use super::{
    Effect, Msg, act, alert, browse, can, confirm, drill, filter, form, glass, iam, ledger, mark,
    mouse, organization, palette, panes, pick, query, saved, search, trail, watch, wizard,
};
use crate::{
    domain::untrusted::display_in,
    input::{Code, Command, Key, Meaning},
    model::{Detail, Model, Notice, Overlay, Pane, Remembered, available},
    playbook::Run,
};

/// The first effects, before any message.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects =
        vec![Effect::Load, Effect::LoadPlaybooks, Effect::ReadLog(None), Effect::ReadTimeline];
    if let Some(pane) = model.remembered.as_ref().and_then(Remembered::pane) {
        go_back_to(model, pane, &mut effects);
    }
    if model.setup.unconfigured.as_ref().is_some_and(|u| u.at_once) {
        wizard::begin(model, &mut effects);
    }
    settle(model, &mut effects);
    effects
}

/// To the pane that was left, as its key does.
fn go_back_to(model: &mut Model, pane: Pane, effects: &mut Vec<Effect>) {
    let command = match pane {
        Pane::Trail => Command::Trail,
        Pane::Playbooks => Command::Playbooks,
        Pane::Audit => Command::Audit,
        Pane::Iam => Command::Iam,
        Pane::Organization => Command::Organization,
        Pane::Findings | Pane::Plan | Pane::Run | Pane::Drill => return,
    };
    if available(command, model).is_ok() {
        perform(model, command, effects);
    }
}

/// Keeps how the console is left, where that is remembered and is otherwise than on disk.
fn remember(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = Remembered::of(model);
    if let Some(kept) = model.remembered.as_mut().filter(|kept| **kept != now) {
        *kept = now.clone();
        effects.push(Effect::Remember(Box::new(now)));
    }
}

/// Takes in one message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Ticked(now) => {
            model.now = now;
            act::lapse(model, &mut effects);
            glass::lapse(model, &mut effects);
            remember(model, &mut effects);
            alert::break_glass_ends(model);
        }
        Msg::KeyPressed(key) => pressed(model, key, &mut effects),
        // A paste is never consent: nobody typed it.
        Msg::Pasted(text) if model.search.as_ref().is_some_and(|s| s.typing.is_some()) => {
            search::pasted(model, &text);
        }
        Msg::Pasted(text) => match model.overlay {
            Some(Overlay::Filter { .. }) => filter::pasted(model, &text),
            Some(Overlay::Form(_)) => form::pasted(model, &text),
            Some(Overlay::Wizard(_)) => wizard::pasted(model, &text),
            Some(Overlay::Can) => can::pasted(model, &text),
            Some(Overlay::Palette(_)) => palette::pasted(model, &text),
            _ => {}
        },
        Msg::Clicked { x, y } => {
            model.notice = None;
            mouse::clicked(model, x, y, &mut effects);
        }
        Msg::Scrolled { x, y, down } => mouse::scrolled(model, x, y, down, &mut effects),
        Msg::Resized(width, height) => model.size = (width, height),
        Msg::Answered(ticket, answer) => {
            alert::logging_stops(model, &answer);
            if let Some(records) = model.case.answered(ticket, answer, model.now)
                && !records.is_empty()
            {
                model.alert.heard.extend(records.iter().map(|record| record.key.clone()));
                effects.push(Effect::Keep(records));
            }
        }
        Msg::Arranged { revision, view, list } => {
            model.arranging = false;
            model.arranged = Some((revision, view));
            model.list = *list;
            browse::follow_selection(model);
            pick::follow(model);
        }
        Msg::Analysed { role, known, analysis } => {
            organization::analysed(model, &role, *known, *analysis);
        }
        Msg::CallsFound { arn, news, used } => iam::found(model, arn, news, used),
        Msg::LookedUp { text, found } => palette::found(model, text, found, &mut effects),
        Msg::Compared(lines) => model.iam.compared = Some(lines),
        Msg::Surveyed(survey) => iam::surveyed(model, survey),
        Msg::SurveyArranged { survey, view, rows } => iam::arranged(model, &survey, view, rows),
        Msg::Loaded { records, seen } => {
            for (record, kept_at) in records {
                model.case.queue.put_kept(record, kept_at);
            }
            // What was looked at while the store was being read counts as well.
            let looked = std::mem::replace(&mut model.seen, seen);
            model.seen.extend(looked);
            model.seen_loaded = true;
        }
        Msg::Inquired { id, place, step } => trail::told(model, id, &place, step),
        Msg::EventsFound { serial, found } => trail::found(model, serial, found),
        Msg::Watched { id, place, gaps, found } => watch::told(model, id, &place, gaps, found),
        Msg::Stitched { window, sessions } => trail::stitched(model, window, sessions),
        Msg::TimelineRead(read) => mark::read(model, read),
        Msg::PlaybooksLoaded(all) => model.shelf.all = all,
        Msg::PlaybookChecked(unchanged) => act::checked(model, unchanged),
        Msg::Armed(incident, written) => {
            act::armed(model, incident, written);
            // Armed in order to run the plan, and the plan is still there.
            let wanted = std::mem::take(&mut model.start_wanted) && model.pane == Pane::Plan;
            if wanted && model.mode.armed().is_some() {
                act::start(model, &mut effects);
            }
        }
        Msg::Did { run, told } => act::did(model, &run, told, &mut effects),
        Msg::Called(call) => model.case.called(call, model.now),
        Msg::LogRead(read, undo) => {
            let good = read.is_ok();
            ledger::read(model, read, undo);
            if good {
                drill::known(model, &mut effects);
            }
        }
        Msg::DrillWritten { at, event, written } => {
            drill::written(model, at, *event, written, &mut effects);
        }
        Msg::FactsJudged(judged) => drill::judged(model, judged),
        Msg::DeviceShown(code) => model.drill.device = code,
        Msg::Probed(found) => drill::probed(model, found, &mut effects),
        Msg::LogVerified(said, good) => {
            model.ledger.verifying = false;
            model.ledger.verified = Some(said.clone());
            if !good {
                let fault = crate::domain::Fault::new(crate::domain::FaultKind::Local, said);
                model.notice = Some(Notice::Trouble(fault));
            }
        }
        Msg::LogProved(proved) => ledger::proved(model, proved),
        Msg::ReadBack(sentences) => {
            model.notice = Some(Notice::Done(sentences.join("; ")));
            effects.push(Effect::ReadLog(None));
        }
        Msg::ProfilesRead(read) => wizard::profiles(model, read),
        Msg::ConfigWritten(written) => wizard::written(model, written),
        Msg::Hurt(fault) => model.notice = Some(Notice::Trouble(fault)),
        Msg::Terminated => quit(model, &mut effects),
    }
    settle(model, &mut effects);
    effects
}

/// What follows from any message: questions that are due, a list that is behind.
fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let unsettled = model.case.runs.iter().filter(|r| !r.is_over()).count();
    act::go_on(model, effects);
    confirm::close_stale(model);
    if model.quitting {
        return leave(model, effects);
    }
    if model.case.runs.iter().filter(|r| !r.is_over()).count() < unsettled {
        // A run has ended: the audit pane and the way back know of it.
        effects.push(Effect::ReadLog(None));
    }
    iam::ask(model, false);
    organization::ask(model, false);
    can::settle(model);
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
    palette::settle(model, effects);
    search::settle(model);
    watch::settle(model, effects);
    trail::settle(model, effects);
    iam::settle(model, effects);
    organization::settle(model, effects);
    drill::settle(model, effects);
    browse::keep_in_sight(model);
    panes::keep_in_sight(model);
    model.mark_on_its_way();
    alert::settle(model, effects);
}

fn pressed(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    model.notice = None;
    model.drill.stuck = false;
    if model.is_typing() {
        model.begun.clear();
    }
    if model.search.as_ref().is_some_and(|search| search.typing.is_some()) {
        return search::typed(model, key);
    }
    match model.overlay {
        Some(Overlay::Filter { .. }) => return filter::typed(model, key),
        Some(Overlay::Form(_)) => return form::typed(model, key, effects),
        Some(Overlay::Wizard(_)) if !wizard::quits(model, key) => {
            return wizard::typed(model, key, effects);
        }
        Some(Overlay::Wizard(_)) => return perform(model, Command::Quit, effects),
        Some(Overlay::Confirm(_)) => return confirm::typed(model, key),
        Some(Overlay::Can) => return can::typed(model, key),
        Some(Overlay::Palette(_)) => return palette::typed(model, key, effects),
        Some(Overlay::EndDrill { .. }) => return drill::typed(model, key, effects),
        Some(
            Overlay::Text(..)
            | Overlay::Same(_)
            | Overlay::Saved(_)
            | Overlay::Watches(_)
            | Overlay::Leave,
        )
        | None => {}
    }
    // Whoever has begun with keys and thinks better of it goes nowhere with esc.
    if !model.begun.is_empty() && key == Key::plain(Code::Esc) {
        return model.begun.clear();
    }
    model.begun.push(key);
    let meaning = model.keymap.meaning(model.scopes(), &model.begun);
    if meaning == Meaning::Begins {
        return;
    }
    model.begun.clear();
    if let Meaning::Command(command) = meaning {
        give(model, command, effects);
    }
}

/// Does what a command says, or tells why it cannot be done now.
pub fn give(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
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
        C::Quit if model.case.runs.iter().any(Run::in_flight) => {
            model.overlay = Some(Overlay::Leave);
        }
        C::Quit => quit(model, effects),
        C::Palette => palette::open(model),
        C::Search | C::NextMatch | C::PreviousMatch => search::perform(model, command),
        C::SaveFilter | C::SavedFilters | C::DropFilter => {
            saved::perform(model, command, effects);
        }
        C::Open if matches!(model.overlay, Some(Overlay::Saved(_))) => {
            saved::perform(model, command, effects);
        }
        C::Pick | C::PickAll | C::DropPicks => pick::perform(model, command, effects),
        C::Wait => model.overlay = None,
        C::LeaveNow => {
            model.overlay = None;
            quit(model, effects);
        }
        C::FindingsOf
        | C::Refresh
        | C::ClearFilters
        | C::Sort
        | C::Reverse
        | C::Focus
        | C::Open
            if model.pane == Pane::Iam =>
        {
            iam::perform(model, command, effects);
        }
        C::Refresh | C::Focus | C::Open | C::Raw | C::CopyId | C::CopyArn
            if model.pane == Pane::Organization =>
        {
            organization::perform(model, command, effects);
        }
        C::Organization | C::Exempt => organization::perform(model, command, effects),
        C::Mark | C::Timeline => mark::perform(model, command, effects),
        C::Query => query::ask(model),
        C::Trail
        | C::Events
        | C::JumpBack
        | C::Wider
        | C::Narrower
        | C::Earlier
        | C::Later
        | C::FailedOnly
        | C::StopAsking
        | C::Sessions
        | C::FindingsOf
        | C::Same
        | C::SameKey
        | C::SameAddress
        | C::SameAgent
        | C::SameRole
        | C::SameUser
        | C::SameResource
        | C::SameName
        | C::SameService
        | C::GivenKey
        | C::SameTime => trail::perform(model, command, effects),
        C::Refresh | C::ClearFilters | C::Reverse | C::Chart if model.pane == Pane::Trail => {
            trail::perform(model, command, effects);
        }
        C::Open if matches!(model.overlay, Some(Overlay::Same(_))) => {
            trail::perform(model, command, effects);
        }
        C::Open if model.pane == Pane::Trail && model.trail.sight.tree.is_some() => {
            trail::perform(model, command, effects);
        }
        C::Focus | C::Open if model.pane == Pane::Trail => trail::switch_focus(model, command),
        C::CanIt | C::AskAws | C::Decode | C::WhyDenied => can::perform(model, command),
        C::WatchIt | C::Watches | C::Prolong | C::StopWatch | C::WatchEvents => {
            watch::perform(model, command, effects);
        }
        C::Iam
        | C::PrincipalOf
        | C::EventsOf
        | C::NextTab
        | C::PreviousTab
        | C::Compare
        | C::Versions => {
            iam::perform(model, command, effects);
        }
        C::Findings | C::Playbooks | C::Audit => panes::switch(model, command, effects),
        C::Drill
        | C::Hint
        | C::Coach
        | C::BeginDrill
        | C::Answer
        | C::Probe
        | C::EndDrill
        | C::AbortDrill => drill::perform(model, command, effects),
        C::Arm => form::ask_arm(model),
        C::Disarm => act::disarm(model, "by the operator", effects),
        C::EndGlass => glass::end_all(model, "by the operator", effects),
        C::Choose => act::choose(model),
        C::Start => act::start(model, effects),
        C::Decide => model.set_aside = false,
        C::Yes | C::No | C::Retry | C::Skip | C::RollBack | C::Abandon => {
            act::decide(model, command, effects);
        }
        C::Undo | C::ShowRun | C::Verify | C::Prove | C::ReadBack => {
            ledger::perform(model, command, effects);
        }
        C::Open if model.pane == Pane::Audit => ledger::perform(model, command, effects),
        C::Suspend => effects.push(Effect::Suspend),
        C::Redraw => effects.push(Effect::Redraw),
        C::NextTheme => next_theme(model),
        C::SetUp => wizard::begin(model, effects),
        C::Refresh => model.case.refresh(),
        C::Clock => browse::switch_clock(model),
        C::Help | C::Health | C::Calls | C::Notices => browse::lay_over(model, command),
        C::Back => browse::back(model, effects),
        C::Down | C::Up | C::PageDown | C::PageUp | C::First | C::Last => {
            browse::go(model, command, effects);
        }
        C::Focus | C::Open => browse::switch_focus(model, command, effects),
        C::Raw => {
            let detail = match model.pane {
                Pane::Trail => &mut model.trail.sight.detail,
                _ => &mut model.detail,
            };
            *detail = Detail { raw: !detail.raw, scroll: 0 };
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

/// Ends what can be ended; the rest of leaving is [`leave`]'s.
/// For this session; what is there at the start stands in the configuration.
fn next_theme(model: &mut Model) {
    let said = match model.setup.look.next() {
        Some(look) => {
            let name = display_in(&look.theme().name, 40);
            model.setup.look = Arc::new(look);
            format!("theme {name}; to keep it: [screen] theme = \"{name}\" in halon.toml")
        }
        None => "there is no other theme for a terminal without colours".to_owned(),
    };
    model.notice = Some(Notice::Done(said));
}

fn quit(model: &mut Model, effects: &mut Vec<Effect>) {
    model.quitting = true;
    remember(model, effects);
    act::abandon_all(model);
    glass::end_all(model, "halon was left", effects);
    act::disarm(model, "halon was left", effects);
}

/// Quits once every run has written down its end. A change on its way is waited for only
/// where the operator did not choose to leave it as unknown.
fn leave(model: &mut Model, effects: &mut Vec<Effect>) {
    let writing = |r: &Run| r.is_waiting() && !r.in_flight();
    if !model.left && !model.case.runs.iter().any(writing) {
        model.left = true;
        effects.push(Effect::Quit);
    }
}
