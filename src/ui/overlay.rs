//! Texts laid over the screen: help, the state of every source, the calls made.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};

use super::{
    boxed, draw_lines, footer, iam_compare,
    layout::{middle, stage},
    logging,
    theme::Theme,
    timeline, trail_status, words,
};
use crate::{
    case::{Load, Progress},
    domain::{time::age, untrusted::display_in},
    input::{Command, Scope},
    model::{Model, Page, Pane, available},
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
    let inner = Block::bordered().inner(area(stage(model)));
    let lines = lines(model, model.setup.look.theme(), page, inner.width.into());
    (lines.len(), inner.height.into())
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
        Page::Help => help(model, theme, width),
        Page::Health => health(model, theme, width),
        Page::Calls => calls(model, theme),
        Page::Record => record(model, width),
        Page::Timeline => timeline::lines(model, theme, width),
        Page::Compare => iam_compare::lines(model, theme, width),
        Page::Decoded => iam_compare::decoded(model, theme, width),
    }
}

/// Columns for the keys of a command.
const KEYS: usize = 18;

/// Every command that has a key where the operator is, with why it is not available.
fn help<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let here = model.pane_scopes();
    let mut lines = Vec::new();
    for (title, scopes) in [
        (format!("Here ({})", here[0].name()), here),
        ("Everywhere".to_owned(), &[Scope::Global][..]),
    ] {
        lines.push(Line::styled(format!(" {title}"), theme.label));
        for command in Command::ALL {
            let everywhere = !model.keymap.keys(&[Scope::Global], *command).is_empty();
            let keys = model.keymap.keys(scopes, *command);
            if keys.is_empty() || everywhere != (scopes.len() == 1) {
                continue;
            }
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let why = available(*command, model).err();
            let mut text = command.info().help.to_owned();
            if let Some(why) = why {
                text += &format!(" (not now: {why})");
            }
            let style = if why.is_some() { theme.dim } else { Style::new() };
            let room = width.saturating_sub(KEYS + 3).max(10);
            for (i, part) in textwrap::wrap(&text, room).into_iter().enumerate() {
                let keys = if i == 0 { keys.join(" ") } else { String::new() };
                lines.push(Line::from(vec![
                    Span::styled(format!("  {}", words::pad(&keys, KEYS)), theme.key),
                    Span::styled(part.into_owned(), style),
                ]));
            }
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled(" Signs in the list", theme.label));
    for (sign, meaning) in signs(model.pane) {
        lines.push(Line::from(vec![
            Span::styled(format!("  {}", words::pad(sign, KEYS)), theme.key),
            Span::raw(*meaning),
        ]));
    }
    lines
}

fn signs(pane: Pane) -> &'static [(&'static str, &'static str)] {
    match pane {
        Pane::Trail => &[
            ("◆", "marked for the timeline"),
            ("!", "its text holds hidden or misleading characters"),
            ("?", "the event itself cannot be parsed: what CloudTrail said beside it is shown"),
            ("▲", "a call that matters in an incident, whoever makes it; the detail says why"),
            ("ours", "from an address of yours, by own_addresses in halon.toml"),
            ("DENIED", "refused for want of permission; other failures stand with their code"),
            ("ROOT", "the root user of an account"),
        ],
        Pane::Organization => &[
            ("◆", "an account that is signed in to"),
            ("!", "its name holds hidden or misleading characters"),
            ("manages", "the management account: no policy of the organization binds it"),
            ("SCP RCP", "service and resource control policies attached right there"),
            ("exempt", "a condition on who asks takes the role out of the statement"),
            ("spares it", "the statement denies nothing that the job of break-glass needs"),
            ("DENIES", "it does; the detail says what, where, and what would fix it"),
            ("depends", "it may, depending on what is not known"),
            ("LACKS", "no statement of that level allows all of the job"),
        ],
        Pane::Iam => &[
            ("CRIT HIGH …", "the worst that was found in its policies; the detail says what"),
            ("!", "its name holds hidden or misleading characters"),
            ("-", "none; of a use: none that IAM tells of"),
        ],
        _ => &[
            ("●", "new, or updated since you last looked at it"),
            ("!", "its text holds hidden or misleading characters"),
            ("~", "from this machine's store; not heard of since"),
            ("26h!", "active, high or above, and older than a day"),
            ("└", "a signal of the attack sequence above it"),
            ("act arch", "GuardDuty: active, archived"),
            ("new ntfd rslv supp", "Security Hub: new, notified, resolved, suppressed"),
            ("@name", "Security Hub: notified, with a note by whoever has it"),
        ],
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

fn calls<'l>(model: &Model, theme: &Theme) -> Vec<Line<'l>> {
    let total: u64 = model.case.calls.iter().map(|c| u64::from(c.attempts)).sum();
    let head = format!(" {} calls, {total} requests", words::count(model.case.calls.len()));
    let mut lines = vec![Line::styled(head, theme.dim)];
    for call in model.case.calls.iter().rev() {
        let again = match call.attempts {
            0 => " not sent".to_owned(),
            1 => String::new(),
            n => format!(" ×{n}"),
        };
        let mut spans = vec![
            Span::raw(format!(" {:>6} ms ", call.millis)),
            Span::styled(
                words::pad(&format!("{}:{}", call.service, call.operation), 30),
                theme.label,
            ),
            Span::raw(format!(" {}{again}", call.place)),
        ];
        if let Some(kind) = call.fault {
            spans.push(Span::styled(format!(" {kind:?}"), theme.trouble));
        }
        if let Some(id) = &call.request_id {
            spans.push(Span::styled(format!(" {id}"), theme.dim));
        }
        lines.push(Line::from(spans));
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
