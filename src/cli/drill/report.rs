//! `halon drill report`: one drill with its evidence, as a file for an auditor.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::{
    audit::{Policy, incident::Source, state_path},
    cli::{
        Output,
        answer::{self, Code},
        args::Global,
        context, range,
        report::{Format, code_of, put},
    },
    drill::{
        DrillId,
        report::{DrillReport, Material, Redactor},
    },
    runtime::wall_clock,
};

#[derive(Debug, ClapArgs)]
pub struct ReportArgs {
    /// The drill, as `drill run` and `drill list` name it
    pub id: DrillId,
    /// Markdown or one HTML file for people, or JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Md)]
    pub format: Format,
    /// Write to this file, which must not exist yet
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// For readers elsewhere: mail addresses and names of accounts give way to their hashes, and
    /// of the records only numbers and hashes go along
    #[arg(long)]
    pub redact: bool,
    /// Other logs than this machine's: the drill's first, then those of others who helped
    #[arg(value_name = "LOG")]
    pub logs: Vec<PathBuf>,
}

pub fn run(global: &Global, args: &ReportArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let now = wall_clock();
    let load = |path: &PathBuf| Source::load(path, &[], Policy::quarterly(now));
    let mut worst = 0;
    // One log after the other where none is named: a drill is in one of them.
    let choices: Vec<Vec<PathBuf>> = match args.logs.is_empty() {
        false => vec![args.logs.clone()],
        true => {
            let folder = context::need_data_dir(global)?;
            ["audit.jsonl", "audit-range.jsonl"].map(|name| vec![folder.join(name)]).into()
        }
    };
    for paths in choices {
        let there = |path: &PathBuf| path.exists() || state_path(path).exists();
        if args.logs.is_empty() && !paths.iter().any(there) {
            continue;
        }
        let sources: Vec<Source> = paths.iter().map(load).collect();
        let code = sources.iter().map(|source| source.report.exit_code()).max().unwrap_or_default();
        let report = DrillReport::new(Material {
            drill: args.id.clone(),
            as_of: now,
            tool: format!("halon {}", env!("CARGO_PKG_VERSION")),
            sources,
            heads: Vec::new(),
            redactor: args.redact.then(|| redactor(global)).transpose()?,
        });
        let Some(report) = report else {
            worst = worst.max(code);
            continue;
        };
        let form = args.format.form(global);
        put((report.write(form), form), &report.incident, args.output.as_deref(), output)?;
        return Ok(code_of(report.exit_code()));
    }
    let why = format!("no record that verifies is of the drill {}", args.id);
    Err(match worst {
        12.. => {
            answer::Refusal { code: code_of(worst), why: why + ", and a log is damaged" }.into()
        }
        _ => answer::usage(format!("{why}; `halon drill list` names those that are there")),
    })
}

/// Knows the names of accounts: of the configuration, and of every scenario.
fn redactor(global: &Global) -> anyhow::Result<Redactor> {
    let config = context::config(global).map_err(answer::usage)?;
    let mut names: Vec<String> = config.accounts.iter().map(|a| a.alias.clone()).collect();
    names.extend(config.accounts.iter().filter_map(|account| account.profile.clone()));
    names.extend(range::aliases(context::config_dir().as_deref()));
    Ok(Redactor::new(names))
}
