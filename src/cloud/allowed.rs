//! The exact list of AWS operations that may be called without a permit.
//!
//! By pair, never by prefix: `sts:GetSessionToken` reads like a read and mints
//! credentials. A row is added when a screen needs it, with the reason.

use crate::change::{KINDS, Spec};

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
        "GetAccessKeyLastUsed",
        "iam:GetAccessKeyLastUsed",
        "plan: whose key it is and when it was used last",
    ),
    row("IAM", "GetPolicy", "iam:GetPolicy", "plan: a managed policy's default version"),
    row("IAM", "GetPolicyVersion", "iam:GetPolicyVersion", "plan: what a managed policy says"),
    row("IAM", "GetRole", "iam:GetRole", "plan: the role, its boundary and last use"),
    row("IAM", "GetUser", "iam:GetUser", "plan: the user, its boundary and last sign-in"),
    row("IAM", "ListAccessKeys", "iam:ListAccessKeys", "plan: the status of a user's keys"),
    row(
        "IAM",
        "ListAccountAliases",
        "iam:ListAccountAliases",
        "header: the account's alias beside its id",
    ),
    row(
        "IAM",
        "ListAttachedRolePolicies",
        "iam:ListAttachedRolePolicies",
        "plan: managed policies of a role",
    ),
    row(
        "IAM",
        "ListAttachedUserPolicies",
        "iam:ListAttachedUserPolicies",
        "plan: managed policies of a user",
    ),
    row("IAM", "ListRolePolicies", "iam:ListRolePolicies", "plan: inline policies of a role"),
    row("IAM", "ListUserPolicies", "iam:ListUserPolicies", "plan: inline policies of a user"),
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
    row("STS", "GetCallerIdentity", "sts:GetCallerIdentity", "header: whose credentials these are"),
];

/// What the writer may send, each only with a permit: the verbs' own calls.
pub fn writes() -> impl Iterator<Item = &'static Spec> {
    KINDS.iter().copied()
}

/// The IAM policy that allows exactly the rows above.
pub fn policy() -> serde_json::Value {
    statement("HalonReadOnly", READ_ONLY.iter().map(|r| r.action).collect())
}

/// The IAM policy of a responder: what reads, and what every verb needs.
pub fn respond_policy() -> serde_json::Value {
    let mut policy = policy();
    let changes = statement("HalonRespond", writes().map(|s| s.action).collect());
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
