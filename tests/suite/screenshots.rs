//! `halon screenshot`, and the pictures that README.md shows: of the program as it is.
//! After a change: `HALON_WRITE_DOCS=1 cargo test screenshots`.

use std::{fs, path::Path};

use halon::cli::{
    self, Output,
    screenshot::{SCREENS, take},
};

const SCENARIO: &str = "leaked-key";

/// The pictures that are kept: a screen, and its size.
const KEPT: &[(&str, (u16, u16))] = &[
    ("findings", (100, 30)),
    ("finding", (100, 30)),
    ("trail", (100, 30)),
    ("principal", (100, 30)),
    ("organization", (100, 20)),
    ("playbooks", (100, 30)),
    ("plan", (100, 30)),
    ("confirm", (100, 30)),
    ("run", (100, 30)),
    ("audit", (100, 30)),
    ("drill", (100, 30)),
    ("help", (100, 30)),
];

#[test]
fn the_kept_pictures_are_of_the_program_as_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    let mut behind = Vec::new();
    for (screen, size) in KEPT {
        let svg = take(screen, SCENARIO, *size, "dark").expect("a picture").svg();
        let path = folder.join(format!("{screen}.svg"));
        if std::env::var_os("HALON_WRITE_DOCS").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&path, &svg).expect("written");
        }
        if fs::read_to_string(&path).unwrap_or_default() != svg {
            behind.push(*screen);
        }
    }
    assert!(behind.is_empty(), "behind: {behind:?}: HALON_WRITE_DOCS=1 cargo test screenshots");
    // Nothing is kept that nobody makes.
    for entry in fs::read_dir(&folder).expect("the folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let made = KEPT.iter().any(|(screen, _)| name == format!("{screen}.svg"));
        assert!(made, "assets/pictures/{name} is made by nobody");
    }
}

#[test]
fn every_screen_is_reached_at_every_size_and_is_the_same_again() {
    for screen in SCREENS {
        for size in [(60, 16), (80, 24), (200, 50)] {
            let text = || {
                let taken = take(screen.name, SCENARIO, size, "mono");
                taken.unwrap_or_else(|e| panic!("{} at {size:?}: {e}", screen.name)).text()
            };
            let once = text();
            assert!(once.starts_with(" halon "), "{}:\n{once}", screen.name);
            assert_eq!(once.lines().count(), usize::from(size.1), "{}", screen.name);
            assert_eq!(once, text(), "{} at {size:?}", screen.name);
        }
    }
}

fn run(args: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = ["halon", "screenshot"].iter().chain(args).map(Into::into);
    let code = cli::run(args, &mut Output { out: &mut out, err: &mut err });
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (code, text(out), text(err))
}

#[test]
fn the_command_writes_a_picture_or_says_what_is_wrong() {
    let (code, out, err) = run(&["findings", "--format", "text", "--size", "60x16"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("19 of 19 findings") && out.lines().count() == 16, "{out}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("help.svg");
    let (code, out, err) = run(&["help", "--output", &file.to_string_lossy()]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    let svg = fs::read_to_string(file).expect("the file");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");

    let (code, _, err) = run(&["nowhere"]);
    assert!(code == 2 && err.contains("findings, finding"), "{err}");
    let (code, _, err) = run(&["findings", "--size", "80"]);
    assert!(code == 2 && err.contains("80x24"), "{err}");
    // A scenario that does not lead there is said, and nothing is written.
    let (code, out, err) = run(&["--range=quiet", "plan"]);
    assert!(code != 0 && out.is_empty() && err.contains("no finding of the type"), "{err}");
}

/// What an attacker chose the names in is still one document.
#[test]
fn a_picture_of_hostile_text_is_text() {
    let svg = take("findings", "hostile", (200, 50), "dark").expect("a picture").svg();
    let texts = svg.lines().filter(|l| l.starts_with("<text "));
    for line in texts {
        let inside = line.split_once('>').and_then(|(_, rest)| rest.strip_suffix("</text>"));
        let inside = inside.unwrap_or_else(|| panic!("not one element: {line}"));
        assert!(!inside.contains('<') && !inside.chars().any(char::is_control), "{line}");
        let entity = |at: usize| inside[at..].split_once(';').map(|(name, _)| name);
        for (at, _) in inside.match_indices('&') {
            let known = ["&amp", "&lt", "&gt", "&quot", "&apos"];
            assert!(entity(at).is_some_and(|e| known.contains(&e)), "{line}");
        }
    }
    assert!(svg.contains("RANGE"), "it is a picture of the console");
}
