//! `halon trail`: CloudTrail's events, looked up, read from files, followed.

mod import;
mod lookup;
mod sessions;
mod watch;

pub use lookup::ask;
pub use watch::{after_run, span};

use super::{
    Output,
    answer::Code,
    args::{Global, TrailArgs, TrailCommand},
};

pub fn run(global: &Global, args: &TrailArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    match &args.command {
        None => lookup::run(global, &args.filters, output),
        Some(TrailCommand::Import { paths }) => import::run(global, paths, output),
        Some(TrailCommand::Sessions(args)) => sessions::run(global, args, output),
        Some(TrailCommand::Watch(args)) => watch::run(global, args, output),
    }
}
