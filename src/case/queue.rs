//! The findings of every source, one row for each finding.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;

use crate::domain::{
    Place, Region, Source, Untrusted,
    finding::{Finding, Key, Record},
};

/// Findings by key, in the order in which they were first heard of. A finding's
/// position never changes, so positions may be handed to a view.
#[derive(Debug, Default)]
pub struct Queue {
    /// Shared with views that are being arranged; copied only if one is while
    /// something new arrives.
    findings: Arc<Vec<Arc<Finding>>>,
    positions: HashMap<Key, usize>,
    /// Where each record was heard of.
    heard: HashMap<(Source, Key), Place>,
    /// Copies in Security Hub whose GuardDuty original has not been seen or asked for.
    orphans: HashSet<Key>,
    /// Records known from the store only, with the time they were kept.
    kept: HashMap<(Source, Key), Timestamp>,
    /// Counts changes, so that a view can tell whether it is current.
    revision: u64,
}

impl Queue {
    /// Takes in a record heard of in `place`.
    pub fn put(&mut self, record: Arc<Record>, place: Option<&Place>) {
        let key = record.key.clone();
        let mut was_kept = false;
        if let Some(place) = place {
            let name = (record.source, key.clone());
            was_kept = self.kept.remove(&name).is_some();
            self.heard.insert(name, place.clone());
        }
        let is_copy = record.source == Source::SecurityHub && key.raw().starts_with("guardduty ");
        let findings = Arc::make_mut(&mut self.findings);
        let changed = match self.positions.get(&key) {
            Some(&at) => {
                let mut finding = (*findings[at]).clone();
                // What a service says now beats what a file or the store said, whatever
                // dates they bear.
                let changed = if was_kept { finding.replace(record) } else { finding.put(record) };
                if changed {
                    findings[at] = Arc::new(finding);
                }
                changed
            }
            None => {
                self.positions.insert(key.clone(), findings.len());
                findings.push(Arc::new(Finding::of(record)));
                true
            }
        };
        if is_copy && place.is_some() && self.lacks_original(&key) {
            self.orphans.insert(key);
        }
        if changed || was_kept {
            self.revision += 1;
        }
    }

    /// Takes in a record from the store; what was heard live stays.
    pub fn put_kept(&mut self, record: Arc<Record>, kept_at: Timestamp) {
        let name = (record.source, record.key.clone());
        if !self.heard.contains_key(&name) {
            self.kept.insert(name, kept_at);
            self.put(record, None);
        }
    }

    /// A service did not know these ids any more: what we have is as old as `now` at best.
    pub(super) fn not_heard(
        &mut self,
        source: Source,
        place: &Place,
        ids: &[Untrusted],
        now: Timestamp,
    ) {
        let asked: HashSet<&Untrusted> = ids.iter().collect();
        let missing: Vec<Key> = self
            .records_of(source, place)
            .filter(|r| asked.contains(&r.id))
            .map(|r| r.key.clone())
            .collect();
        for key in missing {
            self.kept.insert((source, key), now);
            self.revision += 1;
        }
    }

    /// Since when a part of the row has been known from the store only, or not been known
    /// to its service.
    pub fn kept_at(&self, key: &Key) -> Option<Timestamp> {
        Source::ALL.iter().filter_map(|s| self.kept.get(&(*s, key.clone())).copied()).min()
    }

    fn lacks_original(&self, key: &Key) -> bool {
        let original = self.get(key).is_some_and(|f| f.guardduty().is_some());
        !original || self.kept.contains_key(&(Source::GuardDuty, key.clone()))
    }

    pub fn findings(&self) -> &Arc<Vec<Arc<Finding>>> {
        &self.findings
    }

    pub fn get(&self, key: &Key) -> Option<&Arc<Finding>> {
        self.positions.get(key).map(|&at| &self.findings[at])
    }

    /// Where a finding stands; the number in a view's rows.
    pub fn position(&self, key: &Key) -> Option<usize> {
        self.positions.get(key).copied()
    }

    pub fn len(&self) -> usize {
        self.findings.len()
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The records of a source that were heard of in a place.
    pub(super) fn records_of<'q>(
        &'q self,
        source: Source,
        place: &'q Place,
    ) -> impl Iterator<Item = &'q Arc<Record>> {
        self.findings.iter().flat_map(|f| f.records()).filter(move |r| {
            let name = (source, r.key.clone());
            r.source == source
                && self.heard.get(&name) == Some(place)
                && !self.kept.contains_key(&name)
        })
    }

    /// The records of a source that are known from the store only and were made in a
    /// region: whether they still stand is not known.
    pub(super) fn kept_of<'q>(
        &'q self,
        source: Source,
        region: &'q Region,
    ) -> impl Iterator<Item = &'q Arc<Record>> {
        self.findings.iter().flat_map(|f| f.records()).filter(move |r| {
            r.source == source
                && r.detector_region.as_ref() == Some(region)
                && self.kept.contains_key(&(source, r.key.clone()))
        })
    }

    /// The GuardDuty ids behind copies heard of through a place, each given out once.
    pub(super) fn take_orphans(&mut self, place: &Place, most: usize) -> Vec<Untrusted> {
        let ripe: Vec<Key> = self
            .orphans
            .iter()
            .filter(|key| {
                // A copy aggregated from another region has its original there.
                let from = self.heard.get(&(Source::SecurityHub, (*key).clone()));
                from.is_some_and(|p| p.target == place.target)
                    && key.raw().split(' ').nth(1) == Some(place.region.as_str())
            })
            .take(most)
            .cloned()
            .collect();
        ripe.into_iter()
            .filter_map(|key| {
                self.orphans.remove(&key);
                self.lacks_original(&key)
                    .then(|| key.raw().split(' ').nth(2).map(Untrusted::from))
                    .flatten()
            })
            .collect()
    }
}
