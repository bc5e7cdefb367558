//! The world's time, derived from the wall clock that the caller supplies.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

/// How fast the world's time runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// The world stays at its start.
    Frozen,
    /// One second is one second.
    Real,
    /// One second of the wall clock is this many of the world; not negative.
    Times(f64),
}

/// The wall clock and the pace. The range never reads a clock itself.
#[derive(Clone)]
pub struct Clock {
    pub pace: Pace,
    pub wall: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Clock {
    /// The world's time in epoch milliseconds: `start + (wall - began) × pace`,
    /// never before the start. What was let pass (`Range::pass`) comes on top.
    pub(super) fn world(&self, start: Timestamp, began: Timestamp) -> i64 {
        let elapsed = (self.wall)().duration_since(began).max(SignedDuration::ZERO);
        let factor = match self.pace {
            Pace::Frozen => 0.0,
            Pace::Real => 1.0,
            Pace::Times(factor) => factor.max(0.0),
        };
        start.as_millisecond() + (elapsed.as_millis() as f64 * factor) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_scales_what_has_passed_on_the_wall() {
        let at = |s: &str| s.parse::<Timestamp>().expect("a time");
        let start = at("2026-03-02T03:10:00Z");
        let began = at("2026-07-01T00:00:00Z");
        let world = |pace, wall: &str| {
            let wall = at(wall);
            let clock = Clock { pace, wall: Arc::new(move || wall) };
            Timestamp::from_millisecond(clock.world(start, began)).expect("a time")
        };
        let later = "2026-07-01T00:01:00Z";
        assert_eq!(world(Pace::Frozen, later), start);
        assert_eq!(world(Pace::Real, later), at("2026-03-02T03:11:00Z"));
        assert_eq!(world(Pace::Times(60.0), later), at("2026-03-02T04:10:00Z"));
        assert_eq!(world(Pace::Real, "2026-06-30T23:00:00Z"), start);
    }
}
