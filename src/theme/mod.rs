//! How things look, by role and never by widget: the themes, read from the files that people
//! write, cut down to the colours and signs that a terminal has. Severity and state always
//! stand in words too.
//!
//! Never contains a file or an environment variable: it is given texts and values.

mod borders;
mod colour;
mod depth;
mod look;
mod sheet;
mod shelf;

use ratatui::style::Style;

pub use borders::{Borders, ascii};
pub use colour::Colour;
pub use depth::Depth;
pub use look::Look;
pub use shelf::{DEFAULT, Shelf, Source, shipped_names};

use crate::domain::Band;

/// One theme: a style for each role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Theme {
    /// The file's name without `.toml`.
    pub name: String,
    /// Everything that no other role colours.
    pub screen: Style,
    pub header: Style,
    /// Anything that says "this is a simulation".
    pub range: Style,
    pub mode: Style,
    /// Changes may be made.
    pub armed: Style,
    /// An account that the operator's business runs in.
    pub production: Style,
    pub severity: [Style; 5],
    pub new: Style,
    pub selected: Style,
    pub dim: Style,
    pub heading: Style,
    pub label: Style,
    pub key: Style,
    pub good: Style,
    pub warning: Style,
    pub trouble: Style,
}

/// A role's name in theme files, and its place in a [`Theme`].
type Role = (&'static str, fn(&mut Theme) -> &mut Style);

/// Every role, once.
const ROLES: [Role; 20] = [
    ("screen", |t| &mut t.screen),
    ("header", |t| &mut t.header),
    ("range", |t| &mut t.range),
    ("mode", |t| &mut t.mode),
    ("armed", |t| &mut t.armed),
    ("production", |t| &mut t.production),
    ("informational", |t| &mut t.severity[Band::Informational as usize]),
    ("low", |t| &mut t.severity[Band::Low as usize]),
    ("medium", |t| &mut t.severity[Band::Medium as usize]),
    ("high", |t| &mut t.severity[Band::High as usize]),
    ("critical", |t| &mut t.severity[Band::Critical as usize]),
    ("new", |t| &mut t.new),
    ("selected", |t| &mut t.selected),
    ("dim", |t| &mut t.dim),
    ("heading", |t| &mut t.heading),
    ("label", |t| &mut t.label),
    ("key", |t| &mut t.key),
    ("good", |t| &mut t.good),
    ("warning", |t| &mut t.warning),
    ("trouble", |t| &mut t.trouble),
];

impl Theme {
    pub fn band(&self, band: Band) -> Style {
        self.severity[band as usize]
    }

    /// No role has a colour.
    pub fn is_plain(&self) -> bool {
        self.roles().all(|(_, style)| style.fg.is_none() && style.bg.is_none())
    }

    /// Every role with its style.
    pub fn roles(&self) -> impl Iterator<Item = (&'static str, Style)> {
        let mut copy = self.clone();
        ROLES.iter().map(move |(name, place)| (*name, *place(&mut copy)))
    }

    /// The same theme with each style made anew.
    fn map(&self, change: impl Fn(Style) -> Style) -> Theme {
        let mut theme = self.clone();
        for (_, place) in ROLES {
            let style = place(&mut theme);
            *style = change(*style);
        }
        theme
    }
}

/// A style's colour alone, for a bar: of what stands on a ground of its own, the ground's.
pub fn bar(style: Style) -> Style {
    Style { fg: style.bg.or(style.fg), ..Style::new() }
}

#[cfg(test)]
mod tests;
