//! A principal's policies, statement by statement: what it may do, who may become it, and
//! what bounds it.

use ratatui::{style::Style, text::Line};

use super::{page::Page, words};
use crate::{
    case::{Document, Held, Unbound},
    domain::untrusted::{display_in, is_suspicious},
    policy::{
        Actions, Principals, Resources, Statement, Test, Trustees,
        lint::{Kind, Lint},
    },
};

/// Cells of a single name, pattern or value.
const WORD: usize = 160;
/// Patterns told of one statement; the rest is counted.
const NAMED: usize = 100;

/// Every statement that it holds, itself and by its groups.
pub fn permissions(page: &mut Page<'_, '_>) {
    let Some(dossier) = &page.model.iam.dossier else { return };
    if dossier.held.is_empty() {
        let what = "It holds no policy: nothing is allowed to it but by policies of resources.";
        page.wrapped(&what.into(), Style::new());
    }
    for held in &dossier.held {
        document(page, held);
    }
}

/// Who may become it.
pub fn trust(page: &mut Page<'_, '_>) {
    let Some(dossier) = &page.model.iam.dossier else { return };
    match &dossier.trust {
        Some(trust) => document(page, trust),
        None => {
            let what = "Only a role can be assumed: there is no trust policy.";
            page.wrapped(&what.into(), page.theme.dim);
        }
    }
}

/// What takes away from that: the boundary, and the organization from the root down.
pub fn limits(page: &mut Page<'_, '_>) {
    let Some(dossier) = &page.model.iam.dossier else { return };
    let group = matches!(page.model.iam.current(), Some((_, Held::Group(_))));
    if group {
        let what = "A group has no boundary, and calls nothing that could be denied: its users do.";
        return page.wrapped(&what.into(), page.theme.dim);
    }
    page.lines.push(Line::styled(" Permissions boundary", page.theme.label));
    match &dossier.boundary {
        Some(boundary) => document(page, boundary),
        None => page.text("", "none".to_owned()),
    }
    page.heading("Policies of the organization");
    match &dossier.unbound {
        Some(Unbound::NoOrganization) => {
            page.text("", "none: the account is in no organization".to_owned());
        }
        Some(Unbound::Management) => {
            let what = "none: this is the management account, which they do not bind";
            page.styled("", what.to_owned(), page.theme.warning);
        }
        Some(Unbound::Unknown(why)) => {
            page.styled("", format!("not known: {why}"), page.theme.warning);
        }
        None => {}
    }
    if let Some(why) = &dossier.missing {
        page.styled("", format!("there may be more: {why}"), page.theme.warning);
    }
    for storey in &dossier.storeys {
        page.blank();
        page.lines.push(Line::styled(format!(" At {}", storey.words()), page.theme.label));
        if storey.scps.is_empty() && storey.rcps.is_empty() {
            page.text("", "no policy at this level".to_owned());
        }
        for policy in storey.scps.iter().chain(&storey.rcps) {
            document(page, policy);
        }
    }
}

fn document(page: &mut Page<'_, '_>, document: &Document) {
    let theme = page.theme;
    if !page.lines.is_empty() {
        page.blank();
    }
    let kind = match document.source.kind {
        Kind::Inline => "inline",
        Kind::Managed => "managed",
        Kind::AwsManaged => "AWS's",
        Kind::Trust => "trust policy",
        Kind::Scp => "SCP",
        Kind::Rcp => "RCP",
    };
    let mut said = vec![kind.to_owned()];
    if let Some(group) = &document.group {
        said.push(format!("by group {}", display_in(group.raw(), WORD)));
    }
    if document.versions > 1 {
        said.push(format!("{} versions", document.versions));
    }
    let name = display_in(document.source.name.raw(), WORD);
    page.wrapped(&format!("{name} ({})", said.join(", ")).into(), theme.heading);
    let survey = &page.model.iam.survey;
    let lints: Vec<&Lint> = match page.model.iam.current() {
        Some((holding, _)) => {
            let all = &survey.studied[holding.account].lints;
            document.lints.iter().map(|at| &all[*at]).collect()
        }
        None => Vec::new(),
    };
    let of = |lint: &&&Lint| lint.statement.as_ref().and_then(|place| place.index);
    for lint in lints.iter().filter(|lint| of(lint).is_none()) {
        tell(page, lint);
    }
    match &document.policy {
        Ok(policy) => {
            for (at, statement) in policy.statements.iter().enumerate() {
                self::statement(page, at, statement);
                for lint in lints.iter().filter(|lint| of(lint) == Some(at)) {
                    tell(page, lint);
                }
            }
        }
        Err(mistakes) => {
            page.styled(
                "",
                "It cannot be read, so nothing is known of it:".to_owned(),
                theme.trouble,
            );
            for mistake in mistakes {
                page.styled("", mistake.clone(), theme.trouble);
            }
        }
    }
}

/// One statement: `0 Allow`, the actions, on what, and if what.
fn statement(page: &mut Page<'_, '_>, at: usize, statement: &Statement) {
    let theme = page.theme;
    let style = if statement.is_allow() { Style::new() } else { theme.warning };
    let label = format!("{at} {}", statement.effect.word());
    let (but, actions) = match &statement.actions {
        Actions::These(these) => ("", &these.items),
        Actions::AllBut(these) => ("every action but ", &these.items),
    };
    let actions = several(actions.iter().map(|p| p.text()));
    page.labelled(&label, style, format!("{but}{actions}"), style);
    if let Some(principals) = &statement.principals {
        let (but, who) = match principals {
            Principals::These(who) => ("", who),
            Principals::AllBut(who) => ("everybody but ", who),
        };
        page.text("  to", format!("{but}{}", trustees(who)));
    }
    if let Some(resources) = &statement.resources {
        let (but, on) = match resources {
            Resources::These(these) => ("", &these.items),
            Resources::AllBut(these) => ("every resource but ", &these.items),
        };
        page.text("  on", format!("{but}{}", several(on.iter().map(|p| p.text()))));
    }
    for (at, test) in statement.conditions.iter().enumerate() {
        page.text(if at == 0 { "  if" } else { "  and" }, condition(test));
    }
    if let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) {
        let bad = is_suspicious(sid);
        let style = if bad { theme.trouble } else { theme.dim };
        page.styled("  sid", display_in(sid, WORD), style);
    }
}

fn trustees(who: &Trustees) -> String {
    match who {
        Trustees::Everyone => "everybody".to_owned(),
        Trustees::Named(_) => {
            let named: Vec<String> =
                who.iter().map(|(kind, name)| format!("{} {name}", kind.word())).collect();
            several(named.iter().map(String::as_str))
        }
    }
}

fn condition(test: &Test) -> String {
    let (operator, key) = (display_in(&test.operator_text, WORD), display_in(&test.key, WORD));
    format!("{operator} {key} = {}", several(test.values.iter().map(|value| value.text())))
}

fn several<'t>(words: impl ExactSizeIterator<Item = &'t str>) -> String {
    let all = words.len();
    let mut shown: Vec<String> = words.take(NAMED).map(|w| display_in(w, WORD)).collect();
    if all > NAMED {
        shown.push(format!("and {} more", all - NAMED));
    }
    match &shown[..] {
        [] => "nothing".to_owned(),
        shown => shown.join(", "),
    }
}

/// What was found about a statement, and what to do about it.
fn tell(page: &mut Page<'_, '_>, lint: &Lint) {
    let style = page.theme.band(lint.severity);
    let label = format!("  ▲ {}", words::band(lint.severity));
    page.labelled(&label, style, lint.sentence.clone(), page.theme.warning);
    page.styled("  →", lint.suggestion.clone(), page.theme.dim);
}
