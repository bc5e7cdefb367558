//! The policies that `halon permissions` prints, attached to people of the range: what they are
//! for goes through, the rest is refused by IAM, and no action is there for nothing.

mod changes;
mod console;
mod drill;
mod roles;
mod screens;
mod worlds;
