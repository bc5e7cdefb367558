//! Reading a GuardDuty finding: `GetFindings`' `Finding` shape (GuardDuty API
//! reference), in whichever key case it was written down.

pub(super) mod labels;

use serde_json::Value;

use super::{Archived, Key, Record, State, fields::Node};
use crate::domain::{AccountId, Region, Severity, Source, Untrusted};

/// Reads one finding's JSON text; `raw` is kept byte for byte.
///
/// The detector's region is the one given, else the one in the finding's ARN,
/// else the finding's own.
///
/// # Errors
/// What is missing: a finding needs an id, a type and a severity number. All
/// else may be absent (the API marks even `service` as optional).
pub fn read(raw: &str, detector_region: Option<&Region>) -> Result<Record, String> {
    let value: Value = serde_json::from_str(raw).map_err(|e| format!("not JSON: {e}"))?;
    let finding = Node::of(&value);
    let (id, kind, severity) =
        (finding.get("id").text(), finding.get("type").text(), finding.get("severity").number());
    let (Some(id), Some(kind), Some(severity)) = (id, kind, severity) else {
        return Err(missing(&[
            (id.is_none(), "an id"),
            (kind.is_none(), "a type"),
            (severity.is_none(), "a severity number"),
        ]));
    };
    let service = finding.get("service");
    // Some exports lift the fields of `service` to the top.
    let told = |key| service.get(key).or(finding.get(key));
    let arn_text = finding.get("arn").text();
    let arn = arn_text.and_then(Arn::parse);
    let region = finding.get("region").text().and_then(|r| r.parse().ok());
    let region = region.or_else(|| arn.as_ref().map(|a| a.region.clone()));
    let detector_region =
        detector_region.or(arn.as_ref().map(|a| &a.region)).or(region.as_ref()).cloned();
    let account = finding.get("accountId").text().and_then(|a| a.parse().ok());
    let title = finding.get("title").untrusted().unwrap_or_default();
    Ok(Record {
        key: Key::guardduty(detector_region.as_ref().map_or("", Region::as_str), id),
        source: Source::GuardDuty,
        id: id.into(),
        arn: arn_text.map(Untrusted::from),
        account: account.or_else(|| arn.as_ref()?.account.clone()),
        region,
        detector_region,
        detector: told("detectorId").untrusted().or_else(|| Some(arn.as_ref()?.detector.into())),
        severity: Severity::guardduty(severity),
        kind: kind.into(),
        sample: title.raw().starts_with("[SAMPLE]") || is_sample(told("additionalInfo")),
        title,
        description: finding.get("description").untrusted().unwrap_or_default(),
        first_seen: told("eventFirstSeen").time(),
        last_seen: told("eventLastSeen").time(),
        created_at: finding.get("createdAt").time(),
        updated_at: finding.get("updatedAt").time(),
        count: told("count").count(),
        resource: labels::resource(finding).into(),
        actor: labels::actor(finding).into(),
        state: State::GuardDuty(Archived { archived: told("archived").flag() }),
        sequence: finding.get("associatedAttackSequenceArn").untrusted(),
        signals: signals(service),
        raw: raw.into(),
    })
}

/// `missing an id and a type`, from (is it missing, its name).
pub(super) fn missing(wanted: &[(bool, &str)]) -> String {
    let names: Vec<_> = wanted.iter().filter(|(gone, _)| *gone).map(|(_, name)| *name).collect();
    format!("missing {}", names.join(" and "))
}

/// `additionalInfo` is an object in events and `{type, value}` with JSON text as
/// the value in the API's answers.
pub(super) fn is_sample(additional_info: Node<'_>) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    additional_info.get("sample").flag() == Some(true)
        || [additional_info, additional_info.get("value")]
            .into_iter()
            .filter_map(|node| parsed(node.text()?))
            .any(|info| Node::of(&info).get("sample").flag() == Some(true))
}

/// The findings among an attack sequence's signals. Other kinds of signal
/// (`CLOUD_TRAIL`, `S3_DATA_EVENTS`, …) are activity that is no finding.
fn signals(service: Node<'_>) -> Vec<Untrusted> {
    service
        .path("detection.sequence.signals")
        .items()
        .filter(|signal| signal.get("type").text().is_none_or(|t| t == "FINDING"))
        .filter_map(|signal| signal.get("uid").text())
        .map(|uid| Arn::parse(uid).map_or(uid, |arn| arn.id).into())
        .collect()
}

/// `arn:PARTITION:guardduty:REGION:ACCOUNT:detector/DETECTOR/finding/ID`
pub(super) struct Arn<'a> {
    pub region: Region,
    /// Absent where what stands there is no account id.
    pub account: Option<AccountId>,
    pub detector: &'a str,
    pub id: &'a str,
}

impl<'a> Arn<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        if arn != "arn" || !partition.starts_with("aws") || service != "guardduty" {
            return None;
        }
        let region = parts.next()?.parse().ok()?;
        let account = parts.next()?.parse().ok();
        let (detector, id) = parts.next()?.strip_prefix("detector/")?.split_once("/finding/")?;
        (!detector.is_empty() && !id.is_empty()).then_some(Self { region, account, detector, id })
    }
}

#[cfg(test)]
mod tests;
