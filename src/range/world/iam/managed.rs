//! AWS's own managed policies: a handful of them, the same in every account.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

use super::{Policy, PolicyVersion};
use crate::range::{
    seed,
    world::{PARTITION, epoch},
};

/// One entry of the asset. Texts are AWS's (AWS managed policy reference guide);
/// where a document was made shorter, its description says so.
#[derive(Deserialize)]
struct Shipped {
    name: String,
    #[serde(default = "root")]
    path: String,
    description: String,
    created: String,
    document: Value,
}

fn root() -> String {
    "/".to_owned()
}

fn shipped() -> &'static [Shipped] {
    static SHIPPED: OnceLock<Vec<Shipped>> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let text = include_str!("../../../../assets/iam/managed-policies.json");
        serde_json::from_str(text).unwrap_or_default()
    })
}

fn arn(policy: &Shipped) -> String {
    format!("arn:{PARTITION}:iam::aws:policy{}{}", policy.path, policy.name)
}

/// Whether the ARN is that of a policy of AWS, shipped or not.
pub fn is_managed(arn: &str) -> bool {
    arn.strip_prefix("arn:aws:iam::aws:policy/").is_some()
}

/// The names of those that there are here.
pub fn managed_names<'a>() -> impl Iterator<Item = &'a str> {
    shipped().iter().map(|p| p.name.as_str())
}

/// The ARN of the one with this name or ARN.
pub fn managed_named(word: &str) -> Option<String> {
    shipped().iter().find(|p| p.name == word || arn(p) == word).map(arn)
}

/// All of them. Their ids do not depend on the scenario.
pub fn managed_policies() -> Vec<Policy> {
    shipped()
        .iter()
        .map(|policy| {
            let created = epoch(&policy.created);
            let version =
                PolicyVersion { number: 1, document: policy.document.to_string().into(), created };
            Policy {
                id: seed::unique_id("ANPA", 0, &["aws", &policy.name]),
                arn: arn(policy),
                name: policy.name.clone(),
                path: policy.path.clone(),
                description: Some(policy.description.clone()),
                created,
                updated: created,
                versions: vec![version],
                default: 1,
                newest: 1,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asset_reads() {
        let policies = managed_policies();
        assert!(policies.len() >= 10);
        for policy in &policies {
            assert!(policy.created > 1_400_000_000_000, "{}", policy.name);
            assert!(is_managed(&policy.arn) && policy.id.len() == 21);
            let size = policy.versions[0].document.chars().filter(|c| !c.is_whitespace()).count();
            assert!(size <= super::super::POLICY_SIZE_QUOTA, "{} has {size}", policy.name);
        }
        let admin = managed_named("AdministratorAccess");
        assert_eq!(admin.as_deref(), Some("arn:aws:iam::aws:policy/AdministratorAccess"));
        assert_eq!(managed_named("arn:aws:iam::aws:policy/AdministratorAccess"), admin);
    }
}
