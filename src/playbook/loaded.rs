//! A playbook as it was found.

use std::{path::PathBuf, sync::Arc};

use super::file::Playbook;
use crate::domain::document::Broken;

/// One playbook; a broken one is listed as broken, never silently absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub id: String,
    /// The file's name, for messages.
    pub file: String,
    /// Where it can be read again; none for a shipped one.
    pub path: Option<PathBuf>,
    pub playbook: Result<Arc<Playbook>, Broken>,
}
