//! Which actions the rules ask about, and where a document allows or denies them: looked up
//! once for each document, so that asking for a principal is cheap.

use std::{collections::HashMap, sync::OnceLock};

use super::{
    administrator,
    breadth::{Breadth, Reach},
    exposure, paths,
};
use crate::policy::{
    Actions, Effect, Policy, Statement,
    actions::{self, Action},
};

/// The actions that any rule asks about, by number.
pub struct Watch {
    /// `service:name` in lower case, in order.
    names: Vec<String>,
    known: Vec<Option<&'static Action>>,
    /// Where a service's begin and end.
    services: HashMap<String, (usize, usize)>,
}

/// A number of an action in [`Watch`].
pub type Id = u16;

impl Watch {
    pub fn get() -> &'static Watch {
        static WATCH: OnceLock<Watch> = OnceLock::new();
        WATCH.get_or_init(|| {
            let named = administrator::DECISIVE.iter().copied();
            let named = named.chain(paths::PATHS.iter().flat_map(|p| p.needs.iter().copied()));
            let named = named.chain(exposure::TABLE.iter().map(|row| row.0));
            let mut names: Vec<String> = named.map(str::to_ascii_lowercase).collect();
            names.sort_unstable();
            names.dedup();
            let mut services: HashMap<String, (usize, usize)> = HashMap::new();
            for (at, name) in names.iter().enumerate() {
                let service = name.split(':').next().unwrap_or_default();
                services.entry(service.to_owned()).or_insert((at, at)).1 = at + 1;
            }
            Watch { known: names.iter().map(|n| actions::find(n)).collect(), names, services }
        })
    }

    /// The number of an action that a rule's table names.
    pub fn id(&self, action: &str) -> Option<Id> {
        let folded = action.to_ascii_lowercase();
        self.names.binary_search(&folded).ok().map(|at| at as Id)
    }

    pub fn action(&self, id: Id) -> Option<&'static Action> {
        self.known.get(usize::from(id)).copied().flatten()
    }

    /// Calls with each watched action that a pattern names.
    fn named(&self, pattern: &str, mut found: impl FnMut(usize)) {
        let folded = pattern.trim().to_ascii_lowercase();
        let Some((service, name)) = folded.split_once(':') else {
            if !folded.is_empty() && folded.bytes().all(|b| b == b'*') {
                (0..self.names.len()).for_each(found);
            }
            return;
        };
        if service.contains(['*', '?']) {
            let fits = |n: &String| actions::matches(&folded, n);
            self.names.iter().enumerate().filter(|(_, n)| fits(n)).for_each(|(at, _)| found(at));
            return;
        }
        let Some((from, to)) = self.services.get(service) else { return };
        for at in *from..*to {
            if actions::matches(name, &self.names[at][service.len() + 1..]) {
                found(at);
            }
        }
    }

    /// Which watched actions a statement is about.
    fn covered(&self, actions: &Actions) -> Vec<bool> {
        let mut covered = vec![false; self.names.len()];
        for pattern in actions.patterns() {
            self.named(pattern.text(), |at| covered[at] = true);
        }
        if matches!(actions, Actions::AllBut(_)) {
            covered.iter_mut().for_each(|c| *c = !*c);
        }
        covered
    }
}

/// A statement that is about an action, and how far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    pub statement: usize,
    pub breadth: Breadth,
}

/// Where a policy allows and denies the watched actions.
#[derive(Debug, Default)]
pub struct Facts {
    allows: Vec<(Id, Mention)>,
    denies: Vec<(Id, Mention)>,
}

impl Facts {
    pub fn of(policy: &Policy) -> Self {
        let mut facts = Facts::default();
        for (at, statement) in policy.statements.iter().enumerate() {
            facts.add(at, statement);
        }
        facts.allows.sort_by_key(|(id, _)| *id);
        facts.denies.sort_by_key(|(id, _)| *id);
        facts
    }

    fn add(&mut self, at: usize, statement: &Statement) {
        let watch = Watch::get();
        let into = match statement.effect {
            Effect::Allow => &mut self.allows,
            Effect::Deny => &mut self.denies,
        };
        let covered = watch.covered(&statement.actions);
        let reach = Reach::of(statement);
        for (id, _) in covered.iter().enumerate().filter(|(_, covered)| **covered) {
            let id = id as Id;
            let breadth = reach.breadth(watch.action(id));
            into.extend(breadth.map(|breadth| (id, Mention { statement: at, breadth })));
        }
    }

    pub fn allows(&self, id: Id) -> impl Iterator<Item = Mention> {
        run(&self.allows, id)
    }

    pub fn denies(&self, id: Id) -> impl Iterator<Item = Mention> {
        run(&self.denies, id)
    }
}

fn run(sorted: &[(Id, Mention)], id: Id) -> impl Iterator<Item = Mention> {
    let from = sorted.partition_point(|(known, _)| *known < id);
    sorted[from..].iter().take_while(move |(known, _)| *known == id).map(|(_, m)| *m)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table's action that AWS does not have would be a rule that never fires.
    #[test]
    fn every_action_that_a_rule_asks_about_is_known() {
        let watch = Watch::get();
        let unknown: Vec<_> = (0..watch.names.len())
            .filter(|at| watch.known[*at].is_none())
            .map(|at| &watch.names[at])
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert!(watch.names.len() > 100);
    }
}
