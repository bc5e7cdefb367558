//! `guardduty:UnarchiveFindings`: Bring archived GuardDuty findings back; only the administrator account may.

use serde_json::Value as Json;

use super::{
    Arg, Args, Facts, Risk, Spec, ValueType,
    findings::{self, PITFALLS},
};
use crate::domain::{Source, State, Subject, Verb};

pub const SPEC: Spec = Spec {
    name: "guardduty.unarchive_findings",
    service: "GuardDuty",
    operation: "UnarchiveFindings",
    action: "guardduty:UnarchiveFindings",
    summary: "Bring archived GuardDuty findings back; only the administrator account may.",
    args: &[Arg::needed("findings", ValueType::FindingIds)],
    findings: Some(Source::GuardDuty),
    subject: findings::subject,
    verbs,
};

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let calls = findings::calls(args, state, false).into_iter();
    Ok(calls.map(|(detector, ids)| Verb::UnarchiveFindings { detector, ids }).collect())
}

pub struct UnarchiveFindings<'v> {
    pub detector: &'v str,
    pub ids: &'v [String],
}

impl Facts for UnarchiveFindings<'_> {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn subject(&self) -> Subject {
        Subject::GuardDuty { ids: self.ids.to_vec() }
    }

    fn target(&self) -> String {
        findings::target(self.ids)
    }

    fn params(&self) -> Json {
        findings::params(self.detector, self.ids)
    }

    fn after(&self, before: &State) -> State {
        findings::all(before, self.ids, false)
    }

    fn counts(&self, state: &State) -> Json {
        findings::counts(state, self.ids)
    }

    fn lines(&self, state: &State) -> Vec<String> {
        findings::lines(state, self.ids)
    }

    fn inverse(&self, before: &State) -> Vec<Verb> {
        let ids = findings::those(before, self.ids, true);
        if ids.is_empty() {
            return Vec::new();
        }
        vec![Verb::ArchiveFindings { detector: self.detector.to_owned(), ids }]
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn risk(&self) -> Risk {
        Risk::Reversible
    }

    fn affected(&self, _: &State) -> Vec<String> {
        vec![
            "Everybody who works from GuardDuty's current list: the findings come back to it."
                .to_owned(),
        ]
    }

    fn pitfalls(&self) -> &'static [&'static str] {
        PITFALLS
    }

    fn impossible(&self, before: &State) -> Option<String> {
        findings::impossible(before)
    }
}
