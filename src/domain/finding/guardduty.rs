//! A GuardDuty finding, from the wire, the CLI or an EventBridge event.
//!
//! Only AccountId, Arn, CreatedAt, Id, Region, Resource, SchemaVersion, Severity,
//! Type and UpdatedAt are required by the model; `service` may be absent or null.

use serde_json::Value;

use super::{Archived, Key, Record, State, fields::Fields};
use crate::domain::{Region, Severity, Source, Untrusted};

/// Reads one finding's JSON text. `detector_region` is where it was asked for; without
/// it the ARN says, and else the finding itself.
///
/// # Errors
/// A sentence that says what is missing; id, type and severity must be there.
pub fn read(raw: &str, detector_region: Option<&Region>) -> Result<Record, String> {
    let value: Value = serde_json::from_str(raw).map_err(|e| format!("not JSON: {e}"))?;
    let finding = Fields::of(&value);
    let service = finding.inner("service");
    let id = finding.text("id").ok_or("a GuardDuty finding without an id")?;
    let kind = finding.untrusted("type").ok_or("a GuardDuty finding without a type")?;
    let severity = finding.number("severity").ok_or("a GuardDuty finding without a severity")?;
    let arn = finding.text("arn");
    let region: Option<Region> = finding.text("region").and_then(|r| r.parse().ok());
    let detector_region = detector_region
        .cloned()
        .or_else(|| arn.as_deref().and_then(arn_region))
        .or_else(|| region.clone());
    let title = finding.untrusted("title").unwrap_or_default();
    let extra = service.inner("additionalInfo");
    let sample = title.raw().starts_with("[SAMPLE]") || extra.boolean("sample") == Some(true);
    let sequence = service.inner("detection").inner("sequence");
    let signals = sequence.each("signals").filter_map(|s| s.untrusted("uid")).collect();
    Ok(Record {
        key: Key::guardduty(detector_region.as_ref().map_or("", Region::as_str), &id),
        source: Source::GuardDuty,
        detector: service.untrusted("detectorId").or_else(|| arn.as_deref().and_then(detector)),
        account: finding.text("accountId").and_then(|a| a.parse().ok()),
        resource: resource(finding.inner("resource"), sequence),
        actor: actor(service, finding.inner("resource"), sequence),
        first_seen: service.time("eventFirstSeen"),
        last_seen: service.time("eventLastSeen"),
        created_at: finding.time("createdAt"),
        updated_at: finding.time("updatedAt"),
        count: service.number("count").map(|n| n as u64),
        state: State::GuardDuty(Archived { archived: service.boolean("archived") }),
        sequence: finding.untrusted("associatedAttackSequenceArn"),
        id: id.into(),
        arn: arn.map(Untrusted::from),
        severity: Severity::guardduty(severity),
        description: finding.untrusted("description").unwrap_or_default(),
        raw: raw.into(),
        region,
        detector_region,
        kind,
        title,
        signals,
        sample,
    })
}

/// The region of `arn:aws:guardduty:REGION:ACCOUNT:detector/D/finding/F`.
pub(super) fn arn_region(arn: &str) -> Option<Region> {
    let mut parts = arn.split(':');
    (parts.nth(2) == Some("guardduty")).then(|| parts.next()?.parse().ok()).flatten()
}

/// The finding id of a GuardDuty ARN.
pub(super) fn arn_finding(arn: &str) -> Option<&str> {
    arn.splitn(6, ':').nth(5)?.strip_prefix("detector/")?.split_once("/finding/").map(|(_, id)| id)
}

fn detector(arn: &str) -> Option<Untrusted> {
    let rest = arn.splitn(6, ':').nth(5)?.strip_prefix("detector/")?;
    rest.split('/').next().map(Untrusted::from)
}

/// The resource as a person would name it.
fn resource(resource: Fields<'_>, sequence: Fields<'_>) -> Untrusted {
    let key = resource.inner("accessKeyDetails");
    let named = access_key(key)
        .or_else(|| instance(resource.inner("instanceDetails")))
        .or_else(|| several(resource, "s3BucketDetails", &["arn", "name"]))
        .or_else(|| one(resource.inner("eksClusterDetails"), &["arn", "name"]))
        .or_else(|| one(resource.inner("ecsClusterDetails"), &["arn", "name"]))
        .or_else(|| one(resource.inner("lambdaDetails"), &["functionArn", "functionName"]))
        .or_else(|| database(resource))
        .or_else(|| one(resource.inner("containerDetails"), &["name", "id", "image"]))
        .or_else(|| first_of(sequence, "resources", &["uid", "name"]))
        // A kind of resource newer than this program: its first member with a name.
        .or_else(|| unknown(resource))
        .or_else(|| resource.text("resourceType"));
    named.unwrap_or_default().into()
}

fn access_key(key: Fields<'_>) -> Option<String> {
    let id = key.text("accessKeyId");
    let user = key.text("userName");
    match (id, user) {
        (Some(id), Some(user)) => {
            let kind = key.text("userType").unwrap_or_default();
            let word = if kind == "AssumedRole" || kind == "Role" { "role" } else { "user" };
            let word = if kind == "Root" { "root" } else { word };
            Some(format!("{id} ({word} {user})"))
        }
        (id, user) => id.or(user).or_else(|| key.text("principalId")),
    }
}

fn instance(instance: Fields<'_>) -> Option<String> {
    let id = instance.text("instanceId").or_else(|| instance.text("instanceArn"))?;
    let name = instance
        .each("tags")
        .find(|t| t.text("key").is_some_and(|k| k == "Name"))
        .and_then(|t| t.text("value"));
    Some(match name {
        Some(name) => format!("{id} ({name})"),
        None => id,
    })
}

fn database(resource: Fields<'_>) -> Option<String> {
    let instance = resource.inner("rdsDbInstanceDetails");
    let name = one(instance, &["dbInstanceArn", "dbInstanceIdentifier"])?;
    let user = resource.inner("rdsDbUserDetails").text("user");
    Some(match user {
        Some(user) => format!("{name} (database user {user})"),
        None => name,
    })
}

fn one(fields: Fields<'_>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| fields.text(key))
}

/// The first of an array of resources, and how many more there are.
fn several(fields: Fields<'_>, key: &str, names: &[&str]) -> Option<String> {
    let first = first_of(fields, key, names)?;
    Some(match fields.each(key).count() {
        0 | 1 => first,
        n => format!("{first} +{}", n - 1),
    })
}

fn first_of(fields: Fields<'_>, key: &str, names: &[&str]) -> Option<String> {
    fields.each(key).find_map(|f| one(f, names))
}

fn unknown(resource: Fields<'_>) -> Option<String> {
    let (_, details) = resource.first_inner()?;
    one(details, &["arn", "name", "id"])
}

/// Who or what did it: the remote end of the action, or the principal.
fn actor(service: Fields<'_>, resource: Fields<'_>, sequence: Fields<'_>) -> Untrusted {
    let action = service.inner("action");
    let named = action
        .first_inner()
        .and_then(|(_, action)| {
            remote(action.inner("remoteIpDetails"))
                .or_else(|| {
                    action.each("portProbeDetails").find_map(|p| remote(p.inner("remoteIpDetails")))
                })
                .or_else(|| action.text("domain").map(|d| format!("domain {d}")))
        })
        .or_else(|| first_of(sequence, "actors", &["id"]))
        .or_else(|| resource.inner("accessKeyDetails").text("principalId"))
        .or_else(|| process(service));
    named.unwrap_or_default().into()
}

fn remote(ip: Fields<'_>) -> Option<String> {
    let address = ip.text("ipAddressV4").or_else(|| ip.text("ipAddressV6"))?;
    let country = ip.inner("country").text("countryName");
    let org =
        ip.inner("organization").text("org").or_else(|| ip.inner("organization").text("asnOrg"));
    let about: Vec<String> = [country, org].into_iter().flatten().collect();
    Some(if about.is_empty() { address } else { format!("{address} ({})", about.join(", ")) })
}

fn process(service: Fields<'_>) -> Option<String> {
    let process = service.inner("runtimeDetails").inner("process");
    one(process, &["executablePath", "name"]).map(|p| format!("process {p}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Band;

    const WIRE: &str = r#"{
        "schemaVersion": "2.0", "accountId": "111122223333", "region": "us-east-1", "partition": "aws",
        "id": "0123456789abcdef0123456789abcdef",
        "arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/0123456789abcdef0123456789abcdef",
        "type": "UnauthorizedAccess:IAMUser/TorIPCaller", "severity": 8.9,
        "title": "Calls from Tor", "description": "d",
        "createdAt": "2026-03-02T01:00:00.000Z", "updatedAt": "2026-03-02T02:00:00.000Z",
        "resource": {"resourceType": "AccessKey", "accessKeyDetails":
            {"accessKeyId": "AKIAI44QH8DHBEXAMPLE", "principalId": "AIDAEXAMPLE", "userType": "IAMUser", "userName": "ci-deploy"}},
        "service": {"serviceName": "guardduty", "detectorId": "d1", "archived": false, "count": 12,
            "eventFirstSeen": "2026-03-02T00:59:00.000Z", "eventLastSeen": "2026-03-02T01:59:00.000Z",
            "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "ListBuckets",
                "remoteIpDetails": {"ipAddressV4": "203.0.113.7", "country": {"countryName": "Nowhere"},
                    "organization": {"asn": "64500", "org": "Example Net"}}}}}}"#;

    /// The same with the first letter of every key in the other case, as the CLI prints it.
    fn pascal(json: &str) -> String {
        let mut out = String::new();
        let mut rest = json;
        while let Some((before, after)) = rest.split_once('"') {
            let (word, tail) = after.split_once('"').expect("a closing quote");
            let is_key = tail.trim_start().starts_with(':');
            let word = if is_key { word[..1].to_uppercase() + &word[1..] } else { word.to_owned() };
            out += &format!("{before}\"{word}\"");
            rest = tail;
        }
        out + rest
    }

    #[test]
    fn the_wire_form_is_read() {
        let r = read(WIRE, None).expect("a finding");
        assert_eq!(r.key, Key::guardduty("eu-west-1", "0123456789abcdef0123456789abcdef"));
        assert_eq!(r.region.as_ref().map(Region::as_str), Some("us-east-1"));
        assert_eq!(r.detector_region.as_ref().map(Region::as_str), Some("eu-west-1"));
        assert_eq!((r.severity.value, r.severity.band), (8.9, Band::High));
        assert_eq!(r.resource.raw(), "AKIAI44QH8DHBEXAMPLE (user ci-deploy)");
        assert_eq!(r.actor.raw(), "203.0.113.7 (Nowhere, Example Net)");
        assert_eq!(r.count, Some(12));
        assert_eq!(r.detector, Some("d1".into()));
        assert_eq!(r.state, State::GuardDuty(Archived { archived: Some(false) }));
        assert_eq!(&*r.raw, WIRE);
        assert!(r.last_seen > r.first_seen && r.updated_at > r.created_at);
    }

    #[test]
    fn the_cli_form_says_the_same() {
        let (wire, cli) =
            (read(WIRE, None).expect("wire"), read(&pascal(WIRE), None).expect("cli"));
        assert_eq!(Record { raw: wire.raw.clone(), ..cli }, wire);
    }

    #[test]
    fn absent_and_odd_values_do_not_fail() {
        for service in ["null", "{}", "[]", "\"x\"", r#"{"action": null, "count": "3"}"#] {
            let raw = format!(
                r#"{{"id": "f", "type": "T:X/Y", "severity": "9", "updatedAt": 1772420400000, "service": {service}}}"#
            );
            let r = read(&raw, None).expect(service);
            assert_eq!(r.severity.band, Band::Critical);
            assert_eq!(
                r.updated_at.map(|t| t.to_string()).as_deref(),
                Some("2026-03-02T03:00:00Z")
            );
            assert_eq!(r.state, State::GuardDuty(Archived { archived: None }));
        }
        for (raw, missing) in [
            (r#"{"type": "T", "severity": 1}"#, "id"),
            (r#"{"id": "f", "severity": 1}"#, "type"),
            (r#"{"id": "f", "type": "T"}"#, "severity"),
            (r#"{"id": "f", "type": "T", "severity": "NaN"}"#, "severity"),
            ("[1]", "id"),
            ("{", "JSON"),
        ] {
            assert!(read(raw, None).is_err_and(|e| e.contains(missing)), "{raw}");
        }
    }

    #[test]
    fn resources_have_names() {
        for (resource, name) in [
            (
                r#"{"instanceDetails": {"instanceId": "i-1", "tags": [{"key": "Name", "value": "web"}]}}"#,
                "i-1 (web)",
            ),
            (r#"{"s3BucketDetails": [{"name": "a"}, {"name": "b"}]}"#, "a +1"),
            (
                r#"{"resourceType": "AccessKey", "accessKeyDetails": {"userName": "alice"}}"#,
                "alice",
            ),
            (r#"{"brandNewDetails": {"name": "thing"}}"#, "thing"),
            (r#"{"resourceType": "Mystery"}"#, "Mystery"),
        ] {
            let raw =
                format!(r#"{{"id": "f", "type": "T", "severity": 1, "resource": {resource}}}"#);
            assert_eq!(read(&raw, None).expect("a finding").resource.raw(), name);
        }
    }

    #[test]
    fn an_attack_sequence_names_its_signals() {
        let raw = r#"{"id": "s", "type": "AttackSequence:IAM/CompromisedCredentials", "severity": 9.1,
            "service": {"detection": {"sequence": {"uid": "u", "actors": [{"id": "203.0.113.7"}],
                "resources": [{"uid": "arn:aws:iam::111122223333:user/ci"}],
                "signals": [{"uid": "f1"}, {"uid": "f2"}]}}}}"#;
        let r = read(raw, None).expect("a sequence");
        assert_eq!(r.signals, [Untrusted::from("f1"), "f2".into()]);
        assert_eq!(
            (r.actor.raw(), r.resource.raw()),
            ("203.0.113.7", "arn:aws:iam::111122223333:user/ci")
        );
    }
}
