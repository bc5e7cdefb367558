//! Files that people write, broken: each gives one message with file, line and what to do, and
//! the console opens all the same.

use std::{fs, path::Path};

use portable_pty::CommandBuilder;

use super::terminal::Terminal;

/// Wide enough for any message.
const SIZE: (u16, u16) = (240, 40);

/// A file below the configuration folder, its text, and what is told of it: the place after its
/// name, and a word of what to do.
type Broken = (&'static str, &'static str, &'static str, &'static str);

/// Beside a good halon.toml that names what is broken.
const FILES: [Broken; 14] = [
    ("halon.toml", "regoins = [\"us-east-1\"]\n", ":1:1: ", "did you mean `regions`?"),
    ("halon.toml", "[limits]\npages = 0\n", ":2:9: ", "must be from 1 to 1000000"),
    ("halon.toml", "[[accounts]]\nprofile = \"x\"\n", ":1:1: ", "`alias` is missing"),
    ("halon.toml", "[screen\nmouse = false\n", ":1:", "halon config check"),
    ("halon.toml", "[screen]\nborders = \"ascci\"\n", ":2:11: ", "did you mean `ascii`?"),
    ("halon.toml", "[notify]\n\nquiet = \"at night\"\n", ":3:9: ", "such as 22:00-07:00"),
    ("halon.toml", "[screen]\nkeymap = \"emcas\"\n", ":2:10: ", "did you mean `emacs`?"),
    ("halon.toml", "[screen]\ntheme = \"lihgt\"\n", ":2:9: ", "did you mean `light`?"),
    ("keymaps/default.toml", "[findings]\n\"j\" = \"donw\"\n", ":2:7: ", "did you mean `down`?"),
    ("keymaps/default.toml", "[global]\n\"hyper-x\" = \"quit\"\n", ":2:1: ", "not a key"),
    (
        "keymaps/default.toml",
        "[findigns]\n\"j\" = \"down\"\n",
        ":1:2: ",
        "did you mean `findings`?",
    ),
    ("themes/dark.toml", "[roles]\nkey = \"gren\"\n", ":2:7: ", "did you mean `green`?"),
    ("themes/dark.toml", "inherits = \"lite\"\n", ":1:12: ", "no such theme"),
    ("themes/dark.toml", "[roles]\n\nkeys = \"red\"\n", ":3:1: ", "did you mean `key`?"),
];

/// The console of a range with these files in its configuration folder.
fn console(files: &[(&str, &str)]) -> Terminal {
    let home = tempfile::tempdir().expect("a folder");
    write(home.path(), files);
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_halon"));
    command.arg("--range");
    Terminal::at_home(home, command, SIZE)
}

fn write(home: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = home.join(".config/halon").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
}

#[test]
fn each_gives_one_message_and_the_console_opens_all_the_same() {
    for (name, text, place, help) in FILES {
        let mut t = console(&[(name, text)]);
        // It is there, with what it is for.
        t.shows("AttackSequence:IAM");
        let screen = t.screen();
        let told = format!("~/.config/halon/{name}{place}");
        assert_eq!(screen.matches(&told).count(), 1, "{name} {text:?}\n{screen}");
        let line = screen.lines().find(|l| l.contains(&told)).unwrap_or_default();
        assert!(line.contains(help) && line.contains("mend it"), "{name} {text:?}\n{line}");
        assert_eq!(screen.matches("~/.config/halon/").count(), 1, "one message\n{screen}");
        // What is unusable stays said; a key is taken.
        let unusable = place == ":1:"
            || (name == "halon.toml" && !help.contains("light") && !help.contains("emacs"));
        assert_eq!(screen.contains("CONFIGURATION NOT USED"), unusable, "{text:?}\n{screen}");
        t.types(b"q");
        assert_eq!(t.ends().exit_code(), 0, "{name} {text:?}");
    }
}

#[test]
fn several_are_told_as_several() {
    let mut t = console(&[
        ("halon.toml", "[limits]\npages = 0\n"),
        ("keymaps/default.toml", "[global]\n\"x\" = \"nothing\"\n"),
        ("themes/mine.toml", "[roles]\nkey = \"gren\"\n"),
    ]);
    t.shows("halon.toml:2:9: ");
    t.shows("2 more files are broken: halon config check names all");
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
}

/// The state is no configuration: a broken one is set aside, told once, and gone.
#[test]
fn a_broken_state_is_set_aside() {
    let home = tempfile::tempdir().expect("a folder");
    write(home.path(), &[("halon.toml", "")]);
    let data = home.path().join("data");
    fs::create_dir(&data).expect("made");
    fs::write(data.join("state.json"), "{\"pane\": \"aud").expect("written");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_halon"));
    command.arg("--offline");
    command.arg("--data-dir");
    command.arg(&data);
    let mut t = Terminal::at_home(home, command, SIZE);
    t.shows("SAFE");
    t.shows("state.json: line 1: it was set aside");
    assert!(data.join("state.json.broken").exists());
    t.types(b"q");
    assert_eq!(t.ends().exit_code(), 0);
}
