//! The rows of the list.

use super::{
    Row,
    Screen::{self, *},
};

const fn row(
    service: &'static str,
    operation: &'static str,
    action: &'static str,
    screens: &'static [Screen],
    reason: &'static str,
) -> Row {
    Row { service, operation, action, screens, reason }
}

/// Every operation that may be called without a permit. A row that no screen needs is needed
/// to plan playbooks: which ones, their steps say (`playbook::Needs`).
#[rustfmt::skip]
pub const READ_ONLY: &[Row] = &[
    row("CloudTrail", "DescribeTrails", "cloudtrail:DescribeTrails", &[Health, Doctor, Preconditions], "which trails record what happens here"),
    row("CloudTrail", "GetEventSelectors", "cloudtrail:GetEventSelectors", &[Health, Doctor], "whether a trail records data events at all"),
    row("CloudTrail", "GetTrailStatus", "cloudtrail:GetTrailStatus", &[Health, Doctor, Preconditions], "whether a trail is on and delivers"),
    row("CloudTrail", "LookupEvents", "cloudtrail:LookupEvents", &[Trail, Drill], "the events of the last 90 days"),
    row("GuardDuty", "GetDetector", "guardduty:GetDetector", &[Findings, Doctor], "is the detector on, how often does it publish"),
    row("GuardDuty", "GetFindings", "guardduty:GetFindings", &[Findings], "findings by id"),
    row("GuardDuty", "ListDetectors", "guardduty:ListDetectors", &[Findings, Doctor], "is GuardDuty enabled in this region"),
    row("GuardDuty", "ListFindings", "guardduty:ListFindings", &[Findings], "ids of findings by severity and state"),
    row("GuardDuty", "GetAdministratorAccount", "guardduty:GetAdministratorAccount", &[], "a member account cannot archive, said before trying"),
    row("IAM", "GenerateCredentialReport", "iam:GenerateCredentialReport", &[Root], "has IAM make the report that GetCredentialReport reads; nothing else changes"),
    row("IAM", "GenerateServiceLastAccessedDetails", "iam:GenerateServiceLastAccessedDetails", &[Used], "has IAM make the list of services last used; nothing else changes"),
    row("IAM", "GetAccessKeyLastUsed", "iam:GetAccessKeyLastUsed", &[Inspection], "whose key it is and when it was used last"),
    row("IAM", "GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails", &[Account], "every user, group, role and policy of the account"),
    row("IAM", "GetAccountSummary", "iam:GetAccountSummary", &[Root], "whether the root user has MFA and access keys"),
    row("IAM", "GetCredentialReport", "iam:GetCredentialReport", &[Root], "the root user's and everybody's credentials and their last use"),
    row("IAM", "GetGroupPolicy", "iam:GetGroupPolicy", &[Inspection], "what a group's inline policy says"),
    row("IAM", "GetLoginProfile", "iam:GetLoginProfile", &[Inspection], "whether a user has a console password"),
    row("IAM", "GetPolicy", "iam:GetPolicy", &[Inspection, RoleDefinition], "a managed policy's default version"),
    row("IAM", "GetPolicyVersion", "iam:GetPolicyVersion", &[Inspection, RoleDefinition], "what a managed policy says"),
    row("IAM", "GetRole", "iam:GetRole", &[Inspection, RoleDefinition], "the role, its trust, boundary and last use"),
    row("IAM", "GetRolePolicy", "iam:GetRolePolicy", &[Inspection, RoleDefinition], "what a role's inline policy says"),
    row("IAM", "GetServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails", &[Used], "which services a principal was seen to use"),
    row("IAM", "GetUser", "iam:GetUser", &[Inspection], "the user, its boundary and last sign-in"),
    row("IAM", "GetUserPolicy", "iam:GetUserPolicy", &[Inspection], "what a user's inline policy says"),
    row("IAM", "ListAccessKeys", "iam:ListAccessKeys", &[Inspection], "the status of a user's keys"),
    row("IAM", "ListAccountAliases", "iam:ListAccountAliases", &[Header], "the account's alias beside its id"),
    row("IAM", "ListAttachedGroupPolicies", "iam:ListAttachedGroupPolicies", &[Inspection], "managed policies of a group"),
    row("IAM", "ListAttachedRolePolicies", "iam:ListAttachedRolePolicies", &[Inspection, RoleDefinition], "managed policies of a role"),
    row("IAM", "ListAttachedUserPolicies", "iam:ListAttachedUserPolicies", &[Inspection], "managed policies of a user"),
    row("IAM", "ListGroupPolicies", "iam:ListGroupPolicies", &[Inspection], "inline policies of a group"),
    row("IAM", "ListGroupsForUser", "iam:ListGroupsForUser", &[Inspection], "the groups that a user is in"),
    row("IAM", "ListInstanceProfilesForRole", "iam:ListInstanceProfilesForRole", &[Inspection, RoleDefinition], "which instance profiles hold a role"),
    row("IAM", "ListMFADevices", "iam:ListMFADevices", &[Inspection, Drill], "a user's second factors"),
    row("IAM", "ListPolicyVersions", "iam:ListPolicyVersions", &[], "the versions of a managed policy"),
    row("IAM", "ListRolePolicies", "iam:ListRolePolicies", &[Inspection, RoleDefinition], "inline policies of a role"),
    row("IAM", "ListUserPolicies", "iam:ListUserPolicies", &[Inspection], "inline policies of a user"),
    row("IAM", "SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy", &[Simulator], "what AWS's own simulator makes of a call"),
    row("Organizations", "DescribeAccount", "organizations:DescribeAccount", &[], "what an account is called"),
    row("Organizations", "DescribeOrganization", "organizations:DescribeOrganization", &[Organization], "its id and management account"),
    row("Organizations", "DescribeOrganizationalUnit", "organizations:DescribeOrganizationalUnit", &[], "what a unit is called"),
    row("Organizations", "DescribePolicy", "organizations:DescribePolicy", &[Organization], "what a policy says"),
    row("Organizations", "ListAccountsForParent", "organizations:ListAccountsForParent", &[Organization], "the accounts in a unit"),
    row("Organizations", "ListChildren", "organizations:ListChildren", &[], "the units beneath a target"),
    row("Organizations", "ListOrganizationalUnitsForParent", "organizations:ListOrganizationalUnitsForParent", &[Organization], "the units in a unit"),
    row("Organizations", "ListPolicies", "organizations:ListPolicies", &[Organization], "its service and resource control policies"),
    row("Organizations", "ListParents", "organizations:ListParents", &[], "what stands above an account or unit"),
    row("Organizations", "ListPoliciesForTarget", "organizations:ListPoliciesForTarget", &[], "what is attached to a root, unit or account"),
    row("Organizations", "ListRoots", "organizations:ListRoots", &[Organization], "the root, and which kinds of policies are on"),
    row("Organizations", "ListTargetsForPolicy", "organizations:ListTargetsForPolicy", &[Organization], "what a policy is attached to"),
    row("SecurityHub", "DescribeHub", "securityhub:DescribeHub", &[Doctor], "is Security Hub enabled in this region"),
    row("SecurityHub", "GetFindings", "securityhub:GetFindings", &[Findings], "findings of every product"),
    row("STS", "DecodeAuthorizationMessage", "sts:DecodeAuthorizationMessage", &[WhyDenied], "what an encoded refusal says"),
    row("STS", "GetCallerIdentity", "sts:GetCallerIdentity", &[], "whose credentials these are"),
];
