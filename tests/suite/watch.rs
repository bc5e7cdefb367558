//! Whether containment holds, as CloudTrail shows it: in the range, where calls are really
//! refused; on the screen; and without one.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use halon::{
    app::{Effect, Msg},
    case::{Standing, Verdict, Watch, WatchAsk, WatchNews},
    change::{Contained, Prepared, Reach, Risk},
    domain::{
        AccountId, Applied, AttachmentState, Change, Fault, FaultKind, Gap, KeyState, KeyStatus,
        Outcome, Place, Principal, PrincipalState, Service, State, Verb, event::Event,
    },
    guard::{Arming, LAPSE, Mode},
    model::{Overlay, Pane},
    playbook::{Item, ItemKind, Next, Outlook, Plan, Run, RunState, Task, Told, Where},
    range::{Clock, NoJournal, Pace, Range, Scenario},
    runtime::{Inquirer, WatchTold},
    store::{Found, Store},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    cli::Machine,
    ground::{Ground, incident, one_step, paused, texts, yes},
    stage::{NOW, Stage, at, region},
};

// --- In the range.

const ACCOUNT: &str = "111122223333";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Somebody who attacks, somebody who works, and a role that both may assume.
const WORLD: &str = r#"
schema = 1
id = "watched"
title = "Somebody to watch"
seed = 7
start = "2026-03-02T03:10:00Z"

[[accounts]]
id = "111122223333"
alias = "acme"
regions = ["us-east-1", "eu-west-1"]

[[principals]]
account = "acme"
kind = "user"
name = "oncall"
operator = true
access_key = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
inline = { all = { Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] } }

[[principals]]
account = "acme"
kind = "user"
name = "mallory"
access_key = "AKIAI44MALLOREXAMPLE"
secret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
policies = ["AdministratorAccess"]

[[principals]]
account = "acme"
kind = "user"
name = "ci"
access_key = "AKIAI55INNOCEEXAMPLE"
secret = "Yq2mWc7pLs0dVh4tRk8nXb1gJz5uEfEXAMPLEKEY"
policies = ["AdministratorAccess"]

[[principals]]
account = "acme"
kind = "role"
name = "deploy"
id = "AROADEPLOYWATCHEXAMPLE"
policies = ["AdministratorAccess"]
trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}'
"#;

/// A world whose time goes on when it is told to.
struct World {
    ground: Ground,
    now: Arc<Mutex<Timestamp>>,
    inquirer: Inquirer,
}

struct Credentials {
    key: String,
    secret: String,
    token: Option<String>,
}

impl World {
    async fn new() -> Self {
        let now = Arc::new(Mutex::new(at(NOW)));
        let scenario = Scenario::read("watched.toml", WORLD).unwrap_or_else(|b| panic!("{b}"));
        let wall = now.clone();
        let clock =
            Clock { pace: Pace::Real, wall: Arc::new(move || *wall.lock().expect("a lock")) };
        let range = Range::open(scenario, clock, Box::new(NoJournal)).expect("opens");
        let ground = Ground::new(range.clone()).await;
        let inquirer = Inquirer {
            cloud: ground.cloud.clone(),
            store: Store::in_memory().expect("opens"),
            clock: Arc::new(move || range.now()),
        };
        Self { ground, now, inquirer }
    }

    fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().expect("a lock");
        *now = now.checked_add(SignedDuration::from_secs(seconds)).expect("a time");
    }

    fn user(&self, name: &str) -> Credentials {
        let (key, secret) = match name {
            "mallory" => ("AKIAI44MALLOREXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"),
            _ => ("AKIAI55INNOCEEXAMPLE", "Yq2mWc7pLs0dVh4tRk8nXb1gJz5uEfEXAMPLEKEY"),
        };
        Credentials { key: key.into(), secret: secret.into(), token: None }
    }

    /// The status of a call and the answer's text.
    fn call(&self, who: &Credentials, service: &str, form: &str) -> (u16, String) {
        let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
        let form = format!("Action={form}&Version={version}");
        let credentials = (&*who.key, &*who.secret, who.token.as_deref());
        let answer =
            self.ground.raw_with(credentials, (service, "us-east-1"), ("POST", "/"), &form);
        (answer.status, answer.text)
    }

    fn session(&self, who: &Credentials, name: &str) -> Credentials {
        let form = format!(
            "AssumeRole&RoleSessionName={name}&RoleArn=arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Arole%2Fdeploy"
        );
        let (status, text) = self.call(who, "sts", &form);
        assert_eq!(status, 200, "{text}");
        let one = |element: &str| texts(&text, element)[0].to_owned();
        Credentials {
            key: one("AccessKeyId"),
            secret: one("SecretAccessKey"),
            token: Some(one("SessionToken")),
        }
    }

    /// A run of one change, to its end; the case has it then.
    async fn contain(&mut self, change: &str, with: &[(&str, &str)]) {
        let draft = self.ground.draft(&one_step(change, with), &[]).await;
        let id = format!("r{}", self.ground.case.runs.len());
        let mut run = self.ground.run(&id, &draft);
        assert_eq!(self.ground.through(&mut run).await, RunState::Done);
        self.ground.case.runs.push(run);
    }

    /// Begins what runs begin, asks whatever is due, and takes in the answers.
    async fn ask(&mut self) -> Vec<WatchNews> {
        let now = self.ground.range.now();
        // The answers' dates are the world's here.
        self.ground.case.watch_after_runs(now, false);
        let mut news = Vec::new();
        for ask in self.ground.case.watches_due(now) {
            let told = Mutex::new(Vec::new());
            let tell = |t| told.lock().expect("a lock").push(t);
            self.inquirer.watch(&ask, &tell).boxed_local().await;
            for told in told.into_inner().expect("a lock") {
                if let WatchTold::Place { place, gaps, found } = told {
                    let watch = self.ground.case.watch_mut(ask.id).expect("begun");
                    news.extend(watch.answered(now, &place, gaps, found));
                }
            }
        }
        news
    }

    fn watch(&self) -> &Watch {
        self.ground.case.watches.last().expect("begun")
    }
}

fn lines(watch: &Watch) -> String {
    let when = |at: Timestamp| format!("{at:.0}");
    watch.lines(watch.since, &when).iter().map(|l| format!("{}\n", l.text)).collect()
}

const LIST: &str = "ListUsers";

#[test]
fn after_its_policy_is_gone_the_users_first_denied_call_is_seen() {
    paused(async || {
        let mut world = World::new().await;
        let (mallory, innocent) = (world.user("mallory"), world.user("ci"));
        assert_eq!(world.call(&mallory, "iam", LIST).0, 200);
        world.pass(60);
        let with = [("user", "mallory"), ("policy", ADMINISTRATOR)];
        world.contain("iam.detach_user_policy", &with).await;
        assert_eq!(world.ask().await, []);
        let watch = world.watch();
        assert_eq!((watch.standing(), watch.run.as_deref()), (Standing::Quiet, Some("r0")));
        assert_eq!(watch.since, at("2026-03-02T03:11:00Z"));
        assert_eq!(watch.places.len(), 2, "both regions: {:?}", watch.places);
        assert!(watch.should_refuse_all() == (watch.who.reach() == Reach::Everything));

        world.pass(5);
        let (status, text) = world.call(&mallory, "iam", LIST);
        assert_eq!(status, 403, "{text}");
        assert_eq!(world.call(&innocent, "iam", LIST).0, 200);
        assert_eq!(world.call(&mallory, "sts", "GetCallerIdentity").0, 200);
        world.pass(10);
        assert_eq!(world.ask().await, [], "it is asked once a minute");
        world.pass(60);
        assert_eq!(world.ask().await, [WatchNews::FirstDenied]);
        let watch = world.watch();
        assert_eq!(watch.standing(), Standing::Denied);
        let first = watch.first_denied().expect("seen");
        assert_eq!((first.at, first.name.raw()), (at("2026-03-02T03:11:05Z"), "ListUsers"));
        let last = watch.last_allowed().expect("seen");
        assert_eq!((last.at, &last.verdict), (at(NOW), &Verdict::Allowed));
        let tally = watch.tally();
        assert_eq!((tally.denied, tally.allowed, tally.free), (1, 0, 1), "{}", lines(watch));
        assert_eq!(world.ground.case.watches.len(), 1, "one run, one watch");
    });
}

#[test]
fn only_the_role_that_lost_its_policy_is_refused_and_its_sessions_are_told_apart() {
    paused(async || {
        let mut world = World::new().await;
        let (mallory, innocent) = (world.user("mallory"), world.user("ci"));
        let bad = world.session(&mallory, "pwn");
        let good = world.session(&innocent, "nightly");
        assert_eq!(world.call(&bad, "iam", LIST).0, 200);
        world.pass(30);
        let with = [("role", "deploy"), ("policy", ADMINISTRATOR)];
        world.contain("iam.detach_role_policy", &with).await;
        world.pass(7);
        assert_eq!(world.call(&bad, "iam", LIST).0, 403);
        assert_eq!(world.call(&good, "iam", LIST).0, 403);
        assert_eq!(world.call(&mallory, "iam", LIST).0, 200, "the user goes on");
        world.pass(1);
        assert_eq!(world.ask().await, [WatchNews::FirstDenied]);
        let by: Vec<(String, usize)> = world
            .watch()
            .by_whom()
            .iter()
            .map(|by| (by.principal.raw().to_owned(), by.denied))
            .collect();
        assert_eq!(by, [("deploy/nightly".to_owned(), 1), ("deploy/pwn".to_owned(), 1)]);

        // One of its sessions alone.
        let who = Contained::Session {
            role: "deploy".parse().expect("a name"),
            user_id: "pwn".to_owned(),
        };
        let (now, since) = (world.ground.range.now(), world.watch().since);
        let account: AccountId = ACCOUNT.parse().expect("an account");
        world.ground.case.watch(who, account, since, None, now);
        assert_eq!(world.ask().await, [WatchNews::FirstDenied]);
        assert_eq!(world.watch().tally().denied, 1);
    });
}

#[test]
fn one_session_is_cut_the_innocent_go_on_and_the_watch_shows_the_first_denied_call() {
    paused(async || {
        let mut world = World::new().await;
        let (mallory, innocent) = (world.user("mallory"), world.user("ci"));
        let bad = world.session(&mallory, "pwn");
        let good = world.session(&innocent, "nightly");
        world.pass(60);
        assert_eq!(world.call(&bad, "iam", LIST).0, 200);
        world.pass(60);
        let with = [("role", "deploy"), ("session", "AROADEPLOYWATCHEXAMPLE:pwn")];
        world.contain("iam.deny_role_session", &with).await;
        world.pass(9);
        assert_eq!(world.call(&bad, "iam", LIST).0, 403);
        assert_eq!(world.call(&good, "iam", LIST).0, 200, "the innocent go on");
        assert_eq!(world.call(&bad, "sts", "GetCallerIdentity").0, 200, "nobody can deny that");
        world.pass(1);
        assert_eq!(world.ask().await, [WatchNews::FirstDenied]);
        let watch = world.watch();
        assert_eq!(watch.who.to_string(), "session pwn of role deploy");
        assert_eq!((watch.standing(), watch.should_refuse_all()), (Standing::Denied, true));
        assert_eq!(watch.first_denied().map(|c| c.at), Some(at("2026-03-02T03:12:09Z")));
        assert_eq!(watch.last_allowed().map(|c| c.at), Some(at("2026-03-02T03:11:00Z")));
        let tally = watch.tally();
        assert_eq!((tally.denied, tally.allowed, tally.free), (1, 0, 1), "{}", lines(watch));
    });
}

#[test]
fn older_sessions_are_cut_and_one_begun_afterwards_is_not_among_them() {
    paused(async || {
        let mut world = World::new().await;
        let (mallory, innocent) = (world.user("mallory"), world.user("ci"));
        let old = world.session(&mallory, "pwn");
        world.pass(60);
        world.contain("iam.revoke_role_sessions", &[("role", "deploy")]).await;
        world.pass(5);
        let young = world.session(&innocent, "nightly");
        assert_eq!(world.call(&old, "iam", LIST).0, 403);
        assert_eq!(world.call(&young, "iam", LIST).0, 200);
        world.pass(1);
        assert_eq!(world.ask().await, [WatchNews::FirstDenied]);
        let tally = world.watch().tally();
        assert_eq!((tally.denied, tally.allowed), (1, 0), "{}", lines(world.watch()));
    });
}

#[test]
fn with_an_inactive_key_nothing_is_logged_and_that_is_said() {
    paused(async || {
        let mut world = World::new().await;
        let mallory = world.user("mallory");
        let session = world.session(&mallory, "pwn");
        world.pass(60);
        world.contain("iam.deactivate_access_key", &[("key", &mallory.key)]).await;
        world.pass(5);
        let (status, text) = world.call(&mallory, "iam", LIST);
        assert!(status == 403 && text.contains("InvalidClientTokenId"), "{text}");
        assert_eq!(world.call(&session, "iam", LIST).0, 200, "made with it, and goes on");
        world.pass(60);
        assert_eq!(world.ask().await, []);
        let watch = world.watch();
        assert_eq!(watch.standing(), Standing::Quiet);
        let said = lines(watch);
        assert!(said.contains("never becomes an event"), "{said}");
        assert!(said.contains("no call seen is not no call made"), "{said}");
        assert!(said.contains("last allowed 2026-03-02T03:10:00Z sts:AssumeRole"), "{said}");
        assert!(!said.contains("DENIED"), "{said}");
    });
}

#[test]
fn a_call_that_still_goes_through_is_seen_and_containing_again_begins_anew() {
    paused(async || {
        let mut world = World::new().await;
        let mallory = world.user("mallory");
        let (now, account) = (world.ground.range.now(), ACCOUNT.parse().expect("an account"));
        let who = Contained::wholly(&Principal::User("mallory".parse().expect("a name")));
        world.ground.case.watch(who, account, now, None, now);
        world.pass(400);
        assert_eq!(world.call(&mallory, "iam", LIST).0, 200);
        world.pass(1);
        assert_eq!(world.ask().await, [WatchNews::WentThrough { late: true }]);
        assert!(lines(world.watch()).starts_with(
            "STILL ALLOWED 2026-03-02T03:16:40Z iam:ListUsers in us-east-1 from 127.0.0.1\n"
        ));

        let with = [("user", "mallory"), ("policy", ADMINISTRATOR)];
        world.contain("iam.detach_user_policy", &with).await;
        world.ask().await;
        let over: Vec<bool> = world.ground.case.watches.iter().map(|w| w.over.is_some()).collect();
        assert_eq!(over, [true, false], "the newer one took its place");

        // Given back: the watch ends, instead of crying that calls go through.
        let undo = world.ground.undo("r0").await;
        let mut run = world.ground.run("u0", &undo);
        assert_eq!(world.ground.through(&mut run).await, RunState::Done);
        world.ground.case.runs.push(run);
        world.pass(61);
        assert_eq!(world.ask().await, []);
        assert!(lines(world.watch()).contains("stopped: run u0 gave the rights back"));
    });
}

#[test]
fn a_region_that_does_not_answer_holds_up_no_other_and_keeps_silence_from_being_quiet() {
    paused(async || {
        let mut world = World::new().await;
        let mallory = world.user("mallory");
        world.ground.faults(
            "[[faults]]\nop = \"cloudtrail:LookupEvents\"\nregion = \"eu-west-1\"\nkind = \"status:500\"\n",
        );
        let with = [("user", "mallory"), ("policy", ADMINISTRATOR)];
        world.contain("iam.detach_user_policy", &with).await;
        world.ask().await;
        assert_eq!(world.watch().standing(), Standing::Unsearched);
        assert_eq!(world.watch().searched_until(), None);
        assert!(lines(world.watch()).contains("not searched: cloudtrail range eu-west-1"));
        world.pass(5);
        assert_eq!(world.call(&mallory, "iam", LIST).0, 403);
        world.pass(60);
        assert_eq!(world.ask().await, [WatchNews::FirstDenied]);
        assert_eq!(world.watch().standing(), Standing::Denied);
        assert!(!world.watch().is_whole(), "a call may go through there");
    });
}

// --- On the screen.

fn event(id: &str, time: &str, who: Value, name: &str, error: Option<&str>) -> Arc<Event> {
    let (service, name) = name.split_once(':').expect("service:Name");
    let mut event = json!({
        "eventID": id, "eventName": name, "eventTime": format!("2026-03-02T{time}Z"),
        "eventSource": format!("{service}.amazonaws.com"), "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT, "sourceIPAddress": "203.0.113.7", "userIdentity": who,
    });
    if let Some(code) = error {
        event["errorCode"] = code.into();
    }
    Arc::new(Event::read(&event.to_string(), None).expect("an event"))
}

fn by_role() -> Value {
    json!({"type": "AssumedRole", "accessKeyId": "ASIAY34FZKBOKEXAMPLE", "accountId": ACCOUNT,
        "principalId": "AROACKCEVSQ6C2EXAMPLE:nightly",
        "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/nightly")})
}

fn by_key() -> Value {
    json!({"type": "IAMUser", "userName": "ci", "accountId": ACCOUNT,
        "accessKeyId": "AKIAI44QH8DHBEXAMPLE", "arn": format!("arn:aws:iam::{ACCOUNT}:user/ci")})
}

fn place() -> Place {
    Place { target: Arc::from("acme"), region: region("us-east-1") }
}

/// A run that took a policy from a role and switched a key off, to its end.
fn contained() -> Run {
    let policy: halon::domain::PolicyArn = ADMINISTRATOR.parse().expect("an ARN");
    let role = Principal::Role("deploy".parse().expect("a name"));
    let (user, key): (halon::domain::UserName, halon::domain::AccessKeyId) =
        ("ci".parse().expect("a name"), "AKIAI44QH8DHBEXAMPLE".parse().expect("an id"));
    let attached = State::Attachment(AttachmentState {
        principal: PrincipalState {
            principal: role.clone(),
            arn: format!("arn:aws:iam::{ACCOUNT}:role/deploy").as_str().into(),
            service_linked: false,
            created: None,
            last_used: None,
            boundary: None,
            attached: vec![policy.clone()],
            inline: Vec::new(),
        },
        policy: policy.clone(),
        version: "v1".into(),
        document: "{}".into(),
        attachments: 1,
    });
    let active = State::AccessKey(KeyState {
        user: user.clone(),
        key: key.clone(),
        status: KeyStatus::Active,
        created: None,
        last_used: None,
        others: Vec::new(),
    });
    let change = |id: &str, verb: Verb, before: State| {
        let account = ACCOUNT.parse().expect("an account");
        let prepared =
            Box::new(Prepared { change: Change { place: place(), account, verb }, before });
        let within = SignedDuration::from_secs(1);
        Item::new(id, ItemKind::Change { prepared, within })
    };
    let items = vec![
        change("detach", Verb::DetachPolicy { from: role, policy }, attached),
        change("deactivate", Verb::DeactivateAccessKey { user, key }, active),
    ];
    let about = ("contain", "00", "Contain a pipeline", Risk::Reversible);
    let mut run =
        Run::new("20260302-030900-aa".into(), about, json!({}), incident(), Plan { items }, None);
    let mode = Mode::Armed(Arming::new(incident(), at(NOW), LAPSE));
    let nowhere = Where {
        by: "oncall".into(),
        guardduty: Vec::new(),
        securityhub: Vec::new(),
        accounts: Vec::new(),
        account: None,
        ..Where::default()
    };
    loop {
        let prepared = run.current().and_then(Item::prepared).cloned();
        let outlook = Outlook { mode: &mode, now: at("2026-03-02T03:09:00Z"), place: &nowhere };
        match run.next(outlook) {
            Next::Do(Task::Record(_)) => run.told(Told::Recorded(Ok(()))),
            Next::Do(Task::Read(_)) => {
                let before = prepared.expect("a change").before;
                run.told(Told::Read(Box::new(Ok(before))));
            }
            Next::Do(Task::Apply { .. }) => {
                let applied = Applied {
                    outcome: Outcome::Accepted,
                    attempts: 1,
                    host: None,
                    request_id: Some("req-1".into()),
                    server_time: Some(at("2026-03-02T03:09:30Z")),
                };
                run.told(Told::Applied { result: Ok(applied), unrecorded: None });
            }
            Next::Do(Task::ReadBack { .. }) => {
                let after = prepared.expect("a change").after();
                run.told(Told::ReadBack { state: Box::new(Ok(after)), reads: 1 });
            }
            Next::Confirm(prompt) => run.consent(yes(&prompt.review)),
            Next::Over => return run,
            other => panic!("{other:?}"),
        }
    }
}

/// A console that is signed in and has seen such a run end.
pub fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size, &["us-east-1"]);
    stage.identify();
    let run = contained();
    stage.model.run = Some(run.id.clone());
    stage.model.case.runs.push(run);
    stage.model.pane = Pane::Run;
    stage.ticked(NOW);
    stage
}

/// The questions for watches that nobody has answered yet.
fn asked(stage: &mut Stage) -> Vec<WatchAsk> {
    let (asks, rest) = std::mem::take(&mut stage.effects).into_iter().fold(
        (Vec::new(), Vec::new()),
        |(mut asks, mut rest), effect| {
            match effect {
                Effect::Watch(ask) => asks.push(*ask),
                other => rest.push(other),
            }
            (asks, rest)
        },
    );
    stage.effects = rest;
    asks
}

fn answer(stage: &mut Stage, id: u64, gaps: Vec<Gap>, events: Vec<Arc<Event>>) {
    let found = Found { total: events.len() as u64, events, ..Found::default() };
    stage.tell(Msg::Watched { id, place: place(), gaps, found: Ok(Box::new(found)) });
}

#[test]
fn a_run_that_contains_somebody_begins_to_watch_them() {
    let mut stage = stage((80, 24));
    let asks = asked(&mut stage);
    let by: Vec<String> =
        asks.iter().map(|a| a.question.by.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(by, ["role deploy", "key AKIAI44QH8DHBEXAMPLE"]);
    let places: Vec<usize> = asks.iter().map(|a| a.places.len()).collect();
    assert_eq!(places, [1, 1]);
    let since: Vec<Timestamp> = stage.model.case.watches.iter().map(|w| w.since).collect();
    assert_eq!(since, [at("2026-03-02T03:09:30Z"); 2], "AWS's clock, not this machine's");
    assert!(!stage.model.is_idle(), "an answer is on its way");
    answer(&mut stage, 1, Vec::new(), Vec::new());
    answer(&mut stage, 2, Vec::new(), Vec::new());
    stage.keys("G");
    insta::assert_snapshot!("quiet", stage.text());
    assert!(stage.model.notice.is_none(), "silence is no news");
}

#[test]
fn the_first_denied_call_is_told_wherever_the_operator_is() {
    let mut stage = stage((80, 24));
    asked(&mut stage);
    stage.keys("1");
    let calls = vec![
        event("b", "03:09:41", by_role(), "s3:ListAllMyBuckets", Some("AccessDenied")),
        event("a", "03:09:12", by_role(), "iam:ListUsers", None),
    ];
    answer(&mut stage, 1, Vec::new(), calls);
    insta::assert_snapshot!("first_denied_among_the_findings", stage.text());
    answer(&mut stage, 2, Vec::new(), Vec::new());
    stage.keys("2 G enter G");
    insta::assert_snapshot!("first_denied_under_its_run", stage.text());
}

#[test]
fn a_key_that_still_works_is_loud_and_stands_in_the_list_of_watches() {
    let mut stage = stage((80, 24));
    asked(&mut stage);
    let calls = vec![event("a", "03:09:50", by_key(), "sts:GetCallerIdentity", None)];
    answer(&mut stage, 2, Vec::new(), calls);
    insta::assert_snapshot!("still_allowed", stage.picture());
    let why = Fault::new(FaultKind::Timeout, "no answer in time");
    let source = Service::CloudTrail;
    let gap =
        Gap { source, account: place().target, region: Some(place().region), page: None, why };
    answer(&mut stage, 1, vec![gap], Vec::new());
    stage.keys("ctrl-w");
    insta::assert_snapshot!("watches", stage.text());
    stage.keys("j x");
    assert!(stage.model.case.watches[0].over.is_some(), "the older one is below");
    insta::assert_snapshot!("watch_stopped", stage.text());
    // Longer begins it again.
    stage.keys("+");
    assert_eq!(asked(&mut stage).len(), 1);
    stage.keys("k e");
    assert_eq!(stage.model.pane, Pane::Trail);
    let by = &stage.model.trail.sight.asked.as_ref().expect("asked").by;
    assert_eq!(by.iter().map(ToString::to_string).collect::<String>(), "key AKIAI44QH8DHBEXAMPLE");
}

#[test]
fn whoever_made_a_call_is_watched_by_hand() {
    let mut stage = Stage::new((80, 24), &["us-east-1"]);
    stage.identify();
    stage.keys("V");
    assert!(stage.model.case.watches.is_empty(), "nothing to watch among the findings");
    stage.keys("4");
    stage.keys("V");
    let Some(halon::model::Notice::Done(why)) = &stage.model.notice else { panic!("no reason") };
    assert_eq!(why, "watch: no event is selected");
    let question = stage.effects.iter().find_map(|e| match e {
        Effect::Search { serial, .. } => Some(*serial),
        _ => None,
    });
    let events = vec![event("a", "03:05:00", by_role(), "iam:ListUsers", None)];
    let found = Found { total: 1, events, ..Found::default() };
    stage.tell(Msg::EventsFound { serial: question.expect("sought"), found: Ok(Box::new(found)) });
    stage.keys("V");
    assert!(matches!(stage.model.overlay, Some(Overlay::Watches(0))));
    let watch = &stage.model.case.watches[0];
    assert_eq!(watch.who.to_string(), "session nightly of role deploy");
    assert_eq!((watch.run.as_ref(), watch.since), (None, at(NOW)));
    let asks = asked(&mut stage);
    assert_eq!(asks[0].question.lookup().attribute.map(|(_, v)| v).as_deref(), Some("nightly"));
    assert!(stage.text().contains("03:10:00 UTC"), "{}", stage.text());
}

#[test]
fn offline_nobody_is_watched() {
    let setup = halon::model::Setup { offline: true, ..halon::model::Setup::plain() };
    let mut stage = Stage::with(setup, (80, 24), &["us-east-1"]);
    stage.model.case.runs.push(contained());
    stage.ticked(NOW);
    assert!(asked(&mut stage).is_empty() && stage.model.case.watches.is_empty());
}

// --- Without a screen.

#[test]
fn silence_alone_is_exit_code_5_and_a_call_that_goes_through_is_1() {
    let machine = Machine::new();
    let watch = |more: &[&str]| {
        machine.run(&[&["--range", "--region", "us-east-1", "trail", "watch"], more].concat())
    };
    let ran = watch(&["--user", "nobody", "--account", "444455556666", "--once"]);
    assert_eq!(ran.code, 5, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("user nobody in 444455556666: no call seen yet"), "{}", ran.out);
    assert!(ran.out.contains("no call seen is not no call made"), "{}", ran.out);
    // The scenario's night: the session's last call was refused, the key's was not.
    let session = ["--session", "log-archiver/sync", "--since", "2026-03-02T02:33:00Z", "--once"];
    let ran = watch(&session);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("FIRST DENIED 2026-03-02T02:37:00Z sts:AssumeRole"), "{}", ran.out);
    let key = ["--key", "AKIAI99SIEMEXEXAMPLE", "--since", "2026-03-02T02:20:00Z", "--once"];
    let ran = watch(&key);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("STILL ALLOWED"), "{}", ran.out);
    let ran = machine.run(&[&["--range", "--json", "trail", "watch"], &key[..]].concat());
    let answer = ran.json();
    assert_eq!(answer["schema"], "halon.watch/1");
    let items = answer["items"].as_array().expect("items");
    let states: Vec<&str> = items.iter().filter_map(|i| i["state"].as_str()).collect();
    assert!(states.contains(&"still_allowed") && states.contains(&"quiet"), "{states:?}");
    assert!(ran.err.contains("STILL ALLOWED"), "{}", ran.err);
}

#[test]
fn a_run_is_followed_by_a_watch_where_that_is_asked_for() {
    let machine = Machine::new();
    let run = ["playbook", "run", "leaked-access-key", "-i", "key=AKIAI99SIEMEXEXAMPLE", "--yes"];
    let ran = machine.armed(&[&run[..], &["--watch", "1s"]].concat());
    assert_eq!(ran.code, 5, "nothing was seen, which proves nothing: {}", ran.err);
    assert_eq!(ran.json()["items"][0]["state"], "done");
    assert!(ran.err.contains("watch key AKIAI99SIEMEXEXAMPLE in 444455556666, contained"));
    assert!(ran.err.contains("its time is up"), "{}", ran.err);
    // Off already: nothing was done, and there is nobody to watch.
    let ran = machine.armed(&[&run[..], &["--watch"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn what_cannot_be_watched_is_wrong_usage() {
    let machine = Machine::new();
    for (arguments, why) in [
        (&["--once"][..], "--role <ROLE>|--user <USER>|--key <ID>|--session <ROLE/SESSION>"),
        (&["--role", "a b"], "--role: a name is"),
        (&["--session", "deploy"], "--session: expected ROLE/SESSION"),
        (&["--key", "x"], "--key: an access key id"),
        (&["--role", "r", "--user", "u"], "cannot be used with"),
        (&["--role", "r", "--for", "2d"], "no time from 1s to 24h"),
        (&["--role", "r", "--since", "2027-01-01"], "--since is after now"),
        (&["--role", "r", "--since", "soon"], "--since"),
    ] {
        let ran = machine.run(&[&["--range", "trail", "watch"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(why), "{arguments:?}: {}", ran.err);
    }
    let ran = machine.run(&["--offline", "trail", "watch", "--role", "r"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}
