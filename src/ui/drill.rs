//! The drill: its pane, and the lines that go with the operator to every other one.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, Widget},
};
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use super::{
    Button, boxed, button, draw_lines, layout::middle, theme::Theme, typed::typed, words::pad,
};
use crate::{
    domain::untrusted::display_in,
    drill::{Item, State},
    model::{DrillRow, Going, Model, Prospect, advice, is_asked},
};

/// Lines of text above the list at most, for what stands there is read once.
const ABOVE: usize = 7;

pub fn summary(model: &Model) -> String {
    let Some(prospect) = &model.setup.drill else {
        return "no drill: `halon --range=SCENARIO` opens a scenario to practise on".to_owned();
    };
    let title = &prospect.begun.title;
    match &model.drill.going {
        None if !model.drill.known => format!("{title} · the audit log is being read"),
        None => format!("{title} · not begun: press b"),
        Some(going) => match going.ended {
            Some(ending) => format!("{} · over: {}", going.id, ending.words()),
            None => {
                let class = going.class.map_or(String::new(), |c| format!("{} · ", c.name()));
                format!("{} · {class}{}", going.id, clock(model, going))
            }
        },
    }
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let above = above(model, theme, area.width.into());
    let head = (above.len() as u16).min(area.height);
    draw_lines(&above, 0, Rect { height: head, ..area }, buf);
    let body = list(model, area);
    let rows = model.drill_rows();
    for ((at, row), y) in rows.iter().enumerate().skip(model.drill.top).zip(body.y..body.bottom()) {
        let place = Rect { y, height: 1, ..body };
        row_line(model, theme, *row, area.width.into()).render(place, buf);
        if at == model.drill.cursor {
            buf.set_style(place, theme.selected);
        }
    }
}

/// Where the list stands below the text.
pub fn list(model: &Model, area: Rect) -> Rect {
    let head =
        (above(model, model.setup.look.theme(), area.width.into()).len() as u16).min(area.height);
    Rect { y: area.y + head, height: area.height - head, ..area }
}

/// What whoever is on call knows, and what is said of the objective in hand.
fn above<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let Some(prospect) = &model.setup.drill else { return Vec::new() };
    let mut lines = Vec::new();
    let mut say = |text: &str, style: Style| {
        for part in textwrap::wrap(text, width.saturating_sub(2).max(10)) {
            lines.push(Line::styled(format!(" {part}"), style));
        }
    };
    match model.drilling().map(|(_, going)| (going, going.objective(&prospect.script))) {
        None => say(&prospect.script.summary, Style::new()),
        Some((going, Some((_, objective)))) => {
            if going.met.is_empty() {
                say(&prospect.script.summary, theme.dim);
            }
            say(&objective.coach, Style::new());
            let given = going.hints_of(objective);
            for (n, hint) in given.iter().enumerate() {
                say(&format!("hint {} of {}: {hint}", n + 1, objective.hints.len()), theme.label);
            }
        }
        Some((_, None)) => say("Every objective is met. What is left is the evidence.", theme.good),
    }
    // The last of it is the newest.
    let skip = lines.len().saturating_sub(ABOVE);
    let mut lines = lines.split_off(skip);
    lines.push(Line::default());
    lines
}

fn row_line<'l>(model: &Model, theme: &Theme, row: DrillRow, width: usize) -> Line<'l> {
    match row {
        DrillRow::Objective(at) => objective_line(model, theme, at, width),
        DrillRow::Evidence(item) => evidence_line(model, theme, item, width),
    }
}

fn objective_line<'l>(model: &Model, theme: &Theme, at: usize, width: usize) -> Line<'l> {
    let Some(prospect) = &model.setup.drill else { return Line::default() };
    let Some(objective) = prospect.script.objectives.get(at) else { return Line::default() };
    let going = model.drill.going.as_ref();
    let met = going.and_then(|going| Some((going, going.met.get(&objective.id)?)));
    let current = going.and_then(|g| g.objective(&prospect.script)).is_some_and(|(n, _)| n == at);
    let (sign, style) = match (met, current) {
        (Some(_), _) => ("✓", theme.good),
        (None, true) => ("▶", theme.key),
        (None, false) => ("·", theme.dim),
    };
    let when = met.map(|(going, at)| format!("{}m", minutes(going.since, *at)));
    let room = width.saturating_sub(22);
    Line::from(vec![
        Span::styled(format!(" {sign} "), style),
        Span::styled(pad(objective.phase.name(), 8), theme.label),
        Span::raw(format!(" {} ", pad(&display_in(&objective.title, room), room))),
        Span::styled(pad(&when.unwrap_or_default(), 6), theme.dim),
    ])
}

fn evidence_line<'l>(model: &Model, theme: &Theme, item: Item, width: usize) -> Line<'l> {
    let going = model.drill.going.as_ref();
    let state = going.map_or(State::NotAnswered, |going| going.state(item));
    let style = match state {
        State::Passed | State::Simulated | State::Scripted => theme.good,
        State::Failed => theme.trouble,
        State::NotAnswered | State::NotApplicable => theme.dim,
    };
    let how = if is_asked(item) { "asked" } else { "found" };
    let name = pad(item.name(), 38);
    let text = going.and_then(|going| going.evidence.get(&item)).map(|e| e.text.as_str());
    let room = width.saturating_sub(67);
    Line::from(vec![
        Span::styled(format!(" {:>2} ", item.number()), theme.label),
        Span::raw(name),
        Span::styled(format!(" {how} "), theme.dim),
        Span::styled(pad(state.words(), 14), style),
        Span::styled(format!(" {}", display_in(text.unwrap_or_default(), room)), theme.dim),
    ])
}

/// The objective in hand, and what the coach says; on every pane while a drill goes on.
pub fn draw_strip(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let line = |n: u16| Rect { y: area.y + n, height: 1, ..area };
    let mut next = 0;
    let mut hint = None;
    if let Some((prospect, going)) = model.drilling() {
        stands(model, prospect, going, theme, area.width.into()).render(line(0), buf);
        next = 1;
        let objective = going.objective(&prospect.script).map(|(_, objective)| objective);
        hint = objective.and_then(|o| going.hints_of(o).last().map(|h| (*h).to_owned()));
    }
    if next == area.height {
        return;
    }
    let room = usize::from(area.width).saturating_sub(8);
    let (label, text) = match (advice(model), hint) {
        (Some(advice), _) => ("coach: ", advice),
        (None, Some(hint)) => ("hint: ", hint),
        (None, None) => return,
    };
    Line::from(vec![
        Span::styled(format!(" {label}"), theme.label),
        Span::styled(display_in(&text, room), theme.key),
    ])
    .render(line(next), buf);
}

fn stands<'l>(
    model: &Model,
    prospect: &Prospect,
    going: &Going,
    theme: &Theme,
    width: usize,
) -> Line<'l> {
    let all = prospect.script.objectives.len();
    let (place, title) = match (going.ended, going.objective(&prospect.script)) {
        (Some(ending), _) => ("over".to_owned(), ending.words().to_owned()),
        (None, Some((at, objective))) => (format!("{}/{all}", at + 1), objective.title.clone()),
        (None, None) => (format!("{all}/{all}"), "every objective is met".to_owned()),
    };
    let head = format!(" drill {place} · {} ", clock(model, going));
    let shows = match &model.drill.device {
        Some(code) => format!(" your device shows {code} "),
        None => String::new(),
    };
    let room = width.saturating_sub(head.width() + shows.width() + 1);
    Line::from(vec![
        Span::styled(head, theme.range),
        Span::styled(format!(" {}", pad(&display_in(&title, room), room)), theme.heading),
        Span::styled(shows, theme.armed),
    ])
}

/// Minutes are enough: a clock that ticks seconds redraws an idle screen.
fn clock(model: &Model, going: &Going) -> String {
    format!("{}m", minutes(going.since, model.now))
}

fn minutes(from: jiff::Timestamp, to: jiff::Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0) / 60
}

const END: [Button; 2] = [Button::Ok, Button::Cancel];

fn end_area(screen: Rect) -> Rect {
    middle(screen.width.min(68), screen.height.min(6), screen)
}

fn end_buttons(inner: Rect) -> Rect {
    Rect { y: inner.y + 3, height: u16::from(inner.height > 3), ..inner }
}

pub fn button_at(screen: Rect, x: u16, y: u16) -> Option<Button> {
    button::at(&END, end_buttons(Block::bordered().inner(end_area(screen))), x, y)
}

/// The prompt before a drill is ended.
pub fn draw_end(
    input: &Input,
    abort: bool,
    theme: &Theme,
    screen: Rect,
    buf: &mut Buffer,
) -> Position {
    let (title, what) = match abort {
        true => (" abort the drill ", "It does not count. What was changed is not taken back."),
        false => (" end the drill ", "It is judged by its records; nothing is added afterwards."),
    };
    let block = Block::bordered().border_style(theme.key).title(title);
    let Rect { width, height, .. } = end_area(screen);
    let inner = boxed(block, width, height, screen, buf);
    let (shown, x) = typed(input, usize::from(inner.width).saturating_sub(5));
    let lines = [
        Line::raw(format!(" {what}")),
        Line::raw(" type yes and press enter; esc closes"),
        Line::from(vec![Span::styled(" > ", theme.key), Span::raw(shown)]),
    ];
    draw_lines(&lines, 0, inner, buf);
    button::draw(&END, "", theme, end_buttons(inner), buf);
    Position::new(inner.x + 3 + x as u16, inner.y + 2)
}
