//! The typed values that playbook inputs and arguments have. A value is never pasted
//! into text that a machine reads.

use std::{collections::BTreeMap, fmt};

use serde_json::json;

use crate::{
    domain::{
        AccessKeyId, AccountId, InlineName, OrgTarget, PolicyArn, Principal, Region, RoleArn,
        RoleName, ScpId, SessionId, TrailArn, Usefulness, UserName, VersionId, Workflow,
    },
    policy::Policy,
};

/// The closed set of types: the name in playbook files, what a value holds, what it is.
macro_rules! types {
    ($($kind:ident $name:literal $value:ident($of:ty) $meaning:literal),+ $(,)?) => {
        /// The type of a value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ValueType { $($kind),+ }

        /// One typed value.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Value { $($value($of)),+ }

        impl ValueType {
            pub const ALL: &[ValueType] = &[$(ValueType::$kind),+];

            /// The name in playbook files.
            pub fn name(self) -> &'static str {
                match self { $(ValueType::$kind => $name),+ }
            }

            pub fn meaning(self) -> &'static str {
                match self { $(ValueType::$kind => $meaning),+ }
            }
        }

        impl Value {
            pub fn kind(&self) -> ValueType {
                match self { $(Value::$value(_) => ValueType::$kind),+ }
            }
        }
    };
}

types! {
    RoleName "role-name" Role(RoleName)
        "a role's name without its path",
    UserName "user-name" User(UserName)
        "a user's name without its path",
    AccessKeyId "access-key-id" Key(AccessKeyId)
        "an access key id, `AKIA…`",
    SessionId "session-id" Session(SessionId)
        "one session of a role: `AROA…:NAME` as in `aws:userid`, or `source-identity:WHO`",
    PolicyArn "policy-arn" Policy(PolicyArn)
        "a managed policy's ARN",
    PolicyName "policy-name" Inline(InlineName)
        "an inline policy's name",
    PolicyVersion "policy-version" Version(VersionId)
        "a managed policy's version, `v2`",
    PolicyDocument "policy-document" Document(String)
        "a policy as JSON text; on the command line also `@FILE`",
    TrustedPrincipal "trusted-principal" Trusted(String)
        "who a trust policy names: an ARN, an account id, a service or `*`",
    TrailArn "trail-arn" Trail(TrailArn)
        "a trail's ARN",
    Region "region" Region(Region)
        "a region, `us-east-1`",
    AccountId "account-id" Account(AccountId)
        "an account's 12 digits",
    ScpId "scp-id" Scp(ScpId)
        "a service control policy's id, `p-…`",
    OrgTarget "organization-target" Target(OrgTarget)
        "the root (`r-…`), a unit (`ou-…`) or an account of the organization",
    FindingIds "finding-ids" Findings(Vec<String>)
        "one or more finding ids (GuardDuty ids or ASFF Ids), apart by commas",
    WorkflowStatus "workflow-status" Workflow(Workflow)
        "NEW, NOTIFIED, RESOLVED or SUPPRESSED",
    Usefulness "usefulness" Usefulness(Usefulness)
        "USEFUL or NOT_USEFUL",
    BreakGlassRole "break-glass-role" Glass(GlassRole)
        "a break-glass role: its ARN, or the name of a configured one",
    Text "text" Text(String)
        "1 to 200 characters on one line",
}

/// A role for emergencies, as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlassRole {
    Arn(RoleArn),
    Name(RoleName),
}

impl std::str::FromStr for GlassRole {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s.starts_with("arn:") {
            true => s.parse().map(GlassRole::Arn),
            false => s.parse().map(GlassRole::Name),
        }
    }
}

impl ValueType {
    /// Reads a value as typed on a command line or in a file.
    ///
    /// # Errors
    /// What a value of this type looks like.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        Ok(match self {
            ValueType::RoleName => Value::Role(text.parse()?),
            ValueType::UserName => Value::User(text.parse()?),
            ValueType::AccessKeyId => Value::Key(text.parse()?),
            ValueType::SessionId => Value::Session(text.parse()?),
            ValueType::PolicyArn => Value::Policy(text.parse()?),
            ValueType::PolicyName => Value::Inline(text.parse()?),
            ValueType::PolicyVersion => Value::Version(text.parse()?),
            ValueType::PolicyDocument => Value::Document(document(text)?),
            ValueType::TrustedPrincipal => Value::Trusted(trusted(text)?),
            ValueType::TrailArn => Value::Trail(text.parse()?),
            ValueType::Region => Value::Region(text.parse()?),
            ValueType::AccountId => Value::Account(text.parse()?),
            ValueType::ScpId => Value::Scp(text.parse()?),
            ValueType::OrgTarget => Value::Target(text.parse()?),
            ValueType::WorkflowStatus => Value::Workflow(text.parse()?),
            ValueType::Usefulness => Value::Usefulness(text.parse()?),
            ValueType::FindingIds => Value::Findings(finding_ids(text)?),
            ValueType::BreakGlassRole => Value::Glass(text.parse()?),
            ValueType::Text => Value::Text(one_line(text, 200)?),
        })
    }
}

/// Longest policy text that is read: more than any policy of IAM or an organization can hold.
const LONGEST_POLICY: usize = 32_768;

/// A policy's text as it is given, once it is known to be a policy that IAM's charset can hold
/// (IAM, policyDocumentType: tab, line feed, carriage return and U+0020 to U+00FF).
fn document(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.len() > LONGEST_POLICY {
        return Err(format!("a policy has at most {LONGEST_POLICY} characters"));
    }
    let good = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}');
    if let Some(bad) = text.chars().find(|c| !good(*c)) {
        return Err(format!("IAM takes no U+{:04X} in a policy", u32::from(bad)));
    }
    match Policy::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(why) => Err(format!("this is no policy: {why}")),
    }
}

/// Whoever a trust policy can name: the text is compared with what stands there.
fn trusted(text: &str) -> Result<String, String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-:/*".contains(c);
    let text = text.trim();
    if (1..=2048).contains(&text.len()) && text.chars().all(good) {
        Ok(text.to_owned())
    } else {
        Err("who is trusted is an ARN, an account id, a service such as ec2.amazonaws.com, or *"
            .to_owned())
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

impl Value {
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
            Value::Session(id) => write!(f, "{id}"),
            Value::Policy(arn) => write!(f, "{arn}"),
            Value::Inline(name) => write!(f, "{name}"),
            Value::Version(id) => write!(f, "{id}"),
            Value::Trail(arn) => write!(f, "{arn}"),
            Value::Region(region) => write!(f, "{region}"),
            Value::Account(id) => write!(f, "{id}"),
            Value::Scp(id) => write!(f, "{id}"),
            Value::Target(id) => write!(f, "{id}"),
            Value::Glass(GlassRole::Arn(arn)) => write!(f, "{arn}"),
            Value::Glass(GlassRole::Name(name)) => write!(f, "{name}"),
            Value::Findings(ids) => f.write_str(&ids.join(",")),
            Value::Workflow(status) => f.write_str(status.word()),
            Value::Usefulness(useful) => f.write_str(useful.word()),
            Value::Document(text) | Value::Trusted(text) | Value::Text(text) => f.write_str(text),
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

/// The argument of a name, where it has the type that goes with it.
macro_rules! typed {
    ($($method:ident $key:literal $value:ident($of:ty)),+ $(,)?) => {
        $(pub fn $method(&self) -> Option<&$of> {
            match self.get($key)? {
                Value::$value(value) => Some(value),
                _ => None,
            }
        })+
    };
}

impl Args {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    typed! {
        role "role" Role(RoleName),
        user "user" User(UserName),
        key "key" Key(AccessKeyId),
        session "session" Session(SessionId),
        policy "policy" Policy(PolicyArn),
        inline "name" Inline(InlineName),
        version "version" Version(VersionId),
        trail "trail" Trail(TrailArn),
        region "region" Region(Region),
        account "account" Account(AccountId),
        scp "scp" Scp(ScpId),
        workflow "status" Workflow(Workflow),
        useful "useful" Usefulness(Usefulness),
    }

    pub fn findings(&self) -> &[String] {
        match self.get("findings") {
            Some(Value::Findings(ids)) => ids,
            _ => &[],
        }
    }

    /// A target in the organization, by the argument's name: there may be two.
    pub fn target(&self, name: &str) -> Option<&OrgTarget> {
        match self.get(name)? {
            Value::Target(id) => Some(id),
            _ => None,
        }
    }

    /// The user or role that is named.
    pub fn principal(&self) -> Option<Principal> {
        let role = self.role().cloned().map(Principal::Role);
        role.or_else(|| self.user().cloned().map(Principal::User))
    }

    /// The role of an `assume` step.
    pub fn glass(&self) -> Option<&GlassRole> {
        match self.get("role")? {
            Value::Glass(role) => Some(role),
            _ => None,
        }
    }

    pub fn document(&self) -> Option<&str> {
        match self.get("document")? {
            Value::Document(text) => Some(text),
            _ => None,
        }
    }

    pub fn trusted(&self) -> Option<&str> {
        match self.get("principal")? {
            Value::Trusted(text) => Some(text),
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
