//! The causes, in words.

use super::{Attempt, Code, layers::Layer};
use crate::domain::untrusted::display_in;

/// Why a role could not be assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The code is not the device's.
    WrongCode,
    /// It counted once already.
    SpentCode,
    /// The device is not the caller's.
    WrongDevice,
    /// A code without its device, or a device without a code.
    HalfACode,
    /// No code was given, and a policy asks for one.
    NoCode {
        wanted_by: Layer,
    },
    /// The credentials of the call itself are expired, or unknown to AWS.
    BaseCredentials,
    /// AWS lets no root user assume a role.
    RootUser,
    /// In seconds; the most that the role allows, where it is known.
    TooLong {
        asked: i32,
        most: Option<u32>,
    },
    /// A role assumed by a role's session.
    ChainTooLong {
        asked: i32,
    },
    NoSuchRole,
    /// The trust policy does not name the caller; whom it names, at most a few.
    NotTrusted {
        names: Vec<String>,
    },
    /// It names the caller, and not for this action.
    NotTrustedTo {
        action: String,
    },
    /// It names the caller under conditions on these keys, which are not met.
    Conditions {
        layer: Layer,
        action: String,
        keys: Vec<String>,
    },
    /// The policy must allow `sts:SetSourceIdentity`, and does not.
    NoSetSourceIdentity {
        lacks: Layer,
    },
    /// The trust policy wants to be told who comes.
    WantsSourceIdentity,
    /// The caller's session has another source identity, which stays.
    OtherSourceIdentity,
    /// The policy must allow `sts:TagSession`, and does not.
    NoTagSession {
        lacks: Layer,
    },
    /// The caller's own policies do not allow it.
    NotAllowed {
        action: String,
        by: String,
    },
    /// A statement of the caller's own or of the trust policy denies it.
    Denied {
        action: String,
        by: String,
    },
    /// A policy of the organization denies it, or none at a level allows it.
    Organization {
        action: String,
        by: String,
        exemption: Option<String>,
    },
    /// AWS names a kind of policy; which statement is not known.
    Named {
        layer: Layer,
        action: String,
        policy: Option<String>,
    },
    /// What nobody could read may be it.
    Unread {
        layer: Layer,
        action: String,
    },
    /// Everything that can be read lets it through.
    Unexplained {
        action: String,
    },
}

/// How sure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// AWS says so.
    Said,
    /// The policies that were read say so.
    Read,
    /// It is likely, and why no more can be said.
    Likely(String),
}

/// One explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub cause: Cause,
    pub proof: Proof,
    /// A sentence. Safe to show.
    pub what: String,
    /// What to do. Safe to show.
    pub hint: Option<String>,
}

impl Why {
    pub(super) fn new(attempt: &Attempt, cause: Cause, proof: Proof) -> Self {
        let (what, hint) = cause.words(attempt);
        let what = match &proof {
            Proof::Said | Proof::Read => format!("{what}."),
            Proof::Likely(why) => {
                let why = display_in(why, 300);
                format!("Not proven, but likely: {what}. It cannot be told for certain: {why}.")
            }
        };
        Self { cause, proof, what, hint }
    }

    pub fn is_proven(&self) -> bool {
        !matches!(self.proof, Proof::Likely(_))
    }

    /// The sentence, and what to do. Safe to show.
    pub fn lines(&self) -> Vec<String> {
        std::iter::once(self.what.clone()).chain(self.hint.clone()).collect()
    }
}

impl Cause {
    /// Without the full stop, and the hint.
    fn words(&self, attempt: &Attempt) -> (String, Option<String>) {
        let role = &attempt.assume.role;
        let caller = display_in(&attempt.caller, 200);
        let device = attempt.assume.mfa.as_ref();
        let whose = |layer: &Layer| layer.whose(role.as_str(), &caller);
        let (what, hint) = match self {
            Cause::WrongCode if attempt.code == Code::Given => (
                "AWS did not take the MFA code: it is wrong, or it was used already".to_owned(),
                "Give the next code of the device: each is good once. Where every code is \
                 refused, the clock of the device is wrong.",
            ),
            Cause::WrongCode => (
                "AWS did not take the MFA code: it is wrong".to_owned(),
                "Give the next code of the device.",
            ),
            Cause::SpentCode => (
                "The MFA code was used already: a code is good once".to_owned(),
                "Wait for the next code, half a minute at most.",
            ),
            Cause::WrongDevice => {
                let device = device.map_or("the MFA device given".to_owned(), ToString::to_string);
                let hint = match attempt.caller.contains(":assumed-role/") {
                    true => "A session of a role has no MFA device: sign in with MFA instead.",
                    false => "Name the device in halon.toml: [assume] mfa_serial.",
                };
                (format!("{device} is no MFA device of {caller}"), hint)
            }
            Cause::HalfACode => (
                "An MFA code goes with the serial number of its device, and one came alone"
                    .to_owned(),
                "Name the device in halon.toml, [assume] mfa_serial, and give its code.",
            ),
            Cause::NoCode { wanted_by } => (
                format!("No MFA code was given, and {} for one", whose(wanted_by).asks()),
                match device {
                    Some(_) => "Give the present code of the device.",
                    None => {
                        "No MFA device is known: name it in halon.toml, [assume] mfa_serial, and \
                         give its code."
                    }
                },
            ),
            Cause::BaseCredentials => (
                format!(
                    "AWS does not take the credentials of {caller}: they are expired, or not \
                         known to it"
                ),
                "Sign in again, or use other credentials: nothing was said of the role.",
            ),
            Cause::RootUser => (
                format!("{caller} is a root user, and AWS lets none assume a role"),
                "Sign in as a user or a role.",
            ),
            Cause::TooLong { asked, most } => (
                match most {
                    Some(most) => format!(
                        "A session of {} was asked for, and those of {role} last {} at most",
                        length(i64::from(*asked)),
                        length(i64::from(*most))
                    ),
                    None => format!(
                        "A session of {} was asked for, longer than those of {role} may last \
                         (MaxSessionDuration)",
                        length(i64::from(*asked))
                    ),
                },
                "Ask for less in halon.toml: [assume] duration.",
            ),
            Cause::ChainTooLong { asked } => (
                format!(
                    "A session of {} was asked for, and one that is assumed by a role's session \
                     lasts 1h at most",
                    length(i64::from(*asked))
                ),
                "Ask for less in halon.toml, [assume] duration, or sign in as a user.",
            ),
            Cause::NoSuchRole => {
                (format!("There is no role {role}"), "Correct break_glass in halon.toml.")
            }
            Cause::NotTrusted { names } => {
                let what = format!("The trust policy of {role} does not name {caller}");
                let hint = match names.is_empty() {
                    true => "It names nobody who can assume it: change it.".to_owned(),
                    false => format!("Assume it as somebody whom it names: {}.", names.join(", ")),
                };
                return (what, Some(hint));
            }
            Cause::NotTrustedTo { action } => (
                format!("The trust policy of {role} names {caller}, and does not allow {action}"),
                "Allow it in the trust policy.",
            ),
            Cause::Conditions { layer, action, keys } => {
                let keys: Vec<String> = keys.iter().map(|k| display_in(k, 80)).collect();
                let what = format!(
                    "{} {action} under conditions that the call did not meet: {}",
                    capital(&whose(layer).allows()),
                    keys.join(", ")
                );
                return (what, None);
            }
            Cause::NoSetSourceIdentity { lacks } => (
                format!(
                    "The call names a source identity, and {} sts:SetSourceIdentity",
                    whose(lacks).does_not_allow()
                ),
                "Allow it there, or name none: [assume] source_identity = false in halon.toml.",
            ),
            Cause::WantsSourceIdentity => (
                format!("The trust policy of {role} wants a source identity, and none was named"),
                "Name one: [assume] source_identity = true in halon.toml.",
            ),
            Cause::OtherSourceIdentity => (
                format!("the session {caller} has another source identity already, which stays"),
                "Name none: [assume] source_identity = false in halon.toml.",
            ),
            Cause::NoTagSession { lacks } => (
                format!(
                    "The call brings session tags, and {} sts:TagSession",
                    whose(lacks).does_not_allow()
                ),
                "Allow it there, or bring none: [assume] tags = false in halon.toml.",
            ),
            Cause::NotAllowed { action, by } => {
                let what = format!("No {by} of {caller} allows {action} on {role}");
                return (what, Some(format!("Allow {action} on {role} there.")));
            }
            Cause::Denied { action, by } => {
                let what = format!("{} denies {caller} {action} on {role}", capital(by));
                return (what, None);
            }
            Cause::Organization { action, by, exemption } => {
                return (format!("{} {caller} {action}", capital(by)), exemption.clone());
            }
            Cause::Named { layer, action, policy } => {
                let policy = policy.as_ref().map(|p| format!(" ({})", display_in(p, 200)));
                let what = format!(
                    "AWS says that {}{} refuses {action}; which statement is not known",
                    layer.a_kind(),
                    policy.unwrap_or_default()
                );
                return (what, None);
            }
            Cause::Unread { layer, action } => {
                let hint = match layer {
                    Layer::Trust => Some(
                        "AWS says no more of another account's role, nor whether there is one."
                            .to_owned(),
                    ),
                    _ => None,
                };
                return (format!("{} {action}", whose(layer).does_not_let()), hint);
            }
            Cause::Unexplained { action } => (
                format!("AWS refused {action}, and all policies that were read let it through"),
                "A session policy of the credentials cannot be read, and a change takes a while \
                 until it counts everywhere.",
            ),
        };
        (what, Some(hint.to_owned()))
    }
}

/// `1h`, `1h 30m`, `90s`.
fn length(seconds: i64) -> String {
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, 0, s) | (0, _, s @ 1..) if s > 0 => format!("{seconds}s"),
        (0, m, _) => format!("{m}m"),
        (h, 0, _) => format!("{h}h"),
        (h, m, _) => format!("{h}h {m}m"),
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
