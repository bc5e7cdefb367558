//! A drill is what its records say, in whatever company and order they stand.

use std::collections::BTreeSet;

use halon::{
    audit::{Entry, Kind, Record},
    drill::{Class, Drill, Event, Item, State, fold, report::rows, verified},
};
use proptest::prelude::*;

use super::{
    AWS, RANGE, Told, Writer, drill, entries, evidence, id, record, records, value, whole, with,
};

#[test]
fn an_event_is_read_back_as_it_was_written() {
    for event in whole(true, "range").into_iter().map(|(_, event)| event) {
        let entry = event.entry(&id(7), super::start());
        assert_eq!(entry.body["incident"], "DRILL-2026Q1-00000007");
        assert!(entry.body["text"].as_str().is_some_and(|text| !text.is_empty()));
        let record = record(3, RANGE, super::start(), &entry);
        assert_eq!(Event::of(&record), Some((id(7), super::start(), event)));
    }
}

#[test]
fn a_whole_drill_is_what_it_was() {
    let told = whole(false, "aws");
    let drill = drill(AWS, &told);
    assert_eq!((drill.class, drill.is_running(), drill.met.len()), (Class::Validation, false, 3));
    assert_eq!(drill.hints, BTreeSet::from([("access".to_owned(), 1)]));
    assert_eq!(drill.evidence.len(), 20, "the first record is the evidence of the first item");
    assert_eq!(drill.latest(Item::Scope).map(|kept| kept.mark.seq), Some(1));
    // The last one counts, and the ones before it are kept.
    let again = with(told, evidence(Item::Alert, State::NotAnswered, value(Item::Alert)));
    let drill = super::drill(AWS, &again);
    assert_eq!(drill.evidence[&Item::Alert].len(), 2);
    assert_eq!(drill.latest(Item::Alert).map(|k| k.evidence.state), Some(State::NotAnswered));
}

#[test]
fn what_comes_after_the_end_does_not_count() {
    let mut told = whole(false, "aws");
    told.push((700, evidence(Item::Power, State::Failed, value(Item::Power))));
    let drill = drill(AWS, &told);
    assert_eq!(drill.late.len(), 1);
    assert_eq!(drill.latest(Item::Power).map(|k| k.evidence.state), Some(State::Passed));
    assert_eq!(drill.last.seq, told.len() as u64 - 1);
}

#[test]
fn only_records_that_verify_are_given() {
    let records = records(AWS, &id(1), &whole(false, "aws"));
    let drills = fold(verified(&records, 3));
    assert_eq!((drills.len(), drills[0].met.len(), drills[0].is_running()), (1, 1, true));
    assert!(fold(verified(&records, 0)).is_empty());
}

/// A record of a session's begin, and one of something done for a drill.
fn beside(seq: u64, writer: Writer, entry: Entry) -> Record {
    record(seq, writer, super::start(), &entry)
}

#[test]
fn one_record_that_went_elsewhere_makes_it_practice() {
    let validation = records(AWS, &id(1), &whole(false, "aws"));
    let class = |more: Record| {
        let mut records = validation.clone();
        records.push(more);
        fold(&records)[0].class
    };
    let note = || Entry::new(Kind::Note).with("text", "x");
    let named = || note().with("incident", id(1).as_str());
    let session = || Entry::new(Kind::SessionStart).with("environment", Vec::<String>::new());
    let endpoint = Writer { world: "endpoint", ..AWS };
    assert_eq!(class(beside(99, AWS, named())), Class::Validation);
    assert_eq!(class(beside(99, endpoint, note())), Class::Validation, "it is not of the drill");
    assert_eq!(class(beside(99, endpoint, named())), Class::Practice);
    assert_eq!(class(beside(99, RANGE, named())), Class::Practice);
    assert_eq!(class(beside(99, AWS, session())), Class::Validation);
    let to = session().with("endpoint", "http://127.0.0.1:4599");
    assert_eq!(class(beside(99, AWS, to.clone())), Class::Practice);
    assert_eq!(class(beside(99, Writer { session: "other", ..AWS }, to)), Class::Validation);
    for (name, class_then) in
        [("AWS_ENDPOINT_URL_STS", Class::Practice), ("HTTPS_PROXY", Class::Validation)]
    {
        let by = Entry::new(Kind::SessionStart).with("environment", vec![name]);
        assert_eq!(class(beside(99, AWS, by)), class_then, "{name}");
    }
    for told in [
        with(whole(false, "aws"), evidence(Item::Alert, State::Scripted, value(Item::Alert))),
        with(whole(false, "aws"), evidence(Item::Power, State::Simulated, value(Item::Power))),
        with(whole(false, "aws"), Event::Begun(Box::new(super::begun(true)))),
    ] {
        assert_eq!(drill(AWS, &told).class, Class::Practice);
    }
}

/// Records of three drills: one in the range by a person, one in AWS by a script, one in the
/// range by a script; all mixed, some left out.
fn practice() -> impl Strategy<Value = Vec<Record>> {
    let told = |n: u32, writer: Writer, told: Told| {
        entries(&id(n), &told).into_iter().map(move |(at, entry)| (writer, at, entry))
    };
    let all: Vec<_> = told(1, RANGE, whole(false, "range"))
        .chain(told(2, AWS, whole(true, "aws")))
        .chain(told(3, RANGE, whole(true, "range")))
        .collect();
    (Just(all).prop_shuffle(), 1..75_usize).prop_map(|(all, kept)| {
        let kept = all.into_iter().take(kept);
        (1..).zip(kept).map(|(seq, (w, at, entry))| record(seq, w, at, &entry)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_order_of_records_makes_practice_a_validation(records in practice()) {
        let drills = fold(&records);
        prop_assert!(!drills.is_empty());
        for drill in &drills {
            prop_assert_eq!(drill.class, Class::Practice, "{}", drill.id);
            let table = rows(drill, &records);
            let numbers: Vec<u8> = table.iter().map(|row| row.number).collect();
            prop_assert_eq!(numbers, (1..=20).collect::<Vec<u8>>());
        }
        let ids: BTreeSet<_> = drills.iter().map(|drill: &Drill| &drill.id).collect();
        prop_assert_eq!(ids.len(), drills.len());
    }

    /// What other drills and records stand between does not change a drill.
    #[test]
    fn company_changes_nothing(gaps in proptest::collection::vec(0..3_usize, 30)) {
        let told = whole(false, "aws");
        let alone = records(AWS, &id(1), &told);
        let other = entries(&id(2), &whole(true, "aws"));
        let mut mixed: Vec<Record> = Vec::new();
        let mut others = other.iter().cycle();
        for (record, gap) in alone.iter().zip(gaps.iter().cycle()) {
            for _ in 0..*gap {
                let (at, entry) = others.next().expect("a cycle");
                mixed.push(super::record(1000 + mixed.len() as u64, RANGE, *at, entry));
            }
            mixed.push(record.clone());
        }
        let among = fold(&mixed).into_iter().find(|drill| drill.id == id(1)).expect("it");
        prop_assert_eq!(among, fold(&alone).remove(0));
    }
}
