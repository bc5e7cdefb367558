//! The names of IAM: users, roles, access keys, managed policies.
//!
//! Each is checked against the pattern of IAM's own service model, which leaves only
//! ASCII without blanks, so that a name may be shown, typed back and compared as it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name that is checked when it is made and shown as it is.
macro_rules! name {
    ($(#[$doc:meta])+ $name:ident, $check:path) => {
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                $check(s).map(|()| Self(s.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(s: String) -> Result<Self, String> {
                s.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

pub(super) use name;

name!(
    /// A user's name without its path: 1 to 64 of `[\w+=,.@-]` (IAM, existingUserNameType;
    /// the console and CreateUser stop at 64).
    UserName,
    entity
);
name!(
    /// A role's name without its path: 1 to 64 of `[\w+=,.@-]` (IAM, roleNameType).
    RoleName,
    entity
);
name!(
    /// The id of an access key, `AKIA…` for a long-term one: 16 to 128 word characters
    /// (IAM, accessKeyIdType). The id is no secret.
    AccessKeyId,
    access_key
);
name!(
    /// A managed policy's ARN, AWS's own or a customer's: 20 to 2048 characters (IAM, arnType).
    PolicyArn,
    policy
);

name!(
    /// The name of an inline policy: 1 to 128 of `[\w+=,.@-]` (IAM, policyNameType).
    InlineName,
    inline
);
name!(
    /// A version of a managed policy: `v` and a number (IAM, policyVersionIdType).
    VersionId,
    version
);

name!(
    /// A role's ARN: `arn:aws:iam::123456789012:role/path/Name` (IAM, arnType).
    RoleArn,
    role
);
name!(
    /// The serial number of an MFA device, an ARN for a virtual one: 9 to 256 of
    /// `[\w+=/:,.@-]` (STS, serialNumberType).
    MfaSerial,
    serial
);

fn serial(s: &str) -> Result<(), String> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b);
    match (9..=256).contains(&s.len()) && s.bytes().all(good) {
        true => Ok(()),
        false => Err("an MFA device looks like arn:aws:iam::123456789012:mfa/name".to_owned()),
    }
}

fn inline(s: &str) -> Result<(), String> {
    if s.len() <= 128 && entity_part(s) {
        Ok(())
    } else {
        Err("a policy's name is 1 to 128 letters, digits and _+=,.@-".to_owned())
    }
}

fn version(s: &str) -> Result<(), String> {
    let number = s.strip_prefix('v').filter(|n| !n.starts_with('0') && n.len() <= 9);
    match number {
        Some(n) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        _ => Err("a policy's version is v and a number, such as v2".to_owned()),
    }
}

/// 1 to 64 of `[\w+=,.@-]`.
pub(super) fn entity_like(s: &str) -> bool {
    (1..=64).contains(&s.len()) && entity_part(s)
}

fn entity(s: &str) -> Result<(), String> {
    if entity_like(s) {
        Ok(())
    } else {
        Err("a name is 1 to 64 letters, digits and _+=,.@-, without its path".to_owned())
    }
}

fn access_key(s: &str) -> Result<(), String> {
    let good = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if !((16..=128).contains(&s.len()) && s.bytes().all(good)) {
        return Err("an access key id is 16 to 128 capital letters and digits".to_owned());
    }
    Ok(())
}

fn policy(s: &str) -> Result<(), String> {
    match of_iam(s, "policy/") {
        true => Ok(()),
        false => Err("a policy's ARN looks like arn:aws:iam::123456789012:policy/Name".to_owned()),
    }
}

fn role(s: &str) -> Result<(), String> {
    match of_iam(s, "role/") && s.split(':').nth(4) != Some("aws") {
        true => Ok(()),
        false => Err("a role's ARN looks like arn:aws:iam::123456789012:role/Name".to_owned()),
    }
}

/// Whether it is the ARN of something of IAM's, of this kind.
fn of_iam(s: &str, kind: &str) -> bool {
    let mut parts = s.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (arn, partition, service, region, account, rest) =
        (next(), next(), next(), next(), next(), next());
    let shaped = (20..=2048).contains(&s.len())
        && arn == "arn"
        && partition.starts_with("aws")
        && partition.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        && service == "iam"
        && region.is_empty()
        && (account == "aws" || account.parse::<super::AccountId>().is_ok());
    let path = rest.strip_prefix(kind).filter(|_| shaped);
    path.is_some_and(|path| path.split('/').all(entity_part))
}

fn entity_part(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

impl PolicyArn {
    /// AWS's own policies cannot be edited by anybody else.
    pub fn is_of_aws(&self) -> bool {
        self.0.split(':').nth(4) == Some("aws")
    }

    /// The policy's name, without path.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl RoleArn {
    /// The account that the role is of.
    pub fn account(&self) -> super::AccountId {
        let account = self.0.split(':').nth(4).and_then(|id| id.parse().ok());
        account.expect("INVARIANT: checked when it was made")
    }

    pub fn partition(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// The role's name, without path.
    pub fn name(&self) -> RoleName {
        let name = self.0.rsplit('/').next().and_then(|name| name.parse().ok());
        name.expect("INVARIANT: checked when it was made")
    }
}

impl AccessKeyId {
    /// A temporary key (`ASIA…`) belongs to a session and cannot be deactivated.
    pub fn is_temporary(&self) -> bool {
        self.0.starts_with("ASIA")
    }
}

/// A user or a role: what policies are attached to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Principal {
    User(UserName),
    Role(RoleName),
}

impl Principal {
    pub fn name(&self) -> &str {
        match self {
            Principal::User(name) => name.as_str(),
            Principal::Role(name) => name.as_str(),
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Principal::User(_) => "user",
            Principal::Role(_) => "role",
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.name())
    }
}

/// What AWS says of an access key's state. The set is open: `Expired` came late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    Active,
    Inactive,
    Expired,
    /// A word that this version does not know, sanitised.
    Other(String),
}

impl KeyStatus {
    pub fn word(&self) -> &str {
        match self {
            KeyStatus::Active => "Active",
            KeyStatus::Inactive => "Inactive",
            KeyStatus::Expired => "Expired",
            KeyStatus::Other(word) => word,
        }
    }
}

impl From<&str> for KeyStatus {
    fn from(word: &str) -> Self {
        match word {
            "Active" => KeyStatus::Active,
            "Inactive" => KeyStatus::Inactive,
            "Expired" => KeyStatus::Expired,
            other => KeyStatus::Other(super::untrusted::display_in(other, 40)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_iam_takes() {
        assert!("svc-backup_sync+=,.@1".parse::<UserName>().is_ok());
        for bad in ["", "a b", "role/x", "а", "x\u{202e}", "*", &"x".repeat(65)] {
            assert!(bad.parse::<RoleName>().is_err(), "{bad:?}");
        }
        assert!("AKIAIOSFODNN7EXAMPLE".parse::<AccessKeyId>().is_ok());
        for bad in ["akiaiosfodnn7example", "AKIA", "AKIAIOSFODNN7EXAMPL*", ""] {
            assert!(bad.parse::<AccessKeyId>().is_err(), "{bad:?}");
        }
        for good in [
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws-us-gov:iam::123456789012:policy/team/ci/Deploy",
        ] {
            assert!(good.parse::<PolicyArn>().is_ok(), "{good}");
        }
        for bad in [
            "arn:aws:iam::aws:policy/",
            "arn:aws:iam::aws:policy/*",
            "arn:aws:iam::12345:policy/Deploy",
            "arn:aws:iam::123456789012:role/Deploy",
            "arn:aws:iam:us-east-1:123456789012:policy/Deploy",
            "AdministratorAccess",
        ] {
            assert!(bad.parse::<PolicyArn>().is_err(), "{bad}");
        }
        for bad in ["v0", "v", "2", "v1.2", "v01"] {
            assert!(bad.parse::<VersionId>().is_err(), "{bad}");
        }
        assert!("v12".parse::<VersionId>().is_ok());
        let arn: PolicyArn = "arn:aws:iam::123456789012:policy/a/b/Deploy".parse().expect("good");
        assert_eq!(arn.name(), "Deploy");
    }
}
