//! The program: arguments in, exit code out.

use std::{io, process::ExitCode};

use halon::cli::{Output, run};

fn main() -> ExitCode {
    halon::runtime::install_panic_hook();
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let mut output = Output { out: &mut out, err: &mut err };
    ExitCode::from(run(std::env::args_os(), &mut output))
}
