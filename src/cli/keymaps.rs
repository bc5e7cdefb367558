//! The operator's keymap, by its name: the default, the shipped one of that name over it, and
//! the operator's own file of that name over both.

use std::{fs, path::Path};

use super::config::Config;
use crate::{
    domain::document::{Broken, suggest},
    input::{Keymap, SHIPPED},
};

/// The keymap that the configuration names, with `folder` for the operator's own. Where it is
/// not to be had, what is left of it, and why.
pub fn load(config: &Config, folder: Option<&Path>) -> (Keymap, Option<Broken>) {
    let name = config.screen.keymap.as_str();
    let shipped = Keymap::of(name);
    let own = folder.map(|f| f.join(format!("{name}.toml"))).map_or(Ok(None), |path| own(&path));
    match (shipped, own) {
        (shipped, Ok(Some(own))) => (shipped.unwrap_or_else(Keymap::shipped).with(own), None),
        (Some(shipped), Ok(None)) => (shipped, None),
        (None, Ok(None)) => (Keymap::shipped(), Some(unknown(config, folder))),
        (shipped, Err(broken)) => (shipped.unwrap_or_else(Keymap::shipped), Some(broken)),
    }
}

/// A keymap's file; one that is not there is none.
pub fn own(path: &Path) -> Result<Option<Keymap>, Broken> {
    let shown = path.to_string_lossy();
    match fs::read_to_string(path) {
        Ok(text) => Keymap::read(&shown, &text).map(Some),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Broken::unreadable(&shown, &e)),
    }
}

fn unknown(config: &Config, folder: Option<&Path>) -> Broken {
    let name = config.screen.keymap.as_str();
    let files = folder.map(names).unwrap_or_default();
    let known = SHIPPED.iter().map(|(name, _)| *name).chain(files.iter().map(String::as_str));
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let hint = suggest(name, known.iter().copied());
    let end = if hint.is_empty() { "." } else { hint.as_str() };
    let what = format!("no keymap is named `{name}`{end} There are: {}", known.join(", "));
    config.places.broken("screen.keymap", what)
}

/// The names of the files in a folder of keymaps or themes, without their endings.
pub fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            Some(name.strip_suffix(".toml")?.to_owned())
        })
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Command, DEFAULT, Keys, Meaning, Scope};

    #[test]
    fn one_lies_over_the_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let load = |name: &str| {
            let text = format!("\n[screen]\nkeymap = \"{name}\"\n");
            super::load(&Config::read("halon.toml", &text).expect("it reads"), Some(folder.path()))
        };
        let means = |keymap: &Keymap, keys: &str| {
            let keys = keys.parse::<Keys>().expect("keys");
            keymap.meaning(&[Scope::Findings, Scope::Global], keys.as_slice())
        };
        assert_eq!(load(DEFAULT), (Keymap::shipped(), None));
        assert_eq!(load("vim"), (Keymap::of("vim").expect("shipped"), None));
        // The file of a shipped one's name lies over it, not beside it.
        fs::write(folder.path().join("vim.toml"), "[global]\n\"f9\" = \"audit\"\n")
            .expect("written");
        fs::write(folder.path().join("mine.toml"), "[global]\n\"f8\" = \"iam\"\n")
            .expect("written");
        let (vim, none) = load("vim");
        assert_eq!((means(&vim, "f9"), none), (Meaning::Command(Command::Audit), None));
        let (mine, none) = load("mine");
        assert_eq!((means(&mine, "f8"), none), (Meaning::Command(Command::Iam), None));
        // What there is not is told with its place in halon.toml.
        let (left, why) = load("emcas");
        assert_eq!(left, Keymap::shipped());
        assert_eq!(
            why.expect("a reason").to_string(),
            "halon.toml:3:10: no keymap is named `emcas`; did you mean `emacs`? \
             There are: default, emacs, mine, vim"
        );
        // A broken file leaves the shipped one.
        fs::write(folder.path().join("vim.toml"), "[global]\n\"f9\" = \"adit\"\n")
            .expect("written");
        let (left, why) = load("vim");
        assert_eq!(left, Keymap::of("vim").expect("shipped"));
        assert!(why.is_some_and(|w| w.to_string().contains("vim.toml:2:8: no such command")));
    }
}
