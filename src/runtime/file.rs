//! Small files that are the operator's own: written whole or not at all, and for nobody else.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Writes a file of mode 0600, in a folder that is made with 0700 where it is missing. A reader
/// sees the old file or the new one, whatever happens on the way. What `path` links to is
/// replaced, and not the link.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where the file is there and is not to be replaced.
pub fn write_private(path: &Path, text: &str, replace: bool) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let beside = beside(path);
    let written = write(&beside, text).and_then(|()| match replace {
        true => fs::rename(&beside, path),
        // A rename would replace what somebody else has put there meanwhile.
        false => fs::hard_link(&beside, path).and_then(|()| fs::remove_file(&beside)),
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    // The name is on disk once the folder is.
    File::open(folder)?.sync_all()
}

/// A name of this process's own in the same folder.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_the_operators_own_and_never_written_over_unasked() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("halon/halon.toml");
        write_private(&path, "one", false).expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
        let refused = write_private(&path, "two", false).expect_err("it is there");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).expect("read"), "one");
        write_private(&path, "two", true).expect("replaced");
        assert_eq!(
            (fs::read_to_string(&path).expect("read").as_str(), mode(&path)),
            ("two", 0o600)
        );
        // Nothing is left beside it; a link stays one.
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("read").count(), 1);
        let link = home.path().join("link.toml");
        std::os::unix::fs::symlink(&path, &link).expect("linked");
        write_private(&link, "three", true).expect("replaced");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_to_string(&path).expect("read"), "three");
    }
}
