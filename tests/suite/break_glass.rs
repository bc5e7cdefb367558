//! Break-glass that is refused, each refusal with its explanation; and answers that are not whole:
//! they start no session, and nothing of them is to be found anywhere.

use std::{
    collections::BTreeSet,
    fs, io,
    sync::{Arc, Mutex},
};

use futures_util::FutureExt;
use halon::{
    case::refusal::{Attempt, Code, Why},
    domain::{Call, MfaCode, RoleArn},
    guard::{Given, Review},
    playbook::{Next, Run, RunState, StepState},
    range::{Clock, Journal, NoJournal, Pace, Range, Scenario},
    runtime::{self, By},
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    ground::{Ground, paused, texts},
    machine::{CONSENT, Machine, Served},
    secrets::forms,
    stage::{NOW, at},
};

const ROLE: &str = "arn:aws:iam::123456789012:role/ir/break-glass";
const ONCALL: &str = "arn:aws:iam::111122223333:user/oncall";
const PLAYBOOK: &str = include_str!("../../playbooks/break-glass.toml");
const DEVICE: &str = "mfa = { serial = \"arn:aws:iam::111122223333:mfa/oncall\", seed = \"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\" }";

/// Who is on call works in an account of his own, and becomes break-glass in production.
const WORLD: &str = r#"
schema = 1
id = "glass"
title = "Break-glass"
start = "2026-03-02T03:10:00Z"
[[organizational_units]]
name = "Work"
[[accounts]]
id = "777788889999"
alias = "org"
management = true
regions = ["us-east-1"]
[[accounts]]
id = "111122223333"
alias = "home"
parent = "Work"
security_admin = true
regions = ["us-east-1"]
[[accounts]]
id = "123456789012"
alias = "prod"
parent = "Work"
regions = ["us-east-1"]
[[principals]]
account = "home"
kind = "user"
name = "oncall"
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
policies = ["AdministratorAccess"]
DEVICE
[[principals]]
account = "prod"
kind = "user"
name = "prod-oncall"
access_key = "AKIAI66PRODUCEXAMPLE"
secret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
operator = true
policies = ["AdministratorAccess"]
[[principals]]
account = "org"
kind = "user"
name = "org-oncall"
access_key = "AKIAI55ORGANIEXAMPLE"
operator = true
policies = ["AdministratorAccess"]
[[principals]]
account = "prod"
kind = "role"
name = "break-glass"
path = "/ir/"
break_glass = true
policies = ["AdministratorAccess"]
trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"TRUSTED"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]CONDITION}]}'
"#;
const WITH_MFA: &str = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
const SCP: &str = r#"
[[policies]]
type = "SERVICE_CONTROL_POLICY"
name = "no-roles"
attach = ["home"]
document = '{"Version":"2012-10-17","Statement":[{"Sid":"NoRoles","Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}]}'
"#;

/// The world's text: with a device or without, with this caller trusted, with more in it.
fn text(device: &str, trusted: &str, condition: &str, more: &str) -> String {
    let text = WORLD.replace("DEVICE", device).replace("TRUSTED", trusted);
    text.replace("CONDITION", condition) + more
}

fn scenario(text: &str) -> Scenario {
    Scenario::read("glass.toml", text).unwrap_or_else(|broken| panic!("{broken}\n{text}"))
}

fn opened(text: &str, journal: Box<dyn Journal>) -> Range {
    let clock = Clock { pace: Pace::Frozen, wall: Arc::new(|| at(NOW)) };
    Range::open(scenario(text), clock, journal).expect("opens")
}

/// A world's journal that the test reads.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Journal for Kept {
    fn read_new(&mut self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn append(&mut self, line: &str) -> io::Result<()> {
        self.0.lock().expect("a lock").push(line.to_owned());
        Ok(())
    }
    fn note(&mut self, line: &str) -> io::Result<()> {
        self.append(line)
    }
    fn lock(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn unlock(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The keys of the sessions that were given out.
fn keys<'l>(lines: impl IntoIterator<Item = &'l str>) -> Vec<String> {
    let given = |line: &str| -> Option<String> {
        let line: Json = serde_json::from_str(line).ok()?;
        Some(line["do"]["session"]["key"].as_str()?.to_owned())
    };
    lines.into_iter().filter_map(given).collect()
}

struct Scene {
    ground: Ground,
    /// Everything that was reported, as it would be logged.
    said: Mutex<String>,
}

impl Scene {
    async fn of(range: Range) -> Self {
        let mut ground = Ground::new(range).await;
        ground.case.break_glass = ground.range.break_glass();
        assert_eq!(ground.case.break_glass, [ROLE]);
        ground.place = ground.case.place(None);
        Self { ground, said: Mutex::default() }
    }

    async fn new(text: &str) -> Self {
        Self::of(opened(text, Box::new(NoJournal))).await
    }

    fn code(&self) -> String {
        self.ground.range.mfa_code(ONCALL).expect("a device")
    }

    /// The shipped playbook, until its one call is answered for.
    async fn assume(&mut self, id: &str, code: Option<&str>) -> Run {
        let draft = self.ground.draft(PLAYBOOK, &[("role", ROLE)]).await;
        let mut run = self.ground.run(id, &draft);
        loop {
            match run.next(self.ground.outlook()) {
                Next::Do(task) => {
                    let by = By { mode: "armed", caller_arn: None };
                    let heard = |call: Call| {
                        self.said.lock().expect("a lock").push_str(&format!("{call:?}\n"));
                    };
                    let actor = &self.ground.actor;
                    let told = actor.perform(task, by, &heard).boxed_local().await;
                    self.said.lock().expect("a lock").push_str(&format!("{told:?}\n"));
                    run.told(told);
                }
                Next::Confirm(prompt) => run.consent(consent(&prompt.review, code)),
                Next::Ask => run.answer(true),
                // Also where what is left would be planned anew, as the role.
                _ => return run,
            }
        }
    }

    async fn refused(&mut self, code: Option<&str>) -> (Run, Vec<Why>) {
        let run = self.assume("run-1", code).await;
        assert_eq!(run.state(), RunState::Stopped, "{run:?}");
        let given = if code.is_some() { Code::Given } else { Code::NotGiven };
        let (fault, attempt) = (run.trouble().expect("a fault").clone(), self.attempt(&run, given));
        let range = self.ground.range.clone();
        let clock: runtime::Clock = Arc::new(move || range.now());
        let Ground { case, cloud, .. } = &mut self.ground;
        let mut rounds = 0;
        while !case.look_into(&attempt) {
            runtime::draft(case, cloud, &clock).boxed_local().await;
            rounds += 1;
            assert!(rounds < 10, "it never ends");
        }
        (run, self.ground.case.explained(&attempt, &fault))
    }

    fn attempt(&self, run: &Run, code: Code) -> Attempt {
        let prepared = run.current().and_then(|item| item.prepared()).expect("a change");
        let attempt = self.ground.case.attempted(prepared, code, self.ground.range.now());
        attempt.expect("it assumes a role")
    }

    /// Whether a session was open; it is not any more.
    fn was_open(&self) -> bool {
        self.ground.cloud.end_session(&ROLE.parse::<RoleArn>().expect("a role"))
    }
}

#[track_caller]
fn assumed(run: &Run) {
    assert_eq!(run.items[0].state, StepState::Done, "{run:?}");
}

/// What is said of the step that assumed nothing.
#[track_caller]
fn unassumed(run: &Run) -> String {
    match &run.items[0].state {
        StepState::Failed(fault) => fault.to_string(),
        StepState::Unknown(why) => why.clone(),
        other => panic!("{other:?}: {run:?}"),
    }
}

fn consent(review: &Review, code: Option<&str>) -> halon::guard::Consent {
    let code: Option<MfaCode> = code.map(|code| code.parse().expect("six digits"));
    assert_eq!(review.device.is_some(), code.is_some(), "a code for a device");
    let consent = review.consent_with(review.ceremony.words(), Given { code, second: None });
    consent.expect("its own words")
}

#[track_caller]
fn only(whys: &[Why], what: &str) -> Option<String> {
    let said: Vec<&str> = whys.iter().map(|why| why.what.as_str()).collect();
    assert_eq!(said, [what]);
    assert!(whys[0].is_proven(), "{whys:?}");
    whys[0].hint.clone()
}

#[test]
fn a_session_opens_with_the_code_of_the_device() {
    paused(async || {
        let mut scene = Scene::new(&text(DEVICE, ONCALL, WITH_MFA, "")).await;
        let code = scene.code();
        let run = scene.assume("run-1", Some(&code)).await;
        assumed(&run);
        assert!(scene.was_open());
    });
}

#[test]
fn four_refusals_have_four_explanations() {
    paused(async || {
        // A wrong code.
        let mut scene = Scene::new(&text(DEVICE, ONCALL, WITH_MFA, "")).await;
        let right = scene.code();
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let (_, whys) = scene.refused(Some(wrong)).await;
        only(&whys, "AWS did not take the MFA code: it is wrong, or it was used already.");
        assert!(!scene.was_open());

        // No code: there is no device.
        let mut scene = Scene::new(&text("", ONCALL, WITH_MFA, "")).await;
        let (_, whys) = scene.refused(None).await;
        let asks = format!("No MFA code was given, and the trust policy of {ROLE} asks for one.");
        let hint = only(&whys, &asks).expect("what to do");
        assert!(hint.starts_with("No MFA device is known"), "{hint}");
        assert!(!scene.was_open());

        // Somebody else is trusted.
        let other = "arn:aws:iam::123456789012:user/prod-oncall";
        let mut scene = Scene::new(&text(DEVICE, other, WITH_MFA, "")).await;
        let code = scene.code();
        let (_, whys) = scene.refused(Some(&code)).await;
        let names = only(&whys, &format!("The trust policy of {ROLE} does not name {ONCALL}."));
        assert_eq!(names, Some(format!("Assume it as somebody whom it names: {other}.")));
        assert!(!scene.was_open());

        // A policy of the organization.
        let mut scene = Scene::new(&text(DEVICE, ONCALL, WITH_MFA, SCP)).await;
        let code = scene.code();
        let (_, whys) = scene.refused(Some(&code)).await;
        let denies = format!(
            "Statement 0 (NoRoles) of SCP no-roles at home (111122223333) denies {ONCALL} \
             sts:AssumeRole."
        );
        let exemption = only(&whys, &denies).expect("an exemption");
        assert!(!scene.was_open());
        the_exemption_opens_the_way(&mut scene, &exemption).await;
    });
}

/// With the statement that the explanation gives in its place, the role is assumed.
async fn the_exemption_opens_the_way(scene: &mut Scene, exemption: &str) {
    let (said, statement) = exemption.split_once(": {").expect("a statement");
    assert_eq!(said, format!("no-roles with the exemption, unless aws:PrincipalArn is {ONCALL}"));
    let statement: Json = serde_json::from_str(&format!("{{{statement}")).expect("JSON");
    let ground = &scene.ground;
    let manager = ground.operator("777788889999");
    let all = json!({"Filter": "SERVICE_CONTROL_POLICY"});
    let all = ground.organizations(&manager, "ListPolicies", all);
    let policies = all["Policies"].as_array().expect("a list");
    let id = &policies.iter().find(|p| p["Name"] == "no-roles").expect("it")["Id"];
    let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    ground.organizations(&manager, "UpdatePolicy", json!({"PolicyId": id, "Content": content}));
    let code = scene.code();
    let run = scene.assume("run-2", Some(&code)).await;
    assumed(&run);
    assert!(scene.was_open());
}

#[test]
fn where_the_role_s_account_is_not_signed_in_to_it_is_a_suspicion() {
    paused(async || {
        let other = "arn:aws:iam::123456789012:user/prod-oncall";
        let range = opened(&text(DEVICE, other, WITH_MFA, ""), Box::new(NoJournal));
        let mut ground = Ground::signed_in_to(range, "range").await;
        ground.case.break_glass = ground.range.break_glass();
        ground.place = ground.case.place(None);
        let mut scene = Scene { ground, said: Mutex::default() };
        let code = scene.code();
        let (_, whys) = scene.refused(Some(&code)).await;
        assert!(!whys.is_empty() && whys.iter().all(|why| !why.is_proven()), "{whys:#?}");
        assert_eq!(
            whys[0].what,
            format!(
                "Not proven, but likely: the trust policy of {ROLE} does not allow \
                 sts:AssumeRole. It cannot be told for certain: halon is not signed in to account \
                 123456789012."
            )
        );
    });
}

/// Where an answer is cut: everywhere a little, and often where it matters.
fn cuts() -> BTreeSet<usize> {
    let body = paused(async || by_hand(&Scene::new(&text("", ONCALL, "", "")).await.ground));
    let mut cuts: BTreeSet<usize> = (0..body.len()).step_by(37).collect();
    for (element, more) in [
        ("AccessKeyId", &[0, 7, 19][..]),
        ("SecretAccessKey", &[0, 1, 20, 39, 40]),
        ("SessionToken", &[0, 1, 60, 137]),
        ("Expiration", &[0, 4, 10, 16, 19, 20]),
    ] {
        let opening = format!("<{element}>");
        let from = body.find(&opening).expect("it is in the answer") + opening.len();
        cuts.extend(more.iter().map(|at| from + at));
    }
    let whole = body.find("</Credentials>").expect("credentials");
    cuts.extend([whole, whole + 1, body.len() - 1]);
    cuts
}

/// The whole answer, which every other one is as long as up to the end of its credentials.
fn by_hand(ground: &Ground) -> String {
    let form = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=by-hand\
         &SourceIdentity=oncall"
    );
    let who = ground.operator("111122223333");
    let answer = ground.raw(&who, ("sts", "us-east-1"), ("POST", "/"), &form);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(texts(&answer.text, "SecretAccessKey")[0].len(), 40);
    answer.text
}

#[test]
fn an_answer_that_is_not_whole_starts_no_session_and_leaks_nothing() {
    let cuts = cuts();
    assert!(cuts.len() >= 40, "{}", cuts.len());
    let mut kinds: Vec<String> = cuts.iter().map(|at| format!("truncate:{at}")).collect();
    kinds.extend(
        [
            "garble:Expiration",
            "garble:Expiration=",
            "garble:Expiration=2020-01-01T00:00:00Z",
            "garble:Expiration=2099-01-01T00:00:00Z",
            "garble:AccessKeyId=AKIAIOSFODNN7EXAMPLE",
            "garble:AccessKeyId=",
            "garble:SecretAccessKey=",
            "garble:SessionToken=",
            "garble:SessionToken=another",
            "html",
            "garbage",
        ]
        .map(ToOwned::to_owned),
    );
    paused(async || {
        let journal = Kept::default();
        let world = text("", ONCALL, "", "");
        let mut scene = Scene::of(opened(&world, Box::new(journal.clone()))).await;
        let rules = kinds.iter().enumerate().map(|(at, kind)| {
            format!("[[faults]]\nop = \"sts:AssumeRole\"\nkind = \"{kind}\"\nnth = {}\n", at + 1)
        });
        scene.ground.faults(&rules.collect::<String>());
        let mut all = String::new();
        for (at, kind) in kinds.iter().enumerate() {
            let mut run = scene.assume(&format!("run-{at}"), None).await;
            let said = unassumed(&run);
            all.push_str(&format!("{said}\n{run:?}\n{:?}\n", run.trouble()));
            assert!(!scene.was_open(), "{kind}: {said}");
            run.abandon();
            while let Next::Do(task) = run.next(scene.ground.outlook()) {
                scene.ground.perform(&mut run, task).await;
            }
            all.push_str(&format!("{run:?}\n"));
        }
        // The one after it is whole, and opens a session.
        let run = scene.assume("run-last", None).await;
        assumed(&run);
        assert!(scene.was_open());

        all.push_str(&scene.said.lock().expect("a lock"));
        for record in scene.ground.records().await {
            all.push_str(&format!("{}\n", record.value));
        }
        all.push_str(&format!("{:?}\n", scene.ground.case));
        let lines = journal.0.lock().expect("a lock").clone();
        let keys = keys(lines.iter().map(String::as_str));
        // What came from before the service gave nothing out.
        assert_eq!(keys.len(), kinds.len() - 2 + 1, "each was given out: {keys:?}");
        for key in keys {
            let given = scene.ground.range.session(&key).expect("it was given out");
            clean(&all, &given.secret);
            clean(&all, &given.token);
        }
    });
}

#[track_caller]
fn clean(text: &str, secret: &str) {
    let bytes = text.as_bytes();
    for form in forms(secret) {
        let held = bytes.windows(form.len()).any(|window| window == form);
        assert!(!held, "it holds {}", String::from_utf8_lossy(&form));
    }
}

#[test]
fn credentials_of_somebody_else_start_no_session() {
    paused(async || {
        let mut scene = Scene::new(&text("", ONCALL, "", "")).await;
        // Whose the new credentials are is asked with them, after whose the old ones are.
        for (at, kind) in [
            "garble:Account=999988887777",
            "garble:Arn=arn:aws:sts::123456789012:assumed-role/other/x",
            "garble:Arn=arn:aws:sts::999988887777:assumed-role/break-glass/x",
            "status:503",
        ]
        .into_iter()
        .enumerate()
        {
            scene.ground.faults(&format!(
                "[[faults]]\nop = \"sts:GetCallerIdentity\"\nkind = \"{kind}\"\nfrom = 2\n"
            ));
            let run = scene.assume(&format!("run-{at}"), None).await;
            let said = unassumed(&run);
            assert!(said.contains("no session was begun"), "{kind}: {said}");
            assert!(!scene.was_open(), "{kind}");
            scene = Scene::new(&text("", ONCALL, "", "")).await;
        }
    });
}

#[test]
fn a_session_that_runs_out_is_refused_by_the_world_at_once() {
    paused(async || {
        let journal = Kept::default();
        let mut scene =
            Scene::of(opened(&text("", ONCALL, "", ""), Box::new(journal.clone()))).await;
        let run = scene.assume("run-1", None).await;
        assumed(&run);
        let lines = journal.0.lock().expect("a lock").clone();
        let key = keys(lines.iter().map(String::as_str)).remove(0);
        let given = scene.ground.range.session(&key).expect("it was given out");
        let who = || {
            let with = (&*given.access_key, &*given.secret, Some(&*given.token));
            let form = "Action=GetCallerIdentity&Version=2011-06-15";
            scene.ground.raw_with(with, ("sts", "us-east-1"), ("POST", "/"), form).status
        };
        assert_eq!(who(), 200);
        scene.ground.range.pass(SignedDuration::from_hours(1)).expect("time passes");
        assert_eq!(who(), 403);
    });
}

/// The program in a process of its own, over a socket, saying as much as it can.
#[test]
fn the_program_says_nothing_of_an_answer_that_is_not_whole() {
    // The served world says its own time in answers, and the real one in their heads.
    let now = format!("{:.0}", runtime::wall_clock());
    let text = text("", ONCALL, "", "").replace("2026-03-02T03:10:00Z", &now);
    let cuts: Vec<usize> = cuts().into_iter().collect();
    // Each is read back for some seconds.
    let few = cuts.iter().skip(cuts.len() / 4).step_by(cuts.len() / 4);
    let few = few.map(|at| format!("truncate:{at}"));
    let kinds: Vec<String> = few.chain(["garble:Expiration".to_owned()]).collect();
    let rules: String = kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| {
            format!("[[faults]]\nop = \"sts:AssumeRole\"\nkind = \"{kind}\"\nnth = {}\n", at + 1)
        })
        .collect();
    let served = Served::scenario("glass", Some(&text), &rules);
    let mut machine = Machine::new(&served);
    machine.environment.retain(|(name, _)| !name.starts_with("AWS_ACCESS"));
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
        ("LOG_SENSITIVE_BODIES", "true"),
    ] {
        machine.environment.retain(|(known, _)| known != name);
        machine.environment.push((name.to_owned(), value.to_owned()));
    }
    let role = format!("role={ROLE}");
    let config = machine.home.path().join(".config/halon");
    fs::create_dir_all(&config).expect("made");
    fs::write(config.join("halon.toml"), format!("break_glass = [\"{ROLE}\"]\n")).expect("written");
    let words = [&["playbook", "run", "break-glass", "-i", &role][..], &CONSENT].concat();
    let mut all = Vec::new();
    for kind in &kinds {
        let ran = machine.run(&words);
        assert_ne!(ran.status.code(), Some(0), "{kind}: {}{}", ran.out, ran.err);
        assert_ne!(ran.status.code(), Some(70), "{kind}: {}{}", ran.out, ran.err);
        all.extend([ran.out, ran.err].concat().into_bytes());
    }
    let ran = machine.run(&words).expect(0);
    all.extend([ran.out, ran.err].concat().into_bytes());
    all.extend(fs::read(machine.log()).expect("a log"));
    let world = fs::read_to_string(served.world("glass")).expect("a world");
    let keys = keys(world.lines());
    assert_eq!(keys.len(), kinds.len() + 1, "{world}");
    let range = runtime::open_range(scenario(&text), Pace::Real, served.folder()).expect("opens");
    let all = String::from_utf8_lossy(&all);
    assert!(all.contains("AssumeRole"), "{all}");
    for key in keys {
        let given = range.session(&key).expect("it was given out");
        clean(&all, &given.secret);
        clean(&all, &given.token);
    }
}
