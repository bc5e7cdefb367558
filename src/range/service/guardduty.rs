//! Amazon GuardDuty.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Call, Outcome};
use crate::range::{
    faults::Twist,
    paging::Pager,
    seed,
    select::{criteria::Criteria, order},
    wire::Refusal,
    world::{Change, Detector, World, finding_type, iso},
};

const TOKEN: (&str, &str, u64) = ("nextToken", "maxResults", 50);

fn bad(why: &str) -> Refusal {
    Refusal::new(400, "BadRequestException", format!("The request is rejected because {why}"))
}

fn bad_token() -> Refusal {
    bad("the parameter nextToken has an invalid value.")
}

/// Refuses a detector that is not the caller's in this Region.
fn detector<'w>(world: &'w World, call: &Call) -> Result<&'w Detector, Refusal> {
    let own = world.detector_in(call.account, &call.region);
    own.filter(|detector| detector.id == call.text("DetectorId"))
        .ok_or_else(|| bad("the input detectorId is not owned by the current account."))
}

pub fn list_detectors(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    if !call.text("nextToken").is_empty() {
        return Err(bad_token());
    }
    // At most one per account and Region; none means not enabled, not an error.
    let ids: Vec<&str> = world.detector(call.account, &call.region).into_iter().collect();
    Ok(json!({"detectorIds": ids}).into())
}

pub fn get_detector(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let detector = detector(world, call)?;
    let account = &world.accounts[call.account].id;
    let on = json!({"status": "ENABLED"});
    Ok(json!({
        "createdAt": iso(detector.created),
        "updatedAt": iso(detector.updated),
        "findingPublishingFrequency": detector.frequency,
        "serviceRole": format!("arn:aws:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"),
        "status": if detector.suspended.is_some() { "DISABLED" } else { "ENABLED" },
        "dataSources": {"cloudTrail": on, "dnsLogs": on, "flowLogs": on, "s3Logs": on},
        "tags": {},
        "features": [],
    })
    .into())
}

/// "You can have only one detector per account per Region."
pub fn create_detector(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    if world.detector_in(call.account, &call.region).is_some() {
        return Err(bad("a detector already exists for the current account."));
    }
    let id = seed::id32(world.seed, &["detector", &call.request_id]);
    let change = Change::Detector {
        created: Some(id.clone()),
        enable: call.input["enable"].as_bool(),
        frequency: call.input["findingPublishingFrequency"].as_str().map(str::to_owned),
    };
    Ok(Outcome::new(json!({"detectorId": id, "unprocessedDataSources": {}}), Some(change)))
}

/// "All member accounts must be disassociated or deleted before you can suspend or disable
/// GuardDuty" (user guide). Data sources and features stay as they are here.
pub fn update_detector(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let held = detector(world, call)?;
    let enable = call.input["enable"].as_bool();
    if enable == Some(false) && members(world, call).next().is_some() {
        return Err(bad("member accounts are associated with the current account."));
    }
    let frequency = call.input["findingPublishingFrequency"].as_str();
    let changes = enable.is_some_and(|on| on == held.suspended.is_some())
        || frequency.is_some_and(|frequency| frequency != held.frequency);
    let change =
        Change::Detector { created: None, enable, frequency: frequency.map(str::to_owned) };
    Ok(Outcome::new(json!({}), changes.then_some(change)))
}

/// The accounts whose detectors in this Region the caller looks after.
fn members<'w>(world: &'w World, call: &'w Call) -> impl Iterator<Item = u32> + 'w {
    (0..world.accounts.len())
        .filter(|a| world.is_administrator(call.account) && *a != call.account)
        .filter(|a| world.detector(*a, &call.region).is_some())
        .map(|a| a as u32)
}

/// Who looks after this account's findings; nobody where it looks after its own.
pub fn get_administrator_account(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    detector(world, call)?;
    let administrator = world.administrator().filter(|_| world.is_member(call.account));
    let Some(administrator) = administrator else { return Ok(json!({}).into()) };
    let invited = iso(world.start - 400 * 86_400_000);
    Ok(json!({"administrator": {
        "accountId": world.accounts[administrator].id.as_str(),
        "relationshipStatus": "Enabled",
        "invitedAt": invited,
    }})
    .into())
}

pub fn list_members(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    detector(world, call)?;
    let members: Vec<u32> = members(world, call).collect();
    let page = call.page(world, pager, TOKEN, bad_token(), |_| members)?;
    let owner = world.accounts[call.account].id.as_str();
    let began = iso(world.start - 400 * 86_400_000);
    let members: Vec<Value> = page
        .rows
        .iter()
        .map(|a| {
            let account = &world.accounts[*a as usize];
            let held = world.detector_in(*a as usize, &call.region);
            let off = held.is_some_and(|detector| detector.suspended.is_some());
            json!({
                "accountId": account.id.as_str(),
                "detectorId": held.map(|detector| detector.id.as_str()),
                "masterId": owner,
                "administratorId": owner,
                "email": format!("{}@example.com", account.alias),
                "relationshipStatus": if off { "Disabled" } else { "Enabled" },
                "invitedAt": began,
                "updatedAt": began,
            })
        })
        .collect();
    Ok(json!({"members": members, "nextToken": page.next.unwrap_or_default()}).into())
}

pub fn list_findings(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    detector(world, call)?;
    let criteria = Criteria::read(&call.input["findingCriteria"]).map_err(|why| bad(&why))?;
    let page = call.page(world, pager, TOKEN, bad_token(), |now| {
        let mut rows: Vec<u32> = world
            .rows_of(call.account, &call.region)
            .filter(|row| criteria.accept(world, &world.rows[*row as usize], now))
            .collect();
        order::findings(world, &call.input["sortCriteria"], now, &mut rows);
        rows
    })?;
    let ids: Vec<&str> = page.rows.iter().map(|row| &*world.rows[*row as usize].id).collect();
    // The real service's last page bears an empty token, not none.
    Ok(json!({"findingIds": ids, "nextToken": page.next.unwrap_or_default()}).into())
}

pub fn get_findings(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    detector(world, call)?;
    // An id that is not known, or no longer, is simply not in the answer.
    let mut rows: Vec<u32> = call
        .texts("findingIds")
        .iter()
        .filter_map(|id| world.row(call.account, &call.region, id, call.now))
        .collect();
    order::findings(world, &call.input["sortCriteria"], call.now, &mut rows);
    if call.twist == Some(Twist::MissingId) {
        rows.pop();
    }
    let findings: Vec<Value> = rows
        .iter()
        .map(|row| &world.rows[*row as usize])
        .filter_map(|row| Some(world.render(row, world.version(row, call.now)?)))
        .collect();
    Ok(json!({"findings": findings}).into())
}

pub fn get_findings_statistics(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    detector(world, call)?;
    let criteria = Criteria::read(&call.input["findingCriteria"]).map_err(|why| bad(&why))?;
    let group = call.text("groupBy");
    let by_type = !call.texts("findingStatisticTypes").is_empty();
    if by_type != group.is_empty() {
        return Err(bad("either findingStatisticTypes or groupBy must be specified."));
    }
    let rows = world
        .rows_of(call.account, &call.region)
        .map(|row| &world.rows[row as usize])
        .filter(|row| criteria.accept(world, row, call.now));
    // Key → (how many, latest update in epoch milliseconds, a row).
    let mut groups: BTreeMap<String, (u64, i64, Value)> = BTreeMap::new();
    for row in rows {
        let Some(version) = world.version(row, call.now) else { continue };
        let account = world.accounts[usize::from(row.account)].id.as_str();
        let day = version.updated.div_euclid(86_400_000) * 86_400;
        let severity = json!(version.severity);
        let (key, fields) = match group {
            "ACCOUNT" => (account.to_owned(), json!({"accountId": account})),
            "FINDING_TYPE" => (version.kind.to_string(), json!({"findingType": &*version.kind})),
            "DATE" => (format!("{day} {severity}"), json!({"date": day, "severity": severity})),
            "RESOURCE" => {
                let body = world.render(row, version);
                let kind = body["resource"]["resourceType"].as_str().unwrap_or_default();
                let id = resource_id(&body["resource"]).unwrap_or_default();
                (
                    format!("{account} {kind} {id}"),
                    json!({"accountId": account, "resourceType": kind, "resourceId": id}),
                )
            }
            _ => (format!("{:.1}", version.severity), json!({"severity": severity})),
        };
        let entry = groups.entry(key).or_insert((0, version.updated, fields));
        entry.0 += 1;
        entry.1 = entry.1.max(version.updated);
    }
    if by_type {
        let counts: serde_json::Map<String, Value> =
            groups.into_iter().map(|(key, (count, ..))| (key, count.into())).collect();
        return Ok(json!({"findingStatistics": {"countBySeverity": counts}}).into());
    }
    let mut list: Vec<(u64, Value)> = groups
        .into_values()
        .map(|(count, last, mut fields)| {
            fields["totalFindings"] = count.into();
            fields["lastGeneratedAt"] = (last / 1000).into();
            (count, fields)
        })
        .collect();
    list.sort_by_key(|(count, _)| *count);
    if call.text("orderBy") != "ASC" {
        list.reverse();
    }
    list.truncate(call.input["maxResults"].as_u64().unwrap_or(100) as usize);
    let name = match group {
        "ACCOUNT" => "groupedByAccount",
        "FINDING_TYPE" => "groupedByFindingType",
        "DATE" => "groupedByDate",
        "RESOURCE" => "groupedByResource",
        _ => "groupedBySeverity",
    };
    let list: Vec<Value> = list.into_iter().map(|(_, fields)| fields).collect();
    Ok(json!({"findingStatistics": {name: list}}).into())
}

fn resource_id(resource: &Value) -> Option<&str> {
    [
        &resource["accessKeyDetails"]["accessKeyId"],
        &resource["instanceDetails"]["instanceId"],
        &resource["s3BucketDetails"][0]["name"],
        &resource["eksClusterDetails"]["name"],
        &resource["lambdaDetails"]["functionName"],
        &resource["rdsDbInstanceDetails"]["dbInstanceIdentifier"],
    ]
    .into_iter()
    .find_map(Value::as_str)
}

pub fn archive_findings(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let ids = own_findings(world, call)?;
    Ok(Outcome::new(json!({}), Some(Change::Archive { ids })))
}

pub fn unarchive_findings(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let ids = own_findings(world, call)?;
    Ok(Outcome::new(json!({}), Some(Change::Unarchive { ids })))
}

/// What was said last of a finding is its `service.userFeedback`; the comments are told to
/// nobody.
pub fn update_findings_feedback(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    let ids = known_findings(world, call)?;
    let useful = call.text("feedback") == "USEFUL";
    Ok(Outcome::new(json!({}), Some(Change::Feedback { ids, useful })))
}

/// "Only the administrator account can archive findings. Member accounts don't
/// have permission" (API reference, ArchiveFindings).
fn own_findings(world: &World, call: &Call) -> Result<Vec<String>, Refusal> {
    detector(world, call)?;
    if world.is_member(call.account) {
        return Err(bad(
            "the current account is a member account; only the administrator account can archive or unarchive findings.",
        ));
    }
    known_findings(world, call)
}

fn known_findings(world: &World, call: &Call) -> Result<Vec<String>, Refusal> {
    detector(world, call)?;
    let ids = call.texts("findingIds");
    let known = |id: &String| world.row(call.account, &call.region, id, call.now).is_some();
    if ids.iter().all(known) {
        Ok(ids)
    } else {
        Err(bad("the parameter findingIds contains an id that is not known to the detector."))
    }
}

pub fn create_sample_findings(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    detector(world, call)?;
    let types = call.texts("findingTypes");
    if types.iter().any(|t| finding_type(t).is_none()) {
        return Err(bad("the parameter findingTypes has an invalid value."));
    }
    Ok(Outcome::new(json!({}), Some(Change::Samples { types })))
}
