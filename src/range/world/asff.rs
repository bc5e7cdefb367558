//! A GuardDuty finding as Security Hub holds it (AWS Security Finding Format).

use serde_json::{Map, Value, json};

use super::{HubRow, PARTITION, Row, Version, World};
use crate::domain::Severity;

/// The copy: Id is the GuardDuty ARN, GeneratorId the detector's ARN, the type in
/// the hub's spelling, the rest flattened into `ProductFields`.
pub fn copy_of(world: &World, row: &HubRow, finding: &Row, version: &Version) -> Value {
    let gd = world.render(finding, version);
    let region = world.region_name(row.region);
    let account = &world.accounts[usize::from(row.account)];
    let severity = Severity::guardduty(version.severity);
    let generator = row.id.split("/finding/").next().unwrap_or_default();
    let mut product = Map::new();
    // What the customer says of a finding is GuardDuty's alone.
    let mut service = gd["service"].clone();
    service.as_object_mut().map(|service| service.remove("userFeedback"));
    flatten("aws/guardduty/service", &service, &mut product);
    product.insert(
        "aws/securityhub/FindingId".into(),
        format!("{}/{}", row.product_arn, row.id).into(),
    );
    product.insert("aws/securityhub/ProductName".into(), "GuardDuty".into());
    product.insert("aws/securityhub/CompanyName".into(), "Amazon".into());
    let normalized = (version.severity * 10.0).round() as i64;
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": &*row.id,
        "ProductArn": &*row.product_arn,
        "ProductName": "GuardDuty",
        "CompanyName": "Amazon",
        "Region": region,
        "GeneratorId": generator,
        "AwsAccountId": account.id.as_str(),
        "AwsAccountName": account.name,
        "Types": [hub_type(&version.kind)],
        "FirstObservedAt": gd["service"]["eventFirstSeen"],
        "LastObservedAt": gd["service"]["eventLastSeen"],
        "CreatedAt": gd["createdAt"],
        "UpdatedAt": gd["updatedAt"],
        "Severity": {
            "Product": version.severity,
            "Label": severity.band.label(),
            "Normalized": normalized.clamp(0, 100),
            "Original": version.severity.to_string(),
        },
        "Title": shortened(&gd["title"], 256),
        "Description": shortened(&gd["description"], 1024),
        "SourceUrl": format!("https://{region}.console.aws.amazon.com/guardduty/home?region={region}#/findings?macros=current&fId={}", finding.id),
        "ProductFields": product,
        "Resources": [resource(&gd, region)],
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        "Sample": gd["service"]["additionalInfo"]["value"].as_str().is_some_and(|v| v.contains("\"sample\":true")),
    })
}

/// ASFF's own limits on Title and Description, in characters.
fn shortened(text: &Value, limit: usize) -> Value {
    let text = text.as_str().filter(|t| !t.is_empty()).unwrap_or("GuardDuty finding");
    text.chars().take(limit).collect::<String>().into()
}

/// `Recon:EC2/Portscan` → `TTPs/Discovery/Recon:EC2-Portscan`
/// (user guide, "GuardDuty finding types in ASFF").
fn hub_type(kind: &str) -> String {
    let purpose = kind.split(':').next().unwrap_or_default();
    let family = match purpose {
        "Backdoor" | "Trojan" => "TTPs/Command and Control",
        "Behavior" => "Unusual Behaviors/VM",
        "CredentialAccess" => "TTPs/Credential Access",
        "CryptoCurrency" => "Effects/Resource Consumption",
        "DefenseEvasion" | "Stealth" => "TTPs/Defense Evasion",
        "Discovery" | "Recon" => "TTPs/Discovery",
        "Execution" => "TTPs/Execution",
        "Exfiltration" => "Effects/Data Exfiltration",
        "Impact" => "TTPs/Impact",
        "InitialAccess" | "PenTest" | "UnauthorizedAccess" => "TTPs/Initial Access",
        "Persistence" => "TTPs/Persistence",
        "Policy" => "Software and Configuration Checks/AWS Security Best Practices",
        "PrivilegeEscalation" => "TTPs/Privilege Escalation",
        "AttackSequence" => "TTPs/AttackSequence",
        _ => "TTPs",
    };
    format!("{family}/{}", kind.replace('/', "-"))
}

fn flatten(prefix: &str, value: &Value, out: &mut Map<String, Value>) {
    /// ASFF: at most 50 pairs.
    const MAX_PAIRS: usize = 47;
    if out.len() >= MAX_PAIRS {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                flatten(&format!("{prefix}/{key}"), value, out);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(&format!("{prefix}.{index}_"), value, out);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            out.insert(prefix.to_owned(), text.chars().take(2048).collect::<String>().into());
        }
        other => {
            out.insert(prefix.to_owned(), other.to_string().into());
        }
    }
}

fn resource(gd: &Value, region: &str) -> Value {
    let account = gd["accountId"].as_str().unwrap_or_default();
    let resource = &gd["resource"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let frame = |kind: &str, id: String, details: Value| json!({"Type": kind, "Id": id, "Partition": PARTITION, "Region": region, "Details": details});
    if let Some(key) = text(&resource["accessKeyDetails"]["accessKeyId"]) {
        let mut details = Map::new();
        for (member, said) in [
            ("PrincipalName", "userName"),
            ("PrincipalId", "principalId"),
            ("PrincipalType", "userType"),
        ] {
            let said = text(&resource["accessKeyDetails"][said]);
            details.extend(said.map(|said| (member.to_owned(), said.into())));
        }
        return frame(
            "AwsIamAccessKey",
            format!("AWS::IAM::AccessKey:{key}"),
            json!({"AwsIamAccessKey": details}),
        );
    }
    if let Some(instance) = text(&resource["instanceDetails"]["instanceId"]) {
        return frame(
            "AwsEc2Instance",
            format!("arn:{PARTITION}:ec2:{region}:{account}:instance/{instance}"),
            json!({"AwsEc2Instance": {
                "Type": resource["instanceDetails"]["instanceType"],
                "ImageId": resource["instanceDetails"]["imageId"],
            }}),
        );
    }
    if let Some(bucket) = text(&resource["s3BucketDetails"][0]["arn"]) {
        return frame("AwsS3Bucket", bucket, json!({"AwsS3Bucket": {}}));
    }
    let mut other = Map::new();
    if let Some(kind) = text(&resource["resourceType"]) {
        other.insert("resourceType".into(), kind.into());
    }
    frame("Other", format!("AWS::::Account:{account}"), json!({"Other": other}))
}

/// Fills in Label from Normalized or the other way round, as the hub does.
pub fn complete_severity(body: &mut Value) {
    let Some(object) = body.as_object_mut() else { return };
    let severity = object.entry("Severity").or_insert_with(|| json!({"Label": "INFORMATIONAL"}));
    let label = severity["Label"].as_str().and_then(|l| l.parse().ok());
    let normalized = severity["Normalized"].as_f64();
    match (label, normalized) {
        (Some(band), None) => {
            severity["Normalized"] = (Severity::labelled(band, None).value as i64).into();
        }
        (None, Some(value)) => severity["Label"] = Severity::normalized(value).band.label().into(),
        (None, None) => *severity = json!({"Label": "INFORMATIONAL", "Normalized": 0}),
        (Some(_), Some(_)) => {}
    }
}
