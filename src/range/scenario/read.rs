//! Text → [`Scenario`], naming every mistake at once.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    MAX_BYTES, Scenario, Seeded,
    accounts::accounts,
    consistency::consistency,
    events::{Known, events, sessions},
    findings::{finding, recipe},
    identities::principals,
    organization,
    policies::policies,
    trails::trails,
};
use crate::{
    domain::{
        document::{self, Broken, Table},
        untrusted::display_in,
    },
    range::{faults::FaultRule, seed},
};

impl Scenario {
    /// Reads a scenario file. `file` is its name for messages; at most 1 MiB is read.
    pub fn read(file: &str, text: &str) -> Result<Scenario, Broken> {
        document::read(file, text, MAX_BYTES, |table| scenario(table, text))
    }
}

fn scenario(t: &Table<'_>, text: &str) -> Option<Scenario> {
    match t.integer("schema") {
        Some(schema) if schema.value == 1 => {}
        Some(schema) => t.mistake(&schema, "`schema` must be 1, the only version there is"),
        None => t.mistake_here("`schema = 1` is missing"),
    }
    let id = t.required("id");
    if let Some(id) = &id
        && !well_named(id.value)
    {
        t.mistake(id, "`id` is lower-case letters, digits and hyphens, at most 64");
    }
    let title = t.required("title");
    let seed = t.integer("seed");
    let start_text = t.required("start");
    let start = start_text.as_ref().and_then(|text| t.parse::<Timestamp>("start", text));

    let units = organization::units(t);
    let accounts = accounts(t, &units);
    organization::managed(t, &accounts);
    let aliases: Vec<String> = accounts.iter().map(|a| a.alias.clone()).collect();
    let seed = seed.map_or(0, |s| s.value as u64);
    let policies = policies(t, &accounts, &aliases);
    let org_policies = organization::policies(t, &accounts, &units);
    let principals = principals(t, &accounts, &aliases, &policies, seed);
    let findings: Vec<Seeded> =
        t.tables("findings").iter().filter_map(|f| finding(f, &accounts, &aliases)).collect();
    for (index, finding) in findings.iter().enumerate() {
        let same = |other: &Seeded| other.id.is_some() && other.id == finding.id;
        if findings[..index].iter().any(same) {
            let id = finding.id.as_deref().unwrap_or_default();
            t.mistake_here(format!("two findings have the id \"{}\"", display_in(id, 60)));
        }
    }
    let bulk = t.tables("bulk").iter().filter_map(|b| recipe(b, &accounts, &aliases)).collect();
    let faults = t.tables("faults").iter().filter_map(FaultRule::from_table).collect();
    let known = Known { accounts: &accounts, aliases: &aliases, principals: &principals };
    let sessions = sessions(t, &known);
    let (events, noise) = events(t, &known, &sessions);
    let trails = trails(t, accounts.iter().position(|a| a.management), &aliases);
    let consistency = consistency(t);
    // Whoever practises on the scenario reads it; the world does not depend on it.
    if let Some(drill) = t.table("drill") {
        open(&drill);
    }
    Some(Scenario {
        id: id?.value.to_owned(),
        title: title?.value.to_owned(),
        seed,
        start: start?.value,
        hash: seed::hex(&Sha256::digest(text.as_bytes())),
        accounts,
        units,
        org_policies,
        principals,
        policies,
        findings,
        bulk,
        sessions,
        events,
        noise,
        trails,
        faults,
        consistency,
    })
}

/// Takes a free-form table: [`Table::finish`] is not called on it, so that none
/// of its keys counts as unknown.
pub fn open(_: &Table<'_>) {}

fn well_named(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && !id.starts_with('-')
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Region, range::OPERATOR_KEY};

    const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\nstart = \"2026-03-02T03:10:00Z\"\n\
        [[accounts]]\nid = \"111122223333\"\nalias = \"prod\"\nregions = [\"us-east-1\"]\n";

    #[test]
    fn the_operator_is_always_there() {
        let scenario = Scenario::read("x.toml", HEAD).expect("valid");
        assert_eq!(scenario.operators()[0].access_key, OPERATOR_KEY.0);
        assert!(scenario.accounts[0].guardduty.contains(&Region::us_east_1()));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = HEAD.to_owned()
            + "[[findings]]\nat = \"4m\"\nservice = \"guarddty\"\naccount = \"prd\"\nregion = \"mars\"\ncolour = 1\n\
               [[findings]]\nat = \"+1m\"\nservice = \"guardduty\"\naccount = \"prod\"\nregion = \"eu-west-1\"\n\
               [[bulk]]\ncount = 0\nservice = \"guardduty\"\nregions = [\"us-east-1\"]\nover = \"90d\"\n";
        let broken = Scenario::read("x.toml", &text).expect_err("broken").to_string();
        for part in [
            "looks like +4m",
            "must be \"guardduty\" or",
            "did you mean `prod`",
            "a region looks like",
            "unknown key `colour`",
            "not enabled there",
            "`count` is 1 to",
        ] {
            assert!(broken.contains(part), "{part} not in\n{broken}");
        }
    }
}
