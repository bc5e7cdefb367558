//! The report of one incident: what the logs of several operators say of it together, with
//! what was marked as evidence and what verifying each log found.
//!
//! ```text
//!  file ─▶ Source::load (read once, verified, hashed) ─┐
//!  timeline entries ─▶ Mark ───────────────────────────┼▶ IncidentReport::new ─▶ markdown | html | json
//!                        select, merge, change, run ───┘    │ (pure)       page ┘    └─ seal, check
//! ```
//!
//! A report is a plain value; [`super::paper`] makes a file of it. Every text in it that somebody
//! else wrote is [`Untrusted`](crate::domain::Untrusted) and reaches a form through that alone.

mod alarm;
mod change;
mod diff;
mod drawing;
mod json;
mod log_part;
mod mark;
mod merge;
mod moment;
mod open;
mod page;
mod run;
mod select;
mod source;
mod summary;
mod undone;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use alarm::Alarm;
pub use change::{Change, Fate};
pub use log_part::LogPart;
pub use mark::Mark;
pub use moment::Moment;
pub use page::Facts;

pub use open::Open;
pub use run::{Run, Step, words};
pub use select::chosen;
pub use source::Source;
pub use summary::Summary;

use super::{
    head::Anchor,
    paper::{Block, Form, Paper, SealedLog, Subject},
    record::Record,
};

/// What a report is made from.
pub struct Material {
    pub incident: String,
    pub as_of: Timestamp,
    /// Name and version of the program that makes it.
    pub tool: String,
    pub sources: Vec<Source>,
    /// Heads that were kept elsewhere, as given to [`Source::load`].
    pub heads: Vec<Anchor>,
    pub marks: Vec<Mark>,
    /// Marks that cannot be read any more.
    pub lost_marks: usize,
}

pub struct IncidentReport {
    pub incident: String,
    pub as_of: Timestamp,
    pub tool: String,
    /// What makes it doubtful, and what must be known before it is read; the worst first.
    pub alarms: Vec<Alarm>,
    pub summary: Summary,
    pub logs: Vec<LogPart>,
    pub runs: Vec<Run>,
    pub changes: Vec<Change>,
    pub open: Vec<Open>,
    /// In the order of time; what has none comes last.
    pub moments: Vec<Moment>,
    pub marks: Vec<Mark>,
    sources: Vec<Source>,
    /// Log and place in it of each record, in the order of the timeline.
    items: Vec<(usize, usize)>,
}

/// A record of the incident, with where it comes from.
struct Place<'r> {
    /// The log's number, from 1.
    log: usize,
    record: &'r Record,
    at: Option<Timestamp>,
    /// When it counts as written: see [`merge::standing`].
    stands: Option<Timestamp>,
    verified: bool,
    /// Its place in its log's records.
    place: usize,
}

impl IncidentReport {
    pub fn new(material: Material) -> IncidentReport {
        let Material { incident, as_of, tool, sources, heads, marks, lost_marks } = material;
        let twins = merge::twins(&sources);
        let mut placed: Vec<Place<'_>> = Vec::new();
        let mut logs = Vec::new();
        for (n, source) in sources.iter().enumerate() {
            let is_own = |record: &Record| twins[n].is_none_or(|t| t.has_of_its_own(record.line));
            let places: Vec<usize> = chosen(&source.records, &incident)
                .into_iter()
                .filter(|at| is_own(&source.records[*at]))
                .collect();
            let records: Vec<&Record> = places.iter().map(|at| &source.records[*at]).collect();
            logs.push(LogPart::of(n, source, twins[n], &records));
            let stands = merge::standing(&records);
            placed.extend(records.iter().enumerate().map(|(i, record)| Place {
                log: n + 1,
                record,
                at: merge::written(record),
                stands: stands[i],
                verified: source.is_verified(record),
                place: places[i],
            }));
        }
        // Stable: of one time the logs in their order, each with its records in theirs.
        placed.sort_by_key(|place| place.stands);
        let changes = change::changes(&placed);
        let runs = run::runs(&placed);
        let moments = timeline(&placed, &changes, &marks);
        let summary = Summary::of(&placed, &changes, &runs, &marks);
        let open = open::open(&changes, &runs);
        let alarms = alarm::alarms(&sources, &logs, &heads, &summary, lost_marks);
        let items = placed.iter().map(|place| (place.log - 1, place.place)).collect();
        IncidentReport {
            incident,
            as_of,
            tool,
            alarms,
            summary,
            logs,
            runs,
            changes,
            open,
            moments,
            marks,
            sources,
            items,
        }
    }

    /// Whether no record and no mark is of the incident.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.marks.is_empty()
    }

    /// 0, or of the worst log 12 (not what was written) or 13 (unreadable).
    pub fn exit_code(&self) -> u8 {
        self.alarms.iter().map(|alarm| alarm.exit_code).max().unwrap_or_default()
    }

    /// The whole file, sealed.
    pub fn write(&self, form: Form) -> String {
        match form {
            Form::Markdown => self.paper().markdown(),
            Form::Html => self.paper().html(),
            Form::Json => json::write(self),
        }
    }

    fn paper(&self) -> Paper {
        Paper {
            subject: Subject::Incident,
            title: self.incident.as_str().into(),
            as_of: self.as_of,
            tool: self.tool.clone(),
            blocks: page::all(self),
            logs: self.sealed(),
        }
    }

    /// What a document of it has, but for its head and its manifest.
    pub fn parts(&self) -> serde_json::Map<String, serde_json::Value> {
        json::parts(self)
    }

    /// The logs as a seal names them.
    pub fn sealed(&self) -> Vec<SealedLog> {
        self.logs.iter().map(LogPart::sealed).collect()
    }

    /// What makes it doubtful, as it stands on top.
    pub fn alarm_blocks(&self) -> Vec<Block> {
        self.alarms.iter().map(Alarm::block).collect()
    }

    /// Each record of the incident with its log and that one's number.
    fn records(&self) -> impl Iterator<Item = (usize, &Source, &Record)> {
        self.items.iter().map(|(log, at)| {
            let source = &self.sources[*log];
            (log + 1, source, &source.records[*at])
        })
    }
}

/// Sections of its page, for reports that have more to say.
pub mod sections {
    pub use super::page::{changes, integrity, timeline};
}

/// The changes and the runs of an incident, as one log tells them.
pub fn told(records: &[Record], incident: &str) -> (Vec<Change>, Vec<Run>) {
    let chosen = chosen(records, incident);
    let kept: Vec<&Record> = chosen.iter().map(|at| &records[*at]).collect();
    let stands = merge::standing(&kept);
    let places = kept.iter().enumerate().map(|(n, record)| Place {
        log: 1,
        record,
        at: merge::written(record),
        stands: stands[n],
        verified: true,
        place: chosen[n],
    });
    let placed: Vec<Place<'_>> = places.collect();
    (change::changes(&placed), run::runs(&placed))
}

fn timeline(placed: &[Place<'_>], changes: &[Change], marks: &[Mark]) -> Vec<Moment> {
    let recorded = placed.iter().map(|place| (place.stands, Moment::of(place, changes)));
    let marked = marks.iter().map(|mark| (mark.at, Moment::marked(mark)));
    let mut all: Vec<(Option<Timestamp>, Moment)> = recorded.chain(marked).collect();
    all.sort_by_key(|(at, _)| (at.is_none(), *at));
    all.into_iter().map(|(_, moment)| moment).collect()
}
