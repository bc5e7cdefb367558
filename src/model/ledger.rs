//! The audit pane: the log's records as last read, filtered, and what verifying them said.

use jiff::Timestamp;

use crate::{
    audit::{Kind, Record},
    playbook::Intended,
};

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub records: Vec<Record>,
    /// Changes of which nobody knows what became of them.
    pub unknown: Vec<Intended>,
    /// Only the records of this run.
    pub run: Option<String>,
    /// Lines shown, by place in `records`, newest first.
    pub rows: Vec<usize>,
    pub cursor: usize,
    pub top: usize,
    /// When the records were read.
    pub read_at: Option<Timestamp>,
    /// The log is being verified; is being compared with CloudTrail.
    pub verifying: bool,
    pub proving: bool,
    /// What the last verification said.
    pub verified: Option<String>,
    /// What comparing it with CloudTrail said last.
    pub proved: Option<String>,
}

impl Ledger {
    /// Arranges the lines anew after the records or the filters changed.
    pub fn arrange(&mut self, text: &str) {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let shown = |record: &Record| {
            let raw = record.raw.to_lowercase();
            self.run.as_ref().is_none_or(|run| record.text("run") == Some(run))
                && words.iter().all(|word| raw.contains(word))
        };
        self.rows = (0..self.records.len()).rev().filter(|at| shown(&self.records[*at])).collect();
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    pub fn current(&self) -> Option<&Record> {
        self.at(self.cursor)
    }

    /// The record on a line.
    pub fn at(&self, line: usize) -> Option<&Record> {
        self.records.get(*self.rows.get(line)?)
    }

    /// The runs in the log that changed something, newest first.
    pub fn runs(&self) -> impl Iterator<Item = &str> {
        let started = self.records.iter().rev().filter(|r| r.kind() == Some(Kind::RunStart));
        started.filter_map(|r| r.text("run"))
    }
}
