//! Moving about: cursor, focus, overlays, marks, the clipboard.

use jiff::tz::TimeZone;

use super::Effect;
use crate::{
    domain::finding::Finding,
    input::Command,
    model::{Focus, Help, Model, Notice, Overlay, Page, Pane},
    ui,
};

/// Moves the cursor, or scrolls what has the focus.
pub fn go(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if model.overlay.is_none() && model.pane == Pane::Trail {
        return super::trail::travel(model, command);
    }
    if model.overlay.is_none() && model.pane == Pane::Iam {
        return super::iam::travel(model, command);
    }
    if model.overlay.is_none() && model.pane == Pane::Organization {
        return super::organization::travel(model, command);
    }
    if model.overlay.is_none() && model.pane != Pane::Findings {
        return super::panes::travel(model, command);
    }
    if model.overlay.is_none() && model.focus == Focus::List {
        let page = ui::page_rows(model).max(1);
        let last = model.list.rows.len().saturating_sub(1);
        let to = moved(model.cursor, command, page, last);
        if to != model.cursor {
            select(model, to, effects);
        }
        return;
    }
    let (most, page) = ui::scroll_bounds(model);
    let scroll = match &mut model.overlay {
        Some(
            Overlay::Text(_, scroll)
            | Overlay::Same(scroll)
            | Overlay::Saved(scroll)
            | Overlay::Watches(scroll),
        ) => scroll,
        Some(
            Overlay::Filter { .. }
            | Overlay::Form(_)
            | Overlay::Wizard(_)
            | Overlay::Confirm(_)
            | Overlay::Palette(_)
            | Overlay::Can
            | Overlay::Leave
            | Overlay::EndDrill { .. },
        ) => {
            return;
        }
        None => &mut model.detail.scroll,
    };
    *scroll = moved((*scroll).min(most), command, page, most);
}

pub fn moved(at: usize, command: Command, page: usize, last: usize) -> usize {
    match command {
        Command::Down => (at + 1).min(last),
        Command::Up => at.saturating_sub(1),
        Command::PageDown => (at + page).min(last),
        Command::PageUp => at.saturating_sub(page),
        Command::First => 0,
        Command::Last => last,
        _ => at,
    }
}

pub fn select(model: &mut Model, to: usize, effects: &mut Vec<Effect>) {
    // Whoever moves on from a finding whose detail stood beside it has looked at it.
    if ui::areas(model).is_some_and(|a| a.detail.is_some()) {
        mark_current(model, effects);
    }
    model.cursor = to;
    model.detail.scroll = 0;
    model.selected = model.current().map(|f| f.key().clone());
}

/// After the list was arranged anew: the cursor stays on its finding, or, where that
/// is gone, on its line.
pub fn follow_selection(model: &mut Model) {
    let found = model.selected.as_ref().and_then(|key| {
        let at = model.case.queue.position(key)?;
        model.list.rows.iter().position(|row| row.at == at)
    });
    let last = model.list.rows.len().saturating_sub(1);
    // The list is on its way in which it may be.
    if found.is_none() && model.selected.is_some() && !model.is_arranged() {
        model.cursor = model.cursor.min(last);
        return;
    }
    // On the first line the operator watches what arrives, not one finding.
    model.cursor = match found {
        Some(at)
            if model.cursor > 0 || model.focus == Focus::Detail || model.pane != Pane::Findings =>
        {
            at
        }
        Some(_) => 0,
        None => model.cursor.min(last),
    };
    let now = model.current().map(|f| f.key().clone());
    if now != model.selected {
        model.selected = now;
        model.detail.scroll = 0;
        if model.selected.is_none() {
            model.focus = Focus::List;
        }
    }
}

/// Scrolls the list so that the cursor is on the screen.
pub fn keep_in_sight(model: &mut Model) {
    let page = ui::page_rows(model);
    if page == 0 {
        return;
    }
    let most = model.list.rows.len().saturating_sub(page);
    let least_top = (model.cursor + 1).saturating_sub(page);
    model.top = model.top.clamp(least_top, model.cursor.max(least_top)).min(most.max(least_top));
}

pub fn switch_focus(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let to = match (command, model.focus) {
        (Command::Open, _) | (_, Focus::List) => Focus::Detail,
        (_, Focus::Detail) => Focus::List,
    };
    if to == Focus::Detail {
        mark_current(model, effects);
        model.selected = model.current().map(|f| f.key().clone());
    }
    model.focus = to;
}

/// Closes the topmost thing: overlay, detail, text filter.
pub fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.search.take().is_some() {
        return;
    }
    if let Some(Overlay::Text(Page::Help, _)) = model.overlay {
        model.overlay = model.help.under.take().map(|under| *under);
    } else if model.overlay.is_some() {
        model.overlay = None;
    } else if model.pane == Pane::Trail {
        super::trail::back(model, effects);
    } else if model.pane == Pane::Iam {
        super::iam::back(model);
    } else if model.pane == Pane::Organization {
        super::organization::back(model);
    } else if model.pane != Pane::Findings {
        super::panes::back(model);
    } else if model.focus == Focus::Detail {
        model.focus = Focus::List;
    } else {
        model.view.filter.text.clear();
    }
}

pub fn lay_over(model: &mut Model, command: Command) {
    let page = match command {
        Command::Health => Page::Health,
        Command::Calls => Page::Calls,
        Command::Notices => Page::Notices,
        _ => {
            model.help = Help::of(model);
            Page::Help
        }
    };
    model.overlay = Some(Overlay::Text(page, 0));
}

pub fn switch_clock(model: &mut Model) {
    model.zone =
        if model.zone == TimeZone::UTC { model.setup.local_zone.clone() } else { TimeZone::UTC };
}

pub fn copy(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let (what, text) = match (command, model.pane) {
        (Command::CopyArn, Pane::Trail) => {
            ("caller's ARN", model.trail.current().and_then(|e| e.identity.arn.as_ref()))
        }
        (Command::CopyArn, Pane::Iam) => ("principal's ARN", model.iam.arn()),
        (Command::CopyArn, _) => ("ARN", model.current().and_then(|f| f.main().arn.as_ref())),
        (_, Pane::Iam) => {
            ("principal's id", model.iam.current().map(|(_, held)| &held.holder().id))
        }
        (_, Pane::Trail) => ("event's id", model.trail.current().map(|e| &e.id)),
        _ => ("id", model.current().map(|f| &f.main().id)),
    };
    let Some(text) = text.map(|t| t.raw().to_owned()) else { return };
    model.notice = Some(Notice::Done(format!("{what} sent to the terminal's clipboard")));
    effects.push(Effect::Copy(text));
}

pub fn mark(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let about: Vec<_> = match command {
        Command::MarkSeen => model.chosen(),
        _ => model.list.rows.iter().map(|row| model.finding(*row)).collect(),
    };
    let several = command != Command::MarkSeen || about.len() > 1;
    let marks: Vec<_> = about.into_iter().filter(|f| model.is_new(f)).map(|f| seen(f)).collect();
    if marks.is_empty() && !several {
        return;
    }
    model.seen.extend(marks.iter().cloned());
    if several {
        model.notice = Some(Notice::Done(format!("{} findings marked as seen", marks.len())));
    }
    effects.push(Effect::MarkSeen(marks));
}

fn mark_current(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(finding) = model.current().filter(|f| model.is_new(f)) else { return };
    let (key, at) = seen(finding);
    model.seen.insert(key.clone(), at);
    effects.push(Effect::MarkSeen(vec![(key, at)]));
}

fn seen(finding: &Finding) -> (crate::domain::finding::Key, Option<jiff::Timestamp>) {
    (finding.key().clone(), finding.updated_at())
}
