//! A torn tail: what a crash or a full disk left of a line that was never confirmed. It
//! is set aside, never thrown away, and a record says so for ever.

use std::{
    collections::HashSet,
    fs::{self, File},
    io,
};

use serde_json::Value;

use super::{
    entry::{Entry, Kind},
    hash::sha256_hex,
    place::Place,
    refused::Refused,
};

const SUFFIX: &str = ".torn.";

/// Copies `fragment` to a file of its own, and cuts it off the log at `end`. Gives the
/// record to write. Done twice with the same bytes, as after a crash in the middle, it
/// leaves one copy.
pub fn set_aside(
    place: &Place,
    log: &File,
    end: u64,
    seq: u64,
    fragment: &[u8],
    why: &str,
) -> Result<Entry, Refused> {
    let refuse = |e: io::Error| Refused::io(&place.path, "recovered", &e);
    let mut name = place.beside(&format!("{SUFFIX}{seq}"));
    let mut copy = 2;
    loop {
        match fs::read(place.path.with_file_name(&name)) {
            Ok(there) if there == fragment => break,
            Ok(_) => name = place.beside(&format!("{SUFFIX}{seq}-{copy}")),
            Err(_) => {
                place.write_beside(&name, fragment).map_err(refuse)?;
                break;
            }
        }
        copy += 1;
    }
    log.set_len(end).map_err(refuse)?;
    log.sync_all().map_err(refuse)?;
    Ok(entry(&name.to_string_lossy(), fragment, why))
}

/// Records for copies that no record in the log names: the process ended after cutting
/// and before recording. `named` are the files that the log's records name, `torn` what
/// is still there to be cut.
pub fn unrecorded(
    place: &Place,
    named: &HashSet<String>,
    torn: Option<&[u8]>,
) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for name in place.list_beside(SUFFIX)? {
        let shown = name.to_string_lossy().into_owned();
        if shown.ends_with(".tmp") || named.contains(&shown) {
            continue;
        }
        let bytes = fs::read(place.path.with_file_name(&name))?;
        if torn != Some(&bytes) {
            entries.push(entry(&shown, &bytes, "torn"));
        }
    }
    Ok(entries)
}

/// Moves the copies along with a log that is given another name.
pub fn move_along(place: &Place, to: &str) -> io::Result<()> {
    for name in place.list_beside(SUFFIX)? {
        let shown = name.to_string_lossy();
        let Some((_, rest)) = shown.rsplit_once(SUFFIX) else { continue };
        place.rename(&name, format!("{to}{SUFFIX}{rest}").as_ref())?;
    }
    Ok(())
}

fn entry(file: &str, fragment: &[u8], why: &str) -> Entry {
    Entry::new(Kind::Recovered)
        .with("file", file)
        .with("bytes", fragment.len())
        .with("sha256", sha256_hex(fragment))
        .with("why", why)
}

/// The file that a `recovered` record names.
pub fn named(line: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(line).ok()?;
    Some(value.get("file")?.as_str()?.to_owned())
}
