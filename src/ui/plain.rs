//! What is read on the screen as plain text: for the clipboard and for a pager. It came through
//! the sanitiser on its way to the lines.

use ratatui::text::Line;

use super::{act, detail, iam_detail, organization_detail, overlay, trail_detail, tree};
use crate::model::{Model, Overlay, Page, Pane};

/// Columns that sentences are wrapped at.
const WIDTH: usize = 100;
/// Columns of JSON: its lines are not broken.
const WHOLE: usize = 1 << 16;

/// The text that is read: what lies over the screen, else the detail of what is under the
/// cursor. None where there is no text.
pub fn present_text(model: &Model) -> Option<String> {
    let theme = model.setup.look.theme();
    let lines = match (&model.overlay, model.pane) {
        (Some(Overlay::Text(page, _)), _) => {
            let width = if *page == Page::Record { WHOLE } else { WIDTH };
            overlay::lines(model, theme, *page, width)
        }
        (Some(_), _) => return None,
        (None, Pane::Findings) => {
            let width = if model.detail.raw { WHOLE } else { WIDTH };
            let each = model.chosen().into_iter().enumerate().flat_map(|(at, finding)| {
                let between = (at > 0).then(Line::default);
                between.into_iter().chain(detail::lines(model, finding, theme, width))
            });
            each.collect()
        }
        (None, Pane::Trail) => match &model.trail.sight.tree {
            Some(tree) => tree::lines(model, theme, tree, WIDTH),
            None => {
                let width = if model.trail.sight.detail.raw { WHOLE } else { WIDTH };
                trail_detail::lines(model, model.trail.current()?, theme, width)
            }
        },
        (None, Pane::Iam) => iam_detail::lines(model, theme, WIDTH),
        (None, Pane::Organization) => {
            let width = if model.organization.raw { WHOLE } else { WIDTH };
            organization_detail::lines(model, theme, width)
        }
        (None, Pane::Audit) => {
            model.ledger.current()?;
            overlay::lines(model, theme, Page::Record, WHOLE)
        }
        (None, Pane::Plan | Pane::Run) => act::lines(model, theme, WIDTH),
        (None, Pane::Playbooks | Pane::Drill) => return None,
    };
    let text: String = lines.iter().map(|line| plain(line) + "\n").collect();
    (!text.trim().is_empty()).then_some(text)
}

fn plain(line: &Line<'_>) -> String {
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    text.trim_end().to_owned()
}
