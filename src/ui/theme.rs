//! Colours by role, never by widget. Severity and state always stand in words too.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::Band;

pub struct Theme {
    pub header: Style,
    /// Anything that says "this is a simulation".
    pub range: Style,
    pub mode: Style,
    /// Changes may be made.
    pub armed: Style,
    pub severity: [Style; 5],
    pub new: Style,
    pub selected: Style,
    /// What was looked for, in a text.
    pub found: Style,
    pub dim: Style,
    pub heading: Style,
    pub label: Style,
    pub key: Style,
    pub good: Style,
    pub warning: Style,
    pub trouble: Style,
}

impl Theme {
    pub fn of(mono: bool) -> Theme {
        if mono { Theme::mono() } else { Theme::sixteen() }
    }

    /// The sixteen colours that the operator's own terminal theme defines.
    fn sixteen() -> Theme {
        let fg = |c| Style::new().fg(c);
        Theme {
            header: Style::new().fg(Color::White).bg(Color::Blue),
            range: Style::new().fg(Color::Black).bg(Color::Magenta).add_modifier(Modifier::BOLD),
            mode: Style::new().fg(Color::Black).bg(Color::Green).add_modifier(Modifier::BOLD),
            armed: Style::new().fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD),
            severity: [
                fg(Color::DarkGray),
                fg(Color::Blue),
                fg(Color::Yellow),
                fg(Color::LightRed),
                Style::new().fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD),
            ],
            new: fg(Color::LightCyan).add_modifier(Modifier::BOLD),
            selected: Style::new().add_modifier(Modifier::REVERSED),
            found: fg(Color::LightYellow).add_modifier(Modifier::UNDERLINED),
            dim: fg(Color::DarkGray),
            heading: Style::new().add_modifier(Modifier::BOLD),
            label: fg(Color::Cyan),
            key: fg(Color::LightYellow),
            good: fg(Color::Green),
            warning: fg(Color::Yellow),
            trouble: Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD),
        }
    }

    fn mono() -> Theme {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Theme {
            header: reversed,
            range: reversed.add_modifier(Modifier::BOLD),
            mode: reversed.add_modifier(Modifier::BOLD),
            armed: reversed.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            severity: [plain, plain, plain, bold, bold],
            new: bold,
            selected: reversed,
            found: bold.add_modifier(Modifier::UNDERLINED),
            dim: plain.add_modifier(Modifier::DIM),
            heading: bold,
            label: plain,
            key: bold,
            good: plain,
            warning: bold,
            trouble: bold,
        }
    }

    pub fn band(&self, band: Band) -> Style {
        self.severity[band as usize]
    }
}
