//! The findings list: its summary line, its banner, its rows. Costs what is on the
//! screen, whatever is in memory.

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use super::{
    account, draw_lines, draw_row,
    theme::Theme,
    typed::typed,
    words::{self, count, fit, pad},
};
use crate::{
    case::{Condition, Filter, Load, Row, overdue},
    domain::{AccountId, Region, Status, finding::Finding, time::age, untrusted::display_in},
    input::Command,
    model::{Focus, Model, Notice, Pane, Told},
};

/// What is shown, of how much, by which filters.
pub fn draw_summary(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let filter = &model.view.filter;
    let new = if model.seen_loaded { new_rows(model) } else { 0 };
    let mut parts = vec![format!(
        "{} of {} findings",
        count(model.list.rows.len()),
        count(model.case.queue.len())
    )];
    if new > 0 {
        let more = model.list.rows.len() > NEW_COUNTED;
        parts.push(format!("{new}{} new", if more { " or more" } else { "" }));
    }
    match (model.picked.keys.len(), model.picked.hidden) {
        (0, _) => {}
        (n, 0) => parts.push(format!("{} PICKED", count(n))),
        (n, hidden) => {
            parts.push(format!("{} PICKED, {} of them not shown", count(n), count(hidden)));
        }
    }
    parts.extend(filter_words(filter));
    let order = if model.view.reverse { "reversed" } else { "first" };
    parts.push(format!("by {} {order}", model.view.sort.name()).replace(" first", ""));
    if model.arranging {
        parts.push("…".to_owned());
    }
    let text = format!(" {}", parts.join(" · "));
    // The line below the list says it too, source by source.
    let fits = |as_of: &String| text.width() + as_of.width() <= usize::from(area.width);
    let as_of = as_of(model).filter(fits).unwrap_or_default();
    Line::styled(text + &as_of, theme.dim).render(area, buf);
}

/// How old the list is: as old as the source that was heard of last.
fn as_of(model: &Model) -> Option<String> {
    if model.setup.offline {
        return Some(" · offline: as kept on this machine".to_owned());
    }
    let oldest = model.case.feeds.values().filter_map(|feed| feed.last_answer).min()?;
    Some(format!(" · as of {}", words::as_of(oldest, model.now, &model.zone)))
}

/// Rows looked at for the number of new ones: the summary must not cost more than a screen.
const NEW_COUNTED: usize = 500;

fn new_rows(model: &Model) -> usize {
    let rows = model.list.rows.iter().take(NEW_COUNTED);
    rows.filter(|row| model.is_new(model.finding(**row))).count()
}

pub fn filter_words(filter: &Filter) -> Vec<String> {
    let mut words = vec![match filter.at_least {
        crate::domain::Band::Informational => "every severity".to_owned(),
        crate::domain::Band::Critical => "critical".to_owned(),
        band => format!("{band} or above"),
    }];
    words.push(
        match filter.status {
            Status::Active => "active",
            Status::Archived => "archived",
            Status::All => "active and archived",
        }
        .to_owned(),
    );
    words.extend(filter.source.map(|s| words::source(s).to_owned()));
    words.extend(filter.account.as_ref().map(|a| format!("account {a}")));
    words.extend(filter.region.as_ref().map(|r| format!("region {r}")));
    words.extend(filter.kind.as_ref().map(|k| display_in(k.raw(), 40)));
    words.extend(filter.updated_since.map(|t| format!("since {t}")));
    if !filter.text.is_empty() {
        words.push(format!("“{}”", display_in(&filter.text, 30)));
    }
    words
}

/// What the operator must know before reading on.
pub fn draw_banner(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if let (None, Some(told)) = (&model.notice, model.notices.unread().next()) {
        return draw_told(model, theme, told, area, buf);
    }
    let line = match &model.notice {
        Some(Notice::Done(what)) => Line::styled(format!(" {what}"), theme.good),
        Some(Notice::Alarm(text)) => Line::styled(format!(" {text}"), theme.trouble),
        Some(Notice::Trouble(fault)) => Line::styled(format!(" {fault}"), theme.trouble),
        None if !model.ledger.unknown.is_empty() => {
            let n = model.ledger.unknown.len();
            let first = &model.ledger.unknown[0];
            let what = format!(
                " {n} CHANGES WITH UNKNOWN OUTCOME, first {} of run {}: 3 and then b reads back",
                first.prepared.call(),
                display_in(&first.run, 40)
            );
            Line::styled(what, theme.trouble)
        }
        None => {
            if matches!(model.pane, Pane::Iam | Pane::Organization) {
                let lacking = match model.pane {
                    Pane::Iam => super::iam::lacking(model),
                    _ => super::organization::lacking(model),
                };
                let Some(first) = lacking.first() else { return };
                let more = match lacking.len() {
                    1 => String::new(),
                    n => format!(" (+{} more)", n - 1),
                };
                let text = format!(" INCOMPLETE{more}: {first}");
                return Line::styled(text, theme.trouble).render(area, buf);
            }
            let trail = model.pane == Pane::Trail;
            if let Some(fault) = model.trail.sight.trouble.as_ref().filter(|_| trail) {
                let what = format!(" The store cannot be searched: {fault}");
                return Line::styled(what, theme.trouble).render(area, buf);
            }
            let gaps = match &model.case.inquiry {
                Some(inquiry) if trail => inquiry.gaps(),
                _ => model.case.gaps(),
            };
            let Some(gap) = gaps.first() else { return };
            let more =
                if gaps.len() > 1 { format!(" (+{} more)", gaps.len() - 1) } else { String::new() };
            let text = format!(" INCOMPLETE{more}: {}: {}", gap.place(), gap.why.what);
            Line::styled(text, theme.trouble)
        }
    };
    line.render(area, buf);
}

/// The newest of what was not read yet, and how all of it is read.
fn draw_told(model: &Model, theme: &Theme, told: &Told, area: Rect, buf: &mut Buffer) {
    let key = model.keymap.keys(model.scopes(), Command::Notices).into_iter().next();
    let key = key.map(|key| format!("{key} reads")).unwrap_or_default();
    let more = match model.notices.unread().count() - 1 {
        0 => format!(" {key} "),
        n => format!(" {n} more: {key} "),
    };
    let width = (more.width() as u16).min(area.width / 2);
    let left = Rect { width: area.width - width, ..area };
    let right = Rect { x: left.right(), width, ..area };
    let text = told.notice.text();
    Line::styled(format!(" {}", fit_words(&text, left.width)), theme.trouble).render(left, buf);
    Line::styled(more, theme.key).render(right, buf);
}

/// As much as there is room for: what is cut ends in a sign that says so.
fn fit_words(text: &str, cells: u16) -> String {
    display_in(text, usize::from(cells).saturating_sub(2))
}

/// A line that is being typed after a label; gives the cursor's cell.
pub fn draw_prompt(
    label: &'static str,
    input: &Input,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Position {
    let room = usize::from(area.width).saturating_sub(label.len() + 1).max(1);
    let (shown, x) = typed(input, room);
    Line::from(vec![Span::styled(label, theme.key), Span::raw(shown)]).render(area, buf);
    let last = usize::from(area.width).saturating_sub(1);
    Position::new(area.x + (label.len() + x).min(last) as u16, area.y)
}

/// Which columns fit, from left to right.
struct Columns {
    /// The word for production.
    tag: usize,
    kind: usize,
    resource: usize,
    account: bool,
    region: bool,
    count: bool,
    /// A column says which findings are picked.
    picked: bool,
    /// Four columns, or room for the name of whoever has the finding.
    hub: usize,
}

const HUB: usize = 4;
const WIDEST_HUB: usize = 12;
const ACCOUNT: usize = 12;
const REGION: usize = 14;
const COUNT: usize = 5;
/// Whether it is picked; only while one is.
const PICKED: usize = 1;
/// Mark, severity, age and the two states, with the spaces between.
const FIXED: usize = 3 + 9 + 6 + 5 + 4;

impl Columns {
    /// The type says most and gets its room first; then what tells rows apart.
    fn fitting(width: usize, many_accounts: bool, picked: bool) -> Self {
        const KIND: usize = 39;
        const RESOURCE: usize = 20;
        const WIDEST_RESOURCE: usize = 44;
        let mut rest = width.saturating_sub(FIXED + if picked { PICKED } else { 0 });
        let mut kind = rest.min(KIND + 1).saturating_sub(1);
        rest -= rest.min(KIND + 1);
        let mut take = |cells: usize| {
            let fits = rest > cells;
            rest -= if fits { cells + 1 } else { 0 };
            fits
        };
        let account = many_accounts && take(ACCOUNT);
        let resource = take(RESOURCE);
        let region = take(REGION);
        let account = account || take(ACCOUNT);
        let count = take(COUNT);
        // What is left over goes to whoever has the finding, then to the texts.
        let hub = HUB + rest.min(WIDEST_HUB - HUB);
        rest -= hub - HUB;
        let mut resource = if resource { RESOURCE } else { 0 };
        if resource > 0 {
            let more = rest.min(WIDEST_RESOURCE - resource);
            resource += more;
            rest -= more;
        }
        kind += rest;
        Self { tag: 0, kind, resource, account, region, count, picked, hub }
    }
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let tag = account::column(model);
    let room = usize::from(area.width).saturating_sub(tag);
    let picked = !model.picked.keys.is_empty();
    let columns = Columns { tag, ..Columns::fitting(room, model.list.accounts.len() > 1, picked) };
    let heading = Rect { height: 1, ..area };
    draw_heading(&columns, theme, heading, buf);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if model.list.rows.is_empty() {
        draw_lines(&nothing(model, theme, body.width.into()), 0, body, buf);
        return;
    }
    let rows = model.list.rows.iter().enumerate().skip(model.top);
    for ((at, row), y) in rows.zip(body.y..body.bottom()) {
        let line = Rect { y, height: 1, ..body };
        self::row(model, theme, &columns, *row, line, buf);
        if at == model.cursor {
            let style = if model.focus == Focus::List { theme.selected } else { theme.heading };
            buf.set_style(line, style);
        }
    }
}

fn draw_heading(columns: &Columns, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let sign = if columns.picked { " " } else { "" };
    let mut text = format!(
        "{sign}   {} {} {}{} ",
        pad("SEVERITY", 8),
        pad("AGE", 5),
        " ".repeat(columns.tag),
        pad("FINDING", columns.kind)
    );
    if columns.resource > 0 {
        text += &format!("{} ", pad("RESOURCE", columns.resource));
    }
    if columns.account {
        text += &format!("{} ", pad("ACCOUNT", ACCOUNT));
    }
    if columns.region {
        text += &format!("{} ", pad("REGION", REGION));
    }
    if columns.count {
        text += &format!("{} ", pad("COUNT", COUNT));
    }
    text += "GD   HUB";
    Line::styled(text, theme.label).render(area, buf);
}

fn row(model: &Model, theme: &Theme, columns: &Columns, row: Row, area: Rect, buf: &mut Buffer) {
    let finding = model.finding(row);
    let main = finding.main();
    let old = model.case.queue.kept_at(finding.key()).is_some();
    let body = if old || !finding.is_active() { theme.dim } else { Style::new() };
    let late = overdue(finding, model.now);
    let marked = finding.records().any(|r| model.marked.contains(&r.id));
    let picked = columns.picked.then(|| {
        let picked = model.picked.keys.contains(finding.key());
        Span::styled(if picked { "✓" } else { " " }, theme.key)
    });
    let mut spans: Vec<Span<'_>> = picked.into_iter().collect();
    spans.extend([
        Span::styled(if model.is_new(finding) { "●" } else { " " }, theme.new),
        if words::is_suspicious(main) {
            Span::styled("!", theme.trouble)
        } else {
            Span::styled(if old { "~" } else { " " }, theme.warning)
        },
        Span::styled(if marked { "◆" } else { " " }, theme.new),
        Span::styled(words::severity(main), theme.band(main.severity.band)),
        Span::raw(" "),
        Span::styled(pad(&row_age(finding, model.now), 5), if late { theme.warning } else { body }),
        Span::raw(" "),
    ]);
    spans.extend(account::tag(model, theme, main.account.as_ref()));
    let indent = if row.signal { "└ " } else { "" };
    let room = columns.kind.saturating_sub(indent.chars().count());
    spans.push(Span::styled(format!("{indent}{} ", fit(main.headline(), room)), body));
    if columns.resource > 0 {
        spans.push(Span::styled(format!("{} ", fit(&main.resource, columns.resource)), body));
    }
    if columns.account {
        let account = main.account.as_ref();
        let text = format!("{} ", pad(account.map_or("-", AccountId::as_str), ACCOUNT));
        spans.push(Span::styled(text, account::ink(model, account, body)));
    }
    if columns.region {
        let region = main.region.as_ref().map_or("-", Region::as_str);
        spans.push(Span::styled(format!("{} ", pad(region, REGION)), body));
    }
    if columns.count {
        let n = main.count.map_or("-".to_owned(), |n| n.to_string());
        spans.push(Span::styled(format!("{} ", pad(&n, COUNT)), body));
    }
    spans.push(Span::styled(pad(words::guardduty_state(finding), 5), body));
    spans.push(Span::styled(pad(&words::securityhub_state(finding), columns.hub), body));
    draw_row(&Line::from(spans), area, buf);
}

/// How long ago it was first seen; `!` past the day within which it should be looked at.
fn row_age(finding: &Finding, now: Timestamp) -> String {
    let main = finding.main();
    match main.first_seen.or(main.created_at) {
        Some(then) => age(now, then) + if overdue(finding, now) { "!" } else { "" },
        None => "-".to_owned(),
    }
}

/// Why the list is empty: four very different reasons.
fn nothing<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let mut lines = vec![Line::default()];
    let say = |style, text: &str, lines: &mut Vec<Line<'l>>| {
        for part in textwrap::wrap(text, width.saturating_sub(4).max(10)) {
            lines.push(Line::styled(format!("  {part}"), style));
        }
    };
    let conditions: Vec<Condition> = model.case.feeds.values().map(|f| f.condition()).collect();
    let all = |c: Condition| !conditions.is_empty() && conditions.iter().all(|x| *x == c);
    let mut causes: Vec<String> = Vec::new();
    for load in model.case.callers.values() {
        if let Load::Failed(fault) = load {
            causes.push(fault.to_string());
        }
    }
    if model.setup.offline {
        say(theme.heading, "Offline: nothing is asked of AWS.", &mut lines);
        say(theme.dim, "Bring findings in with `halon findings import FILE...`.", &mut lines);
    } else if !causes.is_empty() {
        say(theme.trouble, "AWS cannot be asked.", &mut lines);
        causes.dedup();
        for cause in &causes {
            say(Style::new(), cause, &mut lines);
        }
        say(theme.dim, "To look around without an account: halon --range", &mut lines);
    } else if all(Condition::NotEnabled) {
        say(theme.warning, "Neither GuardDuty nor Security Hub is enabled here.", &mut lines);
        say(theme.dim, "This does not mean that nothing happened: nobody is looking.", &mut lines);
    } else if conditions.is_empty()
        || !model.is_arranged()
        || conditions.iter().any(|c| matches!(c, Condition::Loading | Condition::Waiting))
    {
        say(theme.dim, "Asking GuardDuty and Security Hub …", &mut lines);
    } else if conditions.iter().all(|c| matches!(c, Condition::Fresh | Condition::NotEnabled)) {
        say(theme.good, "No finding matches.", &mut lines);
        say(
            theme.dim,
            &format!("Shown: {}.", filter_words(&model.view.filter).join(", ")),
            &mut lines,
        );
    } else {
        say(
            theme.trouble,
            "Not every source could be read; an empty list says nothing.",
            &mut lines,
        );
        say(theme.dim, "Press H to see each source and why.", &mut lines);
    }
    lines
}
