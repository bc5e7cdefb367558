//! Every command of the table is reached by its key, through the palette, and, where the footer
//! shows it, by a click there: what comes of it is the same. And a key that is bound anew
//! changes nothing else.

use std::{collections::BTreeSet, panic::catch_unwind, path::PathBuf, sync::Arc};

use halon::{
    app::{Effect, Msg},
    audit::{self, Kind},
    input::{Command, Keymap, Keys, Meaning, SHIPPED, Scope},
    model::{Goal, Model, Overlay, Pane, Prospect, Setup, Unconfigured, available},
    playbook::{Intended, Loaded, Playbook, shipped},
    ui::{self, Hit},
};
use serde_json::json;

use super::{
    desk::Desk,
    drill_pane, iam,
    keyboard::Keyboard,
    organization,
    stage::{Stage, guardduty},
    trail, watch,
};

const SIZE: (u16, u16) = (200, 50);

/// A console that somebody sits at.
enum Seat {
    Stage(Box<Stage>),
    /// Over the range, with its folder.
    Desk(Box<Keyboard>),
    Drill(
        Box<Desk>,
        #[expect(dead_code, reason = "it lasts as long as the desk")] tempfile::TempDir,
    ),
}

impl From<Stage> for Seat {
    fn from(stage: Stage) -> Seat {
        Seat::Stage(Box::new(stage))
    }
}

impl Seat {
    fn model(&self) -> &Model {
        match self {
            Seat::Stage(stage) => &stage.model,
            Seat::Desk(desk) => &desk.model,
            Seat::Drill(desk, _) => &desk.model,
        }
    }

    fn tell(&mut self, msg: Msg) {
        match self {
            Seat::Stage(stage) => stage.tell(msg),
            Seat::Desk(desk) => desk.tell(msg),
            Seat::Drill(desk, _) => desk.tell(msg),
        }
    }

    fn press(&mut self, keys: &Keys) {
        keys.as_slice().iter().for_each(|key| self.tell(Msg::KeyPressed(*key)));
    }

    /// What was begun for it, by the names alone: the rest is on the screen.
    fn begun(&self) -> Vec<String> {
        let Seat::Stage(stage) = self else { return Vec::new() };
        let asked = format!("{:?}", stage.asked.iter().map(|(_, q)| q).collect::<Vec<_>>());
        let name = |effect: &Effect| {
            let text = format!("{effect:?}");
            text.split([' ', '(']).next().unwrap_or_default().to_owned()
        };
        // A lookup is the palette's own.
        let begun = stage.effects.iter().filter(|e| !matches!(e, Effect::LookUp { .. }));
        begun.map(name).chain([asked]).collect()
    }

    /// What was done, and what stands open.
    fn deeds(&self) -> String {
        let model = self.model();
        let states: Vec<String> =
            model.case.runs.iter().map(|r| format!("{:?}", r.state())).collect();
        format!(
            "{:?} {:?} {:?} {states:?} {} {} {:?}",
            model.pane,
            model.overlay.is_some(),
            model.mode.armed().is_some(),
            model.quitting,
            model.case.glass.len(),
            self.begun()
        )
    }

    /// All that a command may change, without what differs from run to run.
    fn standing(&self) -> String {
        let model = self.model();
        let runs: Vec<String> = model.case.runs.iter().map(|r| r.id.clone()).collect();
        let states: Vec<String> =
            model.case.runs.iter().map(|r| format!("{:?}", r.state())).collect();
        let (left, waiting) = match self {
            Seat::Desk(desk) => (desk.left, desk.waiting.len()),
            Seat::Drill(desk, _) => (desk.left, desk.waiting.len()),
            Seat::Stage(_) => (model.quitting, 0),
        };
        let overlay = model.overlay.as_ref().map(|o| {
            let text = format!("{o:?}");
            text.split([' ', '(']).next().unwrap_or_default().to_owned()
        });
        let mut text = format!(
            "{}\n{:?} {overlay:?} {:?} {:?} {states:?} {left} {waiting} {:?} {}\n{:?} {:?}",
            screen(model),
            model.pane,
            model.notice,
            model.zone.iana_name(),
            model.setup.look.names().first(),
            model.drill.coach,
            self.begun(),
            model.search,
        );
        if matches!(self, Seat::Stage(_)) {
            return text;
        }
        for run in runs {
            text = text.replace(&run, "RUN");
        }
        // Requests are counted and timed and have ids of their own, as sessions have.
        text.chars().map(|c| if c.is_ascii_hexdigit() { '#' } else { c }).collect()
    }
}

fn screen(model: &Model) -> String {
    let (width, height) = model.size;
    let backend = ratatui::backend::TestBackend::new(width, height);
    let mut terminal = ratatui::Terminal::new(backend).expect("a terminal");
    terminal.draw(|frame| ui::draw(model, frame)).expect("drawn");
    let buffer = terminal.backend().buffer();
    // Only what the panes show: the line of the sources tells of requests on their way.
    let rows = (0..height).filter(|y| *y != height - 2);
    let rows = rows.map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>() + "\n");
    // A drill's evidence says by how much this machine's clock differs.
    rows.filter(|row| !row.contains("Preconditions")).collect()
}

/// Where some commands are given: how one comes there, and keys that are pressed first.
struct Scene {
    build: fn() -> Seat,
    /// Several tries where one place does not do: keys, then the commands.
    tries: &'static [(&'static str, &'static [Command])],
}

use Command as C;

fn findings() -> Seat {
    let setup = Setup {
        unconfigured: Some(Unconfigured {
            file: PathBuf::from("/nowhere/halon.toml"),
            shown: "/nowhere/halon.toml".into(),
            themes: vec!["dark".into(), "light".into()],
            at_once: false,
        }),
        local_zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(2)),
        ..Setup::plain()
    };
    let mut stage = Stage::with(setup, SIZE, &["us-east-1", "eu-west-1"]);
    stage.identify();
    let finding = |id: &str, severity: f64, account: &str| {
        guardduty(id, severity, &format!("Recon:IAMUser/{id}"), json!({"accountId": account}))
    };
    let there = (1..=60).map(|n| finding(&format!("f{n}"), 8.0, "111122223333")).collect();
    stage.answer("us-east-1", there, vec![]);
    stage.answer("eu-west-1", vec![finding("g1", 7.5, "444455556666")], vec![]);
    let (id, text) = shipped().iter().find(|(id, _)| *id == "archive-findings").expect("shipped");
    let playbook = Playbook::read(&format!("{id}.toml"), text).map(Into::into);
    let file = format!("{id}.toml");
    let loaded = Loaded { id: (*id).to_owned(), file, path: None, playbook };
    stage.tell(Msg::PlaybooksLoaded(vec![loaded]));
    stage.into()
}

/// A question is still being asked.
fn asking() -> Seat {
    let mut stage = trail::quiet(SIZE);
    stage.keys("4");
    stage.into()
}

fn planned() -> Seat {
    let mut keyboard = Keyboard::new();
    keyboard.model.size = SIZE;
    keyboard.plan();
    Seat::Desk(Box::new(keyboard))
}

fn prompted() -> Seat {
    let mut keyboard = Keyboard::new();
    keyboard.plan();
    keyboard.arm();
    keyboard.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    keyboard.keys("esc");
    Seat::Desk(Box::new(keyboard))
}

/// The change was made, and the run asks or goes on.
fn changed() -> Seat {
    let mut keyboard = Keyboard::new();
    keyboard.plan();
    keyboard.arm();
    keyboard.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    keyboard.types("yes");
    keyboard.keys("enter");
    keyboard.until("its end", |m| m.case.runs.iter().all(|r| r.is_over()));
    Seat::Desk(Box::new(keyboard))
}

fn recorded() -> Seat {
    let mut seat = changed();
    seat.press(&"3 G".parse().expect("keys"));
    if let Seat::Desk(desk) = &mut seat {
        desk.until("the log", |m| m.pane == Pane::Audit && m.ledger.current().is_some());
        // To a record of the run.
        while desk.model.ledger.current().and_then(|r| r.text("run")).is_none() {
            desk.keys("k");
        }
    }
    seat
}

/// A change is on its way, and the operator leaves.
fn leaving() -> Seat {
    let mut keyboard = Keyboard::new();
    keyboard.plan();
    keyboard.arm();
    keyboard.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    keyboard.holding = true;
    keyboard.types("yes");
    keyboard.keys("enter");
    keyboard.until("the call", |m| m.case.runs.iter().any(|r| r.in_flight()));
    keyboard.keys("q");
    Seat::Desk(Box::new(keyboard))
}

fn drill() -> Seat {
    drill_of(true)
}

/// The drill begins when somebody says so.
fn drill_to_begin() -> Seat {
    drill_of(false)
}

fn drill_of(at_once: bool) -> Seat {
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = drill_pane::open("scp-lockout", home.path(), SIZE, Keymap::shipped());
    let prospect = desk.model.setup.drill.as_deref().cloned().expect("a drill");
    desk.model.setup.drill = Some(Arc::new(Prospect { at_once, ..prospect }));
    desk.settle();
    Seat::Drill(Box::new(desk), home)
}

fn drilling() -> Seat {
    let mut seat = drill();
    if let Seat::Drill(desk, _) = &mut seat {
        desk.keys("7");
        desk.settle();
    }
    seat
}

/// Every objective is met: the drill can be ended.
fn drilled() -> Seat {
    let mut seat = drill();
    if let Seat::Drill(desk, _) = &mut seat {
        desk.follow(|desk| available(C::EndDrill, &desk.model).is_ok());
        desk.keys("7");
        desk.settle();
    }
    seat
}

/// A break-glass session is open.
fn glass() -> Seat {
    let mut seat = drill();
    if let Seat::Drill(desk, _) = &mut seat {
        desk.follow(|desk| !desk.model.case.glass.is_empty());
        desk.settle();
    }
    seat
}

/// A call of a principal was typed: AWS can be asked about it.
fn asked_aws() -> Seat {
    let mut stage = iam::stage(SIZE);
    stage.keys("j c");
    stage.typed("s3:GetObject");
    stage.keys("enter");
    stage.into()
}

/// A principal with a managed policy is under the cursor.
fn versioned() -> Seat {
    let mut stage = iam::stage(SIZE);
    stage.keys("j j");
    stage.into()
}

/// AWS refused the change.
fn failed() -> Seat {
    let mut keyboard = Keyboard::denied();
    keyboard.plan();
    keyboard.arm();
    keyboard.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    keyboard.types("yes");
    keyboard.keys("enter");
    keyboard.until("the refusal", |m| available(C::Retry, m).is_ok());
    Seat::Desk(Box::new(keyboard))
}

/// A run asks a question.
fn questioned() -> Seat {
    const TEXT: &str = r#"schema = 1
id = "quiz"
title = "A question"
summary = "Asks, and changes nothing."
risk = "reversible"
answers = ["*"]

[[steps]]
id = "sure"
ask = "Is somebody there?"
"#;
    let mut keyboard = Keyboard::new();
    let playbook = Playbook::read("quiz.toml", TEXT).map(Into::into);
    assert!(playbook.is_ok(), "{playbook:?}");
    let loaded = Loaded { id: "quiz".into(), file: "quiz.toml".into(), path: None, playbook };
    keyboard.keys("2");
    keyboard.tell(Msg::PlaybooksLoaded(vec![loaded]));
    keyboard.keys("enter");
    keyboard.until("the plan", |m| m.case.draft.as_ref().is_some_and(|d| d.plan().is_some()));
    keyboard.arm();
    keyboard.until("the question", |m| m.case.runs.iter().any(|r| r.is_asking()));
    Seat::Desk(Box::new(keyboard))
}

/// The log has a change of which nobody knows what became of it.
fn unknown() -> Seat {
    let mut seat = recorded();
    if let Seat::Desk(desk) = &mut seat {
        let mut records = audit::read(&desk.log()).expect("a log");
        let intent = records.iter().position(|r| r.kind() == Some(Kind::Intent));
        records.truncate(intent.expect("an intent") + 1);
        let unknown = Intended::unknown(&records).expect("it reads");
        assert_eq!(unknown.len(), 1);
        desk.tell(Msg::LogRead(Ok((records, unknown)), None));
    }
    seat
}

/// The cursor is on an item of the evidence that people are asked for.
fn answering() -> Seat {
    let mut seat = drilling();
    if let Seat::Drill(desk, _) = &mut seat {
        let rows = desk.model.drill_rows().len();
        for _ in 0..rows {
            if available(C::Answer, &desk.model).is_ok() {
                break;
            }
            desk.keys("j");
        }
    }
    seat
}

const STAGES: &[Scene] = &[
    Scene {
        build: findings,
        tries: &[
            (
                "",
                &[
                    C::Help,
                    C::Palette,
                    C::Quit,
                    C::Health,
                    C::Calls,
                    C::Notices,
                    C::Clock,
                    C::Suspend,
                    C::Refresh,
                    C::Redraw,
                    C::NextTheme,
                    C::SetUp,
                    C::Timeline,
                    C::Trail,
                    C::Playbooks,
                    C::Audit,
                    C::Iam,
                    C::Organization,
                    C::Arm,
                    C::Down,
                    C::PageDown,
                    C::Last,
                    C::Focus,
                    C::Open,
                    C::Filter,
                    C::Severity,
                    C::State,
                    C::Account,
                    C::Region,
                    C::Service,
                    C::SameType,
                    C::SaveFilter,
                    C::Sort,
                    C::Reverse,
                    C::Chart,
                    C::Mark,
                    C::Events,
                    C::PrincipalOf,
                    C::Pick,
                    C::PickAll,
                    C::Raw,
                    C::CopyId,
                    C::CopyArn,
                    C::CopyJson,
                    C::CopyText,
                    C::CopyCommand,
                    C::Export,
                    C::Browse,
                    C::Pager,
                    C::MarkSeen,
                    C::MarkAllSeen,
                ],
            ),
            ("G", &[C::Up, C::PageUp, C::First]),
            ("enter", &[C::Back, C::Search]),
            ("s", &[C::ClearFilters]),
            ("space", &[C::DropPicks]),
            ("4", &[C::Findings]),
            ("2", &[C::Choose, C::Edit]),
        ],
    },
    Scene {
        build: || {
            let mut stage = match findings() {
                Seat::Stage(stage) => stage,
                _ => unreachable!("it is a stage"),
            };
            stage.keys("?");
            stage.keys("/");
            stage.typed("the");
            stage.keys("enter");
            Seat::Stage(stage)
        },
        tries: &[("", &[C::NextMatch]), ("n", &[C::PreviousMatch])],
    },
    Scene {
        build: || {
            let mut stage = match findings() {
                Seat::Stage(stage) => stage,
                _ => unreachable!("it is a stage"),
            };
            let save = stage.model.keymap.keys(stage.model.scopes(), C::SaveFilter).remove(0);
            save.as_slice().iter().for_each(|k| stage.tell(Msg::KeyPressed(*k)));
            stage.typed("mine");
            stage.keys("enter");
            let show = stage.model.keymap.keys(stage.model.scopes(), C::SavedFilters).remove(0);
            show.as_slice().iter().for_each(|k| stage.tell(Msg::KeyPressed(*k)));
            Seat::Stage(stage)
        },
        tries: &[("", &[C::DropFilter]), ("esc", &[C::SavedFilters])],
    },
    Scene {
        build: || trail::stage(SIZE).into(),
        tries: &[
            (
                "",
                &[
                    C::Query,
                    C::Wider,
                    C::Narrower,
                    C::Earlier,
                    C::Later,
                    C::FailedOnly,
                    C::Sessions,
                    C::FindingsOf,
                    C::Same,
                    C::SameKey,
                    C::SameAddress,
                    C::SameAgent,
                    C::SameRole,
                    C::SameUser,
                    C::SameName,
                    C::SameService,
                    C::SameTime,
                    C::WhyDenied,
                    C::WatchIt,
                ],
            ),
            ("+", &[C::JumpBack]),
            ("j j j", &[C::GivenKey, C::SameResource]),
        ],
    },
    Scene { build: asking, tries: &[("", &[C::StopAsking])] },
    Scene {
        build: || iam::stage(SIZE).into(),
        tries: &[("", &[C::EventsOf, C::Decode, C::Compare, C::NextTab, C::PreviousTab, C::CanIt])],
    },
    Scene { build: asked_aws, tries: &[("", &[C::AskAws])] },
    Scene { build: versioned, tries: &[("", &[C::Versions])] },
    Scene { build: || organization::stage(SIZE).into(), tries: &[("", &[C::Exempt])] },
    Scene {
        build: || {
            let mut stage = watch::stage(SIZE);
            stage.keys("ctrl-w");
            stage.into()
        },
        tries: &[("", &[C::Prolong, C::StopWatch, C::WatchEvents]), ("esc", &[C::Watches])],
    },
];

/// What takes the range, and with it longer.
const DESKS: &[Scene] = &[
    Scene { build: planned, tries: &[("", &[C::Start])] },
    Scene { build: prompted, tries: &[("", &[C::Decide, C::Skip, C::Abandon, C::Disarm])] },
    Scene { build: changed, tries: &[("", &[C::RollBack])] },
    Scene { build: recorded, tries: &[("", &[C::Undo, C::ShowRun, C::Verify, C::Prove])] },
    Scene { build: failed, tries: &[("", &[C::Retry])] },
    Scene { build: questioned, tries: &[("", &[C::Yes, C::No])] },
    Scene { build: unknown, tries: &[("", &[C::ReadBack])] },
    Scene { build: leaving, tries: &[("", &[C::Wait, C::LeaveNow])] },
    Scene { build: drill_to_begin, tries: &[("1", &[C::Drill]), ("7", &[C::BeginDrill])] },
    Scene { build: drilling, tries: &[("", &[C::Hint, C::Coach, C::Probe, C::AbortDrill])] },
    Scene { build: answering, tries: &[("", &[C::Answer])] },
    Scene { build: drilled, tries: &[("", &[C::EndDrill])] },
    Scene { build: glass, tries: &[("", &[C::EndGlass])] },
];

/// How a command is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Keys,
    Palette,
    Click,
}

impl Seat {
    /// Gives a command; `None` where it cannot be given this way here.
    fn give(&mut self, way: Way, command: Command) -> Option<()> {
        match way {
            Way::Keys => {
                let keys = self.keys_of(command);
                self.press(&keys);
            }
            Way::Palette if command == C::Palette => return None,
            Way::Palette => {
                let keys = self.keys_of(C::Palette);
                self.press(&keys);
                for c in command.info().name.chars() {
                    self.tell(Msg::KeyPressed(halon::input::Key::char(c)));
                }
                self.looked_up();
                let Some(Overlay::Palette(palette)) = &self.model().overlay else {
                    panic!("no palette for {command:?}:\n{}", screen(self.model()))
                };
                let row = palette.rows.iter().position(
                    |row| matches!(&row.goal, Goal::Command(c) | Goal::Place(c) if *c == command),
                );
                let at = row.unwrap_or_else(|| panic!("{command:?} is not found by its name"));
                assert_eq!(palette.rows[at].why, None, "{command:?}");
                for _ in 0..at {
                    self.press(&"down".parse().expect("a key"));
                }
                self.press(&"enter".parse().expect("a key"));
            }
            Way::Click => {
                let (width, height) = self.model().size;
                let hit = Some(Hit::Command(command));
                let x = (0..width).find(|x| ui::hit(self.model(), *x, height - 1) == hit)?;
                self.tell(Msg::Clicked { x, y: height - 1 });
            }
        }
        Some(())
    }

    fn keys_of(&self, command: Command) -> Keys {
        let model = self.model();
        let keys = model.keymap.keys(model.scopes(), command).into_iter().next();
        keys.unwrap_or_else(|| panic!("{command:?} has no key here:\n{}", screen(model)))
    }

    /// Until the palette knows what matches.
    fn looked_up(&mut self) {
        let looking = |m: &Model| match &m.overlay {
            Some(Overlay::Palette(palette)) => palette.looking.is_some() || palette.is_behind(),
            _ => false,
        };
        match self {
            Seat::Stage(_) => {}
            Seat::Desk(desk) => desk.until("what matches", |m| !looking(m)),
            Seat::Drill(desk, _) => desk.until("what matches", |m| !looking(m)),
        }
        assert!(!looking(self.model()), "what matches is not known");
    }

    /// Messages that something may come of.
    fn patience(&self) -> usize {
        match self {
            Seat::Stage(_) => 0,
            Seat::Desk(_) | Seat::Drill(..) => 20,
        }
    }

    /// Takes in the next message.
    fn step(&mut self) {
        match self {
            Seat::Stage(_) => {}
            Seat::Desk(desk) => desk.step("what comes of it"),
            Seat::Drill(desk, _) => desk.step("what comes of it"),
        }
    }
}

/// Gives every command of these scenes in each way; the commands that a click gave.
fn try_all(scenes: &[Scene]) -> BTreeSet<Command> {
    let (mut clicked, mut wrong) = (BTreeSet::new(), Vec::new());
    for scene in scenes {
        for (before, commands) in scene.tries {
            for command in *commands {
                let tried = catch_unwind(|| try_one(scene.build, before, *command));
                match tried {
                    Ok(true) => drop(clicked.insert(*command)),
                    Ok(false) => {}
                    Err(why) => {
                        let why = why.downcast_ref::<String>().cloned().unwrap_or_default();
                        wrong.push(format!("{command:?} after {before:?}: {why}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    clicked
}

/// Whether a click gave it, too.
fn try_one(build: fn() -> Seat, before: &str, command: Command) -> bool {
    let sit = || {
        let mut seat = build();
        if !before.is_empty() {
            seat.press(&before.parse().expect("keys"));
        }
        let model = seat.model();
        assert!(command.works_among(model.scopes()), "it does not work here");
        assert_eq!(available(command, model), Ok(()));
        seat
    };
    let mut by_keys = sit();
    let (was, deeds) = (by_keys.standing(), by_keys.deeds());
    by_keys.give(Way::Keys, command).expect("it has a key");
    let is = by_keys.standing();
    // Something may come of it later.
    for _ in 0..by_keys.patience() {
        if by_keys.standing() != was {
            break;
        }
        by_keys.step();
    }
    assert_ne!(by_keys.standing(), was, "nothing comes of it");
    let mut by_palette = sit();
    if by_palette.give(Way::Palette, command).is_some() {
        assert_eq!(by_palette.standing(), is, "by the palette");
    }
    let mut by_click = sit();
    if by_click.give(Way::Click, command).is_none() {
        return false;
    }
    if command.is_for_keys() {
        assert_eq!(by_click.deeds(), deeds, "a click gave it");
    } else {
        assert_eq!(by_click.standing(), is, "by a click");
    }
    true
}

#[test]
fn what_needs_no_range_is_reached_in_each_way() {
    let clicked = try_all(STAGES);
    assert!(clicked.len() > 25, "only {} have a place in the footer", clicked.len());
}

#[test]
fn what_needs_the_range_is_reached_in_each_way() {
    let clicked = try_all(DESKS);
    assert!(clicked.len() > 5, "only {} have a place in the footer", clicked.len());
}

#[test]
fn no_command_is_left_out() {
    let tried: BTreeSet<Command> = STAGES
        .iter()
        .chain(DESKS)
        .flat_map(|scene| scene.tries.iter().flat_map(|(_, commands)| commands.iter().copied()))
        .collect();
    let left: Vec<&Command> = Command::ALL.iter().filter(|c| !tried.contains(c)).collect();
    assert!(left.is_empty(), "tried nowhere: {left:?}");
}

/// A key of every scope and shipped keymap is taken away and another one bound in its place:
/// every other key of every scope means what it meant.
#[test]
fn a_key_that_is_bound_anew_changes_nothing_else() {
    const FREE: &str = "f12";
    let mut tried = 0;
    for (name, _) in SHIPPED {
        let keymap = Keymap::of(name).expect("shipped");
        let bound: Vec<(Scope, Keys, Command)> = Scope::ALL
            .into_iter()
            .flat_map(|scope| {
                let keys = move |c: &Command| keymap_keys(name, scope, *c);
                Command::ALL.iter().flat_map(keys).collect::<Vec<_>>()
            })
            .collect();
        for (scope, keys, command) in &bound {
            let quoted = keys.to_string().replace('\\', "\\\\").replace('"', "\\\"");
            let text = format!(
                "[{}]\n\"{quoted}\" = \"none\"\n\"{FREE}\" = \"{}\"\n",
                scope.name(),
                command.info().name
            );
            let over = Keymap::read("mine.toml", &text).expect("it reads");
            let now = keymap.clone().with(over);
            let means = |keys: &Keys| now.meaning(&[*scope], keys.as_slice());
            assert_eq!(means(&FREE.parse().expect("a key")), Meaning::Command(*command));
            assert_eq!(means(keys), Meaning::Nothing, "{name} {scope:?} {keys}");
            for (other, others, theirs) in &bound {
                if (other, others) != (scope, keys) {
                    let meaning = now.meaning(&[*other], others.as_slice());
                    assert_eq!(meaning, Meaning::Command(*theirs), "{name} {other:?} {others}");
                }
            }
            tried += 1;
        }
    }
    assert!(tried > 300, "only {tried} keys were tried");
}

fn keymap_keys(name: &str, scope: Scope, command: Command) -> Vec<(Scope, Keys, Command)> {
    let keymap = Keymap::of(name).expect("shipped");
    keymap.keys(&[scope], command).into_iter().map(|keys| (scope, keys, command)).collect()
}
