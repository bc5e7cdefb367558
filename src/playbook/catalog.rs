//! What playbooks can read and check: closed sets, like the verbs of `change`.

use crate::{
    change::{Arg, Args, ValueType},
    domain::{KeyStatus, Principal, Source, State, Subject},
};

pub struct ReadSpec {
    pub name: &'static str,
    pub summary: &'static str,
    pub args: &'static [Arg],
    /// The service that the findings of its arguments belong to; none where it is about IAM.
    pub findings: Option<Source>,
    pub(super) subject: fn(&Args, &[String]) -> Subject,
}

pub struct CheckSpec {
    pub read: ReadSpec,
    /// Whether it holds, and why, in a sentence.
    pub(super) judge: fn(&State) -> (bool, String),
}

macro_rules! named {
    ($spec:ident, $name:expr) => {
        impl std::fmt::Debug for $spec {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($name(self))
            }
        }
        impl PartialEq for $spec {
            fn eq(&self, other: &Self) -> bool {
                $name(self) == $name(other)
            }
        }
    };
}
named!(ReadSpec, |s: &ReadSpec| s.name);
named!(CheckSpec, |s: &CheckSpec| s.read.name);

const ROLE: Arg = Arg::needed("role", ValueType::RoleName);
const USER: Arg = Arg::needed("user", ValueType::UserName);
const KEY: Arg = Arg::needed("key", ValueType::AccessKeyId);
const POLICY: Arg = Arg::needed("policy", ValueType::PolicyArn);
const FINDINGS: Arg = Arg::needed("findings", ValueType::FindingIds);

pub const READS: &[ReadSpec] = &[
    ReadSpec {
        name: "iam.access_key",
        summary: "Whose key it is, whether it is active, when it was used last, and the user's other keys.",
        args: &[KEY],
        findings: None,
        subject: key,
    },
    ReadSpec {
        name: "iam.role",
        summary: "The role with its attached and inline policies, boundary and last use.",
        args: &[ROLE],
        findings: None,
        subject: principal,
    },
    ReadSpec {
        name: "iam.user",
        summary: "The user with attached and inline policies, boundary and last sign-in.",
        args: &[USER],
        findings: None,
        subject: principal,
    },
    ReadSpec {
        name: "iam.role_policy",
        summary: "Whether the policy is attached to the role, and what its default version says.",
        args: &[ROLE, POLICY],
        findings: None,
        subject: attachment,
    },
    ReadSpec {
        name: "iam.user_policy",
        summary: "Whether the policy is attached to the user, and what its default version says.",
        args: &[USER, POLICY],
        findings: None,
        subject: attachment,
    },
    ReadSpec {
        name: "guardduty.findings",
        summary: "GuardDuty's state of the findings.",
        args: &[FINDINGS],
        findings: Some(Source::GuardDuty),
        subject: guardduty,
    },
    ReadSpec {
        name: "securityhub.findings",
        summary: "Security Hub's workflow status and note of the findings.",
        args: &[FINDINGS],
        findings: Some(Source::SecurityHub),
        subject: securityhub,
    },
];

pub const CHECKS: &[CheckSpec] = &[
    CheckSpec {
        read: ReadSpec {
            name: "iam.key_is_active",
            summary: "The access key is active.",
            args: &[KEY],
            findings: None,
            subject: key,
        },
        judge: |state| match state.key() {
            Some(key) => (
                key.status == KeyStatus::Active,
                format!("{} of user {} is {}", key.key, key.user, key.status.word()),
            ),
            None => (false, "this is no access key".to_owned()),
        },
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.role_policy_is_wildcard",
            summary: "The policy's default version allows every action on every resource.",
            args: &[ROLE, POLICY],
            findings: None,
            subject: attachment,
        },
        judge: wildcard,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.user_policy_is_wildcard",
            summary: "The policy's default version allows every action on every resource.",
            args: &[USER, POLICY],
            findings: None,
            subject: attachment,
        },
        judge: wildcard,
    },
    CheckSpec {
        read: ReadSpec {
            name: "guardduty.is_administrator",
            summary: "The findings are asked for in GuardDuty's administrator account, or in one \
                      that has none: only there they can be archived.",
            args: &[FINDINGS],
            findings: Some(Source::GuardDuty),
            subject: guardduty,
        },
        judge: |state| match state.guardduty().and_then(|s| s.administrator.as_ref()) {
            Some(other) => {
                let other = crate::domain::untrusted::display_in(other.raw(), 20);
                (false, format!("a member account; the administrator is {other}"))
            }
            None => (true, "this account may archive".to_owned()),
        },
    },
];

fn key(args: &Args, _: &[String]) -> Subject {
    Subject::AccessKey(args.key().cloned().expect("INVARIANT: a required argument"))
}

fn who(args: &Args) -> Principal {
    let role = args.role().cloned().map(Principal::Role);
    role.or_else(|| args.user().cloned().map(Principal::User))
        .expect("INVARIANT: a required argument")
}

fn principal(args: &Args, _: &[String]) -> Subject {
    Subject::Principal(who(args))
}

fn attachment(args: &Args, _: &[String]) -> Subject {
    let policy = args.policy().cloned().expect("INVARIANT: a required argument");
    Subject::Attachment { to: who(args), policy }
}

fn guardduty(_: &Args, ids: &[String]) -> Subject {
    Subject::GuardDuty { ids: ids.to_vec() }
}

fn securityhub(_: &Args, ids: &[String]) -> Subject {
    Subject::SecurityHub { ids: ids.to_vec() }
}

/// A statement that allows all actions on all resources, whatever else it says. This asks
/// for the plain case only: what a policy really allows is the policy engine's to say.
fn wildcard(state: &State) -> (bool, String) {
    let Some(state) = state.attachment() else { return (false, "no such policy".to_owned()) };
    let name = state.policy.name();
    let document: serde_json::Value = match serde_json::from_str(state.document.raw()) {
        Ok(document) => document,
        Err(_) => return (false, format!("the document of {name} cannot be read")),
    };
    let statements = match &document["Statement"] {
        serde_json::Value::Array(many) => many.iter().collect(),
        one => vec![one],
    };
    let all = |value: &serde_json::Value, words: &[&str]| {
        let is = |v: &serde_json::Value| v.as_str().is_some_and(|s| words.contains(&s));
        is(value) || value.as_array().is_some_and(|many| many.iter().any(is))
    };
    let found = statements.iter().position(|s| {
        s["Effect"] == "Allow" && all(&s["Action"], &["*", "*:*"]) && all(&s["Resource"], &["*"])
    });
    match found {
        Some(at) => (true, format!("statement {at} of {name} allows * on *")),
        None => (false, format!("no statement of {name} allows * on *")),
    }
}
