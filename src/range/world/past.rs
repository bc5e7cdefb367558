//! Something as it was before its last changes.

use std::collections::VecDeque;

/// Earlier states, the newest first, each with the time until which it held, in epoch
/// milliseconds.
pub struct Past<T> {
    kept: VecDeque<(i64, T)>,
    /// At least so many are kept.
    least: usize,
    /// How long a state stays in force when another one has taken its place, in milliseconds.
    delay: i64,
}

impl<T> Past<T> {
    pub fn new(least: usize, delay: i64) -> Self {
        Self { kept: VecDeque::new(), least, delay }
    }

    /// Whether anybody will ask for a state that is over.
    pub fn matters(&self) -> bool {
        self.least > 0 || self.delay > 0
    }

    /// Takes in the state that held until `at`.
    pub fn push(&mut self, state: T, at: i64) {
        self.kept.push_front((at, state));
        while self.kept.len() > self.least
            && self.kept.back().is_some_and(|(until, _)| until + self.delay <= at)
        {
            self.kept.pop_back();
        }
    }

    /// The state before the last `changes`, or as far back as is known; `None`: the present.
    pub fn before(&self, changes: usize) -> Option<&T> {
        let back = changes.min(self.kept.len()).checked_sub(1)?;
        self.kept.get(back).map(|(_, state)| state)
    }

    /// The state that is still in force at `now`; `None`: the present.
    pub fn in_force(&self, now: i64) -> Option<&T> {
        let young = |(until, _): &&(i64, T)| now < until + self.delay;
        let states = self.kept.iter().take_while(young);
        states.last().map(|(_, state)| state).filter(|_| self.delay > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_comes_into_force_when_its_time_has_passed() {
        let mut past = Past::new(0, 30);
        past.push("a", 100);
        past.push("b", 110);
        for (now, state) in
            [(100, Some("a")), (129, Some("a")), (130, Some("b")), (139, Some("b")), (140, None)]
        {
            assert_eq!(past.in_force(now).copied(), state, "{now}");
        }
        past.push("c", 200);
        assert_eq!(
            (past.kept.len(), past.in_force(229), past.in_force(230)),
            (1, Some(&"c"), None)
        );
    }

    #[test]
    fn without_a_delay_the_present_is_in_force_and_some_are_kept() {
        let mut past = Past::new(2, 0);
        for (state, at) in [("a", 1), ("b", 2), ("c", 3)] {
            past.push(state, at);
        }
        assert_eq!(past.in_force(0), None);
        assert_eq!(
            [0, 1, 2, 3].map(|n| past.before(n)),
            [None, Some(&"c"), Some(&"b"), Some(&"b")]
        );
    }
}
