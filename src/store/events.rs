//! Events kept on this machine, each once.
//!
//! Where the file cannot be written (the disk is full, it is read-only, another process
//! holds it too long), what was fetched is kept in memory, in tables of the same layout,
//! until the file can be written again or the process ends.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use jiff::Timestamp;
use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params,
};

use super::{
    Held, MAIN, Store, TEMP, coverage, failed, is_unwritable, layout,
    terms::{Kind, terms},
};
use crate::domain::{
    Fault,
    event::{Event, Original, Outer, Scope, Window},
};

/// What stands for the time of an event that has none: less than any.
pub(super) const UNTIMED: i64 = i64::MIN;

/// Events read at a time where all are asked for.
const CHUNK: usize = 1000;

/// What became of events that were put into the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    pub new: u64,
    /// Known before.
    pub known: u64,
    /// Why these are in memory only, and end with the process. Said once, not with
    /// every batch.
    pub fault: Option<Fault>,
}

/// Where an event came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventOrigin {
    Aws,
    /// The file's path, and the number of the record in it, from 1.
    File {
        path: Arc<str>,
        record: u64,
    },
}

impl Store {
    /// Keeps events, and in the same transaction that nothing is missing in `covered`.
    ///
    /// Of an event that is known already the first copy stays; what LookupEvents says
    /// beside it is added where nothing was, and a text that can be read takes the place
    /// of one that cannot. `now` is this machine's time.
    pub fn keep_events(
        &self,
        events: &[(Arc<Event>, EventOrigin)],
        covered: Option<(&Scope, Window)>,
        now: Timestamp,
    ) -> Result<Added, Fault> {
        self.with(|held| {
            let write = |connection: &mut Connection, into, elsewhere| {
                // IMMEDIATE: a read that becomes a write could not wait for another process.
                let behavior = match into {
                    MAIN => TransactionBehavior::Immediate,
                    _ => TransactionBehavior::Deferred,
                };
                let transaction = connection.transaction_with_behavior(behavior)?;
                let mut added = Added::default();
                let mut keeper = Keeper::new(&transaction, into, elsewhere)?;
                for (event, origin) in events {
                    match keeper.keep(event, origin, now.as_millisecond())? {
                        true => added.new += 1,
                        false => added.known += 1,
                    }
                }
                keeper.finish()?;
                if let Some((scope, window)) = covered {
                    coverage::cover(&transaction, into, scope, window)?;
                }
                transaction.commit()?;
                Ok(added)
            };
            let elsewhere = held.spilled.then_some(TEMP);
            match write(&mut held.connection, MAIN, elsewhere) {
                Ok(added) => Ok(added),
                Err(why) if is_unwritable(&why) => {
                    let first = held.spill()?;
                    let added = write(&mut held.connection, TEMP, Some(MAIN))?;
                    let fault = first.then(|| {
                        failed(&why).with_hint(
                            "events read from now on are kept in memory and end with halon; \
                             make room, or name another --data-dir",
                        )
                    });
                    Ok(Added { fault, ..added })
                }
                Err(why) => Err(why),
            }
        })
    }

    /// One event by its id, and where it came from.
    ///
    /// Fails also where it is there and cannot be read any more.
    pub fn event(&self, id: &str) -> Result<Option<(Arc<Event>, EventOrigin)>, Fault> {
        let row = self.with(|held| {
            for schema in held.schemas() {
                let sql = format!(
                    "SELECT {COLUMNS}, f.path, e.record FROM {schema}.event AS e
                     LEFT JOIN {schema}.file AS f ON f.f = e.file WHERE e.id = ?1"
                );
                let mut select = held.connection.prepare_cached(&sql)?;
                let found = select.query_row([id], |row| {
                    Ok((Stored::of(row)?, row.get(STORED)?, row.get(STORED + 1)?))
                });
                if let Some(found) = found.optional()? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        })?;
        let Some((stored, path, record)) = row else { return Ok(None) };
        let origin = match (path, record) {
            (Some::<String>(path), Some(record)) => EventOrigin::File { path: path.into(), record },
            _ => EventOrigin::Aws,
        };
        let event = stored.event().map_err(|why| super::unreadable().with_cause(&why))?;
        Ok(Some((Arc::new(event), origin)))
    }

    /// Calls `f` with every event in a window, or with every event there is: oldest first,
    /// those of one second by their ids, and those without a time at the end (they are in
    /// any window). Gives how many cannot be read any more.
    ///
    /// The store is free for others between any two calls; what they add meanwhile may be
    /// among the events or not.
    pub fn each_event(
        &self,
        window: Option<Window>,
        f: &mut dyn FnMut(Arc<Event>),
    ) -> Result<u64, Fault> {
        let (from, to) = match window {
            Some(window) => seconds(window),
            None => (UNTIMED + 1, i64::MAX),
        };
        let mut unreadable = 0;
        for (from, to) in [(from, to), (UNTIMED, UNTIMED + 1)] {
            let mut last = (from, String::new());
            loop {
                let chunk = self.with(|held| chunk(held, &last, to))?;
                let full = chunk.len() == CHUNK;
                for (at, stored) in chunk {
                    match stored.event() {
                        Ok(event) => f(Arc::new(event)),
                        Err(_) => unreadable += 1,
                    }
                    last = at;
                }
                if !full {
                    break;
                }
            }
        }
        Ok(unreadable)
    }
}

/// The next events after one.
fn chunk(
    held: &Held,
    last: &(i64, String),
    to: i64,
) -> rusqlite::Result<Vec<((i64, String), Stored)>> {
    let one = |schema: &&str| {
        // The bound on time alone is what the index serves.
        format!(
            "SELECT {COLUMNS}, e.time AS time, e.id AS id FROM {schema}.event AS e
             WHERE e.time >= ?1 AND e.time < ?2 AND (e.time > ?1 OR e.id > ?3)"
        )
    };
    let all: Vec<String> = held.schemas().iter().map(one).collect();
    let sql = format!("{} ORDER BY time, id LIMIT {CHUNK}", all.join(" UNION ALL "));
    let mut select = held.connection.prepare_cached(&sql)?;
    let rows = select.query_map(params![last.0, to, last.1], |row| {
        Ok(((row.get(STORED)?, row.get(STORED + 1)?), Stored::of(row)?))
    })?;
    rows.collect()
}

/// A window's whole seconds, as the store has them.
pub(super) fn seconds(window: Window) -> (i64, i64) {
    (window.from.as_second(), window.to.as_second())
}

pub(super) fn second(event: &Event) -> i64 {
    event.time.map_or(UNTIMED, Timestamp::as_second)
}

/// The columns that an event is read from, of a table called `e`.
pub(super) const COLUMNS: &str = "e.raw, e.beside, e.sha256, e.bytes, e.redacted";
/// How many they are.
pub(super) const STORED: usize = 5;

/// [`COLUMNS`].
pub(super) struct Stored {
    raw: String,
    beside: Option<String>,
    original: Original,
}

impl Stored {
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let original = Original { sha256: row.get(2)?, bytes: row.get(3)?, redacted: row.get(4)? };
        Ok(Self { raw: row.get(0)?, beside: row.get(1)?, original })
    }

    pub(super) fn event(self) -> Result<Event, String> {
        let outer = self.beside.as_deref().map(serde_json::from_str::<Outer>).transpose();
        Event::kept(self.raw, self.original, outer.map_err(|e| e.to_string())?)
    }
}

impl Held {
    /// Makes the tables in memory; whether they were not there yet.
    fn spill(&mut self) -> rusqlite::Result<bool> {
        if self.spilled {
            return Ok(false);
        }
        layout::lay_out_events(&self.connection, TEMP)?;
        self.spilled = true;
        Ok(true)
    }
}

/// Puts events into the tables of one schema, within one transaction.
struct Keeper<'t> {
    transaction: &'t Transaction<'t>,
    schema: &'static str,
    /// Where an event may be known already, too.
    elsewhere: Option<&'static str>,
    words: Words<'t>,
    files: HashMap<Arc<str>, i64>,
    /// Not written yet: in order they go into the tree side by side.
    postings: Vec<Posting>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Posting {
    word: i64,
    time: i64,
    n: i64,
    failed: bool,
}

/// What is known of an event that is here already.
struct Known {
    n: i64,
    has_outer: bool,
    whole: bool,
}

impl<'t> Keeper<'t> {
    fn new(
        transaction: &'t Transaction<'t>,
        schema: &'static str,
        elsewhere: Option<&'static str>,
    ) -> rusqlite::Result<Self> {
        let words = Words::new(transaction, schema)?;
        let (files, postings) = (HashMap::new(), Vec::new());
        Ok(Self { transaction, schema, elsewhere, words, files, postings })
    }

    /// Whether the event was new.
    fn keep(&mut self, event: &Event, origin: &EventOrigin, now: i64) -> rusqlite::Result<bool> {
        if let Some(known) = self.known(event)? {
            let adds =
                event.outer.is_some() && !known.has_outer || !known.whole && event.is_whole();
            if adds {
                self.merge(known.n, event)?;
            }
            return Ok(false);
        }
        if let Some(schema) = self.elsewhere {
            let sql = format!("SELECT 1 FROM {schema}.event WHERE id = ?1");
            let mut select = self.transaction.prepare_cached(&sql)?;
            match select.exists([event.id.raw()]) {
                Ok(false) => {}
                Ok(true) => return Ok(false),
                // The file cannot even be read: better twice than not at all.
                Err(e) if is_unwritable(&e) => {}
                Err(e) => return Err(e),
            }
        }
        let (file, record) = match origin {
            EventOrigin::Aws => (None, None),
            EventOrigin::File { path, record } => (Some(self.file(path)?), Some(*record)),
        };
        let sql = format!(
            "INSERT INTO {}.event (id, time, failed, kept, file, record, whole, sha256, bytes,
                                   redacted, principal, beside, raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            self.schema
        );
        self.transaction.prepare_cached(&sql)?.execute(params![
            event.id.raw(),
            second(event),
            event.failed(),
            now,
            file,
            record,
            event.is_whole(),
            event.original.sha256,
            event.original.bytes,
            event.original.redacted,
            event.identity.principal().raw(),
            beside(event)?,
            &*event.raw,
        ])?;
        let n = self.transaction.last_insert_rowid();
        self.post(event, n)?;
        Ok(true)
    }

    fn known(&self, event: &Event) -> rusqlite::Result<Option<Known>> {
        let sql =
            format!("SELECT n, beside IS NOT NULL, whole FROM {}.event WHERE id = ?1", self.schema);
        let mut select = self.transaction.prepare_cached(&sql)?;
        let known = select.query_row([event.id.raw()], |row| {
            Ok(Known { n: row.get(0)?, has_outer: row.get(1)?, whole: row.get(2)? })
        });
        known.optional()
    }

    /// Adds what a later copy of an event knows to the first.
    fn merge(&mut self, n: i64, newcomer: &Event) -> rusqlite::Result<()> {
        self.write_postings()?;
        let sql = format!("SELECT {COLUMNS} FROM {}.event AS e WHERE e.n = ?1", self.schema);
        let stored = self.transaction.prepare_cached(&sql)?.query_row([n], Stored::of)?;
        // One that cannot be read any more is replaced as a whole.
        let first = stored.event().ok();
        let merged = first.as_ref().and_then(|first| {
            let text = if first.is_whole() { first } else { newcomer };
            let outer = first.outer.as_ref().or(newcomer.outer.as_ref());
            let outer = outer.map(|o| (**o).clone());
            Event::kept(text.raw.to_string(), text.original.clone(), outer).ok()
        });
        let merged = merged.as_ref().unwrap_or(newcomer);
        if let Some(first) = &first {
            let sql = format!(
                "DELETE FROM {}.posting WHERE w = ?1 AND time = ?2 AND n = ?3",
                self.schema
            );
            for (kind, text) in terms(first) {
                let word = self.words.number(kind, &text)?;
                self.transaction.prepare_cached(&sql)?.execute([word, second(first), n])?;
            }
        }
        let sql = format!(
            "UPDATE {}.event SET time = ?2, failed = ?3, whole = ?4, sha256 = ?5, bytes = ?6,
                                 redacted = ?7, principal = ?8, beside = ?9, raw = ?10
             WHERE n = ?1",
            self.schema
        );
        self.transaction.prepare_cached(&sql)?.execute(params![
            n,
            second(merged),
            merged.failed(),
            merged.is_whole(),
            merged.original.sha256,
            merged.original.bytes,
            merged.original.redacted,
            merged.identity.principal().raw(),
            beside(merged)?,
            &*merged.raw,
        ])?;
        self.post(merged, n)
    }

    fn post(&mut self, event: &Event, n: i64) -> rusqlite::Result<()> {
        let (time, failed) = (second(event), event.failed());
        for (kind, text) in terms(event) {
            let word = self.words.number(kind, &text)?;
            self.postings.push(Posting { word, time, n, failed });
        }
        Ok(())
    }

    fn write_postings(&mut self) -> rusqlite::Result<()> {
        self.postings.sort_unstable();
        let sql = format!(
            "INSERT INTO {}.posting (w, time, n, failed) VALUES (?1, ?2, ?3, ?4)",
            self.schema
        );
        let mut insert = self.transaction.prepare_cached(&sql)?;
        for p in self.postings.drain(..) {
            insert.execute(params![p.word, p.time, p.n, p.failed])?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Arc<str>) -> rusqlite::Result<i64> {
        if let Some(number) = self.files.get(path) {
            return Ok(*number);
        }
        let table = format!("{}.file", self.schema);
        self.transaction
            .prepare_cached(&format!("INSERT OR IGNORE INTO {table} (path) VALUES (?1)"))?
            .execute([path])?;
        let number = self
            .transaction
            .prepare_cached(&format!("SELECT f FROM {table} WHERE path = ?1"))?
            .query_row([path], |row| row.get(0))?;
        self.files.insert(path.clone(), number);
        Ok(number)
    }

    fn finish(mut self) -> rusqlite::Result<()> {
        self.write_postings()
    }
}

fn beside(event: &Event) -> rusqlite::Result<Option<String>> {
    let json = event.outer.as_ref().map(serde_json::to_string).transpose();
    json.map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

/// The numbers of words. Known ones are remembered for one transaction only: after that
/// another process may take out what nothing uses any more.
struct Words<'t> {
    known: [HashMap<Box<str>, i64>; Kind::COUNT],
    find: CachedStatement<'t>,
    make: CachedStatement<'t>,
    transaction: &'t Transaction<'t>,
}

impl<'t> Words<'t> {
    fn new(transaction: &'t Transaction<'t>, schema: &str) -> rusqlite::Result<Self> {
        let find = format!("SELECT w FROM {schema}.word WHERE kind = ?1 AND text = ?2");
        let make = format!("INSERT INTO {schema}.word (kind, text) VALUES (?1, ?2)");
        Ok(Self {
            known: Default::default(),
            find: transaction.prepare_cached(&find)?,
            make: transaction.prepare_cached(&make)?,
            transaction,
        })
    }

    fn number(&mut self, kind: Kind, text: &Cow<'_, str>) -> rusqlite::Result<i64> {
        let known = &mut self.known[kind as usize];
        if let Some(number) = known.get(&**text) {
            return Ok(*number);
        }
        let found = self.find.query_row(params![kind as u8, text], |row| row.get(0)).optional()?;
        let number = match found {
            Some(number) => number,
            None => {
                self.make.execute(params![kind as u8, text])?;
                self.transaction.last_insert_rowid()
            }
        };
        known.insert((&**text).into(), number);
        Ok(number)
    }
}
