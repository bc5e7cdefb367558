//! What stands above an account or is attached to a unit; and one statement, with whom it
//! exempts, what it breaks and what would fix it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{Block, Borders, Widget},
};

use super::{
    draw_lines,
    organization::{account, style},
    page::{self, Page},
    standing::{self, Said},
    statement,
    theme::Theme,
};
use crate::{
    domain::{
        organization::{Level, Member, OrgPolicy, OrgPolicyKind, Organization, Unit},
        untrusted::{display_in, is_suspicious},
    },
    model::{Answered, Focus, Model, Stand, StandRow},
};

/// Cells of a name.
const NAME: usize = 120;

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let block = block(model, theme);
    let inner = block.inner(area);
    block.render(area, buf);
    let lines = lines(model, theme, inner.width.into());
    let most = lines.len().saturating_sub(inner.height.into());
    draw_lines(&lines, model.organization.scroll.min(most), inner, buf);
}

/// Lines of the detail and lines of a page.
pub fn extent(model: &Model, area: Rect) -> (usize, usize) {
    let (lines, inner) = text(model, model.setup.look.theme(), area);
    (lines.len(), inner.height.into())
}

/// The text, and where it stands.
pub fn text(model: &Model, theme: &Theme, area: Rect) -> (Vec<Line<'static>>, Rect) {
    let inner = block(model, theme).inner(area);
    (lines(model, theme, inner.width.into()), inner)
}

fn block<'b>(model: &Model, theme: &Theme) -> Block<'b> {
    let pane = &model.organization;
    let what = match &pane.stand {
        Some(stand) => match stand.rows().get(stand.cursor) {
            Some(StandRow::Statement(_)) => "statement",
            _ => "level",
        },
        None if pane.member(pane.cursor).is_some() => "what stands above the account",
        None => "what is attached here",
    };
    let raw = if pane.raw { ", JSON as it came" } else { "" };
    let style = if pane.focus == Focus::Detail { theme.key } else { theme.dim };
    Block::new()
        .borders(Borders::TOP | Borders::LEFT)
        .border_style(style)
        .title(format!(" {what}{raw} "))
}

fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let pane = &model.organization;
    let mut page = Page::new(model, theme, width);
    if let Some(stand) = &pane.stand {
        if let Some(answered) = stand.answered() {
            of_stand(&mut page, stand, answered);
        }
        return page.lines;
    }
    let Some(organization) = pane.organization() else { return page.lines };
    match (pane.unit(pane.cursor), pane.member(pane.cursor)) {
        (Some(unit), _) => of_unit(&mut page, organization, unit),
        (None, Some(member)) => of_account(&mut page, organization, member),
        (None, None) => {}
    }
    page.lines
}

fn of_unit(page: &mut Page<'_, '_>, organization: &Organization, unit: &Unit) {
    title(page, &unit.name);
    page.foreign("id", &unit.id);
    if let Some(parent) = unit.parent.as_ref().and_then(|id| organization.unit(id.raw())) {
        page.foreign("in", &parent.name);
    }
    let attached = |kind: OrgPolicyKind| {
        let here = organization.policies.iter().filter(move |p| p.kind == kind);
        here.filter(|p| p.targets.contains(&unit.id)).collect::<Vec<_>>()
    };
    for kind in OrgPolicyKind::ALL {
        if !organization.enabled.contains(&kind) {
            page.blank();
            let what = format!("{}s are switched off: they bind nobody.", name(kind));
            page.wrapped(&what.into(), page.theme.dim);
        }
    }
    policies(page, &attached(OrgPolicyKind::Scp));
    policies(page, &attached(OrgPolicyKind::Rcp));
}

fn of_account(page: &mut Page<'_, '_>, organization: &Organization, member: &Member) {
    title(page, &member.name);
    page.text("account", account(page.model, &member.id));
    page.foreign("status", &member.status);
    if organization.management == member.id {
        let what = "This account manages the organization: no policy of the organization binds \
                    its own principals, whatever is attached.";
        page.blank();
        page.wrapped(&what.into(), page.theme.warning);
        return;
    }
    let levels = organization.levels(&member.id);
    if levels.is_empty() {
        let what = "The whole way up to the root could not be read: what stands above the account \
                    is not known.";
        page.blank();
        page.wrapped(&what.into(), page.theme.trouble);
    }
    for level in &levels {
        of_level(page, level);
    }
}

fn of_level(page: &mut Page<'_, '_>, level: &Level<'_>) {
    page.blank();
    let name = display_in(level.name.raw(), NAME);
    let text = format!("{name}  {}", display_in(level.target, 40));
    page.wrapped(&text.into(), page.theme.label);
    if level.scps.is_empty() && level.rcps.is_empty() {
        page.wrapped(&"nothing is attached here".into(), page.theme.dim);
    }
    policies(page, &level.scps);
    policies(page, &level.rcps);
}

fn title(page: &mut Page<'_, '_>, name: &crate::domain::Untrusted) {
    page.wrapped(name, page.theme.heading);
    if is_suspicious(name.raw()) {
        let what = "! This name holds hidden or misleading characters; they are shown as <U+…> \
                    or as pictures.";
        page.wrapped(&what.into(), page.theme.trouble);
    }
    page.blank();
}

fn name(kind: OrgPolicyKind) -> String {
    kind.name().to_uppercase()
}

/// Each policy with its statements.
fn policies(page: &mut Page<'_, '_>, policies: &[&OrgPolicy]) {
    for policy in policies {
        page.blank();
        let by = if policy.aws_managed { ", by AWS" } else { "" };
        let text = format!(
            "{} {} ({}{by})",
            name(policy.kind),
            display_in(policy.name.raw(), NAME),
            display_in(policy.id.raw(), 60)
        );
        page.wrapped(&text.into(), page.theme.heading);
        if policy.document.is_empty() {
            let what = "its document could not be read: what it says is not known";
            page.wrapped(&what.into(), page.theme.trouble);
        } else if page.model.organization.raw {
            page::pretty(policy.document.raw(), page.width, &mut page.lines);
        } else {
            let (style, said) = match statement::lines(policy.document.raw()) {
                Ok(said) => (Style::new(), said),
                Err(why) => (page.theme.trouble, why),
            };
            for line in said {
                let said = Said { tone: standing::Tone::Plain, indent: 0, text: line };
                put(page, said, 3, Some(style));
            }
        }
    }
}

fn put(page: &mut Page<'_, '_>, said: Said, left: usize, style_of: Option<Style>) {
    let style = style_of.unwrap_or_else(|| style(said.tone, page.theme));
    let width = page.width.saturating_sub(1).max(12);
    let lines = standing::wrapped(&said, left, width);
    page.lines.extend(lines.into_iter().map(|line| Line::styled(line, style)));
}

fn of_stand(page: &mut Page<'_, '_>, stand: &Stand, answered: &Answered) {
    let question = &answered.known.question;
    let rows = stand.rows();
    match rows.get(stand.cursor) {
        Some(StandRow::Statement(report)) => {
            page.wrapped(&standing::title(report).into(), page.theme.heading);
            let at = format!(
                "{}, line {} of its document",
                display_in(report.policy_id.raw(), 60),
                report.statement.line
            );
            page.wrapped(&at.into(), page.theme.dim);
            page.blank();
            if page.model.organization.raw {
                let text = report.statement.to_json().to_string();
                return page::pretty(&text, page.width, &mut page.lines);
            }
            let said = standing::statement(report, &question.regions);
            said.into_iter().for_each(|said| put(page, said, 1, None));
        }
        Some(StandRow::Level(level)) => {
            let text = format!(
                "{}  {}",
                display_in(level.name.raw(), NAME),
                display_in(level.target.raw(), 40)
            );
            page.wrapped(&text.into(), page.theme.heading);
            page.blank();
            let said = standing::level(level, &question.regions);
            if said.is_empty() {
                let what = "At this level some statement allows every call of the job.";
                page.wrapped(&what.into(), page.theme.good);
            }
            said.into_iter().for_each(|said| put(page, said, 1, None));
        }
        None => {}
    }
    about_role(page, answered);
}

/// What is true of the answer as a whole.
fn about_role(page: &mut Page<'_, '_>, answered: &Answered) {
    let question = &answered.known.question;
    let analysis = &answered.analysis;
    page.heading("The role");
    page.foreign("arn", &question.role.arn.as_str().into());
    let (word, tone) = standing::verdict(analysis.verdict);
    let verdict = format!("{word}: {}", analysis.verdict.sentence());
    page.styled("in all", verdict, style(tone, page.theme));
    if let Some(why) = &analysis.missing {
        page.styled("not seen", why.clone(), page.theme.warning);
    }
    match analysis.repaired {
        Some(true) => {
            let what = "with the first fix of each the whole job is let through".to_owned();
            page.styled("with fixes", what, page.theme.good);
        }
        Some(false) => {
            let what = "not all of it can be fixed by exempting this role".to_owned();
            page.styled("with fixes", what, page.theme.warning);
        }
        None => {}
    }
    match &question.role.tags {
        None => {
            let what = "not known: its account is not signed in to, or could not be read";
            page.styled("tags", what.to_owned(), page.theme.warning);
        }
        Some(tags) if tags.is_empty() => page.text("tags", "none".to_owned()),
        Some(tags) => {
            for (nth, (key, value)) in tags.iter().take(20).enumerate() {
                let label = if nth == 0 { "tags" } else { "" };
                page.foreign(label, &format!("{key} = {value}").into());
            }
        }
    }
    if !answered.known.is_seen && question.role.tags.is_some() {
        page.styled("", "no such role was seen in the account".to_owned(), page.theme.warning);
    }
    let tried: Vec<&str> = question.regions.iter().map(|r| r.as_str()).collect();
    page.heading("Tried in");
    let text = tried.join(", ");
    put(page, Said { tone: standing::Tone::Dim, indent: 0, text }, 1, None);
}
