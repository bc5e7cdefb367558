//! The table of ARCHITECTURE.md, enforced: what each folder may name.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder may name the folders before it, and itself.
const ORDER: &[&str] = &[
    "domain", "policy", "change", "input", "theme", "audit", "guard", "playbook", "store", "range",
    "cloud", "case", "drill", "model", "ui", "app", "runtime", "cli",
];

/// A name, the folders that may use it, and the rule in a sentence.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("aws_sdk_", &["cloud"], "the AWS SDK is named in `cloud` and nowhere else"),
    ("aws_config", &["cloud"], "the AWS SDK is named in `cloud` and nowhere else"),
    ("aws_smithy_", &["cloud"], "the AWS SDK is named in `cloud` and nowhere else"),
    ("aws_types", &["cloud"], "the AWS SDK is named in `cloud` and nowhere else"),
    ("aws_credential_types", &["cloud"], "the AWS SDK is named in `cloud` and nowhere else"),
    ("aws_runtime", &["cloud"], "the AWS SDK is named in `cloud` and nowhere else"),
    ("tokio::spawn", &["runtime", "range"], "tasks are started by `runtime` and `range` only"),
    ("Timestamp::now", &["runtime"], "the wall clock is read in `runtime` only"),
    ("SystemTime::now", &["runtime"], "the wall clock is read in `runtime` only"),
    ("Zoned::now", &["runtime"], "the wall clock is read in `runtime` only"),
    ("ZonedDateTime::now", &["runtime"], "the wall clock is read in `runtime` only"),
    (
        "std::fs",
        &["audit", "store", "runtime", "cli"],
        "files are touched by `audit`, `store`, `runtime` and `cli` only",
    ),
    (
        "fs::",
        &["audit", "store", "runtime", "cli"],
        "files are touched by `audit`, `store`, `runtime` and `cli` only",
    ),
    (
        "ratatui::",
        &["theme", "ui", "runtime", "cli/screenshot/"],
        "styles are `theme`'s, drawing is `ui`'s, the terminal is `runtime`'s, paper in its place \
         `cli::screenshot`'s",
    ),
    ("crossterm::", &["runtime"], "the terminal is `runtime`'s"),
    ("rusqlite::", &["store"], "SQLite is named in `store` only"),
    (".customize()", &[], "a call customised by itself could leave the gate out"),
    ("disable_interceptor", &[], "nothing may be switched off for a single call"),
    (".unwrap()", &[], "no unwrap outside tests"),
    ("{:?}\", e", &[], "an error is never shown by its Debug form"),
    ("DisplayErrorContext", &[], "an SDK error is never formatted: its sources can hold secrets"),
];

#[test]
fn every_folder_keeps_to_its_row() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut files = 0;
    for (place, folder) in ORDER.iter().enumerate() {
        for file in rust_files(&source.join(folder)) {
            files += 1;
            let text = fs::read_to_string(&file).expect("a source file");
            let name = file.strip_prefix(&source).expect("below src").display().to_string();
            for (number, line) in code_lines(&text) {
                let mut say =
                    |rule: &str| wrong.push(format!("src/{name}:{number}: {rule}\n    {line}"));
                for (other_place, other) in ORDER.iter().enumerate() {
                    let named = [format!("crate::{other}::"), format!("crate::{other};")];
                    if other_place > place && named.iter().any(|n| line.contains(n)) {
                        say(&format!("`{folder}` may not name `{other}`, which is to its right"));
                    }
                }
                for (word, allowed, rule) in RESERVED {
                    let allowed = allowed.iter().any(|a| a == folder || name.starts_with(*a));
                    if line.contains(word) && !allowed {
                        say(rule);
                    }
                }
            }
            for (number, named) in crate_braces(&text) {
                let at = ORDER.iter().position(|f| *f == named);
                if at.is_some_and(|at| at > place) {
                    wrong.push(format!(
                        "src/{name}:{number}: `{folder}` may not name `{named}`, which is to its right"
                    ));
                }
            }
        }
    }
    assert!(files > 30, "only {files} files were read: is the list of folders right?");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_in_the_table() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(source).expect("src").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().expect("a type").is_dir() {
            assert!(ORDER.contains(&name.as_str()), "src/{name} has no row in the table");
        }
    }
}

/// The range must not share a mistake with the client that is tested against it.
#[test]
fn the_range_names_only_domain_and_policy() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/range");
    for file in rust_files(&source) {
        let text = fs::read_to_string(&file).expect("a source file");
        for folder in ORDER.iter().filter(|f| !["domain", "policy", "range"].contains(f)) {
            let named = text.contains(&format!("crate::{folder}::"))
                || crate_braces(&text).iter().any(|(_, n)| n == folder);
            assert!(!named, "{} names `{folder}`", file.display());
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// Lines that are neither comments nor in the tests at the end of the file.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("mod tests {"))
        .map(|(i, line)| (i + 1, line.trim()))
        .filter(|(_, line)| !line.starts_with("//"))
}

/// The folders named in `use crate::{…}` lists, which may span lines.
fn crate_braces(text: &str) -> Vec<(usize, String)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use crate::{") {
        let line = code[..at].matches('\n').count() + 1;
        let (mut depth, mut word) = (0, String::new());
        for c in code[at + "use crate::".len()..].chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ':' | ',' if depth == 1 => {}
                c if depth == 1 && (c.is_alphanumeric() || c == '_') => {
                    word.push(c);
                    continue;
                }
                _ => {}
            }
            if !word.is_empty() {
                found.push((line, std::mem::take(&mut word)));
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}
