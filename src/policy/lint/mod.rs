//! What is wrong with an account's policies, in plain sentences.
//!
//! Each rule looks either at a statement by itself, at a principal with all its policies
//! together (less what they deny, within its boundary), at a role's trust, or at a policy of
//! the organization. A condition that holds people back lowers the severity by one step and
//! is named. Nothing is asked of anybody: what is not in the account's details is not known.
//!
//! A finding of a policy that several principals hold is one finding that names them all.

mod administrator;
mod breadth;
mod census;
mod document;
mod escalation;
mod exposure;
mod federation;
mod grants;
mod narrowed;
mod organization;
mod paths;
mod principals;
#[cfg(test)]
mod tests;
mod trust;
mod watch;
mod wildcards;

use serde::Serialize;

pub use document::{Kind, Source};
pub use organization::organization;
pub use principals::account;

use document::Document;

use super::{
    Malformed,
    actions::{self, Action},
};
use crate::domain::{Band, Untrusted};

/// Something that a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// The ARNs of the users, groups and roles that it concerns, in the account's order; of a
    /// policy of the organization, the ids that it is attached to. Empty where nobody holds
    /// the policy.
    pub principals: Vec<Untrusted>,
    pub policy: Source,
    pub statement: Option<Place>,
    pub severity: Band,
    /// The rule's name, such as `resource-wildcard`.
    pub rule: &'static str,
    /// What is so. Safe to show: what it repeats of a policy went through the sanitiser.
    pub sentence: String,
    /// What to do about it. Safe to show.
    pub suggestion: String,
}

/// Where in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The statement's number, from 0; none where the document does not parse.
    pub index: Option<usize>,
    pub sid: Option<Untrusted>,
    /// From 1, in the document as it stands.
    pub line: usize,
    pub column: usize,
}

/// What a rule says; the document and who holds it are put to it later.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    statement: Option<usize>,
    severity: Band,
    rule: &'static str,
    sentence: String,
    suggestion: String,
}

/// A finding about a principal, and the document that decides.
struct Judged<'a> {
    document: &'a Document,
    finding: Finding,
}

/// Every rule's name and what it is about.
pub const RULES: &[(&str, &str)] = &[
    ("policy-malformed", "a document that is no policy"),
    ("administrator", "everything, or whatever it takes to get it, by all policies together"),
    ("privilege-escalation-policy", "permissions that it can write itself"),
    ("privilege-escalation-identity", "somebody else that it can become"),
    ("privilege-escalation-pass-role", "a role that it can pass to something that it controls"),
    ("privilege-escalation-existing-role", "something with a role that it can take over"),
    ("data-exposure", "data that it reads without limit"),
    ("credentials-exposure", "secrets and credentials that it gets without limit"),
    ("resource-exposure", "resources that it can open to others without limit"),
    ("action-everything", "every action on some resources"),
    ("action-wildcard", "actions by wildcard, and what they come to"),
    ("action-unknown", "actions that nobody knows"),
    ("not-action", "every action but some"),
    ("resource-wildcard", "every resource, for actions that could be limited"),
    ("not-resource", "every resource but some"),
    ("trust-everyone", "a role that anybody may assume"),
    ("trust-not-principal", "a role that everybody but some may assume"),
    ("trust-external-account", "a role that another account may assume"),
    ("trust-no-external-id", "the same, without an external id"),
    ("trust-gone-principal", "a role that trusts somebody who is gone"),
    ("trust-oidc-anybody", "a role that anybody with a login at an identity provider may assume"),
    ("trust-oidc-wildcard", "the same for many, by a wildcard"),
    ("trust-oidc-audience", "a token that was made for somebody else will do"),
    ("trust-confused-deputy", "a service that others may use to get at the role"),
    ("scp-no-exemption", "a denial of the organization that stops break-glass too"),
    ("scp-exemption-tag", "an exemption by a tag that others can set"),
    ("scp-exemption-name", "an exemption by a name that others can take"),
];

/// The findings of one identity policy by itself, as if somebody held it and nothing else.
pub fn policy(source: Source, text: &Untrusted) -> Vec<Lint> {
    let document = Document::read(source, text);
    principals::alone(&document)
}

impl Document {
    /// A finding with its place, for whoever it concerns.
    fn lint(&self, finding: Finding, principals: Vec<Untrusted>) -> Lint {
        let place = finding.statement.and_then(|at| {
            let statement = self.statements().get(at)?;
            Some(Place {
                index: Some(at),
                sid: statement.sid.as_deref().map(Untrusted::from),
                line: statement.line,
                column: statement.column,
            })
        });
        Lint {
            principals,
            policy: self.source.clone(),
            statement: place,
            severity: finding.severity,
            rule: finding.rule,
            sentence: finding.sentence,
            suggestion: finding.suggestion,
        }
    }

    /// A document that is no policy, as a finding: nothing in it counts.
    fn malformed(&self, wrong: &Malformed, principals: Vec<Untrusted>) -> Lint {
        let first = wrong.mistakes.first();
        let more = wrong.mistakes.len().saturating_sub(1);
        let what = first.map_or("", |m| m.what.as_str());
        let also = if more > 0 { format!(", and {more} more mistakes") } else { String::new() };
        Lint {
            principals,
            policy: self.source.clone(),
            statement: first.map(|m| Place {
                index: None,
                sid: None,
                line: m.line,
                column: m.column,
            }),
            severity: Band::High,
            rule: "policy-malformed",
            sentence: format!("is no policy, and was not looked at: {what}{also}"),
            suggestion: "write it anew: what it allows or denies cannot be told".to_owned(),
        }
    }
}

/// The forms of the ARNs that actions can be limited to, each once; the plainest first of
/// each action's.
fn forms_of(actions: &[&Action]) -> Vec<String> {
    // One more than a sentence names.
    const ENOUGH: usize = 5;
    let mut forms: Vec<&'static str> = Vec::with_capacity(ENOUGH);
    for action in actions {
        let own = action.forms();
        let mut order: Vec<&'static str> = own.iter().take(ENOUGH).map(|f| f.text).collect();
        // Of few that are alternatives the plainest; of many the order says what is required.
        if own.len() < 4 {
            order.sort_by_key(|text| text.len());
        }
        for form in order {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        if forms.len() >= ENOUGH {
            break;
        }
    }
    forms.into_iter().map(plain).collect()
}

fn forms(actions: &[&str]) -> Vec<String> {
    let known: Vec<&Action> = actions.iter().filter_map(|a| actions::find(a)).collect();
    forms_of(&known)
}

/// `arn:${Partition}:s3:::${BucketName}` as people write it: `arn:aws:s3:::BucketName`.
fn plain(form: &str) -> String {
    form.replace("${Partition}", "aws").replace("${", "").replace('}', "")
}

/// The worst first; then by policy and statement.
fn sort(lints: &mut [Lint]) {
    lints.sort_by(|a, b| {
        let key = |l: &Lint| (l.statement.as_ref().and_then(|p| p.index), l.rule);
        b.severity
            .cmp(&a.severity)
            .then_with(|| a.policy.name.cmp(&b.policy.name))
            .then_with(|| key(a).cmp(&key(b)))
    });
}
