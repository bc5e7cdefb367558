//! The policies of the organization that stand above an account.

use std::{collections::HashMap, sync::Arc};

use super::{
    document::Policy,
    evaluate::Named,
    standing::{Unread, read},
};
use crate::domain::{
    AccountId, Gap,
    organization::{Level, OrgPolicy, Organization, View},
};

/// What stands above accounts, with every policy read once.
#[derive(Clone, Debug)]
pub enum Above {
    /// The organization is to be seen.
    Seen {
        organization: Arc<Organization>,
        policies: HashMap<String, Result<Arc<Policy>, Unread>>,
        /// What of it could not be read, in words. A policy whose targets were not told binds
        /// nobody here, and may bind anybody: what this lets through is not known to be.
        missing: Option<String>,
    },
    /// The account is in no organization.
    Nothing,
    /// Nothing was said of an organization, as in a file: only the account's own policies are
    /// asked about.
    NotAsked,
    /// There may be policies, and they cannot be seen. In words.
    NotVisible(String),
}

/// The lists of one account: one for each level, the root's first.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    pub scps: Vec<Vec<Named>>,
    pub rcps: Vec<Vec<Named>>,
    pub unread: Vec<Unread>,
    /// Why there may be more, where there may.
    pub missing: Option<String>,
}

/// What of an organization could not be read, in words; nothing where all was.
pub fn missing(gaps: &[Gap]) -> Option<String> {
    let why = &gaps.first()?.why;
    let more = match gaps.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    Some(format!("not all of the organization could be read: {why}{more}"))
}

impl Above {
    /// From an answer, with what it lacks.
    pub fn new(view: &View, gaps: &[Gap]) -> Self {
        match view {
            View::None => Above::Nothing,
            View::NotVisible { why, .. } => Above::NotVisible(why.to_string()),
            View::Seen(organization) => {
                let read =
                    |p: &OrgPolicy| (p.id.raw().to_owned(), read(p.name.raw(), p.document.raw()));
                Above::Seen {
                    policies: organization.policies.iter().map(read).collect(),
                    organization: Arc::new(organization.clone()),
                    missing: missing(gaps),
                }
            }
        }
    }

    /// What binds an account. SCPs do not bind the management account (Organizations user
    /// guide, "Tasks and entities not restricted by SCPs"), nor do RCPs its resources. Why it
    /// is not known, where it is not.
    pub fn levels(&self, account: &AccountId) -> Result<Levels, String> {
        let (organization, policies, missing) = match self {
            Above::Nothing | Above::NotAsked => return Ok(Levels::default()),
            Above::NotVisible(why) => {
                return Err(format!("the policies of the organization cannot be seen: {why}"));
            }
            Above::Seen { organization, policies, missing } => (organization, policies, missing),
        };
        if organization.management == *account {
            return Ok(Levels::default());
        }
        let levels = organization.levels(account);
        if levels.is_empty() {
            let why = missing.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            return Err(format!(
                "where account {account} stands in the organization is not known{why}"
            ));
        }
        let mut out = Levels { missing: missing.clone(), ..Levels::default() };
        let mut list = |of: &[&OrgPolicy]| -> Vec<Named> {
            let mut named = Vec::new();
            for policy in of {
                match policies.get(policy.id.raw()) {
                    Some(Ok(read)) => {
                        named.push(Named { name: policy.name.raw().into(), policy: read.clone() })
                    }
                    Some(Err(unread)) => out.unread.push(unread.clone()),
                    None => {}
                }
            }
            named
        };
        // A kind that is switched off has no list at any level, and binds nothing.
        let any = |of: fn(&Level<'_>) -> bool| levels.iter().any(of);
        let (scps, rcps) = (any(|l| !l.scps.is_empty()), any(|l| !l.rcps.is_empty()));
        let scps = levels.iter().filter(|_| scps).map(|l| list(&l.scps)).collect();
        let rcps = levels.iter().filter(|_| rcps).map(|l| list(&l.rcps)).collect();
        (out.scps, out.rcps) = (scps, rcps);
        Ok(out)
    }
}
