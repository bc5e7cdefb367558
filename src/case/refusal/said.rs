//! What AWS says of a refusal (IAM user guide, "Troubleshoot access denied error messages";
//! since 2026 it names the policy's ARN where that is of the same organization).

use super::layers::Layer;
use crate::domain::{Fault, FaultKind};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Code,
    Device,
    HalfACode,
    TooLong,
    ChainTooLong,
    RootUser,
    Credentials,
    Denied(Denied),
}

/// A refusal by policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// `sts:AssumeRole`, or what is needed besides.
    pub action: Option<String>,
    /// The kind of policy that refuses it.
    pub layer: Option<Layer>,
    /// The ARN of the policy that denies it.
    pub policy: Option<String>,
}

impl Said {
    /// `None`: it is no refusal of AWS's, or speaks for itself.
    pub fn of(fault: &Fault) -> Option<Said> {
        let what = fault.what.as_str();
        let says = |words: &str| what.contains(words);
        match fault.kind {
            FaultKind::Expired => Some(Said::Credentials),
            FaultKind::BadRequest if says("1 hour session limit") => Some(Said::ChainTooLong),
            FaultKind::BadRequest if says("MaxSessionDuration") => Some(Said::TooLong),
            FaultKind::Denied if says("MultiFactorAuthentication failed") => {
                Some(if says("invalid MFA one time pass code") {
                    Said::Code
                } else if says("must provide both") {
                    Said::HalfACode
                } else {
                    Said::Device
                })
            }
            FaultKind::Denied if says("assumed by root account") => Some(Said::RootUser),
            FaultKind::Denied => Some(Said::Denied(denied(what))),
            _ => None,
        }
    }
}

fn denied(what: &str) -> Denied {
    let after = |words: &str| what.split_once(words).map(|(_, rest)| rest);
    let action = after("is not authorized to perform: ").and_then(|r| r.split_whitespace().next());
    let (reason, explicit) = match (after(" with an explicit deny in "), after(" because no ")) {
        (Some(reason), _) => (Some(reason), true),
        (None, reason) => (reason, false),
    };
    let layer = reason.and_then(|reason| {
        let reason = reason.trim_start_matches("the ").trim_start_matches("an ");
        let reason = reason.trim_start_matches("a ");
        let kinds = [
            ("service control policy", Layer::Scp),
            ("resource control policy", Layer::Rcp),
            ("role trust policy", Layer::Trust),
            ("resource-based policy", Layer::Trust),
            ("identity-based policy", Layer::Own),
            ("permissions boundary", Layer::Own),
            ("session policy", Layer::Session),
        ];
        kinds.into_iter().find(|(words, _)| reason.starts_with(words)).map(|(_, layer)| layer)
    });
    let policy = reason.filter(|_| explicit).and_then(|reason| {
        let arn = reason.split_once(": ")?.1.split_whitespace().next()?;
        arn.starts_with("arn:").then(|| arn.to_owned())
    });
    Denied { action: action.map(ToOwned::to_owned), layer, policy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: FaultKind, message: &str) -> Option<Said> {
        Said::of(&Fault::new(kind, "AssumeRole: AccessDenied").with_cause(message))
    }

    #[test]
    fn the_words_of_a_denial_say_which_action_and_which_kind_of_policy() {
        let ann = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ";
        let on = "on resource: arn:aws:iam::444455556666:role/r";
        let scp = "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd";
        for (words, action, layer, policy) in [
            (format!("sts:AssumeRole {on}"), "sts:AssumeRole", None, None),
            (
                format!("sts:TagSession {on} because no identity-based policy allows the sts:TagSession action"),
                "sts:TagSession",
                Some(Layer::Own),
                None,
            ),
            (
                "sts:SetSourceIdentity because no role trust policy allows the sts:SetSourceIdentity action".to_owned(),
                "sts:SetSourceIdentity",
                Some(Layer::Trust),
                None,
            ),
            (
                format!("sts:AssumeRole {on} with an explicit deny in the role trust policy"),
                "sts:AssumeRole",
                Some(Layer::Trust),
                None,
            ),
            (
                format!("sts:AssumeRole {on} with an explicit deny in a service control policy: {scp}"),
                "sts:AssumeRole",
                Some(Layer::Scp),
                Some(scp),
            ),
            (
                format!("sts:AssumeRole {on} with an explicit deny in a permissions boundary"),
                "sts:AssumeRole",
                Some(Layer::Own),
                None,
            ),
        ] {
            let wanted = Denied {
                action: Some(action.to_owned()),
                layer,
                policy: policy.map(str::to_owned),
            };
            let said = of(FaultKind::Denied, &format!("{ann}{words}"));
            assert_eq!(said, Some(Said::Denied(wanted)), "{words}");
        }
        assert_eq!(of(FaultKind::Denied, ""), Some(Said::Denied(Denied::default())));
        assert_eq!(of(FaultKind::Timeout, ""), None);
        assert_eq!(of(FaultKind::BadRequest, "The policy is not in the valid JSON format."), None);
    }

    #[test]
    fn the_words_about_codes_and_times_are_told_apart() {
        for (kind, words, said) in [
            (
                FaultKind::Denied,
                "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
                Said::Code,
            ),
            (
                FaultKind::Denied,
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                 your MFA serial number is valid and associated with this user.",
                Said::Device,
            ),
            (
                FaultKind::Denied,
                "MultiFactorAuthentication failed, must provide both MFA serial number and one \
                 time pass code.",
                Said::HalfACode,
            ),
            (FaultKind::Denied, "Roles may not be assumed by root accounts.", Said::RootUser),
            (
                FaultKind::BadRequest,
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                Said::TooLong,
            ),
            (
                FaultKind::BadRequest,
                "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                 assumed by role chaining.",
                Said::ChainTooLong,
            ),
            (
                FaultKind::Expired,
                "The security token included in the request is expired",
                Said::Credentials,
            ),
        ] {
            assert_eq!(of(kind, words), Some(said), "{words}");
        }
    }
}
