//! The log in use: the one way to append.

use std::{
    collections::HashSet,
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde_json::{Value, json};

use super::{
    chain::{Chain, End, walk},
    entry::{About, Actor, Entry, Kind, Stamp},
    hash::{Hash, random_id},
    head::Head,
    line::{Header, Line, compose},
    lock::Lock,
    place::{Ident, Place},
    recover, redact,
    refused::Refused,
    state::{State, state_path},
};
use crate::domain::{Fault, FaultKind};

/// An open audit log.
///
/// INVARIANT: `chain` ends at the last record that is known to be on disk, and
/// everything in the file before `chain.end` has been verified.
pub struct Log {
    pub(super) place: Place,
    lock: Lock,
    holding: bool,
    /// `None` after a failed write: what the kernel still holds of it is unknown, and an
    /// fsync on it could say yes to pages that it dropped.
    file: Option<File>,
    ident: Ident,
    chain: Chain,
    head: Head,
    about: About,
    actor: Actor,
    mode: &'static str,
    /// For the first record: the log that this one continues.
    previous: Value,
    /// The line of the write that failed, and its `corr`.
    unconfirmed: Option<(Vec<u8>, Option<String>)>,
    /// Once the file is not what was written, nothing is appended any more.
    tampered: Option<Refused>,
    warning: Option<Fault>,
}

impl Log {
    /// Opens or begins the log at `path`: takes the lock, verifies the whole chain,
    /// compares it with the state file, sets a torn tail aside and records that, then
    /// records the start of the session in mode `safe`.
    pub fn open(path: &Path, about: About, stamp: Stamp) -> Result<Log, Refused> {
        Self::open_as(path, about, "safe", Actor::default(), stamp)
    }

    /// [`Log::open`] with the mode and the actor of the first record.
    pub fn open_as(
        path: &Path,
        about: About,
        mode: &'static str,
        actor: Actor,
        stamp: Stamp,
    ) -> Result<Log, Refused> {
        let place = Place::open(path)?;
        let mut lock = Lock::open(&place)?;
        lock.take(&place)?;
        let state = State::read(&state_path(path));
        let (file, ident) = match (place.open_append(false)?, &state) {
            (Some(found), _) => found,
            (None, Ok(Some(state))) => {
                let why = format!("the file is gone; it held {} records", state.seq);
                return Err(Refused::tampered(path, Some(1), 1, &why));
            }
            (None, _) => place.open_append(true)?.ok_or_else(|| {
                Refused::io(path, "made", &std::io::Error::from(std::io::ErrorKind::NotFound))
            })?,
        };
        let mut log = Log::on(place, lock, (file, ident), about, Value::Null);
        log.set(mode, actor);
        log.begin(state, stamp)?;
        log.release();
        Ok(log)
    }

    pub(super) fn on(
        place: Place,
        lock: Lock,
        (file, ident): (File, Ident),
        about: About,
        previous: Value,
    ) -> Log {
        Log {
            place,
            lock,
            holding: false,
            file: Some(file),
            ident,
            chain: Chain::default(),
            head: Head::of("", 0, Hash::ZERO),
            about,
            actor: Actor::default(),
            mode: "safe",
            previous,
            unconfirmed: None,
            tampered: None,
            warning: None,
        }
    }

    /// Verifies what is there and records the start. Under the lock.
    pub(super) fn begin(
        &mut self,
        state: std::io::Result<Option<State>>,
        stamp: Stamp,
    ) -> Result<(), Refused> {
        let path = self.place.path.clone();
        let mut anchored = match state {
            Ok(state) => state,
            Err(e) => {
                self.warn("the state file cannot be read", &e);
                None
            }
        };
        let expected = anchored.clone();
        let mut named = HashSet::new();
        let reader = self.place.open_read(self.ident)?;
        let mut chain = Chain::default();
        let end = walk(reader, &mut chain, |line, bytes| {
            if line.kind == Kind::Recovered.name() {
                named.extend(recover::named(bytes));
            }
            // What is left of `anchored` at the end did not agree.
            if anchored.as_ref().is_some_and(|s| s.seq == line.seq && s.h == line.h.hex()) {
                anchored = None;
            }
        })
        .map_err(|e| Refused::io(&path, "read", &e))?;
        self.chain = chain;
        let torn = match end {
            End::Broken(why) => return Err(self.broken(&why)),
            End::Torn(fragment) => Some(fragment),
            End::Whole => None,
        };
        if let Some(state) = expected {
            if self.chain.seq > 0 && state.log_id != self.chain.log_id {
                return Err(self.broken_at(1, 1, "the state file belongs to another log"));
            }
            if anchored.is_some() && state.seq <= self.chain.seq {
                let why = "it is not the record that the state file names";
                return Err(self.broken_at(state.seq, state.seq, why));
            }
            if anchored.is_some() {
                let missing = state.seq - self.chain.seq;
                return Err(self.broken(&format!(
                    "{missing} records are missing at the end, by the state file"
                )));
            }
        } else if self.chain.seq > 0 && self.warning.is_none() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            self.warn("the state file is missing: a cut at the end would go unnoticed", &missing);
        }
        // Before this one is set aside, which makes a copy too.
        let left = recover::unrecorded(&self.place, &named, torn.as_deref())
            .map_err(|e| Refused::io(&path, "recovered", &e))?;
        if let Some(fragment) = torn {
            self.recover(&fragment, "torn", stamp)?;
        }
        for entry in left {
            self.write(entry, stamp)?;
        }
        self.write(self.session_start(), stamp)?;
        Ok(())
    }

    /// Mode and actor of the records from now on.
    pub fn set(&mut self, mode: &'static str, actor: Actor) {
        self.mode = mode;
        self.actor = actor;
    }

    /// Writes one record and waits until it is on disk. `Err` means that it is not:
    /// whatever it announced must not be done.
    pub fn append(&mut self, entry: Entry, stamp: Stamp) -> Result<Head, Refused> {
        if let Some(refused) = &self.tampered {
            return Err(refused.clone());
        }
        self.lock.take(&self.place)?;
        let done = self.catch_up(stamp).and_then(|()| self.write(entry, stamp));
        if !self.holding {
            self.lock.release();
        }
        done
    }

    /// Keeps every other process from appending until [`Log::release`]: from an intent
    /// to its outcome.
    pub fn hold(&mut self) -> Result<(), Refused> {
        self.lock.take(&self.place)?;
        self.holding = true;
        Ok(())
    }

    pub fn release(&mut self) {
        self.holding = false;
        self.lock.release();
    }

    /// The last record known to be on disk.
    pub fn head(&self) -> &Head {
        &self.head
    }

    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// What is wrong and does not keep records from being written: the state file.
    pub fn warning(&self) -> Option<&Fault> {
        self.warning.as_ref()
    }

    /// Records the end of the session.
    pub fn end(mut self, why: &str, stamp: Stamp) -> Result<Head, Refused> {
        self.append(Entry::new(Kind::SessionEnd).with("why", why), stamp)
    }

    /// Makes sure that the file is the one we know, and verifies what others appended.
    /// Under the lock.
    fn catch_up(&mut self, stamp: Stamp) -> Result<(), Refused> {
        if self.file.is_none() {
            let poisoned = |e: Refused| Refused::poisoned(&self.place.path, &e);
            let found = self.place.open_append(false).map_err(poisoned)?;
            self.file = found.filter(|(_, ident)| *ident == self.ident).map(|(file, _)| file);
        }
        self.place.check_same(self.ident)?;
        let mut new = Vec::new();
        let mut reader = self.place.open_read(self.ident)?;
        // From the last line on: it must still be there, and what follows be new.
        reader
            .seek(SeekFrom::Start(self.chain.start))
            .and_then(|_| reader.read_to_end(&mut new))
            .map_err(|e| Refused::io(&self.place.path, "read", &e))?;
        let known = (self.chain.end - self.chain.start) as usize;
        let Some((last, new)) = new.split_at_checked(known) else {
            return Err(self.broken("records that were written are gone"));
        };
        if !self.is_last(last) {
            return Err(self.broken_at(self.chain.seq, self.chain.lines, "it was changed"));
        }
        match self.unconfirmed.clone() {
            Some((line, _)) if new == line => {
                // Whole, but never confirmed, and refused to the caller: it counts for
                // nothing, and must not be found as an intent later.
                self.recover(new, "unconfirmed", stamp)?;
            }
            Some((line, Some(corr))) if new.starts_with(&line) => {
                // Another process has built on it, so it stays; nothing was called.
                self.follow(new, stamp)?;
                let why = "its intent was not confirmed on disk; nothing was called";
                self.write(Entry::new(Kind::Refusal).corr(corr).with("why", why), stamp)?;
            }
            _ => self.follow(new, stamp)?,
        }
        self.unconfirmed = None;
        Ok(())
    }

    fn is_last(&self, line: &[u8]) -> bool {
        match line.strip_suffix(b"\n") {
            None => self.chain.seq == 0 && line.is_empty(),
            Some(line) => Line::parse(line).is_ok_and(|l| l.h == self.chain.h),
        }
    }

    /// Goes on over `new`, which stands behind what is known.
    fn follow(&mut self, new: &[u8], stamp: Stamp) -> Result<(), Refused> {
        let mut chain = self.chain.clone();
        let end = walk(new, &mut chain, |_, _| ())
            .map_err(|e| Refused::io(&self.place.path, "read", &e))?;
        self.chain = chain;
        self.head = Head::of(&self.chain.log_id, self.chain.seq, self.chain.h);
        match end {
            End::Whole => Ok(()),
            End::Torn(fragment) => self.recover(&fragment, "torn", stamp),
            End::Broken(why) => Err(self.broken(&why)),
        }
    }

    fn recover(&mut self, fragment: &[u8], why: &str, stamp: Stamp) -> Result<(), Refused> {
        let Some(file) = &self.file else { return Err(self.closed()) };
        let (end, seq) = (self.chain.end, self.chain.seq + 1);
        let entry = recover::set_aside(&self.place, file, end, seq, fragment, why)?;
        self.write(entry, stamp).map(drop)
    }

    /// One line, one write, on disk, then the state file. Under the lock, at the end of
    /// the file.
    fn write(&mut self, mut entry: Entry, stamp: Stamp) -> Result<Head, Refused> {
        if entry.kind == Kind::Intent && entry.corr.is_none() {
            return Err(Refused::unwritable("an intent without `corr` could never be answered"));
        }
        let mut log_id = self.chain.log_id.clone();
        let mut prev = self.chain.h;
        if self.chain.seq == 0 {
            log_id = random_id().map_err(|e| Refused::io(&self.place.path, "begun", &e))?;
            prev = self.previous["h"].as_str().and_then(Hash::parse).unwrap_or(Hash::ZERO);
            let mut body = self.binding(&log_id);
            body.extend(entry.body);
            entry.body = body;
        }
        redact::redact(&mut entry.body);
        let seq = self.chain.seq + 1;
        let (about, actor, mode) = (&self.about, &self.actor, self.mode);
        let header = Header { seq, prev, about, actor, mode, stamp };
        let (line, h) = compose(&header, &entry).map_err(|why| Refused::unwritable(&why))?;
        let Some(file) = &mut self.file else { return Err(self.closed()) };
        if let Err(e) = file.write_all(&line).and_then(|()| file.sync_data()) {
            self.file = None;
            self.unconfirmed = Some((line, entry.corr));
            return Err(Refused::io(&self.place.path, "written", &e));
        }
        self.chain.log_id = log_id;
        self.chain.step(seq, h, line.len() as u64);
        self.head = Head::of(&self.chain.log_id, seq, h);
        let at = crate::domain::time::rfc3339(stamp.utc);
        match State::new(&self.chain.log_id, seq, h, at).write(&self.place) {
            Ok(()) => self.warning = None,
            Err(e) => self.warn("the state file cannot be written", &e),
        }
        Ok(self.head.clone())
    }

    /// What a file's first record says beside its own body.
    fn binding(&self, log_id: &str) -> serde_json::Map<String, Value> {
        let about = &self.about;
        Entry::new(Kind::Note)
            .with("log_id", log_id)
            .with("host", about.host.as_str())
            .with("tool", about.tool.as_str())
            .with("binary_sha256", about.binary_sha256.clone())
            .with("config_sha256", about.config_sha256.clone())
            .with("previous", self.previous.clone())
            .body
    }

    fn session_start(&self) -> Entry {
        let about = &self.about;
        Entry::new(Kind::SessionStart)
            .with("host", about.host.as_str())
            .with("tool", about.tool.as_str())
            .with("binary_sha256", about.binary_sha256.clone())
            .with("config_sha256", about.config_sha256.clone())
            .with("pid", std::process::id())
            .with("endpoint", about.endpoint.clone())
            .with("environment", json!(about.environment))
    }

    fn warn(&mut self, what: &str, error: &std::io::Error) {
        let fault = Fault::new(FaultKind::Local, what).with_cause(&error.to_string());
        self.warning = Some(fault);
    }

    fn closed(&self) -> Refused {
        Refused::insecure(&self.place.path, "another file stands in its place")
    }

    /// The line after the last one known does not fit.
    fn broken(&mut self, why: &str) -> Refused {
        self.broken_at(self.chain.seq + 1, self.chain.lines + 1, why)
    }

    fn broken_at(&mut self, seq: u64, line: u64, why: &str) -> Refused {
        let refused = Refused::tampered(&self.place.path, Some(seq), line, why);
        self.tampered = Some(refused.clone());
        refused
    }
}
