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

impl Store {
    /// The accounts and regions that something is covered in, each with the endpoint that
    /// was asked, where that was not AWS: where whoever looks offline has looked before.
    pub fn asked(&self) -> Result<Vec<Scope>, Fault> {
        self.with(|held: &mut Held| {
            let mut scopes: Vec<Scope> = Vec::new();
            for schema in held.schemas() {
                for (scope, _) in all(&held.connection, schema)? {
                    let scope = Scope { attribute: None, ..scope };
                    if !scopes.contains(&scope) {
                        scopes.push(scope);
                    }
                }
            }
            Ok(scopes)
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

/// Everything that is covered.
pub(super) fn all(connection: &Connection, schema: &str) -> rusqlite::Result<Vec<(Scope, Window)>> {
    let mut select = connection.prepare(&format!(
        "SELECT endpoint, account, region, attribute, value, since, until FROM {schema}.covered"
    ))?;
    let rows = select.query_map([], |row| {
        let text = |column| row.get::<_, String>(column);
        let at = |column| row.get(column).map(|second| Timestamp::from_second(second).ok());
        let (account, region) = (text(1)?.parse().ok(), text(2)?.parse().ok());
        let (attribute, value) = (text(3)?, text(4)?);
        let (from, to): (Option<_>, Option<_>) = (at(5)?, at(6)?);
        let endpoint = Some(text(0)?).filter(|e| !e.is_empty());
        // What cannot be read is not covered: it is asked for again.
        Ok((|| {
            let attribute = match attribute.as_str() {
                "" => None,
                name => Some((name.parse().ok()?, value)),
            };
            let scope = Scope { endpoint, account: account?, region: region?, attribute };
            Some((scope, Window { from: from?, to: to? }))
        })())
    })?;
    rows.filter_map(|row: rusqlite::Result<Option<_>>| row.transpose()).collect()
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::event::Attribute,
        store::samples::{BEGIN, second},
    };

    fn scope(number: usize) -> Scope {
        let attribute = |value: &str| Some((Attribute::Username, value.to_owned()));
        let scope = |endpoint: Option<&str>, account: &str, region: &str, attribute| Scope {
            endpoint: endpoint.map(ToOwned::to_owned),
            account: account.parse().expect("an account"),
            region: region.parse().expect("a region"),
            attribute,
        };
        match number {
            0 => scope(None, "111122223333", "us-east-1", None),
            1 => scope(None, "111122223333", "us-east-1", attribute("alice")),
            2 => scope(None, "111122223333", "us-east-1", attribute("bob")),
            3 => scope(Some("http://192.0.2.1"), "111122223333", "us-east-1", None),
            4 => scope(None, "444455556666", "us-east-1", None),
            _ => scope(None, "111122223333", "eu-west-1", attribute("alice")),
        }
    }

    fn window(from: i64, length: i64) -> Window {
        Window { from: second(from), to: second(from + length) }
    }

    fn seconds(windows: &[Window]) -> Vec<i64> {
        let all = windows.iter().flat_map(|w| w.from.as_second()..w.to.as_second());
        all.map(|s| s - BEGIN).collect()
    }

    #[derive(Clone, Debug)]
    enum Act {
        Cover(usize, i64, i64),
        Ask(usize, i64, i64),
        Purge(i64),
    }

    proptest! {
        #[test]
        fn coverage_is_a_set_of_seconds(acts in proptest::collection::vec(
            prop_oneof![
                6 => (0..6usize, 0..60i64, -2..25i64).prop_map(|(s, f, l)| Act::Cover(s, f, l)),
                6 => (0..6usize, 0..60i64, -2..60i64).prop_map(|(s, f, l)| Act::Ask(s, f, l)),
                1 => (0..60i64).prop_map(Act::Purge),
            ], 1..40)
        ) {
            let store = Store::in_memory().expect("opens");
            let mut known: [BTreeSet<i64>; 6] = Default::default();
            for act in acts {
                match act {
                    Act::Cover(s, from, length) => {
                        let covered = scope(s);
                        let covered = (&covered, window(from, length));
                        store.keep_events(&[], Some(covered), second(0)).expect("keeps");
                        known[s].extend(from..from + length);
                    }
                    Act::Ask(s, from, length) => {
                        let missing = store.missing(&scope(s), window(from, length)).expect("asks");
                        let all = if (1..=2).contains(&s) { &known[0] } else { &known[s] };
                        let want: Vec<i64> = (from..from + length)
                            .filter(|t| !known[s].contains(t) && !all.contains(t))
                            .collect();
                        let mut got = seconds(&missing);
                        got.sort_unstable();
                        prop_assert_eq!(got, want);
                        prop_assert!(missing.is_sorted_by(|a, b| a.from > b.to), "{missing:?}");
                    }
                    Act::Purge(before) => {
                        store.purge(Some(second(before))).expect("purges");
                        for set in &mut known {
                            set.retain(|t| *t >= before);
                        }
                    }
                }
            }
            // Windows that touch are one row.
            let (rows, runs) = store.with(|held| {
                let rows = held.connection.query_row("SELECT count(*) FROM covered", [], |r| r.get(0));
                let runs = known.iter().map(|set| set.iter().filter(|t| !set.contains(&(*t - 1))).count());
                Ok((rows?, runs.sum::<usize>()))
            }).expect("counts");
            let rows: usize = rows;
            prop_assert_eq!(rows, runs);
        }
    }
}
