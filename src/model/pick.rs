//! The findings that were picked, for what is done to several at once.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use super::{Focus, Model};
use crate::domain::{
    AccountId,
    finding::{Finding, Key},
};

#[derive(Clone, Debug, Default)]
pub struct Picked {
    pub keys: BTreeSet<Key>,
    /// How many of them the list does not show, as last arranged.
    pub hidden: usize,
}

impl Model {
    /// What a command is about: the finding whose detail has the focus; else the findings that
    /// were picked, those on the list in its order and then those that it does not show; else
    /// the finding under the cursor.
    pub fn chosen(&self) -> Vec<&Arc<Finding>> {
        if self.picked.keys.is_empty() || self.focus == Focus::Detail {
            return self.current().into_iter().collect();
        }
        let is_picked = |finding: &&Arc<Finding>| self.picked.keys.contains(finding.key());
        let shown = self.list.rows.iter().map(|row| self.finding(*row));
        let mut chosen: Vec<&Arc<Finding>> = shown.filter(is_picked).collect();
        let on_list: HashSet<&Key> = chosen.iter().map(|finding| finding.key()).collect();
        let others = self.picked.keys.iter().filter(|key| !on_list.contains(key));
        let others: Vec<_> = others.filter_map(|key| self.case.queue.get(key)).collect();
        chosen.extend(others);
        chosen
    }

    /// The account of what is chosen; none where there are several.
    pub fn chosen_account(&self) -> Option<AccountId> {
        only(self.chosen().into_iter().map(|finding| finding.main().account.clone()))
    }
}

/// What all of them say; none where they differ.
pub(super) fn only<T: PartialEq>(mut all: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = all.next()??;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}
