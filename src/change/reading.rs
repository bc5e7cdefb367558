//! What reading a state asks IAM for: the actions of the operations that `cloud` calls for it
//! (Service Authorization Reference).

use crate::domain::{Principal, Subject};

impl Subject {
    /// Every action that is needed to read its state, whichever way the reading takes.
    pub fn reads(&self) -> Vec<&'static str> {
        match self {
            Subject::AccessKey(_) => {
                vec!["iam:GetAccessKeyLastUsed", "iam:ListAccessKeys"]
            }
            Subject::AccessKeys(_) => {
                vec!["iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"]
            }
            Subject::Principal(who) | Subject::Tags(who) => principal(who).to_vec(),
            Subject::Attachment { to, .. } => {
                [principal(to), &["iam:GetPolicy", "iam:GetPolicyVersion"]].concat()
            }
            Subject::Inline { of, sessions } => {
                let trail: &[_] = if *sessions { &["cloudtrail:LookupEvents"] } else { &[] };
                let policy = match of {
                    Principal::Role(_) => "iam:GetRolePolicy",
                    Principal::User(_) => "iam:GetUserPolicy",
                };
                [principal(of), &[policy], trail].concat()
            }
            Subject::Trust(_) => ROLE.to_vec(),
            Subject::Policy(_) => {
                vec!["iam:GetPolicy", "iam:ListPolicyVersions", "iam:GetPolicyVersion"]
            }
            Subject::Login(_) => vec!["iam:ListMFADevices", "iam:GetLoginProfile"],
            Subject::GuardDuty { .. } => vec![
                "guardduty:ListDetectors",
                "guardduty:GetDetector",
                "guardduty:GetAdministratorAccount",
                "guardduty:GetFindings",
            ],
            Subject::SecurityHub { .. } => vec!["securityhub:GetFindings"],
            Subject::Trail(_) => {
                vec!["cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"]
            }
            Subject::Detector => vec!["guardduty:ListDetectors", "guardduty:GetDetector"],
            Subject::Hub => vec!["securityhub:DescribeHub"],
            Subject::Scp { .. } => [ORGANIZATION, &["organizations:ListChildren"]].concat(),
            Subject::Member { .. } => [ORGANIZATION, &["organizations:ListParents"]].concat(),
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
