//! What playbooks can read and check: closed sets, like the verbs of `change`.

use super::judge;
use crate::{
    change::{Arg, Args, Scope, ValueType},
    domain::{Principal, Source, State, Subject, UserName},
};

pub struct ReadSpec {
    pub name: &'static str,
    pub summary: &'static str,
    pub args: &'static [Arg],
    pub scope: Scope,
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
const TRAIL: Arg = Arg::needed("trail", ValueType::TrailArn);
const REGION: Arg = Arg::needed("region", ValueType::Region);
const SCP: Arg = Arg::needed("scp", ValueType::ScpId);
const TARGET: Arg = Arg::needed("target", ValueType::OrgTarget);
const ACCOUNT: Arg = Arg::needed("account", ValueType::AccountId);
const TO: Arg = Arg::needed("to", ValueType::OrgTarget);
const FINDINGS: Arg = Arg::needed("findings", ValueType::FindingIds);

pub const READS: &[ReadSpec] = &[
    ReadSpec {
        name: "iam.access_key",
        summary: "Whose key it is, whether it is active, when it was used last, and the user's other keys.",
        args: &[KEY],
        scope: Scope::Iam,
        subject: key,
    },
    ReadSpec {
        name: "iam.role",
        summary: "The role with its attached and inline policies, boundary and last use.",
        args: &[ROLE],
        scope: Scope::Iam,
        subject: principal,
    },
    ReadSpec {
        name: "iam.user",
        summary: "The user with attached and inline policies, boundary and last sign-in.",
        args: &[USER],
        scope: Scope::Iam,
        subject: principal,
    },
    ReadSpec {
        name: "iam.role_policy",
        summary: "Whether the policy is attached to the role, and what its default version says.",
        args: &[ROLE, POLICY],
        scope: Scope::Iam,
        subject: attachment,
    },
    ReadSpec {
        name: "iam.user_policy",
        summary: "Whether the policy is attached to the user, and what its default version says.",
        args: &[USER, POLICY],
        scope: Scope::Iam,
        subject: attachment,
    },
    ReadSpec {
        name: "guardduty.findings",
        summary: "GuardDuty's state of the findings.",
        args: &[FINDINGS],
        scope: Scope::Findings(Source::GuardDuty),
        subject: guardduty,
    },
    ReadSpec {
        name: "securityhub.findings",
        summary: "Security Hub's workflow status and note of the findings.",
        args: &[FINDINGS],
        scope: Scope::Findings(Source::SecurityHub),
        subject: securityhub,
    },
    ReadSpec {
        name: "iam.user_keys",
        summary: "Every access key of the user, with its last use.",
        args: &[USER],
        scope: Scope::Iam,
        subject: user_keys,
    },
    ReadSpec {
        name: "iam.login_profile",
        summary: "Whether the user has a console password, and which MFA devices.",
        args: &[USER],
        scope: Scope::Iam,
        subject: login,
    },
    ReadSpec {
        name: "iam.role_policies",
        summary: "What the inline policies of the role say.",
        args: &[ROLE],
        scope: Scope::Iam,
        subject: inline,
    },
    ReadSpec {
        name: "iam.user_policies",
        summary: "What the inline policies of the user say.",
        args: &[USER],
        scope: Scope::Iam,
        subject: inline,
    },
    ReadSpec {
        name: "iam.role_sessions",
        summary: "Which sessions of the role may be alive, and who began them.",
        args: &[ROLE],
        scope: Scope::Iam,
        subject: sessions,
    },
    ReadSpec {
        name: "iam.role_trust",
        summary: "Who may assume the role.",
        args: &[ROLE],
        scope: Scope::Iam,
        subject: trust,
    },
    ReadSpec {
        name: "iam.policy_versions",
        summary: "A managed policy with its versions.",
        args: &[POLICY],
        scope: Scope::Iam,
        subject: versions,
    },
    ReadSpec {
        name: "iam.role_tags",
        summary: "The role's tags.",
        args: &[ROLE],
        scope: Scope::Iam,
        subject: tags,
    },
    ReadSpec {
        name: "iam.user_tags",
        summary: "The user's tags.",
        args: &[USER],
        scope: Scope::Iam,
        subject: tags,
    },
    ReadSpec {
        name: "cloudtrail.trail",
        summary: "Whether the trail records, and what.",
        args: &[TRAIL],
        scope: Scope::Region,
        subject: trail,
    },
    ReadSpec {
        name: "guardduty.detector",
        summary: "Whether GuardDuty is on in the region.",
        args: &[REGION],
        scope: Scope::Region,
        subject: |_, _| Subject::Detector,
    },
    ReadSpec {
        name: "securityhub.hub",
        summary: "Whether Security Hub is on in the region.",
        args: &[REGION],
        scope: Scope::Region,
        subject: |_, _| Subject::Hub,
    },
    ReadSpec {
        name: "organizations.scp",
        summary: "What an SCP says, whether it is attached to the target, and which accounts stand beneath.",
        args: &[SCP, TARGET],
        scope: Scope::Organization,
        subject: scp,
    },
    ReadSpec {
        name: "organizations.account",
        summary: "Where an account stands, and which SCPs a move would put above it or take away.",
        args: &[ACCOUNT, TO],
        scope: Scope::Organization,
        subject: member,
    },
];

pub const CHECKS: &[CheckSpec] = &[
    CheckSpec {
        read: ReadSpec {
            name: "iam.key_is_active",
            summary: "The access key is active.",
            args: &[KEY],
            scope: Scope::Iam,
            subject: key,
        },
        judge: judge::is_active,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.role_policy_is_wildcard",
            summary: "The policy's default version allows every action on every resource.",
            args: &[ROLE, POLICY],
            scope: Scope::Iam,
            subject: attachment,
        },
        judge: judge::attached_wildcard,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.user_policy_is_wildcard",
            summary: "The policy's default version allows every action on every resource.",
            args: &[USER, POLICY],
            scope: Scope::Iam,
            subject: attachment,
        },
        judge: judge::attached_wildcard,
    },
    CheckSpec {
        read: ReadSpec {
            name: "guardduty.is_administrator",
            summary: "The findings are asked for in GuardDuty's administrator account, or in one \
                      that has none: only there they can be archived.",
            args: &[FINDINGS],
            scope: Scope::Findings(Source::GuardDuty),
            subject: guardduty,
        },
        judge: judge::is_administrator,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.role_takes_deny",
            summary: "A deny of everything fits among the role's inline policies.",
            args: &[ROLE],
            scope: Scope::Iam,
            subject: inline,
        },
        judge: judge::takes_deny,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.user_takes_deny",
            summary: "A deny of everything fits among the user's inline policies.",
            args: &[USER],
            scope: Scope::Iam,
            subject: inline,
        },
        judge: judge::takes_deny,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.user_has_password",
            summary: "The user has a console password.",
            args: &[USER],
            scope: Scope::Iam,
            subject: login,
        },
        judge: judge::has_password,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.user_has_active_key",
            summary: "The user has an active access key.",
            args: &[USER],
            scope: Scope::Iam,
            subject: user_keys,
        },
        judge: judge::has_active_key,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.policy_is_wildcard",
            summary: "The policy's default version allows every action on every resource.",
            args: &[POLICY],
            scope: Scope::Iam,
            subject: versions,
        },
        judge: judge::is_wildcard,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.policy_takes_version",
            summary: "The policy is a customer's own and has fewer than five versions.",
            args: &[POLICY],
            scope: Scope::Iam,
            subject: versions,
        },
        judge: judge::takes_version,
    },
    CheckSpec {
        read: ReadSpec {
            name: "iam.role_is_trusting_strangers",
            summary: "The role's trust policy names somebody outside of its own account.",
            args: &[ROLE],
            scope: Scope::Iam,
            subject: trust,
        },
        judge: judge::trusts_strangers,
    },
    CheckSpec {
        read: ReadSpec {
            name: "cloudtrail.is_logging",
            summary: "The trail records.",
            args: &[TRAIL],
            scope: Scope::Region,
            subject: trail,
        },
        judge: judge::is_logging,
    },
    CheckSpec {
        read: ReadSpec {
            name: "cloudtrail.records_management",
            summary: "The trail records every management event.",
            args: &[TRAIL],
            scope: Scope::Region,
            subject: trail,
        },
        judge: judge::records_management,
    },
    CheckSpec {
        read: ReadSpec {
            name: "guardduty.is_enabled",
            summary: "GuardDuty is on in the region.",
            args: &[REGION],
            scope: Scope::Region,
            subject: |_, _| Subject::Detector,
        },
        judge: judge::detects,
    },
    CheckSpec {
        read: ReadSpec {
            name: "guardduty.has_detector",
            summary: "There is a detector in the region, be it on or suspended.",
            args: &[REGION],
            scope: Scope::Region,
            subject: |_, _| Subject::Detector,
        },
        judge: judge::has_detector,
    },
    CheckSpec {
        read: ReadSpec {
            name: "securityhub.is_enabled",
            summary: "Security Hub is on in the region.",
            args: &[REGION],
            scope: Scope::Region,
            subject: |_, _| Subject::Hub,
        },
        judge: judge::gathers,
    },
];

fn key(args: &Args, _: &[String]) -> Subject {
    Subject::AccessKey(args.key().cloned().expect("INVARIANT: a required argument"))
}

fn who(args: &Args) -> Principal {
    args.principal().expect("INVARIANT: a required argument")
}

fn user(args: &Args) -> UserName {
    args.user().cloned().expect("INVARIANT: a required argument")
}

fn user_keys(args: &Args, _: &[String]) -> Subject {
    Subject::AccessKeys(user(args))
}

fn login(args: &Args, _: &[String]) -> Subject {
    Subject::Login(user(args))
}

fn inline(args: &Args, _: &[String]) -> Subject {
    Subject::Inline { of: who(args), sessions: false }
}

fn sessions(args: &Args, _: &[String]) -> Subject {
    Subject::Inline { of: who(args), sessions: true }
}

fn trust(args: &Args, _: &[String]) -> Subject {
    Subject::Trust(args.role().cloned().expect("INVARIANT: a required argument"))
}

fn versions(args: &Args, _: &[String]) -> Subject {
    Subject::Policy(args.policy().cloned().expect("INVARIANT: a required argument"))
}

fn tags(args: &Args, _: &[String]) -> Subject {
    Subject::Tags(who(args))
}

fn trail(args: &Args, _: &[String]) -> Subject {
    Subject::Trail(args.trail().cloned().expect("INVARIANT: a required argument"))
}

fn scp(args: &Args, _: &[String]) -> Subject {
    Subject::Scp {
        scp: args.scp().cloned().expect("INVARIANT: a required argument"),
        target: args.target("target").cloned().expect("INVARIANT: a required argument"),
    }
}

fn member(args: &Args, _: &[String]) -> Subject {
    Subject::Member {
        account: args.account().cloned().expect("INVARIANT: a required argument"),
        to: args.target("to").cloned().expect("INVARIANT: a required argument"),
    }
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
