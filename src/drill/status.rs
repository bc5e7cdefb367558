//! Whether what must be done each quarter was done: practice and validation by themselves.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Class, Drill, DrillId, Ending, before, verdict};

/// Clocks are read to the second where a time is typed: so much later is still now.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// How one kind of drill stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    pub kind: Class,
    /// The last one that was ended and passed, with or without findings.
    pub last_passed: Option<Last>,
    /// When the next one must have passed; `None` where none ever did.
    pub due: Option<Timestamp>,
    /// Also where none ever passed.
    pub overdue: bool,
    /// Of all that were ended: passed (with findings too), failed, aborted.
    pub passed: usize,
    pub failed: usize,
    pub aborted: usize,
    /// Begun and not ended.
    pub running: Vec<DrillId>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Last {
    pub id: DrillId,
    pub scenario: String,
    pub title: String,
    pub result: Ending,
    pub scripted: bool,
    /// When it was ended, by the machine's clock.
    pub at: Timestamp,
}

impl Status {
    /// `logs` are the drills of each log that may have some of this kind, folded from records
    /// that verify. `every` is how long one is good for.
    pub fn of(kind: Class, logs: &[&[Drill]], now: Timestamp, every: SignedDuration) -> Status {
        let mut status = Status {
            kind,
            last_passed: None,
            due: None,
            overdue: true,
            passed: 0,
            failed: 0,
            aborted: 0,
            running: Vec::new(),
        };
        for drills in logs {
            for drill in drills.iter().filter(|drill| drill.class == kind) {
                status.count(drill, drills, now);
            }
        }
        // As far as the calendar goes.
        status.due = status
            .last_passed
            .as_ref()
            .map(|last| last.at.checked_add(every).unwrap_or(Timestamp::MAX));
        status.overdue = status.due.is_none_or(|due| now > due);
        status
    }

    fn count(&mut self, drill: &Drill, drills: &[Drill], now: Timestamp) {
        let is_past = |at: Option<Timestamp>| at.filter(|at| at.duration_since(now) <= SLACK);
        if is_past(drill.first.written).is_none() {
            return;
        }
        let Some(at) = drill.ended.as_ref().and_then(|end| is_past(end.mark.written)) else {
            return self.running.push(drill.id.clone());
        };
        let verdict = verdict(drill, before(drills, drill));
        match verdict.result {
            Ending::Aborted => self.aborted += 1,
            Ending::Failed => self.failed += 1,
            Ending::Passed | Ending::PassedWithFindings => self.passed += 1,
        }
        let newer = self.last_passed.as_ref().is_none_or(|last| last.at <= at);
        if let Some(begun) = drill.begun.as_ref().filter(|_| verdict.counts() && newer) {
            self.last_passed = Some(Last {
                id: drill.id.clone(),
                scenario: begun.scenario.clone(),
                title: begun.title.clone(),
                result: verdict.result,
                scripted: begun.scripted,
                at,
            });
        }
    }
}
