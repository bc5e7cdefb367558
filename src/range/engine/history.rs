//! The world's history: its journal begun, followed and compared; time let pass.

use jiff::{SignedDuration, Timestamp};

use super::state::State;
use crate::{
    domain::{Fault, FaultKind},
    range::journal::{self, Header, Line, Passed},
};

impl State {
    /// Reads the journal, or begins it. Gives the wall clock at the world's start.
    pub fn begin(&mut self, wall: Timestamp) -> Result<Timestamp, Fault> {
        self.journal.lock().map_err(|e| journal::io_fault(&e))?;
        let begun = self.begin_locked(wall);
        self.journal.unlock().map_err(|e| journal::io_fault(&e))?;
        begun
    }

    fn begin_locked(&mut self, wall: Timestamp) -> Result<Timestamp, Fault> {
        let lines = self.journal.read_new().map_err(|e| journal::io_fault(&e))?;
        let mut began = None;
        for line in &lines {
            match journal::parse(line)? {
                Line::Torn => {}
                Line::Header(header) if began.is_none() => {
                    self.compare(&header)?;
                    began = Some(header.began);
                }
                Line::Entry(entry) if began.is_some() => self.take(*entry),
                Line::Passed(passed) if began.is_some() => self.let_pass(passed),
                _ => return Err(journal::unreadable("its lines are out of order")),
            }
        }
        if let Some(began) = began {
            return Ok(began);
        }
        let (scenario, hash) = self.scenario.clone();
        let header = Header { world: 1, scenario, hash, seed: self.world.seed, began: wall };
        let line =
            serde_json::to_string(&header).map_err(|e| journal::unreadable(&e.to_string()))?;
        self.journal.append(&line).map_err(|e| journal::io_fault(&e))?;
        Ok(wall)
    }

    fn compare(&self, header: &Header) -> Result<(), Fault> {
        let (id, hash) = &self.scenario;
        if header.world != 1 {
            return Err(journal::unreadable("it is of a later version"));
        }
        let what = if header.scenario != *id {
            format!("the range holds another scenario than \"{id}\"")
        } else if header.hash != *hash || header.seed != self.world.seed {
            format!("the scenario \"{id}\" has changed since its world began")
        } else {
            return Ok(());
        };
        let hint = format!("`halon range reset {id}` starts a new world");
        Err(Fault::new(FaultKind::Local, what).with_hint(hint))
    }

    /// Applies what other processes appended, for a question that comes without a call.
    pub fn caught_up(&mut self) -> Result<(), Fault> {
        self.journal.lock().map_err(|e| journal::io_fault(&e))?;
        let followed = self.catch_up();
        self.journal.unlock().map_err(|e| journal::io_fault(&e))?;
        followed
    }

    /// Applies what other processes appended.
    pub fn catch_up(&mut self) -> Result<(), Fault> {
        if let Some(lost) = &self.lost {
            return Err(lost.clone());
        }
        let followed = self.follow();
        // Lines are given once: what was not understood now never will be.
        self.lost = followed.as_ref().err().cloned();
        followed
    }

    fn follow(&mut self) -> Result<(), Fault> {
        for line in self.journal.read_new().map_err(|e| journal::io_fault(&e))? {
            match journal::parse(&line)? {
                Line::Entry(entry) => self.take(*entry),
                Line::Passed(passed) => self.let_pass(passed),
                Line::Torn => {}
                Line::Header(_) => {
                    return Err(journal::unreadable("it was begun anew while this world ran"));
                }
            }
        }
        Ok(())
    }

    /// Lets the world's time jump ahead of its clock, in this process and in every other.
    /// `clock` is the world's time without any such jump, in epoch milliseconds.
    pub fn pass(&mut self, by: SignedDuration, clock: i64) -> Result<(), Fault> {
        let refused = |why: &str| Fault::new(FaultKind::Refused, why);
        let passed = u64::try_from(by.as_millis())
            .map_err(|_| refused("the world's time does not go back, nor beyond all time"))?;
        self.journal.lock().map_err(|e| journal::io_fault(&e))?;
        let done = self.pass_locked(Passed { passed }, clock);
        self.journal.unlock().map_err(|e| journal::io_fault(&e))?;
        done
    }

    fn pass_locked(&mut self, passed: Passed, clock: i64) -> Result<(), Fault> {
        self.catch_up()?;
        let then = clock.saturating_add(self.passed).saturating_add_unsigned(passed.passed);
        if Timestamp::from_millisecond(then).is_err() {
            return Err(Fault::new(FaultKind::Refused, "there is no time so far ahead"));
        }
        let line =
            serde_json::to_string(&passed).map_err(|e| journal::unreadable(&e.to_string()))?;
        self.journal.append(&line).map_err(|e| journal::io_fault(&e))?;
        self.let_pass(passed);
        Ok(())
    }

    fn let_pass(&mut self, passed: Passed) {
        self.passed = self.passed.saturating_add_unsigned(passed.passed);
    }
}
