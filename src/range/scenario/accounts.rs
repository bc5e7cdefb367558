//! Accounts of a scenario file.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Account,
    findings::Offset,
    organization::{Unit, parent},
    root::root,
};
use crate::domain::{
    AccountId, Region,
    document::{Placed, Table, suggest},
};

/// `[[accounts]]`.
pub fn accounts(t: &Table<'_>, units: &[Unit]) -> Vec<Account> {
    let mut out: Vec<Account> = Vec::new();
    let tables = t.tables("accounts");
    if tables.is_empty() {
        t.mistake_here("a world needs at least one [[accounts]]");
    }
    for a in &tables {
        let id_text = a.required("id");
        let id = id_text.as_ref().and_then(|id| a.parse::<AccountId>("id", id));
        let alias = a.required("alias");
        let name = a.string("name");
        let present = a.to_json();
        let regions = regions(a, "regions");
        let or_all = |key: &'static str| match present.get(key) {
            Some(_) => self::regions(a, key),
            None => regions.clone(),
        };
        let (guardduty, securityhub) = (or_all("guardduty"), or_all("securityhub"));
        let guardduty_disabled = disabled(a, &guardduty);
        let home = a.parsed::<Region>("hub_home");
        if let Some(home) = &home
            && !securityhub.contains(&home.value)
        {
            a.mistake(home, "`hub_home` is a Region where Security Hub is enabled");
        }
        let management = a.boolean("management").is_some_and(|b| b.value);
        let security_admin = a.boolean("security_admin").is_some_and(|b| b.value);
        if management && out.iter().any(|o| o.management) {
            a.mistake_here("an organization has one management account");
        }
        if security_admin && out.iter().any(|o| o.security_admin) {
            a.mistake_here("an organization has one delegated administrator");
        }
        let root = root(a);
        let parent = parent(a, units);
        a.finish();
        let (Some(id), Some(alias)) = (id, alias) else { continue };
        if out.iter().any(|o| o.id == id.value || o.alias == alias.value) {
            a.mistake_here("an account's id and alias are its own");
        }
        if units.iter().any(|unit| unit.name == alias.value) {
            a.mistake(&alias, "an organizational unit has this name");
        }
        out.push(Account {
            id: id.value,
            name: name.map_or(alias.value, |n| n.value).to_owned(),
            alias: alias.value.to_owned(),
            management,
            parent,
            security_admin,
            guardduty,
            guardduty_disabled,
            securityhub,
            hub_home: home.map(|h| h.value),
            root,
        });
    }
    out
}

/// `guardduty_disabled = { "eu-west-1" = "-38m" }`.
fn disabled(a: &Table<'_>, detectors: &BTreeSet<Region>) -> BTreeMap<Region, i64> {
    const KEY: &str = "guardduty_disabled";
    let mut out = BTreeMap::new();
    let Some(table) = a.table(KEY) else { return out };
    for (name, time) in table.free_strings() {
        let region = table.parse::<Region>(KEY, &name);
        let at = table.parse::<Offset>(KEY, &time).map(|at| at.value.0);
        if region.as_ref().is_some_and(|region| !detectors.contains(&region.value)) {
            table.mistake(&name, "there is no detector in this Region");
        }
        if at.is_some_and(|at| at > 0) {
            table.mistake(&time, "a detector is suspended before the start");
        }
        out.extend(region.map(|r| r.value).zip(at));
    }
    out
}

fn regions(t: &Table<'_>, key: &'static str) -> BTreeSet<Region> {
    t.strings(key).iter().filter_map(|r| t.parse::<Region>(key, r)).map(|r| r.value).collect()
}

/// The account that the table's `account` names by its alias.
pub fn account(t: &Table<'_>, aliases: &[String]) -> Option<usize> {
    let alias = t.required("account")?;
    named_account(t, &alias, aliases)
}

pub fn named_account(t: &Table<'_>, alias: &Placed<&str>, aliases: &[String]) -> Option<usize> {
    let found = aliases.iter().position(|known| known == alias.value);
    if found.is_none() {
        let hint = suggest(alias.value, aliases.iter().map(String::as_str));
        t.mistake(alias, format!("no account has this alias{hint}"));
    }
    found
}
