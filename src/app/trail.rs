//! The trail pane: questions about events, from one to the next and back.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{Effect, panes};
use crate::{
    case::{Inquiry, Load, Sessions, Step},
    domain::{
        Fault, Place,
        event::{By, Window},
        finding::{Finding, sought},
    },
    input::Command,
    model::{
        Asked, DEFAULT, Earlier, Focus, Model, Notice, Overlay, Pane, Same, Sight, Tree, When,
        of_session, same,
    },
    store::Found,
    ui,
};

/// Questions that can be gone back to.
const EARLIER: usize = 100;
/// Looked at before a finding was first seen, and after it was last seen.
const AROUND: SignedDuration = SignedDuration::from_mins(30);
/// The longest window that is asked for around a finding.
const MOST: SignedDuration = SignedDuration::from_hours(25);

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    use Command as C;
    match command {
        C::Trail => open(model, effects),
        C::Events => of_finding(model, effects),
        C::JumpBack => jump_back(model, effects),
        C::Wider | C::Narrower | C::Earlier | C::Later => {
            let Some(asked) = &model.trail.sight.asked else { return };
            let (when, now) = (asked.when, model.now);
            let when = match command {
                C::Wider => when.wider(now),
                C::Narrower => when.narrower(now),
                C::Earlier => when.earlier(now),
                _ => when.later(now),
            };
            if when == asked.when {
                model.notice = Some(Notice::Done("the window goes no further".to_owned()));
                return;
            }
            let asked = Asked { when, window: when.window(now), ..asked.clone() };
            let (selected, window) = (model.trail.sight.selected.clone(), asked.window);
            let tree = model.trail.sight.tree.as_ref().map(|_| Tree::of(window));
            ask(model, asked, effects);
            model.trail.sight.tree = tree;
            // The event that the operator looks at stays in sight in the other window.
            model.trail.sight.selected = selected;
        }
        C::FailedOnly => {
            if let Some(asked) = &mut model.trail.sight.asked {
                asked.failed = !asked.failed;
            }
        }
        C::ClearFilters => {
            let Some(asked) = &model.trail.sight.asked else { return };
            let asked = Asked::new(Vec::new(), asked.when, model.now);
            ask(model, asked, effects);
        }
        C::Reverse => {
            model.trail.oldest_first = !model.trail.oldest_first;
            model.trail.follow();
        }
        C::Chart => model.trail.chart = !model.trail.chart,
        C::StopAsking => stop(model, effects),
        C::Refresh => again(model, effects),
        C::Same => model.overlay = Some(Overlay::Same(0)),
        C::FindingsOf => findings_of(model),
        C::Sessions => tree(model),
        C::Open if model.trail.sight.tree.is_some() => of_session_shown(model, effects),
        _ => go_on(model, command, effects),
    }
}

/// Goes to the trail as it was left; the first time with a question that needs no thought.
fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    let from_finding = model.pane == Pane::Findings;
    panes::go(model, Pane::Trail);
    if model.trail.sight.asked.is_some() {
        return;
    }
    let around = model.current().cloned().filter(|_| from_finding);
    let (when, cut) = around.and_then(|f| around_finding(&f)).unwrap_or((DEFAULT, false));
    model.trail.sight.asked = Some(Asked::new(Vec::new(), when, model.now));
    say_cut(model, cut);
    inquire(model, effects);
}

/// What the finding's key, principal or address did around it.
fn of_finding(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(finding) = model.current().cloned() else { return };
    let (by, others) = subject(&finding);
    let (when, cut) = around_finding(&finding).unwrap_or((DEFAULT, false));
    if by.is_empty() {
        let what = "nothing in the finding that events can be asked by: everything around it";
        model.notice = Some(Notice::Done(what.to_owned()));
    } else if !others.is_empty() {
        let others: Vec<String> = others.iter().map(ToString::to_string).collect();
        let what = format!("the finding names also {}: b asks by it", others.join(", "));
        model.notice = Some(Notice::Done(what));
    }
    ask(model, Asked::new(by, when, model.now), effects);
    panes::go(model, Pane::Trail);
    say_cut(model, cut);
}

/// The one thing to look for, and what else of the kind the finding names: a key says most,
/// then the principal, the resource that was misused, and the address.
fn subject(finding: &Finding) -> (Vec<By>, Vec<By>) {
    let mut all: Vec<By> = finding.records().flat_map(|r| sought(r)).collect();
    let actor = finding.main().actor.raw();
    let first = actor.split([' ', ',', '(']).next().unwrap_or_default();
    if first.parse::<std::net::IpAddr>().is_ok() {
        all.push(By::Address(first.to_owned()));
    }
    let rank = |by: &By| match by {
        By::Key(_) => 0,
        By::Role(_) => 1,
        By::User(_) => 2,
        By::Resource(_) => 3,
        _ => 4,
    };
    all.sort_by_key(rank);
    let Some(best) = all.first().cloned() else { return Default::default() };
    let mut others: Vec<By> = Vec::new();
    for by in all {
        if rank(&by) == rank(&best) && by != best && !others.contains(&by) {
            others.push(by);
        }
    }
    (vec![best], others)
}

/// The window around a finding, and whether it was cut.
fn around_finding(finding: &Finding) -> Option<(When, bool)> {
    let main = finding.main();
    let first = main.first_seen.or(main.created_at)?;
    let last = main.last_seen.or(finding.updated_at()).unwrap_or(first).max(first);
    let (from, to) = (first.checked_sub(AROUND).ok()?, last.checked_add(AROUND).ok()?);
    let earliest = to.checked_sub(MOST).ok()?;
    Some((When::Between(from.max(earliest), to), from < earliest))
}

fn say_cut(model: &mut Model, cut: bool) {
    if cut {
        let what = "the finding is older than that: its last 25 hours are shown, + widens";
        model.notice = Some(Notice::Done(what.to_owned()));
    }
}

/// Asks another question; back leads to the one before.
pub fn ask(model: &mut Model, asked: Asked, effects: &mut Vec<Effect>) {
    let sight = Sight { asked: Some(asked), ..Sight::default() };
    let trail = &mut model.trail;
    // Where it is asked from is found again also when that list has grown.
    trail.sight.selected =
        trail.current().map(|e| e.id.clone()).or_else(|| trail.sight.selected.take());
    let sight = std::mem::replace(&mut trail.sight, sight);
    if trail.earlier.len() == EARLIER {
        trail.earlier.remove(0);
    }
    let inquiry = model.case.inquiry.clone();
    trail.earlier.push(Earlier { sight, inquiry, pane: model.pane });
    inquire(model, effects);
}

/// The same question once more, up to now: what is missing; where nothing was, all of it,
/// for nobody promises when an event arrives.
fn again(model: &mut Model, effects: &mut Vec<Effect>) {
    let was_whole = |i: &Inquiry| i.is_over() && i.gaps().is_empty();
    let again = model.case.inquiry.as_ref().is_some_and(was_whole);
    if let Some(asked) = &mut model.trail.sight.asked {
        asked.window = asked.when.window(model.now);
        if let Some(tree) = &mut model.trail.sight.tree {
            (tree.window, tree.news) = (asked.window, None);
        }
        send(model, again, effects);
    }
}

fn inquire(model: &mut Model, effects: &mut Vec<Effect>) {
    send(model, false, effects);
}

fn send(model: &mut Model, again: bool, effects: &mut Vec<Effect>) {
    model.trail.postponed = false;
    let Some(asked) = &model.trail.sight.asked else { return };
    if model.setup.offline {
        model.case.inquiry = None;
        return;
    }
    let question = asked.question();
    let places = model.case.inquire(question.clone(), model.now);
    model.trail.postponed = places.is_empty();
    if let Some(inquiry) = model.case.inquiry.as_ref().filter(|_| !places.is_empty()) {
        effects.push(Effect::Inquire { id: inquiry.id, question, places, again });
    }
}

fn running(model: &Model) -> Option<&Inquiry> {
    model.case.inquiry.as_ref().filter(|i| !i.is_over())
}

fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(inquiry) = model.case.inquiry.as_mut().filter(|i| !i.is_over()) else { return };
    inquiry.stop();
    effects.push(Effect::StopInquiry(inquiry.id));
    let what = "stopped; what was read is kept, and asking again goes on from there";
    model.notice = Some(Notice::Done(what.to_owned()));
}

/// Back to the question before: its list, its cursor, and how far asking had come. Where
/// it was asked from another pane, to that pane.
pub fn jump_back(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(earlier) = model.trail.earlier.pop() else { return panes::back(model) };
    let unfinished = earlier.inquiry.as_ref().is_some_and(|i| !i.is_over());
    model.trail.sight = earlier.sight;
    if let Some(tree) = &mut model.trail.sight.tree {
        // Its answer came while something else was shown, or comes yet: it is asked anew.
        if tree.stitching.take().is_some() {
            tree.news = None;
        }
    }
    if let Some(inquiry) = running(model) {
        effects.push(Effect::StopInquiry(inquiry.id));
    }
    model.trail.postponed = false;
    model.case.inquiry = earlier.inquiry;
    if unfinished {
        inquire(model, effects);
    }
    if earlier.pane != Pane::Trail {
        panes::back(model);
    }
}

/// From the event under the cursor to what it has in common with others.
fn go_on(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let Some(event) = model.trail.current() else { return };
    let all = same(event);
    let chosen = match (&model.overlay, command) {
        (Some(Overlay::Same(line)), Command::Open) => all.into_iter().nth(*line),
        _ => all.into_iter().find(|(c, _)| *c == command),
    };
    let Some((command, way)) = chosen else { return };
    // From when the key was given out to when it ends.
    let life = event.time.zip(event.issued.as_ref()).filter(|_| command == Command::GivenKey);
    let life = life.map(|(from, i)| (from, i.expires.unwrap_or(model.now).min(model.now)));
    let (life, id) = (life.filter(|(from, to)| from < to), event.id.clone());
    model.overlay = None;
    let Some(asked) = &model.trail.sight.asked else { return };
    let around = matches!(way, Same::When(_));
    let next = match (way, life) {
        (Same::By(by), Some((from, to))) => {
            Asked::new(vec![by], When::Between(from, to), model.now)
        }
        (Same::By(by), None) => {
            Asked { text: String::new(), failed: false, by: vec![by], ..asked.clone() }
        }
        (Same::When(when), _) => Asked::new(Vec::new(), when, model.now),
    };
    ask(model, next, effects);
    // It is among what is around it.
    model.trail.sight.selected = around.then_some(id);
}

/// The sessions of the window in the list's place, or the list again.
fn tree(model: &mut Model) {
    let sight = &mut model.trail.sight;
    let Some(asked) = sight.asked.as_ref().filter(|_| sight.tree.is_none()) else {
        sight.tree = None;
        return;
    };
    sight.tree = Some(Tree::of(asked.window));
    sight.focus = Focus::List;
}

/// The sessions of a window that may not be looked at any more.
pub fn stitched(model: &mut Model, window: Window, sessions: Result<Arc<Sessions>, Fault>) {
    let Some(tree) = &mut model.trail.sight.tree else { return };
    if tree.stitching == Some(window) {
        tree.stitching = None;
    }
    if tree.window != window {
        return;
    }
    match sessions {
        Ok(sessions) => tree.grow(sessions),
        Err(fault) => tree.sessions = Load::Failed(fault),
    }
}

/// From a session in the tree to what it did.
fn of_session_shown(model: &mut Model, effects: &mut Vec<Effect>) {
    let sight = &model.trail.sight;
    let session = sight.tree.as_ref().and_then(|t| t.current());
    let (Some(session), Some(asked)) = (session, &sight.asked) else { return };
    let by = vec![of_session(session)];
    let next = Asked { by, text: String::new(), failed: false, ..asked.clone() };
    ask(model, next, effects);
}

/// To the findings, filtered by the event's key, else by who called.
fn findings_of(model: &mut Model) {
    let Some(event) = model.trail.current() else { return };
    let name = event.access_key().or(event.username.as_ref());
    let Some(name) = name.map(|n| n.raw().to_owned()) else { return };
    model.view.filter.text = name;
    model.focus = Focus::List;
    panes::go(model, Pane::Findings);
}

/// Moves the cursor, or scrolls the detail.
pub fn travel(model: &mut Model, command: Command) {
    let (most, page) = ui::scroll_bounds(model);
    let moved = |at: usize, last: usize| super::browse::moved(at, command, page, last);
    let last = model.trail.len().saturating_sub(1);
    let sight = &mut model.trail.sight;
    if let Some(tree) = &mut sight.tree {
        let to = moved(tree.cursor, tree.rows.len().saturating_sub(1));
        return go_to(model, to);
    }
    if sight.focus == Focus::Detail {
        sight.detail.scroll = moved(sight.detail.scroll.min(most), most);
        return;
    }
    let to = moved(sight.cursor, last);
    go_to(model, to);
}

/// Puts the cursor onto a line of the list.
pub fn go_to(model: &mut Model, to: usize) {
    let sight = &mut model.trail.sight;
    if let Some(tree) = &mut sight.tree {
        tree.cursor = to;
        return;
    }
    if to != sight.cursor {
        sight.cursor = to;
        sight.detail.scroll = 0;
    }
    // Who goes to the first line watches what arrives.
    sight.selected = None;
    if to > 0 {
        model.trail.sight.selected = model.trail.current().map(|e| e.id.clone());
    }
}

pub fn switch_focus(model: &mut Model, command: Command) {
    let id = model.trail.current().map(|e| e.id.clone());
    let sight = &mut model.trail.sight;
    sight.focus = match (command, sight.focus) {
        (Command::Open, _) | (_, Focus::List) => Focus::Detail,
        (_, Focus::Detail) => Focus::List,
    };
    if sight.focus == Focus::Detail {
        sight.selected = id;
    }
}

/// Closes the detail, drops the text, goes back to the question before.
pub fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    let sight = &mut model.trail.sight;
    if sight.focus == Focus::Detail {
        sight.focus = Focus::List;
        return;
    }
    if sight.tree.take().is_some() {
        return;
    }
    match &mut sight.asked {
        Some(asked) if !asked.text.is_empty() => asked.text.clear(),
        _ => jump_back(model, effects),
    }
}

/// What a place tells of an inquiry; of one that counts no more, nothing.
pub fn told(model: &mut Model, id: u64, place: &Place, step: Step) {
    let Some(inquiry) = model.case.inquiry.as_mut().filter(|i| i.id == id) else { return };
    if matches!(step, Step::Kept { new, .. } if new > 0) {
        model.trail.news += 1;
    }
    inquiry.told(place, step);
}

/// The answer of a search. Where the question has changed meanwhile it is dropped.
pub fn found(model: &mut Model, serial: u64, found: Result<Box<Found>, Fault>) {
    let trail = &mut model.trail;
    if serial != trail.serial {
        return;
    }
    let Some(searched) = trail.searching.take() else { return };
    if trail.wanted().is_none_or(|(question, _)| question != searched.0) {
        return;
    }
    trail.sight.found_for = Some(searched);
    match found {
        Ok(found) => {
            trail.sight.found = *found;
            trail.sight.trouble = None;
        }
        Err(fault) => trail.sight.trouble = Some(fault),
    }
    trail.follow();
}

/// What follows from any message: a question that waited for somebody to be signed in, a
/// list that is behind, a cursor that must be seen.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.trail.postponed && !model.case.histories().0.is_empty() {
        inquire(model, effects);
    }
    let trail = &mut model.trail;
    if trail.searching.is_none()
        && let Some(wanted) = trail.wanted()
        && trail.sight.found_for.as_ref() != Some(&wanted)
    {
        trail.serial += 1;
        effects.push(Effect::Search { serial: trail.serial, question: wanted.0.clone() });
        trail.searching = Some(wanted);
    }
    let news = trail.news;
    if let Some(tree) = &mut trail.sight.tree
        && tree.stitching.is_none()
        && tree.news != Some(news)
    {
        (tree.stitching, tree.news) = (Some(tree.window), Some(news));
        effects.push(Effect::Stitch(tree.window));
    }
    if model.pane == Pane::Trail {
        keep_in_sight(model);
    }
}

fn keep_in_sight(model: &mut Model) {
    let page = ui::page_rows(model).max(1);
    let sight = &mut model.trail.sight;
    if let Some(tree) = &mut sight.tree {
        let least = (tree.cursor + 1).saturating_sub(page);
        tree.top = tree.top.clamp(least, tree.cursor.max(least));
    }
    let least = (sight.cursor + 1).saturating_sub(page);
    let most = sight.found.events.len().saturating_sub(page).max(least);
    sight.top = sight.top.clamp(least, sight.cursor.max(least)).min(most);
}
