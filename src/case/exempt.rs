//! What is to be looked at, and what is known, to say whether a role is exempt from the
//! organization's policies.

use std::{fmt, str::FromStr};

use super::{Case, Load};
use crate::{
    domain::{
        AccountId, Fault, Gap, Principal, Region, RoleName, Service, Target, Untrusted,
        authorization::{Authorization, Holder, Role},
        organization::View,
    },
    policy::{
        Caller, CallerKind,
        exempt::{Question, Stack, Subject},
    },
};

/// A role of some account, by its own ARN or that of one of its sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAt {
    pub account: AccountId,
    pub name: RoleName,
    /// The role's ARN as far as what was given says it: a session's lacks the path.
    pub arn: Untrusted,
}

impl FromStr for RoleAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = "give a role's ARN: arn:aws:iam::ACCOUNT:role/NAME";
        let caller = Caller::new(text.trim()).ok_or(wanted)?;
        let arn = caller.role.filter(|_| caller.kind == CallerKind::Role).ok_or(wanted)?;
        let name = arn.rsplit('/').next().unwrap_or_default();
        Ok(Self { account: caller.account.parse()?, name: name.parse()?, arn: arn.as_str().into() })
    }
}

impl fmt::Display for RoleAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.name, self.account)
    }
}

/// Why it cannot be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswerable {
    /// The organization was not looked at yet.
    NotAsked,
    /// It cannot be seen with these credentials.
    NotVisible,
    /// The account is in no organization: no policy stands above it.
    NoOrganization,
    /// The organization has no such account, or what is above it could not be read.
    NotInOrganization,
}

impl Unanswerable {
    pub fn sentence(&self) -> &'static str {
        match self {
            Unanswerable::NotAsked => "the organization was not looked at yet",
            Unanswerable::NotVisible => {
                "the organization cannot be seen from here, so which policies stand above the \
                 role is not known"
            }
            Unanswerable::NoOrganization => {
                "the account is in no organization: no policy stands above its roles"
            }
            Unanswerable::NotInOrganization => {
                "the role's account is not in the organization, or its whole way up to the root \
                 could not be read"
            }
        }
    }
}

/// What is asked of [`crate::policy::exempt::analyse`], and how sure its ground is.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemptible {
    pub question: Question,
    /// The role was seen in its account: its path and its tags are known.
    pub is_seen: bool,
}

impl Case {
    /// Whose credentials look at an account.
    pub fn target_of(&self, account: &AccountId) -> Option<Target> {
        self.accounts().into_iter().find(|(_, id)| id == account).map(|(target, _)| target)
    }

    /// The regions that are looked at; where none are named, those that the credentials are for.
    pub fn regions_looked_at(&self) -> Vec<Region> {
        let looked_at = self.feeds.keys().map(|(_, place)| &place.region);
        let mut regions: Vec<Region> = looked_at.cloned().collect();
        if regions.is_empty() {
            regions.extend(self.home_regions().cloned());
        }
        regions.sort();
        regions.dedup();
        regions
    }

    fn home_regions(&self) -> impl Iterator<Item = &Region> {
        self.callers.values().filter_map(|load| match load {
            Load::Ready(identity) => identity.region.as_ref(),
            _ => None,
        })
    }

    /// The regions that are looked at, and every other one that is enabled in each account by
    /// default: whoever attacks goes where nobody looks, and break-glass must follow.
    fn regions_to_try(&self) -> Vec<Region> {
        let mut regions = self.regions_looked_at();
        regions.extend(self.home_regions().cloned());
        let global = Region::us_east_1();
        if regions.iter().all(|r| r.of_global_services() == global) {
            regions.extend(Region::enabled_by_default());
        }
        regions.sort();
        regions.dedup();
        regions
    }

    /// What is known of an account's principals.
    fn principals_of(&self, account: &AccountId) -> Option<&Authorization> {
        let look = self.inspection.accounts.get(&self.target_of(account)?)?;
        Some(&*look.known.as_ref()?.what)
    }

    /// The role as it was last seen: by itself, or among all of its account. A name is one
    /// role's whatever its path is (IAM API reference, "CreateRole").
    fn seen(&self, role: &RoleAt) -> Option<&Role> {
        let who = (self.target_of(&role.account)?, Principal::Role(role.name.clone()));
        let alone = self.inspection.principals.get(&who).and_then(|look| look.known.as_ref());
        let alone = alone.and_then(|known| known.what.authorization.role(role.name.as_str()));
        let listed = || self.principals_of(&role.account)?.role(role.name.as_str());
        alone.or_else(listed)
    }

    /// Has the role's own account looked at, where it is signed in to: the role itself, for
    /// its tags, and who else is there, to say whom an exemption lets through besides.
    pub fn look_at_role(&mut self, role: &RoleAt, again: bool) {
        if let Some(target) = self.target_of(&role.account) {
            self.look_at(&target, &Principal::Role(role.name.clone()), again);
            self.look_at_account(&target, again);
        }
    }

    /// What of the role's own account could not be looked at.
    pub fn role_gaps(&self, role: &RoleAt) -> Vec<Gap> {
        let Some(target) = self.target_of(&role.account) else { return Vec::new() };
        let gap = |why: &Fault| Gap {
            source: Service::Iam,
            account: target.clone(),
            region: None,
            page: None,
            why: why.clone(),
        };
        let who = (target.clone(), Principal::Role(role.name.clone()));
        let alone = self.inspection.principals.get(&who).and_then(|look| look.fault.as_ref());
        let listed = self.inspection.accounts.get(&target);
        let missing = listed.and_then(|look| look.fault.as_ref());
        let parts = listed.and_then(|look| look.known.as_ref()).into_iter().flat_map(|k| &k.gaps);
        // What the one look did not bring the other may have brought.
        let alone = alone.filter(|_| self.seen(role).is_none());
        alone.into_iter().chain(missing).map(gap).chain(parts.cloned()).collect()
    }

    /// What is to be analysed, from what is known now.
    ///
    /// # Errors
    /// The organization's policies are not known.
    pub fn exemptible(&self, role: &RoleAt) -> Result<Exemptible, Unanswerable> {
        let Some((organization, known)) = self.inspection.organization() else {
            return Err(self.no_organization(&role.account));
        };
        let stack = Stack::of(organization, &known.gaps, &role.account);
        let stack = stack.ok_or(Unanswerable::NotInOrganization)?;
        let known = self.principals_of(&role.account);
        let seen = self.seen(role).map(|r| &r.holder);
        let unseen = || Subject { arn: role.arn.raw().to_owned(), tags: None };
        let others = known.into_iter().flat_map(|known| {
            let users = known.users.iter().map(|user| &user.holder);
            users.chain(known.roles.iter().map(|role| &role.holder))
        });
        let question = Question {
            role: seen.map_or_else(unseen, subject),
            stack,
            is_management: organization.management == role.account,
            regions: self.regions_to_try(),
            others: others.map(subject).collect(),
        };
        Ok(Exemptible { question, is_seen: seen.is_some() })
    }

    fn no_organization(&self, account: &AccountId) -> Unanswerable {
        let views = || {
            let looks = self.inspection.organizations.iter();
            looks.filter_map(|(target, look)| Some((target, &*look.known.as_ref()?.what)))
        };
        let own = self.target_of(account);
        match views().find(|(target, _)| own.as_ref() == Some(target)) {
            Some((_, View::None)) => Unanswerable::NoOrganization,
            Some(_) => Unanswerable::NotVisible,
            None if views().next().is_some() => Unanswerable::NotVisible,
            None => Unanswerable::NotAsked,
        }
    }
}

fn subject(holder: &Holder) -> Subject {
    let text = |t: &Untrusted| t.raw().to_owned();
    Subject {
        arn: text(&holder.arn),
        tags: Some(holder.tags.iter().map(|(key, value)| (text(key), text(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_by_its_arn_or_a_sessions() {
        let role: RoleAt = "arn:aws:iam::444455556666:role/ir/break-glass".parse().expect("one");
        assert_eq!((role.account.as_str(), role.name.as_str()), ("444455556666", "break-glass"));
        let session = "arn:aws:sts::444455556666:assumed-role/break-glass/ann";
        let role: RoleAt = session.parse().expect("one");
        assert_eq!(role.arn.raw(), "arn:aws:iam::444455556666:role/break-glass");
        for bad in ["break-glass", "arn:aws:iam::444455556666:user/ann", "arn:aws:iam::1:role/x"] {
            assert!(bad.parse::<RoleAt>().is_err(), "{bad}");
        }
    }
}
