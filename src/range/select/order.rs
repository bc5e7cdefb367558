//! The order of answers.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    at_path,
    criteria::{Operand, first_at},
    filters::sort_path,
};
use crate::range::world::World;

/// Sorts GuardDuty rows by `{attributeName, orderBy}`. Without one they stay as
/// they are: AWS promises no order then.
pub fn findings(world: &World, sort: &Value, now: i64, rows: &mut [u32]) {
    let Some(path) = sort["attributeName"].as_str() else { return };
    let descending = sort["orderBy"] == "DESC";
    let mut keyed: Vec<(Option<Operand>, u32)> = rows
        .iter()
        .map(|number| {
            let row = &world.rows[*number as usize];
            let key =
                world.version(row, now).and_then(|version| first_at(world, row, version, path));
            (key, *number)
        })
        .collect();
    keyed.sort_by(|a, b| {
        let order = compare(a.0.as_ref(), b.0.as_ref());
        if descending { order.reverse() } else { order }
    });
    for (place, (_, number)) in rows.iter_mut().zip(keyed) {
        *place = number;
    }
}

/// Sorts findings of the hub by `[{Field, SortOrder}]`, the first field first.
/// Without one the latest update comes first, as the service does it.
pub fn hub(sort: &Value, found: &mut [(Value, u32)]) {
    let latest = serde_json::json!([{"Field": "UpdatedAt", "SortOrder": "desc"}]);
    let fields = sort.as_array().filter(|f| !f.is_empty()).or(latest.as_array());
    for criterion in fields.into_iter().flatten().rev() {
        let path = sort_path(criterion["Field"].as_str().unwrap_or_default()).to_owned();
        let descending = criterion["SortOrder"] == "desc";
        let mut keyed: Vec<(Option<Operand>, (Value, u32))> = found
            .iter_mut()
            .map(|(value, number)| {
                let key = at_path(value, &path).first().map(|v| Operand::of(v));
                (key, (value.take(), *number))
            })
            .collect();
        keyed.sort_by(|a, b| {
            let order = compare(a.0.as_ref(), b.0.as_ref());
            if descending { order.reverse() } else { order }
        });
        for (place, (_, item)) in found.iter_mut().zip(keyed) {
            *place = item;
        }
    }
}

fn compare(a: Option<&Operand>, b: Option<&Operand>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => match (a.number, b.number) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            _ => a.text.cmp(&b.text),
        },
        // What has no value comes first, as in SQL on most engines.
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
