//! `halon org`: the organization, and what stands above its accounts.

mod exempt;
pub mod file;
mod scps;
pub mod source;
mod tree;

use clap::Subcommand;

use super::{Output, answer::Code, args::Global};

#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    /// Show units and accounts as a tree, with the policies attached to each
    ///
    /// With --json also what each policy says: `halon drill ready --organization` reads that.
    Tree,
    /// Show every policy that stands above an account, root first, with its statements
    Scps(scps::ScpsArgs),
    /// Say of each statement above a role whether it is exempt, and what breaks if it is not
    ///
    /// The job of a break-glass role, a short list of calls that containment needs, is tried
    /// on every statement in the regions that are looked at. Exit code 0 where nothing stands
    /// in its way, 1 where something does, 5 where it depends on what is not known.
    Exempt(exempt::ExemptArgs),
}

pub fn run(global: &Global, command: OrgCommand, output: &mut Output<'_>) -> anyhow::Result<Code> {
    match command {
        OrgCommand::Tree => tree::run(global, output),
        OrgCommand::Scps(args) => scps::run(global, &args, output),
        OrgCommand::Exempt(args) => exempt::run(global, &args, output),
    }
}
