//! A colour as people write it, and how far apart two of them are.

use std::{fmt, str::FromStr};

use ratatui::style::Color;

use crate::domain::document::suggest;

/// One of the sixteen that the terminal's own theme defines, or an exact one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub(super) Color);

/// The sixteen, in the order of their numbers.
pub(super) const SIXTEEN: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("grey", Color::Gray),
    ("dark-grey", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

impl FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, colour)) = SIXTEEN.iter().find(|(name, _)| *name == text) {
            return Ok(Colour(*colour));
        }
        let Some(digits) = text.strip_prefix('#') else {
            let hint = suggest(text, SIXTEEN.iter().map(|(name, _)| *name));
            return Err(format!(
                "a colour is one of the sixteen (red, light-red …) or #rrggbb{hint}"
            ));
        };
        match u32::from_str_radix(digits, 16) {
            Ok(n) if digits.len() == 6 && digits.is_ascii() && !digits.starts_with('+') => {
                let [_, r, g, b] = n.to_be_bytes();
                Ok(Colour(Color::Rgb(r, g, b)))
            }
            _ => Err("an exact colour is # and six hexadecimal digits, such as #ffd33d".to_owned()),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, SIXTEEN.iter().find(|(_, c)| *c == self.0)) {
            (_, Some((name, _))) => f.write_str(name),
            (Color::Rgb(r, g, b), None) => write!(f, "#{r:02x}{g:02x}{b:02x}"),
            (other, None) => write!(f, "{other}"),
        }
    }
}

/// Red, green and blue, each from 0 to 255.
pub(super) type Rgb = (u8, u8, u8);

/// The contrast ratio of two colours, from 1 to 21 (WCAG 2.1, "contrast ratio").
pub(super) fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// How bright a colour is, from 0 to 1 (WCAG 2.1, "relative luminance").
fn luminance((r, g, b): Rgb) -> f64 {
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// The light that a value of sRGB stands for, from 0 to 1.
pub(super) fn linear(value: u8) -> f64 {
    let v = f64::from(value) / 255.0;
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// How different two colours look: the weighted distance of compuphase.com/cmetric.htm.
pub(super) fn distance(a: Rgb, b: Rgb) -> u32 {
    let red = (u32::from(a.0) + u32::from(b.0)) / 2;
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    ((512 + red) * square(a.0, b.0)) / 256
        + 4 * square(a.1, b.1)
        + ((767 - red) * square(a.2, b.2)) / 256
}
