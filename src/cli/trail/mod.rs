//! `halon trail`: CloudTrail's events, looked up, read from files, followed.

mod import;
mod lookup;
mod sessions;

pub use lookup::ask;

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
    }
}
