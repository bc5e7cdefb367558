//! Whom a run's changes took rights from, and whom they gave them back to.

use jiff::Timestamp;

use super::{Item, Run, StepState};
use crate::{
    change::{Contained, facts},
    domain::AccountId,
};

/// When a call was sent by this machine's clock, and when AWS answered it by its own (the
/// answer's `Date`); the second where it did answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub at: Timestamp,
    pub there: Option<Timestamp>,
}

/// Somebody whose calls are to stop, since the call that took their rights.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub who: Contained,
    pub account: AccountId,
    pub since: Sent,
}

impl Run {
    /// Whose calls this run's changes are to stop. A change of which it is not known whether it
    /// was made counts: watching is how that shows.
    pub fn contained(&self) -> Vec<Held> {
        let of = |item: &Item| {
            let since = item.sent.filter(|_| was_made(item))?;
            let prepared = item.prepared()?;
            let who = prepared.facts().contains(&prepared.before)?;
            Some(Held { who, account: prepared.change.account.clone(), since })
        };
        self.items.iter().filter_map(of).collect()
    }

    /// Whose calls its changes may have let through again.
    pub fn released(&self) -> Vec<(Contained, AccountId)> {
        let made = self.items.iter().filter(|i| i.sent.is_some() && was_made(i));
        made.filter_map(Item::prepared)
            .flat_map(|prepared| {
                let after = prepared.after();
                let back = prepared.inverse().into_iter();
                back.filter_map(move |c| Some((facts(&c.verb).contains(&after)?, c.account)))
            })
            .collect()
    }
}

fn was_made(item: &Item) -> bool {
    use StepState as S;
    matches!(item.state, S::Done | S::Unconfirmed(_) | S::Unknown(_))
}
