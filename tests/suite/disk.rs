//! Disks that are full, read-only, or gone: what cannot be written down is not done, and
//! what was done and cannot be written down is told.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use halon::audit::{self, Kind};
use serde_json::Value;

use super::machine::{CONSENT, KEY, Machine, Ran, Served, of_kind, refs, say, until};

/// What a run with a damaged place for its log came to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// Refused before the call.
    Refused,
    /// Made, and its outcome shown instead of written.
    Shown,
    /// Made and written down, and something after it was not.
    Short,
    Done,
}

/// The outcome that standard error shows in a form to copy.
fn shown(err: &str) -> Option<Value> {
    let line = err.lines().find_map(|l| l.strip_prefix("halon: {"))?;
    Some(serde_json::from_str(&format!("{{{line}")).expect("JSON"))
}

/// Judges a run of [`Machine::deactivate`], which found `accepted` changes in the world.
/// Afterwards the disk is well again: whatever it left is settled and taken back.
fn judge(served: &Served, machine: &Machine, accepted: usize, ran: Ran) -> Came {
    let made = served.accepted() - accepted;
    let records = machine.records();
    let (intents, outcomes) =
        (of_kind(&records, Kind::Intent).len(), of_kind(&records, Kind::Outcome).len());
    let told = format!("{:?}\n{}\n{}", ran.status, ran.out, ran.err);
    if made == 0 {
        assert_eq!((ran.status.code(), outcomes), (Some(3), 0), "{told}");
        assert!(ran.err.contains("the audit log"), "{told}");
        assert!(shown(&ran.err).is_none(), "{told}");
        return Came::Refused;
    }
    assert_eq!((made, intents), (1, 1), "{told}");
    let corr = of_kind(&records, Kind::Intent)[0].corr().expect("a corr").to_owned();
    let came = match (ran.status.code(), outcomes) {
        (Some(5), 0) => {
            assert!(ran.err.contains("could not be written down"), "{told}");
            let outcome = shown(&ran.err).unwrap_or_else(|| panic!("not shown: {told}"));
            assert_eq!(outcome["kind"], "outcome", "{told}");
            assert_eq!(outcome["corr"], corr, "{told}");
            assert_eq!(outcome["result"]["state"], "ok", "{told}");
            assert!(outcome["result"]["request_id"].is_string(), "{told}");
            assert!(ran.out.contains("abandoned") && ran.out.contains("unknown"), "{told}");
            Came::Shown
        }
        (Some(5), 1) => Came::Short,
        (Some(0), 1) => Came::Done,
        other => panic!("{other:?} {told}"),
    };
    let unknown = audit::unknown(&records).len();
    assert_eq!(unknown, usize::from(came == Came::Shown), "{told}");
    let run = of_kind(&records, Kind::Intent)[0].text("run").expect("a run").to_owned();
    let next = machine.undo(&run, KEY).expect(0);
    assert_eq!(next.err.matches("unknown outcome: ").count(), unknown, "{}", next.err);
    assert_eq!(next.err.matches("was done").count(), unknown, "{}", next.err);
    assert_eq!(served.accepted(), accepted + 2, "taken back");
    assert!(audit::unknown(&machine.records()).is_empty());
    machine.verifies();
    came
}

/// Reading goes on: a plan, findings and the doctor, whatever the log says.
fn reads(machine: &Machine, command: impl Fn(&[&str]) -> Command) {
    let ran = |words: &[&str]| Ran::of(command(words).output().expect("runs"));
    let plan = ran(&["playbook", "plan", "leaked-access-key", "-i", &format!("key={KEY}")]);
    assert!(plan.expect(0).out.contains("deactivate"));
    let findings = ran(&["findings", "--json"]).expect(0);
    let answer: Value = serde_json::from_str(&findings.out).expect("JSON");
    assert!(answer["items"].as_array().is_some_and(|i| !i.is_empty()), "{answer}");
    // The one thing that is not in order is the attacker's doing.
    let doctor = ran(&["doctor"]).expect(1);
    assert_eq!(doctor.out.matches("PROBLEM").count(), 1, "{}", doctor.out);
    assert!(doctor.out.contains("org-trail-prod: logging was STOPPED"), "{}", doctor.out);
    assert!(machine.home.path().exists());
}

fn folder(path: &Path, mode: u32) {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).expect("made");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

#[test]
fn no_place_for_the_log_no_change() {
    type Damage = fn(&Machine);
    let damages: [(&str, Damage); 7] = [
        ("not a regular file", |m| folder(&m.log(), 0o700)),
        ("not a regular file", |m| symlink("/dev/full", m.log()).expect("linked")),
        ("symbolic link", |m| {
            let elsewhere = m.home.path().join("elsewhere.jsonl");
            fs::write(&elsewhere, "").expect("written");
            symlink(elsewhere, m.log()).expect("linked");
        }),
        ("not a regular file", |m| {
            let made = Command::new("mkfifo").arg("-m600").arg(m.log()).status().expect("runs");
            assert!(made.success());
        }),
        ("Is a directory", |m| folder(&m.data().join("audit.jsonl.lock"), 0o700)),
        ("others may write", |m| folder(&m.data(), 0o777)),
        ("the audit log", |m| {
            fs::remove_dir(m.data()).expect("empty");
            fs::write(m.data(), "a file").expect("written");
        }),
    ];
    let served = Served::new("");
    for (n, (why, damage)) in damages.into_iter().enumerate() {
        let machine = Machine::new(&served);
        folder(&machine.data(), 0o700);
        damage(&machine);
        let ran = machine.run(&refs(&machine.deactivate(KEY))).expect(3);
        assert!(ran.err.contains("the audit log") && ran.err.contains(why), "{n}: {}", ran.err);
        assert!(ran.out.is_empty(), "{n}: {}", ran.out);
        assert!(served.mutating().is_empty(), "{n}");
        reads(&machine, |words| machine.command(words));
    }
    // The same command changes something where there is a log.
    Machine::new(&served).run(&refs(&Machine::new(&served).deactivate(KEY))).expect(0);
    assert_eq!(served.mutating().len(), 1);
}

#[test]
fn a_log_that_may_not_grow_stops_before_the_call_or_tells_the_outcome() {
    let served = Served::new("");
    let mut came = Vec::new();
    // Half a kilobyte more each time (POSIX, ulimit): every record is cut off once, and
    // none is so short that no limit falls into it.
    for blocks in 0..100 {
        let machine = Machine::new(&served);
        let limited = |words: &[&str]| {
            let mut command = machine.program("sh");
            let script =
                format!("ulimit -f {blocks}; trap '' XFSZ; exec {}", env!("CARGO_BIN_EXE_halon"));
            command.args(["-c", &format!("{script} \"$@\""), "sh"]);
            command.args(machine.arguments()).args(words);
            command
        };
        let accepted = served.accepted();
        let words = machine.deactivate(KEY);
        let ran = Ran::of(limited(&refs(&words)).output().expect("runs"));
        came.push(judge(&served, &machine, accepted, ran));
        if came.len() == 5 {
            reads(&machine, limited);
        }
        if came.last() == Some(&Came::Done) {
            break;
        }
    }
    let mut sorted = came.iter().collect::<Vec<_>>();
    sorted.sort();
    assert!(came.iter().eq(sorted), "{came:?}");
    for wanted in [Came::Refused, Came::Shown, Came::Short, Came::Done] {
        assert!(came.contains(&wanted), "{wanted:?} is not in {came:?}");
    }
    // A refused run sent nothing at all: each call is a change that was judged.
    let made = came.iter().filter(|c| **c != Came::Refused).count();
    assert_eq!(served.mutating().len(), 2 * made);
}

/// How this machine lets a test mount something of its own, if it does.
fn mounting() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--map-root-user", "--mount"]];
    let probe = tempfile::tempdir().expect("a folder");
    let mut said = String::new();
    for way in ways {
        let tried = Command::new("unshare")
            .args(way)
            .args(["mount", "-t", "tmpfs", "none"])
            .arg(probe.path())
            .output();
        match tried {
            Ok(output) if output.status.success() => return Some(way),
            Ok(output) => said = String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(e) => said = format!("unshare: {e}"),
        }
    }
    say(&format!("disk: NOT TESTED: full and read-only file systems: {said}"));
    None
}

/// A command with something mounted where halon keeps its data, which is copied to `kept`
/// in the home folder afterwards.
fn mounted(way: &[&str], machine: &Machine, mount: &str, words: &[&str]) -> Command {
    folder(&machine.data(), 0o700);
    let script = format!(
        "D={}; {mount} || exit 99; {} \"$@\"; code=$?; cp -a \"$D\" kept; exit $code",
        machine.data().display(),
        env!("CARGO_BIN_EXE_halon")
    );
    let mut command = machine.program("unshare");
    command.args(way).args(["sh", "-c", &script, "sh"]).args(machine.arguments()).args(words);
    command
}

#[test]
fn a_full_file_system_stops_before_the_call_or_tells_the_outcome() {
    let Some(way) = mounting() else { return };
    let served = Served::new("");
    let mut came = Vec::new();
    for pages in 1..20 {
        let machine = Machine::new(&served);
        let mount = format!("mount -t tmpfs -o mode=700,size={}k none \"$D\"", pages * 4);
        let accepted = served.accepted();
        let words = machine.deactivate(KEY);
        let ran = mounted(way, &machine, &mount, &refs(&words)).output().expect("runs");
        fs::remove_dir_all(machine.data()).expect("removed");
        fs::rename(machine.home.path().join("kept"), machine.data()).expect("moved");
        came.push(judge(&served, &machine, accepted, Ran::of(ran)));
        if came.last() == Some(&Came::Done) {
            break;
        }
    }
    assert!(came.contains(&Came::Refused) && came.last() == Some(&Came::Done), "{came:?}");
}

#[test]
fn a_read_only_file_system_refuses_changes_and_serves_reading() {
    let Some(way) = mounting() else { return };
    let served = Served::new("");
    let machine = Machine::new(&served);
    let mount = "mount -t tmpfs -o mode=700 none \"$D\" && mount -o remount,ro \"$D\"";
    let run = |words: &[&str]| {
        let _ = fs::remove_dir_all(machine.home.path().join("kept"));
        mounted(way, &machine, mount, words)
    };
    let words = machine.deactivate(KEY);
    let ran = Ran::of(run(&refs(&words)).output().expect("runs")).expect(3);
    assert!(ran.err.contains("Read-only file system"), "{}", ran.err);
    assert!(served.mutating().is_empty());
    reads(&machine, run);
}

#[test]
fn a_folder_removed_before_the_call_refuses_it() {
    // The plan reads the key once, the two steps before the change and the look at it
    // three times more; the fourth time takes five seconds.
    let rule = "[[faults]]\nop = \"iam:ListAccessKeys\"\nkind = \"slow\"\nnth = 4\n";
    let served = Served::new(rule);
    let machine = Machine::new(&served);
    let child = machine.start(&refs(&machine.deactivate(KEY)));
    let looked = |r: &Value| r["operation"] == "ListAccessKeys";
    until("the last look", || served.requests().iter().filter(|r| looked(r)).count() == 4);
    assert_eq!(of_kind(&machine.records(), Kind::RunStart).len(), 1, "the log was in use");
    fs::remove_dir_all(machine.data()).expect("removed");
    let ran = Ran::of(child.wait_with_output().expect("waited for")).expect(3);
    assert!(ran.err.contains("the audit log"), "{}", ran.err);
    assert!(served.mutating().is_empty());
    reads(&machine, |words| machine.command(words));
}

#[test]
fn a_folder_removed_during_the_call_has_its_outcome_shown() {
    let rule = "[[faults]]\nop = \"iam:UpdateAccessKey\"\nkind = \"slow\"\n";
    let served = Served::new(rule);
    let machine = Machine::new(&served);
    let child = machine.start(&refs(&machine.deactivate(KEY)));
    until("the change", || served.accepted() == 1);
    let records = machine.records();
    fs::remove_dir_all(machine.data()).expect("removed");
    let ran = Ran::of(child.wait_with_output().expect("waited for")).expect(5);
    let outcome = shown(&ran.err).unwrap_or_else(|| panic!("not shown: {}", ran.err));
    assert_eq!(outcome["corr"].as_str(), of_kind(&records, Kind::Intent)[0].corr());
    assert_eq!(outcome["result"]["state"], "ok");
    assert_eq!(served.mutating().len(), 1);
    // A new log begins; nothing is refused for the old one's sake.
    let words: Vec<&str> = ["playbook", "run", "leaked-access-key", "-i"]
        .into_iter()
        .chain(["key=AKIAI55BACKUPEXAMPLE"])
        .chain(CONSENT)
        .collect();
    machine.run(&words).expect(0);
}
