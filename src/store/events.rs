//! Events kept on this machine.

use std::sync::Arc;

use jiff::Timestamp;

use super::Store;
use crate::domain::{
    Fault, FaultKind,
    event::{Event, Question, Scope, Window},
};

/// What [`Store::search`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Newest first, at most as many as asked for.
    pub events: Vec<Arc<Event>>,
    /// How many there are in all.
    pub total: u64,
    /// How many of them failed.
    pub failed: u64,
    /// The window in equal parts, oldest first.
    pub bars: Vec<Bar>,
    /// Events in the store that cannot be read any more.
    pub unreadable: u64,
}

/// One part of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    pub events: u64,
    pub failed: u64,
}

/// What became of events that were put into the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    pub new: u64,
    /// Known before.
    pub known: u64,
}

/// Where an event came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventOrigin {
    Aws,
    /// The file's path, and the number of the record in it, from 1.
    File {
        path: Arc<str>,
        record: u64,
    },
}

impl Store {
    /// Keeps events, and in the same transaction that nothing is missing in `covered`.
    pub fn keep_events(
        &self,
        _events: &[(Arc<Event>, EventOrigin)],
        _covered: Option<(&Scope, Window)>,
        _now: Timestamp,
    ) -> Result<Added, Fault> {
        Err(Fault::new(FaultKind::Local, "events are not kept yet"))
    }

    /// What of a window is not covered in a scope yet, newest first.
    pub fn missing(&self, _scope: &Scope, window: Window) -> Result<Vec<Window>, Fault> {
        Ok(vec![window])
    }

    /// The newest `limit` events that a question is about, and the window in `bars` parts.
    pub fn search(
        &self,
        _question: &Question,
        _limit: usize,
        _bars: usize,
    ) -> Result<Found, Fault> {
        Ok(Found::default())
    }

    /// Every event in a window, oldest first, one at a time; and how many could not be read.
    pub fn each_event(
        &self,
        _window: Option<Window>,
        _f: &mut dyn FnMut(Arc<Event>),
    ) -> Result<u64, Fault> {
        Ok(0)
    }
}
