//! The exact list of AWS operations that may be called without a permit.
//!
//! By pair, never by prefix: `sts:GetSessionToken` reads like a read and mints
//! credentials. A row is added when a screen needs it, with the reason.

use crate::change::{ASSUME, KINDS, Spec, WAYS_BACK};

/// One operation that only reads.
pub struct Row {
    /// The service as the SDK's metadata names it.
    pub service: &'static str,
    pub operation: &'static str,
    /// The IAM action that allows it (Service Authorization Reference).
    pub action: &'static str,
    pub reason: &'static str,
}

const fn row(
    service: &'static str,
    operation: &'static str,
    action: &'static str,
    reason: &'static str,
) -> Row {
    Row { service, operation, action, reason }
}

pub const READ_ONLY: &[Row] = &[
    row(
        "CloudTrail",
        "DescribeTrails",
        "cloudtrail:DescribeTrails",
        "health: which trails record what happens here",
    ),
    row(
        "CloudTrail",
        "GetEventSelectors",
        "cloudtrail:GetEventSelectors",
        "health: whether a trail records data events at all",
    ),
    row(
        "CloudTrail",
        "GetTrailStatus",
        "cloudtrail:GetTrailStatus",
        "health: whether a trail is on and delivers",
    ),
    row(
        "CloudTrail",
        "LookupEvents",
        "cloudtrail:LookupEvents",
        "trail: the events of the last 90 days",
    ),
    row(
        "GuardDuty",
        "GetDetector",
        "guardduty:GetDetector",
        "doctor: is the detector on, how often does it publish",
    ),
    row("GuardDuty", "GetFindings", "guardduty:GetFindings", "the queue: findings by id"),
    row(
        "GuardDuty",
        "ListDetectors",
        "guardduty:ListDetectors",
        "is GuardDuty enabled in this region",
    ),
    row(
        "GuardDuty",
        "ListFindings",
        "guardduty:ListFindings",
        "the queue: ids of findings by severity and state",
    ),
    row(
        "GuardDuty",
        "GetAdministratorAccount",
        "guardduty:GetAdministratorAccount",
        "plan: a member account cannot archive, said before trying",
    ),
    row(
        "IAM",
        "GenerateCredentialReport",
        "iam:GenerateCredentialReport",
        "inspection: has IAM make the report that GetCredentialReport reads; nothing else changes",
    ),
    row(
        "IAM",
        "GenerateServiceLastAccessedDetails",
        "iam:GenerateServiceLastAccessedDetails",
        "inspection: has IAM make the list of services last used; nothing else changes",
    ),
    row(
        "IAM",
        "GetAccessKeyLastUsed",
        "iam:GetAccessKeyLastUsed",
        "plan, inspection: whose key it is and when it was used last",
    ),
    row(
        "IAM",
        "GetAccountAuthorizationDetails",
        "iam:GetAccountAuthorizationDetails",
        "inspection: every user, group, role and policy of the account",
    ),
    row(
        "IAM",
        "GetAccountSummary",
        "iam:GetAccountSummary",
        "inspection: whether the root user has MFA and access keys",
    ),
    row(
        "IAM",
        "GetCredentialReport",
        "iam:GetCredentialReport",
        "inspection: the root user's and everybody's credentials and their last use",
    ),
    row(
        "IAM",
        "GetGroupPolicy",
        "iam:GetGroupPolicy",
        "inspection: what a group's inline policy says",
    ),
    row(
        "IAM",
        "GetLoginProfile",
        "iam:GetLoginProfile",
        "inspection: whether a user has a console password",
    ),
    row(
        "IAM",
        "GetPolicy",
        "iam:GetPolicy",
        "plan, inspection: a managed policy's default version",
    ),
    row(
        "IAM",
        "GetPolicyVersion",
        "iam:GetPolicyVersion",
        "plan, inspection: what a managed policy says",
    ),
    row(
        "IAM",
        "GetRole",
        "iam:GetRole",
        "plan, inspection: the role, its trust, boundary and last use",
    ),
    row(
        "IAM",
        "GetRolePolicy",
        "iam:GetRolePolicy",
        "inspection: what a role's inline policy says",
    ),
    row(
        "IAM",
        "GetServiceLastAccessedDetails",
        "iam:GetServiceLastAccessedDetails",
        "inspection: which services a principal was seen to use",
    ),
    row(
        "IAM",
        "GetUser",
        "iam:GetUser",
        "plan, inspection: the user, its boundary and last sign-in",
    ),
    row(
        "IAM",
        "GetUserPolicy",
        "iam:GetUserPolicy",
        "inspection: what a user's inline policy says",
    ),
    row(
        "IAM",
        "ListAccessKeys",
        "iam:ListAccessKeys",
        "plan, inspection: the status of a user's keys",
    ),
    row(
        "IAM",
        "ListAccountAliases",
        "iam:ListAccountAliases",
        "header: the account's alias beside its id",
    ),
    row(
        "IAM",
        "ListAttachedGroupPolicies",
        "iam:ListAttachedGroupPolicies",
        "inspection: managed policies of a group",
    ),
    row(
        "IAM",
        "ListAttachedRolePolicies",
        "iam:ListAttachedRolePolicies",
        "plan, inspection: managed policies of a role",
    ),
    row(
        "IAM",
        "ListAttachedUserPolicies",
        "iam:ListAttachedUserPolicies",
        "plan, inspection: managed policies of a user",
    ),
    row(
        "IAM",
        "ListGroupPolicies",
        "iam:ListGroupPolicies",
        "inspection: inline policies of a group",
    ),
    row(
        "IAM",
        "ListGroupsForUser",
        "iam:ListGroupsForUser",
        "inspection: the groups that a user is in",
    ),
    row(
        "IAM",
        "ListInstanceProfilesForRole",
        "iam:ListInstanceProfilesForRole",
        "inspection: which instance profiles hold a role",
    ),
    row("IAM", "ListMFADevices", "iam:ListMFADevices", "inspection: a user's second factors"),
    row(
        "IAM",
        "ListPolicyVersions",
        "iam:ListPolicyVersions",
        "plan: the versions of a managed policy",
    ),
    row(
        "IAM",
        "ListRolePolicies",
        "iam:ListRolePolicies",
        "plan, inspection: inline policies of a role",
    ),
    row(
        "IAM",
        "ListUserPolicies",
        "iam:ListUserPolicies",
        "plan, inspection: inline policies of a user",
    ),
    row(
        "IAM",
        "SimulatePrincipalPolicy",
        "iam:SimulatePrincipalPolicy",
        "can it: what AWS's own simulator makes of a call",
    ),
    row(
        "Organizations",
        "DescribeAccount",
        "organizations:DescribeAccount",
        "plan: what an account is called",
    ),
    row(
        "Organizations",
        "DescribeOrganization",
        "organizations:DescribeOrganization",
        "organization: its id and management account",
    ),
    row(
        "Organizations",
        "DescribeOrganizationalUnit",
        "organizations:DescribeOrganizationalUnit",
        "plan: what a unit is called",
    ),
    row(
        "Organizations",
        "DescribePolicy",
        "organizations:DescribePolicy",
        "organization: what a policy says",
    ),
    row(
        "Organizations",
        "ListAccountsForParent",
        "organizations:ListAccountsForParent",
        "organization: the accounts in a unit",
    ),
    row(
        "Organizations",
        "ListChildren",
        "organizations:ListChildren",
        "plan: the units beneath a target",
    ),
    row(
        "Organizations",
        "ListOrganizationalUnitsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organization: the units in a unit",
    ),
    row(
        "Organizations",
        "ListPolicies",
        "organizations:ListPolicies",
        "organization: its service and resource control policies",
    ),
    row(
        "Organizations",
        "ListParents",
        "organizations:ListParents",
        "plan: what stands above an account or unit",
    ),
    row(
        "Organizations",
        "ListPoliciesForTarget",
        "organizations:ListPoliciesForTarget",
        "plan: what is attached to a root, unit or account",
    ),
    row(
        "Organizations",
        "ListRoots",
        "organizations:ListRoots",
        "organization: the root, and which kinds of policies are on",
    ),
    row(
        "Organizations",
        "ListTargetsForPolicy",
        "organizations:ListTargetsForPolicy",
        "organization: what a policy is attached to",
    ),
    row(
        "SecurityHub",
        "DescribeHub",
        "securityhub:DescribeHub",
        "doctor: is Security Hub enabled in this region",
    ),
    row(
        "SecurityHub",
        "GetFindings",
        "securityhub:GetFindings",
        "the queue: findings of every product",
    ),
    row(
        "STS",
        "DecodeAuthorizationMessage",
        "sts:DecodeAuthorizationMessage",
        "why denied: what an encoded refusal says",
    ),
    row("STS", "GetCallerIdentity", "sts:GetCallerIdentity", "header: whose credentials these are"),
];

/// What the writer may send, each only with a permit: the verbs' own calls.
pub fn writes() -> impl Iterator<Item = &'static Spec> {
    KINDS.iter().chain(WAYS_BACK).copied().chain([ASSUME])
}

/// The IAM policy that allows exactly the rows above.
pub fn policy() -> serde_json::Value {
    statement("HalonReadOnly", READ_ONLY.iter().map(|r| r.action).collect())
}

/// The IAM policy of a responder: what reads, and what every verb needs.
pub fn respond_policy() -> serde_json::Value {
    let mut policy = policy();
    // A session of break-glass says who begins it, for what, and up to where the log went.
    let with_it = ["sts:SetSourceIdentity", "sts:TagSession"];
    let actions = writes().map(|s| s.action).chain(with_it).collect();
    let changes = statement("HalonRespond", actions);
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements.extend(changes["Statement"].as_array().cloned().unwrap_or_default());
    }
    policy
}

fn statement(sid: &str, mut actions: Vec<&str>) -> serde_json::Value {
    actions.sort_unstable();
    actions.dedup();
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": sid,
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
        }],
    })
}
