//! An account's users, groups and roles with all that they hold.

use std::collections::HashMap;

use super::{
    Finding, Judged, Lint, administrator,
    document::{Document, Kind, Source},
    escalation, exposure,
    grants::Held,
    sort, trust, wildcards,
};
use crate::domain::{
    Untrusted,
    authorization::{Authorization, Holder, Inline, ManagedPolicy},
    organization::Organization,
    untrusted::display_in,
};

/// Every finding of an account, the worst first. Accounts of the organization, where it is
/// known, count as the account's own when it comes to trust.
pub fn account(account: &Authorization, organization: Option<&Organization>) -> Vec<Lint> {
    let inline: Vec<Vec<Document>> = account.holders().map(|h| inline(&h.inline)).collect();
    let managed: Vec<Document> = account.policies.iter().filter_map(managed).collect();
    let by_arn: HashMap<&str, &Document> =
        managed.iter().filter_map(|d| Some((d.source.arn.as_ref()?.raw(), d))).collect();
    let holders: Vec<&Holder> = account.holders().collect();
    let trusts: Vec<Document> = account.roles.iter().map(trust_of).collect();
    let mut found = Found::default();

    let own = |at: usize| -> Vec<&Document> {
        let attached = holders[at].attached.iter().filter_map(|arn| by_arn.get(arn.raw()).copied());
        inline[at].iter().chain(attached).collect()
    };
    // By itself, each document once, whoever holds it.
    let mut held_by: HashMap<*const Document, Vec<usize>> = HashMap::new();
    for at in 0..holders.len() {
        for document in own(at) {
            held_by.entry(document).or_default().push(at);
        }
    }
    for document in inline.iter().flatten().chain(&managed) {
        let who = held_by.get(&std::ptr::from_ref(document)).cloned().unwrap_or_default();
        found.by_itself(document, &who);
        if who.is_empty() {
            for judged in
                together(&Held { documents: vec![document], boundary: None, unseen: None })
            {
                found.add(judged, None);
            }
        }
    }
    // All of a principal's together; a user has those of its groups too.
    let group_at = |name: &Untrusted| {
        let at = account.groups.iter().position(|g| g.holder.name == *name)?;
        Some(account.users.len() + at)
    };
    for (at, holder) in holders.iter().enumerate() {
        let mut documents = own(at);
        if let Some(user) = account.users.get(at) {
            for group in user.groups.iter().filter_map(group_at) {
                documents.extend(own(group));
            }
        }
        let boundary = holder.boundary.as_ref().and_then(|arn| by_arn.get(arn.raw()).copied());
        let unseen = holder.boundary.as_ref().filter(|_| boundary.is_none());
        let unseen = unseen.map(|arn| display_in(arn.raw(), 80));
        for judged in together(&Held { documents, boundary, unseen }) {
            found.add(judged, Some(at));
        }
    }
    // Who may become a role.
    let first_role = holders.len() - account.roles.len();
    for (nth, (role, document)) in account.roles.iter().zip(&trusts).enumerate() {
        let at = Some(first_role + nth);
        match &document.policy {
            Ok(policy) => {
                let mut findings = Vec::new();
                let home = trust::Home {
                    account: account.account.as_ref(),
                    organization,
                    service_linked: role.is_service_linked(),
                };
                trust::judge(policy, &home, &mut findings);
                for finding in findings {
                    found.add(Judged { document, finding }, at);
                }
            }
            Err(_) => found.malformed(document, at.as_slice()),
        }
    }
    let mut lints = found.lints(&holders);
    sort(&mut lints);
    lints
}

/// A document by itself, as if somebody held it and nothing else.
pub fn alone(document: &Document) -> Vec<Lint> {
    let mut found = Found::default();
    found.by_itself(document, &[]);
    for judged in together(&Held { documents: vec![document], boundary: None, unseen: None }) {
        found.add(judged, None);
    }
    let mut lints = found.lints(&[]);
    sort(&mut lints);
    lints
}

/// What the rules say of all that a principal holds.
fn together<'a>(held: &Held<'a>) -> Vec<Judged<'a>> {
    let mut out = Vec::new();
    if !administrator::judge(held, &mut out) {
        escalation::judge(held, &mut out);
        exposure::judge(held, &mut out);
    }
    out
}

fn inline(policies: &[Inline]) -> Vec<Document> {
    let read = |p: &'_ Inline| Source { kind: Kind::Inline, name: p.name.clone(), arn: None };
    policies.iter().map(|p| Document::read(read(p), &p.document)).collect()
}

fn managed(policy: &ManagedPolicy) -> Option<Document> {
    let kind = if policy.is_aws_managed() { Kind::AwsManaged } else { Kind::Managed };
    let source = Source { kind, name: policy.name.clone(), arn: Some(policy.arn.clone()) };
    Some(Document::read(source, policy.document()?))
}

fn trust_of(role: &crate::domain::authorization::Role) -> Document {
    let source = Source { kind: Kind::Trust, name: role.holder.name.clone(), arn: None };
    Document::read(source, &role.trust)
}

/// Findings, those that say the same of the same document being one.
#[derive(Default)]
struct Found<'a> {
    all: Vec<(Judged<'a>, Vec<usize>)>,
    known: HashMap<(*const Document, Option<usize>, &'static str, String), usize>,
    malformed: Vec<(&'a Document, Vec<usize>)>,
}

impl<'a> Found<'a> {
    fn by_itself(&mut self, document: &'a Document, who: &[usize]) {
        let Ok(policy) = &document.policy else { return self.malformed(document, who) };
        let mut findings: Vec<Finding> = Vec::new();
        wildcards::judge(policy, &mut findings);
        for finding in findings {
            self.all.push((Judged { document, finding }, who.to_vec()));
        }
    }

    fn malformed(&mut self, document: &'a Document, who: &[usize]) {
        self.malformed.push((document, who.to_vec()));
    }

    fn add(&mut self, judged: Judged<'a>, who: Option<usize>) {
        let Finding { statement, rule, sentence, .. } = &judged.finding;
        let key = (std::ptr::from_ref(judged.document), *statement, *rule, sentence.clone());
        let at = *self.known.entry(key).or_insert_with(|| {
            self.all.push((judged, Vec::new()));
            self.all.len() - 1
        });
        self.all[at].1.extend(who);
    }

    fn lints(self, holders: &[&Holder]) -> Vec<Lint> {
        let arns = |who: Vec<usize>| -> Vec<Untrusted> {
            let holders = who.into_iter().filter_map(|at| holders.get(at));
            holders.map(|h| h.arn.clone()).collect()
        };
        let mut lints: Vec<Lint> = self
            .all
            .into_iter()
            .map(|(judged, who)| judged.document.lint(judged.finding, arns(who)))
            .collect();
        for (document, who) in self.malformed {
            if let Err(wrong) = &document.policy {
                lints.push(document.malformed(wrong, arns(who)));
            }
        }
        lints
    }
}
