//! What the help is about: the place that it was asked for in.

use super::{Model, Overlay};
use crate::input::Scope;

#[derive(Clone, Debug)]
pub struct Help {
    /// The scopes of that place, innermost first.
    pub scopes: &'static [Scope],
    /// What the help lies over, which comes back when it is closed.
    pub under: Option<Box<Overlay>>,
}

impl Default for Help {
    fn default() -> Self {
        Self { scopes: &[Scope::Global], under: None }
    }
}

impl Help {
    /// For the place that the operator is in; help about the help is the same help.
    pub fn of(model: &Model) -> Self {
        if let Some(Overlay::Text(super::Page::Help, _)) = model.overlay {
            return model.help.clone();
        }
        Self { scopes: model.scopes(), under: model.overlay.clone().map(Box::new) }
    }
}
