//! What goes wrong between a plan and its end: no answer, somebody else's hand, expired
//! credentials, half an answer. A change is sent once and never again by itself, and what
//! is not known is said to be so.

use std::sync::Arc;

use futures_util::FutureExt;
use halon::{
    audit::{self, Kind},
    domain::{FaultKind, Outcome, State, Verb},
    guard::Ceremony,
    playbook::{Intended, ItemKind, Next, Run, RunState, StepState, Task, Told, shipped},
    range::{OPERATOR_KEY, Operator, Pace, Range, Scenario},
    runtime,
};
use serde_json::json;
use tokio::sync::Notify;

use super::{
    cli::Machine,
    commands::KEY,
    ground::{Ground, one_step, paused, said, texts, world, yes},
    stage::region,
};

const ROLE: &str = "log-archiver";
const POLICY: &str = "arn:aws:iam::444455556666:policy/log-archive-access";
const FINDING: &str = "5e0c4f7a9d1b63e28c7f40a6b2d9158e";
const SECURITY: &str = "444455556666";

fn playbook(id: &str) -> &'static str {
    shipped().iter().find(|(known, _)| *known == id).expect("a playbook").1
}

fn fault(op: &str, kind: &str, when: &str) -> String {
    format!("[[faults]]\nop = \"{op}\"\nkind = \"{kind}\"\n{when}\n")
}

fn deactivate() -> String {
    one_step("iam.deactivate_access_key", &[("key", KEY)])
}

fn detach() -> String {
    one_step("iam.detach_role_policy", &[("role", ROLE), ("policy", POLICY)])
}

/// The key's status as a request by hand sees it.
fn status(ground: &Ground) -> String {
    let who = ground.operator(SECURITY);
    let keys = ground.iam(&who, "ListAccessKeys", &[("UserName", "siem-exporter")]);
    texts(&keys, "Status").join(",")
}

fn is_attached(ground: &Ground) -> bool {
    let who = ground.operator(SECURITY);
    ground.iam(&who, "ListAttachedRolePolicies", &[("RoleName", ROLE)]).contains(POLICY)
}

/// A run of one change, as far as its only step has come.
async fn begun(ground: &mut Ground, text: &str) -> Run {
    let draft = ground.draft(text, &[]).await;
    assert_eq!(draft.plan().expect("a plan").changes().count(), 1);
    ground.run("r1", &draft)
}

async fn states(ground: &Ground) -> [Vec<String>; 2] {
    let records = ground.records().await;
    let outcomes = said(&records, "r1", Kind::Outcome, "/result/state");
    [outcomes, said(&records, "r1", Kind::Readback, "/state")]
}

#[test]
fn a_change_that_was_made_and_not_answered_is_sent_once_and_read_back() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let mut run = begun(&mut ground, &deactivate()).await;
        ground.faults(&fault("iam:UpdateAccessKey", "reset-after", ""));
        assert_eq!(ground.through(&mut run).await, RunState::Done);
        assert_eq!(ground.changes(), [("UpdateAccessKey".to_owned(), 0)]);
        assert_eq!(status(&ground), "Inactive");
        assert_eq!(states(&ground).await, [["unknown"], ["done"]]);
        assert_eq!(run.items[0].state, StepState::Done);
        assert!(audit::unknown(&ground.records().await).is_empty(), "settled");
    });
}

/// The service does what it was asked and its answer never comes.
#[test]
fn a_change_that_hangs_is_sent_once_and_read_back() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let mut run = begun(&mut ground, &deactivate()).await;
        ground.faults(&fault("iam:UpdateAccessKey", "hang", "nth = 1"));
        let task = ground.until_call(&mut run).await;
        let arrived = Arc::new(Notify::new());
        let made = async {
            // The call is on its way, and nothing comes back of it.
            while ground.changes().is_empty() {
                tokio::task::yield_now().await;
            }
            let who = ground.operator(SECURITY);
            let user =
                [("UserName", "siem-exporter"), ("AccessKeyId", KEY), ("Status", "Inactive")];
            ground.iam(&who, "UpdateAccessKey", &user);
            arrived.notify_one();
        };
        let ((), told) = tokio::join!(made, ground.told(task));
        let Told::Applied { result: Ok(applied), unrecorded: None } = &told else {
            panic!("{told:?}")
        };
        let Outcome::Unknown(why) = &applied.outcome else { panic!("{applied:?}") };
        assert_eq!(
            (why.kind, why.hint.as_deref(), applied.attempts),
            (FaultKind::Timeout, None, 1)
        );
        run.told(told);
        assert_eq!(ground.through(&mut run).await, RunState::Done);
        assert_eq!(ground.changes(), [("UpdateAccessKey".to_owned(), 0)]);
        assert_eq!(states(&ground).await, [["unknown"], ["done"]]);
    });
}

#[test]
fn a_change_that_nobody_saw_arrive_stays_unknown_and_is_not_sent_again() {
    for kind in ["hang", "reset", "status:500", "status:503"] {
        paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let mut run = begun(&mut ground, &deactivate()).await;
            ground.faults(&fault("iam:UpdateAccessKey", kind, "nth = 1"));
            assert_eq!(ground.through(&mut run).await, RunState::Incomplete, "{kind}");
            assert_eq!(ground.changes().len(), 1, "{kind}");
            assert_eq!(states(&ground).await, [["unknown"], ["unconfirmed"]], "{kind}");
            let StepState::Unknown(why) = &run.items[0].state else {
                panic!("{kind}: {:?}", run.items[0].state)
            };
            assert!(why.contains("sent once, not answered"), "{why}");
            // It is still among the unknown, is looked at again, and looking sends nothing.
            let unknown = Intended::unknown(&ground.records().await).expect("readable");
            assert_eq!(unknown.len(), 1, "{kind}");
            let by = runtime::By { mode: "armed", caller_arn: None };
            let settle = ground.actor.settle(&unknown[0], by, &|_| ()).boxed_local();
            let said = settle.await.expect("written");
            assert!(said.contains("not seen yet"), "{said}");
            assert_eq!((ground.changes().len(), status(&ground).as_str()), (1, "Active"), "{kind}");
            // What may have been made is offered to be taken back.
            let done = halon::playbook::done_changes(&ground.records().await, "r1");
            assert_eq!(done.expect("readable").len(), 1);
        });
    }
}

/// Edits the policy as an attacker or a colleague would.
fn edit(ground: &Ground, who: &Operator, new_version: bool) {
    if new_version {
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Meanwhile", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
        let document = document.to_string();
        let parameters =
            [("PolicyArn", POLICY), ("PolicyDocument", &document), ("SetAsDefault", "true")];
        ground.iam(who, "CreatePolicyVersion", &parameters);
    } else {
        ground.iam(who, "SetDefaultPolicyVersion", &[("PolicyArn", POLICY), ("VersionId", "v1")]);
    }
}

#[test]
fn a_policy_edited_after_the_plan_is_asked_about_with_the_new_diff() {
    for new_version in [true, false] {
        paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let mut run = begun(&mut ground, &detach()).await;
            let shown = format!("{:?}", run.items[0].prepared().expect("a change").diff());
            edit(&ground, &ground.operator(SECURITY), new_version);
            let (review, changed) = ground.asked(&mut run).await;
            assert!(changed, "what was planned is not what is there");
            let now = format!("{:?}", run.items[0].prepared().expect("a change").diff());
            assert_ne!(now, shown);
            assert!(now.contains(if new_version { "Meanwhile" } else { "Archive" }), "{now}");
            assert_eq!(ground.changes(), []);
            run.consent(yes(&review));
            assert_eq!(ground.through(&mut run).await, RunState::Done);
            assert!(!is_attached(&ground));
            // What the log has of it is what was shown last.
            let records = ground.records().await;
            let before = said(&records, "r1", Kind::Intent, "/before").remove(0);
            assert!(before.contains(if new_version { "Meanwhile" } else { "Archive" }), "{before}");
        });
    }
}

#[test]
fn a_policy_edited_after_the_consent_makes_it_useless() {
    for new_version in [true, false] {
        paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let mut run = begun(&mut ground, &detach()).await;
            let (old, changed) = ground.asked(&mut run).await;
            assert!(!changed);
            run.consent(yes(&old));
            edit(&ground, &ground.operator(SECURITY), new_version);
            let (new, changed) = ground.asked(&mut run).await;
            assert!(changed, "asked again");
            assert_ne!(new, old);
            // The old consent once more, as often as one likes: it is for another change.
            for _ in 0..3 {
                run.consent(yes(&old));
                let (again, _) = ground.asked(&mut run).await;
                assert_eq!(again, new);
            }
            assert_eq!(ground.changes(), []);
            assert!(said(&ground.records().await, "r1", Kind::Intent, "/corr").is_empty());
            run.consent(yes(&new));
            assert_eq!(ground.through(&mut run).await, RunState::Done);
            assert_eq!(ground.changes(), [("DetachRolePolicy".to_owned(), 200)]);
        });
    }
}

#[test]
fn credentials_that_expire_stop_a_run_wherever_it_is_and_lose_nothing() {
    let inputs = [("findings", FINDING), ("reason", "a drill")];
    let twice = ["ArchiveFindings", "BatchUpdateFindings"];
    let mut nth = 1;
    loop {
        let over = paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let draft = ground.draft(playbook("archive-findings"), &inputs).await;
            ground.forget_requests();
            let mut run = ground.run("r1", &draft);
            ground.faults(&fault("*", "expired", &format!("nth = {nth}")));
            let first = ground.through(&mut run).await;
            let struck = ground.requests().len() >= nth;
            let done = |run: &Run| -> Vec<String> {
                let done = run.items.iter().filter(|i| i.state == StepState::Done);
                done.map(|i| i.id.clone()).collect()
            };
            if first == RunState::Stopped {
                let trouble = run.trouble().expect("a reason");
                assert_eq!(trouble.kind, FaultKind::Expired, "{trouble}");
                assert!(
                    trouble.hint.as_deref().is_some_and(|h| h.contains("sign in")),
                    "{trouble}"
                );
                // It stays stopped: nothing is asked by itself.
                let (asked, kept) = (ground.requests().len(), done(&run));
                assert_eq!(ground.on(&mut run).await, Next::Stopped);
                assert_eq!(ground.requests().len(), asked);
                let steps = said(&ground.records().await, "r1", Kind::Step, "/state");
                assert_eq!(steps.iter().filter(|s| *s == "done").count(), kept.len());
                assert_eq!(steps.last().map(String::as_str), Some("failed"));
                run.retry();
                assert_eq!(ground.through(&mut run).await, RunState::Done, "request {nth}");
                assert!(done(&run).starts_with(&kept));
            } else {
                // A read-back reads again by itself.
                assert_eq!(first, RunState::Done, "request {nth}");
            }
            let made: Vec<String> =
                ground.changes().into_iter().filter(|(_, s)| *s == 200).map(|(o, _)| o).collect();
            assert_eq!(made, twice, "each is made once, request {nth}");
            assert!(audit::unknown(&ground.records().await).is_empty());
            !struck
        });
        if over {
            break;
        }
        nth += 1;
    }
    assert!(nth > 12, "every request of the run was struck: {nth}");
}

/// A world and a log that the commands find in their folder.
fn shared(machine: &Machine) -> Range {
    let (_, text) = halon::range::shipped().iter().find(|(id, _)| *id == "leaked-key").expect("it");
    let scenario = Scenario::read("leaked-key", text).expect("a good scenario");
    runtime::open_range(scenario, Pace::Real, &machine.data()).expect("opens")
}

#[test]
fn a_run_that_stopped_or_was_cut_off_is_taken_up_from_the_log() {
    // The call at which it stops, and whether its end was written down.
    for (op, told_the_end) in [
        ("securityhub:BatchUpdateFindings", true),
        ("securityhub:BatchUpdateFindings", false),
        ("guardduty:ArchiveFindings", false),
    ] {
        let machine = Machine::new();
        let made = paused(async || {
            let range = shared(&machine);
            let log = machine.data().join("audit-range.jsonl");
            let mut ground = Ground::logging_to(range, &log).await;
            let inputs = [("findings", FINDING), ("reason", "a drill")];
            let draft = ground.draft(playbook("archive-findings"), &inputs).await;
            let mut run = ground.run("r1", &draft);
            ground.faults(&fault(op, "expired", ""));
            assert_eq!(ground.through(&mut run).await, RunState::Stopped);
            if told_the_end {
                run.abandon();
                assert_eq!(ground.on(&mut run).await, Next::Over);
                ground.actor.audit.end("the command ended").await;
            }
            machine.accepted()
        });
        assert_eq!(made.len(), usize::from(op.starts_with("securityhub")));
        let ran = machine.armed(&["playbook", "resume", "r1", "--yes"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let answer = ran.json();
        let run = &answer["items"][0];
        assert_eq!((run["run_id"].as_str(), run["state"].as_str()), (Some("r1"), Some("done")));
        let both = ["guardduty:ArchiveFindings", "securityhub:BatchUpdateFindings"];
        assert_eq!(machine.accepted(), both, "nothing twice");
        // Both parts of it are one run, and are taken back as one.
        let ran = machine.armed(&["undo", "r1", "--yes"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let back = ["securityhub:BatchUpdateFindings", "guardduty:UnarchiveFindings"];
        assert_eq!(machine.accepted(), [both, back].concat());
        let report = audit::verify(&machine.data().join("audit-range.jsonl"), None, None);
        assert!(report.problems.is_empty(), "{report:?}");
    }
}

#[test]
fn what_was_left_undone_of_a_call_is_no_success_and_can_be_taken_back() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let who = ground.operator(SECURITY);
        let active = |f: &serde_json::Value| {
            f["Workflow"]["Status"] == "NEW" && f["Region"] == "us-east-1" && f["Note"].is_null()
        };
        let all = ground.hub(&who, &region("us-east-1"));
        let ids: Vec<String> =
            all.iter().filter(|(_, f)| active(f)).map(|(id, _)| id.clone()).take(3).collect();
        let workflows = |ground: &Ground| -> Vec<String> {
            let all = ground.hub(&who, &region("us-east-1"));
            ids.iter().map(|id| all[id]["Workflow"]["Status"].to_string()).collect()
        };
        let before = workflows(&ground);
        let joined = ids.join(",");
        let with = [("findings", joined.as_str()), ("status", "RESOLVED")];
        let mut run = begun(&mut ground, &one_step("securityhub.set_workflow", &with)).await;
        ground.faults(&fault("securityhub:BatchUpdateFindings", "unprocessed", "nth = 1"));
        assert_eq!(ground.through(&mut run).await, RunState::Stopped);
        assert_eq!(ground.changes().len(), 1);
        let trouble = run.trouble().expect("a reason").to_string();
        assert!(
            trouble.contains("a part of it") && trouble.contains("InternalFailure"),
            "{trouble}"
        );
        let records = ground.records().await;
        assert_eq!(said(&records, "r1", Kind::Outcome, "/result/state"), ["partial"]);
        let not = said(&records, "r1", Kind::Outcome, "/result/unprocessed/0").remove(0);
        let undone: Vec<&String> = ids.iter().filter(|id| not.contains(id.as_str())).collect();
        assert_eq!(undone.len(), 1, "{not}");
        assert_eq!(workflows(&ground).iter().filter(|w| *w == "\"RESOLVED\"").count(), 2);
        // Nothing goes on by itself; left like this, the run can be taken back.
        assert_eq!(ground.on(&mut run).await, Next::Stopped);
        run.abandon();
        assert_eq!(ground.through(&mut run).await, RunState::Abandoned);
        let draft = ground.undo("r1").await;
        let mut back = ground.run("r2", &draft);
        assert_eq!(ground.through(&mut back).await, RunState::Done);
        assert_eq!(workflows(&ground), before);
    });
}

#[test]
fn what_was_left_undone_is_done_by_another_try() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let inputs = [("findings", FINDING), ("reason", "a drill")];
        let draft = ground.draft(playbook("archive-findings"), &inputs).await;
        let mut run = ground.run("r1", &draft);
        ground.faults(&fault("securityhub:BatchUpdateFindings", "unprocessed", "nth = 1"));
        assert_eq!(ground.through(&mut run).await, RunState::Stopped);
        run.retry();
        assert_eq!(ground.through(&mut run).await, RunState::Done);
        let updates = ground.changes();
        assert_eq!(updates.iter().filter(|(o, _)| o == "BatchUpdateFindings").count(), 2);
    });
}

#[test]
fn a_conflict_fails_and_is_not_sent_twice() {
    for (op, text) in [("iam:DetachRolePolicy", detach()), ("iam:UpdateAccessKey", deactivate())] {
        paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let mut run = begun(&mut ground, &text).await;
            let before = ground.dump();
            ground.faults(&fault(op, "concurrent", ""));
            assert_eq!(ground.through(&mut run).await, RunState::Stopped);
            let trouble = run.trouble().expect("a reason");
            assert_eq!(trouble.kind, FaultKind::Conflict, "{trouble}");
            assert_eq!(ground.on(&mut run).await, Next::Stopped);
            assert_eq!(ground.changes().len(), 1);
            let records = ground.records().await;
            assert_eq!(said(&records, "r1", Kind::Outcome, "/result/state"), ["error"]);
            assert!(said(&records, "r1", Kind::Readback, "/state").is_empty());
            assert_eq!(halon::playbook::done_changes(&records, "r1").expect("readable").len(), 0);
            assert_eq!(ground.dump(), before);
        });
    }
}

#[test]
fn throttling_and_denial_of_a_change_are_failures_and_not_sent_twice() {
    for kind in ["throttle", "status:403"] {
        paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let mut run = begun(&mut ground, &deactivate()).await;
            ground.faults(&fault("iam:UpdateAccessKey", kind, "nth = 1"));
            assert_eq!(ground.through(&mut run).await, RunState::Stopped, "{kind}");
            assert_eq!((ground.changes().len(), status(&ground).as_str()), (1, "Active"));
            run.retry();
            assert_eq!(ground.through(&mut run).await, RunState::Done, "{kind}");
            assert_eq!((ground.changes().len(), status(&ground).as_str()), (2, "Inactive"));
        });
    }
}

#[test]
fn old_answers_are_read_again_until_the_change_is_seen() {
    // The state is read twice before the call; the plan's own reads come before the fault.
    for (when, reads, state, end) in [
        ("from = 3\nevery = 100", "2", "done", RunState::Done),
        ("from = 3", "", "unconfirmed", RunState::Incomplete),
    ] {
        paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let mut run = begun(&mut ground, &deactivate()).await;
            ground.faults(&fault("iam:ListAccessKeys", "stale", when));
            assert_eq!(ground.through(&mut run).await, end);
            assert_eq!(ground.changes(), [("UpdateAccessKey".to_owned(), 200)]);
            assert_eq!(status_of(&run), state);
            let records = ground.records().await;
            assert_eq!(said(&records, "r1", Kind::Outcome, "/result/state"), ["ok"]);
            assert_eq!(said(&records, "r1", Kind::Readback, "/state"), [state]);
            let read = said(&records, "r1", Kind::Readback, "/reads").remove(0);
            if reads.is_empty() {
                assert!(read.parse::<u32>().is_ok_and(|n| n > 4), "{read}");
            } else {
                assert_eq!(read, reads);
            }
        });
    }
}

fn status_of(run: &Run) -> &'static str {
    run.items[0].state.word()
}

#[test]
fn what_somebody_else_did_already_is_verified_not_failed() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let mut run = begun(&mut ground, &detach()).await;
        let task = ground.until_call(&mut run).await;
        let who = ground.operator(SECURITY);
        ground.iam(&who, "DetachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", POLICY)]);
        ground.perform(&mut run, task).await;
        assert_eq!(ground.through(&mut run).await, RunState::Done);
        assert_eq!(ground.changes(), [("DetachRolePolicy".to_owned(), 404)]);
        assert_eq!(run.items[0].said.as_deref(), Some("it was so already (verified)"));
        let records = ground.records().await;
        assert_eq!(said(&records, "r1", Kind::Outcome, "/result/state"), ["error"]);
        assert_eq!(said(&records, "r1", Kind::Readback, "/state"), ["done"]);
        // It is not ours to take back.
        assert_eq!(halon::playbook::done_changes(&records, "r1").expect("readable").len(), 0);
    });
}

#[test]
fn what_is_so_already_before_the_call_needs_none() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let mut run = begun(&mut ground, &detach()).await;
        let (review, _) = ground.asked(&mut run).await;
        let who = ground.operator(SECURITY);
        ground.iam(&who, "DetachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", POLICY)]);
        run.consent(yes(&review));
        assert_eq!(ground.through(&mut run).await, RunState::Done);
        assert_eq!(ground.changes(), []);
        assert!(run.items[0].said.as_deref().is_some_and(|s| s.contains("so already")));
    });
}

#[test]
fn a_policy_that_vanished_with_its_role_is_a_failure() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let mut run = begun(&mut ground, &detach()).await;
        let task = ground.until_call(&mut run).await;
        let Task::Apply { intent, .. } = &task else { panic!("{task:?}") };
        assert!(matches!(intent.prepared.change.verb, Verb::DetachPolicy { .. }));
        // AWS says that there is nothing to detach, and nobody can see that it is so.
        let who = ground.operator(SECURITY);
        ground.iam(&who, "DetachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", POLICY)]);
        ground.faults(&fault("iam:GetRole", "status:404", ""));
        ground.perform(&mut run, task).await;
        assert_eq!(ground.through(&mut run).await, RunState::Stopped);
        assert_eq!(run.trouble().map(|f| f.kind), Some(FaultKind::NotFound));
        let records = ground.records().await;
        assert_eq!(said(&records, "r1", Kind::Readback, "/state"), ["unreadable"]);
    });
}

#[test]
fn a_member_account_is_told_before_it_tries_to_archive() {
    paused(async || {
        let mut ground = Ground::signed_in_to(world("leaked-key"), "example-prod").await;
        let who = ground.operator("123456789012");
        let found = ground.guardduty(&who, &region("us-east-1"));
        let (id, _) = found
            .iter()
            .find(|(_, f)| f["service"]["archived"] == false)
            .expect("an active finding");
        for verb in ["guardduty.archive_findings", "guardduty.unarchive_findings"] {
            let id = match verb {
                "guardduty.archive_findings" => id,
                _ => {
                    let archived = found.iter().find(|(_, f)| f["service"]["archived"] == true);
                    archived.expect("an archived finding").0
                }
            };
            let mut run = begun(&mut ground, &one_step(verb, &[("findings", id)])).await;
            let Next::Refused(refusal) = ground.on(&mut run).await else { panic!("{verb}: asked") };
            assert!(
                refusal.why.contains("member") && refusal.why.contains(SECURITY),
                "{refusal:?}"
            );
        }
        let inputs = [("findings", id.as_str()), ("reason", "r")];
        let draft = ground.draft(playbook("archive-findings"), &inputs).await;
        let mut run = ground.run("r2", &draft);
        assert!(matches!(ground.on(&mut run).await, Next::Refused(_)));
        let check = &run.items[0];
        assert!(check.said.as_deref().is_some_and(|s| s.starts_with("no: a member account")));
        assert_eq!(ground.changes(), []);
    });
}

#[test]
fn cutting_off_oneself_takes_the_whole_phrase() {
    let policy = "arn:aws:iam::aws:policy/SecurityAudit";
    for (text, target) in [
        (one_step("iam.deactivate_access_key", &[("key", OPERATOR_KEY.0)]), OPERATOR_KEY.0),
        (one_step("iam.detach_user_policy", &[("user", "oncall"), ("policy", policy)]), "oncall"),
    ] {
        paused(async || {
            let mut ground = Ground::new(world("leaked-key")).await;
            let mut run = begun(&mut ground, &text).await;
            let (review, _) = ground.asked(&mut run).await;
            let phrase = format!("lock out {target}");
            assert_eq!(review.ceremony, Ceremony::Override(phrase.clone()));
            assert!(review.lockout.as_deref().is_some_and(|l| l.contains(target)), "{review:?}");
            for typed in ["yes", target, "lock out", &phrase.to_uppercase(), ""] {
                assert_eq!(review.consent(typed), None, "{typed:?}");
            }
            assert_eq!(ground.changes(), []);
            run.consent(review.consent(&phrase).expect("the phrase"));
            ground.through(&mut run).await;
            assert_eq!(ground.changes().len(), 1);
        });
    }
}

#[test]
fn another_accounts_user_of_the_same_name_is_not_oneself() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let policy = "arn:aws:iam::aws:policy/SecurityAudit";
        let with = [("user", "prod-oncall"), ("policy", policy)];
        let mut run = begun(&mut ground, &one_step("iam.detach_user_policy", &with)).await;
        // In production it is halon's own user there that would be cut off.
        let (review, _) = ground.asked(&mut run).await;
        assert!(matches!(review.ceremony, Ceremony::Override(_)), "{review:?}");
        let with = [
            ("user", "siem-exporter"),
            ("policy", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
        ];
        let mut run = begun(&mut ground, &one_step("iam.detach_user_policy", &with)).await;
        let (review, _) = ground.asked(&mut run).await;
        assert_eq!(review.ceremony, Ceremony::Yes);
    });
}

/// Reads show the state that a change is judged by.
#[test]
fn the_plan_reads_what_is_there() {
    paused(async || {
        let mut ground = Ground::new(world("leaked-key")).await;
        let draft = ground.draft(&deactivate(), &[]).await;
        let item = &draft.plan().expect("a plan").items[0];
        let ItemKind::Change { prepared, .. } = &item.kind else { panic!("{item:?}") };
        let State::AccessKey(key) = &prepared.before else { panic!("{prepared:?}") };
        assert_eq!((key.user.as_str(), key.status.word()), ("siem-exporter", "Active"));
    });
}
