//! Files that are public: their names, lengths and digests.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
    time::SystemTime,
};

use sha2::{Digest as _, Sha256};
use verifier::text::Digest;

/// One public file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its name in its folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: Digest,
}

/// The files of a folder by name, without those whose name begins with a dot: they are not finished.
/// A folder that is not there has none.
pub fn list(folder: &Path) -> io::Result<Vec<Published>> {
    let mut files = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(files),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let (Ok(name), metadata) = (entry.file_name().into_string(), entry.metadata()?) else {
            continue;
        };
        if metadata.is_file() && !name.starts_with('.') {
            let sha256 = digest(&entry.path(), &metadata)?;
            files.push(Published {
                name,
                bytes: metadata.len(),
                sha256,
            });
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

/// Digests that were computed before, each good while its file keeps its length and its time.
static KNOWN: LazyLock<Mutex<HashMap<PathBuf, Known>>> = LazyLock::new(Mutex::default);

/// How many are kept. A city publishes some ten files a draw.
const KNOWN_MAX: usize = 20_000;

struct Known {
    bytes: u64,
    modified: SystemTime,
    sha256: Digest,
}

/// SHA-256 of a file's content. Published files do not change, so each is read once.
pub fn digest(path: &Path, metadata: &fs::Metadata) -> io::Result<Digest> {
    let (bytes, modified) = (metadata.len(), metadata.modified()?);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known().get(path)
        && (found.bytes, found.modified) == (bytes, modified)
    {
        return Ok(found.sha256);
    }
    let sha256 = read_digest(path)?;
    let mut known = known();
    if KNOWN_MAX <= known.len() {
        known.clear();
    }
    known.insert(
        path.to_owned(),
        Known {
            bytes,
            modified,
            sha256,
        },
    );
    Ok(sha256)
}

/// SHA-256 of a file's content as it is now.
pub(super) fn read_digest(path: &Path) -> io::Result<Digest> {
    let mut hasher = Hasher(Sha256::new());
    io::copy(&mut fs::File::open(path)?, &mut hasher)?;
    Ok(Digest(hasher.0.finalize().into()))
}

struct Hasher(Sha256);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_its_finished_files_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("b.csv", "two"), ("a.note", "one"), (".b.csv.7", "half")] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        fs::create_dir(folder.path().join("inner")).expect("made");

        let files = list(folder.path()).expect("listed");

        let names: Vec<_> = files
            .iter()
            .map(|file| (file.name.as_str(), file.bytes))
            .collect();
        assert_eq!(names, [("a.note", 3), ("b.csv", 3)]);
        assert_eq!(files[0].sha256, Digest::of(b"one"));
        assert_eq!(list(&folder.path().join("none")).expect("listed"), []);
    }

    #[test]
    fn a_changed_file_has_a_new_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("checkpoint");
        for text in ["first", "second"] {
            fs::write(&path, text).expect("written");
            let metadata = fs::metadata(&path).expect("there");
            assert_eq!(
                digest(&path, &metadata).expect("read"),
                Digest::of(text.as_bytes())
            );
        }
    }
}
