//! A report as a file: laid out once as blocks, written as Markdown, HTML or JSON, sealed with
//! a hash over all of it, and checked again later. What stands in it is its maker's business.
//!
//! ```text
//!  blocks (words of ours | texts of others) ─▶ Paper ─▶ markdown | html ─▶ seal ─▶ check
//!  parts as values ──────────────────────────────────▶ document ───────▶ manifest ┘
//! ```

pub mod check;
mod foreign;
mod html;
mod markdown;
mod page;
mod seal;
mod tone;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use foreign::{begins_formula, shown, shown_in};
pub use html::class;
pub use page::{Block, Cell, Row, Span, for_people};
pub use seal::{SealedLog, canonical};
pub use tone::Tone;

use crate::domain::{Untrusted, untrusted::json_ascii};

/// The forms that a report is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Markdown,
    Html,
    Json,
}

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Incident,
    Drill,
}

impl Subject {
    pub const ALL: [Subject; 2] = [Subject::Incident, Subject::Drill];

    /// Before the title.
    pub fn word(self) -> &'static str {
        match self {
            Subject::Incident => "Incident",
            Subject::Drill => "Drill",
        }
    }

    /// Of the document.
    pub fn schema(self) -> &'static str {
        match self {
            Subject::Incident => "halon.audit-export/1",
            Subject::Drill => "halon.drill-report/1",
        }
    }
}

/// A report for people, ready to be written.
pub struct Paper {
    pub subject: Subject,
    pub title: Untrusted,
    pub as_of: Timestamp,
    /// Name and version of the program that makes it.
    pub tool: String,
    pub blocks: Vec<Block>,
    pub logs: Vec<SealedLog>,
}

impl Paper {
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }

    pub fn html(&self) -> String {
        html::write(self)
    }

    /// Writes every text of others anew. Pictures, which show nothing that tables do not, go.
    pub fn rewrite(&mut self, text: &dyn Fn(&str) -> String) {
        let anew = |old: &mut Untrusted| *old = text(old.raw()).into();
        anew(&mut self.title);
        self.blocks.retain(|block| !matches!(block, Block::Drawing(_)));
        for block in &mut self.blocks {
            match block {
                Block::Headline(..) | Block::Drawing(_) => {}
                Block::Alarm { what, .. } => anew(what),
                Block::Heading { text, .. } | Block::Text(text) => text.rewrite(&anew),
                Block::Facts(facts) => facts.iter_mut().for_each(|(_, cell)| cell.rewrite(&anew)),
                Block::Table { rows, .. } => {
                    let cells = rows.iter_mut().flat_map(|row| &mut row.cells);
                    cells.for_each(|cell| cell.rewrite(&anew));
                }
            }
        }
    }
}

/// Puts a manifest behind the parts of a document and writes it.
pub fn document(mut parts: Map<String, Value>, tool: &str, logs: &[SealedLog]) -> String {
    seal::manifest(tool, logs, &mut parts);
    pretty(&parts)
}

/// The bytes of a document.
fn pretty(document: &Map<String, Value>) -> String {
    // INVARIANT: a value with texts as keys can always be written.
    json_ascii(&serde_json::to_string_pretty(document).unwrap_or_default()) + "\n"
}
