//! Looking changes nothing, and read-only means it: no plan and nothing in read-only mode
//! sends a request that changes anything, whoever asks and with whatever consent.

use std::{fs, process::Command};

use halon::{
    audit::Kind,
    change::{KINDS, Spec, ValueType},
    cloud::gate_check,
    domain::{Fault, FaultKind},
    guard::{Arming, Intent, LAPSE, Mode, review},
    playbook::{ItemKind, Next, Task, Told},
    range::Range,
};
use jiff::SignedDuration;

use super::{
    cli::Machine,
    commands::{KEY, run_id},
    ground::{Ground, incident, one_step, paused, world, world_of, yes},
    shipped::CASES,
};

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const AUDIT: &str = "arn:aws:iam::aws:policy/SecurityAudit";
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"#;

/// A world in which every verb has something to do.
pub fn busy() -> Range {
    world_of(include_str!("../fixtures/scenarios/every-verb.toml"))
}

/// A value that this world has something to do for, by the verb where it matters.
fn value(ground: &Ground, verb: &str, argument: &str, kind: ValueType) -> String {
    match (verb, kind) {
        ("iam.reactivate_access_key", ValueType::AccessKeyId) => "AKIAWORKERSLEEPEXAMP",
        (_, ValueType::AccessKeyId) => "AKIAWORKERACTIVEXAMP",
        (_, ValueType::RoleName | ValueType::UserName) => "worker",
        ("iam.attach_user_policy" | "iam.attach_role_policy", ValueType::PolicyArn) => AUDIT,
        ("iam.put_user_boundary" | "iam.put_role_boundary", ValueType::PolicyArn) => AUDIT,
        ("iam.detach_user_policy" | "iam.detach_role_policy", ValueType::PolicyArn) => ADMIN,
        (_, ValueType::PolicyArn) => "arn:aws:iam::444455556666:policy/own",
        (_, ValueType::SessionId) => "source-identity:ann",
        (_, ValueType::PolicyName) => "old",
        (_, ValueType::PolicyVersion) => "v1",
        ("iam.set_trust_policy", ValueType::PolicyDocument) => TRUST,
        (_, ValueType::PolicyDocument) => DENY,
        (_, ValueType::TrustedPrincipal) => "arn:aws:iam::999999999999:root",
        (_, ValueType::TrailArn) => "arn:aws:cloudtrail:us-east-1:444455556666:trail/trail",
        ("guardduty.enable", ValueType::Region) => "sa-east-1",
        (_, ValueType::Region) => "ap-south-1",
        (_, ValueType::AccountId) => "123456789012",
        ("organizations.attach_scp", ValueType::ScpId) => return ground.scp("spare"),
        (_, ValueType::ScpId) => return ground.scp("bound"),
        ("organizations.move_account", ValueType::OrgTarget) => return ground.unit("Quarantine"),
        (_, ValueType::OrgTarget) => return ground.unit("Workloads"),
        ("guardduty.unarchive_findings", ValueType::FindingIds) => {
            "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a02"
        }
        (_, ValueType::FindingIds) => "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a01",
        (_, ValueType::WorkflowStatus) => "RESOLVED",
        (_, ValueType::Usefulness) => "USEFUL",
        (_, ValueType::BreakGlassRole) => panic!("no verb takes one"),
        (_, ValueType::Text) => argument,
    }
    .to_owned()
}

/// A playbook for each verb, all arguments given.
pub fn of_each_verb(ground: &Ground) -> Vec<(&'static Spec, String)> {
    let one = |spec: &&'static Spec| {
        let with: Vec<(&str, String)> =
            spec.args.iter().map(|a| (a.name, value(ground, spec.name, a.name, a.kind))).collect();
        let with: Vec<(&str, &str)> = with.iter().map(|(n, v)| (*n, v.as_str())).collect();
        (*spec, one_step(spec.name, &with))
    };
    KINDS.iter().map(one).collect()
}

#[test]
fn no_plan_changes_anything() {
    paused(async || {
        for case in CASES {
            let mut ground = Ground::new(world(case.scenario)).await;
            let before = ground.dump();
            let draft = case.drafted(&mut ground).await;
            let plan = draft.plan().expect("a plan");
            assert_eq!(plan.blocked(), None, "{}", case.playbook);
            assert!(plan.changes().count() >= case.changes, "{}", case.playbook);
            assert!(!ground.requests().is_empty(), "the plan did look");
            assert_eq!(ground.changes(), []);
            assert_eq!(ground.records().await.len(), 0, "a plan leaves no record");
            assert_eq!(ground.dump(), before);
        }
        let mut ground = Ground::new(busy()).await;
        let before = ground.dump();
        for (spec, text) in of_each_verb(&ground) {
            let draft = ground.draft(&text, &[]).await;
            let plan = draft.plan().expect("a plan");
            assert_eq!(plan.blocked(), None, "{}", spec.name);
            let operations: Vec<&str> =
                plan.changes().map(|p| p.facts().spec().operation).collect();
            assert_eq!(operations, [spec.operation], "{}", spec.name);
        }
        assert!(ground.requests().len() > 30, "the plans did look");
        assert_eq!(ground.changes(), []);
        assert_eq!(ground.records().await.len(), 0, "a plan leaves no record");
        assert_eq!(ground.dump(), before);
    });
}

/// Playbooks that the default world's first account has something to do for, with inputs.
const DEFAULT: &[(&str, &[&str])] = &[
    ("archive-findings", &["findings=5e0c4f7a9d1b63e28c7f40a6b2d9158e", "reason=seen"]),
    ("claim-findings", &["findings=5e0c4f7a9d1b63e28c7f40a6b2d9158e", "note=mine"]),
    ("contain-user", &["user=siem-exporter"]),
    (
        "detach-wildcard-policy",
        &["role=log-archiver", "policy=arn:aws:iam::444455556666:policy/log-archive-access"],
    ),
    ("leaked-access-key", &["key=AKIAI99SIEMEXEXAMPLE"]),
];

fn is_refused(fault: &Fault, word: &str) {
    assert_eq!(fault.kind, FaultKind::Refused, "{fault}");
    assert!(fault.what.contains(word), "{fault}");
}

/// A task to make the change of this playbook, with the operator's own consent to it.
pub async fn consented(ground: &mut Ground, text: &str, mode: &Mode) -> Task {
    let draft = ground.draft(text, &[]).await;
    let item = draft.plan().expect("a plan").items[0].clone();
    let ItemKind::Change { prepared, .. } = item.kind else { panic!("no change: {item:?}") };
    let caller = ground.place.caller_of(&prepared.change.account);
    let armed = Mode::Armed(Arming::new(incident(), ground.range.now(), LAPSE));
    let review = review(&armed, ground.range.now(), &prepared, prepared.risk(), caller, &[]);
    let consent = yes(&review.expect("it may be asked for"));
    let (run, corr) = ("forced".to_owned(), "forced.change.1".to_owned());
    let intent = Intent {
        prepared: *prepared,
        incident: incident(),
        run,
        step: item.id,
        corr,
        undoes: None,
    };
    Task::Apply { intent: Box::new(intent), consent, mode: mode.clone() }
}

#[test]
fn below_the_guard_there_is_no_writer_in_read_only() {
    paused(async || {
        let mut ground = Ground::read_only(busy()).await;
        let before = ground.dump();
        for (spec, text) in of_each_verb(&ground) {
            // Even a mode that says armed does not help.
            let armed = ground.mode.clone();
            let task = consented(&mut ground, &text, &armed).await;
            let Told::Applied { result: Err(fault), unrecorded: None } = ground.told(task).await
            else {
                panic!("{} was applied", spec.name)
            };
            is_refused(&fault, "read-only");
        }
        assert_eq!(ground.changes(), []);
        assert_eq!(ground.records().await.len(), 0);
        assert_eq!(ground.dump(), before);
    });
}

#[test]
fn no_permit_is_given_in_another_mode_than_armed() {
    paused(async || {
        let mut ground = Ground::new(busy()).await;
        let long_ago = ground.range.now() - SignedDuration::from_hours(2);
        for (mode, word) in [
            (Mode::ReadOnly, "read-only"),
            (Mode::Safe, "safe mode"),
            (Mode::Armed(Arming::new(incident(), long_ago, LAPSE)), "lapsed"),
        ] {
            for (_, text) in of_each_verb(&ground) {
                let task = consented(&mut ground, &text, &mode).await;
                let Told::Applied { result: Err(fault), .. } = ground.told(task).await else {
                    panic!("applied in {mode:?}")
                };
                is_refused(&fault, word);
            }
        }
        // Nor for another change than the one consented to.
        let texts: Vec<String> = of_each_verb(&ground).into_iter().map(|(_, text)| text).collect();
        let armed = ground.mode.clone();
        for (one, other) in texts.iter().zip(texts.iter().skip(1)) {
            let mine = consented(&mut ground, one, &armed).await;
            let theirs = consented(&mut ground, other, &armed).await;
            let (Task::Apply { intent, .. }, Task::Apply { consent, mode, .. }) = (mine, theirs)
            else {
                panic!("no calls")
            };
            let Told::Applied { result: Err(fault), .. } =
                ground.told(Task::Apply { intent, consent, mode }).await
            else {
                panic!("applied with another's consent")
            };
            is_refused(&fault, "another change");
        }
        assert_eq!(ground.changes(), []);
        let records = ground.records().await;
        assert!(records.iter().all(|r| r.kind() != Some(Kind::Intent)));
    });
}

#[test]
fn a_run_asks_for_nothing_in_read_only() {
    paused(async || {
        let mut ground = Ground::new(busy()).await;
        for (mode, word) in [(Mode::ReadOnly, "read-only"), (Mode::Safe, "safe mode")] {
            for (spec, text) in of_each_verb(&ground) {
                let draft = ground.draft(&text, &[]).await;
                let mut run = ground.run("r1", &draft);
                ground.mode = mode.clone();
                let Next::Refused(refusal) = ground.on(&mut run).await else {
                    panic!("{} was asked for in {mode:?}", spec.name)
                };
                assert!(refusal.why.contains(word) && !refusal.hint.is_empty(), "{refusal:?}");
            }
        }
        assert_eq!(ground.changes(), []);
    });
}

#[test]
fn the_gate_of_reads_lets_no_verb_through() {
    for spec in KINDS {
        let refused = gate_check(Some((spec.service, spec.operation))).expect_err(spec.name);
        assert!(refused.to_string().contains(spec.operation), "{refused}");
    }
}

#[test]
fn read_only_refuses_every_changing_command_with_a_reason() {
    let machine = Machine::new();
    let key = format!("key={KEY}");
    let ran = machine.armed(&["playbook", "run", "leaked-access-key", "-i", &key, "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let run = run_id(&ran);
    let confirm = format!("deactivate={KEY}");
    let mut commands: Vec<Vec<String>> =
        vec![vec!["playbook".into(), "resume".into(), run.clone()], vec!["undo".into(), run]];
    for (id, inputs) in DEFAULT {
        let mut command = vec!["playbook".into(), "run".into(), (*id).to_owned()];
        command.extend(inputs.iter().flat_map(|i| ["-i".to_owned(), (*i).to_owned()]));
        commands.push(command);
    }
    let world = machine.accepted();
    let log = fs::read(machine.data().join("audit-range.jsonl")).expect("a log");
    for command in &commands {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let consents = ["--read-only", "--yes", "--confirm", &confirm, "--answer", "sure=yes"];
        let ran = machine.armed(&[&words[..], &consents].concat());
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{words:?}");
        assert!(ran.err.contains("read-only") && ran.err.contains("--read-only"), "{}", ran.err);
    }
    assert_eq!(machine.accepted(), world);
    assert_eq!(fs::read(machine.data().join("audit-range.jsonl")).expect("a log"), log);
}

/// The program itself against a world that it does not know to be one.
#[test]
fn on_the_wire_plans_and_read_only_change_nothing() {
    let ground = halon::runtime::tasks().expect("threads");
    let range = world("leaked-key");
    let (lines, seen) = std::sync::mpsc::channel();
    range.set_log(Box::new(move |l| {
        // The receiver is looked into until the end of the test.
        let _ = lines.send(l.clone());
    }));
    let address = ground.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(halon::range::serve(range, listener, std::future::pending()));
        address
    });
    let home = tempfile::tempdir().expect("a folder");
    let (id, secret) = halon::range::OPERATOR_KEY;
    let halon = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_halon"));
        command.env_clear().env("HOME", home.path()).args(arguments);
        command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
        command.env("AWS_REGION", "us-east-1").env("AWS_EC2_METADATA_DISABLED", "true");
        let endpoint = format!("http://{address}");
        let own = ["--region", "us-east-1", "--endpoint-url", &endpoint];
        let output = command.args(own).output().expect("runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let armed = ["--incident", "INC-7", "--title", "t", "--reason", "r", "--yes"];
    for (id, inputs) in DEFAULT {
        let given: Vec<&str> = inputs.iter().flat_map(|i| ["-i", *i]).collect();
        let (code, out, err) = halon(&[&["playbook", "plan", id], &given[..]].concat());
        assert_eq!(code, Some(0), "{id}: {err}");
        assert!(out.contains("halon undo"), "{id}: {out}");
        let run = [&["--read-only", "playbook", "run", id], &given[..], &armed].concat();
        let (code, out, err) = halon(&run);
        assert_eq!((code, out.as_str()), (Some(3), ""), "{id}: {err}");
        assert!(err.contains("read-only"), "{id}: {err}");
    }
    let lines: Vec<_> = seen.try_iter().collect();
    assert!(lines.len() > 10, "the plans did look");
    assert!(lines.iter().all(|l| !l.mutating), "{lines:?}");
    // The check can fail: what is armed does change something.
    let key = format!("key={KEY}");
    let run = [&["playbook", "run", "leaked-access-key", "-i", &key], &armed[..]].concat();
    let (code, _, err) = halon(&run);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(seen.try_iter().filter(|l| l.mutating).count(), 1);
}
