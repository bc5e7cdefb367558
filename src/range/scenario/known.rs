//! What a scenario names, for whoever reads a part of its file that the range does not.

use super::{Kind, Principal, Scenario};
use crate::{
    domain::{self, AccountId},
    range::world::{self, PARTITION},
};

impl Scenario {
    /// The account of this alias or id.
    pub fn account_named(&self, name: &str) -> Option<&AccountId> {
        let meant = self.accounts.iter().find(|a| a.alias == name || a.id.as_str() == name);
        meant.map(|account| &account.id)
    }

    /// The accounts' aliases.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().map(|account| account.alias.as_str())
    }

    /// The ids that findings are given in the file.
    pub fn finding_ids(&self) -> impl Iterator<Item = &str> {
        self.findings.iter().filter_map(|finding| finding.id.as_deref())
    }

    /// Whether an account has such a user or role.
    pub fn has(&self, account: &AccountId, who: &domain::Principal) -> bool {
        self.of(account).any(|p| p.name == who.name() && p.is_role() == (who.kind() == "role"))
    }

    /// The users and roles of an account, by name.
    pub fn principals_of(&self, account: &AccountId) -> impl Iterator<Item = &str> {
        self.of(account).map(|p| p.name.as_str())
    }

    /// Whether a role has no policy at all, neither attached nor inline.
    pub fn is_powerless(&self, account: &AccountId, role: &str) -> bool {
        let held = self.of(account).find(|p| p.is_role() && p.name == role);
        held.is_some_and(|p| p.attached.is_empty() && p.inline.is_empty())
    }

    /// Access keys of users.
    pub fn user_keys(&self) -> impl Iterator<Item = &str> {
        self.principals.iter().flat_map(Principal::keys).map(|key| key.id.as_str())
    }

    /// Access keys of sessions.
    pub fn session_keys(&self) -> impl Iterator<Item = &str> {
        self.sessions.iter().map(|session| session.key.as_str())
    }

    pub fn trail_arns(&self) -> Vec<String> {
        let arn = |t: &super::Trail| {
            let owner = &self.accounts.get(t.account)?.id;
            Some(format!("arn:{PARTITION}:cloudtrail:{}:{owner}:trail/{}", t.home, t.name))
        };
        self.trails.iter().filter_map(arn).collect()
    }

    /// The names of the organization's policies.
    pub fn org_policy_names(&self) -> impl Iterator<Item = &str> {
        self.org_policies.iter().map(|policy| policy.name.as_str())
    }

    /// The ids of the root, the units and the accounts of the organization.
    pub fn org_targets(&self) -> Vec<String> {
        let organization = world::organization::Organization::seeded(self);
        organization.into_iter().flat_map(|o| o.targets).map(|target| target.id).collect()
    }

    fn of(&self, account: &AccountId) -> impl Iterator<Item = &Principal> {
        let at = self.accounts.iter().position(|a| a.id == *account);
        self.principals.iter().filter(move |p| Some(p.account) == at)
    }
}

impl Principal {
    fn is_role(&self) -> bool {
        matches!(self.kind, Kind::Role { .. })
    }
}
