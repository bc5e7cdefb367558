//! The playbooks pane: every playbook, what fits the selected finding first, and the
//! runs of this session below.

use std::collections::BTreeMap;

use crate::{case::Words, domain::finding::Finding, playbook::Loaded};

/// One line of the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShelfRow {
    /// By its place in [`Shelf::all`], and whether it answers the selected finding.
    Playbook(usize, bool),
    /// By its place among the session's runs.
    Run(usize),
}

#[derive(Clone, Debug, Default)]
pub struct Shelf {
    pub all: Vec<Loaded>,
    /// Words that must all match somewhere, fuzzily.
    pub text: String,
    pub cursor: usize,
    pub top: usize,
}

impl Shelf {
    /// The lines for a finding: what answers it by name, what answers anything, the rest, each
    /// time first what the finding tells most of the inputs for; then `runs` runs, the newest
    /// first. Where something is filtered by, the playbooks that match alone.
    pub fn rows(&self, finding: Option<&Finding>, runs: usize) -> Vec<ShelfRow> {
        let words = Words::new(&self.text);
        let runs = if self.text.is_empty() { runs } else { 0 };
        let kind = finding.map(|f| f.main().kind.raw());
        let fit = |loaded: &Loaded| match (&loaded.playbook, kind) {
            (Ok(playbook), Some(kind)) if playbook.answers(kind) => {
                if playbook.answers.iter().any(|a| a == "*") { 1 } else { 2 }
            }
            _ => 0,
        };
        // Inputs that the operator would have to type.
        let untold = |loaded: &Loaded| match (&loaded.playbook, finding) {
            (Ok(playbook), Some(_)) => {
                playbook.fill(&BTreeMap::new(), finding).err().map_or(0, |missing| missing.len())
            }
            _ => 0,
        };
        let mut rows: Vec<(u8, usize, usize)> = self
            .all
            .iter()
            .enumerate()
            .filter(|(_, loaded)| words.all_in(&texts(loaded)))
            .map(|(at, loaded)| (fit(loaded), untold(loaded), at))
            .collect();
        rows.sort_by_key(|(fit, untold, at)| (std::cmp::Reverse(*fit), *untold, *at));
        let playbooks = rows.into_iter().map(|(fit, _, at)| ShelfRow::Playbook(at, fit > 0));
        playbooks.chain((0..runs).rev().map(ShelfRow::Run)).collect()
    }
}

/// What of a playbook is looked at.
fn texts(loaded: &Loaded) -> [&str; 3] {
    match &loaded.playbook {
        Ok(playbook) => [&loaded.id, &playbook.title, &playbook.summary],
        Err(_) => [&loaded.id, &loaded.file, "broken"],
    }
}
