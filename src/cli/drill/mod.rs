//! `halon drill`: whether everything is ready for the emergency, and practising it.

mod account;
mod back;
mod collected;
mod evidence;
mod list;
mod logs;
mod prospect;
mod ready;
mod report;
mod run;
mod solve;
mod solved;
mod status;

use clap::Subcommand;

pub use prospect::{of as prospect_of, prospect};

use super::{Output, answer::Code, args::Global};

#[derive(Debug, Subcommand)]
pub enum DrillCommand {
    /// List the scenarios that can be practised, and the drills of this machine's logs
    List,
    /// Say of each playbook whether the break-glass role of each account could do its steps
    ///
    /// By the role's policies and boundary, and by what the organization puts above its account,
    /// as they are now. Exit code 0 where every playbook could be run everywhere, 1 where
    /// something stands in the way of one, 5 where it depends on what is not known.
    Ready(ready::ReadyArgs),
    /// A drill's report, with its evidence: a file for an auditor
    ///
    /// Ends with 12 or 13 where its log is not what was written or cannot be read; the report
    /// says so on top. `halon audit verify REPORT [LOG...]` checks it later.
    Report(report::ReportArgs),
    /// Say when break-glass was last validated, when it was last practised, and whether it is due
    ///
    /// Only drills that were ended and passed count, from logs that verify. Validation is a drill
    /// by a person in an account; whatever was scripted, or played in the range or at another
    /// endpoint, is practice. Exit code 1 where validation is overdue or nothing was ever
    /// validated; with --practice, where practice is.
    Status(status::StatusArgs),
    /// Practise a scenario in a world of its own
    ///
    /// With --solution the scenario's own moves are made by the engine that the console uses,
    /// everything is taken back, and the world is compared with how it began. A drill that was
    /// broken off goes on where it was. Exit code 0 where every objective was met and nothing
    /// is left, 1 where not.
    Run(run::RunArgs),
}

pub fn run(
    global: &Global,
    command: DrillCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    match command {
        DrillCommand::List => list::run(global, output),
        DrillCommand::Ready(args) => ready::run(global, &args, output),
        DrillCommand::Report(args) => report::run(global, &args, output),
        DrillCommand::Status(args) => status::run(global, &args, output),
        DrillCommand::Run(args) => run::run(global, &args, output),
    }
}
