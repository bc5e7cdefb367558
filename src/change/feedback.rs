//! `guardduty:UpdateFindingsFeedback`: whether findings were worth the alarm.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, findings};
use crate::domain::{
    Change, FindingState, Source, State, Subject, Usefulness, Verb, untrusted::display_in,
};

pub const SPEC: Spec = Spec {
    name: "guardduty.feedback",
    service: "GuardDuty",
    operation: "UpdateFindingsFeedback",
    action: "guardduty:UpdateFindingsFeedback",
    summary: "Say of GuardDuty findings whether they were USEFUL or NOT_USEFUL, with a comment.",
    args: &[
        Arg::needed("findings", ValueType::FindingIds),
        Arg::needed("useful", ValueType::Usefulness),
        Arg::optional("comment", ValueType::Text),
    ],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: &[
        "The comment leaves the account: write no name and no secret into it.",
        "Feedback neither archives a finding nor keeps the next one away.",
    ],
    scope: Scope::Findings(Source::GuardDuty),
    subject: findings::subject,
    verbs,
};

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let useful = *args.useful().ok_or("USEFUL or NOT_USEFUL is needed")?;
    let comment = args.text("comment").map(ToOwned::to_owned);
    let other = |f: &FindingState| said(f) != Some(useful);
    let calls = findings::calls(args, state, other);
    let verb = |(detector, ids)| Verb::Feedback { detector, ids, useful, comment: comment.clone() };
    Ok(calls.into_iter().map(verb).collect())
}

fn said(finding: &FindingState) -> Option<Usefulness> {
    finding.feedback.as_ref()?.raw().parse().ok()
}

pub struct Feedback<'v> {
    pub detector: &'v str,
    pub ids: &'v [String],
    pub useful: Usefulness,
    pub comment: Option<&'v str>,
}

impl Feedback<'_> {
    fn those<'s>(&'s self, state: &'s State) -> impl Iterator<Item = &'s FindingState> {
        let all = state.guardduty().map(|g| g.findings.as_slice()).unwrap_or_default();
        all.iter().filter(|f| self.ids.contains(&f.id))
    }
}

impl Facts for Feedback<'_> {
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
        let mut params = json!({
            "DetectorId": self.detector,
            "FindingIds": self.ids,
            "Feedback": self.useful.word(),
        });
        if let Some(comment) = self.comment {
            params["Comments"] = json!(comment);
        }
        params
    }

    /// It takes no resource (Service Authorization Reference, GuardDuty).
    fn asks(&self, _: &Change, _: &State) -> Asked {
        Asked::new(SPEC.action, "*")
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::GuardDuty(state) = &mut after {
            for finding in state.findings.iter_mut().filter(|f| self.ids.contains(&f.id)) {
                finding.feedback = Some(self.useful.word().into());
            }
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        self.those(state).map(|f| json!([f.id, f.feedback])).collect()
    }

    fn lines(&self, state: &State) -> Vec<String> {
        self.those(state)
            .map(|f| {
                let feedback = f
                    .feedback
                    .as_ref()
                    .map_or("no feedback".to_owned(), |said| display_in(said.raw(), 20));
                format!("{} {}: {feedback}", display_in(&f.id, 64), display_in(f.kind.raw(), 80))
            })
            .collect()
    }

    /// One call for each word that was said before.
    fn inverse(&self, before: &State) -> Vec<Verb> {
        [Usefulness::Useful, Usefulness::NotUseful]
            .into_iter()
            .filter(|was| *was != self.useful)
            .filter_map(|was| {
                let those = self.those(before).filter(|f| said(f) == Some(was));
                let ids: Vec<String> = those.map(|f| f.id.clone()).collect();
                let detector = self.detector.to_owned();
                let verb = Verb::Feedback { detector, ids, useful: was, comment: None };
                matches!(&verb, Verb::Feedback { ids, .. } if !ids.is_empty()).then_some(verb)
            })
            .collect()
    }

    fn not_restored(&self, before: &State) -> Vec<String> {
        let mut lost = Vec::new();
        if self.those(before).any(|f| said(f).is_none()) {
            lost.push(
                "Service.UserFeedback: GuardDuty has no way to take a first feedback back."
                    .to_owned(),
            );
        }
        if self.those(before).any(|f| said(f).is_some()) {
            lost.push("Comments: GuardDuty tells nobody the comment that was there.".to_owned());
        }
        lost
    }

    fn affected(&self, _: &State) -> Vec<String> {
        vec!["AWS is told; nothing in the account follows from it.".to_owned()]
    }
}
