//! Drills by their solutions, from the command line, in process: every scenario to its end and
//! back, killed and taken up, and wrong solutions.

use std::{
    fs,
    process::{Command, Output, Stdio},
};

use halon::{
    audit::{self, Kind, Record},
    drill::{Class, Drill, Ending, Item, Phase, Right, Script, fold},
    range::shipped,
};
use serde_json::Value;

use super::{
    cli::{Machine, Ran},
    machine::until,
};

/// Scenarios that have a drill, with their scripts.
fn drills() -> Vec<(&'static str, &'static str, Script)> {
    let read = |(id, text): &(&'static str, &'static str)| {
        let script = Script::read(id, text).unwrap_or_else(|broken| panic!("{broken}"))?;
        Some((*id, *text, script))
    };
    shipped().iter().filter_map(read).collect()
}

impl Machine {
    fn drill(&self, name: &str) -> Ran {
        self.run(&["--json", "drill", "run", name, "--solution"])
    }

    fn drill_records(&self) -> Vec<Record> {
        audit::read(&self.data().join("audit-range.jsonl")).expect("a log")
    }

    fn folded(&self) -> Vec<Drill> {
        fold(&self.drill_records())
    }
}

fn item(ran: &Ran) -> Value {
    ran.json()["items"][0].clone()
}

#[test]
fn there_are_six_drills_and_each_has_every_part() {
    let drills = drills();
    let ids: Vec<&str> = drills.iter().map(|(id, ..)| *id).collect();
    for id in [
        "leaked-key",
        "ci-wildcard",
        "scp-lockout",
        "instance-credentials",
        "trail-stopped",
        "false-alarm",
    ] {
        assert!(ids.contains(&id), "{id} is not in {ids:?}");
    }
    for (id, _, script) in &drills {
        let phases: Vec<Phase> = script.objectives.iter().map(|o| o.phase).collect();
        for phase in [Phase::Detect, Phase::Decide, Phase::Contain, Phase::Verify] {
            assert!(phases.contains(&phase), "{id} has no {}", phase.name());
        }
        assert!(phases.is_sorted(), "{id}: {phases:?}");
        // Nobody becomes break-glass for nothing.
        let access = phases.contains(&Phase::Access);
        assert_eq!(access, script.right == Right::Contain, "{id}");
        for objective in &script.objectives {
            let lines = objective.hints.iter().chain([&objective.coach, &objective.title]);
            for line in lines {
                let plain = line.is_ascii() && !line.contains(['\n', '{', '}']);
                assert!(plain && line.chars().count() <= 200, "{id} {}: {line}", objective.id);
            }
            // Every drill's last one is to leave: one hint says it all.
            let least = if objective.id == "leave" { 1 } else { 2 };
            assert!((least..=3).contains(&objective.hints.len()), "{id} {}", objective.id);
        }
    }
}

#[test]
fn every_solution_reaches_its_objectives_and_leaves_nothing() {
    for (id, _, script) in drills() {
        let machine = Machine::new();
        let ran = machine.drill(id);
        assert_eq!(ran.code, 0, "{id}: {}\n{}", ran.out, ran.err);
        let told = item(&ran);
        assert_eq!(ran.json()["schema"], "halon.drill/1");
        assert_eq!((&told["result"], &told["class"]), (&"passed".into(), &"practice".into()));
        let objectives = told["objectives"].as_array().expect("a list");
        assert_eq!(objectives.len(), script.objectives.len(), "{id}");
        assert!(objectives.iter().all(|o| o["met"] == true), "{id}: {}", ran.out);
        assert_eq!(told["residue"].as_array().map(Vec::len), Some(0), "{id}");
        // The log tells the same, and nobody may call it anything but practice.
        let drills = machine.folded();
        let [drill] = &drills[..] else { panic!("{id}: {} drills", drills.len()) };
        assert_eq!(drill.class, Class::Practice);
        assert!(drill.is_scripted() && drill.unread.is_empty() && drill.late.is_empty());
        assert_eq!(drill.ended.as_ref().map(|end| end.result), Some(Ending::Passed));
        let met: Vec<&str> = drill.met.iter().map(|met| met.objective.as_str()).collect();
        let wanted: Vec<&str> = script.objectives.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(met, wanted, "{id}");
        assert!(drill.met.is_sorted_by_key(|met| met.mark.at), "{id}");
        let log = machine.data().join("audit-range.jsonl");
        let report = audit::verify(&log, None, Some(&audit::state_path(&log)));
        assert!(report.problems.is_empty(), "{id}: {report:?}");
        // The operator's own world was not played in.
        assert!(!machine.data().join("range").exists(), "{id}");
    }
}

/// A home of its own, with scenarios that may take the place of the shipped ones.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn with(id: &str, text: &str) -> Home {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join(".config/halon/scenarios");
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join(format!("{id}.toml")), text).expect("written");
        Home(home)
    }

    pub fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    fn command(&self, id: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_halon"));
        let data = self.0.path().join("data");
        command.env_clear().env("HOME", self.0.path()).stdin(Stdio::null());
        command.arg("--data-dir").arg(data).args(["--json", "drill", "run", id, "--solution"]);
        command
    }

    pub fn play(&self, id: &str) -> Output {
        self.command(id).output().expect("it runs")
    }

    pub fn records(&self) -> Vec<Record> {
        audit::read(&self.0.path().join("data/audit-range.jsonl")).unwrap_or_default()
    }

    fn drills(&self) -> Vec<Drill> {
        fold(&self.records())
    }
}

fn answer(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn text(id: &str) -> &'static str {
    shipped().iter().find(|(known, _)| *known == id).map(|(_, text)| *text).expect("shipped")
}

/// Plays a scenario with something of its text replaced, and says which objectives were met.
fn altered(id: &str, from: &str, to: &str) -> (Output, Vec<String>) {
    let text = text(id);
    assert!(text.contains(from), "{id} has no {from}");
    let home = Home::with(id, &text.replacen(from, to, 1));
    let output = home.play(id);
    let drills = home.drills();
    let [drill] = &drills[..] else { panic!("{} drills", drills.len()) };
    assert_eq!(drill.ended.as_ref().map(|end| end.result), Some(Ending::Failed));
    (output, drill.met.iter().map(|met| met.objective.clone()).collect())
}

#[test]
fn a_solution_that_skips_a_move_does_not_reach_the_objective() {
    let skipped = "  { move = \"search\", by = \"key\", value = \"AKIAI77AUDITOEXAMPLE\" },\n]";
    let (output, met) = altered("false-alarm", skipped, "]");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(met, ["see-the-alarm"]);
    assert!(
        answer(&output)["items"][0]["why"]
            .as_str()
            .is_some_and(|why| why.contains("find-the-reason"))
    );
}

#[test]
fn whoever_changes_something_in_a_false_alarm_fails_though_it_is_taken_back() {
    let right = "solution = [\n  { move = \"run\", playbook = \"false-alarm\"";
    let wrong = "solution = [\n  { move = \"assume\" },\n  { move = \"run\", playbook = \"leaked-access-key\", finding = \"e5b8c1d07f924e3aa6d90b2c4f810001\" },\n  { move = \"end\" },\n  { move = \"run\", playbook = \"false-alarm\"";
    let (output, met) = altered("false-alarm", right, wrong);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(met, ["see-the-alarm", "find-the-reason"]);
    let told = answer(&output)["items"][0].clone();
    assert_eq!(told["residue"].as_array().map(Vec::len), Some(0), "{told}");
    // The role assumed, the key, the finding: and once more where AWS throttled.
    assert!(told["runs"].as_array().is_some_and(|runs| runs.len() >= 3), "{told}");
}

#[test]
fn a_broken_script_is_told_and_begins_no_drill() {
    let home = Home::with(
        "false-alarm",
        &text("false-alarm").replace("phase = \"verify\"", "phase = \"verifi\""),
    );
    let output = home.play("false-alarm");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("did you mean `verify`?"), "{said}");
    assert!(home.drills().is_empty() && !home.0.path().join("data").exists());
}

#[test]
fn a_drill_that_was_killed_goes_on_where_it_was_by_the_same_clock() {
    for killed_at in 1..8 {
        let home = Home::with("unused", text("quiet"));
        let mut child = home
            .command("scp-lockout")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let met = || home.drills().first().map_or(0, |drill| drill.met.len());
        until("the objective", || met() >= killed_at);
        child.kill().expect("killed");
        child.wait().expect("gone");
        let before = home.drills().remove(0);
        if before.ended.is_some() {
            continue;
        }
        let output = home.play("scp-lockout");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{killed_at}: {said}");
        assert!(said.contains("taken up again"), "{said}");
        let drills = home.drills();
        let [after] = &drills[..] else { panic!("{} drills", drills.len()) };
        assert_eq!((&after.id, &after.begun), (&before.id, &before.begun));
        assert_eq!(after.met[..before.met.len()], before.met);
        assert!(after.met.is_sorted_by_key(|met| met.mark.at), "{:?}", after.met);
        assert!(after.met.iter().all(|met| met.mark.at >= before.first.at));
        assert_eq!(answer(&output)["items"][0]["residue"].as_array().map(Vec::len), Some(0));
    }
}

/// Killed between the change of the canary and its undo, at whatever is on disk by then.
#[test]
fn the_canary_is_restored_by_whoever_takes_the_drill_up() {
    for kind in [Kind::Intent, Kind::Outcome, Kind::Readback] {
        let home = Home::with("unused", text("quiet"));
        let mut child = home
            .command("false-alarm")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let of_canary = |r: &Record| {
            r.kind() == Some(kind) && r.corr().is_some_and(|corr| corr.contains(".write."))
        };
        until("the canary's change", || home.records().iter().any(of_canary));
        child.kill().expect("killed");
        child.wait().expect("gone");
        let output = home.play("false-alarm");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{kind:?}: {said}");
        let drills = home.drills();
        // Where it was too late to kill it the drill was over, and this one is another.
        let drill = drills.last().expect("a drill");
        let power = drill.latest(Item::Power).expect("its evidence");
        assert!(power.evidence.state.holds(), "{kind:?}: {}", power.evidence.text);
        assert_eq!(answer(&output)["items"][0]["residue"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn a_solution_is_played_in_the_range_and_nowhere_else() {
    let machine = Machine::new();
    for (flags, code) in [
        (&["--endpoint-url", "http://127.0.0.1:1"][..], 2),
        (&["--profile", "prod"], 2),
        (&["--read-only"], 3),
    ] {
        let ran = machine.run(&[&["drill", "run", "false-alarm", "--solution"], flags].concat());
        assert_eq!(ran.code, code, "{}", ran.err);
    }
    let ran = machine.run(&["drill", "run", "quiet", "--solution"]);
    assert!(ran.code == 2 && ran.err.contains("has no [drill]"), "{}", ran.err);
    assert!(!machine.data().exists());
}
