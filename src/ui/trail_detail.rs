//! One event: readable sections, or its JSON as it came.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Block, Borders, Widget},
};

use super::{
    account, draw_lines,
    page::{self, Page},
    theme::Theme,
    trail::{is_hostile, result},
};
use crate::{
    domain::{
        Untrusted,
        event::{Event, is_own, members, risk},
        untrusted::display_in,
    },
    model::{Focus, Model},
};

pub fn draw(model: &Model, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let block = block(model, theme);
    let inner = block.inner(area);
    block.render(area, buf);
    match model.trail.current() {
        Some(event) => {
            let lines = lines(model, event, theme, inner.width.into());
            let most = lines.len().saturating_sub(inner.height.into());
            draw_lines(&lines, model.trail.sight.detail.scroll.min(most), inner, buf);
        }
        None => Line::styled(" No event is selected.", theme.dim).render(inner, buf),
    }
}

/// Lines of the detail and lines of a page.
pub fn extent(model: &Model, area: Rect) -> (usize, usize) {
    let (lines, inner) = text(model, model.setup.look.theme(), area);
    (lines.len(), inner.height.into())
}

/// The text, and where it stands.
pub fn text(model: &Model, theme: &Theme, area: Rect) -> (Vec<Line<'static>>, Rect) {
    let inner = block(model, theme).inner(area);
    let event = model.trail.current();
    let lines = event.map(|e| lines(model, e, theme, inner.width.into()));
    (lines.unwrap_or_default(), inner)
}

fn block<'b>(model: &Model, theme: &Theme) -> Block<'b> {
    let sight = &model.trail.sight;
    let title = if sight.detail.raw { " event, JSON as it came " } else { " event " };
    let style = if sight.focus == Focus::Detail { theme.key } else { theme.dim };
    Block::new().borders(Borders::TOP | Borders::LEFT).border_style(style).title(title)
}

fn lines<'l>(model: &Model, event: &Event, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    if model.trail.sight.detail.raw {
        let mut lines = Vec::new();
        page::pretty(&event.raw, width, &mut lines);
        return lines;
    }
    let mut page = Page::new(model, theme, width);
    summary(&mut page, event);
    who(&mut page, event);
    session(&mut page, event);
    from(&mut page, event);
    about(&mut page, event);
    parameters(&mut page, event);
    names(&mut page, event);
    page.lines
}

fn summary(page: &mut Page<'_, '_>, event: &Event) {
    let theme = page.theme;
    let what = format!("{}:{}", event.service(), event.name.raw());
    page.wrapped(&what.into(), theme.heading);
    if !event.is_whole() {
        let what = "This event cannot be parsed: what follows is what CloudTrail said beside it. \
                    w shows it as it came.";
        page.wrapped(&what.into(), theme.warning);
    }
    if is_hostile(event) {
        let what = "! This event's text holds hidden or misleading characters; they are shown \
                    as <U+…> or as pictures.";
        page.wrapped(&what.into(), theme.trouble);
    }
    page.blank();
    let (word, style) = result(event, theme);
    page.styled("result", display_in(word.raw(), 80), style);
    if event.denied() {
        foreign(page, "code", event.error_code.as_ref());
    }
    foreign(page, "said", event.error_message.as_ref());
    page.time("time", event.time);
    if let Some(risk) = risk(event) {
        let technique = match risk.technique {
            "" => String::new(),
            id => format!(" ({id})"),
        };
        let what = format!("▲ {}: {}{technique}", risk.kind.name(), risk.sentence);
        page.styled("risk", what, page.theme.warning);
    }
    if let Some(read_only) = event.read_only {
        let word = if read_only { "reads only" } else { "changes something" };
        page.text("kind", word.to_owned());
    }
}

fn who(page: &mut Page<'_, '_>, event: &Event) {
    let identity = &event.identity;
    page.heading("Who");
    if event.by_root() {
        page.styled("user", "ROOT of the account".to_owned(), page.theme.trouble);
    } else {
        let who = identity.principal();
        let who = if who.is_empty() { event.username.clone().unwrap_or_default() } else { who };
        page.foreign("principal", &who);
    }
    foreign(page, "type", identity.kind.as_ref());
    foreign(page, "arn", identity.arn.as_ref());
    if let Some(account) = &identity.account {
        page.text("account", account::words(page.model, account));
    }
    foreign(page, "key", event.access_key());
    foreign(page, "invoked by", identity.invoked_by.as_ref());
}

/// What is known of the session that the call was made in.
fn session(page: &mut Page<'_, '_>, event: &Event) {
    let identity = &event.identity;
    let issuer = identity.issuer.as_ref();
    let known = issuer.is_some()
        || identity.session_began.is_some()
        || identity.mfa.is_some()
        || identity.source_identity.is_some()
        || identity.from_console
        || identity.provider.is_some();
    if !known {
        return;
    }
    page.heading("Session");
    foreign(page, "of", issuer.and_then(|i| i.arn.as_ref().or(i.name.as_ref())));
    foreign(page, "name", identity.session().as_ref());
    if identity.session_began.is_some() {
        page.time("began", identity.session_began);
    }
    match identity.mfa {
        Some(true) => page.text("MFA", "yes".to_owned()),
        Some(false) => page.styled("MFA", "no".to_owned(), page.theme.warning),
        None => {}
    }
    foreign(page, "really", identity.source_identity.as_ref());
    foreign(page, "vouched by", identity.provider.as_ref());
    if identity.from_console {
        page.text("console", "a session of the console".to_owned());
    }
}

fn from(page: &mut Page<'_, '_>, event: &Event) {
    page.heading("Where from");
    foreign(page, "address", event.source_ip.as_ref());
    match is_own(&page.model.setup.own, event) {
        Some(true) => page.text("", "ours, by the configuration".to_owned()),
        Some(false) if !page.model.setup.own.is_empty() => {
            page.text("", "not one of ours".to_owned());
        }
        _ => {}
    }
    foreign(page, "agent", event.user_agent.as_ref());
    foreign(page, "region", event.region.as_ref());
    if let Some(account) = &event.account {
        let production = account::production(page.model, account);
        page.text("in account", format!("{account}{production}"));
    }
}

/// What it was about, and what it gave out.
fn about(page: &mut Page<'_, '_>, event: &Event) {
    if !event.resources.is_empty() {
        page.heading("Resources");
        for resource in event.resources.iter().take(50) {
            let kind = resource.kind.as_ref().map(|k| display_in(k.raw(), 60));
            let kind = kind.unwrap_or_default();
            let kind = kind.rsplit("::").next().unwrap_or_default().to_owned();
            page.foreign(&kind, &resource.name);
        }
    }
    if let Some(issued) = &event.issued {
        page.heading("Gave out");
        page.foreign("key", &issued.access_key);
        if issued.expires.is_some() {
            page.time("until", issued.expires);
        }
        foreign(page, "session", issued.assumed_role.as_ref());
        foreign(page, "really", issued.source_identity.as_ref());
    }
}

/// Request and answer as they are in the event.
fn parameters(page: &mut Page<'_, '_>, event: &Event) {
    let Ok(object) = members(&event.raw) else { return };
    for (key, heading) in [
        ("requestParameters", "Request"),
        ("responseElements", "Answer"),
        ("additionalEventData", "Besides"),
        ("serviceEventDetails", "Details"),
    ] {
        if let Some(value) = object.get(key) {
            page.heading(heading);
            page::pretty(value.get(), page.width, &mut page.lines);
        }
    }
}

fn names(page: &mut Page<'_, '_>, event: &Event) {
    page.heading("Names");
    page.foreign("id", &event.id);
    page.foreign("source", &event.source);
    foreign(page, "category", event.category.as_ref());
    if event.original.redacted > 0 {
        let what = format!(
            "{} values are not kept; before that it was {} bytes, SHA-256 {}",
            event.original.redacted, event.original.bytes, event.original.sha256
        );
        page.text("secrets", what);
    }
}

/// A value where there is one.
fn foreign(page: &mut Page<'_, '_>, label: &str, value: Option<&Untrusted>) {
    if let Some(value) = value {
        page.foreign(label, value);
    }
}
