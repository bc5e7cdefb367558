//! A plan and a run: their steps with what each would do, does, or did.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Borders, Widget},
};

use super::{draw_lines, organization, preflight, standing, state, theme::Theme, watch, words};
use crate::{
    change::{Diff, Prepared},
    model::{Model, Pane},
    playbook::{Item, ItemKind, Run, RunState, StepState},
};

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let block = block(model, theme);
    let inner = block.inner(area);
    block.render(area, buf);
    let lines = lines(model, theme, inner.width.into());
    let most = lines.len().saturating_sub(inner.height.into());
    draw_lines(&lines, model.scroll.min(most), inner, buf);
}

/// Lines of the text and lines of a page.
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
    let title = match model.pane {
        Pane::Plan => " plan: nothing is changed by it ".to_owned(),
        _ => match model.shown_run() {
            Some(run) => format!(" run {} ", run.id),
            None => " run ".to_owned(),
        },
    };
    Block::new().borders(Borders::TOP).border_style(theme.dim).title(title)
}

/// One line for the summary: what this is, and how far it is.
pub fn summary(model: &Model) -> String {
    match model.pane {
        Pane::Plan => match &model.case.draft {
            Some(draft) => match draft.plan() {
                None => format!("{} · reading …", draft.title()),
                Some(plan) => {
                    let changes = match plan.changes().count() {
                        1 => "1 change".to_owned(),
                        n => format!("{n} changes"),
                    };
                    let can = match plan.runnable() {
                        Ok(()) => String::new(),
                        Err(why) => format!(" · cannot be run: {why}"),
                    };
                    format!("{} · {} steps, {changes}{can}", draft.title(), plan.items.len())
                }
            },
            None => "no plan".to_owned(),
        },
        _ => match model.shown_run() {
            Some(run) => {
                let over = run.items.iter().filter(|i| i.state.is_over_for_good()).count();
                format!(
                    "{} · {} of {} steps · {} · {}",
                    run.title,
                    over,
                    run.items.len(),
                    run.incident.id,
                    waits(model, run)
                )
            }
            None => "no run".to_owned(),
        },
    }
}

/// What a run waits for, in words.
fn waits(model: &Model, run: &Run) -> String {
    match run.state() {
        RunState::Running if run.is_asking() => "ASKS: press y or n".to_owned(),
        RunState::Running if run.is_confirming() => match model.mode.armed() {
            Some(_) => "ASKS FOR CONSENT: press enter".to_owned(),
            None => "waits: arm halon (!) to go on".to_owned(),
        },
        RunState::Running if run.in_flight() => "a change is on its way".to_owned(),
        RunState::Stopped => "STOPPED: r retries, s skips, B rolls back, X ends it".to_owned(),
        state => state.word().to_owned(),
    }
}

fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let mut page = Page { theme, width, lines: Vec::new() };
    match model.pane {
        Pane::Plan => {
            let Some(draft) = &model.case.draft else { return page.lines };
            let Some(plan) = draft.plan() else {
                page.lines.push(Line::styled(" Reading what the plan needs …", theme.dim));
                return page.lines;
            };
            for item in &plan.items {
                page.item(item, false, false);
                if let Some(prepared) = item.prepared() {
                    page.change(model, prepared);
                    page.foreseen(model, prepared);
                }
            }
            let lost = draft.not_restored();
            if !lost.is_empty() {
                page.lines.push(Line::default());
                page.lines.push(Line::styled(" Not restored by an undo", theme.label));
                lost.iter().for_each(|sentence| page.wrapped(sentence, 3, Style::new()));
            }
        }
        _ => {
            let Some(run) = model.shown_run() else { return page.lines };
            for (at, item) in run.items.iter().enumerate() {
                // What is over is short while the run goes on: the step it is at must be seen.
                let (current, over) = (at == run.at(), at < run.at());
                page.item(item, current && !run.ended(), over && !run.ended());
            }
            if let Some(fault) = run.trouble() {
                page.lines.push(Line::default());
                page.wrapped(&fault.to_string(), 1, theme.trouble);
                for why in model.case.why_refused(run) {
                    for line in why.lines() {
                        page.wrapped(&line, 3, Style::new());
                    }
                }
            }
            page.lines.extend(watch::of_run(model, theme, &run.id, width));
        }
    }
    page.lines
}

struct Page<'t, 'l> {
    theme: &'t Theme,
    width: usize,
    lines: Vec<Line<'l>>,
}

impl Page<'_, '_> {
    fn item(&mut self, item: &Item, current: bool, brief: bool) {
        let (sign, style) = sign(&item.state, self.theme);
        let mark = if current { "▶" } else { " " };
        let head = format!("{mark}{sign} {} {}", words::pad(item.state.word(), 11), item.id);
        self.lines.push(Line::from(vec![
            Span::styled(head, style),
            Span::styled(format!("  {}", item.kind_word()), self.theme.dim),
        ]));
        self.wrapped(&item.headline(), 4, Style::new());
        if let Some(detail) = item.state.detail().or_else(|| item.said.clone()) {
            self.wrapped(&detail, 4, style);
        }
        if brief {
            return;
        }
        if let ItemKind::Read { found, .. } = &item.kind {
            for (_, state) in found {
                for line in state::lines(state) {
                    self.wrapped(&line, 6, self.theme.dim);
                }
            }
        }
        if let Some(why) = &item.why {
            self.wrapped(why, 4, self.theme.dim);
        }
    }

    fn change(&mut self, model: &Model, prepared: &Prepared) {
        let facts = prepared.facts();
        let change = &prepared.change;
        let (word, style) = match model.is_production(&change.account) {
            true => ("PRODUCTION ", self.theme.production),
            false => ("", self.theme.label),
        };
        let place = format!("in {word}{} {}", change.account, change.place.region);
        self.wrapped(&place, 6, style);
        for line in prepared.diff() {
            let (sign, text, style) = match line {
                Diff::Same(text) => (' ', text, Style::new()),
                Diff::Gone(text) => ('-', text, self.theme.trouble),
                Diff::New(text) => ('+', text, self.theme.good),
            };
            self.wrapped(&format!("{sign} {text}"), 6, style);
        }
        for who in facts.affected(&prepared.before) {
            self.wrapped(&who, 6, Style::new());
        }
        for pitfall in facts.pitfalls() {
            self.wrapped(&format!("! {pitfall}"), 6, self.theme.warning);
        }
        self.wrapped(&prepared.way_back(), 6, Style::new());
    }

    /// Whether the call would be allowed, for whom.
    fn foreseen(&mut self, model: &Model, prepared: &Prepared) {
        for said in preflight::lines(model.case.foreseen(prepared), model.now) {
            let style = organization::style(said.tone, self.theme);
            for line in standing::wrapped(&said, 6, self.width.saturating_sub(1)) {
                self.lines.push(Line::styled(line, style));
            }
        }
    }

    fn wrapped(&mut self, text: &str, indent: usize, style: Style) {
        let room = self.width.saturating_sub(indent + 1).max(10);
        for part in textwrap::wrap(text, room) {
            self.lines.push(Line::styled(format!("{}{part}", " ".repeat(indent)), style));
        }
    }
}

fn sign(state: &StepState, theme: &Theme) -> (&'static str, Style) {
    match state {
        StepState::Waiting => ("·", theme.dim),
        StepState::Asking => ("?", theme.key),
        StepState::Running => ("…", theme.label),
        StepState::Done => ("✓", theme.good),
        StepState::Skipped(_) => ("-", theme.dim),
        StepState::Failed(_) => ("✗", theme.trouble),
        StepState::Unknown(_) | StepState::Unconfirmed(_) => ("!", theme.warning),
    }
}
