//! A list written to a file of the operator's: a new one, for nobody else to read.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use jiff::Timestamp;

use crate::{
    domain::{Fault, FaultKind, untrusted::display_in},
    model::out::{Format, Listed},
};

/// Writes it, and gives the sentence that says so.
///
/// # Errors
/// The file is there already, or cannot be written; nothing is left of it then.
pub fn write(
    listed: &Listed,
    format: Format,
    file: &str,
    as_of: Timestamp,
) -> Result<String, Fault> {
    let table = listed.table();
    let written = table.write(format, as_of);
    let (path, shown) = (Path::new(file), display_in(file, 200));
    new(path, written.text.as_bytes()).map_err(|e| {
        let fault = Fault::new(FaultKind::Local, format!("not written: {shown}"));
        match e.kind() {
            io::ErrorKind::AlreadyExists => {
                fault.with_cause("it is there already").with_hint("name another file")
            }
            _ => fault.with_cause(&e.to_string()),
        }
    })?;
    let mut said = format!("{} {} written to {shown}", listed.len(), listed.name());
    if !table.is_complete() {
        said += "; the list is not complete";
        said.extend(table.lacking.map(|lacking| format!(" ({lacking})")));
    }
    match written.neutralised {
        0 => {}
        1 => said += "; 1 cell that a spreadsheet would take for a formula begins with '",
        n => {
            said += &format!("; {n} cells that a spreadsheet would take for formulas begin with '")
        }
    }
    Ok(said)
}

/// A new file: one that is there is not touched, links are not followed.
pub fn new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a list would be taken for a whole one.
        let _ = std::fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_file_is_new_and_the_operators_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.csv");
        new(&path, b"a").expect("written");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = new(&path, b"b").expect_err("it is there");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("a file"), b"a");
        // A link to nowhere is not written through.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).expect("a link");
        assert!(new(&link, b"c").is_err());
        assert!(!folder.path().join("elsewhere").exists());
    }
}
