//! `halon iam`: who is in an account, what they hold and what they can do.

mod inspect;
mod list;
mod print;
mod root;
pub mod source;

pub use print::document;

use clap::Subcommand;

use super::{Output, answer::Code, args::Global};

#[derive(Debug, Subcommand)]
pub enum IamCommand {
    /// List every user, group and role, and how many policies each holds
    List(source::SourceArgs),
    /// Show one role completely: trust, policies, boundary, tags, last use, sessions seen
    ///
    /// Sessions are those of the events kept on this machine: `halon trail` keeps more.
    Role(inspect::InspectArgs),
    /// Show one user completely: groups, policies, boundary, keys, MFA, password
    User(inspect::InspectArgs),
    /// Show how an account's root user can sign in, and everybody's credentials
    Root,
}

pub fn run(global: &Global, command: IamCommand, output: &mut Output<'_>) -> anyhow::Result<Code> {
    match command {
        IamCommand::List(args) => list::run(global, &args, output),
        IamCommand::Role(args) => inspect::run(global, inspect::Kind::Role, &args, output),
        IamCommand::User(args) => inspect::run(global, inspect::Kind::User, &args, output),
        IamCommand::Root => root::run(global, output),
    }
}
