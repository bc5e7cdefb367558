//! Where things are. The same function serves drawing and the size of a page.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::{
    domain::Band,
    model::{Focus, Model, Pane},
};

/// Below this width the detail takes the list's place instead of standing beside it.
const TWO_COLUMNS: u16 = 100;
const LEAST: (u16, u16) = (24, 8);
/// From this height on a line for the names of the panes takes nothing that is missed.
const TABS: u16 = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    pub header: Rect,
    /// The names of the panes, where there is room for a line of them.
    pub tabs: Option<Rect>,
    pub summary: Rect,
    /// How far the trail's question has come.
    pub status: Option<Rect>,
    pub banner: Option<Rect>,
    pub chart: Option<Rect>,
    pub list: Option<Rect>,
    pub detail: Option<Rect>,
    /// What is to be reached in the drill that goes on, and what the coach says.
    pub strip: Option<Rect>,
    pub health: Rect,
    pub footer: Rect,
}

/// `None` where the terminal is too small for anything.
pub fn areas(model: &Model) -> Option<Areas> {
    let (width, height) = model.size;
    if width < LEAST.0 || height < LEAST.1 {
        return None;
    }
    let findings = model.pane == Pane::Findings;
    let trail = model.pane == Pane::Trail;
    let iam = model.pane == Pane::Iam;
    let organization = model.pane == Pane::Organization;
    let banner = u16::from(
        model.notice.is_some()
            || model.notices.unread().next().is_some()
            || !model.ledger.unknown.is_empty()
            || findings && model.feeds_lack_something()
            || trail && model.trail_lacks_something()
            || iam && model.iam_lacks_something()
            || organization && !super::organization::lacking(model).is_empty(),
    );
    let bands = Band::ALL.iter().filter(|b| **b >= model.view.filter.at_least).count() as u16;
    let narrow_detail = width < TWO_COLUMNS && model.focus() == Focus::Detail;
    let chart = match model.pane {
        _ if narrow_detail => 0,
        Pane::Findings if model.chart && height >= 16 + bands => bands + 1,
        Pane::Trail if model.trail.chart && height >= 22 => 3,
        _ => 0,
    };
    let status = if trail { 1 + u16::from(height >= 16) } else { 0 };
    let [header, tabs, summary, status, banner, body, strip, health, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::from(height >= TABS)),
        Constraint::Length(1),
        Constraint::Length(status),
        Constraint::Length(banner),
        Constraint::Fill(1),
        Constraint::Length(model.strip_rows()),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(Rect { x: 0, y: 0, width, height });
    // What a principal may do needs more room than its name.
    let list = if iam || organization { 44 } else { 56 };
    let (left, detail) = match (width >= TWO_COLUMNS, narrow_detail) {
        _ if !findings && !trail && !iam && !organization => (Some(body), None),
        (true, _) => {
            let [left, right] =
                Layout::horizontal([Constraint::Percentage(list), Constraint::Fill(1)]).areas(body);
            (Some(left), Some(right))
        }
        (false, true) => (None, Some(body)),
        (false, false) => (Some(body), None),
    };
    let (chart, list) = match left {
        Some(left) => {
            let [chart, list] =
                Layout::vertical([Constraint::Length(chart), Constraint::Fill(1)]).areas(left);
            ((chart.height > 0).then_some(chart), Some(list))
        }
        None => (None, None),
    };
    let some = |area: Rect| (area.height > 0).then_some(area);
    let [tabs, banner, status, strip] = [tabs, banner, status, strip].map(some);
    Some(Areas {
        header,
        tabs,
        summary,
        status,
        banner,
        chart,
        list,
        detail,
        strip,
        health,
        footer,
    })
}

/// What is left of a list below its heading.
pub fn below_heading(list: Rect) -> Rect {
    let heading = list.height.min(1);
    Rect { y: list.y + heading, height: list.height - heading, ..list }
}

/// A place of this size in the middle of the screen.
pub fn middle(width: u16, height: u16, screen: Rect) -> Rect {
    Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    }
}

/// Where overlays stand: what the drill says stays in sight below them.
pub fn stage(model: &Model) -> Rect {
    let (width, height) = model.size;
    let strip = model.strip_rows();
    let below = if strip > 0 { strip + 1 } else { 0 };
    Rect { x: 0, y: 0, width, height: height.saturating_sub(below) }
}
