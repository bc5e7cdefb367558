//! What differs between two principals or two versions, and what a refusal said.

use ratatui::{style::Style, text::Line};

use super::{page, theme::Theme};
use crate::{
    case::{Compared, Load},
    domain::untrusted::display_in,
    model::Model,
};

pub fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let Some(compared) = &model.iam.compared else {
        return vec![Line::styled(" comparing …", theme.dim)];
    };
    let mut lines = Vec::new();
    for one in compared {
        let (mark, text, style) = match one {
            Compared::Heading(text) => {
                if !lines.is_empty() {
                    lines.push(Line::default());
                }
                ("", text.as_str(), theme.label)
            }
            Compared::Same(text) => ("  ", text.as_str(), Style::new()),
            Compared::Before(text) => ("- ", text.as_str(), theme.trouble),
            Compared::After(text) => ("+ ", text.as_str(), theme.good),
            Compared::Gap => ("  ", "…", theme.dim),
            Compared::Alike => ("  ", "no difference", theme.dim),
        };
        wrap(mark, text, style, width, &mut lines);
    }
    lines
}

/// The mark stands before each line that a long one is broken into.
fn wrap<'l>(mark: &str, text: &str, style: Style, width: usize, lines: &mut Vec<Line<'l>>) {
    let indent = text.len() - text.trim_start().len();
    let room = width.saturating_sub(mark.len() + indent + 2).max(10);
    for part in textwrap::wrap(text.trim_start(), room) {
        lines.push(Line::styled(format!(" {mark}{}{part}", " ".repeat(indent)), style));
    }
}

/// The refusal as it was decoded.
pub fn decoded<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let say = |text: String, style: Style| -> Vec<Line<'l>> {
        let parts = textwrap::wrap(&text, width.saturating_sub(2).max(10));
        parts.into_iter().map(|part| Line::styled(format!(" {part}"), style)).collect()
    };
    match &model.case.inspection.decoded {
        None => say("no message was asked about".to_owned(), theme.dim),
        Some((message, load)) => {
            let mut lines = say(format!("message {}", display_in(message, 60)), theme.dim);
            lines.push(Line::default());
            match load {
                Load::Idle | Load::Loading => {
                    lines.extend(say("asking AWS …".to_owned(), theme.dim))
                }
                Load::Failed(fault) => lines.extend(say(fault.to_string(), theme.trouble)),
                Load::Ready(text) => page::pretty(text.raw(), width, &mut lines),
            }
            lines
        }
    }
}
