//! Documents made from the program, so that they never rot. After a change:
//! `HALON_WRITE_DOCS=1 cargo test docs`.

use std::{fs, path::Path};

use halon::cli::reference;

fn is_current(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("HALON_WRITE_DOCS").is_some() {
        fs::write(&path, text).expect("written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "docs/{name} is behind: HALON_WRITE_DOCS=1 cargo test docs");
}

#[test]
fn the_command_line_reference() {
    is_current("CLI.md", &reference::command_line());
}

#[test]
fn the_permissions() {
    is_current("PERMISSIONS.md", &reference::permissions());
}

#[test]
fn the_keys() {
    is_current("KEYS.md", &reference::keys());
}

#[test]
fn the_configuration() {
    is_current("CONFIGURATION.md", &reference::configuration());
}

#[test]
fn the_playbooks() {
    let text = reference::playbooks();
    is_current("PLAYBOOKS.md", &text);
    // Nothing of the closed sets is left out, and every change has its risk.
    for spec in halon::change::KINDS {
        let row = text.lines().find(|l| l.starts_with(&format!("| `{}` |", spec.name)));
        assert!(row.is_some_and(|r| !r.ends_with("|  |")), "{}: {row:?}", spec.name);
    }
    // The example is what it says: the shipped file, and still one that reads.
    let example = text.split("```toml\n").nth(1).and_then(|t| t.split("```").next());
    let example = example.expect("an example");
    let read = halon::playbook::Playbook::read("example", example);
    assert_eq!(read.map(|p| p.id), Ok("detach-wildcard-policy".to_owned()));
}

/// Every command that README.md shows is one that exists.
#[test]
fn the_readme_shows_real_commands() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).expect("the readme");
    let mut tried = 0;
    for line in readme.lines().filter(|l| l.starts_with("halon ") || l.starts_with("cargo run -- "))
    {
        let line = line
            .strip_prefix("cargo run -- ")
            .unwrap_or(line.strip_prefix("halon ").unwrap_or(line));
        let command = line.split('#').next().unwrap_or_default().trim().trim_end_matches('&');
        let words = words(command).into_iter().chain(["--help".to_owned()]).map(Into::into);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = halon::cli::Output { out: &mut out, err: &mut err };
        let code = halon::cli::run(std::iter::once("halon".into()).chain(words), &mut output);
        assert_eq!(code, 0, "`halon {command}`: {}", String::from_utf8_lossy(&err));
        tried += 1;
    }
    assert!(tried > 6, "only {tried} commands were found in the readme");
}

/// The words of a command line; double quotes hold blanks together.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    let joined: String = quoted
        .map(|(at, part)| if at % 2 == 1 { part.replace(' ', "\u{1}") } else { part.to_owned() })
        .collect();
    joined.split_whitespace().map(|word| word.replace('\u{1}', " ")).collect()
}

/// The README's two commands share one build of the SDK: no crate has other features
/// when the tests are built.
#[test]
fn running_and_testing_build_the_same_crates() {
    let features = |edges: &str| -> std::collections::BTreeSet<String> {
        let output = std::process::Command::new(env!("CARGO"))
            .args([
                "tree",
                "--offline",
                "--locked",
                "--prefix",
                "none",
                "-f",
                "{p} [{f}]",
                "-e",
                edges,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().map(|l| l.trim_end_matches(" (*)").to_owned()).collect()
    };
    // Without build scripts' crates: those are compiled apart, with features of their own,
    // and a crate that is in both graphs would hide its other self.
    let (run, test) = (features("normal"), features("normal,dev"));
    assert!(run.len() > 100, "the check can fail");
    let other: Vec<_> = run.difference(&test).collect();
    assert!(other.is_empty(), "built again for the tests: {other:?}");
}
