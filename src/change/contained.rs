//! Whose calls a change is to stop: what is watched in CloudTrail once it is made.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{AccessKeyId, Principal, RoleName, UserName, time::rfc3339, untrusted};

/// Whose calls are to stop. Names that an attacker may have chosen (of a session, a source
/// identity) are raw in here; [`fmt::Display`] sanitises them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contained {
    /// A user or role, with every key and session.
    Principal { who: Principal, reach: Reach },
    /// One long-term key. Sessions made with it have keys of their own.
    AccessKey { key: AccessKeyId, user: Option<UserName> },
    /// The sessions of a user or role that began before a time (`aws:TokenIssueTime`).
    Older { of: Principal, issued_before: Timestamp },
    /// The sessions of a role under one name: what `aws:userid` is, `AROA…:name`.
    Session { role: RoleName, user_id: String },
    /// The sessions of a role with this source identity (`aws:SourceIdentity`).
    SourceIdentity { role: RoleName, name: String },
}

/// How much of what it may do is taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every call should be refused afterwards.
    Everything,
    /// Some: what its other policies allow goes on.
    Part,
}

impl Contained {
    /// All of a user or role.
    pub fn wholly(who: &Principal) -> Self {
        Contained::Principal { who: who.clone(), reach: Reach::Everything }
    }

    /// Some of what a user or role may do.
    pub fn partly(who: &Principal) -> Self {
        Contained::Principal { who: who.clone(), reach: Reach::Part }
    }

    /// Whether a call that goes through afterwards may be one that was never to stop.
    pub fn reach(&self) -> Reach {
        match self {
            Contained::Principal { reach, .. } => *reach,
            _ => Reach::Everything,
        }
    }
}

impl fmt::Display for Contained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = |text: &str| untrusted::display_in(text, 128);
        match self {
            Contained::Principal { who, .. } => write!(f, "{who}"),
            Contained::AccessKey { key, .. } => write!(f, "key {key}"),
            Contained::Older { of, issued_before } => {
                write!(f, "sessions of {of} from before {}", rfc3339(*issued_before))
            }
            Contained::Session { role, user_id } => {
                let name = user_id.split_once(':').map_or(user_id.as_str(), |(_, name)| name);
                write!(f, "session {} of role {role}", clean(name))
            }
            Contained::SourceIdentity { role, name } => {
                write!(f, "sessions of role {role} with source identity {}", clean(name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::facts;
    use crate::domain::{AttachmentState, KeyState, KeyStatus, PrincipalState, State, Verb};

    #[test]
    fn names_that_an_attacker_chose_are_sanitised() {
        let session = Contained::Session {
            role: "deploy".parse().expect("a name"),
            user_id: "AROAEXAMPLE:x\u{1b}[2J".into(),
        };
        assert!(!session.to_string().contains('\u{1b}'), "{session}");
        assert!(session.to_string().starts_with("session x"), "{session}");
    }

    #[test]
    fn what_takes_rights_away_says_from_whom_and_what_gives_them_does_not() {
        let user: UserName = "ci".parse().expect("a name");
        let key: AccessKeyId = "AKIAIOSFODNN7EXAMPLE".parse().expect("an id");
        let before = State::AccessKey(KeyState {
            user: user.clone(),
            key: key.clone(),
            status: KeyStatus::Active,
            created: None,
            last_used: None,
            others: Vec::new(),
        });
        let off = Verb::DeactivateAccessKey { user: user.clone(), key: key.clone() };
        let contained = facts(&off).contains(&before);
        assert_eq!(
            contained,
            Some(Contained::AccessKey { key: key.clone(), user: Some(user.clone()) })
        );
        let on = Verb::ReactivateAccessKey { user: user.clone(), key };
        assert_eq!(facts(&on).contains(&before), None);

        let who = Principal::User(user);
        let policy: crate::domain::PolicyArn =
            "arn:aws:iam::aws:policy/AdministratorAccess".parse().expect("an ARN");
        let before = State::Attachment(AttachmentState {
            principal: PrincipalState {
                principal: who.clone(),
                arn: "arn:aws:iam::111122223333:user/ci".into(),
                service_linked: false,
                created: None,
                last_used: None,
                boundary: None,
                attached: vec![policy.clone()],
                inline: Vec::new(),
            },
            policy: policy.clone(),
            version: "v1".into(),
            document: "{}".into(),
            attachments: 1,
        });
        let detach = Verb::DetachPolicy { from: who.clone(), policy: policy.clone() };
        assert_eq!(facts(&detach).contains(&before), Some(Contained::partly(&who)));
        let attach = Verb::AttachPolicy { to: who, policy };
        assert_eq!(facts(&attach).contains(&before), None);
    }
}
