//! What the screen is drawn with: a theme, in the colours and signs that the terminal has.

use std::sync::Arc;

use ratatui::style::{Color, Style};

use super::{Borders, Colour, DEFAULT, Depth, Shelf, Theme, colour::contrast, depth::rgb};

/// The theme without colour.
const MONO: &str = "mono";

#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// What can be shown here, as it was read.
    themes: Arc<[Theme]>,
    at: usize,
    /// The one that is shown, in the colours that there are.
    shown: Theme,
    pub depth: Depth,
    pub borders: Borders,
}

impl Look {
    /// Shows the theme of this name, or the default. Where there are no colours, only themes
    /// without any are shown.
    pub fn new(mut themes: Vec<Theme>, name: &str, depth: Depth, borders: Borders) -> Look {
        let mut fallback = DEFAULT;
        if depth == Depth::Mono {
            themes.retain(Theme::is_plain);
            fallback = MONO;
        }
        if themes.is_empty() {
            themes.push(Theme::default());
        }
        let of = |name: &str| themes.iter().position(|t| t.name == name);
        let at = of(name).or_else(|| of(fallback)).unwrap_or(0);
        Look { shown: depth.reduced(&themes[at]), themes: themes.into(), at, depth, borders }
    }

    /// A shipped theme, in every colour.
    pub fn shipped(name: &str) -> Look {
        Look::new(Shelf::shipped().read().0, name, Depth::True, Borders::Unicode)
    }

    pub fn theme(&self) -> &Theme {
        &self.shown
    }

    /// The names of the themes that can be shown here, the one that is shown first.
    pub fn names(&self) -> Vec<String> {
        let (before, after) = self.themes.split_at(self.at);
        after.iter().chain(before).map(|theme| theme.name.clone()).collect()
    }

    /// The same terminal with the theme of this name, where there is one.
    pub fn with(&self, name: &str) -> Option<Look> {
        let at = self.themes.iter().position(|theme| theme.name == name)?;
        Some(Look { at, shown: self.depth.reduced(&self.themes[at]), ..self.clone() })
    }

    /// The same terminal with the theme that follows; `None` where there is no other.
    pub fn next(&self) -> Option<Look> {
        let at = (self.at + 1) % self.themes.len();
        let shown = self.depth.reduced(&self.themes[at]);
        (at != self.at).then(|| Look { at, shown, ..self.clone() })
    }

    /// Text on a colour that the operator chose, black or white, as it reads better; as it is
    /// where there are no colours.
    pub fn on(&self, colour: Colour) -> Style {
        let Some(bg) = self.depth.reduce(colour.0) else { return Style::new() };
        let black =
            rgb(bg).is_none_or(|bg| contrast((0, 0, 0), bg) > contrast((255, 255, 255), bg));
        Style::new().fg(if black { Color::Black } else { Color::White }).bg(bg)
    }

    /// Text in a colour that the operator chose, as near as there is.
    pub fn ink(&self, colour: Colour) -> Style {
        Style { fg: self.depth.reduce(colour.0), ..Style::new() }
    }
}

impl Default for Look {
    fn default() -> Self {
        Look::shipped(DEFAULT)
    }
}
