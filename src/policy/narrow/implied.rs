//! Permissions that a call is checked for beside its own, and that have no event.

use crate::policy::actions::{self, AccessLevel};

/// What an action may have been needed for, although nothing is logged under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beside {
    /// `iam:PassRole`: handing a role to a service. "PassRole is not an API call […] no
    /// CloudTrail logs are generated for IAM PassRole" (IAM user guide, "Granting a user
    /// permissions to pass a role to an AWS service").
    Pass,
    /// Tagging while something is made (service authorization reference: dependent actions).
    Tag,
    /// `sts:TagSession` and `sts:SetSourceIdentity` with `AssumeRole`; a service-linked role
    /// with the call that first needs it; a version of an object with the object.
    Same,
}

/// Actions that take a role and hand it to a service (IAM user guide, "Granting a user
/// permissions to pass a role to an AWS service"; service authorization reference, dependent
/// actions).
const PASSING: &[(&str, &str)] = &[
    ("apprunner", "Create* Update*"),
    ("appsync", "Create* Update*"),
    ("autoscaling", "Create* Update* PutLifecycleHook"),
    ("backup", "Start* Create* Update*"),
    ("batch", "Create* Register* Update* SubmitJob"),
    ("bedrock", "Create* Update*"),
    ("cloudformation", "Create* Update* Delete* Execute* Rollback* ContinueUpdateRollback"),
    ("cloudtrail", "Create* Update*"),
    ("codebuild", "Create* Update* Start*"),
    ("codedeploy", "Create* Update*"),
    ("codepipeline", "Create* Update*"),
    ("config", "Put*"),
    ("datapipeline", "Create* Put*"),
    ("dms", "Create* Modify*"),
    ("dynamodb", "Import* Update*"),
    (
        "ec2",
        "AssociateIamInstanceProfile CreateFlowLogs CreateLaunchTemplate* \
         ReplaceIamInstanceProfileAssociation RequestSpotFleet RequestSpotInstances RunInstances \
         CreateFleet ModifyFleet ModifyLaunchTemplate",
    ),
    ("ecs", "Create* Register* Run* Start* Update*"),
    ("eks", "Create* Update*"),
    ("elasticbeanstalk", "Create* Update*"),
    ("elasticmapreduce", "Run* Add* Create* Start*"),
    ("emr-containers", "Start* Create*"),
    ("emr-serverless", "Start*"),
    ("events", "Put* Create* Update* StartReplay"),
    ("firehose", "Create* Update*"),
    ("glue", "Create* Update* Start*"),
    ("iam", "AddRoleToInstanceProfile"),
    ("iot", "Create* Replace* Update* Set*"),
    ("kinesisanalytics", "Create* Add* Update*"),
    ("lambda", "CreateFunction UpdateFunctionConfiguration"),
    ("logs", "Put* CreateExportTask"),
    ("pipes", "Create* Update*"),
    ("rds", "Add* Create* Modify* Restore* Start*"),
    ("redshift", "Create* Modify* Restore*"),
    ("s3", "PutReplicationConfiguration CreateJob"),
    ("sagemaker", "Create* Update* Start*"),
    ("scheduler", "Create* Update*"),
    ("sns", "Set* CreatePlatformApplication"),
    ("ssm", "Create* Register* Send* Start* Update*"),
    ("states", "Create* Update*"),
    ("transfer", "Create* Update*"),
];

/// Two actions, the second checked with the first and never logged for it.
const SAME: &[(&str, &str)] = &[
    ("sts:AssumeRole", "sts:SetSourceIdentity"),
    ("sts:AssumeRole", "sts:TagSession"),
    ("sts:AssumeRoleWithSAML", "sts:SetSourceIdentity"),
    ("sts:AssumeRoleWithSAML", "sts:TagSession"),
    ("sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"),
    ("sts:AssumeRoleWithWebIdentity", "sts:TagSession"),
    ("cloudformation:*Stack", "cloudformation:CreateChangeSet"),
    ("ecr:*", "ecr:GetAuthorizationToken"),
    ("lambda:*EventSourceMapping", "lambda:GetFunction"),
];

/// Why `action` may have been needed by a call that needed `seen`; both as the table of
/// actions spells them.
pub fn implied(action: &actions::Action, seen: &str) -> Option<Beside> {
    let (service, name) = seen.split_once(':')?;
    let matches = |pattern: &str, text: &str| actions::matches(pattern, text);
    if (action.service, action.name) == ("iam", "PassRole") {
        let rows = PASSING.iter().filter(|(of, _)| *of == service);
        let passes = rows.flat_map(|(_, n)| n.split_whitespace()).any(|n| matches(n, name));
        return passes.then_some(Beside::Pass);
    }
    // "To create a resource with tags you need the permission to tag it."
    let makes = [
        "Create*",
        "Run*",
        "Register*",
        "Put*",
        "Copy*",
        "Import*",
        "Restore*",
        "Allocate*",
        "Request*",
    ];
    if action.level == AccessLevel::Tagging
        && action.service == service
        && !action.name.starts_with("Un")
        && makes.iter().any(|make| matches(make, name))
        && actions::find(seen).is_none_or(|a| a.level != AccessLevel::Tagging)
    {
        return Some(Beside::Tag);
    }
    let mine = |whole: &str| whole.split_once(':') == Some((action.service, action.name));
    let same = SAME.iter().any(|(of, beside)| mine(beside) && matches(of, seen));
    (same && !mine(seen)).then_some(Beside::Same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(action: &str, seen: &str) -> Option<Beside> {
        assert!(actions::find(seen).is_some(), "{seen}");
        implied(actions::find(action).unwrap_or_else(|| panic!("{action}")), seen)
    }

    #[test]
    fn a_call_may_have_needed_more_than_its_own_action() {
        for (action, seen, why) in [
            ("iam:PassRole", "ec2:RunInstances", Some(Beside::Pass)),
            ("iam:PassRole", "lambda:CreateFunction", Some(Beside::Pass)),
            ("iam:PassRole", "s3:GetBucketPolicy", None),
            ("iam:PassRole", "iam:ListRoles", None),
            ("ec2:CreateTags", "ec2:RunInstances", Some(Beside::Tag)),
            ("ec2:CreateTags", "ec2:DescribeInstances", None),
            ("ec2:CreateTags", "lambda:CreateFunction", None),
            ("lambda:TagResource", "lambda:CreateFunction", Some(Beside::Tag)),
            ("lambda:UntagResource", "lambda:CreateFunction", None),
            ("sts:TagSession", "sts:AssumeRole", Some(Beside::Same)),
            ("sts:GetSessionToken", "sts:AssumeRole", None),
        ] {
            assert_eq!(of(action, seen), why, "{action} beside {seen}");
        }
    }

    #[test]
    fn every_row_names_actions_that_there_are() {
        for (service, names) in PASSING {
            for name in names.split_whitespace() {
                let pattern = format!("{service}:{name}");
                assert!(actions::expand(&pattern).next().is_some(), "{pattern}");
            }
        }
        for (seen, beside) in SAME {
            assert!(actions::expand(seen).next().is_some(), "{seen}");
            assert!(actions::find(beside).is_some(), "{beside}");
        }
    }
}
