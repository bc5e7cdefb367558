//! `[consistency]`: how long changes take to come into force, and calls to be told of.

use crate::domain::{document::Table, time::parse_span};

/// Delays in milliseconds of the world's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consistency {
    /// Until a change of IAM decides about calls. Reads show it at once.
    pub iam: i64,
    /// The same of the organization's policies and of where accounts are.
    pub organizations: i64,
    /// Until LookupEvents finds an event.
    pub cloudtrail: i64,
}

pub fn consistency(t: &Table<'_>) -> Consistency {
    let Some(table) = t.table("consistency") else { return Consistency::default() };
    let span = |key: &'static str| {
        let Some(text) = table.string(key) else { return 0 };
        /// A day.
        const MOST: i64 = 86_400_000;
        let ms = parse_span(text.value).and_then(|span| i64::try_from(span.as_millis()).ok());
        let ms = ms.filter(|ms| *ms <= MOST);
        if ms.is_none() {
            table.mistake(&text, format!("`{key}` looks like 30s or 5m, at most a day"));
        }
        ms.unwrap_or_default()
    };
    let read = Consistency {
        iam: span("iam"),
        organizations: span("organizations"),
        cloudtrail: span("cloudtrail"),
    };
    table.finish();
    read
}
