//! Which files an import reads.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Output, answer};
use crate::domain::untrusted::display;

/// What paths on the command line stand for.
#[derive(Debug, Default)]
pub struct Files {
    /// In order, each once.
    pub found: Vec<PathBuf>,
    /// Folders that cannot be listed.
    unread: Vec<(PathBuf, io::Error)>,
}

impl Files {
    /// Files named, and JSON files in folders named and in their folders; links are not
    /// followed there. A path that does not exist is wrong usage.
    pub fn of(paths: &[PathBuf]) -> anyhow::Result<Files> {
        let mut files = Files::default();
        for path in paths {
            let shown = || display(&path.to_string_lossy());
            match fs::metadata(path) {
                Ok(is) if is.is_dir() => files.below(path),
                Ok(_) => files.found.push(path.clone()),
                Err(e) => return Err(answer::usage(format!("{}: {e}", shown()))),
            }
        }
        files.found.sort();
        files.found.dedup();
        Ok(files)
    }

    /// Names the folders that could not be listed; whether there were any.
    pub fn tell(&self, output: &mut Output<'_>) -> anyhow::Result<bool> {
        for (path, error) in &self.unread {
            writeln!(output.err, "halon: {}: {error}", display(&path.to_string_lossy()))?;
        }
        Ok(!self.unread.is_empty())
    }

    fn below(&mut self, folder: &Path) {
        let mut add = || {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    self.below(&entry.path());
                } else if kind.is_file() && is_json(&entry.path()) {
                    self.found.push(entry.path());
                }
            }
            Ok(())
        };
        if let Err(e) = add() {
            self.unread.push((folder.to_owned(), e));
        }
    }
}

/// In a folder only what is named as JSON is read; a file named by the operator always is.
fn is_json(path: &Path) -> bool {
    let name =
        path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".json", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end))
}
