//! The sessions in the trail's window as a tree, and one of them in detail.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Borders, Widget},
};

use super::{
    draw_lines, draw_row,
    page::Page,
    theme::Theme,
    words::{clock, fit, one_day, pad, short},
};
use crate::{
    case::{Counted, Load, Session, SessionKind},
    domain::{Untrusted, untrusted::display_in},
    model::{Model, Tree},
};

/// `02:40 – 03:05`, and with the days.
const TIMES: usize = 13;
const DAYS: usize = 25;
const EVENTS: usize = 7;
const FAILED: usize = 7;
const FROM: usize = 16;
/// Deeper than this a line is not moved to the right any more.
const DEEPEST: usize = 8;

pub fn draw(model: &Model, theme: &Theme, tree: &Tree, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let one_day = one_day(tree.window, &model.zone);
    let times = if one_day { TIMES } else { DAYS };
    let from = if width >= 76 { FROM } else { 0 };
    let who = width.saturating_sub(3 + times + EVENTS + FAILED + from + 3).max(10);
    let mut heading = format!("   {} {}", pad("SESSION", who), pad("FIRST – LAST", times));
    heading += &format!(" {} {} ", pad("EVENTS", EVENTS - 1), pad("FAILED", FAILED - 1));
    heading += if from > 0 { "FROM" } else { "" };
    Line::styled(heading, theme.label).render(Rect { height: 1, ..area }, buf);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let say = |text: String, style: Style, buf: &mut Buffer| {
        Line::styled(format!("  {text}"), style).render(Rect { height: 1, ..body }, buf);
    };
    match &tree.sessions {
        Load::Failed(fault) => return say(fault.to_string(), theme.trouble, buf),
        Load::Ready(_) if tree.rows.is_empty() => {
            return say("No session in this window.".to_owned(), theme.good, buf);
        }
        Load::Ready(_) => {}
        _ => return say("Following credentials to who gave them out …".to_owned(), theme.dim, buf),
    }
    for (at, y) in (tree.top..tree.rows.len()).zip(body.y..body.bottom()) {
        let Some(session) = tree.session(at) else { continue };
        let line = Rect { y, height: 1, ..body };
        draw_row(&row(model, theme, tree.rows[at].0, session, [who, times, from]), line, buf);
        if at == tree.cursor {
            buf.set_style(line, theme.selected);
        }
    }
}

fn row<'l>(
    model: &Model,
    theme: &Theme,
    depth: usize,
    session: &Session,
    [who, wide, from]: [usize; 3],
) -> Line<'l> {
    let branch = match depth {
        0 => String::new(),
        n => format!("{}└ ", "  ".repeat(n.min(DEEPEST) - 1)),
    };
    let name = format!("{branch}{}", name(session));
    let style = match session.kind {
        SessionKind::Root => theme.trouble,
        _ if session.complete => Style::new(),
        _ => theme.warning,
    };
    let time = |at: Option<jiff::Timestamp>| match at {
        None => "-".to_owned(),
        Some(at) if wide == TIMES => clock(at, &model.zone),
        Some(at) => short(at, &model.zone),
    };
    let times = format!("{} – {}", time(session.first_seen), time(session.last_seen));
    let failed = if session.failed == 0 { theme.dim } else { theme.trouble };
    let address = session.addresses.first().map(|c| c.value.clone()).unwrap_or_default();
    // Credentials in use from several places may be stolen ones.
    let more = match session.addresses.len().saturating_sub(1) {
        0 => String::new(),
        n => format!(" +{n}"),
    };
    let mark = if session.complete { " " } else { "?" };
    Line::from(vec![
        Span::styled(format!(" {mark} "), theme.warning),
        Span::styled(format!("{} ", fit(&name.into(), who)), style),
        Span::styled(format!("{} ", pad(&times, wide)), theme.dim),
        Span::raw(format!("{:>width$} ", session.events, width = EVENTS - 1)),
        Span::styled(format!("{:>width$} ", session.failed, width = FAILED - 1), failed),
        Span::raw(if from > 0 {
            fit(&address, from - more.len().min(from))
        } else {
            String::new()
        }),
        Span::styled(if from > 0 { more } else { String::new() }, theme.warning),
    ])
}

/// What kind of session it is, and whose.
fn name(session: &Session) -> String {
    let (kind, principal) = (session.kind.words(), session.principal.raw());
    if kind == principal { kind.to_owned() } else { format!("{kind} {principal}") }
}

/// The session under the cursor.
pub fn draw_detail(model: &Model, theme: &Theme, tree: &Tree, area: Rect, buf: &mut Buffer) {
    let block = Block::new()
        .borders(Borders::TOP | Borders::LEFT)
        .border_style(theme.dim)
        .title(" session ");
    let inner = block.inner(area);
    block.render(area, buf);
    draw_lines(&lines(model, theme, tree, inner.width.into()), 0, inner, buf);
}

pub fn lines<'l>(model: &Model, theme: &Theme, tree: &Tree, width: usize) -> Vec<Line<'l>> {
    let mut page = Page::new(model, theme, width);
    if let Some(session) = tree.current() {
        detail(&mut page, session);
    }
    page.lines
}

fn detail(page: &mut Page<'_, '_>, session: &Session) {
    let name = name(session);
    page.wrapped(&name.into(), page.theme.heading);
    page.blank();
    foreign(page, "began by", session.assumed_by_principal.as_ref());
    foreign(page, "origin", session.origin.as_ref());
    if let Some(untold) = session.untold {
        page.styled("unknown", untold.sentence().to_owned(), page.theme.warning);
    }
    foreign(page, "really", session.source_identity.as_ref());
    foreign(page, "role", session.role.as_ref());
    if let Some(account) = &session.account {
        page.text("account", account.to_string());
    }
    for key in session.access_keys.iter().take(20) {
        page.foreign("key", key);
    }
    if session.access_keys.len() > 20 {
        page.text("", format!("and {} more", session.access_keys.len() - 20));
    }
    if session.began.is_some() {
        page.time("began", session.began);
    }
    page.time("first seen", session.first_seen);
    page.time("last seen", session.last_seen);
    page.text("events", format!("{}, {} failed", session.events, session.failed));
    counted(page, "Addresses", &session.addresses);
    counted(page, "User agents", &session.agents);
}

fn counted(page: &mut Page<'_, '_>, heading: &'static str, all: &[Counted]) {
    if all.is_empty() {
        return;
    }
    page.heading(heading);
    for one in all.iter().take(10) {
        page.text(&one.events.to_string(), display_in(one.value.raw(), 200));
    }
    if all.len() > 10 {
        page.text("", format!("and {} more", all.len() - 10));
    }
}

fn foreign(page: &mut Page<'_, '_>, label: &str, value: Option<&Untrusted>) {
    if let Some(value) = value {
        page.foreign(label, value);
    }
}
