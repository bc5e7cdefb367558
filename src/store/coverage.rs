//! For which stretches of time every event is here, so that AWS need not be asked again.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use super::{Held, Store};
use crate::domain::{
    Fault,
    event::{Scope, Window},
};

impl Store {
    /// What of a window is not covered in a scope yet, newest first. What was read whole,
    /// by no attribute, covers every attribute.
    pub fn missing(&self, scope: &Scope, window: Window) -> Result<Vec<Window>, Fault> {
        self.with(|held: &mut Held| {
            let mut covered = Vec::new();
            for schema in held.schemas() {
                covered.extend(windows(&held.connection, schema, scope, window)?);
                if scope.attribute.is_some() {
                    let all = Scope { attribute: None, ..scope.clone() };
                    covered.extend(windows(&held.connection, schema, &all, window)?);
                }
            }
            Ok(window.less(&covered))
        })
    }
}

/// A scope as its columns.
fn columns(scope: &Scope) -> [&str; 5] {
    let (attribute, value) = match &scope.attribute {
        Some((attribute, value)) => (attribute.name(), value.as_str()),
        None => ("", ""),
    };
    let endpoint = scope.endpoint.as_deref().unwrap_or_default();
    [endpoint, scope.account.as_str(), scope.region.as_str(), attribute, value]
}

/// The covered windows of exactly this scope that touch a window.
fn windows(
    connection: &Connection,
    schema: &str,
    scope: &Scope,
    window: Window,
) -> rusqlite::Result<Vec<Window>> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT since, until FROM {schema}.covered
         WHERE endpoint = ?1 AND account = ?2 AND region = ?3 AND attribute = ?4 AND value = ?5
           AND since <= ?7 AND until >= ?6"
    ))?;
    let [endpoint, account, region, attribute, value] = columns(scope);
    let (from, to) = (window.from.as_second(), window.to.as_second());
    let rows = select
        .query_map(params![endpoint, account, region, attribute, value, from, to], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let window = |(since, until)| {
        let at = |second| Timestamp::from_second(second).ok();
        Some(Window { from: at(since)?, to: at(until)? })
    };
    rows.filter_map(|row: rusqlite::Result<(i64, i64)>| row.map(window).transpose()).collect()
}

/// Notes that nothing is missing in a window. Windows that touch become one.
pub(super) fn cover(
    transaction: &Transaction<'_>,
    schema: &str,
    scope: &Scope,
    window: Window,
) -> rusqlite::Result<()> {
    if window.is_empty() {
        return Ok(());
    }
    let touching = windows(transaction, schema, scope, window)?;
    let union = touching
        .iter()
        .fold(window, |sum, w| Window { from: sum.from.min(w.from), to: sum.to.max(w.to) });
    let [endpoint, account, region, attribute, value] = columns(scope);
    let (from, to) = (union.from.as_second(), union.to.as_second());
    transaction
        .prepare_cached(&format!(
            "DELETE FROM {schema}.covered
             WHERE endpoint = ?1 AND account = ?2 AND region = ?3 AND attribute = ?4 AND value = ?5
               AND since >= ?6 AND until <= ?7"
        ))?
        .execute(params![endpoint, account, region, attribute, value, from, to])?;
    transaction
        .prepare_cached(&format!(
            "INSERT INTO {schema}.covered (endpoint, account, region, attribute, value, since, until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        ))?
        .execute(params![endpoint, account, region, attribute, value, from, to])?;
    Ok(())
}
