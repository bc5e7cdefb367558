//! Reading a Security Hub finding: the AWS Security Finding Format (ASFF, Security
//! Hub user guide), and the main fields of its successor, OCSF (see [`v2`]).

mod labels;
mod v2;

use serde_json::Value;

use super::{
    Hub, Key, Record, State,
    fields::Node,
    guardduty::{self, Arn, missing},
};
use crate::domain::{Band, Region, Severity, Source};

/// Reads one finding's JSON text; `raw` is kept byte for byte.
///
/// Where it is Security Hub's copy of a GuardDuty finding, which shows in the
/// `Id` being the GuardDuty ARN, its key is the original's.
///
/// # Errors
/// What is missing: a finding needs an id, a product, a type (or generator id)
/// and a severity.
pub fn read(raw: &str) -> Result<Record, String> {
    let value: Value = serde_json::from_str(raw).map_err(|e| format!("not JSON: {e}"))?;
    let finding = Node::of(&value);
    if finding.get("finding_info").is_object() {
        return v2::read(raw, finding);
    }
    let id = finding.get("Id").text();
    let product = finding.get("ProductArn").text();
    let provided = finding.get("FindingProviderFields");
    let kind = [finding.get("Types"), provided.get("Types")]
        .into_iter()
        .find_map(|types| types.items().find_map(Node::text))
        .or(finding.get("GeneratorId").text());
    let severity = severity(finding, product);
    let (Some(id), Some(product), Some(kind), Some(severity)) = (id, product, kind, severity)
    else {
        return Err(missing(&[
            (id.is_none(), "an Id"),
            (product.is_none(), "a ProductArn"),
            (kind.is_none(), "Types or a GeneratorId"),
            (severity.is_none(), "a Severity with a Label or a number on a known scale"),
        ]));
    };
    let fields = finding.get("ProductFields");
    let identity = Identity::of(id, product);
    let said = finding.get("Region").or(finding.get("Resources").first().get("Region"));
    let region: Option<Region> = said.text().and_then(|r| r.parse().ok());
    let title = finding.get("Title").untrusted().unwrap_or_default();
    let gd_field = |name: &str| labels::product_field(fields, name);
    Ok(Record {
        source: Source::SecurityHub,
        id: id.into(),
        arn: id.starts_with("arn:").then(|| id.into()),
        account: finding.get("AwsAccountId").text().and_then(|a| a.parse().ok()),
        // The copy carries its detector's region in its id. Any other finding is
        // asked of the hub that it was imported into, which its product ARN names.
        detector_region: identity.detector_region.or_else(|| region.clone()).or(identity.hub),
        region,
        detector: identity.detector.map(Into::into),
        key: identity.key,
        severity,
        kind: kind.into(),
        sample: title.raw().starts_with("[SAMPLE]")
            || gd_field("additionalInfo/sample").flag() == Some(true)
            || guardduty::is_sample(gd_field("additionalInfo")),
        title,
        description: finding.get("Description").untrusted().unwrap_or_default(),
        first_seen: finding.get("FirstObservedAt").time(),
        last_seen: finding.get("LastObservedAt").time(),
        created_at: finding.get("CreatedAt").time(),
        updated_at: finding.get("UpdatedAt").time(),
        count: gd_field("count").count(),
        resource: labels::resource(finding).into(),
        actor: labels::actor(finding).into(),
        state: State::SecurityHub(Hub {
            // `WorkflowState` is what `Workflow.Status` was called until 2020.
            workflow: finding.path("Workflow.Status").or(finding.get("WorkflowState")).untrusted(),
            record_state: finding.get("RecordState").untrusted(),
            note_by: finding.path("Note.UpdatedBy").untrusted(),
        }),
        sequence: None,
        signals: Vec::new(),
        raw: raw.into(),
    })
}

/// The band is the label's where one was sent, the number is `Normalized` (0–100).
///
/// Findings from before 2020 have no `Label`; those seen carry `Normalized`, and
/// the label that Security Hub derived from it in `ProductFields`. `Product` is on
/// the provider's own scale: for GuardDuty 0–10 (recorded findings have `Product` 5
/// beside `Normalized` 50), for others unknown (recorded: 10 beside 10, 0 beside
/// 6), so it counts for GuardDuty alone.
fn severity(finding: Node<'_>, product: Option<&str>) -> Option<Severity> {
    let sent = finding.get("Severity");
    let label = |node: Node<'_>| node.text()?.parse::<Band>().ok();
    let normalized = sent.get("Normalized").number();
    if let Some(band) = label(sent.get("Label")) {
        return Some(Severity::labelled(band, normalized));
    }
    if let Some(normalized) = normalized {
        return Some(Severity::normalized(normalized));
    }
    let derived = finding.get("ProductFields").get("aws/securityhub/SeverityLabel");
    let provided = finding.path("FindingProviderFields.Severity.Label");
    if let Some(band) = label(derived).or_else(|| label(provided)) {
        return Some(Severity::labelled(band, None));
    }
    let product_number = sent.get("Product").number().filter(|_| product.is_some_and(is_guardduty));
    product_number.map(|n| Severity::normalized(n * 10.0))
}

/// `arn:aws:securityhub:us-east-1::product/aws/guardduty`: no account stands in it,
/// so that a custom product cannot pass for GuardDuty's.
fn is_guardduty(product_arn: &str) -> bool {
    product_arn.ends_with("::product/aws/guardduty")
}

/// What a finding's id and product say together.
struct Identity<'a> {
    key: Key,
    detector_region: Option<Region>,
    detector: Option<&'a str>,
    /// The region in the product's ARN.
    hub: Option<Region>,
}

impl<'a> Identity<'a> {
    fn of(id: &'a str, product: &str) -> Self {
        let hub = product.split(':').nth(3).and_then(|r| r.parse().ok());
        match Arn::parse(id).filter(|_| is_guardduty(product)) {
            Some(arn) => Self {
                key: Key::guardduty(arn.region.as_str(), arn.id),
                detector_region: Some(arn.region),
                detector: Some(arn.detector),
                hub,
            },
            None => Self {
                key: Key::securityhub(product, id),
                detector_region: None,
                detector: None,
                hub,
            },
        }
    }
}

#[cfg(test)]
mod tests;
