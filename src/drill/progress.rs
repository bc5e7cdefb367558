//! How far somebody has come with a script: pure, fed with what they saw and did.

use super::{Condition, Drill, Objective, Phase, Script, Seen};
use crate::range::{Fact, Range, Touches};

/// What is true of the world; asked anew each time.
pub trait Truth {
    fn holds(&self, fact: &Fact) -> bool;
    /// Whether nothing but the state of findings was changed since the drill began.
    fn is_untouched(&self) -> bool;
}

impl Truth for Range {
    fn holds(&self, fact: &Fact) -> bool {
        Range::holds(self, fact)
    }

    /// Not, where the world cannot be asked.
    fn is_untouched(&self) -> bool {
        let is_ours = |touches| touches != Touches::Configuration;
        self.changes().is_ok_and(|changes| changes.iter().all(|c| is_ours(c.touches)))
    }
}

/// What was seen and done so far, and the objectives that were met with it. They are met one
/// after the other. What was seen before its objective's turn counts as well, but for verifying:
/// what somebody looked at before the last change shows nothing of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    met: Vec<String>,
    seen: Vec<Seen>,
}

impl Progress {
    /// A drill as its records have it. What was seen for the objective in hand is not recorded:
    /// it is looked at again.
    pub fn of(drill: &Drill) -> Progress {
        let met = drill.met.iter().map(|met| met.objective.clone()).collect();
        Progress { met, seen: Vec::new() }
    }

    pub fn observe(&mut self, seen: Seen) {
        if !self.seen.contains(&seen) {
            self.seen.push(seen);
        }
    }

    /// The objective in hand; `None` once all are met.
    pub fn current<'s>(&self, script: &'s Script) -> Option<&'s Objective> {
        script.objectives.iter().find(|objective| !self.met.contains(&objective.id))
    }

    /// The objectives that are met now, in order. Each is told once: it is recorded by whoever
    /// asks.
    pub fn advance<'s>(&mut self, script: &'s Script, truth: &dyn Truth) -> Vec<&'s Objective> {
        let mut reached = Vec::new();
        while let Some(objective) = self.current(script) {
            if !self.lacking(objective, truth).is_empty() {
                break;
            }
            self.met.push(objective.id.clone());
            reached.push(objective);
            let next = self.current(script).map(|next| next.phase);
            if objective.phase != Phase::Verify && next == Some(Phase::Verify) {
                self.seen.retain(|seen| !is_a_look(seen));
            }
        }
        reached
    }

    /// What an objective still waits for.
    pub fn lacking<'s>(&self, objective: &'s Objective, truth: &dyn Truth) -> Vec<&'s Condition> {
        objective.met.iter().filter(|condition| !self.is_met(condition, truth)).collect()
    }

    fn is_met(&self, condition: &Condition, truth: &dyn Truth) -> bool {
        match condition {
            Condition::Seen(seen) => self.seen.contains(seen),
            Condition::Fact(fact) => truth.holds(fact),
            Condition::NothingElse => truth.is_untouched(),
        }
    }
}

fn is_a_look(seen: &Seen) -> bool {
    matches!(seen, Seen::Finding(_) | Seen::Events(_) | Seen::Principal(..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::event::By,
        drill::{Canary, Right},
    };

    /// A world in which one thing is so, or not.
    struct World {
        archived: bool,
        untouched: bool,
    }

    impl Truth for World {
        fn holds(&self, _: &Fact) -> bool {
            self.archived
        }
        fn is_untouched(&self) -> bool {
            self.untouched
        }
    }

    fn objective(id: &str, met: Vec<Condition>) -> Objective {
        Objective {
            id: id.into(),
            phase: Phase::Detect,
            title: id.into(),
            coach: id.into(),
            hints: Vec::new(),
            met,
            solution: Vec::new(),
        }
    }

    fn script() -> Script {
        let finding = |id: &str| Condition::Seen(Seen::Finding(id.into()));
        Script {
            summary: "s".into(),
            right: Right::FalseAlarm,
            role: "arn:aws:iam::123456789012:role/break-glass".parse().expect("an ARN"),
            canary: Canary {
                account: "123456789012".parse().expect("an id"),
                role: "halon-canary".parse().expect("a name"),
            },
            stranger: Some("AKIAIOSFODNN7EXAMPLE".parse().expect("a key")),
            objectives: vec![
                objective("look", vec![finding("f1"), finding("f2")]),
                objective("armed", vec![Condition::Seen(Seen::Armed)]),
                objective(
                    "archive",
                    vec![Condition::Fact(Fact::Archived("f1".into())), Condition::NothingElse],
                ),
            ],
            answers: Default::default(),
        }
    }

    fn ids(objectives: Vec<&Objective>) -> Vec<&str> {
        objectives.into_iter().map(|o| o.id.as_str()).collect()
    }

    #[test]
    fn objectives_are_met_in_order_and_told_once() {
        let (script, mut progress) = (script(), Progress::default());
        let mut world = World { archived: true, untouched: false };
        // What comes before its turn counts, but not before its turn.
        progress.observe(Seen::Armed);
        progress.observe(Seen::Finding("f2".into()));
        assert_eq!(ids(progress.advance(&script, &world)), [""; 0]);
        let first = progress.current(&script).expect("one in hand");
        assert_eq!(progress.lacking(first, &world).len(), 1);
        progress.observe(Seen::Finding("f1".into()));
        assert_eq!(ids(progress.advance(&script, &world)), ["look", "armed"]);
        assert_eq!(ids(progress.advance(&script, &world)), [""; 0]);
        // A change that was not called for stands in the way for good.
        let last = progress.current(&script).expect("one in hand");
        assert_eq!(progress.lacking(last, &world), [&Condition::NothingElse]);
        world.untouched = true;
        assert_eq!(ids(progress.advance(&script, &world)), ["archive"]);
        assert_eq!(progress.current(&script), None);
    }

    #[test]
    fn what_was_looked_at_before_the_last_change_verifies_nothing() {
        let (mut script, mut progress) = (script(), Progress::default());
        let world = World { archived: true, untouched: true };
        script.objectives.remove(0);
        let look = Seen::Events(By::Key("k".into()));
        let mut verify = objective("verify", vec![Condition::Seen(look.clone())]);
        verify.phase = Phase::Verify;
        script.objectives.push(verify);
        progress.observe(look.clone());
        progress.observe(Seen::Armed);
        assert_eq!(ids(progress.advance(&script, &world)), ["armed", "archive"]);
        progress.observe(look);
        assert_eq!(ids(progress.advance(&script, &world)), ["verify"]);
    }
}
