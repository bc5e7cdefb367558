//! One trail: whether it records, and its selectors whole, so that they can be set again.

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, EventSelector, ReadWriteType};

use super::{Report, call};
use crate::{
    cloud::{body::holds, client::Reach},
    domain::{
        AdvancedSelector, BasicSelector, EventSelectors, Fault, FieldSelector, State, TrailArn,
        TrailSettings,
    },
};

pub async fn settings(reach: &Reach, trail: &TrailArn, report: Report<'_>) -> Result<State, Fault> {
    let ask = reach.cloudtrail.get_trail_status().name(trail.as_str()).send();
    let (status, body) = call(&reach.place, ("CloudTrail", "GetTrailStatus"), ask, report).await?;
    holds(&body, "IsLogging", "GetTrailStatus")?;
    let ask = reach.cloudtrail.get_event_selectors().trail_name(trail.as_str()).send();
    let (answer, _) = call(&reach.place, ("CloudTrail", "GetEventSelectors"), ask, report).await?;
    let advanced = answer.advanced_event_selectors();
    let selectors = if advanced.is_empty() {
        EventSelectors::Basic(answer.event_selectors().iter().map(basic).collect())
    } else {
        EventSelectors::Advanced(advanced.iter().map(self::advanced).collect())
    };
    let is_logging = status.is_logging().unwrap_or(false);
    Ok(State::Trail(TrailSettings { trail: trail.clone(), is_logging, selectors }))
}

/// Absent means both kinds, and management events (CloudTrail API, `EventSelector`).
fn basic(selector: &EventSelector) -> BasicSelector {
    let data = selector.data_resources().iter();
    BasicSelector {
        read_write: selector.read_write_type().unwrap_or(&ReadWriteType::All).as_str().to_owned(),
        management: selector.include_management_events().unwrap_or(true),
        data: data
            .map(|d| (d.r#type().unwrap_or_default().to_owned(), d.values().to_vec()))
            .collect(),
        excluded: selector.exclude_management_event_sources().to_vec(),
    }
}

fn advanced(selector: &AdvancedEventSelector) -> AdvancedSelector {
    let fields = selector.field_selectors().iter();
    AdvancedSelector {
        name: selector.name().map(ToOwned::to_owned),
        fields: fields
            .map(|f| FieldSelector {
                field: f.field().to_owned(),
                equals: f.equals().to_vec(),
                starts_with: f.starts_with().to_vec(),
                ends_with: f.ends_with().to_vec(),
                not_equals: f.not_equals().to_vec(),
                not_starts_with: f.not_starts_with().to_vec(),
                not_ends_with: f.not_ends_with().to_vec(),
            })
            .collect(),
    }
}
