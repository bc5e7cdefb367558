//! The report of a drill: the report of its incident, and before it what a drill is about, its
//! evidence first of all.
//!
//! ```text
//!  logs ─▶ Source ─┬▶ fold ─▶ Drill ─▶ verdict, score, trend ─┐
//!                  └▶ IncidentReport (changes, timeline) ─────┴▶ DrillReport ─▶ page | json ─▶ Paper
//! ```
//!
//! Whether it is practice or validation, the records say: nothing that is given here can.

mod completeness;
mod evidence;
mod json;
mod page;
mod redact;
mod sections;

use jiff::Timestamp;

pub use evidence::{Rests, Row, rows};
pub use redact::Redactor;

use super::{
    Class, Drill, DrillId, Ending, Past, Score, Verdict, before, fold, trend, verdict, verified,
};
use crate::audit::{
    Anchor, Record,
    incident::{self, IncidentReport, Source},
    paper::{Form, Paper, Subject},
};

/// What a report is made from.
pub struct Material {
    pub drill: DrillId,
    pub as_of: Timestamp,
    /// Name and version of the program that makes it.
    pub tool: String,
    /// The log of the drill; others that have changes made in its name may follow.
    pub sources: Vec<Source>,
    /// Heads that were kept elsewhere, as given to [`Source::load`].
    pub heads: Vec<Anchor>,
    /// For others to read: without addresses and names of accounts.
    pub redactor: Option<Redactor>,
}

pub struct DrillReport {
    pub drill: Drill,
    pub verdict: Verdict,
    pub score: Score,
    /// Drills of the same scenario, oldest first, this one among them.
    pub trend: Vec<Past>,
    /// The twenty items, in order.
    pub evidence: Vec<Row>,
    /// What is not as it was at the drill before: item, key, before, after.
    pub drift: Vec<Drift>,
    /// The drill before this one.
    pub was: Option<DrillId>,
    pub index: Vec<completeness::Period>,
    /// Of what was done in the drill's name.
    pub incident: IncidentReport,
    redactor: Option<Redactor>,
}

/// Something that changed since the drill before.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Drift {
    pub item: super::Item,
    pub key: String,
    pub before: String,
    pub after: String,
}

impl DrillReport {
    /// `None` where no record that verifies is of the drill. The first log that has it counts.
    pub fn new(material: Material) -> Option<DrillReport> {
        let Material { drill: id, as_of, tool, sources, heads, redactor } = material;
        let sure = |source: &Source| verified(&source.records, source.report.verified).to_vec();
        let (records, drills, at) = sources.iter().find_map(|source| {
            let records: Vec<Record> = sure(source);
            let drills = fold(&records);
            let at = drills.iter().position(|drill| drill.id == id)?;
            Some((records, drills, at))
        })?;
        let drill = drills[at].clone();
        let was = before(&drills, &drill);
        let (changes, runs) = incident::told(&records, id.as_str());
        let report = DrillReport {
            verdict: verdict(&drill, was),
            score: Score::of(&drill, &changes, &runs),
            trend: trend(&drills, &records, &drill),
            evidence: evidence::rows(&drill, &records),
            drift: evidence::drifts(&drill, was),
            was: was.map(|was| was.id.clone()),
            index: completeness::index(&drills, &drill),
            incident: IncidentReport::new(incident::Material {
                incident: id.as_str().to_owned(),
                as_of,
                tool,
                sources,
                heads,
                marks: Vec::new(),
                lost_marks: 0,
            }),
            redactor,
            drill,
        };
        Some(report)
    }

    /// 0, or of the worst log 12 (not what was written) or 13 (unreadable).
    pub fn exit_code(&self) -> u8 {
        self.incident.exit_code()
    }

    /// What it is, in words that nobody takes for something else.
    pub fn headline(&self) -> &'static str {
        let drill = &self.drill;
        let only_range = drill.worlds.iter().all(|world| world == "range");
        match (drill.class, drill.is_scripted(), only_range) {
            (Class::Validation, ..) => "VALIDATION: by a person, in an AWS account",
            (Class::Practice, true, true) => {
                "PRACTICE, NOT A VALIDATION: played by a script in a simulated world"
            }
            (Class::Practice, false, true) => {
                "PRACTICE, NOT A VALIDATION: played in a simulated world"
            }
            (Class::Practice, true, false) => "PRACTICE, NOT A VALIDATION: played by a script",
            (Class::Practice, false, false) => {
                "PRACTICE, NOT A VALIDATION: not all of it went to AWS by a person"
            }
        }
    }

    /// How it ended, in the same manner.
    pub fn result(&self) -> &'static str {
        match (self.verdict.ended, self.verdict.result) {
            (false, _) => "NOT ENDED: this is how it stands so far",
            (true, Ending::Passed) => "PASSED",
            (true, Ending::PassedWithFindings) => "PASSED WITH FINDINGS",
            (true, Ending::Failed) => "FAILED",
            (true, Ending::Aborted) => "ABORTED",
        }
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
        let mut paper = Paper {
            subject: Subject::Drill,
            title: self.drill.id.as_str().into(),
            as_of: self.incident.as_of,
            tool: self.incident.tool.clone(),
            blocks: page::blocks(self),
            logs: self.incident.sealed(),
        };
        if let Some(redactor) = &self.redactor {
            paper.rewrite(&|text| redactor.text(text));
        }
        paper
    }
}
