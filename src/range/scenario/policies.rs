//! Managed policies of a scenario file, and documents wherever they stand.

use serde_json::{Map, Value};

use super::{
    Account, Policy,
    accounts::account,
    keys::{past, well_formed_name, well_formed_path},
};
use crate::{
    domain::document::{Placed, Table, suggest},
    policy,
    range::world::{
        PARTITION,
        iam::{VERSIONS_QUOTA, managed_named, managed_names},
    },
};

/// `[[policies]]`, but those of the organization, which have a `type`.
pub fn policies(t: &Table<'_>, accounts: &[Account], aliases: &[String]) -> Vec<Policy> {
    let mut out: Vec<Policy> = Vec::new();
    for p in &t.tables("policies") {
        if p.has("type") {
            continue;
        }
        let Some(policy) = policy(p, accounts, aliases) else { continue };
        // IAM user guide, "IAM object identifiers": case makes no other name.
        let same =
            |o: &Policy| o.account == policy.account && o.name.eq_ignore_ascii_case(&policy.name);
        if out.iter().any(same) {
            p.mistake_here("the account has another policy of this name");
        }
        out.push(policy);
    }
    out
}

fn policy(t: &Table<'_>, accounts: &[Account], aliases: &[String]) -> Option<Policy> {
    let account = account(t, aliases);
    let name = well_formed_name(t, 128);
    let path = well_formed_path(t);
    let description = t.string("description").map(|d| d.value.to_owned());
    let created = past(t, "created");
    let tables = t.tables("versions");
    let mut versions: Vec<(String, Option<i64>)> = Vec::new();
    if tables.is_empty() {
        versions.extend(required_document(t, "document").map(|document| (document, created)));
    } else if let Some(document) = t.value_of_any_kind("document") {
        t.mistake(&document, "`document` goes without `versions`");
    }
    if tables.len() > VERSIONS_QUOTA {
        t.mistake_here(format!("a policy has at most {VERSIONS_QUOTA} versions"));
    }
    let mut default = None;
    for version in &tables {
        let document = required_document(version, "document");
        let created = past(version, "created").or(created);
        if version.boolean("default").is_some_and(|d| d.value)
            && default.replace(versions.len()).is_some()
        {
            version.mistake_here("a policy has one default version");
        }
        version.finish();
        versions.extend(document.map(|document| (document, created)));
    }
    t.finish();
    let (account, name) = (account?, name?);
    let owner = &accounts.get(account)?.id;
    Some(Policy {
        arn: format!("arn:{PARTITION}:iam::{owner}:policy{path}{name}"),
        account,
        name,
        path,
        description,
        default: default.unwrap_or(versions.len().saturating_sub(1)),
        versions,
    })
}

/// The ARN of the policy that `word` names: by ARN, or by name, the account's own first.
pub fn named_policy(
    t: &Table<'_>,
    word: &Placed<&str>,
    account: Option<usize>,
    policies: &[Policy],
) -> Option<String> {
    let own = || policies.iter().filter(|p| Some(p.account) == account);
    let found = own().find(|p| p.name == word.value || p.arn == word.value);
    let found = found.map(|p| p.arn.clone()).or_else(|| managed_named(word.value));
    if found.is_none() && account.is_some() {
        let names = own().map(|p| p.name.as_str()).chain(managed_names());
        let hint = suggest(word.value, names);
        t.mistake(word, format!("neither this account nor AWS has such a managed policy{hint}"));
    }
    found
}

/// A policy document that must be there: a table, or JSON as text.
pub fn required_document(t: &Table<'_>, key: &'static str) -> Option<String> {
    let written = t.value_of_any_kind(key);
    if written.is_none() {
        t.mistake_here(format!("`{key}` is missing: a policy document"));
    }
    written.and_then(|written| document_text(t, &written))
}

/// The text of a document as AWS keeps it, or `None` and a mistake for each of its own.
pub fn document_text(t: &Table<'_>, written: &Placed<Value>) -> Option<String> {
    let text = match &written.value {
        Value::String(text) => text.clone(),
        table => laid_out(table).to_string(),
    };
    match policy::Policy::parse(&text) {
        Ok(_) => Some(text),
        Err(malformed) => {
            for mistake in malformed.mistakes {
                t.mistake(written, format!("this is no policy document: {mistake}"));
            }
            None
        }
    }
}

/// A table of TOML comes in the order of its keys; people know another one.
fn laid_out(value: &Value) -> Value {
    const ORDER: [&str; 12] = [
        "Version",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            let rank = |key: &str| ORDER.iter().position(|k| *k == key).unwrap_or(ORDER.len());
            members.sort_by_key(|(key, _)| rank(key));
            let members = members.into_iter().map(|(k, v)| (k.clone(), laid_out(v)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(laid_out).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_the_order_that_people_know() {
        let written = serde_json::json!({"Statement": [{"Action": "*", "Effect": "Allow",
            "Resource": "*", "Sid": "All"}], "Version": "2012-10-17"});
        assert_eq!(
            laid_out(&written).to_string(),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}]}"#
        );
    }
}
