//! Everybody in the accounts that were looked at, as a list: what each holds and when it was
//! last used.
//!
//! Made away from the event loop: a large account has thousands of principals and as many
//! policies.

use std::{cmp::Reverse, sync::Arc};

use jiff::Timestamp;

use super::filter::Words;
use crate::domain::{
    AccountId, Target, Untrusted,
    authorization::{Authorization, Group, Holder, Role, User},
    event::{Event, assumed_role},
    finding::{Finding, named},
};

/// An account to be surveyed, as it was last looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Surveyed {
    pub target: Target,
    pub authorization: Arc<Authorization>,
    /// When the answer came.
    pub at: Timestamp,
}

/// What a survey was made of: each account with the time of its answer.
pub type Basis = Vec<(Target, Timestamp)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HolderKind {
    User,
    Role,
    Group,
}

impl HolderKind {
    pub fn word(self) -> &'static str {
        match self {
            HolderKind::User => "user",
            HolderKind::Role => "role",
            HolderKind::Group => "group",
        }
    }
}

/// One line of the survey.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// Its place among the accounts.
    pub account: usize,
    pub kind: HolderKind,
    /// Its place among the account's principals of its kind.
    pub at: usize,
    /// Policies of its own, and of its groups.
    pub policies: usize,
    /// Of a role, as IAM knows it; of a user, the password's. Absent where IAM tells of none.
    pub last_used: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    pub accounts: Vec<Surveyed>,
    pub holdings: Vec<Holding>,
}

/// By what the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SurveySort {
    #[default]
    Name,
    LastUsed,
    Policies,
}

impl SurveySort {
    pub const ALL: [SurveySort; 3] = [SurveySort::Name, SurveySort::LastUsed, SurveySort::Policies];

    pub fn name(self) -> &'static str {
        match self {
            SurveySort::Name => "name",
            SurveySort::LastUsed => "last use",
            SurveySort::Policies => "number of policies",
        }
    }
}

/// Which lines are shown, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SurveyView {
    /// Words that must all match somewhere, fuzzily.
    pub text: String,
    pub sort: SurveySort,
    pub reverse: bool,
}

impl Survey {
    pub fn new(accounts: Vec<Surveyed>) -> Self {
        let mut holdings = Vec::new();
        for (account, surveyed) in accounts.iter().enumerate() {
            let all = &surveyed.authorization;
            let own = |holder: &Holder| holder.inline.len() + holder.attached.len();
            for (at, user) in all.users.iter().enumerate() {
                let groups: usize = all.groups_of(user).map(|g| own(&g.holder)).sum();
                holdings.push(Holding {
                    account,
                    kind: HolderKind::User,
                    at,
                    policies: own(&user.holder) + groups,
                    last_used: user.password_last_used,
                });
            }
            for (at, role) in all.roles.iter().enumerate() {
                holdings.push(Holding {
                    account,
                    kind: HolderKind::Role,
                    at,
                    policies: own(&role.holder),
                    last_used: role.last_used.as_ref().and_then(|used| used.at),
                });
            }
            for (at, group) in all.groups.iter().enumerate() {
                holdings.push(Holding {
                    account,
                    kind: HolderKind::Group,
                    at,
                    policies: own(&group.holder),
                    last_used: None,
                });
            }
        }
        Self { accounts, holdings }
    }

    pub fn basis(&self) -> Basis {
        basis(&self.accounts)
    }

    pub fn of(&self, holding: &Holding) -> Held<'_> {
        let all = &self.accounts[holding.account].authorization;
        match holding.kind {
            HolderKind::User => Held::User(&all.users[holding.at]),
            HolderKind::Role => Held::Role(&all.roles[holding.at]),
            HolderKind::Group => Held::Group(&all.groups[holding.at]),
        }
    }

    pub fn holder(&self, holding: &Holding) -> &Holder {
        self.of(holding).holder()
    }

    /// The line of a principal.
    pub fn find(&self, sought: &Sought) -> Option<usize> {
        self.holdings.iter().position(|holding| sought.is(self, holding))
    }

    /// The places of the lines that a view shows, in its order.
    pub fn arrange(&self, view: &SurveyView) -> Vec<usize> {
        let words = Words::new(&view.text);
        let admits = |holding: &Holding| {
            let holder = self.holder(holding);
            let account = self.accounts[holding.account].authorization.account.as_ref();
            words.all_in(&[
                holder.name.raw(),
                holder.arn.raw(),
                holding.kind.word(),
                account.map_or("", AccountId::as_str),
            ])
        };
        let mut shown: Vec<usize> =
            (0..self.holdings.len()).filter(|at| admits(&self.holdings[*at])).collect();
        shown.sort_by(|a, b| {
            let [a, b] = [a, b].map(|at| &self.holdings[*at]);
            let order = match view.sort {
                SurveySort::Name => std::cmp::Ordering::Equal,
                SurveySort::LastUsed => Reverse(a.last_used).cmp(&Reverse(b.last_used)),
                SurveySort::Policies => Reverse(a.policies).cmp(&Reverse(b.policies)),
            };
            let by_name =
                || self.holder(a).name.cmp(&self.holder(b).name).then(a.account.cmp(&b.account));
            let order = order.then_with(by_name);
            if view.reverse { order.reverse() } else { order }
        });
        shown
    }
}

/// A principal that a line is about.
#[derive(Clone, Copy, Debug)]
pub enum Held<'s> {
    User(&'s User),
    Role(&'s Role),
    Group(&'s Group),
}

impl<'s> Held<'s> {
    pub fn holder(self) -> &'s Holder {
        match self {
            Held::User(user) => &user.holder,
            Held::Role(role) => &role.holder,
            Held::Group(group) => &group.holder,
        }
    }
}

pub fn basis(accounts: &[Surveyed]) -> Basis {
    accounts.iter().map(|a| (a.target.clone(), a.at)).collect()
}

/// A principal that somebody wants to see, by what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    Arn(Untrusted),
    /// In whichever account, where none is known.
    Named {
        kind: HolderKind,
        name: Untrusted,
        account: Option<AccountId>,
    },
}

impl Sought {
    /// Of an ARN of a user or role, or of a role's session, which does not tell the path.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, account) = (parts.next()?, parts.nth(1)?.parse().ok());
        let resource = parts.next()?;
        match (service, assumed_role(arn)) {
            ("sts", Some((role, _))) => {
                Some(Sought::Named { kind: HolderKind::Role, name: role.into(), account })
            }
            ("iam", None)
                if ["user/", "role/", "group/"].iter().any(|p| resource.starts_with(p)) =>
            {
                Some(Sought::Arn(arn.into()))
            }
            _ => None,
        }
    }

    /// The user or role that a finding names.
    pub fn of_finding(finding: &Finding) -> Option<Sought> {
        finding.records().find_map(|record| {
            let named = named(record);
            let account = record.account.clone();
            let one = |kind, name: &str| Sought::Named { kind, name: name.into(), account };
            match (&named.role, &named.user) {
                (Some(role), _) => Some(one(HolderKind::Role, role.as_str())),
                (None, Some(user)) => Some(one(HolderKind::User, user.as_str())),
                (None, None) => None,
            }
        })
    }

    /// The user or role that an event was caused by.
    pub fn of_event(event: &Event) -> Option<Sought> {
        let identity = &event.identity;
        let issuer = identity.issuer.as_ref().and_then(|i| i.arn.as_ref());
        issuer.into_iter().chain(&identity.arn).find_map(|arn| Sought::of_arn(arn.raw()))
    }

    fn is(&self, survey: &Survey, holding: &Holding) -> bool {
        let holder = survey.holder(holding);
        match self {
            Sought::Arn(arn) => holder.arn == *arn,
            Sought::Named { kind, name, account } => {
                holding.kind == *kind
                    && holder.name == *name
                    && account.as_ref().is_none_or(|account| {
                        let own = &survey.accounts[holding.account].authorization.account;
                        own.as_ref() == Some(account)
                    })
            }
        }
    }

    /// For people, not sanitised.
    pub fn words(&self) -> Untrusted {
        match self {
            Sought::Arn(arn) => arn.clone(),
            Sought::Named { kind, name, account } => {
                let of = account.as_ref().map(|a| format!(" of {a}")).unwrap_or_default();
                format!("{} {}{of}", kind.word(), name.raw()).into()
            }
        }
    }
}
