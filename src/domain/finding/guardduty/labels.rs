//! What a GuardDuty finding is about and who did it, in a few words for a row.
//! The words hold foreign text: they are for `Untrusted`, not for the screen.

use std::collections::HashSet;

use super::super::fields::Node;

/// The members of `resource` that name something, the most telling first.
/// Without `Details` each is, but for case, the `resourceType` that points at it.
const DETAILS: [&str; 16] = [
    "instanceDetails",
    "s3BucketDetails",
    "eksClusterDetails",
    "ecsClusterDetails",
    "rdsDbInstanceDetails",
    "rdsLimitlessDbDetails",
    "lambdaDetails",
    "containerDetails",
    "ebsVolumeDetails",
    "ebsSnapshotDetails",
    "ec2ImageDetails",
    "recoveryPointDetails",
    "bedrockGuardrailDetails",
    "kubernetesDetails",
    "rdsDbUserDetails",
    "accessKeyDetails",
];

/// The resource affected: the one that `resourceType` points at, else the first
/// there is; for an attack sequence the first of its resources. Empty if none is named.
pub fn resource(finding: Node<'_>) -> String {
    let sequence = finding.path("service.detection.sequence.resources");
    if let Some(name) = first_and_more(sequence.items().filter_map(sequence_resource)) {
        return name;
    }
    let resource = finding.get("resource");
    let kind = resource.get("resourceType").text();
    let pointed_at =
        |key: &&str| kind.is_some_and(|kind| format!("{kind}Details").eq_ignore_ascii_case(key));
    DETAILS
        .iter()
        .filter(|key| pointed_at(key))
        .chain(&DETAILS)
        .find_map(|key| first_and_more(resource.get(key).items().filter_map(|d| name(key, d))))
        .or_else(|| kind.map(str::to_owned))
        .unwrap_or_default()
}

/// Who or what did it: a principal, the remote side, or both (`alice from 198.51.100.7
/// (France, Example Org)`). Empty if the finding does not say.
pub fn actor(finding: Node<'_>) -> String {
    let sequence = finding.path("service.detection.sequence");
    let users = sequence.get("actors").items().filter_map(|a| a.path("user.name").text());
    let endpoints = sequence.get("endpoints").items().filter_map(endpoint);
    let resource = finding.get("resource");
    // Where the key is the resource it has been named already.
    let about_key = resource.get("resourceType").text().is_some_and(|t| t == "AccessKey");
    let key_owner = resource.path("accessKeyDetails.userName").text().map(str::to_owned);
    let who = first_and_more(users.map(str::to_owned))
        .or_else(|| key_owner.clone().filter(|_| !about_key))
        .or_else(|| cluster_or_database_user(resource));
    let from = first_and_more(endpoints).or_else(|| origin(finding.path("service.action")));
    match (who, from) {
        (Some(who), Some(from)) => format!("{who} from {from}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => process(finding).or(key_owner).unwrap_or_default(),
    }
}

/// The remote side of whichever action is there: addresses, a domain, an account.
/// The `Action` of ASFF has the same shape (AwsApiCallAction, NetworkConnectionAction, …).
pub fn origin(action: Node<'_>) -> Option<String> {
    action.values().filter(|a| a.is_object()).find_map(|action| {
        let probes = action.get("portProbeDetails").items().map(|p| p.get("remoteIpDetails"));
        let remotes = action.get("remoteIpDetails").items().chain(probes);
        first_and_more(remotes.filter_map(address))
            .or_else(|| action.get("domain").text().map(str::to_owned))
            .or_else(|| action.path("domainDetails.domain").text().map(str::to_owned))
            .or_else(|| first_and_more(texts(action.get("sourceIPs"))))
            .or_else(|| Some(format!("account {}", account(action)?)))
    })
}

/// `first`, or `first +n` where there are n more different ones.
pub fn first_and_more(names: impl Iterator<Item = String>) -> Option<String> {
    let mut names = names.peekable();
    let first = names.peek()?.clone();
    match names.collect::<HashSet<_>>().len() - 1 {
        0 => Some(first),
        more => Some(format!("{first} +{more}")),
    }
}

/// `198.51.100.7 (France, Example Org)` from its parts.
pub fn place(ip: &str, country: Option<&str>, owner: Option<&str>) -> String {
    let about: Vec<_> = country.into_iter().chain(owner).collect();
    if about.is_empty() { ip.to_owned() } else { format!("{ip} ({})", about.join(", ")) }
}

/// `AKIA… (user alice)`; either half may be absent.
pub fn access_key(id: Option<&str>, kind: Option<&str>, user: Option<&str>) -> Option<String> {
    let owner = match (kind, user) {
        (Some("Root"), _) => Some("root".to_owned()),
        (Some("AssumedRole" | "Role"), Some(role)) => Some(format!("role {role}")),
        (_, Some(user)) => Some(format!("user {user}")),
        (_, None) => None,
    };
    match (id, owner) {
        (Some(id), Some(owner)) => Some(format!("{id} ({owner})")),
        (Some(id), None) => Some(id.to_owned()),
        (None, owner) => owner,
    }
}

fn name(key: &str, details: Node<'_>) -> Option<String> {
    let text = |key| details.path(key).text();
    let called = |what: &str, name: Option<&str>| Some(format!("{what} {}", name?));
    match key {
        "accessKeyDetails" => access_key(
            text("accessKeyId"),
            text("userType"),
            text("userName").or(text("principalId")),
        ),
        "instanceDetails" => {
            let mut tags = details.get("tags").items();
            let tag = tags.find(|t| t.get("key").text() == Some("Name"));
            let tag = tag.and_then(|t| t.get("value").text());
            Some(with_note(text("instanceId")?, tag))
        }
        "s3BucketDetails" => called("bucket", text("name").or(text("arn"))),
        "eksClusterDetails" => called("EKS cluster", text("name").or(text("arn"))),
        "ecsClusterDetails" => called("ECS cluster", text("name").or(text("arn"))),
        "rdsDbInstanceDetails" => {
            called("RDS", text("dbInstanceIdentifier").or(text("dbInstanceArn")))
        }
        "rdsLimitlessDbDetails" => called("RDS", text("dbShardGroupIdentifier")),
        "rdsDbUserDetails" => called("database user", text("user")),
        "lambdaDetails" => called("Lambda", text("functionName").or(text("functionArn"))),
        "containerDetails" => {
            let name = called("container", text("name").or(text("id")))?;
            Some(with_note(&name, text("image")))
        }
        "ebsVolumeDetails" => {
            let volumes = ["scannedVolumeDetails", "skippedVolumeDetails"];
            let volumes = volumes.into_iter().flat_map(|list| details.get(list).items());
            first_and_more(volumes.filter_map(|v| v.get("volumeArn").text()).map(str::to_owned))
        }
        "ebsSnapshotDetails" => text("snapshotArn").map(str::to_owned),
        "ec2ImageDetails" => text("imageArn").map(str::to_owned),
        "recoveryPointDetails" => text("recoveryPointArn").map(str::to_owned),
        "bedrockGuardrailDetails" => text("guardrailArn").map(str::to_owned),
        "kubernetesDetails" => called("workload", text("kubernetesWorkloadDetails.name")),
        _ => None,
    }
}

/// `i-0abc (web-1)`, or the name alone.
pub fn with_note(name: &str, note: Option<&str>) -> String {
    note.map_or_else(|| name.to_owned(), |note| format!("{name} ({note})"))
}

fn sequence_resource(resource: Node<'_>) -> Option<String> {
    let key = resource.path("data.accessKey");
    if key.is_object() {
        let text = |name| key.get(name).text();
        return access_key(resource.get("uid").text(), text("userType"), text("userName"));
    }
    resource.get("name").text().or(resource.get("uid").text()).map(str::to_owned)
}

fn cluster_or_database_user(resource: Node<'_>) -> Option<String> {
    let kubernetes = resource.path("kubernetesDetails.kubernetesUserDetails.username");
    kubernetes.text().or(resource.path("rdsDbUserDetails.user").text()).map(str::to_owned)
}

/// A `remoteIpDetails`.
fn address(remote: Node<'_>) -> Option<String> {
    let ip = remote.get("ipAddressV4").text().or(remote.get("ipAddressV6").text())?;
    let owner =
        ["org", "asnOrg", "isp"].iter().find_map(|k| remote.get("organization").get(k).text());
    Some(place(ip, remote.path("country.countryName").text(), owner))
}

/// A `NetworkEndpoint` of an attack sequence.
fn endpoint(endpoint: Node<'_>) -> Option<String> {
    let ip = endpoint.get("ip").text().or(endpoint.get("domain").text())?;
    let owner = endpoint.path("autonomousSystem.name").text();
    Some(place(ip, endpoint.path("location.country").text(), owner))
}

fn account(action: Node<'_>) -> Option<&str> {
    action.path("remoteAccountDetails.accountId").text()
}

/// Runtime Monitoring: the process that did it.
fn process(finding: Node<'_>) -> Option<String> {
    let process = finding.path("service.runtimeDetails.process");
    let path = process.get("executablePath").text();
    let name = process.get("name").text().or(path)?;
    Some(with_note(&format!("process {name}"), path.filter(|p| *p != name)))
}

fn texts(list: Node<'_>) -> impl Iterator<Item = String> {
    list.items().filter_map(|item| item.text().map(str::to_owned))
}
