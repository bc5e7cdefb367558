//! What people, or a script, say of the items that they are asked for.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use super::{Evidence, Item, Script, State, before::left_open};
use crate::drill::Drill;

/// An answer as evidence. What halon found out about the item before stays beside it.
pub fn answered(
    item: Item,
    said: Map<String, Value>,
    scripted: bool,
    found: Option<&Evidence>,
) -> Evidence {
    let words = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        Value::Array(all) => {
            let one = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            all.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        other => other.to_string(),
    };
    let text: Vec<String> = said.iter().map(|(key, v)| format!("{key}: {}", words(v))).collect();
    let mut value = match found.map(|f| &f.value) {
        Some(Value::Object(found)) => found.clone(),
        _ => Map::new(),
    };
    value.extend(said);
    Evidence {
        item,
        state: State::said(scripted),
        text: text.join("; "),
        value: Value::Object(value),
        sources: found.map(|f| f.sources.clone()).unwrap_or_default(),
    }
}

/// What a script answers to an item: the scenario's own words, else plain ones that say that
/// nobody was asked. `None` where people are not asked.
pub fn scripted(
    item: Item,
    script: &Script,
    drill: &Drill,
    was: Option<&Drill>,
    now: Timestamp,
) -> Option<Evidence> {
    let carried = was.map(left_open).unwrap_or_default();
    let found = drill.latest(item).map(|kept| &kept.evidence);
    let given = script.answers.get(&item.number()).cloned();
    let text = given.or_else(|| plain(item, drill, found, carried.len(), now))?;
    match item.read(&text, now, &carried) {
        Ok(said) => Some(answered(item, said, true, found)),
        Err(why) => Some(Evidence {
            item,
            state: State::Failed,
            text: format!("the script's answer cannot be read: {why}"),
            value: Value::Null,
            sources: Vec::new(),
        }),
    }
}

fn plain(
    item: Item,
    drill: &Drill,
    found: Option<&Evidence>,
    carried: usize,
    now: Timestamp,
) -> Option<String> {
    let day = TimeZone::UTC.to_datetime(now).date();
    let began = drill.first.at;
    Some(match item {
        Item::Authorisation => {
            format!("ticket = {}; approver = the script; at = {began}", drill.id.as_str())
        }
        Item::Monitoring => "told = nobody real: the range has no monitoring team".to_owned(),
        Item::Roster => {
            let named = found.and_then(|f| f.value["principals"].as_array());
            let people: Vec<&str> = named.into_iter().flatten().filter_map(Value::as_str).collect();
            if people.is_empty() {
                return None;
            }
            format!("people = {}; reviewed = {day}; leavers = none", people.join(", "))
        }
        Item::Alert => format!(
            "rule = simulated; alert = {}; fired = {now}; acknowledged = the script",
            drill.id.as_str()
        ),
        Item::Hygiene => {
            "retrieval = simulated; resealed = yes; device = the range's; backup = yes".to_owned()
        }
        Item::Deviations => "none".to_owned(),
        Item::CarriedOver if carried == 0 => "none".to_owned(),
        Item::CarriedOver => {
            let all: Vec<String> = (1..=carried).map(|n| format!("{n} closed")).collect();
            all.join("; ")
        }
        Item::Result => format!(
            "classification = drill; reviewer = the script; reviewed = {day}; owner = the \
             script; accepted = {day}"
        ),
        _ => return None,
    })
}
