//! How people and programs sign in to an account: its root user, and the credential report.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessKeyId, KeyStatus, LastUsed, Untrusted, time::parse_foreign};

/// What is known of an account's root user and of everybody's credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// `GetAccountSummary`; absent where it was not allowed.
    pub summary: Option<RootSummary>,
    /// The credential report; absent where it could not be had.
    pub report: Option<CredentialReport>,
}

/// What `GetAccountSummary` says of the root user; `None` where it does not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootSummary {
    /// `AccountMFAEnabled`.
    pub mfa: Option<bool>,
    /// `AccountAccessKeysPresent`.
    pub access_keys: Option<bool>,
    /// `AccountPasswordPresent`.
    pub password: Option<bool>,
    /// `AccountSigningCertificatesPresent`.
    pub certificates: Option<bool>,
}

/// The account's credential report, which IAM makes at most once in four hours (IAM user guide,
/// "Getting credential reports").
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    pub generated: Option<Timestamp>,
    pub rows: Vec<CredentialRow>,
}

/// One user's row. What the report leaves open (`N/A`, `not_supported`, `no_information`) is
/// absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// `<root_account>` for the root user.
    pub user: Untrusted,
    pub arn: Untrusted,
    pub created: Option<Timestamp>,
    pub password: Option<bool>,
    pub password_last_used: Option<Timestamp>,
    pub password_last_changed: Option<Timestamp>,
    pub mfa: Option<bool>,
    /// The two keys that a user may have, those that there are.
    pub keys: Vec<ReportedKey>,
    /// Signing certificates that are active.
    pub certificates: u32,
}

/// The report numbers keys and does not name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedKey {
    pub number: u8,
    pub active: bool,
    /// When it was made or last changed.
    pub rotated: Option<Timestamp>,
    pub last_used: Option<LastUsed>,
}

/// How one user signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub keys: Vec<UserKey>,
    /// Serial numbers or ARNs of MFA devices; `None` where they could not be listed.
    pub mfa: Option<Vec<Untrusted>>,
    pub password: Password,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserKey {
    pub id: AccessKeyId,
    pub status: KeyStatus,
    pub created: Option<Timestamp>,
    /// Absent where it was never used as far as IAM knows, or its use could not be read.
    pub last_used: Option<LastUsed>,
}

/// Whether the user can sign in to the console with a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    Set {
        created: Option<Timestamp>,
    },
    None,
    /// It could not be read, which is a gap.
    #[default]
    Unknown,
}

impl CredentialReport {
    /// The report's name for the root user.
    pub const ROOT: &'static str = "<root_account>";

    /// Reads the CSV. Columns are found by their names: AWS adds some now and then.
    pub fn read(csv: &str, generated: Option<Timestamp>) -> Result<Self, String> {
        let csv = csv.strip_prefix('\u{feff}').unwrap_or(csv);
        let mut lines = csv.lines().filter(|line| !line.trim().is_empty());
        // Names of users, ARNs and regions have no commas, so nothing is quoted.
        let header: Vec<&str> =
            lines.next().unwrap_or_default().split(',').map(str::trim).collect();
        let column = |name: &str| header.iter().position(|h| *h == name);
        for needed in ["user", "arn"] {
            if column(needed).is_none() {
                return Err(format!("the report has no column `{needed}`"));
            }
        }
        let row = |line: &str| {
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            if fields.len() != header.len() {
                return Err(format!(
                    "a row has {} fields instead of {}",
                    fields.len(),
                    header.len()
                ));
            }
            Ok(CredentialRow::read(&|name| column(name).map_or("", |at| fields[at])))
        };
        Ok(Self { generated, rows: lines.map(row).collect::<Result<_, _>>()? })
    }

    pub fn root(&self) -> Option<&CredentialRow> {
        self.rows.iter().find(|row| row.user.raw() == Self::ROOT)
    }
}

impl CredentialRow {
    fn read<'f>(field: &dyn Fn(&str) -> &'f str) -> Self {
        let flag = |name: &str| match field(name) {
            "true" | "TRUE" => Some(true),
            "false" | "FALSE" => Some(false),
            _ => None,
        };
        let time = |name: &str| parse_foreign(field(name));
        let word = |name: &str| {
            let text = field(name);
            let says = !["", "N/A", "not_supported", "no_information"].contains(&text);
            says.then(|| Untrusted::from(text))
        };
        let key = |number: u8| {
            let of = |what: &str| format!("access_key_{number}_{what}");
            let (active, rotated) = (flag(&of("active")), time(&of("last_rotated")));
            // A key that does not exist is not active and was never made.
            if active != Some(true) && rotated.is_none() {
                return None;
            }
            let last_used = time(&of("last_used_date")).map(|at| LastUsed {
                at: Some(at),
                service: word(&of("last_used_service")),
                region: word(&of("last_used_region")),
            });
            Some(ReportedKey { number, active: active == Some(true), rotated, last_used })
        };
        let certificates = ["cert_1_active", "cert_2_active"].map(|name| flag(name) == Some(true));
        Self {
            user: field("user").into(),
            arn: field("arn").into(),
            created: time("user_creation_time"),
            password: flag("password_enabled"),
            password_last_used: time("password_last_used"),
            password_last_changed: time("password_last_changed"),
            mfa: flag("mfa_active"),
            keys: [1, 2].into_iter().filter_map(key).collect(),
            certificates: certificates.into_iter().map(u32::from).sum(),
        }
    }
}

impl Root {
    /// Whether the root user has a second factor, from whichever of the two says it.
    pub fn mfa(&self) -> Option<bool> {
        let reported = self.report.as_ref().and_then(|r| r.root()?.mfa);
        // The summary is of now, the report may be hours old.
        self.summary.as_ref().and_then(|s| s.mfa).or(reported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
<root_account>,arn:aws:iam::111122223333:root,2019-08-16T17:27:59+00:00,not_supported,2026-02-28T09:00:00+00:00,not_supported,not_supported,false,true,2019-08-17T00:00:00+00:00,2026-03-01T10:00:00+00:00,us-east-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
dana,arn:aws:iam::111122223333:user/dana,2020-05-12T00:00:00+00:00,true,no_information,2020-05-12T00:00:00+00:00,N/A,true,false,2021-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,true,2021-01-01T00:00:00+00:00,false,N/A
";

    #[test]
    fn a_report_says_what_root_and_users_sign_in_with() {
        let report = CredentialReport::read(REPORT, None).expect("a report");
        let root = report.root().expect("a row");
        assert_eq!((root.mfa, root.password, root.keys.len()), (Some(false), None, 1));
        let key = &root.keys[0];
        let used = key.last_used.as_ref().expect("used");
        assert!(key.active && used.service.as_ref().is_some_and(|s| s.raw() == "s3"));
        assert_eq!(
            root.password_last_used.map(|at| at.to_string()).as_deref(),
            Some("2026-02-28T09:00:00Z")
        );
        let dana = &report.rows[1];
        assert_eq!(
            (dana.password, dana.password_last_used, dana.mfa),
            (Some(true), None, Some(true))
        );
        assert_eq!((dana.keys.len(), dana.keys[0].active, dana.certificates), (1, false, 1));
        assert_eq!(dana.keys[0].last_used, None);
        let root = Root { summary: None, report: Some(report) };
        assert_eq!(root.mfa(), Some(false));
        let summary = Some(RootSummary { mfa: Some(true), ..RootSummary::default() });
        assert_eq!(Root { summary, ..root }.mfa(), Some(true), "the newer one counts");
    }

    #[test]
    fn what_is_no_report_is_said_to_be_none() {
        for bad in ["", "name,arn\n", "<html>", "user,arn\na\n"] {
            assert!(CredentialReport::read(bad, None).is_err(), "{bad}");
        }
        assert_eq!(
            CredentialReport::read("user,arn\r\na,b\r\n", None).map(|r| r.rows.len()),
            Ok(1)
        );
    }
}
