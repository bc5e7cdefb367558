//! Whoever is watched: begun by runs and by hand, asked for whatever is on the screen, and
//! told of at once where a call is refused, or still goes through.

use super::{Effect, panes, trail};
use crate::{
    case::{Watch, WatchNews, call_line},
    domain::{Fault, Gap, Place, event::Window},
    input::Command,
    model::{Asked, Model, Notice, Overlay, Pane, When, watchable},
    store::Found,
    ui::words,
};

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::WatchIt => begin(model),
        Command::Watches => model.overlay = Some(Overlay::Watches(0)),
        Command::Prolong => {
            let now = model.now;
            if let Some(watch) = under_cursor(model) {
                watch.prolong(now);
            }
        }
        Command::StopWatch => {
            if let Some(watch) = under_cursor(model) {
                watch.stop("by the operator");
            }
        }
        Command::WatchEvents => events(model, effects),
        _ => {}
    }
}

fn under_cursor(model: &mut Model) -> Option<&mut Watch> {
    let id = model.watch_under_cursor()?.id;
    model.case.watch_mut(id)
}

/// By hand: whoever is selected, from now on.
fn begin(model: &mut Model) {
    let Ok((who, account)) = watchable(model) else { return };
    model.case.watch(who, account, model.now, None, model.now);
    model.overlay = Some(Overlay::Watches(0));
}

/// From a watch to what it is about, on the trail.
fn events(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(watch) = model.watch_under_cursor() else { return };
    let Window { from, .. } = watch.window(model.now);
    let asked = Asked::new(watch.by(), When::Between(from, model.now), model.now);
    model.overlay = None;
    trail::ask(model, asked, effects);
    panes::go(model, Pane::Trail);
}

/// What follows from any message: runs that have ended, questions that are due.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.setup.offline {
        return;
    }
    model.case.watch_after_runs(model.now, model.setup.range.is_some());
    let due = model.case.watches_due(model.now).into_iter();
    effects.extend(due.map(|ask| Effect::Watch(Box::new(ask))));
}

/// What a place answered for a watch.
pub fn told(
    model: &mut Model,
    id: u64,
    place: &Place,
    gaps: Vec<Gap>,
    found: Result<Box<Found>, Fault>,
) {
    let (zone, now) = (model.zone.clone(), model.now);
    let Some(watch) = model.case.watch_mut(id) else { return };
    let news = watch.answered(now, place, gaps, found);
    let when = |at| words::second(at, &zone);
    // The worst of it stays on the screen.
    if let Some(worst) = news.iter().max_by_key(|n| **n != WatchNews::FirstDenied) {
        let notice = notice(watch, worst, &when);
        let is_alarm = matches!(&model.notice, Some(Notice::Alarm(_) | Notice::Trouble(_)));
        if !(is_alarm && matches!(notice, Notice::Done(_))) {
            model.notice = Some(notice);
        }
    }
}

fn notice(watch: &Watch, news: &WatchNews, when: &dyn Fn(jiff::Timestamp) -> String) -> Notice {
    match news {
        WatchNews::FirstDenied => {
            let call = watch.first_denied().map(|c| call_line(c, when)).unwrap_or_default();
            Notice::Done(format!("{}: first denied {call}", watch.who))
        }
        WatchNews::WentThrough { .. } => {
            let text = format!("{}: {}", watch.who, watch.headline(when).text);
            match watch.should_refuse_all() {
                true => Notice::Alarm(text),
                false => Notice::Done(text),
            }
        }
    }
}
