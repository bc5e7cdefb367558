//! Accounts and principals of a scenario file.

use std::collections::BTreeSet;

use super::{Account, Principal};
use crate::{
    domain::{
        AccountId, Region,
        document::{Placed, Table, suggest},
    },
    range::{engine::OPERATOR_KEY, seed},
};

/// `[[accounts]]`.
pub fn accounts(t: &Table<'_>) -> Vec<Account> {
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
        a.finish();
        let (Some(id), Some(alias)) = (id, alias) else { continue };
        if out.iter().any(|o| o.id == id.value || o.alias == alias.value) {
            a.mistake_here("an account's id and alias are its own");
        }
        out.push(Account {
            id: id.value,
            name: name.map_or(alias.value, |n| n.value).to_owned(),
            alias: alias.value.to_owned(),
            management,
            security_admin,
            guardduty,
            securityhub,
            hub_home: home.map(|h| h.value),
        });
    }
    out
}

fn regions(t: &Table<'_>, key: &'static str) -> BTreeSet<Region> {
    t.strings(key).iter().filter_map(|r| t.parse::<Region>(key, r)).map(|r| r.value).collect()
}

/// `[[principals]]`, and before them the operator.
pub fn principals(
    t: &Table<'_>,
    accounts: &[Account],
    aliases: &[String],
    seed: u64,
) -> Vec<Principal> {
    let operators = accounts
        .iter()
        .position(|a| a.security_admin)
        .or_else(|| accounts.iter().position(|a| a.management));
    let mut out = vec![Principal {
        account: operators.unwrap_or(0),
        name: "oncall".into(),
        access_key: OPERATOR_KEY.0.into(),
        secret: OPERATOR_KEY.1.into(),
    }];
    for p in &t.tables("principals") {
        let account = account(p, aliases);
        let kind = p.required("kind");
        if let Some(kind) = &kind
            && kind.value != "user"
        {
            p.mistake(kind, "`kind` must be \"user\"");
        }
        let name = p.required("name");
        let key = p.required("access_key");
        if let Some(key) = &key {
            // The length that IAM gives for accessKeyIdType.
            let shaped = (16..=128).contains(&key.value.len())
                && key.value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            if !shaped {
                p.mistake(key, "`access_key` is 16 to 128 upper-case letters and digits");
            }
        }
        let secret = p.string("secret");
        p.finish();
        let (Some(account), Some(name), Some(key)) = (account, name, key) else { continue };
        let secret = secret.map_or_else(
            || seed::hex(&seed::digest(seed, &["secret", key.value])) + "EXAMPLE",
            |s| s.value.to_owned(),
        );
        out.retain(|known| known.access_key != key.value);
        out.push(Principal {
            account,
            name: name.value.to_owned(),
            access_key: key.value.to_owned(),
            secret,
        });
    }
    out
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
