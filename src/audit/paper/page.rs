//! A report for people, before it has a form: what stands where, in words of ours and texts
//! of others that are kept apart to the end. [`super::markdown`] and [`super::html`] only
//! escape it, each in one place, so both say the same.

use std::borrow::Cow;

use jiff::Timestamp;
use maud::Markup;

use super::Tone;
use crate::domain::Untrusted;

pub enum Block {
    /// What the whole report is, in words of ours that nobody overlooks.
    Headline(Tone, &'static str),
    /// What must be known before it is read; `broken`: it cannot be relied on.
    Alarm {
        broken: bool,
        what: Untrusted,
    },
    /// `id` is unique in the page and of ASCII letters, digits and hyphens.
    Heading {
        level: u8,
        id: String,
        text: Cell,
    },
    Text(Cell),
    /// Names with what is true of each; one name may stand several times in a row.
    Facts(Vec<(&'static str, Cell)>),
    Table {
        name: &'static str,
        heads: &'static [&'static str],
        rows: Vec<Row>,
    },
    /// A picture, where the form has pictures. It shows nothing that a table does not say.
    Drawing(Markup),
}

/// A row of a table; what its first word means stands in a cell too.
pub struct Row {
    pub tone: Tone,
    pub cells: Vec<Cell>,
}

/// A text of several pieces.
#[derive(Default)]
pub struct Cell(pub Vec<Span>);

pub enum Span {
    /// Words of ours. Nothing of anybody else's may be in it.
    Ours(Cow<'static, str>),
    Foreign(Untrusted),
    /// A hash, or something like it: its first so many characters.
    Hash(Untrusted, usize),
    Time(Timestamp),
    /// A word of ours that says how something stands.
    State(Tone, &'static str),
    /// A change of this report.
    Change(usize),
}

impl Cell {
    pub fn new() -> Cell {
        Cell::default()
    }

    pub fn ours(text: impl Into<Cow<'static, str>>) -> Cell {
        Cell::new().and(text)
    }

    pub fn of(text: &Untrusted) -> Cell {
        Cell::new().with(text)
    }

    pub fn hash(text: &str) -> Cell {
        Cell::new().push(Span::Hash(text.into(), usize::MAX))
    }

    pub fn time(at: Option<Timestamp>) -> Cell {
        at.map_or_else(Cell::new, |at| Cell::new().push(Span::Time(at)))
    }

    pub fn number(n: impl ToString) -> Cell {
        Cell::ours(n.to_string())
    }

    /// Foreign texts with commas between.
    pub fn list(texts: &[Untrusted]) -> Cell {
        let mut cell = Cell::new();
        for (n, text) in texts.iter().enumerate() {
            cell = if n > 0 { cell.and(", ") } else { cell }.with(text);
        }
        cell
    }

    pub fn and(self, text: impl Into<Cow<'static, str>>) -> Cell {
        self.push(Span::Ours(text.into()))
    }

    pub fn with(self, text: &Untrusted) -> Cell {
        match text.is_empty() {
            true => self,
            false => self.push(Span::Foreign(text.clone())),
        }
    }

    /// The text with words of ours before it, or nothing.
    pub fn with_some(self, before: &'static str, text: Option<&Untrusted>) -> Cell {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.and(before).with(text),
            None => self,
        }
    }

    /// Writes every text of others anew.
    pub fn rewrite(&mut self, anew: &impl Fn(&mut Untrusted)) {
        for span in &mut self.0 {
            match span {
                Span::Foreign(text) | Span::Hash(text, _) => anew(text),
                Span::Ours(_) | Span::Time(_) | Span::State(..) | Span::Change(_) => {}
            }
        }
    }

    pub fn push(mut self, span: Span) -> Cell {
        self.0.push(span);
        self
    }
}

/// A time to the millisecond, which is all that HTML knows; the JSON has it all.
pub fn for_people(at: Timestamp) -> String {
    format!("{at:.3}")
}
