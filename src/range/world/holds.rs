//! Whether a [`Fact`] is so, by the world itself.
//!
//! What policies do is judged by those in force; what stands somewhere, by what is written.

use super::{
    Caller, World,
    iam::{Identity, KeyStatus},
    organization::PolicyKind,
};
use crate::{
    domain::{AccountId, OrgTarget, Principal, RoleName},
    range::{access, fact::Fact},
};

/// An action that no policy names: what denies it denies everything.
const ANYTHING: &str = "halon:Anything";

/// Where what is refused everywhere is asked about.
const REGION: &str = "us-east-1";

impl World {
    /// Whether it is so at `now`, in epoch milliseconds. Of what is not in this world nothing
    /// is so but that it is gone.
    pub fn holds(&self, fact: &Fact, now: i64) -> bool {
        match fact {
            Fact::KeyOff(key) => {
                let held = self.iam().key(key.as_str());
                held.is_none_or(|(.., key)| key.status != KeyStatus::Active)
            }
            Fact::Detached(account, who, policy) => {
                let held = self.identity_of(account, who);
                held.is_some_and(|i| !i.attached.iter().any(|arn| arn == policy.as_str()))
            }
            Fact::Inline(account, who, name) => self
                .identity_of(account, who)
                .is_some_and(|i| i.inline.iter().any(|(known, _)| known == name.as_str())),
            Fact::NoInline(account, who, name) => self
                .identity_of(account, who)
                .is_some_and(|i| !i.inline.iter().any(|(known, _)| known == name.as_str())),
            Fact::Denied(account, who) => {
                self.somebody(account, who, now, now).is_some_and(|c| self.is_denied(c, now))
            }
            Fact::May(account, who, action) => self
                .somebody(account, who, now, now)
                .is_some_and(|caller| access::allows(self, caller, action, REGION, now)),
            Fact::SessionsRevoked(account, role) => self.are_revoked(account, role, now),
            Fact::SessionCut(key) => {
                let held = self.credentials(key.as_str(), now);
                held.is_none_or(|held| {
                    held.expires.is_some_and(|at| at <= now) || self.is_denied(held.caller, now)
                })
            }
            Fact::NotTrusted(account, role, whom) => {
                let home = self.account(account.as_str()).map(|a| self.iam().home(a));
                let role = home.and_then(|home| home.role(role.as_str()));
                role.is_some_and(|role| !role.trust.contains(whom.as_str()))
            }
            Fact::Logging(trail) => {
                self.trails().iter().any(|t| t.arn == trail.as_str() && t.logging)
            }
            Fact::Archived(id) => {
                let row = self.rows_by_id.get(id.as_str()).map(|n| &self.rows[*n as usize]);
                let shown = row.and_then(|row| Some((row, self.version(row, now)?)));
                shown.is_some_and(|(row, version)| row.archived(version))
            }
            Fact::NoScp(name, target) => self.is_attached(name, target) == Some(false),
            Fact::Scp(name, target) => self.is_attached(name, target) == Some(true),
        }
    }

    /// Whether a service control policy is attached to a target itself.
    fn is_attached(&self, name: &str, target: &OrgTarget) -> Option<bool> {
        let organization = self.organization()?;
        let target = organization.target(target.as_str())?;
        let mut there = organization.attached(PolicyKind::ServiceControl, target);
        Some(there.any(|policy| policy.name == name))
    }

    fn identity_of(&self, account: &AccountId, who: &Principal) -> Option<&Identity> {
        let home = self.iam().home(self.account(account.as_str())?);
        match who {
            Principal::User(name) => home.user(name.as_str()).map(|user| &user.identity),
            Principal::Role(name) => home.role(name.as_str()).map(|role| &role.identity),
        }
    }

    fn somebody(
        &self,
        account: &AccountId,
        who: &Principal,
        issued: i64,
        now: i64,
    ) -> Option<Caller> {
        self.would_be(self.account(account.as_str())?, who, issued, now)
    }

    fn is_denied(&self, caller: Caller, now: i64) -> bool {
        access::denial(self, caller, ANYTHING, REGION, now, true).is_some()
    }

    /// One that nobody knows of, begun at the world's start, and every one that is known.
    fn are_revoked(&self, account: &AccountId, role: &RoleName, now: i64) -> bool {
        let who = Principal::Role(role.clone());
        let unknown = self.somebody(account, &who, self.start, now);
        let known = self.sessions().of_role(account.as_str(), role.as_str());
        unknown.is_some_and(|caller| self.is_denied(caller, now))
            && known
                .filter(|session| session.issued <= self.start && session.expires > now)
                .filter_map(|session| self.credentials(&session.key, now))
                .all(|held| self.is_denied(held.caller, now))
    }
}
