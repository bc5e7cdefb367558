//! CloudTrail: the event history, at its own pace, and the state of the trails.

mod sessions;
mod settings;

use std::time::Duration;

use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, Event as Listed, EventSelector, LookupAttribute,
    LookupAttributeKey, ReadWriteType, Trail,
};
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::{
    Report,
    body::{holds, time},
    client::Reach,
    paging::Paging,
    trace::call,
};
use crate::domain::{
    Answer, Fault, FaultKind, Gap, Logging, Selectors, Service, TrailState, TrailStatus, Untrusted,
    event::{Event, Lookup, Outer, Resource, Window},
};

pub use sessions::sessions;
pub use settings::settings;

/// `LookupEvents` gives at most this many.
const PAGE: i32 = 50;

/// Waits after the SDK itself has given up on a throttled page: whoever else asks in this
/// account and region shares its two requests a second, and a page lost is a question lost.
const PATIENCE: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// Events in one window, newest first, each page with the stretch of time that it settles.
///
/// Fails as a whole where not even the first page came.
pub async fn events(reach: &Reach, lookup: &Lookup, report: Report<'_>) -> Result<Answer, Fault> {
    let mut paging = Paging::new(reach.limits.pages);
    let mut reached = Reached::new(lookup.window);
    let mut gaps = Vec::new();
    let gap = |page: u32, why: Fault| Gap {
        source: Service::CloudTrail,
        account: reach.place.target.clone(),
        region: Some(reach.place.region.clone()),
        page: Some(page),
        why,
    };
    loop {
        let number = paging.number;
        let (listed, token) = match page(reach, lookup, paging.token.clone(), report).await {
            Ok(page) => page,
            Err(fault) if number == 1 => return Err(fault),
            Err(fault) => {
                gaps.push(gap(number, fault));
                break;
            }
        };
        let (mut events, mut bad) = (Vec::with_capacity(listed.len()), None);
        for listed in &listed {
            match read(listed) {
                Ok(event) => events.push(event),
                Err(why) => bad = Some((bad.map_or(0, |(n, _)| n) + 1, why)),
            }
        }
        if let Some((count, why)) = bad {
            let what = format!("{count} events of page {number} cannot be read");
            gaps.push(gap(number, Fault::new(FaultKind::Unreadable, what).with_cause(&why)));
            reached.lost();
        }
        let more = paging.advance(token.as_deref());
        let covered = match more {
            Ok(false) => reached.end(),
            Ok(true) | Err(_) => reached.page(&events),
        };
        report(Answer::Events { events, covered });
        match more {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => {
                gaps.push(gap(number, fault));
                break;
            }
        }
    }
    Ok(Answer::Done { gaps })
}

async fn page(
    reach: &Reach,
    lookup: &Lookup,
    token: Option<String>,
    report: Report<'_>,
) -> Result<(Vec<Listed>, Option<String>), Fault> {
    let Window { from, to } = lookup.window;
    let attributes = lookup.attribute.as_ref().map(|(attribute, value)| {
        LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::from(attribute.name()))
            .attribute_value(value)
            .build()
            .map(|a| vec![a])
    });
    let attributes = attributes
        .transpose()
        .map_err(|_| Fault::new(FaultKind::BadRequest, "a lookup attribute needs a value"))?;
    // Both ends belong to the window that AWS is asked for. The second after the last is
    // asked for too: an endpoint whose times have fractions would lose the last one's.
    let (from, to) = (DateTime::from_secs(from.as_second()), DateTime::from_secs(to.as_second()));
    let mut waits = PATIENCE.into_iter();
    loop {
        reach.cloudtrail_pace.acquire_one().await;
        let ask = reach
            .cloudtrail
            .lookup_events()
            .start_time(from)
            .end_time(to)
            .max_results(PAGE)
            .set_lookup_attributes(attributes.clone())
            .set_next_token(token.clone())
            .send();
        let answer = call(&reach.place, ("CloudTrail", "LookupEvents"), ask, report).await;
        match answer {
            Ok((page, body)) => {
                holds(&body, "Events", "LookupEvents")?;
                let token = page.next_token().map(ToOwned::to_owned);
                return Ok((page.events.unwrap_or_default(), token));
            }
            Err(fault) if fault.kind == FaultKind::Throttled => match waits.next() {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(fault),
            },
            Err(fault) => return Err(fault),
        }
    }
}

/// Some endpoints send an empty string for nothing.
fn text(said: Option<&str>) -> Option<Untrusted> {
    said.filter(|t| !t.is_empty()).map(Untrusted::from)
}

fn read(listed: &Listed) -> Result<Event, String> {
    let resource = |r: &aws_sdk_cloudtrail::types::Resource| {
        Some(Resource { name: text(r.resource_name())?, kind: text(r.resource_type()) })
    };
    let outer = Outer {
        id: text(listed.event_id()),
        name: text(listed.event_name()),
        source: text(listed.event_source()),
        time: listed.event_time().and_then(time),
        username: text(listed.username()),
        access_key: text(listed.access_key_id()),
        read_only: listed.read_only().and_then(|r| r.parse().ok()),
        resources: listed.resources().iter().filter_map(resource).collect(),
    };
    Event::read(listed.cloud_trail_event().unwrap_or_default(), Some(outer))
}

/// How far back a list that should be newest first is known to be whole. One that turns
/// out to be in another order says nothing before its end.
struct Reached {
    window: Window,
    /// Nothing is missing from here to the window's end.
    whole_from: Timestamp,
    ordered: bool,
    lost: bool,
}

impl Reached {
    fn new(window: Window) -> Self {
        Self { window, whole_from: window.to, ordered: true, lost: false }
    }

    /// Something came that cannot be kept: nothing from here on is whole.
    fn lost(&mut self) {
        self.lost = true;
    }

    /// A page after which there is more. Of its oldest second more may follow.
    fn page(&mut self, events: &[Event]) -> Option<Window> {
        let mut before = self.whole_from;
        for event in events {
            match event.time {
                // The second just settled may have had more than one page.
                Some(at) if at <= before => before = at,
                _ => self.ordered = false,
            }
        }
        let oldest = events.last().and_then(|e| e.time)?;
        self.settle(oldest.checked_add(SignedDuration::from_secs(1)).ok()?)
    }

    /// After the last page: also a list in another order is whole now. What was settled
    /// before is not claimed again: whoever kept those pages knows whether that went well.
    fn end(&self) -> Option<Window> {
        let rest = Window { from: self.window.from, to: self.whole_from };
        (!self.lost && !rest.is_empty()).then_some(rest)
    }

    fn settle(&mut self, from: Timestamp) -> Option<Window> {
        if !self.ordered || self.lost || from >= self.whole_from {
            return None;
        }
        let window = Window { from: from.max(self.window.from), to: self.whole_from };
        self.whole_from = window.from;
        Some(window).filter(|w| !w.is_empty())
    }
}

/// Every trail that records in a place, with its state and what it records.
pub async fn logging(reach: &Reach, report: Report<'_>) -> Result<Answer, Fault> {
    let ask = reach.cloudtrail.describe_trails().include_shadow_trails(true).send();
    let (answer, body) = call(&reach.place, ("CloudTrail", "DescribeTrails"), ask, report).await?;
    holds(&body, "trailList", "DescribeTrails")?;
    let trails = answer.trail_list().iter().map(|trail| state(reach, trail, report));
    let trails = join_all(trails).await;
    Ok(Answer::Logging(Logging { place: reach.place.clone(), trails }))
}

async fn state(reach: &Reach, trail: &Trail, report: Report<'_>) -> TrailState {
    let name = text(trail.name()).unwrap_or_default();
    let arn = text(trail.trail_arn()).unwrap_or_else(|| name.clone());
    TrailState {
        home_region: text(trail.home_region()),
        multi_region: trail.is_multi_region_trail().unwrap_or(false),
        organization: trail.is_organization_trail().unwrap_or(false),
        global_services: trail.include_global_service_events().unwrap_or(false),
        validation: trail.log_file_validation_enabled().unwrap_or(false),
        bucket: text(trail.s3_bucket_name()),
        status: status(reach, &arn, report).await,
        selectors: selectors(reach, &arn, report).await,
        name,
        arn,
    }
}

async fn status(reach: &Reach, arn: &Untrusted, report: Report<'_>) -> Result<TrailStatus, Fault> {
    let ask = reach.cloudtrail.get_trail_status().name(arn.raw()).send();
    let (answer, body) = call(&reach.place, ("CloudTrail", "GetTrailStatus"), ask, report).await?;
    holds(&body, "IsLogging", "GetTrailStatus")?;
    Ok(TrailStatus {
        is_logging: answer.is_logging().unwrap_or(false),
        latest_delivery: answer.latest_delivery_time().and_then(time),
        delivery_error: text(answer.latest_delivery_error()),
        latest_digest: answer.latest_digest_delivery_time().and_then(time),
        digest_error: text(answer.latest_digest_delivery_error()),
        started: answer.start_logging_time().and_then(time),
        stopped: answer.stop_logging_time().and_then(time),
    })
}

async fn selectors(reach: &Reach, arn: &Untrusted, report: Report<'_>) -> Result<Selectors, Fault> {
    let ask = reach.cloudtrail.get_event_selectors().trail_name(arn.raw()).send();
    let (answer, _) = call(&reach.place, ("CloudTrail", "GetEventSelectors"), ask, report).await?;
    let mut all = Selectors::default();
    for selector in answer.event_selectors() {
        basic(selector, &mut all);
    }
    for selector in answer.advanced_event_selectors() {
        advanced(selector, &mut all);
    }
    Ok(all)
}

fn basic(selector: &EventSelector, into: &mut Selectors) {
    // Absent means both kinds, and management events (CloudTrail API, `EventSelector`).
    let kind = selector.read_write_type().unwrap_or(&ReadWriteType::All);
    if selector.include_management_events().unwrap_or(true) {
        into.reads |= *kind != ReadWriteType::WriteOnly;
        into.writes |= *kind != ReadWriteType::ReadOnly;
    }
    let types = selector.data_resources().iter().filter_map(|d| d.r#type());
    into.data.extend(types.map(Untrusted::from));
}

fn advanced(selector: &AdvancedEventSelector, into: &mut Selectors) {
    let fields = selector.field_selectors();
    let field = |name: &str| fields.iter().find(|f| f.field() == name);
    let equals = |name: &str, value: &str| {
        field(name).is_none_or(|f: &AdvancedFieldSelector| f.equals().iter().any(|v| v == value))
    };
    if field("eventCategory").is_some() && equals("eventCategory", "Management") {
        into.reads |= equals("readOnly", "true");
        into.writes |= equals("readOnly", "false");
    }
    if field("eventCategory").is_some() && equals("eventCategory", "Data") {
        let types = field("resources.type").map(|f| f.equals()).unwrap_or_default();
        into.data.extend(types.iter().map(|t| Untrusted::from(t.as_str())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a time")
    }

    fn event(second: Option<i64>) -> Event {
        let outer = Outer { name: Some("N".into()), time: second.map(at), ..Outer::default() };
        Event::read("", Some(outer)).expect("an event")
    }

    fn window(from: i64, to: i64) -> Option<Window> {
        Some(Window { from: at(from), to: at(to) })
    }

    fn page(seconds: &[i64]) -> Vec<Event> {
        seconds.iter().map(|s| event(Some(*s))).collect()
    }

    #[test]
    fn a_page_settles_what_is_younger_than_its_oldest_second() {
        let mut reached = Reached::new(window(0, 100).expect("one"));
        assert_eq!(reached.page(&page(&[99, 90, 80])), window(81, 100));
        // The same second goes on over the whole next page: nothing new is settled.
        assert_eq!(reached.page(&page(&[80, 80])), None);
        assert_eq!(reached.page(&page(&[80, 70])), window(71, 81));
        assert_eq!(reached.page(&[]), None);
        assert_eq!(reached.end(), window(0, 71));
    }

    #[test]
    fn a_list_in_another_order_settles_nothing_before_its_end() {
        for wrong in [vec![event(Some(50)), event(Some(60))], vec![event(None)]] {
            let mut reached = Reached::new(window(0, 100).expect("one"));
            assert_eq!(reached.page(&wrong), None);
            assert_eq!(reached.page(&page(&[40])), None);
            assert_eq!(reached.end(), window(0, 100));
        }
    }

    #[test]
    fn what_cannot_be_kept_is_never_covered() {
        let mut reached = Reached::new(window(0, 100).expect("one"));
        assert_eq!(reached.page(&page(&[90])), window(91, 100));
        reached.lost();
        assert_eq!(reached.page(&page(&[80])), None);
        assert_eq!(reached.end(), None);
    }
}
