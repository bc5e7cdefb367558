//! `halon audit`: what was recorded, whether it is still what was written, and one
//! incident's records as evidence.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Output,
    answer::{self, Code, Refusal, write_json},
    args::{Global, ProofArgs},
    context,
    proof::{self, Proven},
    report::{self, ExportArgs},
};
use crate::{
    audit::{self, Anchor, Policy, Record, Report, export, incident, state_path},
    case::proof::Grade,
    domain::{
        time::{parse_span, rfc3339},
        untrusted::{display, display_in},
    },
    runtime::wall_clock,
};

/// Longest line of `audit show` for one record's details, in terminal cells; `--json` has
/// it all.
const DETAILS: usize = 400;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List the records, oldest first
    Show {
        /// Only this incident's, with its runs, calls and sessions
        #[arg(long, value_name = "ID")]
        incident: Option<String>,
        /// Only this run's
        #[arg(long, value_name = "ID")]
        run: Option<String>,
        /// Only so many, the newest ones
        #[arg(long, value_name = "N")]
        last: Option<usize>,
        /// Another log than this machine's
        log: Option<PathBuf>,
    },
    /// Check that a log or a report is what was written, and name every place where it is not
    ///
    /// Exits with 0 intact, 10 the end unanchored for too long, 11 a torn tail, 12 tampered
    /// with, 13 unreadable.
    ///
    /// With --cloudtrail the log is also compared with AWS's own record, both ways: each call
    /// of the log by its request id, and each change that CloudTrail has under an identity of
    /// the log, from 15 minutes before each of its sessions to 15 minutes after it. Reads are
    /// not in the log and are not compared. CloudTrail is asked anew, in the accounts that are
    /// signed in. Exits then with 13 or 12 as above; else 1 where a call is missing from
    /// CloudTrail, told otherwise by it, or not in the log; else 5 where something is too young,
    /// unknown or could not be searched; else as above.
    Verify {
        /// Another log than this machine's, or a report of `audit export` or `drill report`
        file: Option<PathBuf>,
        /// The logs that the report was made from, to be compared with it
        #[arg(value_name = "LOG")]
        logs: Vec<PathBuf>,
        /// A head that was kept elsewhere: 8 groups of 4 hex digits or all 64, then @ and its
        /// record's number; of a report its hash
        #[arg(long, value_name = "HEAD")]
        anchor: Option<String>,
        /// How long records may go without an anchor, once there was one
        #[arg(long, value_name = "AGE", default_value = "90d")]
        anchored_within: String,
        #[command(flatten)]
        proof: ProofArgs,
    },
    /// One incident's report out of the logs of all who worked on it
    ///
    /// Exits with 12 or 13 where a log is not what was written or cannot be read; the report
    /// says so on top.
    Export(ExportArgs),
}

pub fn run(
    global: &Global,
    command: AuditCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    match command {
        AuditCommand::Show { incident, run, last, log } => {
            let path = log.map_or_else(|| audit_path(global), Ok)?;
            show(global, &path, incident.as_deref(), run.as_deref(), last, output)
        }
        AuditCommand::Verify { file, logs, anchor, anchored_within, proof } => {
            let path = file.map_or_else(|| audit_path(global), Ok)?;
            let anchor: Option<Anchor> = anchor
                .map(|text| text.parse())
                .transpose()
                .map_err(|why: String| answer::usage(format!("--anchor: {why}")))?;
            let max_age = parse_span(&anchored_within)
                .ok_or_else(|| answer::usage("--anchored-within is an age such as 90d or 12h"))?;
            if let Some(code) = report::verify(global, &path, anchor.as_ref(), &logs, output)? {
                return match proof.cloudtrail {
                    true => Err(answer::usage("--cloudtrail compares a log; this is a report")),
                    false => Ok(code),
                };
            }
            let policy = Policy { now: wall_clock(), max_age };
            let report =
                audit::verify(&path, anchor.as_ref(), Some(&state_path(&path))).with_policy(policy);
            let proven = match proof.cloudtrail {
                true => Some(proof::prove(global, &path, &report, &proof)?),
                false => None,
            };
            say_verified(global, &path, (&report, policy), proven.as_ref(), output)
        }
        AuditCommand::Export(args) => report::export(global, args, output),
    }
}

/// This machine's log; the range's records are in one of their own.
pub fn audit_path(global: &Global) -> anyhow::Result<PathBuf> {
    let name = if global.range.is_some() { "audit-range.jsonl" } else { "audit.jsonl" };
    Ok(context::need_data_dir(global)?.join(name))
}

fn show(
    global: &Global,
    path: &Path,
    incident: Option<&str>,
    run: Option<&str>,
    last: Option<usize>,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let now = wall_clock();
    let mut records = audit::read(path).map_err(unreadable)?;
    let report = audit::verify(path, None, Some(&state_path(path)));
    let unknown: Vec<String> = audit::unknown(&records).iter().map(|r| r.seq.to_string()).collect();
    if let Some(id) = incident {
        let chosen = incident::chosen(&records, id);
        records = chosen.into_iter().map(|at| records[at].clone()).collect();
    }
    records.retain(|record| run.is_none_or(|run| record.text("run") == Some(run)));
    if let Some(last) = last {
        records.drain(..records.len().saturating_sub(last));
    }
    let broken = (report.exit_code() >= 12).then(|| export::words(&report));
    if global.json {
        let items: Vec<Value> = records.iter().map(item).collect();
        write_json(output, &document("halon.audit/1", now, broken.as_deref(), items.into()))?;
    } else {
        for record in &records {
            writeln!(output.out, "{}", line(record))?;
        }
    }
    if !unknown.is_empty() {
        writeln!(
            output.err,
            "halon: calls of which nobody knows whether they took effect: records {}",
            unknown.join(", ")
        )?;
    }
    if let Some(why) = &broken {
        writeln!(output.err, "halon: {}: {}", display(&path.to_string_lossy()), display(why))?;
    }
    Ok(if broken.is_none() { Code::Done } else { Code::Incomplete })
}

/// The one form of every JSON answer, where what is missing is a log.
pub fn document(schema: &str, now: Timestamp, missing: Option<&str>, items: Value) -> Value {
    let incomplete: Vec<Value> =
        missing.iter().map(|why| json!({"source": "audit", "why": why})).collect();
    json!({
        "schema": schema,
        "as_of": rfc3339(now),
        "complete": incomplete.is_empty(),
        "incomplete": incomplete,
        "items": items,
    })
}

fn item(record: &Record) -> Value {
    json!({"line": record.line, "seq": record.seq, "h": record.h, "record": record.value})
}

/// One record for people. A line that cannot be read is shown for what it is.
fn line(record: &Record) -> String {
    if record.value.is_null() {
        return format!(
            "line {} cannot be read: {}",
            record.line,
            display_in(&record.raw, DETAILS)
        );
    }
    let text = |key| display_in(record.text(key).unwrap_or_default(), 40);
    format!(
        "{:>5} {} {:<13} {:<9} {} {}",
        record.seq,
        text("ts_utc"),
        text("kind"),
        text("mode"),
        display_in(&audit::who(record), 120),
        display_in(&audit::details(record), DETAILS),
    )
}

fn say_verified(
    global: &Global,
    path: &Path,
    (report, policy): (&Report, Policy),
    proven: Option<&Proven>,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let code = match (report.exit_code(), proven.map(|p| p.proof.grade())) {
        (12, _) => Code::Tampered,
        (13.., _) => Code::Unreadable,
        (_, Some(Grade::Broken)) => Code::Failed,
        (_, Some(Grade::Open)) => Code::Incomplete,
        (11, _) => Code::Torn,
        (10, _) => Code::Unanchored,
        _ => Code::Done,
    };
    if global.json {
        let mut found = export::verified(report);
        let problems = found["problems"].take();
        let missing = report.unreadable.as_deref();
        let mut answer = document("halon.audit-verify/1", policy.now, missing, problems);
        answer["file"] = path.to_string_lossy().into();
        if let (Some(answer), Some(found)) = (answer.as_object_mut(), found.as_object_mut()) {
            found.remove("problems");
            answer.append(found);
        }
        if let Some(proven) = proven {
            proven.put_into(&mut answer);
            answer["exit_code"] = code.number().into();
        }
        write_json(output, &answer)?;
        return Ok(code);
    }
    let name = display(&path.to_string_lossy());
    writeln!(output.out, "{name}: {}", display(&export::words(report)))?;
    if report.unreadable.is_some() {
        return Ok(code);
    }
    if let Some(head) = &report.head {
        writeln!(output.out, "log {}, head {head}", display(&head.log_id))?;
    }
    for problem in &report.problems {
        let record = problem.seq.map(|seq| format!(", record {seq}")).unwrap_or_default();
        writeln!(output.out, "  line {}{record}: {}", problem.line, display(&problem.why))?;
    }
    for torn in &report.recovered {
        writeln!(
            output.out,
            "  record {}: {} bytes of a line that was never finished are kept in {}",
            torn.seq,
            torn.bytes,
            display(&torn.file)
        )?;
    }
    if let Some(bytes) = report.torn_bytes {
        writeln!(
            output.out,
            "  {bytes} bytes at the end belong to a line that was never finished; the next start \
             sets them aside"
        )?;
    }
    for (kind, count) in &report.unknown_kinds {
        writeln!(output.out, "  {count} records of a kind unknown here: {}", display(kind))?;
    }
    match report.anchors.iter().max_by_key(|a| a.seq) {
        Some(last) => writeln!(
            output.out,
            "last anchor at record {} ({}); {} records after it are in none{}",
            last.seq,
            display(&last.to),
            report.unanchored,
            if report.stale { ", for too long" } else { "" }
        )?,
        None => writeln!(output.out, "no anchor; {} records", report.unanchored)?,
    }
    if let Some(sentence) = &report.cannot_know {
        writeln!(output.out, "what this cannot know: {}", display(sentence))?;
    }
    if let Some(proven) = proven {
        proven.say(output)?;
    }
    Ok(code)
}

pub fn unreadable(refused: audit::Refused) -> anyhow::Error {
    Refusal { code: Code::Unreadable, why: refused.to_string() }.into()
}
