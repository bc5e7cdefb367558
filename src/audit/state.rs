//! The state file beside the log: its head, after each record. It shows that the log
//! was cut at a record's end, which the chain alone cannot. It catches accidents;
//! whoever can rewrite the log can rewrite it too.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{hash::Hash, place::Place};

const SUFFIX: &str = ".head";
/// Longer is no state file.
const LONGEST: u64 = 4096;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    v: u32,
    pub log_id: String,
    pub seq: u64,
    pub h: String,
    pub ts_utc: String,
}

/// Where the state file of a log is.
pub fn state_path(log: &Path) -> PathBuf {
    let mut name: OsString = log.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

impl State {
    pub fn new(log_id: &str, seq: u64, h: Hash, ts_utc: String) -> State {
        State { v: 1, log_id: log_id.to_owned(), seq, h: h.hex(), ts_utc }
    }

    /// `Ok(None)` where there is none.
    pub fn read(path: &Path) -> io::Result<Option<State>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let mut text = Vec::new();
        file.take(LONGEST).read_to_end(&mut text)?;
        let state: State = serde_json::from_slice(&text)?;
        if state.v != 1 || state.seq == 0 || Hash::parse(&state.h).is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no state file"));
        }
        Ok(Some(state))
    }

    pub fn write(&self, place: &Place) -> io::Result<()> {
        let mut text = serde_json::to_string(self)?;
        text.push('\n');
        place.write_beside(&place.beside(SUFFIX), text.as_bytes())
    }
}
