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
    // Taken down now: the list may move while the note is being typed.
    let marks = of_what_is_selected(model);
    let Some(first) = marks.first() else { return };
    let what = match marks.len() {
        1 => display_in(first.about.name.raw(), 40),
        n => format!("{n} findings"),
    };
    let title = format!("Mark for the timeline: {what}");
    let fields = vec![Field::new("note", "what it means; may be left empty", "").optional()];
    let purpose = Purpose::Mark(marks);
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at: 0, trouble: None }));
}

fn of_what_is_selected(model: &Model) -> Vec<Mark> {
    let incident = model.mode.armed().map(|a| a.incident.id.clone()).unwrap_or_default();
    let by = model.case.caller_arn(None).unwrap_or_default();
    match model.pane {
        Pane::Trail => {
            let event = model.trail.current();
            event.into_iter().map(|e| Mark::event(e, &incident, "", &by)).collect()
        }
        _ => {
            let chosen = model.chosen().into_iter();
            chosen.map(|f| Mark::finding(f, &incident, "", &by)).collect()
        }
    }
}

pub fn submit(model: &mut Model, marks: Vec<Mark>, note: &str, effects: &mut Vec<Effect>) {
    model.overlay = None;
    let noted = marks.into_iter().map(|mark| Mark { note: note.to_owned(), ..mark });
    effects.push(Effect::Mark(noted.collect()));
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
