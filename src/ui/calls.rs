//! The command log: how much each service is asked, and every call.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    theme::Theme,
    words::{self, count, pad},
};
use crate::{
    case::{Load, Logged},
    domain::Call,
    model::Model,
};

/// How often AWS lets a service be asked, where that is published. No call of halon's is
/// charged for. <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html>
fn allowed(service: &str) -> &'static str {
    match service {
        "CloudTrail" => "LookupEvents 2 a second in each account and region; others 10",
        "SecurityHub" => "GetFindings 3 a second, 6 at once; others 10",
        _ => "AWS publishes no rate",
    }
}

pub fn lines<'l>(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'l>> {
    let calls = &model.case.calls;
    let mut head = format!(
        " {} calls, {} requests; no call of halon's is charged for",
        count(calls.len() + usize::try_from(calls.dropped).unwrap_or(usize::MAX)),
        words::count(usize::try_from(calls.requests).unwrap_or(usize::MAX)),
    );
    if calls.dropped > 0 {
        head += &format!("; the {} oldest calls are not kept", calls.dropped);
    }
    let mut lines = vec![Line::styled(head, theme.dim), Line::default()];
    let lacks = if calls.lacks_some_of_the_hour(model.now) { " (at least)" } else { "" };
    let title = format!(" Requests        last minute   last hour{lacks}   allowed");
    lines.push(Line::styled(title, theme.label));
    for (service, load) in calls.load(model.now) {
        let many = match load.throttled {
            0 => String::new(),
            n => format!("  {n} throttled"),
        };
        lines.push(Line::from(vec![
            Span::raw(format!("  {} {:>11} {:>11}", pad(service, 14), load.minute, load.hour)),
            Span::styled(format!("   {}", allowed(service)), theme.dim),
            Span::styled(many, theme.warning),
        ]));
    }
    lines.push(Line::default());
    let zone = words::zone(model.now, &model.zone);
    let title = format!(" {}       ms       CALL", pad(&format!("AT {zone}"), 9));
    lines.push(Line::styled(title, theme.label));
    for logged in calls.newest() {
        lines.extend(one(model, theme, logged, width));
    }
    lines
}

/// One call, on a second line what does not fit.
fn one<'l>(
    model: &Model,
    theme: &Theme,
    Logged { at, call }: &Logged,
    width: usize,
) -> Vec<Line<'l>> {
    let time = at.to_zoned_datetime(model.zone.clone()).strftime("%H:%M:%S").to_string();
    let name = format!("{}:{}", call.service, call.operation);
    let (word, style) = match call.is_write() {
        true => ("WRITE", theme.armed),
        false => ("read ", theme.dim),
    };
    let mut parts = vec![
        Span::styled(format!(" {} {:>6} ", pad(&time, 9), call.millis), theme.dim),
        Span::styled(word, style),
        Span::styled(format!(" {} ", pad(&name, 34)), theme.label),
    ];
    let more = said(model, theme, call);
    let taken: usize = parts.iter().map(Span::width).sum();
    let wanted: usize = more.iter().map(Span::width).sum();
    if taken + wanted <= width {
        parts.extend(more);
        return vec![Line::from(parts)];
    }
    let mut below = vec![Span::raw(" ".repeat(18))];
    below.extend(more);
    vec![Line::from(parts), Line::from(below)]
}

/// Where, how often, how much, and what came of it.
fn said<'l>(model: &Model, theme: &Theme, call: &Call) -> Vec<Span<'l>> {
    let account = model.case.identities().find_map(|(target, load)| match load {
        Load::Ready(identity) if *target == call.place.target => {
            Some(format!(" ({})", identity.account))
        }
        _ => None,
    });
    let mut spans = vec![Span::raw(format!("{}{} ", call.place, account.unwrap_or_default()))];
    let mut say = |text: String, style: Style| spans.push(Span::styled(text + " ", style));
    match call.attempts {
        0 => say("not sent".to_owned(), theme.warning),
        1 => {}
        n => say(format!("{n} attempts, waited {} ms", call.waited_millis), theme.warning),
    }
    if call.throttled > 0 {
        say(format!("{} throttled", call.throttled), theme.warning);
    }
    if call.bytes > 0 {
        say(format!("{} bytes", count(call.bytes)), theme.dim);
    }
    if let Some(kind) = call.fault {
        say(format!("{kind:?}"), theme.trouble);
    }
    if let Some(id) = &call.request_id {
        say(id.clone(), theme.dim);
    }
    spans
}
