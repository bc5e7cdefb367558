//! What CloudTrail's event history cannot tell: actions that are logged as data events or
//! not at all.
//!
//! "By default, trails and event data stores do not log data events" (CloudTrail user guide,
//! "Logging data events", whose table of resource types the first list follows; for Amazon S3
//! its user guide, "Amazon S3 CloudTrail events"). LookupEvents never gives them. That no event
//! of these actions is here says nothing about whether they are needed.

use crate::policy::actions;

/// Why there may be no event of an action that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unlogged {
    /// Logged as data events only, where a trail is told to.
    Data,
    /// In no event at all.
    Never,
}

/// By service; names may have wildcards.
const DATA: &[(&str, &str)] = &[
    ("aoss", "APIAccessAll DashboardsAccessAll"),
    ("appconfig", "GetLatestConfiguration StartConfigurationSession"),
    ("appsync", "GraphQL"),
    (
        "bedrock",
        "ApplyGuardrail InvokeAgent InvokeFlow InvokeInlineAgent InvokeTool \
         Retrieve RetrieveAndGenerate",
    ),
    ("cassandra", "Select Modify"),
    ("cloudfront-keyvaluestore", "*"),
    ("cloudtrail-data", "PutAuditEvents"),
    (
        "cloudwatch",
        "PutMetricData GetMetricData GetMetricStatistics GetMetricWidgetImage ListMetrics",
    ),
    ("codewhisperer", "Generate*"),
    ("cognito-identity", "GetId GetCredentialsForIdentity GetOpenIdToken* UnlinkIdentity"),
    (
        "dynamodb",
        "BatchGetItem BatchWriteItem ConditionCheckItem DeleteItem GetItem GetRecords \
         GetShardIterator PartiQL* PutItem Query Scan UpdateItem",
    ),
    ("ebs", "*"),
    ("geo", "*DevicePosition* GetMap* Search* Calculate* GetPlace"),
    ("greengrass", "GetComponentVersionArtifact ResolveComponentCandidates"),
    ("guardduty", "SendSecurityTelemetry"),
    (
        "iot",
        "*ThingShadow ListNamedShadowsForThing Publish Connect Subscribe Receive RetainPublish GetRetainedMessage",
    ),
    ("iotsitewise", "BatchPutAssetPropertyValue *AssetPropertyValue* *AssetPropertyAggregates"),
    ("kinesis", "GetRecords GetShardIterator PutRecord PutRecords SubscribeToShard"),
    (
        "kinesisvideo",
        "GetMedia* PutMedia Get*SessionURL GetClip GetImages ListFragments ConnectAs* SendAlexaOfferToMaster GetIceServerConfig",
    ),
    ("lambda", "InvokeAsync InvokeFunction InvokeFunctionUrl"),
    ("logs", "FilterLogEvents GetLogEvents GetLogRecord PutLogEvents StartLiveTail"),
    ("managedblockchain-query", "*"),
    (
        "medical-imaging",
        "GetImageFrame GetImageSet* SearchImageSets CopyImageSet DeleteImageSet UpdateImageSetMetadata ListImageSetVersions",
    ),
    ("neptune-graph", "*DataViaQuery"),
    ("pca-connector-scep", "*"),
    ("qbusiness", "Chat* ListMessages ListConversations PutFeedback"),
    ("rds-data", "*"),
    ("rum", "PutRumEvents"),
    (
        "s3",
        "AbortMultipartUpload BypassGovernanceRetention DeleteObject* GetObject* \
         InitiateReplication ListBucket ListBucketMultipartUploads ListBucketVersions \
         ListMultipartUploadParts ListObject* ObjectOwnerOverrideToBucketOwner PutObject* Replicate* \
         RestoreObject UpdateObjectEncryption",
    ),
    (
        "s3-object-lambda",
        "AbortMultipartUpload DeleteObject* GetObject* List* PutObject* RestoreObject WriteGetObjectResponse",
    ),
    (
        "s3-outposts",
        "AbortMultipartUpload DeleteObject* GetObject* ListBucket* ListMultipartUploadParts PutObject* ReplicateDelete ReplicateObject ReplicateTags",
    ),
    ("s3express", "CreateSession"),
    ("s3tables", "GetTableData PutTableData"),
    (
        "sagemaker",
        "BatchGetRecord DeleteRecord GetRecord InvokeEndpoint* PutRecord BatchPutMetrics",
    ),
    ("scn", "*DataIntegrationEvent* SendDataIntegrationEvent"),
    (
        "sdb",
        "BatchDeleteAttributes BatchPutAttributes DeleteAttributes GetAttributes PutAttributes Select",
    ),
    ("servicediscovery", "DiscoverInstances*"),
    ("ses", "SendBulk* SendEmail SendRawEmail SendTemplatedEmail SendCustomVerificationEmail"),
    ("signer", "GetRevocationStatus"),
    ("sns", "Publish"),
    ("social-messaging", "SendWhatsAppMessage *WhatsAppMessageMedia"),
    ("sqs", "ChangeMessageVisibility DeleteMessage ReceiveMessage SendMessage"),
    ("ssmmessages", "*"),
    ("states", "GetActivityTask InvokeHTTPEndpoint SendTask* StartSyncExecution"),
    (
        "swf",
        "Count* Describe* Get* List* Poll* RecordActivityTaskHeartbeat Request* Respond* Signal* StartWorkflowExecution TerminateWorkflowExecution",
    ),
    ("timestream", "Select SelectValues WriteRecords CancelQuery PrepareQuery"),
    ("verifiedpermissions", "IsAuthorized*"),
    (
        "xray",
        "BatchGetTraces GetSampling* GetServiceGraph GetTimeSeriesServiceStatistics GetTraceGraph GetTraceSummaries PutTelemetryRecords PutTraceSegments",
    ),
];

/// Permissions that are checked where CloudTrail sees nothing: at the door of a database, a
/// broker, a file system or an API of the customer's own (each service's user guide, "Logging
/// API calls with AWS CloudTrail", names what is logged).
const NEVER: &[(&str, &str)] = &[
    ("appstream", "Stream"),
    ("aps", "GetLabels GetMetricMetadata GetSeries QueryMetrics RemoteWrite"),
    ("cloudsearch", "document search suggest"),
    (
        "dax",
        "BatchGetItem BatchWriteItem ConditionCheckItem DeleteItem GetItem PutItem Query Scan UpdateItem",
    ),
    ("ec2messages", "*"),
    ("elasticache", "Connect"),
    ("elasticfilesystem", "ClientMount ClientRootAccess ClientWrite"),
    ("es", "ESHttp* ESCrossClusterGet"),
    ("events", "PutEvents"),
    ("execute-api", "*"),
    ("firehose", "PutRecord PutRecordBatch"),
    ("kafka-cluster", "*"),
    (
        "lex",
        "PostContent PostText Recognize* PutSession GetSession DeleteSession StartConversation",
    ),
    ("memorydb", "Connect"),
    ("mobiletargeting", "PutEvents SendMessages SendUsersMessages"),
    ("neptune-db", "*"),
    ("personalize", "GetRecommendations GetPersonalizedRanking GetActionRecommendations"),
    ("qldb", "PartiQL* SendCommand"),
    ("rds-db", "connect"),
    ("workspaces", "Stream"),
];

/// Why no event of an action may be there although it is used; `None` where CloudTrail's
/// event history has every call.
pub fn unlogged(service: &str, name: &str) -> Option<Unlogged> {
    let is_in = |table: &[(&str, &str)]| {
        let of = table.iter().filter(|(of, _)| of.eq_ignore_ascii_case(service));
        of.flat_map(|(_, names)| names.split_whitespace()).any(|n| actions::matches(n, name))
    };
    if is_in(DATA) {
        Some(Unlogged::Data)
    } else if is_in(NEVER) {
        Some(Unlogged::Never)
    } else {
        None
    }
}

/// What holds the things that data events are about, and is named in each of them: the bucket
/// of an object, the function, the table. `None` where a pattern leaves open which it is.
pub fn container(pattern: &str) -> Option<String> {
    let mut parts = pattern.splitn(6, ':');
    let service = parts.nth(2)?;
    let resource = parts.nth(2)?;
    let kept = match service {
        "s3" => resource.split('/').next()?,
        // `table/NAME/index/…`, `function:NAME:ALIAS`
        "dynamodb" => resource
            .get(..resource.match_indices('/').nth(1).map_or(resource.len(), |(at, _)| at))?,
        "lambda" => resource
            .get(..resource.match_indices(':').nth(1).map_or(resource.len(), |(at, _)| at))?,
        _ => resource,
    };
    let whole = &pattern[..pattern.len() - resource.len() + kept.len()];
    (!kept.is_empty() && !whole.contains(['*', '?', '$'])).then(|| whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_names_actions_that_there_are() {
        for (service, names) in DATA.iter().chain(NEVER) {
            for name in names.split_whitespace() {
                let pattern = format!("{service}:{name}");
                assert!(actions::expand(&pattern).next().is_some(), "{pattern}");
            }
        }
        assert!(DATA.is_sorted_by_key(|(s, _)| *s) && NEVER.is_sorted_by_key(|(s, _)| *s));
    }

    #[test]
    fn what_the_event_history_lacks() {
        for (service, name) in [
            ("s3", "GetObject"),
            ("s3", "PutObjectAcl"),
            ("S3", "listbucket"),
            ("lambda", "InvokeFunction"),
            ("dynamodb", "UpdateItem"),
            ("sns", "Publish"),
            ("sqs", "SendMessage"),
        ] {
            assert_eq!(unlogged(service, name), Some(Unlogged::Data), "{service}:{name}");
        }
        assert_eq!(unlogged("execute-api", "Invoke"), Some(Unlogged::Never));
        for (service, name) in [
            ("s3", "GetBucketPolicy"),
            ("s3", "ListAllMyBuckets"),
            ("lambda", "UpdateFunctionCode"),
            ("dynamodb", "CreateTable"),
            ("iam", "CreateUser"),
        ] {
            assert_eq!(unlogged(service, name), None, "{service}:{name}");
        }
    }

    #[test]
    fn a_container_is_one_or_none() {
        for (pattern, is) in [
            ("arn:aws:s3:::ci/*", Some("arn:aws:s3:::ci")),
            ("arn:aws:s3:::ci", Some("arn:aws:s3:::ci")),
            ("arn:aws:s3:::ci-*", None),
            ("arn:aws:s3:::*", None),
            ("*", None),
            ("arn:aws:s3:::${aws:username}/*", None),
            (
                "arn:aws:dynamodb:us-east-1:111122223333:table/t/index/*",
                Some("arn:aws:dynamodb:us-east-1:111122223333:table/t"),
            ),
            ("arn:aws:dynamodb:*:111122223333:table/t", None),
            (
                "arn:aws:lambda:us-east-1:111122223333:function:f:*",
                Some("arn:aws:lambda:us-east-1:111122223333:function:f"),
            ),
            ("arn:aws:sns:us-east-1:111122223333:t", Some("arn:aws:sns:us-east-1:111122223333:t")),
        ] {
            assert_eq!(container(pattern).as_deref(), is, "{pattern}");
        }
    }
}
