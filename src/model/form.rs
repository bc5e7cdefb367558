//! A few lines to be filled in: a playbook's inputs, an incident, a reason.

use std::sync::Arc;

use tui_input::Input;

use super::{Model, pick::only};
use crate::{
    change::{GlassRole, Value, ValueType},
    domain::{finding::Finding, timeline::Mark},
    drill::Item,
    playbook::{From, Playbook},
};

/// What the answers are for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// The inputs of the playbook of this id.
    Inputs(String),
    /// The incident to be armed for.
    Arm,
    /// Why a step of the run of this id is left out.
    Skip(String),
    /// Another question about events.
    Query,
    /// The role that is to be looked at in the organization pane.
    Exempt,
    /// An encoded refusal that is to be decoded.
    Decode,
    /// What is to be marked for the timeline; its note is asked for.
    Mark(Vec<Mark>),
    /// The name that the present filter is saved under.
    SaveFilter,
    /// What people are asked for an item of a drill's evidence.
    Evidence(Item),
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub help: String,
    pub input: Input,
    /// May be left empty.
    pub optional: bool,
}

impl Field {
    pub fn new(name: &str, help: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            help: help.to_owned(),
            input: Input::new(value.to_owned()),
            optional: false,
        }
    }

    pub fn is_lacking(&self) -> bool {
        !self.optional && self.input.value().is_empty()
    }

    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

#[derive(Clone, Debug)]
pub struct Form {
    pub purpose: Purpose,
    pub title: String,
    pub fields: Vec<Field>,
    /// The field that is being filled in.
    pub at: usize,
    /// What is wrong with what was given.
    pub trouble: Option<String>,
}

/// The fields of a playbook's inputs, filled in from what is chosen among the findings: all
/// their ids; of anything else what all of them say.
pub fn input_fields(model: &Model, playbook: &Playbook) -> Vec<Field> {
    let chosen = model.chosen();
    let place = model.case.place(model.chosen_account());
    let inputs = playbook.inputs.iter();
    inputs
        .map(|(name, input)| {
            let from = input.from.and_then(|from| said(from, &chosen));
            let glass = (input.kind == ValueType::BreakGlassRole).then(|| place.glass_role());
            let glass = glass.flatten().map(|role| Value::Glass(GlassRole::Arn(role)));
            let value = from.or_else(|| input.default.clone()).or(glass);
            let value = value.as_ref().map(Value::to_string).unwrap_or_default();
            Field::new(name, &input.help, &value)
        })
        .collect()
}

fn said(from: From, chosen: &[&Arc<Finding>]) -> Option<Value> {
    let mut ids: Vec<String> = Vec::new();
    let values = chosen.iter().map(|finding| from.read(finding));
    if from.kind() != ValueType::FindingIds {
        return only(values);
    }
    for value in values.flatten() {
        if let Value::Findings(more) = value {
            ids.extend(more);
        }
    }
    (!ids.is_empty()).then_some(Value::Findings(ids))
}
