//! Marks for the timeline: an event or a finding, with what it says now and a note.

use super::Effect;
use crate::{
    domain::{Fault, timeline::Mark, untrusted::display_in},
    input::Command,
    model::{Field, Form, Model, Notice, Overlay, Page, Pane, Purpose},
    store::Timeline,
};

pub fn perform(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if command == Command::Timeline {
        effects.push(Effect::ReadTimeline);
        model.overlay = Some(Overlay::Text(Page::Timeline, 0));
        return;
    }
    let Some(mark) = of_what_is_selected(model) else { return };
    // Taken down now: the list may move while the note is being typed.
    let title = format!("Mark for the timeline: {}", display_in(mark.about.name.raw(), 40));
    let fields = vec![Field::new("note", "what it means; may be left empty", "").optional()];
    let purpose = Purpose::Mark(Box::new(mark));
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at: 0, trouble: None }));
}

fn of_what_is_selected(model: &Model) -> Option<Mark> {
    let incident = model.mode.armed().map(|a| a.incident.id.clone()).unwrap_or_default();
    let by = model.case.caller_arn(None).unwrap_or_default();
    match model.pane {
        Pane::Trail => model.trail.current().map(|e| Mark::event(e, &incident, "", &by)),
        _ => model.current().map(|f| Mark::finding(f, &incident, "", &by)),
    }
}

pub fn submit(model: &mut Model, mark: Mark, note: &str, effects: &mut Vec<Effect>) {
    model.overlay = None;
    effects.push(Effect::Mark(Box::new(Mark { note: note.to_owned(), ..mark })));
}

/// The timeline as the store has it.
pub fn read(model: &mut Model, read: Result<Timeline, Fault>) {
    match read {
        Ok(timeline) => {
            if let Some(fault) = timeline.fault() {
                model.notice = Some(Notice::Trouble(fault));
            }
            model.marked =
                timeline.entries.iter().filter_map(|e| e.mark.what.id().cloned()).collect();
            model.timeline = timeline.entries;
        }
        Err(fault) => model.notice = Some(Notice::Trouble(fault)),
    }
}
