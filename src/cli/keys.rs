//! `halon keys`: what each key does, in the keymap that is used or in another; and the
//! check of a keymap file.

use std::{fmt::Write as _, fs, path::PathBuf};

use serde::Serialize;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::{
    Output,
    answer::{self, Code, Document, write_json},
    args::{Global, KeysArgs},
    config::Config,
    context, keymaps,
};
use crate::{
    domain::{
        document::{Broken, suggest},
        untrusted::display,
    },
    input::{Command, Keymap, SHIPPED, Scope},
    runtime::wall_clock,
};

#[derive(Serialize)]
struct Item {
    scope: &'static str,
    command: &'static str,
    keys: Vec<String>,
    help: &'static str,
}

pub fn run(global: &Global, args: &KeysArgs, output: &mut Output<'_>) -> anyhow::Result<Code> {
    if args.markdown {
        write!(output.out, "{}", markdown())?;
        return Ok(Code::Done);
    }
    if let Some(files) = &args.check {
        return check(global, files, output);
    }
    let keymap = keymap(global, args.keymap.as_deref())?;
    if global.json {
        let items = Scope::ALL.iter().flat_map(|scope| items(&keymap, *scope)).collect::<Vec<_>>();
        write_json(output, &Document::new("halon.keys/1", wall_clock(), &[], &items))?;
        return Ok(Code::Done);
    }
    for scope in Scope::ALL {
        let items = items(&keymap, scope);
        if items.is_empty() {
            continue;
        }
        writeln!(output.out, "[{}] {}", scope.name(), scope.about())?;
        let keys: Vec<String> = items.iter().map(|item| item.keys.join("  ")).collect();
        let width = keys.iter().map(|keys| keys.width()).max().unwrap_or(0);
        for (item, keys) in items.iter().zip(keys) {
            let space = " ".repeat(width - keys.width());
            writeln!(output.out, "  {keys}{space}  {:<16} {}", item.command, item.help)?;
        }
        writeln!(output.out)?;
    }
    Ok(Code::Done)
}

/// The keymap of that name, else the one that the configuration names.
fn keymap(global: &Global, name: Option<&str>) -> anyhow::Result<Keymap> {
    let folder = context::config_dir().map(|d| d.join("keymaps"));
    let mut config = match name {
        Some(_) => Config::default(),
        None => context::config(global).map_err(answer::usage)?,
    };
    if let Some(name) = name {
        let own = folder.as_deref().map(keymaps::names).unwrap_or_default();
        let shipped = SHIPPED.iter().map(|(name, _)| *name);
        let known: Vec<&str> = shipped.chain(own.iter().map(String::as_str)).collect();
        if !known.contains(&name) {
            let (name, hint) = (display(name), suggest(name, known.iter().copied()));
            let known = known.join(", ");
            return Err(answer::usage(format!(
                "no keymap is named `{name}`{hint}; there are: {known}"
            )));
        }
        config.screen.keymap = name.to_owned();
    }
    match keymaps::load(&config, folder.as_deref()) {
        (keymap, None) => Ok(keymap),
        (_, Some(broken)) => Err(answer::usage(broken)),
    }
}

/// What a scope binds itself, in the order of the table of commands.
fn items(keymap: &Keymap, scope: Scope) -> Vec<Item> {
    let item = |command: &Command| {
        let keys: Vec<String> =
            keymap.keys(&[scope], *command).iter().map(ToString::to_string).collect();
        let info = command.info();
        let item = Item { scope: scope.name(), command: info.name, keys, help: info.help };
        (!item.keys.is_empty()).then_some(item)
    };
    Command::ALL.iter().filter_map(item).collect()
}

fn check(global: &Global, files: &[PathBuf], output: &mut Output<'_>) -> anyhow::Result<Code> {
    let own = if files.is_empty() { own_files()? } else { files.to_vec() };
    if own.is_empty() {
        writeln!(output.err, "halon: there are no keymaps of your own; the shipped ones are used")?;
    }
    let (mut broken, mut checked) = (Vec::new(), Vec::new());
    for path in own {
        let shown = display(&path.to_string_lossy());
        let mistakes = match keymaps::own(&path) {
            Ok(Some(_)) => Vec::new(),
            Ok(None) => vec![format!("{shown}: there is no such file")],
            Err(mistakes) => mistakes.to_string().lines().map(ToOwned::to_owned).collect(),
        };
        if mistakes.is_empty() && !global.json {
            writeln!(output.out, "{shown}: good")?;
        }
        let valid = mistakes.is_empty();
        checked.push(json!({"file": shown, "valid": valid, "mistakes": mistakes}));
        broken.extend(mistakes);
    }
    if global.json {
        write_json(output, &Document::new("halon.keys-check/1", wall_clock(), &[], &checked))?;
        return Ok(if broken.is_empty() { Code::Done } else { Code::Usage });
    }
    if broken.is_empty() { Ok(Code::Done) } else { Err(answer::usage(broken.join("\n"))) }
}

/// The keymaps in the configuration folder, by name.
fn own_files() -> anyhow::Result<Vec<PathBuf>> {
    let Some(folder) = context::config_dir().map(|d| d.join("keymaps")) else {
        return Ok(Vec::new());
    };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(answer::usage(Broken::unreadable(&folder.to_string_lossy(), &e))),
    };
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    files.sort();
    Ok(files)
}

/// `docs/KEYS.md`: every shipped keymap beside the others.
pub fn markdown() -> String {
    let keymaps: Vec<(&str, Keymap)> =
        SHIPPED.iter().filter_map(|(name, _)| Some((*name, Keymap::of(name)?))).collect();
    let mut out = "# Keys\n\nMade from the program itself; `cargo test` keeps it true. \
        `halon keys` shows the keymap in use.\n\n\
        Keys that stand with a space between them are pressed one after the other; halon shows what\n\
        may follow. A key is looked up where you are first, and then among those that work \
        everywhere.\n\n\
        A keymap of your own is a file `keymaps/NAME.toml` in halon's configuration folder, with\n\
        `keymap = \"NAME\"` under `[screen]` in `halon.toml`. It lies over the shipped one of that \
        name, or\nover the default: only what it names changes, and `\"none\"` takes a key away.\n\n\
        ```toml\n[global]\n\"f2\" = \"playbooks\"\n\"g x\" = \"calls\"\n\n[findings]\n\
        \"p\" = \"none\"\n```\n\n`halon keys --check` names every mistake in such files with line \
        and column.\n"
        .to_owned();
    for scope in Scope::ALL {
        let _ = write!(out, "\n## [{}] {}\n\n| command |", scope.name(), scope.about());
        for (name, _) in &keymaps {
            let _ = write!(out, " {name} |");
        }
        out += " what it does |\n|---|";
        out += &"---|".repeat(keymaps.len() + 1);
        out += "\n";
        for command in Command::ALL {
            let keys: Vec<String> =
                keymaps.iter().map(|(_, k)| code(&k.keys(&[scope], *command))).collect();
            if keys.iter().all(String::is_empty) {
                continue;
            }
            let info = command.info();
            let _ = writeln!(out, "| `{}` | {} | {} |", info.name, keys.join(" | "), info.help);
        }
    }
    out
}

fn code(keys: &[crate::input::Keys]) -> String {
    // A pipe would end the cell.
    let key = |keys: &crate::input::Keys| format!("`{}`", keys.to_string().replace('|', "\\|"));
    keys.iter().map(key).collect::<Vec<_>>().join(" ")
}
