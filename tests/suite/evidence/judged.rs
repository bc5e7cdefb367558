//! Every condition by which a drill fails, and what is only a finding.

use halon::{
    audit::Record,
    drill::{Drill, Ending, Event, Item, Score, State, before, fold, left_open, verdict},
};
use serde_json::{Value, json};

use super::{AWS, RANGE, Told, drill, evidence, id, record, run, value, whole, with};

fn judged(told: &Told) -> (Ending, String) {
    let verdict = verdict(&drill(AWS, told), None);
    let said: Vec<String> = verdict.findings.iter().map(|f| f.why.clone()).collect();
    (verdict.result, said.join("; "))
}

/// A validation in which one item's value has other texts in it.
fn changed(item: Item, change: Value) -> Told {
    let mut value = value(item);
    let keys = value.as_object_mut().expect("an object");
    keys.extend(change.as_object().expect("an object").clone());
    with(whole(false, "aws"), evidence(item, State::Passed, value))
}

#[test]
fn where_nothing_is_wrong_nothing_is_found() {
    for (scripted, world, writer) in
        [(false, "aws", AWS), (true, "range", RANGE), (false, "range", RANGE)]
    {
        let verdict = verdict(&drill(writer, &whole(scripted, world)), None);
        assert_eq!((verdict.findings, verdict.result), (vec![], Ending::Passed), "{world}");
        assert!(verdict.ended);
    }
}

#[test]
fn each_condition_fails_the_drill() {
    let tests = |without: bool| {
        json!({"tests": [
            {"test": "without-mfa", "refused": without}, {"test": "stranger", "refused": true},
            {"test": "out-of-scope", "refused": true},
        ]})
    };
    for (item, change, says) in [
        (Item::Authorisation, json!({"approver": "Ann"}), "the approver is the operator"),
        (Item::Authorisation, json!({"approver": " ANN "}), "the approver is the operator"),
        (
            Item::Authorisation,
            json!({"approver": "ann@example.com"}),
            "the approver is the operator",
        ),
        (Item::Authorisation, json!({"approver": ""}), "no approver"),
        (Item::Authorisation, json!({"ticket": "none"}), "no ticket"),
        (Item::Authorisation, json!({"at": "2026-03-02T03:10:01Z"}), "authorised after the start"),
        (Item::Authorisation, json!({"at": null}), "it has no time"),
        (
            Item::Roster,
            json!({"principals": ["arn:aws:iam::444455556666:root"]}),
            "names arn:aws:iam::444455556666:root",
        ),
        (Item::Roster, json!({"people": []}), "the roster is empty"),
        (Item::Roster, json!({"principals": null}), "the trust policy was not read"),
        (Item::Role, json!({"mfa": false}), "does not ask for MFA"),
        (Item::Role, json!({"mfa": "yes"}), "does not ask for MFA"),
        (Item::Preconditions, json!({"logging": false}), "no trail logs"),
        (
            Item::Preconditions,
            json!({"endpoint": "http://127.0.0.1:4599"}),
            "elsewhere than to AWS",
        ),
        (Item::Negative, tests(false), "without-mfa was not refused"),
        (
            Item::Negative,
            json!({"tests": [{"test": "stranger", "refused": true}]}),
            "out-of-scope was not tried",
        ),
        (Item::Assume, json!({"seconds": 901}), "longer than allowed"),
        (Item::Assume, json!({"seconds": 61, "target_seconds": 60}), "longer than allowed"),
        (Item::Assume, json!({"seconds": null}), "not known how long"),
        (Item::Power, json!({"restored": false}), "the canary is not as it was"),
        (Item::Power, json!({"wrote": null}), "nothing was changed with it"),
        (Item::Ended, json!({"dead": false}), "not proven dead"),
        (Item::Ended, json!({"seconds": 61}), "still alive after the deadline"),
        (Item::CloudTrail, json!({"missing": 1}), "1 records of the log have no event"),
        (Item::CloudTrail, json!({"unlogged": 2}), "2 events have no record"),
        (Item::CloudTrail, json!({"unlogged": null}), "it is not said how many events"),
        (Item::CloudTrail, json!({"assume": null}), "AssumeRole event was not found"),
        (Item::Alert, json!({"rule": "none"}), "no alert fired"),
        (Item::Alert, json!({"acknowledged": "nobody"}), "nobody acknowledged"),
        (Item::Hygiene, json!({"resealed": false}), "not put away again"),
        (Item::Provider, json!({"provider": "AWS SSO profile"}), "came from the usual sign-in"),
        (Item::Deviations, json!({"deviations": ""}), "it is blank"),
        (
            Item::Result,
            json!({"reviewer": "arn:aws:sts::111122223333:assumed-role/Ops/ann"}),
            "the reviewer is the operator",
        ),
        (Item::Result, json!({"reviewer": " "}), "nobody reviewed it"),
        (Item::Result, json!({"owner": null}), "did not sign"),
        (Item::Result, json!({"accepted": ""}), "the sign-offs have no dates"),
        (Item::Integrity, json!({"verify": 12}), "the log does not verify"),
        (Item::Integrity, json!({"verify": null}), "the log does not verify"),
        (
            Item::Completeness,
            json!({"uses": [{"event_id": "e-9", "class": "unexplained"}]}),
            "nobody explains e-9",
        ),
        (Item::Completeness, json!({"uses": [{"event_id": "e-9"}]}), "nobody explains e-9"),
        (Item::Completeness, json!({"uses": null}), "not listed"),
    ] {
        let (ending, said) = judged(&changed(item, change.clone()));
        assert!(said.contains(says), "{item:?} {change}: {said}");
        assert_eq!(ending, Ending::Failed, "{item:?} {change}");
    }
}

#[test]
fn what_is_missing_fails_a_validation() {
    for item in Item::ALL {
        let lacks = |(_, event): &(i64, Event)| !matches!(event, Event::Evidence(evidence) if evidence.item == item);
        let told: Told = whole(false, "aws").into_iter().filter(lacks).collect();
        let (ending, said) = judged(&told);
        match (item, item.fails()) {
            (Item::Scope, _) => assert_eq!(ending, Ending::Passed),
            (_, Some(_)) => assert_eq!((ending, said.as_str()), (Ending::Failed, "not answered")),
            (_, None) => assert_eq!(ending, Ending::PassedWithFindings, "{item:?}"),
        }
        // Said not to be needed where it is.
        let told = with(whole(false, "aws"), evidence(item, State::NotApplicable, json!({})));
        let fails = !item.may_not_apply() && item.fails().is_some();
        assert_eq!(judged(&told).0 == Ending::Failed, fails, "{item:?}");
        let told = with(whole(false, "aws"), evidence(item, State::Failed, value(item)));
        assert_eq!(judged(&told).0 == Ending::Failed, item.fails().is_some(), "{item:?}");
    }
}

#[test]
fn practice_may_leave_out_whom_there_is_nobody_to_ask() {
    let asked = [Item::Alert, Item::Hygiene, Item::Result];
    let is_kept = |(_, event): &(i64, Event)| !matches!(event, Event::Evidence(evidence) if asked.contains(&evidence.item));
    let told: Told = whole(false, "range").into_iter().filter(is_kept).collect();
    let verdict = verdict(&drill(RANGE, &told), None);
    assert_eq!((verdict.result, verdict.findings.len()), (Ending::PassedWithFindings, 3));
}

#[test]
fn objectives_and_the_first_record_are_needed() {
    let mut told = whole(false, "aws");
    let objective = told.iter().position(|(_, e)| matches!(e, Event::Objective { .. }));
    told.remove(objective.expect("one"));
    let (ending, said) = judged(&told);
    assert_eq!((ending, said.as_str()), (Ending::Failed, "not reached: The finding"));
    let (ending, said) = judged(&whole(false, "aws")[1..].to_vec());
    assert!(said.contains("first record is not in the log"), "{said}");
    assert_eq!(ending, Ending::Failed);
}

#[test]
fn a_start_outside_of_the_planned_window_is_a_finding() {
    let mut told = whole(false, "aws");
    let Event::Begun(begun) = &mut told[0].1 else { unreachable!("it begins") };
    begun.window.from = super::at("2026-03-02T03:10:01Z");
    let (ending, said) = judged(&told);
    assert_eq!(
        (ending, said.as_str()),
        (Ending::PassedWithFindings, "it began outside of its planned window")
    );
}

#[test]
fn the_worse_of_what_was_said_and_what_is_found_counts() {
    for (said, found, then) in [
        (Ending::Failed, None, Ending::Failed),
        (Ending::Aborted, None, Ending::Aborted),
        (Ending::PassedWithFindings, None, Ending::PassedWithFindings),
        (Ending::Passed, Some(json!({"verify": 12})), Ending::Failed),
        (Ending::Aborted, Some(json!({"verify": 12})), Ending::Aborted),
    ] {
        let mut told = match found {
            Some(change) => changed(Item::Integrity, change),
            None => whole(false, "aws"),
        };
        told.pop();
        told.push((600, Event::Ended { result: said, why: "x".into() }));
        assert_eq!(judged(&told).0, then, "{said:?}");
    }
    let mut told = whole(false, "aws");
    told.pop();
    let verdict = verdict(&drill(AWS, &told), None);
    assert!(!verdict.ended && !verdict.counts() && verdict.result == Ending::Passed);
}

/// Two drills, one after the other.
fn two(first: &Told, second: &Told) -> Vec<Drill> {
    let records: Vec<Record> = super::entries(&id(1), first)
        .into_iter()
        .chain(super::entries(&id(2), second))
        .enumerate()
        .map(|(n, (at, entry))| record(n as u64 + 1, AWS, at, &entry))
        .collect();
    fold(&records)
}

#[test]
fn what_the_drill_before_left_open_is_answered_for() {
    let actions = json!({"deviations": [
        {"what": "The seal was broken", "owner": "Kim", "due": "2026-02-01"},
        {"what": "The code came late", "owner": "Lee", "due": "2026-06-01"},
    ]});
    let first = changed(Item::Deviations, actions);
    let judged = |decided: Option<Value>| {
        let second = match decided {
            Some(actions) => changed(Item::CarriedOver, json!({"actions": actions})),
            None => with(
                whole(false, "aws"),
                evidence(Item::CarriedOver, State::NotApplicable, json!({})),
            ),
        };
        let drills = two(&first, &second);
        let was = before(&drills, &drills[1]).expect("one before it");
        assert_eq!((was.id.clone(), left_open(was).len()), (id(1), 2));
        let verdict = verdict(&drills[1], Some(was));
        let said: Vec<String> = verdict.findings.iter().map(|f| f.why.clone()).collect();
        (verdict.result, said.join("; "), left_open(&drills[1]).len())
    };
    let seal = |closed: bool, reason: &str| json!({"what": "The seal was broken", "owner": "Kim", "due": "2026-02-01", "closed": closed, "reason": reason});
    let code = |closed: bool| json!({"what": "The code came late", "owner": "Lee", "due": "2026-06-01", "closed": closed});
    assert_eq!(
        judged(Some(json!([seal(true, ""), code(true)]))),
        (Ending::Passed, String::new(), 0)
    );
    let (ending, said, left) = judged(Some(json!([seal(false, ""), code(false)])));
    assert!(said.contains("open past its date without a reason"), "{said}");
    assert_eq!((ending, left), (Ending::Failed, 2));
    let (ending, said, left) = judged(Some(json!([seal(false, "the vault moves"), code(true)])));
    assert!(said.contains("still open"), "{said}");
    assert_eq!((ending, left), (Ending::PassedWithFindings, 1));
    let (ending, said, _) = judged(Some(json!([seal(true, "")])));
    assert!(said.contains("nothing is said of: The code came late (Lee)"), "{said}");
    assert_eq!(ending, Ending::Failed);
    assert_eq!(judged(None).0, Ending::Failed, "it does apply");
}

#[test]
fn a_role_that_changed_is_explained() {
    let second = |change: Value| {
        let drills = two(&whole(false, "aws"), &changed(Item::Role, change));
        verdict(&drills[1], before(&drills, &drills[1]))
    };
    assert_eq!(second(json!({"last_used": "2026-03-01"})).result, Ending::Passed);
    let found = second(json!({"max_session_seconds": 43200}));
    assert_eq!(found.result, Ending::Failed);
    assert!(found.findings[0].why.ends_with("unexplained: max_session_seconds"), "{found:?}");
    let found = second(json!({"max_session_seconds": 43200, "explained": "CHG-9"}));
    assert_eq!(found.result, Ending::Passed);
    // Who is new on the roster is told, and does not fail it.
    let more = json!({"people": ["bob", "arn:aws:iam::111122223333:user/ann"]});
    let drills = two(&whole(false, "aws"), &changed(Item::Roster, more));
    let found = verdict(&drills[1], before(&drills, &drills[1]));
    assert_eq!(found.result, Ending::PassedWithFindings);
    assert!(
        found.findings[0].why.starts_with("people changed since the drill before"),
        "{found:?}"
    );
}

#[test]
fn the_score_is_plain_figures() {
    let drill_id = id(1);
    let told = whole(false, "aws");
    let mut records = super::records(AWS, &drill_id, &told);
    let mut put = |entries: Vec<halon::audit::Entry>| {
        for entry in entries {
            records.push(record(100 + records.len() as u64, AWS, super::start(), &entry));
        }
    };
    put(run(&drill_id, "r-1", "leaked-access-key", "AKIAIOSFODNN7EXAMPLE"));
    put(run(&drill_id, "r-2", "leaked-access-key", "AKIAI44QH8DHBEXAMPLE"));
    put(run(&drill_id, "r-3", "detach-wildcard-policy", "AKIAIOSFODNN7EXAMPLE"));
    let drills = fold(&records);
    let score = Score::read(&drills[0], &records);
    let seconds: Vec<_> = score.phases.iter().map(|phase| phase.seconds).collect();
    assert_eq!(seconds, [Some(100), None, Some(160), Some(400), None]);
    assert_eq!((score.reached, score.objectives, score.hints, score.seconds), (3, 3, 1, 600));
    let runs: Vec<&str> = score.unneeded.iter().map(|change| change.run.raw()).collect();
    assert_eq!(runs, ["r-2", "r-3"], "another key, and another playbook");
    assert_eq!(score.taken_back, 0);
    // What the drill's own proof rests on is no change beside the solution.
    let Event::Evidence(mut power) = evidence(Item::Power, State::Passed, value(Item::Power))
    else {
        unreachable!("it is evidence")
    };
    power.sources = vec![halon::drill::Source::Run("r-3".into())];
    let told = with(told, Event::Evidence(power));
    let score = Score::read(&drill(AWS, &told), &records);
    assert_eq!(score.unneeded.len(), 1);
}
