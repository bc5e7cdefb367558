//! `halon iam`: who is in an account, what they hold and what they can do.

mod can;
mod inspect;
mod key;
mod list;
mod narrow;
pub mod principal;
mod print;
mod proposal;
mod report;
mod root;
mod scan;
pub mod source;
mod who_can;

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
    /// Propose narrower policies for a role, from what was seen of its use
    ///
    /// From the events kept on this machine (`halon trail` keeps more) and, where signed in, from
    /// IAM's services last accessed. Nothing is changed. What was not seen is not what is not
    /// needed: the answer says what it rests on, and exit code 5 that this has holes.
    Narrow(narrow::NarrowArgs),
    /// Say what is wrong with everybody's policies, and what to do about it
    ///
    /// Users, groups and roles with all that they hold: wildcards, administrators, ways to
    /// more permissions, data and credentials, trust; where the organization is to be seen,
    /// its policies' exemptions too. Nothing is sent where a file is named.
    Scan(scan::ScanArgs),
    /// Judge calls before they are made: allowed, denied by what, or unknown
    ///
    /// By every policy that applies to the role, the organization's too where it can be seen.
    /// Exit code 1 where a call would be denied, 5 where one is unknown and none denied.
    Can(can::CanArgs),
    /// List the users and roles that may do something, or perhaps may
    WhoCan(who_can::WhoCanArgs),
    /// Show whose an access key is, whether it is active, and when it was used last
    Key(key::KeyArgs),
    /// Show how an account's root user can sign in, and everybody's credentials
    Root,
}

pub fn run(global: &Global, command: IamCommand, output: &mut Output<'_>) -> anyhow::Result<Code> {
    match command {
        IamCommand::List(args) => list::run(global, &args, output),
        IamCommand::Role(args) => inspect::run(global, inspect::Kind::Role, &args, output),
        IamCommand::User(args) => inspect::run(global, inspect::Kind::User, &args, output),
        IamCommand::Narrow(args) => narrow::run(global, &args, output),
        IamCommand::Scan(args) => scan::run(global, &args, output),
        IamCommand::Can(args) => can::run(global, &args, output),
        IamCommand::WhoCan(args) => who_can::run(global, &args, output),
        IamCommand::Key(args) => key::run(global, &args, output),
        IamCommand::Root => root::run(global, output),
    }
}
