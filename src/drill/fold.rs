//! Drills as the log has them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Begun, DrillId, Ending, Event, Evidence, Item, Phase, Source, State, Window};
use crate::{
    audit::{Kind, Record},
    domain::{AccountId, RoleArn},
};

/// What a drill counts as. The records alone say so: where each of them was written, and
/// whether a script spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// In the range, at an endpoint that is not AWS, or by a script.
    Practice,
    /// In an account of AWS, by a person.
    Validation,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Class::Practice => "practice",
            Class::Validation => "validation",
        }
    }
}

/// A record of a drill, and when it was written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mark {
    pub seq: u64,
    pub h: String,
    /// By the clock that counts for the score: the world's, in the range.
    pub at: Timestamp,
    /// By the machine's.
    pub written: Option<Timestamp>,
}

/// An objective that was met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Met {
    pub objective: String,
    pub phase: Phase,
    pub title: String,
    pub mark: Mark,
}

/// Evidence with its record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kept {
    pub evidence: Evidence,
    pub mark: Mark,
}

/// One drill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drill {
    pub id: DrillId,
    pub class: Class,
    /// `None` where its first record is not there.
    pub begun: Option<Begun>,
    /// Its first and its last record so far.
    pub first: Mark,
    pub last: Mark,
    /// The last stage that it came to, with what it needs to go on from there.
    pub stage: Option<(String, Value)>,
    /// Each once, in the order in which they were met.
    pub met: Vec<Met>,
    /// Objective and number of each hint, each once.
    pub hints: BTreeSet<(String, usize)>,
    /// Oldest first; the last one counts.
    pub evidence: BTreeMap<Item, Vec<Kept>>,
    pub ended: Option<End>,
    /// Records of it that came after its end, and do not count.
    pub late: Vec<Mark>,
    /// Records of it that cannot be read here, by their numbers.
    pub unread: Vec<u64>,
    /// Where its records were written: `aws`, `range`, `endpoint`.
    pub worlds: BTreeSet<String>,
    /// Some session that wrote them sent its requests to another place than AWS, as its first
    /// record says.
    pub elsewhere: bool,
    /// Who wrote its records: users of the machine, and AWS's names for the callers.
    pub people: BTreeSet<String>,
    /// Some record of it, before or after its end, says that a script spoke or that something
    /// was only simulated.
    staged: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct End {
    pub result: Ending,
    pub why: String,
    pub mark: Mark,
}

impl Drill {
    /// The evidence of an item that counts.
    pub fn latest(&self, item: Item) -> Option<&Kept> {
        self.evidence.get(&item)?.last()
    }

    pub fn is_scripted(&self) -> bool {
        self.begun.as_ref().is_none_or(|begun| begun.scripted)
    }

    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    pub fn has_met(&self, objective: &str) -> bool {
        self.met.iter().any(|met| met.objective == objective)
    }

    fn new(id: DrillId, mark: &Mark) -> Drill {
        Drill {
            id,
            class: Class::Practice,
            begun: None,
            first: mark.clone(),
            last: mark.clone(),
            stage: None,
            met: Vec::new(),
            hints: BTreeSet::new(),
            evidence: BTreeMap::new(),
            ended: None,
            late: Vec::new(),
            unread: Vec::new(),
            worlds: BTreeSet::new(),
            elsewhere: false,
            people: BTreeSet::new(),
            staged: false,
        }
    }

    fn take(&mut self, event: Event, mark: Mark) {
        self.staged |= match &event {
            Event::Begun(begun) => begun.scripted,
            Event::Evidence(evidence) => {
                matches!(evidence.state, State::Scripted | State::Simulated)
            }
            _ => false,
        };
        if self.ended.is_some() {
            return self.late.push(mark);
        }
        self.last = mark.clone();
        match event {
            Event::Begun(begun) => {
                // The first record is the evidence of what was to be drilled.
                let scope = Kept { evidence: scope(&begun, &mark), mark };
                self.evidence.entry(Item::Scope).or_default().push(scope);
                self.begun.get_or_insert(*begun);
            }
            Event::Stage { stage, value } => self.stage = Some((stage, value)),
            Event::Objective { objective, phase, title } => {
                if !self.has_met(&objective) {
                    self.met.push(Met { objective, phase, title, mark });
                }
            }
            Event::Hint { objective, number } => {
                self.hints.insert((objective, number));
            }
            Event::Evidence(evidence) => {
                self.evidence.entry(evidence.item).or_default().push(Kept { evidence, mark });
            }
            Event::Ended { result, why } => self.ended = Some(End { result, why, mark }),
        }
    }

    /// Validation is what nothing speaks against: whatever a single record says of the range,
    /// of another endpoint or of a script makes all of it practice.
    fn classify(&mut self) {
        let only_aws = self.worlds.len() == 1 && self.worlds.contains("aws");
        self.class = match only_aws && !self.elsewhere && self.begun.is_some() && !self.staged {
            true => Class::Validation,
            false => Class::Practice,
        };
    }
}

fn scope(begun: &Begun, mark: &Mark) -> Evidence {
    let accounts: Vec<&str> = begun.accounts.iter().map(AccountId::as_str).collect();
    let roles: Vec<&str> = begun.roles.iter().map(RoleArn::as_str).collect();
    let Window { from, until } = begun.window;
    Evidence {
        item: Item::Scope,
        state: State::said(begun.scripted),
        text: format!(
            "{} ({}) for {}, accounts {}, roles {}, planned from {from} to {until}",
            begun.title,
            begun.scenario,
            begun.quarter,
            accounts.join(", "),
            roles.join(", "),
        ),
        value: json!({
            "scenario": begun.scenario,
            "quarter": begun.quarter,
            "accounts": begun.accounts,
            "roles": begun.roles,
            "window": begun.window,
            "operator": begun.operator,
        }),
        sources: vec![Source::Seq(mark.seq)],
    }
}

/// The drills that these records tell of, in the order in which they began. Where it is known
/// how many records of a log verify, only those may be given.
pub fn fold(records: &[Record]) -> Vec<Drill> {
    let mut drills: Vec<Drill> = Vec::new();
    for record in records.iter().filter(|record| record.kind() == Some(Kind::Drill)) {
        let Some((id, at, event)) = Event::of(record) else {
            let named = drills.iter_mut().find(|d| record.text("drill") == Some(d.id.as_str()));
            if let Some(drill) = named {
                drill.unread.push(record.seq);
            }
            continue;
        };
        let written = record.text("ts_utc").and_then(|at| at.parse().ok());
        let mark = Mark { seq: record.seq, h: record.h.clone(), at, written };
        let known = drills.iter().position(|drill| drill.id == id);
        let place = known.unwrap_or_else(|| {
            drills.push(Drill::new(id, &mark));
            drills.len() - 1
        });
        let actor = &record.value["actor"];
        let names = [&actor["os_user"], &actor["caller_arn"]];
        drills[place].people.extend(names.into_iter().filter_map(Value::as_str).map(Into::into));
        drills[place].take(event, mark);
    }
    // Also what was done in its name: an intent that went elsewhere is no part of a validation.
    let mut sessions: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); drills.len()];
    for record in records {
        let named = |drill: &Drill| record.incident() == Some(drill.id.as_str());
        if let Some(at) = drills.iter().position(named) {
            drills[at].worlds.insert(record.text("world").unwrap_or_default().to_owned());
            sessions[at].extend(record.text("sess"));
        }
    }
    for record in records.iter().filter(|record| is_elsewhere(record)) {
        let session = record.text("sess").unwrap_or_default();
        for (drill, sessions) in drills.iter_mut().zip(&sessions) {
            drill.elsewhere |= sessions.contains(session);
        }
    }
    drills.iter_mut().for_each(Drill::classify);
    drills
}

/// Whether a session that begins sends its requests elsewhere.
fn is_elsewhere(record: &Record) -> bool {
    let names = record.value["environment"].as_array().into_iter().flatten();
    let mut names = names.filter_map(Value::as_str);
    record.kind() == Some(Kind::SessionStart)
        && (!record.value["endpoint"].is_null()
            || names.any(|name| name.starts_with("AWS_ENDPOINT_URL")))
}

/// The records of a log that verify, of which verifying said how many they are.
pub fn verified(records: &[Record], count: u64) -> &[Record] {
    let sure = records.partition_point(|record| record.line <= count);
    &records[..sure]
}
