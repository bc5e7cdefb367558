//! What stands where in the report of a drill.

use super::{DrillReport, sections};
use crate::{
    audit::{
        incident::sections as incident,
        paper::{Block, Cell, Tone},
    },
    drill::{Class, Ending},
};

pub fn blocks(report: &DrillReport) -> Vec<Block> {
    let mut page = report.incident.alarm_blocks();
    page.push(Block::Headline(class(report), report.headline()));
    page.push(Block::Headline(result(report), report.result()));
    page.push(heading("summary", "Summary"));
    page.push(Block::Facts(sections::summary(report)));
    page.push(heading("findings", "What is not fulfilled"));
    page.push(sections::findings(report));
    page.push(heading("objectives", "Objectives"));
    page.push(sections::objectives(report));
    page.push(heading("score", "Score"));
    page.push(Block::Text(Cell::ours(
        "Each time is that from the first record of the drill to the record of the last objective of \
         its phase, by the clock that counts: in the range the simulated world's. Unneeded is a change \
         that was made by a run that no objective's solution makes with these inputs; what takes \
         something back, sessions of roles, and what the drill proves with its canary are none. \
         No figure is weighed against another.",
    )));
    page.push(Block::Facts(sections::score(report)));
    page.extend(sections::unneeded(report));
    page.push(sections::trend(report));
    page.push(heading("evidence", "Evidence"));
    page.push(Block::Text(Cell::ours(
        "Passed: true of the account, or said by a person. Simulated: it holds in the range or at \
         another endpoint. Scripted: a script said it. The record is the one of the audit log that says \
         so, the hash the beginning of its h; it rests on the records that it names.",
    )));
    page.push(sections::evidence(report));
    page.push(heading("details", "Evidence in detail"));
    for row in &report.evidence {
        sections::detail(row, &mut page);
    }
    page.push(heading("actions", "Deviations and actions"));
    page.extend(sections::actions(report));
    page.push(heading("drift", "What changed since the drill before"));
    page.push(sections::drift(report));
    page.push(heading("completeness", "Completeness"));
    page.extend(sections::completeness(report));
    incident::timeline(&report.incident, &mut page);
    incident::changes(&report.incident, &mut page);
    incident::integrity(&report.incident, &mut page);
    page.push(Block::Heading { level: 3, id: "tools".to_owned(), text: Cell::ours("Tools") });
    page.push(Block::Facts(sections::tools(report)));
    page
}

pub fn heading(id: &str, text: &'static str) -> Block {
    Block::Heading { level: 2, id: id.to_owned(), text: Cell::ours(text) }
}

fn class(report: &DrillReport) -> Tone {
    match report.drill.class {
        Class::Practice => Tone::Caution,
        Class::Validation => Tone::Act,
    }
}

fn result(report: &DrillReport) -> Tone {
    match (report.verdict.ended, report.verdict.result) {
        (true, Ending::Passed) => Tone::Good,
        (false, _) | (true, Ending::PassedWithFindings) => Tone::Caution,
        (true, Ending::Failed | Ending::Aborted) => Tone::Trouble,
    }
}
