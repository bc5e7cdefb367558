//! Findings kept on this machine, and which of them the operator has looked at.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use rusqlite::{TransactionBehavior, params};

use super::{Held, Store};
use crate::domain::{
    Fault, FaultKind, Source,
    finding::{Key, Record, read_asff, read_guardduty},
};

/// What [`Store::records`] gives.
#[derive(Debug, Default)]
pub struct Kept {
    pub records: Vec<(Arc<Record>, Timestamp)>,
    /// Records that could not be read.
    pub unreadable: usize,
}

impl Kept {
    /// Says that something is missing, if it is.
    pub fn fault(&self) -> Option<Fault> {
        (self.unreadable > 0).then(|| {
            let what =
                format!("records in the store that cannot be read any more: {}", self.unreadable);
            Fault::new(FaultKind::Local, what).with_hint("import them again")
        })
    }
}

/// Where a kept record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Aws,
    File,
}

impl Store {
    /// Keeps records; of two versions of one record the later update stays.
    /// `now` is this machine's time.
    pub fn keep(
        &self,
        records: &[Arc<Record>],
        origin: Origin,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.with(|Held { connection, .. }| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO record (source, key, region, raw, updated, kept, origin)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT (source, key) DO UPDATE SET
                        region = excluded.region, raw = excluded.raw, updated = excluded.updated,
                        kept = excluded.kept, origin = excluded.origin
                     WHERE record.updated IS NULL OR excluded.updated >= record.updated",
                )?;
                for record in records {
                    insert.execute(params![
                        record.source.name(),
                        record.key.raw(),
                        record.detector_region.as_ref().map(|r| r.as_str()),
                        &*record.raw,
                        record.updated_at.map(Timestamp::as_millisecond),
                        now.as_millisecond(),
                        match origin {
                            Origin::Aws => "aws",
                            Origin::File => "file",
                        },
                    ])?;
                }
            }
            transaction.commit()
        })
    }

    /// Every record kept, with the time it was kept. One that this version cannot
    /// read any more is left where it is, and counted.
    pub fn records(&self) -> Result<Kept, Fault> {
        self.with(|Held { connection, .. }| {
            let mut select = connection.prepare("SELECT source, region, raw, kept FROM record")?;
            let mut rows = select.query([])?;
            let mut kept = Kept::default();
            while let Some(row) = rows.next()? {
                let source: String = row.get(0)?;
                let region: Option<String> = row.get(1)?;
                let raw: String = row.get(2)?;
                let region = region.and_then(|r| r.parse().ok());
                let record = if source == Source::GuardDuty.name() {
                    read_guardduty(&raw, region.as_ref())
                } else {
                    read_asff(&raw)
                };
                let at = Timestamp::from_millisecond(row.get(3)?).ok();
                match (record, at) {
                    (Ok(record), Some(at)) => kept.records.push((Arc::new(record), at)),
                    _ => kept.unreadable += 1,
                }
            }
            Ok(kept)
        })
    }

    /// What the operator has looked at, each with the finding's update at that time.
    pub fn seen(&self) -> Result<HashMap<Key, Option<Timestamp>>, Fault> {
        self.with(|Held { connection, .. }| {
            let mut select = connection.prepare("SELECT key, updated FROM seen")?;
            let rows = select.query_map([], |row| {
                let updated: Option<i64> = row.get(1)?;
                let updated = updated.and_then(|ms| Timestamp::from_millisecond(ms).ok());
                Ok((Key::kept(row.get::<_, String>(0)?), updated))
            })?;
            rows.collect()
        })
    }

    pub fn mark_seen(&self, marks: &[(Key, Option<Timestamp>)]) -> Result<(), Fault> {
        self.with(|Held { connection, .. }| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut insert = transaction
                    .prepare_cached("INSERT OR REPLACE INTO seen (key, updated) VALUES (?1, ?2)")?;
                for (key, updated) in marks {
                    insert.execute(params![key.raw(), updated.map(Timestamp::as_millisecond)])?;
                }
            }
            transaction.commit()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINDING: &str = r#"{"id":"f1","type":"Recon:EC2/Portscan","severity":5,"region":"us-east-1","updatedAt":"2026-03-02T03:00:00Z","accountId":"111122223333"}"#;

    fn record(raw: &str) -> Arc<Record> {
        Arc::new(read_guardduty(raw, None).expect("a finding"))
    }

    fn at(s: &str) -> Timestamp {
        s.parse().expect("a timestamp")
    }

    #[test]
    fn records_and_marks_survive_reopening() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = at("2026-03-02T03:10:00Z");
        {
            let store = Store::open(folder.path()).expect("opens");
            store.keep(&[record(FINDING)], Origin::Aws, now).expect("keeps");
            store.mark_seen(&[(record(FINDING).key.clone(), Some(now))]).expect("marks");
        }
        let store = Store::open(folder.path()).expect("opens again");
        let records = store.records().expect("reads").records;
        assert_eq!(records.len(), 1);
        assert_eq!((&*records[0].0, records[0].1), (&*record(FINDING), now));
        let seen = store.seen().expect("reads");
        assert_eq!(seen.get(&record(FINDING).key), Some(&Some(now)));
    }

    #[test]
    fn an_older_version_does_not_replace_a_newer_one() {
        let store = Store::in_memory().expect("opens");
        let older = FINDING.replace("03:00:00", "01:00:00").replace("5,", "2,");
        store.keep(&[record(FINDING)], Origin::Aws, at("2026-03-02T03:10:00Z")).expect("keeps");
        store.keep(&[record(&older)], Origin::File, at("2026-03-02T03:11:00Z")).expect("keeps");
        assert_eq!(store.records().expect("reads").records[0].0.severity.value, 5.0);
    }

    #[test]
    fn what_cannot_be_read_any_more_is_counted() {
        let store = Store::in_memory().expect("opens");
        let now = at("2026-03-02T03:10:00Z");
        store.keep(&[record(FINDING)], Origin::Aws, now).expect("keeps");
        let spoil = |held: &mut Held| {
            held.connection.execute("INSERT INTO record SELECT source, 'x', region, '{', updated, kept, origin FROM record", [])
        };
        store.with(spoil).expect("spoiled");
        let kept = store.records().expect("reads");
        assert_eq!((kept.records.len(), kept.unreadable), (1, 1));
        assert!(kept.fault().is_some_and(|f| f.what.ends_with(": 1")));
    }
}
