//! What halon keeps on this machine: findings fetched or imported, which of them the
//! operator has looked at, events, and for which stretches of time they are all here.
//! SQLite, in the data folder.
//!
//! Never asks AWS and never draws. A store that cannot be used is a [`Fault`] for
//! the caller to show; nothing else depends on it.

mod coverage;
mod events;
mod findings;
mod layout;
mod purge;
#[cfg(test)]
mod samples;
mod search;
mod terms;
mod timeline;

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::domain::{Fault, FaultKind};
use layout::VERSION;

pub use events::{Added, EventOrigin};
pub use findings::{Kept, Origin};
pub use purge::Purged;
pub use search::{Bar, Found};
pub use timeline::Timeline;

/// SQLite's page cache, in KiB, as its pragma wants it: an import's indexes fit in it.
const CACHE_KIB: i64 = -65_536;

/// SQLite's name for the tables in the file.
/// The file's name in the data folder.
const FILE: &str = "halon.sqlite";

const MAIN: &str = "main";
/// And for those in memory, where the file cannot be written.
const TEMP: &str = "temp";

/// The store. Cheap to clone; safe to open by several processes at once.
#[derive(Clone)]
pub struct Store {
    held: Arc<Mutex<Held>>,
}

/// What one caller at a time has in hand.
struct Held {
    /// A second one to the file, where there is a file: what reads through everything reads
    /// on both. Closed first, for it cannot tidy up.
    second: Option<Connection>,
    connection: Connection,
    /// Some events are in memory, because the file could not be written.
    spilled: bool,
    /// And that was said.
    said: bool,
}

impl Held {
    /// Where events are.
    fn schemas(&self) -> &'static [&'static str] {
        if self.spilled { &[MAIN, TEMP] } else { &[MAIN] }
    }
}

impl Store {
    /// Whether there is one in a folder: looking offline makes none.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Whether there is one in `folder`.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Opens or makes `halon.sqlite` in `folder`; the folder is made with mode 0700,
    /// the file with 0600.
    pub fn open(folder: &Path) -> Result<Self, Fault> {
        let path = folder.join(FILE);
        let fault = |why: &str| broken(&path).with_cause(why);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|e| fault(&e.to_string()))?;
        // SQLite gives its side files the mode of the main file.
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        match file {
            Ok(_) => {
                let connection = Connection::open(&path).map_err(|e| fault(&e.to_string()))?;
                Self::prepare(connection, &path)
            }
            Err(e)
                if [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem]
                    .contains(&e.kind()) =>
            {
                // What is known may still be looked at.
                Self::open_read_only(&path).map_err(|_| fault(&e.to_string()))
            }
            Err(e) => Err(fault(&e.to_string())),
        }
    }

    /// A store whose file may not be written: what comes is kept in memory.
    fn open_read_only(path: &Path) -> Result<Self, Fault> {
        let fault = |e: rusqlite::Error| broken(path).with_cause(&e.to_string());
        let connection = open_to_read(path).map_err(fault)?;
        let version: i64 =
            connection.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(fault)?;
        if version != VERSION {
            return Err(broken(path).with_cause(&format!("it has layout {version}")));
        }
        Ok(Self::of(connection))
    }

    /// A store that ends with the process: for the range, whose findings must not mix
    /// with real ones.
    pub fn in_memory() -> Result<Self, Fault> {
        let path = PathBuf::from("memory");
        let connection =
            Connection::open_in_memory().map_err(|e| broken(&path).with_cause(&e.to_string()))?;
        Self::prepare(connection, &path)
    }

    fn prepare(mut connection: Connection, path: &Path) -> Result<Self, Fault> {
        let fault = |e: rusqlite::Error| broken(path).with_cause(&e.to_string());
        settings(&connection).map_err(fault)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(fault)?;
        connection.pragma_update(None, "synchronous", "normal").map_err(fault)?;
        // IMMEDIATE: of two consoles that start together, one lays out and one waits.
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        let version: i64 =
            transaction.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(fault)?;
        match version {
            VERSION => {}
            0..VERSION => layout::migrate(&transaction, version).map_err(fault)?,
            newer => {
                return Err(broken(path).with_cause(&format!(
                    "it has layout {newer}, this halon knows up to {VERSION}"
                )));
            }
        }
        transaction.commit().map_err(fault)?;
        Ok(Self::of(connection))
    }

    fn of(connection: Connection) -> Self {
        // At once, so that it is the same file. Without it reading takes twice as long.
        let path = connection.path().filter(|path| !path.is_empty());
        let second = path.and_then(|path| open_to_read(Path::new(path)).ok());
        let held = Held { second, connection, spilled: false, said: false };
        Self { held: Arc::new(Mutex::new(held)) }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Held) -> rusqlite::Result<T>) -> Result<T, Fault> {
        let mut held = match self.held.lock() {
            Ok(held) => held,
            // A panic elsewhere while the lock was held: SQLite itself is unharmed,
            // an open transaction was rolled back when it was dropped.
            Err(poisoned) => poisoned.into_inner(),
        };
        act(&mut held).map_err(|e| failed(&e))
    }
}

fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    settings(&connection)?;
    Ok(connection)
}

fn settings(connection: &Connection) -> rusqlite::Result<()> {
    search::define_functions(connection)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // Where the disk is full, a temporary file would be lost with it.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)
}

fn failed(error: &rusqlite::Error) -> Fault {
    Fault::new(FaultKind::Local, "the store on this machine failed")
        .with_cause(&error.to_string())
        .with_hint("halon goes on without it; is the disk full?")
}

fn unreadable() -> Fault {
    Fault::new(FaultKind::Local, "an event in the store cannot be read any more")
        .with_hint("import it again")
}

/// The file cannot be written, now or at all.
fn is_unwritable(error: &rusqlite::Error) -> bool {
    use ErrorCode::{CannotOpen, DatabaseBusy, DiskFull, ReadOnly, SystemIoFailure};
    let code = error.sqlite_error_code();
    code.is_some_and(|c| {
        [CannotOpen, DatabaseBusy, DiskFull, ReadOnly, SystemIoFailure].contains(&c)
    })
}

fn broken(path: &Path) -> Fault {
    let path = crate::domain::untrusted::display_in(&path.to_string_lossy(), 200);
    Fault::new(FaultKind::Local, format!("the store {path} cannot be used"))
        .with_hint("move the file away to start with an empty one, or name another --data-dir")
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_file_of_layout_1_becomes_one_of_this_and_keeps_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("halon.sqlite");
        let old = Connection::open(&path).expect("opens");
        old.execute_batch(
            "CREATE TABLE record (source TEXT NOT NULL, key TEXT NOT NULL, region TEXT, raw TEXT NOT NULL,
                 updated INTEGER, kept INTEGER NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (source, key));
             CREATE TABLE seen (key TEXT PRIMARY KEY, updated INTEGER);
             INSERT INTO record VALUES ('guardduty', 'k', 'us-east-1', '{}', 1, 2, 'aws');
             INSERT INTO seen VALUES ('k', 3);
             PRAGMA user_version = 1;",
        )
        .expect("layout 1");
        drop(old);
        for _ in 0..2 {
            let store = Store::open(folder.path()).expect("opens");
            assert_eq!(store.records().expect("reads").unreadable, 1, "it is there");
            assert_eq!(store.seen().expect("reads").len(), 1);
            store.keep_events(&[], None, jiff::Timestamp::UNIX_EPOCH).expect("keeps");
        }
    }

    #[test]
    fn a_file_of_a_newer_layout_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("halon.sqlite");
        let newer = Connection::open(&path).expect("opens");
        newer.execute_batch("PRAGMA user_version = 99").expect("written");
        let fault = Store::open(folder.path()).err().expect("refused");
        assert!(fault.what.contains("layout 99"), "{fault}");
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
