//! What documents share: heads and verdicts in their words, and files that are written once.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use rustix::fs::{CWD, Mode, OFlags};
use serde::Serialize;
use serde_json::{Value, json};

use super::{head::Head, report::Report};

/// A head in a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeadValue {
    pub seq: u64,
    pub h: String,
    /// As it is copied by hand.
    pub short: String,
}

impl HeadValue {
    pub fn of(head: &Head) -> HeadValue {
        HeadValue { seq: head.seq, h: head.h.clone(), short: head.to_string() }
    }
}

/// What verifying found, as a document has it.
pub fn verified(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    value["exit_code"] = report.exit_code().into();
    value["first_bad"] = report.first_bad().into();
    value["head"] = json!(report.head.as_ref().map(HeadValue::of));
    value
}

/// What verifying found, in one sentence.
pub fn words(report: &Report) -> String {
    let upto = match report.verified {
        0 => "no record verifies".to_owned(),
        1 => "record 1 verifies".to_owned(),
        n => format!("records 1 to {n} verify"),
    };
    match report.exit_code() {
        13 => format!("unreadable: {}", report.unreadable.as_deref().unwrap_or_default()),
        12 => {
            let first = report.problems.first().map(|p| p.why.as_str()).unwrap_or_default();
            let place = match report.first_bad() {
                Some(seq) => format!("from record {seq} on"),
                None => "at an unknown place".to_owned(),
            };
            format!("tampered with: {upto}; not what was written {place}: {first}")
        }
        11 => format!("intact, with a torn tail recovered: {upto}"),
        10 => format!("intact, the end not anchored for long: {upto}"),
        _ => format!("intact: {upto}"),
    }
}

/// Writes a file that did not exist before: under another name, fsync, then the name.
/// A link with that name counts as existing, wherever it leads.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    };
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::openat(CWD, &temporary, flags, Mode::RUSR | Mode::WUSR)?);
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // A second name for it never replaces a file, as renaming would.
    let done = written.and_then(|()| fs::hard_link(&temporary, path));
    fs::remove_file(&temporary)?;
    done?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
