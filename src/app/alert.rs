//! What must not be missed is filed, and rings.

use jiff::SignedDuration;

use super::Effect;
use crate::{
    case::Load,
    domain::{Answer, Logging, untrusted::display_in},
    model::{Model, Notice, Overlay, Page},
};

/// Whoever works with break-glass is told so long before it ends.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// Trails that recorded and do so no longer: before the answer is taken in.
pub fn logging_stops(model: &mut Model, answer: &Answer) {
    let Answer::Logging(now) = answer else { return };
    let healthy = |logging: &Logging| logging.trails.iter().any(|t| t.is_healthy());
    let stopped = match model.case.logging.get(&now.place) {
        Some(Load::Ready(before)) => healthy(before) && !healthy(now),
        _ => false,
    };
    if stopped {
        let first = now.troubles().into_iter().next().unwrap_or_default();
        let text = format!("LOGGING STOPPED in {}: {}", now.place, display_in(&first, 200));
        model.tell(Notice::Alarm(text));
    }
}

pub fn break_glass_ends(model: &mut Model) {
    for open in model.case.glass.clone() {
        let left = open.expires.duration_since(model.now);
        if left <= SOON && model.alert.ending.insert(open.role.clone()) {
            let minutes = (left.as_secs().max(0) + 59) / 60;
            let text = format!("break-glass {} ends in {minutes} minutes", open.role);
            model.tell(Notice::Alarm(text));
        }
    }
    let open: Vec<_> = model.case.glass.iter().map(|open| open.role.clone()).collect();
    model.alert.ending.retain(|role| open.contains(role));
}

/// What follows from any message.
pub fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    // What must be read is filed; what was only to be said goes with the next key.
    match model.notice.take() {
        Some(Notice::Done(what)) => model.notice = Some(Notice::Done(what)),
        Some(notice) => model.tell(notice),
        None => {}
    }
    if matches!(model.overlay, Some(Overlay::Text(Page::Notices, _))) {
        model.notices.read_all();
    }
    if let Some(ring) = model.ring() {
        effects.push(Effect::Ring(ring));
    }
    let title = model.title();
    if title != model.alert.title {
        effects.extend(title.clone().map(Effect::Title));
        model.alert.title = title;
    }
}
