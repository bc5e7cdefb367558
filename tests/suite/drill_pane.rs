//! A drill in the console, by somebody who does what the coach says and nothing else: the
//! genuine SDK, the range in process, the audit log on disk; only the terminal is missing. Each
//! key comes out of the words on the screen.

use std::{fmt::Write as _, path::Path};

use halon::{
    app::{self, Effect, Msg},
    audit,
    drill::{Ending, Script, fold},
    input::{Code, Key, Keymap, Keys},
    model::{Overlay, Pane, ShelfRow},
    range::{Pace, Scenario, shipped},
    runtime,
};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::desk::{self, Desk};

/// What somebody waits who is told to.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// Looks at the coach, far more than any scenario needs.
const MOST: usize = 400;
/// Pauses one after the other, far more than any scenario needs.
const MOST_PAUSES: usize = 60;

/// What the coach says is pressed and typed.
#[derive(Debug, PartialEq)]
enum Stroke {
    Press(Keys),
    Type(String),
}

/// The coach's grammar, read anew from its words: `<key>`, `"text"`, prose.
fn read(line: &str) -> Vec<Stroke> {
    let (mut out, mut rest) = (Vec::new(), line);
    while let Some(at) = rest.find(['<', '"']) {
        let quote = rest[at..].starts_with('"');
        rest = &rest[at + 1..];
        if !quote {
            // A key may be the bracket itself.
            let end = rest[1..].find('>').expect("a bracket that closes") + 1;
            out.push(Stroke::Press(rest[..end].parse().expect("a key")));
            rest = &rest[end + 1..];
            continue;
        }
        let mut text = String::new();
        loop {
            let end = rest.find('"').expect("a quote that closes");
            text += &rest[..end];
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(more) => (text.push('"'), rest = more).0,
                None => break,
            }
        }
        out.push(Stroke::Type(text));
    }
    out
}

/// The scenarios that can be drilled.
fn drilled() -> Vec<&'static str> {
    let script = |id: &str, text: &str| Script::read(id, text).expect("a good scenario");
    shipped().iter().filter(|(id, text)| script(id, text).is_some()).map(|(id, _)| *id).collect()
}

/// The console of a process: what is kept in `home` is the world, and the log.
pub fn open(scenario: &str, home: &Path, size: (u16, u16), keymap: Keymap) -> Desk {
    let parsed = Scenario::read(scenario, desk::scenario(scenario)).expect("a good scenario");
    let range = runtime::open_range(parsed, Pace::Frozen, home).expect("a world");
    Desk::drilling(scenario, range, home, size, keymap)
}

impl Desk {
    /// What the coach says, as it stands on the screen.
    fn coach(&self) -> String {
        let screen = self.screen();
        let said = screen.lines().filter_map(|line| line.strip_prefix(" coach: ")).next();
        said.unwrap_or_else(|| panic!("the coach is silent:\n{screen}")).to_owned()
    }

    fn ended(&self) -> Option<Ending> {
        self.model.drill.going.as_ref()?.ended
    }

    fn met(&self) -> usize {
        self.model.drill.going.as_ref().map_or(0, |going| going.met.len())
    }

    /// Does what the coach says, once. Whoever is told to wait waits.
    fn obey(&mut self, said: &mut String) -> bool {
        self.settle();
        let line = self.coach();
        let _ = writeln!(said, "{} {line}", self.met());
        let strokes = read(&line);
        if strokes.is_empty() {
            assert!(line.starts_with("Wait"), "no key, and no waiting: {line}");
            self.range.pass(PAUSE).expect("time passes");
            let now = self.range.now();
            self.tell(Msg::Ticked(now));
            return false;
        }
        for stroke in strokes {
            match stroke {
                Stroke::Press(keys) => keys.as_slice().iter().for_each(|key| self.press(*key)),
                Stroke::Type(text) => text.chars().for_each(|c| self.press(Key::char(c))),
            }
        }
        true
    }

    /// Follows the coach until `done`, or the drill is over.
    pub fn follow(&mut self, done: impl Fn(&Self) -> bool) -> String {
        let (mut said, mut pauses) = (String::new(), 0);
        for _ in 0..MOST {
            self.settle();
            if self.ended().is_some() || done(self) {
                return said;
            }
            pauses = if self.obey(&mut said) { 0 } else { pauses + 1 };
            assert!(pauses < MOST_PAUSES, "told to wait for ever:\n{said}\n{}", self.screen());
        }
        panic!("the coach leads nowhere:\n{said}\n{}", self.screen());
    }
}

/// What the log has of the drill in the end.
fn recorded(home: &Path) -> halon::drill::Drill {
    let records = audit::read(&home.join("audit-range.jsonl")).expect("a log");
    let drills = fold(&records);
    assert_eq!(drills.len(), 1, "one drill");
    drills.into_iter().next().expect("one")
}

fn to_its_end(scenario: &str, size: (u16, u16)) {
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = open(scenario, home.path(), size, Keymap::shipped());
    let said = desk.follow(|_| false);
    let ending = desk.ended().expect("it is over");
    assert!(ending.is_passed(), "{scenario}: {}\n{said}\n{}", ending.words(), desk.screen());
    let script = desk.model.setup.drill.clone().expect("a drill").script.clone();
    desk.end();
    let drill = recorded(home.path());
    for objective in &script.objectives {
        assert!(drill.has_met(&objective.id), "{scenario}: {} is not on record", objective.id);
    }
    assert_eq!(drill.class, halon::drill::Class::Practice);
    assert!(!drill.is_scripted() && drill.hints.is_empty(), "{scenario}");
}

#[test]
fn whoever_does_what_the_coach_says_comes_to_the_end_of_every_scenario() {
    let scenarios = drilled();
    assert!(!scenarios.is_empty(), "no scenario can be drilled");
    for scenario in scenarios {
        to_its_end(scenario, (80, 24));
    }
}

#[test]
fn and_on_a_wide_screen() {
    to_its_end("scp-lockout", (200, 50));
}

/// At the smallest size, with a denial foreseen, a code to be typed and a drill's strip below it:
/// the prompt can still be answered.
#[test]
fn the_tallest_prompt_can_be_answered_on_a_small_screen() {
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = open("scp-lockout", home.path(), (80, 24), Keymap::shipped());
    desk.settle();
    desk.press(Key::char('2'));
    desk.settle();
    let at = |desk: &Desk| {
        let rows = desk.model.shelf_rows();
        rows.iter().position(|row| match row {
            ShelfRow::Playbook(at, _) => desk.model.shelf.all[*at].id == "break-glass",
            ShelfRow::Run(_) => false,
        })
    };
    let place = at(&desk).expect("it is shipped");
    (0..place).for_each(|_| desk.press(Key::char('j')));
    let enter = || Key::plain(Code::Enter);
    desk.press(enter());
    let form = desk.screen();
    assert!(form.contains("break-glass"), "{form}");
    desk.press(enter());
    desk.settle();
    desk.press(Key::char('x'));
    desk.settle();
    for _ in 0..3 {
        desk.press(enter());
        desk.settle();
    }
    let screen = desk.screen();
    assert!(screen.contains("DENIED") && screen.contains("SerialNumber"), "{screen}");
    assert!(screen.contains("MFA code") && !screen.contains("not fully visible"), "{screen}");
    desk.end();
}

/// Keys that a person may press by mistake: all that mean something somewhere, but those that
/// leave halon or silence the coach, and the `y` of a consent.
fn mistakes() -> Vec<Key> {
    let text = include_str!("../../keymaps/default.toml");
    let names = text.lines().filter_map(|line| line.strip_prefix('"')?.split_once('"'));
    let keys = names.flat_map(|(name, _)| name.parse::<Keys>().expect("keys").as_slice().to_vec());
    let leaves = ["q", "ctrl-c", "ctrl-z", "C", "y"];
    let mut keys: Vec<Key> = keys.filter(|k| !leaves.contains(&k.to_string().as_str())).collect();
    keys.push(Key::plain(Code::Enter));
    keys.sort();
    keys.dedup();
    keys
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn the_coach_leads_out_of_wherever_somebody_strays(
        turns in prop::collection::vec((0..14_usize, prop::collection::vec(any::<prop::sample::Index>(), 1..5)), 4..12),
    ) {
        let home = tempfile::tempdir().expect("a folder");
        let mut desk = open("scp-lockout", home.path(), (80, 24), Keymap::shipped());
        let (keys, mut said) = (mistakes(), String::new());
        for (steps, wrong) in turns {
            for _ in 0..steps {
                desk.settle();
                if desk.ended().is_some() {
                    break;
                }
                desk.obey(&mut said);
            }
            for at in wrong {
                let key = *at.get(&keys);
                let _ = writeln!(said, "  wrong: {key}");
                desk.settle();
                // Nobody consents by mistake, nor gives a drill up.
                if !matches!(desk.model.overlay, Some(Overlay::Confirm(_) | Overlay::EndDrill { .. })) {
                    desk.press(key);
                }
            }
        }
        let rest = desk.follow(|_| false);
        let ending = desk.ended().expect("it is over");
        prop_assert!(ending.is_passed(), "{}\n{said}{rest}\n{}", ending.words(), desk.screen());
    }
}

#[test]
fn a_console_that_was_killed_goes_on_at_the_same_objective_with_the_same_clock() {
    let home = tempfile::tempdir().expect("a folder");
    let open = || open("scp-lockout", home.path(), (80, 24), Keymap::shipped());
    let mut desk = open();
    desk.follow(|desk| desk.met() == 1);
    desk.press("ctrl-t".parse().expect("a key"));
    desk.settle();
    // Killed with a session of break-glass open, which is lost with it.
    desk.follow(|desk| desk.met() == 4);
    let going = desk.model.drill.going.as_ref().expect("it goes on");
    let (since, met, hints) = (going.since, going.met.clone(), going.hints.clone());
    assert_eq!(hints.len(), 1);
    assert_eq!(desk.model.case.glass.len(), 1, "a session is open");
    drop(desk);

    let mut desk = open();
    desk.settle();
    desk.range.pass(SignedDuration::from_mins(7)).expect("time passes");
    let now = desk.range.now();
    desk.tell(Msg::Ticked(now));
    desk.settle();
    let going = desk.model.drill.going.as_ref().expect("it goes on");
    assert_eq!((going.since, &going.met, &going.hints), (since, &met, &hints));
    let minutes = now.duration_since(since).as_mins();
    assert!(minutes >= 7);
    let screen = desk.screen();
    let all = desk.model.setup.drill.as_ref().expect("a drill").script.objectives.len();
    assert!(screen.contains(&format!(" drill 5/{all} · {minutes}m ")), "{screen}");
    let said = desk.follow(|_| false);
    assert!(said.contains("break-glass"), "the session is opened anew:\n{said}");
    assert!(desk.ended().is_some_and(Ending::is_passed), "{said}\n{}", desk.screen());
    desk.end();
    assert_eq!(recorded(home.path()).hints, hints);
}

#[test]
fn the_coach_names_the_keys_that_are_bound() {
    let own = Keymap::read("my.toml", "[global]\n\"f9\" = \"findings\"\n\"1\" = \"audit\"\n");
    let keymap = Keymap::shipped().with(own.expect("a good keymap"));
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = open("scp-lockout", home.path(), (80, 24), keymap);
    desk.settle();
    assert_eq!(desk.coach(), "Press <f9>: the finding is among them");
    desk.follow(|desk| desk.met() == 1);
}

#[test]
fn hints_are_given_on_request_and_counted_and_the_coach_can_be_silenced() {
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = open("scp-lockout", home.path(), (80, 24), Keymap::shipped());
    desk.settle();
    let script = desk.model.setup.drill.clone().expect("a drill").script.clone();
    let hints = &script.objectives[0].hints;
    desk.press(Key::char('C'));
    assert!(!desk.screen().contains("coach: "), "{}", desk.screen());
    for n in 0..=hints.len() {
        desk.press("ctrl-t".parse().expect("a key"));
        desk.settle();
        let given = desk.model.drill.going.as_ref().expect("it goes on").hints.len();
        assert_eq!(given, (n + 1).min(hints.len()));
    }
    assert!(desk.screen().contains("that was the last"), "{}", desk.screen());
    // On another pane it stands in the coach's place.
    desk.press(Key::char('1'));
    let start: String = hints.last().expect("a hint").chars().take(30).collect();
    assert!(desk.screen().contains(&format!(" hint: {start}")), "{}", desk.screen());
    desk.press(Key::char('C'));
    assert!(desk.screen().contains(" coach: "), "{}", desk.screen());
    desk.end();
    assert_eq!(recorded(home.path()).hints.len(), hints.len());
}

#[test]
fn a_drill_that_is_aborted_is_over_and_did_not_pass() {
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = open("scp-lockout", home.path(), (80, 24), Keymap::shipped());
    desk.follow(|desk| desk.met() == 2);
    desk.press(Key::char('7'));
    desk.press(Key::char('E'));
    assert!(desk.screen().contains("objectives are open"), "{}", desk.screen());
    desk.press(Key::char('X'));
    desk.press(Key::plain(Code::Enter));
    assert!(desk.ended().is_none(), "enter alone is no answer");
    "yes".chars().for_each(|c| desk.press(Key::char(c)));
    desk.press(Key::plain(Code::Enter));
    desk.settle();
    assert_eq!(desk.ended(), Some(Ending::Aborted));
    assert!(desk.model.mode.armed().is_none());
    desk.end();
    assert_eq!(recorded(home.path()).ended.expect("an end").result, Ending::Aborted);
}

#[test]
fn an_idle_console_asks_quietly_and_changes_nothing_between_minutes() {
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = open("scp-lockout", home.path(), (80, 24), Keymap::shipped());
    // At an objective that waits for the world.
    desk.follow(|desk| desk.met() == 2);
    let before = desk.screen();
    let start = desk.model.now;
    for second in 1..60 {
        let now = start + SignedDuration::from_secs(second);
        if now.as_second() / 60 != start.as_second() / 60 {
            break;
        }
        let effects = app::update(&mut desk.model, Msg::Ticked(now));
        assert!(effects.iter().all(Effect::is_quiet), "{effects:?}");
        assert_eq!(desk.screen(), before, "{second} s later");
    }
}

#[test]
fn what_the_drill_looks_like() {
    let home = tempfile::tempdir().expect("a folder");
    let mut desk = open("scp-lockout", home.path(), (80, 24), Keymap::shipped());
    desk.follow(|desk| desk.met() == 2);
    desk.press(Key::char('7'));
    desk.settle();
    insta::assert_snapshot!("drill_pane", desk.screen());
    desk.press(Key::char('1'));
    insta::assert_snapshot!("drill_strip", desk.screen());
    desk.tell(Msg::Resized(200, 50));
    insta::assert_snapshot!("drill_strip_wide", desk.screen());
    desk.press(Key::char('7'));
    // The clocks of the range and of this machine differ by what they like.
    let screen = desk.screen();
    let steady = screen.lines().map(|l| l.split("; clocks differ").next().unwrap_or(l));
    insta::assert_snapshot!("drill_pane_wide", steady.collect::<Vec<_>>().join("\n"));
    assert_eq!(desk.model.pane, Pane::Drill);
}
