//! The index of the period: for each quarter the drill that it had, or why it had none.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    domain::Untrusted,
    drill::{Drill, DrillId, Ending, Item, Quarter, before, verdict},
};

/// How many quarters an index goes back: a year.
const QUARTERS: usize = 4;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Period {
    pub quarter: Quarter,
    /// Drills of this kind that began in it, as the log has them.
    pub drills: Vec<Indexed>,
    /// Why there was none, where that is recorded.
    pub exception: Option<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Indexed {
    pub id: DrillId,
    pub began: Option<Timestamp>,
    /// `None` while it runs.
    pub result: Option<Ending>,
}

/// The quarter of a drill and those before it, oldest first. Drills of the other kind do not
/// count: practice fills no gap of validation.
pub fn index(drills: &[Drill], drill: &Drill) -> Vec<Period> {
    let Some(begun) = &drill.begun else { return Vec::new() };
    let quarters = std::iter::successors(Some(begun.quarter), |quarter| Some(quarter.before()));
    let mut periods: Vec<Period> = quarters
        .take(QUARTERS)
        .map(|quarter| Period {
            quarter,
            drills: drills
                .iter()
                .filter(|other| other.class == drill.class)
                .filter(|other| other.begun.as_ref().is_some_and(|b| b.quarter == quarter))
                .map(|other| Indexed {
                    id: other.id.clone(),
                    began: other.first.written,
                    result: other
                        .ended
                        .is_some()
                        .then(|| verdict(other, before(drills, other)).result),
                })
                .collect(),
            exception: exception(drill, quarter),
        })
        .collect();
    periods.reverse();
    periods
}

/// What the evidence of completeness says of a quarter without a drill.
fn exception(drill: &Drill, quarter: Quarter) -> Option<Untrusted> {
    let value = &drill.latest(Item::Completeness)?.evidence.value;
    let all = value["exceptions"].as_array()?;
    let of = all.iter().find(|one| one["quarter"] == quarter.to_string())?;
    Some(of["why"].as_str()?.into())
}
