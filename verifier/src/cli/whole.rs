//! Files that are written whole or not at all, for their owner alone, and never over another.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::Refusal;

/// Writes a new file that nobody but its owner can read. When this has succeeded the file would
/// survive a power cut; when it has not, no file of this name was begun or changed.
pub(super) fn write_new(file: &Path, text: &str) -> Result<(), Refusal> {
    write(file, text).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            let expected = format!("no file {} yet (nothing is overwritten)", file.display());
            return Refusal::new(expected, "a file");
        }
        Refusal::new(format!("to write {}", file.display()), error)
    })
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    require_free(file)?;
    let temporary = temporary_beside(file)?;
    let written = write_temporary(&temporary, text).and_then(|()| put(&temporary, file));
    if written.is_err() {
        // What could not be put in its place is of no use; the reason is told, not this.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    flush_folder(folder)
}

fn require_free(file: &Path) -> io::Result<()> {
    match file.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn temporary_beside(file: &Path) -> io::Result<PathBuf> {
    let name = file
        .file_name()
        .ok_or_else(|| io::Error::other("the path ends without a file's name"))?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.new", std::process::id()));
    Ok(file.with_file_name(temporary))
}

fn write_temporary(temporary: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(temporary)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()
}

/// Gives the file its name. A link is refused where the name is taken, also when it was taken a
/// moment ago; a file system without links gets the file by renaming it.
fn put(temporary: &Path, file: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, file) {
        Ok(()) => fs::remove_file(temporary),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            require_free(file)?;
            fs::rename(temporary, file)
        }
    }
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        };
        entries.map(name).collect()
    }

    #[test]
    fn a_new_file_is_its_owners_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mine.contribution");
        write_new(&file, "a\n").expect("written");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "a\n");
        assert_eq!(names(folder.path()), ["mine.contribution"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = file.metadata().expect("its metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mine.contribution");
        fs::write(&file, "before").expect("a file");
        let error = write_new(&file, "after").expect_err("taken").to_string();
        assert!(error.contains("nothing is overwritten"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "before");
        assert_eq!(names(folder.path()), ["mine.contribution"]);
        // Also when it appears between the look and the writing.
        let temporary = folder.path().join("new");
        write_temporary(&temporary, "after").expect("a temporary file");
        let error = put(&temporary, &file).expect_err("taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&file).expect("the file"), "before");
    }

    #[test]
    fn a_file_without_a_folder_or_a_name_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in [folder.path().join("none/mine"), folder.path().join("..")] {
            write_new(&file, "a\n").expect_err("no place");
        }
        assert_eq!(names(folder.path()), [""; 0]);
    }
}
