//! The exact list of AWS operations that may be called without a permit.
//!
//! By pair, never by prefix: `sts:GetSessionToken` reads like a read and mints
//! credentials. A row is added when a screen needs it, with the reason.

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
        "IAM",
        "ListAccountAliases",
        "iam:ListAccountAliases",
        "header: the account's alias beside its id",
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
    row("STS", "GetCallerIdentity", "sts:GetCallerIdentity", "header: whose credentials these are"),
];

/// The IAM policy that allows exactly the rows above.
pub fn policy() -> serde_json::Value {
    let mut actions: Vec<&str> = READ_ONLY.iter().map(|r| r.action).collect();
    actions.sort_unstable();
    actions.dedup();
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "HalonReadOnly",
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
        }],
    })
}
