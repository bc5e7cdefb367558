//! `[drill]`: what may be practised on, and how often it must be.

use jiff::SignedDuration;

use crate::domain::{AccountId, RoleName, document::Table, time::parse_span};

/// What may be practised on, and how often it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillSettings {
    /// The non-production accounts that a drill may be run against.
    pub accounts: Vec<AccountId>,
    /// How long a validation is good for.
    pub every: SignedDuration,
    /// The profile of somebody whom the break-glass role does not trust.
    pub stranger: Option<String>,
    /// The role that a harmless change is tried on.
    pub canary: Option<RoleName>,
    /// A drill assumes that the usual sign-in does not work.
    pub idp_down: bool,
}

impl Default for DrillSettings {
    fn default() -> Self {
        // AWS's incident response playbooks: "at least quarterly".
        let every = SignedDuration::from_hours(90 * 24);
        Self { accounts: Vec::new(), every, stranger: None, canary: None, idp_down: true }
    }
}

pub fn read(table: &Table<'_>, drill: &mut DrillSettings) {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    for text in table.strings("accounts") {
        drill.accounts.extend(table.parse("accounts", &text).map(|a| a.value));
    }
    if let Some(text) = table.string("every") {
        // CloudTrail tells 90 days back: whoever waits longer cannot tell of every use.
        match parse_span(text.value).filter(|s| (DAY..=DAY * 90).contains(s)) {
            Some(span) => drill.every = span,
            None => table.mistake(&text, "`every` is a time from 1d to 90d"),
        }
    }
    if let Some(flag) = table.boolean("idp_down") {
        drill.idp_down = flag.value;
    }
    drill.stranger = table.string("stranger").map(|text| text.value.to_owned());
    drill.canary =
        table.string("canary").and_then(|text| Some(table.parse("canary", &text)?.value));
}
