//! `securityhub:BatchUpdateFindings`: the customer's workflow status, with a note.
//!
//! NOTIFIED with a note is how a responder claims a finding: the note says whose it is.

use serde_json::{Value as Json, json};

use super::{Arg, Args, Asked, Facts, Risk, Scope, Spec, ValueType, asked};
use crate::domain::{
    Change, HubId, HubState, Note, Source, State, Subject, Verb, Workflow, untrusted::display_in,
};

/// `BatchUpdateFindings` takes at most this many (Security Hub API reference).
const MOST: usize = 100;
/// A note's text (`NoteUpdate`: Security Hub API reference).
const LONGEST_NOTE: usize = 512;

pub const SPEC: Spec = Spec {
    name: "securityhub.set_workflow",
    service: "SecurityHub",
    operation: "BatchUpdateFindings",
    action: "securityhub:BatchUpdateFindings",
    summary: "Set the workflow status of Security Hub findings, with a note. NOTIFIED with a \
              note claims them.",
    args: &[
        Arg::needed("findings", ValueType::FindingIds),
        Arg::needed("status", ValueType::WorkflowStatus),
        Arg::optional("note", ValueType::Text),
    ],
    risk: Risk::Reversible,
    wide_where: None,
    pitfalls: &[
        "It can take several minutes and does not move the finding's UpdatedAt.",
        "RESOLVED and NOTIFIED fall back to NEW when the finding's record becomes active again; \
             SUPPRESSED does not.",
        "GuardDuty's own archive is a call of its own.",
    ],
    scope: Scope::Findings(Source::SecurityHub),
    subject,
    verbs,
};

fn subject(_: &Args, ids: &[String]) -> Subject {
    Subject::SecurityHub { ids: ids.to_vec() }
}

fn verbs(args: &Args, state: &State) -> Result<Vec<Verb>, String> {
    let status = *args.workflow().ok_or("no status is given")?;
    let by = args.text("by").unwrap_or("halon");
    let text: Option<String> = args.text("note").map(|t| t.chars().take(LONGEST_NOTE).collect());
    let note = text.map(|text| Note { text, by: by.to_owned() });
    let as_wanted = |f: &HubState| f.status == Some(status) && (note.is_none() || f.note == note);
    let ids: Vec<HubId> = state
        .hub()
        .unwrap_or_default()
        .iter()
        .filter(|f| !as_wanted(f))
        .map(|f| f.id.clone())
        .collect();
    let verb = |findings: &[HubId]| Verb::SetWorkflow {
        findings: findings.to_vec(),
        status,
        note: note.clone(),
    };
    Ok(ids.chunks(MOST).map(verb).collect())
}

pub struct SetWorkflow<'v> {
    pub findings: &'v [HubId],
    pub status: Workflow,
    pub note: Option<&'v Note>,
}

impl SetWorkflow<'_> {
    /// The findings in question as a state has them.
    fn those<'s>(&'s self, state: &'s State) -> impl Iterator<Item = &'s HubState> {
        let all = state.hub().unwrap_or_default();
        all.iter().filter(|f| self.findings.contains(&f.id))
    }
}

impl Facts for SetWorkflow<'_> {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn subject(&self) -> Subject {
        Subject::SecurityHub { ids: self.findings.iter().map(|f| f.id.clone()).collect() }
    }

    fn target(&self) -> String {
        match self.findings {
            [one] => display_in(&one.id, 200),
            many => format!("{} findings", many.len()),
        }
    }

    fn params(&self) -> Json {
        let ids: Vec<Json> = self
            .findings
            .iter()
            .map(|f| json!({"Id": f.id, "ProductArn": f.product_arn}))
            .collect();
        let mut params =
            json!({"FindingIdentifiers": ids, "Workflow": {"Status": self.status.word()}});
        if let Some(note) = self.note {
            params["Note"] = json!({"Text": note.text, "UpdatedBy": note.by});
        }
        params
    }

    /// The fields that it updates are keys of their own (Security Hub user guide, "Using IAM
    /// to restrict access to BatchUpdateFindings").
    fn asks(&self, change: &Change, _: &State) -> Asked {
        let field = |name: &str| format!("securityhub:ASFFSyntaxPath/{name}");
        let asked = Asked::new(SPEC.action, asked::regional(change, "securityhub", "hub/default"))
            .with(field("Workflow.Status"), self.status.word());
        match self.note {
            Some(note) => asked
                .with(field("Note.Text"), note.text.as_str())
                .with(field("Note.UpdatedBy"), note.by.as_str()),
            None => asked,
        }
    }

    fn after(&self, before: &State) -> State {
        let mut after = before.clone();
        if let State::SecurityHub(findings) = &mut after {
            for finding in findings.iter_mut().filter(|f| self.findings.contains(&f.id)) {
                finding.status = Some(self.status);
                if let Some(note) = self.note {
                    finding.note = Some(note.clone());
                }
            }
        }
        after
    }

    fn counts(&self, state: &State) -> Json {
        let mut those: Vec<_> =
            self.those(state).map(|f| json!([f.id, f.status, f.note])).collect();
        those.sort_by_key(ToString::to_string);
        those.into()
    }

    fn lines(&self, state: &State) -> Vec<String> {
        self.those(state)
            .map(|f| {
                let note = f.note.as_ref().map_or("no note".to_owned(), |n| {
                    format!("note “{}” by {}", display_in(&n.text, 80), display_in(&n.by, 40))
                });
                let status = f.status.map_or("no status", Workflow::word);
                format!("{}: {status}, {note}", display_in(f.title.raw(), 60))
            })
            .collect()
    }

    /// One call for each pair of status and note there was.
    fn inverse(&self, before: &State) -> Vec<Verb> {
        let mut calls: Vec<(Workflow, Option<Note>, Vec<HubId>)> = Vec::new();
        for finding in self.those(before) {
            let Some(status) = finding.status else { continue };
            // A note that was left alone needs no way back.
            let note = finding.note.clone().filter(|_| self.note.is_some());
            match calls.iter_mut().find(|(s, n, _)| *s == status && *n == note) {
                Some((_, _, ids)) => ids.push(finding.id.clone()),
                None => calls.push((status, note, vec![finding.id.clone()])),
            }
        }
        calls
            .into_iter()
            .map(|(status, note, findings)| Verb::SetWorkflow { findings, status, note })
            .collect()
    }

    fn not_restored(&self, before: &State) -> Vec<String> {
        let mut lost = Vec::new();
        if self.note.is_some() {
            if self.those(before).any(|f| f.note.is_none()) {
                lost.push(
                    "Note: Security Hub has no way to take a first note away again.".to_owned(),
                );
            }
            if self.those(before).any(|f| f.note.is_some()) {
                lost.push("Note.UpdatedAt: the note's time becomes that of the undo.".to_owned());
            }
        }
        if self.those(before).any(|f| f.status.is_none()) {
            lost.push("Workflow.Status: a finding had none, and none cannot be set.".to_owned());
        }
        lost
    }

    fn affected(&self, before: &State) -> Vec<String> {
        let mut who = vec!["Everybody who works from Security Hub's list.".to_owned()];
        for finding in self.those(before) {
            if let Some(note) = &finding.note {
                who.push(format!(
                    "{} left a note: “{}”",
                    display_in(&note.by, 60),
                    display_in(&note.text, 120)
                ));
            }
        }
        who.dedup();
        who
    }
}
