//! One step of a plan and of a run: what it is, with everything resolved, and what came
//! of it.

use jiff::SignedDuration;
use serde_json::{Map, Value as Json, json};

use super::{catalog::CheckSpec, contained::Sent, file::When};
use crate::{
    change::Prepared,
    domain::{Fault, Place, Query, State, Verb, untrusted::display_in},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The step's id; the second and further calls of one step have `#2` and so on behind it.
    pub id: String,
    pub kind: ItemKind,
    pub when: Option<When>,
    pub why: Option<String>,
    pub state: StepState,
    /// What came of it, in a sentence.
    pub said: Option<String>,
    pub request_id: Option<String>,
    /// When its call was sent last, if one was.
    pub sent: Option<Sent>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    Read {
        name: &'static str,
        queries: Vec<Query>,
        found: Vec<(Place, State)>,
    },
    Check {
        what: &'static CheckSpec,
        queries: Vec<Query>,
        found: Vec<(Place, State)>,
    },
    Ask {
        question: String,
        answer: Option<bool>,
    },
    Note {
        text: String,
    },
    Change {
        prepared: Box<Prepared>,
        within: SignedDuration,
    },
    /// A change that has nothing to do.
    Nothing {
        call: String,
    },
    /// A step that could not be resolved before the role is assumed: it is planned anew then.
    Later {
        kind: &'static str,
        fault: Fault,
    },
    /// A step that could not be resolved.
    Blocked {
        kind: &'static str,
        fault: Fault,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    Waiting,
    /// The operator is asked.
    Asking,
    Running,
    Done,
    Skipped(String),
    /// Nothing was changed by it.
    Failed(Fault),
    /// Sent, and not known whether it was done.
    Unknown(String),
    /// AWS said that it is done, and it was not seen yet.
    Unconfirmed(String),
}

impl StepState {
    pub fn word(&self) -> &'static str {
        match self {
            StepState::Waiting => "waiting",
            StepState::Asking => "asking",
            StepState::Running => "running",
            StepState::Done => "done",
            StepState::Skipped(_) => "skipped",
            StepState::Failed(_) => "failed",
            StepState::Unknown(_) => "unknown",
            StepState::Unconfirmed(_) => "unconfirmed",
        }
    }

    /// Nothing more will happen to it: one that failed can be tried again.
    pub fn is_over_for_good(&self) -> bool {
        use StepState as S;
        !matches!(self, S::Waiting | S::Asking | S::Running | S::Failed(_))
    }

    /// What there is to say beside the word.
    pub fn detail(&self) -> Option<String> {
        match self {
            StepState::Skipped(why) | StepState::Unknown(why) | StepState::Unconfirmed(why) => {
                Some(why.clone())
            }
            StepState::Failed(fault) => Some(fault.to_string()),
            StepState::Waiting | StepState::Asking | StepState::Running | StepState::Done => None,
        }
    }
}

impl Item {
    pub fn new(id: &str, kind: ItemKind) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            when: None,
            why: None,
            state: StepState::Waiting,
            said: None,
            request_id: None,
            sent: None,
        }
    }

    pub fn prepared(&self) -> Option<&Prepared> {
        match &self.kind {
            ItemKind::Change { prepared, .. } => Some(prepared),
            _ => None,
        }
    }

    /// Whether it will assume a role.
    pub fn is_to_assume(&self) -> bool {
        let assumes = |p: &Prepared| matches!(p.change.verb, Verb::AssumeRole(_));
        self.prepared().is_some_and(assumes) && !self.state.is_over_for_good()
    }

    /// What cannot be resolved now may be once a role is assumed.
    pub fn put_off(&mut self) {
        if let ItemKind::Blocked { kind, fault } = &self.kind {
            self.kind = ItemKind::Later { kind, fault: fault.clone() };
        }
    }

    /// The word for its kind in files and in JSON.
    pub fn kind_word(&self) -> &'static str {
        match &self.kind {
            ItemKind::Read { .. } => "read",
            ItemKind::Check { .. } => "check",
            ItemKind::Ask { .. } => "ask",
            ItemKind::Note { .. } => "note",
            ItemKind::Change { .. } | ItemKind::Nothing { .. } => "change",
            ItemKind::Blocked { kind, .. } | ItemKind::Later { kind, .. } => kind,
        }
    }

    /// What it does, in a line. Safe to show.
    pub fn headline(&self) -> String {
        match &self.kind {
            ItemKind::Read { name, .. } => format!("read {name}"),
            ItemKind::Check { what, .. } => format!("check {}", what.read.name),
            ItemKind::Ask { question, .. } => format!("ask: {question}"),
            ItemKind::Note { text } => text.clone(),
            ItemKind::Change { prepared, .. } => {
                format!("{} {}", prepared.call(), display_in(&prepared.facts().target(), 60))
            }
            ItemKind::Nothing { call } => format!("{call}: nothing to do"),
            ItemKind::Later { fault, .. } => {
                format!("known once the role is assumed ({})", fault.what)
            }
            ItemKind::Blocked { fault, .. } => fault.what.clone(),
        }
    }

    /// Whether a check holds by what was found: by all of it.
    pub fn verdict(&self) -> Option<(bool, String)> {
        let ItemKind::Check { what, found, .. } = &self.kind else { return None };
        if found.is_empty() {
            return Some((false, "nothing was found to check".to_owned()));
        }
        let all: Vec<(bool, String)> = found.iter().map(|(_, s)| (what.judge)(s)).collect();
        let sentences: Vec<&str> = all.iter().map(|(_, why)| why.as_str()).collect();
        Some((all.iter().all(|(holds, _)| *holds), sentences.join("; ")))
    }

    /// What an earlier check or question decided.
    pub fn decided(&self) -> Option<bool> {
        match &self.kind {
            ItemKind::Ask { answer, .. } => *answer,
            ItemKind::Check { .. } => self.verdict().map(|(holds, _)| holds),
            _ => None,
        }
    }

    /// Its shape in halon's JSON answers (`halon.run/1`, `halon.plan/1`).
    pub fn to_json(&self) -> Json {
        let mut out = Map::new();
        out.insert("id".into(), json!(self.id));
        out.insert("kind".into(), json!(self.kind_word()));
        out.insert("state".into(), json!(self.state.word()));
        out.insert("why".into(), json!(self.state.detail().or_else(|| self.said.clone())));
        let (mut change, mut before, mut after, mut undo) =
            (Json::Null, Json::Null, Json::Null, Json::Null);
        if let Some(prepared) = self.prepared() {
            let facts = prepared.facts();
            change = json!({
                "call": prepared.call(),
                "account": prepared.change.account,
                "region": prepared.change.place.region,
                "params": facts.params(),
                "risk": facts.risk(&prepared.before),
                "target": facts.target(),
                "fingerprint": prepared.fingerprint(),
                "affected": facts.affected(&prepared.before),
                "pitfalls": facts.pitfalls(),
            });
            before = json!(facts.lines(&prepared.before));
            after = json!(facts.lines(&prepared.after()));
            undo = json!({
                "calls": prepared.inverse().iter().map(|c| {
                    let back = Prepared { change: c.clone(), before: prepared.after() };
                    json!({"call": back.call(), "params": back.params(), "risk": back.risk()})
                }).collect::<Vec<_>>(),
                "not_restored": facts.not_restored(&prepared.before),
            });
        }
        out.insert("change".into(), change);
        out.insert("before".into(), before);
        out.insert("after".into(), after);
        out.insert("undo".into(), undo);
        out.insert("request_id".into(), json!(self.request_id));
        if let ItemKind::Read { found, .. } | ItemKind::Check { found, .. } = &self.kind {
            let found: Vec<Json> = found
                .iter()
                .map(|(place, state)| json!({"region": place.region, "state": state}))
                .collect();
            out.insert("found".into(), json!(found));
        }
        Json::Object(out)
    }
}
