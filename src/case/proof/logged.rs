//! What an audit log says was done: its sessions, who called in them, and each call.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Here;
use crate::{
    audit::{Kind, Record},
    domain::{AccountId, Region},
};

/// Everything in a log that CloudTrail can be asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logged {
    pub sessions: Vec<LoggedSession>,
    /// In the log's order.
    pub calls: Vec<LoggedCall>,
    /// Intents that do not say enough to be looked for, by their records' numbers.
    pub unreadable: Vec<u64>,
    /// Calls of sessions that went elsewhere than here.
    pub elsewhere: u64,
    /// Sessions left out because they began too long ago.
    pub before: u64,
}

/// One process that wrote the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedSession {
    pub id: String,
    /// By the machine's clock, and the service's where it was told.
    pub from: Timestamp,
    pub to: Timestamp,
    /// Everybody in whose name it acted, by ARN.
    pub callers: BTreeSet<String>,
}

/// What the log says became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stated {
    /// Done, wholly or in part.
    Done,
    /// AWS said no: nothing changed.
    Refused,
    /// It did not leave the machine.
    NotSent,
    /// Nobody knows: no outcome, or one that says so.
    Unknown,
}

/// One call of the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggedCall {
    /// The number of its intent's record.
    pub seq: u64,
    pub run: Option<String>,
    pub step: Option<String>,
    /// As in event sources: `iam`.
    pub service: String,
    pub operation: String,
    pub account: AccountId,
    pub region: Region,
    /// When it was sent: the service's clock where it answered, else this machine's.
    pub at: Timestamp,
    pub stated: Stated,
    /// Our word for the fault, where there was one.
    pub code: Option<String>,
    pub request_id: Option<String>,
    /// In whose name, by ARN.
    pub caller: Option<String>,
    /// Where its outcome is unknown: what a later read-back found, if it could tell.
    pub read_back: Option<bool>,
    /// The hash of its intent's record, in hex.
    #[serde(skip)]
    pub h: String,
    #[serde(skip)]
    pub session: String,
    /// Parameters by their wire names.
    #[serde(skip)]
    pub params: Value,
}

impl Logged {
    /// Of records that verify, in the log's order. Sessions that began before `since` are
    /// left out.
    pub fn of<'r>(
        records: impl IntoIterator<Item = &'r Record>,
        here: Here<'_>,
        since: Option<Timestamp>,
    ) -> Logged {
        let mut by_session: BTreeMap<(u64, &str), Vec<&Record>> = BTreeMap::new();
        let mut first: HashMap<&str, u64> = HashMap::new();
        for record in records {
            let id = record.text("sess").unwrap_or_default();
            let place = *first.entry(id).or_insert(record.seq);
            by_session.entry((place, id)).or_default().push(record);
        }
        let mut logged = Logged::default();
        for ((_, id), records) in by_session {
            logged.session(id, &records, here, since);
        }
        logged.calls.sort_by_key(|call| call.seq);
        logged
    }

    fn session(&mut self, id: &str, records: &[&Record], here: Here<'_>, since: Option<Timestamp>) {
        let intents = (0..records.len()).filter(|at| records[*at].kind() == Some(Kind::Intent));
        if !is_here(records, here) {
            let made = intents.filter(|at| call(records, *at, id) != Some(None));
            self.elsewhere += made.count() as u64;
            return;
        }
        let served = |r: &&Record| time(&r.value["result"]["server_date"]);
        let own: Vec<Timestamp> = records.iter().filter_map(|r| time(&r.value["ts_utc"])).collect();
        let all = own.iter().copied().chain(records.iter().filter_map(served));
        let (Some(from), Some(to)) = (all.clone().min(), all.max()) else {
            self.unreadable.extend(intents.map(|at| records[at].seq));
            return;
        };
        if own.first().is_some_and(|began| since.is_some_and(|since| *began < since)) {
            self.before += 1;
            return;
        }
        let caller = |r: &&Record| r.value["actor"]["caller_arn"].as_str().map(ToOwned::to_owned);
        let callers = records.iter().filter_map(caller).collect();
        self.sessions.push(LoggedSession { id: id.to_owned(), from, to, callers });
        for at in intents {
            match call(records, at, id) {
                Some(Some(call)) => self.calls.push(call),
                Some(None) => {}
                None => self.unreadable.push(records[at].seq),
            }
        }
    }
}

/// Whether a session's requests went where they go now.
fn is_here(records: &[&Record], here: Here<'_>) -> bool {
    let same_world = records.iter().all(|r| r.text("world").is_none_or(|w| w == here.world));
    let start = records.iter().find(|r| r.kind() == Some(Kind::SessionStart));
    // A session whose start is not told of does not say where its requests went.
    let same_end = start.is_none_or(|r| r.text("endpoint") == here.endpoint);
    same_world && same_end
}

/// The call of the intent at a place among its session's records; `Some(None)` where it was
/// never made, `None` where the record does not say enough.
fn call(records: &[&Record], place: usize, session: &str) -> Option<Option<LoggedCall>> {
    let intent = records[place];
    let of_it = |r: &&&Record| r.corr().is_some() && r.corr() == intent.corr();
    let last = |kind: Kind| {
        records[place + 1..].iter().filter(of_it).rev().find(move |r| r.kind() == Some(kind))
    };
    if last(Kind::Refusal).is_some() {
        return Some(None);
    }
    let (op, result) = (&intent.value["op"], last(Kind::Outcome).map(|r| &r.value["result"]));
    let said = |key: &str| result.and_then(|r| r[key].as_str()).map(ToOwned::to_owned);
    let sent = result.is_none_or(|r| r["attempts"].as_u64() != Some(0));
    let stated = match said("state").as_deref() {
        Some("ok" | "partial") => Stated::Done,
        Some("error") if sent => Stated::Refused,
        Some("error") => Stated::NotSent,
        _ => Stated::Unknown,
    };
    let read_back = last(Kind::Readback).and_then(|r| match r.text("state") {
        Some("done") => Some(true),
        Some("not_done") => Some(false),
        _ => None,
    });
    let written = time(&intent.value["ts_utc"])?;
    Some(Some(LoggedCall {
        seq: intent.seq,
        run: intent.text("run").map(ToOwned::to_owned),
        step: intent.text("step").map(ToOwned::to_owned),
        service: op["service"].as_str()?.to_ascii_lowercase(),
        operation: op["name"].as_str()?.to_owned(),
        account: op["account"].as_str()?.parse().ok()?,
        region: op["region"].as_str()?.parse().ok()?,
        at: result.and_then(|r| time(&r["server_date"])).unwrap_or(written),
        stated,
        code: said("code"),
        request_id: said("request_id").filter(|id| !id.is_empty()),
        caller: intent.value["actor"]["caller_arn"].as_str().map(ToOwned::to_owned),
        read_back,
        h: intent.h.clone(),
        session: session.to_owned(),
        params: op["params"].clone(),
    }))
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}
