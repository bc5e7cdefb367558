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

/// Where nobody is said to have fewer rights.
pub const FULL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

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

pub fn actions(document: &Json) -> Vec<String> {
    let statements = document["Statement"].as_array().expect("statements").iter();
    let actions = statements.flat_map(|s| s["Action"].as_array().expect("a list"));
    actions.map(|a| a.as_str().expect("text").to_owned()).collect()
}

/// The world of a scenario in which every operator has this inline policy alone.
pub fn world_with(scenario: &str, document: &str) -> Range {
    world_of(&changed(scenario, document, |_| false))
}

/// The text of a scenario in which every operator, and whoever `also` picks, has this inline
/// policy alone.
pub fn changed(scenario: &str, document: &str, also: impl Fn(&toml::Table) -> bool) -> String {
    let keys: Vec<String> =
        world_of(scenario).operators().into_iter().map(|o| o.access_key.to_string()).collect();
    let mut table: toml::Table = scenario.parse().expect("TOML");
    let principals = table["principals"].as_array_mut().expect("principals");
    let mut changed = 0;
    for principal in principals {
        let principal = principal.as_table_mut().expect("a table");
        let key = principal.get("access_key").and_then(toml::Value::as_str).unwrap_or_default();
        if !keys.iter().any(|k| k == key) && !also(principal) {
            continue;
        }
        principal.remove("policies");
        principal.remove("boundary");
        let inline = toml::Table::from_iter([("access".to_owned(), document.into())]);
        principal.insert("inline".to_owned(), inline.into());
        changed += 1;
    }
    assert!(changed >= keys.len(), "every operator is one of the scenario's principals");
    toml::to_string(&table).expect("TOML")
}
