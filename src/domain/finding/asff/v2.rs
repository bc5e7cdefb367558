//! The main fields of a Security Hub V2 finding: OCSF, `snake_case`
//! (schema.ocsf.io, the Findings category; `GetFindingsV2`).
//!
//! Read from the published schema; no recorded answer was at hand to check it on.

use super::{
    super::{Hub, Record, State, fields::Node, guardduty::labels::first_and_more},
    Identity, missing,
};
use crate::domain::{Band, Severity, Source};

/// # Errors
/// What is missing: an id, a title or type, a severity.
pub(super) fn read(raw: &str, finding: Node<'_>) -> Result<Record, String> {
    let info = finding.get("finding_info");
    let id = info.get("uid").text();
    let kind = info.get("types").items().find_map(Node::text).or(info.get("title").text());
    let band = band(finding);
    let (Some(id), Some(kind), Some(band)) = (id, kind, band) else {
        return Err(missing(&[
            (id.is_none(), "a finding_info.uid"),
            (kind.is_none(), "finding_info.types or a title"),
            (band.is_none(), "a known severity_id"),
        ]));
    };
    let product = finding.path("metadata.product.uid").text().unwrap_or_default();
    let identity = Identity::of(id, product);
    let region = finding.path("cloud.region").text().and_then(|r| r.parse().ok());
    let title = info.get("title").untrusted().unwrap_or_default();
    // Each time is epoch milliseconds, with an ISO twin `…_dt`.
    let time = |at: Node<'_>, key: &str| at.get(key).or(at.get(&format!("{key}_dt"))).time();
    Ok(Record {
        source: Source::SecurityHub,
        id: id.into(),
        arn: id.starts_with("arn:").then(|| id.into()),
        account: finding.path("cloud.account.uid").text().and_then(|a| a.parse().ok()),
        detector_region: identity.detector_region.or_else(|| region.clone()).or(identity.hub),
        region,
        detector: identity.detector.map(Into::into),
        key: identity.key,
        severity: Severity::labelled(band, None),
        kind: kind.into(),
        sample: title.raw().starts_with("[SAMPLE]"),
        title,
        description: info.get("desc").untrusted().unwrap_or_default(),
        first_seen: time(info, "first_seen_time"),
        last_seen: time(info, "last_seen_time"),
        created_at: time(info, "created_time"),
        updated_at: time(info, "modified_time").or_else(|| time(finding, "time")),
        count: finding.get("count").count(),
        resource: first_and_more(finding.get("resources").items().filter_map(|resource| {
            resource.get("uid").text().or(resource.get("name").text()).map(str::to_owned)
        }))
        .unwrap_or_default()
        .into(),
        actor: first_and_more(finding.get("evidences").items().filter_map(|evidence| {
            let text = |path| evidence.path(path).text();
            text("src_endpoint.ip").or(text("actor.user.name")).map(str::to_owned)
        }))
        .unwrap_or_default()
        .into(),
        state: State::SecurityHub(Hub {
            workflow: workflow(finding).map(Into::into),
            record_state: None,
            note_by: None,
        }),
        sequence: None,
        signals: Vec::new(),
        raw: raw.into(),
    })
}

/// `severity_id`: 0 unknown, 1 informational … 5 critical, 6 fatal, 99 other.
fn band(finding: Node<'_>) -> Option<Band> {
    match finding.get("severity_id").count() {
        Some(1) => Some(Band::Informational),
        Some(2) => Some(Band::Low),
        Some(3) => Some(Band::Medium),
        Some(4) => Some(Band::High),
        Some(5 | 6) => Some(Band::Critical),
        _ => finding.get("severity").text()?.parse().ok(),
    }
}

/// `status_id` 1 new, 2 in progress, 3 suppressed, 4 resolved, in ASFF's words.
fn workflow(finding: Node<'_>) -> Option<&str> {
    match finding.get("status_id").count() {
        Some(1) => Some("NEW"),
        Some(2) => Some("IN_PROGRESS"),
        Some(3) => Some("SUPPRESSED"),
        Some(4) => Some("RESOLVED"),
        _ => finding.get("status").text(),
    }
}
