//! What changes something: refused to whoever may only read, done by whoever may respond.

use std::{collections::BTreeSet, sync::Mutex, thread};

use halon::{
    case::{Draft, Stage, Witness},
    cloud::allowed::{self, Access, By, Wanted},
    domain::{FaultKind, Outcome},
    playbook::{ItemKind, Next, RunState, Told},
    policy,
    range::Range,
};
use serde_json::Value as Json;

use super::worlds::{
    all_playbooks, changed, document, inline_of, principal, text, without, world_with,
};
use crate::suite::{
    ground::{Ground, one_step, paused, world, world_of, yes},
    machine::say,
    shipped::{CASES, Case, RESTORES},
    unchanged::{consented, of_each_verb},
};

const BUSY: &str = include_str!("../../fixtures/scenarios/every-verb.toml");

/// Every verb, planned and sent as a responder would, with everybody's rights taken but to read.
#[test]
fn whoever_may_only_read_is_refused_every_change_by_iam() {
    paused(async || {
        let read_only = document(Access::ReadOnly).to_string();
        let mut ground = Ground::new(world_with(BUSY, &read_only)).await;
        let before = ground.range.digest().expect("a digest");
        let armed = ground.mode.clone();
        let mut refused = BTreeSet::new();
        for (spec, text) in of_each_verb(&ground) {
            let task = consented(&mut ground, &text, &armed).await;
            let Told::Applied { result: Ok(applied), .. } = ground.told(task).await else {
                panic!("{} was not sent", spec.name)
            };
            let Outcome::Refused(fault) = &applied.outcome else {
                panic!("{}: {:?}", spec.name, applied.outcome)
            };
            assert_eq!(fault.kind, FaultKind::Denied, "{}: {fault}", spec.name);
            refused.insert(spec.operation.to_owned());
        }
        let mut sent = BTreeSet::new();
        for (operation, status) in ground.changes() {
            assert!([400, 403].contains(&status), "{operation}: {status}");
            sent.insert(operation);
        }
        assert_eq!(sent, refused, "each was sent to the service, and refused there");
        assert_eq!(ground.range.digest().expect("a digest"), before, "the world is as it was");
    });
}

/// How a playbook fared.
#[derive(Debug, PartialEq)]
enum Fared {
    /// To its end and back.
    Well,
    /// The first thing that went wrong.
    Broke(String),
}

type Otherwise = fn(&mut toml::Table);

struct Trial {
    case: &'static Case,
    /// What contains first.
    after: Option<&'static Case>,
    otherwise: Otherwise,
    account: Option<String>,
    inputs: Vec<(String, String)>,
    after_inputs: Vec<(String, String)>,
}

/// The worlds in which a playbook goes its other way: no room for another inline policy, or no
/// detector left.
const OTHERWISE: &[(&str, Otherwise)] = &[
    ("contain-user", |table| full(principal(table, "svc-metrics"), 2_000)),
    ("compromised-role-session", |table| full(principal(table, "ci-deploy"), 10_180)),
    ("restore-detection", |table| {
        for account in table["accounts"].as_array_mut().expect("accounts") {
            let account = account.as_table_mut().expect("a table");
            if account.remove("guardduty_disabled").is_some() {
                account.insert("guardduty".to_owned(), vec!["us-east-1"].into());
            }
        }
        // A region without a detector has no findings.
        let findings = table["findings"].as_array_mut().expect("findings");
        findings.retain(|f| {
            f["account"].as_str() != Some("example-prod")
                || f["region"].as_str() != Some("eu-west-1")
        });
    }),
];

/// Fills up the inline policies: IAM counts their characters together.
fn full(who: &mut toml::Table, characters: usize) {
    who.insert("inline".to_owned(), inline_of("full", &padded(characters)).into());
}

fn padded(characters: usize) -> String {
    let around = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::/*"}]}"#;
    around.replace(":::", &format!(":::{}", "b".repeat(characters - around.len())))
}

/// Each playbook in its world, its inputs looked up while everybody may look.
async fn trials() -> Vec<Trial> {
    let plain: Otherwise = |_| ();
    let restores = RESTORES.iter().map(|(before, case)| (case, Some(&CASES[*before]), plain));
    let others = OTHERWISE.iter().map(|(id, otherwise)| {
        let case = CASES.iter().find(|case| case.playbook == *id).expect("a case");
        (case, None, *otherwise)
    });
    let all = CASES.iter().map(|case| (case, None, plain)).chain(restores).chain(others);
    let mut out = Vec::new();
    for (case, after, otherwise) in all {
        let ground = Ground::new(world(case.scenario)).await;
        let after_inputs = after.map(|after: &Case| after.inputs(&ground)).unwrap_or_default();
        let (account, inputs) = (case.account(&ground), case.inputs(&ground));
        out.push(Trial { case, after, otherwise, account, inputs, after_inputs });
    }
    // A unit has accounts and units beneath it, which an account has not; an account has a name.
    let ground = Ground::new(world("tampered")).await;
    let named = |id: &str| CASES.iter().find(|case| case.playbook == id).expect("a case");
    let at = |case: &Case, target: &str| {
        let mut inputs = case.inputs(&ground);
        inputs.iter_mut().filter(|i| i.0 == "target").for_each(|i| i.1 = target.to_owned());
        inputs
    };
    let (deny, detach) = (named("deny-by-scp"), named("detach-scp"));
    let account = deny.account(&ground);
    let unit = at(deny, &ground.unit("Workloads"));
    let it = account.clone().expect("the finding is of an account");
    let (there, gone) = (at(deny, &it), at(detach, &it));
    for (case, after, inputs, after_inputs) in
        [(deny, None, unit, Vec::new()), (detach, Some(deny), gone, there)]
    {
        let account = account.clone();
        out.push(Trial { case, after, otherwise: plain, account, inputs, after_inputs });
    }
    out
}

impl Trial {
    fn world(&self, document: &str) -> Range {
        world_of(&changed(text(self.case.scenario), document, None, self.otherwise))
    }

    async fn ground(&self, document: &str) -> Ground {
        let mut ground = Ground::new(self.world(document)).await;
        ground.place.break_glass = ground.range.break_glass();
        ground
    }

    async fn drafted(&self, ground: &mut Ground) -> Draft {
        self.case.drafted_with(ground, self.account.as_deref(), &self.inputs).await
    }

    /// Planned, run and taken back by people with this policy alone.
    async fn with(&self, document: &str) -> Fared {
        let mut ground = self.ground(document).await;
        if let Some(after) = self.after {
            let account = self.account.as_deref();
            let draft = after.drafted_with(&mut ground, account, &self.after_inputs).await;
            match through(&ground, "before", &draft, after).await {
                Fared::Well => {}
                broke @ Fared::Broke(_) => return broke,
            }
        }
        let draft = self.drafted(&mut ground).await;
        let ran = through(&ground, "r1", &draft, self.case).await;
        if ran != Fared::Well || self.case.changes == 0 {
            return ran;
        }
        let back = ground.undo("r1").await;
        let items = &back.plan().expect("a plan").items;
        if items.iter().all(|i| matches!(i.kind, ItemKind::Nothing { .. })) {
            return Fared::Well;
        }
        through(&ground, "r1-back", &back, self.case).await
    }

    /// What its plan says to whoever sees the whole organization, and to whoever is signed in to
    /// the account alone.
    async fn plans(&self, document: &str) -> [String; 2] {
        let mut wide = self.ground(document).await;
        let mut alone = Ground::signed_in_to(self.world(document), "example-prod").await;
        let wide = format!("{:?}", self.drafted(&mut wide).await.plan());
        [wide, format!("{:?}", self.drafted(&mut alone).await.plan())]
    }
}

async fn through(ground: &Ground, id: &str, draft: &Draft, case: &Case) -> Fared {
    let plan = draft.plan().expect("a plan");
    if let Some((item, fault)) = plan.blocked() {
        // Where others say that they have no such thing, it says whom it could not ask.
        let said = fault.to_string();
        assert!(
            fault.kind == FaultKind::Denied || said.contains("may not be looked into"),
            "{}: {said}",
            item.id
        );
        return Fared::Broke(format!("{} cannot be planned: {said}", item.id));
    }
    let mut run = ground.run(id, draft);
    loop {
        match ground.on(&mut run).await {
            Next::Ask => {
                let step = run.current().expect("a step").id.clone();
                run.answer(!case.no.contains(&step.as_str()));
            }
            Next::Confirm(prompt) => run.consent(yes(&prompt.review)),
            Next::Over => break,
            _ => {
                return Fared::Broke(format!(
                    "{:?} at {:?}",
                    run.state(),
                    run.current().map(|i| &i.id)
                ));
            }
        }
    }
    match run.state() {
        RunState::Done => Fared::Well,
        state => Fared::Broke(format!("{state:?}")),
    }
}

#[test]
fn whoever_may_respond_runs_every_playbook_and_takes_it_back() {
    paused(async || {
        let respond = document(Access::Respond).to_string();
        for trial in trials().await {
            let id = trial.case.playbook;
            assert_eq!(trial.with(&respond).await, Fared::Well, "{id}");
            // And pre-flight says so before anything is sent.
            let mut ground = trial.ground(&respond).await;
            let draft = trial.drafted(&mut ground).await;
            for prepared in draft.plan().expect("a plan").changes() {
                let own = ground
                    .case
                    .foreseen(prepared)
                    .iter()
                    .find(|f| f.witness == Witness::Here && !f.who.is_break_glass);
                let own = own.unwrap_or_else(|| panic!("{id}: nothing is foreseen"));
                assert_eq!(own.stage, Stage::Answered, "{id}: {own:?}");
                assert_eq!(own.outcome, policy::Outcome::Allowed, "{id}: {own:?}");
            }
        }
    });
}

/// Actions without which a plan says less, and is made all the same.
const SAYS_LESS: &[&str] = &["cloudtrail:LookupEvents", "guardduty:GetAdministratorAccount"];

/// Without it a suspended detector looks like one that has nothing new: to findings, which say
/// so (`screens.rs`), and to a playbook's reading in a region with such a detector.
const OF_SUSPENDED: &str = "guardduty:GetDetector";

/// For each action all that the list names breaks without it: the playbook cannot be planned or
/// run, or its run cannot be taken back.
#[test]
fn without_any_one_action_every_playbook_that_needs_it_breaks() {
    let respond = document(Access::Respond);
    let wanted = allowed::wanted(Access::Respond, &all_playbooks());
    let mut all = Vec::new();
    paused(async || all = trials().await);
    let glass = ["break-glass", "break-glass-canary"];
    let mut jobs: Vec<(&Wanted, &By, Vec<&Trial>)> = Vec::new();
    for (wanted, by) in wanted.iter().flat_map(|w| w.by.iter().map(move |by| (w, by))) {
        let (By::Playbook(id) | By::Undo(id)) = by else { continue };
        // Those two are in every drill: `drill.rs`.
        let suspended = wanted.action == OF_SUSPENDED && id != "restore-detection";
        if !glass.contains(&id.as_str()) && !suspended {
            jobs.push((wanted, by, all.iter().filter(|t| t.case.playbook == id).collect()));
        }
    }
    let (jobs, tried) = (Mutex::new(jobs), Mutex::new(0_usize));
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                loop {
                    let job = jobs.lock().expect("a lock").pop();
                    let Some((wanted, by, trials)) = job else { return };
                    let less = without(&respond, wanted.action);
                    assert!(
                        breaks(&respond, &less, wanted, &trials),
                        "{} without {}",
                        by.words(),
                        wanted.action
                    );
                    *tried.lock().expect("a lock") += 1;
                }
            });
        }
    });
    let tried = tried.into_inner().expect("a lock");
    say(&format!("respond: {tried} times an action was taken away, and what needs it broke"));
    assert!(tried > 100, "{tried}");
}

/// Whether any of a playbook's worlds shows it.
fn breaks(respond: &Json, less: &Json, wanted: &Wanted, trials: &[&Trial]) -> bool {
    paused(async || {
        for trial in trials {
            if trial.with(&less.to_string()).await != Fared::Well {
                return true;
            }
            if SAYS_LESS.contains(&wanted.action)
                && trial.plans(&less.to_string()).await != trial.plans(&respond.to_string()).await
            {
                return true;
            }
        }
        false
    })
}

/// Where the playbooks name a policy or a tag themselves, no other is allowed; nor is another
/// kind of policy of the organization.
#[test]
fn a_responder_attaches_and_tags_no_more_than_the_playbooks_do() {
    const MINE: &[(&str, &str, &str, bool)] = &[
        ("iam.attach_user_policy", "policy", "arn:aws:iam::aws:policy/AWSDenyAll", true),
        ("iam.attach_user_policy", "policy", "arn:aws:iam::aws:policy/AdministratorAccess", false),
        ("iam.tag_user", "key", "Quarantine", true),
        ("iam.tag_user", "key", "BreakGlass", false),
    ];
    let respond = document(Access::Respond).to_string();
    for (change, name, value, goes) in MINE {
        paused(async || {
            let mut ground = Ground::new(world_with(text("tampered"), &respond)).await;
            let mut with = vec![("user", "deployer"), (*name, *value)];
            with.extend((*name == "key").then_some(("value", "x")));
            let armed = ground.mode.clone();
            let task = consented(&mut ground, &one_step(change, &with), &armed).await;
            let Told::Applied { result: Ok(applied), .. } = ground.told(task).await else {
                panic!("{change} was not sent")
            };
            let went = matches!(applied.outcome, Outcome::Accepted);
            assert_eq!(went, *goes, "{change} {value}: {:?}", applied.outcome);
        });
    }
}
