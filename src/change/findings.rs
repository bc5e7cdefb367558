//! What the two verbs on GuardDuty's archive share.

use serde_json::{Value as Json, json};

use super::{Args, Asked, Facts, Spec, archive_findings, asked, unarchive_findings};
use crate::domain::{Change, FindingState, State, Subject, Verb, untrusted::display_in};

/// `ArchiveFindings` and `UnarchiveFindings` take at most this many ids (GuardDuty API
/// reference).
pub const MOST: usize = 50;

pub const PITFALLS: &[&str] = &[
    "An archived finding becomes active again with its next occurrence: archived is not \
             closed.",
    "Security Hub's copy is not touched by it; its workflow status is a call of its own.",
];

pub fn subject(_: &Args, ids: &[String]) -> Subject {
    Subject::GuardDuty { ids: ids.to_vec() }
}

/// The findings of the arguments that the place knows and that are not as wanted: the detector
/// and their ids in calls.
pub fn calls(
    args: &Args,
    state: &State,
    other: impl Fn(&FindingState) -> bool,
) -> Vec<(String, Vec<String>)> {
    let Some(state) = state.guardduty() else { return Vec::new() };
    let named = |id: &str, arn: Option<&str>| {
        args.findings().iter().any(|wanted| wanted == id || Some(wanted.as_str()) == arn)
    };
    let ids: Vec<String> = state
        .findings
        .iter()
        .filter(|f| named(&f.id, f.arn.as_ref().map(|a| a.raw())) && other(f))
        .map(|f| f.id.clone())
        .collect();
    ids.chunks(MOST).map(|ids| (state.detector.clone(), ids.to_vec())).collect()
}

/// One finding is named by its id, several by their number.
pub fn target(ids: &[String]) -> String {
    match ids {
        [one] => display_in(one, 64),
        many => format!("{} findings", many.len()),
    }
}

/// Bringing findings into the archive, or out of it.
pub struct Archiving<'v> {
    pub detector: &'v str,
    pub ids: &'v [String],
    /// In, rather than out.
    pub archived: bool,
}

impl Facts for Archiving<'_> {
    fn spec(&self) -> &'static Spec {
        if self.archived { &archive_findings::SPEC } else { &unarchive_findings::SPEC }
    }

    fn subject(&self) -> Subject {
        Subject::GuardDuty { ids: self.ids.to_vec() }
    }

    fn target(&self) -> String {
        target(self.ids)
    }

    fn params(&self) -> Json {
        json!({"DetectorId": self.detector, "FindingIds": self.ids})
    }

    fn asks(&self, change: &Change, _: &State) -> Asked {
        let detector = format!("detector/{}", self.detector);
        Asked::new(self.spec().action, asked::regional(change, "guardduty", &detector))
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::GuardDuty(state) = &mut after {
            for finding in state.findings.iter_mut().filter(|f| self.ids.contains(&f.id)) {
                finding.archived = self.archived;
            }
        }
        after
    }

    /// Of each finding in question its archive.
    fn counts(&self, state: &State) -> Json {
        let of = |id: &String| {
            let state = state.guardduty()?;
            state.findings.iter().find(|f| f.id == *id).map(|f| f.archived)
        };
        let each = self.ids.iter().map(|id| (id.clone(), json!(of(id))));
        each.collect::<serde_json::Map<_, _>>().into()
    }

    fn lines(&self, state: &State) -> Vec<String> {
        let Some(state) = state.guardduty() else { return Vec::new() };
        self.ids
            .iter()
            .map(|id| match state.findings.iter().find(|f| f.id == *id) {
                Some(f) => format!(
                    "{} {}: {}",
                    display_in(&f.id, 64),
                    display_in(f.kind.raw(), 80),
                    if f.archived { "archived" } else { "active" }
                ),
                None => format!("{}: not known to GuardDuty", display_in(id, 64)),
            })
            .collect()
    }

    /// Of those that were otherwise before: the way back leaves the others alone.
    fn inverse(&self, before: &State) -> Vec<Verb> {
        let known = before.guardduty().map(|s| s.findings.as_slice()).unwrap_or_default();
        let moved =
            |id: &&String| known.iter().any(|f| f.id == **id && f.archived != self.archived);
        let ids: Vec<String> = self.ids.iter().filter(moved).cloned().collect();
        let detector = self.detector.to_owned();
        match (ids.is_empty(), self.archived) {
            (true, _) => Vec::new(),
            (false, true) => vec![Verb::UnarchiveFindings { detector, ids }],
            (false, false) => vec![Verb::ArchiveFindings { detector, ids }],
        }
    }

    fn not_restored(&self, _: &State) -> Vec<String> {
        Vec::new()
    }

    fn affected(&self, _: &State) -> Vec<String> {
        let what = if self.archived { "leave it" } else { "come back to it" };
        vec![format!("Everybody who works from GuardDuty's current list: the findings {what}.")]
    }

    /// "Only the administrator account can archive findings" (GuardDuty API reference,
    /// ArchiveFindings): said before trying.
    fn impossible(&self, before: &State) -> Option<String> {
        let administrator = before.guardduty()?.administrator.as_ref()?;
        Some(format!(
            "this account is a member: only GuardDuty's administrator account, {}, can archive \
             or unarchive its findings",
            display_in(administrator.raw(), 20)
        ))
    }
}
