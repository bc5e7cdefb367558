//! `[limits]`, `[polling]` and `[armed]`: how much is asked how often, and for how long.

use jiff::SignedDuration;

use crate::{
    case::Intervals,
    cloud::Limits,
    domain::{document::Table, time::parse_span},
};

pub fn limits(table: &Table<'_>, limits: &mut Limits) {
    let whole = |key, least: i64, most: i64| {
        let number = table.integer(key)?;
        if (least..=most).contains(&number.value) {
            return u32::try_from(number.value).ok();
        }
        table.mistake(&number, format!("`{key}` must be from {least} to {most}"));
        None
    };
    if let Some(n) = whole("securityhub_per_second", 1, 1_000) {
        limits.securityhub_per_second = n;
    }
    if let Some(n) = whole("cloudtrail_per_second", 1, 1_000) {
        limits.cloudtrail_per_second = n;
    }
    if let Some(n) = whole("pages", 1, 1_000_000) {
        limits.pages = n;
    }
}

pub fn polling(table: &Table<'_>, intervals: &mut Intervals) {
    const LEAST: SignedDuration = SignedDuration::from_secs(5);
    let span = |key| {
        let text = table.string(key)?;
        let span = parse_span(text.value).filter(|s| *s >= LEAST);
        if span.is_none() {
            table.mistake(
                &text,
                format!("`{key}` must be a time of at least 5s, such as 30s or 2m"),
            );
        }
        span
    };
    if let Some(every) = span("guardduty") {
        intervals.guardduty = every;
    }
    if let Some(every) = span("securityhub") {
        intervals.securityhub = every;
    }
    if let Some(every) = span("watch") {
        intervals.watch = every;
    }
}

/// How long armed lasts without a change.
pub fn lapse(table: &Table<'_>) -> Option<SignedDuration> {
    let (least, most) = (SignedDuration::from_mins(1), SignedDuration::from_hours(12));
    let text = table.string("lapse")?;
    let span = parse_span(text.value).filter(|s| (least..=most).contains(s));
    if span.is_none() {
        table.mistake(&text, "`lapse` is a time from 1m to 12h, such as 30m");
    }
    span
}
