//! Every screen with the read-only policy: everything that it asks for is answered. With one
//! action less, it says what it lacks.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Command, Stdio},
};

use halon::cloud::allowed::{Access, READ_ONLY, Screen};

use super::{
    console::{Asked, shown},
    worlds::{changed, document, inline_of, principal, text, without, world_with},
};
use crate::suite::{canned::Canned, solutions::Home};

const SCENARIO: &str = "tampered";
/// Of the account that is signed in to first.
const ALIAS: &str = "example-security";

/// How each pane is come to, from the list of findings.
const PANES: &[(Screen, &str)] = &[
    (Screen::Header, ""),
    (Screen::Findings, ""),
    (Screen::Health, "H"),
    (Screen::Trail, "e"),
    (Screen::Account, "5"),
    (Screen::Used, "i ] ] ] ] a"),
    (
        Screen::WhyDenied,
        "5 d \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" enter",
    ),
    (Screen::Organization, "6"),
];

/// What has no pane of its own, on the command line.
const COMMANDS: &[(Screen, &[&str])] = &[
    (Screen::Inspection, &["iam", "user", "svc-metrics"]),
    (Screen::Inspection, &["iam", "role", "partner-sync"]),
    (Screen::Root, &["iam", "root"]),
    (Screen::Doctor, &["doctor"]),
];

/// What the range has nothing of, or does not serve: shown with answers that are made up.
const ELSEWHERE: &[&str] = &[
    "iam:GetGroupPolicy",
    "iam:ListAttachedGroupPolicies",
    "iam:ListGroupPolicies",
    "iam:SimulatePrincipalPolicy",
];

struct Shown {
    screen: String,
    asked: Vec<Asked>,
}

fn pane(document: &str, keys: &str) -> Shown {
    let (screen, asked) = shown(&world_with(text(SCENARIO), document), keys);
    Shown { screen, asked }
}

/// The rows that say that a screen needs them.
fn rows(screen: Screen) -> BTreeSet<&'static str> {
    READ_ONLY.iter().filter(|r| r.screens.contains(&screen)).map(|r| r.action).collect()
}

#[test]
fn every_pane_is_answered_whatever_it_asks() {
    let read_only = document(Access::ReadOnly).to_string();
    for (screen, keys) in PANES {
        let shown = pane(&read_only, keys);
        let refused: Vec<&Asked> = shown.asked.iter().filter(|a| a.status == 403).collect();
        assert!(refused.is_empty(), "{screen:?}: {refused:?}\n{}", shown.screen);
        // And the list says of it neither too little nor too much.
        let asked: BTreeSet<&str> = shown.asked.iter().map(|a| a.action.as_str()).collect();
        let named = rows(*screen);
        let missing: Vec<&&str> = named.iter().filter(|a| !asked.contains(**a)).collect();
        assert!(missing.is_empty(), "{screen:?} does not ask for {missing:?}");
        let around: BTreeSet<&str> = [
            Screen::Header,
            Screen::Findings,
            Screen::Health,
            Screen::Account,
            Screen::Organization,
        ]
        .into_iter()
        .flat_map(rows)
        .collect();
        let more: Vec<&&str> = asked
            .iter()
            .filter(|a| !named.contains(**a) && !around.contains(**a) && **a != FREE)
            .collect();
        assert!(more.is_empty(), "{screen:?} asks for {more:?} too");
    }
}

const FREE: &str = "sts:GetCallerIdentity";

#[test]
fn without_any_one_action_its_pane_says_so() {
    let read_only = document(Access::ReadOnly);
    let whole: BTreeMap<&str, String> =
        PANES.iter().map(|(_, keys)| (*keys, pane(&read_only.to_string(), keys).screen)).collect();
    for (screen, keys) in PANES {
        for action in rows(*screen) {
            let shown = pane(&without(&read_only, action).to_string(), keys);
            assert!(
                shown
                    .asked
                    .iter()
                    .any(|a| a.action == action && a.status == 403 || a.status == 400),
                "{action} was refused"
            );
            let says = said(&shown.screen, &whole[keys]);
            if *screen == Screen::Header {
                // Nothing is wrong with an id; the alias beside it is missing.
                assert!(whole[keys].contains(ALIAS) && !says.contains(ALIAS), "{says}");
                continue;
            }
            assert!(
                GAPS.iter().any(|gap| says.contains(gap)),
                "{screen:?} without {action} says nothing of it:\n{says}\nof\n{}",
                shown.screen
            );
        }
    }
}

/// The lines that are not in the whole screen.
fn said(screen: &str, whole: &str) -> String {
    screen.lines().filter(|line| !whole.contains(*line)).map(|l| format!("{l}\n")).collect()
}

/// How a pane says that something could not be looked at.
const GAPS: &[&str] =
    &["no access", "NO ACCESS", "AccessDenied", "not authorized", "partial", "could not"];

/// A home with the scenario in which these may look.
fn command(document: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let scenario = changed(text(SCENARIO), document, None, |table| {
        // Somebody with inline policies, and somebody with keys and a device.
        let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
        for name in ["partner-sync", "svc-metrics"] {
            principal(table, name).insert("inline".to_owned(), inline_of("own", own).into());
        }
    });
    let home = Home::with(SCENARIO, &scenario);
    let mut command = Command::new(env!("CARGO_BIN_EXE_halon"));
    command.env_clear().env("HOME", home.path()).stdin(Stdio::null());
    command.arg(format!("--range={SCENARIO}")).args(arguments);
    let done = command.output().expect("it runs");
    let text = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
    (done.status.code(), text.concat())
}

#[test]
fn every_command_that_looks_is_answered_and_says_what_it_lacks() {
    let read_only = document(Access::ReadOnly);
    let mut shown: BTreeSet<(Screen, &str)> = BTreeSet::new();
    for (screen, arguments) in COMMANDS {
        let (whole, text) = command(&read_only.to_string(), arguments);
        assert!(!denied(&text), "{arguments:?}: {text}");
        for action in rows(*screen).into_iter().filter(|a| !ELSEWHERE.contains(a)) {
            let (code, said) = command(&without(&read_only, action).to_string(), arguments);
            if denied(&said) {
                assert!(
                    code != Some(0) && (code != whole || whole != Some(0)),
                    "{arguments:?}: {code:?}"
                );
                shown.insert((*screen, action));
            }
        }
    }
    for (screen, _) in COMMANDS {
        let mut silent = rows(*screen);
        silent.retain(|a| !ELSEWHERE.contains(a) && !shown.contains(&(*screen, a)));
        assert!(silent.is_empty(), "{screen:?} says nothing without {silent:?}");
    }
}

fn denied(text: &str) -> bool {
    text.contains("AccessDenied") || text.contains("not authorized")
}

/// The range has no groups. What is said of them here is made up.
#[test]
fn what_the_range_has_nothing_of_is_told_as_lacking_too() {
    const USER: &str = "<User><UserName>dana</UserName><Path>/</Path><UserId>AIDAEXAMPLE</UserId>\
        <Arn>arn:aws:iam::111122223333:user/dana</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></User>";
    const GROUP: &str = "<Groups><member><GroupName>ops</GroupName><Path>/</Path><GroupId>AGPAEXAMPLE</GroupId>\
        <Arn>arn:aws:iam::111122223333:group/ops</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></member></Groups>";
    let operations = ["ListGroupPolicies", "GetGroupPolicy", "ListAttachedGroupPolicies"];
    for lacking in operations {
        let canned = Canned::new();
        canned.query("GetUser", USER);
        canned.query("ListGroupsForUser", GROUP);
        let names = "<PolicyNames><member>own</member></PolicyNames>";
        for (operation, result) in [("ListGroupPolicies", names), ("ListAttachedGroupPolicies", "")]
        {
            match operation == lacking {
                true => canned.query_error(operation, 403, "AccessDenied"),
                false => canned.query(operation, result),
            }
        }
        if lacking == "GetGroupPolicy" {
            canned.query_error("GetGroupPolicy", 403, "AccessDenied");
        }
        let ran = canned.halon(&["iam", "user", "dana"]);
        let why = ran.incomplete().1;
        assert_eq!(ran.code, Some(5), "{lacking}: {}", ran.err);
        assert!(why.contains(lacking) && why.contains("AccessDenied"), "{lacking}: {why}");
    }
}
