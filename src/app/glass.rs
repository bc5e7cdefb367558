//! Sessions of break-glass come to their end: on time, on demand, and when halon is left.

use super::{Effect, act};
use crate::{
    domain::OpenSession,
    guard::session_ended,
    model::{Model, Notice},
};

/// Ends every session that is open.
pub fn end_all(model: &mut Model, why: &str, effects: &mut Vec<Effect>) {
    for open in model.case.glass.clone() {
        end(model, &open, why, effects);
    }
}

/// Ends the sessions whose time is up: AWS refuses them from now on.
pub fn lapse(model: &mut Model, effects: &mut Vec<Effect>) {
    for open in model.case.glass_lapsed(model.now) {
        end(model, &open, "its time ran out", effects);
    }
}

fn end(model: &mut Model, open: &OpenSession, why: &str, effects: &mut Vec<Effect>) {
    let arming = model.mode.armed();
    let entry = session_ended(open, arming.map(|a| a.incident.id.as_str()), why);
    let credentials = match arming.is_some_and(|a| a.is_drill()) {
        true => "are kept to prove that they die, and for nothing else",
        false => "are gone",
    };
    effects.push(Effect::EndSession { role: open.role.clone(), by: act::by(model, None), entry });
    model.case.glass_ended(&open.role);
    let what = format!("break-glass ended: {why}; its credentials {credentials}");
    model.notice = Some(Notice::Done(what));
}
