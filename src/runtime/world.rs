//! The range's world on disk: one JSON line for every call and what it changed, shared by
//! every process that plays in it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::wall_clock;
use crate::{
    domain::{Fault, FaultKind},
    range::{Clock, Journal, NoJournal, Pace, Range, Scenario},
};

/// Opens the world of a scenario in the data folder, or begins it.
pub fn open(scenario: Scenario, pace: Pace, data: &Path) -> Result<Range, Fault> {
    let path = path(&scenario.id, data);
    let journal = FileJournal::open(&path).map_err(|e| fault(&path, &e))?;
    let clock = Clock { pace, wall: Arc::new(wall_clock) };
    Range::open(scenario, clock, Box::new(journal))
}

/// A world that ends with the process.
pub fn open_in_memory(scenario: Scenario, pace: Pace) -> Result<Range, Fault> {
    let clock = Clock { pace, wall: Arc::new(wall_clock) };
    Range::open(scenario, clock, Box::new(NoJournal))
}

/// Forgets a scenario's world. `Ok(false)` where there was none.
pub fn reset(scenario: &str, data: &Path) -> Result<bool, Fault> {
    let path = path(scenario, data);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(fault(&path, &e)),
    }
}

fn path(scenario: &str, data: &Path) -> PathBuf {
    data.join("range").join(format!("{scenario}.jsonl"))
}

fn fault(path: &Path, error: &io::Error) -> Fault {
    let path = crate::domain::untrusted::display_in(&path.to_string_lossy(), 200);
    Fault::new(FaultKind::Local, format!("the range's world {path} cannot be used"))
        .with_cause(&error.to_string())
        .with_hint("`halon range reset` starts anew; --data-dir names another folder")
}

/// An append-only file of lines. Several processes append under a lock and read
/// what the others wrote.
struct FileJournal {
    file: File,
    /// Bytes read so far, up to the end of a whole line.
    read: u64,
}

impl FileJournal {
    fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let file =
            OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        Ok(Self { file, read: 0 })
    }
}

impl FileJournal {
    /// Writes a line behind the last whole one and says how many bytes it has.
    fn write(&mut self, line: &str) -> io::Result<u64> {
        // The lock is held, so bytes behind the last whole line are what a killed
        // process left of a line that was never accepted.
        if self.file.metadata()?.len() > self.read {
            self.file.set_len(self.read)?;
        }
        let line = format!("{line}\n");
        self.file.write_all(line.as_bytes())?;
        Ok(line.len() as u64)
    }
}

impl Journal for FileJournal {
    fn read_new(&mut self) -> io::Result<Vec<String>> {
        if self.file.metadata()?.len() <= self.read {
            return Ok(Vec::new());
        }
        self.file.seek(SeekFrom::Start(self.read))?;
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        // Only whole lines: another process may be in the middle of one.
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let text = str::from_utf8(&bytes[..whole])
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        self.read += whole as u64;
        Ok(text.lines().map(ToOwned::to_owned).collect())
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        let written = self.write(line)?;
        // What is not known to be on the disk is not counted, so the next line replaces it.
        self.file.sync_data()?;
        self.read += written;
        Ok(())
    }

    fn note(&mut self, line: &str) -> io::Result<()> {
        self.read += self.write(line)?;
        Ok(())
    }

    fn lock(&mut self) -> io::Result<()> {
        self.file.lock()
    }

    fn unlock(&mut self) -> io::Result<()> {
        self.file.unlock()
    }
}
