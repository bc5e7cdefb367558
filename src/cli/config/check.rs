//! `halon config check`: every file that people write for halon, every mistake in it.

use std::{fmt, path::Path};

use serde::Serialize;

use super::{Config, SystemPolicy};
use crate::{
    cli::{
        Output,
        answer::{self, Code, Document, Refusal, write_json},
        args::Global,
        context, keymaps, loading, look,
    },
    domain::{document::Broken, untrusted::display},
    runtime,
};

/// One file, and what is wrong with it.
#[derive(Debug, Serialize)]
pub struct Checked {
    file: String,
    pub kind: &'static str,
    /// In a few words, where nothing is wrong.
    says: String,
    mistakes: Vec<Said>,
}

#[derive(Debug, Serialize)]
struct Said {
    line: usize,
    column: usize,
    what: String,
}

/// In a line: the file, and its first mistake.
impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mistakes[..] {
            [] => f.write_str(&self.file),
            [first, rest @ ..] => {
                write!(f, "{}:{}:{}: {}", self.file, first.line, first.column, first.what)?;
                if rest.is_empty() { Ok(()) } else { write!(f, " (and {} more)", rest.len()) }
            }
        }
    }
}

impl Checked {
    pub fn is_good(&self) -> bool {
        self.mistakes.is_empty()
    }

    fn of(kind: &'static str, file: &str, read: Result<String, Broken>) -> Self {
        let file = display(file);
        match read {
            Ok(says) => Self { file, kind, says, mistakes: Vec::new() },
            Err(broken) => {
                let said = |m: crate::domain::document::Mistake| Said {
                    line: m.line,
                    column: m.column,
                    what: m.what,
                };
                let mistakes = broken.mistakes.into_iter().map(said).collect();
                Self { file, kind, says: String::new(), mistakes }
            }
        }
    }
}

pub fn run(global: &Global, output: &mut Output<'_>) -> anyhow::Result<Code> {
    let Some(path) = context::config_path(global) else {
        return Err(answer::usage("there is no home folder; name the file with --config"));
    };
    let shown = display(&path.to_string_lossy());
    let there = path.exists() || global.config.is_some();
    let read = Config::load(&path, global.config.is_some());
    let mut checked = Vec::new();
    if there {
        let says = read.as_ref().map_err(Clone::clone);
        let says = says.map(|config| format!("good, {} accounts", config.accounts.len()));
        checked.push(Checked::of("configuration", &shown, says));
    } else {
        writeln!(output.err, "halon: {shown} is not there; every setting has its default")?;
    }
    checked.extend(policy(&global.policy));
    checked.extend(beside(context::config_dir().as_deref(), read.as_ref().ok()));
    if global.json {
        let document = Document::new("halon.config-check/1", runtime::wall_clock(), &[], &checked);
        write_json(output, &document)?;
    } else {
        for file in checked.iter().filter(|file| file.mistakes.is_empty()) {
            writeln!(output.out, "{}: {}", file.file, file.says)?;
        }
    }
    let lines: Vec<String> = checked
        .iter()
        .flat_map(|file| file.mistakes.iter().map(|m| (&file.file, m)))
        .map(|(file, m)| format!("{file}:{}:{}: {}", m.line, m.column, m.what))
        .collect();
    match lines.is_empty() {
        true => Ok(Code::Done),
        false => Err(Refusal { code: Code::Usage, why: lines.join("\n") }.into()),
    }
}

fn policy(policy: &SystemPolicy) -> Option<Checked> {
    let file = policy.file.as_ref()?;
    let says = policy.says();
    let says = if says.is_empty() { "bounds nothing".to_owned() } else { says.join("; ") };
    let read = policy.broken.clone().map_or(Ok(says), Err);
    Some(Checked::of("policy", file, read))
}

/// What lies beside halon.toml, and whether what that names is among it.
pub fn beside(folder: Option<&Path>, config: Option<&Config>) -> Vec<Checked> {
    let mut checked = Vec::new();
    let keymaps_folder = folder.map(|f| f.join("keymaps"));
    for name in keymaps_folder.as_deref().map(keymaps::names).unwrap_or_default() {
        let path = keymaps_folder.as_deref().unwrap_or(Path::new("")).join(format!("{name}.toml"));
        let read = keymaps::own(&path).map(|_| "good".to_owned());
        checked.push(Checked::of("keymap", &path.to_string_lossy(), read));
    }
    if let Some(config) = config
        && let (_, Some(broken)) = keymaps::load(config, keymaps_folder.as_deref())
        // A broken file was told of by itself.
        && broken.file == config.places.file
    {
        let file = broken.file.clone();
        checked.push(Checked::of("configuration", &file, Err(broken)));
    }
    if let Some(broken) = config.and_then(|config| loading::no_theme(config, folder)) {
        let file = broken.file.clone();
        checked.push(Checked::of("configuration", &file, Err(broken)));
    }
    let (_, broken) = look::look(&look::Wanted::default(), folder);
    let themes = folder.map(|f| f.join("themes"));
    for name in themes.as_deref().map(keymaps::names).unwrap_or_default() {
        let path = themes.as_deref().unwrap_or(Path::new("")).join(format!("{name}.toml"));
        let shown = path.to_string_lossy();
        let read =
            broken.iter().find(|b| Path::new(&b.file).ends_with(format!("themes/{name}.toml")));
        let read = read.cloned().map_or(Ok("good".to_owned()), Err);
        checked.push(Checked::of("theme", &shown, read));
    }
    let own = folder.map(|f| f.join("playbooks"));
    let playbooks = own.map(|folder| runtime::load_playbooks(Some(&folder))).unwrap_or_default();
    for playbook in playbooks {
        let read = playbook.playbook.as_ref().map(|_| "good".to_owned()).map_err(Clone::clone);
        if playbook.path.is_some() || read.is_err() {
            checked.push(Checked::of("playbook", &playbook.file, read));
        }
    }
    checked
}
