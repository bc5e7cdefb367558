//! How many colours a terminal has, and what becomes of a theme's there.

use ratatui::style::{Color, Modifier, Style};

use super::{
    Theme,
    colour::{Rgb, SIXTEEN, contrast, distance},
};

/// How many colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    #[default]
    True,
    Ansi256,
    Ansi16,
    Mono,
}

/// What xterm makes of the sixteen, in their order; other terminals are not far from it.
const XTERM: [Rgb; 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The steps of the 256 colours' cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Less contrast than this is taken for an accident of the reduction.
const LEAST_CONTRAST: f64 = 3.0;

impl Depth {
    /// From the environment, by the habits there are: `NO_COLOR` (no-color.org: set, and not
    /// empty), `COLORTERM` and `TERM`.
    pub fn detected(variable: impl Fn(&str) -> Option<String>) -> Depth {
        let value = |name| variable(name).unwrap_or_default();
        let (term, colorterm) = (value("TERM"), value("COLORTERM"));
        let is_true = ["direct", "kitty", "alacritty", "wezterm", "ghostty", "foot"];
        if !value("NO_COLOR").is_empty() || term == "dumb" {
            Depth::Mono
        } else if ["truecolor", "24bit"].contains(&colorterm.as_str())
            || is_true.iter().any(|name| term.contains(name))
        {
            Depth::True
        } else if term.contains("256color") {
            Depth::Ansi256
        } else {
            Depth::Ansi16
        }
    }

    /// `auto` is none of them.
    pub fn named(name: &str) -> Option<Depth> {
        match name {
            "truecolor" => Some(Depth::True),
            "256" => Some(Depth::Ansi256),
            "16" => Some(Depth::Ansi16),
            "none" => Some(Depth::Mono),
            _ => None,
        }
    }

    /// The nearest colour that there is; none where there are none.
    pub fn reduce(self, colour: Color) -> Option<Color> {
        match (self, colour) {
            (Depth::Mono, _) => None,
            (Depth::Ansi256, Color::Rgb(r, g, b)) => Some(Color::Indexed(of_256((r, g, b)))),
            (Depth::Ansi16, Color::Rgb(r, g, b)) => Some(SIXTEEN[of_16((r, g, b))].1),
            (_, other) => Some(other),
        }
    }

    /// A theme in the colours that there are. Where two exact colours come too close to each
    /// other, black or white is written instead.
    pub(super) fn reduced(self, theme: &Theme) -> Theme {
        let screen = theme.screen;
        theme.map(|style| {
            let fg = style.fg.and_then(|c| self.reduce(c));
            let bg = style.bg.and_then(|c| self.reduce(c));
            let mut new = Style { fg, bg, ..style };
            if self == Depth::Mono && style.bg.is_some() {
                new = new.add_modifier(Modifier::REVERSED);
            }
            let behind = bg.or(screen.bg.and_then(|c| self.reduce(c)));
            let exact = matches!(style.fg, Some(Color::Rgb(..)));
            if let (true, Some(fg), Some(bg)) = (exact, fg.and_then(rgb), behind.and_then(rgb))
                && contrast(fg, bg) < LEAST_CONTRAST
            {
                let black = contrast((0, 0, 0), bg) > contrast((255, 255, 255), bg);
                new.fg = Some(if black { Color::Black } else { Color::White });
            }
            new
        })
    }
}

/// Red, green and blue of a colour, as xterm shows it.
pub(super) fn rgb(colour: Color) -> Option<Rgb> {
    match colour {
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(n @ 0..16) => Some(XTERM[usize::from(n)]),
        Color::Indexed(n @ 16..232) => {
            let n = usize::from(n) - 16;
            Some((STEPS[n / 36], STEPS[n / 6 % 6], STEPS[n % 6]))
        }
        Color::Indexed(n) => Some(grey(n - 232)),
        named => SIXTEEN.iter().position(|(_, c)| *c == named).map(|at| XTERM[at]),
    }
}

fn grey(step: u8) -> Rgb {
    let v = 8 + 10 * step;
    (v, v, v)
}

/// The nearest of the cube and the greys; the first sixteen are the terminal's own.
fn of_256(colour: Rgb) -> u8 {
    let near = |n: &u8| rgb(Color::Indexed(*n)).map(|c| distance(c, colour));
    (16..=255).min_by_key(near).unwrap_or(16)
}

fn of_16(colour: Rgb) -> usize {
    (0..XTERM.len()).min_by_key(|at| distance(XTERM[*at], colour)).unwrap_or(0)
}
