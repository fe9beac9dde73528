//! Small files that survive a power cut, whole.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

/// Temporary file, fsync, rename, fsync of the folder. The writer holds a lock: two at once would share
/// the temporary file.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    flush_parent(path)
}

/// Makes a folder that is still there after a power cut.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    flush_parent(path)
}

fn flush_parent(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// The bytes of a file, if it is there.
pub(super) fn find(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
