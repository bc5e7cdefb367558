//! Findings of a scenario file: written out, and by the number.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::{
    Account, MAX_BULK, Recipe, Seeded, Service,
    accounts::{account, named_account},
};
use crate::domain::{Region, document::Table, time::parse_span};

/// A time relative to the start: `+4m`, `-2h`, `+0s`. In milliseconds.
pub struct Offset(pub i64);

impl FromStr for Offset {
    type Err = &'static str;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (sign, span) = match s.split_at_checked(1) {
            Some(("+", span)) => (1, span),
            Some(("-", span)) => (-1, span),
            _ => return Err("a time relative to the start looks like +4m or -2h"),
        };
        /// Ten years.
        const FAR: i64 = 10 * 366 * 86_400_000;
        parse_span(span)
            .and_then(|span| i64::try_from(span.as_millis()).ok())
            .filter(|ms| *ms <= FAR)
            .map(|ms| Offset(sign * ms))
            .ok_or("a time relative to the start looks like +4m or -2h")
    }
}

/// The required `at`, in milliseconds relative to the start.
pub fn required_offset(t: &Table<'_>) -> Option<i64> {
    let text = t.required("at")?;
    t.parse::<Offset>("at", &text).map(|o| o.value.0)
}

/// One of `[[findings]]`.
pub fn finding(t: &Table<'_>, accounts: &[Account], aliases: &[String]) -> Option<Seeded> {
    let at = required_offset(t);
    let service_text = t.required("service");
    let service = service_text.as_ref().and_then(|s| match s.value {
        "guardduty" => Some(Service::GuardDuty),
        "securityhub" => Some(Service::SecurityHub),
        _ => {
            t.mistake(s, "`service` must be \"guardduty\" or \"securityhub\"");
            None
        }
    });
    let account = account(t, aliases);
    let region_text = t.required("region");
    let region = region_text.as_ref().and_then(|r| t.parse::<Region>("region", r));
    if let (Some(service), Some(account), Some(region)) = (service, account, &region) {
        let (enabled, name) = match service {
            Service::GuardDuty => (&accounts[account].guardduty, "GuardDuty"),
            Service::SecurityHub => (&accounts[account].securityhub, "Security Hub"),
        };
        if !enabled.contains(&region.value) {
            t.mistake(region, format!("{name} is not enabled there in this account"));
        }
    }
    let id = t.string("id").map(|id| id.value.to_owned());
    let archived = t.boolean("archived").is_some_and(|b| b.value);
    let copy = t.boolean("copy").is_none_or(|b| b.value);
    let repeat = t.integer("title_repeat");
    let mut body = object(t, "body");
    if let Some(repeat) = repeat {
        match usize::try_from(repeat.value) {
            Ok(bytes) if bytes <= 8 * 1024 * 1024 => repeat_title(&mut body, bytes),
            _ => t.mistake(&repeat, "`title_repeat` is a size in bytes, at most 8 MiB"),
        }
    }
    let mut updates: Vec<(i64, Value)> = t
        .tables("updates")
        .iter()
        .filter_map(|u| {
            let at = required_offset(u);
            let body = object(u, "body");
            u.finish();
            Some((at?, body))
        })
        .collect();
    updates.sort_by_key(|(at, _)| *at);
    if let (Some(at), Some((first, _))) = (at, updates.first())
        && *first < at
    {
        t.mistake_here("an update comes after the finding's own `at`");
    }
    t.finish();
    Some(Seeded {
        at: at?,
        service: service?,
        account: account?,
        region: region?.value,
        id,
        archived,
        copy,
        body,
        updates,
    })
}

/// A free-form table; absent is empty.
pub fn object(t: &Table<'_>, key: &'static str) -> Value {
    t.table(key).map_or_else(|| Value::Object(Map::new()), |table| table.to_json())
}

/// Repeats the title until it has at least `bytes` bytes.
fn repeat_title(body: &mut Value, bytes: usize) {
    for key in ["title", "Title"] {
        if let Some(Value::String(title)) = body.get_mut(key)
            && !title.is_empty()
        {
            *title = title.repeat(bytes.div_ceil(title.len()));
        }
    }
}

/// One of `[[bulk]]`.
pub fn recipe(t: &Table<'_>, accounts: &[Account], aliases: &[String]) -> Option<Recipe> {
    let count = t.integer("count");
    match &count {
        Some(c) if !(1..=i64::from(MAX_BULK)).contains(&c.value) => {
            t.mistake(c, format!("`count` is 1 to {MAX_BULK}"));
        }
        Some(_) => {}
        None => t.mistake_here("`count` is missing"),
    }
    if let Some(service) = t.required("service")
        && service.value != "guardduty"
    {
        t.mistake(&service, "`service` must be \"guardduty\"");
    }
    let names = t.strings("accounts");
    let mut chosen: Vec<usize> =
        names.iter().filter_map(|name| named_account(t, name, aliases)).collect();
    if names.is_empty() {
        chosen = (0..accounts.len()).collect();
    }
    let regions: Vec<Region> = t
        .strings("regions")
        .iter()
        .filter_map(|r| t.parse("regions", r))
        .map(|r| r.value)
        .collect();
    if regions.is_empty() {
        t.mistake_here("`regions` names at least one Region");
    }
    for (account, region) in chosen.iter().flat_map(|a| regions.iter().map(move |r| (*a, r))) {
        if !accounts[account].guardduty.contains(region) {
            let alias = &accounts[account].alias;
            t.mistake_here(format!("GuardDuty is not enabled in {region} of `{alias}`"));
        }
    }
    let types: Vec<String> = t.strings("types").iter().map(|t| t.value.to_owned()).collect();
    let severities: Vec<f64> = t
        .strings("severities")
        .iter()
        .filter_map(|s| t.parse::<f64>("severities", s))
        .map(|s| s.value)
        .collect();
    let over = t.required("over");
    let span = over.as_ref().and_then(|o| {
        let ms = parse_span(o.value).and_then(|s| i64::try_from(s.as_millis()).ok());
        if ms.is_none() {
            t.mistake(o, "`over` looks like 90d");
        }
        ms
    });
    let copy = t.boolean("copy").is_some_and(|b| b.value);
    t.finish();
    Some(Recipe {
        count: u32::try_from(count?.value).ok()?,
        accounts: chosen,
        regions,
        types,
        severities,
        over: span?,
        copy,
    })
}
