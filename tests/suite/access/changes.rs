//! What changes something: refused to whoever may only read, done by whoever may respond.

use std::collections::BTreeSet;

use halon::{
    case::Draft,
    cloud::allowed::{self, Access, By, Wanted},
    domain::{FaultKind, Outcome},
    playbook::{ItemKind, Next, RunState, Told},
    range::shipped,
};
use serde_json::Value as Json;

use super::worlds::{FULL, actions, all_playbooks, changed, document, of, text, without, world_with};
use crate::suite::{
    ground::{Ground, one_step, paused, world, world_of, yes},
    machine::say,
    shipped::{CASES, Case, RESTORES},
    unchanged::{consented, of_each_verb},
};

const BUSY: &str = include_str!("../../fixtures/scenarios/every-verb.toml");

/// Every verb, tried as a responder would, with everybody's rights taken but to read.
#[test]
fn whoever_may_only_read_is_refused_every_change_by_iam() {
    paused(async || {
        let read_only = document(Access::ReadOnly).to_string();
        let mut ground = Ground::new(world_with(BUSY, &read_only)).await;
        let before = ground.range.digest().expect("a digest");
        let armed = ground.mode.clone();
        let mut refused = BTreeSet::new();
        for (spec, text) in of_each_verb(&ground) {
            // Planned: everything that a plan reads may be read.
            let task = consented(&mut ground, &text, &armed).await;
            let Told::Applied { result: Ok(applied), .. } = ground.told(task).await else {
                panic!("{} was not sent", spec.name)
            };
            let Outcome::Refused(fault) = &applied.outcome else {
                panic!("{}: {:?}", spec.name, applied.outcome)
            };
            assert_eq!(fault.kind, FaultKind::Denied, "{}: {fault}", spec.name);
            refused.insert(spec.operation);
        }
        let sent: BTreeSet<String> =
            ground.changes().into_iter().map(|(operation, status)| {
                assert!(status == 403 || status == 400, "{operation}: {status}");
                operation
            }).collect();
        let sent: BTreeSet<&str> = sent.iter().map(String::as_str).collect();
        assert_eq!(sent, refused, "each was sent to the service, and refused there");
        assert_eq!(ground.range.digest().expect("a digest"), before, "the world is as it was");
    });
}

/// How a playbook fared.
#[derive(Debug, PartialEq)]
enum Fared {
    /// To its end and back, or what of it changes nothing.
    Well,
    /// The first thing that went wrong.
    Broke(String),
}

struct Prepared<'c> {
    case: &'c Case,
    /// What contains first, with full rights.
    after: Option<&'c Case>,
    account: Option<String>,
    inputs: Vec<(String, String)>,
    after_inputs: Vec<(String, String)>,
}

/// Each playbook with its case, its inputs looked up in a world that lets everybody look.
async fn prepared() -> Vec<Prepared<'static>> {
    let mut all = Vec::new();
    let restores = RESTORES.iter().map(|(before, case)| (case, Some(&CASES[*before])));
    for (case, after) in CASES.iter().map(|case| (case, None)).chain(restores) {
        let ground = Ground::new(world(case.scenario)).await;
        let after_inputs = after.map(|after: &Case| after.inputs(&ground)).unwrap_or_default();
        let (account, inputs) = (case.account(&ground), case.inputs(&ground));
        all.push(Prepared { case, after, account, inputs, after_inputs });
    }
    all
}

impl Prepared<'_> {
    /// Planned, run and taken back by people with this policy alone.
    async fn with(&self, document: &str) -> Fared {
        let mut ground = Ground::new(world_with(text(self.case.scenario), document)).await;
        ground.place.break_glass = ground.range.break_glass();
        let account = self.account.as_deref();
        if let Some(after) = self.after {
            let draft = after.drafted_with(&mut ground, account, &self.after_inputs).await;
            match through(&ground, "before", &draft, after).await {
                Fared::Well => {}
                broke @ Fared::Broke(_) => return broke,
            }
        }
        let draft = self.case.drafted_with(&mut ground, account, &self.inputs).await;
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
}

async fn through(ground: &Ground, id: &str, draft: &Draft, case: &Case) -> Fared {
    let plan = draft.plan().expect("a plan");
    if let Some((item, fault)) = plan.blocked() {
        assert_eq!(fault.kind, FaultKind::Denied, "{}: {fault}", item.id);
        return Fared::Broke(format!("{} cannot be planned: {fault}", item.id));
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
            other => return Fared::Broke(format!("{other:?} at {:?}", run.current())),
        }
    }
    match run.state() {
        RunState::Done => Fared::Well,
        state => Fared::Broke(format!("{state:?}")),
    }
}

fn wanted_by<'w>(wanted: &'w [Wanted], playbook: &str) -> impl Iterator<Item = &'w Wanted> {
    let by = [By::Playbook(playbook.to_owned()), By::Undo(playbook.to_owned())];
    wanted.iter().filter(move |w| by.iter().any(|by| w.by.contains(by)))
}

#[test]
fn whoever_may_respond_runs_every_playbook_and_takes_it_back() {
    paused(async || {
        let respond = document(Access::Respond).to_string();
        for one in prepared().await {
            assert_eq!(one.with(&respond).await, Fared::Well, "{}", one.case.playbook);
        }
    });
}
