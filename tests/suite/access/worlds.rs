//! Worlds whose people have the printed policies, and nothing else.

use halon::{
    cloud::allowed::{self, Access, Wanted},
    playbook::{Playbook, shipped as playbooks},
    range::{Range, shipped},
};
use serde_json::Value as Json;

use crate::suite::ground::world_of;

/// The role for emergencies of the shipped scenarios.
pub const GLASS: &str = "arn:aws:iam::123456789012:role/break-glass";

pub fn text(scenario: &str) -> &'static str {
    shipped().iter().find(|(id, _)| *id == scenario).expect("a scenario").1
}

pub fn all_playbooks() -> Vec<Playbook> {
    let read = |(id, text): &(&str, &str)| Playbook::read(id, text).expect("a good playbook");
    playbooks().iter().map(read).collect()
}

/// What `halon permissions --mode …` prints.
pub fn document(access: Access) -> Json {
    of(&allowed::wanted(access, &all_playbooks()))
}

pub fn of(wanted: &[Wanted]) -> Json {
    allowed::policy(wanted, &[GLASS.to_owned()], "aws")
}

/// The document without one action: what is left of a statement with nothing else goes too.
pub fn without(document: &Json, action: &str) -> Json {
    let mut out = document.clone();
    let statements = out["Statement"].as_array_mut().expect("statements");
    let mut taken = 0;
    for statement in statements.iter_mut() {
        let actions = statement["Action"].as_array_mut().expect("a list");
        let before = actions.len();
        actions.retain(|a| a != action);
        taken += before - actions.len();
    }
    statements.retain(|s| s["Action"].as_array().is_some_and(|a| !a.is_empty()));
    assert_eq!(taken, 1, "{action} stands in one statement");
    out
}

/// The world of a scenario in which every operator has this inline policy alone.
pub fn world_with(scenario: &str, document: &str) -> Range {
    world_of(&changed(scenario, document, None, |_| ()))
}

/// The text of a scenario in which every operator has this inline policy alone, the role for
/// emergencies that one, and what else is to be otherwise.
pub fn changed(
    scenario: &str,
    operators: &str,
    glass: Option<&str>,
    otherwise: impl Fn(&mut toml::Table),
) -> String {
    let keys: Vec<String> =
        world_of(scenario).operators().into_iter().map(|o| o.access_key.to_string()).collect();
    let mut table: toml::Table = scenario.parse().expect("TOML");
    let mut named = 0;
    for principal in table["principals"].as_array_mut().expect("principals") {
        let principal = principal.as_table_mut().expect("a table");
        let key = principal.get("access_key").and_then(toml::Value::as_str).unwrap_or_default();
        let is_operator = keys.iter().any(|k| k == key);
        let is_glass = principal.contains_key("break_glass");
        let document = match (is_operator, is_glass, glass) {
            (true, ..) => operators,
            (false, true, Some(glass)) => glass,
            _ => continue,
        };
        named += usize::from(is_operator);
        principal.remove("policies");
        principal.remove("boundary");
        principal.insert("inline".to_owned(), inline_of("access", document).into());
    }
    assert_eq!(named, keys.len(), "every operator is one of the scenario's principals");
    otherwise(&mut table);
    toml::to_string(&table).expect("TOML")
}

pub fn inline_of(name: &str, document: &str) -> toml::Table {
    toml::Table::from_iter([(name.to_owned(), document.into())])
}

/// One of the scenario's principals.
pub fn principal<'t>(table: &'t mut toml::Table, name: &str) -> &'t mut toml::Table {
    let all = table["principals"].as_array_mut().expect("principals").iter_mut();
    let mut tables = all.filter_map(toml::Value::as_table_mut);
    tables.find(|p| p["name"].as_str() == Some(name)).expect("a principal of this name")
}
