//! Accepted changes of IAM, brought into force.

use std::sync::Arc;

use super::{AccessKey, Home, Iam, Identity, KeyStatus, Login, PolicyVersion};
use crate::range::world::{
    caller::same_key,
    change::{Change, Entity},
};

impl Iam {
    /// IAM after `change` in `account`; `None` where the change is not one of IAM's.
    pub fn after(&self, account: usize, change: &Change, at: i64) -> Option<Iam> {
        let mut next = self.clone();
        let home = Arc::make_mut(next.homes.get_mut(account)?);
        if let Change::CreateAccessKey { user, key } = change {
            home.create_key(user, key, self.derived_secret(key), at);
            return Some(next);
        }
        home.apply(change, at).then_some(next)
    }
}

impl Home {
    /// Says whether the change is one of IAM's. What it names was there when it was
    /// accepted.
    fn apply(&mut self, change: &Change, at: i64) -> bool {
        match change {
            Change::AccessKeyStatus { user, key, status } => {
                let keys = self.users.iter_mut().filter(|u| u.identity.name == *user);
                if let Some(key) = keys.flat_map(|u| &mut u.keys).find(|k| k.id == *key) {
                    key.status = *status;
                }
            }
            Change::DeleteAccessKey { user, key } => {
                for user in self.users.iter_mut().filter(|u| u.identity.name == *user) {
                    user.keys.retain(|k| k.id != *key);
                }
            }
            Change::PutInline { to, name, document } => {
                if let Some(identity) = self.identity(to) {
                    identity.inline.retain(|(known, _)| known != name);
                    identity.inline.push((name.clone(), document.clone()));
                }
            }
            Change::DeleteInline { from, name } => {
                if let Some(identity) = self.identity(from) {
                    identity.inline.retain(|(known, _)| known != name);
                }
            }
            Change::Boundary { of, policy } => {
                if let Some(identity) = self.identity(of) {
                    identity.boundary = policy.clone();
                }
            }
            Change::Trust { role, document } => {
                if let Some(role) = self.roles.iter_mut().find(|r| r.identity.name == *role) {
                    role.trust = document.clone();
                }
            }
            Change::Tag { of, tags } => {
                if let Some(identity) = self.identity(of) {
                    identity.tags.retain(|(key, _)| !tags.iter().any(|(k, _)| same_key(k, key)));
                    identity.tags.extend(tags.iter().cloned());
                }
            }
            Change::Untag { of, keys } => {
                if let Some(identity) = self.identity(of) {
                    identity.tags.retain(|(key, _)| !keys.iter().any(|k| same_key(k, key)));
                }
            }
            Change::AttachPolicy { to, policy } => {
                if let Some(identity) = self.identity(to) {
                    identity.attached.push(policy.clone());
                }
            }
            Change::DetachPolicy { from, policy } => {
                if let Some(identity) = self.identity(from) {
                    identity.attached.retain(|arn| arn != policy);
                }
            }
            Change::PolicyVersion { policy, document, default } => {
                if let Some(policy) = self.policies.iter_mut().find(|p| p.arn == *policy) {
                    let number = policy.newest + 1;
                    policy.newest = number;
                    let document = document.as_str().into();
                    policy.versions.push(PolicyVersion { number, document, created: at });
                    policy.updated = at;
                    if *default {
                        policy.default = number;
                    }
                }
            }
            Change::DefaultPolicyVersion { policy, version } => {
                if let Some(policy) = self.policies.iter_mut().find(|p| p.arn == *policy) {
                    policy.default = *version;
                }
            }
            Change::DeletePolicyVersion { policy, version } => {
                if let Some(policy) = self.policies.iter_mut().find(|p| p.arn == *policy) {
                    policy.versions.retain(|known| known.number != *version);
                }
            }
            Change::CreateLogin { user, reset } => {
                self.set_login(user, Some(Login { created: at, reset: *reset }));
            }
            Change::DeleteLogin { user } => self.set_login(user, None),
            _ => return false,
        }
        true
    }

    fn set_login(&mut self, user: &str, login: Option<Login>) {
        for user in self.users.iter_mut().filter(|u| u.identity.name == user) {
            user.login.clone_from(&login);
        }
    }

    fn create_key(&mut self, user: &str, key: &str, secret: String, at: i64) {
        for user in self.users.iter_mut().filter(|u| u.identity.name == *user) {
            user.keys.push(AccessKey {
                number: user.keys.last().map_or(0, |newest| newest.number + 1),
                id: key.to_owned(),
                secret: secret.clone(),
                status: KeyStatus::Active,
                created: at,
                used: None,
            });
        }
    }

    fn identity(&mut self, entity: &Entity) -> Option<&mut Identity> {
        match entity {
            Entity::User(name) => {
                self.users.iter_mut().map(|u| &mut u.identity).find(|i| i.name == *name)
            }
            Entity::Role(name) => {
                self.roles.iter_mut().map(|r| &mut r.identity).find(|i| i.name == *name)
            }
        }
    }
}
