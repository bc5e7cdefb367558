//! Everybody in the accounts that were looked at, as a list: what each holds, when it was
//! last used, and the worst that its policies say.
//!
//! Made away from the event loop: a large account has thousands of principals and as many
//! policies.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use jiff::Timestamp;

use super::{Case, Look, filter::Words};
use crate::{
    domain::{
        AccountId, Band, Gap, Principal, Target, Untrusted,
        authorization::{Authorization, Group, Holder, Role, User},
        event::{Event, assumed_role},
        finding::{Finding, named},
        organization::View,
    },
    policy::{
        self, Above,
        lint::{self, Lint},
    },
};

/// An account to be surveyed, as it was last looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Surveyed {
    pub target: Target,
    pub authorization: Arc<Authorization>,
    /// When the answer came.
    pub at: Timestamp,
    /// What is seen of the organization above it.
    pub above: Seen,
}

/// What is seen of the organization above an account.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// With what it lacks, and the time of the answer.
    View(Arc<View>, Vec<Gap>, Timestamp),
    /// Nobody has answered, and why.
    No(String),
}

/// What a survey was made of: each account with the time of its answer, and of what is seen
/// of its organization.
pub type Basis = Vec<(Target, Timestamp, Result<Timestamp, String>)>;

/// An account with its policies read and judged.
#[derive(Clone, Debug)]
pub struct Studied {
    pub policies: policy::Account,
    pub above: Arc<Above>,
    /// The organization, where it is seen.
    pub organization: Option<Arc<View>>,
    /// The worst first.
    pub lints: Vec<Lint>,
}

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
    /// What was found about it and its groups, by place among the account's; the worst first.
    pub lints: Vec<usize>,
    pub worst: Option<Band>,
}

#[derive(Clone, Debug, Default)]
pub struct Survey {
    pub accounts: Vec<Surveyed>,
    /// One for each account.
    pub studied: Vec<Studied>,
    pub holdings: Vec<Holding>,
}

/// What is made of the same is the same.
impl PartialEq for Survey {
    fn eq(&self, other: &Self) -> bool {
        self.accounts == other.accounts
    }
}

/// By what the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SurveySort {
    #[default]
    Risk,
    Name,
    LastUsed,
    Policies,
}

impl SurveySort {
    pub const ALL: [SurveySort; 4] =
        [SurveySort::Risk, SurveySort::Name, SurveySort::LastUsed, SurveySort::Policies];

    pub fn name(self) -> &'static str {
        match self {
            SurveySort::Risk => "risk",
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
    /// Reads and judges every policy of the accounts.
    pub fn new(accounts: Vec<Surveyed>) -> Self {
        let studied: Vec<Studied> = accounts.iter().map(Studied::new).collect();
        let mut holdings = Vec::new();
        for (account, (surveyed, studied)) in accounts.iter().zip(&studied).enumerate() {
            let all = &surveyed.authorization;
            let own = |holder: &Holder| holder.inline.len() + holder.attached.len();
            let mut about: HashMap<&str, Vec<usize>> = HashMap::new();
            for (at, lint) in studied.lints.iter().enumerate() {
                for arn in &lint.principals {
                    about.entry(arn.raw()).or_default().push(at);
                }
            }
            let about =
                |holder: &Holder| about.get(holder.arn.raw()).into_iter().flatten().copied();
            let mut add = |kind, at, policies, last_used, mut lints: Vec<usize>| {
                lints.sort_unstable();
                lints.dedup();
                let worst = lints.first().map(|at| studied.lints[*at].severity);
                holdings.push(Holding { account, kind, at, policies, last_used, lints, worst });
            };
            for (at, user) in all.users.iter().enumerate() {
                let holder = &user.holder;
                let groups: usize = all.groups_of(user).map(|g| own(&g.holder)).sum();
                let of_groups = all.groups_of(user).flat_map(|g| about(&g.holder));
                let lints = about(holder).chain(of_groups).collect();
                let policies = own(holder) + groups;
                add(HolderKind::User, at, policies, user.password_last_used, lints);
            }
            for (at, role) in all.roles.iter().enumerate() {
                let used = role.last_used.as_ref().and_then(|used| used.at);
                let lints = about(&role.holder).collect();
                add(HolderKind::Role, at, own(&role.holder), used, lints);
            }
            for (at, group) in all.groups.iter().enumerate() {
                let lints = about(&group.holder).collect();
                add(HolderKind::Group, at, own(&group.holder), None, lints);
            }
        }
        Self { accounts, studied, holdings }
    }

    /// What was found about a principal, the worst first.
    pub fn lints(&self, holding: &Holding) -> impl Iterator<Item = &Lint> {
        let lints = &self.studied[holding.account].lints;
        holding.lints.iter().map(move |at| &lints[*at])
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
    /// The account and the principal of a line; none for a group, which calls nothing.
    pub fn principal(&self, holding: &Holding) -> Option<(AccountId, Principal)> {
        let name = self.holder(holding).name.raw();
        let who = match holding.kind {
            HolderKind::User => Principal::User(name.parse().ok()?),
            HolderKind::Role => Principal::Role(name.parse().ok()?),
            HolderKind::Group => return None,
        };
        let arn = self.holder(holding).arn.raw();
        Some((arn.split(':').nth(4)?.parse().ok()?, who))
    }

    pub fn find(&self, sought: &Sought) -> Option<usize> {
        self.holdings.iter().position(|holding| sought.is(self, holding))
    }

    /// The places of the lines that a view shows, in its order.
    pub fn arrange(&self, view: &SurveyView) -> Vec<usize> {
        let words = Words::new(&view.text);
        let admits = |holding: &Holding| {
            let holder = self.holder(holding);
            let account = self.accounts[holding.account].authorization.account.as_ref();
            let mut texts = vec![
                holder.name.raw(),
                holder.arn.raw(),
                holding.kind.word(),
                account.map_or("", AccountId::as_str),
                holding.worst.map_or("", Band::name),
            ];
            texts.extend(self.lints(holding).map(|lint| lint.rule));
            words.all_in(&texts)
        };
        let mut shown: Vec<usize> =
            (0..self.holdings.len()).filter(|at| admits(&self.holdings[*at])).collect();
        shown.sort_by(|a, b| {
            let [a, b] = [a, b].map(|at| &self.holdings[*at]);
            let order = match view.sort {
                SurveySort::Risk => {
                    let weight = |h: &Holding| Reverse((h.worst, h.lints.len()));
                    weight(a).cmp(&weight(b))
                }
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

impl Studied {
    fn new(surveyed: &Surveyed) -> Self {
        let (above, organization) = match &surveyed.above {
            Seen::View(view, gaps, _) => (Above::new(view, gaps), Some(view.clone())),
            Seen::No(why) => (Above::NotVisible(why.clone()), None),
        };
        let seen = match organization.as_deref() {
            Some(View::Seen(organization)) => Some(organization),
            _ => None,
        };
        Self {
            lints: lint::account(&surveyed.authorization, seen),
            policies: policy::Account::new(surveyed.authorization.clone()),
            above: Arc::new(above),
            organization,
        }
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
    let above = |seen: &Seen| match seen {
        Seen::View(_, _, at) => Ok(*at),
        Seen::No(why) => Err(why.clone()),
    };
    accounts.iter().map(|a| (a.target.clone(), a.at, above(&a.above))).collect()
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

    pub fn is(&self, survey: &Survey, holding: &Holding) -> bool {
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

impl Case {
    /// What a survey would be made of now: every account that has answered.
    pub fn surveyed(&self) -> Vec<Surveyed> {
        let accounts = self.inspection.accounts.iter();
        let known = accounts.filter_map(|(target, look)| {
            let known = look.known.as_ref()?;
            Some(Surveyed {
                target: target.clone(),
                authorization: known.what.clone(),
                at: known.at,
                above: self.above(target, known.what.account.as_ref()),
            })
        });
        known.collect()
    }

    /// The organization above an account: as its own credentials see it, else as those of
    /// another account do.
    pub(super) fn above(&self, target: &Target, account: Option<&AccountId>) -> Seen {
        let looks = &self.inspection.organizations;
        let own = looks.get(target);
        let view = |look: &Look<View>| {
            let known = look.known.as_ref()?;
            Some(Seen::View(known.what.clone(), known.gaps.clone(), known.at))
        };
        let hidden = |seen: &Seen| matches!(seen, Seen::View(view, ..) if matches!(**view, View::NotVisible { .. }));
        let told = own.and_then(view);
        if let Some(seen) = told.as_ref().filter(|seen| !hidden(seen)) {
            return seen.clone();
        }
        let other = looks
            .values()
            .find(|look| look.known.as_ref().is_some_and(|known| sees(&known.what, account)));
        if let Some(seen) = other.and_then(view).or(told) {
            return seen;
        }
        let fault = own.and_then(|look| look.fault.as_ref());
        Seen::No(match (fault, own.is_some_and(|look| look.is_asking)) {
            (_, true) => "it is being asked for".to_owned(),
            (Some(fault), _) => fault.to_string(),
            (None, false) => "it was not asked for".to_owned(),
        })
    }
}

/// Whether a view of an organization has this account in it.
fn sees(view: &View, account: Option<&AccountId>) -> bool {
    match (view, account) {
        (View::Seen(organization), Some(account)) => organization.account(account).is_some(),
        _ => false,
    }
}
