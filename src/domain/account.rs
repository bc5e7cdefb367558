//! Accounts, regions and the places halon looks at.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A 12-digit AWS account id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Box<str>);

impl AccountId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(s.into()))
        } else {
            Err("an account id is 12 digits".to_owned())
        }
    }
}

impl TryFrom<String> for AccountId {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        s.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> String {
        id.0.into()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A region name such as `us-east-1`: letters, digits and hyphens only, so that it
/// may be shown and put into a host name as it is. Not a closed list: AWS adds regions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Box<str>);

impl Region {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The regions of the `aws` partition that are enabled in every account
    /// (AWS Account Management guide, "Regions that are enabled by default").
    /// What `--region all` means; opt-in regions must be named.
    pub const ENABLED_BY_DEFAULT: [&'static str; 17] = [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "ca-central-1",
        "sa-east-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-north-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
    ];

    pub fn enabled_by_default() -> Vec<Region> {
        Self::ENABLED_BY_DEFAULT.iter().map(|r| Self((*r).into())).collect()
    }

    /// Where events of global services (IAM, STS's global endpoint, CloudFront) are
    /// recorded in the partition of this region (CloudTrail user guide, since 2021-11-22).
    pub fn of_global_services(&self) -> Region {
        let name = match &*self.0 {
            r if r.starts_with("cn-") => "cn-north-1",
            r if r.starts_with("us-gov-") => "us-gov-west-1",
            r if r.starts_with("eusc-") => "eusc-de-east-1",
            _ => "us-east-1",
        };
        Self(name.into())
    }

    /// The partition as ARNs name it.
    pub fn partition(&self) -> &'static str {
        match &*self.0 {
            r if r.starts_with("cn-") => "aws-cn",
            r if r.starts_with("us-gov-") => "aws-us-gov",
            r if r.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        }
    }

    pub fn us_east_1() -> Region {
        Self("us-east-1".into())
    }
}

impl FromStr for Region {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let shaped = (3..=32).contains(&s.len())
            && s.contains('-')
            && s.starts_with(|c: char| c.is_ascii_lowercase())
            && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if shaped { Ok(Self(s.into())) } else { Err("a region looks like us-east-1".to_owned()) }
    }
}

impl TryFrom<String> for Region {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        s.parse()
    }
}

impl From<Region> for String {
    fn from(r: Region) -> String {
        r.0.into()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Which credentials: a configured account's alias, a profile's name, or
/// `default` for the environment's own chain. Our user's word, not AWS's.
pub type Target = std::sync::Arc<str>;

/// One set of credentials in one region: the unit that can fail on its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub target: Target,
    pub region: Region,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.target, self.region)
    }
}

/// Who the credentials are, as `sts:GetCallerIdentity` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    pub account: AccountId,
    pub arn: super::Untrusted,
    /// The account's alias (`iam:ListAccountAliases`), where it may be read.
    pub alias: Option<super::Untrusted>,
    /// The region that the profile or the environment names.
    pub region: Option<Region>,
    /// The id of the access key in use (no secret): what must not be switched off unasked.
    pub access_key: Option<super::AccessKeyId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_checked() {
        assert!("123456789012".parse::<AccountId>().is_ok());
        for bad in ["", "12345678901", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"]
        {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
        for good in ["us-east-1", "us-gov-west-1", "eusc-de-east-1", "ap-southeast-7"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["", "useast1", "US-EAST-1", "us-east-1.evil.example", "us-east-1\n", "-us-1"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
        assert_eq!(Region::enabled_by_default().len(), 17);
    }
}
