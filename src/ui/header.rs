//! The first line: what this is, how it may act, who we are, where, and the time.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use super::{draw_row, theme::Theme, words};
use crate::{
    case::Load,
    domain::{Target, untrusted::display_in},
    model::{Model, Paint},
};

/// Below this width the scenario's title would push out who we are.
const WIDE: u16 = 120;

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    buf.set_style(area, theme.header);
    // Minutes are enough: a clock that ticks seconds redraws an idle screen.
    let clock = format!(" {} ", words::minute(model.now, &model.zone));
    let clock_width = clock.width().min(usize::from(area.width));
    let right = Rect { x: area.right() - clock_width as u16, width: clock_width as u16, ..area };
    let left = Rect { width: area.width - clock_width as u16, ..area };
    let mut spans = vec![
        Span::styled(" halon ", theme.header),
        Span::styled(format!(" {} ", mode(model)), mode_style(model, theme)),
    ];
    for open in &model.case.glass {
        let left = open.expires.duration_since(model.now).as_secs().max(0);
        let left = format!(" BREAK-GLASS {}m left ", (left + 59) / 60);
        spans.push(Span::styled(left, theme.armed));
    }
    if let Some(title) = &model.setup.range {
        let title = match area.width {
            ..WIDE => String::new(),
            _ => format!("simulated: {} ", display_in(title, 32)),
        };
        spans.push(Span::styled(format!(" RANGE {title}"), theme.range));
    }
    if model.setup.offline {
        spans.push(Span::styled(" OFFLINE ", theme.range));
    }
    let (who, paint) = who(model);
    if paint.is_some_and(|paint| paint.production) {
        spans.push(Span::styled(" PRODUCTION ", theme.production));
    }
    let colour = paint.and_then(|paint| paint.colour);
    let style = colour.map_or(Style::new(), |colour| model.setup.look.on(colour));
    spans.push(Span::styled(format!(" {who} "), theme.header.patch(style)));
    spans.push(Span::styled(format!(" {} ", regions(model)), theme.header));
    if let Some(endpoint) = &model.setup.endpoint {
        spans.push(Span::styled(format!(" at {} ", display_in(endpoint, 40)), theme.range));
    }
    for setting in &model.setup.environment {
        spans.push(Span::styled(format!(" {} ", display_in(setting, 40)), theme.range));
    }
    draw_row(&Line::from(spans), left, buf);
    Line::styled(clock, Style::new()).render(right, buf);
}

/// The mode in words; armed, what for and for how long, to the minute.
fn mode(model: &Model) -> String {
    match model.mode.armed() {
        Some(arming) => {
            let left = arming.lapses_at().duration_since(model.now).as_secs().max(0);
            let minutes = (left + 59) / 60;
            let id = display_in(&arming.incident.id, 20);
            format!("{} {id} {minutes}m left", model.mode.word())
        }
        None => model.mode.word().to_owned(),
    }
}

fn mode_style(model: &Model, theme: &Theme) -> Style {
    if model.mode.armed().is_some() { theme.armed } else { theme.mode }
}

/// The account's alias and id and the identity in use, of the first target; how many more.
/// And how that account is told from others.
fn who(model: &Model) -> (String, Option<&Paint>) {
    if model.setup.offline {
        return ("nobody is asked".to_owned(), None);
    }
    let mut callers = model.case.identities();
    let Some((target, load)) = callers.next() else { return ("no account".to_owned(), None) };
    let paint = model.setup.accounts.get(target);
    let first = match load {
        Load::Ready(identity) => {
            let alias = identity.alias.as_ref().map(|a| display_in(a.raw(), 24));
            let arn = identity.arn.raw();
            let name = arn.splitn(6, ':').nth(5).unwrap_or(arn);
            format!(
                "{}{} {}",
                alias.map(|a| a + " ").unwrap_or_default(),
                identity.account,
                display_in(name, 28)
            )
        }
        Load::Failed(_) => format!("{target}: not signed in"),
        Load::Idle | Load::Loading => format!("{target}: …"),
    };
    let others: Vec<_> = callers.collect();
    let failed = others.iter().filter(|(_, load)| matches!(load, Load::Failed(_))).count();
    let production =
        |target: &Target| model.setup.accounts.get(target).is_some_and(|p| p.production);
    let production = others.iter().filter(|(target, _)| production(target)).count();
    let mut said = first;
    for (n, what) in [(others.len(), ""), (production, " PRODUCTION"), (failed, " not signed in")] {
        if n > 0 {
            said += &if what.is_empty() { format!(" +{n}") } else { format!(", {n}{what}") };
        }
    }
    (said, paint)
}

fn regions(model: &Model) -> String {
    let mut regions: Vec<&str> = model.case.feeds.keys().map(|(_, p)| p.region.as_str()).collect();
    regions.sort_unstable();
    regions.dedup();
    match regions.as_slice() {
        [] => "no region".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    }
}
