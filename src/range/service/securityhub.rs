//! AWS Security Hub (CSPM API).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Call, Outcome};
use crate::{
    domain::time::parse_foreign,
    range::{
        faults::Twist,
        paging::Pager,
        seed,
        select::{filters::Filters, order},
        wire::Refusal,
        world::{Change, PARTITION, World, iso},
    },
};

fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidInputException", why)
}

/// Refuses where the hub is not enabled. 401, as the model says.
fn enabled(world: &World, call: &Call) -> Result<(), Refusal> {
    since(world, call).map(drop)
}

/// When the hub was enabled, in epoch milliseconds.
fn since(world: &World, call: &Call) -> Result<i64, Refusal> {
    world.hub_since(call.account, &call.region).ok_or_else(|| {
        let account = &world.accounts[call.account].id;
        let why = format!("Account {account} is not subscribed to AWS Security Hub");
        Refusal::new(401, "InvalidAccessException", why)
    })
}

/// Which standards are enabled with it is not kept here.
pub fn enable_security_hub(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    if since(world, call).is_ok() {
        let account = &world.accounts[call.account].id;
        let why = format!("Account {account} is already subscribed to AWS Security Hub");
        return Err(Refusal::new(409, "ResourceConflictException", why));
    }
    Ok(Outcome::new(json!({}), Some(Change::Hub { on: true })))
}

/// "You can't disable Security Hub CSPM in an account that is currently the Security Hub CSPM
/// administrator." The findings are kept for 90 days, and there again once it is enabled.
pub fn disable_security_hub(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    enabled(world, call)?;
    if world.is_administrator(call.account) {
        let why = "The account is the administrator account of Security Hub";
        return Err(Refusal::new(401, "InvalidAccessException", why));
    }
    Ok(Outcome::new(json!({}), Some(Change::Hub { on: false })))
}

pub fn describe_hub(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let since = since(world, call)?;
    let account = &world.accounts[call.account].id;
    let arn = format!("arn:{PARTITION}:securityhub:{}:{account}:hub/default", call.region);
    if ![arn.as_str(), ""].contains(&call.text("HubArn")) {
        return Err(Refusal::new(404, "ResourceNotFoundException", "The hub was not found"));
    }
    Ok(json!({
        "HubArn": arn,
        "SubscribedAt": iso(since),
        "AutoEnableControls": true,
        "ControlFindingGenerator": "SECURITY_CONTROL",
    })
    .into())
}

pub fn get_findings(world: &World, pager: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    enabled(world, call)?;
    let at = |now| Timestamp::from_millisecond(now).unwrap_or_default();
    // Read once for its mistakes, and again for the time of the first page.
    Filters::read(&call.input["Filters"], at(call.now)).map_err(invalid)?;
    let sort = &call.input["SortCriteria"];
    let refusal = invalid("Invalid parameter 'NextToken': the token is not valid for this request");
    let page = call.page(world, pager, ("NextToken", "MaxResults", 100), refusal, |now| {
        let Ok(filters) = Filters::read(&call.input["Filters"], at(now)) else { return Vec::new() };
        let mut found: Vec<(Value, u32)> = world
            .hub
            .iter()
            .zip(0u32..)
            .filter(|(row, _)| world.hub_shows(call.account, &call.region, row, now))
            .map(|(row, number)| (world.render_hub(row, now), number))
            .filter(|(finding, _)| filters.accept(finding))
            .collect();
        order::hub(sort, &mut found);
        found.into_iter().map(|(_, number)| number).collect()
    })?;
    let mut findings: Vec<Value> = page
        .rows
        .iter()
        .map(|number| world.render_hub(&world.hub[*number as usize], call.now))
        .collect();
    if call.twist == Some(Twist::MissingId) {
        findings.pop();
    }
    let mut body = json!({"Findings": findings});
    if let Some(next) = page.next {
        body["NextToken"] = next.into();
    }
    Ok(body.into())
}

pub fn batch_import_findings(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    enabled(world, call)?;
    let (mut taken, mut failed) = (Vec::new(), Vec::new());
    for finding in call.input["Findings"].as_array().into_iter().flatten() {
        match importable(world, call, finding) {
            Ok(()) => taken.push(finding.clone()),
            Err(why) => failed.push(json!({
                "Id": finding["Id"].as_str().unwrap_or_default(),
                "ErrorCode": "InvalidInput",
                "ErrorMessage": why,
            })),
        }
    }
    let body = json!({
        "FailedCount": failed.len(),
        "SuccessCount": taken.len(),
        "FailedFindings": failed,
    });
    let change = (!taken.is_empty()).then_some(Change::HubImport { findings: taken });
    Ok(Outcome::new(body, change))
}

/// What AWS checks of each finding on its own (ASFF, required attributes; API
/// reference, BatchImportFindings).
fn importable(world: &World, call: &Call, finding: &Value) -> Result<(), String> {
    let account = world.accounts[call.account].id.as_str();
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    if finding.to_string().len() > 240 * 1024 {
        return Err("Finding size exceeds 240 KB".to_owned());
    }
    if text("AwsAccountId") != account {
        return Err(format!("AwsAccountId does not match the account {account}"));
    }
    let default =
        format!("arn:{PARTITION}:securityhub:{}:{account}:product/{account}/default", call.region);
    if text("ProductArn") != default {
        return Err("ProductArn is not a product of this account and Region".to_owned());
    }
    if text("SchemaVersion") != "2018-10-08" {
        return Err("SchemaVersion must be 2018-10-08".to_owned());
    }
    for (key, limit) in [("Title", 256), ("Description", 1024), ("Id", 512), ("GeneratorId", 512)] {
        if text(key).chars().count() > limit {
            return Err(format!("{key} has more than {limit} characters"));
        }
    }
    for key in ["CreatedAt", "UpdatedAt"] {
        if !text(key).contains('T') || parse_foreign(text(key)).is_none() {
            return Err(format!("{key} is not an ISO 8601 time"));
        }
    }
    match finding["Resources"].as_array().map(Vec::len) {
        Some(1..=32) => {}
        _ => return Err("Resources has 1 to 32 items".to_owned()),
    }
    let severity = &finding["Severity"];
    if severity["Label"].is_null()
        && severity["Normalized"].is_null()
        && finding["FindingProviderFields"]["Severity"].is_null()
    {
        return Err("Severity has a Label or Normalized".to_owned());
    }
    if let Some(known) = world.hub_row(text("Id"), text("ProductArn")) {
        let held = world.render_hub(&world.hub[known as usize], call.now);
        let time = |v: &Value| v["UpdatedAt"].as_str().and_then(parse_foreign);
        if time(finding) < time(&held) {
            return Err("UpdatedAt is before that of the finding held".to_owned());
        }
    }
    Ok(())
}

/// The fields that a customer may set; others belong to the provider.
const UPDATABLE: [&str; 9] = [
    "Note",
    "Severity",
    "VerificationState",
    "Confidence",
    "Criticality",
    "Types",
    "UserDefinedFields",
    "Workflow",
    "RelatedFindings",
];

pub fn batch_update_findings(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    enabled(world, call)?;
    let mut fields: Map<String, Value> = UPDATABLE
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), call.input.get(*key)?.clone())))
        .filter(|(_, value)| !value.is_null())
        .collect();
    // The guide gives this limit; the model does not.
    if call.input["FindingIdentifiers"].as_array().is_some_and(|list| list.len() > 100) {
        return Err(invalid("FindingIdentifiers has at most 100 items"));
    }
    if fields.is_empty() {
        return Err(invalid("At least one field to update must be given"));
    }
    if let Some(note) = fields.get_mut("Note") {
        note["UpdatedAt"] = iso(call.now).into();
    }
    let mut laid = json!({"Severity": fields.get("Severity")});
    if let Some(severity) = fields.get_mut("Severity") {
        // A label alone moves the number with it, and the other way round.
        crate::range::world::complete_severity(&mut laid);
        *severity = laid["Severity"].take();
    }
    let (mut done, mut not, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    let mut fail = |identifier: &Value, code: &str, why: &str| {
        not.push(json!({"FindingIdentifier": identifier, "ErrorCode": code, "ErrorMessage": why}));
    };
    for identifier in call.input["FindingIdentifiers"].as_array().into_iter().flatten() {
        let text = |key: &str| identifier[key].as_str().unwrap_or_default();
        let row = world.hub_row(text("Id"), text("ProductArn")).filter(|number| {
            let row = &world.hub[*number as usize];
            world.hub_shows(call.account, &call.region, row, call.now)
        });
        let Some(row) = row else {
            fail(identifier, "FindingNotFound", "The finding was not found");
            continue;
        };
        let key = world.hub_key(row);
        if targets.contains(&key) {
            fail(identifier, "DuplicatedFindingIdentifier", "The identifier was given twice");
            continue;
        }
        targets.push(key);
        done.push(identifier.clone());
    }
    if call.twist == Some(Twist::Unprocessed)
        && let Some(identifier) = done.pop()
    {
        targets.pop();
        fail(&identifier, "InternalFailure", "The finding could not be updated");
    }
    let change = (!targets.is_empty()).then_some(Change::HubUpdate { targets, fields });
    let body = json!({"ProcessedFindings": done, "UnprocessedFindings": not});
    Ok(Outcome::new(body, change))
}

/// ARN, home Region and linked Regions of the aggregator that holds for the caller.
fn aggregator(world: &World, call: &Call) -> Option<(String, String, Vec<String>)> {
    let owner = if world.is_member(call.account) { world.administrator()? } else { call.account };
    let home = world.home(call.account)?.to_owned();
    let account = &world.accounts[owner];
    let unique = seed::uuid(seed::digest(world.seed, &["aggregator", account.id.as_str()]));
    let arn =
        format!("arn:{PARTITION}:securityhub:{home}:{}:finding-aggregator/{unique}", account.id);
    let linked = world.hub_regions(owner).into_iter().map(str::to_owned);
    Some((arn, home.clone(), linked.filter(|r| *r != home).collect()))
}

pub fn list_finding_aggregators(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    enabled(world, call)?;
    let list: Vec<Value> = aggregator(world, call)
        .map(|(arn, ..)| json!({"FindingAggregatorArn": arn}))
        .into_iter()
        .collect();
    Ok(json!({"FindingAggregators": list}).into())
}

pub fn get_finding_aggregator(
    world: &World,
    _: &mut Pager,
    call: &Call,
) -> Result<Outcome, Refusal> {
    enabled(world, call)?;
    match aggregator(world, call) {
        Some((arn, home, linked)) if arn == call.text("FindingAggregatorArn") => Ok(json!({
            "FindingAggregatorArn": arn,
            "FindingAggregationRegion": home,
            "RegionLinkingMode": "SPECIFIED_REGIONS",
            "Regions": linked,
        })
        .into()),
        _ => Err(Refusal::new(
            404,
            "ResourceNotFoundException",
            "The finding aggregator was not found",
        )),
    }
}
