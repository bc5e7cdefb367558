//! Reports of incidents that two operators worked on: their logs are made by real runs.

use std::{fs, path::PathBuf};

use halon::audit::{self, paper::check};

use super::{
    cli::{Machine, Ran},
    commands::run_id,
};

const KEY: &str = "key=AKIAI99SIEMEXEXAMPLE";
const INPUTS: [&str; 2] =
    ["role=log-archiver", "policy=arn:aws:iam::444455556666:policy/log-archive-access"];

/// Two machines with a world each: one operator switches a key off and on again, the other
/// detaches a policy.
fn worked() -> (Machine, Machine) {
    let (one, two) = (Machine::new(), Machine::new());
    let ran = one.armed(&["playbook", "run", "leaked-access-key", "-i", KEY, "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let confirm = "deactivate=AKIAI99SIEMEXEXAMPLE";
    let ran = one.armed(&["undo", &run_id(&ran), "--confirm", confirm]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let [role, policy] = INPUTS;
    let run = ["playbook", "run", "detach-wildcard-policy", "-i", role, "-i", policy, "--yes"];
    let ran = two.armed(&run);
    assert_eq!(ran.code, 0, "{}", ran.err);
    (one, two)
}

fn log(machine: &Machine) -> PathBuf {
    machine.data().join("audit-range.jsonl")
}

fn export(machine: &Machine, arguments: &[&str]) -> Ran {
    let own = ["--range", "audit", "export", "--incident", "INC-7"];
    machine.run(&[&own[..], arguments].concat())
}

/// Flips one bit of a file.
fn flip(path: &PathBuf, at: usize) {
    let mut bytes = fs::read(path).expect("a file");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("written");
}

#[test]
fn two_operators_logs_become_one_report_in_every_form() {
    let (one, two) = worked();
    let other = log(&two).to_string_lossy().into_owned();
    let ran = export(&one, &["--format", "json", &other]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = ran.json();
    assert_eq!(report["schema"], "halon.audit-export/1");
    assert_eq!(
        (&report["complete"], &report["incomplete"]),
        (&true.into(), &serde_json::json!([]))
    );
    let counts = &report["summary"]["counts"];
    assert_eq!(
        (&counts["made"], &counts["undone"], &counts["unknown"]),
        (&3.into(), &1.into(), &0.into())
    );
    assert_eq!(report["summary"]["worlds"], serde_json::json!(["range"]));
    assert!(report["alarms"][0]["what"].as_str().expect("words").starts_with("simulated"));
    let changes = report["changes"].as_array().expect("changes");
    let brief = |n: usize, key: &str| changes[n][key].clone();
    assert_eq!((brief(0, "log"), brief(1, "log"), brief(2, "log")), (1.into(), 1.into(), 2.into()));
    assert_eq!((brief(0, "undone_by"), brief(1, "takes_back")), (serde_json::json!([2]), 1.into()));
    assert_eq!((brief(1, "ceremony"), brief(1, "risk")), ("type-back".into(), "wide".into()));
    assert_eq!(changes[0]["differences"][0]["before"], "Active");
    assert_eq!(changes[0]["differences"][0]["after"], "Inactive");
    assert_eq!(report["open"][0]["change"], 3);
    // Every record is the log's own line.
    for machine in [&one, &two] {
        let text = fs::read_to_string(log(machine)).expect("a log");
        let name = log(machine).to_string_lossy().into_owned();
        let items = report["items"].as_array().expect("items");
        let of_it: Vec<_> = items.iter().filter(|item| item["log"] == *name).collect();
        assert!(of_it.len() > 8, "{name}");
        for item in of_it {
            let line = item["line"].as_u64().expect("a line") as usize;
            assert_eq!(item["raw"], text.lines().nth(line - 1).expect("a line"));
        }
    }
    for head in [audit::read(&log(&one)), audit::read(&log(&two))] {
        let last = head.expect("a log").pop().expect("a record");
        let short = last.h[..4].to_owned();
        for form in ["md", "html"] {
            let ran = export(&one, &["--format", form, &other]);
            assert_eq!(ran.code, 0, "{}", ran.err);
            assert!(ran.out.contains(&last.h), "{form}");
            assert!(ran.err.contains(&format!("audit head {short}-")), "{}", ran.err);
        }
    }
}

#[test]
fn this_machines_log_goes_along_unless_it_is_left_out() {
    let (one, two) = worked();
    let own = log(&one).to_string_lossy().into_owned();
    let other = log(&two).to_string_lossy().into_owned();
    let logs = |arguments: &[&str]| {
        let ran = export(&one, &[&["--format", "json"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        let logs = ran.json()["logs"].as_array().expect("logs").clone();
        logs.iter().map(|log| log["file"].as_str().expect("a file").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(logs(&[]), [own.as_str()]);
    assert_eq!(logs(&[&other]), [own.as_str(), &other]);
    assert_eq!(logs(&[&other, &own]), [other.as_str(), &own], "named too, it is the same one");
    assert_eq!(logs(&["--only", &other]), [other.as_str()]);
    let ran = export(&one, &["--only"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let ran = one.run(&["--range", "audit", "export", "--incident", "INC-8"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no record and no mark is of the incident INC-8"), "{}", ran.err);
}

#[test]
fn a_flipped_bit_in_a_log_is_on_top_of_the_report_and_its_exit_code() {
    let (one, two) = worked();
    let other = log(&two).to_string_lossy().into_owned();
    let length = fs::metadata(&other).expect("a log").len() as usize;
    flip(&log(&two), length / 2);
    for form in ["md", "html", "json"] {
        let ran = export(&one, &["--format", form, &other]);
        assert_eq!(ran.code, 12, "{form}: {}", ran.err);
        let loud = if form == "json" { "tampered with" } else { "DO NOT RELY ON THIS" };
        let at = ran.out.find(loud).expect("told");
        assert!(at < ran.out.len() / 4 && ran.err.contains("tampered with"), "{form}: {}", ran.err);
    }
    // Gone, and the state file beside it knows that it was there.
    fs::remove_file(&other).expect("removed");
    assert_eq!(export(&one, &[&other]).code, 12);
    fs::remove_file(audit::state_path(other.as_ref())).expect("removed");
    let ran = export(&one, &[&other]);
    assert_eq!(ran.code, 13, "{}", ran.err);
    assert!(ran.out.contains("unreadable"), "{}", ran.out);
    // With nothing else to tell there is no report.
    let ran = export(&one, &["--only", &other]);
    assert_eq!((ran.code, ran.out.as_str()), (13, ""));
}

#[test]
fn a_changed_report_is_detected_and_a_whole_one_is_compared_with_its_logs() {
    let (one, two) = worked();
    let other = log(&two).to_string_lossy().into_owned();
    let own = log(&one).to_string_lossy().into_owned();
    for form in ["md", "html", "json"] {
        let file = one.data().join(format!("report.{form}"));
        let name = file.to_string_lossy().into_owned();
        let ran = export(&one, &["--format", form, "--output", &name, &other]);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
        let sha256 = ran.err.split("report sha256 ").nth(1).expect("a hash")[..64].to_owned();
        let ran = one.run(&["audit", "verify", &name, &own, &other, "--anchor", &sha256]);
        assert_eq!(ran.code, 0, "{form}: {}", ran.out);
        assert!(ran.out.contains("a report, as it was written"), "{}", ran.out);
        let ran = one.run(&["--json", "audit", "verify", &name, &other]);
        let found = ran.json();
        assert_eq!(
            (&found["schema"], &found["exit_code"]),
            (&"halon.report-verify/1".into(), &0.into())
        );
        assert_eq!(
            (&found["logs"][0]["file"], &found["logs"][1]["file"]),
            (&().into(), &other.as_str().into())
        );
        // It is a file of this machine now, and never replaced.
        let ran = export(&one, &["--format", form, "--output", &name]);
        assert_eq!(ran.code, 2, "{form}");
        // Another hash was kept.
        let ran = one.run(&["audit", "verify", &name, "--anchor", &"0".repeat(64)]);
        assert_eq!(ran.code, 12, "{form}");
        let length = fs::metadata(&file).expect("a report").len() as usize;
        flip(&file, length / 3);
        assert_eq!(check::read(&file).map(|(_, bytes)| bytes.len()), Some(length));
        let ran = one.run(&["audit", "verify", &name]);
        assert_eq!(ran.code, 12, "{form}: {}", ran.out);
        assert!(ran.out.contains("not what was written"), "{}", ran.out);
    }
    let ran = one.run(&["audit", "verify", &own, &other]);
    assert_eq!(ran.code, 2, "a log is compared with no log: {}", ran.out);
}

#[test]
fn what_was_marked_is_evidence_in_the_report() {
    let machine = Machine::new();
    let note = ["timeline", "add", "--incident", "INC-7", "--at", "2026-03-02T03:00:00Z"];
    let ran = machine.run(&[&note[..], &["--note", "=1 <b>called</b> | the owner"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    // Marks alone are a report; that there is no log is told.
    let ran = machine.run(&["audit", "export", "--incident", "INC-7", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = ran.json();
    assert!(report["alarms"][0]["what"].as_str().expect("words").starts_with("no audit log"));
    assert_eq!(report["marked"][0]["note"], "=1 <b>called</b> | the owner");
    let sha256 = report["marked"][0]["sha256"].as_str().expect("a hash").to_owned();
    assert_eq!(report["timeline"][0]["hash"], *sha256);
    let ran = machine.run(&["audit", "export", "--incident", "INC-7", "--format", "html"]);
    assert!(ran.out.contains("note: =1 &lt;b&gt;called&lt;/b&gt; | the owner"), "{}", ran.out);
    assert!(ran.out.contains(&sha256));
    // The range keeps no timeline, and looking makes no store.
    let empty = Machine::new();
    let ran = empty.run(&["audit", "export", "--incident", "INC-7"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(!empty.data().join("halon.sqlite").exists());
}
