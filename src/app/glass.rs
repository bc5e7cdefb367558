//! Sessions of break-glass come to their end: on time, on demand, and when halon is left.

use serde_json::json;

use super::{Effect, act};
use crate::{
    audit::{Entry, Kind},
    domain::OpenSession,
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
    let incident = model.mode.armed().map(|arming| arming.incident.id.clone());
    let entry = Entry::new(Kind::Note)
        .with("text", format!("the break-glass session of {} was ended: {why}", open.role))
        .with("incident", json!(incident))
        .with("session", json!(open));
    effects.push(Effect::EndSession { role: open.role.clone(), by: act::by(model, None), entry });
    model.case.glass_ended(&open.role);
    model.notice =
        Some(Notice::Done(format!("break-glass ended: {why}; its credentials are gone")));
}
