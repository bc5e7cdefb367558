//! A scenario file's `[drill]` → [`Script`], naming every mistake at once.

mod conditions;
mod moves;
mod refer;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::{conditions::condition, moves::solution_move, refer::Refer};
use super::{
    Item,
    script::{Canary, Objective, Phase, Right, Script},
};
use crate::{
    domain::{
        RoleArn,
        document::{self, Broken, Placed, Table, suggest},
        untrusted::{self, display_in},
    },
    range::{MAX_SCENARIO_BYTES, Scenario},
};

/// The longest text that is shown, in characters.
pub const LONGEST: usize = 200;
/// The most objectives of a drill, hints of an objective, and conditions or moves of one.
pub const MAX_OBJECTIVES: usize = 20;
pub const MAX_HINTS: usize = 5;
pub const MAX_PARTS: usize = 20;

impl Script {
    /// Reads what a scenario says of its drill; `None` where it says nothing. `file` is the
    /// file's name for messages.
    ///
    /// # Errors
    /// Every mistake of the whole file, or else every one of `[drill]`.
    pub fn read(file: &str, text: &str) -> Result<Option<Script>, Broken> {
        let scenario = Scenario::read(file, text)?;
        document::read(file, text, MAX_SCENARIO_BYTES, |t| {
            t.share();
            let Some(drill) = t.table("drill") else { return Some(None) };
            let script = script(&drill, &Refer::new(&scenario));
            drill.finish();
            script.map(Some)
        })
    }
}

fn script(t: &Table<'_>, refer: &Refer<'_>) -> Option<Script> {
    let summary = t.required("summary").and_then(|text| line(t, "summary", &text));
    let right = t.required("right").and_then(|word| {
        let ends = [("contain", Right::Contain), ("false-alarm", Right::FalseAlarm)];
        one_of(t, "right", &word, &ends)
    });
    let role = role(t, refer);
    let canary = canary(t, refer);
    let stranger = t.required("stranger").and_then(|key| refer.user_key(t, "stranger", &key));
    let objectives = objectives(t, refer, role.as_ref());
    let answers =
        t.table("answers").map(|table| answers(&table, refer.scenario.start)).unwrap_or_default();
    let (role, canary) = (role?, canary?);
    let mut objectives = objectives;
    objectives.extend(super::exercise::exercise(&role, &canary));
    Some(Script {
        summary: summary?,
        right: right?,
        role,
        canary,
        stranger: Some(stranger?),
        objectives,
        answers,
    })
}

fn role(t: &Table<'_>, refer: &Refer<'_>) -> Option<RoleArn> {
    let text = t.required("role")?;
    let role = t.parse::<RoleArn>("role", &text)?;
    let known = refer.scenario.break_glass();
    if !known.iter().any(|arn| arn == role.value.as_str()) {
        let shown = display_in(text.value, 80);
        let hint = suggest(text.value, known.iter().map(String::as_str));
        t.mistake(&text, format!("no role with `break_glass = true` is {shown}{hint}"));
        return None;
    }
    Some(role.value)
}

fn canary(t: &Table<'_>, refer: &Refer<'_>) -> Option<Canary> {
    let Some(table) = t.table("canary") else {
        if !t.has("canary") {
            t.mistake_here("`canary` is missing: the role that a harmless change is tried on");
        }
        return None;
    };
    let account = refer.account(&table);
    let role = table.required("role");
    table.finish();
    let (account, role) = (account?, role?);
    let name = table.parse("role", &role)?.value;
    if !refer.scenario.is_powerless(&account, role.value) {
        let shown = display_in(role.value, 60);
        table.mistake(&role, format!("{account} has no role {shown} without any policy"));
        return None;
    }
    Some(Canary { account, role: name })
}

fn objectives(t: &Table<'_>, refer: &Refer<'_>, role: Option<&RoleArn>) -> Vec<Objective> {
    let tables = t.tables("objectives");
    if tables.is_empty() || tables.len() > MAX_OBJECTIVES {
        t.mistake_here(format!("a drill has 1 to {MAX_OBJECTIVES} [[drill.objectives]]"));
    }
    let mut ids: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for table in &tables {
        let read = objective(table, refer, role);
        table.finish();
        let Some(read) = read else { continue };
        if ids.contains(&read.id) {
            table.mistake_here(format!("another objective has the id \"{}\"", read.id));
        }
        ids.push(read.id.clone());
        out.push(read);
    }
    out
}

fn objective(t: &Table<'_>, refer: &Refer<'_>, role: Option<&RoleArn>) -> Option<Objective> {
    let id = t.required("id");
    if let Some(id) = &id
        && !crate::playbook::well_named(id.value)
    {
        t.mistake(id, "`id` is a lower-case letter or digit, then at most 63 of those and hyphens");
    }
    let phases = Phase::ALL.map(|phase| (phase.name(), phase));
    let phase = t.required("phase").and_then(|word| one_of(t, "phase", &word, &phases));
    let title = t.required("title").and_then(|text| line(t, "title", &text));
    let coach = t.required("coach").and_then(|text| line(t, "coach", &text));
    let hints = t.strings("hints");
    if hints.is_empty() || hints.len() > MAX_HINTS {
        t.mistake_here(format!("an objective has 1 to {MAX_HINTS} `hints`"));
    }
    let hints = hints.iter().filter_map(|hint| line(t, "hints", hint)).collect();
    let met = parts(t, "met", |part| condition(part, refer, role));
    let solution = parts(t, "solution", |part| solution_move(part, refer));
    Some(Objective {
        id: id?.value.to_owned(),
        phase: phase?,
        title: title?,
        coach: coach?,
        hints,
        met,
        solution,
    })
}

fn parts<T>(
    t: &Table<'_>,
    key: &'static str,
    mut read: impl FnMut(&Table<'_>) -> Option<T>,
) -> Vec<T> {
    let tables = t.tables(key);
    if tables.is_empty() || tables.len() > MAX_PARTS {
        t.mistake_here(format!("an objective has 1 to {MAX_PARTS} in `{key}`"));
    }
    let one = |table: &Table<'_>| {
        let part = read(table);
        table.finish();
        part
    };
    tables.iter().filter_map(one).collect()
}

/// Answers to what people are asked, in the form that they give them.
fn answers(t: &Table<'_>, now: Timestamp) -> BTreeMap<u8, String> {
    let mut out = BTreeMap::new();
    for (key, text) in t.free_strings() {
        let item = key.value.parse::<u8>().ok().and_then(|n| Item::try_from(n).ok());
        let Some(item) = item.filter(|item| !item.fields().is_empty()) else {
            t.mistake(&key, "an answer's key is the number of an item that people are asked about");
            continue;
        };
        // What is carried over is not known before the drill.
        if item != Item::CarriedOver
            && let Err(why) = item.read(text.value, now, &[])
        {
            t.mistake(&text, why);
            continue;
        }
        out.extend(line(t, key.value, &text).map(|text| (u8::from(item), text)));
    }
    out
}

/// A line of text: it will stand on the screen.
fn line(t: &Table<'_>, key: &str, text: &Placed<&str>) -> Option<String> {
    let bad = if text.value.trim().is_empty() {
        format!("`{key}` is empty")
    } else if text.value.chars().count() > LONGEST {
        format!("`{key}` has more than {LONGEST} characters")
    } else if untrusted::shown(text.value, usize::MAX).hidden {
        format!("`{key}` holds control or hidden characters; it must be one plain line")
    } else {
        return Some(text.value.to_owned());
    };
    t.mistake(text, bad);
    None
}

/// A word of a closed set; otherwise a mistake with the nearest word, or all of them.
fn one_of<T: Copy>(t: &Table<'_>, key: &str, word: &Placed<&str>, set: &[(&str, T)]) -> Option<T> {
    if let Some((_, value)) = set.iter().find(|(name, _)| *name == word.value) {
        return Some(*value);
    }
    let names: Vec<&str> = set.iter().map(|(name, _)| *name).collect();
    let hint = match suggest(word.value, names.iter().copied()) {
        hint if hint.is_empty() => format!("; there are {}", names.join(", ")),
        hint => hint,
    };
    t.mistake(word, format!("`{key}` knows no \"{}\"{hint}", display_in(word.value, 60)));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::event::By,
        drill::{Condition, Move, Seen},
        range::{Fact, shipped},
    };

    fn text(id: &str) -> &'static str {
        shipped().iter().find(|(known, _)| *known == id).map(|(_, text)| *text).expect("shipped")
    }

    fn mistakes(text: &str) -> Vec<String> {
        let broken = Script::read("x.toml", text).expect_err("broken");
        broken.mistakes.into_iter().map(|m| m.what).collect()
    }

    #[test]
    fn a_drill_is_read_as_it_stands() {
        let script = Script::read("x.toml", text("scp-lockout")).unwrap_or_else(|b| panic!("{b}"));
        let script = script.expect("a drill");
        assert_eq!(script.right, Right::Contain);
        assert_eq!(script.canary.role.as_str(), "halon-canary");
        assert_eq!(script.objectives[0].met.len(), 1);
        let search = Move::Search { by: By::Event("AssumeRole".into()) };
        assert_eq!(script.objectives[1].solution[0], search);
        assert!(matches!(&script.objectives[2].met[0],
            Condition::Fact(Fact::NoScp(name, _)) if name == "no-role-hopping"));
        assert_eq!(script.objectives[3].met, [Condition::Seen(Seen::Assumed(script.role))]);
    }

    #[test]
    fn a_world_without_a_drill_has_none() {
        assert_eq!(Script::read("x.toml", text("quiet")).expect("good"), None);
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let (world, _) = text("scp-lockout").split_once("[drill]").expect("a drill");
        let drill = r#"[drill]
summary = "two\nlines"
right = "contian"
role = "arn:aws:iam::123456789012:role/halon-canary"
canary = { account = "example-prdo", role = "halon-canary" }
stranger = "AKIAI33STRANGEXAMPLF"
colour = 1
[drill.answers]
7 = "x"
12 = "rule = r"
[[drill.objectives]]
id = "a b"
phase = "detekt"
title = ""
coach = "c"
hints = []
met = [
  { seen = "finding", id = "nobody's" },
  { seen = "principal", account = "example-prod", user = "orders-deployr" },
  { seen = "events", by = "kee", value = "x" },
  { seen = "armed", extra = 1 },
  { fact = "key-off", key = "AKIAI44ORDERSEXAMPLF" },
  { fact = "logging", trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/other" },
  { fact = "no-scp", name = "no-role-hoping", at = "r-zzzz" },
  { fact = "sessions-revoked", account = "example-prod", user = "orders-deployer" },
  {},
]
solution = [
  { move = "run", playbook = "leaked-acces-key" },
  { move = "run", playbook = "leaked-access-key" },
  { move = "run", playbook = "detach-scp", inputs = { scp = "x", targt = "r-f83b" }, answers = { sure = "maybe", shure = "yes" } },
  { move = "jump" },
]
[[drill.objectives]]
id = "again"
phase = "decide"
title = "t"
coach = "c"
hints = ["h"]
met = [{ nothing_else = false }]
solution = []
[[drill.objectives]]
id = "again"
phase = "verify"
title = "t"
coach = "c"
hints = ["h"]
met = [{ seen = "armed" }]
solution = [{ move = "end" }]
"#;
        let found = mistakes(&format!("{world}{drill}"));
        for part in [
            "`summary` holds control",
            "`right` knows no \"contian\"; did you mean `contain`?",
            "no role with `break_glass = true` is",
            "no account example-prdo; did you mean `example-prod`?",
            "no user's access key AKIAI33STRANGEXAMPLF; did you mean",
            "unknown key `colour`",
            "an answer's key is the number of an item",
            "alert is missing",
            "`id` is a lower-case letter or digit",
            "`phase` knows no \"detekt\"",
            "`title` is empty",
            "1 to 5 `hints`",
            "no finding with the id nobody's",
            "no user orders-deployr; did you mean `orders-deployer`?",
            "no filter of events kee; did you mean `key`?",
            "unknown key `extra`",
            "no user's access key AKIAI44ORDERSEXAMPLF",
            "no trail arn:aws:cloudtrail:us-east-1:111122223333:trail/other",
            "no policy of the organization no-role-hoping",
            "no root, unit or account r-zzzz",
            "only a role has it",
            "one of `seen`, `fact` and `nothing_else` is needed",
            "no playbook leaked-acces-key; did you mean `leaked-access-key`?",
            "leaked-access-key needs the input `key`",
            "detach-scp has no input `targt`; did you mean `target`?",
            "`scp`: an SCP's id is",
            "an answer is \"yes\" or \"no\"",
            "no step `shure` of detach-scp asks; did you mean `sure`?",
            "`move` knows no \"jump\"",
            "`nothing_else` is true or left out",
            "1 to 20 in `solution`",
            "another objective has the id \"again\"",
        ] {
            assert!(found.iter().any(|what| what.contains(part)), "{part} not in {found:#?}");
        }
    }

    #[test]
    fn a_broken_world_is_told_before_its_drill() {
        let found = mistakes(&text("scp-lockout").replace("kind = \"throttle\"", "kind = \"x\""));
        assert!(!found.is_empty());
    }
}
