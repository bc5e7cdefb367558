//! The drill before: what of it is carried over, and what changed since.

use serde_json::Value;

use super::{Action, Decision, Drill, Item};

/// The last drill before this one that it can be compared with: of the same kind, with the same
/// roles, played to its end; in practice of the same scenario, for another one is another world.
pub fn before<'d>(drills: &'d [Drill], drill: &Drill) -> Option<&'d Drill> {
    let begun = drill.begun.as_ref()?;
    let is_like = |other: &&Drill| {
        let theirs = other.begun.as_ref();
        let same_world = |theirs: &super::Begun| {
            drill.class == super::Class::Validation || theirs.scenario == begun.scenario
        };
        other.id != drill.id
            && other.first.seq < drill.first.seq
            && other.class == drill.class
            && other.ended.is_some()
            && theirs.is_some_and(|theirs| theirs.roles == begun.roles && same_world(theirs))
    };
    drills.iter().filter(is_like).max_by_key(|other| other.first.seq)
}

/// The actions that a drill leaves behind: of its own deviations, and of those before it the
/// ones that were still open.
pub fn left_open(drill: &Drill) -> Vec<Action> {
    let list = |item: Item, key: &str| {
        let value = drill.latest(item).map(|kept| kept.evidence.value[key].clone());
        match value {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        }
    };
    let open = list(Item::CarriedOver, "actions")
        .into_iter()
        .filter_map(|decision| serde_json::from_value::<Decision>(decision).ok())
        .filter(|decision| !decision.closed)
        .map(|decision| decision.action);
    let own = list(Item::Deviations, "deviations")
        .into_iter()
        .filter_map(|action| serde_json::from_value::<Action>(action).ok());
    open.chain(own).collect()
}

/// Keys of an item's value that differ between two drills without anything having changed.
const PASSING: [&str; 5] = ["last_used", "explained", "reviewed", "leavers", "drift"];

/// What is not as it was at the drill before: for each key that differs, both values as JSON.
pub fn drift(item: Item, was: Option<&Drill>, is: &Value) -> Vec<(String, String, String)> {
    let Some(was) = was.and_then(|drill| drill.latest(item)) else { return Vec::new() };
    let (was, is) = (&was.evidence.value, is);
    let keys = |value: &Value| -> Vec<String> {
        value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    let mut all = keys(was);
    all.extend(keys(is));
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|key| seen.insert(key.clone()) && !PASSING.contains(&key.as_str()));
    let differs = all.into_iter().filter(|key| sorted(&was[key]) != sorted(&is[key]));
    differs.map(|key| (key.clone(), was[&key].to_string(), is[&key].to_string())).collect()
}

/// Lists of names say the same in any order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            items.into()
        }
        other => other.clone(),
    }
}
