//! What the console is drawn with: the operator's themes, and what the terminal can show.

use std::{env, fs, path::Path};

use crate::{
    domain::{
        Fault, FaultKind,
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

/// What to draw with, and what is wrong with a theme file: the default, or the shipped theme
/// of its name, is shown instead.
pub fn look(wanted: &Wanted, config_dir: Option<&Path>) -> (Look, Option<Fault>) {
    let (own, mut broken) = config_dir.map_or_else(Default::default, |d| own(&d.join("themes")));
    let shelf = Shelf::shipped().with(own);
    let (themes, more) = shelf.read();
    broken.extend(more);
    let name = wanted.theme.as_deref().unwrap_or(DEFAULT);
    // The theme that was asked for is told first.
    let file = format!("{name}.toml");
    broken.sort_by_key(|b| !Path::new(&b.file).ends_with(&file));
    let mut trouble = (!broken.is_empty()).then(|| {
        let lines: Vec<String> = broken.iter().map(|b| b.to_string().replace('\n', "; ")).collect();
        Fault::new(FaultKind::Local, lines.join("; "))
            .with_hint("another theme is used instead; F2 shows those that are good")
    });
    if !shelf.names().contains(&name) && trouble.is_none() {
        let hint = suggest(name, shelf.names());
        let what = format!("there is no theme `{}`{hint}", display_in(name, 40));
        let names = format!("there are: {}", shelf.names().join(", "));
        trouble = Some(Fault::new(FaultKind::Local, what).with_hint(names));
    }
    let variable = |name: &str| env::var(name).ok();
    let depth = wanted.depth.unwrap_or_else(|| Depth::detected(variable));
    let borders = wanted.borders.unwrap_or_else(|| Borders::detected(variable));
    (Look::new(themes, name, depth, borders), trouble)
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
        let (shown, trouble) = look(&wanted("mine"), Some(home.path()));
        assert_eq!(shown.theme().name, "dark");
        let said = trouble.expect("told").to_string();
        assert!(said.contains("mine.toml:2:7: `gren` is no colour"), "{said}");
        assert!(said.contains("did you mean `green`?"), "{said}");
        assert!(said.contains("mine.toml:3:1: no such role; did you mean `key`?"), "{said}");

        fs::remove_file(themes.join("mine.toml")).expect("gone");
        let (shown, trouble) = look(&wanted("good"), Some(home.path()));
        assert_eq!((shown.theme().name.as_str(), trouble), ("good", None));
        let (shown, trouble) = look(&wanted("lihgt"), Some(home.path()));
        assert_eq!(shown.theme().name, "dark");
        assert!(trouble.expect("told").to_string().contains("did you mean `light`?"));
    }
}
