//! The cloud against the range in this process: the genuine SDK, every fault, and
//! what the case makes of it.

use std::sync::{Arc, Mutex};

use halon::{
    case::{Case, Intervals},
    cloud::{Cloud, Limits, Settings, TargetSettings, World},
    domain::{Ask, Band, FaultKind, Gap, Service, Source, Status},
    range::{Clock, FaultRule, NoJournal, Pace, Range, Scenario, shipped},
    runtime,
};

use super::stage::{NOW, at, region};

/// A range in memory whose clock stands still at the scenario's start.
fn range(scenario: &str, faults: &str) -> Range {
    let (_, text) = shipped().iter().find(|(id, _)| *id == scenario).expect("a scenario");
    let scenario = Scenario::read("a.toml", text).expect("a good scenario");
    let clock = Clock { pace: Pace::Frozen, wall: Arc::new(|| at(NOW)) };
    let rules = FaultRule::read_file("faults.toml", faults).expect("good rules");
    Range::open(scenario, clock, Box::new(NoJournal)).expect("opens").with_faults(rules)
}

struct Heard {
    ids: Vec<String>,
    gaps: Vec<Gap>,
    calls: Vec<String>,
    case: Case,
}

/// Asks both services in these regions once, as a headless command does.
fn ask(range: &Range, regions: &[&str], sources: &[Source], at_least: Band) -> Heard {
    let target: Arc<str> = Arc::from("range");
    let settings = Settings {
        targets: vec![TargetSettings::of(target.clone(), None)],
        endpoint_url: None,
        limits: Limits {
            securityhub_per_second: 1_000,
            cloudtrail_per_second: 1_000,
            ..Limits::default()
        },
    };
    let log = Arc::new(Mutex::new(Vec::new()));
    let calls = log.clone();
    range.set_log(Box::new(move |l| calls.lock().expect("a lock").push(l.operation.clone())));
    let cloud = Cloud::new(settings, World::Range(range.clone()));
    let ask = Ask { at_least, status: Status::Active, updated_since: None };
    let regions = regions.iter().map(|r| region(r)).collect();
    let mut case = Case::new(vec![(target, regions)], sources.to_vec(), ask, Intervals::default());
    let clock: runtime::Clock = Arc::new(|| at(NOW));
    let tasks = runtime::tasks().expect("threads");
    tasks.block_on(runtime::gather(&mut case, &cloud, &clock, |_| {}));
    let mut ids: Vec<String> =
        case.queue.findings().iter().map(|f| f.main().id.raw().to_owned()).collect();
    ids.sort();
    let calls = std::mem::take(&mut *log.lock().expect("a lock"));
    Heard { ids, gaps: case.gaps(), calls, case }
}

const BOTH: &[Source] = &[Source::GuardDuty, Source::SecurityHub];
const GUARDDUTY: &[Source] = &[Source::GuardDuty];

#[test]
fn nothing_is_wrong_without_faults() {
    let heard = ask(&range("leaked-key", ""), &["us-east-1"], BOTH, Band::High);
    assert_eq!(heard.gaps, []);
    let high = heard
        .case
        .queue
        .findings()
        .iter()
        .filter(|f| f.is_active() && f.main().detector_region == Some(region("us-east-1")));
    assert!(high.count() >= 10);
    assert!(heard.calls.iter().any(|c| c == "GetCallerIdentity"));
}

#[test]
fn a_page_that_fails_is_named_and_the_rest_stays() {
    for (kind, fault) in [
        ("status:503", FaultKind::Service),
        ("throttle", FaultKind::Throttled),
        ("expired", FaultKind::Expired),
        ("reset", FaultKind::Network),
        ("html", FaultKind::Unreadable),
        ("garbage", FaultKind::Unreadable),
        ("truncate", FaultKind::Unreadable),
    ] {
        let rules =
            format!("[[faults]]\nop = \"guardduty:ListFindings\"\nfrom = 2\nkind = \"{kind}\"\n");
        let heard = ask(&range("flood", &rules), &["us-east-1"], GUARDDUTY, Band::High);
        assert_eq!(heard.ids.len(), 50, "{kind}: page 1 stays");
        let found: Vec<_> = heard.gaps.iter().map(|g| (g.page, g.why.kind)).collect();
        assert_eq!(found, [(Some(2), fault)], "{kind}: {:?}", heard.gaps);
    }
}

#[test]
fn a_first_page_that_fails_is_a_place_not_checked() {
    let rules = "[[faults]]\nop = \"guardduty:ListFindings\"\nfrom = 1\nkind = \"status:500\"\n";
    let heard = ask(&range("leaked-key", rules), &["us-east-1"], BOTH, Band::High);
    assert_eq!(heard.gaps.len(), 1);
    assert_eq!((heard.gaps[0].source, heard.gaps[0].page), (Service::GuardDuty, None));
    assert!(!heard.ids.is_empty(), "Security Hub answered");
}

#[test]
fn a_fault_that_passes_is_asked_again() {
    for kind in ["throttle", "status:500", "reset"] {
        let rules =
            format!("[[faults]]\nop = \"guardduty:GetFindings\"\nnth = 1\nkind = \"{kind}\"\n");
        let heard = ask(&range("leaked-key", &rules), &["us-east-1"], GUARDDUTY, Band::High);
        assert_eq!(heard.gaps, [], "{kind}");
        let mut calls = heard.case.calls.newest().map(|logged| &logged.call);
        let call = calls.find(|c| c.operation == "GetFindings").expect("called");
        assert_eq!(call.attempts, 2, "{kind}");
        assert_eq!(call.throttled, u32::from(kind == "throttle"), "{kind}");
        assert!(call.bytes > 0, "{kind}");
    }
}

#[test]
fn a_repeated_token_ends_the_list_and_says_so() {
    let rules = "[[faults]]\nop = \"guardduty:ListFindings\"\nfrom = 2\nkind = \"repeat-token\"\n";
    let heard = ask(&range("flood", rules), &["us-east-1"], GUARDDUTY, Band::High);
    assert_eq!(heard.gaps.len(), 1, "{:?}", heard.gaps);
    assert!(heard.gaps[0].why.what.contains("repeated"), "{}", heard.gaps[0].why);
    assert!(heard.ids.len() >= 100);
    assert!(heard.calls.iter().filter(|c| *c == "ListFindings").count() < 6);
}

#[test]
fn an_empty_page_with_a_token_is_not_the_end() {
    let whole = ask(&range("leaked-key", ""), &["us-east-1"], BOTH, Band::High).ids;
    for op in ["guardduty:ListFindings", "securityhub:GetFindings"] {
        let rules = format!("[[faults]]\nop = \"{op}\"\nnth = 1\nkind = \"empty-page\"\n");
        let heard = ask(&range("leaked-key", &rules), &["us-east-1"], BOTH, Band::High);
        assert_eq!((heard.gaps, heard.ids), (vec![], whole.clone()), "{op}");
    }
}

#[test]
fn a_finding_that_did_not_come_back_is_missed() {
    let rules = "[[faults]]\nop = \"guardduty:GetFindings\"\nnth = 1\nkind = \"missing-id\"\n";
    let whole = ask(&range("leaked-key", ""), &["us-east-1"], GUARDDUTY, Band::High).ids;
    let heard = ask(&range("leaked-key", rules), &["us-east-1"], GUARDDUTY, Band::High);
    assert_eq!(heard.ids.len() + 1, whole.len());
    assert_eq!(heard.gaps.len(), 1);
    let missing = whole.iter().find(|id| !heard.ids.contains(id)).expect("one");
    assert!(heard.gaps[0].why.what.contains(missing.as_str()), "{}", heard.gaps[0].why);
}

#[test]
fn a_service_that_is_off_is_neither_a_gap_nor_a_clean_bill() {
    let quiet = range("quiet", "");
    let off = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1"];
    let heard = ask(&quiet, &off, BOTH, Band::High);
    assert_eq!(heard.gaps, []);
    let conditions: Vec<_> = heard.case.feeds.values().map(|f| f.condition()).collect();
    assert!(conditions.contains(&halon::case::Condition::NotEnabled), "{conditions:?}");
}

#[test]
fn throttling_leaves_the_other_service_alone() {
    let rules = "[[faults]]\nop = \"securityhub:GetFindings\"\nfrom = 1\nkind = \"throttle\"\n";
    let heard = ask(&range("leaked-key", rules), &["us-east-1"], BOTH, Band::High);
    assert_eq!(heard.gaps.len(), 1);
    assert_eq!(
        (heard.gaps[0].source, heard.gaps[0].why.kind),
        (Service::SecurityHub, FaultKind::Throttled)
    );
    assert!(heard.ids.len() >= 10);
}
