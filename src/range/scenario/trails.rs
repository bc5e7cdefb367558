//! `[[trails]]`: who logs where.

use super::{Trail, accounts::account, keys::past};
use crate::domain::{Region, document::Table};

pub fn trails(t: &Table<'_>, management: Option<usize>, aliases: &[String]) -> Vec<Trail> {
    let mut out: Vec<Trail> = Vec::new();
    for table in &t.tables("trails") {
        let Some(trail) = trail(table, management, aliases) else { continue };
        if out
            .iter()
            .any(|o| (o.account, &o.home, &o.name) == (trail.account, &trail.home, &trail.name))
        {
            table.mistake_here("the account has another trail of this name there");
        }
        out.push(trail);
    }
    out
}

fn trail(t: &Table<'_>, management: Option<usize>, aliases: &[String]) -> Option<Trail> {
    let account = account(t, aliases);
    let name = t.required("name");
    // CloudTrail: InvalidTrailNameException.
    if let Some(name) = &name
        && !((3..=128).contains(&name.value.len())
            && name.value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)))
    {
        t.mistake(name, "`name` is letters, digits and ._-, 3 to 128");
    }
    let home = t.required("home").and_then(|home| t.parse::<Region>("home", &home));
    let bucket = t.required("bucket");
    let multi_region = t.boolean("multi_region").is_none_or(|b| b.value);
    let organization = t.boolean("organization");
    if let Some(organization) = organization.as_ref().filter(|o| o.value)
        && account.is_some_and(|account| Some(account) != management)
    {
        t.mistake(organization, "an organization's trail is the management account's");
    }
    let validated = t.boolean("log_file_validation").is_none_or(|b| b.value);
    let (started, stopped) = (past(t, "started"), past(t, "stopped"));
    let management = match t.string("management") {
        None => Some("All".to_owned()),
        Some(word) => match word.value {
            "None" => None,
            "All" | "ReadOnly" | "WriteOnly" => Some(word.value.to_owned()),
            _ => {
                t.mistake(&word, "`management` is All, ReadOnly, WriteOnly or None");
                None
            }
        },
    };
    let exclude = t.strings("exclude").iter().map(|s| s.value.to_owned()).collect();
    let data = t.strings("data").iter().map(|arn| arn.value.to_owned()).collect();
    t.finish();
    Some(Trail {
        account: account?,
        name: name?.value.to_owned(),
        home: home?.value,
        bucket: bucket?.value.to_owned(),
        multi_region,
        organization: organization.is_some_and(|o| o.value),
        validated,
        started,
        stopped,
        management,
        exclude,
        data,
    })
}
