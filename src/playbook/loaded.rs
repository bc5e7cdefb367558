//! A playbook as it was found.

use std::{path::PathBuf, sync::Arc};

use serde_json::{Value as Json, json};

use super::file::Playbook;
use crate::{change::Value, domain::document::Broken};

/// One playbook; a broken one is listed as broken, never silently absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub id: String,
    /// The file's name, for messages.
    pub file: String,
    /// Where it can be read again; none for a shipped one.
    pub path: Option<PathBuf>,
    pub playbook: Result<Arc<Playbook>, Broken>,
}

impl Loaded {
    /// Its shape in halon's JSON answers (`halon.playbooks/1`).
    pub fn shape(&self) -> Json {
        let mistakes: Vec<String> = match &self.playbook {
            Ok(_) => Vec::new(),
            Err(broken) => broken.to_string().lines().map(ToOwned::to_owned).collect(),
        };
        let playbook = self.playbook.as_ref().ok();
        let inputs: Option<Json> = playbook.map(|p| {
            let input = |(name, input): (&String, &super::file::Input)| {
                let from = input.from.map(|f| f.name());
                json!({"name": name, "type": input.kind.name(), "from": from,
                    "default": input.default.as_ref().map(Value::to_json), "help": input.help})
            };
            p.inputs.iter().map(input).collect()
        });
        json!({
            "id": self.id,
            "title": playbook.map(|p| &p.title),
            "summary": playbook.map(|p| &p.summary),
            "risk": playbook.map(|p| p.risk),
            "answers": playbook.map(|p| &p.answers),
            "inputs": inputs,
            "needs_break_glass": playbook.map(|p| p.needs_break_glass()),
            "sha256": playbook.map(|p| &p.sha256),
            "file": self.file,
            "valid": playbook.is_some(),
            "mistakes": mistakes,
        })
    }
}
