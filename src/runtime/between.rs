//! The way to the operator's terminal, also from inside tmux and screen, which keep sequences
//! such as OSC 9 and OSC 52 to themselves unless they are wrapped.

use std::env;

use base64::{Engine, engine::general_purpose::STANDARD};

/// What stands between halon and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    Nothing,
    Tmux,
    Screen,
}

/// Bytes of one piece that GNU screen passes through; longer ones it drops.
const PIECE: usize = 76;

impl Between {
    /// By what tmux and screen set in the environment of their windows.
    pub fn here() -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|v| !v.is_empty());
        if set("TMUX") {
            Between::Tmux
        } else if set("STY") {
            Between::Screen
        } else {
            Between::Nothing
        }
    }

    /// What is written to have the terminal keep `text` in its clipboard (OSC 52; xterm,
    /// *Control Sequences*).
    pub fn clipboard(self, text: &str) -> String {
        let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
        match self {
            // Both ways: tmux takes the plain one where its `set-clipboard` is on, and lets the
            // wrapped one through where its `allow-passthrough` is.
            Between::Tmux => plain.clone() + &self.wrapped(&plain),
            Between::Nothing | Between::Screen => self.wrapped(&plain),
        }
    }

    /// A sequence as it comes through to the terminal.
    pub fn wrapped(self, plain: &str) -> String {
        match self {
            Between::Nothing => plain.to_owned(),
            Between::Tmux => format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
            Between::Screen => {
                let bytes = plain.as_bytes().chunks(PIECE);
                let pieces = bytes.map(|piece| String::from_utf8_lossy(piece).into_owned());
                pieces.map(|piece| format!("\x1bP{piece}\x1b\\")).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_base64_and_obeys_nobody() {
        let plain = Between::Nothing.clipboard("\u{1b}[2Jä");
        assert_eq!(plain, "\x1b]52;c;G1sySsOk\x07");
    }

    #[test]
    fn tmux_gets_it_plain_and_wrapped() {
        let sequence = Between::Tmux.clipboard("a");
        assert_eq!(sequence, "\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\");
    }

    #[test]
    fn screen_gets_it_in_pieces_that_are_whole_again() {
        let text = "x".repeat(500);
        let sequence = Between::Screen.clipboard(&text);
        let pieces: Vec<&str> = sequence.split("\x1b\\").filter(|p| !p.is_empty()).collect();
        assert!(pieces.len() > 5);
        let pieces = pieces.iter().map(|p| p.strip_prefix("\x1bP").expect("wrapped"));
        let whole: String = pieces.inspect(|p| assert!(p.len() <= PIECE)).collect();
        assert_eq!(whole, Between::Nothing.clipboard(&text));
    }
}
