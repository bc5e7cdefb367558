//! `filters.toml` in the data folder: the filters that were saved.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::write_private;
use crate::{
    domain::{Fault, FaultKind, document::Broken, untrusted::display_in},
    model::{SavedFilter, read_saved, write_saved},
};

/// Where it lies.
pub fn filters_file(data: &Path) -> PathBuf {
    data.join("filters.toml")
}

/// The filters that were saved; none where there is no file.
///
/// # Errors
/// The file's mistakes, or why it cannot be read.
pub fn saved_filters(path: &Path) -> Result<Vec<SavedFilter>, Broken> {
    let name = path.to_string_lossy();
    match fs::read_to_string(path) {
        Ok(text) => read_saved(&name, &text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Broken::unreadable(&name, &e)),
    }
}

/// Writes the file anew. One that cannot be read is not written over: there may be something
/// in it that the operator wants.
///
/// # Errors
/// It could not be written; the one before is still there.
pub fn keep_filters(path: &Path, saved: &[SavedFilter]) -> Result<(), Fault> {
    if let Err(broken) = saved_filters(path) {
        let first = broken.to_string().replace('\n', "; ");
        return Err(Fault::new(FaultKind::Local, display_in(&first, 300))
            .with_hint("the filters are not kept until this file is put right"));
    }
    write_private(path, &write_saved(saved), true).map_err(|e| {
        let path = display_in(&path.to_string_lossy(), 160);
        Fault::new(FaultKind::Local, format!("{path}: {e}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::View;

    #[test]
    fn they_come_back_and_a_broken_file_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = filters_file(&folder.path().join("halon"));
        assert_eq!(saved_filters(&path), Ok(Vec::new()));
        let saved = vec![SavedFilter { name: "usual".to_owned(), view: View::default() }];
        keep_filters(&path, &saved).expect("written");
        assert_eq!(saved_filters(&path), Ok(saved.clone()));
        keep_filters(&path, &[]).expect("written anew");
        assert_eq!(saved_filters(&path), Ok(Vec::new()));
        fs::write(&path, "[[filters]]\nnam = \"mine\"\n").expect("written");
        let told = keep_filters(&path, &saved).expect_err("it is broken").to_string();
        assert!(told.contains("filters.toml:1:1: `name` is missing"), "{told}");
        assert!(fs::read_to_string(&path).expect("there").contains("mine"));
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("read").count(), 1);
    }
}
