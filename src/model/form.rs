//! A few lines to be filled in: a playbook's inputs, an incident, a reason.

use tui_input::Input;

use crate::domain::timeline::Mark;

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
    Mark(Box<Mark>),
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
