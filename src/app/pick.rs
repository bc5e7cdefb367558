//! Picking findings for what is done to several at once.

use std::collections::HashSet;

use super::{Effect, browse};
use crate::{
    input::Command,
    model::{Model, Notice},
};

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Pick => {
            let Some(key) = model.current().map(|finding| finding.key().clone()) else { return };
            if !model.picked.keys.remove(&key) {
                model.picked.keys.insert(key);
            }
            browse::go(model, Command::Down, effects);
        }
        Command::PickAll => {
            let shown = model.list.rows.iter().map(|row| model.finding(*row).key().clone());
            let shown: Vec<_> = shown.collect();
            model.picked.keys.extend(shown);
            say(model);
        }
        _ => {
            model.picked.keys.clear();
            model.picked.hidden = 0;
            model.notice = Some(Notice::Done("nothing is picked any more".to_owned()));
        }
    }
}

fn say(model: &mut Model) {
    let n = model.picked.keys.len();
    model.notice = Some(Notice::Done(format!("{n} findings are picked")));
}

/// After the list was arranged anew: what is gone is not picked any more.
pub fn follow(model: &mut Model) {
    if model.picked.keys.is_empty() {
        return;
    }
    let queue = &model.case.queue;
    model.picked.keys.retain(|key| queue.get(key).is_some());
    let shown: HashSet<_> = model.list.rows.iter().map(|row| model.finding(*row).key()).collect();
    model.picked.hidden = model.picked.keys.iter().filter(|key| !shown.contains(key)).count();
}
