//! `state.json` in the data folder: how the console was left. A file that cannot be read stops
//! nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::write_private;
use crate::{
    domain::{Fault, FaultKind, untrusted::display_in},
    model::Remembered,
};

/// Larger than any that was written, in bytes.
const LARGEST: u64 = 1 << 20;

/// Where it lies.
pub fn state_file(data: &Path) -> PathBuf {
    data.join("state.json")
}

/// What is remembered. A broken file is set aside under another name, and that is told.
pub fn recall(path: &Path) -> (Remembered, Option<Fault>) {
    let text = match read(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Default::default(),
        Err(e) => return (Remembered::default(), Some(trouble(path, &e.to_string()))),
    };
    match serde_json::from_str(&text) {
        Ok(remembered) => (remembered, None),
        Err(e) => {
            let aside = path.with_extension("json.broken");
            let what = match fs::rename(path, &aside) {
                Ok(()) => format!("line {}: it was set aside as {}", e.line(), shown(&aside)),
                Err(moving) => format!("line {}: and could not be set aside: {moving}", e.line()),
            };
            (Remembered::default(), Some(trouble(path, &what)))
        }
    }
}

/// # Errors
/// It could not be written; the one before is still there.
pub fn remember(path: &Path, remembered: &Remembered) -> Result<(), Fault> {
    let text =
        serde_json::to_string_pretty(remembered).map_err(|e| trouble(path, &e.to_string()))?;
    write_private(path, &(text + "\n"), true).map_err(|e| trouble(path, &e.to_string()))
}

fn read(path: &Path) -> io::Result<String> {
    let about = fs::metadata(path)?;
    if !about.is_file() || about.len() > LARGEST {
        return Err(io::Error::other("it is no file, or too large"));
    }
    fs::read_to_string(path)
}

fn trouble(path: &Path, why: &str) -> Fault {
    let what = format!("{}: {}", shown(path), display_in(why, 200));
    Fault::new(FaultKind::Local, what).with_hint("the console opens as it does the first time")
}

fn shown(path: &Path) -> String {
    display_in(&path.to_string_lossy(), 160)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_and_a_broken_one_is_set_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = state_file(&folder.path().join("halon"));
        assert_eq!(recall(&path), Default::default());
        let remembered = Remembered { pane: "audit".to_owned(), ..Remembered::default() };
        remember(&path, &remembered).expect("written");
        assert_eq!(recall(&path), (remembered, None));
        fs::write(&path, "{\n\"pane\": ").expect("written");
        let (nothing, told) = recall(&path);
        assert_eq!(nothing, Remembered::default());
        let told = told.expect("it is told").to_string();
        assert!(told.contains("state.json: line 2: it was set aside"), "{told}");
        assert!(!path.exists() && path.with_extension("json.broken").exists());
        assert_eq!(recall(&path), Default::default());
        // A folder in its place: told, and nothing else.
        fs::create_dir(&path).expect("made");
        assert!(recall(&path).1.is_some());
        assert!(remember(&path, &Remembered::default()).is_err());
    }
}
