//! A whole log read back from its static files.

use std::{fs, io, path::Path};

use crate::{
    key::VerifierKey,
    log::{Checkpoint, LogError, leaf_hash, read_entries, root_hash, tiles},
    note::Note,
    succession::{follow, verify_log},
    text::Digest,
    trust::Trust,
};

/// The log that a folder holds, once its root has been rebuilt from its entries.
#[derive(Clone, Debug)]
pub struct LogFolder {
    /// The newest checkpoint with its signatures.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
    /// All entries.
    pub entries: Vec<Vec<u8>>,
    /// Their hashes.
    pub leaves: Vec<Digest>,
}

impl LogFolder {
    /// Reads the checkpoint, which the key must have signed, and every entry below it, which must
    /// give its root. Other tiles are not looked at: [`LogFolder::check_tiles`].
    pub fn open(folder: &Path, key: &VerifierKey) -> Result<Self, LogError> {
        let note = read_checkpoint(folder)?;
        note.verify(key)?;
        Self::rebuild(folder, note, key.name())
    }

    /// The same for a reader: the key of the log that was in force must be pinned and have signed it.
    pub fn open_pinned(folder: &Path, trust: &Trust) -> Result<Self, LogError> {
        let note = read_checkpoint(folder)?;
        let signed = trust.verify_log(&note);
        let log = Self::rebuild(folder, note, trust.policy.log().name());
        if log.is_err() {
            signed?;
        }
        let log = log?;
        // A change that is not as it should be is said where the records are checked.
        let changes = follow(&trust.records, &log.entries).unwrap_or_default();
        let changes = changes.iter().map(|change| (change.index, &change.record));
        verify_log(trust, changes, &log.note, log.checkpoint.size)?;
        Ok(log)
    }

    fn rebuild(folder: &Path, note: Note, origin: &str) -> Result<Self, LogError> {
        let checkpoint = Checkpoint::parse(&note.text)?;
        if checkpoint.origin != origin {
            return Err(LogError::Line {
                line: 1,
                expected: "the pinned log's origin",
                found: checkpoint.origin,
            });
        }
        let entries = read_entries(folder, checkpoint.size)?;
        let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let found = root_hash(&leaves);
        if found != checkpoint.root {
            let expected = checkpoint.root;
            return Err(LogError::OtherRoot { expected, found });
        }
        Ok(Self {
            note,
            checkpoint,
            entries,
            leaves,
        })
    }

    /// Succeeds when an earlier checkpoint is a beginning of this log.
    pub fn check_beginning(&self, earlier: &Checkpoint) -> Result<(), LogError> {
        let beginning = usize::try_from(earlier.size)
            .ok()
            .and_then(|size| self.leaves.get(..size));
        let Some(beginning) = beginning else {
            let size = self.checkpoint.size;
            let found = earlier.size;
            return Err(LogError::OutOfTree { size, found });
        };
        let (expected, found) = (root_hash(beginning), earlier.root);
        if expected == found {
            Ok(())
        } else {
            Err(LogError::OtherRoot { expected, found })
        }
    }

    /// Compares every tile with what the entries make of it, and says how many there were.
    pub fn check_tiles(&self, folder: &Path) -> Result<u64, LogError> {
        let mut checked = 0;
        for (path, bytes) in tiles(&self.entries) {
            let full = path
                .split_once(".p/")
                .map_or(path.as_str(), |(full, _)| full);
            let found = match fs::read(folder.join(&path)) {
                // A log that has grown may have dropped the partial tile for the full one.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::read(folder.join(full))
                }
                found => found,
            };
            if !found.is_ok_and(|found| found.starts_with(&bytes)) {
                let expected = "the hashes or entries that its place demands";
                return Err(LogError::File { path, expected });
            }
            checked += 1;
        }
        Ok(checked)
    }
}

fn read_checkpoint(folder: &Path) -> Result<Note, LogError> {
    let bytes = fs::read(folder.join("checkpoint")).map_err(|_| LogError::File {
        path: "checkpoint".to_owned(),
        expected: "a file that can be read",
    })?;
    Ok(Note::parse(&bytes)?)
}
