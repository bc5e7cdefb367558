//! The timeline: what was marked, by the time that it happened.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{theme::Theme, words};
use crate::{
    domain::{timeline::Entry, untrusted::display_in},
    model::Model,
};

/// A value longer than this is cut.
const CELLS: usize = 400;

pub fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    if model.timeline.is_empty() {
        return vec![
            Line::raw(" Nothing is marked yet."),
            Line::styled(" n marks the event or the finding under the cursor.", theme.dim),
        ];
    }
    let mut lines = Vec::new();
    let mut incident = None;
    for entry in by_incident(&model.timeline) {
        if incident != Some(&entry.mark.incident) {
            incident = Some(&entry.mark.incident);
            let name = match entry.mark.incident.as_str() {
                "" => "Without an incident".to_owned(),
                id => format!("Incident {}", display_in(id, 60)),
            };
            lines.push(Line::styled(format!(" {name}"), theme.label));
        }
        one(model, theme, width, entry, &mut lines);
    }
    lines
}

/// Those of one incident together, else as they are: by time.
fn by_incident(entries: &[Entry]) -> Vec<&Entry> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|e| &e.mark.incident);
    sorted
}

fn one<'l>(model: &Model, theme: &Theme, width: usize, entry: &Entry, lines: &mut Vec<Line<'l>>) {
    let about = &entry.mark.about;
    let at = entry
        .mark
        .at
        .map_or("at a time it does not say".to_owned(), |at| words::when(at, &model.zone));
    let said = |t: &Option<crate::domain::Untrusted>| {
        t.as_ref().map(|t| display_in(t.raw(), CELLS)).filter(|t| !t.is_empty())
    };
    let account = about.account.as_ref().map(ToString::to_string);
    let parts = [
        Some(entry.mark.what.kind().to_owned()),
        said(&about.principal),
        said(&about.address),
        account,
        said(&about.region),
        said(&about.result),
    ];
    lines.push(Line::from(vec![
        Span::styled(" ◆ ", theme.new),
        Span::styled(format!("{at}  "), theme.dim),
        Span::styled(display_in(about.name.raw(), CELLS), theme.heading),
    ]));
    let mut say = |text: &str, style: Style| {
        for part in textwrap::wrap(text, width.saturating_sub(5).max(10)) {
            lines.push(Line::styled(format!("     {part}"), style));
        }
    };
    let what = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    if !what.is_empty() {
        say(&what, Style::new());
    }
    if !entry.mark.note.is_empty() {
        say(&format!("“{}”", display_in(&entry.mark.note, CELLS)), theme.warning);
    }
}
