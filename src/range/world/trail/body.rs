//! The event's JSON, in the order in which CloudTrail writes it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{super::iso_seconds, Event, Members};

/// The version of the record's format (CloudTrail user guide, "Record contents").
const VERSION: &str = "1.11";

/// The beginning, up to the Region.
pub fn frame(event: &Event, region: &str, who: Value) -> Members {
    let mut body = Members::new();
    body.insert("eventVersion".into(), VERSION.into());
    body.insert("userIdentity".into(), who);
    body.insert("eventTime".into(), iso_seconds(event.seconds() * 1000).into());
    body.insert("eventSource".into(), (*event.source).into());
    body.insert("eventName".into(), (*event.name).into());
    body.insert("awsRegion".into(), region.into());
    body
}

/// The end, from `readOnly` on.
pub fn close(body: &mut Members, event: &Event, kind: &str, account: &str) {
    body.insert("readOnly".into(), event.read_only.into());
    body.insert("eventType".into(), kind.into());
    body.insert("managementEvent".into(), true.into());
    body.insert("recipientAccountId".into(), account.into());
    body.insert("eventCategory".into(), "Management".into());
}

/// Members with a small first letter, as CloudTrail spells them, at every depth.
pub fn lower_camel(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let lowered = object.into_iter().map(|(key, value)| {
                let mut rest = key.chars();
                let first = rest.next().map(|c| c.to_ascii_lowercase());
                (first.into_iter().chain(rest).collect(), lower_camel(value))
            });
            Value::Object(lowered.collect())
        }
        Value::Array(items) => items.into_iter().map(lower_camel).collect(),
        other => other,
    }
}

/// What a call is about, by the members that name something: type and name. CloudTrail
/// does not document which these are; they are those that real events have.
pub fn resources(source: &str, request: &Value, response: &Value) -> Vec<(String, String)> {
    const NAMED: [(&str, &str); 8] = [
        ("/policyArn", "AWS::IAM::Policy"),
        ("/userName", "AWS::IAM::User"),
        ("/roleName", "AWS::IAM::Role"),
        ("/roleArn", "AWS::IAM::Role"),
        ("/accessKeyId", "AWS::IAM::AccessKey"),
        ("/bucketName", "AWS::S3::Bucket"),
        ("/snapshotId", "AWS::EC2::Snapshot"),
        ("/secretId", "AWS::SecretsManager::Secret"),
    ];
    const MADE: [(&str, &str); 3] = [
        ("/accessKey/accessKeyId", "AWS::IAM::AccessKey"),
        ("/credentials/accessKeyId", "AWS::IAM::AccessKey"),
        ("/assumedRoleUser/arn", "AWS::STS::AssumedRole"),
    ];
    let mut found = Vec::new();
    let mut add = |kind: &str, name: &Value| {
        if let Some(name) = name.as_str() {
            let pair = (kind.to_owned(), name.to_owned());
            if !found.contains(&pair) {
                found.push(pair);
            }
        }
    };
    for (said, table) in [(request, &NAMED[..]), (response, &MADE[..])] {
        for (pointer, kind) in table {
            add(kind, said.pointer(pointer).unwrap_or(&Value::Null));
        }
        let instances = said.pointer("/instancesSet/items").and_then(Value::as_array);
        for instance in instances.into_iter().flatten() {
            add("AWS::EC2::Instance", &instance["instanceId"]);
        }
    }
    if source.starts_with("cloudtrail.") {
        add("AWS::CloudTrail::Trail", &request["name"]);
    }
    found
}

/// The `resources` of an event of STS: the role that is assumed.
pub fn accessed(source: &str, request: &Value) -> Option<Value> {
    let arn = request["roleArn"].as_str().filter(|_| source.starts_with("sts."))?;
    let account = arn.split(':').nth(4)?;
    Some(json!([{"accountId": account, "type": "AWS::IAM::Role", "ARN": arn}]))
}

/// Why somebody may not, in the words of the service: code and message.
pub fn denial(source: &str, name: &str, who: &Value) -> (String, String) {
    if source.starts_with("ec2.") {
        let why = "You are not authorized to perform this operation.";
        return ("Client.UnauthorizedOperation".into(), why.into());
    }
    let service = source.trim_end_matches(".amazonaws.com");
    let arn = who["arn"].as_str().unwrap_or("anonymous");
    let why = format!(
        "User: {arn} is not authorized to perform: {service}:{name} because no identity-based \
         policy allows the {service}:{name} action"
    );
    ("AccessDenied".into(), why)
}

/// The code of a refusal as CloudTrail tells it. Real events of IAM and STS have the names of
/// the model's shapes (`NoSuchEntityException`), and those of every service, but EC2's, have
/// `AccessDenied`, whatever the caller was answered with.
pub fn told_code(source: &str, code: &str) -> String {
    const SHAPES: [&str; 15] = [
        "ConcurrentModification",
        "DeleteConflict",
        "EntityAlreadyExists",
        "EntityTemporarilyUnmodifiable",
        "ExpiredToken",
        "InvalidInput",
        "LimitExceeded",
        "MalformedPolicyDocument",
        "NoSuchEntity",
        "PackedPolicyTooLarge",
        "PasswordPolicyViolation",
        "PolicyNotAttachable",
        "RegionDisabled",
        "ServiceFailure",
        "UnmodifiableEntity",
    ];
    if code == "AccessDeniedException" {
        return "AccessDenied".to_owned();
    }
    let named = ["iam.", "sts."].iter().any(|s| source.starts_with(s)) && SHAPES.contains(&code);
    format!("{code}{}", if named { "Exception" } else { "" })
}

/// The event's type: signing in to the console is no call of an API.
pub fn kind(source: &str, name: &str) -> &'static str {
    if source == "signin.amazonaws.com" && name == "ConsoleLogin" {
        "AwsConsoleSignIn"
    } else {
        "AwsApiCall"
    }
}

/// `Mar 2, 2026, 3:10:00 AM`: a time inside parameters and answers, as CloudTrail spells it.
pub fn spoken(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| String::new(), |at| at.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string())
}
