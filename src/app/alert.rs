//! What must not be missed is filed, and rings.

use jiff::SignedDuration;

use super::Effect;
use crate::{
    case::Load,
    domain::{Answer, Logging, Untrusted, untrusted::display_in},
    model::{Model, Notice, Overlay, Page},
};

/// Whoever works with break-glass is told so long before it ends.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// Trails that recorded and do so no longer: before the answer is taken in.
pub fn logging_stops(model: &mut Model, answer: &Answer) {
    let Answer::Logging(now) = answer else { return };
    let Some(Load::Ready(before)) = model.case.logging.get(&now.place) else { return };
    let records = |logging: &Logging, arn: &Untrusted| {
        logging.trails.iter().any(|trail| trail.arn == *arn && trail.is_healthy())
    };
    let recorded = before.trails.iter().filter(|trail| trail.is_healthy());
    let stopped = recorded.filter(|trail| !records(now, &trail.arn));
    let names: Vec<String> = stopped.map(|trail| display_in(trail.name.raw(), 60)).collect();
    if !names.is_empty() {
        let text = format!(
            "LOGGING: {} in {} recorded and does so no longer",
            names.join(", "),
            now.place
        );
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
