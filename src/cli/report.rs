//! `halon audit export`, the report of an incident, and `halon audit verify` of a report.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args as ClapArgs, ValueEnum};

use super::{
    Output,
    answer::{self, Code, Refusal, write_json},
    args::Global,
    audit::{audit_path, document},
    context,
};
use crate::{
    audit::{
        Anchor, Policy,
        export::write_new,
        incident::{IncidentReport, Mark, Material, Source},
        paper::{
            Form,
            check::{self, Checked},
        },
        state_path,
    },
    domain::untrusted::{display, display_in},
    runtime::wall_clock,
    store::Store,
};

#[derive(Debug, ClapArgs)]
pub struct ExportArgs {
    /// The incident
    #[arg(long, value_name = "ID")]
    pub incident: String,
    /// Markdown or one HTML file for people, or JSON with every line as it was written
    #[arg(long, value_enum, default_value_t = Format::Md)]
    pub format: Format,
    /// Write to this file, which must not exist yet
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A head that was kept elsewhere, which one of the logs must have; may be given often
    #[arg(long, value_name = "HEAD")]
    pub anchor: Vec<String>,
    /// Leave out this machine's log and timeline
    #[arg(long, requires = "logs")]
    pub only: bool,
    /// Logs of others; this machine's goes with them
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Md,
    Html,
    Json,
}

pub fn export(global: &Global, args: ExportArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let now = wall_clock();
    let read = |text: &String| text.parse::<Anchor>();
    let heads: Result<Vec<Anchor>, String> = args.anchor.iter().map(read).collect();
    let heads = heads.map_err(|why| answer::usage(format!("--anchor: {why}")))?;
    let policy = Policy::quarterly(now);
    let sources = logs(global, &args)?.iter().map(|p| Source::load(p, &heads, policy)).collect();
    let (marks, lost_marks) = match args.only {
        true => (Vec::new(), 0),
        false => marks(global, &args.incident)?,
    };
    let report = IncidentReport::new(Material {
        incident: args.incident.clone(),
        as_of: now,
        tool: format!("halon {}", env!("CARGO_PKG_VERSION")),
        sources,
        heads,
        marks,
        lost_marks,
    });
    let code = code_of(report.exit_code());
    if report.is_empty() {
        return Err(nothing(&report, code));
    }
    let form = args.format.form(global);
    put((report.write(form), form), &report, args.output.as_deref(), output)?;
    Ok(match code {
        Code::Done if lost_marks > 0 => Code::Incomplete,
        code => code,
    })
}

impl Format {
    /// The form of the file; `--json` is one form for every command.
    pub fn form(self, global: &Global) -> Form {
        match self {
            _ if global.json => Form::Json,
            Format::Json => Form::Json,
            Format::Md => Form::Markdown,
            Format::Html => Form::Html,
        }
    }
}

/// Writes a report where it is to go, and beside it what is to be kept elsewhere: the heads of
/// its logs and its own hash. And what must be known before it is read.
pub fn put(
    (text, form): (String, Form),
    report: &IncidentReport,
    path: Option<&Path>,
    output: &mut Output<'_>,
) -> anyhow::Result<()> {
    match path {
        None => output.out.write_all(text.as_bytes())?,
        Some(path) => write_new(path, text.as_bytes()).map_err(|e| {
            answer::usage(format!("--output {}: {e}", display(&path.to_string_lossy())))
        })?,
    }
    for log in &report.logs {
        if let Some(head) = &log.head {
            writeln!(
                output.err,
                "halon: audit head {} of {}",
                head.short,
                display(log.file.raw())
            )?;
        }
    }
    let checked = check::check(text.as_bytes(), form, None, &[]);
    if let Some(sha256) = &checked.report_sha256 {
        writeln!(output.err, "halon: report sha256 {sha256}")?;
    }
    for alarm in &report.alarms {
        writeln!(output.err, "halon: {}", display(alarm.what.raw()))?;
    }
    Ok(())
}

/// This machine's log, where there is one or should be, and those of others.
fn logs(global: &Global, args: &ExportArgs) -> anyhow::Result<Vec<PathBuf>> {
    let mut logs = args.logs.clone();
    if args.only {
        return Ok(logs);
    }
    let own = match audit_path(global) {
        Ok(own) => own,
        Err(e) if logs.is_empty() => return Err(e),
        Err(_) => return Ok(logs),
    };
    // Whoever names it too means the same one.
    let same = |other: &PathBuf| matches!((fs::canonicalize(&own), fs::canonicalize(other)), (Ok(a), Ok(b)) if a == b);
    let was_there = own.exists() || state_path(&own).exists();
    if was_there && !logs.iter().any(same) {
        logs.insert(0, own);
    }
    Ok(logs)
}

/// What is marked for the incident on this machine, and how many marks cannot be read. The
/// range keeps no timeline.
fn marks(global: &Global, incident: &str) -> anyhow::Result<(Vec<Mark>, usize)> {
    if global.range.is_some() {
        return Ok((Vec::new(), 0));
    }
    let Ok(folder) = context::need_data_dir(global) else { return Ok((Vec::new(), 0)) };
    // Looking must not make one.
    if !Store::exists(&folder) {
        return Ok((Vec::new(), 0));
    }
    let timeline = Store::open(&folder)
        .and_then(|store| store.timeline(Some(incident)))
        .map_err(|fault| anyhow::anyhow!(fault))?;
    Ok((timeline.entries.iter().map(Mark::of).collect(), timeline.unreadable))
}

fn nothing(report: &IncidentReport, code: Code) -> anyhow::Error {
    let mut why = format!("no record and no mark is of the incident {}", display(&report.incident));
    if code == Code::Done {
        return answer::usage(why);
    }
    for alarm in report.alarms.iter().filter(|alarm| alarm.is_broken()) {
        why += &format!("; {}", display(alarm.what.raw()));
    }
    Refusal { code, why }.into()
}

/// Checks a file that is a report; `None` where it is none.
pub fn verify(
    global: &Global,
    path: &Path,
    kept: Option<&Anchor>,
    logs: &[PathBuf],
    output: &mut Output<'_>,
) -> anyhow::Result<Option<Code>> {
    let Some((form, bytes)) = check::read(path) else {
        return match logs {
            [] => Ok(None),
            _ => Err(answer::usage(format!(
                "{} is no report: logs are compared with a report",
                display(&path.to_string_lossy())
            ))),
        };
    };
    let logs: Vec<&Path> = logs.iter().map(PathBuf::as_path).collect();
    let checked = check::check(&bytes, form, kept, &logs);
    let code = code_of(checked.exit_code());
    if global.json {
        let items = serde_json::to_value(&checked.problems)?;
        let mut answer = document("halon.report-verify/1", wall_clock(), None, items);
        answer["file"] = path.to_string_lossy().into();
        answer["exit_code"] = checked.exit_code().into();
        answer["reformatted"] = checked.reformatted.into();
        answer["report_sha256"] = serde_json::to_value(&checked.report_sha256)?;
        answer["logs"] = serde_json::to_value(&checked.logs)?;
        write_json(output, &answer)?;
    } else {
        say(path, &checked, output)?;
    }
    Ok(Some(code))
}

fn say(path: &Path, checked: &Checked, output: &mut Output<'_>) -> anyhow::Result<()> {
    let name = display(&path.to_string_lossy());
    let verdict =
        if checked.problems.is_empty() { "as it was written" } else { "not what was written" };
    writeln!(output.out, "{name}: a report, {verdict}")?;
    if checked.reformatted && checked.problems.is_empty() {
        writeln!(
            output.out,
            "  another program wrote it anew: every value is as it was, the bytes are not"
        )?;
    }
    for problem in &checked.problems {
        writeln!(output.out, "  {}", display(problem))?;
    }
    if let Some(sha256) = &checked.report_sha256 {
        writeln!(output.out, "report sha256 {}", display_in(sha256, 64))?;
    }
    for log in &checked.logs {
        let id = log.log_id.as_deref().unwrap_or("without an id");
        let file = log.file.as_deref().map(|f| format!(" ({})", display(f))).unwrap_or_default();
        writeln!(
            output.out,
            "log {} {}{file}: {}",
            log.number,
            display_in(id, 64),
            display(&log.words)
        )?;
    }
    let sentence = "there is no secret in a report: whoever can write it can compute its hash \
                    again; only the hash kept elsewhere, and the logs, tell more";
    Ok(writeln!(output.out, "what this cannot know: {sentence}")?)
}

/// What a report, or verifying one and its logs, ends with.
pub fn code_of(exit_code: u8) -> Code {
    match exit_code {
        0 => Code::Done,
        10 => Code::Unanchored,
        11 => Code::Torn,
        12 => Code::Tampered,
        _ => Code::Unreadable,
    }
}
