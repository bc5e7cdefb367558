//! Events kept on this machine, each once.
//!
//! Where the file cannot be written (the disk is full, it is read-only, another process
//! holds it too long), what was fetched is kept in memory, in tables of the same layout,
//! until the file can be written again or the process ends.

use std::{collections::HashMap, sync::Arc};

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
        if first.is_none() {
            // What it was found by is not known any more: every posting is looked at.
            let sql = format!("DELETE FROM {}.posting WHERE n = ?1", self.schema);
            self.transaction.execute(&sql, [n])?;
        }
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

    fn number(&mut self, kind: Kind, text: &str) -> rusqlite::Result<i64> {
        let known = &mut self.known[kind as usize];
        if let Some(number) = known.get(text) {
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
        known.insert(text.into(), number);
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        domain::event::{By, Question},
        store::samples::{self, BEGIN, second},
    };

    fn event(id: &str, offset: i64, outer: Option<Outer>) -> Arc<Event> {
        let raw = json!({
            "eventID": id, "eventTime": second(offset).to_string(), "eventName": "GetUser",
            "eventSource": "iam.amazonaws.com", "userIdentity": {"type": "IAMUser", "userName": "alice"},
            "responseElements": {"credentials": {"sessionToken": "a token", "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}},
        });
        Arc::new(Event::read(&raw.to_string(), outer).expect("an event"))
    }

    fn aws(events: &[Arc<Event>]) -> Vec<(Arc<Event>, EventOrigin)> {
        events.iter().map(|e| (e.clone(), EventOrigin::Aws)).collect()
    }

    fn all(by: Vec<By>) -> Question {
        Question::new(by, Window { from: second(-1000), to: second(1_000_000) })
    }

    fn total(store: &Store, by: Vec<By>) -> u64 {
        store.search(&all(by), 10, 4).expect("searches").total
    }

    #[test]
    fn the_first_copy_stays_and_learns_what_lookups_say() {
        let store = Store::in_memory().expect("opens");
        let now = second(0);
        let file = EventOrigin::File { path: "/evidence/a.json.gz".into(), record: 7 };
        let first = event("a", 5, None);
        store.keep_events(&[(first.clone(), file.clone())], None, now).expect("keeps");
        let outer = Outer { username: Some("shown".into()), ..Outer::default() };
        // Same id, other text: what was first is the evidence.
        let later = event("a", 9, Some(outer.clone()));
        let added = store.keep_events(&aws(&[later.clone(), later]), None, now).expect("keeps");
        assert_eq!((added.new, added.known), (0, 2));
        let (kept, origin) = store.event("a").expect("reads").expect("is there");
        assert_eq!((&kept.raw, &kept.original, origin), (&first.raw, &first.original, file));
        assert_eq!(kept.outer.as_deref(), Some(&outer));
        assert_eq!(total(&store, vec![By::User("shown".into())]), 1);
        assert_eq!(
            total(&store, vec![By::User("alice".into())]),
            1,
            "what the event says holds too"
        );
        assert!(store.event("b").expect("reads").is_none());
    }

    #[test]
    fn a_text_that_can_be_read_replaces_one_that_cannot() {
        let store = Store::in_memory().expect("opens");
        let outer = Outer { id: Some("a".into()), name: Some("Other".into()), ..Outer::default() };
        let cut = Arc::new(Event::read("{\"cut", Some(outer)).expect("an event"));
        let whole = event("a", 5, None);
        store.keep_events(&aws(&[cut, whole.clone()]), None, second(0)).expect("keeps");
        let kept = store.event("a").expect("reads").expect("is there").0;
        assert_eq!((&kept.raw, kept.time), (&whole.raw, whole.time));
        assert_eq!(total(&store, vec![By::Event("Other".into())]), 0);
        assert_eq!(total(&store, vec![By::Event("GetUser".into())]), 1);
        assert_eq!(store.search(&all(Vec::new()), 9, 1).expect("searches").untimed, 0);
    }

    #[test]
    fn everything_is_given_oldest_first_and_the_store_is_free_meanwhile() {
        let store = Store::in_memory().expect("opens");
        // More than two chunks, many in one second.
        let events: Vec<_> =
            (0..2500).rev().map(|i| event(&format!("e{i:04}"), i / 900, None)).collect();
        store.keep_events(&aws(&events), None, second(0)).expect("keeps");
        let mut ids = Vec::new();
        let unreadable = store
            .each_event(None, &mut |event| {
                assert!(store.event(event.id.raw()).expect("free").is_some());
                ids.push(event.id.raw().to_owned());
            })
            .expect("reads");
        assert_eq!((unreadable, ids.len()), (0, 2500));
        assert!(ids.is_sorted());
        let mut some = 0;
        let window = Window { from: second(1), to: second(2) };
        store.each_event(Some(window), &mut |_| some += 1).expect("reads");
        assert_eq!(some, 900);
        let spoil = |held: &mut Held| {
            held.connection.execute("UPDATE event SET raw = '{' WHERE id = 'e0001'", [])
        };
        store.with(spoil).expect("spoiled");
        assert_eq!(store.each_event(None, &mut |_| {}), Ok(1));
        assert_eq!(store.search(&all(Vec::new()), 5000, 0).expect("searches").unreadable, 1);
        assert!(store.event("e0001").is_err());
    }

    /// No page more than there are.
    fn fill(store: &Store) {
        let full = |held: &mut Held| {
            let pages: i64 =
                held.connection.query_row("PRAGMA main.page_count", [], |r| r.get(0))?;
            held.connection.execute_batch(&format!("PRAGMA main.max_page_count = {pages}"))
        };
        store.with(full).expect("full");
    }

    #[test]
    fn a_full_disk_loses_nothing_of_this_session() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        let early: Vec<_> = (0..10).map(|i| event(&format!("early{i}"), i, None)).collect();
        let late: Vec<_> = (0..300).map(|i| event(&format!("late{i}"), i, None)).collect();
        store.keep_events(&aws(&early), None, second(0)).expect("keeps");
        fill(&store);
        let scope = Scope {
            endpoint: None,
            account: "111122223333".parse().expect("one"),
            region: "us-east-1".parse().expect("one"),
            attribute: None,
        };
        let window = Window { from: second(0), to: second(300) };
        let batch = aws(&[early.clone(), late[..200].to_vec()].concat());
        let added = store.keep_events(&batch, Some((&scope, window)), second(0)).expect("keeps");
        assert_eq!((added.new, added.known), (200, 10));
        let fault = added.fault.expect("is said");
        assert!(fault.what.contains("full") && fault.hint.is_some(), "{fault}");
        let added = store.keep_events(&aws(&late), None, second(0)).expect("keeps");
        assert_eq!((added.new, added.known, added.fault), (100, 200, None), "and said once");
        assert_eq!(store.missing(&scope, window), Ok(Vec::new()));
        let found = store.search(&all(vec![By::User("alice".into())]), 1000, 3).expect("searches");
        assert_eq!((found.total, found.events.len()), (310, 310));
        assert!(found.events.is_sorted_by(|a, b| (b.time, &b.id) < (a.time, &a.id)));
        assert!(store.event("late7").expect("reads").is_some());
        let mut times = Vec::new();
        store.each_event(None, &mut |event| times.push(event.time)).expect("reads");
        assert!(times.is_sorted() && times.len() == 310);
        // Another process, or the next one, knows what was written before.
        let other = Store::open(folder.path()).expect("opens");
        assert_eq!(total(&other, Vec::new()), 10);
        assert_eq!(other.missing(&scope, window), Ok(vec![window]));
        // There is room again: what was in memory is written.
        store
            .with(|h| h.connection.execute_batch("PRAGMA main.max_page_count = 1000000"))
            .expect("room");
        let added = store.keep_events(&aws(&early), None, second(0)).expect("keeps");
        assert_eq!((added.new, added.known, added.fault), (0, 10, None));
        assert_eq!((total(&store, Vec::new()), total(&other, Vec::new())), (310, 310));
        assert_eq!(other.missing(&scope, window), Ok(Vec::new()));
        assert_eq!(store.event("late7").expect("reads"), other.event("late7").expect("reads"));
    }

    #[test]
    fn what_fits_later_does_not_overtake_what_is_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
        fill(&store);
        let scope = Scope {
            endpoint: None,
            account: "111122223333".parse().expect("one"),
            region: "us-east-1".parse().expect("one"),
            attribute: None,
        };
        let window = Window { from: second(0), to: second(300) };
        let page: Vec<_> = (0..300).map(|i| event(&format!("p{i}"), i, None)).collect();
        let added = store.keep_events(&aws(&page), None, second(0)).expect("keeps");
        assert!(added.fault.is_some(), "the page does not fit");
        // The last page has nothing, and would fit: but the file lacks the page before it.
        store.keep_events(&[], Some((&scope, window)), second(0)).expect("keeps");
        assert_eq!(store.missing(&scope, window), Ok(Vec::new()), "known to this process");
        drop(store);
        let next = Store::open(folder.path()).expect("opens");
        assert_eq!(next.missing(&scope, window), Ok(vec![window]), "asked for again");
    }

    #[test]
    fn one_that_cannot_be_read_any_more_is_replaced_by_a_copy_that_can() {
        let store = Store::in_memory().expect("opens");
        store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
        let spoil = |held: &mut Held| {
            held.connection.execute("UPDATE event SET raw = '{broken', whole = 0", [])
        };
        store.with(spoil).expect("spoiled");
        store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
        assert!(store.event("a").expect("reads").is_some());
        assert_eq!(total(&store, vec![By::User("alice".into())]), 1);
    }

    #[test]
    fn a_file_that_may_only_be_read_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
        let store = Store::open_read_only(&folder.path().join("halon.sqlite")).expect("opens");
        let added =
            store.keep_events(&aws(&[event("b", 2, None)]), None, second(0)).expect("keeps");
        assert!(added.new == 1 && added.fault.is_some(), "{added:?}");
        assert_eq!(total(&store, Vec::new()), 2);
        assert_eq!(total(&Store::open(folder.path()).expect("opens"), Vec::new()), 1);
    }

    #[test]
    fn two_write_and_search_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        std::thread::scope(|scope| {
            for half in 0..2i64 {
                let folder = folder.path();
                scope.spawn(move || {
                    let store = Store::open(folder).expect("opens");
                    for round in 0..20 {
                        let events: Vec<_> = (0..20)
                            .map(|i| event(&format!("e{}", round * 20 + i + half * 100), i, None))
                            .collect();
                        let added =
                            store.keep_events(&aws(&events), None, second(0)).expect("keeps");
                        assert_eq!(added.fault, None);
                        assert!(total(&store, vec![By::User("alice".into())]) >= 20);
                    }
                });
            }
        });
        let store = Store::open(folder.path()).expect("opens");
        assert_eq!(total(&store, vec![By::User("alice".into())]), 500);
    }

    #[test]
    fn purging_takes_out_what_is_old_and_nothing_else() {
        let store = Store::in_memory().expect("opens");
        let outer =
            Outer { id: Some("untimed".into()), name: Some("N".into()), ..Outer::default() };
        let untimed = Arc::new(Event::read("", Some(outer)).expect("an event"));
        let events: Vec<_> = (0..10).map(|i| event(&format!("e{i}"), i, None)).collect();
        store.keep_events(&aws(&[events, vec![untimed]].concat()), None, second(7)).expect("keeps");
        let purged = store.purge(Some(second(4))).expect("purges");
        assert_eq!((purged.events, purged.fault), (4, None));
        assert_eq!(total(&store, vec![By::User("alice".into())]), 6);
        assert_eq!(total(&store, Vec::new()), 7, "one that has no time was kept later");
        assert_eq!(store.purge(Some(second(8))).expect("purges").events, 5);
        assert_eq!(store.purge(None).expect("purges").events, 2);
        let left = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            store
                .with(|h| h.connection.query_row(&sql, [], |r| r.get::<_, u64>(0)))
                .expect("counts")
        };
        for table in ["event", "posting", "word", "file", "covered"] {
            assert_eq!(left(table), 0, "{table}");
        }
    }

    #[test]
    fn secrets_are_in_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        store.keep_events(&aws(&[event("a", 1, None)]), None, second(0)).expect("keeps");
        for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
            let bytes = std::fs::read(file.path()).expect("reads");
            assert!(!bytes.windows(7).any(|w| w == b"a token"), "{:?}", file.path());
        }
    }

    proptest! {
        #[test]
        fn an_event_is_read_again_as_it_was(event in samples::event(9)) {
            let outer = event.outer.as_ref().map(|o| (**o).clone());
            let again = Event::kept(event.raw.to_string(), event.original.clone(), outer);
            prop_assert_eq!(again.as_ref(), Ok(&*event));
            prop_assert!(event.time.is_none_or(|t| t.as_second() >= BEGIN - 5));
        }

        /// The order of files and lookups does not matter for what can be found.
        #[test]
        fn merging_loses_no_word(events in proptest::collection::vec(samples::event(3), 1..12)) {
            let store = Store::in_memory().expect("opens");
            for event in &events {
                store.keep_events(&aws(std::slice::from_ref(event)), None, second(0)).expect("keeps");
            }
            let mut postings = 0;
            store.each_event(None, &mut |event| postings += terms(&event).len()).expect("reads");
            let count = |held: &mut Held| {
                held.connection.query_row("SELECT count(*) FROM posting", [], |r| r.get::<_, usize>(0))
            };
            prop_assert_eq!(store.with(count), Ok(postings), "no word is missing and none is left over");
        }
    }
}
