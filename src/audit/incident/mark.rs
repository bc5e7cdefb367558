//! What somebody marked as evidence, with what it said then.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    audit::{hash::sha256_hex, paper::canonical},
    domain::{Untrusted, timeline::Entry},
};

/// An entry of an incident's timeline (`halon timeline`), frozen when it was marked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mark {
    pub number: i64,
    /// `event`, `finding`, `note`
    pub what: &'static str,
    pub id: Option<Untrusted>,
    /// When it happened; `None` where it does not say.
    pub at: Option<Timestamp>,
    pub name: Untrusted,
    pub source: Option<Untrusted>,
    pub principal: Option<Untrusted>,
    pub address: Option<Untrusted>,
    pub account: Option<String>,
    pub region: Option<Untrusted>,
    pub result: Option<Untrusted>,
    pub note: Untrusted,
    pub marked_by: Untrusted,
    pub marked_at: Timestamp,
    /// Of all of the above in the canonical form of docs/AUDIT-LOG.md.
    pub sha256: String,
}

impl Mark {
    pub fn of(entry: &Entry) -> Mark {
        let (mark, about) = (&entry.mark, &entry.mark.about);
        let mut made = Mark {
            number: entry.number,
            what: mark.what.kind(),
            id: mark.what.id().cloned(),
            at: mark.at,
            name: about.name.clone(),
            source: about.source.clone(),
            principal: about.principal.clone(),
            address: about.address.clone(),
            account: about.account.as_ref().map(|a| a.as_str().to_owned()),
            region: about.region.clone(),
            result: about.result.clone(),
            note: mark.note.as_str().into(),
            marked_by: mark.by.as_str().into(),
            marked_at: entry.marked_at,
            sha256: String::new(),
        };
        let mut said = serde_json::to_value(&made).unwrap_or_default();
        if let Value::Object(map) = &mut said {
            map.remove("sha256");
        }
        made.sha256 = sha256_hex(canonical(&said).as_bytes());
        made
    }

    pub fn label(&self) -> &'static str {
        match self.what {
            "event" => "marked event",
            "finding" => "marked finding",
            _ => "marked note",
        }
    }

    /// What it says, raw.
    pub fn sentence(&self) -> Untrusted {
        let pieces = [
            ("", Some(&self.name)),
            ("at ", self.source.as_ref()),
            ("from ", self.address.as_ref()),
            ("result ", self.result.as_ref()),
            ("note: ", Some(&self.note)),
        ];
        let said = pieces.into_iter().filter_map(|(before, text)| {
            let text = text.filter(|text| !text.is_empty())?;
            Some(format!("{before}{}", text.raw()))
        });
        said.collect::<Vec<_>>().join(", ").into()
    }
}
