//! Every shipped playbook in a world that needs it: run to its end, killed at each step and
//! taken up again, and taken back, after which the world is the one before.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Mutex,
    thread,
    time::Duration,
};

use halon::{
    audit::{Kind, Record},
    case::Draft,
    change::Value,
    domain::finding::{Finding, read_guardduty},
    playbook::{ItemKind, Next, Playbook, RunState, StepState, shipped},
};

use super::{
    ground::{Ground, paused, said, world, yes},
    machine::{Ran, of_kind, refs, say, until},
    restored::unlisted,
    stage::region,
};

/// A playbook where it is needed.
pub struct Case {
    pub playbook: &'static str,
    pub scenario: &'static str,
    /// The finding that it is begun from, and the region that it is in.
    finding: (&'static str, &'static str),
    inputs: &'static [(&'static str, &'static str)],
    /// Questions that are answered with no; the others are with yes.
    pub no: &'static [&'static str],
    /// What is typed back, by step.
    confirm: &'static [(&'static str, &'static str)],
    /// Calls that change something.
    pub changes: usize,
}

const NARROW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudformation:*","s3:PutObject"],"Resource":"*"}]}"#;
const STOLEN: (&str, &str) = ("c391169b2d6ce1c5e767779803fa5e51", "us-east-1");
const DEPLOY: &str = "arn:aws:iam::123456789012:policy/deploy-tools";
const ESCALATED: (&str, &str) = ("590f9a629a1a53d6239c4a45bf8de001", "us-east-1");
const PERSISTED: (&str, &str) = ("590f9a629a1a53d6239c4a45bf8de002", "us-east-1");

pub const CASES: &[Case] = &[
    Case {
        playbook: "compromised-role-session",
        scenario: "stolen-session",
        finding: STOLEN,
        inputs: &[],
        no: &["all"],
        confirm: &[],
        changes: 1,
    },
    Case {
        playbook: "compromised-role-session",
        scenario: "stolen-session",
        finding: STOLEN,
        inputs: &[],
        no: &[],
        confirm: &[("revoke", "ci-deploy")],
        changes: 2,
    },
    Case {
        playbook: "false-alarm",
        scenario: "stolen-session",
        finding: ("c391169b2d6ce1c5e767779803fa5e53", "us-east-1"),
        inputs: &[("reason", "the first build of a new pipeline")],
        no: &[],
        confirm: &[],
        changes: 3,
    },
    Case {
        playbook: "claim-findings",
        scenario: "stolen-session",
        finding: STOLEN,
        inputs: &[],
        no: &[],
        confirm: &[],
        changes: 1,
    },
    Case {
        playbook: "archive-findings",
        scenario: "stolen-session",
        finding: STOLEN,
        inputs: &[("reason", "dealt with")],
        no: &[],
        confirm: &[],
        changes: 2,
    },
    Case {
        playbook: "leaked-access-key",
        scenario: "tampered",
        finding: PERSISTED,
        inputs: &[],
        no: &[],
        confirm: &[],
        changes: 1,
    },
    Case {
        playbook: "contain-user",
        scenario: "tampered",
        finding: PERSISTED,
        inputs: &[],
        no: &[],
        confirm: &[("delete-password", "svc-metrics")],
        changes: 5,
    },
    Case {
        playbook: "suspicious-trust-change",
        scenario: "tampered",
        finding: ("590f9a629a1a53d6239c4a45bf8de005", "us-east-1"),
        inputs: &[("principal", "arn:aws:iam::777788889999:root")],
        no: &[],
        confirm: &[("revoke", "partner-sync")],
        changes: 2,
    },
    Case {
        playbook: "privilege-escalation",
        scenario: "tampered",
        finding: ESCALATED,
        inputs: &[("policy", DEPLOY), ("version", "v1")],
        no: &[],
        confirm: &[],
        changes: 2,
    },
    Case {
        playbook: "narrow-wildcard-policy",
        scenario: "tampered",
        finding: ESCALATED,
        inputs: &[("policy", DEPLOY), ("document", NARROW)],
        no: &[],
        confirm: &[],
        changes: 1,
    },
    Case {
        playbook: "cloudtrail-tampered",
        scenario: "tampered",
        finding: ("590f9a629a1a53d6239c4a45bf8de003", "us-east-1"),
        inputs: &[],
        no: &[],
        confirm: &[],
        changes: 2,
    },
    Case {
        playbook: "restore-detection",
        scenario: "tampered",
        finding: ("590f9a629a1a53d6239c4a45bf8de004", "eu-west-1"),
        inputs: &[],
        no: &[],
        confirm: &[],
        changes: 2,
    },
    Case {
        playbook: "quarantine-account",
        scenario: "tampered",
        finding: PERSISTED,
        inputs: &[("to", "Quarantine")],
        no: &[],
        confirm: &[("move", "123456789012")],
        changes: 1,
    },
    Case {
        playbook: "deny-by-scp",
        scenario: "tampered",
        finding: PERSISTED,
        inputs: &[("scp", "QuarantineExceptBreakGlass"), ("target", "123456789012")],
        no: &[],
        confirm: &[("attach", "123456789012")],
        changes: 1,
    },
    Case {
        playbook: "detach-scp",
        scenario: "tampered",
        finding: PERSISTED,
        inputs: &[("scp", "QuarantineExceptBreakGlass"), ("target", "ou-7f89-963218a2")],
        no: &[],
        confirm: &[("detach", "ou-7f89-963218a2")],
        changes: 1,
    },
    Case {
        playbook: "detach-wildcard-policy",
        scenario: "leaked-key",
        finding: STOLEN,
        inputs: &[
            ("role", "log-archiver"),
            ("policy", "arn:aws:iam::444455556666:policy/log-archive-access"),
        ],
        no: &[],
        confirm: &[],
        changes: 1,
    },
    Case {
        playbook: "root-credential-use",
        scenario: "tampered",
        finding: ("590f9a629a1a53d6239c4a45bf8de006", "us-east-1"),
        inputs: &[],
        no: &["announced"],
        confirm: &[],
        changes: 0,
    },
];

/// What restores needs something to restore: the playbook that contains, then the one that
/// lifts it again.
pub const RESTORES: &[(usize, Case)] = &[
    (
        6,
        Case {
            playbook: "restore-user",
            scenario: "tampered",
            finding: PERSISTED,
            inputs: &[],
            no: &[],
            confirm: &[("lift", "svc-metrics"), ("unmark", "svc-metrics")],
            changes: 2,
        },
    ),
    (
        1,
        Case {
            playbook: "restore-role",
            scenario: "stolen-session",
            finding: STOLEN,
            inputs: &[],
            no: &[],
            confirm: &[("older", "ci-deploy")],
            changes: 1,
        },
    ),
];

fn text(playbook: &str) -> &'static str {
    shipped().iter().find(|(id, _)| *id == playbook).expect("shipped").1
}

impl Case {
    fn read(&self) -> Playbook {
        Playbook::read(self.playbook, text(self.playbook)).expect("a good playbook")
    }

    /// Names of the organization are ids in a call.
    fn value(&self, ground: &Ground, name: &str, given: &str) -> String {
        match name {
            "scp" => ground.scp(given),
            "to" => ground.unit(given),
            _ => given.to_owned(),
        }
    }

    /// Every input by name: from the finding, as the console fills them in, or as given.
    pub fn inputs(&self, ground: &Ground) -> Vec<(String, String)> {
        let playbook = self.read();
        let (id, at) = self.finding;
        let who = ground.range.operators().remove(0);
        let found = ground.guardduty(&who, &region(at)).remove(id);
        let finding = found.map(|body| {
            let record = read_guardduty(&body.to_string(), Some(&region(at))).expect("a finding");
            Finding::of(record.into())
        });
        let given: BTreeMap<String, Value> = self
            .inputs
            .iter()
            .map(|(name, text)| {
                let text = self.value(ground, name, text);
                let value = playbook.inputs[*name].kind.parse(&text).expect("a good value");
                ((*name).to_owned(), value)
            })
            .collect();
        let filled = playbook.fill(&given, finding.as_ref());
        let filled = filled.unwrap_or_else(|missing| panic!("{}: {missing:?}", self.playbook));
        filled.into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    /// The account that the finding is of, where the world has the finding.
    pub fn account(&self, ground: &Ground) -> Option<String> {
        let (id, at) = self.finding;
        let who = ground.range.operators().remove(0);
        let found = ground.guardduty(&who, &region(at)).remove(id)?;
        found["accountId"].as_str().map(ToOwned::to_owned)
    }

    /// Its plan in the world.
    pub async fn drafted(&self, ground: &mut Ground) -> Draft {
        let (account, inputs) = (self.account(ground), self.inputs(ground));
        self.drafted_with(ground, account.as_deref(), &inputs).await
    }

    /// Its plan in a world that need not let anybody look for the inputs.
    pub async fn drafted_with(
        &self,
        ground: &mut Ground,
        account: Option<&str>,
        inputs: &[(String, String)],
    ) -> Draft {
        ground.look_in(account);
        let inputs: Vec<(&str, &str)> = inputs.iter().map(|(n, v)| (&**n, &**v)).collect();
        ground.draft(text(self.playbook), &inputs).await
    }

    /// Runs it in the world to its end; the run's id is given.
    async fn carried_out(&self, ground: &mut Ground, id: &str) {
        let draft = self.drafted(ground).await;
        let plan = draft.plan().expect("a plan");
        assert_eq!(plan.blocked(), None, "{}", self.playbook);
        assert_eq!(plan.runnable(), Ok(()), "{}", self.playbook);
        let mut run = ground.run(id, &draft);
        loop {
            match ground.on(&mut run).await {
                Next::Ask => {
                    let step = run.current().expect("a step").id.clone();
                    run.answer(!self.no.contains(&step.as_str()));
                }
                Next::Confirm(prompt) => run.consent(yes(&prompt.review)),
                Next::Over => break,
                other => panic!("{}: {other:?} at {:?}", self.playbook, run.current()),
            }
        }
        assert_eq!(run.state(), RunState::Done, "{}: {:?}", self.playbook, run.items);
        let whole = |s: &StepState| matches!(s, StepState::Done | StepState::Skipped(_));
        assert!(run.items.iter().all(|i| whole(&i.state)), "{}: {:?}", self.playbook, run.items);
        let made = said(&ground.records().await, id, Kind::Readback, "/state");
        assert_eq!(made, vec!["done"; self.changes], "{}", self.playbook);
    }
}

/// Takes a run back and says what of the world is not as it was.
async fn taken_back(ground: &mut Ground, id: &str) -> Vec<String> {
    let draft = ground.undo(id).await;
    let lost = draft.not_restored();
    let nothing = |k: &ItemKind| matches!(k, ItemKind::Nothing { .. });
    if draft.plan().expect("a plan").items.iter().any(|i| !nothing(&i.kind)) {
        let mut run = ground.run(&format!("{id}-back"), &draft);
        assert_eq!(ground.through(&mut run).await, RunState::Done, "{:?}", run.items);
    }
    lost
}

#[test]
fn every_shipped_playbook_has_its_case() {
    let cases = CASES.iter().chain(RESTORES.iter().map(|(_, case)| case));
    let mut there: Vec<&str> = cases.map(|c| c.playbook).collect();
    there.sort_unstable();
    there.dedup();
    // Every drill runs these two, is killed, taken up and taken back: `solutions.rs`.
    let in_drills = ["break-glass", "break-glass-canary"];
    there.extend(in_drills);
    there.sort_unstable();
    let all: Vec<&str> = shipped().iter().map(|(id, _)| *id).collect();
    assert_eq!(there, all);
}

#[test]
fn each_runs_to_its_end_and_is_taken_back() {
    paused(async || {
        for case in CASES {
            let mut ground = Ground::new(world(case.scenario)).await;
            ground.place.break_glass = ground.range.break_glass();
            let before = ground.dump();
            case.carried_out(&mut ground, "r1").await;
            assert_eq!(ground.dump() == before, case.changes == 0, "{}", case.playbook);
            let lost = taken_back(&mut ground, "r1").await;
            assert_eq!(unlisted(&before, &ground.dump(), &lost), [], "{}", case.playbook);
        }
    });
}

#[test]
fn what_was_contained_is_restored_and_contained_again() {
    paused(async || {
        for (contains, case) in RESTORES {
            let mut ground = Ground::new(world(case.scenario)).await;
            CASES[*contains].carried_out(&mut ground, "r1").await;
            let contained = ground.dump();
            case.carried_out(&mut ground, "r2").await;
            let lost = taken_back(&mut ground, "r2").await;
            assert_eq!(unlisted(&contained, &ground.dump(), &lost), [], "{}", case.playbook);
        }
    });
}

/// An SCP that makes no exception shuts everybody out: refused, with the exemption that it
/// lacks, before anything is sent.
#[test]
fn what_would_lock_break_glass_out_is_refused() {
    let mut ids = (String::new(), String::new());
    paused(async || {
        let ground = Ground::new(world("tampered")).await;
        ids = (ground.scp("DenyAllNoExemption"), ground.unit("Workloads"));
    });
    let (scp, workloads) = ids;
    let player = Player::new("tampered");
    for target in ["123456789012", &workloads] {
        let (given, to) = (format!("scp={scp}"), format!("target={target}"));
        let confirm = format!("attach={target}");
        let mut words = vec!["playbook", "run", "deny-by-scp", "-i", &given, "-i", &to];
        words.extend(INCIDENT);
        words.extend(["--confirm", &confirm]);
        let ran = player.run(&words).expect(3);
        let role = "arn:aws:iam::123456789012:role/break-glass";
        for said in ["DenyAllNoExemption", "would lock out", role, "ArnNotLike"] {
            assert!(ran.err.contains(said), "{said}: {}", ran.err);
        }
        assert!(!player.log().exists() || of_kind(&player.records(), Kind::Intent).is_empty());
    }
}

// --- In processes of their own, killed.

/// A machine whose halon plays in the range of a scenario.
struct Player {
    home: tempfile::TempDir,
    scenario: &'static str,
}

impl Player {
    fn new(scenario: &'static str) -> Self {
        Self { home: tempfile::tempdir().expect("a folder"), scenario }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_halon"));
        command.env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command.arg(format!("--range={}", self.scenario)).args(words).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().expect("runs"))
    }

    fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command(words);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts")
    }

    fn log(&self) -> PathBuf {
        self.home.path().join(".local/share/halon/audit-range.jsonl")
    }

    /// What is in the log so far, whole or not.
    fn steps(&self) -> usize {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        text.lines().filter(|line| line.contains("\"kind\":\"step\"")).count()
    }

    fn records(&self) -> Vec<Record> {
        halon::audit::read(&self.log()).expect("readable")
    }
}

const INCIDENT: [&str; 7] =
    ["--incident", "INC-7", "--title", "A drill", "--reason", "a test", "--yes"];

impl Case {
    /// What consents to all of it, and answers.
    fn consents(&self) -> Vec<String> {
        let mut words: Vec<String> = INCIDENT.map(ToOwned::to_owned).to_vec();
        for (step, target) in self.confirm {
            words.extend(["--confirm".to_owned(), format!("{step}={target}")]);
        }
        let playbook = self.read();
        let asks = playbook.steps.iter().filter(|s| s.action.kind() == "ask");
        for step in asks {
            let answer = if self.no.contains(&step.id.as_str()) { "no" } else { "yes" };
            words.extend(["--answer".to_owned(), format!("{}={answer}", step.id)]);
        }
        words
    }

    fn begin(&self, inputs: &[(String, String)], account: Option<&str>) -> Vec<String> {
        let mut words: Vec<String> =
            ["playbook", "run", self.playbook].map(ToOwned::to_owned).to_vec();
        for (name, value) in inputs {
            words.extend(["-i".to_owned(), format!("{name}={value}")]);
        }
        if account.is_some() {
            words.extend(["--finding".to_owned(), self.finding.0.to_owned()]);
        }
        words.extend(self.consents());
        words
    }

    /// Kills it once it has written so many steps, takes it up again and takes it back.
    /// Whether it was killed before its end.
    fn killed_at(&self, steps: usize, words: &[String]) -> bool {
        let player = Player::new(self.scenario);
        let mut child = player.start(&refs(words));
        let mut ended = false;
        until("a step", || {
            ended = child.try_wait().expect("asked").is_some();
            ended || player.steps() >= steps
        });
        // A process that is over is not killed any more, and its run is whole.
        let _ = child.kill();
        let _ = child.wait();
        let records = player.records();
        let begun = of_kind(&records, Kind::RunStart);
        let run = begun.first().expect("it had begun").text("run").expect("an id").to_owned();
        let over = !of_kind(&records, Kind::RunEnd).is_empty();
        if !over {
            let mut words = ["playbook", "resume", &run].map(ToOwned::to_owned).to_vec();
            words.extend(self.consents());
            player.run(&refs(&words)).expect(0);
        }
        let records = player.records();
        let ends = of_kind(&records, Kind::RunEnd);
        let state = ends.last().expect("an end").text("state");
        assert_eq!(state, Some("done"), "{} killed at step {steps}", self.playbook);
        // Every step was seen to its end: by the first process, or by the second.
        let playbook = self.read();
        for step in &playbook.steps {
            let of_step = |r: &&&Record| {
                let id = r.text("step").unwrap_or_default();
                id == step.id || id.starts_with(&format!("{}#", step.id))
            };
            let all = of_kind(&records, Kind::Step);
            let last = all.iter().rfind(of_step).and_then(|r| r.text("state"));
            // What its plan left out already is in no record.
            let left_out = last.is_none() && step.when.is_some();
            assert!(
                left_out || matches!(last, Some("done" | "skipped")),
                "{} killed at step {steps}: {} is {last:?}",
                self.playbook,
                step.id
            );
        }
        if self.changes > 0 {
            let mut words = vec!["undo".to_owned(), run];
            words.extend(INCIDENT.map(ToOwned::to_owned));
            // What is wide to take back is refused, and what consents to it is named.
            let mut ran = player.run(&refs(&words));
            for _ in 0..self.changes {
                if ran.status.code() != Some(3) {
                    break;
                }
                let named = ran.err.split("--confirm '").skip(1);
                let named = named.filter_map(|rest| Some(rest.split_once('\'')?.0.to_owned()));
                words.extend(named.flat_map(|target| ["--confirm".to_owned(), target]));
                ran = player.run(&refs(&words));
            }
            ran.expect(0);
        }
        let state = halon::audit::state_path(&player.log());
        let report = halon::audit::verify(&player.log(), None, Some(&state));
        assert!([0, 11].contains(&report.exit_code()), "{report:?}");
        !over
    }
}

#[test]
fn killed_at_each_step_it_is_taken_up_and_taken_back() {
    let mut jobs: Vec<(&Case, usize, Vec<String>)> = Vec::new();
    for case in CASES {
        let mut begin = Vec::new();
        paused(async || {
            let ground = Ground::new(world(case.scenario)).await;
            let account = case.account(&ground);
            begin = case.begin(&case.inputs(&ground), account.as_deref());
        });
        let steps = case.read().steps.len();
        jobs.extend((1..=steps).map(|n| (case, n, begin.clone())));
    }
    let (all, jobs, killed) = (jobs.len(), Mutex::new(jobs), Mutex::new(0_usize));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let job = jobs.lock().expect("a lock").pop();
                    let Some((case, steps, words)) = job else { return };
                    if case.killed_at(steps, &words) {
                        *killed.lock().expect("a lock") += 1;
                    }
                    thread::sleep(Duration::ZERO);
                }
            });
        }
    });
    let killed = killed.into_inner().expect("a lock");
    say(&format!("shipped playbooks: {killed} of {all} runs were killed before their end"));
    assert!(killed > 0, "nothing was killed in time");
}
