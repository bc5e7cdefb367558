//! The list of events: when, who, what, where from, and what came of it. Costs what is on
//! the screen, whatever was found.

use jiff::tz::TimeZone;
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
    words::{self, fit, one_day, pad},
};
use crate::{
    domain::{
        AccountId, Untrusted,
        event::{Event, Window, is_own, risk},
        untrusted::{display_in, is_suspicious},
    },
    model::{Focus, Model},
};

/// Whether the days of a window can be told apart without their year.
pub fn one_year(window: Window, zone: &TimeZone) -> bool {
    let year = |at: jiff::Timestamp| at.to_zoned_datetime(zone.clone()).year();
    year(window.from) == year(window.to)
}

/// Which columns fit, from left to right; one of no width is left out.
struct Columns {
    time: usize,
    who: usize,
    what: usize,
    from: usize,
    account: usize,
    region: usize,
    result: usize,
}

/// Three marks and a space.
const MARKS: usize = 4;
const ACCOUNT: usize = 12;
const REGION: usize = 14;

impl Columns {
    fn fitting(width: usize, window: Option<Window>, zone: &TimeZone) -> Self {
        let one_day = window.is_none_or(|w| one_day(w, zone));
        let time = match (one_day, window.is_some_and(|w| !one_year(w, zone))) {
            (true, _) => 8,
            (false, false) => 14,
            (false, true) => 19,
        };
        let (mut who, mut what, mut from, mut result) = (10, 19, 15, 6);
        let mut rest = width.saturating_sub(MARKS + time + who + what + from + result + 4);
        if MARKS + time + who + what + from + result + 4 > width {
            // The address is in the detail; who did what is not to be missed.
            from = 0;
            rest = width.saturating_sub(MARKS + time + who + what + result + 3);
        }
        let mut more = |column: &mut usize, most: usize| {
            let by = rest.min(most.saturating_sub(*column));
            *column += by;
            rest -= by;
        };
        more(&mut what, 24);
        more(&mut who, 16);
        more(&mut result, 12);
        let (mut account, mut region) = (0, 0);
        let both = ACCOUNT + REGION + 2;
        let mut left = 0;
        more(&mut left, both);
        if left == both {
            (account, region) = (ACCOUNT, REGION);
        } else {
            result += left;
        }
        more(&mut who, 30);
        more(&mut what, 34);
        let widest = if from > 0 { 26 } else { 0 };
        more(&mut from, widest);
        more(&mut result, 60);
        Self { time, who, what, from, account, region, result }
    }
}

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let trail = &model.trail;
    let window = trail.sight.asked.as_ref().map(|a| a.window);
    let room = usize::from(area.width).saturating_sub(account::column(model));
    let columns = Columns::fitting(room, window, &model.zone);
    draw_heading(model, &columns, theme, Rect { height: 1, ..area }, buf);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if trail.is_empty() {
        draw_lines(&nothing(model, theme, body.width.into()), 0, body, buf);
        return;
    }
    let lines = (trail.sight.top..trail.len()).zip(body.y..body.bottom());
    for (at, y) in lines {
        let Some(event) = trail.at(at) else { continue };
        let line = Rect { y, height: 1, ..body };
        draw_row(&row(model, theme, &columns, event), line, buf);
        if at == trail.sight.cursor {
            let list = trail.sight.focus == Focus::List;
            buf.set_style(line, if list { theme.selected } else { theme.heading });
        }
    }
}

fn draw_heading(model: &Model, columns: &Columns, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut text = " ".repeat(MARKS);
    // By the zone of the newest time: the offset of summer time may differ in the window.
    let zone = words::zone(model.now, &model.zone);
    let time = match columns.time {
        8 if zone.len() > 3 => format!("T {zone}"),
        _ => format!("TIME {zone}"),
    };
    for (name, width) in [
        (time.as_str(), columns.time),
        ("WHO", columns.who),
        ("WHAT", columns.what),
        ("FROM", columns.from),
        ("ACCOUNT", columns.account),
        ("REGION", columns.region),
        ("RESULT", columns.result),
    ] {
        if width > 0 {
            text += &format!("{} ", pad(name, width));
        }
        if name == "TIME" {
            text += &" ".repeat(account::column(model));
        }
    }
    Line::styled(text, theme.label).render(area, buf);
}

fn row<'l>(model: &Model, theme: &Theme, columns: &Columns, event: &Event) -> Line<'l> {
    let mut spans = vec![
        Span::styled(if model.marked.contains(&event.id) { "◆" } else { " " }, theme.new),
        if is_hostile(event) {
            Span::styled("!", theme.trouble)
        } else if !event.is_whole() {
            Span::styled("?", theme.warning)
        } else {
            Span::raw(" ")
        },
        Span::styled(if risk(event).is_some() { "▲" } else { " " }, theme.warning),
        Span::raw(" "),
    ];
    let format = match columns.time {
        8 => "%H:%M:%S",
        14 => "%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M:%S",
    };
    let time =
        event.time.map(|t| t.to_zoned_datetime(model.zone.clone()).strftime(format).to_string());
    let time = pad(&time.unwrap_or_else(|| "-".to_owned()), columns.time);
    spans.push(Span::styled(time + " ", theme.dim));
    spans.extend(account::tag(model, theme, event.account.as_ref()));
    let mut cell = |text: String, style: Style| spans.push(Span::styled(text + " ", style));
    let (who, style) = who(event, theme);
    cell(fit(&who, columns.who), style);
    let (result, style) = result(event, theme);
    cell(what(event, columns.what), if event.failed() { style } else { Style::new() });
    if columns.from > 0 {
        let (from, style) = from(model, theme, event);
        cell(fit(&from, columns.from), style);
    }
    if columns.account > 0 {
        let account = event.account.as_ref();
        let style = account::ink(model, account, theme.dim);
        cell(pad(account.map_or("-", AccountId::as_str), columns.account), style);
    }
    if columns.region > 0 {
        let region = event.region.clone().unwrap_or_else(|| "-".into());
        cell(fit(&region, columns.region), theme.dim);
    }
    cell(fit(&result, columns.result), style);
    Line::from(spans)
}

/// Whoever called; root stands out in a word of its own.
pub fn who(event: &Event, theme: &Theme) -> (Untrusted, Style) {
    if event.by_root() {
        return ("ROOT".into(), theme.trouble);
    }
    let who = event.identity.principal();
    let who = if who.is_empty() { event.username.clone().unwrap_or_default() } else { who };
    (if who.is_empty() { "-".into() } else { who }, Style::new())
}

pub fn result(event: &Event, theme: &Theme) -> (Untrusted, Style) {
    match event.result() {
        None => ("ok".into(), theme.dim),
        Some(_) if event.denied() => ("DENIED".into(), theme.trouble),
        Some(code) => (code.clone(), theme.warning),
    }
}

/// Where the call came from; an address of the operator's own is said to be `ours`.
fn from(model: &Model, theme: &Theme, event: &Event) -> (Untrusted, Style) {
    let from = event.source_ip.clone().unwrap_or_else(|| "-".into());
    match is_own(&model.setup.own, event) {
        // In front: what does not fit is cut at the end.
        Some(true) => (format!("ours {}", from.raw()).into(), theme.dim),
        _ => (from, Style::new()),
    }
}

/// `iam:CreateUser` in so many cells: the service gives way first, for the verb says more.
fn what(event: &Event, cells: usize) -> String {
    let name = display_in(event.name.raw(), cells);
    let room = cells.saturating_sub(unicode_width::UnicodeWidthStr::width(name.as_str()) + 1);
    let text = match room {
        0..2 => name,
        room => format!("{}:{name}", display_in(event.service(), room)),
    };
    pad(&text, cells)
}

/// Whether the row deserves the `!` badge.
pub fn is_hostile(event: &Event) -> bool {
    let own = [&event.name, &event.source];
    let identity = &event.identity;
    let said = [
        &event.username,
        &event.source_ip,
        &event.user_agent,
        &event.error_code,
        &event.error_message,
        &event.region,
        &identity.arn,
        &identity.user_name,
        &identity.source_identity,
    ];
    let resources = event.resources.iter().map(|r| &r.name);
    own.into_iter()
        .chain(said.into_iter().flatten())
        .chain(resources)
        .any(|text| is_suspicious(text.raw()))
}

/// Why the list is empty, and what to do next: very different reasons.
fn nothing<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let mut lines = vec![Line::default()];
    let mut say = |style: Style, text: &str| {
        for part in textwrap::wrap(text, width.saturating_sub(4).max(10)) {
            lines.push(Line::styled(format!("  {part}"), style));
        }
    };
    let sight = &model.trail.sight;
    let inquiry = model.case.inquiry.as_ref();
    let next = "+ widens the window, x drops every filter, b asks something else.";
    let looked = super::trail_status::question(model).unwrap_or_default();
    if sight.asked.is_none() {
        say(theme.heading, "Nothing is asked yet.");
        say(theme.dim, "b asks: a key, an address, a user, a role, a time.");
    } else if let Some(fault) = &sight.trouble {
        say(theme.trouble, &format!("The store cannot be searched: {fault}"));
        say(theme.dim, "ctrl-r tries again.");
    } else if inquiry.is_some_and(|i| !i.is_over()) {
        say(theme.dim, "Asking CloudTrail, newest first …");
        say(theme.dim, "H shows how far each place has come, X stops.");
    } else if sight.found_for.is_none() {
        say(theme.dim, "Looking in the store …");
    } else if model.setup.offline {
        say(theme.heading, "Nothing in the store matches. Offline: nothing is asked of AWS.");
        say(theme.warning, &looked);
        say(theme.heading, next);
        say(theme.dim, "Bring events in with `halon trail import FILE...`.");
    } else if model.trail.postponed || model.trail_lacks_something() {
        say(theme.trouble, "Not every place could be asked; an empty list says nothing.");
        say(theme.warning, &looked);
        say(theme.dim, "H shows each place and why, ctrl-r asks again.");
    } else {
        say(theme.good, "No event matches.");
        say(theme.warning, &looked);
        say(theme.dim, next);
    }
    lines
}
