//! Which events a question is about.
//!
//! Agrees with [`By::matches`](crate::domain::event::By::matches) on every event. An event
//! without a time is in any window: it is never hidden.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rusqlite::{
    Connection, OptionalExtension, Row, functions::FunctionFlags, params, types::FromSqlError,
};

use super::{
    MAIN, Store,
    events::{COLUMNS, STORED, Stored, UNTIMED, seconds},
    terms::{Asked, asked},
};
use crate::domain::{
    Fault,
    event::{Event, Question, Window},
};

/// What [`Store::search`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Newest first, those of one second by their ids from the last, those without a time
    /// at the end; at most as many as asked for.
    pub events: Vec<Arc<Event>>,
    /// How many there are in all.
    pub total: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many of them have no time, and stand in no bar.
    pub untimed: u64,
    /// The window in equal parts, oldest first; to the second.
    pub bars: Vec<Bar>,
    /// Events among the newest that cannot be read any more.
    pub unreadable: u64,
}

/// One part of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    pub events: u64,
    pub failed: u64,
}

/// An event's place in the order: later ones first.
type Place = std::cmp::Reverse<(i64, String)>;

impl Store {
    /// The newest `limit` events that a question is about, and the window in `bars` parts.
    pub fn search(&self, question: &Question, limit: usize, bars: usize) -> Result<Found, Fault> {
        let stretches = stretches(question.window, bars);
        let words = !question.text.trim().is_empty();
        self.with(|held| {
            let mut found = Found { bars: vec![Bar::default(); bars], ..Found::default() };
            let mut newest: Vec<(Place, Stored)> = Vec::new();
            for schema in held.schemas() {
                let Some(filter) = Filter::new(&held.connection, schema, question)? else {
                    continue;
                };
                // The second does not see what is in memory.
                let second = held.second.as_mut().filter(|_| *schema == MAIN);
                let look = |connection: &Connection, stretch| match words {
                    true => filter.read(connection, stretch, &question.text),
                    false => Ok((filter.count(connection, stretch)?, Vec::new())),
                };
                let mut places = Vec::new();
                for (part, (bar, here)) in on_both(&mut held.connection, second, &stretches, look)?
                {
                    found.add(bar, part);
                    places.extend(here);
                }
                newest.extend(match words {
                    true => filter.these(&held.connection, places, limit)?,
                    false => filter.newest(&held.connection, question.window, limit)?,
                });
            }
            newest.sort_by(|a, b| a.0.cmp(&b.0));
            newest.truncate(limit);
            for (_, stored) in newest {
                match stored.event() {
                    Ok(event) => found.events.push(Arc::new(event)),
                    Err(_) => found.unreadable += 1,
                }
            }
            Ok(found)
        })
    }
}

/// What SQL here asks about texts: `holds_all(text, …)`, whether every word of the first
/// stands in one of the others.
pub(super) fn define_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("holds_all", 4, flags, |context| {
        let needles = context.get_or_create_aux(0, |text| -> Result<_, FromSqlError> {
            let words = text.as_str()?.split_whitespace();
            Ok(words.map(|word| Needle::new(&word.to_lowercase())).collect::<Vec<_>>())
        })?;
        let texts = [1, 2, 3].map(|i| context.get_raw(i).as_bytes_or_null().ok().flatten());
        Ok(needles.iter().all(|n| texts.iter().flatten().any(|t| n.is_in(t))))
    })
}

/// A window in equal parts, as close as whole seconds allow.
fn parts(window: Window, count: usize) -> Vec<(i64, i64)> {
    let (from, to) = seconds(window);
    let length = i128::from((to - from).max(0));
    // INVARIANT: at most `length`, which is an i64.
    let at = |part: usize| from + (length * part as i128 / (count.max(1) as i128)) as i64;
    (0..count.max(1)).map(|part| (at(part), at(part + 1))).collect()
}

/// A stretch of time, from and to, and which bar it is.
type Stretch = (Option<usize>, (i64, i64));

/// A window's parts, and what has no time.
fn stretches(window: Window, bars: usize) -> Vec<Stretch> {
    let parts = parts(window, bars).into_iter().enumerate();
    parts.map(|(part, range)| (Some(part), range)).chain([(None, (UNTIMED, UNTIMED + 1))]).collect()
}

/// Looks at every stretch, on two threads where there are two connections: each takes the
/// next one.
fn on_both<T: Send>(
    first: &mut Connection,
    second: Option<&mut Connection>,
    stretches: &[Stretch],
    look: impl Fn(&Connection, (i64, i64)) -> rusqlite::Result<T> + Sync,
) -> rusqlite::Result<Vec<(Option<usize>, T)>> {
    let next = AtomicUsize::new(0);
    let work = |connection: &mut Connection| -> rusqlite::Result<Vec<_>> {
        let mut seen = Vec::new();
        while let Some((part, range)) = stretches.get(next.fetch_add(1, Ordering::Relaxed)) {
            seen.push((*part, look(connection, *range)?));
        }
        Ok(seen)
    };
    thread::scope(|scope| {
        let other = second.map(|connection| scope.spawn(|| work(connection)));
        let mut seen = work(first)?;
        if let Some(other) = other {
            seen.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(seen)
    })
}

/// The part of a question that is the same in every stretch of time, as SQL.
struct Filter {
    schema: &'static str,
    /// What is read through, and what it is called: the postings of the rarest word that
    /// is asked for, else the events themselves.
    through: String,
    at: &'static str,
    /// [`Self::through`] with the event itself, as `e`.
    joined: String,
    /// Further conditions, each beginning with AND.
    and: String,
}

impl Filter {
    /// `None` where there can be no such event here.
    fn new(
        connection: &Connection,
        schema: &'static str,
        question: &Question,
    ) -> rusqlite::Result<Option<Self>> {
        let (mut words, mut and) = (Vec::new(), String::new());
        let mut by_id = false;
        for by in &question.by {
            let number: Option<i64> = match asked(by) {
                Asked::Word(kind, text) => {
                    let sql = format!("SELECT w FROM {schema}.word WHERE kind = ?1 AND text = ?2");
                    let mut select = connection.prepare_cached(&sql)?;
                    let word = select.query_row(params![kind as u8, text], |r| r.get(0));
                    word.optional()?.inspect(|word| words.push(*word))
                }
                Asked::Id(id) => {
                    let sql = format!("SELECT n FROM {schema}.event WHERE id = ?1");
                    let n = connection.prepare_cached(&sql)?.query_row([id], |r| r.get(0));
                    by_id = true;
                    n.optional()?.inspect(|n: &i64| and += &format!(" AND e.n = {n}"))
                }
            };
            if number.is_none() {
                return Ok(None);
            }
        }
        let rarest = match by_id {
            true => None,
            false => rarest(connection, schema, &words, question.window)?,
        };
        let (through, at, joined) = match rarest {
            None => (format!("{schema}.event AS e"), "e", format!("{schema}.event AS e")),
            Some(word) => {
                words.retain(|w| *w != word);
                and += &format!(" AND p.w = {word}");
                let through = format!("{schema}.posting AS p");
                // CROSS keeps the order: SQLite knows nothing of how rare a word is.
                let joined = format!("{through} CROSS JOIN {schema}.event AS e ON e.n = p.n");
                (through, "p", joined)
            }
        };
        for word in words {
            and += &format!(
                " AND EXISTS (SELECT 1 FROM {schema}.posting AS o
                              WHERE o.w = {word} AND o.time = {at}.time AND o.n = {at}.n)"
            );
        }
        if question.failed {
            and += &format!(" AND {at}.failed");
        }
        Ok(Some(Self { schema, through, at, joined, and }))
    }

    /// Counts what there is in a stretch of time.
    fn count(&self, connection: &Connection, range: (i64, i64)) -> rusqlite::Result<Bar> {
        let Self { through, at, and, .. } = self;
        let sql = format!(
            "SELECT count(*), count(*) FILTER (WHERE {at}.failed) FROM {through}
             WHERE {at}.time >= ?1 AND {at}.time < ?2{and}"
        );
        let mut select = connection.prepare_cached(&sql)?;
        let bar = |row: &Row<'_>| Ok(Bar { events: row.get(0)?, failed: row.get(1)? });
        select.query_row([range.0, range.1], bar)
    }

    /// The newest events.
    fn newest(
        &self,
        connection: &Connection,
        window: Window,
        limit: usize,
    ) -> rusqlite::Result<Vec<(Place, Stored)>> {
        let Self { joined, at, and, .. } = self;
        let sql = format!(
            "SELECT {COLUMNS}, e.time, e.id FROM {joined}
             WHERE {at}.time >= ?1 AND {at}.time < ?2{and}
             ORDER BY {at}.time DESC, e.id DESC LIMIT ?3"
        );
        let mut select = connection.prepare(&sql)?;
        let mut newest = Vec::new();
        for (from, to) in [seconds(window), (UNTIMED, UNTIMED + 1)] {
            let left = (limit - newest.len()) as i64;
            let rows = select.query_map(params![from, to, left], |row| {
                let place = (row.get(STORED)?, row.get(STORED + 1)?);
                Ok((std::cmp::Reverse(place), Stored::of(row)?))
            })?;
            for row in rows {
                newest.push(row?);
            }
        }
        Ok(newest)
    }

    /// Reads through a stretch of time for the words of a text; counts what was found, and
    /// gives it.
    fn read(
        &self,
        connection: &Connection,
        range: (i64, i64),
        text: &str,
    ) -> rusqlite::Result<(Bar, Vec<(Place, i64)>)> {
        let Self { joined, at, and, .. } = self;
        let sql = format!(
            "SELECT e.time, e.failed, e.n, e.id FROM {joined}
             WHERE ({at}.time >= ?1 AND {at}.time < ?2){and}
               AND holds_all(?3, e.raw, e.principal, e.beside)"
        );
        let mut select = connection.prepare_cached(&sql)?;
        let mut rows = select.query(params![range.0, range.1, text])?;
        let (mut bar, mut places) = (Bar::default(), Vec::new());
        while let Some(row) = rows.next()? {
            bar.events += 1;
            bar.failed += u64::from(row.get::<_, bool>(1)?);
            places.push((std::cmp::Reverse((row.get(0)?, row.get(3)?)), row.get(2)?));
        }
        Ok((bar, places))
    }

    /// The newest of these.
    fn these(
        &self,
        connection: &Connection,
        mut places: Vec<(Place, i64)>,
        limit: usize,
    ) -> rusqlite::Result<Vec<(Place, Stored)>> {
        places.sort_unstable();
        places.truncate(limit);
        let sql = format!("SELECT {COLUMNS} FROM {}.event AS e WHERE e.n = ?1", self.schema);
        let mut select = connection.prepare_cached(&sql)?;
        let stored = |(place, n)| Ok((place, select.query_row([n], Stored::of)?));
        places.into_iter().map(stored).collect()
    }
}

impl Found {
    fn add(&mut self, more: Bar, part: Option<usize>) {
        self.total += more.events;
        self.failed += more.failed;
        match part {
            None => self.untimed += more.events,
            Some(part) => {
                if let Some(bar) = self.bars.get_mut(part) {
                    bar.events += more.events;
                    bar.failed += more.failed;
                }
            }
        }
    }
}

/// The word with the fewest events in a window, as far as a short look tells.
fn rarest(
    connection: &Connection,
    schema: &str,
    words: &[i64],
    window: Window,
) -> rusqlite::Result<Option<i64>> {
    /// Postings counted of each word.
    const LOOK: i64 = 2000;
    if let [] | [_] = words {
        return Ok(words.first().copied());
    }
    let (from, to) = seconds(window);
    let mut select = connection.prepare_cached(&format!(
        "SELECT count(*) FROM (SELECT 1 FROM {schema}.posting
                               WHERE w = ?1 AND time >= ?2 AND time < ?3 LIMIT {LOOK})"
    ))?;
    let mut best: Option<(i64, i64)> = None;
    for word in words {
        let count: i64 = select.query_row([*word, from, to], |row| row.get(0))?;
        if best.is_none_or(|(least, _)| count < least) {
            best = Some((count, *word));
        }
    }
    Ok(best.map(|(_, word)| word))
}

/// A word to find in texts, in any case.
struct Needle {
    word: String,
    /// Its rarest byte in events, in both cases, and where it stands.
    rare: (u8, u8),
    at: usize,
}

/// The bytes of events' texts from the most frequent on; any other is rarer.
const FREQUENT: &[u8] = b"\"eatsorni:,cdlu-mp1023456789bfhg.vwykAxjzq/";

impl Needle {
    /// `word` in lower case, not empty.
    fn new(word: &str) -> Self {
        let rank = |b: &u8| FREQUENT.iter().position(|f| f == b).unwrap_or(FREQUENT.len());
        let rarest = word.bytes().enumerate().max_by_key(|(_, b)| rank(b));
        let (at, byte) = rarest.unwrap_or_default();
        let rare = (byte, byte.to_ascii_uppercase());
        Self { word: word.to_owned(), rare, at }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        if !self.word.is_ascii() {
            // Letters beyond ASCII change their length with their case.
            return String::from_utf8_lossy(text).to_lowercase().contains(&self.word);
        }
        let Some(last) = text.len().checked_sub(self.word.len()) else { return false };
        let ends = last + self.at + 1;
        memchr::memchr2_iter(self.rare.0, self.rare.1, text.get(..ends).unwrap_or_default())
            .filter_map(|found| found.checked_sub(self.at))
            .any(|from| {
                text[from..from + self.word.len()].eq_ignore_ascii_case(self.word.as_bytes())
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::{EventOrigin, samples};

    /// The same, the plain way.
    fn is_meant(question: &Question, event: &Event) -> bool {
        let beside = event.outer.as_ref().map(|o| serde_json::to_string(o).expect("JSON"));
        let principal = event.identity.principal();
        let texts = [Some(&*event.raw), Some(principal.raw()), beside.as_deref()];
        question.by.iter().all(|by| by.matches(event))
            && event.time.is_none_or(|at| question.window.contains(at))
            && (!question.failed || event.failed())
            && question.text.split_whitespace().all(|word| {
                let word = word.to_lowercase();
                texts.iter().flatten().any(|t| t.to_lowercase().contains(&word))
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn a_search_finds_what_matches(
            events in proptest::collection::vec(samples::event(40), 0..40),
            questions in proptest::collection::vec(samples::question(), 1..8),
            limit in 0usize..50,
            bars in 0usize..7,
        ) {
            let store = Store::in_memory().expect("opens");
            let batch: Vec<_> = events.iter().map(|e| (e.clone(), EventOrigin::Aws)).collect();
            let added = store.keep_events(&batch, None, samples::second(0)).expect("keeps");
            // What the store holds of each is what it gives without a question.
            let mut kept = Vec::new();
            store.each_event(None, &mut |event| kept.push(event)).expect("reads");
            prop_assert_eq!((added.new, added.known), (kept.len() as u64, (batch.len() - kept.len()) as u64));
            for question in questions {
                let mut want: Vec<_> = kept.iter().filter(|e| is_meant(&question, e)).cloned().collect();
                want.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
                let found = store.search(&question, limit, bars).expect("searches");
                prop_assert_eq!(found.total, want.len() as u64, "{:?}", question);
                prop_assert_eq!(found.failed, want.iter().filter(|e| e.failed()).count() as u64);
                prop_assert_eq!(found.untimed, want.iter().filter(|e| e.time.is_none()).count() as u64);
                let (mut events, mut failed) = (0, 0);
                for (bar, (from, to)) in found.bars.iter().zip(parts(question.window, bars)) {
                    let inside = |e: &&Arc<Event>| e.time.is_some_and(|t| (from..to).contains(&t.as_second()));
                    prop_assert_eq!(bar.events, want.iter().filter(inside).count() as u64);
                    (events, failed) = (events + bar.events, failed + bar.failed);
                }
                prop_assert!(bars == 0 || events + found.untimed == found.total && failed <= found.failed);
                want.truncate(limit);
                prop_assert_eq!(found.events, want);
            }
        }

        /// On two connections as on one.
        #[test]
        fn a_file_is_searched_like_memory(
            events in proptest::collection::vec(samples::event(40), 0..40),
            question in samples::question(),
            bars in 0usize..7,
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let batch: Vec<_> = events.into_iter().map(|e| (e, EventOrigin::Aws)).collect();
            let search = |store: Store| {
                store.keep_events(&batch, None, samples::second(0)).expect("keeps");
                store.search(&question, 20, bars)
            };
            let file = Store::open(folder.path()).expect("opens");
            prop_assert!(file.with(|held| Ok(held.second.is_some())).expect("held"));
            prop_assert_eq!(search(file), search(Store::in_memory().expect("opens")));
        }

        #[test]
        fn a_needle_is_found_in_any_case(hay in "[a-cA-C\"é ]{0,12}", word in "[a-cé\"]{1,3}") {
            let want = hay.to_lowercase().contains(&word);
            prop_assert_eq!(Needle::new(&word).is_in(hay.as_bytes()), want);
        }
    }
}
