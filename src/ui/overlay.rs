//! Texts laid over the screen: help, the state of every source, the calls made.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{
    boxed, calls, draw_lines, footer, help, iam_compare,
    layout::{middle, stage},
    logging, notices,
    theme::Theme,
    timeline, trail_status, words,
};
use crate::{
    case::{Load, Progress},
    domain::{time::age, untrusted::display_in},
    input::{Command, Scope},
    model::{Model, Page},
};

pub fn draw(
    model: &Model,
    theme: &Theme,
    page: Page,
    scroll: usize,
    screen: Rect,
    buf: &mut Buffer,
) {
    let area = area(screen);
    let title = match page {
        Page::Help => " help ",
        Page::Health => " sources ",
        Page::Calls => " AWS calls, newest first ",
        Page::Notices => " notices, newest first ",
        Page::Record => " record ",
        Page::Timeline => " timeline ",
        Page::Compare => " what differs: - before, + after ",
        Page::Decoded => " a refusal, decoded ",
    };
    Clear.render(area, buf);
    let block = Block::bordered().border_style(theme.key).title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    let lines = lines(model, theme, page, inner.width.into());
    let most = lines.len().saturating_sub(inner.height.into());
    draw_lines(&lines, scroll.min(most), inner, buf);
}

/// Lines of the text and lines of a page.
pub fn extent(model: &Model, page: Page) -> (usize, usize) {
    let (lines, inner) = text(model, model.setup.look.theme(), page);
    (lines.len(), inner.height.into())
}

/// The text, and where it stands.
pub fn text(model: &Model, theme: &Theme, page: Page) -> (Vec<Line<'static>>, Rect) {
    let inner = Block::bordered().inner(area(stage(model)));
    (lines(model, theme, page, inner.width.into()), inner)
}

pub fn area(screen: Rect) -> Rect {
    let (dx, dy) = (screen.width / 20, 1.min(screen.height / 8));
    Rect {
        x: screen.x + dx,
        y: screen.y + dy,
        width: screen.width - 2 * dx,
        height: screen.height - 2 * dy,
    }
}

fn lines<'l>(model: &Model, theme: &Theme, page: Page, width: usize) -> Vec<Line<'l>> {
    match page {
        Page::Help => help::lines(model, theme, width),
        Page::Health => health(model, theme, width),
        Page::Calls => calls::lines(model, theme, width),
        Page::Notices => notices::lines(model, theme, width),
        Page::Record => record(model, width),
        Page::Timeline => timeline::lines(model, theme, width),
        Page::Compare => iam_compare::lines(model, theme, width),
        Page::Decoded => iam_compare::decoded(model, theme, width),
    }
}

/// Every identity and every source, each with its state and the reason for it.
fn health<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let mut lines = vec![Line::styled(" Identities", theme.label)];
    let say = |style: Style, indent: usize, text: &str, lines: &mut Vec<Line<'l>>| {
        for part in textwrap::wrap(text, width.saturating_sub(indent + 1).max(10)) {
            lines.push(Line::styled(format!("{}{part}", " ".repeat(indent)), style));
        }
    };
    for (target, load) in &model.case.callers {
        match load {
            Load::Ready(identity) => {
                let arn = display_in(identity.arn.raw(), 120);
                say(Style::new(), 2, &format!("{target}: {arn}"), &mut lines);
            }
            // A fault of credentials names its target itself.
            Load::Failed(fault) => say(theme.trouble, 2, &fault.to_string(), &mut lines),
            Load::Idle | Load::Loading => say(theme.dim, 2, &format!("{target}: …"), &mut lines),
        }
    }
    lines.push(Line::default());
    lines.push(Line::styled(" Sources", theme.label));
    for ((source, place), feed) in &model.case.feeds {
        let condition = feed.condition();
        let at = feed.last_answer.map_or("never".to_owned(), |t| age(model.now, t));
        lines.push(Line::from(vec![
            Span::raw(format!("  {}", words::pad(source.name(), 12))),
            Span::raw(words::pad(&place.to_string(), 30)),
            Span::styled(words::pad(footer::word(condition), 13), footer::style(condition, theme)),
            Span::styled(format!("answered {at}"), theme.dim),
        ]));
        if let Some(fault) = &feed.fault {
            say(theme.warning, 6, &fault.to_string(), &mut lines);
        }
        for gap in feed.gaps(*source, place).iter().filter(|g| g.page.is_some()) {
            say(theme.warning, 6, &gap.why.to_string(), &mut lines);
        }
    }
    let trails = logging::lines(model, theme);
    if !trails.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled(" Is logging healthy?", theme.label));
    }
    for (style, indent, text) in trails {
        say(style, indent, &text, &mut lines);
    }
    if let Some(inquiry) = &model.case.inquiry {
        lines.push(Line::default());
        let asked = age(model.now, inquiry.asked);
        lines.push(Line::styled(format!(" Events, asked {asked}"), theme.label));
        for (place, progress) in &inquiry.places {
            let style = match progress {
                Progress::Whole { .. } => theme.good,
                Progress::Lacking(_) | Progress::Cancelled => theme.trouble,
                Progress::Waiting | Progress::Asking { .. } => theme.dim,
            };
            lines.push(Line::from(vec![
                Span::raw(format!("  {}", words::pad("cloudtrail", 12))),
                Span::raw(words::pad(&place.to_string(), 30)),
                Span::styled(trail_status::word(model, None, progress), style),
            ]));
        }
        for gap in inquiry.gaps() {
            say(
                theme.warning,
                6,
                &format!("{}: {}", gap.place(), trail_status::why(&gap.why)),
                &mut lines,
            );
        }
        for remark in inquiry.remarks() {
            say(theme.dim, 2, &remark, &mut lines);
        }
    }
    lines
}

/// One record of the audit log, re-indented; the bytes that count are the file's.
fn record<'l>(model: &Model, width: usize) -> Vec<Line<'l>> {
    let Some(record) = model.ledger.current() else { return Vec::new() };
    let pretty = serde_json::to_string_pretty(&record.value).unwrap_or_default();
    let mut lines = Vec::new();
    for line in pretty.lines() {
        for part in textwrap::wrap(&display_in(line, 8_000), width.saturating_sub(2).max(10)) {
            lines.push(Line::raw(format!(" {part}")));
        }
    }
    lines
}

/// What can be done while a change is on its way, and what comes of it.
const LEAVE: [(Command, &str); 2] = [
    (Command::Wait, "wait until it is settled"),
    (Command::LeaveNow, "leave: it is shown as unknown at the next start"),
];

fn leave_area(screen: Rect) -> Rect {
    middle(screen.width.min(64), screen.height.min(6), screen)
}

/// The operator leaves while a change is on its way.
pub fn draw_leave(model: &Model, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let Rect { width, height, .. } = leave_area(screen);
    let block = Block::bordered().border_style(theme.trouble).title(" a change is on its way ");
    let inner = boxed(block, width, height, screen, buf);
    let mut lines = vec![Line::raw(" Its outcome is not known yet.")];
    for (command, what) in LEAVE {
        let key = model.keymap.keys(&[Scope::Leave], command).into_iter().next();
        let key = key.map(|key| key.to_string()).unwrap_or_default();
        lines.push(Line::raw(format!(" {key}  {what}")));
    }
    draw_lines(&lines, 0, inner, buf);
}

/// The command whose line this is.
pub fn leave_at(screen: Rect, x: u16, y: u16) -> Option<Command> {
    let inner = Block::bordered().inner(leave_area(screen));
    let line = usize::from(y.checked_sub(inner.y + 1)?);
    let (command, _) = LEAVE.get(line)?;
    inner.contains((x, y).into()).then_some(*command)
}
