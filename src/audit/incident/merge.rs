//! Several logs put together: copies and forks of one log, one order for all records, and
//! what their clocks say of each other.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::source::Source;
use crate::audit::record::Record;

/// Clocks that differ by more than this are spoken of.
const TOLERATED: SignedDuration = SignedDuration::from_secs(60);

/// A log that was given twice, in one way or another. `of` is the other one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    pub of: usize,
    pub kind: TwinKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinKind {
    /// The same lines.
    Same,
    /// The other one has these lines and more behind them.
    Older,
    /// The same log id, and another line here, counted from 1.
    Fork(u64),
}

impl Twin {
    /// Whether a line counts here: not where the other log has the same one.
    pub fn has_of_its_own(&self, line: u64) -> bool {
        matches!(self.kind, TwinKind::Fork(from) if line >= from)
    }
}

/// For each log the other one that it is a copy or a fork of.
pub fn twins(sources: &[Source]) -> Vec<Option<Twin>> {
    let mut twins: Vec<Option<Twin>> = vec![None; sources.len()];
    for later in 1..sources.len() {
        for earlier in 0..later {
            if twins[earlier].is_some() || twins[later].is_some() {
                continue;
            }
            match compare(&sources[earlier], &sources[later]) {
                // The other way round: the one given first is the beginning of this one.
                Some((TwinKind::Older, true)) => {
                    twins[earlier] = Some(Twin { of: later, kind: TwinKind::Older });
                }
                Some((kind, _)) => twins[later] = Some(Twin { of: earlier, kind }),
                None => {}
            }
        }
    }
    twins
}

/// What the second log is to the first; `true` where it is the first to the second.
fn compare(first: &Source, second: &Source) -> Option<(TwinKind, bool)> {
    let (one, two) = (&first.records, &second.records);
    if one.is_empty() || two.is_empty() {
        return None;
    }
    let differs = one.iter().zip(two).position(|(a, b)| a.raw != b.raw);
    match differs {
        Some(_) if first.report.log_id.is_none() => None,
        Some(_) if first.report.log_id != second.report.log_id => None,
        Some(at) => Some((TwinKind::Fork(two[at].line), false)),
        None if one.len() == two.len() => Some((TwinKind::Same, false)),
        None => Some((TwinKind::Older, one.len() < two.len())),
    }
}

/// When a record was written, by its own machine's clock.
pub fn written(record: &Record) -> Option<Timestamp> {
    record.text("ts_utc")?.parse().ok()
}

/// When each of a log's records counts as written. Records of one log never change places:
/// their order is proven, clocks are not. So a clock that was set back stands still.
pub fn standing(records: &[&Record]) -> Vec<Option<Timestamp>> {
    let mut latest = None;
    records
        .iter()
        .map(|record| {
            latest = latest.max(written(record));
            latest
        })
        .collect()
}

/// What a log's clock did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Clock {
    /// The largest difference to AWS's clock, where it is more than a minute.
    pub differs: Option<Skew>,
    /// The largest step back between two records, where it is more than a minute.
    pub set_back: Option<SetBack>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skew {
    pub seq: u64,
    pub ts_utc: Timestamp,
    /// The `Date` of AWS's answer.
    pub server_date: Timestamp,
    /// This machine's clock less AWS's.
    pub seconds: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetBack {
    pub seq: u64,
    pub seconds: i64,
}

impl Clock {
    pub fn of(records: &[&Record]) -> Clock {
        let mut clock = Clock::default();
        let mut before: Option<Timestamp> = None;
        for record in records {
            let Some(at) = written(record) else { continue };
            if let Some(skew) = skew(record, at)
                && clock.differs.as_ref().is_none_or(|w| skew.seconds.abs() > w.seconds.abs())
            {
                clock.differs = Some(skew);
            }
            if let Some(before) = before.filter(|b| b.duration_since(at) > TOLERATED) {
                let seconds = before.duration_since(at).as_secs();
                if clock.set_back.as_ref().is_none_or(|w| seconds > w.seconds) {
                    clock.set_back = Some(SetBack { seq: record.seq, seconds });
                }
            }
            before = Some(at);
        }
        clock
    }
}

/// What AWS's clock said beside a record, where the two differ by more than a minute.
pub fn skew(record: &Record, ts_utc: Timestamp) -> Option<Skew> {
    let server_date: Timestamp = record.value["result"]["server_date"].as_str()?.parse().ok()?;
    let differs = ts_utc.duration_since(server_date);
    let seconds = differs.as_secs();
    (differs.abs() > TOLERATED).then_some(Skew { seq: record.seq, ts_utc, server_date, seconds })
}
