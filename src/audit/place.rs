//! The folder and the files in it: opened so that no link, no other owner and no
//! other file in the same place goes unnoticed.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder, File, Metadata},
    io::{self, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};

use super::refused::Refused;

/// Device and inode: which file it is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ident(u64, u64);

impl Ident {
    pub fn of(metadata: &Metadata) -> Ident {
        Ident(metadata.dev(), metadata.ino())
    }
}

/// Where a log lives. Everything is opened relative to the folder as it was found.
pub struct Place {
    pub path: PathBuf,
    folder: OwnedFd,
    name: OsString,
}

impl Place {
    /// Makes the folder (0700) where it is missing, and refuses one that others may
    /// write to.
    pub fn open(path: &Path) -> Result<Place, Refused> {
        let Some(name) = path.file_name() else {
            return Err(Refused::insecure(path, "it names no file"));
        };
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let io = |e: io::Error| Refused::io(path, "opened", &e);
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(io)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::openat(CWD, parent, flags, Mode::empty())
            .map_err(|e| Refused::io(path, "opened", &e))?;
        let folder = File::from(folder);
        check(path, &folder.metadata().map_err(io)?, "its folder")?;
        Ok(Place { path: path.to_owned(), folder: folder.into(), name: name.to_owned() })
    }

    /// The name of a file beside the log: `audit.jsonl` + `.lock`.
    pub fn beside(&self, suffix: &str) -> OsString {
        let mut name = self.name.clone();
        name.push(suffix);
        name
    }

    /// The log's own file for appending; `None` where there is none and `create` is not
    /// asked for.
    pub fn open_append(&self, create: bool) -> Result<Option<(File, Ident)>, Refused> {
        let mut flags = OFlags::WRONLY | OFlags::APPEND;
        if create {
            flags |= OFlags::CREATE;
        }
        let file = match self.open_at(&self.name, flags) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound && !create => return Ok(None),
            // What O_NOFOLLOW says of a link.
            Err(e) if e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                return Err(Refused::insecure(&self.path, "it is a symbolic link"));
            }
            Err(e) => return Err(Refused::io(&self.path, "opened", &e)),
        };
        let metadata = file.metadata().map_err(|e| Refused::io(&self.path, "opened", &e))?;
        check(&self.path, &metadata, "the file")?;
        if !metadata.is_file() {
            return Err(Refused::insecure(&self.path, "it is not a regular file"));
        }
        if create {
            self.sync_folder().map_err(|e| Refused::io(&self.path, "made", &e))?;
        }
        Ok(Some((file, Ident::of(&metadata))))
    }

    /// The same file for reading.
    pub fn open_read(&self, ident: Ident) -> Result<File, Refused> {
        let file = self
            .open_at(&self.name, OFlags::RDONLY)
            .map_err(|e| Refused::io(&self.path, "read", &e))?;
        let metadata = file.metadata().map_err(|e| Refused::io(&self.path, "read", &e))?;
        if Ident::of(&metadata) != ident {
            return Err(swapped(&self.path));
        }
        Ok(file)
    }

    /// Refuses where the path no longer leads to the file that is open.
    pub fn check_same(&self, ident: Ident) -> Result<(), Refused> {
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if Ident::of(&metadata) == ident => Ok(()),
            Ok(_) => Err(swapped(&self.path)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Err(Refused::insecure(&self.path, "it was removed while it was in use"))
            }
            Err(e) => Err(Refused::io(&self.path, "found again", &e)),
        }
    }

    pub fn open_at(&self, name: &OsStr, flags: OFlags) -> io::Result<File> {
        // NONBLOCK: opening a pipe that somebody put there must not wait for its reader.
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = rustix::fs::openat(&self.folder, name, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(File::from(fd))
    }

    /// Which file a name in the folder leads to.
    pub fn ident_at(&self, name: &OsStr) -> io::Result<Ident> {
        Ok(Ident::of(&fs::symlink_metadata(self.path.with_file_name(name))?))
    }

    /// Writes a whole file beside the log: a temporary one, fsync, rename, fsync of the
    /// folder. Replaces what has that name. The caller holds the lock.
    pub fn write_beside(&self, name: &OsStr, bytes: &[u8]) -> io::Result<()> {
        let mut temporary = name.to_owned();
        temporary.push(".tmp");
        match rustix::fs::unlinkat(&self.folder, &temporary, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(e) => return Err(e.into()),
        }
        let mut file = self.open_at(&temporary, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        rustix::fs::renameat(&self.folder, &temporary, &self.folder, name)?;
        self.sync_folder()
    }

    /// Gives a file in the folder another name; never replaces one.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        if self.ident_at(to).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        rustix::fs::renameat(&self.folder, from, &self.folder, to)?;
        self.sync_folder()
    }

    /// Names in the folder that begin with the log's name and `suffix`, sorted.
    pub fn list_beside(&self, suffix: &str) -> io::Result<Vec<OsString>> {
        let start = self.beside(suffix);
        let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty());
        let mut names = Vec::new();
        for entry in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
            let name = entry?.file_name();
            if name.as_encoded_bytes().starts_with(start.as_encoded_bytes()) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    pub fn name(&self) -> &OsStr {
        &self.name
    }

    fn sync_folder(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.folder)?)
    }
}

fn check(path: &Path, metadata: &Metadata, what: &str) -> Result<(), Refused> {
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(Refused::insecure(path, &format!("{what} belongs to another user")));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(Refused::insecure(path, &format!("others may write to {what}")));
    }
    Ok(())
}

fn swapped(path: &Path) -> Refused {
    Refused::insecure(path, "another file stands in its place")
}
