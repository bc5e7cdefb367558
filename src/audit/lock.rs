//! One writer at a time, over all processes: a lock on a file of its own, so that the
//! log itself can be moved away and begun anew under it.

use std::{
    ffi::OsString,
    fs::{File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    thread,
    time::Duration,
};

use rustix::fs::OFlags;

use super::{
    place::{Ident, Place},
    refused::Refused,
};

/// How long to wait for another process, all in all two seconds.
const TRIES: u32 = 40;
const BETWEEN: Duration = Duration::from_millis(50);

pub struct Lock {
    name: OsString,
    file: File,
    taken: bool,
}

impl Lock {
    pub fn open(place: &Place) -> Result<Lock, Refused> {
        let name = place.beside(".lock");
        let file = open(place, &name)?;
        Ok(Lock { name, file, taken: false })
    }

    /// Waits up to two seconds, then names the process that has it. The kernel frees
    /// the lock of a process that was killed.
    pub fn take(&mut self, place: &Place) -> Result<(), Refused> {
        if self.taken {
            return Ok(());
        }
        for attempt in 0..TRIES {
            if attempt > 0 {
                thread::sleep(BETWEEN);
            }
            match self.file.try_lock() {
                Ok(()) if self.is_the_one(place) => {
                    self.taken = true;
                    // For whoever waits; the lock holds without it.
                    let _ = self.sign();
                    return Ok(());
                }
                // Somebody removed the lock file: a lock on the old one excludes nobody.
                Ok(()) => self.file = open(place, &self.name)?,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(e)) => {
                    return Err(Refused::io(&place.path, "locked", &e));
                }
            }
        }
        Err(Refused::busy(&place.path, self.holder()))
    }

    pub fn release(&mut self) {
        if self.taken {
            // Closing the file at the latest unlocks it.
            let _ = self.file.unlock();
            self.taken = false;
        }
    }

    fn is_the_one(&self, place: &Place) -> bool {
        let ours = self.file.metadata().map(|m| Ident::of(&m));
        matches!((ours, place.ident_at(&self.name)), (Ok(ours), Ok(there)) if ours == there)
    }

    fn sign(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        writeln!(self.file, "{}", std::process::id())
    }

    fn holder(&mut self) -> Option<u32> {
        let mut text = String::new();
        self.file.seek(SeekFrom::Start(0)).ok()?;
        (&self.file).take(16).read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }
}

fn open(place: &Place, name: &OsString) -> Result<File, Refused> {
    place
        .open_at(name, OFlags::RDWR | OFlags::CREATE)
        .map_err(|e| Refused::io(&place.path, "locked", &e))
}
