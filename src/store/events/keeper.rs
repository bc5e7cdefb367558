//! Puts events into the tables, each once.

use std::{collections::HashMap, sync::Arc};

use rusqlite::{CachedStatement, OptionalExtension, Transaction, params};

use super::{COLUMNS, EventOrigin, Stored, second};
use crate::{
    domain::event::Event,
    store::{
        is_unwritable,
        terms::{Kind, terms},
    },
};

/// Puts events into the tables of one schema, within one transaction.
pub(super) struct Keeper<'t> {
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
    pub(super) fn new(
        transaction: &'t Transaction<'t>,
        schema: &'static str,
        elsewhere: Option<&'static str>,
    ) -> rusqlite::Result<Self> {
        let words = Words::new(transaction, schema)?;
        let (files, postings) = (HashMap::new(), Vec::new());
        Ok(Self { transaction, schema, elsewhere, words, files, postings })
    }

    /// Whether the event was new.
    pub(super) fn keep(
        &mut self,
        event: &Event,
        origin: &EventOrigin,
        now: i64,
    ) -> rusqlite::Result<bool> {
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

    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
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
    pub(super) fn new(transaction: &'t Transaction<'t>, schema: &str) -> rusqlite::Result<Self> {
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
