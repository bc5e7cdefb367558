//! Where the operator is and how they came: at the left of the second line.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use super::{theme::Theme, trail_status};
use crate::model::{Focus, Model, Pane};

/// One step of the way, with the columns of the line that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub word: &'static str,
    /// The pane that it stands for; none for what is open in the last one.
    pub pane: Option<Pane>,
    pub x: u16,
}

const BETWEEN: &str = " › ";
const CUT: &str = "…";

fn word(pane: Pane) -> &'static str {
    match pane {
        Pane::Findings => "findings",
        Pane::Trail => "trail",
        Pane::Playbooks => "playbooks",
        Pane::Plan => "plan",
        Pane::Run => "run",
        Pane::Audit => "audit",
        Pane::Iam => "iam",
        Pane::Organization => "organization",
        Pane::Drill => "drill",
    }
}

/// What is open beside or over the list.
fn opened(model: &Model) -> Option<&'static str> {
    let word = match model.pane {
        Pane::Findings => "finding",
        Pane::Trail => "event",
        Pane::Iam => model.iam.current().map_or("principal", |(holding, _)| holding.kind.word()),
        Pane::Organization => "attached",
        _ => return None,
    };
    (model.focus() == Focus::Detail).then_some(word)
}

/// The steps that have room in a third of the line, the last ones first of all. None at the
/// start, where nothing led to the list of findings.
pub fn crumbs(model: &Model, width: u16) -> Vec<Crumb> {
    let panes = model.came_from.iter().chain(std::iter::once(&model.pane));
    let mut steps: Vec<(&'static str, Option<Pane>)> =
        panes.map(|pane| (word(*pane), Some(*pane))).collect();
    steps.extend(opened(model).map(|word| (word, None)));
    if steps.len() == 1 && model.pane == Pane::Findings {
        return Vec::new();
    }
    // What the trail's question says is never cut for it.
    let most = match model.pane {
        Pane::Trail => usize::from(width).saturating_sub(trail_status::bar_width(model, width)),
        _ => usize::MAX,
    };
    let most = most.min(usize::from(width / 3));
    let taken = |steps: &[(&str, Option<Pane>)]| -> usize {
        let words: usize = steps.iter().map(|(word, _)| word.width()).sum();
        words + BETWEEN.width() * steps.len().saturating_sub(1)
    };
    let all = steps.len();
    while steps.len() > 1 && taken(&steps) + 2 > most {
        steps.remove(0);
    }
    let cut = if steps.len() < all { CUT.width() + BETWEEN.width() } else { 0 };
    if model.pane == Pane::Trail && cut + taken(&steps) + 2 > most {
        return Vec::new();
    }
    let mut x = if steps.len() < all { 1 + CUT.width() + BETWEEN.width() } else { 1 };
    let crumb = |(word, pane): (&'static str, Option<Pane>)| {
        let crumb = Crumb { word, pane, x: x as u16 };
        x += word.width() + BETWEEN.width();
        crumb
    };
    steps.into_iter().map(crumb).collect()
}

/// Gives what is left of the line.
pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) -> Rect {
    let crumbs = crumbs(model, area.width);
    let Some(last) = crumbs.last() else { return area };
    let cut = if crumbs[0].x > 1 { format!(" {CUT}{BETWEEN}") } else { " ".to_owned() };
    let mut spans = vec![Span::styled(cut, theme.dim)];
    for (at, crumb) in crumbs.iter().enumerate() {
        let is_last = at + 1 == crumbs.len();
        spans.push(Span::styled(crumb.word, if is_last { theme.heading } else { theme.dim }));
        spans.push(Span::styled(if is_last { " ·" } else { BETWEEN }, theme.dim));
    }
    Line::from(spans).render(area, buf);
    let taken = (last.x + last.word.width() as u16 + 2).min(area.width);
    Rect { x: area.x + taken, width: area.width - taken, ..area }
}
