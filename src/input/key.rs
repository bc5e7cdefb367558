//! A key as halon names it, independent of the terminal library.

use std::{fmt, str::FromStr};

/// One key with its modifiers. A shifted letter is the upper-case character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Char(char),
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

const NAMED: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("shift-tab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("page-up", Code::PageUp),
    ("page-down", Code::PageDown),
    ("space", Code::Char(' ')),
];

impl Key {
    pub fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character typed without modifiers.
    pub fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    pub fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false }
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (mut rest, mut ctrl, mut alt) = (s, false, false);
        loop {
            if let Some(r) = rest.strip_prefix("ctrl-").filter(|r| !r.is_empty()) {
                (rest, ctrl) = (r, true);
            } else if let Some(r) = rest.strip_prefix("alt-").filter(|r| !r.is_empty()) {
                (rest, alt) = (r, true);
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() && c != ' ' => Some(Code::Char(c)),
            _ => {
                NAMED.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code).or_else(|| {
                    let n =
                        rest.strip_prefix('f')?.parse().ok().filter(|n| (1..=12).contains(n))?;
                    Some(Code::F(n))
                })
            }
        };
        code.map(|code| Key { code, ctrl, alt }).ok_or_else(|| {
            "not a key: use a character, or enter, esc, tab, up, page-down, f1, ctrl-x, alt-x"
                .to_owned()
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "f{n}"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Keys pressed one after the other; by name, with spaces between them. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// `None` where there is no key.
    pub(super) fn of(keys: &[Key]) -> Option<Self> {
        (!keys.is_empty()).then(|| Self(keys.to_vec()))
    }

    pub fn as_slice(&self) -> &[Key] {
        &self.0
    }
}

impl From<Key> for Keys {
    fn from(key: Key) -> Self {
        Self(vec![key])
    }
}

impl FromStr for Keys {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let keys: Vec<Key> = s.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self(keys))
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, key) in self.0.iter().enumerate() {
            let space = if i > 0 { " " } else { "" };
            write!(f, "{space}{key}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_one_after_the_other() {
        let keys: Keys = "g ctrl-x space".parse().expect("three keys");
        assert_eq!((keys.as_slice().len(), keys.to_string().as_str()), (3, "g ctrl-x space"));
        for bad in ["", " ", "g  g", "g ", "g wat"] {
            assert!(bad.parse::<Keys>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_round_trip() {
        for name in [
            "a",
            "G",
            "/",
            "?",
            "-",
            "ctrl-c",
            "alt-x",
            "ctrl-alt-d",
            "esc",
            "f12",
            "space",
            "shift-tab",
            "page-down",
        ] {
            assert_eq!(name.parse::<Key>().map(|k| k.to_string()).as_deref(), Ok(name));
        }
        for bad in ["", "ctrl-", "f13", "f0", "enterr", " ", "\u{1b}"] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }
}
