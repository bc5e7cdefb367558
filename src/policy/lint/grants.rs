//! What a principal may do, all its policies together: less what they deny outright, and no
//! more than its permissions boundary allows.

use super::{
    breadth::Breadth,
    document::Document,
    narrowed::{Narrowed, listed},
    watch::{Id, Mention},
};
use crate::{
    domain::untrusted::display_in,
    policy::{Resources, Statement},
};

/// A user, group or role with the documents that it holds; or a policy that nobody holds.
pub struct Held<'a> {
    pub documents: Vec<&'a Document>,
    /// The permissions boundary, where it is known.
    pub boundary: Option<&'a Document>,
    /// The name of a boundary whose document is not there: it may stop anything.
    pub unseen: Option<String>,
}

/// The statement that allows an action most widely.
#[derive(Clone)]
pub struct Grant<'a> {
    pub document: &'a Document,
    pub statement: usize,
    pub breadth: Breadth,
    pub narrowed: Narrowed,
}

impl<'a> Grant<'a> {
    pub fn statement(&self) -> &'a Statement {
        &self.document.statements()[self.statement]
    }

    /// The same statement, under the same conditions.
    pub fn same_as(&self, other: &Grant<'_>) -> bool {
        self.same_statement(other) && self.narrowed == other.narrowed
    }

    pub fn same_statement(&self, other: &Grant<'_>) -> bool {
        std::ptr::eq(self.document, other.document) && self.statement == other.statement
    }

    /// Policy and statement, for a sentence.
    pub fn place(&self) -> String {
        let name = display_in(self.document.source.name.raw(), 64);
        format!("statement {} of {name}", self.statement)
    }

    /// The more of both, the better the grant.
    fn rank(&self) -> (bool, Breadth, bool) {
        (self.breadth.is_wide(), self.breadth, !self.narrowed.is_narrowed())
    }
}

impl<'a> Held<'a> {
    /// The widest grant of an action that is left.
    pub fn grant(&self, id: Id) -> Option<Grant<'a>> {
        self.grants(id).into_iter().max_by_key(Grant::rank)
    }

    /// Every grant of an action that is left.
    pub fn grants(&self, id: Id) -> Vec<Grant<'a>> {
        let mut grants = Vec::new();
        for document in &self.documents {
            for mention in document.facts().allows(id) {
                let Mention { statement, breadth } = mention;
                let narrowed = Narrowed::of(&document.statements()[statement]);
                grants.push(Grant { document, statement, breadth, narrowed });
            }
        }
        if grants.is_empty() {
            return grants;
        }
        if let Some(boundary) = self.boundary {
            let edge = boundary
                .facts()
                .allows(id)
                .map(|m| (m.breadth, Narrowed::of(&boundary.statements()[m.statement])));
            let Some((most, by)) = edge.max_by_key(|(b, n)| (*b, !n.is_narrowed())) else {
                return Vec::new();
            };
            for grant in &mut grants {
                grant.breadth = grant.breadth.min(most);
                grant.narrowed.by.extend(by.by.iter().cloned());
            }
        }
        if let Some(boundary) = &self.unseen {
            let may = format!(
                "its boundary {boundary}, which is not in the account's details, allows it"
            );
            grants.iter_mut().for_each(|g| g.narrowed.by.push(may.clone()));
        }
        for document in self.documents.iter().chain(&self.boundary) {
            for mention in document.facts().denies(id) {
                deny(&mut grants, mention.breadth, &document.statements()[mention.statement]);
            }
        }
        grants
    }
}

/// Takes away what a denial denies, as far as that can be told without a request.
fn deny(grants: &mut Vec<Grant<'_>>, breadth: Breadth, denial: &Statement) {
    let conditions = Narrowed::of(denial);
    let words: Vec<String> = conditions.by.into_iter().chain(conditions.idle).collect();
    let all_but = matches!(denial.resources, Some(Resources::AllBut(_)));
    grants.retain_mut(|grant| {
        if !words.is_empty() {
            if breadth.is_wide() {
                grant
                    .narrowed
                    .by
                    .push(format!("it is not denied because {}", listed(&words, " and ")));
            }
            return true;
        }
        if all_but {
            grant.breadth = grant.breadth.min(Breadth::Some);
            return true;
        }
        let same = breadth == Breadth::Own && grant.breadth == Breadth::Own;
        !breadth.is_wide() && !same
    });
}
