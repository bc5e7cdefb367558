//! What the console is drawn with: the operator's themes, and what the terminal can show.

use std::{env, fs, path::Path};

use crate::{
    domain::{
        document::{self, Broken, suggest},
        untrusted::display_in,
    },
    theme::{Borders, DEFAULT, Depth, Look, Shelf, Source},
};

/// What is asked for; what is not is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub theme: Option<String>,
    pub borders: Option<Borders>,
    pub depth: Option<Depth>,
}

/// What to draw with, and the theme files that cannot be read, the one that was asked for
/// first: the shipped theme of its name, or the default, is shown instead.
pub fn look(wanted: &Wanted, config_dir: Option<&Path>) -> (Look, Vec<Broken>) {
    let (own, mut broken) = config_dir.map_or_else(Default::default, |d| own(&d.join("themes")));
    let shelf = Shelf::shipped().with(own);
    let (themes, more) = shelf.read();
    broken.extend(more);
    let name = wanted.theme.as_deref().unwrap_or(DEFAULT);
    let file = format!("{name}.toml");
    broken.sort_by_key(|b| !Path::new(&b.file).ends_with(&file));
    let variable = |name: &str| env::var(name).ok();
    let depth = wanted.depth.unwrap_or_else(|| Depth::detected(variable));
    let borders = wanted.borders.unwrap_or_else(|| Borders::detected(variable));
    (Look::new(themes, name, depth, borders), broken)
}

/// What is wrong with the name of a theme that was asked for, where there is none of it.
pub fn unknown(name: &str, config_dir: Option<&Path>) -> Option<String> {
    let own = config_dir.map(|d| own(&d.join("themes")).0).unwrap_or_default();
    let shelf = Shelf::shipped().with(own);
    let names = shelf.names();
    // A file that cannot be read is told of by itself.
    let there = config_dir.is_some_and(|d| d.join("themes").join(format!("{name}.toml")).exists());
    if names.contains(&name) || there {
        return None;
    }
    let hint = suggest(name, names.iter().copied());
    let end = if hint.is_empty() { "." } else { hint.as_str() };
    let shown = display_in(name, 40);
    Some(format!("no theme is named `{shown}`{end} There are: {}", names.join(", ")))
}

/// The operator's theme files, and those that could not be read.
fn own(folder: &Path) -> (Vec<Source>, Vec<Broken>) {
    let (mut sources, mut broken) = (Vec::new(), Vec::new());
    let files = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return (sources, broken),
        Err(e) => return (sources, vec![Broken::unreadable(&folder.to_string_lossy(), &e)]),
    };
    let mut files: Vec<_> = files.filter(|f| f.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    for path in files {
        let file = path.to_string_lossy().into_owned();
        match text(&path) {
            Ok(text) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                sources.push(Source { name, file, text });
            }
            Err(e) => broken.push(Broken::unreadable(&file, &e)),
        }
    }
    (sources, broken)
}

/// A file's text, as long as it is a file of a sane size.
fn text(path: &Path) -> std::io::Result<String> {
    let about = fs::metadata(path)?;
    if !about.is_file() || about.len() > document::MAX_BYTES as u64 {
        return Err(std::io::Error::other("this is no file, or too large for a theme"));
    }
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_theme_is_told_once_and_the_default_is_shown() {
        let home = tempfile::tempdir().expect("a folder");
        let themes = home.path().join("themes");
        fs::create_dir(&themes).expect("made");
        fs::write(themes.join("mine.toml"), "[roles]\nkey = \"gren\"\nkeys = \"red\"\n")
            .expect("written");
        fs::write(themes.join("good.toml"), "inherits = \"light\"\n").expect("written");
        let wanted = |name: &str| Wanted {
            theme: Some(name.to_owned()),
            borders: Some(Borders::Unicode),
            depth: Some(Depth::True),
        };
        let (shown, broken) = look(&wanted("mine"), Some(home.path()));
        assert_eq!((shown.theme().name.as_str(), broken.len()), ("dark", 1));
        let said = broken[0].to_string();
        assert!(said.contains("mine.toml:2:7: `gren` is no colour"), "{said}");
        assert!(said.contains("did you mean `green`?"), "{said}");
        assert!(said.contains("mine.toml:3:1: no such role; did you mean `key`?"), "{said}");

        fs::remove_file(themes.join("mine.toml")).expect("gone");
        let (shown, broken) = look(&wanted("good"), Some(home.path()));
        assert_eq!((shown.theme().name.as_str(), broken.len()), ("good", 0));
        let (shown, broken) = look(&wanted("lihgt"), Some(home.path()));
        assert_eq!((shown.theme().name.as_str(), broken.len()), ("dark", 0));
        let why = unknown("lihgt", Some(home.path())).expect("told");
        assert!(why.contains("did you mean `light`?") && why.contains("good"), "{why}");
        assert_eq!(unknown("good", Some(home.path())), None);
    }
}
