//! What takes what back, in whichever log it stands.

use serde_json::Value;

use super::change::{Change, Fate};

/// Finds for each change that takes something back what that is: of the run that it names
/// a change before it whose way back is this very call; the last one that nothing else takes
/// back already.
pub fn join(changes: &mut [Change]) {
    for at in 0..changes.len() {
        let (earlier, from) = changes.split_at_mut(at);
        let back = &mut from[0];
        let Some(run) = &back.undoes else { continue };
        let is_its = |made: &&mut Change| {
            made.run == *run && made.way_back.iter().any(|named| back.is_call(named))
        };
        let made = earlier.iter_mut().filter(is_its);
        let Some(made) = made.max_by_key(|made| (made.undone_by.is_empty(), made.number)) else {
            continue;
        };
        made.undone_by.push(back.number);
        back.takes_back = Some(made.number);
    }
    for at in 0..changes.len() {
        changes[at].undone = is_undone(&changes[at], changes);
    }
}

/// Whether each call of its way back was made and seen to be done.
fn is_undone(made: &Change, all: &[Change]) -> bool {
    let is_done = |named: &Value| {
        made.undone_by.iter().any(|number| {
            let back = &all[*number - 1];
            back.fate == Fate::Done && back.is_call(named)
        })
    };
    !made.way_back.is_empty() && made.way_back.iter().all(is_done)
}
