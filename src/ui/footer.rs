//! The last two lines: how every source is doing, and the keys that matter now.

use std::collections::BTreeMap;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use super::{draw_row, logging, theme::Theme, watch, words::count};
use crate::{
    case::Condition,
    domain::{Source, time::age},
    input::Command,
    model::{Busy, Focus, Model, Overlay, Pane, available},
};

pub fn draw(model: &Model, theme: &Theme, health: Rect, keys: Rect, buf: &mut Buffer) {
    draw_health(model, theme, health, buf);
    draw_keys(model, theme, keys, buf);
}

/// `guardduty fresh 1m · securityhub 2 fresh, 1 failed`.
fn draw_health(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    // First, for the line may be longer than the screen.
    let mut spans = vec![Span::raw(" ")];
    for busy in model.busy() {
        spans.push(Span::styled(on_its_way(model, &busy), theme.key));
        spans.push(Span::styled(" · ", theme.dim));
    }
    let watches = watch::health(model, theme);
    if watches.is_empty() && spans.len() > 1 && model.case.feeds.is_empty() {
        spans.pop();
    }
    spans.extend(watches);
    for source in Source::ALL {
        let feeds: Vec<_> =
            model.case.feeds.iter().filter(|((s, _), _)| *s == source).map(|(_, f)| f).collect();
        if feeds.is_empty() {
            continue;
        }
        if spans.len() > 1 {
            spans.push(Span::styled(" · ", theme.dim));
        }
        spans.push(Span::styled(source.name(), theme.label));
        let mut counts: BTreeMap<u8, (Condition, usize)> = BTreeMap::new();
        for feed in &feeds {
            let condition = feed.condition();
            counts.entry(condition as u8).or_insert((condition, 0)).1 += 1;
        }
        let several = feeds.len() > 1;
        for (condition, n) in counts.into_values() {
            let mut word = word(condition).to_owned();
            if several {
                word = format!("{n} {word}");
            }
            if condition == Condition::Fresh
                && let Some(oldest) = feeds.iter().filter_map(|f| f.last_answer).min()
            {
                word = format!("{word} {}", age(model.now, oldest));
            }
            spans.push(Span::raw(" "));
            spans.push(Span::styled(word, style(condition, theme)));
        }
        let loading: usize = feeds.iter().map(|f| f.got()).sum();
        if loading > 0 {
            spans.push(Span::styled(format!(" (+{} coming)", count(loading)), theme.dim));
        }
    }
    let logging = logging::summary(model, theme);
    if !logging.is_empty() {
        if spans.len() > 1 {
            spans.push(Span::styled(" · ", theme.dim));
        }
        spans.extend(logging);
    }
    spans.extend(super::trail_status::health(model, theme));
    if let Some(call) = model.case.calls.last() {
        let last = format!(" · last call {} {} ms", call.operation, call.millis);
        // Only while something is on its way: an idle screen must not change.
        if !model.case.is_idle() {
            spans.push(Span::styled(last, theme.dim));
        }
    }
    draw_row(&Line::from(spans), area, buf);
}

/// `events, 3 of 12 places, 1,204 new, 8s, X stops`.
fn on_its_way(model: &Model, busy: &Busy) -> String {
    let seconds = model.now.duration_since(busy.since).as_secs();
    let mut text = format!("{}, {seconds}s", busy.what);
    let key =
        busy.cancel.and_then(|c| model.keymap.keys(model.pane_scopes(), c).into_iter().next());
    if let (Some(key), Some(command)) = (key, busy.cancel) {
        text += &format!(", {key}: {}", command.info().short);
    }
    text
}

pub fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Waiting => "waiting",
        Condition::Loading => "loading",
        Condition::Fresh => "fresh",
        Condition::Partial => "partial",
        Condition::Stale => "stale",
        Condition::NotEnabled => "not enabled",
        Condition::NoAccess => "no access",
        Condition::Failed => "not checked",
    }
}

pub fn style(condition: Condition, theme: &Theme) -> Style {
    match condition {
        Condition::Fresh => theme.good,
        Condition::Waiting | Condition::Loading => theme.dim,
        Condition::NotEnabled | Condition::Partial | Condition::Stale => theme.warning,
        Condition::NoAccess | Condition::Failed => theme.trouble,
    }
}

/// The first one only while CloudTrail is being asked.
const TRAIL: [Command; 26] = [
    Command::StopAsking,
    Command::Open,
    Command::Same,
    Command::Query,
    Command::Filter,
    Command::FailedOnly,
    Command::JumpBack,
    Command::Help,
    Command::Wider,
    Command::Narrower,
    Command::Quit,
    Command::SameKey,
    Command::SameAddress,
    Command::SameRole,
    Command::SameUser,
    Command::Mark,
    Command::Sessions,
    Command::Timeline,
    Command::FindingsOf,
    Command::PrincipalOf,
    Command::WhyDenied,
    Command::WatchIt,
    Command::Earlier,
    Command::Later,
    Command::Chart,
    Command::Refresh,
];

/// The commands that matter now, most useful first, or what is said in their place.
fn commands(model: &Model) -> Result<&'static [Command], &'static str> {
    use Command as C;
    Ok(match (&model.overlay, model.focus()) {
        (Some(Overlay::Form(_)), _) => {
            return Err(" Enter goes on · Esc closes");
        }
        (Some(Overlay::Wizard(_)), _) => {
            return Err(" Enter goes on · Tab skips · Esc leaves");
        }
        (Some(Overlay::Confirm(_)), _) => {
            return Err(" Type what is asked for · ↑ ↓ scroll the change · Esc sets it aside");
        }
        (Some(Overlay::Can), _) => {
            return Err(" ↑ ↓ between the lines · Enter or Esc when done, then a asks AWS");
        }
        (Some(Overlay::Palette(_)), _) => {
            return Err(" Type some of a name · Enter does it · Esc closes");
        }
        (Some(Overlay::EndDrill { .. }), _) => {
            return Err(" Type yes and press enter · Esc closes");
        }
        (None, _) if model.pane == Pane::Drill => &[
            C::BeginDrill,
            C::Answer,
            C::Hint,
            C::Coach,
            C::Probe,
            C::EndDrill,
            C::AbortDrill,
            C::Back,
            C::Help,
            C::Quit,
            C::Arm,
            C::Findings,
        ],
        (Some(Overlay::Leave), _) => &[C::Wait, C::LeaveNow],
        (Some(Overlay::Watches(_)), _) => {
            &[C::WatchEvents, C::Prolong, C::StopWatch, C::Back, C::Down, C::Up]
        }
        (Some(Overlay::Saved(_)), _) => &[C::Open, C::DropFilter, C::Back, C::Down, C::Up],
        (Some(Overlay::Same(_)), _) => {
            return Err(" The letter, or ↑ ↓ and Enter · Esc closes");
        }
        (None, _) if model.pane == Pane::Trail && model.trail.sight.tree.is_some() => {
            &[C::Open, C::Sessions, C::Back, C::Down, C::Up, C::Wider, C::Help, C::Quit]
        }
        (None, Focus::List) if model.pane == Pane::Trail => match &model.case.inquiry {
            Some(inquiry) if !inquiry.is_over() => &TRAIL,
            _ => &TRAIL[1..],
        },
        (None, Focus::Detail) if model.pane == Pane::Trail => &[
            C::Back,
            C::Same,
            C::WhyDenied,
            C::SameKey,
            C::SameAddress,
            C::Raw,
            C::Mark,
            C::PrincipalOf,
            C::FindingsOf,
            C::CopyId,
            C::CopyArn,
            C::Help,
            C::Quit,
        ],
        (None, _) if model.pane == Pane::Playbooks => &[
            C::Choose,
            C::Filter,
            C::Back,
            C::Arm,
            C::Disarm,
            C::Audit,
            C::Help,
            C::Quit,
            C::Edit,
            C::Export,
        ],
        (None, _) if model.pane == Pane::Plan => &[
            C::Start,
            C::Back,
            C::Search,
            C::Down,
            C::Up,
            C::Arm,
            C::Disarm,
            C::Help,
            C::Quit,
            C::CopyCommand,
        ],
        (None, _) if model.pane == Pane::Run => &[
            C::Decide,
            C::Yes,
            C::No,
            C::Retry,
            C::Skip,
            C::RollBack,
            C::Abandon,
            C::Watches,
            C::Back,
            C::Disarm,
            C::Help,
            C::Quit,
        ],
        (None, _) if model.pane == Pane::Audit => &[
            C::Open,
            C::Filter,
            C::ShowRun,
            C::Undo,
            C::Verify,
            C::Prove,
            C::ReadBack,
            C::Back,
            C::Help,
            C::Quit,
            C::Export,
        ],
        (None, _) if model.pane == Pane::Organization => &[
            C::Open,
            C::Exempt,
            C::Filter,
            C::Raw,
            C::Back,
            C::Refresh,
            C::Help,
            C::Quit,
            C::CopyId,
            C::CopyArn,
            C::Focus,
            C::Iam,
        ],
        (None, Focus::List) if model.pane == Pane::Iam => &[
            C::Open,
            C::Filter,
            C::CanIt,
            C::EventsOf,
            C::Sort,
            C::Compare,
            C::Help,
            C::Quit,
            C::Back,
            C::FindingsOf,
            C::WatchIt,
            C::Versions,
            C::Decode,
            C::Refresh,
            C::CopyArn,
            C::Exempt,
        ],
        (None, Focus::Detail) if model.pane == Pane::Iam => &[
            C::Back,
            C::NextTab,
            C::CanIt,
            C::AskAws,
            C::EventsOf,
            C::Help,
            C::Quit,
            C::WatchIt,
            C::Versions,
            C::Compare,
            C::FindingsOf,
            C::PreviousTab,
            C::Decode,
            C::CopyArn,
        ],
        (Some(Overlay::Filter { .. }), _) => {
            return Err(" Enter keeps the filter · Esc goes back to the one before");
        }
        (Some(Overlay::Text(..)), _) => &[C::Back, C::Search, C::Down, C::Up, C::PageDown, C::Last],
        (None, Focus::List) => &[
            C::Open,
            C::Events,
            C::Playbooks,
            C::Filter,
            C::Severity,
            C::State,
            C::Help,
            C::Quit,
            C::PrincipalOf,
            C::Health,
            C::Account,
            C::Region,
            C::Sort,
            C::Chart,
            C::CopyId,
            C::MarkAllSeen,
            C::Pick,
            C::DropPicks,
            C::SavedFilters,
            C::SaveFilter,
            C::Calls,
            C::Export,
            C::Browse,
        ],
        (None, Focus::Detail) => &[
            C::Back,
            C::Events,
            C::Raw,
            C::Search,
            C::Help,
            C::Quit,
            C::CopyId,
            C::CopyArn,
            C::SameType,
            C::Pager,
            C::Browse,
        ],
    })
}

/// A command's place in the last line: its key, and its word after a space.
struct Word {
    command: Command,
    key: String,
    x: u16,
    width: u16,
}

/// As many as fit.
fn words(model: &Model, area: Rect) -> Result<Vec<Word>, &'static str> {
    let mut x = area.x + 1;
    let mut words = Vec::new();
    for command in commands(model)? {
        let Some(key) = model.keymap.keys(model.scopes(), *command).into_iter().next() else {
            continue;
        };
        let key = key.to_string();
        let width = (key.width() + 1 + command.info().short.width()) as u16;
        if x + width + 2 > area.right() {
            break;
        }
        words.push(Word { command: *command, key, x, width });
        x += width + 2;
    }
    Ok(words)
}

fn draw_keys(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let words = match words(model, area) {
        Ok(words) => words,
        Err(text) => return Line::styled(text, theme.dim).render(area, buf),
    };
    for Word { command, key, x, width } in words {
        let usable = available(command, model).is_ok();
        let (of_key, of_word) = match usable {
            true => (theme.key, Style::new()),
            false => (theme.dim, theme.dim),
        };
        let line = Line::from(vec![
            Span::styled(key, of_key),
            Span::styled(format!(" {}  ", command.info().short), of_word),
        ]);
        line.render(Rect { x, width: width + 2, ..area }, buf);
    }
}

/// The command whose word stands in this column of the last line.
pub fn at(model: &Model, area: Rect, x: u16) -> Option<Command> {
    let words = words(model, area).ok()?;
    words.into_iter().find(|w| (w.x..w.x + w.width).contains(&x)).map(|w| w.command)
}
