//! What the actions of a statement come to, by the table of actions.

use crate::policy::{
    Actions, Statement,
    actions::{self, AccessLevel, Action},
};

/// The actions that an Allow statement names, expanded.
pub struct Census {
    /// Patterns with wildcards, as written.
    pub wild: Vec<String>,
    /// What those name, in order, each once.
    pub by_wildcard: Vec<&'static Action>,
    /// Everything that the statement names.
    pub all: Vec<&'static Action>,
    /// Patterns that name nothing in the table.
    pub unknown: Vec<String>,
    /// A pattern names a whole service.
    pub whole_service: bool,
}

impl Census {
    /// None for NotAction, and for `*`: there is nothing to count.
    pub fn of(statement: &Statement) -> Option<Census> {
        let Actions::These(these) = &statement.actions else { return None };
        if these.items.iter().any(|p| p.is_everything()) {
            return None;
        }
        let mut census = Census {
            wild: Vec::new(),
            by_wildcard: Vec::new(),
            all: Vec::new(),
            unknown: Vec::new(),
            whole_service: false,
        };
        for pattern in &these.items {
            census.add(pattern.text().trim());
        }
        let mut exact = std::mem::take(&mut census.all);
        once(&mut census.by_wildcard);
        exact.extend(&census.by_wildcard);
        once(&mut exact);
        census.all = exact;
        Some(census)
    }

    fn add(&mut self, pattern: &str) {
        if !pattern.contains(['*', '?']) {
            match actions::find(pattern) {
                Some(action) => self.all.push(action),
                None => self.unknown.push(pattern.to_owned()),
            }
            return;
        }
        let before = self.by_wildcard.len();
        self.by_wildcard.extend(actions::expand(pattern));
        if self.by_wildcard.len() == before {
            self.unknown.push(pattern.to_owned());
        } else {
            self.whole_service |= pattern.split_once(':').is_some_and(|(_, name)| name == "*");
            self.wild.push(pattern.to_owned());
        }
    }
}

/// Sorts by name, and drops what is there twice.
fn once(actions: &mut Vec<&'static Action>) {
    actions.sort_unstable_by_key(|a| (a.service, a.name));
    actions.dedup_by_key(|a| (a.service, a.name));
}

/// How many of each level.
pub fn count(actions: &[&Action], level: AccessLevel) -> usize {
    actions.iter().filter(|a| a.level == level).count()
}

/// `3 manage permissions, 1 writes`; empty where all only look.
pub fn levels(actions: &[&Action]) -> String {
    let each = [
        (AccessLevel::Permissions, "manages permissions", "manage permissions"),
        (AccessLevel::Write, "writes", "write"),
        (AccessLevel::Tagging, "tags", "tag"),
    ];
    let words: Vec<String> = each
        .into_iter()
        .map(|(level, one, several)| (count(actions, level), one, several))
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, several)| format!("{n} {}", if n == 1 { one } else { several }))
        .collect();
    words.join(", ")
}
