//! What the trail shows of its question: the query bar, how much was found, how far asking
//! has come in each place, and what no answer can hold.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use super::{
    draw_row,
    theme::Theme,
    words::{self, count, pad, short},
};
use crate::{
    case::{Inquiry, Progress},
    domain::{Fault, Place, untrusted::display_in},
    model::{Model, When},
};

/// Most of the second line that one filter may take.
const FILTER_CELLS: usize = 44;
/// From this width on there is room for when it was asked.
const WIDE: u16 = 110;
/// What a value or the window is cut down to at most.
const LEAST_CELLS: usize = 10;

/// `key AKIA… · last 24h · "text"`: what is asked, and `…` while the list is behind.
pub fn draw_bar(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut parts = parts(model, theme, area.width);
    if parts.is_empty() {
        return Line::styled(" nothing is asked yet", theme.dim).render(area, buf);
    }
    shorten(&mut parts, area.width.into());
    let mut spans = vec![Span::raw(" ")];
    for part in parts {
        if spans.len() > 1 {
            spans.push(Span::styled(" · ", theme.dim));
        }
        spans.push(Span::styled(part.text, part.style));
    }
    draw_row(&Line::from(spans), area, buf);
}

/// Columns that the bar takes where nothing of it is cut.
pub fn bar_width(model: &Model, width: u16) -> usize {
    let parts = parts(model, model.setup.look.theme(), width);
    parts.iter().map(|part| part.text.width() + 3).sum()
}

/// What the question says; nothing where none is asked.
fn parts(model: &Model, theme: &Theme, width: u16) -> Vec<Part> {
    let trail = &model.trail;
    let mut parts: Vec<Part> = Vec::new();
    let Some(asked) = &trail.sight.asked else { return parts };
    if asked.by.is_empty() {
        parts.push(Part::fixed("everything".to_owned(), theme.heading));
    }
    for by in &asked.by {
        let text = display_in(&by.to_string(), FILTER_CELLS);
        parts.push(Part { text, style: theme.heading, least: LEAST_CELLS });
    }
    let window = asked.when.words(&model.zone);
    parts.push(Part { text: window, style: Style::new(), least: LEAST_CELLS });
    if asked.failed {
        parts.push(Part::fixed("failed only".to_owned(), theme.warning));
    }
    if !asked.text.is_empty() {
        let text = format!("“{}”", display_in(&asked.text, 30));
        parts.push(Part::fixed(text, theme.warning));
    }
    if trail.oldest_first {
        parts.push(Part::fixed("oldest first".to_owned(), theme.dim));
    }
    match trail.earlier.len() {
        0 => {}
        n => parts.push(Part::fixed(format!("{n} before"), theme.dim)),
    }
    if let Some(inquiry) = model.case.inquiry.as_ref().filter(|_| width >= WIDE) {
        let asked = words::as_of(inquiry.asked, model.now, &model.zone);
        parts.push(Part::fixed(format!("asked {asked}"), theme.dim));
    }
    if model.setup.offline {
        parts.push(Part::fixed("as kept on this machine".to_owned(), theme.dim));
    }
    if !trail.is_settled() {
        parts.push(Part::fixed("…".to_owned(), theme.dim));
    }
    parts
}

/// One thing that the question says.
struct Part {
    text: String,
    style: Style,
    /// It may be cut down to so many cells.
    least: usize,
}

impl Part {
    /// Nothing of it may be missing.
    fn fixed(text: String, style: Style) -> Self {
        Self { text, style, least: usize::MAX }
    }
}

/// Cuts what is longest until all fits. What narrows the list stays whole: whoever does not
/// see it takes a part for everything.
fn shorten(parts: &mut [Part], cells: usize) {
    let width = |parts: &[Part]| -> usize {
        1 + parts.iter().map(|p| p.text.width() + 3).sum::<usize>().saturating_sub(3)
    };
    while width(parts) > cells {
        let can = parts.iter_mut().filter(|p| p.text.width() > p.least);
        let Some(longest) = can.max_by_key(|p| p.text.width()) else { return };
        longest.text = display_in(&longest.text, longest.text.width() - 1);
    }
}

/// What was looked for and in which window: for a list that is empty.
pub fn question(model: &Model) -> Option<String> {
    let asked = model.trail.sight.asked.as_ref()?;
    let mut parts: Vec<String> =
        asked.by.iter().map(|by| display_in(&by.to_string(), 120)).collect();
    if parts.is_empty() {
        parts.push("everything".to_owned());
    }
    if asked.failed {
        parts.push("failed only".to_owned());
    }
    if !asked.text.is_empty() {
        parts.push(format!("“{}”", display_in(&asked.text, 60)));
    }
    let window = When::Between(asked.window.from, asked.window.to).words(&model.zone);
    Some(format!("Looked for: {} · {window}", parts.join(" · ")))
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut spans = vec![Span::raw(" ")];
    // What is missing comes first: the end of the line may not be seen.
    if let Some((text, style)) = lacking(model, theme) {
        spans.push(Span::styled(text, style));
        spans.push(Span::styled(" · ", theme.dim));
    }
    spans.push(Span::styled(totals(model), Style::new()));
    spans.extend(progress(model, theme));
    draw_row(&Line::from(spans), Rect { height: 1, ..area }, buf);
    if area.height > 1 {
        let text = format!(" {}", remarks(model).join(" · "));
        let line = pad(&text, area.width.into());
        Line::styled(line, theme.dim).render(Rect { y: area.y + 1, height: 1, ..area }, buf);
    }
}

/// `31,402 events · 1,203 failed · newest 2,000 shown`.
fn totals(model: &Model) -> String {
    let found = &model.trail.sight.found;
    let number = |n: u64| count(usize::try_from(n).unwrap_or(usize::MAX));
    let mut parts = match found.total {
        1 => vec!["1 event".to_owned()],
        n => vec![format!("{} events", number(n))],
    };
    if found.failed > 0 {
        parts.push(format!("{} failed", number(found.failed)));
    }
    if (found.events.len() as u64) < found.total {
        let order = if model.trail.oldest_first { ", oldest first" } else { "" };
        parts.push(format!("newest {} shown{}", count(found.events.len()), order));
    }
    if found.untimed > 0 {
        parts.push(format!("of them {} without a time", number(found.untimed)));
    }
    if found.unreadable > 0 {
        parts.push(format!("{} cannot be read any more", number(found.unreadable)));
    }
    parts.join(" · ")
}

/// What the answer lacks by now.
fn lacking(model: &Model, theme: &Theme) -> Option<(String, Style)> {
    let inquiry = model.case.inquiry.as_ref()?;
    if inquiry.is_over() {
        let text = format!("INCOMPLETE: {} of {} places", asked(inquiry), places(inquiry));
        return (!inquiry.gaps().is_empty()).then_some((text, theme.trouble));
    }
    let failed = inquiry.places.values().filter(|p| matches!(p, Progress::Lacking(_))).count();
    (failed > 0).then(|| (format!("{failed} of {} places FAILED", places(inquiry)), theme.trouble))
}

/// How far asking has come: in a word where it is over, else place by place.
fn progress<'l>(model: &Model, theme: &Theme) -> Vec<Span<'l>> {
    let mut spans = Vec::new();
    let mut part = |text: String, style: Style| {
        spans.push(Span::styled(" · ", theme.dim));
        spans.push(Span::styled(text, style));
    };
    let Some(inquiry) = &model.case.inquiry else {
        if model.setup.offline {
            part("offline: only what the store holds".to_owned(), theme.warning);
        }
        return spans;
    };
    if inquiry.is_over() {
        if inquiry.gaps().is_empty() {
            part(format!("{} of {} places asked", asked(inquiry), places(inquiry)), theme.good);
        }
        return spans;
    }
    part(format!("{} of {} places", asked(inquiry), places(inquiry)), Style::new());
    for (place, progress) in &inquiry.places {
        if let Progress::Asking { throttled: true, .. } = progress {
            part(word(model, Some(place), progress), theme.warning);
        } else if matches!(progress, Progress::Asking { .. }) {
            part(word(model, Some(place), progress), theme.dim);
        }
    }
    spans
}

fn places(inquiry: &Inquiry) -> usize {
    inquiry.places.len()
}

/// Places that have said all there is.
fn asked(inquiry: &Inquiry) -> usize {
    inquiry.places.values().filter(|p| matches!(p, Progress::Whole { .. })).count()
}

/// `us-east-1 3 pages back to 02:12, throttled`.
pub fn word(model: &Model, place: Option<&Place>, progress: &Progress) -> String {
    let pages = |n: u32| match n {
        1 => "1 page".to_owned(),
        n => format!("{n} pages"),
    };
    let said = match progress {
        Progress::Waiting => "waiting".to_owned(),
        Progress::Asking { pages: n, back_to, throttled } => {
            let mut text = if *n == 0 { "asking".to_owned() } else { pages(*n) };
            if let Some(at) = back_to {
                text += &format!(" back to {}", short(*at, &model.zone));
            }
            if *throttled {
                text += ", throttled";
            }
            text
        }
        Progress::Whole { pages: 0 } => "whole, all was in the store".to_owned(),
        Progress::Whole { pages: n } => format!("whole, {}", pages(*n)),
        Progress::Lacking(_) => "failed".to_owned(),
        Progress::Cancelled => "stopped".to_owned(),
    };
    place.map_or(said.clone(), |place| format!("{} {said}", place.region))
}

/// Why a place has not answered. A feed is asked again by itself, the trail is not.
pub fn why(fault: &Fault) -> String {
    let mut text = fault.to_string();
    for promise in ["halon asks again by itself", "halon slows down and asks again"] {
        text = text.replace(promise, "ctrl-r asks again");
    }
    text
}

/// What no answer can hold, however often it is asked.
pub fn remarks(model: &Model) -> Vec<String> {
    match &model.case.inquiry {
        Some(inquiry) => inquiry.remarks(),
        None if model.setup.offline => {
            vec!["nothing is asked of AWS; files come in with `halon trail import`".to_owned()]
        }
        None => Vec::new(),
    }
}

/// ` · cloudtrail 2 whole 1 failed`, in the manner of the feeds.
pub fn health<'l>(model: &Model, theme: &Theme) -> Vec<Span<'l>> {
    let Some(inquiry) = &model.case.inquiry else { return Vec::new() };
    let mut spans = vec![Span::styled(" · ", theme.dim), Span::styled("cloudtrail", theme.label)];
    let of = |is: fn(&Progress) -> bool| inquiry.places.values().filter(|p| is(p)).count();
    for (n, what, style) in [
        (of(|p| matches!(p, Progress::Whole { .. })), "whole", theme.good),
        (of(|p| matches!(p, Progress::Waiting | Progress::Asking { .. })), "asking", theme.dim),
        (of(|p| matches!(p, Progress::Cancelled)), "stopped", theme.warning),
        (of(|p| matches!(p, Progress::Lacking(_))), "failed", theme.trouble),
    ] {
        if n > 0 {
            spans.push(Span::styled(format!(" {n} {what}"), style));
        }
    }
    if inquiry.places.is_empty() {
        spans.push(Span::styled(" not asked", theme.warning));
    }
    spans
}
