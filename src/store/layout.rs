//! The tables, and how a file of an earlier layout becomes one of this.

use rusqlite::{Connection, Transaction};

/// The layout below; a file with a higher number was written by a newer halon.
pub(super) const VERSION: i64 = 2;

/// Layout 1.
const FINDINGS: &str = "
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

/// Layout 2. In the file, and a second time in memory where the file cannot be written.
const EVENTS: &str = "
    CREATE TABLE SCHEMA.event (
        n         INTEGER PRIMARY KEY,
        id        TEXT NOT NULL UNIQUE,
        time      INTEGER NOT NULL,  -- seconds since the epoch; the least there is: unknown
        failed    INTEGER NOT NULL,
        kept      INTEGER NOT NULL,  -- milliseconds since the epoch, by this machine
        file      INTEGER,           -- NULL: from AWS
        record    INTEGER,           -- its number in the file, from 1
        whole     INTEGER NOT NULL,  -- raw is JSON that can be read
        sha256    TEXT NOT NULL,     -- of the event as it came, before secrets were taken out
        bytes     INTEGER NOT NULL,  -- its length then
        redacted  INTEGER NOT NULL,  -- how many secrets were taken out
        principal TEXT NOT NULL,
        beside    TEXT,              -- what LookupEvents said beside it, as JSON
        raw       TEXT NOT NULL
    );
    CREATE INDEX SCHEMA.event_time ON event (time, failed);
    CREATE TABLE SCHEMA.file (
        f         INTEGER PRIMARY KEY,
        path      TEXT NOT NULL UNIQUE
    );
    -- What events are asked by: `terms.rs` has the kinds.
    CREATE TABLE SCHEMA.word (
        w         INTEGER PRIMARY KEY,
        kind      INTEGER NOT NULL,
        text      TEXT NOT NULL,
        UNIQUE (kind, text)
    );
    CREATE TABLE SCHEMA.posting (
        w         INTEGER NOT NULL,
        time      INTEGER NOT NULL,  -- the event's, as is `failed`
        n         INTEGER NOT NULL,
        failed    INTEGER NOT NULL,
        PRIMARY KEY (w, time, n)
    ) WITHOUT ROWID;
    -- Whole seconds for which everything that LookupEvents gives is here.
    CREATE TABLE SCHEMA.covered (
        endpoint  TEXT NOT NULL,     -- '': AWS
        account   TEXT NOT NULL,
        region    TEXT NOT NULL,
        attribute TEXT NOT NULL,     -- '': whatever it is asked by
        value     TEXT NOT NULL,
        since     INTEGER NOT NULL,  -- seconds since the epoch
        until     INTEGER NOT NULL,  -- not covered any more
        PRIMARY KEY (endpoint, account, region, attribute, value, since)
    ) WITHOUT ROWID;
";

/// Makes a file of layout `from` one of [`VERSION`], within the caller's transaction.
pub(super) fn migrate(transaction: &Transaction<'_>, from: i64) -> rusqlite::Result<()> {
    if from < 1 {
        transaction.execute_batch(FINDINGS)?;
    }
    if from < 2 {
        lay_out_events(transaction, super::MAIN)?;
        transaction.execute_batch(super::timeline::LAYOUT)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)
}

/// The tables of events in one schema.
pub(super) fn lay_out_events(connection: &Connection, schema: &str) -> rusqlite::Result<()> {
    connection.execute_batch(&EVENTS.replace("SCHEMA", schema))
}

/// Takes those tables away again.
pub(super) fn drop_events(connection: &Connection, schema: &str) -> rusqlite::Result<()> {
    for table in ["event", "file", "word", "posting", "covered"] {
        connection.execute_batch(&format!("DROP TABLE {schema}.{table}"))?;
    }
    Ok(())
}
