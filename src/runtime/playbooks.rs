//! Playbook files: the operator's own folder first, then the shipped ones.
//!
//! A file is opened below the folder without following links, and read only if it is a
//! regular file of the operator's own (or root's) that nobody else may write.

use std::{
    ffi::OsStr,
    fs::{DirBuilder, File},
    io::Read,
    os::{
        fd::AsFd,
        unix::{ffi::OsStrExt, fs::DirBuilderExt},
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{CWD, Dir, FileType, Mode, OFlags, fstat, openat},
    io::Errno,
};

use crate::{
    domain::{
        Fault, FaultKind,
        document::{Broken, Mistake},
        untrusted::display_in,
    },
    playbook::{Loaded, MAX_BYTES, Playbook, shipped},
};

/// Every playbook, by id. The operator's own come before shipped ones of the same id.
pub fn load(folder: Option<&Path>) -> Vec<Loaded> {
    let mut found: Vec<Loaded> = folder.map(own).unwrap_or_default();
    for (id, text) in shipped() {
        if found.iter().any(|l| l.id == *id) {
            continue;
        }
        let file = format!("playbooks/{id}.toml");
        let playbook = Playbook::read(&file, text).map(Arc::new);
        found.push(Loaded { id: (*id).to_owned(), file, path: None, playbook });
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

/// The file of a playbook that its operator may edit. Of a shipped one it is a copy in their
/// folder, where it comes before the shipped one; a copy that is there is taken as it is.
///
/// # Errors
/// There is no folder, or the copy cannot be written.
pub fn own_file(loaded: &Loaded, folder: Option<&Path>) -> Result<PathBuf, Fault> {
    if let Some(path) = &loaded.path {
        return Ok(path.clone());
    }
    let fault = |what: &str| Fault::new(FaultKind::Local, what.to_owned());
    let folder = folder.ok_or_else(|| fault("there is no folder for playbooks of your own"))?;
    let text = shipped().iter().find(|(id, _)| *id == loaded.id).map(|(_, text)| *text);
    let text = text.ok_or_else(|| fault("the playbook is not shipped with halon"))?;
    let path = folder.join(format!("{}.toml", loaded.id));
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    match made.and_then(|()| super::export::new(&path, text.as_bytes())) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
            let shown = display_in(&path.to_string_lossy(), 200);
            Err(fault(&format!("no copy could be made: {shown}")).with_cause(&e.to_string()))
        }
        _ => Ok(path),
    }
}

fn own(folder: &Path) -> Vec<Loaded> {
    let shown = display_in(&folder.to_string_lossy(), 200);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let dir = match openat(CWD, folder, flags, Mode::empty()) {
        Ok(dir) => dir,
        Err(Errno::NOENT) => return Vec::new(),
        Err(Errno::NOTDIR | Errno::LOOP) => {
            let why = "the folder is a link or no folder; links are not followed";
            return vec![refused("playbooks", &shown, why)];
        }
        Err(e) => return vec![refused("playbooks", &shown, &format!("the folder: {e}"))],
    };
    if let Err(why) = trusted(&dir, FileType::Directory) {
        return vec![refused("playbooks", &shown, &format!("the folder {why}"))];
    }
    let names: Result<Vec<_>, _> = Dir::read_from(&dir).and_then(Iterator::collect);
    let names = match names {
        Ok(names) => names,
        Err(e) => return vec![refused("playbooks", &shown, &format!("the folder: {e}"))],
    };
    let mut found = Vec::new();
    for entry in names {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let lossy = name.to_string_lossy();
        // Any case, so that one written `.TOML` is told of and not passed over.
        if !lossy.to_ascii_lowercase().ends_with(".toml") {
            continue;
        }
        let id = stem(name);
        let file = format!("{shown}/{}", display_in(&lossy, 80));
        let text = match read_at(&dir, name) {
            Ok(text) => text,
            Err(why) => {
                found.push(refused(&id, &file, &why));
                continue;
            }
        };
        let playbook = Playbook::read(&file, &text).and_then(|p| named_like_file(p, name, &file));
        let path = Some(folder.join(name));
        found.push(Loaded {
            id: display_in(&id, 64),
            file,
            path,
            playbook: playbook.map(Arc::new),
        });
    }
    found
}

/// The name without its `.toml`, in whatever case that is written.
fn stem(name: &OsStr) -> String {
    let lossy = name.to_string_lossy();
    let cut = lossy.len().checked_sub(".toml".len()).and_then(|at| lossy.split_at_checked(at));
    match cut {
        Some((stem, end)) if end.eq_ignore_ascii_case(".toml") => stem.to_owned(),
        _ => lossy.into_owned(),
    }
}

fn named_like_file(playbook: Playbook, name: &OsStr, file: &str) -> Result<Playbook, Broken> {
    if name.as_bytes() == format!("{}.toml", playbook.id).as_bytes() {
        return Ok(playbook);
    }
    let id = &playbook.id;
    let what = format!("`id` is \"{id}\": its file must be named {id}.toml");
    Err(Broken { file: file.to_owned(), mistakes: vec![Mistake { line: 1, column: 1, what }] })
}

/// One file that somebody named, checked in the same way.
pub fn load_file(path: &Path) -> Loaded {
    let file = display_in(&path.to_string_lossy(), 200);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let name = path.file_name().unwrap_or_default();
    let id = stem(name);
    let text = openat(CWD, folder, flags, Mode::empty())
        .map_err(|e| e.to_string())
        .and_then(|dir| read_at(&dir, name));
    match text {
        Ok(text) => {
            let playbook =
                Playbook::read(&file, &text).and_then(|p| named_like_file(p, name, &file));
            Loaded {
                playbook: playbook.map(Arc::new),
                id: display_in(&id, 64),
                path: Some(path.to_owned()),
                file,
            }
        }
        Err(why) => refused(&id, &file, &why),
    }
}

/// Whether a playbook is still what it was when it was read: nothing runs that was edited
/// since it was approved.
pub fn unchanged(loaded: &Loaded) -> bool {
    let (Some(path), Ok(playbook)) = (&loaded.path, &loaded.playbook) else { return true };
    load_file(path).playbook.is_ok_and(|now| now.sha256 == playbook.sha256)
}

fn read_at(dir: &impl AsFd, name: &OsStr) -> Result<String, String> {
    let bytes = name.as_bytes();
    if bytes.iter().any(|b| matches!(b, b'/' | b'\0')) || matches!(bytes, b"" | b"." | b"..") {
        return Err("this is no file name".to_owned());
    }
    // NONBLOCK: a pipe that nobody writes to must not hang us.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let fd = openat(dir, name, flags, Mode::empty()).map_err(|e| match e {
        Errno::LOOP => "it is a link; links are not followed".to_owned(),
        e => e.to_string(),
    })?;
    trusted(&fd, FileType::RegularFile).map_err(|why| format!("it {why}"))?;
    let mut bytes = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    File::from(fd).take(limit).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// # Errors
/// What it is, after the name of what was opened.
fn trusted(fd: &impl AsFd, kind: FileType) -> Result<(), String> {
    let stat = fstat(fd).map_err(|e| format!("cannot be looked at: {e}"))?;
    let me = rustix::process::geteuid().as_raw();
    if FileType::from_raw_mode(stat.st_mode) != kind {
        Err("is not a regular file".to_owned())
    } else if stat.st_uid != me && stat.st_uid != 0 {
        Err("belongs to somebody else".to_owned())
    } else if stat.st_mode & 0o022 != 0 {
        Err("may be written by others: chmod go-w".to_owned())
    } else {
        Ok(())
    }
}

fn refused(id: &str, file: &str, why: &str) -> Loaded {
    let what = format!("not read: {why}");
    let broken =
        Broken { file: file.to_owned(), mistakes: vec![Mistake { line: 1, column: 1, what }] };
    Loaded { id: display_in(id, 64), file: file.to_owned(), path: None, playbook: Err(broken) }
}
