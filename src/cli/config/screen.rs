//! `[screen]`: how the console looks, and how it is told what to do.

use crate::{
    domain::document::{Table, suggest},
    input,
    theme::{Borders, Depth},
};

/// The words of the file; what they come to is decided where the screen is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// A shipped theme's name, or that of a file in `themes`; the usual one where not said.
    pub theme: Option<String>,
    /// Found out where not said.
    pub borders: Option<Borders>,
    /// How many there are; found out where not said.
    pub colours: Option<Depth>,
    /// A shipped keymap's name, or that of a file in `keymaps`.
    pub keymap: String,
    pub time: Time,
    /// Whether the mouse is halon's; the terminal's own selection then needs the shift key.
    pub mouse: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            theme: None,
            borders: None,
            colours: None,
            keymap: input::DEFAULT.to_owned(),
            time: Time::default(),
            mouse: true,
        }
    }
}

/// What times are shown in at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Time {
    #[default]
    Utc,
    Local,
}

pub const BORDERS: [(&str, Borders); 2] =
    [("unicode", Borders::Unicode), ("ascii", Borders::Ascii)];

pub const COLOURS: [(&str, Option<Depth>); 5] = [
    ("auto", None),
    ("truecolor", Some(Depth::True)),
    ("256", Some(Depth::Ansi256)),
    ("16", Some(Depth::Ansi16)),
    ("none", Some(Depth::Mono)),
];

impl Time {
    pub const NAMES: [(&str, Time); 2] = [("utc", Time::Utc), ("local", Time::Local)];
}

pub fn read(table: &Table<'_>, screen: &mut Screen) {
    if let Some(theme) = file_name(table, "theme") {
        screen.theme = Some(theme);
    }
    if let Some(keymap) = file_name(table, "keymap") {
        screen.keymap = keymap;
    }
    screen.borders = one_of(table, "borders", &BORDERS);
    screen.colours = one_of(table, "colours", &COLOURS).flatten();
    screen.time = one_of(table, "time", &Time::NAMES).unwrap_or_default();
    if let Some(mouse) = table.boolean("mouse") {
        screen.mouse = mouse.value;
    }
}

/// A word that names a file without its folder and ending. Whether there is one is found out
/// where it is read.
fn file_name(table: &Table<'_>, key: &'static str) -> Option<String> {
    let name = table.string(key)?;
    if !is_file_name(name.value) {
        let what = format!("`{key}` is a name of letters, digits, - and _, without a folder");
        table.mistake(&name, what);
        return None;
    }
    Some(name.value.to_owned())
}

pub fn is_file_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=64).contains(&name.len()) && name.chars().all(plain)
}

fn one_of<T: Copy>(table: &Table<'_>, key: &'static str, names: &[(&str, T)]) -> Option<T> {
    let word = table.string(key)?;
    let found = names.iter().find(|(name, _)| *name == word.value);
    if found.is_none() {
        let hint = suggest(word.value, names.iter().map(|(name, _)| *name));
        let quoted: Vec<String> = names.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        table.mistake(&word, format!("`{key}` is {}{hint}", quoted.join(" or ")));
    }
    found.map(|(_, value)| *value)
}

/// The word for a value, as the file has it.
pub fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}
