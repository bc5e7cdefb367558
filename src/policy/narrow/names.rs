//! CloudTrail's names are not IAM's: which action a logged call needs.
//!
//! Most events are called as the action is. The exceptions are from the service authorization
//! reference, from Amazon S3's user guide ("Amazon S3 CloudTrail events" beside "Required
//! permissions for Amazon S3 API operations"), from Lambda's developer guide ("Logging AWS
//! Lambda API calls using AWS CloudTrail": a date stands behind the names), and from real
//! trails. What is in no table is not guessed.

use crate::policy::actions;

/// What an event name means in IAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// These actions, as the table of actions spells them: a copy needs two.
    Actions(Vec<String>),
    /// Nothing: a sign-in, or something that a service did by itself.
    Nothing,
    /// Not known; the service's prefix, as far as that is.
    Unknown(String),
}

/// Services whose actions have another prefix than the event source says. An empty one has
/// no actions.
const PREFIXES: &[(&str, &str)] = &[
    ("a2i-runtime.sagemaker", "sagemaker"),
    ("api.ecr", "ecr"),
    ("api.sagemaker", "sagemaker"),
    ("cloudcontrolapi", "cloudformation"),
    ("data.iot", "iot"),
    ("edge.sagemaker", "sagemaker"),
    ("email", "ses"),
    ("entitlement.marketplace", "aws-marketplace"),
    ("iotdata", "iot"),
    ("metering.marketplace", "aws-marketplace"),
    ("models.lex", "lex"),
    ("monitoring", "cloudwatch"),
    ("mturk-requester", "mechanicalturk"),
    ("rdsdata", "rds-data"),
    ("runtime.lex", "lex"),
    ("runtime.sagemaker", "sagemaker"),
    ("servicecatalog-appregistry", "servicecatalog"),
    ("signin", ""),
    ("streams.dynamodb", "dynamodb"),
    ("tagging", "tag"),
    ("transcribestreaming", "transcribe"),
];

/// Event names that no action has, and what they need. A name may be an action's too and
/// still need another one.
const NAMES: &[(&str, &str, &str)] = &[
    (
        "dynamodb",
        "BatchExecuteStatement",
        "PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate",
    ),
    ("dynamodb", "ExecuteStatement", "PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate"),
    ("dynamodb", "ExecuteTransaction", "PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate"),
    ("dynamodb", "TransactGetItems", "GetItem"),
    ("dynamodb", "TransactWriteItems", "ConditionCheckItem DeleteItem PutItem UpdateItem"),
    ("lambda", "Invoke", "InvokeFunction"),
    ("lambda", "InvokeWithResponseStream", "InvokeFunction"),
    ("s3", "CompleteMultipartUpload", "PutObject"),
    ("s3", "CopyObject", "GetObject PutObject"),
    ("s3", "CreateMultipartUpload", "PutObject"),
    ("s3", "DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock"),
    ("s3", "DeleteBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    ("s3", "DeleteBucketCors", "PutBucketCORS"),
    ("s3", "DeleteBucketEncryption", "PutEncryptionConfiguration"),
    ("s3", "DeleteBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    ("s3", "DeleteBucketInventoryConfiguration", "PutInventoryConfiguration"),
    ("s3", "DeleteBucketLifecycle", "PutLifecycleConfiguration"),
    ("s3", "DeleteBucketMetricsConfiguration", "PutMetricsConfiguration"),
    ("s3", "DeleteBucketOwnershipControls", "PutBucketOwnershipControls"),
    ("s3", "DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("s3", "DeleteBucketReplication", "PutReplicationConfiguration"),
    ("s3", "DeleteBucketTagging", "PutBucketTagging"),
    ("s3", "DeleteObjects", "DeleteObject DeleteObjectVersion"),
    ("s3", "DeletePublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("s3", "GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
    ("s3", "GetBucketAnalyticsConfiguration", "GetAnalyticsConfiguration"),
    ("s3", "GetBucketEncryption", "GetEncryptionConfiguration"),
    ("s3", "GetBucketIntelligentTieringConfiguration", "GetIntelligentTieringConfiguration"),
    ("s3", "GetBucketInventoryConfiguration", "GetInventoryConfiguration"),
    ("s3", "GetBucketLifecycle", "GetLifecycleConfiguration"),
    ("s3", "GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
    ("s3", "GetBucketMetricsConfiguration", "GetMetricsConfiguration"),
    ("s3", "GetBucketNotificationConfiguration", "GetBucketNotification"),
    ("s3", "GetBucketReplication", "GetReplicationConfiguration"),
    ("s3", "GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("s3", "GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("s3", "HeadBucket", "ListBucket"),
    ("s3", "HeadObject", "GetObject GetObjectVersion"),
    ("s3", "ListBucketAnalyticsConfigurations", "GetAnalyticsConfiguration"),
    ("s3", "ListBucketIntelligentTieringConfigurations", "GetIntelligentTieringConfiguration"),
    ("s3", "ListBucketInventoryConfigurations", "GetInventoryConfiguration"),
    ("s3", "ListBucketMetricsConfigurations", "GetMetricsConfiguration"),
    ("s3", "ListBuckets", "ListAllMyBuckets"),
    ("s3", "ListMultipartUploads", "ListBucketMultipartUploads"),
    ("s3", "ListObjects", "ListBucket"),
    ("s3", "ListObjectsV2", "ListBucket"),
    ("s3", "ListObjectVersions", "ListBucketVersions"),
    ("s3", "ListParts", "ListMultipartUploadParts"),
    ("s3", "PostObject", "PutObject"),
    ("s3", "PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"),
    ("s3", "PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    ("s3", "PutBucketEncryption", "PutEncryptionConfiguration"),
    ("s3", "PutBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    ("s3", "PutBucketInventoryConfiguration", "PutInventoryConfiguration"),
    ("s3", "PutBucketLifecycle", "PutLifecycleConfiguration"),
    ("s3", "PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"),
    ("s3", "PutBucketMetricsConfiguration", "PutMetricsConfiguration"),
    ("s3", "PutBucketNotificationConfiguration", "PutBucketNotification"),
    ("s3", "PutBucketReplication", "PutReplicationConfiguration"),
    ("s3", "PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("s3", "PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("s3", "SelectObjectContent", "GetObject"),
    ("s3", "UploadPart", "PutObject"),
    ("s3", "UploadPartCopy", "GetObject PutObject"),
    ("sns", "PublishBatch", "Publish"),
    ("sqs", "ChangeMessageVisibilityBatch", "ChangeMessageVisibility"),
    ("sqs", "DeleteMessageBatch", "DeleteMessage"),
    ("sqs", "SendMessageBatch", "SendMessage"),
];

/// The prefix of a service's actions; `None` where it has none.
pub fn prefix(source: &str) -> Option<&str> {
    let host = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let other = PREFIXES.iter().find(|(of, _)| *of == host).map(|(_, prefix)| *prefix);
    Some(other.unwrap_or(host)).filter(|prefix| !prefix.is_empty())
}

/// The actions that a call needs. `source` is the event's, such as `s3.amazonaws.com`.
pub fn meaning(source: &str, name: &str) -> Means {
    let Some(service) = prefix(source) else { return Means::Nothing };
    let spelled = |name: &str| {
        actions::find(&format!("{service}:{name}")).map(|a| format!("{}:{}", a.service, a.name))
    };
    let plain = undated(name);
    let row = NAMES.iter().find(|(of, event, _)| *of == service && [name, plain].contains(event));
    if let Some((_, _, needs)) = row {
        // Each is in the table of actions: a test says so.
        return Means::Actions(needs.split(' ').filter_map(spelled).collect());
    }
    match spelled(name).or_else(|| spelled(plain)) {
        Some(action) => Means::Actions(vec![action]),
        None => Means::Unknown(service.to_owned()),
    }
}

/// A name without the date of the interface's version: `GetFunction20150331v2`,
/// `CreateDistribution2020_05_31`.
fn undated(name: &str) -> &str {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    // `v` and a number behind the date.
    let dated = bare.strip_suffix('v').filter(|_| bare.len() < name.len()).unwrap_or(name);
    let cut = dated.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let digits = dated[cut.len()..].bytes().filter(u8::is_ascii_digit).count();
    if digits == 8 && !cut.is_empty() { cut } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions_of(source: &str, name: &str) -> Vec<String> {
        match meaning(source, name) {
            Means::Actions(actions) => actions,
            other => panic!("{source} {name}: {other:?}"),
        }
    }

    #[test]
    fn every_row_needs_actions_that_there_are() {
        for (service, _, needs) in NAMES {
            for name in needs.split(' ') {
                assert!(actions::find(&format!("{service}:{name}")).is_some(), "{service}:{name}");
            }
        }
        for (_, prefix) in PREFIXES.iter().filter(|(_, prefix)| !prefix.is_empty()) {
            assert!(actions::knows_service(prefix), "{prefix}");
        }
    }

    #[test]
    fn events_are_told_as_the_actions_they_need() {
        for (source, name, needs) in [
            ("s3.amazonaws.com", "ListBuckets", "s3:ListAllMyBuckets"),
            ("s3.amazonaws.com", "ListObjects", "s3:ListBucket"),
            ("s3.amazonaws.com", "UploadPart", "s3:PutObject"),
            ("s3.amazonaws.com", "GetBucketReplication", "s3:GetReplicationConfiguration"),
            ("s3.amazonaws.com", "PutBucketCors", "s3:PutBucketCORS"),
            ("lambda.amazonaws.com", "GetFunction20150331v2", "lambda:GetFunction"),
            ("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction"),
            ("lambda.amazonaws.com", "Invoke", "lambda:InvokeFunction"),
            (
                "cloudfront.amazonaws.com",
                "CreateDistribution2020_05_31",
                "cloudfront:CreateDistribution",
            ),
            ("monitoring.amazonaws.com", "DescribeAlarms", "cloudwatch:DescribeAlarms"),
            ("email.amazonaws.com", "GetSendQuota", "ses:GetSendQuota"),
            (
                "servicecatalog-appregistry.amazonaws.com",
                "ListApplications",
                "servicecatalog:ListApplications",
            ),
            ("ec2.amazonaws.com", "RunInstances", "ec2:RunInstances"),
        ] {
            assert_eq!(actions_of(source, name), [needs], "{source} {name}");
        }
        assert_eq!(actions_of("s3.amazonaws.com", "CopyObject"), ["s3:GetObject", "s3:PutObject"]);
        assert_eq!(meaning("signin.amazonaws.com", "ConsoleLogin"), Means::Nothing);
        let unknown = |service: &str| Means::Unknown(service.to_owned());
        assert_eq!(
            meaning("secretsmanager.amazonaws.com", "StartSecretVersionDelete"),
            unknown("secretsmanager")
        );
        assert_eq!(
            meaning("s3.amazonaws.com", "GetStorageLensDashboardDataInternal"),
            unknown("s3")
        );
        assert_eq!(meaning("", ""), Means::Nothing);
        assert_eq!(undated("Get20150331"), "Get");
        for same in ["ListObjectsV2", "20150331", "Ab1234567", "é20150331v", "v2", ""] {
            assert_eq!(undated(same), same);
        }
    }
}
