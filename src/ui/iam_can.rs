//! May it make this call? What is asked, what the policies that were read answer and by
//! which statement, and what AWS's simulator says beside it.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
};

use super::{page::Page, theme::Theme, typed::typed, words::pad};
use crate::{
    case::{Dossier, Load},
    domain::{simulation::Simulated, untrusted::display_in},
    model::{CanField, Model, Overlay},
    policy::{Decision, Kind, Lacking, Outcome, Reason, actions},
};

const LABEL: usize = 12;
/// Lines above the one for the first field.
const ABOVE: u16 = 2;
const WORD: usize = 160;

pub fn page(page: &mut Page<'_, '_>) {
    let theme = page.theme;
    let model = page.model;
    let Some((_, held)) = model.iam.current() else { return };
    let name = format!("May {} make this call?", display_in(held.holder().name.raw(), 60));
    page.lines.push(Line::styled(format!(" {name}"), theme.heading));
    page.blank();
    let can = &model.iam.can;
    let typing = matches!(model.overlay, Some(Overlay::Can));
    let room = room(page.width);
    for field in CanField::ALL {
        let here = typing && can.at == field;
        let input = can.input(field);
        let shown = if here { typed(input, room).0 } else { pad(input.value(), room) };
        let style = if here { theme.selected } else { Style::new() };
        page.lines.push(Line::from(vec![
            Span::styled(format!(" {}", pad(field.name(), LABEL)), theme.label),
            Span::styled(shown, style),
        ]));
    }
    hints(page, typing);
    page.blank();
    refused(page);
    answer(page);
    simulator(page);
}

fn room(width: usize) -> usize {
    width.saturating_sub(LABEL + 2).max(4)
}

/// The cell that is being typed in.
pub fn cursor(model: &Model, body: Rect) -> Position {
    let can = &model.iam.can;
    let at = CanField::ALL.iter().position(|field| *field == can.at).unwrap_or(0);
    let input = can.input(can.at);
    let x = 1 + LABEL + typed(input, room(body.width.into())).1;
    let within = |at: u16, most: u16| at.min(most.saturating_sub(1));
    Position::new(
        body.x + within(x as u16, body.width),
        body.y + within(ABOVE + at as u16, body.height),
    )
}

/// What the line being typed wants, what the action may be, and what it can be asked on.
fn hints(page: &mut Page<'_, '_>, typing: bool) {
    let theme = page.theme;
    let can = &page.model.iam.can;
    if !typing {
        let what = if can.action.value().is_empty() { "c: type a call" } else { "c: another call" };
        return page.styled("", what.to_owned(), theme.dim);
    }
    page.styled("", can.at.help().to_owned(), theme.dim);
    let action = can.action.value().trim();
    if can.at == CanField::Action {
        let candidates = can.candidates(6);
        if !candidates.is_empty() {
            page.styled("could be", candidates.join("  "), theme.dim);
        }
    }
    if can.at == CanField::Resource
        && let Some(known) = actions::find(action)
    {
        let forms: Vec<&str> = known.forms().iter().take(3).map(|f| f.text).collect();
        let what = match &forms[..] {
            [] => "*: this action takes no resource".to_owned(),
            forms => forms.join("  "),
        };
        page.styled("such as", what, theme.dim);
    }
}

/// What AWS said, where this was asked from a refusal.
fn refused(page: &mut Page<'_, '_>) {
    let Some(refused) = &page.model.iam.can.refused else { return };
    let theme = page.theme;
    match &refused.said {
        Some(said) => page.styled("AWS said", display_in(said.raw(), 1_000), theme.warning),
        None => page.styled("AWS said", "no".to_owned(), theme.warning),
    }
    if refused.guessed {
        let what = "it did not say which action: the event's name stands for it, and may not be \
                    the action's";
        page.styled("", what.to_owned(), theme.warning);
    }
    let what = "What follows is decided by the policies as they are now.";
    page.styled("", what.to_owned(), theme.dim);
    page.blank();
}

fn answer(page: &mut Page<'_, '_>) {
    let theme = page.theme;
    let model = page.model;
    let Some(dossier) = &model.iam.dossier else { return };
    match &model.iam.can.answer {
        None => page.styled("", "An action is what is asked about.".to_owned(), theme.dim),
        Some(Err(why)) => page.styled("", why.clone(), theme.warning),
        Some(Ok(decision)) => {
            let (word, style) = outcome(decision, theme);
            page.styled("answer", word.to_owned(), style);
            let action = model.iam.can.action.value().trim();
            if actions::find(action).is_none() {
                let what = "no action of this name is in halon's table: is it spelt right?";
                page.styled("", what.to_owned(), theme.warning);
            }
            for reason in &decision.by {
                let style = if reason.effect == crate::policy::Effect::Deny {
                    theme.trouble
                } else {
                    Style::new()
                };
                page.styled(reason.effect.word(), by(reason, dossier), style);
            }
            for lacking in &decision.lacking {
                page.styled("lacking", self::lacking(*lacking, dossier), theme.warning);
            }
            for key in &decision.missing {
                let what = format!("{} decides, and is not known", display_in(key, WORD));
                page.styled("unknown", what, theme.warning);
            }
            if decision.outcome == Outcome::Unknown && decision.refused_anyway {
                page.styled("", "refused whatever these are".to_owned(), theme.trouble);
            }
            for note in &decision.notes {
                page.styled("note", display_in(note, 400), theme.dim);
            }
            let trust = decision.by.iter().any(|r| r.kind == Kind::Resource);
            if !trust {
                let what = "policies of the resource itself (a bucket's, a key's) were not \
                            looked at: they can allow within the account, and deny";
                page.styled("not seen", what.to_owned(), theme.dim);
            }
        }
    }
}

fn outcome(decision: &Decision, theme: &Theme) -> (&'static str, Style) {
    match decision.outcome {
        Outcome::Allowed => ("ALLOWED", theme.good),
        Outcome::ExplicitDeny => ("DENIED by a statement", theme.trouble),
        Outcome::ImplicitDeny => ("DENIED: something that must allow it does not", theme.trouble),
        Outcome::Unknown => ("UNKNOWN", theme.warning),
    }
}

/// `statement 2 (DenyRegions) of regions, service control policy at Workloads`.
fn by(reason: &Reason, dossier: &Dossier) -> String {
    let sid = reason.sid.as_deref().filter(|sid| !sid.is_empty());
    let sid = sid.map(|sid| format!(" ({})", display_in(sid, WORD))).unwrap_or_default();
    let policy = display_in(&reason.policy, WORD);
    let layer = layer(reason.kind, reason.level, dossier);
    format!("statement {}{sid} of {policy}, {layer}", reason.statement)
}

fn lacking(lacking: Lacking, dossier: &Dossier) -> String {
    format!("no statement of the {} allows it", layer(lacking.kind, lacking.level, dossier))
}

/// What kind of policy, and at which level of the organization.
fn layer(kind: Kind, level: Option<usize>, dossier: &Dossier) -> String {
    let name = level.map(|level| match dossier.storeys.get(level) {
        Some(storey) => format!(" at {}", display_in(storey.name.raw(), WORD)),
        None => format!(" at level {}", level + 1),
    });
    format!("{}{}", kind.phrase(), name.unwrap_or_default())
}

/// AWS's own simulator, labelled as what it is.
fn simulator(page: &mut Page<'_, '_>) {
    let theme = page.theme;
    let model = page.model;
    let Some((_, held)) = model.iam.current() else { return };
    let Some(simulation) = model.iam.can.simulation(&held.holder().arn) else { return };
    page.heading("AWS simulator");
    let what = "simulated, not proof; it does not evaluate SCPs with global conditions";
    page.styled("", what.to_owned(), theme.dim);
    match &model.case.inspection.simulated {
        Some((asked, load)) if *asked == simulation => match load {
            Load::Ready(simulated) => said(page, simulated),
            Load::Failed(fault) => page.styled("", fault.to_string(), theme.trouble),
            Load::Loading | Load::Idle => page.styled("", "being asked …".to_owned(), theme.dim),
        },
        _ => page.styled("", "not asked about this call: a asks it".to_owned(), theme.dim),
    }
}

fn said(page: &mut Page<'_, '_>, simulated: &Simulated) {
    let theme = page.theme;
    let style = match simulated.decision.raw() {
        "allowed" => theme.good,
        "explicitDeny" | "implicitDeny" => theme.trouble,
        _ => theme.warning,
    };
    page.styled("answer", display_in(simulated.decision.raw(), WORD), style);
    for policy in simulated.matched.iter().take(20) {
        page.foreign("matched", policy);
    }
    let word = |allowed: bool| if allowed { "allows it" } else { "does not allow it" }.to_owned();
    if let Some(allowed) = simulated.by_boundary {
        page.text("boundary", word(allowed));
    }
    if let Some(allowed) = simulated.by_organization {
        page.text("SCPs", word(allowed));
    }
    for key in simulated.missing.iter().take(20) {
        page.foreign("unknown", key);
    }
}
