//! What taking a change back asks IAM for, before anybody knows whether there will be anything to
//! take back: the actions of every verb that its [`inverse`](super::Facts::inverse) may give.

use super::Spec;

/// The actions of the way back, each once; none where there is no way back.
pub fn way_back(spec: &Spec) -> &'static [&'static str] {
    match spec.name {
        "guardduty.archive_findings" => &["guardduty:UnarchiveFindings"],
        "guardduty.unarchive_findings" => &["guardduty:ArchiveFindings"],
        "guardduty.feedback" => &["guardduty:UpdateFindingsFeedback"],
        "guardduty.enable" | "guardduty.disable" => &["guardduty:UpdateDetector"],
        "securityhub.set_workflow" => &["securityhub:BatchUpdateFindings"],
        "securityhub.enable" => &["securityhub:DisableSecurityHub"],
        "securityhub.disable" => &["securityhub:EnableSecurityHub"],
        "iam.deactivate_access_key" | "iam.reactivate_access_key" | "iam.deactivate_user_keys" => {
            &["iam:UpdateAccessKey"]
        }
        "iam.detach_role_policy" => &["iam:AttachRolePolicy"],
        "iam.detach_user_policy" => &["iam:AttachUserPolicy"],
        "iam.attach_role_policy" => &["iam:DetachRolePolicy"],
        "iam.attach_user_policy" => &["iam:DetachUserPolicy"],
        // One of the same name may have been there.
        "iam.deny_all_role"
        | "iam.revoke_role_sessions"
        | "iam.deny_role_session"
        | "iam.put_role_policy" => &["iam:DeleteRolePolicy", "iam:PutRolePolicy"],
        "iam.deny_all_user" | "iam.revoke_user_sessions" | "iam.put_user_policy" => {
            &["iam:DeleteUserPolicy", "iam:PutUserPolicy"]
        }
        "iam.delete_role_policy" => &["iam:PutRolePolicy"],
        "iam.delete_user_policy" => &["iam:PutUserPolicy"],
        "iam.put_role_boundary" => {
            &["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]
        }
        "iam.put_user_boundary" => {
            &["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"]
        }
        "iam.remove_role_boundary" => &["iam:PutRolePermissionsBoundary"],
        "iam.remove_user_boundary" => &["iam:PutUserPermissionsBoundary"],
        "iam.set_trust_policy" | "iam.remove_trusted_principal" => &["iam:UpdateAssumeRolePolicy"],
        "iam.set_default_policy_version" | "iam.create_policy_version" => {
            &["iam:SetDefaultPolicyVersion"]
        }
        "iam.delete_policy_version" => &["iam:CreatePolicyVersion"],
        // A value that was there comes back.
        "iam.tag_role" => &["iam:UntagRole", "iam:TagRole"],
        "iam.tag_user" => &["iam:UntagUser", "iam:TagUser"],
        "iam.untag_role" => &["iam:TagRole"],
        "iam.untag_user" => &["iam:TagUser"],
        "cloudtrail.start_logging" => &["cloudtrail:StopLogging"],
        "cloudtrail.stop_logging" => &["cloudtrail:StartLogging"],
        "cloudtrail.record_management_events" => &["cloudtrail:PutEventSelectors"],
        "organizations.attach_scp" => &["organizations:DetachPolicy"],
        "organizations.detach_scp" => &["organizations:AttachPolicy"],
        "organizations.move_account" => &["organizations:MoveAccount"],
        // A password that was deleted and a detector that was made stay so; a session is ended
        // without a call.
        _ => &[],
    }
}
