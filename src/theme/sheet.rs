//! A theme file: `inherits`, `contrast`, `[palette]` and `[roles]`.

use std::{collections::BTreeMap, str::FromStr};

use ratatui::style::{Modifier, Style};

use super::{
    Colour, ROLES, Theme,
    colour::{self, SIXTEEN},
};
use crate::domain::{
    document::{Placed, Table, suggest},
    untrusted::display_in,
};

/// What a file says, laid over what it inherits. Colours are names until the end, so that
/// whoever inherits can give another one to a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    palette: BTreeMap<String, Colour>,
    roles: BTreeMap<&'static str, Wording>,
    /// The least contrast ratio between text and what is behind it.
    contrast: Option<f64>,
}

/// A role as it is written: `white on red bold`.
#[derive(Clone, Debug, Default)]
struct Wording {
    fg: Option<String>,
    bg: Option<String>,
    modifiers: Modifier,
}

const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// Words of the roles' language that are no colour and no modifier.
const ON: &str = "on";
const PLAIN: &str = "plain";

impl Sheet {
    /// Takes in what the file says over what it inherits; mistakes are told in place.
    pub(super) fn read(&mut self, root: &Table<'_>) {
        if let Some(least) = root.number("contrast") {
            if !(1.0..=21.0).contains(&least.value) {
                root.mistake(
                    &least,
                    "`contrast` is a ratio from 1 to 21; 4.5 is the least for text",
                );
            }
            self.contrast = Some(least.value);
        }
        if let Some(table) = root.table("palette") {
            for (name, text) in table.free_strings() {
                self.name(&table, &name, &text);
            }
        }
        let mut places = BTreeMap::new();
        if let Some(table) = root.table("roles") {
            for (name, text) in table.free_strings() {
                let Some((role, _)) = ROLES.iter().find(|(role, _)| *role == name.value) else {
                    let hint = suggest(name.value, ROLES.iter().map(|(role, _)| *role));
                    table.mistake(&name, format!("no such role{hint}"));
                    continue;
                };
                match self.wording(text.value) {
                    Ok(wording) => _ = self.roles.insert(*role, wording),
                    Err(why) => table.mistake(&text, why),
                }
                places.insert(*role, text);
            }
        }
        self.check_contrast(root, &places);
    }

    /// One line of the palette.
    fn name(&mut self, table: &Table<'_>, name: &Placed<&str>, text: &Placed<&str>) {
        let word = name.value;
        let taken = [ON, PLAIN].contains(&word) || MODIFIERS.iter().any(|(m, _)| *m == word);
        if taken {
            table.mistake(name, format!("`{word}` means something else in a role"));
        } else if word.is_empty() || word.contains(char::is_whitespace) || word.starts_with('#') {
            table.mistake(name, "a colour's name is a word without spaces, not beginning with #");
        }
        if let Some(colour) = table.parse::<Colour>("colour", text) {
            self.palette.insert(word.to_owned(), colour.value);
        }
    }

    fn wording(&self, text: &str) -> Result<Wording, String> {
        let mut wording = Wording::default();
        let mut behind = false;
        let mut words = 0;
        for word in text.split_whitespace() {
            words += 1;
            if word == ON && !behind && wording.bg.is_none() {
                behind = true;
            } else if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word)
                && !behind
            {
                wording.modifiers |= *modifier;
            } else if word == PLAIN && !behind {
            } else {
                self.colour(word)?;
                let place = if behind { &mut wording.bg } else { &mut wording.fg };
                if place.is_some() {
                    return Err("two colours for the same thing: write `red on white`".to_owned());
                }
                *place = Some(word.to_owned());
                behind = false;
            }
        }
        match (behind, words) {
            (true, _) => Err("`on` needs a colour after it".to_owned()),
            (_, 0) => Err("nothing is said: `plain` is a role without colour".to_owned()),
            _ => Ok(wording),
        }
    }

    /// A colour by its name here, among the sixteen, or by its digits.
    fn colour(&self, word: &str) -> Result<Colour, String> {
        if let Some(colour) = self.palette.get(word) {
            return Ok(*colour);
        }
        Colour::from_str(word).map_err(|why| {
            if word.starts_with('#') {
                return why;
            }
            let names = self.palette.keys().map(String::as_str);
            let names = names.chain(SIXTEEN.iter().map(|(name, _)| *name));
            let hint = suggest(word, names.chain(MODIFIERS.iter().map(|(name, _)| *name)));
            let shown = display_in(word, 40);
            format!("`{shown}` is no colour of the palette or the sixteen, and no style{hint}")
        })
    }

    /// Says of each role whether it keeps the contrast that the file states: where it is
    /// written, or at the top of a file that only inherits it.
    fn check_contrast(&self, root: &Table<'_>, places: &BTreeMap<&str, Placed<&str>>) {
        let Some(least) = self.contrast else { return };
        let theme = self.theme("");
        for (role, style) in theme.roles() {
            let Err(why) = keeps_contrast(&theme, style, least) else { continue };
            match places.get(role) {
                Some(place) => root.mistake(place, why),
                None => root.mistake_here(format!("role `{role}`: {why}")),
            }
        }
    }

    pub(super) fn theme(&self, name: &str) -> Theme {
        let mut theme = Theme { name: name.to_owned(), ..Theme::default() };
        let colour = |name: &Option<String>| Some(self.colour(name.as_ref()?).ok()?.0);
        for (role, place) in ROLES {
            let Some(wording) = self.roles.get(role) else { continue };
            *place(&mut theme) = Style {
                fg: colour(&wording.fg),
                bg: colour(&wording.bg),
                ..Style::new().add_modifier(wording.modifiers)
            };
        }
        theme
    }
}

/// Whether a role's text can be told from what is behind it: the screen's ground, and that
/// of the line under the cursor where it has its own.
fn keeps_contrast(theme: &Theme, style: Style, least: f64) -> Result<(), String> {
    const UNKNOWN: &str = "its contrast is unknown: `contrast` needs exact colours (#rrggbb), \
        of `screen` too, and `dim` in no role";
    let (screen, selected) = (theme.screen, theme.selected);
    let mut grounds = vec![style.bg.or(screen.bg)];
    if style.bg.is_none() && selected.bg.is_some() && selected.fg.is_none() {
        grounds.push(selected.bg);
    }
    let exact = |colour: Option<ratatui::style::Color>| match colour {
        Some(ratatui::style::Color::Rgb(r, g, b)) => Some((r, g, b)),
        _ => None,
    };
    for ground in grounds {
        let both = exact(style.fg.or(screen.fg)).zip(exact(ground));
        let both = both.filter(|_| !style.add_modifier.contains(Modifier::DIM));
        let Some((text, ground)) = both else { return Err(UNKNOWN.to_owned()) };
        let ratio = colour::contrast(text, ground);
        if ratio < least {
            let ratio = (ratio * 100.0).floor() / 100.0;
            return Err(format!(
                "the contrast is {ratio}, less than the {least} that this file states"
            ));
        }
    }
    Ok(())
}
