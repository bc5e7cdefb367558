//! What tells one session of a role from the others.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::iam::entity_like;

/// One session of a role, as a policy's condition can name it (IAM user guide, "AWS global
/// condition context keys").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SessionId {
    /// `aws:userid`: the role's id and the session's name. Whoever assumes the role anew
    /// under the same name is hit as well.
    UserId { role_id: Box<str>, name: Box<str> },
    /// `aws:SourceIdentity`: whoever stands behind the session, also after chaining.
    SourceIdentity(Box<str>),
}

const SOURCE_IDENTITY: &str = "source-identity:";

impl SessionId {
    /// The condition key and its value.
    pub fn condition(&self) -> (&'static str, String) {
        match self {
            SessionId::UserId { role_id, name } => ("aws:userid", format!("{role_id}:{name}")),
            SessionId::SourceIdentity(who) => ("aws:SourceIdentity", who.to_string()),
        }
    }
}

impl FromStr for SessionId {
    type Err = String;

    /// `AROA…:NAME`, or `source-identity:WHO`.
    fn from_str(s: &str) -> Result<Self, String> {
        let wrong = || {
            "a session is AROA…:NAME (the role's id and the session's name), or \
             source-identity:WHO"
                .to_owned()
        };
        // A session's name and a source identity have 2 to 64 of these (STS API reference).
        let named = |s: &str| s.len() >= 2 && entity_like(s);
        if let Some(who) = s.strip_prefix(SOURCE_IDENTITY) {
            return named(who).then(|| SessionId::SourceIdentity(who.into())).ok_or_else(wrong);
        }
        let (role_id, name) = s.split_once(':').ok_or_else(wrong)?;
        let id = role_id.strip_prefix("AROA").unwrap_or_default();
        let shaped = (4..=124).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if shaped && named(name) {
            Ok(SessionId::UserId { role_id: role_id.into(), name: name.into() })
        } else {
            Err(wrong())
        }
    }
}

impl TryFrom<String> for SessionId {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        s.parse()
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> String {
        id.to_string()
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionId::UserId { role_id, name } => write!(f, "{role_id}:{name}"),
            SessionId::SourceIdentity(who) => write!(f, "{SOURCE_IDENTITY}{who}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_what_a_condition_can_name() {
        for good in ["AROAEXAMPLEID:i-0abc1234", "source-identity:alice@example.com"] {
            assert_eq!(good.parse::<SessionId>().expect("good").to_string(), good);
        }
        for bad in
            ["AROAEXAMPLEID", "AIDAEXAMPLEID:x1", "AROAEXAMPLEID:*", "source-identity:${x}", ":ab"]
        {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
    }
}
