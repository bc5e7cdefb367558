//! How something stands out.

use serde::Serialize;

/// How a row stands out: never without the word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Plain,
    /// Somebody decided.
    Act,
    Good,
    /// Something is open, or was left out.
    Caution,
    Trouble,
    /// Somebody marked it as evidence.
    Marked,
}

impl Tone {
    /// Stands before the word, for those who do not see colours.
    pub fn sign(self) -> &'static str {
        match self {
            Tone::Plain => "·",
            Tone::Act => "▸",
            Tone::Good => "✓",
            Tone::Caution => "!",
            Tone::Trouble => "✗",
            Tone::Marked => "◆",
        }
    }

    /// Whether it is not to be overlooked.
    pub fn is_loud(self) -> bool {
        matches!(self, Tone::Caution | Tone::Trouble)
    }
}
