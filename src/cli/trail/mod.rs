//! `halon trail`: CloudTrail's events.

mod import;
mod sessions;

use super::{
    Output,
    answer::{self, Code},
    args::{Global, TrailArgs, TrailCommand},
};

pub fn run(global: &Global, args: TrailArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    match args.command {
        Some(TrailCommand::Import { paths }) => import::run(global, &paths, output),
        Some(TrailCommand::Sessions(args)) => sessions::run(global, &args, output),
        None => Err(answer::usage(
            "name a subcommand: `halon trail import PATH…`, `halon trail sessions`",
        )),
    }
}
