//! The command line: one file for each subcommand. The doc comments of the
//! arguments are their help. No business rules: those are in the folders to the left.

mod act;
mod answer;
mod args;
mod audit;
mod completions;
mod config;
mod consent;
mod console;
mod context;
mod doctor;
mod drill;
mod files;
mod findings;
mod iam;
mod import;
mod keymaps;
mod keys;
mod loading;
mod look;
mod looking;
mod man;
mod org;
mod permissions;
mod playbook;
mod policy;
mod proof;
mod range;
pub mod reference;
mod report;
pub mod screenshot;
mod store;
mod text_file;
mod timeline;
mod trail;
mod undo;

use std::{
    ffi::OsString,
    io::{self, Write},
    path::Path,
};

use clap::Parser;

pub use answer::Code;
use args::{Args, Command, FindingsCommand};

/// Where a command's answer and its remarks go; a test captures both.
pub struct Output<'o> {
    /// The answer and nothing else.
    pub out: &'o mut dyn Write,
    /// Progress, warnings, hints.
    pub err: &'o mut dyn Write,
}

/// Runs a command line, program name first, and gives the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, output: &mut Output<'_>) -> u8 {
    run_under(Path::new(config::POLICY), args, output)
}

/// [`run`] on a machine whose policy file lies elsewhere: for tests. No flag and no variable
/// leads here.
pub fn run_under(
    policy: &Path,
    args: impl IntoIterator<Item = OsString>,
    output: &mut Output<'_>,
) -> u8 {
    let mut args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(e) => return usage(&e, output),
    };
    args.global.policy = config::SystemPolicy::load(policy);
    args.global.read_only |= args.global.policy.read_only;
    // The console shows it on the screen.
    if let (Some(_), Some(trouble)) = (&args.command, args.global.policy.trouble()) {
        let _ = writeln!(output.err, "halon: {trouble}");
    }
    let code = match dispatch(args, output) {
        Ok(code) => code,
        // A reader that has gone away (`halon … | head`) is no failure.
        Err(e)
            if e.downcast_ref::<io::Error>()
                .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) =>
        {
            Code::Done
        }
        Err(e) => {
            let code = e.downcast_ref::<answer::Refusal>().map_or(Code::Failed, |r| r.code);
            // Paths and other people's words may be in it; its lines stay lines.
            for line in format!("{e:#}").lines() {
                let _ = writeln!(output.err, "halon: {}", crate::domain::untrusted::display(line));
            }
            code
        }
    };
    code.number()
}

fn usage(error: &clap::Error, output: &mut Output<'_>) -> u8 {
    // Help and version are answers; anything else is a mistake in the call. The text
    // repeats what was typed, so it is sanitised line by line.
    let text: Vec<String> =
        error.render().to_string().lines().map(crate::domain::untrusted::display).collect();
    let (sink, code) = if error.use_stderr() {
        (&mut output.err, Code::Usage)
    } else {
        (&mut output.out, Code::Done)
    };
    let _ = writeln!(sink, "{}", text.join("\n"));
    code.number()
}

fn dispatch(args: Args, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let Args { global, command } = args;
    match command {
        None => console::run(&global, output),
        Some(Command::Findings(args)) => match args.command {
            None => findings::run(&global, &args.filters, output),
            Some(FindingsCommand::Import { paths }) => import::run(&global, &paths, output),
        },
        Some(Command::Trail(args)) => trail::run(&global, &args, output),
        Some(Command::Store { command }) => store::run(&global, command, output),
        Some(Command::Timeline(args)) => timeline::run(&global, args, output),
        Some(Command::Iam { command }) => iam::run(&global, command, output),
        Some(Command::Org { command }) => org::run(&global, command, output),
        Some(Command::Drill { command }) => drill::run(&global, command, output),
        Some(Command::Range { command }) => range::run(&global, command, output),
        Some(Command::Playbook { command }) => playbook::run(&global, command, output),
        Some(Command::Policy { command }) => policy::run(&command, output),
        Some(Command::Undo(args)) => undo::run(&global, &args, output),
        Some(Command::Doctor) => doctor::run(&global, output),
        Some(Command::Audit { command }) => audit::run(&global, command, output),
        Some(Command::Permissions(args)) => permissions::run(&global, &args, output),
        Some(Command::Keys(args)) => keys::run(&global, &args, output),
        Some(Command::Completions(args)) => completions::run(&global, &args, output),
        Some(Command::Man(args)) => man::run(&global, &args, output),
        Some(Command::Screenshot(args)) => screenshot::run(&global, &args, output),
        Some(Command::Config { command }) => config::run(&global, command, output),
    }
}
