//! A finding in the AWS Security Finding Format, as Security Hub sends it, and in
//! the OCSF form of its second API.

use serde_json::Value;

use super::{
    Hub, Key, Record, State,
    fields::Fields,
    guardduty::{arn_finding, arn_region},
};
use crate::domain::{Band, Region, Severity, Source, Untrusted};

/// Reads one finding's JSON text.
///
/// # Errors
/// A sentence that says what is missing; id, type and severity must be there.
pub fn read(raw: &str) -> Result<Record, String> {
    let value: Value = serde_json::from_str(raw).map_err(|e| format!("not JSON: {e}"))?;
    let finding = Fields::of(&value);
    if finding.has("finding_info") {
        return ocsf(raw, finding);
    }
    let id = finding.text("Id").ok_or("a Security Hub finding without an Id")?;
    let provider = finding.inner("FindingProviderFields");
    let kind = first_text(finding, "Types")
        .or_else(|| first_text(provider, "Types"))
        .or_else(|| finding.text("GeneratorId"))
        .ok_or("a Security Hub finding without a type")?;
    let severity = severity(finding.inner("Severity"))
        .or_else(|| severity(provider.inner("Severity")))
        .ok_or("a Security Hub finding without a severity")?;
    let product = finding.text("ProductArn").unwrap_or_default();
    let region: Option<Region> = finding
        .text("Region")
        .or_else(|| product.split(':').nth(3).map(ToOwned::to_owned))
        .and_then(|r| r.parse().ok());
    let fields = finding.inner("ProductFields");
    let title = finding.untrusted("Title").unwrap_or_default();
    let status = finding.inner("Workflow").untrusted("Status");
    Ok(Record {
        key: key(&id, &product),
        source: Source::SecurityHub,
        arn: id.starts_with("arn:").then(|| id.as_str().into()),
        id: id.into(),
        account: finding.text("AwsAccountId").and_then(|a| a.parse().ok()),
        detector_region: region.clone(),
        region,
        detector: fields.untrusted("aws/guardduty/service/detectorId"),
        severity,
        kind: kind.into(),
        sample: title.raw().starts_with("[SAMPLE]") || finding.boolean("Sample") == Some(true),
        title,
        description: finding.untrusted("Description").unwrap_or_default(),
        first_seen: finding.time("FirstObservedAt"),
        last_seen: finding.time("LastObservedAt"),
        created_at: finding.time("CreatedAt"),
        updated_at: finding.time("UpdatedAt"),
        count: fields.number("aws/guardduty/service/count").map(|n| n as u64),
        resource: resource(finding),
        actor: actor(finding, fields).unwrap_or_default().into(),
        state: State::SecurityHub(Hub {
            // The old WorkflowState knew other words; only NEW means what Status says.
            workflow: status
                .or_else(|| finding.untrusted("WorkflowState").filter(|s| s.raw() == "NEW")),
            record_state: finding.untrusted("RecordState"),
        }),
        sequence: None,
        signals: Vec::new(),
        raw: raw.into(),
    })
}

/// The copy of a GuardDuty finding has the original's ARN for its `Id`.
fn key(id: &str, product: &str) -> Key {
    match (arn_region(id), arn_finding(id)) {
        (Some(region), Some(finding)) => Key::guardduty(region.as_str(), finding),
        _ => Key::securityhub(product, id),
    }
}

/// The label decides, then `Normalized` (0–100). `Product` is the provider's own
/// scale, mostly 0–10; it is deprecated and used only where nothing else was sent.
fn severity(severity: Fields<'_>) -> Option<Severity> {
    let normalized = severity.number("Normalized");
    let label = severity.text("Label").and_then(|l| l.parse::<Band>().ok());
    match (label, normalized) {
        (Some(band), normalized) => Some(Severity::labelled(band, normalized)),
        (None, Some(normalized)) => Some(Severity::normalized(normalized)),
        (None, None) => {
            severity.number("Product").map(|p| Severity::normalized((p * 10.0).clamp(0.0, 100.0)))
        }
    }
}

fn first_text(fields: Fields<'_>, key: &str) -> Option<String> {
    let first = fields.get(key)?.as_array()?.iter().find_map(Value::as_str)?;
    (!first.is_empty()).then(|| first.to_owned())
}

/// The first resource's id, and how many more there are.
fn resource(finding: Fields<'_>) -> Untrusted {
    let mut ids = finding.each("Resources").filter_map(|r| r.text("Id"));
    let first = ids.next().unwrap_or_default();
    match ids.count() {
        0 => first,
        more => format!("{first} +{more}"),
    }
    .into()
}

fn actor(finding: Fields<'_>, product: Fields<'_>) -> Option<String> {
    let action = finding.inner("Action").first_inner().map(|(_, action)| action);
    let remote = action.and_then(|a| {
        a.inner("RemoteIpDetails").text("IpAddressV4").or_else(|| {
            a.each("PortProbeDetails").find_map(|p| p.inner("RemoteIpDetails").text("IpAddressV4"))
        })
    });
    let domain = || action?.text("Domain").map(|d| format!("domain {d}"));
    let network = || {
        let network = finding.inner("Network");
        network.text("SourceIpV4").or_else(|| network.text("SourceIpV6"))
    };
    // GuardDuty's copies flatten the original into product fields.
    let copied = || {
        ["awsApiCallAction", "networkConnectionAction", "portProbeAction/portProbeDetails.0_"]
            .iter()
            .find_map(|action| {
                let slash = if action.ends_with('_') { "" } else { "/" };
                product.text(&format!(
                    "aws/guardduty/service/action/{action}{slash}remoteIpDetails/ipAddressV4"
                ))
            })
    };
    let indicator = || {
        finding
            .each("ThreatIntelIndicators")
            .find_map(|i| Some(format!("{} {}", i.text("Type")?.to_lowercase(), i.text("Value")?)))
    };
    remote.or_else(domain).or_else(network).or_else(copied).or_else(indicator)
}

/// The main fields of an OCSF finding (Security Hub's `GetFindingsV2`).
fn ocsf(raw: &str, finding: Fields<'_>) -> Result<Record, String> {
    let info = finding.inner("finding_info");
    let id = info.text("uid").ok_or("an OCSF finding without finding_info.uid")?;
    // 1 informational … 5 critical, 6 fatal (OCSF dictionary, severity_id).
    let band = match finding.number("severity_id").map(|n| n as i64) {
        Some(1) => Band::Informational,
        Some(2) => Band::Low,
        Some(3) => Band::Medium,
        Some(4) => Band::High,
        Some(5 | 6) => Band::Critical,
        _ => return Err("an OCSF finding without a severity_id from 1 to 6".to_owned()),
    };
    let kind = first_text(info, "types")
        .or_else(|| finding.text("class_name"))
        .ok_or("an OCSF finding without a type")?;
    let product = finding.inner("metadata").inner("product").text("uid").unwrap_or_default();
    let cloud = finding.inner("cloud");
    let region: Option<Region> = cloud.text("region").and_then(|r| r.parse().ok());
    // 2 suppressed, 3 and 4 resolved or archived (OCSF dictionary, status_id).
    let workflow = match finding.number("status_id").map(|n| n as i64) {
        Some(1) => Some("NEW"),
        Some(2) => Some("NOTIFIED"),
        Some(3) => Some("SUPPRESSED"),
        Some(4) => Some("RESOLVED"),
        _ => None,
    };
    let record_state = (finding.number("status_id") == Some(5.0)).then(|| "ARCHIVED".into());
    Ok(Record {
        key: key(&id, &product),
        source: Source::SecurityHub,
        arn: id.starts_with("arn:").then(|| id.as_str().into()),
        id: id.into(),
        account: cloud.inner("account").text("uid").and_then(|a| a.parse().ok()),
        detector_region: region.clone(),
        region,
        detector: None,
        severity: Severity::labelled(band, None),
        kind: kind.into(),
        title: info.untrusted("title").unwrap_or_default(),
        description: info.untrusted("desc").unwrap_or_default(),
        first_seen: info.time("first_seen_time"),
        last_seen: info.time("last_seen_time"),
        created_at: info.time("created_time"),
        updated_at: info.time("modified_time").or_else(|| finding.time("time")),
        count: finding.number("count").map(|n| n as u64),
        resource: finding
            .each("resources")
            .find_map(|r| r.text("uid").or_else(|| r.text("name")))
            .unwrap_or_default()
            .into(),
        actor: Untrusted::default(),
        state: State::SecurityHub(Hub { workflow: workflow.map(Into::into), record_state }),
        sequence: None,
        signals: Vec::new(),
        sample: false,
        raw: raw.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(severity: &str, rest: &str) -> String {
        format!(
            r#"{{"SchemaVersion": "2018-10-08", "Id": "arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/f1",
            "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty", "AwsAccountId": "111122223333",
            "Types": ["TTPs/Command and Control/Backdoor:EC2-C.CActivity"], "Title": "t",
            "UpdatedAt": "2026-03-02T03:00:00Z", "Severity": {severity}{rest}}}"#
        )
    }

    #[test]
    fn the_copy_joins_its_original() {
        let r = read(&with(r#"{"Label": "HIGH"}"#, "")).expect("a finding");
        assert_eq!(r.key, Key::guardduty("eu-west-1", "f1"));
        assert_eq!(r.region.as_ref().map(Region::as_str), Some("eu-west-1"));
        let other = with(r#"{"Label": "HIGH"}"#, "").replace("detector/d1/finding/f1", "x");
        let r = read(&other).expect("a finding");
        assert!(r.key.raw().starts_with("securityhub arn:aws:securityhub"));
    }

    #[test]
    fn severity_by_label_then_number() {
        for (severity, value, band) in [
            (
                r#"{"Label": "INFORMATIONAL", "Normalized": 10, "Product": 10}"#,
                10.0,
                Band::Informational,
            ),
            (r#"{"Label": "CRITICAL"}"#, 90.0, Band::Critical),
            (r#"{"Normalized": 50, "Product": 5}"#, 50.0, Band::Medium),
            (r#"{"Normalized": 100}"#, 100.0, Band::Critical),
            (r#"{"Product": 8}"#, 80.0, Band::High),
            (r#"{"Label": "SOMETHING", "Normalized": 1}"#, 1.0, Band::Low),
        ] {
            let s = read(&with(severity, "")).expect("a finding").severity;
            assert_eq!((s.value, s.band), (value, band), "{severity}");
        }
        assert!(read(&with("{}", "")).is_err_and(|e| e.contains("severity")));
    }

    #[test]
    fn workflow_old_and_new() {
        let state = |rest: &str| read(&with(r#"{"Label": "LOW"}"#, rest)).expect("a finding");
        let is = |r: &Record, word: Option<&str>| matches!(&r.state, State::SecurityHub(h) if h.workflow.as_ref().map(Untrusted::raw) == word);
        assert!(is(
            &state(r#", "Workflow": {"Status": "RESOLVED"}, "WorkflowState": "NEW""#),
            Some("RESOLVED")
        ));
        assert!(is(&state(r#", "WorkflowState": "NEW""#), Some("NEW")));
        assert!(is(&state(r#", "WorkflowState": "IN_PROGRESS""#), None));
        assert!(is(&state(""), None));
        assert!(!state(r#", "Workflow": {"Status": "SUPPRESSED"}"#).is_active());
        assert!(
            !state(r#", "RecordState": "ARCHIVED", "Workflow": {"Status": "NEW"}"#).is_active()
        );
        assert!(state("").is_active());
    }

    #[test]
    fn actors_from_several_places() {
        for (rest, actor) in [
            (
                r#", "Action": {"ActionType": "AWS_API_CALL", "AwsApiCallAction": {"RemoteIpDetails": {"IpAddressV4": "203.0.113.7"}}}"#,
                "203.0.113.7",
            ),
            (r#", "Network": {"SourceIpV4": "198.51.100.2"}"#, "198.51.100.2"),
            (
                r#", "ProductFields": {"aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4": "203.0.113.9"}"#,
                "203.0.113.9",
            ),
            (
                r#", "ThreatIntelIndicators": [{"Type": "DOMAIN", "Value": "bad.example"}]"#,
                "domain bad.example",
            ),
            ("", ""),
        ] {
            let r = read(&with(r#"{"Label": "LOW"}"#, rest)).expect("a finding");
            assert_eq!(r.actor.raw(), actor);
        }
    }

    #[test]
    fn the_ocsf_form() {
        let raw = r#"{"finding_info": {"uid": "f9", "title": "t", "types": ["Software and Configuration Checks"],
            "modified_time": 1772420400000}, "severity_id": 4, "status_id": 1, "class_name": "Compliance Finding",
            "metadata": {"product": {"uid": "p"}}, "cloud": {"account": {"uid": "111122223333"}, "region": "us-east-1"}}"#;
        let r = read(raw).expect("a finding");
        assert_eq!((r.severity.band, r.account.is_some(), r.is_active()), (Band::High, true, true));
        assert_eq!(r.updated_at.map(|t| t.to_string()).as_deref(), Some("2026-03-02T03:00:00Z"));
    }
}
