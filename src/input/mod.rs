//! The one table of commands, the keys, and the files that bind them.
//!
//! Never contains what a command does: that is `app`.

mod alias;
mod command;
mod group;
mod key;
mod keymap;

pub use alias::{ALIASES, aliases};
pub use command::{Command, Info, Scope};
pub use group::Group;
pub use key::{Code, Key, Keys};
pub use keymap::{DEFAULT, Keymap, Meaning, SHIPPED};
