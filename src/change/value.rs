//! The typed values that playbook inputs and arguments have. A value is never pasted
//! into text that a machine reads.

use std::{collections::BTreeMap, fmt};

use serde_json::json;

use crate::domain::{AccessKeyId, PolicyArn, RoleName, UserName, Workflow};

/// The closed set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    RoleName,
    UserName,
    AccessKeyId,
    PolicyArn,
    FindingIds,
    WorkflowStatus,
    Text,
}

impl ValueType {
    pub const ALL: [ValueType; 7] = [
        ValueType::RoleName,
        ValueType::UserName,
        ValueType::AccessKeyId,
        ValueType::PolicyArn,
        ValueType::FindingIds,
        ValueType::WorkflowStatus,
        ValueType::Text,
    ];

    /// The name in playbook files.
    pub fn name(self) -> &'static str {
        match self {
            ValueType::RoleName => "role-name",
            ValueType::UserName => "user-name",
            ValueType::AccessKeyId => "access-key-id",
            ValueType::PolicyArn => "policy-arn",
            ValueType::FindingIds => "finding-ids",
            ValueType::WorkflowStatus => "workflow-status",
            ValueType::Text => "text",
        }
    }

    pub fn meaning(self) -> &'static str {
        match self {
            ValueType::RoleName => "a role's name without its path",
            ValueType::UserName => "a user's name without its path",
            ValueType::AccessKeyId => "an access key id, `AKIA…`",
            ValueType::PolicyArn => "a managed policy's ARN",
            ValueType::FindingIds => {
                "one or more finding ids (GuardDuty ids or ASFF Ids), apart by commas"
            }
            ValueType::WorkflowStatus => "NEW, NOTIFIED, RESOLVED or SUPPRESSED",
            ValueType::Text => "1 to 200 characters on one line",
        }
    }

    /// Reads a value as typed on a command line or in a file.
    ///
    /// # Errors
    /// What a value of this type looks like.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        Ok(match self {
            ValueType::RoleName => Value::Role(text.parse()?),
            ValueType::UserName => Value::User(text.parse()?),
            ValueType::AccessKeyId => Value::Key(text.parse()?),
            ValueType::PolicyArn => Value::Policy(text.parse()?),
            ValueType::WorkflowStatus => Value::Workflow(text.parse()?),
            ValueType::FindingIds => Value::Findings(finding_ids(text)?),
            ValueType::Text => Value::Text(one_line(text, 200)?),
        })
    }
}

/// Most findings that one run takes: forty calls of GuardDuty's fifty.
const MOST_FINDINGS: usize = 2_000;
/// Longest ASFF `Id` (ASFF, required top-level attributes).
const LONGEST_ID: usize = 512;

fn finding_ids(text: &str) -> Result<Vec<String>, String> {
    let mut ids: Vec<String> = Vec::new();
    for id in text.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        if id.chars().count() > LONGEST_ID || id.chars().any(|c| c.is_control() || c == ' ') {
            return Err(format!(
                "a finding id has at most {LONGEST_ID} characters, without blanks"
            ));
        }
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    match ids.len() {
        0 => Err("at least one finding id is needed".to_owned()),
        1..=MOST_FINDINGS => Ok(ids),
        _ => Err(format!("at most {MOST_FINDINGS} findings at once")),
    }
}

/// Text of people: one line, nothing that a terminal hides or obeys.
pub fn one_line(text: &str, longest: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return Err(format!("text has 1 to {longest} characters"));
    }
    if crate::domain::untrusted::shown(text, usize::MAX).hidden {
        return Err("text is one line without control or hidden characters".to_owned());
    }
    Ok(text.to_owned())
}

/// One typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Role(RoleName),
    User(UserName),
    Key(AccessKeyId),
    Policy(PolicyArn),
    Findings(Vec<String>),
    Workflow(Workflow),
    Text(String),
}

impl Value {
    pub fn kind(&self) -> ValueType {
        match self {
            Value::Role(_) => ValueType::RoleName,
            Value::User(_) => ValueType::UserName,
            Value::Key(_) => ValueType::AccessKeyId,
            Value::Policy(_) => ValueType::PolicyArn,
            Value::Findings(_) => ValueType::FindingIds,
            Value::Workflow(_) => ValueType::WorkflowStatus,
            Value::Text(_) => ValueType::Text,
        }
    }

    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Findings(ids) => json!(ids),
            other => json!(other.to_string()),
        }
    }
}

/// As it would be typed. Finding ids may be foreign: sanitise before showing.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Role(name) => write!(f, "{name}"),
            Value::User(name) => write!(f, "{name}"),
            Value::Key(id) => write!(f, "{id}"),
            Value::Policy(arn) => write!(f, "{arn}"),
            Value::Findings(ids) => f.write_str(&ids.join(",")),
            Value::Workflow(status) => f.write_str(status.word()),
            Value::Text(text) => f.write_str(text),
        }
    }
}

/// One argument of a verb, a read or a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arg {
    pub name: &'static str,
    pub kind: ValueType,
    pub required: bool,
}

impl Arg {
    pub const fn needed(name: &'static str, kind: ValueType) -> Self {
        Self { name, kind, required: true }
    }

    pub const fn optional(name: &'static str, kind: ValueType) -> Self {
        Self { name, kind, required: false }
    }
}

/// Arguments by name. The reader of the playbook has checked their names and types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(pub BTreeMap<String, Value>);

impl Args {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub fn role(&self) -> Option<&RoleName> {
        match self.get("role")? {
            Value::Role(name) => Some(name),
            _ => None,
        }
    }

    pub fn user(&self) -> Option<&UserName> {
        match self.get("user")? {
            Value::User(name) => Some(name),
            _ => None,
        }
    }

    pub fn key(&self) -> Option<&AccessKeyId> {
        match self.get("key")? {
            Value::Key(id) => Some(id),
            _ => None,
        }
    }

    pub fn policy(&self) -> Option<&PolicyArn> {
        match self.get("policy")? {
            Value::Policy(arn) => Some(arn),
            _ => None,
        }
    }

    pub fn findings(&self) -> &[String] {
        match self.get("findings") {
            Some(Value::Findings(ids)) => ids,
            _ => &[],
        }
    }

    pub fn workflow(&self) -> Option<Workflow> {
        match self.get("status")? {
            Value::Workflow(status) => Some(*status),
            _ => None,
        }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_type() {
        assert_eq!(
            ValueType::FindingIds.parse("a, b,a"),
            Ok(Value::Findings(vec!["a".into(), "b".into()]))
        );
        for (kind, bad) in [
            (ValueType::FindingIds, " , "),
            (ValueType::FindingIds, "a b"),
            (ValueType::RoleName, "a/b"),
            (ValueType::Text, "a\u{202e}b"),
            (ValueType::Text, "a\nb"),
            (ValueType::Text, " "),
            (ValueType::WorkflowStatus, "new"),
            (ValueType::AccessKeyId, "{key}"),
        ] {
            assert!(kind.parse(bad).is_err(), "{kind:?} {bad:?}");
        }
    }
}
