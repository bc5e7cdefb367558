//! The list of principals: what kind, how many policies, when last used.

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    account, draw_lines, draw_row,
    theme::Theme,
    words::{self, count, fit, pad},
};
use crate::{
    case::{Held, Holding, Load},
    domain::{
        AccountId, Band, Fault,
        time::age,
        untrusted::{display_in, is_suspicious},
    },
    model::{Focus, Model},
};

const MARKS: usize = 2;
const RISK: usize = 4;
const KIND: usize = 5;
const POLICIES: usize = 8;
const BOUNDARY: usize = 8;
const USED: usize = 9;
const ACCOUNT: usize = 12;

/// Which columns fit, from left to right; one of no width is left out.
struct Columns {
    name: usize,
    policies: usize,
    boundary: usize,
    used: usize,
    account: usize,
}

impl Columns {
    fn fitting(width: usize, many_accounts: bool) -> Self {
        const LEAST_NAME: usize = 22;
        let mut rest = width.saturating_sub(MARKS + RISK + 1 + KIND + 1 + LEAST_NAME + 1);
        let mut column = |cells: usize| {
            let fits = rest > cells;
            rest -= if fits { cells + 1 } else { 0 };
            if fits { cells } else { 0 }
        };
        let used = column(USED);
        let policies = column(POLICIES);
        let account = if many_accounts { column(ACCOUNT) } else { 0 };
        let boundary = column(BOUNDARY);
        Self { name: LEAST_NAME + rest, policies, boundary, used, account }
    }
}

/// `42 principals · 2 accounts · as of 3m`.
pub fn summary(model: &Model) -> String {
    let iam = &model.iam;
    let mut parts = vec![format!(
        "{} of {} principals",
        count(iam.rows.len()),
        count(iam.survey.holdings.len())
    )];
    if !iam.view.text.is_empty() {
        parts.push(format!("“{}”", display_in(&iam.view.text, 30)));
    }
    // Before what may be cut: old is shown as old.
    if let Some(oldest) = iam.survey.accounts.iter().map(|a| a.at).min() {
        parts.push(format!("as of {}", ago(model.now, oldest)));
    }
    match &iam.survey.accounts[..] {
        [] => {}
        [one] => parts.push(account_of(model, one.authorization.account.as_ref())),
        several => parts.push(format!("{} accounts", several.len())),
    }
    let high = |h: &&Holding| h.worst.is_some_and(|band| band >= Band::High);
    match iam.survey.holdings.iter().filter(high).count() {
        0 => {}
        n => parts.push(format!("{n} high or critical")),
    }
    let order = if iam.view.reverse { ", reversed" } else { "" };
    parts.push(format!("by {}{order}", iam.view.sort.name()));
    let asking = model.case.inspection.accounts.values().any(|look| look.is_asking);
    if asking || !iam.is_settled() {
        parts.push("…".to_owned());
    }
    parts.join(" · ")
}

/// `now`, `3m ago`.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    match age(now, then) {
        now if now == "now" => now,
        age => format!("{age} ago"),
    }
}

fn account_of(model: &Model, account: Option<&AccountId>) -> String {
    let Some(account) = account else { return "an account that names itself nowhere".to_owned() };
    match model.case.alias(account) {
        Some(alias) => format!("{alias} {account}"),
        None => account.to_string(),
    }
}

/// What the list lacks, a line each: accounts that could not be looked at, and what is
/// missing from the others.
pub fn lacking(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for (target, look) in &model.case.inspection.accounts {
        if let Some(fault) = &look.fault {
            let old = match &look.known {
                Some(known) => format!("still as of {}, ", ago(model.now, known.at)),
                None => "not looked at, ".to_owned(),
            };
            lines.push(format!("iam {target}: {old}{}", fault.what));
        }
        let gaps = look.known.iter().flat_map(|known| &known.gaps);
        lines.extend(gaps.map(|gap| format!("{}: {}", gap.place(), gap.why.what)));
    }
    lines
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let iam = &model.iam;
    let room = usize::from(area.width).saturating_sub(account::column(model));
    let columns = Columns::fitting(room, iam.survey.accounts.len() > 1);
    draw_heading(model, &columns, theme, Rect { height: 1, ..area }, buf);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if iam.rows.is_empty() {
        draw_lines(&nothing(model, theme, body.width.into()), 0, body, buf);
        return;
    }
    for (at, y) in (iam.top..iam.rows.len()).zip(body.y..body.bottom()) {
        let Some(holding) = iam.holding(at) else { continue };
        let line = Rect { y, height: 1, ..body };
        draw_row(&row(model, theme, &columns, holding), line, buf);
        if at == iam.cursor {
            let list = iam.focus == Focus::List;
            buf.set_style(line, if list { theme.selected } else { theme.heading });
        }
    }
}

fn draw_heading(model: &Model, columns: &Columns, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut text = " ".repeat(MARKS + account::column(model));
    for (name, width) in [
        ("RISK", RISK),
        ("KIND", KIND),
        ("NAME", columns.name),
        ("POLICIES", columns.policies),
        ("BOUNDARY", columns.boundary),
        ("LAST USED", columns.used),
        ("ACCOUNT", columns.account),
    ] {
        if width > 0 {
            text += &format!("{} ", pad(name, width));
        }
    }
    Line::styled(text, theme.label).render(area, buf);
}

fn row<'l>(model: &Model, theme: &Theme, columns: &Columns, holding: &Holding) -> Line<'l> {
    let survey = &model.iam.survey;
    let held = survey.of(holding);
    let holder = held.holder();
    let hostile = is_suspicious(holder.name.raw()) || is_suspicious(holder.path.raw());
    let mut spans =
        vec![Span::styled(if hostile { "!" } else { " " }, theme.trouble), Span::raw(" ")];
    let account = survey.accounts[holding.account].authorization.account.as_ref();
    spans.extend(account::tag(model, theme, account));
    let mut cell = |text: String, style: Style| spans.push(Span::styled(text + " ", style));
    let own = match held {
        // Nobody but its service can use or change it.
        Held::Role(role) if role.is_service_linked() => theme.dim,
        _ => Style::new(),
    };
    match holding.worst {
        Some(band) => cell(pad(words::band(band), RISK), theme.band(band)),
        None => cell(pad("-", RISK), theme.dim),
    }
    cell(pad(holding.kind.word(), KIND), theme.dim);
    cell(fit(&holder.name, columns.name), own);
    if columns.policies > 0 {
        cell(format!("{:>width$}", holding.policies, width = columns.policies), own);
    }
    if columns.boundary > 0 {
        let word = if holder.boundary.is_some() { "yes" } else { "-" };
        cell(pad(word, columns.boundary), theme.dim);
    }
    if columns.used > 0 {
        let used = holding.last_used.map_or("-".to_owned(), |at| age(model.now, at));
        cell(pad(&used, columns.used), theme.dim);
    }
    if columns.account > 0 {
        let style = account::ink(model, account, theme.dim);
        cell(pad(account.map_or("-", AccountId::as_str), columns.account), style);
    }
    Line::from(spans)
}

/// Why the list is empty: very different reasons.
fn nothing<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let mut lines = vec![Line::default()];
    let say = |style, text: &str, lines: &mut Vec<Line<'l>>| {
        for part in textwrap::wrap(text, width.saturating_sub(4).max(10)) {
            lines.push(Line::styled(format!("  {part}"), style));
        }
    };
    let looks = &model.case.inspection.accounts;
    let failed: Vec<&Fault> = looks.values().filter_map(|look| look.fault.as_ref()).collect();
    let signing_in: Vec<&Fault> = model
        .case
        .callers
        .values()
        .filter_map(|load| match load {
            Load::Failed(fault) => Some(fault),
            _ => None,
        })
        .collect();
    let asking = looks.values().any(|look| look.is_asking);
    if model.setup.offline {
        say(theme.heading, "Offline: nothing is asked of AWS.", &mut lines);
        say(theme.dim, "A file can be looked at with `halon iam scan --file FILE`.", &mut lines);
    } else if !model.iam.survey.holdings.is_empty() {
        if model.iam.is_settled() {
            say(theme.good, "No principal matches.", &mut lines);
        }
    } else if asking || !model.iam.is_settled() {
        say(theme.dim, "Asking IAM who is in the account …", &mut lines);
    } else if !failed.is_empty() || !signing_in.is_empty() {
        say(theme.trouble, "IAM could not be read; an empty list says nothing.", &mut lines);
        for fault in failed.into_iter().chain(signing_in) {
            say(Style::new(), &fault.to_string(), &mut lines);
        }
        say(theme.dim, "iam:GetAccountAuthorizationDetails is what this needs.", &mut lines);
    } else if looks.is_empty() {
        say(theme.dim, "Signing in …", &mut lines);
    } else {
        say(theme.warning, "There is nobody in the account: no user, role or group.", &mut lines);
    }
    lines
}
