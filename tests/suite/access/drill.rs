//! Drills by people who may do what a drill needs, and break-glass with what it needs.

use std::{collections::BTreeSet, sync::Mutex, thread};

use halon::cloud::allowed::{self, Access, By, Screen};
use serde_json::Value as Json;

use super::worlds::{all_playbooks, changed, document, principal, text, without};
use crate::suite::{machine::say, solutions::Home};

const DRILLS: [&str; 6] = [
    "ci-wildcard",
    "false-alarm",
    "instance-credentials",
    "leaked-key",
    "scp-lockout",
    "trail-stopped",
];

struct Played {
    code: Option<i32>,
    /// What was said while it was played.
    said: String,
}

impl Played {
    /// The items of evidence that were found, and whether they hold.
    fn evidence(&self) -> BTreeSet<String> {
        let lines = self.said.lines().filter_map(|l| l.strip_prefix("halon: evidence "));
        let states = lines.filter_map(|l| {
            let (item, rest) = l.split_once(": ")?;
            Some(format!("{item} {}", rest.split_once(':')?.0))
        });
        states.collect()
    }
}

/// A scenario's own solution, with these policies.
fn play(scenario: &str, operators: &Json, glass: &Json) -> Played {
    let otherwise = |table: &mut toml::Table| {
        // A managed policy beside its own: both are read.
        let role = principal(table, "break-glass");
        role.insert("policies".to_owned(), vec!["AmazonS3ReadOnlyAccess"].into());
    };
    let (operators, glass) = (operators.to_string(), glass.to_string());
    let world = changed(text(scenario), &operators, Some(&glass), otherwise);
    let done = Home::with(scenario, &world).play(scenario);
    let said = String::from_utf8(done.stderr).expect("UTF-8");
    Played { code: done.status.code(), said }
}

/// In two threads; the names of those that did not do it.
fn each<T: Send>(all: Vec<T>, does: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let (all, failed) = (Mutex::new(all), Mutex::new(Vec::new()));
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                loop {
                    let next = all.lock().expect("a lock").pop();
                    let Some(next) = next else { return };
                    failed.lock().expect("a lock").extend(does(&next));
                }
            });
        }
    });
    failed.into_inner().expect("a lock")
}

#[test]
fn every_drill_comes_to_its_end() {
    let (respond, glass) = (document(Access::Respond), document(Access::BreakGlass));
    // One drill's objective is that oncall may assume roles again, whichever it is.
    let any = allowed::wanted(Access::Respond, &all_playbooks());
    let any = allowed::policy(&any, &["*".to_owned()], "aws");
    let failed = each(DRILLS.to_vec(), |scenario| {
        let operators = if *scenario == "scp-lockout" { &any } else { &respond };
        let played = play(scenario, operators, &glass);
        (played.code != Some(0)).then(|| format!("{scenario}: {}", played.said))
    });
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn without_any_one_action_the_evidence_is_not_whole() {
    let (drill, glass) = (document(Access::Drill), document(Access::BreakGlass));
    let whole = play("ci-wildcard", &drill, &glass).evidence();
    // The role (which the role itself tells), what stands before, what must be refused, the session, CloudTrail, every use.
    for item in [5, 6, 7, 8, 11, 20] {
        let found = format!("{item} simulated");
        assert!(whole.contains(&found), "{found}: {whole:?}");
    }
    let wanted = allowed::wanted(Access::Drill, &all_playbooks());
    let actions: Vec<&str> = wanted.iter().map(|w| w.action).collect();
    let count = actions.len();
    let silent = each(actions, |action| {
        let less = play("ci-wildcard", &without(&drill, action), &glass).evidence();
        let lacks = whole.difference(&less).next().is_some();
        (!lacks).then(|| (*action).to_owned())
    });
    assert!(silent.is_empty(), "nothing is missing without {silent:?}");
    say(&format!("drill: {count} actions were taken away, one after the other"));
}

#[test]
fn without_any_one_action_the_role_cannot_prove_its_power_and_what_it_is() {
    let (respond, glass) = (document(Access::Respond), document(Access::BreakGlass));
    let canary = || "break-glass-canary".to_owned();
    let by = [By::Playbook(canary()), By::Undo(canary()), By::Screen(Screen::RoleDefinition)];
    let wanted = allowed::wanted(Access::BreakGlass, &all_playbooks());
    let needs = wanted.iter().filter(|w| by.iter().any(|by| w.by.contains(by)));
    let actions: Vec<&str> = needs.map(|w| w.action).collect();
    assert!(actions.len() > 4, "{actions:?}");
    let whole = play("ci-wildcard", &respond, &glass);
    assert_eq!(whole.code, Some(0), "{}", whole.said);
    let proven = each(actions, |action| {
        let played = play("ci-wildcard", &respond, &without(&glass, action));
        (played.code == Some(0)).then(|| (*action).to_owned())
    });
    assert!(proven.is_empty(), "the drill is passed without {proven:?}");
}

/// What whoever reads needs, and what the role needs, is a part of what whoever responds needs,
/// for the same reasons: taking an action away was tried there.
#[test]
fn the_other_policies_are_parts_of_the_largest() {
    let playbooks = all_playbooks();
    let respond = allowed::wanted(Access::Respond, &playbooks);
    for access in [Access::ReadOnly, Access::BreakGlass] {
        for wanted in allowed::wanted(access, &playbooks) {
            let same = respond.iter().find(|w| w.action == wanted.action).expect("there too");
            assert!(wanted.by.is_subset(&same.by), "{} {wanted:?}", access.name());
        }
    }
    // And reading is not changing.
    let reads = allowed::wanted(Access::ReadOnly, &playbooks);
    let changes: Vec<&str> = allowed::writes().map(|spec| spec.action).collect();
    assert!(reads.iter().all(|w| !changes.contains(&w.action)), "{reads:?}");
}
