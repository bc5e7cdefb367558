//! The machine's policy file: what nobody who runs halon takes back.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use halon::{
    case::{Case, Intervals},
    cloud::{Bounds, Cloud, Limits, Settings, TargetSettings, World},
    domain::{Ask, Band, FaultKind, Source, Status},
    range::{Clock, NoJournal, Pace, Range, Scenario, shipped},
    runtime,
};

use super::{
    machine::Served,
    stage::{NOW, at, region},
};

struct Machine {
    home: tempfile::TempDir,
}

impl Machine {
    fn with(policy: &str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        fs::write(home.path().join("policy.toml"), policy).expect("written");
        fs::write(home.path().join("halon.toml"), "").expect("written");
        Self { home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Exit code, standard output and standard error.
    fn run(&self, arguments: &[&str]) -> (u8, String, String) {
        let (data, config) = (self.path("data"), self.path("halon.toml"));
        let own =
            ["halon", "--data-dir", &data.to_string_lossy(), "--config", &config.to_string_lossy()]
                .map(Into::into);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = halon::cli::Output { out: &mut out, err: &mut err };
        let arguments = own.into_iter().chain(arguments.iter().map(Into::into));
        let code = halon::cli::run_under(&self.path("policy.toml"), arguments, &mut output);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (code, text(out), text(err))
    }
}

/// A change that is consented to in full.
const CHANGE: [&str; 14] = [
    "--range",
    "playbook",
    "run",
    "leaked-access-key",
    "-i",
    "key=AKIAI44QH8DHBEXAMPLE",
    "--incident",
    "INC-7",
    "--title",
    "A leaked key",
    "--reason",
    "a test",
    "--yes",
    "--json",
];

#[test]
fn read_only_holds_whatever_the_operator_says() {
    let machine = Machine::with("read_only = true\n");
    let (code, _, err) = machine.run(&CHANGE);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("policy.toml says so for this machine"), "{err}");
    // It is not the arguments that are refused.
    let (code, _, err) = Machine::with("").run(&CHANGE);
    assert_ne!(code, 3, "the check can fail: {err}");
    let (code, out, err) = machine.run(&["--range", "findings", "--region", "us-east-1"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.lines().count() > 5, "looking is free");
}

#[test]
fn a_broken_file_is_read_only_and_is_told_every_time() {
    for broken in ["read_only = \"no\"\n", "accounts = [\"prod\"]\n", "= true\n"] {
        let machine = Machine::with(broken);
        let (code, _, err) = machine.run(&CHANGE);
        assert_eq!(code, 3, "{broken}: {err}");
        assert!(err.contains("policy.toml:1:") && err.contains("read-only"), "{broken}: {err}");
        let (code, _, err) = machine.run(&["--range", "findings", "--region", "us-east-1"]);
        assert_eq!(code, 0);
        assert!(err.contains("policy.toml:1:"), "{err}");
        let (code, out, err) = machine.run(&["config", "check"]);
        assert_eq!(code, 2, "{out}");
        assert!(err.contains("policy.toml:1:"), "{err}");
    }
}

#[test]
fn other_endpoints_are_refused_before_anything_is_asked() {
    let machine = Machine::with("endpoints = false\n");
    let (code, _, err) = machine.run(&["--endpoint-url", "http://127.0.0.1:9", "findings"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("--endpoint-url: ") && err.contains("AWS's own"), "{err}");
}

#[test]
fn what_it_bounds_is_shown_and_written_down() {
    let machine = Machine::with("lapse = \"10m\"\nsecond_person = true\n");
    let (code, out, err) = machine.run(&["config", "show"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let line = |key: &str| out.lines().find(|l| l.starts_with(key)).unwrap_or_default().to_owned();
    assert!(line("armed.lapse").contains("\"10m\""), "{out}");
    assert!(line("assume.second_person").contains("policy "), "{out}");
    let (code, _, err) = machine.run(&CHANGE);
    assert_ne!(code, 3, "{err}");
    let log = fs::read_to_string(machine.path("data/audit-range.jsonl")).expect("the log");
    let start = log.lines().find(|l| l.contains("\"session_start\"")).expect("a session");
    assert!(start.contains("armed lapses after 10m at most"), "{start}");
}

/// An account that is not allowed is asked who it is, and nothing else.
#[test]
fn other_accounts_are_not_asked() {
    let (_, text) = shipped().iter().find(|(id, _)| *id == "leaked-key").expect("a scenario");
    let scenario = Scenario::read("a.toml", text).expect("a good scenario");
    let clock = Clock { pace: Pace::Frozen, wall: Arc::new(|| at(NOW)) };
    let range = Range::open(scenario, clock, Box::new(NoJournal)).expect("opens");
    let log = Arc::new(Mutex::new(Vec::new()));
    let asked = log.clone();
    range.set_log(Box::new(move |l| asked.lock().expect("a lock").push(l.operation.clone())));
    let target: Arc<str> = Arc::from("range");
    let gather = |accounts: &str| {
        let settings = Settings {
            targets: vec![TargetSettings::of(target.clone(), None)],
            endpoint_url: None,
            limits: Limits::default(),
        };
        let accounts = Some(vec![accounts.parse().expect("an id")]);
        let bounds = Bounds { accounts, endpoints: true, file: "policy.toml".to_owned() };
        let cloud = Cloud::within(bounds, settings, World::Range(range.clone()));
        let ask = Ask { at_least: Band::High, status: Status::Active, updated_since: None };
        let targets = vec![(target.clone(), vec![region("us-east-1")])];
        let mut case = Case::new(targets, Source::ALL.to_vec(), ask, Intervals::once());
        let clock: runtime::Clock = Arc::new(|| at(NOW));
        let tasks = runtime::tasks().expect("threads");
        tasks.block_on(runtime::gather(&mut case, &cloud, &clock, |_| {}));
        case
    };
    let case = gather("999988887777");
    assert!(case.queue.findings().is_empty());
    let gaps = case.gaps();
    let told = "policy.toml does not allow account";
    let refused = gaps.iter().filter(|gap| gap.why.kind == FaultKind::Refused);
    assert!(refused.clone().count() >= 2, "{gaps:?}");
    assert!(refused.clone().all(|gap| gap.why.to_string().contains(told)), "{gaps:?}");
    let operations = std::mem::take(&mut *log.lock().expect("a lock"));
    assert!(!operations.is_empty());
    assert!(operations.iter().all(|name| name == "GetCallerIdentity"), "{operations:?}");
    // The account of the operator, allowed: everything is asked.
    let own = range.operators()[0].account.to_string();
    let case = gather(&own);
    assert!(!case.queue.findings().is_empty());
}

/// An account that is a role: it is assumed with the credentials that there are, and asked as.
#[test]
fn an_account_may_be_a_role() {
    let mfa = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
    let (_, text) = shipped().iter().find(|(id, _)| *id == "false-alarm").expect("a scenario");
    assert!(text.contains(mfa), "the role wants a second factor, which nobody can give here");
    let served = Served::scenario("false-alarm", Some(&text.replace(mfa, "")), "");
    let mut machine = super::machine::Machine::new(&served);
    let (id, secret) = halon::range::OPERATOR_KEY;
    machine
        .environment
        .retain(|(name, _)| !name.starts_with("AWS_ACCESS") && !name.contains("SECRET"));
    machine.environment.push(("AWS_ACCESS_KEY_ID".to_owned(), id.to_owned()));
    machine.environment.push(("AWS_SECRET_ACCESS_KEY".to_owned(), secret.to_owned()));
    let folder = machine.home.path().join(".config/halon");
    fs::create_dir_all(&folder).expect("made");
    let prod = |text: &str| {
        let account = "123456789012";
        let role = format!("arn:aws:iam::{account}:role/{text}");
        fs::write(
            folder.join("halon.toml"),
            format!("[[accounts]]\nalias = \"prod\"\nrole = \"{role}\"\n"),
        )
        .expect("written");
        machine.run(&["doctor", "--json"])
    };
    let ran = prod("break-glass");
    assert!(
        ran.out.contains("arn:aws:sts::123456789012:assumed-role/break-glass/halon"),
        "{}\n{}",
        ran.out,
        ran.err
    );
    let ran = prod("nobody").expect(1);
    assert!(ran.out.contains("prod: no usable AWS credentials"), "{}", ran.out);
}
