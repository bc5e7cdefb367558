//! `halon completions` and `halon man`: made, and taken by the shells that are here.

use std::{fs, process::Command};

use halon::cli::{self, Output};

fn run(args: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = ["halon"].iter().chain(args).map(Into::into);
    let code = cli::run(args, &mut Output { out: &mut out, err: &mut err });
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (code, text(out), text(err))
}

fn is_here(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success())
}

#[test]
fn completions_are_made_with_values_and_the_shells_take_them() {
    let folder = tempfile::tempdir().expect("a folder");
    for (shell, program) in
        [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish"), ("powershell", "pwsh")]
    {
        let (code, script, err) = run(&["completions", shell]);
        assert_eq!((code, err.as_str()), (0, ""), "{shell}");
        for command in ["playbook", "screenshot", "completions", "--read-only"] {
            assert!(script.contains(command.trim_start_matches('-')), "{shell} lacks {command}");
        }
        if shell != "powershell" {
            // Its generator has no values.
            for value in ["leaked-access-key", "us-east-1", "scp-lockout", "colour-blind"] {
                // Fish's has none for what stands without a flag.
                let none = shell == "fish" && value == "leaked-access-key";
                assert_eq!(script.contains(value), !none, "{shell}: {value}");
            }
        }
        let file = folder.path().join(shell);
        fs::write(&file, &script).expect("written");
        if shell != "powershell" && is_here(program) {
            let checked = Command::new(program).arg("-n").arg(&file).output().expect("it runs");
            let said = String::from_utf8_lossy(&checked.stderr);
            assert!(checked.status.success() && said.is_empty(), "{shell}: {said}");
        }
    }
}

/// As bash asks for it when the tab key is pressed.
#[test]
fn bash_completes_commands_and_playbooks() {
    if !is_here("bash") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("halon.bash");
    fs::write(&file, run(&["completions", "bash"]).1).expect("written");
    let complete = |words: &[&str]| {
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let script = format!(
            "source {}; COMP_WORDS=({}); COMP_CWORD={}; _halon halon '{last}' '{before}'; \
             echo \"${{COMPREPLY[*]}}\"",
            file.display(),
            words.iter().map(|w| format!("'{w}'")).collect::<Vec<_>>().join(" "),
            words.len() - 1
        );
        let out = Command::new("bash").args(["-c", &script]).output().expect("bash runs");
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    };
    assert_eq!(complete(&["halon", "screen"]), "screenshot");
    assert_eq!(complete(&["halon", "playbook", "show", "leaked-"]), "leaked-access-key");
    assert_eq!(complete(&["halon", "--region", "eu-west-3"]), "eu-west-3");
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man1");
    let (code, out, err) = run(&["man", "--output", &pages.to_string_lossy()]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let names: Vec<String> = fs::read_dir(&pages)
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    for name in ["halon.1", "halon-playbook-run.1", "halon-iam-narrow.1", "halon-man.1"] {
        assert!(names.iter().any(|n| n == name), "{name}: {names:?}");
        let page = fs::read_to_string(pages.join(name)).expect("a page");
        assert!(page.contains(".TH ") && page.contains(".SH NAME"), "{page}");
    }
    // Every command of the reference.
    let reference = cli::reference::command_line();
    let commands = reference.lines().filter_map(|l| l.strip_prefix("## halon "));
    let mut seen = 0;
    for command in commands {
        let name = format!("halon-{}.1", command.replace(' ', "-"));
        assert!(names.contains(&name), "{name} is missing");
        seen += 1;
    }
    assert!(seen > 20, "only {seen} commands in the reference");
}

#[test]
fn one_page_is_shown_or_what_there_is() {
    let (code, page, err) = run(&["man", "playbook", "run"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.contains("halon\\-playbook\\-run") && page.contains("incident"), "{page}");
    let (code, _, err) = run(&["man", "playbook", "runn"]);
    assert!(code == 2 && err.contains("there are") && err.contains("run"), "{err}");
    let (code, out, _) = run(&["--json", "man"]);
    let read: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &read["schema"]), (0, &serde_json::json!("halon.man/1")));
}
