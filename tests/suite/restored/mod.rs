//! Every change, in random worlds: planned, made, read back and taken back, after which
//! the world is the one before, except for what the plan said would not be restored.

pub mod arguments;
mod drawn;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use halon::{
    audit::Kind,
    case::Draft,
    change::KINDS,
    domain::State,
    playbook::{RunState, StepState},
    range::Operator,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use self::{arguments::arguments, drawn::drawn};
use super::{
    ground::{Ground, one_step, paused, said, world_of},
    stage::region,
};

type Dump = BTreeMap<String, Json>;

/// What differs and was not said to: the name of the thing, and how it is in both.
fn unlisted(before: &Dump, after: &Dump, listed: &[String]) -> Vec<(String, Json, Json)> {
    let fields: Vec<&str> = listed.iter().filter_map(|l| Some(l.split_once(": ")?.0)).collect();
    assert_eq!(fields.len(), listed.len(), "each names its field: {listed:?}");
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut all = Vec::new();
    for name in names {
        let of = |dump: &Dump| dump.get(name).cloned().unwrap_or_default();
        let (was, mut is) = (of(before), of(after));
        for field in &fields {
            excuse(name, &was, &mut is, field);
        }
        if was != is {
            all.push((name.clone(), was, is));
        }
    }
    all
}

/// Takes a listed field as it was. A listed note is a first one: where there was one it
/// must come back.
fn excuse(name: &str, was: &Json, is: &mut Json, field: &str) {
    match field {
        "Note" if name.contains(" securityhub ") && was["Note"].is_null() => {
            is.as_object_mut().map(|finding| finding.remove("Note"));
        }
        "Note.UpdatedAt" if name.contains(" securityhub ") && !was["Note"].is_null() => {
            is["Note"]["UpdatedAt"] = was["Note"]["UpdatedAt"].clone();
        }
        "Service.UserFeedback" if name.contains(" guardduty ") => {
            let first = was["service"]["userFeedback"].is_null();
            let service = is["service"].as_object_mut().filter(|_| first);
            service.map(|service| service.remove("userFeedback"));
        }
        "LoginProfile" if name.contains(" iam GetLoginProfile ") => *is = was.clone(),
        // A version more, or one under another number: what counts is compared all the same.
        "PolicyVersion" | "VersionId"
            if name.contains(" iam ListPolicyVersions ")
                || name.contains(" iam GetPolicyVersion ") && (was.is_null() || is.is_null()) =>
        {
            *is = was.clone();
        }
        "Detector" if name.contains(" detector") && was["detectorIds"] == json!([]) => {
            *is = was.clone();
        }
        "Detector" if name.contains(" detector ") && was.is_null() => *is = Json::Null,
        "UpdateDate" if name.contains(" iam ListPolicies ") => {
            if dateless(was) == dateless(is) {
                *is = was.clone();
            }
        }
        "UpdateDate"
        | "Note"
        | "Note.UpdatedAt"
        | "Service.UserFeedback"
        | "LoginProfile"
        | "PolicyVersion"
        | "VersionId"
        | "Detector"
        | "Comments" => {}
        other => panic!("{other} was never lost before: is it really?"),
    }
}

/// A listing of policies without when each was updated.
fn dateless(listing: &Json) -> String {
    let text = listing.as_str().unwrap_or_default();
    let parts = text.split("<UpdateDate>").enumerate();
    let rest = |(n, part): (usize, &str)| match n {
        0 => part.to_owned(),
        _ => part.split_once("</UpdateDate>").expect("closed").1.to_owned(),
    };
    parts.map(rest).collect()
}

/// Makes the change and takes it back. Gives how many calls it was.
async fn there_and_back(ground: &mut Ground, name: &str, text: &str, id: &str) -> usize {
    let before = ground.dump();
    ground.forget_requests();
    let draft = ground.draft(text, &[]).await;
    let plan = draft.plan().expect("a plan");
    assert_eq!(plan.blocked(), None, "{name}");
    assert_eq!(ground.changes(), [], "{name}: the plan changed something");
    let planned: Vec<(String, State)> =
        plan.changes().map(|p| (p.facts().spec().operation.to_owned(), p.after())).collect();
    let not_restored = draft.not_restored();

    let mut run = ground.run(id, &draft);
    assert_eq!(ground.through(&mut run).await, RunState::Done, "{name}: {:?}", run.items);
    let sent: Vec<(String, u16)> = planned.iter().map(|(op, _)| (op.clone(), 200)).collect();
    assert_eq!(ground.changes(), sent, "{name}: each call once");
    if !planned.is_empty() {
        assert_ne!(ground.dump(), before, "{name} did something");
    }
    assert!(run.items.iter().all(|i| i.state == StepState::Done));
    let records = ground.records().await;
    assert!(said(&records, id, Kind::Readback, "/state").iter().all(|s| s == "done"));
    assert_eq!(said(&records, id, Kind::Readback, "/state").len(), planned.len());

    ground.forget_requests();
    let draft: Draft = ground.undo(id).await;
    assert_eq!(ground.changes(), [], "{name}: the plan of the undo changed something");
    assert_eq!(draft.not_restored(), not_restored, "{name}: told again at the undo");
    let back = format!("{id}-back");
    let mut run = ground.run(&back, &draft);
    assert_eq!(ground.through(&mut run).await, RunState::Done, "{name}: {:?}", run.items);
    assert_eq!(unlisted(&before, &ground.dump(), &not_restored), [], "{name}\n{text}");
    planned.len()
}

#[test]
fn every_change_is_taken_back_as_its_plan_says() {
    let exercised = Mutex::new(BTreeSet::new());
    let config =
        ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(drawn in drawn())| {
        paused(async || {
            let mut ground = Ground::new(world_of(&drawn.scenario())).await;
            drawn.mark(&ground);
            let mut picks = drawn.picks.iter().cycle();
            for (n, spec) in KINDS.iter().enumerate() {
                let Some((account, with)) = arguments(spec.name, &ground, &mut picks) else {
                    continue;
                };
                ground.look_in(account.as_deref());
                let with: Vec<(&str, &str)> = with.iter().map(|(k, v)| (*k, v.as_str())).collect();
                let text = one_step(spec.name, &with);
                let calls = there_and_back(&mut ground, spec.name, &text, &format!("r{n}")).await;
                if calls > 0 {
                    exercised.lock().expect("a lock").insert(spec.name);
                }
            }
        });
    });
    let all: BTreeSet<&str> = KINDS.iter().map(|spec| spec.name).collect();
    assert_eq!(exercised.into_inner().expect("a lock"), all, "every verb was made and undone");
}

/// The comparison itself can fail, and forgives nothing that is not listed.
#[test]
fn a_difference_that_is_not_listed_is_found() {
    let hub = "1 us-east-1 securityhub f".to_owned();
    let of = |finding: Json| Dump::from([(hub.clone(), finding)]);
    let listed = ["Note: l".to_owned(), "Note.UpdatedAt: l".to_owned()];
    let plain = of(json!({"Id": "f"}));
    let noted = of(json!({"Id": "f", "Note": {"Text": "a", "UpdatedAt": "1"}}));
    let later = of(json!({"Id": "f", "Note": {"Text": "a", "UpdatedAt": "2"}}));
    let other = of(json!({"Id": "f", "Note": {"Text": "b", "UpdatedAt": "2"}}));
    for (before, after, listed, differences) in [
        (&plain, &noted, &listed[..], 0),
        (&plain, &noted, &[], 1),
        (&noted, &later, &listed, 0),
        (&noted, &later, &listed[..1], 1),
        (&noted, &other, &listed, 1),
        (&noted, &plain, &listed, 1),
        (&plain, &Dump::new(), &listed, 1),
    ] {
        assert_eq!(unlisted(before, after, listed).len(), differences, "{before:?} {after:?}");
    }
}

/// More findings than one call takes: each call has its way back.
#[test]
fn many_findings_go_and_come_back_in_several_calls() {
    let bulk = "[[bulk]]\ncount = 120\nservice = \"guardduty\"\nregions = [\"us-east-1\"]\n\
                types = [\"Recon:EC2/PortProbeUnprotectedPort\"]\nover = \"2d\"\ncopy = true\n";
    let scenario = format!(
        "schema = 1\nid = \"many\"\ntitle = \"Many\"\nstart = \"2026-03-02T03:10:00Z\"\n\
         [[accounts]]\nid = \"111122223333\"\nalias = \"one\"\nregions = [\"us-east-1\"]\n{bulk}"
    );
    paused(async || {
        let mut ground = Ground::new(world_of(&scenario)).await;
        let who: Operator = ground.range.operators().remove(0);
        let ids: Vec<String> = ground.guardduty(&who, &region("us-east-1")).into_keys().collect();
        assert_eq!(ids.len(), 120);
        let ids = ids.join(",");
        let text = one_step("guardduty.archive_findings", &[("findings", &ids)]);
        assert_eq!(there_and_back(&mut ground, "archive", &text, "r1").await, 3);
        let with = [("findings", ids.as_str()), ("status", "RESOLVED"), ("note", "all at once")];
        let text = one_step("securityhub.set_workflow", &with);
        assert_eq!(there_and_back(&mut ground, "resolve", &text, "r2").await, 2);
    });
}
