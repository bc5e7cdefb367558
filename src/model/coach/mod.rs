//! The coach: the next key, in words. It knows the script's way to the objective in hand and
//! what is on the screen, and nothing of what comes; so it leads out of any place.
//!
//! What it says is one line. Keys stand in angle brackets, named as in a keymap file; a text to
//! be typed stands in quotes, in which two quotes are one; everything else is prose and has
//! neither bracket nor quote. Keys and texts are given in their order, and all of them before the
//! coach is looked at again:
//!
//! ```text
//! Press <4>: the trail has who did what
//! Type "key AKIAI44QH8DHBEXAMPLE" and press <enter>
//! Press <ctrl-u>: this line has another text
//! Wait: CloudTrail is being asked
//! ```
//!
//! A line that begins with `Wait` names no key: nothing is to be done but to wait. Keys are
//! looked up in the keymap: whoever binds another one is told that one.

mod evidence;
mod goal;
mod run;
mod seek;

use tui_input::Input;

use self::goal::Goal;
use super::{Model, Overlay, Pane, Prospect};
use crate::input::{Command, Keys, Scope};

/// What the coach says now. None where it is off, or there is no drill.
pub fn advice(model: &Model) -> Option<String> {
    let prospect = model.setup.drill.as_deref()?;
    if !model.drill.coach {
        return None;
    }
    Some(Coach { model, prospect }.says())
}

struct Coach<'m> {
    model: &'m Model,
    prospect: &'m Prospect,
}

/// Longest text that is typed at a time beside the other words of the line, at any width.
const LEAST_TYPED: usize = 12;

impl Coach<'_> {
    fn says(&self) -> String {
        let model = self.model;
        if !model.begun.is_empty() {
            return "Press <esc>: a key was pressed that others must follow".to_owned();
        }
        if !model.drill.known || model.drill.writing > 0 {
            return wait("the audit log is at work");
        }
        if model.arming || model.undoing {
            return wait("the audit log is at work");
        }
        let Some(going) = &model.drill.going else { return self.begins() };
        if going.ended.is_some() {
            return match self.out_of_the_way() {
                Some(out) => out,
                None => self.press(Command::Quit, "the drill is over; `halon drill report` has it"),
            };
        }
        match self.goal(going) {
            Goal::Wait(what) => self.out_of_the_way().unwrap_or_else(|| wait(&what)),
            Goal::Open(finding) => self.open(finding),
            Goal::Search(by) => self.search(by),
            Goal::Inspect(account, who) => self.inspect(account, who),
            Goal::Arm => self.arm(going),
            Goal::Run(run) => self.run(going, &run),
            Goal::TakeBack(run) => self.take_back(going, run),
            Goal::EndSession => self.end_session(),
            Goal::Gather => self.gather(),
            Goal::Answer(item) => self.answer(item),
            Goal::End => self.end(),
        }
    }

    fn begins(&self) -> String {
        match self.model.pane {
            _ if self.out_of_the_way().is_some() => self.out_of_the_way().unwrap_or_default(),
            Pane::Drill => self.press(Command::BeginDrill, "the drill begins, and the clock"),
            _ => self.press(Command::Drill, "the drill is there"),
        }
    }

    /// What closes whatever lies over the screen.
    fn out_of_the_way(&self) -> Option<String> {
        match self.model.overlay.as_ref()? {
            Overlay::Leave => Some(self.press(Command::Wait, "stay until the change is settled")),
            Overlay::Text(..) | Overlay::Same(_) | Overlay::Saved(_) | Overlay::Watches(_) => {
                Some(self.press(Command::Back, "close this"))
            }
            Overlay::Filter { .. }
            | Overlay::Form(_)
            | Overlay::Wizard(_)
            | Overlay::Can
            | Overlay::Confirm(_)
            | Overlay::Palette(_)
            | Overlay::EndDrill { .. } => Some("Press <esc>: close this".to_owned()),
        }
    }

    /// A command by its key, as the keymap has it here.
    fn press(&self, command: Command, why: &str) -> String {
        match self.key(command) {
            Some(key) => format!("Press <{key}>: {}", prose(why)),
            None => wait(&format!("no key is bound to {} here", command.info().name)),
        }
    }

    fn key(&self, command: Command) -> Option<Keys> {
        let scopes: &[Scope] = self.model.scopes();
        self.model.keymap.keys(scopes, command).into_iter().next()
    }

    /// Towards a pane, by the command that goes there.
    fn go_to(&self, pane: Pane, command: Command, why: &str) -> Option<String> {
        if let Some(out) = self.out_of_the_way() {
            return Some(out);
        }
        (self.model.pane != pane).then(|| self.press(command, why))
    }

    /// Up or down from a line of a list to another.
    fn travel(&self, from: usize, to: usize, page: usize, what: &str) -> String {
        let what = prose(what);
        let (one, far) = match to > from {
            true => (Command::Down, Command::PageDown),
            false => (Command::Up, Command::PageUp),
        };
        let lines = to.abs_diff(from);
        let (command, times) = match lines >= page && page > 1 {
            true => (far, 1),
            false => (one, lines.min(6)),
        };
        let Some(key) = self.key(command) else {
            return wait(&format!("no key is bound to {} here", command.info().name));
        };
        let keys = vec![format!("<{key}>"); times].join(" ");
        format!("Press {keys}: on to {what}")
    }

    /// A text into a line that is being typed.
    fn fill(&self, input: &Input, wanted: &str, done: &str) -> String {
        let typed = input.value();
        let at_end = input.cursor() == typed.chars().count();
        if typed == wanted {
            return format!("Press <enter>: {}", prose(done));
        }
        if !at_end {
            return "Press <end>: to the end of the line".to_owned();
        }
        let Some(rest) = wanted.strip_prefix(typed) else {
            return "Press <ctrl-u>: this line has another text".to_owned();
        };
        let room = usize::from(self.model.size.0).saturating_sub(40).max(LEAST_TYPED);
        match rest.chars().count() <= room {
            true => format!("Type {} and press <enter>", quoted(rest)),
            false => {
                let part: String = rest.chars().take(room).collect();
                format!("Type {}: the rest follows", quoted(&part))
            }
        }
    }
}

fn wait(why: &str) -> String {
    format!("Wait: {}", prose(why))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Words beside the keys, which must not look like one.
fn prose(text: &str) -> String {
    crate::domain::untrusted::display_in(text, 120).replace(['<', '>', '"'], "'")
}
