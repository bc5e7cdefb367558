//! What a Security Hub finding is about and who did it, in a few words for a row.
//! The words hold foreign text: they are for `Untrusted`, not for the screen.

use super::super::{
    fields::Node,
    guardduty::labels::{access_key, first_and_more, origin, place, with_note},
};

/// The first resource, with the number of the others.
pub(super) fn resource(finding: Node<'_>) -> String {
    first_and_more(finding.get("Resources").items().filter_map(name)).unwrap_or_default()
}

/// The remote side: from the action, else from GuardDuty's product fields, else
/// the network source, else a threat indicator.
pub(super) fn actor(finding: Node<'_>) -> String {
    let network = |key| finding.get("Network").get(key).text();
    let indicators = finding.get("ThreatIntelIndicators").items();
    origin(finding.get("Action"))
        .or_else(|| product_origin(finding.get("ProductFields")))
        .or_else(|| {
            let from = ["SourceIpV4", "SourceIpV6", "SourceDomain"].into_iter().find_map(network);
            from.map(str::to_owned)
        })
        .or_else(|| {
            first_and_more(indicators.filter_map(|i| i.get("Value").text().map(str::to_owned)))
        })
        .unwrap_or_default()
}

/// A field of GuardDuty's among a finding's product fields: `count` was called so
/// in 2019 and is `aws/guardduty/service/count` since.
pub(super) fn product_field<'v>(fields: Node<'v>, name: &str) -> Node<'v> {
    fields.get(name).or(fields.get(&format!("aws/guardduty/service/{name}")))
}

fn name(resource: Node<'_>) -> Option<String> {
    let id = resource.get("Id").text();
    let kind = resource.get("Type").text();
    match kind {
        Some("AwsIamAccessKey") => {
            let details = resource.path("Details.AwsIamAccessKey");
            let user = details.get("PrincipalName").or(details.get("UserName")).text();
            // `AWS::IAM::AccessKey:null` where no key was used (console sign-in).
            let key = id.map(|id| id.strip_prefix("AWS::IAM::AccessKey:").unwrap_or(id));
            let key = key.filter(|key| *key != "null");
            access_key(key, details.get("PrincipalType").text(), user)
        }
        Some("AwsEc2Instance") => id.map(|id| with_note(id, resource.path("Tags.Name").text())),
        _ => id.map(str::to_owned),
    }
    .or_else(|| kind.map(str::to_owned))
}

/// GuardDuty's copy spells its `service.action` out in flat keys, such as
/// `action/awsApiCallAction/remoteIpDetails/ipAddressV4`.
fn product_origin(fields: Node<'_>) -> Option<String> {
    let ending = |end: &str| {
        let mut actions = fields.entries().filter(|(key, _)| key.contains("action/"));
        actions.find_map(|(key, value)| value.text().filter(|_| key.ends_with(end)))
    };
    let ip =
        ending("remoteIpDetails/ipAddressV4").or_else(|| ending("remoteIpDetails/ipAddressV6"));
    let Some(ip) = ip else { return ending("/domain").map(str::to_owned) };
    let owner = ["org", "asnOrg", "isp"]
        .iter()
        .find_map(|key| ending(&format!("remoteIpDetails/organization/{key}")));
    Some(place(ip, ending("remoteIpDetails/country/countryName"), owner))
}
