//! Why the log did not take a record. Whoever gets one must not act.

use std::{fmt, path::Path};

use crate::domain::{Fault, FaultKind, untrusted::display_in};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedKind {
    /// The file system said no; nothing of the record counts.
    Io,
    /// The file is not what was written.
    Tampered { seq: Option<u64>, line: u64, why: Box<str> },
    /// Another process is between an intent and its outcome.
    Busy { pid: Option<u32> },
    /// A link, a foreign owner, a file others may write, or another file in its place.
    Insecure,
    /// A write failed earlier, and the file cannot be opened again.
    Poisoned,
    /// The entry cannot be a record: a mistake in the program.
    Unwritable,
}

/// A refusal, with what to tell the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub kind: RefusedKind,
    pub fault: Fault,
}

impl Refused {
    pub(super) fn io(path: &Path, doing: &str, error: &dyn fmt::Display) -> Refused {
        let fault = Fault::new(FaultKind::Local, format!("{} cannot be {doing}", named(path)))
            .with_cause(&error.to_string())
            .with_hint(match doing {
                "read" => "name another file or another --data-dir",
                _ => "nothing is changed without it; free the disk or name another --data-dir",
            });
        Refused { kind: RefusedKind::Io, fault }
    }

    pub(super) fn insecure(path: &Path, why: &str) -> Refused {
        let fault = Fault::new(FaultKind::Local, format!("{} is not safe: {why}", named(path)))
            .with_hint("look at who put it there; --data-dir names another folder");
        Refused { kind: RefusedKind::Insecure, fault }
    }

    pub(super) fn tampered(path: &Path, seq: Option<u64>, line: u64, why: &str) -> Refused {
        let at = seq.map(|seq| format!(", record {seq}")).unwrap_or_default();
        let fault = Fault::new(
            FaultKind::Local,
            format!("{} is not what was written: line {line}{at}: {why}", named(path)),
        )
        .with_hint(
            "`halon audit verify` names every place; keep the file as evidence and begin a new \
             one with --new-log",
        );
        Refused { kind: RefusedKind::Tampered { seq, line, why: why.into() }, fault }
    }

    pub(super) fn busy(path: &Path, pid: Option<u32>) -> Refused {
        let who = match pid {
            Some(pid) => format!("by process {pid}"),
            None => "by another process".to_owned(),
        };
        let fault = Fault::new(FaultKind::Local, format!("{} is in use {who}", named(path)))
            .with_hint("another halon is in the middle of a change; try again when it is done");
        Refused { kind: RefusedKind::Busy { pid }, fault }
    }

    pub(super) fn poisoned(path: &Path, why: &Refused) -> Refused {
        let what = format!("{} failed at a write and cannot be opened again", named(path));
        let fault = Fault { what: format!("{what}: {}", why.fault.what), ..why.fault.clone() };
        Refused { kind: RefusedKind::Poisoned, fault }
    }

    pub(super) fn unwritable(why: &str) -> Refused {
        let fault = Fault::new(FaultKind::Local, format!("this cannot be recorded: {why}"))
            .with_hint("this is a bug; nothing was changed");
        Refused { kind: RefusedKind::Unwritable, fault }
    }
}

fn named(path: &Path) -> String {
    format!("the audit log {}", display_in(&path.to_string_lossy(), 200))
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Fault {
        refused.fault
    }
}
