//! Events kept on this machine, each once.
//!
//! Where the file cannot be written (the disk is full, it is read-only, another process
//! holds it too long), what was fetched is kept in memory, in tables of the same layout,
//! until the file can be written again or the process ends.

mod keeper;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use self::keeper::Keeper;
use super::{Held, MAIN, Store, TEMP, coverage, failed, is_unwritable, layout};
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
    /// Of each event, in their order, whether it was new.
    pub each_new: Vec<bool>,
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
                    let new = keeper.keep(event, origin, now.as_millisecond())?;
                    *(if new { &mut added.new } else { &mut added.known }) += 1;
                    added.each_new.push(new);
                }
                keeper.finish()?;
                if let Some((scope, window)) = covered {
                    coverage::cover(&transaction, into, scope, window)?;
                }
                transaction.commit()?;
                Ok(added)
            };
            // INVARIANT: what came earlier is in the file before anything later is, or what
            // is noted there as whole could lack what is only in memory.
            let written = match held.settle() {
                Ok(()) => write(&mut held.connection, MAIN, None),
                Err(why) => Err(why),
            };
            match written {
                Ok(added) => Ok(added),
                Err(why) if is_unwritable(&why) => {
                    held.spill()?;
                    let first = !std::mem::replace(&mut held.said, true);
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
        let origin = origin(path, record);
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
    /// Makes the tables in memory.
    fn spill(&mut self) -> rusqlite::Result<()> {
        if !self.spilled {
            layout::lay_out_events(&self.connection, TEMP)?;
            self.spilled = true;
        }
        Ok(())
    }
}

impl Held {
    /// Moves what is in memory into the file.
    fn settle(&mut self) -> rusqlite::Result<()> {
        /// How an event came: file, record, when it was kept.
        type Came = (Option<String>, Option<u64>, i64);
        if !self.spilled {
            return Ok(());
        }
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut keeper = Keeper::new(&transaction, MAIN, None)?;
            let mut select = transaction.prepare(&format!(
                "SELECT {COLUMNS}, f.path, e.record, e.kept FROM temp.event AS e
                 LEFT JOIN temp.file AS f ON f.f = e.file ORDER BY e.n"
            ))?;
            let rows = select.query_map([], |row| {
                let came: Came = (row.get(STORED)?, row.get(STORED + 1)?, row.get(STORED + 2)?);
                Ok((Stored::of(row)?, came))
            })?;
            for row in rows {
                let (stored, (path, record, kept)) = row?;
                // INVARIANT: it was put there by this process, from an event.
                let Ok(event) = stored.event() else { continue };
                keeper.keep(&event, &origin(path, record), kept)?;
            }
            keeper.finish()?;
            for (scope, window) in coverage::all(&transaction, TEMP)? {
                coverage::cover(&transaction, MAIN, &scope, window)?;
            }
        }
        transaction.commit()?;
        layout::drop_events(&self.connection, TEMP)?;
        self.spilled = false;
        Ok(())
    }
}

fn origin(path: Option<String>, record: Option<u64>) -> EventOrigin {
    match (path, record) {
        (Some(path), Some(record)) => EventOrigin::File { path: path.into(), record },
        _ => EventOrigin::Aws,
    }
}
