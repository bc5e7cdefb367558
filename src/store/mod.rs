//! What halon keeps on this machine: findings fetched or imported, and which of
//! them the operator has looked at. SQLite, in the data folder.
//!
//! Never asks AWS and never draws. A store that cannot be used is a [`Fault`] for
//! the caller to show; nothing else depends on it.

mod events;
mod timeline;

use std::{
    collections::HashMap,
    fs::{DirBuilder, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::domain::{
    Fault, FaultKind, Source,
    finding::{Key, Record, read_asff, read_guardduty},
};

pub use events::{Added, Bar, EventOrigin, Found};
pub use timeline::Timeline;

/// The layout below; a file with a higher number was written by a newer halon.
const VERSION: i64 = 1;

const LAYOUT: &str = "
    CREATE TABLE record (
        source  TEXT NOT NULL,
        key     TEXT NOT NULL,
        region  TEXT,              -- of the detector or hub that was asked
        raw     TEXT NOT NULL,     -- the finding's JSON as it came
        updated INTEGER,           -- milliseconds since the epoch, by the finding
        kept    INTEGER NOT NULL,  -- milliseconds since the epoch, by this machine
        origin  TEXT NOT NULL,     -- 'aws', or 'file'
        PRIMARY KEY (source, key)
    );
    CREATE TABLE seen (
        key     TEXT PRIMARY KEY,
        updated INTEGER            -- of the finding when it was looked at
    );
";

/// The store. Cheap to clone; safe to open by several processes at once.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
}

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
    /// Opens or makes `halon.sqlite` in `folder`; the folder is made with mode 0700,
    /// the file with 0600.
    pub fn open(folder: &Path) -> Result<Self, Fault> {
        let path = folder.join("halon.sqlite");
        let fault = |why: &str| broken(&path).with_cause(why);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|e| fault(&e.to_string()))?;
        // SQLite gives its side files the mode of the main file.
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(|e| fault(&e.to_string()))?;
        let connection = Connection::open(&path).map_err(|e| fault(&e.to_string()))?;
        Self::prepare(connection, &path)
    }

    /// A store that ends with the process: for the range, whose findings must not mix
    /// with real ones.
    pub fn in_memory() -> Result<Self, Fault> {
        let path = PathBuf::from("memory");
        let connection =
            Connection::open_in_memory().map_err(|e| broken(&path).with_cause(&e.to_string()))?;
        Self::prepare(connection, &path)
    }

    fn prepare(connection: Connection, path: &Path) -> Result<Self, Fault> {
        let fault = |e: rusqlite::Error| broken(path).with_cause(&e.to_string());
        connection.busy_timeout(Duration::from_secs(5)).map_err(fault)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(fault)?;
        connection.pragma_update(None, "synchronous", "normal").map_err(fault)?;
        // IMMEDIATE: of two consoles that start together, one lays out and one waits.
        connection.execute_batch("BEGIN IMMEDIATE").map_err(fault)?;
        let version: i64 =
            connection.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(fault)?;
        match version {
            VERSION => {}
            0 => {
                connection.execute_batch(LAYOUT).map_err(fault)?;
                connection.execute_batch(timeline::LAYOUT).map_err(fault)?;
                connection.pragma_update(None, "user_version", VERSION).map_err(fault)?;
            }
            newer => {
                return Err(broken(path).with_cause(&format!(
                    "it has layout {newer}, this halon knows up to {VERSION}"
                )));
            }
        }
        connection.execute_batch("COMMIT").map_err(fault)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Keeps records; of two versions of one record the later update stays.
    /// `now` is this machine's time.
    pub fn keep(
        &self,
        records: &[Arc<Record>],
        origin: Origin,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.with(|connection| {
            let transaction = connection.transaction()?;
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
        self.with(|connection| {
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
        self.with(|connection| {
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
        self.with(|connection| {
            let transaction = connection.transaction()?;
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

    fn with<T>(
        &self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Fault> {
        let mut connection = match self.connection.lock() {
            Ok(connection) => connection,
            // A panic elsewhere while the lock was held: SQLite itself is unharmed,
            // an open transaction was rolled back when it was dropped.
            Err(poisoned) => poisoned.into_inner(),
        };
        act(&mut connection).map_err(|e| {
            Fault::new(FaultKind::Local, "the store on this machine failed")
                .with_cause(&e.to_string())
                .with_hint("halon goes on without it; is the disk full?")
        })
    }
}

fn broken(path: &Path) -> Fault {
    let path = crate::domain::untrusted::display_in(&path.to_string_lossy(), 200);
    Fault::new(FaultKind::Local, format!("the store {path} cannot be used"))
        .with_hint("move the file away to start with an empty one, or name another --data-dir")
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
        let spoil = |c: &mut Connection| {
            c.execute("INSERT INTO record SELECT source, 'x', region, '{', updated, kept, origin FROM record", [])
        };
        store.with(spoil).expect("spoiled");
        let kept = store.records().expect("reads");
        assert_eq!((kept.records.len(), kept.unreadable), (1, 1));
        assert!(kept.fault().is_some_and(|f| f.what.ends_with(": 1")));
    }

    #[test]
    fn a_broken_file_is_a_fault_with_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(
            folder.path().join("halon.sqlite"),
            "not a database, just text\n".repeat(99),
        )
        .expect("writes");
        let fault = Store::open(folder.path()).err().expect("refused");
        assert!(fault.what.contains("halon.sqlite"), "{fault}");
        assert!(fault.hint.is_some());
    }

    #[test]
    fn files_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("data");
        Store::open(&inner).expect("opens").mark_seen(&[]).expect("writes");
        let mode = |p: &Path| std::fs::metadata(p).expect("is there").permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(&inner.join("halon.sqlite")), 0o600);
    }
}
