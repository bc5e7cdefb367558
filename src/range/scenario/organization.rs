//! The organization of a scenario file: units, and policies that belong to no account.

use super::{Account, policies::required_document};
use crate::{
    domain::document::{Placed, Table, suggest},
    range::world::organization::{ATTACHED_QUOTA, PolicyKind, SIZE_QUOTA, Wrong, check},
};

/// An organizational unit.
#[derive(Clone, Debug)]
pub struct Unit {
    pub name: String,
    /// A position in the list of units; `None` is the root.
    pub parent: Option<usize>,
}

/// A policy of the organization.
#[derive(Clone, Debug)]
pub struct OrgPolicy {
    pub name: String,
    pub description: String,
    pub kind: PolicyKind,
    pub document: String,
    pub attach: Vec<Attached>,
}

/// What a policy is attached to, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    Root,
    Unit(usize),
    Account(usize),
}

/// The word for the root, which is no unit's name.
const ROOT: &str = "root";

/// `[[organizational_units]]`. A unit's parent stands above it, so that there are no circles.
pub fn units(t: &Table<'_>) -> Vec<Unit> {
    let mut out: Vec<Unit> = Vec::new();
    for u in &t.tables("organizational_units") {
        let name = u.required("name");
        let parent = parent(u, &out);
        u.finish();
        let Some(name) = name else { continue };
        // Organizations: OrganizationalUnitName.
        if !(1..=128).contains(&name.value.chars().count()) {
            u.mistake(&name, "`name` has 1 to 128 characters");
        }
        if name.value == ROOT || out.iter().any(|known| known.name == name.value) {
            u.mistake(&name, "a unit's name is its own, and not \"root\"");
        }
        out.push(Unit { name: name.value.to_owned(), parent });
    }
    out
}

/// What a table's `parent` names; `None` is the root.
pub fn parent(t: &Table<'_>, units: &[Unit]) -> Option<usize> {
    let name = t.string("parent").filter(|name| name.value != ROOT)?;
    let found = units.iter().position(|unit| unit.name == name.value);
    if found.is_none() {
        let known = units.iter().map(|unit| unit.name.as_str()).chain([ROOT]);
        let hint = suggest(name.value, known);
        t.mistake(&name, format!("no organizational unit above has this name{hint}"));
    }
    found
}

/// Says of every part of an organization that there is none without a management account.
pub fn managed(t: &Table<'_>, accounts: &[Account]) {
    if accounts.iter().any(|account| account.management) {
        return;
    }
    let why = "an organization has a management account: `management = true` of [[accounts]]";
    for unit in t.tables("organizational_units") {
        unit.mistake_here(why);
    }
    for account in t.tables("accounts") {
        if let Some(parent) = account.string("parent") {
            account.mistake(&parent, why);
        }
    }
    for policy in t.tables("policies") {
        if let Some(kind) = policy.string("type") {
            policy.mistake(&kind, why);
        }
    }
}

/// Those of `[[policies]]` that have a `type`.
pub fn policies(t: &Table<'_>, accounts: &[Account], units: &[Unit]) -> Vec<OrgPolicy> {
    let mut out: Vec<OrgPolicy> = Vec::new();
    let tables = t.tables("policies");
    for (p, kind) in tables.iter().filter_map(|p| p.string("type").map(|kind| (p, kind))) {
        let Some(policy) = policy(p, &kind, accounts, units) else { continue };
        let same = |o: &&OrgPolicy| o.kind == policy.kind;
        if out.iter().filter(same).any(|o| o.name == policy.name) {
            p.mistake_here("the organization has another policy of this type and name");
        }
        for attached in &policy.attach {
            let others = out.iter().filter(same).flat_map(|o| &o.attach);
            // One is AWS's own.
            if others.filter(|other| *other == attached).count() + 2 > ATTACHED_QUOTA {
                p.mistake_here(format!(
                    "at most {ATTACHED_QUOTA} policies of a type can be attached to one target, \
                     and AWS's own is one of them"
                ));
            }
        }
        out.push(policy);
    }
    out
}

fn policy(
    t: &Table<'_>,
    word: &Placed<&str>,
    accounts: &[Account],
    units: &[Unit],
) -> Option<OrgPolicy> {
    let kind = PolicyKind::named(word.value);
    if kind.is_none() {
        let hint = suggest(word.value, PolicyKind::ALL.map(PolicyKind::word));
        t.mistake(word, format!("`type` is left out, or one of the organization's{hint}"));
        return None;
    }
    let name = t.required("name");
    if let Some(name) = &name
        // Organizations: PolicyName.
        && !(1..=128).contains(&name.value.chars().count())
    {
        t.mistake(name, "`name` has 1 to 128 characters");
    }
    let description = t.string("description").map_or("", |d| d.value).to_owned();
    let place = t.value_of_any_kind("document");
    let document = required_document(t, "document");
    if let (Some(kind), Some(place), Some(text)) = (kind, &place, &document) {
        match check(kind, text) {
            Ok(()) => {}
            Err(Wrong::Malformed(why)) => t.mistake(place, why),
            Err(Wrong::TooLong(length)) => {
                let what = format!("{length} characters; at most {SIZE_QUOTA} are accepted");
                t.mistake(place, what);
            }
        }
    }
    let mut attach: Vec<Attached> = Vec::new();
    for word in &t.strings("attach") {
        let Some(target) = target(t, word, accounts, units) else { continue };
        if attach.contains(&target) {
            t.mistake(word, "attached there already");
        }
        attach.push(target);
    }
    t.finish();
    let name = name?.value.to_owned();
    Some(OrgPolicy { name, description, kind: kind?, document: document?, attach })
}

fn target(
    t: &Table<'_>,
    word: &Placed<&str>,
    accounts: &[Account],
    units: &[Unit],
) -> Option<Attached> {
    if word.value == ROOT {
        return Some(Attached::Root);
    }
    let unit = units.iter().position(|unit| unit.name == word.value);
    let account = accounts.iter().position(|account| account.alias == word.value);
    let found = unit.map(Attached::Unit).or(account.map(Attached::Account));
    if found.is_none() {
        let known = units.iter().map(|unit| unit.name.as_str());
        let known = known.chain(accounts.iter().map(|account| account.alias.as_str()));
        let hint = suggest(word.value, known.chain([ROOT]));
        t.mistake(word, format!("neither \"root\" nor a unit nor an account's alias{hint}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::range::Scenario;

    const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\nstart = \"2026-03-02T03:10:00Z\"\n\
        [[accounts]]\nid = \"111122223333\"\nalias = \"prod\"\nregions = []\n";

    #[test]
    fn every_mistake_about_the_organization_is_placed() {
        let deny = r#"document = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}'"#;
        let text = HEAD.to_owned()
            + "management = true\nparent = \"Workload\"\n[[organizational_units]]\nname = \"Workloads\"\n\
               [[organizational_units]]\nname = \"root\"\nparent = \"Workloadz\"\n"
            + "[[policies]]\ntype = \"SERVICE_CONTROL_POLICY\"\nname = \"a\"\n"
            + deny
            + "\nattach = [\"root\", \"prd\", \"root\"]\ncolour = 1\n\
               [[policies]]\ntype = \"RESOURCE_CONTROL_POLICY\"\nname = \"b\"\n"
            + deny
            + "\n[[policies]]\ntype = \"SERVICE_CONTROL_POLICY\"\nname = \"a\"\n"
            + deny;
        let broken = Scenario::read("x.toml", &text).expect_err("broken").to_string();
        for part in [
            "x.toml:10:10: no organizational unit above has this name; did you mean `Workloads`",
            "x.toml:14:8: a unit's name is its own",
            "x.toml:15:10: no organizational unit above",
            "x.toml:20:19: neither \"root\" nor a unit",
            "did you mean `prod`",
            "x.toml:20:26: attached there already",
            "unknown key `colour`",
            "x.toml:25:12: 1:37: the `Principal` of an RCP is \"*\"",
            "x.toml:26:1: the organization has another policy",
        ] {
            assert!(broken.contains(part), "{part} not in\n{broken}");
        }
    }

    #[test]
    fn without_a_management_account_there_is_no_organization() {
        let text =
            HEAD.to_owned() + "parent = \"root\"\n[[organizational_units]]\nname = \"Workloads\"\n";
        let broken = Scenario::read("x.toml", &text).expect_err("broken").to_string();
        for part in ["x.toml:9:10: an organization has", "x.toml:10:1: an organization has"] {
            assert!(broken.contains(part), "{part} not in\n{broken}");
        }
    }

    #[test]
    fn a_target_has_at_most_five() {
        let four = (0..4).map(|n| {
            format!(
                "[[policies]]\ntype = \"SERVICE_CONTROL_POLICY\"\nname = \"{n}\"\nattach = [\"root\"]\n\
                 document = '{{\"Statement\":{{\"Effect\":\"Deny\",\"Action\":\"a:b\",\"Resource\":\"*\"}}}}'\n"
            )
        });
        let four = HEAD.to_owned() + "management = true\n" + &four.collect::<String>();
        assert!(Scenario::read("x.toml", &four).is_ok());
        let fifth =
            four[HEAD.len() + "management = true\n".len()..].replace("name = \"", "name = \"x");
        let broken = Scenario::read("x.toml", &(four + &fifth)).expect_err("broken").to_string();
        assert!(broken.contains("at most 5 policies of a type"), "{broken}");
    }
}
