//! Everything that must not be missed, read by being shown.

use ratatui::text::{Line, Span};

use super::{iam::ago, theme::Theme, words};
use crate::{
    domain::untrusted::display_in,
    model::{Model, Notice},
};

/// As long as the longest text of a fault may be.
const CELLS: usize = 2_000;

pub fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let mut lines = Vec::new();
    for told in model.notices.all() {
        let (word, style) = match told.notice {
            Notice::Alarm(_) => ("ALARM", theme.trouble),
            Notice::Trouble(_) => ("trouble", theme.warning),
            Notice::Done(_) => ("", theme.dim),
        };
        let times =
            if told.times > 1 { format!(" · {} times", told.times) } else { String::new() };
        let at = words::when(told.at, &model.zone);
        lines.push(Line::from(vec![
            Span::styled(format!(" {word} "), style),
            Span::styled(format!("{at}, {}{times}", ago(model.now, told.at)), theme.dim),
        ]));
        let text = display_in(&told.notice.text(), CELLS);
        for part in textwrap::wrap(&text, width.saturating_sub(4).max(10)) {
            lines.push(Line::raw(format!("   {part}")));
        }
    }
    if model.notices.dropped > 0 {
        let text = format!(" {} older ones are not kept", model.notices.dropped);
        lines.push(Line::styled(text, theme.dim));
    }
    if lines.is_empty() {
        lines.push(Line::styled(" Nothing: no alarm and no trouble.", theme.good));
    }
    lines
}
