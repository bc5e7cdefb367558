//! All that is known of one principal's permissions: its policies as they are read, what
//! bounds them, and what was found about each.

use std::sync::Arc;

use super::survey::{Held, HolderKind, Studied, Survey};
use crate::{
    domain::{
        Untrusted,
        authorization::{Authorization, Holder},
        organization::{OrgPolicy, OrgPolicyKind},
        untrusted::display_in,
    },
    policy::{
        Above, Policy, Standing, Unread,
        lint::{Kind, Source},
    },
};

/// A policy that a principal holds, or that bounds it.
#[derive(Clone, Debug)]
pub struct Document {
    pub source: Source,
    /// The group that a user has it from.
    pub group: Option<Untrusted>,
    /// Every mistake, a line each, where it is no policy; one line where it is not listed.
    pub policy: Result<Arc<Policy>, Vec<String>>,
    /// What was found about it, by place among the account's lints.
    pub lints: Vec<usize>,
    /// Its versions that are listed.
    pub versions: usize,
}

/// The organization's policies at one level.
#[derive(Clone, Debug)]
pub struct Storey {
    pub name: Untrusted,
    /// It is the account itself, and no unit above it.
    pub account: bool,
    pub scps: Vec<Document>,
    pub rcps: Vec<Document>,
}

#[derive(Clone, Debug)]
pub struct Dossier {
    pub arn: Untrusted,
    /// The survey that this was made from, and its place in it.
    pub survey: Arc<Survey>,
    pub at: usize,
    pub held: Vec<Document>,
    /// Of a role.
    pub trust: Option<Document>,
    pub boundary: Option<Document>,
    /// The root first, the account last.
    pub storeys: Vec<Storey>,
    /// Why no policy of the organization binds it, or why that is not known.
    pub unbound: Option<Unbound>,
    /// Why more of them may bind it, where they may.
    pub missing: Option<String>,
    /// What decides its calls; a group calls nothing.
    pub standing: Option<Standing>,
}

impl Storey {
    /// What the level is called, for people.
    pub fn words(&self) -> String {
        let name = display_in(self.name.raw(), 80);
        if self.account { format!("account {name}") } else { name }
    }
}

/// Why there is no level of the organization to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unbound {
    NoOrganization,
    /// Organizations user guide, "Tasks and entities not restricted by SCPs".
    Management,
    /// In words.
    Unknown(String),
}

impl Dossier {
    /// Costs as much as one principal's own policies.
    pub fn new(survey: &Arc<Survey>, at: usize) -> Option<Self> {
        let holding = survey.holdings.get(at)?;
        let studied = &survey.studied[holding.account];
        let all = &*survey.accounts[holding.account].authorization;
        let read = Reader { all, studied, lints: &holding.lints };
        let (held, holder) = (survey.of(holding), survey.holder(holding));
        let mut documents = read.held(holder, None);
        if let Held::User(user) = held {
            for group in all.groups_of(user) {
                documents.extend(read.held(&group.holder, Some(&group.holder.name)));
            }
        }
        let trust = match held {
            Held::Role(role) => Some(read.document(
                Source { kind: Kind::Trust, name: role.holder.name.clone(), arn: None },
                parsed(role.trust.raw()),
            )),
            _ => None,
        };
        let (storeys, unbound) = match holding.kind {
            HolderKind::Group => (Vec::new(), None),
            _ => read.storeys(),
        };
        Some(Self {
            arn: holder.arn.clone(),
            survey: survey.clone(),
            at,
            trust,
            boundary: holder.boundary.as_ref().map(|arn| read.managed(arn, None)),
            missing: match &*studied.above {
                Above::Seen { missing, .. } if !storeys.is_empty() => missing.clone(),
                _ => None,
            },
            storeys,
            unbound,
            standing: studied.policies.standing(holder.arn.raw(), &studied.above),
            held: documents,
        })
    }
}

fn parsed(document: &str) -> Result<Arc<Policy>, Vec<String>> {
    let mistakes = |wrong: crate::policy::Malformed| {
        wrong.mistakes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    Policy::parse(document).map(Arc::new).map_err(mistakes)
}

struct Reader<'s> {
    all: &'s Authorization,
    studied: &'s Studied,
    lints: &'s [usize],
}

impl Reader<'_> {
    fn held(&self, holder: &Holder, group: Option<&Untrusted>) -> Vec<Document> {
        let inline = holder.inline.iter().map(|inline| {
            let source = Source { kind: Kind::Inline, name: inline.name.clone(), arn: None };
            let document = self.document(source, parsed(inline.document.raw()));
            Document { group: group.cloned(), ..document }
        });
        let attached = holder.attached.iter().map(|arn| self.managed(arn, group));
        inline.chain(attached).collect()
    }

    fn managed(&self, arn: &Untrusted, group: Option<&Untrusted>) -> Document {
        let policy = self.all.policy(arn.raw());
        let aws = policy.is_some_and(|p| p.is_aws_managed());
        let name = policy.map_or_else(
            || arn.raw().rsplit('/').next().unwrap_or_default().into(),
            |policy| policy.name.clone(),
        );
        let source = Source {
            kind: if aws { Kind::AwsManaged } else { Kind::Managed },
            name,
            arn: Some(arn.clone()),
        };
        let read = match self.studied.policies.managed(arn.raw()) {
            Some(read) => read.as_ref().map(Arc::clone).map_err(unread),
            None => Err(vec!["it is not among the policies that were listed".to_owned()]),
        };
        Document {
            group: group.cloned(),
            versions: policy.map_or(0, |p| p.versions.len()),
            ..self.document(source, read)
        }
    }

    fn document(&self, source: Source, policy: Result<Arc<Policy>, Vec<String>>) -> Document {
        let about = |at: &usize| self.studied.lints[*at].policy == source;
        let lints = self.lints.iter().copied().filter(about).collect();
        Document { source, group: None, policy, lints, versions: 0 }
    }

    fn storeys(&self) -> (Vec<Storey>, Option<Unbound>) {
        let unknown = |why: &str| (Vec::new(), Some(Unbound::Unknown(why.to_owned())));
        let (organization, policies) = match &*self.studied.above {
            Above::Nothing | Above::NotAsked => return (Vec::new(), Some(Unbound::NoOrganization)),
            Above::NotVisible(why) => return unknown(why),
            Above::Seen { organization, policies, .. } => (organization, policies),
        };
        let Some(account) = &self.all.account else {
            return unknown("nothing in the answer says which account it is");
        };
        if organization.management == *account {
            return (Vec::new(), Some(Unbound::Management));
        }
        let document = |policy: &&OrgPolicy| {
            let source = Source {
                kind: match policy.kind {
                    OrgPolicyKind::Scp => Kind::Scp,
                    OrgPolicyKind::Rcp => Kind::Rcp,
                },
                name: policy.name.clone(),
                arn: Some(policy.id.clone()),
            };
            let read = match policies.get(policy.id.raw()) {
                Some(read) => read.as_ref().map(Arc::clone).map_err(unread),
                None => Err(vec!["its text is not known".to_owned()]),
            };
            self.document(source, read)
        };
        let storeys: Vec<Storey> = organization
            .levels(account)
            .iter()
            .map(|level| Storey {
                name: level.name.clone(),
                account: level.target == account.as_str(),
                scps: level.scps.iter().map(document).collect(),
                rcps: level.rcps.iter().map(document).collect(),
            })
            .collect();
        if storeys.is_empty() {
            return unknown("where the account stands in the organization is not known");
        }
        (storeys, None)
    }
}

fn unread(unread: &Unread) -> Vec<String> {
    match &unread.why {
        Some(wrong) => wrong.mistakes.iter().map(ToString::to_string).collect(),
        None => vec!["its text was not told".to_owned()],
    }
}
