//! `halon completions`: what a shell completes, with the values that there are now: playbooks,
//! scenarios, profiles, regions. Made anew after something was added.

use clap::{Args as ClapArgs, Command, CommandFactory, builder::PossibleValuesParser};
use clap_complete::Shell;
use serde_json::json;

use super::{
    Output,
    answer::{Code, Document, write_json},
    args::{Args, Global},
    context, keymaps, playbook, range,
};
use crate::{
    domain::{Region, untrusted::display},
    input::SHIPPED,
    runtime,
    theme::shipped_names,
};

#[derive(Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

pub fn run(
    global: &Global,
    args: &CompletionsArgs,
    output: &mut Output<'_>,
) -> anyhow::Result<Code> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut with_values(Args::command()), "halon", &mut script);
    if global.json {
        let script = String::from_utf8_lossy(&script);
        let items = [json!({"shell": args.shell.to_string(), "script": script})];
        let document = Document::new("halon.completions/1", runtime::wall_clock(), &[], &items);
        write_json(output, &document)?;
    } else {
        output.out.write_all(&script)?;
    }
    Ok(Code::Done)
}

/// The command line with the values that are known only here and now.
fn with_values(command: Command) -> Command {
    let config = context::config_dir();
    let scenarios: Vec<String> =
        range::texts(config.as_deref()).into_iter().map(|(id, ..)| id).collect();
    let playbooks: Vec<String> = playbook::all().into_iter().map(|l| l.id).collect();
    let profiles = runtime::aws_profiles().into_iter().map(|profile| profile.name);
    let regions = Region::enabled_by_default().into_iter().map(|r| r.to_string());
    let keymaps = SHIPPED.iter().map(|(name, _)| (*name).to_owned());
    let own = config.map(|c| keymaps::names(&c.join("keymaps"))).unwrap_or_default();
    let themes = shipped_names().map(ToOwned::to_owned);
    let named = |command: Command, path: &[&str], arg: &str, values: &[String]| {
        at(command, path, &|c| c.mut_arg(arg, |a| a.value_parser(plain(values.to_vec()))))
    };
    let mut command = command
        .mut_arg("profile", |a| a.value_parser(plain(profiles.collect())))
        .mut_arg("region", |a| a.value_parser(plain(regions.chain(["all".into()]).collect())))
        .mut_arg("range", |a| a.value_parser(plain(scenarios.clone())));
    for verb in ["show", "plan", "run"] {
        command = named(command, &["playbook", verb], "name", &playbooks);
    }
    command = named(command, &["drill", "run"], "name", &scenarios);
    command = named(command, &["range", "reset"], "scenario", &scenarios);
    command = named(command, &["range", "serve"], "scenario", &scenarios);
    command = named(command, &["keys"], "keymap", &keymaps.chain(own).collect::<Vec<_>>());
    named(command, &["screenshot"], "theme", &themes)
}

/// Changes the subcommand at the end of `path`.
fn at(command: Command, path: &[&str], change: &dyn Fn(Command) -> Command) -> Command {
    match path {
        [] => change(command),
        [name, rest @ ..] => command.mut_subcommand(*name, |c| at(c, rest, change)),
    }
}

/// Values that a shell is given: a name that would have to be quoted there is left out.
fn plain(mut values: Vec<String>) -> PossibleValuesParser {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+".contains(c);
    values.retain(|v| !v.is_empty() && v.chars().all(is_plain) && display(v) == *v);
    values.dedup();
    PossibleValuesParser::new(values)
}
