//! The logs that drills are kept in, and the drills that they tell of.

use std::path::{Path, PathBuf};

use crate::{
    audit::{self, Record, Report, export, state_path},
    cli::{args::Global, context},
    drill::{self, Drill},
};

/// One log, as far as it can be relied on.
pub struct DrillLog {
    pub path: PathBuf,
    /// The records that verify; none of a log that is not what was written.
    pub records: Vec<Record>,
    pub drills: Vec<Drill>,
    /// Why nothing in it counts.
    pub doubt: Option<String>,
}

impl DrillLog {
    /// A log that is not there has no drills.
    fn load(path: PathBuf) -> DrillLog {
        let state = state_path(&path);
        let mut log = DrillLog { path, records: Vec::new(), drills: Vec::new(), doubt: None };
        if !log.path.exists() && !state.exists() {
            return log;
        }
        let report: Report = audit::verify(&log.path, None, Some(&state));
        if report.exit_code() >= 12 {
            log.doubt = Some(export::words(&report));
            return log;
        }
        match audit::read(&log.path) {
            Ok(mut records) => {
                records.truncate(drill::verified(&records, report.verified).len());
                log.drills = drill::fold(&records);
                log.records = records;
            }
            Err(why) => log.doubt = Some(why.to_string()),
        }
        log
    }

    pub fn name(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// This machine's log, and the one of what was only played in the range.
pub fn both(global: &Global) -> anyhow::Result<[DrillLog; 2]> {
    let folder = context::need_data_dir(global)?;
    let load = |name: &str| DrillLog::load(Path::join(&folder, name));
    Ok([load("audit.jsonl"), load("audit-range.jsonl")])
}
