//! `LookupEvents`: the last 90 days of one account's management events in one Region.
//!
//! Source: CloudTrail API reference, "LookupEvents". The words of the refusals are ours.

use serde_json::{Value, json};

use crate::range::{
    faults::Twist,
    paging::{Key, Pager, opened, query_text, sealed},
    seed,
    service::{Call, Outcome},
    validate::serialization,
    wire::Refusal,
    world::{
        World,
        trail::{Attribute, Event, KEPT, Lookup, Position},
    },
};

/// The largest page, and the usual one.
const PAGE: usize = 50;

/// The longest value of an attribute; see [`weight`].
const LONGEST: usize = 2000;

/// How far the pages of one query have come.
#[derive(Clone, Copy)]
struct Place {
    /// The world's time at the first page.
    as_of: i64,
    /// Only events before this one are left.
    before: Position,
    /// How many events there were at the first page: what is recorded since is not shown.
    known: u32,
    /// Empty pages given so far at this place, so that no two tokens are the same.
    empties: u32,
}

pub fn lookup_events(world: &World, _: &mut Pager, call: &Call) -> Result<Outcome, Refusal> {
    let history = world.history();
    let attribute = attribute(&call.input["LookupAttributes"])?;
    let (from, to) = window(&call.input)?;
    let key = query(world, call);
    let token = call.input["NextToken"].as_str();
    let place = match token {
        Some(token) => Place::read(world.seed, &key, token)
            .ok_or_else(|| Refusal::new(400, "InvalidNextTokenException", "Invalid NextToken."))?,
        None => Place {
            as_of: call.now,
            // What is younger was not delivered yet.
            before: (call.now - world.delivery, u32::MAX),
            known: history.known(),
            empties: 0,
        },
    };
    let page = call.input["MaxResults"].as_u64().map_or(PAGE, |n| n as usize);
    let ask = Lookup {
        account: call.account,
        region: &call.region,
        attribute,
        from: from.unwrap_or(i64::MIN).max((place.as_of - KEPT).div_euclid(1000)),
        to: to.unwrap_or(i64::MAX),
        before: place.before,
        known: place.known,
    };
    // There are no Insights here, and so no events of theirs.
    let insight = call.input["EventCategory"].is_string();
    let mut found = if insight { Vec::new() } else { world.lookup(&ask, page + 1) };
    let more = found.len() > page;
    found.truncate(page);
    let reached = found.last().map_or(place.before, |event| event.position());
    let next = match call.twist {
        // Nothing is lost: the next page is the one that should have come.
        Some(Twist::EmptyPage) => {
            found.clear();
            let empties = place.empties.saturating_add(1);
            Some(Place { empties, ..place }.write(world.seed, &key))
        }
        Some(Twist::RepeatToken) if token.is_some() => token.map(str::to_owned),
        _ => more.then(|| Place { before: reached, ..place }.write(world.seed, &key)),
    };
    let events: Vec<Value> = found.into_iter().map(|event| shown(world, call, event)).collect();
    let mut body = json!({"Events": events});
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(body.into())
}

/// The event as it is listed, its JSON beside it as text.
fn shown(world: &World, call: &Call, event: &Event) -> Value {
    let history = world.history();
    let mut out = json!({
        "EventId": history.id(event),
        "EventName": *event.name,
        "ReadOnly": event.read_only.to_string(),
        "EventTime": event.seconds(),
        "EventSource": *event.source,
        "Resources": event
            .resources
            .iter()
            .map(|(kind, name)| json!({"ResourceType": kind, "ResourceName": name}))
            .collect::<Vec<_>>(),
        "CloudTrailEvent": world.event_body(call.account, &call.region, event).to_string(),
    });
    // Members that say nothing are left out.
    for (member, text) in [("Username", &event.username), ("AccessKeyId", &event.key)] {
        if !text.is_empty() {
            out[member] = (**text).into();
        }
    }
    out
}

/// The one attribute that may be given.
fn attribute(list: &Value) -> Result<Option<Attribute<'_>>, Refusal> {
    let invalid = |why: &str| Refusal::new(400, "InvalidLookupAttributesException", why);
    let attribute = match list.as_array().map_or(&[][..], Vec::as_slice) {
        [] => return Ok(None),
        [attribute] => attribute,
        _ => return Err(invalid("You can only specify one lookup attribute.")),
    };
    let value = attribute["AttributeValue"].as_str().unwrap_or_default();
    if weight(value) > LONGEST {
        return Err(invalid("The value of the lookup attribute is too long."));
    }
    Ok(Some(match attribute["AttributeKey"].as_str().unwrap_or_default() {
        "EventId" => Attribute::EventId(value),
        "EventName" => Attribute::EventName(value),
        "ReadOnly" => Attribute::ReadOnly(value),
        "Username" => Attribute::Username(value),
        "ResourceType" => Attribute::ResourceType(value),
        "ResourceName" => Attribute::ResourceName(value),
        "EventSource" => Attribute::EventSource(value),
        "AccessKeyId" => Attribute::AccessKeyId(value),
        _ => return Err(invalid("The lookup attribute is not known.")),
    }))
}

/// The length of a value as CloudTrail counts it: these characters count twice.
fn weight(value: &str) -> usize {
    value.chars().map(|c| if matches!(c, '_' | ' ' | ',' | '\\' | '\n') { 2 } else { 1 }).sum()
}

/// `StartTime` and `EndTime` in epoch seconds, both inclusive.
fn window(input: &Value) -> Result<(Option<i64>, Option<i64>), Refusal> {
    let seconds = |member: &str| match &input[member] {
        Value::Null => Ok(None),
        Value::Number(n) => Ok(n.as_f64().map(|n| n.floor() as i64)),
        // awsJson 1.1 writes a time as a number of seconds.
        _ => Err(serialization("STRING_VALUE can not be converted to milliseconds since epoch")),
    };
    let (from, to) = (seconds("StartTime")?, seconds("EndTime")?);
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Refusal::new(
            400,
            "InvalidTimeRangeException",
            "The start time must not be after the end time.",
        )),
        times => Ok(times),
    }
}

/// What a token is bound to: the place asked and every parameter but the token itself.
fn query(world: &World, call: &Call) -> Key {
    let text = query_text(&call.input);
    let most = call.input["MaxResults"].to_string();
    let account = world.accounts[call.account].id.as_str();
    seed::digest(world.seed, &[call.service, call.operation, account, &call.region, &most, &text])
}

impl Place {
    fn write(self, seed: u64, key: &Key) -> String {
        let (at, number) = self.before;
        let rest = [number, self.known, self.empties].map(i64::from);
        sealed(seed, key, [self.as_of, at, rest[0], rest[1], rest[2]])
    }

    fn read(seed: u64, key: &Key, token: &str) -> Option<Self> {
        let [as_of, at, number, known, empties] = opened(seed, key, token)?;
        let small = |n: i64| u32::try_from(n).ok();
        Some(Place {
            as_of,
            before: (at, small(number)?),
            known: small(known)?,
            empties: small(empties)?,
        })
    }
}
