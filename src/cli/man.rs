//! `halon man`: the manual pages, made from the arguments' own help.

use std::{fs, path::PathBuf};

use clap::{Args as ClapArgs, Command, CommandFactory};
use clap_mangen::Man;
use serde_json::json;

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::{Args, Global},
};
use crate::{domain::untrusted::display, runtime};

#[derive(Debug, ClapArgs)]
pub struct ManArgs {
    /// The page of this command, such as `playbook run`; without one halon's own
    #[arg(value_name = "COMMAND")]
    pub words: Vec<String>,
    /// Write every page into this folder, such as ~/.local/share/man/man1
    #[arg(long, value_name = "DIR", conflicts_with = "words")]
    pub output: Option<PathBuf>,
}

pub fn run(global: &Global, args: &ManArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let mut command = Args::command();
    command.build();
    if let Some(folder) = &args.output {
        let shown = display(&folder.to_string_lossy());
        fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(Args::command(), folder))
            .map_err(|e| answer::usage(format!("--output {shown}: {e}")))?;
        writeln!(output.err, "halon: the pages are in {shown}")?;
        return Ok(Code::Done);
    }
    let page = page(find(&command, &args.words)?)?;
    if global.json {
        let items = [json!({"command": args.words, "page": page})];
        write_json(output, &Document::new("halon.man/1", runtime::wall_clock(), &[], &items))?;
    } else {
        output.out.write_all(page.as_bytes())?;
    }
    Ok(Code::Done)
}

fn find<'c>(command: &'c Command, words: &[String]) -> anyhow::Result<&'c Command> {
    let mut found = command;
    for word in words {
        found = found.find_subcommand(word).ok_or_else(|| {
            let known: Vec<&str> = found.get_subcommands().map(Command::get_name).collect();
            let (word, known) = (display(word), known.join(", "));
            match known.is_empty() {
                true => answer::usage(format!("`{word}`: there is no command below this one")),
                false => answer::usage(format!("no command `{word}`; there are {known}")),
            }
        })?;
    }
    Ok(found)
}

fn page(command: &Command) -> anyhow::Result<String> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut page = Vec::new();
    Man::new(command.clone().name(name)).render(&mut page)?;
    Ok(String::from_utf8(page)?)
}
