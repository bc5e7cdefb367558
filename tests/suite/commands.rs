//! Playbooks from the command line, in process: run, look at what is on disk, undo.

use std::{fs, path::PathBuf};

use halon::audit::{self, Kind, Record};
use serde_json::Value;

use super::{
    cli::{Machine, Ran},
    ground::said,
};

pub const KEY: &str = "AKIAI99SIEMEXEXAMPLE";
const ROLE: &str = "log-archiver";
const POLICY: &str = "arn:aws:iam::444455556666:policy/log-archive-access";
const FINDING: &str = "5e0c4f7a9d1b63e28c7f40a6b2d9158e";
const INCIDENT: [&str; 6] =
    ["--incident", "INC-7", "--title", "A leaked key", "--reason", "on a public repository"];

impl Machine {
    fn log(&self) -> PathBuf {
        self.data().join("audit-range.jsonl")
    }

    /// Every change that the world ever accepted, by operation.
    pub fn accepted(&self) -> Vec<String> {
        let journal = self.data().join("range/leaked-key.jsonl");
        let text = fs::read_to_string(journal).unwrap_or_default();
        let entry = |line: &str| {
            let entry: Value = serde_json::from_str(line).expect("JSON");
            entry.get("do").and(entry["operation"].as_str()).map(ToOwned::to_owned)
        };
        text.lines().filter_map(entry).collect()
    }

    /// In the range, armed for the incident.
    pub fn armed(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["--range", "--json"], arguments, &INCIDENT].concat())
    }

    fn records(&self) -> Vec<Record> {
        audit::read(&self.log()).expect("a log")
    }

    /// The log is whole, by itself and by what is kept beside it.
    fn intact(&self) {
        let report = audit::verify(&self.log(), None, Some(&audit::state_path(&self.log())));
        assert!(report.problems.is_empty() && report.torn_bytes.is_none(), "{report:?}");
        assert_eq!(report.verified, self.records().len() as u64);
    }

    /// The state of the first step of this kind of thing, as a plan sees it.
    fn state(&self, playbook: &str, inputs: &[&str], step: &str) -> Value {
        let ran =
            self.run(&[&["--range", "--json", "playbook", "plan", playbook], inputs].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        step_of(&ran, step)
    }
}

fn step_of(ran: &Ran, step: &str) -> Value {
    let steps = ran.json()["items"][0]["steps"].as_array().expect("steps").clone();
    steps.into_iter().find(|s| s["id"] == step).unwrap_or_else(|| panic!("no {step}: {}", ran.out))
}

pub fn run_id(ran: &Ran) -> String {
    ran.json()["items"][0]["run_id"].as_str().expect("a run").to_owned()
}

#[test]
fn a_leaked_key_goes_off_and_comes_back_only_by_its_name() {
    let machine = Machine::new();
    let key = format!("key={KEY}");
    let inputs = ["-i", &key];
    let is_active = || {
        let read = machine.state("leaked-access-key", &inputs, "evidence");
        read["found"][0]["state"]["access_key"]["status"].clone()
    };
    let before = is_active();
    let ran = machine
        .armed(&[&["playbook", "run", "leaked-access-key"], &inputs[..], &["--yes"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answer = ran.json();
    assert_eq!((&answer["schema"], &answer["complete"]), (&"halon.run/1".into(), &true.into()));
    assert_eq!(answer["items"][0]["state"], "done");
    assert_eq!(step_of(&ran, "deactivate")["state"], "done");
    assert_eq!(step_of(&ran, "deactivate")["undo"]["calls"][0]["risk"], "wide");
    let run = run_id(&ran);
    assert_eq!(machine.accepted(), ["iam:UpdateAccessKey"]);
    assert_ne!(is_active(), before);
    machine.intact();
    let records = machine.records();
    for (kind, pointer, wanted) in [
        (Kind::RunStart, "/playbook/id", "leaked-access-key"),
        (Kind::Intent, "/ceremony", "yes"),
        (Kind::Outcome, "/result/state", "ok"),
        (Kind::Readback, "/state", "done"),
        (Kind::RunEnd, "/state", "done"),
    ] {
        assert_eq!(said(&records, &run, kind, pointer), [wanted], "{kind:?}");
    }

    let ran = machine.armed(&["undo", &run, "--yes"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    let hint = format!("--confirm 'deactivate={KEY}'");
    assert!(ran.err.contains(&hint) && ran.err.contains("wide"), "{}", ran.err);
    assert_eq!(machine.accepted().len(), 1, "nothing was changed by it");

    let ran = machine.armed(&["undo", &run, "--confirm", &format!("deactivate={KEY}")]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json()["items"][0]["undoes"], *run);
    assert_eq!((is_active(), machine.accepted().len()), (before, 2));
    assert_eq!(said(&machine.records(), &run_id(&ran), Kind::Intent, "/ceremony"), ["type-back"]);
    machine.intact();

    // What is taken back already is not taken back again.
    let ran = machine.armed(&["undo", &run, "--yes"]);
    assert_eq!((ran.code, machine.accepted().len()), (0, 2), "{}", ran.err);
}

#[test]
fn a_wildcard_policy_is_detached_and_attached_again() {
    let machine = Machine::new();
    let (role, policy) = (format!("role={ROLE}"), format!("policy={POLICY}"));
    let inputs = ["-i", &role, "-i", &policy];
    let attached = || {
        let read = machine.state("detach-wildcard-policy", &inputs, "inspect");
        read["found"][0]["state"]["principal"]["attached"].clone()
    };
    let before = attached();
    let run = [&["playbook", "run", "detach-wildcard-policy"], &inputs[..], &["--yes"]].concat();
    // The question is asked only of a policy that is no wildcard; its step is left out.
    let ran = machine.armed(&run);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(step_of(&ran, "detach")["state"], "done");
    for left_out in ["sure", "detach-anyway"] {
        assert_eq!(step_of(&ran, left_out)["state"], "skipped");
    }
    assert_eq!(machine.accepted(), ["iam:DetachRolePolicy"]);
    assert!(!attached().to_string().contains(POLICY));
    let ran = machine.armed(&["undo", &run_id(&ran), "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(machine.accepted(), ["iam:DetachRolePolicy", "iam:AttachRolePolicy"]);
    assert_eq!(attached(), before);
    machine.intact();
}

#[test]
fn findings_are_archived_in_both_services_and_come_back() {
    let machine = Machine::new();
    let ids = format!("findings={FINDING}");
    let inputs = ["-i", &ids, "-i", "reason=a drill of ours"];
    let state = |status: &str| {
        let ran = machine.run(&["--range", "--json", "findings", "--status", status]);
        let items = ran.json()["items"].as_array().expect("items").clone();
        let finding = items.into_iter().find(|i| i["id"] == FINDING);
        finding.map(|f| [f["guardduty"].clone(), f["securityhub"].clone()])
    };
    let before = state("active").expect("active at the start");
    let ran = machine
        .armed(&[&["playbook", "run", "archive-findings"], &inputs[..], &["--yes"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let changes = ["guardduty:ArchiveFindings", "securityhub:BatchUpdateFindings"];
    assert_eq!(machine.accepted(), changes);
    let after = state("archived").expect("archived");
    assert!(after[0] != before[0] && after[1] != before[1], "{before:?} {after:?}");
    assert!(ran.err.contains("not restored: Note: "), "{}", ran.err);
    let ran = machine.armed(&["undo", &run_id(&ran), "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("not restored: Note: "), "{}", ran.err);
    let back = ["securityhub:BatchUpdateFindings", "guardduty:UnarchiveFindings"];
    assert_eq!(machine.accepted(), [changes, back].concat(), "the last change first");
    assert_eq!(state("active").expect("active again"), before);
    machine.intact();
}

#[test]
fn one_step_of_a_run_is_taken_back() {
    let machine = Machine::new();
    let ids = format!("findings={FINDING}");
    let run = ["playbook", "run", "archive-findings", "-i", &ids, "-i", "reason=r", "--yes"];
    let run = run_id(&machine.armed(&run));
    let ran = machine.armed(&["undo", &run, "--step", "archive", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(machine.accepted()[2..], ["guardduty:UnarchiveFindings"]);
    for step in ["nothing", "0", "3"] {
        let ran = machine.armed(&["undo", &run, "--step", step, "--yes"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{step}: {}", ran.err);
    }
    assert_eq!(machine.accepted().len(), 3);
}

#[test]
fn wrong_and_missing_inputs_are_exit_code_2_and_change_nothing() {
    let machine = Machine::new();
    let (role, key) = (format!("role={ROLE}"), format!("key={KEY}"));
    for (arguments, word) in [
        (&["run", "leaked-access-key"][..], "-i key="),
        (&["run", "leaked-access-key", "-i", "kee=x"], "there are key"),
        (&["run", "leaked-access-key", "-i", "key"], "NAME=VALUE"),
        (&["run", "leaked-access-key", "-i", "key=akia"], "access key id"),
        (&["run", "leaked-access-key", "-i", "key=AKIAUNKNOWNKEYUNKNOW"], "not found"),
        (&["run", "leaked-access-key", "-i", "key=ASIAIOSFODNN7EXAMPLE"], "temporary"),
        (&["run", "detach-wildcard-policy", "-i", &role], "-i policy="),
        (&["run", "no-such-playbook", "-i", &key], "there are archive-findings"),
        (&["run", "leaked-access-key", "--finding", "nowhere"], "no finding"),
        (&["resume", "20260302-031000-00000000"], "no run"),
    ] {
        let ran = machine.armed(&[&["playbook"], arguments, &["--yes"]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{arguments:?}: {}", ran.err);
    }
    let ran = machine.armed(&["undo", "20260302-031000-00000000", "--yes"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("no run 20260302-031000-00000000"), "{}", ran.err);
    let ran = machine.run(&["--range", "playbook", "plan", "leaked-access-key"]);
    assert!(ran.code == 2 && ran.err.contains("-i key="), "{}", ran.err);
    assert_eq!(machine.accepted(), [] as [&str; 0]);
    let intents = || machine.records().iter().filter(|r| r.kind() == Some(Kind::Intent)).count();
    assert!(!machine.log().exists() || intents() == 0);
}

#[test]
fn a_policy_is_given_as_text_or_as_a_file() {
    let machine = Machine::new();
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
    let file = machine.file("narrow.json", text);
    let plan = |document: &str| {
        let document = format!("document={document}");
        let policy = "policy=arn:aws:iam::444455556666:policy/log-archive-access";
        let words = ["playbook", "plan", "narrow-wildcard-policy", "-i", policy, "-i"];
        machine.run(&[&["--range"][..], &words, &[&document, "--json"]].concat())
    };
    let (given, read) = (plan(text), plan(&format!("@{file}")));
    assert_eq!((given.code, read.code), (0, 0), "{} {}", given.err, read.err);
    let changes = |ran: &Ran| -> Vec<Value> {
        let steps = ran.json()["items"][0]["steps"].as_array().cloned().unwrap_or_default();
        steps.iter().map(|s| s["change"]["params"].clone()).filter(|p| !p.is_null()).collect()
    };
    assert_eq!(changes(&given), changes(&read));
    assert!(changes(&read).iter().any(|p| p["PolicyDocument"] == text), "{}", read.out);
    for bad in ["@/nowhere/at/all.json", "{}", "@"] {
        let ran = plan(bad);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{bad}: {}", ran.err);
    }
}

#[test]
fn without_an_incident_or_a_consent_nothing_is_changed() {
    let machine = Machine::new();
    let key = format!("key={KEY}");
    let run = ["--range", "playbook", "run", "leaked-access-key", "-i", &key, "--yes"];
    let ran = machine.run(&run);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(ran.err.contains("missing: --incident, --title, --reason"), "{}", ran.err);
    let ran = machine.run(&[&run[..], &INCIDENT[..4]].concat());
    assert!(ran.code == 3 && ran.err.contains("missing: --reason"), "{}", ran.err);
    let ran = machine.armed(&["playbook", "run", "leaked-access-key", "-i", &key]);
    assert!(ran.code == 3 && ran.err.contains("step deactivate: give --yes"), "{}", ran.err);
    // A policy that is no wildcard: the question needs an answer, and no is one.
    let plain =
        ["-i", "role=log-archiver", "-i", "policy=arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"];
    let run = [&["playbook", "run", "detach-wildcard-policy", "--yes"], &plain[..]].concat();
    let ran = machine.armed(&run);
    assert!(ran.code == 3 && ran.err.contains("--answer sure=yes"), "{}", ran.err);
    let ran = machine.armed(&[&run[..], &["--answer", "sure=no"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(step_of(&ran, "detach-anyway")["state"], "skipped");
    assert_eq!(machine.accepted(), [] as [&str; 0]);
    let ran = machine.armed(&[&run[..], &["--answer", "sure=yes"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(machine.accepted(), ["iam:DetachRolePolicy"]);
}

#[test]
fn whoever_cuts_off_himself_says_so() {
    let machine = Machine::new();
    let own = halon::range::OPERATOR_KEY.0;
    let key = format!("key={own}");
    let run = ["playbook", "run", "leaked-access-key", "-i", &key];
    let phrase = format!("deactivate=lock out {own}");
    for consent in [&["--yes"][..], &["--yes", "--confirm", &format!("deactivate={own}")]] {
        let ran = machine.armed(&[&run[..], consent].concat());
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{consent:?}");
        assert!(ran.err.contains("cut off yourself") && ran.err.contains(&phrase), "{}", ran.err);
    }
    assert_eq!(machine.accepted(), [] as [&str; 0]);
}
