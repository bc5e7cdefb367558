//! Disks that are full and places that are none.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process,
};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::{about, at, lab, note, state};
use crate::audit::{Entry, Kind, Log, Refused, RefusedKind, read, unknown, verify};

fn refusal(path: &Path) -> Refused {
    Log::open(path, about(), at(0)).err().expect("refused")
}

#[test]
fn places_that_are_not_safe_are_refused() {
    let lab = lab();
    let folder = lab.path.parent().expect("a folder");
    drop(Log::open(&lab.path, about(), at(0)).expect("opens"));
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!((mode(folder), mode(&lab.path), mode(&state(&lab.path))), (0o700, 0o600, 0o600));

    let link = folder.join("link.jsonl");
    symlink(&lab.path, &link).expect("links");
    assert_eq!(refusal(&link).kind, RefusedKind::Insecure);
    symlink(folder.join("nowhere"), folder.join("dangling.jsonl")).expect("links");
    assert_eq!(refusal(&folder.join("dangling.jsonl")).kind, RefusedKind::Insecure);
    assert_ne!(refusal(folder).kind, RefusedKind::Unwritable);

    fs::set_permissions(&lab.path, PermissionsExt::from_mode(0o620)).expect("opens up");
    assert_eq!(refusal(&lab.path).kind, RefusedKind::Insecure);
    fs::set_permissions(&lab.path, PermissionsExt::from_mode(0o600)).expect("closes");
    fs::set_permissions(folder, PermissionsExt::from_mode(0o770)).expect("opens up");
    assert_eq!(refusal(&lab.path).kind, RefusedKind::Insecure);
}

#[test]
fn a_device_and_a_pipe_are_refused_without_waiting() {
    let lab = lab();
    drop(Log::open(&lab.path, about(), at(0)).expect("opens"));
    let pipe = lab.path.with_file_name("pipe.jsonl");
    let made = process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    assert!(Log::open(&pipe, about(), at(0)).is_err());
    assert_eq!(verify(&pipe, None, None).exit_code(), 13);
    let full = Path::new("/dev/full");
    assert!(Log::open(full, about(), at(0)).is_err());
    assert_eq!(verify(full, None, None).exit_code(), 13);
    assert!(Log::open(Path::new("/proc/nothing/audit.jsonl"), about(), at(0)).is_err());
    assert!(Log::open(Path::new("/"), about(), at(0)).is_err());
}

/// A file that cannot grow: the write stops in the middle of a line. The test runs
/// itself again as a process with the limit, with SIGXFSZ ignored.
#[test]
fn a_write_cut_short_refuses_and_is_recovered_once() {
    if let Ok(path) = std::env::var("HALON_TEST_LIMIT") {
        limited(path.as_ref());
        return;
    }
    let lab = lab();
    let output = process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" --nocapture a_write_cut_short"])
        .arg(std::env::current_exe().expect("this program"))
        .env("HALON_TEST_LIMIT", &lab.path)
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = verify(&lab.path, None, Some(&state(&lab.path)));
    assert_eq!((report.exit_code(), report.recovered.len()), (11, 1), "{report:?}");
    let records = read(&lab.path).expect("reads");
    let corrs: Vec<_> = unknown(&records).iter().map(|r| r.corr()).collect();
    assert_eq!(corrs, [Some("later")], "the refused intent is none");
}

fn limited(path: &Path) {
    let mut log = Log::open(path, about(), at(0)).expect("opens");
    let size = fs::metadata(path).expect("is there").len();
    let limit = |current| {
        setrlimit(Resource::Fsize, Rlimit { current, maximum: None }).expect("sets the limit");
    };
    limit(Some(size + 9));
    for _ in 0..2 {
        let refused = log.append(Entry::new(Kind::Intent).corr("never"), at(1)).expect_err("full");
        assert_eq!(refused.kind, RefusedKind::Io, "{refused}");
        assert_eq!(log.head().seq, 1);
    }
    limit(None);
    log.append(Entry::new(Kind::Intent).corr("later"), at(2)).expect("goes on");
    assert_eq!(log.head().seq, 3, "start, recovered, intent");
}

#[test]
fn a_state_file_that_cannot_be_written_is_a_warning() {
    let lab = lab();
    let mut log = Log::open(&lab.path, about(), at(0)).expect("opens");
    assert!(log.warning().is_none());
    fs::create_dir(lab.path.with_file_name("audit.jsonl.head.tmp")).expect("in its way");
    log.append(note(1), at(1)).expect("appends all the same");
    assert!(log.warning().is_some());
    fs::remove_dir(lab.path.with_file_name("audit.jsonl.head.tmp")).expect("out of its way");
    log.append(note(2), at(2)).expect("appends");
    assert!(log.warning().is_none());
    fs::remove_file(state(&lab.path)).expect("removes");
    let log = Log::open(&lab.path, about(), at(3)).expect("opens");
    assert!(log.warning().is_none(), "written again");
}
