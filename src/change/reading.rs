//! What reading a state asks IAM for: the actions of the operations that `cloud` calls for it
//! (Service Authorization Reference).

use crate::domain::{Principal, Subject};

impl Subject {
    /// Every action without which its state cannot be read.
    pub fn reads(&self) -> Vec<&'static str> {
        match self {
            Subject::AccessKey(_) | Subject::AccessKeys(_) => {
                vec!["iam:GetAccessKeyLastUsed", "iam:ListAccessKeys"]
            }
            Subject::Principal(who) | Subject::Tags(who) => principal(who).to_vec(),
            Subject::Attachment { to, .. } => {
                [principal(to), &["iam:GetPolicy", "iam:GetPolicyVersion"]].concat()
            }
            Subject::Inline { of, .. } => match of {
                Principal::Role(_) => [ROLE, &["iam:GetRolePolicy"]].concat(),
                Principal::User(_) => [USER, &["iam:GetUserPolicy"]].concat(),
            },
            Subject::Trust(_) => ROLE.to_vec(),
            Subject::Policy(_) => {
                vec!["iam:GetPolicy", "iam:ListPolicyVersions", "iam:GetPolicyVersion"]
            }
            Subject::Login(_) => vec!["iam:ListMFADevices", "iam:GetLoginProfile"],
            Subject::GuardDuty { .. } => vec!["guardduty:ListDetectors", "guardduty:GetFindings"],
            Subject::SecurityHub { .. } => vec!["securityhub:GetFindings"],
            Subject::Trail(_) => {
                vec!["cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"]
            }
            Subject::Detector => vec!["guardduty:ListDetectors", "guardduty:GetDetector"],
            Subject::Hub => vec!["securityhub:DescribeHub"],
            Subject::Scp { .. } => [
                ORGANIZATION,
                &["organizations:ListAccountsForParent", "organizations:ListChildren"],
            ]
            .concat(),
            // It is the caller's own to read, before there is anybody else.
            Subject::Glass(_) => Vec::new(),
            Subject::Member { .. } => [ORGANIZATION, &["organizations:ListParents"]].concat(),
        }
    }

    /// What is asked too, and done without where it is refused: the answer then says less.
    pub fn reads_if_allowed(&self) -> &'static [&'static str] {
        match self {
            Subject::Inline { sessions: true, .. } => &["cloudtrail:LookupEvents"],
            Subject::GuardDuty { .. } => {
                &["guardduty:GetDetector", "guardduty:GetAdministratorAccount"]
            }
            _ => &[],
        }
    }
}

const ROLE: &[&str] = &["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"];
const USER: &[&str] = &["iam:GetUser", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies"];
const ORGANIZATION: &[&str] = &[
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListPoliciesForTarget",
    "organizations:DescribeOrganizationalUnit",
    "organizations:DescribeAccount",
];

fn principal(who: &Principal) -> &'static [&'static str] {
    match who {
        Principal::Role(_) => ROLE,
        Principal::User(_) => USER,
    }
}
