//! A playbook from the keyboard, at 80×24: the genuine SDK, the range in process, the
//! audit log on disk; only the terminal is missing. What the console leaves in the log is
//! what a headless run leaves there.

use std::{
    ops::{Deref, DerefMut},
    path::PathBuf,
    sync::Arc,
};

use halon::{
    app::Msg,
    audit::{self, Kind},
    domain::{KeyStatus, Place, Query, Region, State, Subject},
    model::{Model, Overlay, Pane, ShelfRow},
    playbook::RunState,
    range::{Pace, Range, Scenario},
    runtime,
};
use serde_json::{Value, json};

use super::desk::{self, Desk};

const KEY: &str = "AKIAI99SIEMEXEXAMPLE";
/// The finding about it.
const FINDING: &str = "5e0c4f7a9d1b63e28c7f40a6b2d9158e";

fn range() -> Range {
    let text = desk::scenario("leaked-key");
    let scenario = Scenario::read("leaked-key.toml", text).expect("a good scenario");
    runtime::open_range_in_memory(scenario, Pace::Frozen).expect("opens")
}

/// A small world: a key that leaked, and an operator who is denied to switch it off.
const DENIED: &str = r#"schema = 1
id = "denied"
title = "An operator who may not"
start = "2026-03-02T03:10:00Z"
[[accounts]]
id = "111122223333"
alias = "one"
regions = ["us-east-1"]
[[principals]]
account = "one"
kind = "user"
name = "oncall"
operator = true
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["AdministratorAccess"]
[principals.inline]
careful = '{"Version":"2012-10-17","Statement":[{"Sid":"HandsOff","Effect":"Deny","Action":"iam:Update*","Resource":"*"}]}'
[[principals]]
account = "one"
kind = "user"
name = "siem-exporter"
[[principals.keys]]
id = "AKIAI99SIEMEXEXAMPLE"
[[findings]]
at = "-10m"
service = "guardduty"
account = "one"
region = "us-east-1"
[findings.body]
type = "UnauthorizedAccess:IAMUser/MaliciousIPCaller"
severity = 8
title = "t"
description = "d"
resource = { resourceType = "AccessKey", accessKeyDetails = { accessKeyId = "AKIAI99SIEMEXEXAMPLE", userName = "siem-exporter", userType = "IAMUser" } }
"#;

/// A desk with its folder, the findings and the playbooks on the screen.
pub struct Keyboard {
    pub desk: Desk,
    home: tempfile::TempDir,
}

impl Deref for Keyboard {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl DerefMut for Keyboard {
    fn deref_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }
}

impl Keyboard {
    pub fn new() -> Keyboard {
        Keyboard::of(range())
    }

    fn of(range: Range) -> Keyboard {
        let home = tempfile::tempdir().expect("a folder");
        let mut desk = Desk::open(range, home.path());
        desk.until("the findings", |m| m.is_idle() && !m.list.rows.is_empty());
        desk.until("the playbooks", |m| !m.shelf.all.is_empty());
        Keyboard { desk, home }
    }

    fn log(&self) -> PathBuf {
        self.home.path().join("audit-range.jsonl")
    }

    /// From the list of findings to the plan for the leaked key's finding.
    pub fn plan(&mut self) {
        let finding = |m: &Model| {
            m.list.rows.iter().position(|r| m.finding(*r).main().resource.raw().contains(KEY))
        };
        let at = finding(&self.model).expect("the finding is on the list");
        for _ in 0..at {
            self.keys("j");
        }
        self.keys("p");
        self.until("the playbooks pane", |m| m.pane == Pane::Playbooks);
        let rows = self.model.shelf_rows();
        let is = |row: &&ShelfRow| {
            matches!(row, ShelfRow::Playbook(at, _)
            if self.model.shelf.all[*at].id == "leaked-access-key")
        };
        let at = rows.iter().position(|row| is(&row)).expect("it is shipped");
        for _ in 0..at {
            self.keys("j");
        }
        self.keys("enter");
        assert!(self.screen().contains(KEY), "the key is filled in:\n{}", self.screen());
        self.keys("enter");
        self.until("the plan", |m| m.case.draft.as_ref().is_some_and(|d| d.plan().is_some()));
    }

    /// Arms, which runs the plan.
    pub fn arm(&mut self) {
        self.keys("x");
        for line in ["INC-7", "A leaked key", "found on a public page"] {
            self.types(line);
            self.keys("enter");
        }
    }

    fn run_state(&self) -> Option<RunState> {
        self.model.case.runs.last().map(|r| r.state())
    }

    /// The key as IAM has it, read apart from the run.
    pub fn key_status(&self) -> KeyStatus {
        let region: Region = "us-east-1".parse().expect("a region");
        let place = Place { target: Arc::from("range"), region };
        let query =
            Query::State { place, subject: Subject::AccessKey(KEY.parse().expect("an id")) };
        match self.tasks.block_on(self.actor.read(&query, &|_| ())) {
            Ok(State::AccessKey(key)) => key.status,
            other => panic!("{other:?}"),
        }
    }

    /// Leaves as the operator does.
    fn leave(&mut self) {
        self.keys("esc q");
        while !self.left {
            self.step("the end");
        }
        self.end();
    }
}

/// The records of a log without what differs from one process to the next.
fn essence(path: &std::path::Path) -> Vec<Value> {
    let records = audit::read(path).expect("a log");
    let run = records.iter().find_map(|r| r.text("run")).unwrap_or_default().to_owned();
    records
        .iter()
        .map(|record| {
            let mut value = record.value.clone();
            let map = value.as_object_mut().expect("an object");
            for key in ["seq", "prev", "ts_utc", "ts_mono", "boot_id", "sess", "h", "log_id", "pid"]
            {
                map.remove(key);
            }
            if matches!(record.kind(), Some(Kind::Disarmed | Kind::SessionEnd)) {
                map.remove("why");
            }
            // Each plays in a world of its own.
            if record.kind() == Some(Kind::SessionStart) {
                map.remove("endpoint");
            }
            if let Some(result) = map.get_mut("result").and_then(Value::as_object_mut) {
                result.remove("request_id");
                result.remove("server_date");
            }
            let text = value.to_string().replace(&run, "RUN");
            serde_json::from_str(&text).expect("JSON")
        })
        .collect()
}

#[test]
fn from_a_finding_to_a_key_that_is_off_and_a_record_like_the_headless_one() {
    let mut desk = Keyboard::new();
    desk.plan();
    assert!(desk.screen().contains("plan: nothing is changed by it"), "{}", desk.screen());
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    let screen = desk.screen();
    for part in [
        "ARMED INC-7 60m left",
        "example-security 444455556666",
        "iam:UpdateAccessKey",
        "AccessKeyId = AKIAI99SIEMEXEXAMPLE",
        "Status = Inactive",
        "- AKIAI99SIEMEXEXAMPLE of user siem-exporter: Active",
        "+ AKIAI99SIEMEXEXAMPLE of user siem-exporter: Inactive",
        "type yes and press enter",
    ] {
        assert!(screen.contains(part), "{part} is not on\n{screen}");
    }
    // Enter alone, a paste and a wrong word are no consent.
    desk.keys("enter");
    desk.tell(Msg::Pasted("yes\n".into()));
    desk.keys("enter");
    desk.types("Yes");
    desk.keys("enter");
    assert_eq!(desk.key_status(), KeyStatus::Active);
    assert!(matches!(desk.model.overlay, Some(Overlay::Confirm(_))));
    desk.types("yes");
    desk.keys("enter");
    desk.until("the end of the run", |m| m.case.runs.iter().all(|r| r.is_over()));
    assert_eq!(desk.run_state(), Some(RunState::Done), "{}", desk.screen());
    assert_eq!(desk.key_status(), KeyStatus::Inactive);
    desk.leave();

    let machine = super::cli::Machine::new();
    let ran = machine.run(&[
        "--range",
        "playbook",
        "run",
        "leaked-access-key",
        "--finding",
        FINDING,
        "--incident",
        "INC-7",
        "--title",
        "A leaked key",
        "--reason",
        "found on a public page",
        "--yes",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let headless = essence(&machine.data().join("audit-range.jsonl"));
    let typed = essence(&desk.log());
    for (at, (typed, headless)) in typed.iter().zip(&headless).enumerate() {
        assert_eq!(typed, headless, "record {}", at + 1);
    }
    assert_eq!(typed.len(), headless.len());
    assert!(typed.iter().any(|r| r["kind"] == json!("intent")), "the check can fail");
}

/// Request ids differ from run to run.
fn without_requests(screen: &str) -> String {
    let mut parts = screen.split("[request ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let id = part.find(']').unwrap_or(part.len());
        out += &format!("[request {}{}", "·".repeat(part[..id].chars().count()), &part[id..]);
    }
    out
}

#[test]
fn a_prompt_says_loudly_what_will_be_denied_and_asks_nothing_more() {
    let scenario = Scenario::read("denied.toml", DENIED).unwrap_or_else(|b| panic!("{b}"));
    let range = runtime::open_range_in_memory(scenario, Pace::Frozen).expect("opens");
    let mut desk = Keyboard::of(range);
    desk.plan();
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    // What is foreseen comes while the prompt is open; nothing was waited for.
    desk.until("the answers", |m| m.is_idle());
    let screen = desk.screen();
    for part in [
        "DENIED",
        "user/oncall would be denied by statement 0 (HandsOff) of",
        "type yes and press enter",
    ] {
        assert!(screen.contains(part), "{part} is not on\n{screen}");
    }
    insta::assert_snapshot!(without_requests(&screen));
    desk.tell(Msg::Resized(200, 50));
    insta::assert_snapshot!("a_denied_prompt_on_a_large_screen", without_requests(&desk.screen()));
    desk.types("yes");
    desk.keys("enter");
    desk.until("the end", |m| m.case.runs.iter().any(|r| r.state() == RunState::Stopped));
    assert!(desk.screen().contains("not authorized to perform"), "{}", desk.screen());
    assert_eq!(desk.key_status(), KeyStatus::Active);
}

#[test]
fn a_prompt_that_does_not_fit_cannot_be_answered() {
    let mut desk = Keyboard::new();
    desk.plan();
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    for size in [(20, 5), (38, 24), (80, 12), (24, 8), (1, 1)] {
        desk.tell(Msg::Resized(size.0, size.1));
        desk.types("yes");
        desk.keys("enter");
        assert!(matches!(desk.model.overlay, Some(Overlay::Confirm(_))), "answered at {size:?}");
    }
    assert_eq!(desk.key_status(), KeyStatus::Active);
    desk.tell(Msg::Resized(80, 24));
    desk.types("yes");
    desk.keys("enter");
    desk.until("the end of the run", |m| m.case.runs.iter().all(|r| r.is_over()));
    assert_eq!(desk.key_status(), KeyStatus::Inactive);
}

/// What an operator does who closes everything, and then comes back to the run.
fn close_everything(desk: &mut Keyboard) {
    desk.keys("esc 1 ? esc L esc 3 esc 1 esc esc");
}

fn come_back(desk: &mut Keyboard) {
    if desk.model.pane != Pane::Run {
        desk.keys("2");
        let run = desk.model.shelf.all.len();
        for _ in 0..run {
            desk.keys("j");
        }
        desk.keys("enter");
    }
    desk.keys("enter");
}

#[test]
fn closing_everything_at_every_moment_of_a_run_loses_no_outcome() {
    // Moments are messages: the run's tasks coming back, calls, records.
    let mut moments = 0;
    for moment in 0.. {
        let mut desk = Keyboard::new();
        desk.plan();
        desk.arm();
        desk.until("the run", |m| !m.case.runs.is_empty());
        let (mut seen, mut closed) = (0, false);
        while !desk.model.case.runs.last().is_some_and(|r| r.is_over()) {
            if seen == moment {
                close_everything(&mut desk);
                closed = true;
            }
            seen += 1;
            let confirming = desk.model.case.runs.last().is_some_and(|r| r.is_confirming());
            match &desk.model.overlay {
                Some(Overlay::Confirm(_)) => {
                    desk.types("yes");
                    desk.keys("enter");
                }
                _ if confirming => come_back(&mut desk),
                _ => desk.step("the run"),
            }
            assert!(seen < 500, "the run does not come to its end:\n{}", desk.screen());
        }
        assert_eq!(desk.run_state(), Some(RunState::Done), "closed at {moment}");
        assert_eq!(desk.key_status(), KeyStatus::Inactive, "closed at {moment}");
        let records = audit::read(&desk.log()).expect("a log");
        let kinds = |kind| records.iter().filter(|r| r.kind() == Some(kind)).count();
        assert_eq!(
            [Kind::Intent, Kind::Outcome, Kind::Readback, Kind::Step, Kind::RunEnd].map(kinds),
            [1, 1, 1, 5, 1],
            "closed at {moment}"
        );
        assert!(audit::unknown(&records).is_empty());
        if !closed {
            break;
        }
        moments += 1;
    }
    assert!(moments > 15, "only {moments} moments were tried");
}

#[test]
fn leaving_with_a_change_on_its_way_asks_and_loses_nothing() {
    let mut desk = Keyboard::new();
    desk.plan();
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    desk.holding = true;
    desk.types("yes");
    desk.keys("enter");
    desk.until("the change", |m| m.case.runs.last().is_some_and(|r| r.in_flight()));
    desk.keys("q");
    assert!(desk.screen().contains("a change is on its way"), "{}", desk.screen());
    desk.keys("w");
    assert!(desk.model.overlay.is_none() && !desk.left);
    desk.keys("q u");
    assert!(desk.left, "the operator was let go");
    // What was on its way is waited for behind the screen, and written down.
    desk.holding = false;
    desk.perform();
    desk.tasks.block_on(desk.performer.settle());
    let records = audit::read(&desk.log()).expect("a log");
    assert!(records.iter().any(|r| r.kind() == Some(Kind::Outcome)));
    assert_eq!(desk.key_status(), KeyStatus::Inactive);
}

#[test]
fn disarming_takes_the_prompt_away_and_arming_brings_it_back() {
    let mut desk = Keyboard::new();
    desk.plan();
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    desk.keys("esc D");
    assert!(desk.screen().contains(" SAFE "), "{}", desk.screen());
    desk.keys("enter");
    assert!(desk.model.overlay.is_none(), "nothing is asked in safe mode");
    desk.keys("!");
    for line in ["INC-8", "The same key", "going on"] {
        desk.types(line);
        desk.keys("enter");
    }
    desk.until("armed again", |m| m.mode.armed().is_some());
    desk.keys("enter");
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    assert_eq!(desk.key_status(), KeyStatus::Active);
}

#[test]
fn a_run_is_rolled_back_from_where_it_stands() {
    let mut desk = Keyboard::new();
    desk.plan();
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    desk.types("yes");
    desk.keys("enter");
    desk.until("the end of the run", |m| m.case.runs.iter().all(|r| r.is_over()));
    desk.keys("B");
    desk.until("the way back", |m| m.case.draft.as_ref().is_some_and(|d| d.plan().is_some()));
    desk.keys("x");
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    // Reactivating a key that was exposed asks for its name.
    desk.types("yes");
    desk.keys("enter");
    assert!(desk.screen().contains("that was not it"), "{}", desk.screen());
    desk.types(KEY);
    desk.keys("enter");
    desk.until("the end of the undo", |m| m.case.runs.iter().all(|r| r.is_over()));
    assert_eq!(desk.run_state(), Some(RunState::Done));
    assert_eq!(desk.key_status(), KeyStatus::Active);
}

#[test]
fn a_step_is_left_out_with_a_reason_that_is_written_down() {
    let mut desk = Keyboard::new();
    desk.plan();
    desk.arm();
    desk.until("the prompt", |m| matches!(m.overlay, Some(Overlay::Confirm(_))));
    desk.keys("esc s");
    desk.types("the owner does it");
    desk.keys("enter");
    desk.until("the end of the run", |m| m.case.runs.iter().all(|r| r.is_over()));
    assert_eq!(desk.run_state(), Some(RunState::Done));
    assert_eq!(desk.key_status(), KeyStatus::Active);
    let records = audit::read(&desk.log()).expect("a log");
    let skipped = records.iter().find(|r| r.text("state") == Some("skipped")).expect("a record");
    assert_eq!(skipped.text("why"), Some("the owner does it"));
}
