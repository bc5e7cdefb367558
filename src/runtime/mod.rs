//! The world outside: terminal, clock, tasks, files of the range. Performs effects
//! and turns what happens into messages; decides nothing about the model.

mod act;
mod audit;
mod between;
mod browser;
mod child;
mod console;
mod export;
mod file;
mod filters;
mod gather;
mod inquire;
mod keys;
mod performer;
mod playbooks;
pub mod prober;
mod profiles;
mod state;
mod terminal;
mod watch;
mod witness;
mod world;

pub use crate::guard::By;
pub use crate::playbook::Loaded;
pub use act::Actor;
pub use audit::{Auditor, binary_sha256, os_user, random_number};
pub use console::{Ended, Ending, asked_to_end, console};
pub use file::write_private;
pub use filters::{filters_file, keep_filters, saved_filters};
pub use gather::{draft, gather, identify, preflight};
pub use inquire::{Inquirer, News};
pub use performer::{Clock, Local, Performer};
pub use playbooks::{
    load as load_playbooks, load_file as load_playbook, unchanged as playbook_unchanged,
};
pub use profiles::aws_profiles;
pub use state::{recall, state_file};
pub use terminal::install_panic_hook;
pub use watch::WatchTold;
pub use witness::{Witness, prove, witness};
pub use world::{open as open_range, open_in_memory as open_range_in_memory, reset as reset_range};

use jiff::Timestamp;

/// The wall clock, read here and nowhere else.
pub fn wall_clock() -> Timestamp {
    Timestamp::now()
}

/// The threads that tasks run on.
///
/// Their stacks are large because Security Hub's `GetFindings` has hundreds of resource
/// types: the SDK's parser for them, not optimised, overflows the usual 2 MiB. It is
/// address space; memory is taken only as far as it is used.
pub fn tasks() -> std::io::Result<tokio::runtime::Runtime> {
    const STACK: usize = 32 << 20;
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()
}
