//! Appending, under the lock: what others wrote is verified first, then one line, one
//! write, and nothing counts before it is on disk.

use std::io::{Read, Seek, SeekFrom, Write};

use serde_json::{Value, json};

use super::{
    chain::{End, walk},
    entry::{Entry, Kind, Stamp},
    hash::{Hash, random_id},
    head::Head,
    line::{Header, Line, compose},
    log::Log,
    recover, redact,
    refused::Refused,
    state::State,
};

impl Log {
    /// Makes sure that the file is the one we know, and verifies what others appended.
    /// Under the lock.
    pub(super) fn catch_up(&mut self, stamp: Stamp) -> Result<(), Refused> {
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

    pub(super) fn recover(
        &mut self,
        fragment: &[u8],
        why: &str,
        stamp: Stamp,
    ) -> Result<(), Refused> {
        let Some(file) = &self.file else { return Err(self.closed()) };
        let (end, seq) = (self.chain.end, self.chain.seq + 1);
        let entry = recover::set_aside(&self.place, file, end, seq, fragment, why)?;
        self.write(entry, stamp).map(drop)
    }

    /// One line, one write, on disk, then the state file. Under the lock, at the end of
    /// the file.
    pub(super) fn write(&mut self, mut entry: Entry, stamp: Stamp) -> Result<Head, Refused> {
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

    pub(super) fn session_start(&self) -> Entry {
        let about = &self.about;
        let entry = Entry::new(Kind::SessionStart)
            .with("host", about.host.as_str())
            .with("tool", about.tool.as_str())
            .with("binary_sha256", about.binary_sha256.clone())
            .with("config_sha256", about.config_sha256.clone())
            .with("pid", std::process::id())
            .with("endpoint", about.endpoint.clone())
            .with("environment", json!(about.environment));
        match &about.policy {
            Some(policy) => entry.with("policy", policy.as_str()),
            None => entry,
        }
    }
}
