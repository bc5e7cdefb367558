//! The organization as a scenario begins it.

use super::{Organization, Place, Policy, PolicyKind, Target};
use crate::range::{
    scenario::{Attached, Scenario},
    seed,
    world::PARTITION,
};

/// What AWS attaches to everything: id, name, description, kind, document (Organizations
/// user guide, "Service control policies" and "Resource control policies").
const BY_AWS: [(&str, &str, &str, PolicyKind, &str); 2] = [
    (
        "p-FullAWSAccess",
        "FullAWSAccess",
        "Allows access to every operation",
        PolicyKind::ServiceControl,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "p-RCPFullAWSAccess",
        "RCPFullAWSAccess",
        "Allow all resource access",
        PolicyKind::ResourceControl,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    ),
];

impl Organization {
    /// `None` where no account is the management account.
    pub fn seeded(scenario: &Scenario) -> Option<Organization> {
        let management = scenario.accounts.iter().position(|a| a.management)?;
        let short = |length: usize, parts: &[&str]| -> String {
            seed::id32(scenario.seed, parts)[..length].to_owned()
        };
        let id = format!("o-{}", short(10, &["organization"]));
        let owner = scenario.accounts[management].id.as_str();
        let arn = |kind: &str, name: &str| {
            format!("arn:{PARTITION}:organizations::{owner}:{kind}/{id}/{name}")
        };
        let tree = short(4, &["root"]);
        let root = format!("r-{tree}");
        let mut targets = vec![Target {
            arn: arn("root", &root),
            id: root,
            name: "Root".to_owned(),
            place: Place::Root,
            parent: 0,
        }];
        for unit in &scenario.units {
            let id = format!("ou-{tree}-{}", short(8, &["unit", &unit.name]));
            targets.push(Target {
                arn: arn("ou", &id),
                id,
                name: unit.name.clone(),
                place: Place::Unit,
                parent: below(unit.parent),
            });
        }
        for (number, account) in scenario.accounts.iter().enumerate() {
            targets.push(Target {
                arn: arn("account", account.id.as_str()),
                id: account.id.as_str().to_owned(),
                name: account.name.clone(),
                place: Place::Account(number),
                parent: below(account.parent),
            });
        }
        let mut organization =
            Organization { id, management, targets, policies: Vec::new(), next: 0 };
        for (id, name, description, kind, document) in BY_AWS {
            organization.add(Policy {
                number: 0,
                id: id.to_owned(),
                arn: format!("arn:{PARTITION}:organizations::aws:policy/{}/{id}", folder(kind)),
                name: name.to_owned(),
                description: description.to_owned(),
                kind,
                by_aws: true,
                document: document.to_owned(),
                attached: (0..organization.targets.len()).collect(),
            });
        }
        let accounts = 1 + scenario.units.len();
        for policy in &scenario.org_policies {
            let id = policy_id(scenario.seed, organization.next);
            organization.add(Policy {
                number: 0,
                arn: organization.policy_arn(owner, policy.kind, &id),
                id,
                name: policy.name.clone(),
                description: policy.description.clone(),
                kind: policy.kind,
                by_aws: false,
                document: policy.document.clone(),
                attached: policy
                    .attach
                    .iter()
                    .map(|attached| match attached {
                        Attached::Root => 0,
                        Attached::Unit(unit) => 1 + unit,
                        Attached::Account(account) => accounts + account,
                    })
                    .collect(),
            });
        }
        Some(organization)
    }

    /// The ARN of a policy of the organization's own; `owner` is the management account's id.
    pub fn policy_arn(&self, owner: &str, kind: PolicyKind, id: &str) -> String {
        format!("arn:{PARTITION}:organizations::{owner}:policy/{}/{}/{id}", self.id, folder(kind))
    }
}

/// The id of the policy with this number.
pub fn policy_id(seed: u64, number: u32) -> String {
    format!("p-{}", &seed::id32(seed, &["policy", &number.to_string()])[..8])
}

fn below(unit: Option<usize>) -> usize {
    unit.map_or(0, |unit| 1 + unit)
}

/// How an ARN spells a kind.
fn folder(kind: PolicyKind) -> String {
    kind.word().to_ascii_lowercase()
}
