//! The organization's tree; in its place, how every policy above a role stands to it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    account as accounts, draw_lines, draw_row,
    iam::ago,
    standing::{self, Tone},
    theme::Theme,
    words::{count, fit, pad},
};
use crate::{
    case::Load,
    domain::{
        AccountId, Untrusted,
        organization::{OrgPolicyKind, View},
        untrusted::{display_in, is_suspicious},
    },
    model::{Focus, Model, Stand, StandRow},
};

const ID: usize = 16;
const STATUS: usize = 9;
const COUNT: usize = 4;
/// Deeper than this a line is not moved to the right any more.
const DEEPEST: usize = 8;

pub fn style(tone: Tone, theme: &Theme) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Heading => theme.heading,
        Tone::Dim => theme.dim,
        Tone::Good => theme.good,
        Tone::Warning => theme.warning,
        Tone::Trouble => theme.trouble,
    }
}

/// `o-abc · 4 accounts · 6 policies · as of 3m ago`, or what came of the role.
pub fn summary(model: &Model) -> String {
    let pane = &model.organization;
    let mut parts = Vec::new();
    if let Some(stand) = &pane.stand {
        parts.push(format!("{} of {}", stand.role.name, account(model, &stand.role.account)));
        if let Some(answered) = stand.answered() {
            let (word, _) = standing::verdict(answered.analysis.verdict);
            parts.push(word.to_owned());
        }
    } else if let Some(organization) = pane.organization() {
        parts.push(display_in(organization.id.raw(), 40));
        parts.push(format!("{} accounts", count(organization.accounts.len())));
        if !pane.text.is_empty() {
            parts.push(format!("{} lines match “{}”", pane.rows.len(), display_in(&pane.text, 30)));
        }
        parts.push(format!("{} policies", count(organization.policies.len())));
    } else {
        parts.push("Organization".to_owned());
    }
    if let Some((_, known)) = model.case.inspection.organization() {
        parts.push(format!("as of {}", ago(model.now, known.at)));
    }
    let asking = model.case.inspection.organizations.values().any(|look| look.is_asking);
    if asking || !pane.is_settled() {
        parts.push("…".to_owned());
    }
    parts.join(" · ")
}

pub fn account(model: &Model, account: &AccountId) -> String {
    let alias = model.case.alias(account);
    let named = || {
        let member = model.organization.organization()?.account(account)?;
        Some(display_in(member.name.raw(), 24))
    };
    match alias.or_else(named) {
        Some(name) => format!("{name} {account}"),
        None => account.to_string(),
    }
}

/// What the pane lacks, a line each.
pub fn lacking(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    let organization = model.case.inspection.organization();
    for (target, look) in &model.case.inspection.organizations {
        // Where one account sees all of it, the others need not.
        if let (Some(fault), None) = (&look.fault, organization) {
            lines.push(format!("organizations {target}: {}", fault.what));
        }
    }
    let gaps = organization.into_iter().flat_map(|(_, known)| &known.gaps);
    lines.extend(gaps.map(|gap| format!("{}: {}", gap.place(), gap.why.what)));
    let stand = model.organization.stand.as_ref();
    let of_role = stand.map(|stand| model.case.role_gaps(&stand.role)).unwrap_or_default();
    lines.extend(of_role.iter().map(|gap| format!("{}: {}", gap.place(), gap.why.what)));
    lines
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let heading = Rect { height: 1, ..area };
    let pane = &model.organization;
    let list = pane.focus == Focus::List;
    let mark = |at: usize, cursor: usize, line: Rect, buf: &mut Buffer| {
        if at == cursor {
            buf.set_style(line, if list { theme.selected } else { theme.heading });
        }
    };
    if let Some(stand) = &pane.stand {
        Line::styled(" STANDS     POLICY AND STATEMENT", theme.label).render(heading, buf);
        let rows = stand.rows();
        if rows.is_empty() {
            let lines = nothing_said(stand, theme, body.width.into());
            return draw_lines(&lines, 0, body, buf);
        }
        for (at, y) in (stand.top..rows.len()).zip(body.y..body.bottom()) {
            let line = Rect { y, height: 1, ..body };
            draw_row(&stand_row(theme, rows[at], body.width.into()), line, buf);
            mark(at, stand.cursor, line, buf);
        }
        return;
    }
    let name = usize::from(area.width)
        .saturating_sub(ID + STATUS + 2 * COUNT + 6 + accounts::column(model))
        .max(8);
    let text = format!(
        "  {}{} {} {} {:>COUNT$} {:>COUNT$}",
        " ".repeat(accounts::column(model)),
        pad("NAME", name),
        pad("ID", ID),
        pad("STATUS", STATUS),
        "SCP",
        "RCP"
    );
    Line::styled(text, theme.label).render(heading, buf);
    if pane.rows.is_empty() {
        return draw_lines(&nothing(model, theme, body.width.into()), 0, body, buf);
    }
    for (at, y) in (pane.top..pane.rows.len()).zip(body.y..body.bottom()) {
        let line = Rect { y, height: 1, ..body };
        draw_row(&tree_row(model, theme, at, name), line, buf);
        mark(at, pane.cursor, line, buf);
    }
}

fn tree_row<'l>(model: &Model, theme: &Theme, at: usize, wide: usize) -> Line<'l> {
    let pane = &model.organization;
    let (Some((depth, _)), Some(organization)) = (pane.rows.get(at), pane.organization()) else {
        return Line::default();
    };
    let (id, name, status) = match (pane.unit(at), pane.member(at)) {
        (Some(unit), _) => (unit.id.clone(), &unit.name, None),
        (None, Some(member)) => (member.id.as_str().into(), &member.name, Some(&member.status)),
        (None, None) => return Line::default(),
    };
    let branch = match depth {
        0 => String::new(),
        n => format!("{}└ ", "  ".repeat((*n).min(DEEPEST) - 1)),
    };
    let management = organization.management.as_str() == id.raw();
    let signed_in = model.case.accounts().iter().any(|(_, own)| own.as_str() == id.raw());
    let attached = |kind: OrgPolicyKind| {
        let here = organization
            .policies
            .iter()
            .filter(|p| p.kind == kind && p.targets.iter().any(|target| target.raw() == id.raw()));
        match here.count() {
            _ if management || !organization.enabled.contains(&kind) => "-".to_owned(),
            n => n.to_string(),
        }
    };
    let active = status.is_none_or(|s| s.raw() == "ACTIVE");
    let words: Untrusted = match (management, status) {
        (true, _) => "manages".into(),
        (_, None) => "".into(),
        (_, Some(status)) => display_in(&status.raw().to_lowercase(), STATUS).into(),
    };
    let hostile = is_suspicious(name.raw());
    let shown = format!("{branch}{}", name.raw());
    let account = pane.member(at).map(|member| &member.id);
    let mut spans = vec![
        Span::styled(if hostile { "!" } else { " " }, theme.trouble),
        Span::styled(if signed_in { "◆" } else { " " }, theme.good),
    ];
    spans.extend(accounts::tag(model, theme, account));
    spans.extend([
        Span::styled(
            fit(&shown.into(), wide) + " ",
            if status.is_none() { theme.heading } else { Style::new() },
        ),
        Span::styled(fit(&id, ID) + " ", accounts::ink(model, account, theme.dim)),
        Span::styled(fit(&words, STATUS) + " ", if active { theme.dim } else { theme.warning }),
        Span::raw(format!("{:>COUNT$} ", attached(OrgPolicyKind::Scp))),
        Span::raw(format!("{:>COUNT$}", attached(OrgPolicyKind::Rcp))),
    ]);
    Line::from(spans)
}

fn stand_row<'l>(theme: &Theme, row: StandRow<'_>, width: usize) -> Line<'l> {
    let room = width.saturating_sub(12).max(8);
    match row {
        StandRow::Level(level) => {
            let trouble = !level.lacking.is_empty() || !level.unreadable.is_empty();
            let word = match (level.lacking.is_empty(), level.unreadable.is_empty()) {
                (false, _) => "LACKS",
                (true, false) => "unknown",
                (true, true) => "",
            };
            let name = display_in(level.name.raw(), room);
            let name = format!("{name} {}", display_in(level.target.raw(), 40));
            Line::from(vec![
                Span::styled(
                    format!(" {}", pad(word, 11)),
                    if trouble { theme.trouble } else { theme.dim },
                ),
                Span::styled(display_in(&name, room), theme.heading),
            ])
        }
        StandRow::Statement(statement) => {
            let (word, tone) = standing::word(statement.standing);
            let title = display_in(&standing::title(statement), room.saturating_sub(2));
            Line::from(vec![
                Span::styled(format!(" {}", pad(word, 11)), style(tone, theme)),
                Span::styled(
                    format!("  {title}"),
                    style(
                        match tone {
                            Tone::Dim => Tone::Dim,
                            _ => Tone::Plain,
                        },
                        theme,
                    ),
                ),
            ])
        }
    }
}

type Says<'s, 'l> = &'s mut dyn FnMut(Style, &str);

fn told<'l>(width: usize, what: impl FnOnce(Says<'_, 'l>)) -> Vec<Line<'l>> {
    let mut lines = vec![Line::default()];
    let mut say = |style: Style, text: &str| {
        for part in textwrap::wrap(text, width.saturating_sub(4).max(10)) {
            lines.push(Line::styled(format!("  {part}"), style));
        }
    };
    what(&mut say);
    lines
}

/// Why there is no tree: very different reasons, and most of them normal.
fn nothing<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let looks = &model.case.inspection.organizations;
    let failed = looks.values().filter_map(|look| look.fault.as_ref());
    told(width, |say| match model.organization.shown.as_deref() {
        Some(View::None) => {
            say(theme.heading, "The account is in no organization.");
            say(theme.dim, "No service or resource control policy stands above it.");
        }
        Some(View::NotVisible { why, id, management }) => {
            say(theme.heading, "The organization is not to be seen from here.");
            say(
                theme.dim,
                "Most member accounts may not read it; that is normal. Which policies stand above \
                 this account is not known.",
            );
            if let Some(id) = id {
                say(Style::new(), &format!("organization  {}", display_in(id.raw(), 40)));
            }
            if let Some(management) = management {
                say(Style::new(), &format!("managed by    {management}"));
            }
            say(theme.warning, &why.to_string());
            say(
                theme.dim,
                "Sign in to the management account or a delegated administrator too: --profile \
                 may be given several times.",
            );
        }
        _ if model.setup.offline => {
            say(theme.heading, "Offline: nothing is asked of AWS.");
        }
        _ if looks.values().any(|look| look.is_asking) => {
            say(theme.dim, "Asking Organizations what stands above the account …");
        }
        _ if model.case.accounts().is_empty() => {
            let callers = model.case.callers.values();
            let faults = callers.filter_map(|load| match load {
                Load::Failed(fault) => Some(fault),
                _ => None,
            });
            let faults: Vec<String> = faults.map(ToString::to_string).collect();
            match &faults[..] {
                [] => say(theme.dim, "Signing in …"),
                faults => faults.iter().for_each(|fault| say(theme.trouble, fault)),
            }
        }
        _ => {
            say(theme.trouble, "Organizations could not be asked.");
            failed.for_each(|fault| say(Style::new(), &fault.to_string()));
            say(theme.dim, "ctrl-r asks again.");
        }
    })
}

/// Why there is no answer about a role, or why it is a short one.
fn nothing_said<'l>(stand: &Stand, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    told(width, |say| match (&stand.why, stand.answered()) {
        (Some(why), _) => {
            say(theme.warning, why.sentence());
        }
        (None, Some(answered)) => {
            let (_, tone) = standing::verdict(answered.analysis.verdict);
            say(style(tone, theme), answered.analysis.verdict.sentence());
            answered.analysis.missing.iter().for_each(|why| say(theme.warning, why));
        }
        (None, None) => say(theme.dim, "Trying the job on every statement …"),
    })
}
