//! The evidence table: every item, its state, and the records it rests on.

use serde::Serialize;
use serde_json::Value;

use super::Drift;
use crate::{
    audit::{Kind, Record},
    domain::Untrusted,
    drill::{Drill, Item, Kept, Mark, Source, State, drift},
};

/// One of the twenty.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub number: u8,
    pub name: &'static str,
    pub how: &'static str,
    /// What fails the drill by it.
    pub fails: Option<&'static str>,
    pub state: State,
    pub text: Untrusted,
    pub value: Value,
    /// The record that says so; `None` where there is none.
    pub record: Option<Mark>,
    pub rests_on: Vec<Rests>,
    /// What was said of it before, oldest first.
    pub earlier: Vec<Earlier>,
    #[serde(skip)]
    pub item: Item,
}

/// A record that evidence rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Rests {
    On {
        kind: Untrusted,
        seq: u64,
        h: String,
    },
    /// What the evidence names is in no record that verifies.
    Nowhere {
        named: Untrusted,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Earlier {
    pub state: State,
    pub text: Untrusted,
    pub record: Mark,
}

/// Every item, whether there is evidence of it or not.
pub fn rows(drill: &Drill, records: &[Record]) -> Vec<Row> {
    Item::ALL.map(|item| row(item, drill, records)).into()
}

fn row(item: Item, drill: &Drill, records: &[Record]) -> Row {
    let kept = drill.evidence.get(&item).map(Vec::as_slice).unwrap_or_default();
    let (latest, earlier) = match kept.split_last() {
        Some((latest, earlier)) => (Some(latest), earlier),
        None => (None, [].as_slice()),
    };
    let earlier = earlier.iter().map(|Kept { evidence, mark }| Earlier {
        state: evidence.state,
        text: evidence.text.as_str().into(),
        record: mark.clone(),
    });
    let evidence = latest.map(|kept| &kept.evidence);
    Row {
        number: item.number(),
        name: item.name(),
        how: item.how().name(),
        fails: item.fails(),
        state: evidence.map_or(State::NotAnswered, |evidence| evidence.state),
        text: evidence.map(|evidence| evidence.text.as_str().into()).unwrap_or_default(),
        value: evidence.map(|evidence| evidence.value.clone()).unwrap_or_default(),
        record: latest.map(|kept| kept.mark.clone()),
        rests_on: evidence
            .into_iter()
            .flat_map(|e| &e.sources)
            .flat_map(|s| on(s, records))
            .collect(),
        earlier: earlier.collect(),
        item,
    }
}

/// The records that a source names.
fn on(source: &Source, records: &[Record]) -> Vec<Rests> {
    let is_named = |record: &&Record| match source {
        Source::Seq(seq) => record.seq == *seq,
        Source::Corr(corr) => record.corr() == Some(corr),
        Source::Run(run) => {
            let whole = [Kind::RunStart, Kind::Intent, Kind::Outcome, Kind::Readback, Kind::RunEnd];
            record.text("run") == Some(run) && record.kind().is_some_and(|k| whole.contains(&k))
        }
    };
    let found: Vec<Rests> = records
        .iter()
        .filter(is_named)
        .map(|record| Rests::On {
            kind: record.text("kind").unwrap_or_default().into(),
            seq: record.seq,
            h: record.h.clone(),
        })
        .collect();
    match found.is_empty() {
        false => found,
        true => {
            let named = match source {
                Source::Seq(seq) => format!("record {seq}"),
                Source::Corr(corr) => format!("call {corr}"),
                Source::Run(run) => format!("run {run}"),
            };
            vec![Rests::Nowhere { named: named.into() }]
        }
    }
}

/// What of the roster and of the role is not as it was.
pub fn drifts(drill: &Drill, was: Option<&Drill>) -> Vec<Drift> {
    let of = |item: Item| {
        let value = drill.latest(item).map(|kept| &kept.evidence.value);
        let changed = value.map(|value| drift(item, was, value)).unwrap_or_default();
        changed.into_iter().map(move |(key, before, after)| Drift { item, key, before, after })
    };
    [Item::Roster, Item::Role].into_iter().flat_map(of).collect()
}
