//! Looking for words in a text that is on the screen.

use tui_input::Input;

use super::{Focus, Model, Overlay, Page, Pane};

/// A text that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPlace {
    /// One that lies over the screen.
    Over(Page),
    /// A plan, a run, or the detail of whatever is selected in a pane.
    In(Pane),
}

#[derive(Clone, Debug)]
pub struct Search {
    pub place: TextPlace,
    /// Found whatever the case of its letters is.
    pub text: String,
    /// The line of the text that was gone to.
    pub line: usize,
    /// While it is being typed.
    pub typing: Option<Typing>,
}

/// A search that is being typed, and what comes back if it is not made.
#[derive(Clone, Debug)]
pub struct Typing {
    pub input: Input,
    /// Lines that were scrolled down.
    pub scroll: usize,
    pub before: Option<Box<Search>>,
}

impl Search {
    /// Where the text is found in a line: places and lengths in characters.
    pub fn within(&self, line: &str) -> Vec<(usize, usize)> {
        let folded = |text: &str| -> Vec<char> { text.chars().map(fold).collect() };
        let (line, wanted) = (folded(line), folded(&self.text));
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut at = 0;
        while at + wanted.len() <= line.len() {
            if line[at..].starts_with(&wanted) {
                found.push((at, wanted.len()));
                at += wanted.len();
            } else {
                at += 1;
            }
        }
        found
    }
}

/// One character for one, so that places in a line stay what they are.
fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

impl Model {
    /// The text that has the focus, if one has.
    pub fn text_place(&self) -> Option<TextPlace> {
        match self.overlay_below() {
            Some(Overlay::Text(page, _)) => return Some(TextPlace::Over(*page)),
            Some(_) => return None,
            None => {}
        }
        let is_text = match self.pane {
            Pane::Plan | Pane::Run => true,
            Pane::Playbooks | Pane::Audit | Pane::Drill => false,
            Pane::Trail => {
                self.focus() == Focus::Detail
                    && self.trail.sight.tree.is_none()
                    && self.trail.current().is_some()
            }
            Pane::Findings | Pane::Iam | Pane::Organization => self.focus() == Focus::Detail,
        };
        is_text.then_some(TextPlace::In(self.pane))
    }

    /// Lines that the text with the focus is scrolled down.
    pub fn text_scroll(&self) -> usize {
        match (self.overlay_below(), self.pane) {
            (Some(Overlay::Text(_, scroll)), _) => *scroll,
            (_, Pane::Trail) => self.trail.sight.detail.scroll,
            (_, Pane::Iam) => self.iam.scroll,
            (_, Pane::Organization) => self.organization.scroll,
            (_, Pane::Findings) => self.detail.scroll,
            _ => self.scroll,
        }
    }

    pub fn text_scroll_mut(&mut self) -> &mut usize {
        match (&mut self.overlay, self.pane) {
            (Some(Overlay::Text(_, scroll)), _) => scroll,
            (_, Pane::Trail) => &mut self.trail.sight.detail.scroll,
            (_, Pane::Iam) => &mut self.iam.scroll,
            (_, Pane::Organization) => &mut self.organization.scroll,
            (_, Pane::Findings) => &mut self.detail.scroll,
            _ => &mut self.scroll,
        }
    }

    /// Something was looked for, and its matches can be gone through.
    pub fn has_matches(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.typing.is_none())
    }
}
