//! The exemption that would fix it: a statement with one more condition, or one more value
//! of a condition that it has, and proof by evaluation that it does that and nothing else.

use serde_json::{Map, Value, json};

use super::{
    exemption::{STRANGER, TagRisk, Taken, risk, stranger, tag_of, taken},
    stack::{Attached, Stack},
    trial::{Breaks, Subject, Trial, unhindered},
};
use crate::{
    domain::{Untrusted, organization::OrgPolicyKind},
    policy::{Base, Caller, Named, Policies, Policy, Statement},
};

/// The longest service or resource control policy, in characters (Organizations user guide,
/// "Quotas for AWS Organizations").
const MOST_CHARACTERS: usize = 5_120;

/// How a statement would be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub way: Way,
    /// What is added, as a sentence.
    pub added: Untrusted,
    /// The statement as it would be, or the one to be added.
    pub statement: Value,
    /// Whom it lets through.
    pub lets_through: Untrusted,
    pub warnings: Vec<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a tag that the role has.
    Tag { key: Untrusted, value: Untrusted },
    /// By the role's ARN.
    Arn,
    /// A statement more, which allows.
    Allow,
}

/// What all fixes of one analysis are made from.
pub(super) struct Mender<'m> {
    pub trial: &'m Trial<'m>,
    pub stack: &'m Stack,
    pub subject: &'m Subject,
    pub role: &'m Caller,
    /// Tags of the role that could exempt it, the organization's own exemption tags first,
    /// each with who can have it.
    pub tags: Vec<TagRisk>,
}

impl<'m> Mender<'m> {
    pub fn new(
        trial: &'m Trial<'m>,
        stack: &'m Stack,
        subject: &'m Subject,
        role: &'m Caller,
    ) -> Self {
        let mut chosen: Vec<(String, String)> = Vec::new();
        let own = subject.tags.iter().flatten();
        let used = stack.statements().filter(|(_, s)| !s.is_allow()).flat_map(|(_, s)| {
            s.conditions
                .iter()
                .filter(|t| t.operator.negated && taken(trial, role, t) == Taken::Out)
        });
        for (key, _) in used.filter_map(tag_of) {
            let has = own.clone().find(|(k, _)| k.eq_ignore_ascii_case(key));
            chosen.extend(has.cloned());
        }
        chosen.extend(own.filter(|(key, value)| is_for_emergencies(key, value)).cloned());
        let mut seen = std::collections::HashSet::new();
        chosen.retain(|(key, _)| seen.insert(key.to_ascii_lowercase()));
        let tags = chosen.iter().map(|(key, value)| risk(trial, stack, key, value)).collect();
        Self { trial, stack, subject, role, tags }
    }

    /// Every exemption of the role from a Deny that evaluation confirms, the best first: by a
    /// tag that not everybody can have, by the ARN, by any tag.
    pub fn fixes(&self, attached: &Attached, at: usize) -> Vec<Fix> {
        let Ok(policy) = &attached.read else { return Vec::new() };
        let statement = &policy.statements[at];
        let by_tag = |risk: &TagRisk| {
            let key = format!("aws:PrincipalTag/{}", risk.key.raw());
            let statement = with_exception(statement, "StringNotEquals", &key, risk.value.raw());
            let (k, v) = (risk.key.raw(), risk.value.raw());
            let mut warnings = Vec::new();
            if !risk.open.is_empty() {
                let calls = risk.open.join(", ");
                warnings.push(
                    format!(
                        "anybody who may call {calls} can take on the tag {k}: deny that first"
                    )
                    .into(),
                );
            }
            Fix {
                way: Way::Tag { key: risk.key.clone(), value: risk.value.clone() },
                added: format!("unless {key} is {v}").into(),
                statement,
                lets_through: format!(
                    "every principal of the accounts below that has the tag {k} = {v}, and \
                     every session that brings it"
                )
                .into(),
                warnings,
            }
        };
        let arn = Fix {
            way: Way::Arn,
            added: format!("unless aws:PrincipalArn is {}", self.subject.arn).into(),
            statement: with_exception(
                statement,
                "ArnNotLike",
                "aws:PrincipalArn",
                &self.subject.arn,
            ),
            lets_through: format!("every session of {}, and nobody else", self.subject.arn).into(),
            warnings: Vec::new(),
        };
        let (safe, open): (Vec<_>, Vec<_>) =
            self.tags.iter().partition(|r| r.open.is_empty() && r.unknown.is_empty());
        let candidates =
            safe.into_iter().map(by_tag).chain([arn]).chain(open.into_iter().map(by_tag));
        candidates
            .filter(|fix| self.holds(attached.kind, statement, fix))
            .map(|fix| with_warnings(fix, attached, policy, at))
            .collect()
    }

    /// A statement that allows what a level does not, confirmed the same way.
    pub fn allowing(&self, level: &[Attached], lacking: &[Breaks]) -> Option<Fix> {
        let mut actions: Vec<&str> = lacking.iter().map(|b| b.call.action).collect();
        actions.sort_unstable();
        actions.dedup();
        let statement = json!({
            "Sid": "BreakGlass",
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
            "Condition": {"ArnLike": {"aws:PrincipalArn": self.subject.arn}},
        });
        let added = read(&statement)?;
        let mut with = allows(level);
        with.push(added);
        let (before, after) = (layer(allows(level)), layer(with));
        let confirmed = self.trial.lacking(self.role, &after).is_empty()
            && self.strangers().iter().all(|stranger| {
                self.trial.lacking(stranger, &before) == self.trial.lacking(stranger, &after)
            });
        let fix = Fix {
            way: Way::Allow,
            added: format!("allow {} calls of the job to {}", actions.len(), self.subject.arn)
                .into(),
            statement,
            lets_through: format!("every session of {}, and nobody else", self.subject.arn).into(),
            warnings: Vec::new(),
        };
        confirmed.then_some(fix)
    }

    /// Whether the amended statement denies the role nothing any more, and strangers what it
    /// denied them before.
    fn holds(&self, kind: OrgPolicyKind, was: &Statement, fix: &Fix) -> bool {
        let Some(amended) = read(&fix.statement) else { return false };
        let [amended] = &amended.policy.statements[..] else { return false };
        self.trial.breaks(self.role, amended, kind).is_empty()
            && self.strangers().iter().all(|stranger| {
                self.trial.breaks(stranger, was, kind) == self.trial.breaks(stranger, amended, kind)
            })
    }

    /// Somebody without tags, and somebody whose tags have other values.
    fn strangers(&self) -> Vec<Caller> {
        let other = |risk: &TagRisk| (risk.key.raw().to_owned(), STRANGER.to_owned());
        let tagged = self.tags.iter().map(other).collect();
        [Vec::new(), tagged].into_iter().filter_map(|tags| stranger(self.trial, tags)).collect()
    }

    /// Whether the whole job is let through once the first fix of each is made.
    pub fn repaired(
        &self,
        fixes: &[(usize, usize, usize, &Fix)],
        allows: &[(usize, &Fix)],
    ) -> bool {
        let mut stack = self.stack.clone();
        for (level, policy, at, fix) in fixes {
            let Some(statement) = read(&fix.statement) else { return false };
            let Ok(read) = &mut stack.levels[*level].policies[*policy].read else { return false };
            let read = std::sync::Arc::make_mut(read);
            read.statements[*at] = statement.policy.statements[0].clone();
        }
        let mut policies = stack.policies();
        for (level, fix) in allows {
            let Some(statement) = read(&fix.statement) else { return false };
            policies.scps[*level].push(statement);
        }
        self.trial.lacking(self.role, &unhindered(policies)).is_empty()
    }
}

/// The Allow statements of a level's service control policies.
pub(super) fn allows(level: &[Attached]) -> Vec<Named> {
    let scps = level.iter().filter(|p| p.kind == OrgPolicyKind::Scp);
    scps.filter_map(|p| p.read.as_ref().ok())
        .map(|policy| {
            let statements = policy.statements.iter().filter(|s| s.is_allow()).cloned().collect();
            Named::new("", Policy { statements, ..(**policy).clone() })
        })
        .collect()
}

/// One level by itself.
pub(super) fn layer(scps: Vec<Named>) -> Policies {
    unhindered(Policies { scps: vec![scps], ..Policies::default() })
}

fn read(statement: &Value) -> Option<Named> {
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    Policy::parse(&document.to_string()).ok().map(|policy| Named::new("", policy))
}

/// Whether a tag, or a name with any value, says that a role is for emergencies.
pub fn is_for_emergencies(key: &str, value: &str) -> bool {
    let plain: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.to_lowercase();
    let says_no = ["", "false", "no", "0"].contains(&value.to_lowercase().as_str());
    (plain.contains("breakglass") || plain.contains("emergency")) && !says_no
}

/// The statement with one who is left out: as another value of a condition of this kind that
/// it has, else as a condition more.
fn with_exception(statement: &Statement, operator: &str, key: &str, value: &str) -> Value {
    let same = statement.conditions.iter().find(|test| {
        let o = test.operator;
        let text = matches!(o.base, Base::Arn | Base::StringEquals | Base::StringLike);
        test.folded_key() == key.to_ascii_lowercase() && o.negated && o.quantifier.is_none() && text
    });
    let (operator, key) = match same {
        Some(test) => (&*test.operator_text, &*test.key),
        None => (operator, key),
    };
    let mut out = statement.to_json();
    let conditions = entry(&mut out, "Condition");
    let tests = entry(conditions, operator);
    let tests = tests.as_object_mut().expect("INVARIANT: an operator holds an object");
    let name = tests.keys().find(|k| k.eq_ignore_ascii_case(key)).cloned();
    let name = name.unwrap_or_else(|| key.to_owned());
    let values = tests.remove(&name);
    let values = match values {
        None => value.into(),
        Some(Value::Array(mut all)) => {
            all.push(value.into());
            Value::Array(all)
        }
        Some(one) => json!([one, value]),
    };
    tests.insert(name, values);
    out
}

/// A member of an object, by its name in any case; made where there is none.
fn entry<'v>(object: &'v mut Value, name: &str) -> &'v mut Value {
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let members = object.as_object_mut().expect("INVARIANT: made one above");
    let known = members.keys().find(|k| k.eq_ignore_ascii_case(name)).cloned();
    members.entry(known.unwrap_or_else(|| name.to_owned())).or_insert_with(|| json!({}))
}

/// What stands in the way of making the change.
fn with_warnings(mut fix: Fix, attached: &Attached, policy: &Policy, at: usize) -> Fix {
    if attached.aws_managed {
        fix.warnings.push("AWS wrote this policy: put a copy of yours in its place".into());
    }
    let mut whole = policy.to_json();
    if let Some(statements) = whole.get_mut("Statement") {
        match statements {
            Value::Array(all) => all[at] = fix.statement.clone(),
            one => *one = fix.statement.clone(),
        }
    }
    let characters = whole.to_string().chars().count();
    if characters > MOST_CHARACTERS {
        fix.warnings.push(
            format!(
                "the policy would have {characters} characters; at most {MOST_CHARACTERS} are taken"
            )
            .into(),
        );
    }
    fix
}
