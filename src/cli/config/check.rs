//! `halon config check`.

use super::Config;
use crate::{
    cli::{
        Output,
        answer::{self, Code},
        args::Global,
        context,
    },
    domain::untrusted::display,
};

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let Some(path) = context::config_path(global) else {
        return Err(answer::usage("there is no home folder; name the file with --config"));
    };
    let shown = display(&path.to_string_lossy());
    if !path.exists() {
        writeln!(output.err, "halon: {shown} is not there; every setting has its default")?;
        return Ok(Code::Done);
    }
    match Config::load(&path, true) {
        Ok(config) => {
            writeln!(output.out, "{shown}: good, {} accounts", config.accounts.len())?;
            Ok(Code::Done)
        }
        Err(broken) => Err(answer::usage(broken)),
    }
}
