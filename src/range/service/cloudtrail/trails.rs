//! Trails: described, started, stopped, told what to log.
//!
//! Source: CloudTrail API reference. The words of most refusals are ours.

use serde_json::{Value, json};

use crate::range::{
    paging::Pager,
    service::{Call, Outcome},
    wire::Refusal,
    world::{Change, Selectors, Trail, World, iso_seconds},
};

pub fn describe_trails(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let shadows = call.input["includeShadowTrails"].as_bool().unwrap_or(true);
    let here =
        |t: &&Trail| t.seen_by(call.account, &call.region) && (shadows || !is_shadow(t, call));
    let names = call.texts("trailNameList");
    let named =
        |t: &&Trail| names.is_empty() || names.iter().any(|n| *n == t.arn || *n == t.said.name);
    let list: Vec<Value> = world.trails().iter().filter(here).filter(named).map(trail).collect();
    Ok(json!({"trailList": list}).into())
}

pub fn get_trail(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    Ok(json!({"Trail": trail(find(world, call, "Name")?)}).into())
}

/// Of every Region, those that others see as shadows too.
pub fn list_trails(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    if call.input["NextToken"].is_string() {
        return Err(Refusal::new(400, "InvalidNextTokenException", "Invalid NextToken."));
    }
    let own = |t: &&Trail| t.account == call.account || t.said.organization;
    let list: Vec<Value> = world
        .trails()
        .iter()
        .filter(own)
        .map(
            |t| json!({"TrailARN": t.arn, "Name": t.said.name, "HomeRegion": t.said.home.as_str()}),
        )
        .collect();
    Ok(json!({"Trails": list}).into())
}

pub fn get_trail_status(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let trail = find(world, call, "Name")?;
    let delivered = trail.delivered(call.now);
    let mut status = json!({
        "IsLogging": trail.logging,
        "LatestDeliveryTime": seconds(delivered),
        "StartLoggingTime": seconds(trail.started),
        "LatestDeliveryAttemptTime": iso_seconds(delivered),
        "LatestDeliveryAttemptSucceeded": iso_seconds(delivered),
        "LatestNotificationAttemptTime": "",
        "LatestNotificationAttemptSucceeded": "",
        "TimeLoggingStarted": iso_seconds(trail.started),
        "TimeLoggingStopped": trail.stopped.map_or_else(String::new, iso_seconds),
    });
    if let Some(stopped) = trail.stopped {
        status["StopLoggingTime"] = seconds(stopped);
    }
    if trail.said.validated {
        /// Digests come once an hour, in milliseconds.
        const HOUR: i64 = 3_600_000;
        status["LatestDigestDeliveryTime"] = seconds(delivered.div_euclid(HOUR) * HOUR);
    }
    Ok(status.into())
}

pub fn get_event_selectors(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let trail = find(world, call, "TrailName")?;
    Ok(selected(trail, &trail.selectors).into())
}

/// In the place of those that there are, whatever their kind.
pub fn put_event_selectors(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let trail = own(world, call, "TrailName")?;
    let selectors = Selectors::read(&call.input)
        .map_err(|why| Refusal::new(400, "InvalidEventSelectorsException", why))?;
    let body = selected(trail, &selectors);
    let changes = trail.selectors != selectors;
    let change = Change::EventSelectors { trail: trail.arn.clone(), selectors };
    Ok(Outcome::new(body, changes.then_some(change)))
}

fn selected(trail: &Trail, selectors: &Selectors) -> Value {
    let (member, list) = selectors.shown();
    let mut out = json!({"TrailARN": trail.arn});
    out[member] = list;
    out
}

pub fn start_logging(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    logging(world, call, true)
}

pub fn stop_logging(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    logging(world, call, false)
}

fn logging(world: &World, call: &Call, on: bool) -> Result<Outcome, Refusal> {
    let change = Change::Logging { trail: own(world, call, "Name")?.arn.clone(), on };
    Ok(Outcome::new(json!({}), Some(change)))
}

/// A trail that may be changed from here.
fn own<'w>(world: &'w World, call: &Call, member: &str) -> Result<&'w Trail, Refusal> {
    let trail = find(world, call, member)?;
    if trail.account != call.account {
        return Err(Refusal::new(
            400,
            "NotOrganizationMasterAccountException",
            "Only the organization's management account can change an organization trail.",
        ));
    }
    if is_shadow(trail, call) {
        let why =
            format!("Trail {} must be updated from the Region {}", trail.arn, trail.said.home);
        return Err(Refusal::new(400, "InvalidHomeRegionException", why));
    }
    Ok(trail)
}

/// A trail of another Region or account, seen from here.
fn is_shadow(trail: &Trail, call: &Call) -> bool {
    trail.said.home.as_str() != call.region || trail.account != call.account
}

/// The trail that a member names: by name where it is at home, else by its ARN.
fn find<'w>(world: &'w World, call: &Call, member: &str) -> Result<&'w Trail, Refusal> {
    let name = call.text(member);
    if name.starts_with("arn:") {
        if !name.contains(":cloudtrail:") || !name.contains(":trail/") {
            let why = format!("The ARN {name} is not one of a trail.");
            return Err(Refusal::new(400, "CloudTrailARNInvalidException", why));
        }
    } else if !well_named(name) {
        let why = "Trail names are letters, digits, periods, underscores and dashes, 3 to 128, \
                   with a letter or digit at both ends.";
        return Err(Refusal::new(400, "InvalidTrailNameException", why));
    }
    let meant = |t: &&Trail| {
        t.arn == name && t.seen_by(call.account, &call.region)
            || t.said.name == name && !is_shadow(t, call)
    };
    world.trails().iter().find(meant).ok_or_else(|| {
        let account = &world.accounts[call.account].id;
        let arn = if name.starts_with("arn:") {
            name.to_owned()
        } else {
            format!("arn:aws:cloudtrail:{}:{account}:trail/{name}", call.region)
        };
        let why = format!("Unknown trail: {arn} for the user: {account}");
        Refusal::new(400, "TrailNotFoundException", why)
    })
}

/// CloudTrail API reference, "InvalidTrailNameException".
fn well_named(name: &str) -> bool {
    let ends = name.bytes().next().into_iter().chain(name.bytes().last());
    (3..=128).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        && ends.clone().all(|b| b.is_ascii_alphanumeric())
}

fn trail(trail: &Trail) -> Value {
    let said = &trail.said;
    json!({
        "Name": said.name,
        "S3BucketName": said.bucket,
        "IncludeGlobalServiceEvents": true,
        "IsMultiRegionTrail": said.multi_region,
        "HomeRegion": said.home.as_str(),
        "TrailARN": trail.arn,
        "LogFileValidationEnabled": said.validated,
        "HasCustomEventSelectors": trail.selectors.are_custom(),
        "HasInsightSelectors": false,
        "IsOrganizationTrail": said.organization,
    })
}

/// A time as awsJson 1.1 writes it: seconds of the epoch.
fn seconds(ms: i64) -> Value {
    ms.div_euclid(1000).into()
}
