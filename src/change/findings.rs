//! What the two verbs on GuardDuty's archive share.

use serde_json::{Value as Json, json};

use super::Args;
use crate::domain::{State, Subject, untrusted::display_in};

/// `ArchiveFindings` and `UnarchiveFindings` take at most this many ids (GuardDuty API
/// reference).
pub const MOST: usize = 50;

pub const PITFALLS: &[&str] = &[
    "An archived finding becomes active again with its next occurrence: archived is not closed.",
    "Security Hub's copy is not touched by it; its workflow status is a call of its own.",
];

pub fn subject(_: &Args, ids: &[String]) -> Subject {
    Subject::GuardDuty { ids: ids.to_vec() }
}

/// The findings of the arguments that the place knows and whose archive is not as wanted:
/// the detector and their ids in calls.
pub fn calls(args: &Args, state: &State, archived: bool) -> Vec<(String, Vec<String>)> {
    let Some(state) = state.guardduty() else { return Vec::new() };
    let named = |id: &str, arn: Option<&str>| {
        args.findings().iter().any(|wanted| wanted == id || Some(wanted.as_str()) == arn)
    };
    let ids: Vec<String> = state
        .findings
        .iter()
        .filter(|f| named(&f.id, f.arn.as_ref().map(|a| a.raw())) && f.archived != archived)
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

pub fn params(detector: &str, ids: &[String]) -> Json {
    json!({"DetectorId": detector, "FindingIds": ids})
}

/// The same findings, all archived or all active.
pub fn all(before: &State, ids: &[String], archived: bool) -> State {
    let mut after = before.clone();
    if let State::GuardDuty(state) = &mut after {
        for finding in state.findings.iter_mut().filter(|f| ids.contains(&f.id)) {
            finding.archived = archived;
        }
    }
    after
}

/// Of each finding in question its archive.
pub fn counts(state: &State, ids: &[String]) -> Json {
    let of = |id: &String| {
        let state = state.guardduty()?;
        state.findings.iter().find(|f| f.id == *id).map(|f| f.archived)
    };
    ids.iter().map(|id| (id.clone(), json!(of(id)))).collect::<serde_json::Map<_, _>>().into()
}

pub fn lines(state: &State, ids: &[String]) -> Vec<String> {
    let Some(state) = state.guardduty() else { return Vec::new() };
    ids.iter()
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

/// Those that were as `archived` says before, so that the way back leaves the others alone.
pub fn those(before: &State, ids: &[String], archived: bool) -> Vec<String> {
    let known = before.guardduty().map(|s| s.findings.as_slice()).unwrap_or_default();
    let was = |id: &&String| known.iter().any(|f| f.id == **id && f.archived == archived);
    ids.iter().filter(was).cloned().collect()
}

/// "Only the administrator account can archive findings" (GuardDuty API reference,
/// ArchiveFindings): said before trying.
pub fn impossible(before: &State) -> Option<String> {
    let administrator = before.guardduty()?.administrator.as_ref()?;
    Some(format!(
        "this account is a member: only GuardDuty's administrator account, {}, can archive or \
         unarchive its findings",
        display_in(administrator.raw(), 20)
    ))
}
