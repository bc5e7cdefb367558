//! The journal: the world's shared truth, one JSON line for each call.
//!
//! The first line names the world; every further line is an [`Entry`], and where it has
//! a change, the world has taken it; or it says that time was let pass. Several
//! processes share one journal: each reads what is new before it answers, and
//! takes the lock to append. A line torn by a crash was never answered, so it
//! is passed over.

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::world::Entry;
use crate::domain::{Fault, FaultKind};

/// Where the journal is kept. The implementation lives with whoever owns files.
pub trait Journal: Send {
    /// The lines not yet given by this value, in order, without their line ends.
    /// A last line without an end may be held back or given; it is never given twice.
    fn read_new(&mut self) -> io::Result<Vec<String>>;
    /// Appends `line` and a line end, durably, starting on a line of its own.
    /// What this value appended is not given again by [`Journal::read_new`].
    fn append(&mut self, line: &str) -> io::Result<()>;
    /// Like [`Journal::append`], but without waiting for the disk: for what changes nothing,
    /// which may be lost when the machine stops.
    fn note(&mut self, line: &str) -> io::Result<()>;
    /// Takes the lock that every process appending here takes.
    fn lock(&mut self) -> io::Result<()>;
    fn unlock(&mut self) -> io::Result<()>;
}

/// A world that ends with the process.
pub struct NoJournal;

impl Journal for NoJournal {
    fn read_new(&mut self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn append(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn note(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn lock(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn unlock(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of this format: 1.
    pub world: u32,
    pub scenario: String,
    /// SHA-256 of the scenario's text, in hex.
    pub hash: String,
    pub seed: u64,
    /// The wall clock when the world began.
    pub began: Timestamp,
}

/// The world's time jumped ahead.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    /// By so many milliseconds.
    pub passed: u64,
}

#[derive(Debug)]
pub enum Line {
    Header(Header),
    Passed(Passed),
    Entry(Box<Entry>),
    /// Cut off by a crash.
    Torn,
}

/// Reads one line.
pub fn parse(line: &str) -> Result<Line, Fault> {
    if line.trim().is_empty() {
        return Ok(Line::Torn);
    }
    // Read straight into its type: a world that was played in for days has many lines.
    let parsed = if line.starts_with("{\"world\"") {
        serde_json::from_str(line).map(Line::Header)
    } else if line.starts_with("{\"passed\"") {
        serde_json::from_str(line).map(Line::Passed)
    } else {
        serde_json::from_str(line).map(|entry| Line::Entry(Box::new(entry)))
    };
    match parsed {
        Err(e) if e.is_eof() => Ok(Line::Torn),
        parsed => parsed.map_err(|e| unreadable(&e.to_string())),
    }
}

pub fn unreadable(why: &str) -> Fault {
    Fault::new(FaultKind::Local, "the range's journal cannot be read")
        .with_cause(why)
        .with_hint("`halon range reset` starts a new world")
}

pub fn io_fault(error: &io::Error) -> Fault {
    Fault::new(FaultKind::Local, "the range's journal cannot be used")
        .with_cause(&error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_passed_over_and_a_foreign_one_is_a_fault() {
        let header = Header {
            world: 1,
            scenario: "x".into(),
            hash: "h".into(),
            seed: 7,
            began: Timestamp::UNIX_EPOCH,
        };
        let line = serde_json::to_string(&header).expect("JSON");
        assert!(matches!(parse(&line), Ok(Line::Header(h)) if h == header));
        for cut in 1..line.len() {
            assert!(matches!(parse(&line[..cut]), Ok(Line::Torn)), "{cut}");
        }
        let line = serde_json::to_string(&Passed { passed: 60_000 }).expect("JSON");
        assert!(matches!(parse(&line), Ok(Line::Passed(p)) if p.passed == 60_000));
        for cut in 1..line.len() {
            assert!(matches!(parse(&line[..cut]), Ok(Line::Torn)), "{cut}");
        }
        assert!(parse("{\"at\": nonsense}").is_err());
        assert!(parse("{\"something\": \"else\"}").is_err());
    }
}
