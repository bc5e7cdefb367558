//! What a trail records, as CloudTrail takes it.

use aws_sdk_cloudtrail::{
    error::BuildError,
    types::{AdvancedEventSelector, AdvancedFieldSelector, DataResource, EventSelector},
};

use crate::domain::{AdvancedSelector, BasicSelector, FieldSelector};

pub fn basic(selector: &BasicSelector) -> EventSelector {
    let data = selector.data.iter().map(|(kind, values)| {
        DataResource::builder().r#type(kind).set_values(Some(values.clone())).build()
    });
    EventSelector::builder()
        .read_write_type(selector.read_write.as_str().into())
        .include_management_events(selector.management)
        .set_data_resources(Some(data.collect()))
        .set_exclude_management_event_sources(Some(selector.excluded.clone()))
        .build()
}

pub fn advanced(selector: &AdvancedSelector) -> Result<AdvancedEventSelector, BuildError> {
    let fields: Result<Vec<_>, _> = selector.fields.iter().map(field).collect();
    AdvancedEventSelector::builder()
        .set_name(selector.name.clone())
        .set_field_selectors(Some(fields?))
        .build()
}

fn field(selector: &FieldSelector) -> Result<AdvancedFieldSelector, BuildError> {
    let some = |values: &Vec<String>| Some(values.clone()).filter(|v| !v.is_empty());
    AdvancedFieldSelector::builder()
        .field(&selector.field)
        .set_equals(some(&selector.equals))
        .set_starts_with(some(&selector.starts_with))
        .set_ends_with(some(&selector.ends_with))
        .set_not_equals(some(&selector.not_equals))
        .set_not_starts_with(some(&selector.not_starts_with))
        .set_not_ends_with(some(&selector.not_ends_with))
        .build()
}
