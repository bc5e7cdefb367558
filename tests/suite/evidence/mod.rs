//! Drills as their records tell them: made here one by one, without a range and without AWS.

mod folded;
mod hostile;
mod judged;
mod reported;
mod status;

use std::path::Path;

use halon::{
    audit::{About, Actor, Entry, Kind, Log, Record, Stamp},
    drill::{
        Begun, Drill, DrillId, Ending, Event, Evidence, Item, Phase, Planned, Source, State,
        Wanted, Window, fold,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// Seconds of a drill, and what is said then.
pub type Told = Vec<(i64, Event)>;

/// The start of every drill here.
pub fn start() -> Timestamp {
    at("2026-03-02T03:10:00Z")
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub fn id(n: u32) -> DrillId {
    DrillId::new("2026Q1".parse().expect("a quarter"), n)
}

const ROLE: &str = "arn:aws:iam::111122223333:role/break-glass";

pub fn begun(scripted: bool) -> Begun {
    let planned = |id: &str, phase, solution: &[&str]| Planned {
        id: id.into(),
        phase,
        title: format!("The {id}"),
        solution: solution
            .iter()
            .map(|playbook| Wanted {
                playbook: (*playbook).into(),
                inputs: Map::from_iter([("key".into(), "AKIAIOSFODNN7EXAMPLE".into())]),
            })
            .collect(),
    };
    Begun {
        scenario: "leaked-key".into(),
        title: "A leaked key".into(),
        scripted,
        quarter: "2026Q1".parse().expect("a quarter"),
        accounts: vec!["111122223333".parse().expect("an id")],
        roles: vec![ROLE.parse().expect("an ARN")],
        window: Window { from: start(), until: start() + SignedDuration::from_hours(4) },
        operator: "Ann".into(),
        world_start: None,
        objectives: vec![
            planned("finding", Phase::Detect, &[]),
            planned("access", Phase::Access, &[]),
            planned("containment", Phase::Contain, &["leaked-access-key"]),
        ],
        tool: "halon 0.1.0".into(),
        binary_sha256: Some("ab".repeat(32)),
    }
}

/// What good evidence says.
pub fn value(item: Item) -> Value {
    match item {
        Item::Authorisation => {
            json!({"ticket": "CHG-7", "approver": "Dana", "at": "2026-03-02T03:00:00Z"})
        }
        Item::Monitoring => json!({"told": "the night shift"}),
        Item::Roster => json!({
            "people": ["arn:aws:iam::111122223333:user/ann"], "reviewed": "2026-02-01",
            "leavers": [], "principals": ["arn:aws:iam::111122223333:user/ann"],
        }),
        Item::Role => json!({"role": ROLE, "mfa": true, "max_session_seconds": 3600}),
        Item::Preconditions => json!({"endpoint": "aws", "logging": true}),
        Item::Negative => {
            let test = |name: &&str| json!({"test": name, "refused": true, "code": "AccessDenied"});
            json!({"tests": halon::drill::NEGATIVE.iter().map(test).collect::<Vec<_>>()})
        }
        Item::Assume => json!({"seconds": 42.5}),
        Item::Power => json!({"read": true, "wrote": true, "restored": true}),
        Item::Ended => json!({"dead": true, "seconds": 5, "deadline_seconds": 60}),
        Item::CloudTrail => json!({
            "matched": 9, "missing": 0, "unlogged": 0, "differs": 0, "open": 0,
            "assume": {"event_id": "e-1"},
        }),
        Item::Alert => json!({"rule": "break-glass-used", "alert": "A-1", "acknowledged": "Lee"}),
        Item::Hygiene => json!({"retrieval": "V-9", "resealed": true}),
        Item::Provider => json!({"provider": "access key of a profile", "idp_down": true}),
        Item::Deviations => json!({"deviations": []}),
        Item::CarriedOver => json!({"actions": []}),
        Item::Result => json!({
            "classification": "drill", "reviewer": "Lee", "reviewed": "2026-03-03",
            "owner": "Kim", "accepted": "2026-03-04",
        }),
        Item::Integrity => json!({"verify": 0}),
        Item::Completeness => json!({
            "from": "2025-12-02T00:00:00Z", "to": "2026-03-02T04:00:00Z", "regions": ["us-east-1"],
            "uses": [{"event_id": "e-1", "class": "drill"}], "complete": true,
        }),
        Item::Scope | Item::Timings => json!({}),
    }
}

pub fn evidence(item: Item, state: State, value: Value) -> Event {
    Event::Evidence(Evidence {
        item,
        state,
        text: format!("about item {}", item.number()),
        value,
        sources: vec![Source::Seq(1)],
    })
}

/// A whole drill in which nothing is wrong. In the range, automatic evidence is simulated.
pub fn whole(scripted: bool, world: &str) -> Told {
    let mut told = vec![(0, Event::Begun(Box::new(begun(scripted))))];
    for (second, planned) in [100, 160, 400].into_iter().zip(begun(scripted).objectives) {
        let Planned { id: objective, phase, title, .. } = planned;
        told.push((second, Event::Objective { objective, phase, title }));
    }
    told.push((120, Event::Hint { objective: "access".into(), number: 1 }));
    told.sort_by_key(|(second, _)| *second);
    for item in Item::ALL.into_iter().skip(1) {
        let state = match item.fields().is_empty() {
            true => State::seen(true, world),
            false => State::said(scripted),
        };
        told.push((500, evidence(item, state, value(item))));
    }
    told.push((600, Event::Ended { result: Ending::Passed, why: String::new() }));
    told
}

/// The same drill with one thing said again, before its end.
pub fn with(mut told: Told, event: Event) -> Told {
    let end = told.len() - 1;
    told.insert(end, (550, event));
    told
}

/// Where and by whom records are written.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    pub world: &'static str,
    pub session: &'static str,
    pub by: &'static str,
}

pub const AWS: Writer = Writer { world: "aws", session: "s-aws", by: "ann" };
pub const RANGE: Writer = Writer { world: "range", session: "s-range", by: "ann" };

pub fn entries(drill: &DrillId, told: &Told) -> Vec<(Timestamp, Entry)> {
    let one = |(second, event): &(i64, Event)| {
        let at = start() + SignedDuration::from_secs(*second);
        (at, event.entry(drill, at))
    };
    told.iter().map(one).collect()
}

/// A record as a log would have it, without the hashes.
pub fn record(seq: u64, writer: Writer, at: Timestamp, entry: &Entry) -> Record {
    let mut value = json!({
        "v": 1, "seq": seq, "ts_utc": at.to_string(), "sess": writer.session,
        "actor": {"caller_arn": null, "source_identity": null, "os_user": writer.by},
        "mode": "drill", "world": writer.world, "kind": entry.kind.name(), "corr": entry.corr,
    });
    value.as_object_mut().expect("an object").extend(entry.body.clone());
    let h = format!("{seq:064x}");
    Record { seq, line: seq, offset: 0, raw: value.to_string(), value, h }
}

pub fn records(writer: Writer, drill: &DrillId, told: &Told) -> Vec<Record> {
    let all = entries(drill, told);
    (1..).zip(&all).map(|(seq, (at, entry))| record(seq, writer, *at, entry)).collect()
}

pub fn drill(writer: Writer, told: &Told) -> Drill {
    let mut drills = fold(&records(writer, &id(1), told));
    assert_eq!(drills.len(), 1);
    drills.remove(0)
}

/// A real log with a drill behind what is in it already, and records of a run before its end.
pub fn write(path: &Path, writer: Writer, later: i64, drill: &DrillId, told: &Told, run: &[Entry]) {
    let stamp = |at: Timestamp| Stamp {
        utc: at + SignedDuration::from_secs(later),
        mono_ms: at.as_millisecond().unsigned_abs(),
    };
    let about = About {
        world: writer.world,
        host: "bastion".into(),
        os_user: writer.by.into(),
        tool: "halon 0.1.0".into(),
        session: writer.session.into(),
        ..About::default()
    };
    let mut log = Log::open(path, about, stamp(start())).expect("opens");
    let caller = format!("arn:aws:iam::111122223333:user/{}", writer.by);
    log.set("drill", Actor { caller_arn: Some(caller), source_identity: None });
    for (n, (at, entry)) in entries(drill, told).into_iter().enumerate() {
        if n + 1 == told.len() {
            for entry in run {
                log.append(entry.clone(), stamp(at)).expect("appends");
            }
        }
        log.append(entry, stamp(at)).expect("appends");
    }
    log.end("quit", stamp(start() + SignedDuration::from_hours(1))).expect("ends");
}

/// A run of a playbook in a drill's name, with one change.
pub fn run(drill: &DrillId, run: &str, playbook: &str, key: &str) -> Vec<Entry> {
    let of = |kind| Entry::new(kind).with("incident", drill.as_str()).with("run", run);
    let op = json!({"service": "IAM", "name": "UpdateAccessKey", "account": "111122223333", "region": "us-east-1", "params": {}});
    let corr = format!("{run}-1");
    vec![
        of(Kind::RunStart)
            .with("playbook", json!({"id": playbook, "sha256": "cd".repeat(32)}))
            .with("inputs", json!({"key": key})),
        of(Kind::Intent).corr(corr.clone()).with("op", op).with("step", "deactivate"),
        of(Kind::Outcome).corr(corr.clone()).with("result", json!({"state": "ok"})),
        of(Kind::Readback).corr(corr).with("state", "done"),
        of(Kind::RunEnd).with("state", "done"),
    ]
}
