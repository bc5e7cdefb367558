//! From the queue to what the list shows: filtered, sorted, sequences with their
//! signals below them, and a chart. Pure, and run off the event loop: over a
//! hundred thousand findings it takes longer than a frame.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

use super::filter::{Sort, View, Words};
use crate::domain::{AccountId, Band, Region, Severity, Source, finding::Finding};

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Position in the queue.
    pub at: usize,
    /// Belongs to the attack sequence above it.
    pub signal: bool,
}

/// Findings over time: for each band, a count for each span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    /// Where the first span begins.
    pub from: Option<Timestamp>,
    /// Length of a span in seconds.
    pub span: i64,
    pub counts: [Vec<u64>; 5],
    /// Findings from before the first span.
    pub earlier: usize,
}

/// What [`arrange`] makes of a queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arranged {
    pub rows: Vec<Row>,
    /// Rows of each band, by [`Band::ALL`]'s order.
    pub bands: [usize; 5],
    pub bars: Bars,
    /// Accounts and regions that occur anywhere in the queue, to choose from.
    pub accounts: BTreeSet<AccountId>,
    pub regions: BTreeSet<Region>,
}

/// Spans of the chart.
const SPANS: usize = 60;

pub fn arrange(findings: &[Arc<Finding>], view: &View) -> Arranged {
    let words = Words::new(&view.filter.text);
    let mut chosen: Vec<usize> = (0..findings.len())
        .filter(|&at| view.filter.admits(&findings[at]) && words.match_all(&findings[at]))
        .collect();
    chosen.sort_by(|&a, &b| {
        let order = compare(&findings[a], &findings[b], view.sort);
        let order = if view.reverse { order.reverse() } else { order };
        order.then_with(|| findings[a].key().cmp(findings[b].key()))
    });
    let mut out = Arranged {
        bars: bars(chosen.iter().map(|&at| &*findings[at])),
        rows: grouped(findings, &chosen),
        ..Arranged::default()
    };
    for &at in &chosen {
        out.bands[findings[at].main().severity.band as usize] += 1;
    }
    for finding in findings {
        let main = finding.main();
        // Looked up before it is cloned: nearly all are there already.
        if let Some(account) = main.account.as_ref().filter(|a| !out.accounts.contains(*a)) {
            out.accounts.insert(account.clone());
        }
        if let Some(region) = main.region.as_ref().filter(|r| !out.regions.contains(*r)) {
            out.regions.insert(region.clone());
        }
    }
    out
}

/// The natural order of each sort puts what matters more first.
fn compare(a: &Finding, b: &Finding, sort: Sort) -> Ordering {
    let (x, y) = (a.main(), b.main());
    let newest = || Reverse(a.updated_at()).cmp(&Reverse(b.updated_at()));
    match sort {
        Sort::Severity => weight(b).total_cmp(&weight(a)).then_with(newest),
        Sort::Updated => newest(),
        Sort::FirstSeen => Reverse(x.first_seen).cmp(&Reverse(y.first_seen)),
        Sort::Account => x.account.cmp(&y.account).then_with(|| weight(b).total_cmp(&weight(a))),
        Sort::Type => x.kind.cmp(&y.kind).then_with(newest),
        Sort::Count => Reverse(x.count).cmp(&Reverse(y.count)),
    }
}

/// One scale for both services: the band first, then the place within it.
fn weight(finding: &Finding) -> f64 {
    let Severity { value, band } = finding.main().severity;
    let within = match finding.main().source {
        Source::GuardDuty => value / 10.0,
        Source::SecurityHub => value / 100.0,
    };
    band as u8 as f64 * 10.0 + within.clamp(0.0, 1.0)
}

/// Puts the signals of an attack sequence right below it.
fn grouped(findings: &[Arc<Finding>], chosen: &[usize]) -> Vec<Row> {
    let mut parents: HashMap<&str, usize> = HashMap::new();
    for &at in chosen {
        let main = findings[at].main();
        if main.sequence.is_none()
            && let Some(arn) = &main.arn
            && (!main.signals.is_empty() || main.kind.raw().starts_with("AttackSequence:"))
        {
            parents.insert(arn.raw(), at);
        }
    }
    if parents.is_empty() {
        return chosen.iter().map(|&at| Row { at, signal: false }).collect();
    }
    let mut signals: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut top = Vec::new();
    for &at in chosen {
        let parent = findings[at].main().sequence.as_ref().and_then(|s| parents.get(s.raw()));
        match parent {
            Some(&parent) => signals.entry(parent).or_default().push(at),
            None => top.push(at),
        }
    }
    let mut rows = Vec::with_capacity(chosen.len());
    for at in top {
        rows.push(Row { at, signal: false });
        let below = signals.get(&at).into_iter().flatten();
        rows.extend(below.map(|&at| Row { at, signal: true }));
    }
    rows
}

/// The chart reaches back over the newest four fifths of the findings: one that has
/// been open for months would squeeze an incident of an hour into a single column.
fn bars<'f>(findings: impl Iterator<Item = &'f Finding>) -> Bars {
    const STEPS: [i64; 10] = [60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
    let mut seen: Vec<(i64, Band)> = findings
        .filter_map(|f| {
            let at = f.main().last_seen.or(f.updated_at())?;
            Some((at.as_second(), f.main().severity.band))
        })
        .collect();
    seen.sort_unstable_by_key(|(at, _)| *at);
    let (Some((last, _)), Some((first, _))) = (seen.last().copied(), seen.get(seen.len() / 5))
    else {
        return Bars::default();
    };
    let reach = last - first;
    let fits = |step: &i64| reach / step < SPANS as i64 - 1;
    let span = STEPS.into_iter().find(fits).unwrap_or(reach / (SPANS as i64 - 1) + 1);
    let origin = (last.div_euclid(span) + 1 - SPANS as i64) * span;
    let mut bars = Bars { from: Timestamp::from_second(origin).ok(), span, ..Bars::default() };
    bars.counts.iter_mut().for_each(|c| c.resize(SPANS, 0));
    for (at, band) in seen {
        match usize::try_from((at - origin).div_euclid(span)) {
            Ok(slot) => bars.counts[band as usize][slot.min(SPANS - 1)] += 1,
            Err(_) => bars.earlier += 1,
        }
    }
    bars
}

impl Bars {
    pub fn of(&self, band: Band) -> &[u64] {
        &self.counts[band as usize]
    }
}
