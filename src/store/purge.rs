//! Taking things out of the store again.

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::{Held, Store, events::UNTIMED, failed};
use crate::domain::Fault;

/// What [`Store::purge`] took out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    pub events: u64,
    pub findings: u64,
    /// Why the file did not become smaller: what was taken out may still be read in it.
    pub fault: Option<Fault>,
}

impl Store {
    /// Takes out events that happened before a time (by their own time; of those that have
    /// none, what was kept before it) and findings kept before it; without a time
    /// everything, the marks of what was looked at too. Coverage shrinks with the events.
    pub fn purge(&self, older_than: Option<Timestamp>) -> Result<Purged, Fault> {
        self.with(|held: &mut Held| {
            let mut purged = Purged::default();
            let schemas = held.schemas();
            let transaction =
                held.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for schema in schemas {
                purged.events += match older_than {
                    Some(time) => old_events(&transaction, schema, time)?,
                    None => all_events(&transaction, schema)?,
                };
            }
            purged.findings = match older_than {
                Some(time) => transaction
                    .execute("DELETE FROM main.record WHERE kept < ?1", [time.as_millisecond()])?,
                None => {
                    transaction.execute("DELETE FROM main.seen", [])?;
                    transaction.execute("DELETE FROM main.record", [])?
                }
            } as u64;
            transaction.commit()?;
            // Until then deleted text stands in free pages and in the write-ahead log.
            let compact = "VACUUM main; PRAGMA main.wal_checkpoint(TRUNCATE)";
            purged.fault = held.connection.execute_batch(compact).err().map(|e| {
                failed(&e).with_hint("what was removed may still be in the file: purge again")
            });
            Ok(purged)
        })
    }
}

fn all_events(connection: &Connection, schema: &str) -> rusqlite::Result<u64> {
    for table in ["posting", "word", "file", "covered"] {
        connection.execute(&format!("DELETE FROM {schema}.{table}"), [])?;
    }
    Ok(connection.execute(&format!("DELETE FROM {schema}.event"), [])? as u64)
}

fn old_events(connection: &Connection, schema: &str, time: Timestamp) -> rusqlite::Result<u64> {
    let (second, millisecond) = (time.as_second(), time.as_millisecond());
    let delete = |sql: String| connection.execute(&sql, params![UNTIMED, second, millisecond]);
    delete(format!(
        "DELETE FROM {schema}.posting
         WHERE time > ?1 AND time < ?2
            OR n IN (SELECT n FROM {schema}.event WHERE time = ?1 AND kept < ?3)"
    ))?;
    let events = delete(format!(
        "DELETE FROM {schema}.event WHERE time > ?1 AND time < ?2 OR time = ?1 AND kept < ?3"
    ))?;
    connection.execute_batch(&format!(
        "DELETE FROM {schema}.word
         WHERE NOT EXISTS (SELECT 1 FROM {schema}.posting WHERE posting.w = word.w);
         DELETE FROM {schema}.file
         WHERE f NOT IN (SELECT file FROM {schema}.event WHERE file IS NOT NULL)"
    ))?;
    connection.execute(&format!("DELETE FROM {schema}.covered WHERE until <= ?1"), [second])?;
    connection
        .execute(&format!("UPDATE {schema}.covered SET since = ?1 WHERE since < ?1"), [second])?;
    Ok(events as u64)
}
