//! What comes after the last objective: evidence, and the end.

use super::Coach;
use crate::{
    drill::Item,
    input::Command,
    model::{DrillRow, Overlay, Pane, Purpose, drill::parts},
};

/// Lines that are gone through page by page.
const PAGE: usize = 24;

impl Coach<'_> {
    pub(super) fn gather(&self) -> String {
        match self.go_to(Pane::Drill, Command::Drill, "the evidence is there") {
            Some(way) => way,
            None => self.press(Command::Probe, "halon gathers what it can find by itself"),
        }
    }

    /// An item that people are asked. The script has an answer for practice: somebody who drills
    /// in earnest types what is true.
    pub(super) fn answer(&self, item: Item) -> String {
        let model = self.model;
        if let Some(Overlay::Form(form)) = &model.overlay
            && form.purpose == Purpose::Evidence(item)
        {
            let said = self.prospect.script.answers.get(&item.number());
            let parts = said.map(|text| parts(item, text)).unwrap_or_default();
            // Whoever says something else says it: what can be read is an answer.
            let wanted = |at: usize, name: &str| {
                let (typed, field) = (form.fields.get(at)?.input.value(), item.fields().get(at)?);
                if form.at != at && field.read(typed, model.now, &[]).is_ok() {
                    return None;
                }
                Some(parts.iter().find(|(key, _)| *key == name)?.1.to_owned())
            };
            return self.fields(form, wanted, "that is the answer");
        }
        if let Some(way) = self.go_to(Pane::Drill, Command::Drill, "the evidence is there") {
            return way;
        }
        let rows = model.drill_rows();
        match rows.iter().position(|row| *row == DrillRow::Evidence(item)) {
            Some(at) if at == model.drill.cursor => self.press(Command::Answer, item.name()),
            Some(at) => self.travel(model.drill.cursor, at, PAGE, item.name()),
            None => super::wait("there is no evidence"),
        }
    }

    pub(super) fn end(&self) -> String {
        if let Some(Overlay::EndDrill { input, abort: false }) = &self.model.overlay {
            return self.fill(input, "yes", "end the drill");
        }
        match self.go_to(Pane::Drill, Command::Drill, "the drill ends there") {
            Some(way) => way,
            None => self.press(Command::EndDrill, "end the drill"),
        }
    }
}
