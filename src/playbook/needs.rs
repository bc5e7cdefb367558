//! What a step asks IAM for, before anybody knows what it will be about: the actions of its
//! reads and of its call.

use std::collections::BTreeMap;

use super::file::{Action, Input, Step, Template, Templates};
use crate::{
    change::{self, Args, Scope, Value, ValueType},
    domain::{Region, Subject, TrailArn},
};

/// What one step needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Where its calls are made.
    pub scope: Scope,
    /// The region that the file names, where it names one; else any may be meant.
    pub region: Option<Region>,
    /// `service:Action`, each once, in the order in which they are needed.
    pub actions: Vec<&'static str>,
}

impl Step {
    /// What it asks of whoever runs it; nothing for a question or a note, and for taking on a
    /// role, which is asked of somebody else.
    pub fn needs(&self, inputs: &BTreeMap<String, Input>) -> Option<Needs> {
        let (scope, with) = match &self.action {
            Action::Read { what, with } => (what.scope, with),
            Action::Check { what, with } => (what.read.scope, with),
            Action::Change { what, with, .. } => (what.scope, with),
            Action::Ask { .. } | Action::Assume { .. } | Action::Note { .. } => return None,
        };
        let (args, ids) = (examples(with, inputs), [String::new()]);
        let mut actions = match &self.action {
            Action::Read { what, .. } => whole((what.subject)(&args, &ids)),
            Action::Check { what, .. } => whole((what.read.subject)(&args, &ids)),
            Action::Change { what, .. } => {
                let mut actions = change::subject(what, &args, &ids).reads();
                actions.push(what.action);
                actions
            }
            Action::Ask { .. } | Action::Assume { .. } | Action::Note { .. } => Vec::new(),
        };
        let mut seen = Vec::new();
        actions.retain(|action| {
            let new = !seen.contains(action);
            seen.push(*action);
            new
        });
        Some(Needs { scope, region: region(with), actions })
    }
}

/// A reading that is the step itself shall be whole.
fn whole(subject: Subject) -> Vec<&'static str> {
    [&subject.reads()[..], subject.reads_if_allowed()].concat()
}

/// The region of what the file itself names.
fn region(with: &Templates) -> Option<Region> {
    let written = |name: &str| match with.get(name)? {
        Template::Value(value) => Some(value),
        Template::Input(_) => None,
    };
    match (written("region"), written("trail")) {
        (Some(Value::Region(region)), _) => Some(region.clone()),
        (_, Some(Value::Trail(trail))) => Some(TrailArn::region(trail)),
        _ => None,
    }
}

/// Arguments of the right types: those of the file, and examples for what is filled in later.
fn examples(with: &Templates, inputs: &BTreeMap<String, Input>) -> Args {
    let value = |template: &Template| match template {
        Template::Value(value) => Some(value.clone()),
        Template::Input(name) => inputs.get(name).map(|input| example(input.kind)),
    };
    Args(with.iter().filter_map(|(name, t)| Some((name.clone(), value(t)?))).collect())
}

/// Nobody's: only the kind of thing counts.
fn example(kind: ValueType) -> Value {
    let text = match kind {
        ValueType::RoleName
        | ValueType::UserName
        | ValueType::PolicyName
        | ValueType::BreakGlassRole => "example",
        ValueType::AccessKeyId => "AKIAIOSFODNN7EXAMPLE",
        ValueType::SessionId => "AROAEXAMPLE:session",
        ValueType::PolicyArn => "arn:aws:iam::111122223333:policy/example",
        ValueType::PolicyVersion => "v1",
        ValueType::PolicyDocument => {
            r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#
        }
        ValueType::TrustedPrincipal => "*",
        ValueType::TrailArn => "arn:aws:cloudtrail:us-east-1:111122223333:trail/example",
        ValueType::Region => "us-east-1",
        ValueType::AccountId => "111122223333",
        ValueType::ScpId => "p-examplepolicy",
        ValueType::OrgTarget => "ou-exam-pleunit01",
        ValueType::FindingIds => "example",
        ValueType::WorkflowStatus => "NEW",
        ValueType::Usefulness => "USEFUL",
        ValueType::Text => "example",
    };
    kind.parse(text).expect("INVARIANT: a test parses each")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::{Arg, KINDS},
        playbook::{CHECKS, Playbook, READS, shipped},
        policy::actions,
    };

    #[test]
    fn there_is_an_example_of_every_type() {
        for kind in ValueType::ALL {
            assert_eq!(example(*kind).kind(), *kind);
        }
    }

    fn args(of: &[Arg]) -> Args {
        Args(of.iter().map(|arg| (arg.name.to_owned(), example(arg.kind))).collect())
    }

    #[test]
    fn every_action_that_anything_needs_is_one_of_awss() {
        let ids = ["f".to_owned()];
        let reads = READS.iter().chain(CHECKS.iter().map(|c| &c.read));
        let read = reads.flat_map(|r| whole((r.subject)(&args(r.args), &ids)));
        let changed = KINDS.iter().flat_map(|k| {
            let mut actions = whole(change::subject(k, &args(k.args), &ids));
            actions.push(k.action);
            actions
        });
        for action in read.chain(changed) {
            assert!(actions::find(action).is_some(), "{action}");
        }
    }

    #[test]
    fn a_step_needs_its_reads_and_its_call() {
        let find = |id: &str| shipped().iter().find(|(name, _)| *name == id).map(|(_, t)| *t);
        let text = find("leaked-access-key").expect("it is shipped");
        let playbook = Playbook::read("leaked-access-key.toml", text).expect("it reads");
        let needs: Vec<Needs> =
            playbook.steps.iter().filter_map(|s| s.needs(&playbook.inputs)).collect();
        assert!(needs.len() < playbook.steps.len(), "questions and notes need nothing");
        let call = needs.iter().find(|n| n.actions.contains(&"iam:UpdateAccessKey"));
        let call = call.expect("the key is deactivated");
        assert_eq!(
            call.actions,
            ["iam:GetAccessKeyLastUsed", "iam:ListAccessKeys", "iam:UpdateAccessKey"]
        );
        assert_eq!((call.scope, &call.region), (Scope::Iam, &None));
    }
}
