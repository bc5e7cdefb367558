//! The first start of somebody who has nothing: a few pages, and the file at their end.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use portable_pty::CommandBuilder;

use super::terminal::Terminal;

const PROFILES: &str = "[default]\nregion = us-east-1\n[profile prod]\nregion = eu-west-1\n\
    sso_session = corp\n[sso-session corp]\n[profile dev]\n";

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join(".aws")).expect("made");
    fs::write(home.path().join(".aws/config"), PROFILES).expect("written");
    home
}

fn halon(home: tempfile::TempDir, size: (u16, u16)) -> Terminal {
    Terminal::at_home(home, CommandBuilder::new(env!("CARGO_BIN_EXE_halon")), size)
}

fn file(home: &Path) -> std::path::PathBuf {
    home.join(".config/halon/halon.toml")
}

/// The home of a console that has ended.
fn leave(mut t: Terminal) -> tempfile::TempDir {
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
    std::mem::replace(&mut t.home, tempfile::tempdir().expect("a folder"))
}

#[test]
fn page_by_page_to_the_file() {
    let mut t = halon(home(), (80, 24));
    t.shows("first steps, 1 of 8: welcome");
    t.shows("SAFE");
    t.step(b"\r");
    t.shows("[ ] default  us-east-1");
    t.shows("[ ] prod  eu-west-1");
    assert!(!t.screen().contains("corp"), "a session of SSO is no profile");
    t.step(b"j");
    t.step(b" ");
    t.shows("[x] prod");
    t.step(b"\r");
    t.shows("3 of 8: regions");
    for key in b"eu-west-1 nowhere" {
        t.step(&[*key]);
    }
    t.step(b"\r");
    t.shows("nowhere: a region looks like us-east-1");
    for _ in 0.." nowhere".len() {
        t.step(b"\x7f");
    }
    t.step(b"\r");
    t.shows("4 of 8: production");
    t.step(b" ");
    t.step(b"\r");
    t.shows("5 of 8: break-glass");
    t.types(b"\x1b[200~arn:aws:iam::111122223333:role/BreakGlass\x1b[201~");
    t.shows("role/BreakGlass");
    t.step(b"\r");
    t.shows("6 of 8: keys");
    t.step(b"j");
    t.shows("(x) vim");
    t.step(b"\r");
    t.shows("7 of 8: colours");
    // Skipped: the usual one.
    t.step(b"\t");
    t.shows("8 of 8: the file");
    let wanted = "regions = [\"eu-west-1\"]\n\
        break_glass = [\"arn:aws:iam::111122223333:role/BreakGlass\"]\n\n\
        [[accounts]]\nalias = \"prod\"\nprofile = \"prod\"\nproduction = true\n\n\
        [screen]\nkeymap = \"vim\"\n";
    for line in wanted.lines() {
        assert!(t.screen().contains(line), "{line}\n{}", t.screen());
    }
    t.step(b"\r");
    t.shows("halon.toml is written; accounts and regions hold from the next start on");
    let home = leave(t);
    let text = fs::read_to_string(file(home.path())).expect("written");
    let body = text.split_once('\n').expect("a comment first").1;
    assert_eq!(body, wanted);
    let mode = fs::metadata(file(home.path())).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The next start has an account, and asks nothing.
    let mut t = halon(home, (120, 30));
    t.shows("prod");
    assert!(!t.screen().contains("first steps"), "{}", t.screen());
    leave(t);
}

#[test]
fn whoever_leaves_is_told_the_way_back_and_is_not_asked_again() {
    let mut t = halon(home(), (160, 40));
    t.shows("first steps");
    t.step(b"\x1b");
    t.shows(
        "nothing was written; the first steps come back with set-up (g ,) or: halon config init",
    );
    let home = leave(t);
    assert!(!file(home.path()).exists());
    let mut t = halon(home, (160, 40));
    t.shows("SAFE");
    t.types(b"g,");
    t.shows("first steps, 1 of 8");
    t.step(b"\x1b");
    leave(t);
}

#[test]
fn it_stands_on_the_smallest_screen() {
    let mut t = halon(home(), (60, 16));
    t.shows("1 of 8: welcome");
    t.shows("enter goes on");
    for page in ["accounts", "regions", "break-glass", "keys", "colours", "the file"] {
        t.step(b"\r");
        t.shows(page);
        t.shows("esc leaves");
    }
    leave(t);
}

/// What was looked at is there again, and that the list is narrowed is said.
#[test]
fn the_console_opens_as_it_was_left() {
    let home = home();
    fs::create_dir_all(file(home.path()).parent().expect("a folder")).expect("made");
    fs::write(file(home.path()), "").expect("written");
    let mut t = halon(home, (160, 40));
    t.shows("high and above");
    t.step(b"s");
    t.step(b"u");
    t.step(b"3");
    let home = leave(t);
    let state = home.path().join(".local/share/halon/state.json");
    let mode = fs::metadata(&state).expect("kept").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = fs::read_to_string(&state).expect("kept");
    assert!(kept.contains("\"pane\": \"audit\""), "{kept}");
    assert!(kept.contains("\"at_least\": \"medium\""), "{kept}");
    let mut t = halon(home, (160, 40));
    t.shows("the list is filtered as you left it");
    leave(t);
}
