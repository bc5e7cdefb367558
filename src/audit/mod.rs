//! The audit log: one ASCII JSON object per line, chained by hashes over the bytes as
//! written, on disk before the call that it speaks of.
//!
//! ```text
//!  Entry + Stamp ─▶ redact ─▶ line::compose ─▶ hash ─▶ Log::append ─▶ write, fdatasync ─▶ Head
//!                                                        │  under the lock: what others wrote is
//!                                                        │  verified first, a torn tail set aside
//!  file ─▶ chain::walk (one pass) ─▶ Log::open, verify   └▶ <log>.head, the state file
//!  file ─▶ read (tolerant) ─▶ show, unknown
//!  files ─▶ incident: one report out of several logs
//! ```
//!
//! Fails closed: whoever cannot append must not act. This folder owns the only handle
//! to the file; it knows no terminal, no AWS and no clock. The format is described for
//! strangers in `docs/AUDIT-LOG.md`.

mod append;
mod begin;
mod chain;
mod classify;
mod entry;
pub mod export;
mod hash;
mod head;
pub mod incident;
mod line;
mod lock;
mod log;
mod markdown;
pub mod paper;
mod place;
mod record;
mod recover;
mod redact;
mod refused;
mod report;
mod state;
mod strict;
mod verify;

#[cfg(test)]
mod tests;

pub use begin::begin_new;
pub use entry::{About, Actor, Entry, Kind, Stamp};
pub use hash::sha256_hex;
pub use head::{Anchor, Head};
pub use log::Log;
pub use markdown::{details, escape, who};
pub use record::{Record, read, unknown};
pub use refused::{Refused, RefusedKind};
pub use report::{Policy, Problem, Report, SeenAnchor, Torn, Wrong};
pub use state::state_path;
pub use verify::verify;
