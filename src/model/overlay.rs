//! What lies over the screen.

use tui_input::Input;

use super::{Form, Palette, Wizard};
use crate::playbook::Prompt;

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The text filter being typed, and what it was before.
    Filter {
        input: Input,
        before: String,
    },
    /// A text to read, scrolled down by so many lines.
    Text(Page, usize),
    /// What the event under the cursor has in common with others; the line under the cursor.
    Same(usize),
    /// Whoever is watched; the line under the cursor, and lines of the text scrolled down.
    Watches(usize),
    /// The filters that were saved; the line under the cursor.
    Saved(usize),
    Form(Form),
    /// What somebody is asked who has no configuration.
    Wizard(Box<Wizard>),
    /// The call that a principal may or may not make is being typed, on its page.
    Can,
    /// A change to be consented to by typing.
    Confirm(Box<Confirm>),
    /// Whatever can be found by typing.
    Palette(Box<Palette>),
    /// The operator leaves while a change is on its way.
    Leave,
    /// A drill is to be ended, or aborted: `yes` is typed.
    EndDrill {
        input: Input,
        abort: bool,
    },
}

/// The prompt for one change.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub run: String,
    pub prompt: Prompt,
    /// What the ceremony asks for.
    pub input: Input,
    /// The MFA device's code, where one is asked for; never shown.
    pub code: Input,
    /// The second person, where one is asked for.
    pub second: Input,
    /// Which of them is being typed.
    pub at: Ask,
    /// What was wrong with what was typed.
    pub wrong: Option<String>,
    /// Lines of the diff scrolled down.
    pub scroll: usize,
}

/// One thing that a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Words,
    Code,
    Second,
}

impl Confirm {
    pub fn new(run: String, prompt: Prompt) -> Self {
        let (input, code, second) = (Input::default(), Input::default(), Input::default());
        Self { run, prompt, input, code, second, at: Ask::Words, wrong: None, scroll: 0 }
    }

    /// What is asked for, in its order.
    pub fn asks(&self) -> Vec<Ask> {
        let review = &self.prompt.review;
        let code = review.device.as_ref().map(|_| Ask::Code);
        let second = review.second_person.then_some(Ask::Second);
        [Some(Ask::Words), code, second].into_iter().flatten().collect()
    }

    pub fn typed(&self, ask: Ask) -> &Input {
        match ask {
            Ask::Words => &self.input,
            Ask::Code => &self.code,
            Ask::Second => &self.second,
        }
    }

    pub fn typed_mut(&mut self, ask: Ask) -> &mut Input {
        match ask {
            Ask::Words => &mut self.input,
            Ask::Code => &mut self.code,
            Ask::Second => &mut self.second,
        }
    }
}

/// The texts that can be laid over the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Help,
    Health,
    Calls,
    /// One record of the audit log.
    Record,
    /// What was marked.
    Timeline,
    /// Two principals side by side, or the versions of a policy.
    Compare,
    /// An encoded refusal, decoded.
    Decoded,
    /// What must not be missed.
    Notices,
}
