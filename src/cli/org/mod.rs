//! `halon org`: the organization, and what stands above its accounts.

mod scps;
pub mod source;
mod tree;

use clap::Subcommand;

use super::{Output, answer::Code, args::Global};

#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    /// Show units and accounts as a tree, with the policies attached to each
    Tree,
    /// Show every policy that stands above an account, root first, with its statements
    Scps(scps::ScpsArgs),
}

pub fn run(global: &Global, command: OrgCommand, output: &mut Output<'_>) -> anyhow::Result<Code> {
    match command {
        OrgCommand::Tree => tree::run(global, output),
        OrgCommand::Scps(args) => scps::run(global, &args, output),
    }
}
