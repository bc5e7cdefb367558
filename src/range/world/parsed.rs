//! Policy documents made ready for comparing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::policy::{Named, Policy};

/// The most documents that are kept.
const MOST_KEPT: usize = 4096;

/// Documents that were parsed, by their text: the same ones decide about every call.
#[derive(Default)]
pub struct Parsed(Mutex<HashMap<Box<str>, Option<Arc<Policy>>>>);

impl Parsed {
    /// `None` where the text is no policy. Nothing accepts such a document, but a journal
    /// may have one; it then says nothing.
    pub fn named(&self, name: &str, text: &str) -> Option<Named> {
        // A panic elsewhere leaves the documents as they were.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.contains_key(text) {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(text.into(), Policy::parse(text).ok().map(Arc::new));
        }
        let policy = kept.get(text)?.clone()?;
        Some(Named { name: name.into(), policy })
    }
}
