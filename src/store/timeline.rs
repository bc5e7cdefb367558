//! The incidents' timelines: what the operator marked.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::Store;
use crate::domain::{
    Fault, FaultKind, Untrusted,
    timeline::{Entry, Mark, Marked},
};

/// `at` and `marked` are milliseconds since the epoch. AUTOINCREMENT: the number of an
/// entry that was removed is never another's. Of NULLs none equals another, so there may be
/// many notes, and each event and finding once in an incident.
pub(super) const LAYOUT: &str = "
    CREATE TABLE timeline (
        number   INTEGER PRIMARY KEY AUTOINCREMENT,
        incident TEXT NOT NULL,    -- empty where there was none
        kind     TEXT NOT NULL,    -- 'event', 'finding', 'note'
        id       TEXT,             -- of the event or finding
        at       INTEGER,          -- when it happened, if it says
        about    TEXT NOT NULL,    -- JSON: what it said when it was marked
        note     TEXT NOT NULL,
        by       TEXT NOT NULL,
        marked   INTEGER NOT NULL,
        UNIQUE (incident, kind, id)
    );
";

/// What [`Store::timeline`] gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// By the time of what is marked, then by number. What has no time comes last.
    pub entries: Vec<Entry>,
    /// Entries that cannot be read any more.
    pub unreadable: usize,
}

impl Timeline {
    /// Says that something is missing, if it is.
    pub fn fault(&self) -> Option<Fault> {
        (self.unreadable > 0).then(|| {
            let what = format!(
                "entries of the timeline that cannot be read any more: {}",
                self.unreadable
            );
            Fault::new(FaultKind::Local, what)
        })
    }
}

impl Store {
    /// Puts something into a timeline and gives the entry's number. What is in the
    /// incident's timeline already keeps its number and what it said; of the operator's
    /// words the new ones stay, unless there are none.
    pub fn mark(&self, mark: &Mark, now: Timestamp) -> Result<i64, Fault> {
        let about = serde_json::to_string(&mark.about).map_err(|e| {
            Fault::new(FaultKind::Local, "cannot be written down").with_cause(&e.to_string())
        })?;
        self.with(|held| {
            held.connection.query_row(
                "INSERT INTO timeline (incident, kind, id, at, about, note, by, marked)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (incident, kind, id) DO UPDATE SET
                    note = CASE excluded.note WHEN '' THEN note ELSE excluded.note END,
                    by = excluded.by, marked = excluded.marked
                 RETURNING number",
                params![
                    mark.incident,
                    mark.what.kind(),
                    mark.what.id().map(Untrusted::raw),
                    mark.at.map(Timestamp::as_millisecond),
                    about,
                    mark.note,
                    mark.by,
                    now.as_millisecond(),
                ],
                |row| row.get(0),
            )
        })
    }

    /// Takes an entry out; `false` where there is none of this number.
    pub fn unmark(&self, number: i64) -> Result<bool, Fault> {
        self.with(|held| {
            let gone =
                held.connection.execute("DELETE FROM timeline WHERE number = ?1", [number])?;
            Ok(gone > 0)
        })
    }

    /// The number of the entry that this is in an incident's timeline.
    pub fn marked(&self, incident: &str, what: &Marked) -> Result<Option<i64>, Fault> {
        self.with(|held| {
            let query = "SELECT number FROM timeline WHERE incident = ?1 AND kind = ?2 AND id = ?3";
            let id = what.id().map(Untrusted::raw);
            held.connection
                .query_row(query, params![incident, what.kind(), id], |r| r.get(0))
                .optional()
        })
    }

    /// One incident's timeline, `""` for what was marked without one; `None` for all.
    pub fn timeline(&self, incident: Option<&str>) -> Result<Timeline, Fault> {
        self.with(|held| {
            let mut select = held.connection.prepare(
                "SELECT number, incident, kind, id, at, about, note, by, marked FROM timeline
                 WHERE ?1 IS NULL OR incident = ?1 ORDER BY at IS NULL, at, number",
            )?;
            let mut rows = select.query([incident])?;
            let mut timeline = Timeline::default();
            while let Some(row) = rows.next()? {
                match entry(row)? {
                    Some(entry) => timeline.entries.push(entry),
                    None => timeline.unreadable += 1,
                }
            }
            Ok(timeline)
        })
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Option<Entry>> {
    let kind: String = row.get(2)?;
    let id: Option<String> = row.get(3)?;
    let at: Option<i64> = row.get(4)?;
    let about: String = row.get(5)?;
    let read = |ms| Timestamp::from_millisecond(ms).ok();
    let (Some(what), Ok(about), Some(marked_at)) = (
        Marked::kept(&kind, id.map(Untrusted::from)),
        serde_json::from_str(&about),
        read(row.get(8)?),
    ) else {
        return Ok(None);
    };
    let mark = Mark {
        incident: row.get(1)?,
        what,
        at: at.and_then(read),
        about,
        note: row.get(6)?,
        by: row.get(7)?,
    };
    Ok(Some(Entry { number: row.get(0)?, mark, marked_at }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Event;

    fn at(s: &str) -> Timestamp {
        s.parse().expect("a timestamp")
    }

    fn event(id: &str, time: &str) -> Event {
        let raw = format!(
            r#"{{"eventID":"{id}","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventTime":"{time}","sourceIPAddress":"203.0.113.9","errorCode":"AccessDenied"}}"#
        );
        Event::read(&raw, None).expect("an event")
    }

    #[test]
    fn in_order_and_by_incident() {
        let store = Store::in_memory().expect("opens");
        let now = at("2026-03-02T04:00:00Z");
        let late = event("e2", "2026-03-02T03:20:00Z");
        let early = event("e1", "2026-03-02T03:10:00Z");
        let timeless = event("e3", "never");
        for (e, incident) in [(&timeless, "A"), (&late, "A"), (&early, "A"), (&early, "")] {
            store.mark(&Mark::event(e, incident, "", "me"), now).expect("marked");
        }
        let note = Mark::note(at("2026-03-02T03:15:00Z"), "A", "called the owner", "me");
        let first = store.mark(&note, now).expect("marked");
        assert_ne!(first, store.mark(&note, now).expect("marked"), "notes are not the same thing");
        let names = |incident| {
            let timeline = store.timeline(incident).expect("read");
            let id = |e: &Entry| e.mark.what.id().map_or("note", Untrusted::raw).to_owned();
            timeline.entries.iter().map(id).collect::<Vec<_>>()
        };
        assert_eq!(names(Some("A")), ["e1", "note", "note", "e2", "e3"]);
        assert_eq!(
            (names(Some("")), names(Some("B")).len(), names(None).len()),
            (vec!["e1".to_owned()], 0, 6)
        );
        let entry = &store.timeline(Some("")).expect("read").entries[0];
        assert_eq!(entry.mark, Mark::event(&early, "", "", "me"));
        assert_eq!(entry.mark.about.result, Some("AccessDenied".into()));
    }

    #[test]
    fn marking_again_changes_the_note_only() {
        let store = Store::in_memory().expect("opens");
        let now = at("2026-03-02T04:00:00Z");
        let e = event("e1", "2026-03-02T03:10:00Z");
        let number = store.mark(&Mark::event(&e, "A", "why", "me"), now).expect("marked");
        assert_eq!(store.mark(&Mark::event(&e, "A", "", "you"), now), Ok(number));
        let entry = store.timeline(None).expect("read").entries.remove(0);
        assert_eq!((entry.mark.note.as_str(), entry.mark.by.as_str()), ("why", "you"));
        assert_eq!(store.marked("A", &Marked::Event("e1".into())), Ok(Some(number)));
        assert_eq!(store.marked("B", &Marked::Event("e1".into())), Ok(None));
        assert_eq!(store.unmark(number), Ok(true));
        assert_eq!(store.unmark(number), Ok(false));
        let again = store.mark(&Mark::event(&e, "A", "", "me"), now).expect("marked");
        assert!(again > number, "a number is never another's");
    }
}
