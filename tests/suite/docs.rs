//! Documents made from the program, so that they never rot. After a change:
//! `HALON_WRITE_DOCS=1 cargo test docs`.

use std::{fs, path::Path};

use halon::cli::reference;

use super::solutions::Home;

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
    let example = text.split("with comments:\n\n```toml\n").nth(1);
    let example = example.and_then(|t| t.split("```").next());
    let example = example.expect("an example");
    let read = halon::playbook::Playbook::read("example", example);
    assert_eq!(read.map(|p| p.id), Ok("detach-wildcard-policy".to_owned()));
}

/// Every Markdown file that people read, with its place below the root.
fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of = |folder: &Path| -> Vec<std::path::PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "md")).collect()
    };
    let all = [of(root), of(&root.join("docs")), of(&root.join("tests/conformance"))].concat();
    let named = |path: &std::path::PathBuf| {
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("UTF-8"))
    };
    all.iter().map(named).collect()
}

fn document(name: &str) -> String {
    let found = documents().into_iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no {name}")).1
}

/// The fenced block behind `<!-- document: NAME -->`: something to be copied as it stands.
pub fn block(page: &str, name: &str) -> String {
    let text = document(page);
    let mark = format!("<!-- document: {name} -->\n```");
    let (_, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("no {name} in {page}"));
    let body = rest.split_once('\n').and_then(|(_, body)| body.split_once("\n```"));
    body.expect("a fence that ends").0.to_owned() + "\n"
}

/// Every command that a document shows in a shell's fence is one that exists.
#[test]
fn the_documents_show_real_commands() {
    let mut tried = 0;
    for (name, text) in documents() {
        let mut shell = false;
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("```") {
                shell = !shell && line == "```sh";
                continue;
            }
            let own = line.strip_prefix("halon ").or_else(|| line.strip_prefix("cargo run -- "));
            let Some(line) = own.filter(|_| shell) else { continue };
            let command = line.split(['#', '>']).next().unwrap_or_default().trim();
            let command = command.trim_end_matches('&');
            let words = words(command).into_iter().chain(["--help".to_owned()]).map(Into::into);
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut output = halon::cli::Output { out: &mut out, err: &mut err };
            let code = halon::cli::run(std::iter::once("halon".into()).chain(words), &mut output);
            let err = String::from_utf8_lossy(&err);
            assert_eq!(code, 0, "{name}: `halon {command}`: {err}");
            tried += 1;
        }
    }
    assert!(tried > 60, "only {tried} commands were found");
}

/// Every link leads to a file that is there, and to a heading in it.
#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut followed = 0;
    for (name, text) in documents() {
        let folder = root.join(&name).parent().expect("a folder").to_owned();
        for target in links(&text) {
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() { root.join(&name) } else { folder.join(file) };
            assert!(path.exists(), "{name}: {target} is not there");
            if !heading.is_empty() {
                let page = fs::read_to_string(&path).expect("a page");
                assert!(headings(&page).contains(&heading.to_owned()), "{name}: no #{heading}");
            }
            followed += 1;
        }
    }
    assert!(followed > 40, "only {followed} links were found");
}

/// The targets of `[words](target)` outside of fences and code.
fn links(text: &str) -> Vec<String> {
    let (mut fenced, mut out) = (false, Vec::new());
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let plain: String = line
            .split('`')
            .enumerate()
            .filter(|(at, _)| at % 2 == 0)
            .map(|(_, part)| part)
            .collect();
        let targets = plain.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        out.extend(targets.map(str::to_owned));
    }
    out
}

/// The anchors of a page's headings, as hosts of repositories make them.
fn headings(text: &str) -> Vec<String> {
    let (mut fenced, mut out) = (false, Vec::new());
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let Some(title) = line.trim_start_matches('#').strip_prefix(' ') else { continue };
        if fenced || !line.starts_with('#') {
            continue;
        }
        let kept = title.to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        out.push(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
    }
    out
}

/// What the walk-throughs have people write is read, planned and shown.
#[test]
fn the_examples_to_copy_work() {
    let playbook = block("docs/PLAYBOOKS.md", "mark-user.toml");
    let scenario = block("docs/SCENARIOS.md", "first-steps.toml");
    let home = Home::with("first-steps", &scenario);
    let folder = home.path().join(".config/halon/playbooks");
    fs::create_dir_all(&folder).expect("made");
    fs::write(folder.join("mark-user.toml"), playbook).expect("written");
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_halon"));
        command.env_clear().env("HOME", home.path()).args(arguments);
        let done = command.output().expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (out, err) = (text(done.stdout), text(done.stderr));
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {err}");
        out
    };
    let file = folder.join("mark-user.toml");
    let file = file.to_string_lossy();
    run(&["playbook", "check", &file]);
    let plan = run(&["--range", "playbook", "plan", "mark-user", "-i", "user=ci-deployer"]);
    assert!(plan.contains("incident = being looked at"), "{plan}");
    assert!(run(&["range", "list"]).contains("My first world"));
    assert!(run(&["--range=first-steps", "findings"]).contains("Persistence:IAMUser"));
    let trail = ["--range=first-steps", "trail", "--event", "CreateUser", "--since", "2h"];
    assert!(run(&trail).contains("iam:CreateUser"));
    let why = run(&["permissions", "--mode", "respond", "--playbook", &file, "--why"]);
    let tag = why.lines().find(|line| line.starts_with("iam:TagUser: ")).expect("a line");
    assert!(tag.contains("playbook mark-user"), "{tag}");
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
