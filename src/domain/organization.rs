//! An organization: its accounts and units, and the policies that stand above its accounts.
//!
//! AWS Organizations API reference. Member accounts may not read it: that is a normal state.

use serde::{Deserialize, Serialize};

use super::{AccountId, Fault, Untrusted, iam::name};

name!(
    /// The id of a policy of the organization, `p-…` (Organizations API reference, PolicyId).
    ScpId,
    scp
);
name!(
    /// What such a policy is attached to: the root (`r-…`), a unit (`ou-…`) or an account
    /// (Organizations API reference, PolicyTargetId).
    OrgTarget,
    target
);

fn scp(s: &str) -> Result<(), String> {
    let id = s.strip_prefix("p-").unwrap_or_default();
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if (8..=128).contains(&id.len()) && id.bytes().all(good) {
        Ok(())
    } else {
        Err("an SCP's id is p- and 8 or more letters and digits".to_owned())
    }
}

fn target(s: &str) -> Result<(), String> {
    let part = |s: &str, least: usize| {
        (least..=32).contains(&s.len())
            && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let unit =
        |s: &str| s.split_once('-').is_some_and(|(root, unit)| part(root, 4) && part(unit, 8));
    let shaped = s.parse::<AccountId>().is_ok()
        || s.strip_prefix("r-").is_some_and(|id| part(id, 4))
        || s.strip_prefix("ou-").is_some_and(unit);
    if shaped {
        Ok(())
    } else {
        Err("the root (r-…), a unit (ou-…-…) or an account's 12 digits".to_owned())
    }
}

/// What is to be seen of the organization from an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    Seen(Organization),
    /// The account is in one and may not read it, as most may not: which policies stand above
    /// the account is not known.
    NotVisible {
        why: Fault,
        /// What `DescribeOrganization` tells every member, where it was allowed.
        id: Option<Untrusted>,
        management: Option<AccountId>,
    },
    /// The account is in no organization (`AWSOrganizationsNotInUseException`): no policy stands
    /// above it.
    None,
}

/// An organization as its management account or a delegated administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-…`.
    pub id: Untrusted,
    pub management: AccountId,
    /// Which kinds of policies are switched on for the root: those of others do nothing.
    pub enabled: Vec<OrgPolicyKind>,
    /// The root, which alone has no parent, and the organizational units.
    pub units: Vec<Unit>,
    pub accounts: Vec<Member>,
    pub policies: Vec<OrgPolicy>,
}

/// The root (`r-…`) or an organizational unit (`ou-…`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub id: Untrusted,
    pub name: Untrusted,
    pub parent: Option<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: AccountId,
    pub name: Untrusted,
    /// `ACTIVE`, `SUSPENDED`, …: an open set.
    pub status: Untrusted,
    /// The root or unit that it is in.
    pub parent: Untrusted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrgPolicyKind {
    /// A service control policy: what principals of an account can do at most.
    Scp,
    /// A resource control policy: what can be done to resources of an account at most.
    Rcp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgPolicy {
    /// `p-…`.
    pub id: Untrusted,
    pub name: Untrusted,
    pub kind: OrgPolicyKind,
    pub aws_managed: bool,
    /// JSON text as it stands; empty where it could not be read, which is a gap.
    pub document: Untrusted,
    /// The ids of the root, units and accounts that it is attached to.
    pub targets: Vec<Untrusted>,
}

/// What is attached at one level above an account, or to the account itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level<'o> {
    /// The id of the root, the unit or the account.
    pub target: &'o str,
    pub name: &'o Untrusted,
    pub scps: Vec<&'o OrgPolicy>,
    pub rcps: Vec<&'o OrgPolicy>,
}

impl OrgPolicyKind {
    pub const ALL: [OrgPolicyKind; 2] = [OrgPolicyKind::Scp, OrgPolicyKind::Rcp];

    pub fn name(self) -> &'static str {
        match self {
            OrgPolicyKind::Scp => "scp",
            OrgPolicyKind::Rcp => "rcp",
        }
    }
}

impl Organization {
    pub fn account(&self, id: &AccountId) -> Option<&Member> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    pub fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id.raw() == id)
    }

    /// What is attached on the way to an account: the root first, the account itself last.
    /// Nothing where the account, or its whole way up to the root, is not known: half a way
    /// would read as if less stood above the account than does.
    pub fn levels(&self, account: &AccountId) -> Vec<Level<'_>> {
        let Some(member) = self.account(account) else { return Vec::new() };
        let mut levels = vec![self.level(member.id.as_str(), &member.name)];
        let mut above = Some(&member.parent);
        while let Some(id) = above {
            let unit = self.unit(id.raw());
            // A circle has more levels than there are units.
            let Some(unit) = unit.filter(|_| levels.len() <= self.units.len()) else {
                return Vec::new();
            };
            levels.push(self.level(unit.id.raw(), &unit.name));
            above = unit.parent.as_ref();
        }
        levels.reverse();
        levels
    }

    /// The way to an account as `aws:PrincipalOrgPaths` has it: `o-…/r-…/ou-…/`; nothing where
    /// not all of it is known.
    pub fn path(&self, account: &AccountId) -> Option<String> {
        let levels = self.levels(account);
        let (_, above) = levels.split_last()?;
        let units = above.iter().map(|level| format!("{}/", level.target));
        Some(format!("{}/{}", self.id.raw(), units.collect::<String>()))
    }

    fn level<'o>(&'o self, target: &'o str, name: &'o Untrusted) -> Level<'o> {
        let [scps, rcps] = OrgPolicyKind::ALL.map(|kind| {
            // INVARIANT of Organizations: a kind that is switched off has no effect anywhere.
            let on = self.enabled.contains(&kind);
            let here = |p: &&OrgPolicy| {
                on && p.kind == kind && p.targets.iter().any(|t| t.raw() == target)
            };
            self.policies.iter().filter(here).collect()
        });
        Level { target, name, scps, rcps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(id: &str, parent: Option<&str>) -> Unit {
        Unit { id: id.into(), name: format!("{id} name").into(), parent: parent.map(Into::into) }
    }

    fn policy(id: &str, kind: OrgPolicyKind, targets: &[&str]) -> OrgPolicy {
        let targets = targets.iter().map(|t| Untrusted::from(*t)).collect();
        OrgPolicy {
            id: id.into(),
            name: id.into(),
            kind,
            aws_managed: false,
            document: "{}".into(),
            targets,
        }
    }

    fn organization() -> Organization {
        let member = |id: &str, parent: &str| Member {
            id: id.parse().expect("an id"),
            name: id.into(),
            status: "ACTIVE".into(),
            parent: parent.into(),
        };
        Organization {
            id: "o-exampleorg".into(),
            management: "111122223333".parse().expect("an id"),
            enabled: OrgPolicyKind::ALL.to_vec(),
            units: vec![
                unit("ou-1-inner", Some("ou-1-outer")),
                unit("r-1", None),
                unit("ou-1-outer", Some("r-1")),
            ],
            accounts: vec![member("111122223333", "r-1"), member("444455556666", "ou-1-inner")],
            policies: vec![
                policy(
                    "p-FullAWSAccess",
                    OrgPolicyKind::Scp,
                    &["r-1", "ou-1-outer", "ou-1-inner", "444455556666"],
                ),
                policy("p-regions", OrgPolicyKind::Scp, &["ou-1-outer"]),
                policy("p-buckets", OrgPolicyKind::Rcp, &["444455556666"]),
            ],
        }
    }

    fn shown(organization: &Organization, account: &str) -> Vec<String> {
        let ids = |policies: &[&OrgPolicy]| {
            policies.iter().map(|p| p.id.raw()).collect::<Vec<_>>().join(" ")
        };
        let levels = organization.levels(&account.parse().expect("an id"));
        levels
            .iter()
            .map(|l| format!("{}: {} | {}", l.target, ids(&l.scps), ids(&l.rcps)))
            .collect()
    }

    #[test]
    fn the_root_is_the_first_level_and_the_account_the_last() {
        let organization = organization();
        assert_eq!(
            shown(&organization, "444455556666"),
            [
                "r-1: p-FullAWSAccess | ",
                "ou-1-outer: p-FullAWSAccess p-regions | ",
                "ou-1-inner: p-FullAWSAccess | ",
                "444455556666: p-FullAWSAccess | p-buckets",
            ]
        );
        assert_eq!(
            shown(&organization, "111122223333"),
            ["r-1: p-FullAWSAccess | ", "111122223333:  | "]
        );
        assert!(shown(&organization, "777788889999").is_empty());
    }

    #[test]
    fn a_kind_that_is_switched_off_stands_nowhere() {
        let organization = Organization { enabled: vec![OrgPolicyKind::Scp], ..organization() };
        assert_eq!(shown(&organization, "444455556666")[3], "444455556666: p-FullAWSAccess | ");
    }

    #[test]
    fn half_a_way_is_none() {
        let mut cut = organization();
        cut.units.retain(|unit| unit.id.raw() != "ou-1-outer");
        assert!(shown(&cut, "444455556666").is_empty());
        let mut circle = organization();
        circle.units[2].parent = Some("ou-1-inner".into());
        assert!(shown(&circle, "444455556666").is_empty());
    }
}
