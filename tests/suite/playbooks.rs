//! Playbooks that must not run: files with mistakes, files meant as attacks, and files in
//! places where somebody else could have written them.

use std::{
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, chown, symlink},
    },
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use halon::{
    domain::{document::Broken, untrusted},
    playbook::{MAX_BYTES, Playbook, shipped},
    runtime::{Loaded, load_playbook, load_playbooks, playbook_unchanged},
};
use proptest::prelude::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/playbooks")
}

/// One row of `invalid/expected.tsv`.
struct Expected {
    file: String,
    at: String,
    reason: String,
}

fn expected() -> Vec<Expected> {
    let table = fs::read_to_string(fixtures().join("invalid/expected.tsv")).expect("the table");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        let [file, at, reason] = cells[..] else { panic!("three cells: {row}") };
        Expected { file: file.into(), at: at.into(), reason: reason.into() }
    })
    .collect()
}

/// Reads on the small stack that worker threads usually have.
fn read(text: String) -> Result<Playbook, Broken> {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let reader = thread.spawn(move || Playbook::read("f.toml", &text)).expect("a thread");
    reader.join().expect("reading never panics")
}

/// The mistakes, each of them placed and fit for a terminal.
fn mistakes(read: Result<Playbook, Broken>) -> Vec<(String, String)> {
    let Err(broken) = read else { return Vec::new() };
    assert!(!broken.mistakes.is_empty(), "refused without a mistake");
    let mistakes = broken.mistakes.into_iter().map(|m| {
        assert!(!untrusted::shown(&m.what, usize::MAX).hidden, "{:?}", m.what);
        assert!(m.line > 0 && m.column > 0, "{m}");
        (format!("{}:{}", m.line, m.column), m.what)
    });
    mistakes.collect()
}

#[test]
fn every_malformed_playbook_is_refused_for_what_is_wrong_with_it() {
    let expected = expected();
    let (mut wrong, mut files) = (Vec::new(), 0);
    for entry in fs::read_dir(fixtures().join("invalid")).expect("the folder").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        if name == "expected.tsv" {
            continue;
        }
        files += 1;
        let text = fs::read_to_string(entry.path()).expect("text");
        let found = mistakes(read(text));
        let rows: Vec<&Expected> = expected.iter().filter(|row| row.file == name).collect();
        let as_expected = !rows.is_empty()
            && rows.len() == found.len()
            && rows
                .iter()
                .zip(&found)
                .all(|(r, (at, what))| r.at == *at && what.contains(&r.reason));
        if !as_expected {
            let rows: Vec<_> = rows.iter().map(|r| format!("{} {}", r.at, r.reason)).collect();
            wrong.push(format!("{name}\n  expected {rows:#?}\n  found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files >= 60, "only {files} fixtures");
    for row in &expected {
        let file = fixtures().join("invalid").join(&row.file);
        assert!(file.exists(), "a row for {}, which is not there", row.file);
    }
}

#[test]
fn what_the_malformed_ones_are_made_from_is_in_order() {
    let text = fs::read_to_string(fixtures().join("plain.toml")).expect("text");
    assert_eq!(mistakes(read(text.clone())), []);
    assert_eq!(mistakes(read(text.replace('\n', "\r\n"))), []);
    assert_eq!(mistakes(read(format!("\u{feff}{text}"))), [], "one byte order mark is allowed");
    for (id, text) in shipped() {
        assert_eq!(mistakes(read((*text).to_owned())), [], "{id}");
    }
}

/// Files that are large or deep on purpose are refused at once.
#[test]
fn bombs_are_refused_quickly_and_without_a_panic() {
    let head = "schema = 1\nid = \"bomb\"\n";
    let deep = 20_000;
    let keys = |n: usize| (0..n).map(|k| format!("k{k}=1\n")).collect::<String>();
    let bombs = [
        ("arrays", format!("x = {}{}", "[".repeat(deep), "]".repeat(deep))),
        ("arrays left open", format!("x = {}", "[".repeat(deep))),
        ("inline tables", format!("x = {}1{}", "{a=".repeat(deep), "}".repeat(deep))),
        ("dotted keys", format!("{}a = 1", "a.".repeat(deep))),
        ("tables", format!("[{}a]\nb = 1", "a.".repeat(deep))),
        ("arrays of tables", format!("[[{}a]]\nb = 1", "a.".repeat(deep))),
        ("tables in steps", format!("[[steps]]\nwith.{}a = 1", "a.".repeat(deep))),
        ("many steps", "[[steps]]\n".repeat(deep)),
        ("many inputs", (0..deep).map(|n| format!("[inputs.{n}]\n")).collect()),
        ("many keys", keys(20_000)),
        ("more keys than are read", keys(200_000)),
        ("signs", format!("schema = {}1", "+".repeat(1_000_000))),
        ("signs as far as they are read", format!("schema = {}1", "-".repeat(MAX_BYTES - 20))),
        ("no value on any line", "a=\n".repeat(80_000)),
        ("nothing but ends", "]".repeat(MAX_BYTES - 100)),
        ("a long string", format!("title = \"{}\"", "x".repeat(20_000_000))),
        ("a string as far as it is read", format!("title = \"{}\"", "é".repeat(130_000))),
        ("hidden characters on every line", "#\u{202e}\n".repeat(50_000)),
        ("quotes", "\"".repeat(MAX_BYTES - 100)),
        ("escapes", format!("title = \"{}\"", "\\u202e".repeat(40_000))),
    ];
    for (name, bomb) in bombs {
        let begun = Instant::now();
        let found = mistakes(read(format!("{head}{bomb}")));
        assert!(!found.is_empty(), "{name}: accepted");
        assert!(found.len() <= 101, "{name}: {} mistakes are too many to read", found.len());
        assert!(begun.elapsed() < Duration::from_secs(10), "{name}: {:?}", begun.elapsed());
    }
}

/// A folder of playbooks that nobody else may write, whatever the umask is.
struct Folder(tempfile::TempDir);

/// A playbook in order, of this id.
fn plain(id: &str) -> String {
    let text = fs::read_to_string(fixtures().join("plain.toml")).expect("text");
    text.replace("id = \"plain\"", &format!("id = \"{id}\""))
}

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, bytes).expect("written");
        mode(&path, 0o600);
        path
    }

    fn load(&self) -> Vec<Loaded> {
        let all = load_playbooks(Some(self.path()));
        for loaded in &all {
            for text in [&loaded.id, &loaded.file] {
                assert!(!untrusted::shown(text, usize::MAX).hidden, "{text:?}");
            }
        }
        for (id, _) in shipped() {
            let times = all.iter().filter(|l| l.id == *id).count();
            assert_eq!(times, 1, "{id} is listed once");
        }
        all
    }

    /// The reasons for which what is listed under this id is broken.
    fn refused(&self, id: &str) -> String {
        let all = self.load();
        let found: Vec<&Loaded> = all.iter().filter(|l| l.id == id).collect();
        let [loaded] = found[..] else {
            let ids: Vec<_> = all.iter().map(|l| &l.id).collect();
            panic!("{id:?} is listed {} times: {ids:?}", found.len())
        };
        reasons(loaded)
    }
}

fn reasons(loaded: &Loaded) -> String {
    let found = match &loaded.playbook {
        Ok(_) => panic!("{} was accepted", loaded.file),
        Err(broken) => mistakes(Err(broken.clone())),
    };
    found.into_iter().map(|(_, what)| what).collect::<Vec<_>>().join("; ")
}

/// Refused for the same reason from the folder and by its own path.
fn refused_both_ways(folder: &Folder, path: &Path, id: &str, reason: &str) {
    for found in [folder.refused(id), reasons(&load_playbook(path))] {
        assert!(found.contains(reason), "{id}: {found}");
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode is set");
}

fn make(kind: rustix::fs::FileType, path: &Path) -> rustix::io::Result<()> {
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, 0o600.into(), rustix::fs::makedev(1, 5))
}

#[test]
fn the_operators_own_comes_before_the_shipped_one_of_the_same_id() {
    let folder = Folder::new();
    let path = folder.file("leaked-access-key.toml", plain("leaked-access-key"));
    let all = folder.load();
    let own = all.iter().find(|l| l.id == "leaked-access-key").expect("listed");
    assert_eq!(own.playbook.as_ref().expect("in order").title, "Detach a policy");
    assert_eq!(own.path.as_deref(), Some(path.as_path()));
    assert_eq!(all.len(), shipped().len());

    // A broken one does not give way to the shipped one in silence.
    folder.file("leaked-access-key.toml", "schema = 2");
    assert!(folder.refused("leaked-access-key").contains("`schema` must be 1"));
    assert_eq!(load_playbooks(None).len(), shipped().len());
    assert_eq!(load_playbooks(Some(&folder.path().join("none"))).len(), shipped().len());
}

#[test]
fn an_edited_playbook_is_not_the_one_that_was_read() {
    let folder = Folder::new();
    let path = folder.file("mine.toml", plain("mine"));
    let own = load_playbook(&path);
    assert!(own.playbook.is_ok() && playbook_unchanged(&own));
    let all = folder.load();
    assert!(all.iter().all(playbook_unchanged), "the shipped ones neither");

    folder.file("mine.toml", plain("mine") + "# a comment counts too\n");
    assert!(!playbook_unchanged(&own));
    folder.file("mine.toml", plain("mine"));
    assert!(playbook_unchanged(&own), "and back again");
    mode(&path, 0o666);
    assert!(!playbook_unchanged(&own), "now others may write it");
    fs::remove_file(&path).expect("removed");
    assert!(!playbook_unchanged(&own));
    symlink(folder.file("other", plain("mine")), &path).expect("a link");
    assert!(!playbook_unchanged(&own));
}

#[test]
fn links_pipes_folders_and_devices_are_listed_and_never_read() {
    let (folder, outside) = (Folder::new(), Folder::new());
    let target = outside.file("away.toml", plain("away"));
    let link = |name: &str, to: &Path| {
        let path = folder.path().join(name);
        symlink(to, &path).expect("a link");
        path
    };
    folder.file("near.toml", plain("near"));
    for (id, to) in [
        ("away", target.as_path()),
        ("twin", Path::new("near.toml")),
        ("zero", Path::new("/dev/zero")),
        ("dangling", Path::new("nowhere")),
        ("itself", Path::new("itself.toml")),
    ] {
        let path = link(&format!("{id}.toml"), to);
        refused_both_ways(&folder, &path, id, "it is a link; links are not followed");
    }

    let pipe = folder.path().join("pipe.toml");
    make(rustix::fs::FileType::Fifo, &pipe).expect("a pipe");
    refused_both_ways(&folder, &pipe, "pipe", "it is not a regular file");
    let inner = folder.path().join("inner.toml");
    fs::create_dir(&inner).expect("made");
    refused_both_ways(&folder, &inner, "inner", "it is not a regular file");
    // Only root may make a device, and not in every container.
    let device = folder.path().join("device.toml");
    if make(rustix::fs::FileType::CharacterDevice, &device).is_ok() {
        refused_both_ways(&folder, &device, "device", "not read: ");
    }
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.toml"));
    assert!(folder.refused("socket").contains("not read: "));
}

#[test]
fn the_folder_itself_is_no_link_and_nobody_elses_to_write() {
    let folder = Folder::new();
    folder.file("mine.toml", plain("mine"));
    let inner = folder.path().join("inner");
    symlink(folder.path(), &inner).expect("a link");
    let file = folder.file("file", "");
    for (path, reason) in [(&inner, "links are not followed"), (&file, "no folder")] {
        let all = load_playbooks(Some(path));
        let broken: Vec<String> = all.iter().filter(|l| l.playbook.is_err()).map(reasons).collect();
        assert!(broken.len() == 1 && broken[0].contains(reason), "{broken:?}");
        assert!(all.iter().all(|l| l.id != "mine"));
    }
    for bits in [0o770, 0o707, 0o777, 0o1777] {
        mode(folder.path(), bits);
        assert!(folder.refused("playbooks").contains("the folder may be written by others"));
        assert!(folder.load().iter().all(|l| l.id != "mine"));
    }
    mode(folder.path(), 0o755);
    assert!(folder.load().iter().any(|l| l.id == "mine" && l.playbook.is_ok()));
}

#[test]
fn a_file_that_others_may_write_or_own_is_refused() {
    let folder = Folder::new();
    let path = folder.file("mine.toml", plain("mine"));
    for bits in [0o620, 0o602, 0o666, 0o777] {
        mode(&path, bits);
        refused_both_ways(&folder, &path, "mine", "it may be written by others: chmod go-w");
    }
    mode(&path, 0o644);
    assert!(load_playbook(&path).playbook.is_ok());
    // Only root may give files away.
    if rustix::process::geteuid().is_root() {
        chown(&path, Some(12_345), None).expect("given away");
        refused_both_ways(&folder, &path, "mine", "it belongs to somebody else");
        chown(folder.path(), Some(12_345), None).expect("given away");
        assert!(folder.refused("playbooks").contains("the folder belongs to somebody else"));
    }
}

#[test]
fn a_playbook_bears_the_name_of_its_file() {
    let folder = Folder::new();
    let reason = "`id` is \"mine\": its file must be named mine.toml";
    for (name, listed) in [
        ("yours.toml", "yours"),
        ("Mine.toml", "Mine"),
        ("mine.TOML", "mine"),
        (".mine.toml", ".mine"),
        (".toml", ""),
        ("mine .toml", "mine "),
        ("mine\n.toml", "mine␊"),
        ("mi\u{1b}[2Jne.toml", "mi␛[2Jne"),
        ("mi\u{202e}ne.toml", "mi<U+202E>ne"),
        ("m\u{456}ne.toml", "m\u{456}ne"),
        ("mine.toml.toml", "mine.toml"),
    ] {
        let path = folder.file(name, plain("mine"));
        refused_both_ways(&folder, &path, listed, reason);
        fs::remove_file(path).expect("removed");
    }
    // Twins that differ in case, or in how an accent is written, are each listed.
    folder.file("mine.toml", plain("mine"));
    folder.file("MINE.toml", plain("mine"));
    folder.file("min\u{e9}.toml", plain("mine"));
    folder.file("mine\u{301}.toml", plain("mine"));
    let all = folder.load();
    let good: Vec<_> = all.iter().filter(|l| l.path.is_some() && l.playbook.is_ok()).collect();
    assert_eq!(all.len(), shipped().len() + 4);
    assert!(good.len() == 1 && good[0].id == "mine");
    // Files of other kinds are none.
    folder.file("mine.toml~", "x");
    folder.file("README.md", "x");
    assert_eq!(folder.load().len(), shipped().len() + 4);
}

#[test]
fn names_and_contents_that_are_no_text_are_refused() {
    let folder = Folder::new();
    let name = std::ffi::OsStr::from_bytes(b"mi\xffne.toml");
    let path = folder.file(name, plain("mine"));
    refused_both_ways(&folder, &path, "mi\u{fffd}ne", "its file must be named mine.toml");

    let latin = folder.file("latin.toml", b"title = \"d\xe9tacher\"");
    refused_both_ways(&folder, &latin, "latin", "it is not UTF-8");
    let nul = folder.file("nul.toml", plain("nul").replace("Detach a", "Detach\0a"));
    refused_both_ways(&folder, &nul, "nul", "invalid basic string");
    let empty = folder.file("empty.toml", "");
    refused_both_ways(&folder, &empty, "empty", "`id` is missing");
    let large = folder.file("large.toml", plain("large") + &"#\n".repeat(MAX_BYTES / 2));
    refused_both_ways(&folder, &large, "large", "it has more than 262144 bytes");
    let sparse = folder.file("sparse.toml", "");
    let file = fs::File::options().write(true).open(&sparse).expect("opened");
    file.set_len(1 << 40).expect("a terabyte of nothing");
    refused_both_ways(&folder, &sparse, "sparse", "it has more than 262144 bytes");
    let longest = format!("{}.toml", "x".repeat(250));
    let long = folder.file(&longest, plain("mine"));
    refused_both_ways(&folder, &long, &format!("{}…", "x".repeat(63)), "must be named mine.toml");

    for (path, reason) in [
        ("", "this is no file name"),
        ("/", "this is no file name"),
        ("..", "this is no file name"),
        ("/etc/..", "this is no file name"),
        ("x\0y.toml", "this is no file name"),
        ("\0/x.toml", "not read: "),
        ("/etc/passwd/x.toml", "not read: Not a directory"),
        ("../nowhere/x.toml", "not read: No such file"),
        (&format!("{}.toml", "x".repeat(300)), "not read: File name too long"),
    ] {
        let found = reasons(&load_playbook(Path::new(path)));
        assert!(found.contains(reason), "{path:?}: {found}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_the_bytes_they_are_a_playbook_or_have_a_mistake(
        bytes in proptest::collection::vec(any::<u8>(), 0..400)
    ) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let read = Playbook::read("f.toml", &text);
        prop_assert!(read.is_ok() || !mistakes(read).is_empty());
    }

    /// Some lines left out, doubled or moved, some characters replaced.
    #[test]
    fn whatever_becomes_of_a_shipped_playbook_it_reads_or_has_a_mistake(
        which in 0..shipped().len(),
        lines in proptest::collection::vec((any::<prop::sample::Index>(), 0..3u8), 0..4),
        places in proptest::collection::vec(
            (any::<prop::sample::Index>(), prop_oneof![
                any::<char>(),
                proptest::sample::select(vec![
                    '"', '\'', '{', '}', '[', ']', '=', '.', '#', '\n', '\\', '*', '!', ',',
                    '\u{202e}', '\u{1b}', '\0', '1', 'a',
                ]),
            ]),
            0..4,
        ),
    ) {
        let mut text: Vec<&str> = shipped()[which].1.lines().collect();
        for (at, how) in &lines {
            let at = at.index(text.len());
            let line = text.remove(at);
            match how {
                0 => {}
                1 => text.splice(at..at, [line, line]).for_each(drop),
                _ => text.push(line),
            }
        }
        let mut text: Vec<char> = text.join("\n").chars().collect();
        for (at, c) in &places {
            let at = at.index(text.len());
            text[at] = *c;
        }
        let text: String = text.into_iter().collect();
        let read = Playbook::read("f.toml", &text);
        prop_assert!(read.is_ok() || !mistakes(read).is_empty());
    }
}
