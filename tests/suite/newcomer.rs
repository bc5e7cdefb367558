//! docs/TUTORIAL.md by somebody who knows nothing else: exactly its keys, at the size that most
//! terminals have, in the world that `halon --range` opens.

use std::{fs, path::Path};

use halon::{
    audit::{self, Kind},
    domain::Principal,
    input::{Key, Keys},
    model::{Overlay, Pane},
    playbook::RunState,
    range::{Fact, Pace, Scenario},
    runtime,
};

use super::desk::{self, Desk};

/// The account that was broken into.
const ACCOUNT: &str = "123456789012";

enum Stroke {
    Press(Keys),
    Type(String),
}

/// The lines of the fenced blocks of keys: what is pressed, and what is said of it.
fn lines(text: &str) -> Vec<(Vec<Stroke>, String)> {
    let blocks = text.split("```keys\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
    blocks.flat_map(str::lines).map(line).collect()
}

fn line(line: &str) -> (Vec<Stroke>, String) {
    let (keys, said) = line.split_once(" #").expect("each line says what is seen");
    let mut strokes = Vec::new();
    // What stands between quotes is typed.
    for (at, part) in keys.split('"').enumerate() {
        if at % 2 == 1 {
            strokes.push(Stroke::Type(part.to_owned()));
        } else {
            let names = part.split_whitespace();
            strokes.extend(names.map(|name| Stroke::Press(name.parse().expect("a key"))));
        }
    }
    (strokes, said.trim().to_owned())
}

/// Until nothing is on its way but what waits for the operator.
fn wait(desk: &mut Desk) {
    desk.until("an end", |m| {
        let asks = matches!(m.overlay, Some(Overlay::Confirm(_)));
        let going = m.case.runs.iter().any(|r| !r.is_over() && !r.is_confirming());
        m.is_idle() && !m.shelf.all.is_empty() && (asks || !going)
    });
}

#[test]
fn the_tutorials_keys_lead_to_a_contained_incident() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/TUTORIAL.md");
    let text = fs::read_to_string(path).expect("the tutorial");
    let home = tempfile::tempdir().expect("a folder");
    let scenario = Scenario::read("leaked-key.toml", desk::scenario("leaked-key"));
    let range = runtime::open_range_in_memory(scenario.expect("good"), Pace::Frozen);
    let mut desk = Desk::open(range.expect("opens"), home.path());
    let denied = |desk: &Desk, user: &str| {
        let user = Principal::User(user.parse().expect("a name"));
        desk.range.holds(&Fact::Denied(ACCOUNT.parse().expect("an account"), user))
    };
    let users = ["ci-deployer", "svc-backup-sync"];
    wait(&mut desk);
    assert!(users.iter().all(|user| !denied(&desk, user)), "nothing is contained yet");

    let (lines, mut pressed, mut way) = (lines(&text), 0, String::new());
    for (strokes, said) in &lines {
        for stroke in strokes {
            match stroke {
                Stroke::Press(keys) => {
                    desk.keys(&keys.to_string());
                    pressed += keys.as_slice().len();
                }
                Stroke::Type(text) => {
                    text.chars().for_each(|c| desk.press(Key::char(c)));
                    pressed += text.chars().count();
                }
            }
        }
        if !desk.left {
            wait(&mut desk);
            way += &format!("### {said}\n{}\n", desk.screen());
        }
        // What is said of names and times stands on the screen.
        if said.contains("ARMED INC-1") {
            assert!(desk.screen().contains("ARMED INC-1"), "{way}");
        }
        if said.contains("watches") {
            assert!(matches!(desk.model.overlay, Some(Overlay::Watches(_))), "{way}");
        }
        if said.contains("newest first") {
            assert_eq!(desk.model.pane, Pane::Audit, "{way}");
        }
        if said.contains("the whole log is verified") {
            desk.until("the verdict", |m| m.ledger.verified.is_some());
        }
    }
    assert!(users.iter().all(|user| denied(&desk, user)), "{way}");
    let states: Vec<RunState> = desk.model.case.runs.iter().map(|r| r.state()).collect();
    assert_eq!(states, [RunState::Done; 2], "{way}");
    assert!(desk.left, "the last key leaves:\n{way}");
    desk.end();
    let records = audit::read(&home.path().join("audit-range.jsonl")).expect("a log");
    let readbacks = records.iter().filter(|r| r.kind() == Some(Kind::Readback)).count();
    assert_eq!(readbacks, 6, "two users, three changes each");
    // At two keys a second this is far below the ten minutes that were promised.
    assert!((60..400).contains(&pressed), "{pressed} keys");
}
