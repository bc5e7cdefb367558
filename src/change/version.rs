//! Versions of a managed policy: `iam:SetDefaultPolicyVersion`, `iam:CreatePolicyVersion`,
//! `iam:DeletePolicyVersion`. Whoever holds the policy follows the default one.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, document};
use crate::domain::{
    Change, PolicyArn, PolicyState, PolicyVersion, State, Subject, Verb, VersionId,
    untrusted::display_in,
};

/// IAM keeps this many versions (IAM user guide, "Versioning IAM policies").
pub const MOST: usize = 5;
/// Characters of a managed policy (IAM user guide, "IAM and AWS STS quotas"); blanks do not
/// count.
pub const LIMIT: usize = 6_144;
/// `Policy.UpdateDate` is when the newest version was made (IAM API reference).
const MOVED: &str = "UpdateDate: the policy's date becomes that of its newest version.";
/// What stands for the number that IAM will give.
const NEW: &str = "(new)";

pub const SET_DEFAULT: Spec = Spec {
    name: "iam.set_default_policy_version",
    service: "IAM",
    operation: "SetDefaultPolicyVersion",
    action: "iam:SetDefaultPolicyVersion",
    summary: "Make another version of a managed policy the one that counts.",
    args: &[
        Arg::needed("policy", ValueType::PolicyArn),
        Arg::needed("version", ValueType::PolicyVersion),
    ],
    risk: Risk::Reversible,
    wide_where: Some("more than one user, group or role holds the policy"),
    pitfalls: &[
        "Look at what the version says that comes into force: the attacker may have \
                 written it too.",
        "Live sessions follow it, after a few minutes at most.",
    ],
    scope: Scope::Iam,
    subject,
    verbs: set_default,
};

pub const CREATE: Spec = Spec {
    name: "iam.create_policy_version",
    operation: "CreatePolicyVersion",
    action: "iam:CreatePolicyVersion",
    summary: "Write a new version of a managed policy and make it the one that counts.",
    args: &[
        Arg::needed("policy", ValueType::PolicyArn),
        Arg::needed("document", ValueType::PolicyDocument),
    ],
    verbs: create,
    pitfalls: &[
        "What the policy allowed and the new version does not is refused to live sessions \
                 too, after a few minutes at most.",
        "IAM keeps five versions; the old ones stay until they are deleted.",
    ],
    ..SET_DEFAULT
};

pub const DELETE: Spec = Spec {
    name: "iam.delete_policy_version",
    operation: "DeletePolicyVersion",
    action: "iam:DeletePolicyVersion",
    summary: "Delete a version of a managed policy that is not the default one.",
    verbs: delete,
    wide_where: None,
    pitfalls: &["The version is evidence: its text is kept in the audit log."],
    ..SET_DEFAULT
};

fn subject(args: &Args, _: &[String]) -> Subject {
    Subject::Policy(args.policy().cloned().expect("INVARIANT: a required argument"))
}

fn policy(state: &State) -> Result<&PolicyState, String> {
    state.policy().ok_or_else(|| "this is no managed policy".to_owned())
}

fn named<'s>(
    args: &Args,
    state: &'s PolicyState,
) -> Result<(VersionId, &'s PolicyVersion), String> {
    let id = args.version().cloned().ok_or("a version is needed")?;
    let version = state.version(id.as_str());
    let version = version.ok_or_else(|| {
        let ids: Vec<String> = state.versions.iter().map(|v| display_in(v.id.raw(), 12)).collect();
        format!("{} has no version {id}; there are {}", state.policy.name(), ids.join(", "))
    })?;
    Ok((id, version))
}

fn set_default(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = policy(state)?;
    let (version, _) = named(args, state)?;
    if state.default.raw() == version.as_str() {
        return Ok(Vec::new());
    }
    Ok(vec![Verb::SetDefaultVersion { policy: state.policy.clone(), version }])
}

fn create(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = policy(state)?;
    let text = args.document().ok_or("a document is needed")?;
    let now = state.in_force().map(|v| document::meaning(v.document.raw()));
    if now == Some(document::meaning(text)) {
        return Ok(Vec::new());
    }
    let (policy, document) = (state.policy.clone(), text.to_owned());
    Ok(vec![Verb::CreateVersion { policy, document, set_default: true }])
}

fn delete(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let state = policy(state)?;
    let (version, _) = named(args, state)?;
    Ok(vec![Verb::DeleteVersion { policy: state.policy.clone(), version }])
}

/// What a verb does to the versions.
pub enum Step<'v> {
    Default(&'v VersionId),
    Create { document: &'v str, set_default: bool },
    Delete(&'v VersionId),
}

pub struct Versioning<'v> {
    pub policy: &'v PolicyArn,
    pub step: Step<'v>,
}

impl Facts for Versioning<'_> {
    fn spec(&self) -> &'static Spec {
        match self.step {
            Step::Default(_) => &SET_DEFAULT,
            Step::Create { .. } => &CREATE,
            Step::Delete(_) => &DELETE,
        }
    }

    fn subject(&self) -> Subject {
        Subject::Policy(self.policy.clone())
    }

    fn target(&self) -> String {
        self.policy.name().to_owned()
    }

    fn params(&self) -> Json {
        let arn = self.policy.as_str();
        match self.step {
            Step::Default(id) | Step::Delete(id) => {
                json!({"PolicyArn": arn, "VersionId": id.as_str()})
            }
            Step::Create { document, set_default } => {
                json!({"PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": set_default})
            }
        }
    }

    fn asks(&self, _: &Change, _: &State) -> Asked {
        Asked::new(self.spec().action, self.policy.as_str())
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::Policy(state) = &mut after {
            match self.step {
                Step::Default(id) => state.default = id.as_str().into(),
                Step::Create { document, set_default } => {
                    let (id, document) = (NEW.into(), document.into());
                    state.versions.push(PolicyVersion { id, created: None, document });
                    if set_default {
                        state.default = NEW.into();
                    }
                }
                Step::Delete(id) => state.versions.retain(|v| v.id.raw() != id.as_str()),
            }
        }
        after
    }

    /// The versions that there are, what each says, and which one counts.
    fn counts(&self, state: &State) -> Json {
        let Some(state) = state.policy() else { return Json::Null };
        let versions = state.versions.iter();
        let versions: Vec<Json> =
            versions.map(|v| json!([v.id, document::meaning(v.document.raw())])).collect();
        json!([state.policy, state.default, versions])
    }

    fn is_done(&self, before: &State, now: &State) -> bool {
        let Some(now) = now.policy() else { return false };
        let says = |v: &PolicyVersion, text: &str| {
            document::meaning(v.document.raw()) == document::meaning(text)
        };
        match self.step {
            Step::Default(id) => now.default.raw() == id.as_str(),
            Step::Create { document, set_default: true } => {
                now.in_force().is_some_and(|v| says(v, document))
            }
            Step::Create { document, set_default: false } => {
                let known = before.policy().map(|p| p.versions.as_slice()).unwrap_or_default();
                let new = |v: &&PolicyVersion| known.iter().all(|k| k.id != v.id);
                now.versions.iter().filter(new).any(|v| says(v, document))
            }
            Step::Delete(id) => now.version(id.as_str()).is_none(),
        }
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = state.policy() else { return Vec::new() };
        let mut lines = Vec::new();
        for version in &state.versions {
            let id = display_in(version.id.raw(), 12);
            if version.id == state.default {
                lines.push(format!("{id}, the default:"));
                lines.extend(document::lines(version.document.raw()));
            } else {
                lines.push(format!("{id}, not in use"));
            }
        }
        lines
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let Some(state) = before.policy() else { return Vec::new() };
        let policy = self.policy.clone();
        let back = || {
            let version = state.default.raw().parse().ok()?;
            Some(Verb::SetDefaultVersion { policy: policy.clone(), version })
        };
        match self.step {
            Step::Default(id) if state.default.raw() == id.as_str() => Vec::new(),
            Step::Default(_) | Step::Create { set_default: true, .. } => {
                back().into_iter().collect()
            }
            Step::Create { set_default: false, .. } => Vec::new(),
            Step::Delete(id) => match state.version(id.as_str()) {
                Some(version) => vec![Verb::CreateVersion {
                    policy,
                    document: version.document.raw().to_owned(),
                    set_default: false,
                }],
                None => Vec::new(),
            },
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        match self.step {
            Step::Default(_) => Vec::new(),
            Step::Create { .. } => vec![
                "PolicyVersion: the new version stays, not in use; IAM gives its number once."
                    .to_owned(),
                MOVED.to_owned(),
            ],
            Step::Delete(_) => vec![
                "VersionId: the version comes back under a new number and date.".to_owned(),
                MOVED.to_owned(),
            ],
        }
    }

    /// Everybody who holds the policy is hit.
    fn risk(&self, before: &State) -> Risk {
        let holders = before.policy().map_or(0, |p| p.attachments);
        match self.step {
            Step::Delete(_) | Step::Create { set_default: false, .. } => Risk::Reversible,
            Step::Default(_) | Step::Create { .. } if holders > 1 => Risk::Wide,
            Step::Default(_) | Step::Create { .. } => Risk::Reversible,
        }
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let Some(state) = before.policy() else { return Vec::new() };
        let name = state.policy.name();
        vec![match state.attachments {
            0 => format!("{name} is attached to nobody."),
            1 => format!("{name} is attached to one user, group or role, which follows at once."),
            n => format!("{name} is attached to {n} users, groups and roles: all follow at once."),
        }]
    }

    fn impossible(&self, before: &State) -> Option<String> {
        if self.policy.is_of_aws() {
            return Some(format!("{} is AWS's own policy: nobody else can change it", self.policy));
        }
        let state = before.policy()?;
        match self.step {
            Step::Create { .. } if state.versions.len() >= MOST => Some(format!(
                "{} has {MOST} versions, and IAM keeps no more: delete one that is not in use \
                 (iam.delete_policy_version)",
                state.policy.name()
            )),
            Step::Create { document, .. } if document::size(document) > LIMIT => Some(format!(
                "a managed policy has at most {LIMIT} characters; this one has {}",
                document::size(document)
            )),
            Step::Delete(id) if state.default.raw() == id.as_str() => {
                Some(format!("{id} is the default version: make another one the default first"))
            }
            _ => None,
        }
    }
}
