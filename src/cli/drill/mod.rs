//! `halon drill`: whether everything is ready for the emergency, and practising it.

mod collected;
mod ready;

use clap::Subcommand;

use super::{Output, answer::Code, args::Global};

#[derive(Debug, Subcommand)]
pub enum DrillCommand {
    /// Say of each playbook whether the break-glass role of each account could do its steps
    ///
    /// By the role's policies and boundary, and by what the organization puts above its account,
    /// as they are now. Exit code 0 where every playbook could be run everywhere, 1 where
    /// something stands in the way of one, 5 where it depends on what is not known.
    Ready(ready::ReadyArgs),
}

pub fn run(
    global: &Global,
    command: DrillCommand,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    match command {
        DrillCommand::Ready(args) => ready::run(global, &args, output),
    }
}
