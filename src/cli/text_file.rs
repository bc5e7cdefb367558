//! Reading a text from a file or from standard input.

use std::{fs::File, io::Read, path::Path};

use super::answer::usage;
use crate::domain::untrusted::display_in;

/// The largest text read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// The name to use in messages, and the text; `-` is standard input.
///
/// # Errors
/// It cannot be opened or read, is too large or not UTF-8.
pub fn read_text(path: &Path) -> anyhow::Result<(String, String)> {
    let stdin = path == Path::new("-");
    let name = if stdin { "-".to_owned() } else { display_in(&path.to_string_lossy(), 200) };
    let wrong = |why: &dyn std::fmt::Display| usage(format!("{name}: {why}"));
    let mut text = String::new();
    let mut source: Box<dyn Read> = match stdin {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(File::open(path).map_err(|e| wrong(&e))?),
    };
    source.by_ref().take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|e| wrong(&e))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(wrong(&format!("larger than {} MiB", MAX_BYTES >> 20)));
    }
    Ok((name, text))
}

/// serde_json's words without the place that they end in.
pub fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
    display_in(text, 200)
}
